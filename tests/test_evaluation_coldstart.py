"""Cold start: what is hidden is hidden, new people train nothing, and what films have in common reaches films nobody rated."""

import json
from dataclasses import replace

import numpy as np
import pytest

from assistant.__main__ import main
from assistant.errors import AssistantError
from assistant.evaluation.coldstart import (
    ALL, LEAST_TARGETS, TOLD, _folding, drawn_films, evaluate, new_films, new_people, told,
)
from assistant.evaluation.peers import Als, Ease, fit
from assistant.evaluation.reports import Bars
from assistant.evaluation.splits import TARGET, EarlierCatalog, read_split
from store.build import build
from store.database import Database
from store.importers.facts import FilmFacts, read_films, read_ratings


@pytest.fixture(scope="module")
def part(tmp_path_factory) -> Database:
    """A third of the people and the films they rated most."""
    people, items, values, times = read_ratings()
    common = np.argsort(-np.bincount(items))[:900]
    kept = np.isin(items, common) & (people % 3 == 0)
    films = [film for film in read_films() if film.id in set(common.tolist())]
    path = tmp_path_factory.mktemp("part") / "part.db"
    build(path, films, (people[kept], items[kept], values[kept], times[kept]), lambda text: None, weigh=False)
    return Database(path)


def test_a_tenth_of_the_films_with_targets_is_drawn_the_same_each_time(part):
    split = read_split(part)
    columns = drawn_films(split)
    targets = np.bincount(split.column[split.rating >= TARGET], minlength=len(split.item_ids))
    assert len(columns) == round(0.1 * (targets >= LEAST_TARGETS).sum())
    assert (targets[columns] >= LEAST_TARGETS).all() and (np.diff(columns) > 0).all()
    assert (columns == drawn_films(split)).all()


def test_content_alone_knows_no_ratings(part):
    split = read_split(part)
    catalog = EarlierCatalog(part, replace(split, known=np.zeros_like(split.known)))
    assert not catalog.rating_count.any()
    film = catalog.item(1)  # Toy Story
    ids, values = catalog.weights(1)
    assert len(ids) and (values > 0).all()
    nearest = catalog.item(int(ids[np.argmax(values)]))
    assert set(film.genres + film.keywords + film.people) & set(nearest.genres + nearest.keywords + nearest.people)


def test_films_that_nobody_rated_are_reached_by_content_only(part):
    found, hidden = new_films(part, read_split(part), False, Bars())
    assert hidden > 40
    mean = {name: {metric: v.mean() for metric, v in values.items()} for name, values in found.items()}
    for name in ("popularity", "ease"):
        assert set(mean[name].values()) == {0.0}  # by construction
    alone = "recall@10 of the new films"
    assert mean["content alone"][alone] > 1.3 * 10 / hidden and mean["tellwhy"][alone] > 1.3 * 10 / hidden  # chance: 10 of them
    assert mean["content alone"]["recall@50 of all films"] > 0


def test_told_ratings_are_known_ones_of_the_person_and_more_of_them_include_fewer(part):
    split = read_split(part)
    rows = np.array([3, 8, 20])
    before = set()
    for k in (*TOLD, ALL):
        telling = told(split, rows, k)
        assert split.known[telling.which].all() and set(split.row[telling.which]) <= set(rows.tolist())
        assert before <= set(telling.which.tolist())
        before = set(telling.which.tolist())
        if k != ALL:
            assert len(telling.which) == k * len(rows)
        assert telling.liked.shape == (3, len(split.item_ids)) and telling.liked.nnz <= len(telling.which)
    assert len(before) == split.known[np.isin(split.row, rows)].sum()
    assert (told(split, rows[:1], 5).which == told(split, rows, 5).which[:5]).all()  # whoever else is asked


def test_folding_in_who_was_there_gives_what_training_gave(part):
    split = read_split(part)
    known = split.matrix(split.known).toarray() > 0
    theirs = np.where(known, 0, fit(Ease(100.0), split)(np.arange(split.people)))
    assert np.where(known, 0, _folding(Ease(100.0), split)(split.liked)) == pytest.approx(theirs, abs=1e-4)
    pytest.importorskip("implicit")
    model = Als(16, 10.0, 5.0, 30)
    theirs, folded = fit(model, split)(np.arange(split.people)), _folding(model, split)(split.liked)
    assert np.corrcoef(theirs.ravel(), folded.ravel())[0, 1] > 0.99


def test_new_people_train_nothing(part, monkeypatch):
    seen = []
    original = EarlierCatalog.__init__

    def remember(self, database, split, *more):
        seen.append(split)
        original(self, database, split, *more)

    monkeypatch.setattr(EarlierCatalog, "__init__", remember)
    split = read_split(part)
    found, _ = new_people(part, split, True, Bars())
    asked = len(found["tellwhy, 3 told"]["ndcg@10"])
    training = seen[-1]
    new = set(split.row[split.known]) - set(training.row[training.known])
    assert len(new) == pytest.approx(split.people / 5, abs=1) and 0 < asked <= len(new)
    assert not (training.known & ~split.known).any()


def test_telling_more_helps_and_the_tables_and_the_numbers_agree(part, tmp_path, capsys):
    out = tmp_path / "cold.json"
    assert main(["evaluate", "coldstart", "--quick", "--json", "--db", str(part.path), "--out", str(out)]) == 0
    metrics, record = json.loads(capsys.readouterr().out), json.loads(out.read_text())
    assert record["metrics"] == metrics and record["protocol"]["quick"]
    for name in ("ease", "tellwhy"):
        values = [metrics[f"{name}, {k} told"]["recall@50"] for k in (0, 10, ALL)]
        assert values[0] < values[2] and values[1] <= values[2] + 0.05
        assert all(v["recall@50 low"] <= v["recall@50"] <= v["recall@50 high"] for s, v in metrics.items() if "told" in s)
    assert metrics["ease, 0 told"]["ndcg@10"] == metrics["popularity, 0 told"]["ndcg@10"]  # with nothing told, popular films
    assert metrics["popularity, 10 told"] == metrics["popularity, 0 told"]
    text = evaluate(part.path, _quick()).text
    assert f"{metrics['tellwhy, 3 told']['ndcg@10']:.3f} (" in text and "A quick run" in text and text.count("| tellwhy ") == 3


def _quick():
    from assistant.evaluation.ranking import Options

    return Options(quick=True)


def test_nothing_to_hide_is_an_error(tmp_path):
    films = [FilmFacts(id=n, title=f"Film {n}", year=2000) for n in range(1, 11)]
    people, items = np.repeat([1, 2], 10), np.tile(np.arange(1, 11), 2)
    build(tmp_path / "few.db", films, (people, items, np.full(20, 5.0), np.arange(20)), lambda text: None, weigh=False)
    with pytest.raises(AssistantError, match="none can be hidden"):
        evaluate(tmp_path / "few.db")
