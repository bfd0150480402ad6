"""Item-item weights: what liking one film says of every other, from community ratings and from what films have in common.

The community part is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", 2019): the item-item matrix
with an empty diagonal that best predicts each person's liked films from their other ones. The content part is the
shrunk cosine of people, keywords, genres and decade; it counts where ratings are few, so that every film connects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

BLOCK = 512
"""Rows of the dense matrix held at a time: 9,066 films make 18 MB a block, 330 MB as a whole."""
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
    """How the matrix is made. The values were fitted on a validation split (docs/LOG.md, "Ranking").

    liked: the lowest rating that counts as having liked a film.
    ridge: EASE's regularisation; more of it trusts only what many people agree on.
    content: the weight of a content similarity of 1 between two films that nobody rated.
    trust: how many people must have liked a film for the content part to count half.
    shrink: added to the norms in the content cosine, so that two films of which only a genre is known are not twins.
    keep: entries kept a row, those of the largest size.
    """

    liked: float = 3.5
    ridge: float = 200.0
    content: float = 0.1
    trust: float = 3.0
    shrink: float = 60.0
    keep: int = 120


def item_item_weights(
    films: Sequence[Described],
    ratings: Sequence[np.ndarray],
    settings: WeightSettings = WeightSettings(),
) -> csr_matrix:
    """The matrix W (float32): row j, in the order of `films`, is the influence of film j on all films.

    `ratings` are aligned arrays: people (any ids), item ids, ratings from 0.5 to 5; more columns are ignored. Ratings
    of films that are not in `films` are left out. The diagonal is empty; each row has at most `settings.keep` entries,
    negative ones among them where liking one film speaks against another.
    """
    liked = liked_matrix([film.id for film in films], ratings, settings.liked)
    content = content_matrix(films)
    cold = settings.trust / (np.asarray(liked.sum(axis=0)).ravel() + settings.trust)
    rows, columns, values = [], [], []
    for start, block in _ease_blocks(liked, settings.ridge):
        block += settings.content * _cold_content(content, cold, start, start + len(block), settings.shrink)
        block[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        kept = _largest(block, settings.keep)
        at, which = np.nonzero(np.take_along_axis(block, kept, axis=1))
        rows.append(at + start)
        columns.append(kept[at, which])
        values.append(block[at, kept[at, which]])
    shape = (len(films), len(films))
    if not rows:
        return csr_matrix(shape, dtype=np.float32)
    weights = csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape, dtype=np.float32)
    weights.sort_indices()
    return weights


def liked_matrix(item_ids: Sequence[int], ratings: Sequence[np.ndarray], least: float) -> csr_matrix:
    """People x items, 1 where somebody rated the item `least` or better; one row for each person who did."""
    people, items, values = ratings[:3]
    order = np.argsort(item_ids)
    sorted_ids = np.asarray(item_ids)[order]
    at = np.searchsorted(sorted_ids, items).clip(max=max(len(sorted_ids) - 1, 0))
    good = values >= least
    if len(sorted_ids):
        good &= sorted_ids[at] == items
    persons, rows = np.unique(people[good], return_inverse=True)
    found = csr_matrix((np.ones(len(rows)), (rows, order[at[good]])), (len(persons), len(item_ids)))
    found.data[:] = 1.0  # somebody who rated a film twice liked it once
    return found


def ease(liked: csr_matrix, ridge: float) -> np.ndarray:
    """EASE's whole matrix (items x items, float32, diagonal 0) of a people x items matrix of ones."""
    blocks = []
    for start, block in _ease_blocks(liked, ridge):
        block[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros((liked.shape[1],) * 2, dtype=np.float32)


def _ease_blocks(liked: csr_matrix, ridge: float) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, rows) of EASE's matrix, its diagonal not yet emptied.

    EASE is B = -P / diag(P) with P = (X'X + ridge)^-1, a matrix as wide as the catalog. There are far fewer people
    than films, so it is inverted from their side (Woodbury): P = (I - M) / ridge with M = X'(XX' + ridge)^-1 X, and
    off the diagonal B = M / (1 - diag(M)).
    """
    if not liked.shape[1]:
        return
    gram = (liked @ liked.T).toarray() + ridge * np.eye(liked.shape[0])
    dense = liked.toarray()
    solved = cho_solve(cho_factor(gram), dense) if len(dense) else dense
    inverse_diagonal = (1.0 / (1.0 - np.einsum("ui,ui->i", dense, solved))).astype(np.float32)
    dense, solved = dense.astype(np.float32), solved.astype(np.float32)
    for start in range(0, liked.shape[1], BLOCK):
        yield start, (dense[:, start : start + BLOCK].T @ solved) * inverse_diagonal


def content_matrix(films: Sequence[Described]) -> csr_matrix:
    """Films x features, the value of a feature its kind's weight times its rarity; a feature of one film only is left out."""
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
    for kind, values in (("director", film.directors), ("cast", film.cast), ("keyword", film.keywords), ("genre", film.genres)):
        for value in values:
            yield kind, value
    if film.year:
        yield "decade", f"{film.year // 10 * 10}"


def _cold_content(content: csr_matrix, cold: np.ndarray, start: int, end: int, shrink: float) -> np.ndarray:
    """Rows start to end of the content similarities, each weighed by how little the ratings know of the two films."""
    squares = np.asarray(content.multiply(content).sum(axis=1)).ravel()
    norms = np.sqrt(squares)
    block = (content[start:end] @ content.T).toarray()
    block /= np.outer(norms[start:end], norms) + shrink
    return block * ((cold[start:end, None] + cold) / 2).astype(np.float32)


def _largest(block: np.ndarray, keep: int) -> np.ndarray:
    """Per row the columns of the `keep` entries of the largest size."""
    if keep >= block.shape[1]:
        return np.tile(np.arange(block.shape[1]), (len(block), 1))
    return np.argpartition(-np.abs(block), keep - 1, axis=1)[:, :keep]
