"""Stretches of a message that may mean something of the catalog, and the words that a message is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.chinese_lexicon import HAN
from assistant.lexicon import fold


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message and what it may refer to.

    start, end: character offsets in the message. text: the words there.
    kind: "film", "pick", "person", "genre", "keyword", "decade", "language", "year", "years",
        "runtime", "length", "age", "rating" or "words" (unlinked words that may name something).
    refs: candidate ids or catalog values; several for a film whose name is not unique (any of them
        is meant), for picks (all of them are meant) and for words such as "romcom" (all).
    value: the number of a year, years, runtime (minutes) or rating (0-10).
    """

    start: int
    end: int
    text: str
    kind: str
    refs: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    raw: str
    norm: str


def tokens(text: str) -> list[Token]:
    """The words of `text` with their offsets; hyphens split, apostrophes do not; Chinese is apart from letters."""
    found = []
    for match in re.finditer(rf"[^\W{HAN}]+(?:['’][^\W{HAN}]+)*|[{HAN}]+", text):
        norm = fold(match.group())
        if norm:
            found.append(Token(match.start(), match.end(), match.group(), norm.replace(" ", "")))
    return found


def marked(text: str, spans: Iterable[Span]) -> str:
    """The message as the model reads it: each span as "[kind words]"."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.kind} {text[span.start : span.end]}]"]
        at = span.end
    return " ".join("".join([*parts, text[at:]]).split())


def without_overlaps(found: list[tuple[int, Span]]) -> list[Span]:
    """The longest span wins where two overlap, of equally long ones the surer kind; "3/10" is never part of "Alien 3"."""
    kept: list[Span] = []
    for _, span in sorted(found, key=lambda f: (f[1].kind != "rating", -(f[1].end - f[1].start), -f[0], f[1].start)):
        if all(span.end <= k.start or span.start >= k.end for k in kept):
            kept.append(span)
    return kept
