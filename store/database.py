"""Connections and migrations: one SQLite file, one connection a thread, short immediate write transactions.

Knows the file and its schema version, not what the tables mean.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from store.errors import DatabaseBroken, DatabaseBusy, DatabaseMissing, StoreError
from store.migrations import STEPS

APPLICATION_ID = 0x54574859
"""Written into the file's header ("TWHY"), so that another program's database is not taken for ours."""
BUSY_SECONDS = 10.0


class Database:
    """The file at `path`. Opening it brings an older schema up to date.

    Raises DatabaseMissing when there is no file and `create` is False; DatabaseBroken when it is not one of our
    databases, is damaged or comes from a newer version.
    """

    def __init__(self, path: str | Path, *, create: bool = False) -> None:
        self.path = Path(path)
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        if not create and not self.path.exists():
            raise DatabaseMissing(f"no database at {self.path}; make one with `python -m store build --db {self.path}`")
        if not self.path.parent.is_dir():
            raise DatabaseMissing(f"no folder {self.path.parent} for the database; create it or choose another path")
        try:
            self._migrate()
        except StoreError:
            self.close()
            raise

    def connection(self) -> sqlite_utils.Database:
        """This thread's connection. Statements outside `write()` commit by themselves."""
        if self._closed:
            raise StoreError(f"the database {self.path} was closed; open it again")
        if not hasattr(self._own, "database"):
            self._own.database = self._connect()
        return self._own.database

    @contextmanager
    def write(self) -> Iterator[sqlite_utils.Database]:
        """One transaction that holds the write lock from its start, so that what it reads cannot change under it.

        Commits at the end, rolls back when the block raises. A `write()` inside a `write()` is a part of it: what it
        did is taken back alone when it raises, and kept when the outer one commits. Raises StoreError for what the
        database refuses.
        """
        connection = self.connection()
        if connection.conn.in_transaction:
            with self.clear_errors(), connection.atomic():
                yield connection
            return
        with self.clear_errors():
            connection.execute("BEGIN IMMEDIATE")
        try:
            with self.clear_errors():
                yield connection
        except BaseException:
            connection.conn.rollback()
            raise
        try:
            with self.clear_errors():
                connection.execute("COMMIT")
        except StoreError:
            connection.conn.rollback()
            raise

    @property
    def version(self) -> int:
        """The schema version of the file."""
        return self.connection().execute("PRAGMA user_version").fetchone()[0]

    def close(self) -> None:
        """Closes the connection of every thread. The object cannot be used afterwards."""
        with self._lock:
            self._closed = True
            connections, self._all = self._all, []
        for connection in connections:
            connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> sqlite_utils.Database:
        with self.clear_errors():
            # close() runs in whichever thread ends the program, hence check_same_thread
            raw = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
            with self._lock:
                self._all.append(raw)
            raw.execute("PRAGMA schema_version").fetchone()  # reads the header: fails here on a file that is no database
            raw.execute("PRAGMA foreign_keys = ON")
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("PRAGMA synchronous = NORMAL")
            raw.execute("PRAGMA secure_delete = ON")  # what a person has deleted is overwritten, not only unlinked
            raw.execute("PRAGMA cache_size = -32000")
            return sqlite_utils.Database(raw)

    @contextmanager
    def clear_errors(self) -> Iterator[None]:
        """SQLite's errors about the file as ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise DatabaseBusy(
                    f"{self.path} was locked for {BUSY_SECONDS:.0f} seconds by another process; close it or try again"
                ) from error
            raise DatabaseBroken(f"{self.path} cannot be used ({error}); check its permissions and disk space") from error
        except sqlite3.IntegrityError as error:
            raise StoreError(f"a write to {self.path} was refused: {error}") from error
        except sqlite3.DatabaseError as error:
            raise DatabaseBroken(
                f"{self.path} is not a readable SQLite database ({error}); move it away and build a new one "
                "with `python -m store build`"
            ) from error

    def _migrate(self) -> None:
        connection = self.connection()
        with self.clear_errors():
            version, application, tables = self._header(connection)
        if version > len(STEPS):
            raise DatabaseBroken(
                f"{self.path} has schema version {version}, this program knows up to {len(STEPS)}; update the program"
            )
        if tables and application != APPLICATION_ID:
            raise DatabaseBroken(f"{self.path} is a database of another program; choose another path")
        if version == len(STEPS):
            return
        with self.write() as connection:
            version, _, _ = self._header(connection)  # again, now that nobody else can be migrating
            for number, step in enumerate(STEPS[version:], start=version + 1):
                for statement in statements(step):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    @staticmethod
    def _header(connection: sqlite_utils.Database) -> tuple[int, int, int]:
        """Schema version, application id and the number of tables."""
        queries = ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
        version, application, tables = (connection.execute(query).fetchone()[0] for query in queries)
        return version, application, tables


def statements(script: str) -> Iterator[str]:
    """The single statements of an SQL script; executescript() would commit the transaction they belong to."""
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
