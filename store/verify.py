"""Re-derives what the database holds and compares: the store can prove itself.

Each check yields sentences about what does not hold; none means that it holds.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType, SimpleNamespace

import numpy as np
import sqlite_utils

from store.build import features, folded_names, folded_people
from store.catalog import ITEM_COLUMNS, content_version, item_of
from store.database import Database
from store.profiles import LASTING, Profiles, active, undone_messages
from store.records import Preference

TOLERANCE = 1e-6
"""How far contributions may be from their score."""
SHOWN = 20
"""Findings listed of one check; the rest is counted."""

UNREADABLE = ("malformed", "not a database", "disk I/O", "Could not decode")
"""Parts of what SQLite says of a damaged file; its other errors are defects of a check."""

Check = Callable[[Database, sqlite_utils.Database], Iterator[str]]


def verify(
    database: Database, progress: Callable[[str], None] = lambda text: None, more: Mapping[str, Check] = MappingProxyType({})
) -> list[str]:
    """Everything that does not hold, as sentences; empty when all holds. `more` are checks of others, by name."""
    findings: list[str] = []
    for name, check in {**CHECKS, **more}.items():
        found = _findings(check, database)
        progress(f"{name}: {'holds' if not found else f'{len(found)} findings'}")
        findings += found[:SHOWN]
        if len(found) > SHOWN:
            findings.append(f"... and {len(found) - SHOWN} more about {name}")
    return findings


def _findings(check: Check, database: Database) -> list[str]:
    """What a check finds; that it could not read the file is a finding too."""
    found = []
    try:
        for finding in check(database, database.connection()):
            found.append(finding)
    except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
        if isinstance(error, sqlite3.Error) and not any(sign in str(error) for sign in UNREADABLE):
            raise
        found.append(f"the file cannot be read any further: {error}")
    return found


def _file(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check").fetchall():
        if line != "ok":
            yield f"SQLite finds the file damaged: {line}"
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield f"row {row} of {table} refers to a row of {parent} that is not there"


def _catalog(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """Features, rating counts and means are those that the items and the ratings give."""
    stored: dict[int, dict[tuple[str, str], float]] = defaultdict(dict)
    for kind, value, item_id, weight in connection.execute("SELECT kind, value, item_id, weight FROM item_features").fetchall():
        stored[item_id][kind, value] = weight
    ratings = {row[0]: row[1:] for row in connection.execute(
        "SELECT item_id, count(*), avg(rating) FROM ratings GROUP BY item_id").fetchall()}
    for item in _items(connection):
        derived = features(item)
        if stored[item.id].keys() != derived.keys() or any(abs(stored[item.id][f] - w) > 1e-9 for f, w in derived.items()):
            different = stored[item.id].items() ^ derived.items()
            yield f"item {item.id} ({item.name}): its features differ from its facts in {sorted(different)[:3]}"
        count, mean = ratings.get(item.id, (0, None))
        if count != item.rating_count or (mean is not None and abs(mean - (item.mean_rating or 0)) > 1e-6):
            yield f"item {item.id} ({item.name}): {item.rating_count} ratings noted, the ratings table has {count} (or another mean)"


def _search(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """The full-text tables hold what the catalog's tables give."""
    aliases: dict[int, list[str]] = defaultdict(list)
    for item_id, name in connection.execute("SELECT item_id, name FROM item_aliases ORDER BY item_id, position").fetchall():
        aliases[item_id].append(name)
    items = _items(connection)
    named = [SimpleNamespace(id=item.id, title=item.title, aliases=aliases[item.id]) for item in items]
    texts = [(item.id, "\n".join((item.title, *aliases[item.id])), "\n".join(item.keywords)) for item in items]
    for table, query, derived in (
        ("title_search", "SELECT name, item_id FROM title_search", folded_names(named)),
        ("person_search", "SELECT folded, name FROM person_search", folded_people(items)),
        ("text_search", "SELECT rowid, title, keywords FROM text_search", texts),
    ):
        for row in sorted(set(connection.execute(query).fetchall()) ^ set(derived), key=str):
            yield f"{table} and the catalog differ in {row}"
        try:
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
        except connection.conn.DatabaseError as error:
            yield f"the index of {table} does not match its text: {error}"


