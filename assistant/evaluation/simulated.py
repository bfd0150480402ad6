"""A person with a film in mind, who talks: opens with films they liked, answers questions, reacts to picks.

What they say is made of the features of the film in mind (`Wanted` has neither its title nor its id), of the picks on
screen and of their own earlier ratings, in varied words drawn by a seed, with a typo now and then. Beside each message
stands the change of the profile that it means, so that a reading can be held against it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.evidence import GENRE_ADJECTIVES
from assistant.lexicon import fold
from assistant.state import Question
from assistant.understand import TASTE_VALUES, bound
from store.records import ITEM, Item, Preference

TYPOS = 0.12
"""Of the messages, so many have two letters of a word swapped."""
DONT_MIND = 0.15
"""Of the questions that a person could answer, so many they do not care about."""
BY_PLACE = 0.15
"""Of the answers, so many name an option by its place: "the second"."""
LOVED, LIKED, DISLIKED = 4.5, 3.5, 2.5
"""Ratings from which on (or up to which) a film was loved, liked, disliked; between, it is only known."""
YEARS_APART = 8
"""A pick this many years older or newer than the film in mind is said to be so."""

OPENINGS = {
    "love": ("I loved {}", "{} is one of my favourites", "I really loved {}", "loved {}, what else is there?", "I adored {}"),
    "like": ("I liked {}", "I enjoyed {}", "i liked {}, recommend something", "enjoyed {} a lot"),
}
AGREED = ("{}", "{} please", "rather {}", "{} I think", "I'd say {}", "{} would be nice", "more like {}")
PLACED = ("the {} one", "{}", "the {}")
BOTH = ("both", "both please", "{} and {}")
NEITHER = ("neither", "neither of those", "neither one really", "neither, sorry")
MIND = ("I don't mind", "either is fine", "no preference", "doesn't matter", "dont mind", "don't care really")
SEEN = ("I've seen the {} one", "seen number {n} already", "already saw the {} one")
FELT = {
    "love": ("I loved the {} one", "number {n} is one of my favourites"),
    "like": ("I liked the {} one", "I've seen number {n}, liked it"),
    "dislike": ("I didn't like the {} one", "didn't like number {n}"),
}
NOT_THAT = ("not the {} one", "not number {n}", "the {} one is not for me")
ALIKE = ("something like the {} one", "more like the {} one", "more like number {n}")
BUT = {
    "max": ("something like the {} one but older", "like number {n}, but older"),
    "min": ("something like the {} one but newer", "like number {n}, but newer"),
}
ORDINALS = ("first", "second", "third", "fourth", "fifth")
NOUNS = {"Documentary": "a documentary", "Comedy": "a comedy", "Drama": "a drama", "Thriller": "a thriller", "Mystery": "a mystery",
         "Musical": "a musical", "Western": "a western", "Romance": "a romance", "Film-Noir": "film noir"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person knows of the film they have in mind. Neither its title nor its id."""

    genres: tuple[str, ...]
    year: int | None
    people: tuple[str, ...]
    keywords: tuple[str, ...]

    @classmethod
    def of(cls, item: Item) -> Wanted:
        return cls(item.genres, item.year, item.people, item.keywords)

    def has(self, kind: str, value: str) -> bool:
        if kind == "decade":
            return self.year is not None and value == f"{self.year // 10 * 10}s"
        return value in {"genre": self.genres, "person": self.people, "keyword": self.keywords}[kind]

    def likeness(self, item: Item) -> float:
        """How much a pick has of it: shared genres, people counting more, and themes; 0 for nothing."""
        genres = len(set(self.genres) & set(item.genres)) / max(1, len(set(self.genres) | set(item.genres)))
        return genres + 0.5 * len(set(self.people) & set(item.people)) + 0.2 * len(set(self.keywords) & set(item.keywords))


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and what it means: preferences put into the profile; none for "I don't mind"."""

    text: str
    means: tuple[Preference, ...] = ()


def opening(liked: Sequence[tuple[Item, float]], rng: random.Random, years: bool = False) -> Said:
    """The first message: one or two films with their ratings (at least LIKED). `years`: said again, so that no other film is meant."""
    label = "love" if all(rating >= LOVED for _, rating in liked) else "like"
    names = " and ".join(item.name if years else item.title for item, _ in liked)
    means = tuple(Preference(ITEM, str(item.id), item.name, "like", TASTE_VALUES[label]) for item, _ in liked)
    return Said(_typed(rng.choice(OPENINGS[label]).format(names), rng), means)


def answer(wanted: Wanted, question: Question, rng: random.Random) -> Said:
    """The answer to a question with options: one of those that the film in mind has, or that it has none."""
    if rng.random() < DONT_MIND:
        return dont_mind(rng)
    options = question.proposed
    fitting = [n for n, p in enumerate(options) if wanted.has(p.kind, p.ref)]
    if not fitting:
        return Said(_typed(rng.choice(NEITHER), rng), tuple(Preference(p.kind, p.ref, p.label, "avoid", -1.0) for p in options))
    if len(fitting) == 2 and rng.random() < 0.5:
        named = [spoken(options[n], rng) for n in fitting]
        text = rng.choice(BOTH if len(options) == 2 else BOTH[2:]).format(*named)
        return Said(_typed(text, rng), tuple(options[n] for n in fitting))
    place = rng.choice(fitting)
    if rng.random() < BY_PLACE:
        return Said(rng.choice(PLACED).format(ORDINALS[place]), (options[place],))
    return Said(_typed(rng.choice(AGREED).format(spoken(options[place], rng)), rng), (options[place],))


def confirm(meant: Sequence[Preference]) -> Said:
    """The answer to "did you mean this?": a yes to what was `meant`, a no where that is nothing."""
    return Said("yes" if meant else "no", tuple(meant))


def dont_mind(rng: random.Random) -> Said:
    return Said(rng.choice(MIND))


def spoken(option: Preference, rng: random.Random) -> str:
    """An option as a person names it: "a thriller", "the 90s", "Pacino", "time travel"."""
    if option.kind == "genre":
        bare = GENRE_ADJECTIVES[option.ref]
        return rng.choice((NOUNS.get(option.ref, bare), bare, f"something {bare}" if option.ref not in NOUNS else NOUNS[option.ref]))
    if option.kind == "decade":
        short = f"{option.ref[2:]}" if option.ref < "2000s" else option.ref
        return rng.choice((f"the {short}", short, f"the {option.ref}", f"from the {short}"))
    return option.label


def react(wanted: Wanted, slate: Sequence[Item], known: Mapping[int, float], rng: random.Random) -> Said:
    """What is said of picks when nothing was asked. `known`: the person's own earlier ratings, by item id.

    Most telling first: a pick that they know; else, in turn, more like the one that has most of the film in mind, and
    older or newer where it is of another time, or not the one that has least.
    """
    rated = [n for n, item in enumerate(slate) if item.id in known]
    if rated:
        return _of_known(slate, rng.choice(rated), known, rng)
    likeness = [wanted.likeness(item) for item in slate]
    best, worst = (pick(range(len(slate)), key=likeness.__getitem__) for pick in (max, min))
    if likeness[best] <= 0 or rng.random() < 0.3:
        item = slate[worst]
        return Said(_placed(NOT_THAT, worst, rng), (Preference(ITEM, str(item.id), item.name, "skip", 0.0),))
    item = slate[best]
    alike = Preference(ITEM, str(item.id), item.name, "similar", 1.0)
    side = _other_time(wanted, item)
    if side is None:
        return Said(_placed(ALIKE, best, rng), (alike,))
    year = item.year - 1 if side == "max" else item.year + 1
    return Said(_placed(BUT[side], best, rng), (alike, bound("year", side, year)))


def _of_known(slate: Sequence[Item], place: int, known: Mapping[int, float], rng: random.Random) -> Said:
    item, rating = slate[place], known[slate[place].id]
    label = "love" if rating >= LOVED else "like" if rating >= LIKED else "dislike" if rating <= DISLIKED else None
    if label is None:
        return Said(_placed(SEEN, place, rng), (Preference(ITEM, str(item.id), item.name, "seen", 0.0),))
    value = TASTE_VALUES[label]
    return Said(_placed(FELT[label], place, rng), (Preference(ITEM, str(item.id), item.name, "like" if value > 0 else "dislike", value),))


def _other_time(wanted: Wanted, item: Item) -> str | None:
    """The limit that is meant where a pick is much newer ("max") or much older ("min") than the film in mind."""
    if not wanted.year or not item.year or abs(item.year - wanted.year) < YEARS_APART:
        return None
    return "max" if item.year > wanted.year else "min"


def _placed(wordings: Sequence[str], place: int, rng: random.Random) -> str:
    return _typed(rng.choice(wordings).format(ORDINALS[place], n=place + 1), rng)


def _typed(text: str, rng: random.Random) -> str:
    """The message as typed: now and then with two letters of a longer word swapped."""
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long or rng.random() >= TYPOS:
        return text
    n = rng.choice(long)
    at = rng.randrange(1, len(words[n]) - 2)
    words[n] = words[n][:at] + words[n][at + 1] + words[n][at] + words[n][at + 2 :]
    return " ".join(words)


WORDINGS: tuple[str, ...] = tuple(fold(text.replace("{}", "").replace("{n}", "")) for text in (
    *OPENINGS["love"], *OPENINGS["like"], *AGREED, *PLACED, *BOTH, *NEITHER, *MIND, *SEEN, *(w for ways in FELT.values() for w in ways), *NOT_THAT,
    *ALIKE, *(w for ways in BUT.values() for w in ways), *ORDINALS,
))
"""The words that any message may have, whatever film is in mind, folded."""


def says(text: str, name: str) -> bool:
    """Whether a text has a name in it, as whole words, however it is written."""
    return bool(fold(name)) and f" {fold(name)} " in f" {fold(text)} "
