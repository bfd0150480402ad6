"""Item-item weights: what liking one film says of every other, from community ratings and from what films
have in common.

The community part is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", 2019): the
item-item matrix with an empty diagonal that best predicts each person's films from their other ones, films
they liked more counting more. The content part is the shrunk cosine of people, keywords, genres and decade
with the films most alike; it counts where ratings are few, so that every film connects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, diags, vstack

BLOCK = 512
"""Rows of the dense matrix held at a time: 9,066 films make 18 MB a block, 330 MB as a whole."""
SAMPLED = 17
"""One column in so many is looked at to learn how large the largest entries are."""
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
    entries: how many entries of EASE's matrix are kept, those of the largest size; least: as many of each
        row at least.
    content: the weight of a content similarity of 1.
    nearest: content connects each film with as many others, those most like it.
    trust: how many people must have rated a film for its content connections to count half.
    shrink: added to the norms in the content cosine, so that two films of which only a genre is known are
        not twins.
    """

    power: float = 2.0
    ridge: float = 130.0
    entries: int = 600_000
    least: int = 20
    content: float = 0.05
    nearest: int = 20
    trust: float = 25.0
    shrink: float = 60.0


def item_item_weights(
    films: Sequence[Described], ratings: Sequence[np.ndarray], settings: WeightSettings = WeightSettings()
) -> csr_matrix:
    """The matrix W (float32): row j, in the order of `films`, is the influence of film j on all films.

    `ratings` are aligned arrays: people (any ids), item ids, ratings from 0.5 to 5; more columns are
    ignored. Ratings of films that are not in `films` are left out. The diagonal is empty; entries are
    negative where liking one film speaks against another.
    """
    rated = rating_matrix([film.id for film in films], ratings)
    strength = rated.copy()
    strength.data = (rated.data / 5.0) ** settings.power
    community = _pruned(strength, settings)
    raters = rated.getnnz(axis=0)
    cold = diags((settings.trust / (raters + settings.trust)).astype(np.float32))
    near = nearest_by_content(films, settings.nearest, settings.shrink)
    weights = (community + settings.content * (cold @ near + near.T @ cold)).astype(np.float32).tocsr()
    weights.eliminate_zeros()
    weights.sort_indices()
    return weights


def rating_matrix(item_ids: Sequence[int], ratings: Sequence[np.ndarray]) -> csr_matrix:
    """People x items, the rating where there is one; one row for each person. Rated twice, the higher one
    counts."""
    people, items, values = ratings[:3]
    if not len(item_ids):
        return csr_matrix((0, 0))
    order = np.argsort(item_ids)
    place = np.searchsorted(item_ids, items, sorter=order).clip(max=len(item_ids) - 1)
    columns = order[place]
    known = np.asarray(item_ids)[columns] == items
    persons, rows = np.unique(people[known], return_inverse=True)
    columns, values = columns[known], values[known]
    last = np.lexsort((values, columns, rows))
    rows, columns, values = rows[last], columns[last], values[last]
    once = np.append((np.diff(rows) > 0) | (np.diff(columns) != 0), True)[: len(rows)]
    return csr_matrix((values[once], (rows[once], columns[once])), (len(persons), len(item_ids)))


def ease(strength: csr_matrix, ridge: float) -> np.ndarray:
    """EASE's whole matrix (items x items, float32, diagonal 0) of a people x items matrix of strengths."""
    left, right = ease_factors(strength, ridge)
    weights = left.T @ right
    np.fill_diagonal(weights, 0.0)
    return weights


def ease_factors(strength: csr_matrix, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Two people x items matrices (float32) whose product, the first transposed, is EASE's matrix off the
    diagonal.

    EASE is B = -P / diag(P) with P = (X'X + ridge)^-1, a matrix as wide as the catalog. There are far fewer
    people than films, so it is inverted from their side (Woodbury): P = (I - M) / ridge with M = X'(XX' +
    ridge)^-1 X, and off the diagonal B = M / (1 - diag(M)).
    """
    dense = strength.toarray()
    solved = (
        cho_solve(cho_factor(dense @ dense.T + ridge * np.eye(len(dense))), dense) if len(dense) else dense
    )
    solved /= 1.0 - np.einsum("ui,ui->i", dense, solved)
    return dense.astype(np.float32), solved.astype(np.float32)


def _pruned(strength: csr_matrix, settings: WeightSettings) -> csr_matrix:
    """EASE's matrix without its small entries; what is small is learned from some of its columns."""
    n = strength.shape[1]
    left, right = ease_factors(strength, settings.ridge)
    sample = np.abs(left.T @ right[:, ::SAMPLED])
    small = np.quantile(sample, max(0.0, 1.0 - settings.entries / n**2)) if n else 0.0
    kept = []
    for start in range(0, n, BLOCK):
        block = left[:, start : start + BLOCK].T @ right
        block[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        size = np.abs(block)
        least = (
            np.partition(size, -settings.least, axis=1)[:, -settings.least, None]
            if settings.least < n
            else 0.0
        )
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
