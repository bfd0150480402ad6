"""Drift and what each part brings, on people of whom it is known who changes: two camps of films, half of the people go over."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from assistant.__main__ import main
from assistant.evaluation.drift import FEWEST_LIKES, drift, drift_of_all, grouped
from assistant.evaluation.splits import EarlierCatalog, read_split
from store.build import build
from store.database import Database
from store.importers.facts import FilmFacts

PEOPLE, CAMP, BEFORE, AFTER = 60, 60, 20, 30


@pytest.fixture(scope="module")
def camps(tmp_path_factory):
    """Even people rate films of one camp, then of the other; odd ones of one camp only. Everybody likes what they rate."""
    rng = np.random.default_rng(5)
    rows = []
    for person in range(PEOPLE):
        own, other = (CAMP * (person // 2 % 2), CAMP * (1 - person // 2 % 2))
        drawn = rng.permutation(CAMP) + 1
        films = np.concatenate([drawn[:BEFORE] + other, (rng.permutation(CAMP) + 1)[:AFTER] + own])
        films = films if person % 2 == 0 else drawn[: BEFORE + AFTER] + own
        rows += [(person, film, 4.5, time) for time, film in enumerate(films.tolist())]
    path = tmp_path_factory.mktemp("camps") / "camps.db"
    films = [FilmFacts(id=n, title=f"Film {n}", year=2000) for n in range(1, 2 * CAMP + 1)]
    build(path, films, tuple(np.array(column) for column in zip(*rows, strict=True)), lambda text: None, weigh=False)
    return path


def test_who_goes_over_drifts_and_who_stays_does_not(camps):
    with Database(camps) as database:
        split = read_split(database)
        drifts = drift_of_all(split, EarlierCatalog(database, split).matrix)
    assert drifts[::2].min() > 0.2 > drifts[1::2].max()
    assert abs(drifts[1::2].mean()) < 0.05
    masks = grouped(drifts)
    assert masks["everybody"].all() and not masks["most drift"][1::2].any() and not masks["least drift"][::2].any()


def test_drift_by_hand():
    rows = csr_matrix(np.repeat(np.eye(3), 3, axis=0))  # three films of each of three kinds that have nothing in common
    rng = np.random.default_rng(0)
    shuffled = [1 - float((a.mean(0) @ b.mean(0)) / np.linalg.norm(a.mean(0)) / np.linalg.norm(b.mean(0)))
                for a, b in ((order[:3], order[-3:]) for order in (rows.toarray()[rng.permutation(9)] for _ in range(2000)))]
    assert drift(rows, rng, shuffles=2000) == pytest.approx(1.0 - np.mean(shuffled), abs=0.03)
    assert np.isnan(drift(rows[: FEWEST_LIKES - 1], rng))
    assert grouped(np.full(3, np.nan))["most drift"].sum() == 0


def test_recency_is_worth_more_to_those_who_changed(camps, tmp_path, capsys):
    out = tmp_path / "drift.json"
    assert main(["evaluate", "drift", "--quick", "--json", "--db", str(camps), "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text())["metrics"] == found
    assert main(["evaluate", "drift", "--quick", "--json", "--db", str(camps), "--plot", str(tmp_path / "no" / "drift.svg")]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == found and "drift.svg" in said.err  # what was measured is not lost
    gains = {group: found[f"{group}, recency 0.88"]["recall@50 gain"] for group in ("most drift", "least drift")}
    assert found["everybody, recency 1"]["people"] == PEOPLE and found["everybody, recency 1"]["recall@50 gain"] == 0
    assert gains["most drift"] >= gains["least drift"]
    assert found["most drift, recency 0.88"]["ndcg@10 gain"] > found["least drift, recency 0.88"]["ndcg@10 gain"]


def test_leaving_parts_out_is_measured_against_what_is_served(camps, capsys):
    assert main(["evaluate", "ablation", "--quick", "--db", str(camps)]) == 0
    table = capsys.readouterr().out
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:] == [
        "as served", "without either: EASE and content", "without recency"
    ]
    assert main(["evaluate", "ablation", "--quick", "--json", "--db", str(camps)]) == 0
    found = json.loads(capsys.readouterr().out)
    without = found["without recency"]
    assert without["ndcg@10 change"] == pytest.approx(without["ndcg@10"] - found["as served"]["ndcg@10"])
    assert without["ndcg@10 change"] < 0 and without["ndcg@10 change low"] <= without["ndcg@10 change"] <= without["ndcg@10 change high"]