def _weights(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """Rows of item-item weights are whole, ascending, finite, of existing items, and never of an item on itself."""
    known = np.array([row[0] for row in connection.execute("SELECT id FROM items ORDER BY id").fetchall()])
    place = np.full(known.max(initial=0) + 1, False)
    place[known] = True
    entries = 0
    for item_id, neighbours, values in connection.execute("SELECT item_id, neighbours, weights FROM item_weights").fetchall():
        if len(neighbours) != len(values) or len(neighbours) % 4:
            yield f"weights of item {item_id}: {len(neighbours)} bytes of ids, {len(values)} bytes of values"
            continue
        ids, numbers = np.frombuffer(neighbours, "<i4"), np.frombuffer(values, "<f4")
        entries += len(ids)
        inside = (ids >= 0) & (ids < len(place))
        if not inside.all() or not place[ids].all():
            strange = [i for i in ids.tolist() if not 0 <= i < len(place) or not place[i]]
            yield f"weights of item {item_id} refer to items that are not there: {strange[:3]}"
        if (ids[1:] <= ids[:-1]).any() or (ids == item_id).any() or not np.isfinite(numbers).all():
            yield f"weights of item {item_id} are not ascending, refer to itself or are not finite"
    row = connection.execute("SELECT value FROM catalog_info WHERE key = 'weights'").fetchone()
    if row is None or int(row[0]) != entries:
        yield f"the build noted {row[0] if row else 'no'} item-item weights, there are {entries}"


def _version(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """The content is that whose version the build noted; builds of before it was noted have none."""
    row = connection.execute("SELECT value FROM catalog_info WHERE key = 'content'").fetchone()
    if row and row[0] != (version := content_version(connection.conn)):
        yield f"the build noted the version {row[0]} of what ranks, the content has {version}"


def _recommendations(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """Contributions sum to their score, and name profile entries of the same user."""
    for row, message_id, score, total in connection.execute(
        "SELECT recommendations.id, message_id, score, (SELECT ifnull(sum(value), 0) FROM recommendation_contributions "
        "WHERE recommendation_id = recommendations.id) FROM recommendations"
    ).fetchall():
        if not abs(score - total) <= TOLERANCE:
            yield f"recommendation {row} (message {message_id}): contributions sum to {total:.9f}, the score is {score:.9f}"
    for row, entry_id in connection.execute(
        "SELECT recommendation_id, profile_log.id FROM recommendation_contributions JOIN recommendations ON recommendations.id = "
        "recommendation_id JOIN messages ON messages.id = recommendations.message_id JOIN conversations ON conversations.id = conversation_id "
        "JOIN profile_log ON profile_log.id = entry_id WHERE profile_log.user_id <> conversations.user_id"
    ).fetchall():
        yield f"recommendation {row} is explained by profile entry {entry_id} of another user"
    for (message_id,) in connection.execute(
        "SELECT message_id FROM recommendations GROUP BY message_id HAVING min(rank) <> 1 OR max(rank) <> count(*)"
    ).fetchall():
        yield f"the ranks of the recommendations of message {message_id} do not run from 1 without a gap"


def _slates(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """The profile kept with a slate is of entries that the log has of this user, and every reason is one of its entries."""
    log = {
        entry_id: (user, kind, ref, label, role, value)
        for entry_id, user, kind, ref, label, role, value in connection.execute(
            "SELECT id, user_id, kind, ref, label, role, value FROM profile_log WHERE action = 'add'").fetchall()
    }
    reasons: dict[int, set[tuple[str, str, int]]] = defaultdict(set)
    for message_id, *cause in connection.execute(
        "SELECT message_id, source, ref, entry_id FROM recommendation_contributions JOIN recommendations ON "
        "recommendations.id = recommendation_id WHERE entry_id IS NOT NULL").fetchall():
        reasons[message_id].add(tuple(cause))
    for message_id, user, text, excluded in connection.execute(
        "SELECT message_id, user_id, profile, excluded FROM slates JOIN messages ON messages.id = message_id "
        "JOIN conversations ON conversations.id = conversation_id").fetchall():
        try:
            profile = [Preference(**row) for row in json.loads(text)]
            frozenset(json.loads(excluded or "[]"))
        except (ValueError, TypeError):
            yield f"the profile or the exclusions stored with the recommendations of message {message_id} are not JSON of such"
            continue
        for p in profile:
            if log.get(p.entry_id) != (user, p.kind, p.ref, p.label, p.role, p.value):
                yield f"the profile stored with message {message_id} has an entry {p.entry_id} ({p.role} {p.label}) that the log has not"
        known = {(*p.subject, p.entry_id) for p in profile}
        for source, ref, entry_id in sorted(reasons[message_id] - known):
            yield f"message {message_id} gives {source} {ref} (entry {entry_id}) as a reason, which its profile has not"


def _reruns(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """A rerun tells each picked film's rank, of no film twice, and belongs to an answer."""
    for row, message_id, role, change, size in connection.execute(
        "SELECT reruns.id, message_id, role, change, size FROM reruns JOIN messages ON messages.id = message_id"
    ).fetchall():
        if role != "assistant":
            yield f"rerun {row} belongs to message {message_id}, which is not an answer ({role})"
        try:
            whole = json.loads(change).keys() == {"added", "removed"}
        except (ValueError, AttributeError):
            whole = False
        if not whole:
            yield f"the change stored with rerun {row} (message {message_id}) is not JSON of what was added and removed"
        ranks = connection.execute("SELECT rank_before, rank_after FROM rerun_ranks WHERE rerun_id = ?", (row,)).fetchall()
        for side, told in zip(("before", "after"), zip(*ranks) if ranks else ((), ()), strict=True):
            known = sorted(rank for rank in told if rank is not None)
            picked = [rank for rank in known if rank <= size]
            if len(set(known)) < len(known) or picked != list(range(1, len(picked) + 1)):
                yield f"rerun {row} (message {message_id}): the ranks {side} are {known}, not 1 to {size} and each once"


def _profiles(database: Database, connection: sqlite_utils.Database) -> Iterator[str]:
    """The entries in force are those that the replayed log gives, and each entry took and returned what it should have."""
    in_force = {row[0] for row in connection.execute("SELECT entry_id FROM profile_active").fetchall()}
    items = {row[0] for row in connection.execute("SELECT id FROM items").fetchall()}
    profiles = Profiles(database)
    for user in profiles.users():
        log = profiles.log(user)
        replayed = active(log)
        for entry_id in sorted(replayed ^ (in_force & {entry.id for entry in log})):
            yield f"user {user!r}: entry {entry_id} is {'not ' if entry_id in replayed else ''}in the profile, the replayed log says otherwise"
        yield from (f"user {user!r}: {finding}" for finding in _replay(log))
        for entry in log:
            if entry.preference and entry.preference.kind == "item" and entry.preference.item_id not in items:
                yield f"user {user!r}: entry {entry.id} is about item {entry.preference.ref}, which the catalog does not have"
    for entry_id, user, owner in connection.execute(
        "SELECT profile_log.id, profile_log.user_id, conversations.user_id FROM profile_log JOIN messages ON "
        "messages.id = profile_log.message_id JOIN conversations ON conversations.id = conversation_id WHERE profile_log.user_id <> conversations.user_id"
    ).fetchall():
        yield f"profile entry {entry_id} of {user!r} was caused by a message of {owner!r}"


def _replay(log: tuple) -> Iterator[str]:
    """Reads a log entry by entry and compares what each one says it did with what it must have done."""
    for at, entry in enumerate(log):
        before = active(log[:at]) if entry.action != "add" else set()
        took, returned = set(entry.took), set(entry.returned)
        if entry.action == "add":
            right = not took and not returned
        elif entry.action == "reset":
            right = took == before and not returned
        elif entry.action == "remove":
            subjects = {e.preference.subject for e in log[:at] if e.id in took}
            must = {e.id for e in log[:at] if e.id in before and e.preference.subject in subjects
                    and (e.preference.role in LASTING or e.conversation_id == entry.conversation_id)}
            right = took == must and took and not returned
        else:
            after = active(log[: at + 1])
            undone = undone_messages(log[:at])
            right = took == before - after and returned == after - before
            right = right and (entry.target_message_id in undone) == (entry.action == "redo")
        if not right:
            yield f"entry {entry.id} ({entry.action}) says it took {sorted(took)} and returned {sorted(returned)}; replayed, it did not"


def _items(connection: sqlite_utils.Database) -> list:
    return [item_of(row) for row in connection.execute(f"SELECT {ITEM_COLUMNS} FROM items ORDER BY id").fetchall()]


CHECKS: dict[str, Check] = {
    "the file": _file, "features and ratings": _catalog, "search": _search, "item-item weights": _weights,
    "version": _version, "recommendations": _recommendations, "slates": _slates, "reruns": _reruns, "profiles": _profiles,
}
