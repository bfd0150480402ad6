"""The measure of faithfulness: curves worked out by hand, a wrong explanation that loses, and figures that repeat."""

import json
from itertools import islice, permutations
from math import sqrt

import numpy as np
import pytest

from assistant.__main__ import main
from assistant.errors import AssistantError
from assistant.evaluation import fidelity
from assistant.evaluation.fidelity import (
    CHANCE, CONTENT, CONTRIBUTIONS, DELETION, INSERTION, RATINGS, REMOVED_RANK, Case, Cosine, Measured, Reruns, Standing, cases,
    evaluate, explainers, measure, measured, order, summary, table,
)
from assistant.evaluation.ranking import read_split
from assistant.recommend import Recommender, Weights
from assistant.state import Profile
from store.build import build
from store.catalog import Catalog
from store.database import Database
from store.importers.facts import FilmFacts
from store.records import ITEM, Preference

A, B, C, PICK = 1, 2, 3, 11
RIVALS = tuple(range(12, 18))
LOST = len(RIVALS) + 1
W = {A: {PICK: 3.0, **dict.fromkeys(RIVALS, 3.0)}, B: {PICK: 2.0}, C: {PICK: 0.5, **dict.fromkeys(RIVALS, 1.0)}}
"""A speaks for the pick most, and for its rivals as much; only B sets it apart; C does more for the rivals."""
PLAIN = Weights(points=1.0, recency=1.0, prior=0.0)


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory) -> Catalog:
    """Six rivals, of equal points, that more people rated than the pick: of equals they come first."""
    path = tmp_path_factory.mktemp("by_hand") / "by_hand.db"
    items = [A, B, C, PICK, *RIVALS, *RIVALS]
    columns = (np.arange(len(items)), np.array(items), np.full(len(items), 4.0), np.arange(len(items)))
    build(path, [FilmFacts(id=i, title=f"Film {i}") for i in sorted(set(items))], columns, lambda text: None, weigh=False)
    database = Database(path)
    with database.write() as connection:
        for film, weights in W.items():
            row = (film, np.array(list(weights), "<i4").tobytes(), np.array(list(weights.values()), "<f4").tobytes())
            connection.execute("INSERT INTO item_weights VALUES (?, ?, ?)", row)
    return Catalog(database)


def case_of(recommender: Recommender) -> Reruns:
    """The pick of somebody who loved A, then B, then C."""
    profile = Profile("somebody", tuple(Preference(ITEM, str(i), f"Film {i}", "like", 1.0) for i in (A, B, C)))
    slate = recommender.recommend(profile, n=6, diversify=True)
    assert slate[0].item.id == PICK
    return Reruns(recommender, Case(1, profile, frozenset(), slate[0], slate[5]))


@pytest.fixture
def reruns(by_hand) -> Reruns:
    return case_of(Recommender(by_hand, PLAIN))


def ranks(standings) -> list[int]:
    return [standing.rank for standing in standings]


EXPLAINED = {CONTRIBUTIONS: fidelity.contributions, REMOVED_RANK: fidelity.removal_rank}


def test_curves_by_hand(reruns):
    """Without A the pick keeps its lead over the rivals; without B it has 3.5 and they have 4; C speaks against it."""
    assert np.array(fidelity.contributions(reruns)) == pytest.approx(np.array([3.0, 2.0, 0.5]) / sqrt(3))
    assert order(fidelity.contributions(reruns), np.random.default_rng(0)) == [0, 1, 2]
    chance = np.random.default_rng(0)
    assert [rank for rank, _ in fidelity.removal_rank(reruns, chance)] == [1, LOST, 1]
    assert order(fidelity.removal_rank(reruns, chance), chance) == [1, 0, 2]

    found = measure(reruns, EXPLAINED, (1,))
    shares, removals = found.curves[CONTRIBUTIONS], found.curves[REMOVED_RANK]
    assert ranks(shares[DELETION]) == [1, LOST, LOST, LOST, LOST]  # nothing is left after three, and all are equals
    assert ranks(removals[DELETION]) == [LOST] * 5
    assert ranks(shares[INSERTION]) == [LOST, 1, 1, 1, 1]
    assert ranks(removals[INSERTION]) == [1] * 5
    assert [s.score for s in shares[DELETION]] == pytest.approx([2.5 / sqrt(2), 0.5, 0.0, 0.0, 0.0])
    assert [s.score for s in removals[INSERTION]] == pytest.approx([2.0, 5.0 / sqrt(2), *[5.5 / sqrt(3)] * 3])
    assert (found.whole.rank, found.bare.rank, found.smallest, found.exact) == (1, LOST, 1, True)
    assert found.named == pytest.approx(3.0 / sqrt(3))


