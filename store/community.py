"""What the community's ratings say of pairs of films: three models, each linear in what a person liked.

`ease_factors` asks which films are chosen together, `latent_factors` the same by way of a few common tastes, which
reaches films that few have rated, and `succession` which films people who had liked one came to like later. Each gives
films x films weights, whole or as two factors; `store.weights` adds them up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

SCALE = 0.1
"""The size of the random taste vectors that ALS starts with."""
ORDER_SEED = 1


def rating_matrix(
    item_ids: Sequence[int], ratings: Sequence[np.ndarray], persons: np.ndarray | None = None
) -> csr_matrix:
    """People x items, the rating where there is one; one row for each person, or for each of `persons` (ascending). Rated
    twice, the higher one counts."""
    people, items, values = ratings[:3]
    if not len(item_ids):
        return csr_matrix((0, 0))
    order = np.argsort(item_ids)
    place = np.searchsorted(item_ids, items, sorter=order).clip(max=len(item_ids) - 1)
    columns = order[place]
    known = np.asarray(item_ids)[columns] == items
    columns, values, people = columns[known], values[known], people[known]
    persons = np.unique(people) if persons is None else persons
    rows = np.searchsorted(persons, people)
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
    """Two people x items matrices (float32) whose product, the first transposed, is EASE's matrix off the diagonal.

    EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", 2019) is B = -P / diag(P) with
    P = (X'X + ridge)^-1, a matrix as wide as the catalog. There are far fewer people than films, so it is inverted from
    their side (Woodbury): P = (I - M) / ridge with M = X'(XX' + ridge)^-1 X, and off the diagonal B = M / (1 - diag(M)).
    """
    dense = strength.toarray()
    solved = cho_solve(cho_factor(dense @ dense.T + ridge * np.eye(len(dense))), dense) if len(dense) else dense
    solved /= 1.0 - np.einsum("ui,ui->i", dense, solved)
    return dense.astype(np.float32), solved.astype(np.float32)


def latent_factors(
    strength: csr_matrix, *, factors: int, unseen: float, ridge: float, rounds: int, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two factors x items matrices (float32) whose product, the first transposed, says of each pair of films how much
    liking one speaks for the other by way of `factors` common tastes.

    The films' vectors V are those of alternating least squares for implicit feedback (Hu, Koren and Volinsky, 2008;
    `unseen` weighs the films that a person has not rated, and `ridge` grows with how many one has, as in Rendle et al.,
    "Revisiting the performance of iALS", 2022). A person's vector is then taken from the films they like by one ridge
    regression for everybody, V (V'V + mean(diag(V'V)))^-1 V', so that the weights stay a matrix and what a film adds does not
    depend on the others.

    start: items; the random numbers of film i come from `start[i]`, so that the order of the films does not matter.
    """
    people, items = strength.shape
    if not people or not items:
        return np.zeros((factors, items), np.float32), np.zeros((factors, items), np.float32)
    noise = np.random.default_rng(ORDER_SEED).normal(0.0, SCALE / np.sqrt(factors), (items, factors)).astype(np.float32)
    vectors = noise[np.argsort(np.argsort(start, kind="stable"), kind="stable")]
    rated = strength.astype(np.float32).tocsr()
    raters = rated.T.tocsr()
    for _ in range(rounds):
        tastes = _solved(rated, vectors, unseen, ridge)
        vectors = _solved(raters, tastes, unseen, ridge)
    gram = vectors.T @ vectors
    inverse = np.linalg.inv(gram + np.eye(factors) * (np.trace(gram) / factors + 1e-12))
    return vectors.T.copy(), (vectors @ inverse).T.astype(np.float32)


def _solved(strength: csr_matrix, others: np.ndarray, unseen: float, ridge: float) -> np.ndarray:
    """The vectors of the rows of `strength` that fit best to the vectors `others` of its columns."""
    factors = others.shape[1]
    squares = (others[:, :, None] * others[:, None, :]).reshape(len(others), -1)
    normal = (strength @ squares).reshape(-1, factors, factors) + unseen * (others.T @ others)
    damping = ridge * (np.diff(strength.indptr) + unseen * len(others))
    normal += damping[:, None, None].astype(np.float32) * np.eye(factors, dtype=np.float32)
    return np.linalg.solve(normal, (strength @ others)[:, :, None])[:, :, 0]


def succession(
    item_ids: np.ndarray,
    ratings: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    *,
    power: float,
    cuts: Sequence[float],
    ahead: float,
    ridge: float,
) -> np.ndarray:
    """What people liked next after what they had liked before: items x items (float32), row j the weights of film j.

    ratings: people, item ids, ratings, and when (any numbers that ascend). Each person's ratings are cut at `cuts`
    (shares of their number); a ridge regression finds the matrix that best gives those of the next share `ahead` from all
    before the cut, a rating r counting (r / 5) ** power. Unlike EASE's it is not made from films that appear side by side
    in any order: what leads from one film to another need not lead back.
    """
    people, items, values, times = ratings
    known = np.isin(items, item_ids)
    order = np.flatnonzero(known)[np.lexsort((items[known], times[known], people[known]))]
    people, items, values = people[order], items[order], values[order]
    persons, first, row, size = np.unique(people, return_index=True, return_inverse=True, return_counts=True)
    position = (np.arange(len(people)) - first[row]) / size[row] if len(people) else np.zeros(0)
    gram = np.zeros((len(item_ids), len(item_ids)), np.float32)
    moments = gram.copy()
    for cut in cuts:
        before, after = position <= cut, (position > cut) & (position <= cut + ahead)
        earlier, later = (
            rating_matrix(item_ids, (people[part], items[part], (values[part] / 5.0) ** power), persons).astype(np.float32)
            for part in (before, after)
        )
        gram += (earlier.T @ earlier).toarray()
        moments += (earlier.T @ later).toarray()
    gram[np.diag_indices(len(gram))] += ridge
    weights = cho_solve(cho_factor(gram, overwrite_a=True), moments) if len(gram) else gram
    np.fill_diagonal(weights, 0.0)
    return weights.astype(np.float32)
