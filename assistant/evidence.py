"""Evidence: the rows that a sentence may state, and where each thing the person said came from.

Every row is made from a record of the store, from a recommendation's contributions or from a rerun. It holds
what it backs in the words and numbers that a sentence writes; what no row holds cannot be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.attribution import shares
from assistant.lexicon import LANGUAGE_NAMES
from assistant.state import Profile, Topic
from store.records import ITEM, Contribution, Item, Message, Preference, Recommendation

YOU = "you"
LOVED = 0.9
"""A liking of this strength or more is called love, a dislike as strong hate."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that may be said.

    kind: "contribution" (a share of what speaks for a film), "points" (the same as its addend), "score",
        "preference" (how the person feels, what they want), "source" (where a preference came from),
        "recency" (what is left of a feeling since other films were named), "fact" (of a film), "shared" (a fact two
        films have in common), "rank", "filter" (a limit that keeps a film
        out, or that it passed), "count", or "named" (may be named, nothing is said about it).
    subject: the film's name, "you", or for a source the preference's name.
    label: the relation: a feeling ("love", "avoid", ...), "director", "cast", "genre", "year", "before", "after", ...;
        for contribution and points the name of the cause.
    values: names it backs, as written: titles with their year, people, genres, keywords, the person's own words.
    number, unit: the number it backs as written (41 for 41 %, negative for what holds a film down) and its
        unit: "%", "points", "minutes", "year", "rank", "messages ago", or a noun that is counted. None: no number.
    """

    kind: str
    subject: str
    label: str
    values: tuple[str, ...] = ()
    number: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a preference came from.

    kind: "now" (the message being answered), "ago" (`ago` messages of the person before it), "click" (something
        done on the page in this conversation), "earlier" (another conversation), or "unknown" (not stored).
    """

    kind: str
    ago: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, sentence by sentence, and the rows that back it."""

    sentences: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def text(self) -> str:
        return "".join(flowing(self.sentences))

    def __add__(self, other: Answer) -> Answer:
        return Answer(self.sentences + other.sentences, unique((*self.evidence, *other.evidence)))


def flowing(sentences: Iterable[str]) -> Iterator[str]:
    """The sentences as pieces of one text: each but the first after a space, but for a Chinese full stop before it."""
    last = ""
    for sentence in sentences:
        yield f" {sentence}" if last and not last.endswith(("。", "！", "？")) else sentence
        last = sentence


class Origins:
    """Where preferences came from, seen from the latest of `messages`: those of the current conversation, oldest first."""

    def __init__(self, messages: Sequence[Message] = ()) -> None:
        said = [m.id for m in messages if m.role == "user"]
        self._ago = {message_id: len(said) - 1 - n for n, message_id in enumerate(said)}
        self._clicks = {m.id for m in messages if m.role == "click"}

    def of(self, preference: Preference) -> Origin:
        return self.at(preference.message_id)

    def at(self, message_id: int | None) -> Origin:
        """Where a message stands; None is one that is not stored."""
        if message_id is None:
            return Origin("unknown")
        if message_id in self._clicks:
            return Origin("click")
        if message_id not in self._ago:
            return Origin("earlier")
        ago = self._ago[message_id]
        return Origin("ago", ago) if ago else Origin("now")


@dataclass(frozen=True, slots=True)
class Cause:
    """A contribution as it is told: its share of the positive sum in whole percent (negative for what holds the
    film down), the preference behind it (None for the prior and slate effects) and where that came from."""

    contribution: Contribution
    percent: int
    preference: Preference | None
    origin: Origin

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        if self.contribution.source == "prior":
            return "popularity"
        if self.contribution.source == "slate":
            return "variety"
        return shown(self.preference) if self.preference else self.contribution.label


def causes(recommendation: Recommendation, profile: Profile, origins: Origins) -> list[Cause]:
    """The contributions of a recommendation, those that speak for it first, biggest first, then those against.

    Percents are of the sum of the positive contributions (all 0 when nothing speaks for it).
    """
    entries = {p.entry_id: p for p in profile if p.entry_id is not None}
    subjects = {p.subject: p for p in profile}
    found = []
    for c, share in shares(recommendation):
        preference = entries.get(c.entry_id) or (None if c.source in ("prior", "slate") else subjects.get((c.source, c.ref)))
        origin = origins.of(preference) if preference else Origin("unknown")
        found.append(Cause(c, round(100 * share), preference, origin))
    return found


def shown(preference: Preference) -> str:
    """How a preference's subject is written: "Heat (1995)", "crime films", "French", "“heist”", "at most 120 minutes"."""
    if preference.kind == "genre":
        return GENRE_NOUNS.get(preference.ref, preference.label.lower())
    if preference.kind == "language":
        return LANGUAGE_NAMES.get(preference.ref, preference.label)
    if preference.kind in ("keyword", "text") and not preference.label.startswith("based on"):
        return f"“{clipped(preference.label.strip(QUOTES), 40)}”"
    return preference.label


def called(topic: Topic) -> str:
    """How rows call what a question is about; as `shown`."""
    return shown(Preference(topic.kind, topic.ref, topic.label, "want", 1.0))


