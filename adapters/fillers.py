"""What fills the slots of a phrase: titles, names, genres and numbers as people write them, and the picks on
screen.

Draws on the catalog for what exists and on the linker's vocabulary for what it is called.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from itertools import accumulate

from adapters.errors import PhraseError
from adapters.grammar import Piece, bucket, lines_of
from assistant import chinese_lexicon, lexicon
from assistant.linking import Linker
from assistant.state import DialogueState, Profile, Question
from store.records import Item, Recommendation

HELD_OUT_TITLES_PERCENT = 12
RATING_LABELS = ((9, "love"), (6, "like"), (3, "dislike"), (0, "hate"))
TENS = ("ten", "twenty", "thirty", "forty", "fifty", "sixty")


class Weighted:
    """Draws values in proportion to their weights."""

    def __init__(self, pairs: list[tuple[object, float]]) -> None:
        self.values = [value for value, _ in pairs]
        self.cumulative = list(accumulate(weight for _, weight in pairs))

    def draw(self, rng: random.Random):
        return rng.choices(self.values, cum_weights=self.cumulative)[0]


@dataclass(slots=True)
class Vocabulary:
    """The catalog's things to talk about, drawn more often the better known they are. One for each side of
    the split."""

    linker: Linker
    held_out: bool
    films: Weighted = field(init=False)
    persons: Weighted = field(init=False)
    keywords: Weighted = field(init=False)
    unlinked: list[str] = field(init=False)
    texts: list[str] = field(init=False)
    clauses: list[str] = field(init=False)
    popular: list[int] = field(init=False)
    chinese: ChineseVocabulary = field(init=False)

    def __post_init__(self) -> None:
        catalog = self.linker.catalog
        titles = [t for t in catalog.titles() if self.mine(str(t[0]))]
        self.films = Weighted([(t, t[3] ** 0.6 + 0.2) for t in titles])
        self.persons = Weighted(
            [(name, n**1.3) for name, n in catalog.values("person").items() if n >= 3 and self.mine(name)]
        )
        counts = catalog.values("keyword")
        self.keywords = Weighted(
            [(phrase, counts[value] ** 0.5) for phrase, value in self.linker.keywords.items()]
        )
        self.unlinked = [line for line in lines_of("unlinked", False) if self.mine(line)]
        self.texts = [line for line in lines_of("freetext", False) if self.mine(line)]
        self.clauses = [line for line in lines_of("freeclause", False) if self.mine(line)]
        self.popular = [i for i in catalog.popular(1500)]
        self.chinese = ChineseVocabulary(self)

    def mine(self, text: str) -> bool:
        return (bucket(text) < HELD_OUT_TITLES_PERCENT) == self.held_out


class ChineseVocabulary:
    """What the films, people and keywords are called in Chinese. A film or person is on the same side of the split in
    either language."""

    def __init__(self, english: Vocabulary) -> None:
        linker, mine = english.linker, english.mine
        known = {item_id: (title, count) for item_id, title, _, count, _ in linker.catalog.titles()}
        films = [(name, known[ids[0]]) for name, ids in linker.chinese.films.items() if ids and ids[0] in known]
        self.films = Weighted([(name, count**0.6 + 0.2) for name, (title, count) in films if mine(title)])
        counts = linker.catalog.values("person")
        self.persons = Weighted(
            [(name, counts.get(p, 1) ** 1.3) for name, p in linker.chinese.people.items() if mine(p)]
        )
        counts = linker.catalog.values("keyword")
        self.keywords = Weighted([(phrase, counts.get(v, 1) ** 0.5) for phrase, v in chinese_lexicon.KEYWORDS.items()])
        self.unlinked = [line for line in lines_of("unlinked", False, "zh") if mine(line)]
        self.texts = [line for line in lines_of("freetext", False, "zh") if mine(line)]
        self.clauses = [line for line in lines_of("freeclause", False, "zh") if mine(line)] or self.texts


def dialogue_state(rng: random.Random, vocabulary: Vocabulary, last: str) -> DialogueState:
    """A state in which a message may be said: with or without picks on screen, a film in focus, a question
    open."""
    catalog = vocabulary.linker.catalog
    start = last == "start" or (last in ("chat", "profile", "unclear") and rng.random() < 0.4)
    slate: tuple[Recommendation, ...] = ()
    if not start:
        items = catalog.items(rng.sample(vocabulary.popular, rng.choice((3, 5, 5, 5, 5, 8))))
        slate = tuple(Recommendation(item, 1.0, (), n) for n, item in enumerate(items, 1))
    pending = None
    if last in ("which", "nearest", "unclear"):
        candidates = _candidates(rng, vocabulary) if last != "unclear" else ()
        pending = Question(last, "x", candidates, "like", 0.8)
    focus = slate[0].item.id if slate and rng.random() < (0.85 if last == "answer" else 0.5) else None
    return DialogueState(
        "person", 1, Profile("person"), slate, frozenset(r.item.id for r in slate), focus, pending, last
    )


def _candidates(rng: random.Random, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Films of one name where the catalog has them, else any: what a "which one?" lists."""
    shared = [ids for ids in vocabulary.linker.titles.full.values() if len(ids) > 1]
    return (
        tuple(rng.choice(shared)[:3])
        if rng.random() < 0.7
        else tuple(rng.sample(vocabulary.popular, rng.choice((1, 2, 3))))
    )


