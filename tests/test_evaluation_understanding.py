"""The hand-written set is well formed, and the measure of it can tell right from wrong."""

import json

import pytest

from assistant.evaluation import understanding
from assistant.linking import Linker
from assistant.state import ACTS
from store.catalog import Catalog
from store.database import Database
from store.records import ROLES


@pytest.fixture(scope="module")
def catalog(default_db):
    with Database(default_db) as database:
        yield Catalog(database)


def test_the_set_is_large_and_every_act_is_in_it():
    lines = understanding.load()
    acts = [line["act"] if isinstance(line["act"], str) else line["act"][0] for line in lines]
    assert len(lines) >= 300 and len({line["text"] for line in lines}) > 0.9 * len(lines)
    assert {act for act in ACTS if acts.count(act) < 8} == set()
    assert all(change[0] in ROLES for line in lines for change in line.get("changes", ()))


def test_everything_named_is_in_the_catalog(catalog):
    names = understanding.ids_by_name(catalog)
    for line in understanding.load():
        understanding.state_of(line, catalog, names)
        for _, kind, value in line.get("changes", ()):
            if kind == "item":
                assert value in names, value
            elif kind in ("genre", "person", "keyword", "decade"):
                assert value in catalog.values(kind), value


@pytest.mark.parametrize("labels, exact, silent", [(["love", "avoid"], 1.0, 0.0), (["hate", "avoid"], 0.0, 1.0)])
def test_a_wrong_edit_is_counted(catalog, scripted, labels, exact, silent):
    gold = {"text": "i loved fargo, no horror", "act": ["like", "dislike"], "changes": [["like", "item", "Fargo (1996)"], ["avoid", "genre", "Horror"]]}
    engine = scripted(lambda prompt: json.dumps(["tell", "-", *labels]))
    measured = understanding.hand_written([gold], catalog, Linker(catalog), engine, lambda line: None)
    assert (measured["changes exact"], measured["silent wrong edits"]) == (exact, silent)
