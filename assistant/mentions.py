"""What a sentence names: films, people, genres, decades, languages, and phrases of the evidence.

Finds the longest name at every place. Names are compared in canonical form: folded, a film without its year,
a genre by its catalog name. Knows nothing of whether a name may be said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from assistant.evidence import GENRE_NOUNS
from assistant.lexicon import DECADE_WORDS, GENRE_WORDS, LANGUAGE_NAMES, ONES, TENS, fold
from store.catalog import Catalog

YEAR_AFTER = re.compile(r"[!?.…\"”'’*)]*\s*\((\d{4})\)")
NAME_WITH_YEAR = re.compile(r"(.+) \((\d{4})\)")
OPENING_QUOTES = "\"“‘'«*"
SMALL_WORDS = frozenset("the a an of and in on to for from at by with part vs is my or de la le du des el et und no it".split())
NEVER_OPENS = frozenset(
    "a about all also and another any as at because before being both but by each even every everything few first for from give he "
    "her here him his how i if in instead is it its just last later less like love me more most my new next no not nothing "
    "now of on once one only or other others our out over right same say see she since so some something sorry still tell "
    "that the them then there these they this those to top too two three up us was we what when where which who why with "
    "without would yes you your start done show noted crime romance undo drama comedy war action mystery adventure "
    "horror popularity variety gone back".split()
)
"""Words that are also titles ("It", "Her", "Up") or begin plain sentences: a title only when quoted or followed by its year."""


SPELLED_NUMBERS = frozenset((*ONES, *TENS))


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    raw: str
    norm: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a sentence. kind: "film", "person", "genre", "decade", "language" or "phrase" (of the evidence).

    key: its canonical form. year: the year in brackets after a film, None when there is none.
    """

    start: int
    end: int
    kind: str
    key: str
    text: str
    year: int | None = None


def words(text: str) -> list[Word]:
    """The words of a text with their offsets; "&" is one."""
    found = []
    for match in re.finditer(r"\w+(?:['’]\w+)*|&", text):
        norm = fold(match.group())
        if norm:
            found.append(Word(match.start(), match.end(), match.group(), norm))
    return found


@lru_cache(maxsize=8192)
def film_key(name: str) -> tuple[str, int | None]:
    """The canonical title of "Heat (1995)" and its year; None when the name has none."""
    match = NAME_WITH_YEAR.fullmatch(name)
    return (fold(match.group(1)), int(match.group(2))) if match else (fold(name), None)


def _canonical_words() -> dict[str, tuple[str, str]]:
    """Plain words -> (kind, canonical form), for genres, decades and languages."""
    table = {}
    for word, genres in GENRE_WORDS.items():
        table[word] = ("genre", fold(genres[0]))
    for genre, noun in GENRE_NOUNS.items():
        for word in (noun, genre, f"{genre.lower()}s"):
            table[fold(word)] = ("genre", fold(genre))
    for word, decade in DECADE_WORDS.items():
        table[word] = ("decade", f"{decade}s")
    for decade in range(1890, 2030, 10):
        table[f"{decade}s"] = ("decade", f"{decade}s")
        if 1920 <= decade <= 1990:
            table[f"{decade % 100}s"] = ("decade", f"{decade}s")
    for name in LANGUAGE_NAMES.values():
        table[fold(name)] = ("language", fold(name))
    return table


PLAIN = _canonical_words()


@lru_cache(maxsize=8192)
def canonical(phrase: str) -> str:
    """The form in which a genre, decade, language or any other phrase is compared."""
    key = fold(phrase)
    return PLAIN[key][1] if key in PLAIN else key


@dataclass(frozen=True, slots=True)
class Names:
    """Every title and person of a catalog, folded. Built once (about a quarter of a second for 9,000 films)."""

    titles: frozenset[str]
    people: frozenset[str]

    @classmethod
    def of(cls, catalog: Catalog) -> Names:
        titles = [name for _, title, _, _, aliases in catalog.titles() for name in (title, *aliases)]
        return cls.build(titles, catalog.values("person"))

    @classmethod
    def build(cls, titles: Iterable[str], people: Iterable[str]) -> Names:
        folded = frozenset(key for key in map(fold, titles) if key)
        return cls(folded, frozenset(key for key in map(fold, people) if " " in key))


def find(
    sentence: str, names: Names, films: Collection[str], people: Collection[str], phrases: Collection[str], quotes: Collection[str] = ()
) -> list[Mention]:
    """The mentions in a sentence, left to right, the longest at each place.

    `films`, `people` and `phrases` are the folded names of the evidence: these are found in addition to the catalog's,
    phrases also in lower case; `quotes` are found between quotation marks.
    """
    tokens, found, at = words(sentence), [], 0
    longest = max((len(key.split()) for key in (*films, *phrases, *quotes)), default=0)
    while at < len(tokens):
        for end in range(min(len(tokens), at + max(12, longest)), at, -1):
            mention = _mention(sentence, tokens, at, end, names, films, people, phrases, quotes)
            if mention:
                found.append(mention)
                at = end
                break
        else:
            at += 1
    return found


