"""What a reading of a message means for the profile: hand-made readings, the real linker."""

import pytest

from assistant.errors import ReadingError
from assistant.linking import Linker
from assistant.reading import Reading, answer, parse, schema
from assistant.state import DialogueState, Profile, Question
from assistant.understand import interpret, understand
from store.catalog import Catalog
from store.database import Database
from store.records import Preference


@pytest.fixture(scope="module")
def linker(default_db):
    with Database(default_db) as database:
        yield Linker(Catalog(database))


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
])
def test_what_labels_mean(linker, text, labels, expected):
    assert added(change(linker, text, "tell", *labels)) == expected


def test_a_rating_gives_the_strength(linker):
    told = change(linker, "Heat 9/10 and Alien 3/10", "tell", "like", "rate", "dislike", "rate")
    assert [(p.role, round(p.value, 2)) for p in told.added] == [("like", 0.9), ("dislike", -0.7)]


def test_a_new_wish_takes_the_place_of_the_old_one_unless_it_is_also(linker):
    funny = Preference("genre", "Comedy", "Comedy", "want", 1.0, entry_id=1)
    assert change(linker, "something scary", "tell", "want", at=state(funny)).removed == (funny,)
    assert change(linker, "also something scary", "tell", "want", at=state(funny)).removed == ()


def test_questions_edit_nothing(linker):
    assert not change(linker, "why do you think i like Heat", "profile", "like").is_edit
    assert change(linker, "why Alien? i loved Heat", "why", "topic", "love", second="tell").is_edit


def test_a_what_if_is_supposed_not_stored(linker):
    heat = Preference("item", "6", "Heat (1995)", "like", 1.0, entry_id=1)
    told = change(linker, "what if i hadn't liked Heat", "what_if", "drop", at=state(heat))
    assert told.unsupposed == (heat,) and not told.is_edit


def test_ambiguous_and_unknown_titles_are_asked_about_and_the_rest_is_kept(linker):
    told = change(linker, "loved King Kong but no horror", "tell", "love", "avoid")
    assert [q.kind for q in told.questions] == ["which"] and added(told) == {("avoid", "genre", "Horror")}


def test_yes_takes_the_nearest_title(linker):
    pending = Question("nearest", "heet", (6,), "like", 1.0, "tell")
    told = change(linker, "yes", "accept", at=state(pending=pending, last="nearest"))
    assert [(p.role, p.label, p.value) for p in told.added] == [("like", "Heat (1995)", 1.0)]


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
