"""False sentences made from true ones, to see whether the claim check catches them: one thing is changed at a time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from assistant.evidence import Evidence
from assistant.mandarin_claims import is_chinese
from assistant.mandarin_phrases import GENRES
from store.records import Item

FEELINGS = (
    ("you loved", "you disliked"), ("you liked", "you loved"), ("your love of", "your dislike of"), ("you asked for", "you love"),
    ("your wish for", "your dislike of"), ("your liking for", "your love of"), ("your taste for", "your hatred of"),
    ("your dislike of", "your love of"), ("one message", "two messages"), ("two messages", "three messages"),
    ("just now", "by a click"), ("in an earlier conversation", "just now"),
)
"""What is replaced by what: polarity, strength, kind of wish, and where it came from."""
CHINESE_FEELINGS = (
    ("你很喜欢", "你不喜欢"), ("你很喜欢", "你讨厌"), ("你喜欢", "你很喜欢"), ("你不喜欢", "你喜欢"), ("你讨厌", "你喜欢"), ("你想看", "你不想看"),
    ("你想看", "你看过"), ("你只想看", "你不想看"), ("不看", "只看"), ("只看", "不看"), ("不超过", "不少于"), ("一条消息前", "两条消息前"),
    ("两条消息前", "三条消息前"), ("刚才", "点选时"), ("以前聊天时", "刚才"), ("点选时", "以前聊天时"),
)
CHINESE_PRAISE = ("，口碑极佳", "，是影史经典", "，获得过奥斯卡奖", "，你一定会爱上它", "，非常好看", "，讲的是一个孤独的杀手")
"""What is put in before the full stop: praise, prizes, promises and plots that no row could back."""


def forgeries(sentence: str, evidence: Sequence[Evidence], films: Sequence[Item], chance: random.Random) -> Iterator[str]:
    """The sentence with another film, person, year, percent, feeling or origin, in Chinese also with another genre, rank, count
    or with added praise; `films` are those to take names from."""
    known = {name for row in evidence for name in (row.subject, *row.values)}
    for person in [row.values[0] for row in evidence if row.label in ("director", "cast") and row.values[0] in sentence][:2]:
        other = chance.choice(films)
        if other.directors and other.directors[0] not in known:
            yield sentence.replace(person, other.directors[0])
    if not is_chinese(sentence):
        yield from _english(sentence, known, films, chance)
        return
    if "执导" in sentence and not any(row.values[0] in sentence for row in evidence if row.label == "cast"):
        yield sentence.replace("执导", "主演")
    largest = max((row.number for row in evidence if row.kind == "contribution"), default=0)
    if (second := re.search(r"其次[：，]\D*(\d+)%", sentence)) and int(second[1]) < largest:
        yield sentence.replace("其次", "最主要的原因是")
    yield from _chinese(sentence, known, films, chance)


def _english(sentence: str, known: set[str], films: Sequence[Item], chance: random.Random) -> Iterator[str]:
    for name in sorted(n for n in known if re.search(r"\(\d{4}\)$", n) and n in sentence)[:2]:
        other = chance.choice(films)
        if other.name not in known:
            yield sentence.replace(name, other.name)
    for number in list(re.finditer(r"(?<=\()\d{4}(?=\))|\d+(?= %)", sentence))[:4]:
        yield _raised(sentence, number, chance)
    for true, false in FEELINGS:
        for written in (true, true.capitalize()):
            if written in sentence:
                yield sentence.replace(written, false)


def _chinese(sentence: str, known: set[str], films: Sequence[Item], chance: random.Random) -> Iterator[str]:
    titles = {name.rsplit(" (", 1)[0] for name in known}
    for name in list(dict.fromkeys(re.findall("《([^》]*)》", sentence)))[:2]:
        other = chance.choice(films)
        if other.title not in titles:
            yield sentence.replace(f"《{name}》", f"《{other.name if name.endswith(')') else other.title}》")
    for number in list(re.finditer(r"(?<=\()\d{4}(?=\)》)|\d+(?=%|分钟|位|年)|(?<=\.\d)\d(?=分|。)", sentence))[:5]:
        yield _raised(sentence, number, chance)
    for number in list(re.finditer("[一两三四五六七八九](?=部片子|部推荐|条理由)", sentence))[:1]:
        yield f"{sentence[: number.start()]}{'两三四五六七八九十'['一两三四五六七八九'.index(number.group())]}{sentence[number.end() :]}"
    genres = [genre for genre in GENRES if genre in known]
    for genre in [g for g in genres if f"{GENRES[g]}片" in sentence][:1]:
        other = chance.choice([g for g in GENRES if g not in genres])
        yield sentence.replace(GENRES[genre], GENRES[other])
    for true, false in CHINESE_FEELINGS:
        if true in sentence:
            yield sentence.replace(true, false)
    yield re.sub("。?$", chance.choice(CHINESE_PRAISE) + "。", sentence, count=1)


def _raised(sentence: str, number: re.Match, chance: random.Random) -> str:
    """The sentence with a number that is one, two or seven larger."""
    return f"{sentence[: number.start()]}{int(number.group()) + chance.choice((1, 2, 7))}{sentence[number.end() :]}"