class Filler:
    """Fills the slots of one message. A rating and the film it is for agree on what was thought of the
    film."""

    def __init__(self, rng: random.Random, vocabulary: Vocabulary, state: DialogueState) -> None:
        self.rng, self.vocabulary, self.state = rng, vocabulary, state
        self._rated: int | None = None
        pending = state.pending
        catalog = vocabulary.linker.catalog
        self.shown: list[Item] = (
            catalog.items(pending.candidates)
            if pending and pending.candidates
            else [r.item for r in state.slate]
        )

    def __call__(self, kind: str, label: str) -> Piece:
        method = getattr(self, f"_{kind}", None)
        if method is None:
            raise PhraseError(f"phrases.txt names a slot kind {kind!r} that nothing fills")
        text, filled = method()
        if label == "%":
            rating = self._shared_rating()
            label = next(name for least, name in RATING_LABELS if rating >= least)
        return Piece(text, label, filled)

    def _shared_rating(self) -> int:
        """1-10: drawn by whichever of a film and its rating is written first, used by the other."""
        if self._rated is None:
            self._rated = 1 + int(10 * self.rng.random() ** 0.6)
            return self._rated
        rating, self._rated = self._rated, None
        return rating

    # films and picks

    def _film(self) -> tuple[str, str]:
        draw = self.rng.random()
        if self.shown and draw < 0.15:
            return self._pick()
        if draw < 0.22:
            return self._words()
        return self.title(*self.vocabulary.films.draw(self.rng)), "film"

    def title(self, item_id: int, title: str, year: int | None, count: int, aliases: tuple[str, ...]) -> str:
        rng = self.rng
        text = rng.choice(aliases) if aliases and rng.random() < 0.06 else title
        if ":" in text and rng.random() < 0.5:
            text = rng.choice((text.split(":")[0], text.replace(":", "")))
        if len(text) > 45:
            text = text.split("(")[0].strip()
        if rng.random() < 0.35:
            text = re.sub(r"^(The|A|An) ", "", text)
        if rng.random() < 0.05:
            text = typo(text, rng)
        if year and rng.random() < 0.08:
            text += rng.choice((f" ({year})", f" ({year})", f" {year}", f" from {year}"))
        return f'"{text}"' if rng.random() < 0.03 else text

    def _words(self) -> tuple[str, str]:
        text = self.rng.choice(self.vocabulary.unlinked)
        return (
            f'"{text}"' if self.rng.random() < 0.1 else text.title() if self.rng.random() < 0.4 else text
        ), "words"

    def _text(self) -> tuple[str, str]:
        return self.rng.choice(self.vocabulary.texts), "text"

    def _clause(self) -> tuple[str, str]:
        return self.rng.choice(self.vocabulary.clauses or self.vocabulary.texts), "text"

    def _pick(self) -> tuple[str, str]:
        rng, one = (
            self.rng,
            self.rng.choice(("one", "one", "one", "one", "movie", "film", "pick", "suggestion", "choice")),
        )
        place = min(len(self.shown) or 5, 1 + int(rng.random() ** 1.3 * 5))
        ordinal = ("first", "second", "third", "fourth", "fifth")[place - 1] if place <= 5 else "last"
        draw = rng.random()
        if draw < 0.36:
            return f"the {ordinal} {one}", "pick"
        if draw < 0.44:
            return f"the {rng.choice((ordinal, 'last'))}", "pick"
        if draw < 0.53:
            number = rng.choice((str(place), ("one", "two", "three", "four", "five")[place - 1]))
            return rng.choice(
                (
                    f"#{place}",
                    f"number {number}",
                    f"no {place}",
                    f"pick {place}",
                    f"option {number}",
                    f"nr {place}",
                )
            ), "pick"
        if draw < 0.60:
            return rng.choice(
                (
                    "the last one",
                    "the top one",
                    "the final one",
                    "the last pick",
                    "the last movie",
                    "your first pick",
                )
            ), "pick"
        if draw < 0.80 and (self.state.focus is not None or rng.random() < 0.4):
            return rng.choice(
                (
                    "it",
                    "it",
                    "that one",
                    "that one",
                    "this one",
                    "that",
                    "this",
                    "this movie",
                    "that film",
                    "that movie",
                )
            ), "pick"
        return self._described(), "pick"

    def _described(self) -> str:
        rng = self.rng
        item = rng.choice(self.shown) if self.shown else None
        ways = [
            "the newer one",
            "the older one",
            "the shorter one",
            "the longer one",
            "the newest one",
            "the oldest one",
            "the latest one",
        ]
        if item is not None:
            ways += [f"the {item.year} one"] * 4 if item.year else []
            ways += [
                f"the {p.split()[-1]}{rng.choice(('', ' one', ' movie', ' film'))}"
                for p in item.people[:2]
                for _ in "aa"
            ]
            ways += [
                f"the {w} one"
                for w in ("funny", "scary", "animated", "western", "sci-fi", "romantic")
                if set(lexicon.GENRE_WORDS.get(w.replace("-", " "), ("?",))) <= set(item.genres)
            ]
        return rng.choice(ways)

    def _picks(self) -> tuple[str, str]:
        return self.rng.choice(
            (
                "these",
                "these",
                "those",
                "them",
                "all of them",
                "all of these",
                "both",
                "the first two",
                "the last two",
                "the first three",
                "these movies",
                "these films",
                "both of them",
                "all of those",
                "the top three",
                "the last three",
                "those two",
                "these picks",
            )
        ), "pick"

    # features

    def _person(self) -> tuple[str, str]:
        name = self.vocabulary.persons.draw(self.rng)
        surname = name.split()[-1]
        known = self.vocabulary.linker.people.surname.get(lexicon.fold(surname)) == name
        return (surname if known and self.rng.random() < 0.4 else name), "person"

    def _keyword(self) -> tuple[str, str]:
        return self.vocabulary.keywords.draw(self.rng), "keyword"

    def _genre(self) -> tuple[str, str]:
        return self.rng.choice(list(lexicon.GENRE_WORDS)), "genre"

    def _language(self) -> tuple[str, str]:
        common = (
            "french",
            "french",
            "korean",
            "japanese",
            "italian",
            "spanish",
            "german",
            "english",
            "chinese",
        )
        name = self.rng.choice((*common, self.rng.choice(list(lexicon.LANGUAGE_WORDS))))
        return (name.title() if self.rng.random() < 0.5 else name), "language"

    def _decade(self) -> tuple[str, str]:
        tens = self.rng.choice((20, 30, 40, 50, 60, 60, 70, 70, 70, 80, 80, 80, 90, 90, 90, 90))
        words = {v - 1900: k for k, v in lexicon.DECADE_WORDS.items() if 1920 <= v < 2000}
        if self.rng.random() < 0.08:
            return self.rng.choice(("2000s", "00s", "2010s", "noughties")), "decade"
        return self.rng.choice(
            (
                f"{tens}s",
                f"{tens}s",
                f"{tens}s",
                f"19{tens}s",
                f"'{tens}s",
                f"{tens}'s",
                words[tens],
                words[tens],
            )
        ), "decade"

    # numbers

    def _year(self) -> tuple[str, str]:
        year = self.rng.choice(
            (self.rng.randint(1930, 2016), self.rng.randint(1970, 2016), 1980, 1990, 2000, 2010, 1970, 1960)
        )
        return f"{year}", "year"

    def _years(self) -> tuple[str, str]:
        number = self.rng.choice((2, 3, 4, 5, 5, 6, 7, 8, 10, 10, 10, 15, 20, 20, 25, 30, 40, 50))
        spelt = {2: "two", 3: "three", 5: "five", 10: "ten", 20: "twenty", 30: "thirty"}.get(number)
        number = spelt if spelt and self.rng.random() < 0.5 else number
        return f"{number} {self.rng.choice(('years', 'years', 'years', 'yrs'))}", "years"

    def _runtime(self) -> tuple[str, str]:
        rng = self.rng
        minutes = rng.choice((60, 75, 80, 85, 90, 90, 95, 100, 100, 105, 110, 120, 130, 140, 150, 180))
        return rng.choice(
            (
                f"{minutes} {rng.choice(('min', 'minutes', 'mins'))}",
                f"{minutes}{rng.choice(('min', ' min', 'mins'))}",
                f"{minutes} minutes",
                rng.choice(
                    (
                        "two hours",
                        "2 hours",
                        "2h",
                        "2 hrs",
                        "an hour",
                        "1 hour",
                        "three hours",
                        "3 hours",
                        "two and a half hours",
                    )
                ),
                rng.choice(
                    (
                        "two hours",
                        "2 hours",
                        "2h",
                        "2hrs",
                        "one hour",
                        "an hour and a half",
                        "1.5 hours",
                        "2.5 hours",
                        "1h30",
                        "1h 40m",
                    )
                ),
                rng.choice(
                    (
                        "ninety minutes",
                        "a hundred minutes",
                        "half an hour",
                        "two hours",
                        "an hour and 45 minutes",
                        "2 hours 10 minutes",
                    )
                ),
            )
        ), "runtime"

    def _rating(self) -> tuple[str, str]:
        rng, rating = self.rng, self._shared_rating()
        shown = f"{rating}.5" if rating < 10 and rng.random() < 0.15 else f"{rating}"
        stars = f"{rating / 2:g}"
        plural = "s" * (rating != 2)
        ways = [f"{shown}/10"] * 4 + [
            f"{shown} out of 10",
            f"{shown} / 10",
            f"{stars}/5",
            f"{stars} out of 5",
        ]
        ways += [f"{stars} star{plural}"] * 2 + [f"{rating * 10}/100"]
        if rating % 2 == 0:
            spelt = ("one", "two", "three", "four", "five")[rating // 2 - 1]
            ways += [f"{spelt} star{plural}"] * 3 + ["★" * (rating // 2)]
        return rng.choice(ways), "rating"


def typo(text: str, rng: random.Random) -> str:
    """One slip of the keyboard in a word of at least five letters; `text` itself when it has none."""
    places = [m.start() + k for m in re.finditer(r"[A-Za-z]{5,}", text) for k in range(1, len(m.group()) - 1)]
    if not places:
        return text
    at = rng.choice(places)
    slip = rng.random()
    if slip < 0.35:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if slip < 0.7:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]
