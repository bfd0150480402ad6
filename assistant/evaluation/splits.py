"""Which community ratings are known to the systems and which are held out, and what the known ones stand for.

Two splits. Per person: the last 20 % of everybody's ratings by time are held out, so everybody is asked, and the systems may
learn from one person's ratings what another does earlier. By time: one moment for everybody, what was rated after it is held
out, as in use; then most people who rate after it are newcomers of whom nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from assistant.errors import AssistantError
from assistant.state import Profile
from store.catalog import Catalog
from store.database import Database
from store.records import ITEM, Preference
from store.weights import WeightSettings, item_item_weights

HELD_OUT = 0.2
TARGET, LIKED, DISLIKED = 4.0, 3.5, 2.5
"""Stars from which a held-out rating is a target, from which a known one is a like, and up to which it is a dislike."""
PERSON, TIME = "person", "time"
COLUMNS = [("person", "i8"), ("item", "i8"), ("rating", "f8"), ("time", "i8")]


@dataclass(frozen=True, slots=True)
class Split:
    """Ratings as aligned columns, by person, then time. `row` numbers the people, `column` the films (by
    ascending id). A person's known ratings come before the held-out ones.

    moment: where time was split (seconds since 1970); None of a split per person.
    newcomers: the rows of people who rated only after the moment.
    """

    item_ids: np.ndarray
    person: np.ndarray
    row: np.ndarray
    column: np.ndarray
    rating: np.ndarray
    known: np.ndarray
    held_out: np.ndarray
    moment: int | None = None
    newcomers: tuple[int, ...] = ()

    @property
    def people(self) -> int:
        return int(self.row[-1]) + 1 if len(self.row) else 0

    def matrix(self, which: np.ndarray) -> csr_matrix:
        """People x films, 1 where a rating of `which` is."""
        ones = np.ones(int(which.sum()), dtype=np.float32)
        return csr_matrix((ones, (self.row[which], self.column[which])), (self.people, len(self.item_ids)))

    @property
    def liked(self) -> csr_matrix:
        """People x films, 1 where a known rating is a like."""
        return self.matrix(self.known & (self.rating >= LIKED))

    @property
    def targets(self) -> csr_matrix:
        """People x films, 1 where a held-out rating is a target; empty for newcomers, of whom nothing is known."""
        return self.matrix(self.held_out & (self.rating >= TARGET) & ~np.isin(self.row, self.newcomers))

    @property
    def training(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The known ratings as `store.weights` takes them: people, film ids, ratings, and numbers that ascend with time."""
        which = np.flatnonzero(self.known)
        return self.person[which], self.item_ids[self.column[which]], self.rating[which], which


class EarlierCatalog(Catalog):
    """The catalog as it was before the held-out ratings: same films, weights and popularity from the known
    ones."""

    def __init__(self, database: Database, split: Split, settings: WeightSettings = WeightSettings()) -> None:
        super().__init__(database)
        columns, ratings = split.column[split.known], split.rating[split.known]
        self._count = np.bincount(columns, minlength=len(self.ids))
        total = np.bincount(columns, weights=ratings, minlength=len(self.ids))
        self._mean = total / np.maximum(self._count, 1)
        self._split, self._settings = split, settings

    @cached_property
    def matrix(self) -> csr_matrix:
        """W of the known ratings, films in the order of `ids`; made when it is first asked for, in some seconds."""
        return item_item_weights(self.items(self.ids.tolist()), self._split.training, self._settings)

    @property
    def rating_count(self) -> np.ndarray:
        return self._count

    @property
    def mean_rating(self) -> np.ndarray:
        return self._mean

    def weights(self, item_id: int) -> tuple[np.ndarray, np.ndarray]:
        place = int(np.searchsorted(self.ids, item_id))
        start, end = self.matrix.indptr[place], self.matrix.indptr[place + 1]
        return self.ids[self.matrix.indices[start:end]].astype(np.int32), self.matrix.data[start:end]


def read_split(database: Database, rounds: int = 1, by: str = PERSON) -> Split:
    """The ratings of a database, split `by` PERSON or TIME. With `rounds` 2 the held-out part is dropped and what was known
    is split again, and so on: what constants are fitted on without looking at the held-out part.

    Raises AssistantError for another `by`.
    """
    if by not in (PERSON, TIME):
        raise AssistantError(f"no split by {by!r}; there are {PERSON} and {TIME}")
    query = "SELECT person, item_id, rating, rated_at FROM ratings ORDER BY person, rated_at, item_id"
    rated = np.fromiter(database.connection().execute(query), dtype=COLUMNS)
    item_ids = np.array([row[0] for row in database.connection().execute("SELECT id FROM items ORDER BY id")], dtype=np.int64)
    row = np.unique(rated["person"], return_inverse=True)[1]
    everything = np.ones(len(rated), dtype=bool)
    split = Split(item_ids, rated["person"], row, np.searchsorted(item_ids, rated["item"]), rated["rating"], everything, ~everything)
    split = earlier(split) if by == PERSON else at_moment(split, rated["time"])
    for _ in range(rounds - 1):
        split = earlier(split)
    return split


def earlier(split: Split) -> Split:
    """The known ratings, split per person: the last 20 % of each held out, the held-out ones of `split` dropped."""
    end = np.bincount(split.row[split.known], minlength=split.people)
    start = np.ceil(end * (1.0 - HELD_OUT)).astype(int)
    place = np.arange(len(split.row)) - np.searchsorted(split.row, split.row)
    known, before = place < start[split.row], place < end[split.row]
    return replace(split, known=known, held_out=before & ~known)


def at_moment(split: Split, times: np.ndarray) -> Split:
    """All ratings, split at the moment that has 80 % of them before it; those of the moment itself are held out."""
    if not len(times):
        return split
    moment = int(np.sort(times)[min(int(np.ceil(len(times) * (1.0 - HELD_OUT))), len(times) - 1)])
    known = times < moment
    newcomers = np.setdiff1d(split.row, split.row[known])
    return replace(split, known=known, held_out=~known, moment=moment, newcomers=tuple(newcomers.tolist()))


def profile_of(split: Split, row: int) -> Profile:
    """What one person's known ratings say, as a conversation would have stored it."""
    start, end = np.searchsorted(split.row, [row, row + 1])
    which = start + np.flatnonzero(split.known[start:end])
    return profile(split, which, row)


def profile(split: Split, which: np.ndarray, row: int) -> Profile:
    """What the ratings at the places `which` say of the person in `row`, in this order."""
    said = zip(split.item_ids[split.column[which]].tolist(), split.rating[which].tolist(), strict=True)
    preferences = [Preference(ITEM, str(i), f"film {i}", *_said(rating)) for i, rating in said]
    return Profile(f"person {row}", tuple(preferences))


def _said(rating: float) -> tuple[str, float]:
    """The role and strength that a rating stands for."""
    if rating >= LIKED:
        return "like", rating / 5
    return ("dislike", rating / 5 - 1) if rating <= DISLIKED else ("seen", 0.0)
