"""Numbers in an English message: ratings, runtimes, years back, decades, years."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant import lexicon
from assistant.lexicon import NUMBER_WORD, number
from assistant.spans import Span

BARE_RATING = re.compile(
    r"(?:\b(?:give|gave|giving|rate|rated|rating) (?:it|that|this|this one|that one|the (?:first|second|third|fourth|fifth|last)(?: one)?) |"
    r"\b(?:give|gave|giving|rate|rated)\b[^.,;!?]{1,40} an? |\b(?:more like|id say|i'd say|make it|make that|call it) an? |\bmore like |"
    r"\b(?:it's|its|it was|it is|that's|thats|was|is) an? |\ba (?:solid|strong|weak|easy|clear|generous|perfect|low|high) )"
    r"(?:an? )?(?:like an? |maybe an? |solid |strong )?(?P<score>10|\d(?:\.\d)?)(?=\s*(?:$|[,;!?)]|\.(?!\d)|for me\b|at (?:best|most)\b|tops\b|max\b|but\b|not\b|because\b|imo\b|i guess\b|though\b))", re.I)
"""A rating out of ten that says so by the words before and after it: "gave it a 7", "more like 3"."""
PAST = r" (?:ago|later|of sleep)\b"
"""After an amount of time that no film has: "30 mins ago i watched Up"."""
OF_A_PERSON_BEFORE = re.compile(r"\b(?:i am|i'm|im|he is|he's|hes|she is|she's|shes|they're|theyre|turned|turning|my|our|his|her|their|only|is|are) (?:an? )?$")
OLD = r"[ -]olds?\b(?! (?:film|movie|one|classic|flick|stuff)s?\b)"
"""An age of somebody: "my 5 year old loves Frozen"."""


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
    for m in re.finditer(BARE_RATING, low):
        if float(m["score"]) <= 10:
            yield span(m, "rating", float(m["score"]), "score")
    for m in re.finditer(r"\brated? (?:\w+ ){1,5}(?P<score>10|[5-9](?:\.5)?)(?=\s*(?:$|[,;!?)]|\.(?!\d)))", low):
        yield span(m, "rating", float(m["score"]), "score")
    for m in re.finditer(r"[★⭐]+", text):
        yield span(m, "rating", 2.0 * min(5, len(m.group())))
    hours = rf"({NUMBER_WORD})( and a half)?(?:[ -]?(?:hours?|hrs?)|(?<=\d) ?h)\b(?:(?: and)?[ -]?(?:(a half)|({NUMBER_WORD})[ -]?(?:minutes?|mins?|min|m)?\b))?"
    for m in re.finditer(rf"\b{hours}|\bhalf an hour\b|\b(\d)h(\d\d)\b", low):
        if re.match(PAST, low[m.end() :]):
            continue
        if m.group().startswith("half an"):
            yield span(m, "runtime", 30)
        elif m.group(5):
            yield span(m, "runtime", 60 * int(m.group(5)) + int(m.group(6)))
        else:
            whole = number(m.group(1))
            extra = 30 if m.group(2) or m.group(3) else number(m.group(4) or "0")
            if whole is not None and extra is not None and 0 < whole <= 10:
                yield span(m, "runtime", 60 * whole + extra)
    for m in re.finditer(rf"\b({NUMBER_WORD}(?:[ -](?:{'|'.join(lexicon.ONES)}))?)(?:[ -]?ish)?[ -]?(?:minutes?|mins?)\b", low):
        minutes = number(m.group(1).replace("-", " "))
        if minutes and minutes >= 20 and not re.match(PAST, low[m.end() :]):
            yield span(m, "runtime", minutes)
    for m in re.finditer(r"(?<![\w.])(\d{2,3})(?= ?(?:-|–|to|or|and) ?\d{2,3} ?(?:minutes|mins?)\b)", low):
        yield span(m, "runtime", float(m.group()))
    for m in re.finditer(rf"\b({NUMBER_WORD})[ -]?(?:years?|yrs?)\b(?! old (?:kid|son|daughter|boy|girl|child|niece|nephew))", low):
        back = number(m.group(1))
        if back and back <= 100 and not (OF_A_PERSON_BEFORE.search(low[: m.start()]) and re.match(OLD, low[m.end() :])):
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
        if re.search(r"\bborn (?:in |back in )?$", low[: m.start()]):
            continue
        cued = re.search(cue + r"$", low[: m.start()]) or lexicon.limit("year", "", low[m.end() :])
        if cued or m.group("year") not in ("1984", "2001", "2012", "1917", "1900", "1941", "2010"):
            yield span(m, "year", int(m.group("year")), "year")
    for m in re.finditer(rf"(?:{cue})['’](?P<year>\d\d)\b", low):
        short = int(m.group("year"))
        yield span(m, "year", short + (1900 if short > 25 else 2000), "year")
