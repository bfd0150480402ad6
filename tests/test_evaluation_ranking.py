"""The ranking evaluation: the split, the metrics by hand, and the order of the systems on a part of the real
ratings."""

import numpy as np
import pytest

from assistant.evaluation.ranking import Split, evaluate, measure, profile_of, read_split
from store.build import build
from store.database import Database
from store.importers.facts import FilmFacts, read_films, read_ratings

FILMS = [FilmFacts(id=n, title=f"Film {n}", year=2000) for n in range(1, 13)]


def database(folder, films, ratings) -> Database:
    path = folder / "ratings.db"
    build(path, films, ratings, lambda text: None, weigh=False)
    return Database(path)


@pytest.fixture
def small(tmp_path) -> Database:
    """Person 1 rated films 1 to 10, the later the higher the id; person 2 films 12 and 11, in this order."""
    people = np.array([1] * 10 + [2] * 2)
    items = np.array([*range(1, 11), 11, 12])
    values = np.array([5.0, 3.0, 2.0, 3.5, 1.0, 4.0, 4.5, 2.5, 3.5, 4.0, 5.0, 2.0])
    return database(tmp_path, FILMS, (people, items, values, np.array([*range(10), 20, 10])))


def test_the_last_fifth_by_time_is_held_out(small):
    split = read_split(small)
    assert split.item_ids[split.column[split.held_out]].tolist() == [
        9,
        10,
    ]  # of two ratings, a fifth rounds to none
    assert split.item_ids[split.column[split.known & (split.person == 2)]].tolist() == [12, 11]
    earlier = read_split(small, rounds=2)
    assert earlier.item_ids[earlier.column[earlier.held_out]].tolist() == [8]
    assert not (earlier.known & earlier.held_out).any()


def test_ratings_become_what_a_conversation_would_have_stored(small):
    someone = profile_of(read_split(small), 0)
    assert [(p.ref, p.role) for p in someone] == [
        ("1", "like"),
        ("2", "seen"),
        ("3", "dislike"),
        ("4", "like"),
        ("5", "dislike"),
        ("6", "like"),
        ("7", "like"),
        ("8", "dislike"),
    ]
    assert [p.value for p in someone][:5] == pytest.approx([1.0, 0.0, -0.6, 0.7, -0.8])


def split_of(targets: list[list[int]], films: int = 100) -> Split:
    """People with these held-out films, all rated 5."""
    row = np.repeat(np.arange(len(targets)), [len(t) for t in targets])
    column = np.array([c for t in targets for c in t])
    everything = np.ones(len(row), dtype=bool)
    return Split(np.arange(films), row, row, column, np.full(len(row), 5.0), ~everything, everything)


def test_metrics_by_hand():
    ranked = np.tile(np.arange(50), (2, 1))
    found = measure(split_of([[0, 2, 99], [49]]), ranked)
    first = (1 / np.log2(2) + 1 / np.log2(4)) / (1 / np.log2(2) + 1 / np.log2(3) + 1 / np.log2(4))
    assert found == {
        "ndcg@10": pytest.approx((first + 0) / 2),
        "recall@50": pytest.approx((2 / 3 + 1) / 2),
        "people": 2,
    }


def test_a_perfect_ranking_is_one_and_missing_picks_are_misses():
    many = list(range(20))
    ranked = np.full((1, 50), -1)
    ranked[0, :20] = many
    assert measure(split_of([many]), ranked) == {"ndcg@10": pytest.approx(1.0), "recall@50": 1.0, "people": 1}
    assert measure(split_of([[99]]), np.full((1, 50), -1)) == {"ndcg@10": 0.0, "recall@50": 0.0, "people": 1}


def test_the_order_of_the_systems_on_real_ratings(tmp_path):
    """A third of the people and the films they rated most: seconds instead of a minute, and the same order.
    """
    people, items, values, times = read_ratings()
    common = np.argsort(-np.bincount(items))[:1500]
    kept = np.isin(items, common) & (people % 3 == 0)
    films = [film for film in read_films() if film.id in set(common.tolist())]
    with database(tmp_path, films, (people[kept], items[kept], values[kept], times[kept])) as stored:
        results = evaluate(stored.path)
    ndcg = {name: metrics["ndcg@10"] for name, metrics in results.items()}
    assert ndcg["tellwhy"] > 0.97 * ndcg["ease"] > ndcg["popularity"] > 0.03
    assert ndcg["tellwhy"] > ndcg["item cosine"]
    assert results["tellwhy"]["recall@50"] > results["popularity"]["recall@50"]
    assert 0.08 < ndcg["tellwhy"] < 0.25
