"""False sentences made from true ones, to see whether the claim check catches them: one thing is changed at a time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from assistant.evidence import Evidence
from store.records import Item

FEELINGS = (
    ("you loved", "you disliked"), ("you liked", "you loved"), ("your love of", "your dislike of"), ("you asked for", "you love"),
    ("your wish for", "your dislike of"), ("your liking for", "your love of"), ("your taste for", "your hatred of"),
    ("your dislike of", "your love of"), ("one message", "two messages"), ("two messages", "three messages"),
    ("just now", "by a click"), ("in an earlier conversation", "just now"),
)
"""What is replaced by what: polarity, strength, kind of wish, and where it came from."""


def forgeries(sentence: str, evidence: Sequence[Evidence], films: Sequence[Item], chance: random.Random) -> Iterator[str]:
    """The sentence with another film, person, year, percent, feeling or origin; `films` are those to take names from."""
    known = {name for row in evidence for name in (row.subject, *row.values)}
    for name in sorted(n for n in known if re.search(r"\(\d{4}\)$", n) and n in sentence)[:2]:
        other = chance.choice(films)
        if other.name not in known:
            yield sentence.replace(name, other.name)
    for person in [row.values[0] for row in evidence if row.label in ("director", "cast") and row.values[0] in sentence][:2]:
        other = chance.choice(films)
        if other.directors and other.directors[0] not in known:
            yield sentence.replace(person, other.directors[0])
    for number in list(re.finditer(r"(?<=\()\d{4}(?=\))|\d+(?= %)", sentence))[:4]:
        yield f"{sentence[: number.start()]}{int(number.group()) + chance.choice((1, 2, 7))}{sentence[number.end() :]}"
    for true, false in FEELINGS:
        for written in (true, true.capitalize()):
            if written in sentence:
                yield sentence.replace(written, false)
