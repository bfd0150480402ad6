"""What a ranking is judged by: NDCG, recall, coverage, novelty and diversity, with intervals by bootstrap over people.

Relevance is yes or no. A ranking is people x places: film columns, best first, -1 where there are no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags

from assistant.evaluation.splits import Split
from store.records import Item

CUT_NDCG, CUT_RECALL = 10, 50
SHOWN = 10
"""Picks that coverage, novelty and diversity look at."""
NDCG, RECALL = f"ndcg@{CUT_NDCG}", f"recall@{CUT_RECALL}"
COVERAGE, NOVELTY, DIVERSITY = f"coverage@{SHOWN}", f"novelty@{SHOWN}", f"diversity@{SHOWN}"
RESAMPLES = 1000
LEVEL = 0.95
SEED = 1
EXCLUDED = -np.inf


@dataclass(frozen=True, slots=True)
class Films:
    """What novelty and diversity need to know of the films, by column.

    known_by: share of the people who rated it before, counting one person more, so that a film nobody rated has a share.
    content: films x features of unit rows: genres, keywords and people, all alike, whatever a recommender makes of them.
    """

    known_by: np.ndarray
    content: csr_matrix

    @classmethod
    def of(cls, split: Split, items: Sequence[Item]) -> Films:
        """`items` in the order of the columns."""
        raters = np.bincount(split.column[split.known], minlength=len(items))
        people = len(np.unique(split.row[split.known]))
        return cls((raters + 1) / (people + 1), content(items))


@dataclass(frozen=True, slots=True)
class Judged:
    """A ranking judged: `values` has one number for each person with a target, by metric; `coverage` is of all their picks.

    people: the rows of these people.
    """

    people: np.ndarray
    values: dict[str, np.ndarray]
    coverage: float

    def means(self) -> dict[str, float]:
        """Every metric by its name; 0 when there are no people."""
        means = {name: float(values.mean()) if len(values) else 0.0 for name, values in self.values.items()}
        return {**means, COVERAGE: self.coverage}

    def intervals(self, resamples: int = RESAMPLES) -> dict[str, tuple[float, float]]:
        """95 % bounds of each mean. Coverage has none: a resample has fewer different people, so its coverage is lower."""
        return {name: interval(values, resamples) for name, values in self.values.items()}


def judge(split: Split, ranked: np.ndarray, films: Films) -> Judged:
    """All metrics of `ranked`: a row for each person of the split, CUT_RECALL places at least."""
    people, ndcg, recall = accuracy(split.targets, ranked)
    shown = ranked[people, :SHOWN]
    values = {NDCG: ndcg, RECALL: recall, NOVELTY: novelty(shown, films.known_by), DIVERSITY: diversity(shown, films.content)}
    return Judged(people, values, coverage(shown, len(split.item_ids)))


def accuracy(targets: csr_matrix, ranked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of the people with a target, and the NDCG@10 and the recall@50 of each."""
    wanted = np.asarray(targets.sum(axis=1)).ravel().astype(int)
    people = np.flatnonzero(wanted)
    hits = hits_of(targets, ranked, people)
    discount = 1.0 / np.log2(np.arange(2, CUT_NDCG + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted[people], CUT_NDCG) - 1]
    ndcg = (hits[:, :CUT_NDCG] * discount).sum(axis=1) / ideal
    return people, ndcg, hits[:, :CUT_RECALL].sum(axis=1) / wanted[people]


def hits_of(targets: csr_matrix, ranked: np.ndarray, people: np.ndarray) -> np.ndarray:
    """people x places: whether the film there is a target of the person."""
    found = np.zeros((len(people), ranked.shape[1]), dtype=bool)
    for place, row in enumerate(people):
        found[place] = np.isin(ranked[row], targets.indices[targets.indptr[row] : targets.indptr[row + 1]])
    return found


def coverage(shown: np.ndarray, films: int) -> float:
    """The share of the catalog that is among somebody's picks."""
    return len(np.unique(shown[shown >= 0])) / films if films else 0.0


def novelty(shown: np.ndarray, known_by: np.ndarray) -> np.ndarray:
    """Each person's mean self-information of the picks in bits, -log2 of the share of people who know a film; 0 without picks."""
    bits = np.where(shown >= 0, -np.log2(known_by)[shown], 0.0)
    return bits.sum(axis=1) / np.maximum((shown >= 0).sum(axis=1), 1)


def diversity(shown: np.ndarray, content: csr_matrix) -> np.ndarray:
    """Each person's mean of 1 - cosine over the pairs of picks, in [0, 1]; 0 with fewer than two."""
    found = np.zeros(len(shown))
    for place, columns in enumerate(shown):
        picks = content[columns[columns >= 0]]
        n = picks.shape[0]
        if n > 1:
            total = np.asarray(picks.sum(axis=0)).ravel()
            alone = picks.multiply(picks).sum()  # a film without features is like none, not even itself
            found[place] = 1.0 - (total @ total - alone) / (n * (n - 1))
    return found


def content(items: Sequence[Item]) -> csr_matrix:
    """Items x features, rows of length 1: genres, keywords and people."""
    columns: dict[tuple[str, str], int] = {}
    at, having = [], []
    for row, item in enumerate(items):
        features = [("genre", g) for g in item.genres] + [("keyword", k) for k in item.keywords] + [("person", p) for p in item.people]
        for feature in dict.fromkeys(features):
            at.append(row)
            having.append(columns.setdefault(feature, len(columns)))
    plain = csr_matrix((np.ones(len(at)), (at, having)), (len(items), len(columns)))
    lengths = np.sqrt(np.asarray(plain.sum(axis=1)).ravel())
    return (diags(1.0 / np.maximum(lengths, 1.0)) @ plain).tocsr()


def interval(values: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[float, float]:
    """95 % bounds of the mean of `values`, by resampling them; (0, 0) of none.

    The same people are drawn for arrays of one length, so the interval of a difference of two systems is a paired one.
    """
    if not len(values):
        return 0.0, 0.0
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def best(scores: np.ndarray, n: int = CUT_RECALL) -> np.ndarray:
    """The `n` columns of the highest scores of each row, best first; ties by column, -1 where only EXCLUDED ones are left."""
    n = min(n, scores.shape[1])
    ranked = np.full((len(scores), n), -1)
    if not scores.size:
        return ranked
    least = np.partition(scores, -n, axis=1)[:, -n]
    for row, values in enumerate(scores):
        near = np.flatnonzero((values >= least[row]) & (values > EXCLUDED))
        near = near[np.argsort(-values[near], kind="stable")][:n]
        ranked[row, : len(near)] = near
    return ranked
