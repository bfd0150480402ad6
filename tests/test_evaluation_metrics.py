"""The ranking metrics: by hand, against a kept library, and whether the intervals hold what they promise."""

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import R, nDCG
from scipy.sparse import csr_matrix

from assistant.evaluation.metrics import (
    COVERAGE, DIVERSITY, EXCLUDED, NDCG, NOVELTY, RECALL, Films, accuracy, best, content, coverage, diversity, interval, judge, novelty,
)
from assistant.evaluation.splits import Split
from store.records import Item


def targets_of(columns: list[list[int]], films: int = 100) -> csr_matrix:
    row = np.repeat(np.arange(len(columns)), [len(c) for c in columns])
    return csr_matrix((np.ones(len(row)), (row, [c for found in columns for c in found])), (len(columns), films))


def test_accuracy_by_hand():
    ranked = np.tile(np.arange(50), (3, 1))
    people, ndcg, recall = accuracy(targets_of([[0, 2, 99], [], [49]]), ranked)
    first = (1 / np.log2(2) + 1 / np.log2(4)) / (1 / np.log2(2) + 1 / np.log2(3) + 1 / np.log2(4))
    assert people.tolist() == [0, 2]  # whoever wants nothing is not asked
    assert ndcg == pytest.approx([first, 0.0])
    assert recall == pytest.approx([2 / 3, 1.0])


def test_a_perfect_ranking_is_one_and_missing_picks_are_misses():
    ranked = np.full((1, 50), -1)
    assert [v.tolist() for v in accuracy(targets_of([[99]]), ranked)] == [[0], [0.0], [0.0]]
    ranked[0, :20] = np.arange(20)
    _, ndcg, recall = accuracy(targets_of([list(range(20))]), ranked)
    assert ndcg == pytest.approx([1.0]) and recall == pytest.approx([1.0])


def test_accuracy_is_that_of_trec_eval():
    rng = np.random.default_rng(6)
    ranked = np.array([rng.permutation(80)[:50] for _ in range(200)])
    wanted = [rng.permutation(80)[: rng.integers(0, 30)].tolist() for _ in range(200)]
    people, ndcg, recall = accuracy(targets_of(wanted), ranked)
    relevant = [ir_measures.Qrel(str(p), str(c), 1) for p, columns in enumerate(wanted) for c in columns]
    run = [ir_measures.ScoredDoc(str(p), str(c), 50.0 - place) for p, picks in enumerate(ranked) for place, c in enumerate(picks)]
    theirs = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc([nDCG @ 10, R @ 50], relevant, run)}
    assert ndcg == pytest.approx([theirs[str(p), "nDCG@10"] for p in people])
    assert recall == pytest.approx([theirs[str(p), "R@50"] for p in people])


def test_coverage_counts_films_once_and_no_gaps():
    assert coverage(np.array([[0, 1, 2], [2, 3, -1]]), 8) == 0.5
    assert coverage(np.zeros((0, 3), dtype=int), 8) == 0.0


def test_novelty_is_the_bits_of_how_few_know_the_picks():
    known_by = np.array([1.0, 0.5, 0.25])
    assert novelty(np.array([[0, 1], [2, -1], [-1, -1]]), known_by).tolist() == [0.5, 2.0, 0.0]


def test_diversity_is_one_minus_the_cosine_of_genres_keywords_and_people():
    films = [
        Item(1, "A", genres=("Drama", "War"), directors=("Ann",), cast=("Bob",)),
        Item(2, "B", genres=("Drama", "War"), directors=("Bob",), keywords=("sea",)),
        Item(3, "C", genres=("Comedy",)),
        Item(4, "D"),
    ]
    rows = content(films)
    assert diversity(np.array([[0, 1]]), rows) == pytest.approx([1 - 3 / 4])  # drama, war and Bob of four each
    assert diversity(np.array([[0, 1, 2]]), rows) == pytest.approx([1 - 0.75 / 3])
    assert diversity(np.array([[2, 3], [3, 3], [0, -1]]), rows) == pytest.approx([1.0, 1.0, 0.0])
    assert diversity(np.array([[0, 0]]), rows) == pytest.approx([0.0])


def test_a_judgement_has_every_metric():
    row = np.array([0, 0, 1, 1])
    split = Split(
        np.arange(60), row, row, np.array([0, 5, 0, 59]), np.full(4, 5.0), np.array([True, False, True, False]),
        np.array([False, True, False, True]),
    )
    films = Films.of(split, [Item(n, f"Film {n}", genres=(f"genre {n % 3}",)) for n in range(60)])
    judged = judge(split, np.tile(np.arange(50), (2, 1)), films)
    assert films.known_by[0] == 1.0 and films.known_by[1] == pytest.approx(1 / 3)
    assert judged.people.tolist() == [0, 1]
    means = judged.means()
    assert means[RECALL] == 0.5 and means[NDCG] == pytest.approx(0.5 / np.log2(7)) and means[COVERAGE] == pytest.approx(10 / 60)
    assert means[NOVELTY] == pytest.approx(0.9 * np.log2(3))
    assert 0 < means[DIVERSITY] < 1
    bounds = judged.intervals()
    assert set(bounds) == {NDCG, RECALL, NOVELTY, DIVERSITY}
    assert bounds[RECALL] == (0.0, 1.0)  # of two people, one hit and one missed


def test_intervals_cover_the_true_mean_as_often_as_they_say():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        low, high = interval(rng.beta(0.5, 4.0, size=300), resamples=300)  # skewed, as NDCG is
        inside += low <= 0.5 / 4.5 <= high
    assert 0.90 <= inside / 200 <= 0.99


def test_an_interval_of_a_difference_is_a_paired_one():
    rng = np.random.default_rng(4)
    ours = rng.random(400)
    theirs = ours - 0.01 + rng.normal(0, 0.005, 400)
    low, high = interval(ours - theirs)
    assert 0.008 < low < 0.01 < high < 0.012  # though each mean alone is known to 0.03
    assert interval(ours)[1] - interval(ours)[0] > 0.05
    assert interval(ours) == interval(ours) and interval(np.zeros(0)) == (0.0, 0.0)


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.5, EXCLUDED]), min_size=6, max_size=6), min_size=1, max_size=4), st.integers(1, 8))
def test_the_best_are_those_of_a_whole_sort(rows, n):
    scores = np.array(rows)
    for row, ranked in zip(scores, best(scores, n), strict=True):
        order = [c for c in np.argsort(-row, kind="stable") if row[c] > EXCLUDED][:n]
        assert ranked.tolist() == order + [-1] * (min(n, 6) - len(order))
