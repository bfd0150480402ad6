"""How well films are ranked, on community ratings that were held out.

Per person the last 20 % of the ratings by time are held out; those of 4 and more are the targets. Everything
rated before is known and excluded; all films of the catalog are ranked; metrics are means over people with a
target. The system "tellwhy" is the recommender of the conversation itself, on weights that saw the earlier
ratings only. Each earlier rating of 3.5 or more is a like of that strength, one of 2.5 or less a dislike,
one between says "seen".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from assistant.recommend import Recommender
from assistant.state import Profile
from store.catalog import Catalog
from store.database import Database
from store.records import ITEM, Preference
from store.weights import ease_factors, item_item_weights

HELD_OUT = 0.2
TARGET, LIKED, DISLIKED = 4.0, 3.5, 2.5
CUT_NDCG, CUT_RECALL = 10, 50
RIDGE = 200.0
"""EASE's regularisation; 100 and 300 give 0.001 more or less NDCG@10."""
SHRINK = 20.0
"""Added to the norms in the item cosine, so that two films seen by the same two people are not twins."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Split:
    """Ratings as aligned columns, by person, then time. `row` numbers the people, `column` the films (by
    ascending id)."""

    item_ids: np.ndarray
    person: np.ndarray
    row: np.ndarray
    column: np.ndarray
    rating: np.ndarray
    known: np.ndarray
    held_out: np.ndarray

    @property
    def people(self) -> int:
        return int(self.row[-1]) + 1 if len(self.row) else 0

    def matrix(self, which: np.ndarray) -> csr_matrix:
        """People x films, 1 where a rating of `which` is."""
        ones = np.ones(int(which.sum()), dtype=np.float32)
        return csr_matrix((ones, (self.row[which], self.column[which])), (self.people, len(self.item_ids)))

    @property
    def training(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The known ratings as `store.weights` takes them."""
        return self.person[self.known], self.item_ids[self.column[self.known]], self.rating[self.known]


class EarlierCatalog(Catalog):
    """The catalog as it was before the held-out ratings: same films, weights and popularity from the known
    ones."""

    def __init__(self, database: Database, split: Split) -> None:
        super().__init__(database)
        columns, ratings = split.column[split.known], split.rating[split.known]
        self._count = np.bincount(columns, minlength=len(self.ids))
        total = np.bincount(columns, weights=ratings, minlength=len(self.ids))
        self._mean = total / np.maximum(self._count, 1)
        self._matrix = item_item_weights(self.items(self.ids.tolist()), split.training)

    @property
    def rating_count(self) -> np.ndarray:
        return self._count

    @property
    def mean_rating(self) -> np.ndarray:
        return self._mean

    def weights(self, item_id: int) -> tuple[np.ndarray, np.ndarray]:
        place = int(np.searchsorted(self.ids, item_id))
        start, end = self._matrix.indptr[place], self._matrix.indptr[place + 1]
        return self.ids[self._matrix.indices[start:end]].astype(np.int32), self._matrix.data[start:end]


def evaluate(
    database_path: str | Path, progress: Progress = lambda text: None
) -> dict[str, dict[str, float]]:
    """{system: {"ndcg@10": ..., "recall@50": ...}} for popularity, item cosine, EASE and TellWhy, in one run.

    `database_path` is a built database; nothing is written to it. Takes half a minute on two free cores.
    """
    with Database(database_path) as database:
        progress("reading the community ratings")
        split = read_split(database)
        results = {}
        for name, system in (("popularity", popularity), ("item cosine", item_cosine), ("ease", plain_ease)):
            progress(f"ranking by {name}")
            results[name] = measure(split, _best(split, system(split)))
        progress("item-item weights from the earlier ratings (the longest step)")
        recommender = Recommender(EarlierCatalog(database, split))
        progress("ranking by tellwhy")
        results["tellwhy"] = measure(split, tellwhy(split, recommender))
    return results


