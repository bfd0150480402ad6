"""Every sentence of every kind of answer is backed by the evidence that the answer carries, and reads as it should."""

import itertools
import random

import pytest
from told_films import (
    ALIEN, ALIEN_DISLIKED, BARE, CATALOG, COLLATERAL, COLLATERAL_PICK, CRIME, DE_NIRO, FRENCH, HEAT, HEAT_LOVED, IT, ITEMS, ORIGINS,
    POPULAR, PREFERENCES, PROFILE, RONIN, RONIN_PICK, STAR_WARS, VIEW, checker, pick, preference,
)

from assistant import explain, replies, reruns
from assistant.attribution import Removal, WhatIf, WhyNot
from assistant.claims import Claims
from assistant.evidence import Origins, causes
from assistant.explain import View
from assistant.phrases import article, choose, count, genres_of, joined
from assistant.state import Profile, Question, StateChange, Topic
from store.records import Preference

@pytest.fixture(scope="module")
def claims():
    return checker()


def assert_backed(claims, answer):
    assert answer.sentences
    for sentence in answer.sentences:
        assert claims.unbacked(sentence, answer.evidence) == (), sentence


# cards


def test_a_card_names_the_two_largest_contributions_with_origin_and_share(claims):
    lines = {explain.reason(RONIN_PICK, View(PROFILE, ORIGINS, seed)).text for seed in range(30)}
    assert "Because you loved Heat (two messages ago): 41 %, and your wish for crime films (one message ago): 30 %" in lines
    assert len(lines) >= 4
    for line in lines:
        assert len(line) <= explain.REASON_LENGTH
        assert "Heat" in line and "41 %" in line and "crime" in line and "30 %" in line and line.count("message") == 2
    for seed in range(30):
        assert_backed(claims, explain.reason(RONIN_PICK, View(PROFILE, ORIGINS, seed)))


def test_long_titles_keep_both_causes_and_their_origins(claims):
    answer = explain.reason(pick(RONIN, ((STAR_WARS, 0.6), (DE_NIRO, 0.4))), VIEW)
    assert "A New Hope" in answer.text and "Robert De Niro" in answer.text and "60 %" in answer.text and "40 %" in answer.text
    assert_backed(claims, answer)


def test_a_pick_by_popularity_alone_says_so(claims):
    answer = explain.reason(POPULAR[0], VIEW)
    assert answer.text == "Its popularity, not your taste: 100 %."
    assert_backed(claims, answer)


def test_every_reason_of_random_contributions_is_backed(claims):
    random_ = random.Random(3)
    for seed in range(200):
        some = random_.sample(PREFERENCES, random_.randint(1, 6))
        parts = [(p, random_.uniform(-0.3, 1)) for p in some if p.role not in ("seen", "skip", "max", "min", "avoid", "only")]
        answer = explain.reason(pick(RONIN, [*parts, ("prior", random_.uniform(0, 0.3))]), View(PROFILE, ORIGINS, seed))
        assert_backed(claims, answer)


def test_shares_are_of_the_positive_sum():
    found = causes(RONIN_PICK, PROFILE, ORIGINS)
    assert [c.percent for c in found] == [41, 30, 25, 4, -8]
    assert sum(c.percent for c in found if c.percent > 0) == 100


# slates


def test_a_slate_says_what_the_first_is_there_for_and_which_limits_all_pass(claims):
    for seed in range(20):
        slates = ((RONIN_PICK,), (RONIN_PICK, COLLATERAL_PICK), (COLLATERAL_PICK, RONIN_PICK, *POPULAR))
        for more, slate in itertools.product((False, True), slates):
            answer = explain.picks(slate, View(PROFILE, ORIGINS, seed), more)
            assert_backed(claims, answer)
            assert slate[0].item.name in answer.text and "your love of Heat" in answer.text
            assert "no musicals" in answer.text and "at most 130 minutes" in answer.text


def test_a_popularity_start_says_that_it_is_not_taste(claims):
    answer = explain.picks(POPULAR, View(Profile("new")), wanted=2)
    assert "popular" in answer.text and "nothing about your taste" in answer.text
    assert_backed(claims, answer)


def test_popular_films_within_limits_are_told_so(claims):
    answer = explain.picks(POPULAR, View(Profile("new", (PREFERENCES[19],))), wanted=2)
    assert answer.sentences[0].startswith("Within your limits, these two films are popular")
    assert_backed(claims, answer)


