"""The store proves itself: a sound database passes, and each kind of damage is found and named."""

import json

import pytest

from store.conversations import Conversations
from store.profiles import Profiles
from store.records import Contribution, Preference, RankChange, Recommendation, Rerun
from store.verify import verify

HEAT = Preference("item", "6", "Heat (1995)", "like", 1.0)


@pytest.fixture
def told(small_db):
    """The small catalog, on which ann said something and was shown a pick with its reasons."""
    from store.catalog import Catalog

    catalog = Catalog(small_db)
    conversations, profiles = Conversations(small_db, catalog), Profiles(small_db)
    conversation = conversations.start("ann")
    said = conversations.add_message(conversation, "user", "I loved Heat")
    (entry,) = profiles.add("ann", said.id, [HEAT])
    answer = conversations.add_message(conversation, "assistant", "Here you are.")
    parts = (Contribution("item", "6", "Heat (1995)", 0.75, entry.entry_id), Contribution("prior", "", "popularity", 0.25))
    pick = Recommendation(catalog.item(int(catalog.popular(1)[0])), 1.0, parts, 1)
    conversations.add_recommendations(answer.id, [pick], json.dumps([]))
    films = catalog.items(catalog.popular(3))
    ranks = (RankChange(films[0], 2, 1), RankChange(films[1], 1, 2), RankChange(films[2], 3, None))
    conversations.add_reruns(answer.id, [Rerun((), (entry,), 2, ranks)])
    conversations.start("bob")
    return small_db


def test_a_sound_database_passes(told):
    assert verify(told) == []


@pytest.mark.parametrize("damage, named", [
    ("UPDATE recommendations SET score = score + 0.00001", "contributions sum to"),
    ("UPDATE recommendation_contributions SET value = value * 1.01", "contributions sum to"),
    ("UPDATE recommendations SET rank = 4", "do not run from 1"),
    ("UPDATE rerun_ranks SET rank_after = 1 WHERE rank_after = 2", "the ranks after"),
    ("DELETE FROM rerun_ranks WHERE rank_before = 1", "the ranks before"),
    ("UPDATE reruns SET change = '[]'", "is not JSON of what was added"),
    ("UPDATE reruns SET message_id = (SELECT min(id) FROM messages)", "which is not an answer"),
    ("UPDATE slates SET profile = 'not json'", "is not JSON"),
    ("DELETE FROM profile_active", "the replayed log says otherwise"),
    ("UPDATE profile_log SET user_id = 'bob'", "another user"),
    ("UPDATE profile_log SET ref = '99999999' WHERE kind = 'item'", "which the catalog does not have"),
    ("UPDATE items SET genres = '[\"Western\"]' WHERE id = 6", "its features differ"),
    ("UPDATE items SET genres = 'Western' WHERE id = 6", "cannot be read any further"),
    ("UPDATE items SET rating_count = rating_count + 1 WHERE id = 6", "ratings noted"),
    ("DELETE FROM title_search WHERE item_id = 6", "title_search and the catalog differ"),
    ("UPDATE item_weights SET weights = CAST(x'0000c07f' || substr(weights, 5) AS BLOB) WHERE item_id = 6", "not finite"),
    ("UPDATE item_weights SET weights = 'x' || weights WHERE item_id = 6", "cannot be read any further"),
    ("UPDATE item_weights SET neighbours = substr(neighbours, 2) WHERE item_id = 6", "bytes of ids"),
    ("DELETE FROM item_weights WHERE item_id = 6", "item-item weights"),
    ("PRAGMA foreign_keys = OFF; DELETE FROM conversations", "refers to a row of conversations"),
])
def test_damage_is_found_and_named(told, damage, named):
    for statement in damage.split("; "):
        told.connection().execute(statement)
    findings = verify(told)
    assert any(named in finding for finding in findings), findings


def test_a_page_of_garbage_is_a_finding_not_a_crash(small_built, tmp_path):
    from store.database import Database

    data = bytearray(small_built.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 8 * 4096] = b"\x5a" * (8 * 4096)
    path = tmp_path / "torn.db"
    path.write_bytes(data)
    with Database(path) as database:
        assert any("damaged" in f or "cannot be read" in f for f in verify(database))


def test_findings_beyond_twenty_are_counted(told):
    told.connection().execute("UPDATE items SET rating_count = rating_count + 1")
    assert any("more about features and ratings" in finding for finding in verify(told))
