"""Steering by click: less, more, wrong, more like this, sliders; each a logged entry that undo takes back."""

import pytest

from assistant import Assistant, Preference, Profile
from assistant.errors import AssistantError
from assistant.recommend import Recommender, Weights
from assistant.settings import Settings
from assistant.steering import dropped, has_strength, strength, with_strength
from store.catalog import Catalog
from store.verify import verify

HEAT, ALIEN, FARGO, TITANIC = 6, 1214, 608, 1721
WEIGHTS = Weights()


@pytest.fixture
def assistant(small_db):
    return Assistant(small_db, Settings(db=str(small_db.path), engine="none"), load_engine=False)


def told(assistant, *preferences, user="ann"):
    """Puts preferences into a profile as one message does, and shows picks for them; the entries as stored, and the picks."""
    conversation = assistant.conversations.current(user)
    message = assistant.conversations.add_message(conversation, "user", "what I like", user=user)
    entries = assistant.profiles.add(user, message.id, preferences)
    *_, done = assistant.react(user, TITANIC, "seen")
    return entries, done.reply


def after(events):
    *_, done = events
    return done.reply


def film(item_id, name, value=0.8, role="like"):
    return Preference("item", str(item_id), name, role, value)


HEAT_LOVED = film(HEAT, "Heat (1995)", 1.0)
THRILLERS = Preference("genre", "Thriller", "Thriller", "like", 0.8)


# the numbers

@pytest.mark.parametrize("preference", [
    HEAT_LOVED, film(HEAT, "Heat (1995)", -0.8, "dislike"), film(HEAT, "Heat (1995)", 1.0, "similar"), film(HEAT, "Heat (1995)", -1.0, "avoid"),
    THRILLERS, Preference("genre", "Thriller", "Thriller", "dislike", -0.8), Preference("decade", "1990s", "1990s", "want", 1.0),
])
@pytest.mark.parametrize("half", [0.5, 0.25])
def test_half_the_strength_adds_half_as_much(small_db, preference, half):
    recommender = Recommender(Catalog(small_db))
    now = strength(preference, WEIGHTS)
    weaker = with_strength(preference, now * half, WEIGHTS)
    whole, part = (recommender.terms(Profile("", (p,)))[0].values for p in (preference, weaker))
    assert part == pytest.approx(whole * half) and strength(weaker, WEIGHTS) == pytest.approx(now * half)
    assert weaker.subject == preference.subject and weaker.role == preference.role and -1 <= weaker.value <= 1


def test_time_is_a_part_of_the_strength():
    assert strength(HEAT_LOVED, WEIGHTS, fresh=0.5) == 0.5 and strength(film(HEAT, "Heat (1995)", 0.2), WEIGHTS) == WEIGHTS.least_liking


def test_what_is_too_weak_is_no_entry_any_more():
    assert with_strength(THRILLERS, 0.09, WEIGHTS) is None and with_strength(THRILLERS, 0.1, WEIGHTS).value == 0.1
    assert dropped(THRILLERS) is None and dropped(HEAT_LOVED).role == "seen"


def test_limits_and_facts_have_no_strength():
    for p in (Preference("runtime", "max", "at most 120 minutes", "max", 120.0), film(HEAT, "Heat (1995)", 0.0, "seen"),
              Preference("genre", "Horror", "Horror", "avoid", -1.0), Preference("genre", "Horror", "Horror", "only", 1.0)):
        assert not has_strength(p)
        with pytest.raises(ValueError, match="no strength"):
            strength(p, WEIGHTS)


