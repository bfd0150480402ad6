"""The recommender: sums that are exact, filters that hold, ranks that a search of everything confirms."""

import random

import numpy as np
import pytest

from assistant.recommend import Recommender, Weights
from assistant.state import Profile
from random_films import random_catalog, random_profile
from store.build import build
from store.catalog import Catalog
from store.database import Database
from store.errors import UnknownItem
from store.importers.facts import FilmFacts
from store.records import ITEM, Preference

PROFILES = 2_000


@pytest.fixture(scope="module")
def recommender(tmp_path_factory) -> Recommender:
    return Recommender(random_catalog(tmp_path_factory.mktemp("random")))


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Recommender:
    """Five films that ten people rated: 1, 2 and 3 go together, 4 and 5 do."""
    films = [
        FilmFacts(
            id=1,
            title="Heist One",
            year=1990,
            genres=("Crime",),
            directors=("Ann",),
            keywords=("heist",),
            runtime=100,
        ),
        FilmFacts(
            id=2,
            title="Heist Two",
            year=1994,
            genres=("Crime",),
            directors=("Ann",),
            keywords=("heist",),
            runtime=170,
        ),
        FilmFacts(id=3, title="Heist Three", year=1999, genres=("Crime", "Comedy"), directors=("Bob",)),
        FilmFacts(id=4, title="Dog Days", year=1950, genres=("Comedy",), keywords=("dog",), runtime=90),
        FilmFacts(
            id=5,
            title="Dog Nights",
            year=1951,
            genres=("Comedy",),
            keywords=("dog",),
            runtime=95,
            language="fr",
        ),
    ]
    people = np.repeat(np.arange(10), 3)
    items = np.tile([1, 2, 3, 1, 2, 3, 4, 5, 1], 4)[:30]
    path = tmp_path_factory.mktemp("known") / "known.db"
    build(path, films, (people, items, np.full(30, 4.5), np.arange(30)), lambda text: None)
    return Recommender(Catalog(Database(path)))


def profile(*preferences: Preference) -> Profile:
    return Profile("somebody", preferences)


def film(item_id: int, role: str = "like", value: float = 1.0) -> Preference:
    return Preference(ITEM, str(item_id), f"film {item_id}", role, value, entry_id=item_id)


def feature(kind: str, ref: str, role: str, value: float = 1.0) -> Preference:
    return Preference(kind, ref, ref, role, value)


def ids(picks) -> list[int]:
    return [pick.item.id for pick in picks]


# thousands of random profiles


def test_contributions_sum_to_scores_and_the_order_is_that_of_the_scores(recommender):
    rng = random.Random(1)
    for _ in range(PROFILES):
        someone = random_profile(recommender.catalog, rng)
        exclude = rng.sample(recommender.catalog.ids.tolist(), rng.randint(0, 5))
        picks = recommender.recommend(
            someone, n=rng.choice((1, 5, 12)), exclude=exclude, diversify=rng.random() < 0.5
        )
        assert [pick.rank for pick in picks] == list(range(1, len(picks) + 1))
        assert all(a.score >= b.score for a, b in zip(picks, picks[1:]))
        assert len(set(ids(picks))) == len(picks) and not set(ids(picks)) & set(exclude)
        entries = {p.entry_id: p for p in someone}
        for pick in picks:
            assert abs(sum(c.value for c in pick.contributions) - pick.score) < 1e-6
            assert all(c.value for c in pick.contributions)
            for c in pick.contributions:
                tied = entries.get(c.entry_id)
                assert (c.source, c.ref) == tied.subject if tied else c.source in ("prior", "slate")
                assert c.source != "slate" or c.value < 0


