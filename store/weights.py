"""Item-item weights: what liking one film says of every other, from community ratings and from what films
have in common.

The community part (`store.community`) adds up three linear models, films that people liked more counting more: EASE, a
model of a few common tastes, and what people liked next. A sum of linear models is linear, so each film of a profile has
one row of weights and what it adds to a score stays exact. The content part is the shrunk cosine of people, keywords, genres and decade
with the films most alike; it counts where ratings are few, so that every film connects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack

from store.community import ease_factors, latent_factors, rating_matrix, succession

BLOCK = 512
"""Rows of the dense matrix held at a time: 9,066 films make 18 MB a block, 330 MB as a whole."""
SAMPLED = 17
"""One row in so many is looked at to learn how large the largest entries are."""
KIND_WEIGHTS = {"director": 1.2, "cast": 1.0, "keyword": 1.0, "genre": 1.0, "decade": 0.5}


class Described(Protocol):
    """What a film must tell of itself: a record of the catalog or of the compact files."""

    id: int
    year: int | None
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightSettings:
    """How the matrix is made. The values were fitted on earlier ratings (docs/LOG.md, "Ranking").

    power: a rating r of 5 counts (r / 5) ** power in the community part; every rating says that somebody
        chose the film.
    ridge: EASE's regularisation; more of it trusts only what many people agree on.
    latent: the weight of what films have in common by way of common tastes, `factors` of them but at most one for
        `people_a_taste` people: a handful of people have none in common. unseen, damping, rounds: how these are found
        (`community.latent_factors`).
    succession: the weight of what people liked next; often: by how many people a film must have been rated to take part;
        cuts, ahead, next_ridge: how it is found (`community.succession`).
    entries: how many entries of the community part are kept, those of the largest size; least: as many of each
        row at least.
    content: the weight of a content similarity of 1.
    nearest: content connects each film with as many others, those most like it.
    trust: how many people must have rated a film for its content connections to count half.
    shrink: added to the norms in the content cosine, so that two films of which only a genre is known are
        not twins.
    """

    power: float = 2.0
    ridge: float = 130.0
    latent: float = 0.8
    factors: int = 32
    people_a_taste: int = 16
    unseen: float = 0.03
    damping: float = 0.003
    rounds: int = 10
    succession: float = 2.0
    often: int = 8
    cuts: tuple[float, ...] = (0.3, 0.5, 0.65, 0.8, 0.9)
    ahead: float = 0.25
    next_ridge: float = 1000.0
    entries: int = 900_000
    least: int = 20
    content: float = 0.05
    nearest: int = 20
    trust: float = 25.0
    shrink: float = 60.0


def item_item_weights(
    films: Sequence[Described], ratings: Sequence[np.ndarray], settings: WeightSettings = WeightSettings()
) -> csr_matrix:
    """The matrix W (float32): row j, in the order of `films`, is the influence of film j on all films.

    `ratings` are aligned arrays: people (any ids), item ids, ratings from 0.5 to 5, and when (any numbers that ascend;
    without them nothing is learned from the order). Ratings of films that are not in `films` are left out. The diagonal is
    empty; entries are negative where liking one film speaks against another.
    """
    ids = np.array([film.id for film in films], dtype=np.int64)
    rated = rating_matrix(ids, ratings)
    raters = rated.getnnz(axis=0)
    community = _pruned(_Community.of(ids, ratings, rated, raters, settings), settings)
    cold = diags((settings.trust / (raters + settings.trust)).astype(np.float32))
    near = nearest_by_content(films, settings.nearest, settings.shrink)
    weights = (community + settings.content * (cold @ near + near.T @ cold)).astype(np.float32).tocsr()
    weights.eliminate_zeros()
    weights.sort_indices()
    return weights


@dataclass(frozen=True, slots=True)
class _Community:
    """The community's part of W before it is pruned, never held whole.

    left, right: rows x films, whose product (the first transposed) is the part of all films. often: the places of
    the films that enough people rated, ascending, and `after`, what is added between these.
    """

    left: np.ndarray
    right: np.ndarray
    often: np.ndarray
    after: np.ndarray

    @classmethod
    def of(
        cls, ids: np.ndarray, ratings: Sequence[np.ndarray], rated: csr_matrix, raters: np.ndarray, settings: WeightSettings
    ) -> _Community:
        strength = rated.copy()
        strength.data = (rated.data / 5.0) ** settings.power
        left, right = ease_factors(strength, settings.ridge)
        factors = min(settings.factors, rated.shape[0] // settings.people_a_taste)
        if settings.latent and factors:
            tastes = latent_factors(
                strength, factors=factors, unseen=settings.unseen, ridge=settings.damping, rounds=settings.rounds, start=ids
            )
            left, right = np.vstack((left, tastes[0])), np.vstack((right, settings.latent * tastes[1]))
        often = np.flatnonzero(raters >= settings.often) if settings.succession and len(ratings) > 3 else np.zeros(0, dtype=np.int64)
        after = np.zeros((0, 0), np.float32)
        if len(often):
            after = settings.succession * succession(
                ids[often], tuple(ratings[:4]), power=settings.power, cuts=settings.cuts, ahead=settings.ahead, ridge=settings.next_ridge
            )
        return cls(left, right, often, after)

    def rows(self, start: int, end: int) -> np.ndarray:
        """The rows `start` to `end`, without the diagonal."""
        block = self.left[:, start:end].T @ self.right
        low, high = np.searchsorted(self.often, (start, end))
        block[np.ix_(self.often[low:high] - start, self.often)] += self.after[low:high]
        here = np.arange(len(block))
        block[here, start + here] = 0.0
        return block


def _pruned(community: _Community, settings: WeightSettings) -> csr_matrix:
    """The community's part without its small entries; what is small is learned from some of its rows."""
    n = community.right.shape[1]
    some = [np.abs(community.rows(row, row + 1)) for row in range(0, n, SAMPLED)]
    small = np.quantile(np.concatenate(some), max(0.0, 1.0 - settings.entries / n**2)) if n else 0.0
    kept = []
    for start in range(0, n, BLOCK):
        block = community.rows(start, min(start + BLOCK, n))
        size = np.abs(block)
        least = np.partition(size, -settings.least, axis=1)[:, -settings.least, None] if settings.least < n else 0.0
        block[size < np.minimum(least, small)] = 0.0
        kept.append(csr_matrix(block))
    return vstack(kept, format="csr") if kept else csr_matrix((0, 0), dtype=np.float32)


