"""The measure of explanations can fail: it sees wrong percents, wrong names and a model that invents."""

from dataclasses import replace
from itertools import islice

import pytest

from assistant import explain
from assistant.evaluation import explanations
from assistant.evaluation.explanations import evaluate, is_named, profiles
from store.catalog import Catalog
from store.database import Database
from store.records import Contribution

PICKS = 40


@pytest.fixture(scope="module")
def measured(default_db):
    return evaluate(default_db, None, picks=PICKS)


def test_every_statement_is_backed_and_the_two_largest_reasons_are_named(measured):
    assert measured.keys() == {"cards", "why", "slates"}
    for metrics in measured.values():
        assert metrics["backed"] == metrics["backed_before_check"] == 1.0
    assert measured["cards"]["picks"] == PICKS
    for name in ("cards", "why"):
        assert measured[name]["forgeries_caught"] == 1.0 and measured[name]["forgeries"] > 100
    assert measured["cards"]["two_largest_named"] == 1.0
    assert measured["cards"]["percents_right"] == 1.0


def test_the_text_varies(measured):
    assert measured["cards"]["most_common_opening"] < 0.3
    assert measured["cards"]["unique_lines"] > 0.8


def _spoilt(monkeypatch, spoil):
    """Cards whose one sentence went through `spoil`."""
    original = explain.reason

    def reason(pick, view):
        answer = original(pick, view)
        return replace(answer, sentences=tuple(map(spoil, answer.sentences)))

    monkeypatch.setattr(explanations.explain, "reason", reason)


def test_wrong_percents_are_seen_by_the_check_and_by_arithmetic(monkeypatch, default_db):
    _spoilt(monkeypatch, lambda line: line.replace(" %", "9 %"))
    cards = evaluate(default_db, None, picks=PICKS)["cards"]
    assert cards["percents_right"] == 0.0 and cards["backed_before_check"] < 0.2
    assert cards["statements"] < PICKS


def test_a_reason_that_names_no_cause_is_seen(monkeypatch, default_db):
    _spoilt(monkeypatch, lambda line: "It is a good match.")
    cards = evaluate(default_db, None, picks=PICKS)["cards"]
    assert cards["two_largest_named"] == 0.0
    assert cards["most_common_opening"] == 1.0


def test_what_a_model_invents_is_counted_and_never_shown(scripted, default_db):
    engine = scripted(lambda prompt: " and it won five prizes.", adapters=())
    measured = evaluate(default_db, engine, picks=10)
    assert explanations.WITH_ADAPTER not in measured
    base = measured["base"]
    assert base["backed_before_check"] == 0.0 and base["statements"] == 0 and base["written"] == 10
    assert base["picks_without_a_sentence"] == 1.0 and base["two_largest_named"] == 0.0 and "backed" not in base


def test_what_a_model_says_truly_is_shown(scripted, default_db):
    base = evaluate(default_db, scripted(lambda prompt: ".", adapters=()), picks=10)["base"]
    assert base["backed_before_check"] == base["backed"] == 1.0
    assert base["statements"] >= 5 and base["ms_per_pick_p50"] >= 0


def test_base_and_adapter_are_measured_side_by_side_on_the_same_picks(scripted, default_db):
    engine = scripted(lambda prompt: ".", adapters=("explain",))
    measured = evaluate(default_db, engine, picks=12, worded=8)
    assert {call.adapter for call in engine.calls} == {None, "explain"} and len(engine.calls) == 16
    for name in (explanations.EVIDENCE_ONLY, explanations.BASE, explanations.WITH_ADAPTER):
        assert {"sentences_per_pick", "two_largest_named", "unique_lines", "most_common_opening"} <= {
            "unique_lines", "most_common_opening", *measured[name]}
    assert measured[explanations.EVIDENCE_ONLY]["backed"] == 1.0
    assert measured[explanations.EVIDENCE_ONLY]["two_largest_named"] == 1.0
    assert measured[explanations.EVIDENCE_ONLY]["sentences_per_pick"] > 2
    assert measured["cards"]["picks"] == 12


def test_chinese_is_measured_where_there_is_an_adapter(scripted, default_db):
    def answer(prompt):
        return "，我推荐一部杰作。"

    assert explanations.WITH_ADAPTER not in evaluate(default_db, scripted(answer, adapters=()), picks=4, language="zh")
    measured = evaluate(default_db, scripted(answer, adapters=("explain",)), picks=8, language="zh")
    adapter, own = measured[explanations.WITH_ADAPTER], measured[explanations.EVIDENCE_ONLY]
    assert adapter["written"] == 8 and adapter["backed_before_check"] == 0.0 and adapter["statements"] == 0
    assert own["backed"] == own["two_largest_named"] == 1.0
    assert explanations.opening_of("最主要的原因是你很喜欢《Heat》。") == "最主要的原因" and explanations.opening_of("It is a b") == "it is a b"


def test_a_check_that_lets_everything_pass_is_seen(monkeypatch, default_db):
    monkeypatch.setattr(explanations.Claims, "unbacked", lambda self, sentence, evidence: ())
    cards = evaluate(default_db, None, picks=5)["cards"]
    assert cards["forgeries_caught"] == 0.0


def test_profiles_are_random_but_the_same_each_time(default_db):
    catalog = Catalog(Database(default_db))
    first, second = (list(islice(profiles(catalog, 3), 20)) for _ in range(2))
    assert first == second
    assert len({profile for profile, _ in first}) > 15


def test_naming_is_judged_by_the_contribution_itself():
    assert is_named(Contribution("item", "1", "Heat (1995)", 1.0), "Because you loved Heat: 41 %")
    assert not is_named(Contribution("item", "1", "Heat (1995)", 1.0), "Because you loved Ronin: 41 %")
    assert is_named(Contribution("genre", "Comedy", "Comedy", 1.0), "Your wish for comedies: 41 %")
    assert is_named(Contribution("prior", "popularity", "popular with everyone", 1.0), "Its popularity: 41 %")
