"""Conversations, their messages, and every recommendation with its contributions as they were.

A conversation belongs to one user. The functions the page reaches take the user and refuse what is another's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlite_utils

from store.catalog import Catalog
from store.database import Database
from store.errors import StoreError, UnknownRecord
from store.records import Asked, Contribution, Message, Preference, RankChange, Recommendation, Rerun


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of `user`; `messages` is how many it has."""

    id: int
    user: str
    started_at: float
    messages: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation is at: what the assistant did last ("start" at first), the item talked about last or None,
    and the open question as JSON or None."""

    last: str = "start"
    focus: int | None = None
    pending: str | None = None


@dataclass(frozen=True, slots=True)
class Slate:
    """What a message recommended, as it was.

    recommendations: best first. profile: what they were made from. model: the version of the model (`Recommender.version`),
    excluded: the items that were not to be picked again; both None where they were not kept yet.
    """

    recommendations: tuple[Recommendation, ...]
    profile: tuple[Preference, ...]
    model: str | None
    excluded: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One time that an item was recommended to a user.

    message: the answer it stood in. asked: the message or click that was answered. times: how often it was recommended
    to the user in all.
    """

    message: Message
    asked: Message | None
    recommendation: Recommendation
    slate: Slate
    times: int


class Conversations:
    """The conversations in `database`. `catalog` turns stored item ids into items; one is opened when it is left out."""

    def __init__(self, database: Database, catalog: Catalog | None = None) -> None:
        self._database = database
        self._catalog = catalog or Catalog(database)

    # conversations

    def current(self, user: str) -> int:
        """The user's latest conversation, started if there is none."""
        row = self._database.connection().execute(
            "SELECT id FROM conversations WHERE user_id = ? ORDER BY id DESC LIMIT 1", (user,)
        ).fetchone()
        return row[0] if row else self._start(user, only_first=True)

    def start(self, user: str) -> int:
        """Starts a new conversation, and the user if new. A latest one in which nothing was said is taken instead."""
        return self._start(user, only_first=False)

    def list(self, user: str) -> list[Conversation]:
        """The user's conversations, latest first."""
        rows = self._database.connection().execute(
            "SELECT id, user_id, started_at, (SELECT count(*) FROM messages WHERE conversation_id = conversations.id) "
            "FROM conversations WHERE user_id = ? ORDER BY id DESC", (user,),
        ).fetchall()
        return [Conversation(*row) for row in rows]

    def belongs(self, conversation_id: int, user: str) -> bool:
        """Whether there is such a conversation and it is this user's."""
        return self._owner(self._database.connection(), conversation_id) == user

    def _start(self, user: str, only_first: bool) -> int:
        if not user or not user.strip():
            raise StoreError(f"a user needs a name, got {user!r}")
        now = time.time()
        with self._database.write() as connection:
            connection.execute("INSERT INTO users VALUES (?, ?) ON CONFLICT DO NOTHING", (user, now))
            row = connection.execute(
                "SELECT id, EXISTS (SELECT 1 FROM messages WHERE conversation_id = conversations.id) "
                "FROM conversations WHERE user_id = ? ORDER BY id DESC LIMIT 1", (user,),
            ).fetchone()
            if row and (only_first or not row[1]):
                return row[0]
            return connection.execute("INSERT INTO conversations (user_id, started_at) VALUES (?, ?)", (user, now)).lastrowid

    # messages

    def add_message(self, conversation_id: int, role: str, text: str, act: str | None = None, *, user: str | None = None) -> Message:
        """Appends a message. Raises UnknownRecord when there is no such conversation, or it is not `user`'s (if given)."""
        now = time.time()
        with self._database.write() as connection:
            self._check(connection, conversation_id, user)
            message_id = connection.execute(
                "INSERT INTO messages (conversation_id, role, text, act, created_at) VALUES (?, ?, ?, ?, ?)",
                (conversation_id, role, text, act, now),
            ).lastrowid
        return Message(message_id, conversation_id, role, text, act, now)

    def set_text(self, message_id: int, text: str, act: str | None = None) -> None:
        """Completes a message that was stored before its text was written out. `act` None leaves the act as it is."""
        with self._database.write() as connection:
            changed = connection.execute("UPDATE messages SET text = ?, act = ifnull(?, act) WHERE id = ?", (text, act, message_id))
            if not changed.rowcount:
                raise UnknownRecord(f"no message {message_id!r}")

    def messages(self, conversation_id: int, *, user: str | None = None) -> list[Message]:
        """All messages, oldest first. Raises UnknownRecord as `add_message` does."""
        connection = self._database.connection()
        self._check(connection, conversation_id, user)
        rows = connection.execute(
            "SELECT id, conversation_id, role, text, act, created_at FROM messages WHERE conversation_id = ? ORDER BY id",
            (conversation_id,),
        ).fetchall()
        return [Message(*row) for row in rows]

    # where the conversation is

    def context(self, conversation_id: int) -> Context:
        """Raises UnknownRecord when there is no such conversation."""
        row = self._database.connection().execute(
            "SELECT last, focus, pending FROM conversations WHERE id = ?", (conversation_id,)
        ).fetchone()
        if row is None:
            raise UnknownRecord(f"no conversation {conversation_id!r}")
        return Context(*row)

    def set_context(self, conversation_id: int, last: str, focus: int | None = None) -> None:
        """Remembers what the assistant did last and the item talked about last."""
        self._update(conversation_id, "last = ?, focus = ?", (last, focus))

    def pending(self, conversation_id: int) -> str | None:
        """The open question as JSON, or None."""
        return self.context(conversation_id).pending

    def set_pending(self, conversation_id: int, pending: str | None) -> None:
        """Remembers the open question (JSON), or with None that there is none."""
        self._update(conversation_id, "pending = ?", (pending,))

    def _update(self, conversation_id: int, assignments: str, values: tuple) -> None:
        with self._database.write() as connection:
            changed = connection.execute(f"UPDATE conversations SET {assignments} WHERE id = ?", (*values, conversation_id))
            if not changed.rowcount:
                raise UnknownRecord(f"no conversation {conversation_id!r}")

    # recommendations

    def add_recommendations(
        self, message_id: int, recommendations: Sequence[Recommendation], profile: Iterable[Preference],
        *, model: str | None = None, excluded: Iterable[int] = (),
    ) -> None:
        """Stores what a message recommended, with contributions, and what it was made from (see `Slate`).

        All or nothing; a second call for the same message is refused with StoreError.
        """
        made_from = json.dumps([asdict(p) for p in profile]), model, json.dumps(sorted(excluded))
        with self._database.write() as connection:
            connection.execute("INSERT INTO slates (message_id, profile, model, excluded) VALUES (?, ?, ?, ?)", (message_id, *made_from))
            for pick in recommendations:
                row = connection.execute(
                    "INSERT INTO recommendations (message_id, rank, item_id, score) VALUES (?, ?, ?, ?)",
                    (message_id, pick.rank, pick.item.id, pick.score),
                ).lastrowid
                connection.conn.executemany(
                    "INSERT INTO recommendation_contributions VALUES (?, ?, ?, ?, ?, ?, ?)",
                    ((row, n, c.source, c.ref, c.label, c.value, c.entry_id) for n, c in enumerate(pick.contributions)),
                )

    def recommendations(self, message_id: int, *, user: str | None = None) -> tuple[Recommendation, ...]:
        """What a message recommended, best first, with the scores and contributions of then; empty if nothing, or if
        the message is not `user`'s (when given)."""
        connection = self._database.connection()
        picks = connection.execute(
            "SELECT recommendations.id, item_id, score, rank FROM recommendations JOIN messages ON messages.id = message_id "
            "JOIN conversations ON conversations.id = conversation_id WHERE message_id = ? AND user_id = ifnull(?, user_id) "
            "ORDER BY rank", (message_id, user),
        ).fetchall()
        contributions: dict[int, list[Contribution]] = {pick[0]: [] for pick in picks}
        for owner, *fields in connection.execute(
            "SELECT recommendation_id, source, ref, label, value, entry_id FROM recommendation_contributions WHERE recommendation_id "
            "IN (SELECT id FROM recommendations WHERE message_id = ?) ORDER BY recommendation_id, position", (message_id,),
        ).fetchall():
            if owner in contributions:
                contributions[owner].append(Contribution(*fields))
        items = self._catalog.items(pick[1] for pick in picks)
        return tuple(
            Recommendation(item, score, tuple(contributions[row]), rank)
            for item, (row, _, score, rank) in zip(items, picks, strict=True)
        )

    def slate_of(self, message_id: int, *, user: str | None = None) -> Slate | None:
        """What a message recommended and what from; None if nothing, or if the message is not `user`'s (when given)."""
        row = self._database.connection().execute(
            "SELECT profile, model, excluded FROM slates JOIN messages ON messages.id = message_id "
            "JOIN conversations ON conversations.id = conversation_id WHERE message_id = ? AND user_id = ifnull(?, user_id)",
            (message_id, user),
        ).fetchone()
        if row is None:
            return None
        profile, model, excluded = row
        return Slate(
            self.recommendations(message_id), tuple(Preference(**p) for p in json.loads(profile)), model,
            None if excluded is None else frozenset(json.loads(excluded)),
        )

    def slate(self, conversation_id: int) -> tuple[Recommendation, ...]:
        """The recommendations shown last in a conversation, best first; empty before the first."""
        row = self._database.connection().execute(
            "SELECT max(message_id) FROM slates JOIN messages ON messages.id = message_id WHERE conversation_id = ?", (conversation_id,)
        ).fetchone()
        return self.recommendations(row[0]) if row[0] else ()

    def shown(self, conversation_id: int) -> frozenset[int]:
        """The ids of all items recommended in a conversation."""
        rows = self._database.connection().execute(
            "SELECT DISTINCT item_id FROM recommendations JOIN messages ON messages.id = message_id WHERE conversation_id = ?",
            (conversation_id,),
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def last_shown(self, user: str, item_id: int, *, first: bool = False, before: int | None = None) -> Shown | None:
        """The last time (or the first) that an item was recommended to a user, in any of their conversations; None if never.

        before: a message id; only what was recommended before that message.
        """
        connection = self._database.connection()
        found = connection.execute(
            "SELECT message_id FROM recommendations JOIN messages ON messages.id = message_id JOIN conversations ON "
            "conversations.id = conversation_id WHERE user_id = ? AND item_id = ? ORDER BY message_id", (user, item_id),
        ).fetchall()
        ids = [row[0] for row in found if before is None or row[0] < before]
        if not ids:
            return None
        message_id = ids[0] if first else ids[-1]
        message, *others = connection.execute(
            "SELECT id, conversation_id, role, text, act, created_at FROM messages WHERE conversation_id = "
            "(SELECT conversation_id FROM messages WHERE id = ?) AND id <= ? ORDER BY id DESC", (message_id, message_id),
        ).fetchall()
        asked = next((Message(*row) for row in others if row[2] != "assistant"), None)
        slate = self.slate_of(message_id)
        pick = next(r for r in slate.recommendations if r.item.id == item_id)
        return Shown(Message(*message), asked, pick, slate, len(found))

    # reruns

    def add_reruns(self, message_id: int, reruns: Sequence[Rerun]) -> None:
        """Stores the reruns that a message was answered with, all or none. A second call for it is refused with StoreError."""
        with self._database.write() as connection:
            for position, rerun in enumerate(reruns):
                change = {"added": [asdict(p) for p in rerun.added], "removed": [asdict(p) for p in rerun.removed]}
                row = connection.execute(
                    "INSERT INTO reruns (message_id, position, change, size) VALUES (?, ?, ?, ?)",
                    (message_id, position, json.dumps(change), rerun.size),
                ).lastrowid
                connection.conn.executemany(
                    "INSERT INTO rerun_ranks VALUES (?, ?, ?, ?)", ((row, r.item.id, r.before, r.after) for r in rerun.ranks)
                )

    def reruns(self, message_id: int, *, user: str | None = None) -> tuple[Rerun, ...]:
        """The reruns of a message, in order; empty if there were none, or if the message is not `user`'s (when given)."""
        connection = self._database.connection()
        found = []
        for row, change, size in connection.execute(
            "SELECT reruns.id, change, size FROM reruns JOIN messages ON messages.id = message_id "
            "JOIN conversations ON conversations.id = conversation_id WHERE message_id = ? AND user_id = ifnull(?, user_id) "
            "ORDER BY position", (message_id, user),
        ).fetchall():
            ranks = connection.execute(
                "SELECT item_id, rank_before, rank_after FROM rerun_ranks WHERE rerun_id = ? "
                "ORDER BY ifnull(rank_after, 1e9), rank_before", (row,),
            ).fetchall()
            items = self._catalog.items(rank[0] for rank in ranks)
            added, removed = (tuple(Preference(**p) for p in json.loads(change)[part]) for part in ("added", "removed"))
            moves = (RankChange(item, *rank[1:]) for item, rank in zip(items, ranks, strict=True))
            found.append(Rerun(added, removed, size, tuple(moves)))
        return tuple(found)

    # what was asked beside picks

    def add_question(self, message_id: int, kind: str, options: Sequence[str]) -> None:
        """Stores that a message asked which of some values of a feature kind is wanted."""
        with self._database.write() as connection:
            connection.execute("INSERT INTO questions (message_id, kind, options) VALUES (?, ?, ?)", (message_id, kind, json.dumps(list(options))))

    def answer_question(self, conversation_id: int, answer_id: int) -> None:
        """Stores that the message `answer_id` answered the last question of a conversation; nothing where there is none."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE questions SET answer_id = ? WHERE message_id = (SELECT max(message_id) FROM questions JOIN messages ON "
                "messages.id = message_id WHERE conversation_id = ?)", (answer_id, conversation_id),
            )

    def questions(self, conversation_id: int) -> tuple[Asked, ...]:
        """What was asked so in a conversation, oldest first."""
        rows = self._database.connection().execute(
            "SELECT kind, options, answer_id, (SELECT count(*) FROM messages AS later WHERE later.conversation_id = messages.conversation_id "
            "AND later.role = 'user' AND later.id > message_id) FROM questions JOIN messages ON messages.id = message_id "
            "WHERE conversation_id = ? ORDER BY message_id", (conversation_id,),
        ).fetchall()
        return tuple(Asked(kind, tuple(json.loads(options)), answer_id is not None, since) for kind, options, answer_id, since in rows)

    # who owns what

    @staticmethod
    def _owner(connection: sqlite_utils.Database, conversation_id: int) -> str | None:
        row = connection.execute("SELECT user_id FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
        return row[0] if row else None

    def _check(self, connection: sqlite_utils.Database, conversation_id: int, user: str | None) -> None:
        owner = self._owner(connection, conversation_id)
        if owner is None or user is not None and owner != user:
            raise UnknownRecord(f"no conversation {conversation_id!r}" + (f" of user {user!r}" if user is not None else ""))