@pytest.mark.parametrize("wanted", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_strength_out_of_range_is_refused(assistant, wanted):
    (heat, _), _ = told(assistant, HEAT_LOVED, THRILLERS)
    before = assistant.profile("ann"), len(assistant.history("ann"))
    with pytest.raises(ValueError, match="between 0 and 1"):
        with_strength(THRILLERS, wanted, WEIGHTS)
    with pytest.raises(AssistantError, match="between 0 and 1"):
        assistant.set_strength("ann", heat.entry_id, wanted)
    assert (assistant.profile("ann"), len(assistant.history("ann"))) == before


# steering

def test_less_halves_what_a_reason_adds_and_says_what_moved(assistant):
    (heat, _), first = told(assistant, HEAT_LOVED, THRILLERS)
    reply = after(assistant.steer("ann", heat.entry_id, "less"))
    now = assistant.profile("ann").get(("item", str(HEAT)))
    assert assistant.strengths("ann")[now] == pytest.approx(0.5) and now.quote == "Less: your love of Heat (1995) (100 % → 50 %)"
    assert "counts less now" in reply.text and len(reply.recommendations) == 5
    then, again = ({r.item.id: r.rank for r in slate} for slate in (first.recommendations, reply.recommendations))
    moved = [r.item.name for r in (*first.recommendations, *reply.recommendations) if then.get(r.item.id) != again.get(r.item.id)]
    assert moved and "Compared with the picks before" in reply.text
    for pick in first.recommendations:
        if pick.item.id not in again:
            assert pick.item.name in reply.text.split("Compared")[1]
    for pick in reply.recommendations:
        if pick.item.id not in then:
            assert f"{pick.item.name} comes in at rank {pick.rank}" in reply.text


def test_more_doubles_and_ends_at_the_whole(assistant):
    (heat,), _ = told(assistant, film(HEAT, "Heat (1995)", 0.7))
    assert assistant.strengths("ann")[heat] == pytest.approx(0.4)
    for wanted in (0.8, 1.0):
        after(assistant.steer("ann", assistant.profile("ann").get(heat.subject).entry_id, "more"))
        assert assistant.strengths("ann")[assistant.profile("ann").get(heat.subject)] == pytest.approx(wanted)
    before = assistant.profile("ann")
    reply = after(assistant.steer("ann", before.get(heat.subject).entry_id, "more"))
    assert "counts that much already" in reply.text and not reply.recommendations and assistant.profile("ann") == before


def test_less_and_less_ends_with_a_film_that_is_known_and_says_nothing(assistant):
    (heat, thrillers), _ = told(assistant, HEAT_LOVED, THRILLERS)
    for _ in range(4):
        after(assistant.steer("ann", heat.entry_id, "less"))  # the first id all along: it means what is said now
        after(assistant.steer("ann", thrillers.entry_id, "less"))
    profile = assistant.profile("ann")
    assert profile.get(heat.subject).role == "seen" and profile.get(thrillers.subject) is None
    picks = assistant.recommend("ann", n=50)
    assert HEAT not in [r.item.id for r in picks] and {c.source for r in picks for c in r.contributions} == {"prior"}


def test_wrong_takes_a_reason_out(assistant):
    (heat, thrillers), _ = told(assistant, HEAT_LOVED, THRILLERS)
    reply = after(assistant.steer("ann", heat.entry_id, "wrong"))
    assert assistant.profile("ann").get(heat.subject) is None and assistant.profile("ann").get(thrillers.subject)
    assert "Removed: your love of Heat (1995)." in reply.text
    assert not any(c.ref == str(HEAT) for r in reply.recommendations for c in r.contributions if c.source == "item")


def test_less_of_a_dislike_is_a_weaker_dislike(assistant):
    (entry,), _ = told(assistant, Preference("genre", "Comedy", "Comedy", "dislike", -0.8))
    after(assistant.steer("ann", entry.entry_id, "less"))
    assert assistant.profile("ann").get(entry.subject).value == pytest.approx(-0.4)


def test_a_faded_film_counts_less_after_less(assistant):
    """Said anew it is fresh again: half of what the number said would be more than what time had left of it."""
    films = [film(i, assistant.catalog.item(i).name) for i in assistant.catalog.popular(80) if i not in (HEAT, TITANIC)]
    (heat, *_), _ = told(assistant, HEAT_LOVED, *films)
    before = assistant.strengths("ann")[heat]
    assert before < 0.5
    after(assistant.steer("ann", heat.entry_id, "less"))
    now = assistant.profile("ann").get(heat.subject)
    assert assistant.strengths("ann")[now] == pytest.approx(before / 2, abs=1e-9)


def test_more_like_a_pick_wishes_for_films_like_it_and_keeps_the_other_wishes(assistant):
    (_, nineties), first = told(assistant, HEAT_LOVED, Preference("decade", "1990s", "1990s", "want", 1.0))
    pick = first.recommendations[1].item
    reply = after(assistant.more_like("ann", pick.id))
    wish = assistant.profile("ann").get(("item", str(pick.id)))
    assert wish.role == "similar" and wish.quote == f"More like {pick.name}" and assistant.profile("ann").get(nineties.subject)
    assert pick.id not in [r.item.id for r in reply.recommendations]
    assert any(c.ref == str(pick.id) for r in reply.recommendations for c in r.contributions)
    before = assistant.profile("ann")
    again = after(assistant.more_like("ann", pick.id))
    assert "counts that much already" in again.text and assistant.profile("ann") == before


def test_a_slider_sets_the_strength_and_zero_takes_out(assistant):
    (heat, thrillers), _ = told(assistant, HEAT_LOVED, THRILLERS)
    reply = after(assistant.set_strength("ann", thrillers.entry_id, 0.35))
    assert assistant.profile("ann").get(thrillers.subject).value == 0.35 and "counts less now" in reply.text
    reply = after(assistant.set_strength("ann", thrillers.entry_id, 0.9))
    assert assistant.profile("ann").get(thrillers.subject).value == 0.9 and "counts more now" in reply.text
    assert "counts that much already" in after(assistant.set_strength("ann", thrillers.entry_id, 0.9)).text
    after(assistant.set_strength("ann", thrillers.entry_id, 0.0))
    assert assistant.profile("ann").get(thrillers.subject) is None


# undo

@pytest.mark.parametrize("click", [
    lambda a, heat, pick: a.steer("ann", heat, "less"), lambda a, heat, pick: a.steer("ann", heat, "wrong"),
    lambda a, heat, pick: a.set_strength("ann", heat, 0.3), lambda a, heat, pick: a.set_strength("ann", heat, 0.0),
    lambda a, heat, pick: a.more_like("ann", pick), lambda a, heat, pick: a.more_like("ann", HEAT),
])
def test_undo_takes_back_each_kind_of_steering(assistant, click):
    (heat, _), first = told(assistant, HEAT_LOVED, THRILLERS)
    before = assistant.profile("ann")
    after(click(assistant, heat.entry_id, first.recommendations[0].item.id))
    assert assistant.profile("ann") != before
    reply = after(assistant.undo("ann"))
    assert assistant.profile("ann") == before
    assert [r.item.id for r in reply.recommendations] == [r.item.id for r in first.recommendations]
    assert verify(assistant.database) == []


def test_undo_goes_back_step_by_step(assistant):
    (heat, thrillers), _ = told(assistant, HEAT_LOVED, THRILLERS)
    profiles = [assistant.profile("ann")]
    for click in (lambda: assistant.steer("ann", heat.entry_id, "less"), lambda: assistant.steer("ann", heat.entry_id, "less"),
                  lambda: assistant.set_strength("ann", thrillers.entry_id, 0.2), lambda: assistant.steer("ann", heat.entry_id, "wrong")):
        after(click())
        profiles.append(assistant.profile("ann"))
    for expected in reversed(profiles[:-1]):
        after(assistant.undo("ann"))
        assert assistant.profile("ann") == expected


# what is not there, and what is not one's own

@pytest.mark.parametrize("how", ["less", "more", "wrong"])
def test_an_unknown_or_foreign_entry_changes_nothing(assistant, how):
    (heat,), _ = told(assistant, HEAT_LOVED)
    (bobs,), _ = told(assistant, THRILLERS, user="bob")
    before = assistant.profile("ann"), assistant.profile("bob"), len(assistant.profiles.log("ann")), len(assistant.profiles.log("bob"))
    for entry_id in (bobs.entry_id, 10**12, 0, -1):
        for events in (assistant.steer("ann", entry_id, how), assistant.set_strength("ann", entry_id, 0.5)):
            reply = after(events)
            assert "not in your profile any more" in reply.text and not reply.recommendations and not reply.change.is_edit
    assert (assistant.profile("ann"), assistant.profile("bob"), len(assistant.profiles.log("ann")), len(assistant.profiles.log("bob"))) == before


def test_an_entry_that_was_undone_is_not_there(assistant):
    (heat,), _ = told(assistant, HEAT_LOVED)
    after(assistant.steer("ann", heat.entry_id, "wrong"))
    assert "not in your profile any more" in after(assistant.steer("ann", heat.entry_id, "less")).text


def test_what_cannot_be_steered_is_refused(assistant):
    (limit, heat), _ = told(assistant, Preference("runtime", "max", "at most 120 minutes", "max", 120.0), HEAT_LOVED)
    before = assistant.profile("ann")
    for wrong in (lambda: assistant.steer("ann", limit.entry_id, "less"), lambda: assistant.set_strength("ann", limit.entry_id, 0.5),
                  lambda: assistant.steer("ann", heat.entry_id, "sideways")):
        with pytest.raises(AssistantError):
            wrong()
    with pytest.raises(KeyError):
        assistant.more_like("ann", 10**9)
    assert assistant.profile("ann") == before


def test_strengths_are_of_what_has_one(assistant):
    (heat, thrillers, _), _ = told(assistant, HEAT_LOVED, THRILLERS, Preference("year", "min", "from 1980 or later", "min", 1980.0))
    assert assistant.strengths("ann") == {heat: 1.0, thrillers: 0.8}
    assert assistant.strengths("nobody") == {}


# what is typed

def test_what_is_typed_says_what_moved_too(small_db, scripted):
    from test_conversation import reader

    assistant = Assistant(small_db, Settings(db=str(small_db.path)), engine=reader(scripted))
    first = assistant.reply("ann", "I loved Heat and Alien")
    assert "Compared with" not in first.text
    second = assistant.reply("ann", "no horror")
    then, now = ([r.item for r in reply.recommendations] for reply in (first, second))
    gone = [item.name for item in then if item not in now]
    told = second.text.split("Compared with the picks before")
    assert len(told) == 2 and set(then) & set(now) and all(name in told[1] for name in gone)
    others = assistant.reply("ann", "more")
    assert not set(now) & {r.item for r in others.recommendations} and "Compared with" not in others.text
    undone = assistant.reply("ann", "undo")
    assert [r.item for r in undone.recommendations] == then
