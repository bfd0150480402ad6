"""The recommenders that TellWhy is compared with, their parameters, and how these are tuned.

All of them learn from the films that people liked (known ratings of 3.5 and more). A model is its parameters and can `fit`;
what it gives back scores all films for any rows of the split. The libraries come with `pip install -e '.[bench]'`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import product
from typing import Protocol

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from assistant.evaluation.metrics import EXCLUDED, accuracy, best
from assistant.evaluation.splits import Split
from store.weights import ease_factors

BLOCK = 2048
"""People scored at a time: 150 MB for 9,066 films."""
SEED = 1
TOGETHER = "pip install -e '.[bench]'"

Scorer = Callable[[np.ndarray], np.ndarray]
"""Rows of the split -> their people x films scores."""


class Model(Protocol):
    """A recommender with its parameters, a frozen dataclass."""

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        """Trains on the known ratings. Most yield themselves once; what trains in rounds also yields what it was on the way.
        A scorer is good until the next one is asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """A system to compare with: its name in the results, the models to choose from, few ones for a quick run, and the
    modules without which it is left out."""

    name: str
    grid: tuple[Model, ...]
    quick: tuple[Model, ...]
    requires: tuple[str, ...] = ()

    @property
    def is_installed(self) -> bool:
        return all(importlib.util.find_spec(module) for module in self.requires)


@dataclass(frozen=True, slots=True)
class Tried:
    """A model with its means on the validation part."""

    model: Model
    ndcg: float
    recall: float

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self.model)


@dataclass(frozen=True, slots=True)
class Popularity:
    """The films that most people liked, the same for everybody."""

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        counts = np.asarray(split.liked.sum(axis=0))
        yield self, lambda rows: np.repeat(counts, len(rows), axis=0)


@dataclass(frozen=True, slots=True)
class ItemKnn:
    """Cosine to the films a person liked, summed over the `nearest` ones of each; `shrink` is added to the norms, so that two
    films seen by the same two people are not twins."""

    nearest: int = 100
    shrink: float = 20.0

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        liked = split.liked
        together = (liked.T @ liked).tocsr()
        together.setdiag(0)
        together.eliminate_zeros()
        norms = np.sqrt(np.asarray(liked.sum(axis=0)).ravel())
        of = np.repeat(np.arange(len(norms)), np.diff(together.indptr))
        together.data /= norms[of] * norms[together.indices] + self.shrink
        for row in range(together.shape[0]):
            values = together.data[together.indptr[row] : together.indptr[row + 1]]
            if len(values) > self.nearest:
                values[values < np.partition(values, -self.nearest)[-self.nearest]] = 0.0
        # Row i holds the neighbours of film i; a film is scored by those of its neighbours that were liked.
        weights = together.T.tocsr()
        yield self, lambda rows: (liked[rows] @ weights).toarray()


@dataclass(frozen=True, slots=True)
class Ease:
    """EASE as published (Steck 2019), on likes."""

    ridge: float = 200.0

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        liked = split.liked.astype(np.float64)
        if liked.shape[0] <= liked.shape[1]:
            # From the people's side; its diagonal only concerns films that are excluded.
            left, right = ease_factors(liked, self.ridge)
            yield self, lambda rows: (liked[rows] @ left.T) @ right
        else:
            weights = ease_by_films(liked, self.ridge)
            yield self, lambda rows: liked[rows] @ weights


def ease_by_films(liked: csr_matrix, ridge: float) -> np.ndarray:
    """EASE's films x films matrix by the direct inverse, for more people than films: 8 bytes an entry, a few times over."""
    gram = (liked.T @ liked).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    inverse = cho_solve(cho_factor(gram, overwrite_a=True), np.eye(len(gram)))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