def test_when_nothing_is_left_the_limits_are_named_and_what_relaxing_gives(claims):
    answer = explain.nothing_found([(PREFERENCES[17], [RONIN_PICK, COLLATERAL_PICK]), (PREFERENCES[8], [])], VIEW)
    assert "Without “at most 130 minutes” there would be two films, Ronin (1998) at the top." in answer.sentences
    assert_backed(claims, answer)
    assert_backed(claims, explain.nothing_found([], View(Profile("new"))))


# why


def test_why_tells_contributions_biggest_first_and_their_sum(claims):
    answer = explain.why(RONIN_PICK, VIEW)
    assert_backed(claims, answer)
    assert "Heat (two messages ago)" in answer.sentences[0] and "41 %" in answer.sentences[0]
    assert answer.text.index("41 %") < answer.text.index("30 %") < answer.text.index("25 %")
    assert "your dislike of Alien (by a click), -8 %" in answer.text
    assert "All five reasons together sum to its score, 0.92." in answer.sentences
    assert "both star Robert De Niro" in answer.text


def test_why_for_every_seed_and_kind_of_preference_is_backed(claims):
    told = [p for p in PREFERENCES if p.role not in ("seen", "skip", "max", "min", "avoid")]
    for seed, entry in enumerate(told):
        assert_backed(claims, explain.why(pick(RONIN, ((entry, 0.7), (CRIME, 0.2))), View(PROFILE, ORIGINS, seed, CATALOG)))
        then = View(PROFILE, Origins(), seed, CATALOG)
        assert_backed(claims, explain.why(pick(IT, ((entry, 0.7), ("prior", -0.1))), then, current=False))
    assert_backed(claims, explain.why(POPULAR[0], VIEW))
    assert_backed(claims, explain.why(pick(BARE, ((ALIEN_DISLIKED, -0.2),)), VIEW))


def test_shared_facts_are_only_told_when_true(claims):
    collateral = explain.why(COLLATERAL_PICK, VIEW)
    assert "Collateral (2004) and Heat (1995) both are directed by Michael Mann." in collateral.sentences
    assert "both" not in explain.why(pick(ALIEN, ((HEAT_LOVED, 1.0),)), VIEW).text


def test_comparison_tells_the_scores_and_what_differs_most(claims):
    answer = explain.compare(COLLATERAL_PICK, RONIN_PICK, VIEW)
    assert_backed(claims, answer)
    assert answer.sentences[0] == "Ronin (1998) scores 0.92 and Collateral (2004) scores 0.58."
    assert "0.25 points for Ronin (1998), 0.00 points for Collateral (2004)" in answer.text
    assert_backed(claims, explain.compare(RONIN_PICK, pick(ALIEN, ()), VIEW))


def test_what_matters_sums_shares_over_the_slate(claims):
    answer = explain.what_matters((RONIN_PICK, COLLATERAL_PICK), VIEW)
    assert "your love of Heat (two messages ago), 57 %" in answer.text
    assert_backed(claims, answer)


def test_what_would_change_names_the_smallest_removal(claims):
    answer = explain.what_would_change(RONIN_PICK, Removal((HEAT_LOVED, CRIME), True), VIEW)
    assert answer.sentences == (
        "I ran it again: without your love of Heat (1995) and your wish for crime films, Ronin (1998) is no longer among the picks.",
        "No smaller change does that.",
    )
    for removal in (None, Removal((), True), Removal((HEAT_LOVED,), False), Removal((HEAT_LOVED, CRIME), True),
                    Removal((HEAT_LOVED, PREFERENCES[17]), True)):
        assert_backed(claims, explain.what_would_change(RONIN_PICK, removal, VIEW))


def test_a_faded_feeling_is_told_as_a_number(claims):
    answer = explain.why(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG, {HEAT_LOVED: 0.684, STAR_WARS: 1.0}))
    assert "Your love of Heat has faded to 68 %, now that you named other films." in answer.sentences
    assert_backed(claims, answer)
    assert "faded" not in explain.why(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG, {HEAT_LOVED: 0.98})).text


# reruns