QUOTES = "\"“”"
GENRE_NOUNS = {
    "Action": "action films", "Adventure": "adventure films", "Animation": "animated films", "Children": "children's films",
    "Comedy": "comedies", "Crime": "crime films", "Documentary": "documentaries", "Drama": "dramas", "Fantasy": "fantasy films",
    "Film-Noir": "film noir", "Horror": "horror films", "Musical": "musicals", "Mystery": "mysteries", "Romance": "romances",
    "Sci-Fi": "sci-fi films", "Thriller": "thrillers", "War": "war films", "Western": "westerns",
}
GENRE_ADJECTIVES = {
    **{name: name.lower() for name in GENRE_NOUNS},
    "Animation": "animated", "Children": "children's", "Film-Noir": "noir",
}


def feeling(preference: Preference) -> str:
    """The relation of a preference row: "love", "like", "dislike", "hate", "limit", or the role as it is."""
    if preference.role == "like" and preference.value >= LOVED:
        return "love"
    if preference.role == "dislike" and preference.value <= -LOVED:
        return "hate"
    return "limit" if preference.role in ("max", "min") else preference.role


def by_feeling(preferences: Iterable[Preference]) -> list[list[Preference]]:
    """Preferences that can be told in one breath: those of one feeling, films apart from the rest."""
    groups: dict[tuple[str, bool], list[Preference]] = {}
    for p in preferences:
        groups.setdefault((feeling(p), p.kind == ITEM), []).append(p)
    return list(groups.values())


def by_alternative(hard: Iterable[Preference]) -> list[list[Preference]]:
    """Filters, several "only" of one kind together: of these any will do."""
    groups: dict[object, list[Preference]] = {}
    for p in hard:
        groups.setdefault(p.kind if p.role == "only" else p.subject, []).append(p)
    return list(groups.values())


# builders


QUOTE_LENGTH = 70


def clipped(text: str, length: int = QUOTE_LENGTH) -> str:
    """The text on one line, cut at a word with "..." when it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 3].rsplit(" ", 1)[0] + "..."


def of_preference(preference: Preference, origin: Origin | None = None) -> Iterator[Evidence]:
    """What may be said of one preference: how the person feels, and where that came from."""
    name = shown(preference)
    number, unit = (preference.value, "minutes" if preference.kind == "runtime" else "year") if preference.role in ("max", "min") \
        else (None, "")
    yield Evidence("preference", YOU, feeling(preference), (name,), number, unit)
    if origin and origin.kind != "unknown":
        quote = (clipped(preference.quote),) if preference.quote else ()
        yield Evidence("source", name, origin.kind, quote, origin.ago if origin.kind == "ago" else None, "messages ago")


def of_causes(item: Item, found: Iterable[Cause], points: bool = False) -> Iterator[Evidence]:
    """What may be said of why an item was picked: shares, the preferences behind them, and with `points` the addends."""
    for cause in found:
        yield Evidence("contribution", item.name, cause.name, (cause.name,), cause.percent, "%")
        if points:
            yield Evidence("points", item.name, cause.name, (), round(cause.contribution.value, 2), "points")
        if cause.preference:
            yield from of_preference(cause.preference, cause.origin)


def of_item(item: Item, cast: int = 4, keywords: int = 0) -> Iterator[Evidence]:
    """The facts of an item: at most `cast` actors and `keywords` keywords; unknown facts give no row."""
    yield Evidence("named", item.name, "title", (item.name,))
    if item.year:
        yield Evidence("fact", item.name, "year", (), item.year, "year")
        yield Evidence("fact", item.name, "decade", (item.decade,))
    yield from (Evidence("fact", item.name, "genre", (genre,)) for genre in item.genres)
    yield from (Evidence("fact", item.name, "director", (person,)) for person in item.directors)
    yield from (Evidence("fact", item.name, "cast", (person,)) for person in item.cast[:cast])
    yield from (Evidence("fact", item.name, "keyword", (keyword,)) for keyword in item.keywords[:keywords])
    if item.runtime:
        yield Evidence("fact", item.name, "runtime", (), item.runtime, "minutes")
    if item.language:
        yield Evidence("fact", item.name, "language", (LANGUAGE_NAMES.get(item.language, item.language),))


def of_shared(a: Item, b: Item) -> Iterator[Evidence]:
    """Facts that two items have in common: directors, cast, genres, keywords. The strongest kinds first."""
    for label, ours, theirs in (
        ("director", a.directors, b.directors), ("cast", a.cast, b.cast), ("keyword", a.keywords, b.keywords),
        ("genre", a.genres, b.genres),
    ):
        for value in ours:
            if value in theirs:
                for item, other in ((a, b), (b, a)):
                    yield Evidence("shared", item.name, label, (value, other.name))
                    yield Evidence("fact", item.name, label, (value,))


def of_ranks(item: Item, before: int | None, after: int | None) -> Iterator[Evidence]:
    """Ranks before and after a rerun; None where the item is not ranked (blocked by a filter)."""
    yield Evidence("named", item.name, "title", (item.name,))
    if before:
        yield Evidence("rank", item.name, "before", (), before, "rank")
    if after:
        yield Evidence("rank", item.name, "after", (), after, "rank")


def named(*names: str) -> Iterator[Evidence]:
    """Names that may be mentioned and of which nothing is said."""
    return (Evidence("named", name, "title", (name,)) for name in names)


def counted(number: int, noun: str) -> Evidence:
    return Evidence("count", "", noun, (), number, noun)


def unique(rows: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The rows in order, each once."""
    return tuple(dict.fromkeys(rows))
