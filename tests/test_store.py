"""The store: what was said can be undone, forgotten and proven; a damaged file is named."""

import sqlite3

import pytest

from store.conversations import Conversations
from store.database import Database
from store.errors import StoreError
from store.profiles import Profiles
from store.records import Preference

HEAT = Preference("item", "6", "Heat (1995)", "like", 1.0)
HORROR = Preference("genre", "Horror", "Horror", "avoid", -1.0)


@pytest.fixture
def talk(fresh_db):
    with Database(fresh_db) as database:
        conversations, profiles = Conversations(database), Profiles(database)
        conversation = conversations.start("ann")

        def say(text):
            return conversations.add_message(conversation, "user", text).id

        yield profiles, conversation, say


def labels(profiles, conversation):
    return [p.label for p in profiles.view("ann", conversation)]


def test_each_message_can_be_undone_and_keeps_its_words(talk):
    profiles, conversation, say = talk
    profiles.add("ann", say("I loved Heat"), [HEAT])
    profiles.add("ann", say("no horror"), [HORROR])
    assert [p.quote for p in profiles.view("ann", conversation)] == ["I loved Heat", "no horror"]
    _, gone = profiles.undo("ann", conversation, say("undo"))
    assert [p.label for p in gone] == ["Horror"] and labels(profiles, conversation) == ["Heat (1995)"]
    profiles.reset("ann", say("start over"))
    assert labels(profiles, conversation) == []
    profiles.undo("ann", conversation, say("undo"))
    assert labels(profiles, conversation) == ["Heat (1995)"]


def test_wishes_end_with_their_conversation_and_tastes_do_not(talk):
    profiles, conversation, say = talk
    profiles.add("ann", say("I loved Heat, no horror"), [HEAT, HORROR])
    assert [p.label for p in profiles.view("ann", conversation + 1)] == ["Heat (1995)"]


def test_forget_leaves_nothing(talk):
    profiles, conversation, say = talk
    profiles.add("ann", say("I loved Heat"), [HEAT])
    assert profiles.forget("ann") and profiles.log("ann") == () and not profiles.forget("ann")


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database " * 50)
    with pytest.raises(StoreError, match="notes.db"):
        Database(path)
    assert path.read_text().startswith("these are notes")


def test_foreign_keys_are_on_and_the_journal_is_wal(fresh_db):
    with Database(fresh_db) as database:
        connection = database.connection()
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO messages (conversation_id, role, text, created_at) VALUES (999, 'user', 'x', 0)")