def nearest_by_content(films: Sequence[Described], nearest: int, shrink: float) -> csr_matrix:
    """Films x films (float32): row i has the content similarities, in (0, 1), of the `nearest` films most
    like film i."""
    content = content_matrix(films)
    norms = np.sqrt(np.asarray(content.multiply(content).sum(axis=1)).ravel())
    rows = []
    for start in range(0, len(films), BLOCK):
        block = (content[start : start + BLOCK] @ content.T).toarray()
        block[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        block /= np.outer(norms[start : start + BLOCK], norms) + shrink
        if nearest < len(films):
            others = np.argpartition(-block, nearest, axis=1)[:, nearest:]
            np.put_along_axis(block, others, 0.0, axis=1)
        rows.append(csr_matrix(block))
    return vstack(rows, format="csr") if rows else csr_matrix((0, 0), dtype=np.float32)


def content_matrix(films: Sequence[Described]) -> csr_matrix:
    """Films x features, the value of a feature its kind's weight times its rarity; a feature of one film
    only is left out."""
    having: dict[tuple[str, str], list[int]] = {}
    for row, film in enumerate(films):
        for feature in dict.fromkeys(_described(film)):
            having.setdefault(feature, []).append(row)
    rows, columns, values = [], [], []
    shared = [(feature, at) for feature, at in having.items() if len(at) > 1]
    for column, ((kind, _), at) in enumerate(shared):
        rows += at
        columns += [column] * len(at)
        values += [KIND_WEIGHTS[kind] * np.log(len(films) / len(at))] * len(at)
    return csr_matrix((values, (rows, columns)), (len(films), len(shared)), dtype=np.float32)


def _described(film: Described) -> Iterator[tuple[str, str]]:
    for kind, values in (
        ("director", film.directors),
        ("cast", film.cast),
        ("keyword", film.keywords),
        ("genre", film.genres),
    ):
        for value in values:
            yield kind, value
    if film.year:
        yield "decade", f"{film.year // 10 * 10}"
