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


# Chinese

CHINESE_SLIPS = (
    ("的", "得"), ("得", "的"), ("在", "再"), ("再", "在"), ("推荐", "推见"), ("喜欢", "喜换"), ("那", "哪"), ("做", "作"),
    ("什么", "神马"), ("怎么", "肿么"), ("没有", "木有"), ("不要", "不咬"), ("这样", "酱紫"), ("电影", "电映"), ("看过", "看郭"),
)  # fmt: skip
CHINESE_SHORT = (("什么", "啥"), ("为什么", "为啥"), ("电影", "片子"), ("电影", "影片"), ("怎么", "咋"), ("没有", "没"), ("喜欢", "稀饭"))
TRADITIONAL = str.maketrans(
    "欢电荐这个没还为么过来点说错长样讲剧类怎导演员给换几别适从会对时后听觉让爱难无发开关问题语经边东头气笑应该认识头虽",
    "歡電薦這個沒還為麼過來點說錯長樣講劇類怎導演員給換幾別適從會對時後聽覺讓愛難無發開關問題語經邊東頭氣笑應該認識頭雖",
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
HALF_WIDTH = str.maketrans("，。！？；：", ",.!?;:")
MARKS = "，。；：、,"


def typed_chinese(pieces: list[Piece], act: str, rng: random.Random) -> list[Piece]:
    """The pieces of a Chinese message, as someone may type them on a phone."""
    marks = rng.choices(("full", "half", "spaces", "none"), (60, 12, 16, 12))[0]
    marks = "spaces" if marks == "none" and act in ("reject", "undo", "accept") else marks
    capitals = rng.random() < 0.5
    apart = rng.random() < 0.4
    short = rng.random() < 0.15
    slip = rng.random() < 0.05
    traditional = rng.random() < 0.03
    wide = rng.random() < 0.02
    pieces = _framed_chinese(_joined_chinese(pieces), act, rng)
    typed: list[Piece] = []
    for piece in pieces:
        text = piece.text
        if piece.label is None:
            for usual, other in (*(CHINESE_SHORT if short else ()), *(CHINESE_SLIPS if slip else ())):
                if usual in text and rng.random() < 0.4:
                    text = text.replace(usual, other, 1)
            text = _marked(text, marks)
            text = text.translate(TRADITIONAL) if traditional else text
        else:
            text = text if capitals else text.lower()
            text = text.translate(FULL_WIDTH) if wide and piece.kind in ("year", "runtime", "years", "rating", "decade") else text
        before = typed[-1].text[-1:] if typed else ""
        latin = before.isascii() != text[:1].isascii() and (before + text[:1]).strip().isalnum() and len(before + text[:1]) == 2
        if latin and apart and before != " ":
            typed.append(Piece(" "))
        typed.append(Piece(text, piece.label, piece.kind))
    return [piece for piece in typed if piece.text]


def _marked(text: str, marks: str) -> str:
    if marks == "half":
        return text.translate(HALF_WIDTH)
    if marks in ("spaces", "none"):
        text = re.sub(rf"[{MARKS}](?=.)|[{MARKS}]$", " " if marks == "spaces" else "", text)
        return text.replace("？", "").replace("！", " ") if marks == "spaces" else text
    return text


def _joined_chinese(pieces: list[Piece]) -> list[Piece]:
    """Without what a slot's end says once more: "恐怖片" and "片", "经典的" and "的"."""
    joined: list[Piece] = []
    for piece in pieces:
        text, end = piece.text, joined[-1].text if joined and joined[-1].label else ""
        if end and piece.label is None:
            if end.endswith(("片", "电影", "剧", "movie", "film")):
                text = re.sub(r"^(?:类|题材|类型)?(?:的)?(?:电影|片子|片)", "", text)
            elif end.endswith("的"):
                text = text.removeprefix("的")
        if text:
            joined.append(Piece(text, piece.label, piece.kind))
    return joined


def _framed_chinese(pieces: list[Piece], act: str, rng: random.Random) -> list[Piece]:
    bare = act in ("chat", "unclear")
    before = rng.choice(lines_of("prefix", False, "zh")) if rng.random() < (0.03 if bare else 0.1) else ""
    after = ""
    if act in QUESTIONS and not re.search(r"[？?]$", pieces[-1].text):
        after = rng.choice(("？", "？", "？", "?", "？？", "")) if rng.random() < 0.5 else ""
    elif rng.random() < 0.08:
        after = rng.choice(("。", "！", "！！", "...", "。。。", "~", "啊啊啊"))
    if rng.random() < (0.03 if bare else 0.09):
        after += rng.choice(lines_of("suffix", False, "zh"))
    return [*([Piece(before)] if before else []), *pieces, *([Piece(after)] if after else [])]