def test_why_not_tells_the_filter_or_the_gap_and_the_verified_edit(claims):
    edit = StateChange("what_if", removed=(PREFERENCES[17],))
    blocked = reruns.why_not(WhyNot(HEAT, (PREFERENCES[17],), edit=edit, rank_after=2), VIEW)
    assert blocked.sentences[0] == (
        "Heat (1995) is filtered out: your limit is at most 130 minutes (one message ago), and it takes 170 minutes.")
    assert "I ran it again: without your limit of at most 130 minutes, it would come to rank 2." in blocked.sentences
    low = reruns.why_not(WhyNot(ALIEN, rank=14, gap=0.123, edit=StateChange("what_if", added=(STAR_WARS,)), rank_after=3), VIEW)
    assert "rank 14" in low.text and "0.12 points short" in low.text and "to rank 3" in low.text
    known = reruns.why_not(WhyNot(HEAT, (HEAT_LOVED,), tried=48), VIEW)
    assert "you know it already, as you loved Heat (1995) (two messages ago)" in known.text and "48 changes" in known.text
    assert_backed(claims, known)
    seen = reruns.why_not(WhyNot(FRENCH, (PREFERENCES[5],)), VIEW)
    assert "you have seen it" in seen.text
    musical = reruns.why_not(WhyNot(IT, (PREFERENCES[8], PREFERENCES[18], PREFERENCES[11], PREFERENCES[6])), VIEW)
    unknown = reruns.why_not(WhyNot(BARE, (PREFERENCES[17], PREFERENCES[18])), VIEW)
    assert "the catalog does not know how long it is" in unknown.text and "does not know its year" in unknown.text
    assert_backed(claims, unknown)
    spoken = reruns.why_not(WhyNot(BARE, (PREFERENCES[15],)), VIEW)
    assert "the catalog does not know its language" in spoken.text
    assert_backed(claims, spoken)
    for answer in (blocked, low, seen, musical, reruns.why_not(WhyNot(BARE), VIEW), reruns.why_not(WhyNot(BARE, rank=2), VIEW)):
        assert_backed(claims, answer)


def test_what_if_tells_what_enters_leaves_and_moves(claims):
    before = [RONIN_PICK, COLLATERAL_PICK]
    after = [pick(COLLATERAL, ((CRIME, 0.5),), 1), pick(ALIEN, ((CRIME, 0.4),), 2)]
    changed = reruns.what_if(WhatIf(tuple(before), tuple(after)), (), (HEAT_LOVED,), VIEW)
    assert changed.sentences[0] == "I ran it again without your love of Heat (1995): Ronin (1998) leaves."
    assert "Alien (1979) comes in at rank 2." in changed.sentences
    assert "Collateral (2004) moves from rank 2 to rank 1." in changed.sentences
    supposed = Preference("item", "4", "Alien (1979)", "like", 0.8)
    same = reruns.what_if(WhatIf(tuple(before), tuple(before)), (supposed,), (), View(Profile("ann", PREFERENCES[:1]), ORIGINS))
    assert same.text == "I ran it again with your liking for Alien (1979): the picks stay the same."
    unknown = reruns.what_if(WhatIf(tuple(before), tuple(before)), (), (Preference("item", "9", "Seven (1995)", "skip", 0.0),), VIEW)
    assert "nothing about Seven (1995)" in unknown.text
    for answer in (changed, same, unknown):
        assert_backed(claims, answer)


# the plain answers


def test_what_was_noted_is_said_together(claims):
    added = (HEAT_LOVED, preference(0, "item", "3", "Collateral (2004)", "like", 1.0), PREFERENCES[17], PREFERENCES[8])
    answer = replies.acknowledge(StateChange("like", added=added), View(Profile("ann"), seed=2))
    assert answer.text.endswith(": you loved Heat (1995) and Collateral (2004); at most 130 minutes; no musicals.")
    hated = preference(0, "item", "1", "Heat (1995)", "dislike", -1.0)
    everything = replies.acknowledge(StateChange("like", added=PREFERENCES, removed=(hated, STAR_WARS)), VIEW)
    assert "That is instead of your hatred of Heat (1995)." in everything.sentences
    assert_backed(claims, answer)
    assert_backed(claims, everything)
    assert replies.acknowledge(StateChange("why"), VIEW).sentences == ()


def test_each_preference_alone_is_acknowledged_and_undone(claims):
    for entry in PREFERENCES:
        assert_backed(claims, replies.acknowledge(StateChange("like", added=(entry,)), VIEW))
        assert_backed(claims, replies.acknowledge(StateChange("like", removed=(entry,)), VIEW))
        assert_backed(claims, replies.undone((), (entry,)))
        assert_backed(claims, replies.undone((entry,), ()))
        assert_backed(claims, replies.counts_now(entry, True))
        assert_backed(claims, replies.nothing_changed(entry))
    assert replies.undone((), ()).text == "There is nothing left to undo here."


def test_the_profile_names_the_message_behind_each_entry(claims):
    answer = replies.profile(VIEW)
    assert_backed(claims, answer)
    heat = replies.profile(VIEW, (Topic("item", "1", "Heat (1995)"),))
    assert heat.sentences == ("Two messages ago you said “I loved Heat”: you loved Heat (1995).",)
    assert "By a click: you disliked Alien (1979)." in answer.sentences
    assert_backed(claims, heat)
    unknown = replies.profile(VIEW, (Topic("genre", "Western", "Western"),))
    assert "told me nothing about" in unknown.text
    assert_backed(claims, unknown)
    assert_backed(claims, replies.profile(View(Profile("new"))))


