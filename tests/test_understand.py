"""What a reading of a message means for the profile: hand-made readings, the real linker."""

from dataclasses import replace

import pytest

from assistant.errors import ReadingError
from assistant.reading import Reading, answer, parse, schema
from assistant.state import DialogueState, Profile, Question
from assistant.understand import interpret, understand
from store.records import Preference, Recommendation


def state(*preferences, pending=None, last="start"):
    return DialogueState("ann", 1, Profile("ann", preferences), pending=pending, last=last)


def change(linker, text, act, *labels, at=None, second=None):
    at = at or state()
    spans = linker.link(text, at)
    assert len(spans) == len(labels), [s.text for s in spans]
    return interpret(text, Reading(act, second, labels), spans, at, linker)


def added(change):
    return {(p.role, p.kind, p.value if p.role in ("max", "min") else p.ref) for p in change.added}


@pytest.mark.parametrize("text, labels, expected", [
    ("nothing too long", ["avoid"], {("max", "runtime", 120)}),
    ("something short", ["want"], {("max", "runtime", 100)}),
    ("not too old", ["avoid"], {("min", "year", 1990)}),
    ("before 1980", ["max"], {("max", "year", 1979)}),
    ("until 1980", ["max"], {("max", "year", 1980)}),
    ("after 2000", ["min"], {("min", "year", 2001)}),
    ("since 2000", ["min"], {("min", "year", 2000)}),
    ("not older than ten years", ["min"], {("min", "year", 2006)}),
    ("under two hours", ["max"], {("max", "runtime", 120)}),
    ("a romcom", ["want"], {("want", "genre", "Romance"), ("want", "genre", "Comedy")}),
    ("no romcom", ["avoid"], {("avoid", "genre", "Romance")}),
    ("something foreign", ["want"], {("avoid", "language", "en")}),
    ("i hate foreign films", ["hate"], {("only", "language", "en")}),
    ("no subtitles", ["avoid"], {("only", "language", "en")}),
])
def test_what_labels_mean(linker, text, labels, expected):
    assert added(change(linker, text, "tell", *labels)) == expected


@pytest.mark.parametrize("text, expected", [
    ("pre 1960", ("max", 1959)),
    ("pre-1960", ("max", 1959)),
    ("before the year 1980", ("max", 1979)),
    ("from before 1980", ("max", 1979)),
    ("older than 1990", ("max", 1989)),
    ("not older than 2000", ("min", 2000)),
    ("nothing from before 2000", ("min", 2000)),
    ("no later than 1990", ("max", 1990)),
    ("2005 or earlier", ("max", 2005)),
    ("2005 or newer", ("min", 2005)),
    ("from 1990 on", ("min", 1990)),
    ("newer than 1990", ("min", 1991)),
    ("no horror, before 1980", ("max", 1979)),
    ("1h45 max", ("max", 105)),
    ("max 100 min", ("max", 100)),
    ("under two hours", ("max", 120)),
    ("95 mins tops", ("max", 95)),
    ("90 min or less", ("max", 90)),
    ("no longer than 90 minutes", ("max", 90)),
    ("no more than 90 minutes", ("max", 90)),
    ("at least 2 hours", ("min", 120)),
    ("2 hours or more", ("min", 120)),
    ("nothing under 90 minutes", ("min", 90)),
    ("over 10 years old", ("max", 2006)),
    ("less than 10 years old", ("min", 2006)),
])
def test_words_beside_a_number_decide_its_side(linker, text, expected):
    for label in ("max", "min"):
        horror = ["avoid"] if "horror" in text else []
        told = change(linker, text, "tell", *horror, label)
        assert [(p.role, p.value) for p in told.added if p.role in ("max", "min")] == [expected]


@pytest.mark.parametrize("label", ["max", "min"])
@pytest.mark.parametrize("text", ["i dont want anything older than 1990", "cant be over 2 hours", "two hours"])
def test_where_a_denial_is_far_off_or_nothing_is_said_the_label_decides(linker, text, label):
    assert [p.role for p in change(linker, text, "tell", label).added] == [label]


def test_between_two_years(linker):
    for labels in (("min", "max"), ("max", "max"), ("at", "min")):
        told = change(linker, "between 1985 and 1995", "tell", *labels)
        assert added(told) == {("min", "year", 1985), ("max", "year", 1995)}


def test_a_rating_gives_the_strength(linker):
    told = change(linker, "Heat 9/10 and Alien 3/10", "tell", "like", "rate", "dislike", "rate")
    assert [(p.role, round(p.value, 2)) for p in told.added] == [("like", 0.9), ("dislike", -0.7)]


