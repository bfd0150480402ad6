"""The ranking evaluation: the splits, the peers on ratings whose answer is known, and the whole of it on a part of the real
ratings."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.__main__ import main
from assistant.errors import AssistantError
from assistant.evaluation import peers as every_peer
from assistant.evaluation.metrics import accuracy
from assistant.evaluation.peers import Als, Bpr, Ease, ItemKnn, Popularity, ease_by_films, fit, peers, rank, tune
from assistant.evaluation.ranking import Options, evaluate, narrowed, profile_of, read_split
from assistant.evaluation.sasrec import SasRec, _windows
from assistant.evaluation.splits import TIME, Split, at_moment, earlier
from store.build import build
from store.database import Database
from store.importers.facts import FilmFacts, read_films, read_ratings
from store.weights import ease_factors

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


# splits


def test_the_last_fifth_by_time_is_held_out(small):
    split = read_split(small)
    assert split.item_ids[split.column[split.held_out]].tolist() == [9, 10]  # of two ratings, a fifth rounds to none
    assert split.item_ids[split.column[split.known & (split.person == 2)]].tolist() == [12, 11]
    before = read_split(small, rounds=2)
    assert before.item_ids[before.column[before.held_out]].tolist() == [8]
    assert not (before.known & before.held_out).any()


def test_a_split_by_time_has_one_moment_and_names_those_it_knows_nothing_of(small):
    split = read_split(small, by=TIME)
    assert split.moment == 10  # ten of twelve ratings are earlier
    assert split.item_ids[split.column[split.held_out]].tolist() == [12, 11]
    assert split.newcomers == (1,) and not split.targets.nnz
    before = read_split(small, rounds=2, by=TIME)
    assert before.item_ids[before.column[before.held_out]].tolist() == [9, 10]
    with pytest.raises(AssistantError, match="person and time"):
        read_split(small, by="film")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=60))
def test_no_held_out_rating_is_earlier_than_a_known_one(rated):
    rated = sorted(rated)
    people, times = np.array(rated).T
    row = np.unique(people, return_inverse=True)[1]
    everything = np.ones(len(rated), dtype=bool)
    whole = Split(np.arange(1), people, row, np.zeros(len(rated), dtype=int), np.full(len(rated), 5.0), everything, ~everything)
    split = at_moment(whole, times)
    assert (split.known ^ split.held_out).all()
    assert times[split.known].max(initial=-1) < split.moment <= times[split.held_out].min()
    assert set(split.newcomers) == set(row) - set(row[split.known])
    assert not np.isin(split.targets.nonzero()[0], split.newcomers).any()
    validation = earlier(split)
    assert not (validation.held_out & ~split.known).any()  # tuning sees nothing of the held-out part
    for person in range(split.people):
        mine = row == person
        assert times[mine & validation.known].max(initial=-1) <= times[mine & validation.held_out].min(initial=99)


def test_ratings_become_what_a_conversation_would_have_stored(small):
    someone = profile_of(read_split(small), 0)
    roles = ["like", "seen", "dislike", "like", "dislike", "like", "like", "dislike"]
    assert [(p.ref, p.role) for p in someone] == [(str(n), role) for n, role in enumerate(roles, start=1)]
    assert [p.value for p in someone][:5] == pytest.approx([1.0, 0.0, -0.6, 0.7, -0.8])


def test_measuring_a_ranking():
    row = np.array([0, 0, 1])
    everything = np.ones(3, dtype=bool)
    split = Split(np.arange(100), row, row, np.array([0, 99, 60]), np.full(3, 5.0), ~everything, everything)
    people, ndcg, recall = accuracy(split.targets, np.tile(np.arange(50), (2, 1)))
    assert people.tolist() == [0, 1]
    assert ndcg.tolist() == pytest.approx([1 / (1 + 1 / np.log2(3)), 0.0]) and recall.tolist() == pytest.approx([0.5, 0.0])


# peers


@pytest.fixture(scope="module")
def toy() -> Split:
    """Sixty people of three tastes, each liking films of their own twenty in a random order; the last four are held out."""
    rng = np.random.default_rng(2)
    liked = np.array([20 * (person % 3) + rng.permutation(20)[:14] for person in range(60)])
    row = np.repeat(np.arange(60), 14)
    known = np.tile(np.arange(14) < 10, 60)
    return Split(np.arange(100, 160), row + 7, row, liked.ravel(), np.full(840, 5.0), known, ~known)


MODELS = {
    "item knn": ItemKnn(20, 10.0), "ease": Ease(20.0), "als": Als(8, 1.0, 5.0), "bpr": Bpr(8, 0.05, 0.01, 100),
    "sasrec": SasRec(16, 10, 0.1, 30),
}
CHANCE = 4 / 50


@pytest.mark.parametrize("name", MODELS)
def test_every_peer_learns_whose_taste_is_whose(toy, name):
    """Of the fifty films that somebody does not know, the ten of their taste are the first ten: recall of chance is a fifth."""
    if name in ("als", "bpr"):
        pytest.importorskip("implicit")
    if name == "sasrec":
        pytest.importorskip("cornac")
    ranked = rank(toy, fit(MODELS[name], toy))
    known = toy.matrix(toy.known).toarray() > 0
    assert not any(known[row, columns[columns >= 0]].any() for row, columns in enumerate(ranked))
    assert all(len(set(columns)) == len(columns) for columns in ranked)
    own = ranked[:, :10] // 20 == np.arange(60)[:, None] % 3
    assert own.mean() > 0.8
    assert accuracy(toy.targets, ranked)[1].mean() > 0.3 > 3 * CHANCE
    assert (ranked == rank(toy, fit(MODELS[name], toy))).all()  # the same again


def test_popularity_is_the_same_for_everybody_but_what_they_know(toy):
    scores = fit(Popularity(), toy)(np.array([0, 5]))
    assert (scores[0] == scores[1]).all() and scores.sum() == 2 * 600


def test_ease_is_the_same_from_both_sides(toy):
    liked = toy.liked.astype(np.float64)
    left, right = ease_factors(liked, 30.0)
    by_people = left.T @ right
    np.fill_diagonal(by_people, 0.0)
    assert ease_by_films(liked, 30.0) == pytest.approx(by_people, abs=1e-5)


def test_tuning_tries_all_and_puts_the_best_first(toy):
    tried = tune(toy, [ItemKnn(1, 0.0), ItemKnn(20, 10.0), Ease(20.0)])
    assert len(tried) == 3
    assert [t.ndcg for t in tried] == sorted((t.ndcg for t in tried), reverse=True)
    assert tried[-1].model == ItemKnn(1, 0.0) and tried[-1].parameters == {"nearest": 1, "shrink": 0.0}


def test_a_sequence_is_cut_into_pieces_and_every_film_but_the_first_is_foretold_once():
    before, after = _windows([np.arange(7), np.array([8]), np.array([9, 10])], 3, 99)
    assert sorted(after[after != 99].tolist()) == [1, 2, 3, 4, 5, 6, 10]
    assert (after[after != 99] == before[after != 99] + 1).all() and ((before == 99) == (after == 99)).all()


# the whole


@pytest.fixture(scope="module")
def part(tmp_path_factory) -> Database:
    """A third of the people and the films they rated most: seconds instead of minutes, and the same order of systems."""
    people, items, values, times = read_ratings()
    common = np.argsort(-np.bincount(items))[:1500]
    kept = np.isin(items, common) & (people % 3 == 0)
    films = [film for film in read_films() if film.id in set(common.tolist())]
    with database(tmp_path_factory.mktemp("part"), films, (people[kept], items[kept], values[kept], times[kept])) as stored:
        yield stored


def test_a_quick_run_ranks_by_every_installed_system_in_the_known_order(part, tmp_path, capsys):
    out = tmp_path / "ranking.json"
    assert main(["evaluate", "ranking", "--quick", "--json", "--db", str(part.path), "--out", str(out)]) == 0
    said = capsys.readouterr()
    metrics, record = json.loads(said.out), json.loads(out.read_text())
    installed = [peer.name for peer in peers() if peer.is_installed]
    assert list(metrics) == [*installed, "tellwhy"] and {"popularity", "item knn", "ease"} <= set(metrics)
    for name, values in metrics.items():
        assert values["ndcg@10 low"] < values["ndcg@10"] < values["ndcg@10 high"], name
        assert 0 < values["coverage@10"] < 1 and 0 < values["diversity@10"] < 1 and values["novelty@10"] > 0
    ndcg = {name: values["ndcg@10"] for name, values in metrics.items()}
    assert ndcg["tellwhy"] > 0.97 * ndcg["ease"] > ndcg["popularity"] > 0.03
    assert ndcg["tellwhy"] > ndcg["item knn"]
    assert metrics["tellwhy"]["recall@50"] > metrics["popularity"]["recall@50"]
    assert 0.08 < ndcg["tellwhy"] < 0.25
    assert metrics["popularity"]["novelty@10"] == min(values["novelty@10"] for values in metrics.values())
    assert record["systems"]["ease"]["parameters"] == {"ridge": max(
        record["systems"]["ease"]["tried"], key=lambda t: t["ndcg@10"])["ridge"]}
    gain = record["tellwhy_minus"]["ease"]["ndcg@10"]
    assert gain["low"] < gain["mean"] < gain["high"] and gain["mean"] == pytest.approx(ndcg["tellwhy"] - ndcg["ease"])
    assert record["protocol"]["quick"] and "ranking by tellwhy" in said.err


def test_the_tables_of_a_split_by_time_name_newcomers_and_what_is_not_installed(part, monkeypatch):
    few = tuple(p for p in peers() if p.name in ("ease", "als"))
    gone = every_peer.Peer("als", few[1].grid, few[1].quick, ("numpy", "no_such_module"))
    monkeypatch.setattr("assistant.evaluation.ranking.peers", lambda: (few[0], gone))
    report = evaluate(part.path, Options(by=TIME, quick=True))
    assert list(report.metrics) == ["ease", "tellwhy"] and report.record["left_out"] == ["als"]
    assert report.record["sizes"]["newcomers"] == len(report.record["protocol"]["newcomers"]) > 0
    assert "rated only after the moment" in report.text and "pip install -e '.[bench]'" in report.text
    table = [line for line in report.text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table[:4]} == {8} and len({len(line) for line in table[:4]}) == 1


def test_nothing_to_measure_is_an_error(tmp_path):
    few = np.array([1, 1]), np.array([1, 2]), np.array([5.0, 5.0]), np.array([1, 2])
    with database(tmp_path, FILMS, few) as stored, pytest.raises(AssistantError, match="nobody has a held-out rating"):
        evaluate(stored.path)


def test_a_sample_of_people_and_of_films_they_rated_often():
    people, items = np.repeat(np.arange(40), 3), np.tile([1, 2, 3], 40)
    items[0] = 4
    ratings = people, items, np.full(120, 4.0), np.arange(120)
    films, kept = narrowed(FILMS, ratings, 10, 5)
    assert len(np.unique(kept[0])) == 10 and [f.id for f in films] == [1, 2, 3]
    films, kept = narrowed(FILMS, ratings, None, 1)
    assert films == FILMS and len(kept[0]) == 120
    with pytest.raises(AssistantError, match="--people"):
        narrowed(FILMS, ratings, 0, 1)


def test_a_folder_that_is_no_set_and_a_sample_without_one_are_said_so(tmp_path, capsys):
    assert main(["evaluate", "ranking", "--dataset", str(tmp_path)]) == 1
    assert "is no MovieLens set" in capsys.readouterr().err
    assert main(["evaluate", "ranking", "--people", "5"]) == 1
    assert "--dataset" in capsys.readouterr().err
