"""What hangs on an entry is what reruns without it give, never a share of a score."""

import random

import pytest

from assistant import sensitivity
from assistant.attribution import slate_shares, without
from assistant.recommend import Recommender
from assistant.state import Profile
from random_films import random_catalog, random_profile
from store.records import ITEM, Preference

SIZE = 5


@pytest.fixture(scope="module")
def recommender(tmp_path_factory) -> Recommender:
    return Recommender(random_catalog(tmp_path_factory.mktemp("random")))


def ids(picks) -> list[int]:
    return [pick.item.id for pick in picks]


def slate(recommender, someone):
    return recommender.recommend(someone, n=SIZE, diversify=True)


def test_influence_is_what_a_rerun_without_the_entry_gives(recommender):
    rng = random.Random(3)
    leaving = 0
    for _ in range(30):
        someone = random_profile(recommender.catalog, rng, longest=8)
        before = slate(recommender, someone)
        found = sensitivity.influences(recommender, someone, before)
        assert {i.preference for i in found} == set(someone)
        for influence in found:
            after = ids(slate(recommender, without(someone, [influence.preference])))
            gone = [i for i in ids(before) if i not in after]
            assert [item.id for item in influence.leaving] == gone
            assert influence.moved == sum(i in after and after.index(i) != n for n, i in enumerate(ids(before)))
            leaving += len(gone)
    assert leaving > 20, "the profiles must be such that entries matter"


def test_shares_are_those_of_the_slate_and_come_first(recommender):
    rng = random.Random(4)
    for _ in range(10):
        someone = random_profile(recommender.catalog, rng, longest=8)
        before = slate(recommender, someone)
        shares = {(s.source, s.ref): s.share for s in slate_shares(before)}
        found = sensitivity.influences(recommender, someone, before)
        assert [i.share for i in found] == sorted((i.share for i in found), reverse=True)
        assert all(i.share == shares.get(i.preference.subject, 0.0) for i in found)


def test_firmness_counts_the_entries_that_a_pick_does_without(recommender):
    rng = random.Random(5)
    stood, fell = 0, 0
    for _ in range(30):
        someone = random_profile(recommender.catalog, rng, longest=8)
        for pick in slate(recommender, someone):
            found = sensitivity.firmness(recommender, someone, pick, slate_size=SIZE)
            stays = sum(pick.item.id in ids(slate(recommender, without(someone, [p]))) for p in someone)
            assert (found.entries, found.stays, found.rank) == (len(someone), stays, pick.rank)
            stood, fell = stood + stays, fell + len(someone) - stays
    assert stood and fell


def test_the_lead_is_over_the_best_film_that_is_not_picked(recommender):
    someone = Profile("x", (Preference("genre", "Drama", "Drama", "like", 0.8, 1),))
    order = recommender.recommend(someone, n=SIZE + 1, diversify=True)
    for pick in order[:SIZE]:
        found = sensitivity.firmness(recommender, someone, pick, slate_size=SIZE)
        assert found.lead == pytest.approx(pick.score - order[SIZE].score)
        assert 0 <= found.prior <= 1


def test_nothing_else_may_be_picked_so_there_is_no_lead(recommender):
    items = recommender.catalog.items(recommender.catalog.popular(10**6))
    allowed = items[0]
    someone = Profile("x", tuple(Preference(ITEM, str(i.id), i.name, "seen", 0.0, n) for n, i in enumerate(items[1:])))
    (only,) = slate(recommender, someone)
    assert only.item.id == allowed.id
    assert sensitivity.firmness(recommender, someone, only).lead is None


def test_drift_compares_the_picks_of_the_two_halves(recommender):
    films = recommender.catalog.items(recommender.catalog.popular(4))
    tastes = tuple(Preference(ITEM, str(i.id), i.name, "like", 0.8, n, n) for n, i in enumerate(films))
    limit = Preference("runtime", "max", "at most 130 minutes", "max", 130.0, 9, 9)
    found = sensitivity.drift(recommender, Profile("x", (*tastes, limit)), n=SIZE)
    assert (found.earlier, found.later) == (tastes[:2], tastes[2:])
    known = {i.id for i in films}
    for picks, left_out in ((found.then, found.later), (found.now, found.earlier)):
        assert ids(picks) == ids(slate(recommender, without(Profile("x", (*tastes, limit)), left_out)))
        assert not known & set(ids(picks)) and all(r.item.runtime <= 130 for r in picks)
    assert [i.id for i in found.shared] == [i for i in ids(found.then) if i in ids(found.now)]


def test_too_few_tastes_show_no_drift(recommender):
    (film,) = recommender.catalog.items(recommender.catalog.popular(1))
    assert sensitivity.drift(recommender, Profile("x")) is None
    assert sensitivity.drift(recommender, Profile("x", (Preference(ITEM, str(film.id), film.name, "like", 0.8, 1, 1),))) is None
