"""Counterfactuals: each is what a rerun gives, and shares are what the contributions say."""

import random

import pytest

from assistant import attribution
from assistant.attribution import (
    compare, removal_in_order, rerun, shares, slate_shares, smallest_removal, what_if, why_not, without,
)
from assistant.recommend import Recommender
from assistant.state import Profile
from random_films import random_catalog, random_profile
from store.records import ITEM, Contribution, Item, Preference, Recommendation

SIZE = 5


@pytest.fixture(scope="module")
def recommender(tmp_path_factory) -> Recommender:
    return Recommender(random_catalog(tmp_path_factory.mktemp("random")))


def slate(recommender: Recommender, someone: Profile) -> list[Recommendation]:
    return recommender.recommend(someone, n=SIZE, diversify=True)


def ids(picks) -> list[int]:
    return [pick.item.id for pick in picks]


def pick(item_id: int, *parts: tuple[str, str, float]) -> Recommendation:
    contributions = tuple(Contribution(source, ref, ref, value) for source, ref, value in parts)
    return Recommendation(
        Item(item_id, f"Film {item_id}"), sum(c.value for c in contributions), contributions, 1
    )


A = pick(1, ("item", "7", 3.0), ("prior", "popularity", 1.0), ("genre", "Drama", -0.5), ("slate", "9", -0.2))
B = pick(2, ("item", "7", 1.0), ("person", "Ann", 4.0), ("slate", "1", -0.3))


def test_shares_are_of_what_speaks_for_it():
    found = [(c.ref, share) for c, share in shares(A)]
    assert found == [("7", 0.75), ("popularity", 0.25), ("9", pytest.approx(-0.05)), ("Drama", -0.125)]
    assert shares(pick(3, ("genre", "Drama", -1.0)))[0][1] == 0.0


def test_slate_shares_sum_to_one_over_all_picks():
    found = {(s.source, s.ref): s.share for s in slate_shares([A, B])}
    assert found == {
        ("item", "7"): pytest.approx(4 / 9),
        ("person", "Ann"): pytest.approx(4 / 9),
        ("prior", "popularity"): pytest.approx(1 / 9),
    }
    assert slate_shares([]) == []


def test_differences_sum_to_that_of_the_scores():
    found = compare(A, B)
    assert [d.ref for d in found] == ["Ann", "7", "popularity", "Drama", "9"]
    assert sum(d.value for d in found) == pytest.approx(A.score - B.score)
    assert found[-1].value == pytest.approx(0.1)  # variety is one cause, whatever film it refers to


def test_what_if_is_two_runs(recommender):
    rng = random.Random(1)
    changed = 0
    for _ in range(40):
        someone, other = (
            random_profile(recommender.catalog, rng),
            random_profile(recommender.catalog, rng, longest=2),
        )
        gone = rng.sample(someone.preferences, min(2, len(someone)))
        result = what_if(recommender, someone, other.preferences, gone, n=SIZE)
        after = without(someone, gone).with_changes(other.preferences)
        assert (ids(result.before), ids(result.after)) == (
            ids(slate(recommender, someone)),
            ids(slate(recommender, after)),
        )
        assert set(ids(result.entered)) == set(ids(result.after)) - set(ids(result.before))
        assert set(ids(result.left)) == set(ids(result.before)) - set(ids(result.after))
        for item, before, now in result.moved:
            assert before != now and result.before[before - 1].item == result.after[now - 1].item == item
        changed += bool(result.entered)
    assert changed > 10


def test_a_rerun_tells_the_ranks_of_both_runs(recommender):
    rng = random.Random(3)
    outside = 0
    for _ in range(20):
        someone = random_profile(recommender.catalog, rng)
        gone = rng.sample(someone.preferences, min(2, len(someone)))
        result = what_if(recommender, someone, (), gone, n=SIZE)
        told = rerun(recommender, someone, result, (), gone, size=SIZE)
        assert (told.added, told.removed, told.size) == ((), tuple(gone), SIZE)
        for picks, ranks in ((result.before, {r.item.id: r.before for r in told.ranks}), (result.after, {r.item.id: r.after for r in told.ranks})):
            assert {pick.item.id: pick.rank for pick in picks} == {i: rank for i, rank in ranks.items() if rank and rank <= SIZE}
        for move in told.ranks:
            for profile, rank in ((someone, move.before), (without(someone, gone), move.after)):
                assert recommender.rank_of(profile, move.item.id, diversify=True).rank == rank
                outside += rank is None or rank > SIZE
    assert outside > 10


