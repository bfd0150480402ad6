"""Numbers in an English message: ratings, runtimes, years back, decades, years."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant import lexicon
from assistant.lexicon import NUMBER_WORD, number
from assistant.spans import Span


def amounts(text: str) -> Iterator[Span]:
    """Ratings, runtimes, years back, decades, years."""
    low = text.lower()

    def span(match: re.Match, kind: str, value: float, group: int | str = 0, refs: tuple[str, ...] = ()) -> Span:
        return Span(match.start(group), match.end(group), text[match.start(group) : match.end(group)], kind, refs, value)

    for m in re.finditer(r"(?<![\d/])(\d+(?:\.\d+)?)\s?(?:/|out of)\s?(10|5|100)(?![\d/])", low):
        scale = float(m.group(2))
        if float(m.group(1)) <= scale:
            yield span(m, "rating", 10 * float(m.group(1)) / scale)
    for m in re.finditer(rf"\b({NUMBER_WORD}(?:[ -]and[ -]a[ -]half)?)[ -]?stars?\b", low):
        stars = number(re.sub(r"[ -]and[ -]a[ -]half", "", m.group(1)))
        if stars is not None and stars <= 10:
            stars += 0.5 if "half" in m.group(1) else 0
            yield span(m, "rating", stars * (2 if stars <= 5 else 1))
    for m in re.finditer(r"[★⭐]+", text):
        yield span(m, "rating", 2.0 * min(5, len(m.group())))
    hours = rf"({NUMBER_WORD})( and a half)?(?:[ -]?(?:hours?|hrs?)|(?<=\d) ?h)\b(?:(?: and)?[ -]?(?:(a half)|({NUMBER_WORD})[ -]?(?:minutes?|mins?|min|m)?\b))?"
    for m in re.finditer(rf"\b{hours}|\bhalf an hour\b|\b(\d)h(\d\d)\b", low):
        if m.group().startswith("half an"):
            yield span(m, "runtime", 30)
        elif m.group(5):
            yield span(m, "runtime", 60 * int(m.group(5)) + int(m.group(6)))
        else:
            whole = number(m.group(1))
            extra = 30 if m.group(2) or m.group(3) else number(m.group(4) or "0")
            if whole is not None and extra is not None and 0 < whole <= 10:
                yield span(m, "runtime", 60 * whole + extra)
    for m in re.finditer(rf"\b({NUMBER_WORD}(?:[ -](?:{'|'.join(lexicon.ONES)}))?)[ -]?(?:minutes?|mins?)\b", low):
        minutes = number(m.group(1).replace("-", " "))
        if minutes and minutes >= 20:
            yield span(m, "runtime", minutes)
    for m in re.finditer(rf"\b({NUMBER_WORD})[ -]?(?:years?|yrs?)\b(?! old (?:kid|son|daughter|boy|girl|child|niece|nephew))", low):
        back = number(m.group(1))
        if back and back <= 100:
            yield span(m, "years", back)
    yield from _decades_and_years(low, span)


def _decades_and_years(low: str, span) -> Iterator[Span]:
    for m in re.finditer(r"(?<!\w)['’]?(?:(19|20)?(\d)0)['’]?s\b", low):
        tens = int(m.group(2)) * 10
        century = int(m.group(1)) * 100 if m.group(1) else (1900 if tens >= 20 else 2000)
        yield span(m, "decade", century + tens, refs=(f"{century + tens}s",))
    words = "|".join(lexicon.DECADE_WORDS)
    for m in re.finditer(rf"\b({words})\b", low):
        start = lexicon.DECADE_WORDS[m.group(1)]
        yield span(m, "decade", start, refs=(f"{start}s",))
    cue = r"(?:before|after|since|from|in|between|than|until|till|and|to|pre|post|of|around|year|or|circa|by)[ -]"
    for m in re.finditer(r"(?<![\w$(])(?P<year>(?:18[89]|19\d|20[0-4])\d)(?![\w)]|\s?(?:min|hour))", low):
        cued = re.search(cue + r"$", low[: m.start()]) or lexicon.limit("year", "", low[m.end() :])
        if cued or m.group("year") not in ("1984", "2001", "2012", "1917", "1900", "1941", "2010"):
            yield span(m, "year", int(m.group("year")), "year")
    for m in re.finditer(rf"(?:{cue})['’](?P<year>\d\d)\b", low):
        short = int(m.group("year"))
        yield span(m, "year", short + (1900 if short > 25 else 2000), "year")