def read_split(database: Database, rounds: int = 1) -> Split:
    """The ratings of a database, split. With `rounds` 2 the last part is dropped first and what is left is
    split again, and so on: what constants are fitted on without looking at the held-out part."""
    query = "SELECT person, item_id, rating FROM ratings ORDER BY person, rated_at, item_id"
    rows = np.array(database.connection().execute(query).fetchall(), dtype=np.float64).reshape(-1, 3)
    ids = database.connection().execute("SELECT id FROM items ORDER BY id").fetchall()
    item_ids = np.array([row[0] for row in ids])
    person = rows[:, 0].astype(np.int64)
    _, first, row, sizes = np.unique(person, return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(person)) - first[row]
    known = sizes
    for _ in range(rounds):
        end, known = known, np.ceil(known * (1.0 - HELD_OUT)).astype(int)
    column = np.searchsorted(item_ids, rows[:, 1].astype(np.int64))
    held_out = (place >= known[row]) & (place < end[row])
    return Split(item_ids, person, row, column, rows[:, 2], place < known[row], held_out)


def measure(split: Split, ranked: np.ndarray) -> dict[str, float]:
    """Both metrics of `ranked`: people x at least 50 film columns, best first, -1 where there are no more."""
    targets = split.matrix(split.held_out & (split.rating >= TARGET)).toarray() > 0
    wanted = targets.sum(axis=1)
    asked = np.flatnonzero(wanted)
    ranked, wanted = ranked[asked], wanted[asked]
    hits = targets[asked[:, None], ranked] & (ranked >= 0)
    discount = 1.0 / np.log2(np.arange(2, CUT_NDCG + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted, CUT_NDCG) - 1]
    ndcg = (hits[:, :CUT_NDCG] * discount).sum(axis=1) / ideal
    recall = hits[:, :CUT_RECALL].sum(axis=1) / wanted
    return {
        f"ndcg@{CUT_NDCG}": float(ndcg.mean()),
        f"recall@{CUT_RECALL}": float(recall.mean()),
        "people": len(asked),
    }


def popularity(split: Split) -> np.ndarray:
    """The films that most people liked, the same for everybody."""
    counts = np.asarray(split.matrix(split.known & (split.rating >= LIKED)).sum(axis=0))
    return np.repeat(counts, split.people, axis=0)


def item_cosine(split: Split) -> np.ndarray:
    """Shrunk cosine to the films a person liked, summed."""
    liked = split.matrix(split.known & (split.rating >= LIKED))
    together = (liked.T @ liked).tocoo()
    norms = np.sqrt(np.asarray(liked.sum(axis=0)).ravel())
    values = together.data / (norms[together.row] * norms[together.col] + SHRINK)
    return (liked @ csr_matrix((values, (together.row, together.col)), together.shape)).toarray()


def plain_ease(split: Split) -> np.ndarray:
    """EASE as published, on what people liked. Its diagonal only concerns films that are excluded."""
    liked = split.matrix(split.known & (split.rating >= LIKED))
    left, right = ease_factors(liked.astype(np.float64), RIDGE)
    return (liked @ left.T) @ right


def tellwhy(split: Split, recommender: Recommender) -> np.ndarray:
    """The picks of the recommender for each person's earlier ratings."""
    ranked = np.full((split.people, CUT_RECALL), -1)
    for row in range(split.people):
        picks = recommender.recommend(profile_of(split, row), n=CUT_RECALL)
        ranked[row, : len(picks)] = np.searchsorted(split.item_ids, [pick.item.id for pick in picks])
    return ranked


def profile_of(split: Split, row: int) -> Profile:
    """What one person's known ratings say, as a conversation would have stored it."""
    which = np.flatnonzero((split.row == row) & split.known)
    known = zip(split.item_ids[split.column[which]].tolist(), split.rating[which].tolist(), strict=True)
    preferences = [Preference(ITEM, str(i), f"film {i}", *_said(rating)) for i, rating in known]
    return Profile(f"person {row}", tuple(preferences))


def _said(rating: float) -> tuple[str, float]:
    """The role and strength that a rating stands for."""
    if rating >= LIKED:
        return "like", rating / 5
    return ("dislike", rating / 5 - 1) if rating <= DISLIKED else ("seen", 0.0)


def _best(split: Split, scores: np.ndarray) -> np.ndarray:
    """The best films of each person that they do not know yet, best first; ties by film id."""
    scores = np.where(split.matrix(split.known).toarray() > 0, -np.inf, scores)
    return np.argsort(-scores, axis=1, kind="stable")[:, :CUT_RECALL]
