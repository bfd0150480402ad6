"""Item-item weights: what is kept of the community part, and what content adds."""

import numpy as np
import pytest

from store.records import Item
from store.community import ease, rating_matrix
from store.weights import WeightSettings, content_matrix, item_item_weights


def films(n: int, **facts) -> list[Item]:
    return [Item(id=10 * (place + 1), title=f"Film {place}", **facts) for place in range(n)]


def random_ratings(people: int = 40, items: int = 25, seed: int = 1):
    rng = np.random.default_rng(seed)
    seen = np.argwhere(rng.random((people, items)) < 0.3)
    return seen[:, 0] + 100, (seen[:, 1] + 1) * 10, rng.integers(1, 11, len(seen)) / 2


def strengths(ratings, items: int = 25):
    return rating_matrix([10 * (n + 1) for n in range(items)], ratings)


def test_the_largest_entries_of_ease_are_kept():
    settings = WeightSettings(power=1.0, ridge=5.0, latent=0.0, content=0.0, entries=200, least=3)
    ratings = random_ratings(people=60, items=60)
    rated = strengths(ratings, 60)
    whole = ease(rated / 5.0, settings.ridge)
    weights = item_item_weights(films(60), ratings, settings).toarray()
    np.testing.assert_allclose(weights[weights != 0], whole[weights != 0], atol=1e-6)
    assert 150 <= np.count_nonzero(weights) < 600  # what is small is learned from a sample
    assert (np.count_nonzero(weights, axis=1) >= 3).all()
    assert not weights.diagonal().any()
    for row, full in zip(weights, whole, strict=True):
        assert np.abs(full[row != 0]).min() >= np.abs(full[row == 0]).max()


def test_order_of_films_and_foreign_ratings_do_not_matter():
    people, items, values = random_ratings()
    plain = item_item_weights(
        films(25), (people, items, values), WeightSettings(ridge=5.0, least=25)
    ).toarray()
    shuffled = films(25)[::-1]
    foreign = (np.append(people, 7), np.append(items, 999_999), np.append(values, 5.0))
    again = item_item_weights(shuffled, foreign, WeightSettings(ridge=5.0, least=25)).toarray()[::-1, ::-1]
    np.testing.assert_allclose(again, plain, atol=1e-6)


def test_a_film_nobody_rated_connects_by_content():
    catalog = [
        Item(1, "A", 1990, directors=("Ann",), keywords=("heist",)),
        Item(2, "B", 1991, directors=("Ann",), keywords=("heist",)),
        Item(3, "C", 1991, directors=("Bob",)),
        Item(4, "D", 1950, keywords=("dog",)),
    ]
    nobody = (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    weights = item_item_weights(catalog, nobody).toarray()
    assert weights[0, 1] > weights[0, 2] > 0
    assert weights[0, 3] == 0
    np.testing.assert_allclose(weights, weights.T)


def test_ratings_take_over_from_content():
    """The same two alike films: the content part shrinks as people rate them, apart from each other."""
    catalog = [
        Item(1, "A", directors=("Ann",)),
        Item(2, "B", directors=("Ann",)),
        Item(3, "C", directors=("Bob",)),
    ]
    nobody = (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    many = (np.arange(200), np.repeat([1, 2], 100), np.full(200, 5.0))
    assert (
        0
        < item_item_weights(catalog, many).toarray()[0, 1]
        < 0.25 * item_item_weights(catalog, nobody).toarray()[0, 1]
    )


def test_liked_films_connect_more_than_disliked_ones():
    people = np.arange(90)
    pairs = np.repeat([[10, 20], [10, 30], [10, 40]], 30, axis=0)
    second = np.repeat([5.0, 3.0, 1.0], 30)
    ratings = (people.repeat(2), pairs.ravel(), np.column_stack([np.full(90, 5.0), second]).ravel())
    row = item_item_weights(films(4), ratings, WeightSettings(ridge=5.0, least=25)).toarray()[0]
    assert row[1] > row[2] > row[3] > 0


def test_no_films():
    nothing = (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    assert item_item_weights([], nothing).shape == (0, 0)


def test_rare_features_weigh_more():
    catalog = [Item(n, str(n), genres=("Drama",), keywords=("heist",) if n < 2 else ()) for n in range(8)]
    row = content_matrix(catalog).toarray()[0]
    assert row.max() == pytest.approx(np.log(8 / 2))  # the keyword; a genre that every film has says nothing
    assert np.count_nonzero(row) == 1
