"""How people type: no capitals, no punctuation, slips, short forms, a greeting in front, thanks behind.

Plain words and the surface of slots change; what is meant, and the labels, stay.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from adapters.fillers import typo
from adapters.grammar import Piece, lines_of

SHORT_FORMS = (
    ("please", "pls"),
    ("you", "u"),
    ("your", "ur"),
    ("because", "cuz"),
    ("something", "smth"),
    ("something", "sth"),
    ("something", "somthing"),
    ("really", "rly"),
    ("want to", "wanna"),
    ("with", "w/"),
    ("tonight", "tonite"),
    ("tonight", "2nite"),
    ("i don't know", "idk"),
    ("are", "r"),
    ("thanks", "thx"),
    ("movie", "film"),
    ("movie", "flick"),
    ("movies", "films"),
    ("movies", "flicks"),
    ("film", "movie"),
    ("films", "movies"),
    ("recommend", "reccomend"),
    ("recommend", "recommand"),
    ("and", "&"),
    ("and", "n"),
    ("for", "4"),
    ("to be", "2 be"),
    ("favorite", "favourite"),
    ("don't", "dont"),
    ("didn't", "didnt"),
    ("i'm", "im"),
    ("watched", "saw"),
    ("nothing", "nothin"),
    ("looking", "lookin"),
    ("feeling", "feelin"),
    ("what", "wat"),
    ("great", "gr8"),
    ("kind of", "kinda"),
    ("a lot", "alot"),
    ("definitely", "definately"),
    ("the", "teh"),
    ("before", "b4"),
    ("would", "wud"),
)
SMILEYS = (" :)", " :-)", " ;)", " :(", " :D", " <3", " (lol)")
QUESTIONS = frozenset(("why", "why_not", "what_if", "compare", "ask", "profile", "help"))


@dataclass(frozen=True, slots=True)
class Typing:
    """How one message is typed."""

    capitals: str
    apostrophes: bool
    short_forms: float
    slips: int
    commas: bool


def typing(rng: random.Random) -> Typing:
    capitals = rng.choices(("lower", "titles", "proper", "upper"), (58, 20, 21, 1))[0]
    return Typing(
        capitals,
        rng.random() < 0.8,
        rng.choice((0, 0, 0, 0.5)),
        rng.choices((0, 1, 2), (88, 10, 2))[0],
        rng.random() < 0.82,
    )


def typed(pieces: list[Piece], act: str, rng: random.Random) -> list[Piece]:
    """The pieces of a message, as someone may type them."""
    how = typing(rng)
    pieces = [Piece(_plain(p.text, how, rng), None) if p.label is None else _slot(p, how) for p in pieces]
    pieces = _framed(pieces, act, how, rng)
    for _ in range(how.slips):
        plain = [n for n, p in enumerate(pieces) if p.label is None]
        if plain:
            n = rng.choice(plain)
            pieces[n] = Piece(typo(pieces[n].text, rng))
    if how.capitals == "proper":
        pieces[0] = Piece(pieces[0].text[:1].upper() + pieces[0].text[1:], pieces[0].label, pieces[0].kind)
    if how.capitals == "upper":
        pieces = [Piece(p.text.upper(), p.label, p.kind) for p in pieces]
    return pieces


def _plain(text: str, how: Typing, rng: random.Random) -> str:
    if how.short_forms:
        for long, short in SHORT_FORMS:
            if long in text and rng.random() < how.short_forms:
                text = re.sub(rf"(?<![\w'’]){re.escape(long)}(?![\w'’])", short, text)
    if not how.apostrophes:
        text = re.sub(r"(\w)['’](\w)", r"\1\2", text)
    if not how.commas:
        text = re.sub(r"[,;:](?= |$)", "", text)
    if how.capitals == "proper":
        text = re.sub(r"(?<![\w'’])i(?![\w])", "I", text)
        text = re.sub(r"([.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)
    elif how.capitals == "lower":
        text = text.lower()
    return text


def _slot(piece: Piece, how: Typing) -> Piece:
    text = piece.text.lower() if how.capitals == "lower" else piece.text
    if how.capitals in ("titles", "proper") and piece.kind == "words" and text.islower() and how.commas:
        text = text.title()
    return Piece(text, piece.label, piece.kind)


def _framed(pieces: list[Piece], act: str, how: Typing, rng: random.Random) -> list[Piece]:
    """With a word in front, a word behind and the end mark."""
    bare = act in ("chat", "unclear")
    before = rng.choice(lines_of("prefix", False)) + " " if rng.random() < (0.04 if bare else 0.16) else ""
    after = ""
    asks = (
        act in QUESTIONS
        or act == "recommend"
        and re.match(r"(what|any|got|is|can|do|which|would|could)\b", pieces[0].text.lower())
    )
    if asks:
        after = "?" * (rng.random() < 0.55)
    elif how.capitals == "proper":
        after = rng.choice((".", ".", "", "!"))
    elif rng.random() < 0.1:
        after = rng.choice((".", "!", "!!", "...", ".."))
    if rng.random() < (0.03 if bare else 0.14):
        word = rng.choice((*lines_of("suffix", False), *SMILEYS)).strip()
        after += word if re.match(r"[.!]", word) else " " + word
    elif rng.random() < 0.05:
        after += rng.choice((" please", " pls", " please!"))
    last = pieces[-1]
    if after.startswith("?") and last.text.endswith("?"):
        after = after.lstrip("?")
    return [*([Piece(before)] if before else []), *pieces, *([Piece(after)] if after else [])]