def test_figures_by_hand(reruns):
    results = summary([measure(reruns, EXPLAINED, (1,))], seed=1)
    shares, removals = results[CONTRIBUTIONS], results[REMOVED_RANK]
    assert (shares["deletion_top5_area"], removals["deletion_top5_area"]) == (pytest.approx(0.2), 0.0)
    assert (shares["insertion_top5_area"], removals["insertion_top5_area"]) == (pytest.approx(0.8), 1.0)
    assert shares["deletion_reciprocal_rank_area"] == pytest.approx((1 + 4 / LOST) / 5)
    assert shares["deletion_score_area"] == pytest.approx((2.5 / sqrt(2) + 0.5) / 5 / (5.5 / sqrt(3)))
    assert [shares[f"insertion_rank@{k}"] for k in range(1, 6)] == [LOST, 1, 1, 1, 1]
    assert shares["deletion_top10@2"] == 1.0
    assert (shares["first_drops"], shares["first_stays_first"], shares["as_few_as_possible"]) == (0.0, 1.0, 0.0)
    assert (removals["first_drops"], removals["first_moves"], removals["as_few_as_possible"]) == (1.0, 1.0, 1.0)
    assert removals["deletion_top5_area_less_contributions"] == pytest.approx(-0.2)
    assert results["picks"]["smallest_is_one"] == results["picks"]["smallest_exact"] == 1.0
    assert results["picks"]["first_score_lost_by_points_named"] == pytest.approx((5.5 / sqrt(3) - 2.5 / sqrt(2)) / (3 / sqrt(3)))


def test_means_are_of_picks_and_bounds_of_people():
    def pick(person: int, rank: int) -> Measured:
        standing, lost = Standing(rank, 1.0), Standing(21, 0.5)
        curves = {CONTRIBUTIONS: {DELETION: (standing,) * 2 + (lost,) * 3, INSERTION: (standing,) * 5}}
        return Measured(person, 9, Standing(1, 1.0), lost, curves, 1.0, 3 if rank < 6 else 1, True)

    found = summary([pick(1, 2), pick(1, 2), pick(2, 8)], seed=1)
    ours = found[CONTRIBUTIONS]
    assert found["picks"]["people"] == 2 and found["picks"]["picks"] == 3
    assert ours["deletion_top5_area"] == pytest.approx(0.4 * 2 / 3)
    assert (ours["deletion_top5_area_low"], ours["deletion_top5_area_high"]) == (0.0, pytest.approx(0.4))
    assert ours["first_drops"] == pytest.approx(1 / 3) and ours["as_few_as_possible"] == 1.0
    assert (ours["deletion_top10@1"], ours["deletion_top10@3"], ours["deletion_rank@1"]) == (1.0, 0.0, 2.0)
    assert (ours["deletion_score_area_low"], ours["deletion_score_area_high"]) == (pytest.approx(0.7), pytest.approx(0.7))


