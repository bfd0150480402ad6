"""The records that the database holds and that travel between the parts.

Plain frozen dataclasses: no database handle, no behaviour beyond what a reader
of the record needs. The assistant re-exports the public ones.
"""

from __future__ import annotations

from dataclasses import dataclass

ITEM = "item"
FEATURE_KINDS = ("genre", "person", "keyword", "decade", "language", "text")
BOUND_KINDS = ("year", "runtime")

TASTES = ("like", "dislike")
"""Roles that say how the person feels; they outlive a conversation."""
WISHES = ("similar", "want", "avoid", "only", "max", "min", "skip")
"""Roles that say what is wanted now; they belong to the conversation they were said in."""
ROLES = (*TASTES, "seen", *WISHES)


@dataclass(frozen=True, slots=True)
class Item:
    """A film of the catalog.

    `title` reads as a person writes it ("The Matrix"); `runtime` is in minutes;
    unknown facts are None or empty.
    """

    id: int
    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    runtime: int | None = None
    language: str | None = None
    rating_count: int = 0
    mean_rating: float | None = None

    @property
    def name(self) -> str:
        """Title and year, e.g. "Heat (1995)"."""
        return f"{self.title} ({self.year})" if self.year else self.title

    @property
    def people(self) -> tuple[str, ...]:
        """Directors, then cast, each once."""
        return tuple(dict.fromkeys((*self.directors, *self.cast)))

    @property
    def decade(self) -> str | None:
        """E.g. "1990s"; None when the year is unknown."""
        return f"{self.year // 10 * 10}s" if self.year else None


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing the person said, rated or did about one subject.

    kind: "item", one of FEATURE_KINDS, or one of BOUND_KINDS.
    ref: the item's id as text, the feature's catalog value ("Sci-Fi", "Michael Mann",
        "1990s", "en"), or the role for a bound ("max").
    label: how to name the subject to a person ("Heat (1995)", "Sci-Fi", "at most 120 minutes").
    role: one of ROLES.
    value: strength in [-1, 1] for tastes and wishes; years or minutes for max and min.
    entry_id, message_id, quote, created_at: where it came from; None before it is stored.
        `quote` is the text of the message (or the click) that caused it.
    """

    kind: str
    ref: str
    label: str
    role: str
    value: float
    entry_id: int | None = None
    message_id: int | None = None
    quote: str | None = None
    created_at: float | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about. A later preference about the same subject replaces an earlier one."""
        return (self.kind, self.ref)

    @property
    def item_id(self) -> int | None:
        return int(self.ref) if self.kind == ITEM else None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One addend of a score.

    source: "item", a feature kind, "prior", "slate", or "ranker" where the language model was asked.
    ref: what it is tied to: the preference's ref, the prior's name, or the item id a slate effect refers to.
    label: how to name it to a person.
    value: what it adds to the score; negative when it holds the item down.
    entry_id: the profile entry behind it, None for the prior and for slate effects.
    """

    source: str
    ref: str
    label: str
    value: float
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An item with its score, and the contributions that sum to it within 1e-6. `rank` starts at 1."""

    item: Item
    score: float
    contributions: tuple[Contribution, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class RankChange:
    """An item's rank without and with a supposed change; None where a filter keeps it out."""

    item: Item
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a change of the profile that was tried, and not kept, would do to the picks.

    added, removed: the preferences supposed and left out. size: how many picks a slate has.
    ranks: of every item that is picked without or with the change.
    """

    added: tuple[Preference, ...]
    removed: tuple[Preference, ...]
    size: int
    ranks: tuple[RankChange, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked beside picks: the feature kind it was about, the catalog values it named, whether it was answered
    ("I don't mind" is an answer), and how many messages of the person came after it."""

    kind: str
    options: tuple[str, ...]
    answered: bool = False
    messages_since: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message. `role` is "user", "assistant" or "click" (something done on the page, worded)."""

    id: int
    conversation_id: int
    role: str
    text: str
    act: str | None
    created_at: float