@dataclass(frozen=True, slots=True)
class Als:
    """implicit's alternating least squares (Hu, Koren and Volinsky 2008): a like has the confidence 1 + `alpha`."""

    factors: int = 64
    regularization: float = 10.0
    alpha: float = 5.0
    iterations: int = 15

    def train(self, liked: csr_matrix):
        """The trained library model, for folding people in as well."""
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, "blas"):  # it has threads of its own, and BLAS's would get in their way
            model = AlternatingLeastSquares(
                factors=self.factors, regularization=self.regularization, alpha=self.alpha, iterations=self.iterations, random_state=SEED
            )
            model.fit(liked, show_progress=False)
        return model

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        model = self.train(split.liked)
        yield self, lambda rows: model.user_factors[rows] @ model.item_factors.T


@dataclass(frozen=True, slots=True)
class Bpr:
    """implicit's Bayesian personalised ranking (Rendle and others 2009)."""

    factors: int = 64
    learning_rate: float = 0.01
    regularization: float = 0.01
    iterations: int = 100

    def fits(self, split: Split) -> Iterator[tuple[Model, Scorer]]:
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        model = BayesianPersonalizedRanking(
            factors=self.factors, learning_rate=self.learning_rate, regularization=self.regularization, iterations=self.iterations,
            num_threads=1, random_state=SEED,  # more threads overwrite each other's steps, so that no two runs are the same
        )
        model.fit(split.liked, show_progress=False)
        yield self, lambda rows: model.user_factors[rows] @ model.item_factors.T


def peers() -> tuple[Peer, ...]:
    """All of them, installed or not, in the order of the results."""
    from assistant.evaluation.sasrec import SasRec

    return (
        Peer("popularity", (Popularity(),), (Popularity(),)),
        Peer(
            "item knn",
            tuple(ItemKnn(n, s) for n, s in product((20, 50, 100, 200, 1000), (0.0, 10.0, 20.0, 50.0, 100.0))),
            tuple(ItemKnn(n, s) for n, s in product((100, 1000), (10.0, 50.0))),
        ),
        Peer("ease", tuple(Ease(r) for r in (50.0, 100.0, 200.0, 300.0, 500.0, 1000.0)), (Ease(100.0), Ease(300.0))),
        Peer(
            "als",
            tuple(Als(f, r, a, i) for f, r, a, i in product((32, 64, 128), (3.0, 10.0, 30.0, 100.0), (1.0, 5.0, 20.0), (10, 30))),
            (Als(64, 10.0, 5.0), Als(64, 30.0, 5.0)),
            ("implicit",),
        ),
        Peer(
            "bpr",
            tuple(Bpr(f, r, g, i) for f, r, g, i in product((64, 128), (0.005, 0.01, 0.02), (0.003, 0.01, 0.03), (100, 200))),
            (Bpr(64, 0.01, 0.01, 50), Bpr(64, 0.01, 0.01, 100)),
            ("implicit",),
        ),
        Peer(
            "sasrec",
            (SasRec(64, 50, 0.3, 60), SasRec(64, 50, 0.5, 60)),
            (SasRec(32, 50, 0.3, 6),),
            ("cornac", "torch"),
        ),
    )


def tune(split: Split, models: Iterable[Model]) -> list[Tried]:
    """Every model fitted on the known ratings of `split` and judged on its held-out ones, best NDCG@10 first."""
    tried = []
    for model in models:
        for variant, scorer in model.fits(split):
            _, ndcg, recall = accuracy(split.targets, rank(split, scorer))
            means = [float(values.mean()) if len(values) else 0.0 for values in (ndcg, recall)]
            tried.append(Tried(variant, *means))
    return sorted(tried, key=lambda t: (-t.ndcg, -t.recall))


def fit(model: Model, split: Split) -> Scorer:
    """The scorer of exactly this model."""
    for variant, scorer in model.fits(split):
        if variant == model:
            return scorer
    raise ValueError(f"{model} does not yield itself")


def rank(split: Split, scorer: Scorer) -> np.ndarray:
    """The best films of each person that they do not know yet."""
    known = split.matrix(split.known)
    blocks = []
    for start in range(0, split.people, BLOCK):
        rows = np.arange(start, min(start + BLOCK, split.people))
        blocks.append(best(np.where(known[rows].toarray() > 0, EXCLUDED, scorer(rows))))
    return np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=int)