def test_a_film_somebody_judged_stays_known_without_the_judgement(recommender):
    liked = Preference(ITEM, "5", "Film 0", "like", 1.0)
    passed_on = Preference(ITEM, "8", "Film 1", "skip", 0.0)
    left = without(Profile("somebody", (liked, passed_on)), (liked, passed_on))
    assert [(p.ref, p.role) for p in left] == [("5", "seen")]
    assert not recommender.terms(left)


def test_why_not_gives_the_rank_the_gap_and_an_edit_that_works(recommender):
    rng = random.Random(2)
    told = {"pick": 0, "blocked": 0, "edit": 0, "none": 0, "unblocked": 0}
    for _ in range(60):
        someone = random_profile(recommender.catalog, rng, longest=10)
        item = recommender.catalog.item(rng.choice(recommender.catalog.ids.tolist()))
        result = why_not(recommender, someone, item, slate_size=SIZE)
        picks = slate(recommender, someone)
        assert result.blocked_by == recommender.blocked_by(someone, item)
        if item.id in ids(picks):
            assert result.rank == ids(picks).index(item.id) + 1 and result.edit is None
            told["pick"] += 1
            continue
        assert (result.rank is None) == bool(result.blocked_by)
        told["blocked"] += bool(result.blocked_by)
        if result.rank is not None:
            assert result.rank > len(picks) and result.gap >= 0
        if result.edit is None:
            assert result.rank_after is None and result.tried <= attribution.EDITS_TRIED
            if result.rank_unblocked is not None:
                lifted = without(someone, result.blocked_by)
                assert result.rank_unblocked == recommender.rank_of(lifted, item.id, diversify=True).rank > SIZE
                told["unblocked"] += 1
            told["none"] += 1
            continue
        changed = without(someone, result.edit.removed).with_changes(result.edit.added)
        assert ids(slate(recommender, changed)).index(item.id) + 1 == result.rank_after
        assert len(set(result.edit.removed) - set(result.blocked_by)) + len(result.edit.added) <= 1
        told["edit"] += 1
    assert min(told["blocked"], told["edit"]) > 5, told


def test_why_not_lifts_a_limit_but_not_what_was_seen(recommender):
    best = slate(recommender, Profile("somebody"))[0].item
    limit = Preference("year", "max", "from 1960 or earlier", "max", 1960.0)
    lifted = why_not(recommender, Profile("somebody", (limit,)), best)
    assert (lifted.blocked_by, lifted.edit.removed, lifted.edit.added, lifted.rank_after) == (
        (limit,),
        (limit,),
        (),
        1,
    )
    seen = Preference(ITEM, str(best.id), best.name, "seen", 0.0)
    result = why_not(recommender, Profile("somebody", (seen,)), best)
    assert (result.blocked_by, result.rank, result.gap, result.edit, result.tried) == (
        (seen,),
        None,
        None,
        None,
        0,
    )


def test_why_not_of_a_pick_that_was_shown_before(recommender):
    picks = slate(recommender, Profile("somebody"))
    assert why_not(recommender, Profile("somebody"), picks[1].item, exclude=ids(picks)).rank == 1


def test_smallest_removal_drops_the_pick_and_nothing_smaller_does(recommender):
    rng = random.Random(3)
    sizes = []

    def picked(someone, removed, item_id):
        return item_id in ids(slate(recommender, without(someone, removed)))

    for _ in range(30):
        someone = random_profile(recommender.catalog, rng, longest=6)
        for chosen in slate(recommender, someone)[:2]:
            found = smallest_removal(recommender, someone, chosen.item.id, slate_size=SIZE)
            if found is None:
                assert picked(someone, someone.preferences, chosen.item.id)
                continue
            assert found.exact or len(found.entries) > 3
            assert not picked(someone, found.entries, chosen.item.id)
            for entry in found.entries:
                assert picked(someone, [p for p in found.entries if p != entry], chosen.item.id)
            sizes.append(len(found.entries))
    assert {1, 2} <= set(sizes)


def test_nothing_need_go_for_what_is_no_pick(recommender):
    last = recommender.recommend(Profile("somebody"), n=99)[-1].item.id
    assert smallest_removal(recommender, Profile("somebody"), last).entries == ()


def test_removal_in_order_takes_what_speaks_most_until_it_is_enough(recommender):
    rng = random.Random(8)
    sizes = []
    for _ in range(40):
        someone = random_profile(recommender.catalog, rng)
        for best in slate(recommender, someone)[:2]:
            found = removal_in_order(recommender, someone, best.item.id, slate_size=SIZE)
            if found is None:
                continue
            assert best.item.id not in ids(slate(recommender, without(someone, found.entries)))
            assert best.item.id in ids(slate(recommender, without(someone, found.entries[:-1])))
            sizes.append(len(found.entries))
    assert len(sizes) > 30 and max(sizes) > 1
