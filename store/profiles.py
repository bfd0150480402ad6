"""What is known of each person, as an append-only log of what they said and did.

Nothing is ever changed or deleted but by `forget`. An entry "add" is a preference; "remove" and "reset" take
preferences away; "undo" reverses everything one message did, "redo" takes an undo back. So an "add" is in force when
its message is not undone, and no "remove" or "reset" of a message that is not undone took it. Of several in force
about one subject the latest shows, and the earlier ones show again if it goes.

Which older preference a new one makes obsolete beyond its own subject is decided by the caller, not here.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import sqlite_utils

from store.database import Database
from store.errors import InvalidPreference, UnknownRecord
from store.records import BOUND_KINDS, FEATURE_KINDS, ITEM, ROLES, TASTES, Preference

LASTING = (*TASTES, "seen")
"""Roles that count in every conversation; the others only in the one they were said in."""

ENTRY_COLUMNS = (
    "log.id, log.message_id, messages.conversation_id, log.action, log.kind, log.ref, log.label, log.role, log.value, "
    "log.target_message_id, messages.text, log.created_at"
)
ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM profile_log AS log JOIN messages ON messages.id = log.message_id "
ACTIVE = ENTRIES + "JOIN profile_active ON profile_active.entry_id = log.id WHERE log.user_id = ? ORDER BY log.id"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log.

    action: "add", "remove", "reset", "undo" or "redo". preference: what an "add" says, None otherwise.
    quote: the message behind it. target_message_id: the message that an undo or redo is about.
    took, returned: ids of the "add" entries it took out of the profile and brought back.
    """

    id: int
    action: str
    message_id: int
    conversation_id: int
    quote: str
    created_at: float
    preference: Preference | None = None
    target_message_id: int | None = None
    took: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()


