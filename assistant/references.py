"""References to the picks on screen: "the second one", "that one", "the Kubrick", "both".

Given the message and the state, finds each reference and the item ids it stands for.
An empty tuple of ids means that the words refer to a pick that is not there ("the ninth one").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.lexicon import GENRE_WORDS, ONES, ORDINALS, fold
from assistant.state import DialogueState
from store.catalog import Catalog
from store.records import Item

_ORDINAL = "|".join(ORDINALS)
_ONE = r"(?:one|pick|film|movie|suggestion|recommendation|choice|option)"
_COUNT = "two|three|four|2|3|4"
_ALL = re.compile(
    rf"\b(?:(?:all|both|any|none|neither) of (?:them|these|those|the(?: (?:{_COUNT}|picks|films|movies))?)|these(?: ones| films| movies)?|"
    rf"those(?: ones| films| movies)?|them all|all (?:{_COUNT}|five|5)|them|both)\b", re.I)
_RANGE = re.compile(rf"\bthe (first|last|top) ({_COUNT})\b", re.I)
_NTH = re.compile(rf"\b(?:the |your |my )?(?:very )?({_ORDINAL}|last|final|top|middle) {_ONE}\b", re.I)
_BARE_NTH = re.compile(rf"\bthe ({_ORDINAL}|last)\b(?=\s*(?:$|[?.,!;)]|and\b|or\b|is\b|was\b|but\b|instead|looks|sounds|please|pls|too|then|i\b|ive\b|would\b|seems\b|sounds\b|one\b))", re.I)
_PAIR = re.compile(rf"\b(?:the )?({_ORDINAL}|last)(?: one)?(?:,| and| or| vs\.?| &| over)+ (?:the )?({_ORDINAL}|last)\b(?! (?:time|half|part|season|act|name|date|year|week|night))", re.I)
_FURTHER = re.compile(r"(?:,| and| or| &)+ #?(\d|one|two|three|four|five)(?![\w.:/%]| ?(?:stars?|hours?|min|years?|more|of\b|movies|films))", re.I)
"""More numbers after "number 4": "pick 4 and 5"."""
_NUMBERED = re.compile(rf"(?:#\s?|\b(?:number|no\.?|nr\.?|pick|option) )(\d+|{'|'.join(ONES)})\b", re.I)
_BARE_NUMBER = re.compile(
    r"(?:\b(?:seen|saw|watched|know|skip|hide|remove|drop|i like|liked|love|loved|hate|hated|why|not|(?:what|how) about|compare|between) |^\s*)"
    r"(?P<place>\d)(?! (?:and|or|&) (?:a\b|\d+ ?(?:hours?|hrs?|min|years?|stars?|more|of\b|movies|films)))"
    r"(?=\s*(?:$|[?!;)]|[.,](?!\d))| (?:and|or|&|vs\.?|over|instead|looks|sounds|seems|please|pls|already|too|but)(?!\w))", re.I)
"""A digit alone where a title would stand: "seen 1 and 4", "2 looks good". A place only where the slate has it."""
_PLAIN_NTH = re.compile(rf"^\s*(?:the )?({_ORDINAL}|last)\s*[.!]?\s*$", re.I)
_THIS = re.compile(rf"\b(?:that|this) {_ONE}\b(?! (?:with|where|about|who|in which|that|set in|starring|from|i\b))|\b(?:that|this|it)\b(?!['’])", re.I)
_OTHER = re.compile(rf"\bthe other {_ONE}\b", re.I)
_YEAR = re.compile(rf"\bthe ((?:19|20)\d\d) (?:{_ONE}|version)\b|^\s*(?:the )?((?:19|20)\d\d)\s*[.!]?\s*$", re.I)
_POINTED = re.compile(r" (?:one|pick|version)$", re.I)
"""The end of a reference that stays one where no pick has its year: "the 1995 one" is no limit to 1995."""
_RELATIVE = re.compile(rf"\bthe (newer|newest|recent|latest|older|oldest|old|new|original|remake|shorter|shortest|longer|longest)(?: {_ONE}| version)?\b", re.I)
_THE_X = re.compile(rf"\bthe ([\w'’-]+(?: [\w'’-]+)?)(?: {_ONE})?\b", re.I)

Found = tuple[int, int, tuple[int, ...]]


def pick_references(text: str, state: DialogueState | None, catalog: Catalog) -> Iterator[Found]:
    """(start, end, item ids) of each reference in `text`; the candidates of a pending question come before the slate."""
    if state is None:
        return
    shown = _candidates(state, catalog)
    yield from _by_position(text, shown)
    yield from _by_pointing(text, state, shown)
    yield from _by_description(text, shown)


def _candidates(state: DialogueState, catalog: Catalog) -> list[Item]:
    if state.pending and state.pending.candidates:
        return catalog.items(state.pending.candidates)
    return [r.item for r in state.slate]


def _by_position(text: str, shown: list[Item]) -> Iterator[Found]:
    for m in _RANGE.finditer(text):
        count = int(m.group(2)) if m.group(2).isdigit() else ONES[m.group(2).lower()]
        some = shown[-count:] if m.group(1).lower() == "last" else shown[:count]
        yield m.start(), m.end(), tuple(i.id for i in some)
    for pattern in (_NTH, _BARE_NTH, _PLAIN_NTH):
        for m in pattern.finditer(text):
            yield m.start(), m.end(), _nth(m.group(1).lower(), shown)
    for m in _NUMBERED.finditer(text):
        place = _number(m.group(1))
        if place <= 50:
            yield m.start(), m.end(), _numbered(place, shown)
            yield from _further(text, m.end(), shown)
    for m in _BARE_NUMBER.finditer(text):
        if text.strip() != m["place"] and (ids := _numbered(_number(m["place"]), shown)):
            yield m.start("place"), m.end("place"), ids
            yield from _further(text, m.end("place"), shown)
    for m in _PAIR.finditer(text):
        for n in (1, 2):
            yield m.start(n), m.end(n), _nth(m.group(n).lower(), shown)


def _further(text: str, end: int, shown: list[Item]) -> Iterator[Found]:
    """The numbers listed after one that ends at `end`."""
    while found := _FURTHER.match(text, end):
        end = found.end()
        yield found.start(1), end, _numbered(_number(found[1]), shown)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else ONES[word.lower()]


def _numbered(place: int, shown: list[Item]) -> tuple[int, ...]:
    return tuple(i.id for i in shown[place - 1 : place]) if place else ()


def _nth(word: str, shown: list[Item]) -> tuple[int, ...]:
    if word in ("last", "final"):
        return tuple(i.id for i in shown[-1:])
    if word == "middle":
        return (shown[len(shown) // 2].id,) if len(shown) % 2 else ()
    place = 1 if word == "top" else ORDINALS[word]
    return tuple(i.id for i in shown[place - 1 : place])


def _by_pointing(text: str, state: DialogueState, shown: list[Item]) -> Iterator[Found]:
    if shown:
        for m in _ALL.finditer(text):
            if _counts(m.group().lower(), len(shown)):
                yield m.start(), m.end(), tuple(i.id for i in shown)
    focus = state.focus if state.focus is not None else (shown[0].id if len(shown) == 1 else None)
    for m in _THIS.finditer(text):
        pointing = " " in m.group()
        if focus is not None:
            yield m.start(), m.end(), (focus,)
        elif pointing and shown:
            yield m.start(), m.end(), (shown[0].id,)
    if state.focus is not None and len(shown) == 2:
        for m in _OTHER.finditer(text):
            yield m.start(), m.end(), tuple(i.id for i in shown if i.id != state.focus)[:1]


def _counts(words: str, shown: int) -> bool:
    """Whether "both" or "all three" can mean all that is shown."""
    said = re.search(rf"\b(both|{_COUNT}|five|5)\b", words)
    return not said or shown == {"both": 2, **ONES}.get(said[1], int(said[1]) if said[1].isdigit() else 0)


def _by_description(text: str, shown: list[Item]) -> Iterator[Found]:
    for m in _YEAR.finditer(text):
        year = int(m.group(1) or m.group(2))
        ids = tuple(i.id for i in shown if i.year == year)
        if ids or _POINTED.search(m.group()):
            yield m.start(), m.end(), ids[:1]
    for m in _RELATIVE.finditer(text):
        if m.group(1).lower() in ("original", "remake") and len({fold(i.title) for i in shown}) == len(shown):
            continue  # of a film that was named, not of the picks
        chosen = _extreme(m.group(1).lower(), shown)
        if chosen and (len(shown) > 1) and (" " in m.group()[4:] or re.match(r"\s*($|[?.,!])", text[m.end() :])):
            yield m.start(), m.end(), (chosen.id,)
    for m in _THE_X.finditer(text):
        found = _described(fold(m.group(1)), shown, with_one=bool(re.search(rf" {_ONE}$", m.group(), re.I)))
        if found:
            yield m.start(), m.start() + len("the ") + found[1] if found[1] else m.end(), (found[0].id,)


def _extreme(word: str, shown: list[Item]) -> Item | None:
    if word in ("shorter", "shortest", "longer", "longest"):
        known = [i for i in shown if i.runtime]
        return (min if word.startswith("short") else max)(known, key=lambda i: i.runtime) if known else None
    known = [i for i in shown if i.year]
    newest = word in ("newer", "newest", "recent", "latest", "new", "remake")
    return (max if newest else min)(known, key=lambda i: i.year) if known else None


def _described(words: str, shown: list[Item], with_one: bool) -> tuple[Item, int] | None:
    """The only pick that a surname ("the Kubrick") or a genre word with "one" ("the scary one") fits, and how
    many characters of the words it took (0: all)."""
    for phrase in (words, words.split()[0]):
        people = [i for i in shown if any(fold(p).split()[-1] == phrase or fold(p) == phrase for p in i.people)]
        if len(people) == 1:
            return people[0], 0 if phrase == words else len(phrase)
    if with_one and words in GENRE_WORDS:
        fits = [i for i in shown if set(GENRE_WORDS[words]) <= set(i.genres)]
        if len(fits) == 1:
            return fits[0], 0
    return None
