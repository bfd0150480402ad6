"""The models of the community's ratings: EASE by Woodbury against the direct inverse, common tastes, and what was liked next."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from store.community import ease, ease_factors, latent_factors, rating_matrix, succession
from store.records import Item
from store.weights import WeightSettings, item_item_weights


def random_ratings(people: int = 40, items: int = 25, seed: int = 1):
    """(people, item ids 10, 20, ..., ratings, times in no order of films) of a third of all pairs."""
    rng = np.random.default_rng(seed)
    seen = np.argwhere(rng.random((people, items)) < 0.3)
    return seen[:, 0] + 100, (seen[:, 1] + 1) * 10, rng.integers(1, 11, len(seen)) / 2, rng.permutation(len(seen))


def direct_ease(liked: np.ndarray, ridge: float) -> np.ndarray:
    inverse = np.linalg.inv(liked.T @ liked + ridge * np.eye(liked.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


@pytest.mark.parametrize("ridge", [0.5, 5.0, 200.0])
def test_woodbury_equals_the_direct_inverse(ridge):
    rated = rating_matrix([10 * (n + 1) for n in range(25)], random_ratings()) / 5.0
    np.testing.assert_allclose(ease(rated, ridge), direct_ease(rated.toarray(), ridge), atol=1e-6)


def test_rated_twice_counts_once_and_the_higher_one():
    rated = rating_matrix([7, 3], (np.array([1, 1, 2]), np.array([3, 3, 7]), np.array([4.0, 2.0, 5.0])))
    assert rated.toarray().tolist() == [[0.0, 4.0], [5.0, 0.0]]


TASTES = {"factors": 2, "unseen": 0.05, "ridge": 0.003, "rounds": 10}


def two_camps() -> csr_matrix:
    """Twenty people: ten chose four of films 0 to 4, ten four of films 5 to 9; nobody both."""
    chosen = np.zeros((20, 10))
    for person in range(20):
        camp = 0 if person < 10 else 5
        chosen[person, camp : camp + 5] = 1.0
        chosen[person, camp + person % 5] = 0.0
    return csr_matrix(chosen)


def test_common_tastes_join_films_of_one_camp():
    left, right = latent_factors(two_camps(), start=np.arange(10), **TASTES)
    weights = left.T @ right
    within, between = weights[:5, :5], weights[:5, 5:]
    assert within.min() > 5 * np.abs(between).max()
    np.testing.assert_allclose(weights, weights.T, atol=1e-5)


def test_tastes_do_not_depend_on_the_order_of_the_films():
    rated = rating_matrix([10 * (n + 1) for n in range(25)], random_ratings())
    left, right = latent_factors(rated, start=np.arange(25), **TASTES)
    back_left, back_right = latent_factors(rated[:, ::-1].tocsr(), start=np.arange(25)[::-1], **TASTES)
    np.testing.assert_allclose((back_left.T @ back_right)[::-1, ::-1], left.T @ right, atol=1e-4)


def test_tastes_of_nobody_are_nothing():
    left, right = latent_factors(csr_matrix((0, 3)), start=np.arange(3), **TASTES)
    assert left.shape == right.shape == (2, 3) and not left.any()


NEXT = {"power": 1.0, "cuts": (0.25,), "ahead": 0.5, "ridge": 1.0}


def test_what_leads_to_a_film_need_not_lead_back():
    """Thirty people loved film 1, then film 2; film 3 came with either, in any order."""
    people = np.repeat(np.arange(30), 4)
    first = np.tile([1, 3, 2, 4], 15)
    second = np.tile([1, 4, 2, 3], 15)
    items = np.concatenate([first, second])
    weights = succession(np.array([1, 2, 3, 4]), (people, items, np.full(120, 5.0), np.tile(np.arange(4), 30)), **NEXT)
    assert weights[0, 1] > 0.3 > 0.01 > abs(weights[1, 0])
    assert weights[2, 3] == pytest.approx(weights[3, 2], abs=0.05)
    assert not weights.diagonal().any()


def test_the_order_is_by_time_and_not_by_row():
    people, items, values, times = random_ratings()
    ids = np.array([10 * (n + 1) for n in range(25)])
    mixed = np.random.default_rng(2).permutation(len(people))
    plain = succession(ids, (people, items, values, times), **NEXT)
    np.testing.assert_allclose(succession(ids, tuple(column[mixed] for column in (people, items, values, times)), **NEXT), plain, atol=1e-6)
    assert not np.allclose(succession(ids, (people, items, values, -times), **NEXT), plain, atol=1e-3)


def test_the_weights_are_the_sum_of_the_models():
    ratings, ids = random_ratings(), np.array([10 * (n + 1) for n in range(25)])
    settings = WeightSettings(ridge=5.0, factors=2, people_a_taste=10, often=3, least=25, content=0.0)
    rated = rating_matrix(ids, ratings)
    strength = rated.copy()
    strength.data = (rated.data / 5) ** settings.power
    tastes = latent_factors(
        strength, factors=2, unseen=settings.unseen, ridge=settings.damping, rounds=settings.rounds, start=ids
    )
    often = np.flatnonzero(rated.getnnz(axis=0) >= 3)
    left, right = ease_factors(strength, 5.0)
    expected = left.T @ right + settings.latent * (tastes[0].T @ tastes[1])
    expected[np.ix_(often, often)] += settings.succession * succession(
        ids[often], ratings, power=settings.power, cuts=settings.cuts, ahead=settings.ahead, ridge=settings.next_ridge
    )
    np.fill_diagonal(expected, 0.0)
    films = [Item(id=int(item_id), title=f"Film {item_id}") for item_id in ids]
    np.testing.assert_allclose(item_item_weights(films, ratings, settings).toarray(), expected, atol=1e-5)


def test_without_times_nothing_is_learned_from_the_order():
    people, items, values, times = random_ratings()
    films = [Item(id=10 * (n + 1), title=f"Film {n}") for n in range(25)]
    settings = WeightSettings(least=25, often=3)
    without = item_item_weights(films, (people, items, values), settings).toarray()
    np.testing.assert_allclose(
        without, item_item_weights(films, (people, items, values, times), WeightSettings(least=25, succession=0.0)).toarray(), atol=1e-6
    )
    assert not np.allclose(without, item_item_weights(films, (people, items, values, times), settings).toarray(), atol=1e-6)