def test_a_new_wish_takes_the_place_of_the_old_one_unless_it_is_also(linker):
    funny = Preference("genre", "Comedy", "Comedy", "want", 1.0, entry_id=1)
    assert change(linker, "something scary", "tell", "want", at=state(funny)).removed == (funny,)
    assert change(linker, "also something scary", "tell", "want", at=state(funny)).removed == ()


FUNNY, NINETIES = Preference("genre", "Comedy", "Comedy", "want", 1.0, entry_id=1), Preference("decade", "1990s", "1990s", "want", 1.0, entry_id=2)
LIKE_HEAT, SHORT = Preference("item", "6", "Heat (1995)", "similar", 1.0, entry_id=3), Preference("runtime", "max", "at most 120 minutes", "max", 120.0, entry_id=4)
CASINO = 16


@pytest.mark.parametrize("text, labels, gone", [
    ("something like Alien", ["similar"], {FUNNY, NINETIES, LIKE_HEAT}),  # a film that is not on screen: a new request
    ("more like number 1", ["similar"], {LIKE_HEAT}),  # one that is: a step on
    ("more like Casino", ["similar"], {LIKE_HEAT}),
    ("like the first one but newer", ["similar", "want"], {LIKE_HEAT}),
    ("a western like the first one", ["want", "similar"], {FUNNY, NINETIES, LIKE_HEAT}),
    ("something with Tom Hanks", ["want"], {LIKE_HEAT}),
    ("something about time travel", ["want"], {LIKE_HEAT}),
    ("but with Tom Hanks", ["want"], set()), ("ok, with Tom Hanks", ["want"], set()), ("with tom hanks maybe", ["want"], set()), ("like that but with Tom Hanks", ["none", "want"], set()),
    ("also Tom Hanks", ["want"], set()), ("also more like number 1", ["similar"], set()),
    ("from the 80s", ["want"], {NINETIES}),
    ("nothing too long", ["avoid"], {SHORT}),
    ("来点汤姆·汉克斯的片子", ["want"], {LIKE_HEAT}), ("要有汤姆·汉克斯", ["want"], set()),
])
def test_a_new_request_ends_the_old_wishes_and_a_step_narrows_them(linker, text, labels, gone):
    on_screen = Recommendation(linker.catalog.item(CASINO), 1.0, (), 1)
    at = replace(state(FUNNY, NINETIES, LIKE_HEAT, SHORT, last="picks"), slate=(on_screen,))
    told = change(linker, text, "tell", *labels, at=at)
    assert set(told.removed) == gone and told.added


def test_what_is_chosen_of_a_choice_ends_no_wish(linker):
    choice = Question("prefer", proposed=(Preference("person", "Tom Hanks", "Tom Hanks", "want", 1.0), Preference("person", "Al Pacino", "Al Pacino", "want", 1.0)))
    assert change(linker, "something with Tom Hanks", "tell", "want", at=state(LIKE_HEAT, FUNNY, pending=choice)).removed == ()


def test_questions_edit_nothing(linker):
    assert not change(linker, "why do you think i like Heat", "profile", "like").is_edit
    assert change(linker, "why Alien? i loved Heat", "why", "topic", "love", second="tell").is_edit


def test_a_what_if_is_supposed_not_stored(linker):
    heat = Preference("item", "6", "Heat (1995)", "like", 1.0, entry_id=1)
    told = change(linker, "what if i hadn't liked Heat", "what_if", "drop", at=state(heat))
    assert told.unsupposed == (heat,) and not told.is_edit


def test_supposing_a_mere_dislike_of_what_is_liked_leaves_the_liking_out(linker):
    heat = Preference("item", "6", "Heat (1995)", "like", 1.0, entry_id=1)
    told = change(linker, "what if i didnt like Heat", "what_if", "dislike", at=state(heat))
    assert told.unsupposed == (heat,) and not told.supposed
    hated = change(linker, "what if i hated Heat", "what_if", "hate", at=state(heat))
    assert [p.role for p in hated.supposed] == ["dislike"] and not hated.unsupposed
    assert change(linker, "what if i didnt like Heat", "what_if", "dislike").supposed


