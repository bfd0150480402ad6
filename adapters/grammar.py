"""The notation of phrases.txt and phrases.zh.txt: from a line to pieces of text, some of them slots with a label.

Knows nothing of films; what fills a slot is asked of a `fill` function.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from adapters.errors import PhraseError

HELD_OUT_PERCENT = 10
SPLIT_SECTIONS = re.compile(r"(film|feat|wish|msg)\.|limit$")
"""Sections whose lines are ways to say things: some are kept for validation. The rest is vocabulary,
shared."""
MIN_TO_SPLIT = 8
SECTION = re.compile(r"@([\w.+]+?)(?::(\w+))?(?![\w:])", re.ASCII)
PHRASES = {"en": "phrases.txt", "zh": "phrases.zh.txt"}
"""The files of phrases, one a language; the names of their sections are the same."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a message. `label` None: plain words; else what is said about it. kind: what filled it."""

    text: str
    label: str | None = None
    kind: str = ""


def bucket(text: str) -> int:
    """A number in 0..99 that depends on `text` alone, to split by."""
    return int(hashlib.sha1(text.encode()).hexdigest()[:8], 16) % 100


@lru_cache(maxsize=None)
def sections(language: str = "en") -> dict[str, tuple[str, ...]]:
    """Section name -> its lines. Raises PhraseError for a line outside any section or with unbalanced
    brackets."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    name = PHRASES[language]
    for number, line in enumerate(files("adapters").joinpath(name).read_text("utf-8").splitlines(), 1):
        if line.startswith("== "):
            lines = found.setdefault(line[3:].strip(), [])
        elif line.strip() and not re.match(r"#( |$)", line):
            if lines is None or line.count("(") != line.count(")") or line.count("{") != line.count("}"):
                raise PhraseError(
                    f"{name} line {number}: {line!r} is outside a section or has unbalanced brackets"
                )
            lines.append(re.sub(r"<(\{[^}]*\})>", r"\1", line.strip()) if "<{" in line else line.strip())
    return {name: tuple(group) for name, group in found.items()}


@lru_cache(maxsize=None)
def lines_of(name: str, held_out: bool, language: str = "en") -> tuple[str, ...]:
    """The lines of a section that training (or validation, `held_out`) may use; a small or shared section has
    one set."""
    try:
        lines = sections(language)[name]
    except KeyError:
        raise PhraseError(
            f"{PHRASES[language]} has no section {name!r}; it has {', '.join(sorted(sections(language)))}"
        ) from None
    if len(set(lines)) < MIN_TO_SPLIT or not SPLIT_SECTIONS.match(name):
        return lines
    buckets = {line: bucket(name + line) for line in lines}
    least = max(HELD_OUT_PERCENT, min(buckets.values()) + 1)
    return tuple(line for line in lines if (buckets[line] < least) == held_out)


class Grammar:
    """Writes phrases of a language. `fill(kind, label)` gives the text, label and kind of a slot."""

    def __init__(
        self, rng: random.Random, fill: Callable[[str, str], Piece], held_out: bool, language: str = "en"
    ) -> None:
        self.rng, self.fill, self.held_out, self.language = rng, fill, held_out, language

    def phrase(self, section: str, label: str | None = None) -> list[Piece]:
        """A phrase of `section`, at random."""
        return self.expand(self.rng.choice(lines_of(section, self.held_out, self.language)), label)

    def expand(self, line: str, label: str | None = None) -> list[Piece]:
        pieces: list[Piece] = []
        at = 0
        while at < len(line):
            sign = line[at]
            if sign == "(":
                end = _closing(line, at)
                pieces += self.expand(self.rng.choice(_alternatives(line[at + 1 : end])), label)
            elif sign in "{<" and (end := line.find({"{": "}", "<": ">"}[sign], at)) > 0:
                name, _, own = line[at + 1 : end].partition(":")
                chosen = own or label or _missing(line)
                pieces.append(self.fill(name, chosen) if sign == "{" else Piece(name, chosen, "literal"))
            elif sign == "@" and (match := re.match(SECTION, line[at:])):
                end = at + match.end() - 1
                pieces += self.phrase(match[1], match[2] or label)
            else:
                end = at
                pieces.append(Piece(sign))
            at = end + 1
        return pieces


def _missing(line: str) -> str:
    raise PhraseError(f"phrases: a slot of {line!r} has no label, and none is in force where it is used")


def _closing(line: str, at: int) -> int:
    depth = 0
    for place in range(at, len(line)):
        depth += (line[place] == "(") - (line[place] == ")")
        if not depth:
            return place
    raise PhraseError(f"phrases: {line!r} has an unbalanced bracket")


def _alternatives(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def tidy(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring plain pieces joined, runs of spaces and spaces before commas taken out."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece.label is None and joined and joined[-1].label is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    tidied: list[Piece] = []
    for n, piece in enumerate(joined):
        text = piece.text
        if piece.label is None:
            text = re.sub(r" +([,.?!;:])", r"\1", re.sub(r"\s+", " ", text))
            text = text.lstrip() if n == 0 else text
            text = text.rstrip() if n == len(joined) - 1 else text
        tidied.append(Piece(text, piece.label, piece.kind))
    return [piece for piece in tidied if piece.text]
