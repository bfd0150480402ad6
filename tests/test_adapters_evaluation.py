"""How readings are counted: exact match, what they change, acts, labels; side by side; and the command's errors."""

import json

import pytest

from adapters import __main__ as command
from adapters import evaluation
from adapters.__main__ import main
from adapters.data import Example
from adapters.errors import AdapterError
from adapters.evaluation import Bare, by_majority, by_model, evaluate, score
from assistant.spans import Span


def answers(scripted, *texts, **options):
    """An engine that gives the texts in turn."""
    left = list(texts)
    return scripted(lambda prompt: left.pop(0), **options)


def message(act="tell", labels=("love", "avoid")):
    spans = (Span(6, 10, "heat", "film", ("6",)), Span(18, 24, "horror", "genre", ("Horror",)))
    return Example("start", "loved heat but no horror", spans, act, None, labels)


def test_a_reading_is_exact_only_when_every_part_is(scripted, linker):
    engine = answers(
        scripted, '["tell","-","love","avoid"]', '["tell","-","love","dislike"]', '["recommend","-","love","avoid"]'
    )
    scores = score(by_model(engine), [message()] * 3, linker)
    assert scores.messages == 3 and scores.ms > 0
    assert (scores.exact, scores.act, scores.label) == pytest.approx((1 / 3, 2 / 3, 5 / 6))
    assert scores.labels == {"film:love": (3, 3), "genre:avoid": (2, 3)}
    assert scores.acts == {"tell": (2, 3)}
    assert [given for _, _, given in scores.wrong] == [
        '["tell","-","love","dislike"]',
        '["recommend","-","love","avoid"]',
    ]


def test_readings_that_change_the_same_are_the_same_change(scripted, linker):
    spans = (*message().spans, Span(25, 29, "9/10", "rating", (), 9.0))
    rated = Example("start", "loved heat but no horror 9/10", spans, "tell", None, ("love", "avoid", "rate"))
    engine = answers(scripted, '["tell","-","like","avoid","rate"]', '["tell","-","love","avoid","none"]')
    scores = score(by_model(engine), [rated] * 2, linker)
    assert (scores.exact, scores.change) == (0, 0.5)  # the rating says how much, whatever the word; without it, it does not


def test_an_unreadable_answer_is_wrong_in_all_its_parts(scripted, linker):
    scores = score(by_model(scripted(default="I think they love it")), [message()], linker)
    assert scores.exact == scores.change == scores.act == scores.label == 0
    assert "not a list" in scores.wrong[0][2]


def test_no_messages_no_shares(scripted, linker):
    assert set(score(by_model(scripted(default="?")), [], linker).metrics().values()) == {0}


def test_the_rules_say_what_is_most_often_said_of_a_kind():
    read = by_majority([message(), message(labels=("hate", "avoid")), message(labels=("hate", "want"))])
    assert read(message()).act == "tell" and read(message()).labels == ("hate", "avoid")
    no_spans = Example("start", "anything good", (), "recommend", None, ())
    assert (read(no_spans).act, read(no_spans).labels) == ("recommend", ())
    unseen = Example("start", "in 1990", (Span(3, 7, "1990", "year", (), 1990.0),), "tell", None, ("at",))
    assert read(unseen).labels == ("none",)


def test_a_bare_engine_reads_without_the_adapter(scripted):
    engine = scripted(default='["tell","-","love","avoid"]')
    by_model(Bare(engine))(message())
    by_model(engine)(message())
    assert [call.adapter for call in engine.calls] == [None, "understand"]


@pytest.fixture
def generated(monkeypatch):
    """`examples` of the data gives three messages a language; the calls are recorded."""
    calls = []

    def examples(catalog, n, *, seed=0, held_out=False, language="en"):
        calls.append((n, held_out, language))
        return iter([message(), message(labels=("love", "want")), message("recommend")] if held_out else [message()])

    monkeypatch.setattr(evaluation.data, "examples", examples)
    return calls


def test_systems_stand_side_by_side_in_each_language(scripted, catalog, generated):
    said = []
    engine = scripted(default='["tell","-","love","want"]')
    results = evaluate(engine, catalog, 3, progress=said.append)
    assert list(results) == ["adapter en", "bare en", "linker en", "adapter zh", "bare zh", "linker zh"]
    assert all(scores.messages == 3 for scores in results.values())
    assert results["adapter en"].exact == results["linker zh"].exact == pytest.approx(1 / 3)
    assert results["linker en"].labels["genre:avoid"] == (2, 2) and results["bare en"].labels["genre:want"] == (1, 1)
    assert [call.adapter for call in engine.calls] == ["understand"] * 3 + [None] * 3 + ["understand"] * 3 + [None] * 3
    assert generated == [(3, True, "en"), (2000, False, "en"), (3, True, "zh"), (2000, False, "zh")]
    assert len(said) == 6


def test_an_engine_without_the_adapter_is_not_measured_as_one_with_it(scripted, catalog, generated):
    engine = scripted(default="?", adapters=())
    with pytest.raises(AdapterError, match="--systems"):
        evaluate(engine, catalog, 3)
    assert list(evaluate(None, catalog, 3, systems=["linker"], languages=["zh"])) == ["linker zh"]


def test_the_command_prints_one_json_object(default_db, generated, capsys, monkeypatch):
    monkeypatch.setattr(command, "_gguf", lambda options: pytest.fail("the rules need no model"))
    arguments = ["evaluate", "--db", str(default_db), "--n", "3", "--systems", "linker", "--wrong", "1"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    figures = json.loads(out)
    assert list(figures) == ["linker en", "linker zh"]
    assert set(figures["linker en"]) == {"n", "exact", "change exact", "act", "label", "ms p50"}
    assert err.count("right: ") == 2


def test_the_command_names_a_missing_adapter(tmp_path, capsys):
    base = tmp_path / "base.gguf"
    base.write_bytes(b"GGUF")
    assert main(["export", "understand", "--adapter", str(tmp_path / "nothing"), "--base", str(base)]) == 1
    assert "is missing" in capsys.readouterr().err
