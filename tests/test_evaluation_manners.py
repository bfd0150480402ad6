"""Fitting when to ask: what is tried, on whose ratings, and the rule by which a value is taken."""

import json
from dataclasses import replace

import pytest

from assistant.__main__ import main
from assistant.asking import MANNERS
from assistant.evaluation import manners
from assistant.evaluation.manners import GAIN, MEASURE, PRESENT, TRIED, chosen, settings
from assistant.evaluation.ranking import read_split
from store.database import Database

N = 30


@pytest.fixture(scope="module")
def found(small_built):
    tried = {PRESENT: MANNERS, "the same": replace(MANNERS), "never": replace(MANNERS, most=0), "one": replace(MANNERS, most=1)}
    return manners.evaluate(small_built, n=N, seed=1, tried=tried)


def test_one_constant_at_a_time_and_those_in_use_once():
    tried = settings()
    assert tried[PRESENT] == MANNERS and len(tried) == 1 + sum(len(values) - 1 for values in TRIED.values()) <= 20
    for name, other in tried.items():
        changed = [constant for constant in TRIED if getattr(other, constant) != getattr(MANNERS, constant)]
        assert changed == [name.split()[0]] if name != PRESENT else not changed
        assert replace(other, **{constant: getattr(MANNERS, constant) for constant in TRIED}) == MANNERS
    assert all(getattr(MANNERS, name) in values for name, values in TRIED.items())


def test_only_films_of_the_earlier_ratings_are_in_mind(small_built, found):
    with Database(small_built) as database:
        measured, earlier = read_split(database), read_split(database, rounds=2)
    aimed_at = set(zip(measured.person[measured.held_out].tolist(), measured.item_ids[measured.column[measured.held_out]].tolist(), strict=True))
    before = set(zip(earlier.person[earlier.held_out].tolist(), earlier.item_ids[earlier.column[earlier.held_out]].tolist(), strict=True))
    people = set(found.record["people"])
    assert len(people) == N and people <= before and not people & aimed_at and aimed_at


def test_who_never_asks_finds_no_more(found):
    never, one, present = (found.metrics[name] for name in ("never", "one", PRESENT))
    assert never["asked"] == 0.0 < one["asked"] < present["asked"] <= MANNERS.most
    assert never[MEASURE] < present[MEASURE] and never[GAIN] < 0.0 and never[f"{GAIN} low"] <= never[GAIN] <= never[f"{GAIN} high"]
    assert found.record["chosen"] == PRESENT and "Chosen: as it is." in found.text and "| never" in found.text
    json.dumps(found.record)


def test_the_same_settings_bring_the_same(found):
    same = found.metrics["the same"]
    assert (same[GAIN], same[f"{GAIN} low"], same[f"{GAIN} high"]) == (0.0, 0.0, 0.0) and same[MEASURE] == found.metrics[PRESENT][MEASURE]


def measured(mean, low, asked):
    return {MEASURE: mean, f"{GAIN} low": low, "asked": asked}


@pytest.mark.parametrize("others, taken", [
    ({"a": (0.5, 0.0, 1.0)}, PRESENT),  # higher, but within its bounds
    ({"a": (0.5, 0.01, 2.0), "b": (0.6, 0.01, 3.0)}, "b"),
    ({"a": (0.6, 0.02, 2.5), "b": (0.6, 0.01, 2.0)}, "b"),  # as good with fewer questions
    ({"a": (0.3, -0.2, 0.0)}, PRESENT),
    ({}, PRESENT),
])
def test_what_is_better_beyond_its_bounds_is_taken(others, taken):
    assert chosen({PRESENT: measured(0.4, 0.0, 2.5)} | {name: measured(*values) for name, values in others.items()}) == taken


def test_fit_is_of_dialogues_only(capsys, tmp_path):
    assert main(["evaluate", "speed", "--fit", "--db", str(tmp_path / "no.db")]) == 1 and "evaluate dialogues --fit" in capsys.readouterr().err
    assert main(["evaluate", "dialogues", "--fit", "--n", "0", "--db", str(tmp_path / "no.db")]) == 1 and "--n 0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