def test_facts_of_a_film_are_told_with_the_one_asked_for_early(claims):
    answer = replies.about((HEAT,), "how long is it?")
    assert answer.sentences[0] == "Heat (1995) is an action, crime and thriller film directed by Michael Mann."
    assert answer.sentences[1] == "It takes 170 minutes."
    for item in ITEMS:
        assert_backed(claims, replies.about((item,), "who stars in it"))
    assert_backed(claims, replies.about((HEAT, RONIN)))


def test_features_of_the_catalog(claims):
    assert_backed(claims, replies.about_feature(Topic("person", "Michael Mann", "Michael Mann"), (HEAT, COLLATERAL), 2))
    assert_backed(claims, replies.about_feature(Topic("genre", "Crime", "Crime"), (HEAT,), 120))
    assert_backed(claims, replies.about_feature(Topic("language", "fr", "French"), (), 0))


@pytest.mark.parametrize("span", [
    "parasite", "1917", "<script>alert(1)</script>", "映画", "the one with Her and Tom Hanks", "no heat " * 40, "?!", "",
])
def test_questions_name_what_they_are_about(claims, span):
    assert_backed(claims, replies.ask_back((Question("nearest", span, (1, 5)),), CATALOG.items))
    assert_backed(claims, replies.ask_back((Question("nearest", span, ()),), CATALOG.items))
    assert_backed(claims, replies.ask_back((Question("unclear", span),), CATALOG.items))
    for preference in PREFERENCES:
        unsure = replies.ask_back((Question("unsure", span, proposed=(preference,)),), CATALOG.items)
        assert len(unsure.sentences) == 2
        assert_backed(claims, unsure)
    for act in ("undo", "reset"):
        assert_backed(claims, replies.ask_back((Question("unsure", span, act=act),), CATALOG.items))
    which = replies.ask_back((Question("which", span, (2, 3, 8)),), CATALOG.items)
    assert which.text == "Which one do you mean: Ronin (1998), Collateral (2004) or Up?"
    assert_backed(claims, which)


def test_the_rest_is_backed_too(claims):
    for seed in range(6):
        view = View(PROFILE, ORIGINS, seed)
        for answer in (
            replies.chat(view), replies.thanks(view), replies.help_(), replies.trouble(), replies.too_long(),
            replies.reset(()), replies.reset(PREFERENCES[:1]), replies.reset(PREFERENCES), replies.nothing_changed(None),
            replies.accepted((), view), replies.accepted((HEAT,), view), replies.rejected((), view), replies.rejected((HEAT, IT), view),
        ):
            assert_backed(claims, answer)


def test_no_word_of_the_program_is_a_film_of_the_default_catalog(catalog):
    """A catalog of 9,000 titles has a film called Happy; a greeting must not be dropped for it."""
    claims = Claims.of(catalog)
    for seed in range(40):
        view = View(Profile("ann"), seed=seed)
        for answer in (
            replies.chat(view), replies.thanks(view), replies.help_(), replies.trouble(), replies.too_long(), replies.reset(()),
            replies.nothing_changed(None), replies.accepted((), view), replies.rejected((), view), replies.undone((), ()), replies.profile(view),
            replies.ask_back((Question("unclear", "x"),), catalog.items), explain.nothing_found((), view),
        ):
            assert answer.sentences and explain.checked(answer, claims) == answer


def test_an_unbacked_sentence_is_dropped_and_logged(claims, caplog):
    answer = replies.about((HEAT,))
    forged = type(answer)((*answer.sentences, "It won two prizes."), answer.evidence)
    assert explain.checked(forged, claims) == answer
    assert "It won two prizes." in caplog.text


# words


def test_counts_articles_and_lists():
    assert [count(n, "message") for n in (0, 1, 2, 12, 13)] == [
        "no messages", "one message", "two messages", "twelve messages", "13 messages"]
    assert [joined(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert [article(w) for w in ("action film", "crime film", "hour", "unique film", "one", "8 film")] == [
        "an action film", "a crime film", "an hour", "a unique film", "a one", "an 8 film"]
    assert genres_of(BARE) == "a film" and genres_of(HEAT) == "an action, crime and thriller film"


def test_wording_is_the_same_for_the_same_seed_and_varies_over_seeds():
    options = ("a", "b", "c")
    assert choose((1, 2), options) == choose((1, 2), options)
    assert {choose(n, options) for n in range(30)} == set(options)
