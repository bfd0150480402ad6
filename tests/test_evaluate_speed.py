"""What evaluate speed counts, without the minutes that measuring takes."""

import math

import pytest

from assistant.asking import MANNERS
from assistant.errors import AssistantError
from assistant.evaluation import EVALUATIONS, questions, run, speed
from assistant.evaluation.speed import CONVERSATIONS, Metered, Waited, quantile
from assistant.settings import Settings
from assistant.state import Profile
from store.records import Preference


def test_forty_varied_messages():
    messages = [text for conversation in CONVERSATIONS for text in conversation]
    assert len(messages) == len(set(messages)) == 40
    why = [text for text in messages if Waited(text, "", 0, None, None, 0, 0).asks_why]
    assert 8 <= len(why) <= 20 and "why the first one?" in why and "something with robert de niro, crime, before 1990" not in why


def test_quantiles():
    assert quantile([3, 1, 2], 0.5) == 2 and quantile(list(range(100)), 0.95) == 95 and quantile([7], 0.95) == 7
    assert math.isnan(quantile([], 0.5))


def test_turns_count_picks_and_why_questions_apart():
    figures = speed._turns([
        Waited("something funny", "want", 200, 210, 215, 900, 190), Waited("why the first?", "why", 150, None, 160, 500, 140),
        Waited("thanks", "chat", 100, None, 110, 110, 90),
    ])
    assert figures["messages"] == 3 and figures["with_picks"] == 1 and figures["why_questions"] == 1
    assert figures["picks_ms_p50"] == 210 and figures["why_first_word_ms_p95"] == 160 and figures["understand_ms_p50"] == 150


def test_the_meter_notes_each_request_and_changes_nothing(scripted):
    metered = Metered(scripted({"say": "Heat is good"}))
    assert "".join(metered.stream("say", adapter="understand", max_tokens=9)) == "Heat is good"
    next(metered.stream("say it"))
    first, *_ = metered.asked
    assert first.adapter == "understand" and first.pieces == 3 and 0 < first.first_ms <= first.last_ms
    assert metered.engine.calls[0].max_tokens == 9 and metered.has_adapter("understand") and not metered.has_adapter("explain")


def test_without_a_model_there_is_nothing_to_measure(tmp_path):
    with pytest.raises(AssistantError, match="none"):
        speed.evaluate(tmp_path / "never-opened.db", Settings(engine="none"))


def test_an_unknown_evaluation_is_named_before_anything_is_built(tmp_path):
    with pytest.raises(AssistantError, match="'taste'.*" + ", ".join(EVALUATIONS)):
        run("taste", Settings(db=str(tmp_path / "no.db")))
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_why_question_is_asked_and_its_answer_is_backed(default_db, monkeypatch, caplog):
    monkeypatch.setattr(questions, "SIZES", (8,))
    monkeypatch.setattr(questions, "PEOPLE", 3)
    figures = speed._answers(default_db, lambda line: None)
    kinds = {"why", "sure", "why_not", "compare", "what_if", "matters", "drift", "profile"}
    assert figures["questions"] == 3 * len(kinds) and kinds == {k.removesuffix("_ms_p95") for k in figures} - {
        "questions", "evidence_ms_p50", "evidence", "smallest_change_ms_p50", "smallest_change"}
    assert 0 < figures["evidence_ms_p50"] <= figures["evidence_ms_p95"] and figures["smallest_change_ms_p95"] > 0
    assert not [r for r in caplog.records if "is not backed" in r.getMessage()]


def test_choosing_a_question_is_timed_for_those_who_may_be_asked(small_built, monkeypatch):
    liked = [Preference("item", str(n), f"film {n}", "like", 0.8) for n in (1, 2, 6, 10, 16, 25, 32, 34, 39, 47)]
    thin, told_enough = Profile("ann", tuple(liked[:1])), Profile("bob", tuple(liked))
    asked = []
    best_question = speed.best_question
    monkeypatch.setattr(speed, "best_question", lambda recommender, profile: asked.append(profile) or best_question(recommender, profile))
    figures = speed._asking(small_built, [thin, told_enough, Profile("")])
    assert figures["profiles"] == 2 and MANNERS.thin < len(liked)
    assert len(asked) == 2 * (1 + speed.REPEATS) and told_enough not in asked
    assert 0 < figures["ms_p50"] <= figures["ms_p95"] and figures["first_time_ms_p95"] > 0