def test_filters_hold_for_every_pick(recommender):
    rng = random.Random(2)
    checked = 0
    for _ in range(PROFILES // 2):
        someone = random_profile(recommender.catalog, rng)
        for pick in recommender.recommend(someone, n=5, diversify=rng.random() < 0.5):
            assert not recommender.blocked_by(someone, pick.item)
            _passes(recommender, someone, pick.item)
            checked += 1
    assert checked > PROFILES // 4


def _passes(recommender: Recommender, someone: Profile, item) -> None:
    """The filters, written again from the item's facts."""
    only: dict[str, list[bool]] = {}
    for p in someone:
        if p.kind == ITEM:
            assert p.role == "want" or p.item_id != item.id
        elif p.kind in ("year", "runtime"):
            fact = item.year if p.kind == "year" else item.runtime
            assert fact and (fact <= p.value if p.role == "max" else fact >= p.value)
        elif p.kind != "text":
            has = (
                p.ref
                in {
                    "genre": item.genres,
                    "person": item.people,
                    "keyword": item.keywords,
                    "decade": (item.decade,),
                    "language": (item.language,),
                }[p.kind]
            )
            assert not (p.role == "avoid" and has)
            if p.role == "only":
                only.setdefault(p.kind, []).append(has)
    assert all(any(fits) for fits in only.values())


def test_the_best_of_the_candidates_are_the_best_of_all(recommender, monkeypatch):
    monkeypatch.setattr("assistant.recommend.HEAD", 12)
    recommender = Recommender(recommender.catalog)
    rng = random.Random(3)
    everything = recommender.catalog.ids.tolist()
    for _ in range(150):
        someone = random_profile(recommender.catalog, rng, longest=4)
        allowed = [
            r for r in recommender.score(someone, everything) if not recommender.blocked_by(someone, r.item)
        ]
        best = sorted((r.score for r in allowed), reverse=True)[:8]
        assert [p.score for p in recommender.recommend(someone, n=8)] == pytest.approx(best, abs=1e-9)


def test_ranks_are_those_of_the_slate(recommender):
    rng = random.Random(4)
    for _ in range(60):
        someone, diversify = random_profile(recommender.catalog, rng), rng.random() < 0.5
        picks = recommender.recommend(someone, n=30, diversify=diversify)
        assert ids(recommender.recommend(someone, n=6, diversify=diversify)) == ids(picks)[:6]
        for pick in picks[::7]:
            placing = recommender.rank_of(someone, pick.item.id, diversify=diversify)
            assert (placing.rank, placing.recommendation.score) == (pick.rank, pytest.approx(pick.score))


# what each role does, on films whose answer is known


def test_a_love_recommends_its_neighbours_by_their_weight(known):
    picks = known.recommend(profile(film(1)), n=4)
    assert set(ids(picks)[:2]) == {2, 3}
    row = dict(zip(*(values.tolist() for values in known.catalog.weights(1)), strict=True))
    for pick in picks[:2]:
        part = next(c for c in pick.contributions if c.source == ITEM)
        assert part.value == pytest.approx(known.weights.points * row[pick.item.id])
        assert (part.ref, part.label, part.entry_id) == ("1", "film 1", 1)


def test_liking_counts_by_strength_and_dislike_holds_down(known):
    def part(*preferences):
        found = known.score(profile(*preferences), [2])[0].contributions
        return next((c.value for c in found if c.ref == "1"), 0.0)

    assert part(film(1, value=1.0)) > part(film(1, value=0.8)) > part(film(1, value=0.6)) > 0
    assert part(film(1, "want", 0.5)) > 0 > part(film(1, "dislike", -0.8)) > part(film(1, "dislike", -1.0))
    assert part(film(1, "seen", 0.0)) == part(film(1, "skip", 0.0)) == 0
    assert part(film(1, "similar")) > part(film(1))
    assert part(film(1, "avoid", -1.0)) < part(film(1, "dislike", -1.0))


def test_recency_fades_what_others_followed_and_the_root_divides(known):
    someone = profile(film(1), feature("genre", "Crime", "like"), film(4), film(5))
    assert list(known.recency(someone).values()) == pytest.approx(
        [known.weights.recency**0.2, known.weights.recency**0.1, 1.0]
    )
    alone = known.score(profile(film(1)), [2])[0].contributions
    among = known.score(someone, [2])[0].contributions
    value = {
        name: next(c.value for c in parts if c.ref == "1")
        for name, parts in (("alone", alone), ("among", among))
    }
    assert value["among"] == pytest.approx(value["alone"] * known.weights.recency**0.2 / np.sqrt(3))


def test_a_wish_comes_before_every_taste(known):
    picks = known.recommend(
        profile(film(1), film(2), feature("genre", "Crime", "like"), feature("keyword", "dog", "want")), n=2
    )
    assert set(ids(picks)) == {4, 5}


def test_wishes_add_up(known):
    picks = known.recommend(
        profile(feature("genre", "Crime", "want"), feature("genre", "Comedy", "want")), n=5
    )
    assert ids(picks)[0] == 3
    assert picks[0].score > known.weights.wish * 2 > picks[1].score


def test_only_is_one_of_a_kind_and_all_of_the_kinds(known):
    crime, comedy = feature("genre", "Crime", "only"), feature("genre", "Comedy", "only")
    assert set(ids(known.recommend(profile(crime), n=9))) == {1, 2, 3}
    assert len(known.recommend(profile(crime, comedy), n=9)) == 5
    assert ids(known.recommend(profile(crime, feature("person", "Bob", "only")), n=9)) == [3]
    assert all(
        c.source == "prior" for pick in known.recommend(profile(crime), n=9) for c in pick.contributions
    )


def test_what_the_catalog_does_not_know_passes_no_limit(known):
    limit = Preference("runtime", "max", "at most 200 minutes", "max", 200.0)
    assert 3 not in ids(known.recommend(profile(limit), n=9))
    assert known.blocked_by(profile(limit), known.catalog.item(3)) == (limit,)


def test_a_film_of_unknown_language_passes_no_limit_on_it(known):
    no_english, only_french = feature("language", "en", "avoid", -1.0), feature("language", "fr", "only")
    for limit in (no_english, only_french):
        assert ids(known.recommend(profile(limit), n=9)) == [5]
        assert known.blocked_by(profile(limit), known.catalog.item(1)) == (limit,)
    assert 5 not in ids(known.recommend(profile(feature("language", "fr", "avoid", -1.0)), n=9))


def test_blocked_by_names_everything_in_the_way(known):
    limit, avoid = (
        Preference("runtime", "max", "at most 120 minutes", "max", 120.0),
        feature("genre", "Crime", "avoid", -1.0),
    )
    only = (feature("genre", "Comedy", "only"), feature("genre", "Western", "only"))
    someone = profile(film(2), limit, avoid, *only)
    assert known.blocked_by(someone, known.catalog.item(2)) == someone.preferences
    assert known.blocked_by(someone, known.catalog.item(4)) == ()
    placing = known.rank_of(someone, 2)
    assert (
        placing.rank is None
        and placing.blocked_by == someone.preferences
        and placing.recommendation.contributions
    )


def test_a_wanted_film_may_be_picked_a_judged_one_not(known):
    assert 1 in ids(known.recommend(profile(film(1, "want", 0.5)), n=9))
    for role in ("like", "dislike", "seen", "similar", "avoid", "skip"):
        assert 1 not in ids(known.recommend(profile(film(1, role)), n=9))


# edges


def test_an_empty_profile_gets_the_popular_ones(known):
    picks = known.recommend(profile(), n=5)
    assert len(picks) == 5
    assert [c.source for pick in picks for c in pick.contributions] == ["prior"] * 5
    assert picks[0].item.rating_count == max(pick.item.rating_count for pick in picks)
    assert picks[0].score == pytest.approx(known.weights.prior)


def test_variety_moves_twins_down_and_is_part_of_the_score(recommender):
    plain, varied = (recommender.recommend(profile(), n=8, diversify=d) for d in (False, True))
    assert plain[0] == varied[0]
    moves = [c for pick in varied for c in pick.contributions if c.source == "slate"]
    assert moves and all(
        int(c.ref) in ids(varied) and c.label.startswith("variety: close to Film") for c in moves
    )
    alike = [_genres_in_common(picks) for picks in (plain, varied)]
    assert alike[1] < alike[0]


def _genres_in_common(picks) -> int:
    return sum(len({*a.item.genres} & {*b.item.genres}) for a in picks for b in picks if a is not b)


def test_nothing_left_is_an_empty_list(known):
    everything = known.catalog.ids.tolist()
    assert known.recommend(profile(film(1)), exclude=everything) == []
    assert known.recommend(profile(feature("genre", "Opera", "only")), diversify=True) == []
    assert known.recommend(profile(Preference("year", "max", "", "max", 1900.0))) == []
    assert known.recommend(profile(), n=0) == []


def test_films_and_features_that_are_gone_say_nothing(known):
    assert known.recommend(profile(film(999), feature("genre", "Opera", "like"))) == known.recommend(
        profile(film(998), feature("genre", "Opera", "like"))
    )


def test_unknown_ids_are_refused(known):
    for call in (lambda: known.score(profile(), [999]), lambda: known.rank_of(profile(), 999)):
        with pytest.raises(UnknownItem):
            call()


def test_same_profile_same_answer(recommender):
    someone = random_profile(recommender.catalog, random.Random(9))
    again = Recommender(recommender.catalog, Weights())
    assert recommender.recommend(someone, n=10, diversify=True) == again.recommend(
        someone, n=10, diversify=True
    )