class Profiles:
    """The profile logs in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def view(self, user: str, conversation_id: int | None = None, until: int | None = None) -> tuple[Preference, ...]:
        """The preferences in force, oldest first, one a subject: tastes and "seen" from every conversation, wishes from
        `conversation_id` only (None: no wishes).

        `until` is an entry id: the profile as it was right after that entry. Empty for an unknown user.
        """
        if until is None:
            entries = self._entries(self._database.connection(), user, ACTIVE)
        else:
            log = [entry for entry in self.log(user) if entry.id <= until]
            in_force = active(log)
            entries = [entry for entry in log if entry.id in in_force]
        return visible(entries, conversation_id)

    def add(self, user: str, message_id: int, preferences: Iterable[Preference]) -> tuple[Preference, ...]:
        """Stores preferences that `message_id` caused, and returns them as stored.

        Raises InvalidPreference for one that makes no sense, UnknownRecord when the message is not this user's;
        then none is stored.
        """
        wanted = [checked(preference) for preference in preferences]
        with self._database.write() as connection:
            _, quote = _message(connection, user, message_id)
            stored = []
            for preference in wanted:
                entry_id, now = self._append(connection, user, message_id, "add", preference)
                connection.execute("INSERT INTO profile_active VALUES (?)", (entry_id,))
                stored.append(replace(preference, entry_id=entry_id, message_id=message_id, quote=quote, created_at=now))
        return tuple(stored)

    def remove(self, user: str, message_id: int, subjects: Iterable[tuple[str, str]]) -> tuple[Preference, ...]:
        """Takes everything about `subjects` (kind, ref) out of the profile, and returns what showed of it.

        Lasting preferences go everywhere, wishes in the conversation of the message. Nothing is logged when there was
        nothing to take.
        """
        wanted = set(subjects)
        with self._database.write() as connection:
            conversation_id, _ = _message(connection, user, message_id)
            entries = self._entries(connection, user, ACTIVE)
            taken = [e for e in entries if e.preference.subject in wanted and _in_sight(e, conversation_id)]
            shown = tuple(p for p in visible(entries, conversation_id) if p.subject in wanted)
            if taken:
                self._take(connection, user, message_id, "remove", taken)
        return shown

    def reset(self, user: str, message_id: int) -> tuple[Preference, ...]:
        """Takes everything out of the profile, the wishes of every conversation too; returns what showed. Can be undone."""
        with self._database.write() as connection:
            conversation_id, _ = _message(connection, user, message_id)
            entries = self._entries(connection, user, ACTIVE)
            if entries:
                self._take(connection, user, message_id, "reset", entries)
        return visible(entries, conversation_id)

    def undo(self, user: str, conversation_id: int, message_id: int) -> tuple[tuple[Preference, ...], tuple[Preference, ...]]:
        """Reverses all that the last message of this conversation which changed the profile, and is not undone yet, did.

        Returns (what came back, what went away) as the profile of this conversation shows it; two empty tuples when
        there is nothing left to undo. `message_id` is the message that asked for it.
        """
        with self._database.write() as connection:
            _own_conversation(connection, user, conversation_id, message_id)
            log = self._log(connection, user)
            undone = undone_messages(log)
            target = next(
                (e.message_id for e in reversed(log) if e.action in ("add", "remove", "reset")
                 and e.conversation_id == conversation_id and e.message_id not in undone), None,
            )
            return self._turn(connection, user, conversation_id, message_id, "undo", target, log)

    def redo(self, user: str, conversation_id: int, message_id: int) -> tuple[tuple[Preference, ...], tuple[Preference, ...]]:
        """Takes back the last undo of this conversation, unless something else was said about the profile since.

        Returns (what came back, what went away), as `undo` does.
        """
        with self._database.write() as connection:
            _own_conversation(connection, user, conversation_id, message_id)
            log = self._log(connection, user)
            undone = undone_messages(log)
            target = None
            for entry in reversed(log):
                if entry.conversation_id != conversation_id or entry.action == "redo":
                    continue
                if entry.action != "undo":
                    break
                if entry.target_message_id in undone:
                    target = entry.target_message_id
                    break
            return self._turn(connection, user, conversation_id, message_id, "redo", target, log)

    def log(self, user: str) -> tuple[Entry, ...]:
        """Every entry ever made, oldest first."""
        return self._log(self._database.connection(), user)

    def users(self) -> list[str]:
        """Everybody the database knows, by name."""
        return [row[0] for row in self._database.connection().execute("SELECT id FROM users ORDER BY id").fetchall()]

    def export(self, user: str) -> dict:
        """All that is stored of the user, as plain data for JSON; empty lists for an unknown user."""
        connection = self._database.connection()
        conversations = []
        for conversation_id, started_at in connection.execute(
            "SELECT id, started_at FROM conversations WHERE user_id = ? ORDER BY id", (user,)
        ).fetchall():
            conversations.append({
                "id": conversation_id, "started_at": started_at,
                "wishes": [asdict(p) for p in self.view(user, conversation_id) if p.role not in LASTING],
                "messages": _exported_messages(connection, conversation_id),
            })
        return {
            "user": user, "profile": [asdict(p) for p in self.view(user)], "log": [asdict(e) for e in self.log(user)],
            "conversations": conversations,
        }

    def forget(self, user: str) -> bool:
        """Deletes everything of the user: profile log, conversations, recommendations. False when there was nothing.

        The file's free pages are overwritten and the write-ahead log is emptied, so nothing stays readable on disk
        (once no other connection is reading).
        """
        with self._database.write() as connection:
            gone = connection.execute("DELETE FROM users WHERE id = ?", (user,)).rowcount > 0
        self._database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return gone

    # the log itself

    @staticmethod
    def _append(
        connection: sqlite_utils.Database, user: str, message_id: int, action: str,
        preference: Preference | None = None, target: int | None = None,
    ) -> tuple[int, float]:
        now = time.time()
        fields = (preference.kind, preference.ref, preference.label, preference.role, preference.value) if preference else (None,) * 5
        cursor = connection.execute(
            "INSERT INTO profile_log (user_id, message_id, action, kind, ref, label, role, value, target_message_id, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (user, message_id, action, *fields, target, now),
        )
        return cursor.lastrowid, now

    def _take(self, connection: sqlite_utils.Database, user: str, message_id: int, action: str, taken: Sequence[Entry]) -> None:
        entry_id, _ = self._append(connection, user, message_id, action)
        for entry in taken:
            connection.execute("INSERT INTO profile_effects VALUES (?, ?, 'took')", (entry_id, entry.id))
            connection.execute("DELETE FROM profile_active WHERE entry_id = ?", (entry.id,))

    def _turn(
        self, connection: sqlite_utils.Database, user: str, conversation_id: int, message_id: int, action: str,
        target: int | None, log: tuple[Entry, ...],
    ) -> tuple[tuple[Preference, ...], tuple[Preference, ...]]:
        """Logs an undo or redo of `target`, and what it takes and returns."""
        if target is None:
            return (), ()
        entry_id, now = self._append(connection, user, message_id, action, target=target)
        turn = Entry(entry_id, action, message_id, conversation_id, "", now, target_message_id=target)
        old, new = active(log), active((*log, turn))
        for effect, changed in (("took", old - new), ("returned", new - old)):
            for other in sorted(changed):
                connection.execute("INSERT INTO profile_effects VALUES (?, ?, ?)", (entry_id, other, effect))
        connection.execute("DELETE FROM profile_active WHERE entry_id IN (SELECT target_id FROM profile_effects "
                           "WHERE entry_id = ? AND effect = 'took')", (entry_id,))
        connection.execute("INSERT INTO profile_active SELECT target_id FROM profile_effects "
                           "WHERE entry_id = ? AND effect = 'returned'", (entry_id,))
        before, after = (visible([e for e in log if e.id in in_force], conversation_id) for in_force in (old, new))
        return tuple(p for p in after if p not in before), tuple(p for p in before if p not in after)

    @staticmethod
    def _entries(connection: sqlite_utils.Database, user: str, query: str) -> list[Entry]:
        return [_entry(row) for row in connection.execute(query, (user,)).fetchall()]

    def _log(self, connection: sqlite_utils.Database, user: str) -> tuple[Entry, ...]:
        effects: dict[tuple[int, str], list[int]] = {}
        for entry_id, target_id, effect in connection.execute(
            "SELECT entry_id, target_id, effect FROM profile_effects JOIN profile_log ON profile_log.id = entry_id "
            "WHERE user_id = ? ORDER BY target_id", (user,)
        ).fetchall():
            effects.setdefault((entry_id, effect), []).append(target_id)
        entries = self._entries(connection, user, ENTRIES + "WHERE log.user_id = ? ORDER BY log.id")
        return tuple(
            replace(e, took=tuple(effects.get((e.id, "took"), ())), returned=tuple(effects.get((e.id, "returned"), ())))
            for e in entries
        )


def checked(preference: Preference) -> Preference:
    """`preference` if the log can hold it. Raises InvalidPreference otherwise."""
    kinds = (ITEM, *FEATURE_KINDS, *BOUND_KINDS)
    if preference.kind not in kinds:
        raise InvalidPreference(f"preference kind {preference.kind!r} is none of {', '.join(kinds)}")
    if preference.role not in ROLES:
        raise InvalidPreference(f"preference role {preference.role!r} is none of {', '.join(ROLES)}")
    if not preference.ref or not preference.label:
        raise InvalidPreference(f"a preference needs a ref and a label, got {preference.ref!r} and {preference.label!r}")
    if preference.kind == ITEM and not preference.ref.isdecimal():
        raise InvalidPreference(f"the ref of an item preference is the item's id, got {preference.ref!r}")
    if not math.isfinite(preference.value):
        raise InvalidPreference(f"the value of a preference is a finite number, got {preference.value!r}")
    if preference.role not in ("min", "max") and not -1 <= preference.value <= 1:
        raise InvalidPreference(f"the strength of a preference lies in -1 to 1, got {preference.value!r}")
    return preference


def undone_messages(log: Iterable[Entry]) -> set[int]:
    """The messages that the log, read in order, leaves undone."""
    undone: set[int] = set()
    for entry in log:
        if entry.action == "undo":
            undone.add(entry.target_message_id)
        elif entry.action == "redo":
            undone.discard(entry.target_message_id)
    return undone


def active(log: Sequence[Entry]) -> set[int]:
    """The ids of the "add" entries that a log leaves in force, replayed from its start."""
    undone = undone_messages(log)
    taken = {i for e in log if e.action in ("remove", "reset") and e.message_id not in undone for i in e.took}
    return {e.id for e in log if e.action == "add" and e.message_id not in undone} - taken


def visible(entries: Iterable[Entry], conversation_id: int | None) -> tuple[Preference, ...]:
    """What a conversation shows of the "add" entries in force (oldest first): the latest about each subject."""
    latest: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if _in_sight(entry, conversation_id):
            latest[entry.preference.subject] = entry
    return tuple(entry.preference for entry in sorted(latest.values(), key=lambda entry: entry.id))


def _in_sight(entry: Entry, conversation_id: int | None) -> bool:
    return entry.preference.role in LASTING or entry.conversation_id == conversation_id


def _entry(row: tuple) -> Entry:
    entry_id, message_id, conversation_id, action, kind, ref, label, role, value, target, quote, created_at = row
    preference = None
    if action == "add":
        preference = Preference(kind, ref, label, role, value, entry_id, message_id, quote, created_at)
    return Entry(entry_id, action, message_id, conversation_id, quote, created_at, preference, target)


def _message(connection: sqlite_utils.Database, user: str, message_id: int) -> tuple[int, str]:
    """The conversation and the text of a message of this user."""
    row = connection.execute(
        "SELECT conversation_id, text FROM messages JOIN conversations ON conversations.id = conversation_id "
        "WHERE messages.id = ? AND user_id = ?", (message_id, user),
    ).fetchone()
    if row is None:
        raise UnknownRecord(f"user {user!r} has no message {message_id!r}; store it with Conversations.add_message first")
    return row


def _own_conversation(connection: sqlite_utils.Database, user: str, conversation_id: int, message_id: int) -> None:
    if _message(connection, user, message_id)[0] != conversation_id:
        raise UnknownRecord(f"message {message_id!r} is not in conversation {conversation_id!r} of user {user!r}")


def _exported_messages(connection: sqlite_utils.Database, conversation_id: int) -> list[dict]:
    rows = connection.execute(
        "SELECT id, role, text, act, created_at FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,)
    ).fetchall()
    messages = []
    for message_id, role, text, act, created_at in rows:
        picks = connection.execute(
            "SELECT rank, item_id, title, year, score, recommendations.id FROM recommendations JOIN items ON items.id = item_id "
            "WHERE message_id = ? ORDER BY rank", (message_id,),
        ).fetchall()
        messages.append({
            "id": message_id, "role": role, "text": text, "act": act, "created_at": created_at,
            "recommendations": [
                {"rank": rank, "id": item_id, "title": title, "year": year, "score": score,
                 "contributions": list(connection.query(
                     "SELECT source, ref, label, value, entry_id FROM recommendation_contributions "
                     "WHERE recommendation_id = ? ORDER BY position", (pick,)))}
                for rank, item_id, title, year, score, pick in picks
            ],
            "reruns": [
                {**json.loads(change), "size": size, "ranks": list(connection.query(
                    "SELECT item_id AS id, title, year, rank_before AS before, rank_after AS after FROM rerun_ranks "
                    "JOIN items ON items.id = item_id WHERE rerun_id = ? ORDER BY ifnull(rank_after, 1e9), rank_before", (rerun,)))}
                for rerun, change, size in connection.execute(
                    "SELECT id, change, size FROM reruns WHERE message_id = ? ORDER BY position", (message_id,)).fetchall()
            ],
            "asked": [
                {"kind": kind, "options": json.loads(options), "answered_by": answer_id} for kind, options, answer_id in connection.execute(
                    "SELECT kind, options, answer_id FROM questions WHERE message_id = ?", (message_id,)).fetchall()
            ],
        })
    return messages
