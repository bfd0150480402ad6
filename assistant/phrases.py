"""How things are put into words: counts, lists, articles, feelings, and where something came from.

English, short and plain. Varied wording is chosen by a seed, so that the same answer reads the same again.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence

from assistant.evidence import GENRE_ADJECTIVES, Cause, Origin, feeling, shown
from assistant.lexicon import LANGUAGE_NAMES
from assistant.mentions import NAME_WITH_YEAR, NEVER_OPENS
from store.records import ITEM, Item, Preference

LANGUAGES = frozenset(LANGUAGE_NAMES.values())
SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

VERBS = {
    "love": "you loved", "like": "you liked", "dislike": "you disliked", "hate": "you hated", "want": "you asked for",
    "similar": "you asked for something like", "only": "you asked for only", "avoid": "you want no", "skip": "you passed on",
    "seen": "you have seen", "limit": "you asked for",
}
LASTING_VERBS = {"love": "you love", "like": "you like", "dislike": "you dislike", "hate": "you hate"}
"""For genres, people and the like: a taste, not something that was watched."""
NOUNS = {
    "love": "your love of", "like": "your liking for", "dislike": "your dislike of", "hate": "your hatred of", "want": "your wish for",
    "similar": "your wish for something like", "only": "your wish for only", "avoid": "your wish to avoid",
}
LASTING_NOUNS = {**NOUNS, "like": "your taste for"}


def choose(seed: object, options: Sequence[str]) -> str:
    """One of the options, always the same for the same seed."""
    return options[zlib.crc32(repr(seed).encode()) % len(options)]


def joined(parts: Iterable[str], word: str = "and") -> str:
    """"a", "a and b", "a, b and c"; empty for none."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}" if parts else ""


def spelled(number: int) -> str:
    """"no", "one", "two", ..., "13"."""
    return SPELLED[number] if 0 <= number < len(SPELLED) else str(number)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """"one film", "two films", "no films", "13 films"."""
    return f"{spelled(number)} {noun if number == 1 else plural or noun + 's'}"


def article(words: str) -> str:
    """The words after "a" or "an", as they are spoken."""
    first = words.split()[0].lower()
    silent = first.startswith(("hour", "honest", "heir"))
    like_you = first.startswith(("uni", "use", "usu", "eu", "one", "once"))
    eight = first.startswith("8") or first in ("11", "18")
    return f"{'an' if (first[0] in 'aeiou' and not like_you) or silent or eight else 'a'} {words}"


def capital(sentence: str) -> str:
    """With a capital letter at the start, unless it starts with a quotation mark or a number."""
    return sentence[:1].upper() + sentence[1:]


def when(origin: Origin) -> str:
    """"just now", "two messages ago", "in an earlier conversation", "by a click"; empty when unknown."""
    if origin.kind == "ago":
        return f"{count(origin.ago, 'message')} ago"
    return {"now": "just now", "earlier": "in an earlier conversation", "click": "by a click"}.get(origin.kind, "")


def spoken(name: str) -> str:
    """A name of `evidence.shown` as it follows "your wish for": "Heat (1995)", "the 1990s", "films in French"."""
    if re.fullmatch(r"\d{4}s", name):
        return f"the {name}"
    if name in LANGUAGES:
        return f"films in {name}"
    return f"films {name}" if name.startswith("based on") else name


def verb(label: str, film: bool) -> str:
    """The words before the subject of a feeling: "you loved", and of genres, people and the like "you love"."""
    if film:
        return {"want": "you want to see", "avoid": "you want nothing like"}.get(label, VERBS[label])
    return LASTING_VERBS.get(label, VERBS[label])


def felt(preference: Preference, year: bool = True) -> str:
    """As a clause: "you loved Heat (1995)", "you like Tom Hanks", "you want no horror films"."""
    return f"{verb(feeling(preference), preference.kind == ITEM)} {_subject(preference, year)}"


def feeling_for(preference: Preference, year: bool = True) -> str:
    """As a noun: "your love of Heat (1995)", "your wish for crime films"."""
    label = feeling(preference)
    if preference.kind == ITEM:
        noun = {"want": "your wish to see", "avoid": "your wish to avoid"}.get(label, NOUNS.get(label))
    else:
        noun = LASTING_NOUNS.get(label)
    return f"{noun or 'your limit of'} {_subject(preference, year)}"


def _subject(preference: Preference, year: bool) -> str:
    return spoken(shown(preference)) if year or preference.kind != ITEM else title(shown(preference))


def title(name: str) -> str:
    """A film's name without its year, unless the bare title reads as a plain word ("It", "300")."""
    match = NAME_WITH_YEAR.fullmatch(name)
    bare = match.group(1) if match else name
    return name if bare.lower() in NEVER_OPENS or bare.isdigit() else bare


def cause_clause(cause: Cause, year: bool = True) -> str:
    """A cause as a clause, for after "because"."""
    return felt(cause.preference, year) if cause.preference else cause_noun(cause, year)


def cause_noun(cause: Cause, year: bool = True) -> str:
    """A cause as a noun: "your love of Heat (1995)", "its popularity", "the variety of the list"."""
    if cause.preference:
        return feeling_for(cause.preference, year)
    if cause.contribution.source == "prior":
        return "its popularity"
    if cause.contribution.source == "slate":
        return "the variety of the list"
    return f"what you said of {cause.name if year else title(cause.name)}"


def in_brackets(origin: Origin) -> str:
    """The origin in brackets after a space, or nothing."""
    text = when(origin)
    return f" ({text})" if text else ""


def genres_of(item: Item, noun: str = "film") -> str:
    """"an action, crime and thriller film", "a comedy film"; "a film" when no genre is known."""
    words = [GENRE_ADJECTIVES.get(genre, genre.lower()) for genre in item.genres]
    return article(f"{joined(words)} {noun}".strip()) if words else article(noun)


def limit(preference: Preference) -> str:
    """A filter in a few words: "at most 120 minutes", "no horror films", "only comedies", "nothing like Heat (1995)"."""
    if preference.role == "avoid":
        return f"no {spoken(shown(preference))}" if preference.kind != ITEM else f"nothing like {spoken(shown(preference))}"
    return f"only {spoken(shown(preference))}" if preference.role == "only" else shown(preference)


def held(preference: Preference) -> str:
    """A preference as a thing that can be taken out: "your love of Heat (1995)", "your limit of at most 120 minutes"."""
    if preference.role in ("seen", "skip"):
        return f"{'having seen' if preference.role == 'seen' else 'passing on'} {spoken(shown(preference))}"
    return feeling_for(preference)