def _mention(
    sentence: str, tokens: list[Word], at: int, end: int, names: Names, films: Collection[str], people: Collection[str],
    phrases: Collection[str], quotes: Collection[str],
) -> Mention | None:
    span = tokens[at:end]
    if len(span) > 1 and _is_a_share(sentence, span[-1]):
        return None
    start = span[0].start
    proper = all(w.raw[0].isupper() or w.norm in SMALL_WORDS for w in span)
    for key, cut in _keys(span):
        stop = span[-1].end - cut
        text = sentence[start:stop]
        if key in quotes and _is_quoted(sentence, start):
            return Mention(start, stop, "phrase", key, text)
        if key in films and _reads_as_title(sentence, span, strict=False):
            return _film(sentence, start, stop, key)
        if key in people and proper:
            return Mention(start, stop, "person", key, text)
        if key in phrases and _is_word_of_its_own(sentence, span, key) and not _is_felt(tokens, at, end):
            return Mention(start, stop, *PLAIN.get(key, ("phrase", key)), text)
        if key in names.titles and _reads_as_title(sentence, span):
            return _film(sentence, start, stop, key)
        if key in names.people and proper:
            return Mention(start, stop, "person", key, text)
        if key in PLAIN and (PLAIN[key][0] != "language" or span[0].raw[0].isupper()):
            return Mention(start, stop, *PLAIN[key], text)
    return None


def _film(sentence: str, start: int, stop: int, key: str) -> Mention:
    year = YEAR_AFTER.match(sentence, stop)
    written = sentence[start:stop]
    start -= sentence[:start].endswith("(") and written.count(")") > written.count("(")  # "(500) Days of Summer"
    return Mention(start, year.end() if year else stop, "film", key, sentence[start:stop], int(year.group(1)) if year else None)


def _keys(span: list[Word]) -> list[tuple[str, int]]:
    """The folded words, and without a possessive ending how many characters that ending takes."""
    key = " ".join(w.norm for w in span)
    keys = [(key, 0)]
    if re.search(r"['’]s$", span[-1].raw) and key.endswith("s"):
        keys.append((key[:-1], 2))
    return keys


def _is_word_of_its_own(sentence: str, span: list[Word], key: str) -> bool:
    """A phrase of digits only is a number first, unless quoted; names of films are told apart by `_reads_as_title`."""
    return not key.replace(" ", "").isdigit() or _is_quoted(sentence, span[0].start)


def _is_felt(tokens: list[Word], at: int, end: int) -> bool:
    """"your love of": a theme called "love" is not meant."""
    return end - at == 1 and at > 0 and tokens[at - 1].norm in ("you", "your")


def _is_a_share(sentence: str, word: Word) -> bool:
    """The 2 of "Die Hard, -2 %" and "Die Hard 2 %": no part of the title "Die Hard 2"."""
    signed = re.search(r"(?:^|[\s(])[-+−]$", sentence[: word.start])
    return word.norm.isdigit() and bool(signed or re.match(r"\s*(?:%|percent)", sentence[word.end :]))


def _is_quoted(sentence: str, start: int) -> bool:
    return sentence[start - 1 : start] in tuple(OPENING_QUOTES)


def _reads_as_title(sentence: str, span: list[Word], strict: bool = True) -> bool:
    """Whether these words are written as a title: quoted, followed by a year, or capitalised.

    `strict` is for titles that the evidence does not have, where chance capitals must not count.
    """
    first = _is_capital(span[0])
    if _is_quoted(sentence, span[0].start) or first and YEAR_AFTER.match(sentence, span[-1].end):
        return True
    norms = [w.norm for w in span]
    if len(span) == 1 and (norms[0] in NEVER_OPENS or norms[0].isdigit()):
        return not strict and norms[0].isdigit() and not _counts_something(sentence, span[-1].end)
    if len(span) == 1 and norms[0] in SPELLED_NUMBERS and _counts_something(sentence, span[0].end):
        return False
    written = [w for w in span if w.norm not in SMALL_WORDS]
    if not strict and len(span) > 1:
        return any(map(_is_capital, span))
    capital = first and bool(written) and all(_is_capital(w) or w.norm in SMALL_WORDS for w in span)
    return capital and not all(n in NEVER_OPENS or n.isdigit() for n in norms)


def _is_capital(word: Word) -> bool:
    """"Heat", "eXistenZ", "300"."""
    return any(c.isupper() for c in word.raw) or not word.raw[0].isalpha()


def _counts_something(sentence: str, end: int) -> bool:
    return bool(re.match(r"\s*(?:%|percent|minutes?|messages?|films?|picks?|movies?|more|things?|changes?|reasons?|\.\d)", sentence[end:]))


def sentences(text: str, names: Iterable[str] = ()) -> list[str]:
    """The sentences of a text; initials, abbreviations and what is inside one of `names` ("Hot Shots! Part Deux") end none,
    nor does what goes on in lower case ("Airplane! fits well")."""
    inside = [match.span() for name in names if re.search(r"[.!?]", name) for match in re.finditer(re.escape(name), text)]
    cuts = [0]
    for match in re.finditer(r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bvs\.)\s+(?![a-z])|\n+", text):
        if not any(start < match.start() < end for start, end in inside):
            cuts.append(match.end())
    return [part.strip() for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True) if (part := text[start:end].strip())]