def test_removal_and_shapley_are_of_the_lead(reruns):
    lead = {kept: reruns.lead(kept) for kept in ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))}
    assert [lead[kept] for kept in lead] == pytest.approx([0, 0, 2, -0.5, 2 / sqrt(2), -0.5 / sqrt(2), 1.5 / sqrt(2), 1.5 / sqrt(3)])
    whole = lead[0, 1, 2]
    assert fidelity.removal_lead(reruns) == pytest.approx([whole - lead[1, 2], whole - lead[0, 2], whole - lead[0, 1]])
    exact = np.zeros(3)
    for coming in permutations(range(3)):
        for k, entry in enumerate(coming):
            exact[entry] += (lead[tuple(sorted(coming[: k + 1]))] - lead[tuple(sorted(coming[:k]))]) / 6
    sampled = fidelity.shapley(reruns, np.random.default_rng(1))
    assert sum(sampled) == pytest.approx(whole - lead[()])
    assert fidelity.shapley(reruns, np.random.default_rng(1), 20_000) == pytest.approx(exact.tolist(), abs=0.02)


def test_what_is_left_counts_more_and_popularity_too(by_hand):
    """The default weights: without C the feelings before it are a step fresher, the profile is smaller, the prior grows."""
    recommender = Recommender(by_hand)
    reruns = case_of(recommender)
    w, prior = recommender.weights, recommender.score(Profile("nobody"), [PICK])[0].score
    fresh = w.recency**0.1
    expected = w.points * (3.0 * fresh + 2.0) / sqrt(2) + prior / (1 + 2 / w.prior_half)
    assert reruns.standing((0, 1)).score == pytest.approx(expected)
    assert fidelity.removal_score(reruns)[2] == pytest.approx(reruns.standing((0, 1, 2)).score - expected)


def test_what_is_taken_out_stays_known(reruns):
    for kept in ((), (1,), (0, 2)):
        picks = reruns.recommender.recommend(reruns.part(kept), n=99)
        assert {pick.item.id for pick in picks} == {PICK, *RIVALS}


def test_the_lead_of_many_parts_at_once_is_that_of_reruns(small_built):
    with Database(small_built) as database:
        recommender, split, chance = Recommender(Catalog(database)), read_split(database), np.random.default_rng(5)
        for case in islice(cases(recommender, split, seed=5), 6):
            reruns = Reruns(recommender, case)
            parts = chance.random((12, len(case.profile))) < chance.random((12, 1))
            parts[0] = False
            assert reruns.leads.of(parts) == pytest.approx([reruns.lead(np.flatnonzero(part)) for part in parts], abs=1e-9)


def test_another_way_of_scoring_is_not_measured_by_the_old_one(reruns, monkeypatch):
    monkeypatch.setattr(fidelity.Leads, "of", lambda self, kept: np.full(len(kept), 9.0))
    with pytest.raises(AssistantError, match="Leads.of"):
        measure(reruns, EXPLAINED, (1,))


def test_cosines_are_of_rows_and_against_what_was_disliked(reruns):
    rows = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0], [2.0, 0.0], *[[1.0, 1.0]] * len(RIVALS)])
    cosine = Cosine(reruns.recommender.catalog.ids, fidelity.csr_matrix(rows))
    assert cosine(reruns, None) == pytest.approx([1.0, 0.0, 0.6])
    a, b, c = reruns.case.profile
    disliked = Profile("somebody", (a, b, Preference(c.kind, c.ref, c.label, "dislike", -1.0)))
    other = Reruns(reruns.recommender, Case(1, disliked, frozenset(), reruns.case.pick, reruns.case.rival))
    assert cosine(other, None) == pytest.approx([1.0, 0.0, -0.6])


def test_equals_come_in_random_order():
    orders = {tuple(order([1.0, 1.0, 5.0], np.random.default_rng(n))) for n in range(20)}
    assert orders == {(2, 0, 1), (2, 1, 0)}


