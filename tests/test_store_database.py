"""The file: migrations, transactions, and what is said of files that are not ours."""

import sqlite3
import threading

import pytest

from store import database as module
from store.catalog import Catalog
from store.database import Database
from store.errors import DatabaseBroken, DatabaseBusy, DatabaseMissing, StoreError

NEXT = "ALTER TABLE users ADD COLUMN tongue TEXT;\nUPDATE users SET tongue = 'en';"


@pytest.fixture
def old(tmp_path):
    """A database of the present schema with one user: old as soon as there is a further step."""
    path = tmp_path / "old.db"
    with Database(path, create=True) as database:
        database.connection().execute("INSERT INTO users VALUES ('ann', 1.0)")
    return path


def test_an_old_schema_is_brought_up_to_date_with_its_data(old, monkeypatch):
    version = len(module.STEPS)
    monkeypatch.setattr(module, "STEPS", (*module.STEPS, NEXT))
    for _ in range(2):
        with Database(old) as database:
            assert database.version == version + 1
            assert database.connection().execute("SELECT * FROM users").fetchall() == [("ann", 1.0, "en")]


def test_a_step_that_fails_leaves_the_old_schema(old, monkeypatch):
    version = len(module.STEPS)
    with monkeypatch.context() as patch:
        patch.setattr(module, "STEPS", (*module.STEPS, NEXT, "CREATE TABLE users (x);"))
        with pytest.raises(StoreError, match="users"):
            Database(old)
    with Database(old) as database:
        assert database.version == version
        assert database.connection().execute("SELECT * FROM users").fetchall() == [("ann", 1.0)]


def test_a_newer_schema_is_refused_and_not_touched(old):
    raw = sqlite3.connect(old)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(DatabaseBroken, match="99.*update"):
        Database(old)


def test_another_programs_database_is_refused_and_not_touched(tmp_path):
    path = tmp_path / "bank.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE accounts (id)")
    raw.commit()
    with pytest.raises(DatabaseBroken, match="another program"):
        Database(path)
    assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("accounts",)]
    raw.close()


def test_a_missing_file_or_folder_is_named_and_not_made(tmp_path):
    with pytest.raises(DatabaseMissing, match="none.db.*store build"):
        Database(tmp_path / "none.db")
    with pytest.raises(DatabaseMissing, match="nowhere"):
        Database(tmp_path / "nowhere" / "x.db", create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_catalog_says_how_to_get_one(old):
    with Database(old) as database, pytest.raises(DatabaseMissing, match="store build"):
        Catalog(database)


def test_a_torn_file_gives_a_clear_error(small_built, tmp_path):
    data = bytearray(small_built.read_bytes())
    data[4096 * 3 :] = b"\x07" * (len(data) - 4096 * 3)
    path = tmp_path / "torn.db"
    path.write_bytes(data)
    with pytest.raises(DatabaseBroken, match="torn.db"):
        with Database(path) as database:
            Catalog(database).titles()


def test_a_write_that_raises_leaves_nothing(old):
    with Database(old) as database:
        with pytest.raises(ZeroDivisionError):
            with database.write() as connection:
                connection.execute("INSERT INTO users VALUES ('bob', 2.0)")
                raise ZeroDivisionError
        with database.write() as connection:
            connection.execute("INSERT INTO users VALUES ('eve', 2.0)")
            with pytest.raises(StoreError, match="UNIQUE"):
                with database.write():
                    connection.execute("INSERT INTO users VALUES ('dan', 2.0)")
                    connection.execute("INSERT INTO users VALUES ('ann', 2.0)")
        assert [row[0] for row in database.connection().execute("SELECT id FROM users").fetchall()] == ["ann", "eve"]


def test_reading_then_writing_in_many_threads_loses_nothing(old):
    """80 of 80: a deferred transaction fails most of these with "database is locked"."""
    with Database(old) as database:
        database.connection().execute("UPDATE users SET created_at = 0")

        def count():
            for _ in range(20):
                with database.write() as connection:
                    (now,) = connection.execute("SELECT created_at FROM users").fetchone()
                    connection.execute("UPDATE users SET created_at = ?", (now + 1,))

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert database.connection().execute("SELECT created_at FROM users").fetchone()[0] == 80


def test_a_lock_that_is_never_released_is_named(old, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    with Database(old) as ours, Database(old) as theirs, theirs.write():
        with pytest.raises(DatabaseBusy, match="old.db"):
            with ours.write():
                pass


def test_a_closed_database_says_so(old):
    database = Database(old)
    database.close()
    with pytest.raises(StoreError, match="closed"):
        database.connection()


def test_a_file_that_is_no_database_is_named_and_not_touched(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database " * 50)
    with pytest.raises(StoreError, match="notes.db"):
        Database(path)
    assert path.read_text().startswith("these are notes")


def test_foreign_keys_are_on_and_the_journal_is_wal(old):
    with Database(old) as database:
        connection = database.connection()
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO messages (conversation_id, role, text, created_at) VALUES (999, 'user', 'x', 0)")
