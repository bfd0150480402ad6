"""Whole conversations on the default catalog, read by a scripted model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.settings import Settings
from store.database import Database
from store.verify import verify

ROOT = Path(__file__).resolve().parents[1]

READINGS = {
    "loved [film Heat]": ["tell", "-", "love", "love"],
    "loved [film Heat] and [film Alien]": ["tell", "-", "love", "love"],
    "long], no [genre horror]": ["tell", "-", "avoid", "avoid"],
    "no [genre horror]": ["tell", "-", "avoid"],
    "why [pick the second one]": ["why", "-", "topic"],
    "why not [film Blade Runner]": ["why_not", "-", "topic"],
    "what if i hadn't liked [film Heat]": ["what_if", "-", "drop"],
    "undo": ["undo", "-"],
    "start over": ["reset", "-"],
    "what do you know": ["profile", "-"],
    "more": ["more", "-"],
    "saw [film king kong]": ["tell", "-", "like"],
    "[pick the 1933 one]": ["tell", "-", "topic"],
    "loved [words Parasyte]": ["tell", "-", "love"],
    "hello": ["chat", "-"],
    "gibberish": ["unclear", "-"],
}


def reader(scripted, readings=READINGS):
    def answer(prompt):
        if "read: " not in prompt:
            return ""
        said = prompt.split("user: ")[1]
        fitting = [key for key in readings if key in said]
        assert fitting, f"no reading scripted for {said!r}"
        return json.dumps(readings[max(fitting, key=len)])

    return scripted(answer)


@pytest.fixture
def assistant(fresh_db, scripted):
    with Assistant.open(fresh_db, engine=reader(scripted), settings=Settings(db=str(fresh_db))) as assistant:
        yield assistant


def names(reply):
    return [r.item.name for r in reply.recommendations]


def test_a_whole_conversation(assistant):
    first = assistant.reply("ann", "I loved Heat and Alien")
    assert first.act == "like" and len(first.recommendations) == 5
    assert {p.label for p in first.change.added} == {"Heat (1995)", "Alien (1979)"}
    for pick in first.recommendations:
        assert sum(c.value for c in pick.contributions) == pytest.approx(pick.score, abs=1e-6)
    assert len(first.reasons) == 5 and all(first.reasons)

    second = assistant.reply("ann", "nothing too long, no horror")
    assert all(r.item.runtime <= 120 and "Horror" not in r.item.genres for r in second.recommendations)

    why = assistant.reply("ann", "why the second one?")
    assert why.act == "why" and names(second)[1] in why.text and "%" in why.text and not why.recommendations

    why_not = assistant.reply("ann", "why not Blade Runner?")
    assert "Blade Runner (1982)" in why_not.text

    before = assistant.profile("ann")
    what_if = assistant.reply("ann", "what if i hadn't liked Heat?")
    assert what_if.act == "what_if" and "without" in what_if.text and assistant.profile("ann") == before

    assert "Heat (1995)" in assistant.reply("ann", "what do you know about me?").text

    undone = assistant.reply("ann", "undo")
    assert undone.act == "undo" and {p.role for p in undone.change.removed} == {"max", "avoid"}
    assert {p.label for p in assistant.profile("ann")} == {"Heat (1995)", "Alien (1979)"}

    more = assistant.reply("ann", "more")
    assert not set(names(more)) & (set(names(second)) | set(names(undone)))

    assistant.reply("ann", "start over")
    assert len(assistant.profile("ann")) == 0
    assistant.reply("ann", "undo")
    assert len(assistant.profile("ann")) == 2


def test_events_come_in_order(assistant):
    kinds = [e.kind for e in assistant.stream("ann", "I loved Heat and Alien")]
    assert kinds[:2] == ["understood", "picks"] and kinds[-1] == "done" and set(kinds[2:-1]) == {"text"}


def test_a_restart_continues_the_conversation(fresh_db, scripted):
    settings = Settings(db=str(fresh_db))
    with Assistant.open(fresh_db, engine=reader(scripted), settings=settings) as first:
        picks = names(first.reply("ann", "I loved Heat and Alien"))
    with Assistant.open(fresh_db, engine=reader(scripted), settings=settings) as second:
        assert [r.item.name for t in second.history("ann") for r in t.recommendations] == picks
        assert picks[1] in second.reply("ann", "why the second one?").text


def test_people_do_not_see_each_other(assistant):
    assistant.reply("ann", "I loved Heat and Alien")
    assert len(assistant.profile("bob")) == 0 and assistant.history("bob") == []


def test_two_films_of_one_name_are_asked_about_and_the_answer_is_taken(assistant):
    asked = assistant.reply("ann", "saw king kong")
    assert [q.kind for q in asked.change.questions] == ["which"] and not asked.change.added and asked.text.endswith("?")
    answered = assistant.reply("ann", "the 1933 one")
    assert [(p.role, p.label) for p in answered.change.added] == [("like", "King Kong (1933)")]


def test_a_title_not_in_the_catalog_is_said_and_nothing_is_stored(assistant):
    reply = assistant.reply("ann", "I loved Parasyte")
    assert [q.kind for q in reply.change.questions] == ["nearest"] and "not in my catalog" in reply.text
    assert len(assistant.profile("ann")) == 0


def test_what_is_not_understood_becomes_a_question(assistant):
    reply = assistant.reply("ann", "gibberish")
    assert reply.act == "unclear" and reply.change.questions and not reply.change.is_edit


@pytest.mark.parametrize("text", ["", "   ", "hello " * 2000])
def test_odd_messages_lose_nothing(assistant, text):
    assistant.reply("ann", "I loved Heat and Alien")
    assert assistant.reply("ann", text).text
    assert len(assistant.profile("ann")) == 2


def test_without_a_model_clicks_and_reasons_still_work(fresh_db):
    with Assistant.open(fresh_db, settings=Settings(db=str(fresh_db), engine="none")) as assistant:
        assert "language model" in assistant.reply("ann", "I loved Heat").text and len(assistant.profile("ann")) == 0
        *_, done = assistant.react("ann", 6, "like")
        assert done.reply.recommendations and assistant.profile("ann").items[0].label == "Heat (1995)"
        *_, why = assistant.why("ann", done.reply.recommendations[0].item.id)
        assert "Heat" in why.reply.text
        list(assistant.remove("ann", assistant.profile("ann").items[0].entry_id))
        assert len(assistant.profile("ann")) == 0


def test_a_newcomer_is_told_that_it_is_popularity(assistant):
    reply = assistant.reply("ann", "more")
    assert "popular" in reply.text
    genres = {g for r in reply.recommendations for g in r.item.genres}
    assert len(genres) >= 5


def test_ranks_before_and_after_are_kept_with_the_answer(assistant):
    picks = assistant.reply("ann", "I loved Heat and Alien").recommendations
    supposed = assistant.reply("ann", "what if i hadn't liked Heat")
    (rerun,) = supposed.reruns
    assert [(p.label, p.role) for p in rerun.removed] == [("Heat (1995)", "like")] and rerun.added == ()
    assert {r.item.id: r.before for r in rerun.ranks if r.before and r.before <= 5} == {p.item.id: p.rank for p in picks}
    assert all(r.item.name in supposed.text for r in rerun.ranks if (r.before or 99) > 5 or (r.after or 99) > 5)
    missing = assistant.reply("ann", "why not Blade Runner")
    (edit,) = missing.reruns
    assert f"it would come to rank {next(r.after for r in edit.ranks if r.item.title == 'Blade Runner')}" in missing.text
    drawn = [turn.reruns for turn in assistant.history("ann") if turn.message.role == "assistant"]
    assert drawn == [(), supposed.reruns, missing.reruns]
    assert verify(assistant.database) == []


def test_export_and_forget(assistant):
    assistant.reply("ann", "I loved Heat and Alien")
    assistant.reply("ann", "what if i hadn't liked Heat")
    exported = assistant.export("ann")
    assert "Heat" in json.dumps(exported["profile"])
    (rerun,) = exported["conversations"][0]["messages"][3]["reruns"]
    assert rerun["removed"][0]["label"] == "Heat (1995)" and {r["after"] for r in rerun["ranks"]} >= {1, 2, 3, 4, 5}
    assert assistant.forget("ann") and not assistant.forget("ann")
    assert assistant.database.connection().execute("SELECT count(*) FROM rerun_ranks").fetchone() == (0,)
    assert len(assistant.profile("ann")) == 0


KILLED = """
import os, sys
sys.path.insert(0, "tests")
from test_conversation import reader
from conftest import ScriptedEngine
from assistant import Assistant
from assistant.settings import Settings

with Assistant.open(sys.argv[1], engine=reader(ScriptedEngine), settings=Settings(db=sys.argv[1])) as assistant:
    assistant.reply("ann", "I loved Heat and Alien")
    for event in assistant.stream("ann", "no horror"):
        if event.kind == sys.argv[2]:
            os._exit(9)
"""


@pytest.mark.parametrize("moment", ["understood", "picks", "text"])
def test_a_killed_process_leaves_a_sound_database_and_no_half_of_a_change(fresh_db, scripted, moment):
    done = subprocess.run([sys.executable, "-c", KILLED, str(fresh_db), moment], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 9, done.stderr
    with Database(fresh_db) as database:
        assert verify(database) == []
    with Assistant.open(fresh_db, engine=reader(scripted), settings=Settings(db=str(fresh_db))) as assistant:
        known = {(p.label, p.role) for p in assistant.profile("ann")}
        assert known == {("Heat (1995)", "like"), ("Alien (1979)", "like"), ("Horror", "avoid")}
        assert names(assistant.reply("ann", "more"))