def test_a_reversed_explanation_is_worse_than_chance_and_ours_is_better(small_built):
    def reversed_(reruns, chance):
        return [-value for value in fidelity.contributions(reruns)]

    with Database(small_built) as database:
        recommender = Recommender(Catalog(database))
        asked = islice(cases(recommender, read_split(database), seed=2), 30)
        systems = {CONTRIBUTIONS: fidelity.contributions, "reversed": reversed_, CHANCE: fidelity.in_random_order}
        results = summary(list(measured(recommender, asked, systems, seed=2)), seed=2)
    ours, floor, wrong = (results[name] for name in (CONTRIBUTIONS, CHANCE, "reversed"))
    assert ours["deletion_top5_area_high"] < floor["deletion_top5_area_low"]
    assert ours["insertion_top5_area"] > floor["insertion_top5_area"] > wrong["insertion_top5_area"]
    assert ours["deletion_top5_area"] < floor["deletion_top5_area"] < wrong["deletion_top5_area"]
    assert wrong["deletion_top5_area_less_contributions_low"] > 0
    assert ours["first_drops"] > floor["first_drops"] > wrong["first_drops"]


@pytest.fixture(scope="module")
def results(small_built):
    return evaluate(small_built, n=6, seed=3)


def test_every_explainer_is_measured_the_same_for_the_same_seed(results, small_built):
    assert len(results) == 10 and {RATINGS, CONTENT} < results.keys()
    assert all(metrics.keys() >= results[CONTRIBUTIONS].keys() for name, metrics in results.items() if name != "picks")
    assert evaluate(small_built, n=6, seed=3) == results
    assert evaluate(small_built, n=6, seed=4) != results


def test_what_one_rerun_loses_is_what_the_search_finds(results):
    about = results["picks"]
    assert about["picks"] == about["people"] == 6 and 8 <= about["entries"] <= 24
    assert results[REMOVED_RANK]["first_drops"] == about["smallest_is_one"]
    for name, metrics in results.items():
        if name != "picks":
            assert metrics["first_drops"] <= about["smallest_is_one"]
            assert 0.0 <= metrics["deletion_top5_area_low"] <= metrics["deletion_top5_area"] <= metrics["deletion_top5_area_high"] <= 1.0


def test_picks_are_of_everybody_once_then_again_of_another_rank(small_built):
    with Database(small_built) as database:
        recommender, split = Recommender(Catalog(database)), read_split(database)
        found = list(islice(cases(recommender, split, seed=1), 2 * split.people))
    times: dict[int, list[int]] = {}
    for case in found:
        times.setdefault(case.person, []).append(case.pick.rank)
        known = case.exclude | {p.item_id for p in case.profile}
        assert case.pick.item.id not in known and case.rival.rank == 6
        assert all(p.role in ("like", "dislike") for p in case.profile) and len(case.profile) <= 24
    first = [case.person for case in found[: len(times)]]
    assert len(set(first)) == len(times) > 500
    assert all(len(set(ranks)) == len(ranks) for ranks in times.values())


def test_explainers_differ(small_built):
    with Database(small_built) as database:
        recommender, split = Recommender(Catalog(database)), read_split(database)
        reruns = Reruns(recommender, next(cases(recommender, split, seed=8)))
        values = [list(explain(reruns, np.random.default_rng(1))) for explain in explainers(recommender.catalog, split).values()]
    assert all(len(v) == len(reruns.case.profile) for v in values)
    assert len({str(v) for v in values}) == len(values)


def test_the_command_prints_a_table_or_json(results, small_built, capsys, monkeypatch):
    asked = ["evaluate", "explanations", "--fidelity", "--n", "6", "--seed", "3", "--db", str(small_built)]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == results
    printed = table(results)
    assert all(name in printed for name in results if name != "picks")
    ours = results[CONTRIBUTIONS]
    assert f"{100 * ours['deletion_top5_area']:5.1f} ({100 * ours['deletion_top5_area_low']:4.1f} to" in printed


@pytest.mark.parametrize(("arguments", "told"), [
    (["explanations", "--fidelity", "--n", "0"], "--n 0"),
    (["ranking", "--fidelity"], "evaluate explanations --fidelity"),
])
def test_what_cannot_be_measured_is_said(arguments, told, small_built, capsys):
    assert main(["evaluate", *arguments, "--db", str(small_built)]) == 1
    assert told in capsys.readouterr().err