def test_opposite_suppositions_are_asked_about(linker):
    told = change(linker, "what if i loved Heat and hated Heat", "what_if", "love", "hate")
    assert [(q.kind, q.span) for q in told.questions] == [("contrary", "Heat (1995)")] and not told.supposed and not told.unsupposed
    twice = change(linker, "what if i liked Heat, loved Heat", "what_if", "like", "love")
    assert [p.value for p in twice.supposed] == [1.0] and not twice.questions


def test_a_topic_is_supposed_only_where_nothing_else_is(linker):
    horror = Preference("genre", "Horror", "Horror", "avoid", -1.0, entry_id=1)
    told = change(linker, "would Heat be there without the horror thing", "what_if", "topic", "drop", at=state(horror))
    assert told.unsupposed == (horror,) and not told.supposed
    assert [p.ref for p in change(linker, "and with Heat?", "what_if", "topic").supposed] == ["6"]


def test_ambiguous_and_unknown_titles_are_asked_about_and_the_rest_is_kept(linker):
    told = change(linker, "loved King Kong but no horror", "tell", "love", "avoid")
    assert [q.kind for q in told.questions] == ["which"] and added(told) == {("avoid", "genre", "Horror")}


def test_yes_takes_the_nearest_title(linker):
    pending = Question("nearest", "heet", (6,), "like", 1.0, "tell")
    told = change(linker, "yes", "accept", at=state(pending=pending, last="nearest"))
    assert [(p.role, p.label, p.value) for p in told.added] == [("like", "Heat (1995)", 1.0)]


@pytest.mark.parametrize("act, label", [("accept", "topic"), ("tell", "want"), ("reject", "topic")])
def test_another_film_named_in_answer_takes_what_waited(linker, act, label):
    pending = Question("nearest", "heet", (6,), "dislike", -1.0, "tell")
    told = change(linker, "no i meant Alien", act, label, at=state(pending=pending, last="nearest"))
    assert [(p.role, p.label, p.value) for p in told.added] == [("dislike", "Alien (1979)", -1.0)]
    loved = change(linker, "i love Alien", "tell", "love", at=state(pending=pending, last="nearest"))
    assert [p.role for p in loved.added] == ["like"]


def test_a_supposition_is_made_real_by_asking_for_it(linker):
    heat = Preference("item", "6", "Heat (1995)", "like", 1.0, entry_id=1)
    seen = Preference("item", "6", "Heat (1995)", "seen", 0.0)
    horror = Preference("genre", "Horror", "Horror", "like", 0.8)
    pending = Question("suppose", "what if", proposed=(horror, seen), withdrawn=(heat,))
    told = change(linker, "do it", "accept", at=state(heat, pending=pending, last="answer"))
    assert (told.added, told.removed, told.act) == ((horror, seen), (heat,), "like")


@pytest.mark.parametrize("words", ["ok", "Okay!", "hmm", "thanks", "好的", "嗯嗯。"])
def test_taking_note_of_a_supposition_does_not_make_it_real(linker, words):
    pending = Question("suppose", "what if", proposed=(Preference("genre", "Horror", "Horror", "like", 0.8),))
    assert not change(linker, words, "accept", at=state(pending=pending, last="answer")).is_edit


@pytest.mark.parametrize("words", ["more", "Show me more please!", "再来几部"])
def test_more_is_more_whatever_question_is_open(linker, scripted, words):
    pick = Recommendation(linker.catalog.item(6), 0.0, (), 1)
    open_question = Question("which", "it", (6, 16), role="like", value=0.8)
    at = replace(state(pending=open_question, last="which"), slate=(pick,))
    assert understand(words, at, linker, scripted({})).act == "more"


def test_taking_something_back(linker):
    horror = Preference("genre", "Horror", "Horror", "avoid", -1.0, entry_id=1)
    told = change(linker, "horror is fine now", "tell", "drop", at=state(horror))
    assert told.removed == (horror,) and not told.added


def test_nothing_is_read_without_a_model_or_words(linker, scripted):
    assert understand("I loved Heat", state(), linker, None).act == "unclear"
    assert understand("  ", state(), linker, scripted({})).act == "unclear"


def test_an_answer_is_what_the_schema_allows(linker):
    spans = linker.link("loved Heat, no horror")
    assert [slot["enum"][0] for slot in schema(spans)["prefixItems"]][2:] == ["love", "love"]
    assert parse(answer("tell", None, ("love", "avoid")), spans) == Reading("tell", None, ("love", "avoid"))
    for wrong in ("", "[]", '["tell"]', '["sing","-","love","avoid"]', '["tell","-","love","rate"]', "null", "{}"):
        with pytest.raises(ReadingError):
            parse(wrong, spans)
