"""The films: facts, features, item-item weights and look-ups by words. Read only.

Knows nothing of users and scores. What it reads once it keeps: the catalog of a running program does not change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from rapidfuzz import fuzz

from store.database import Database
from store.errors import DatabaseMissing, UnknownItem
from store.names import fold, trigrams
from store.records import Item

ITEM_COLUMNS = "id, title, year, genres, directors, actors, keywords, runtime, language, rating_count, mean_rating"
STOP_WORDS = frozenset(
    "a about an and any are as at be but by can do film films for from good great has have he her his i in into is it its like me "
    "movie movies my no not of on one or our really set she so some somebody someone something story stuff that the their them "
    "there these they thing things this to up very want was we were what where which who with you your".split()
)
CONTENT = (
    f"SELECT {ITEM_COLUMNS} FROM items ORDER BY id", "SELECT item_id, position, name FROM item_aliases ORDER BY item_id, position",
    "SELECT item_id, neighbours, weights FROM item_weights ORDER BY item_id",
)
VERSION_DIGITS = 16
TEXT_MATCHES = 400
NO_PHRASE = 0.8
"""Share of the strength that words scattered over a film's keywords get, against the same words in a row."""
TITLE_ONLY = 0.6
"""Share that a match in the title gets against one in the keywords: a title hints at what a film is about."""
ONE_NAME = 0.95
"""Share of the similarity that matching a first or last name alone gets: "tarantino"."""

Matches = tuple[np.ndarray, np.ndarray]
NOTHING: Matches = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64))


class Catalog:
    """The catalog in `database`. Raises DatabaseMissing when none was built into it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items: dict[int, Item] = {}
        self._features: dict[tuple[str, str], Matches] = {}
        self._values: dict[str, dict[str, int]] = {}
        self._texts: dict[tuple[str, ...], Matches] = {}
        self._weights: dict[int, Matches] = {}
        if not len(self.ids):
            raise DatabaseMissing(f"{database.path} holds no catalog; build it with `python -m store build --db {database.path}`")

    @property
    def database(self) -> Database:
        """Where it is read from."""
        return self._database

    # items

    def item(self, item_id: int) -> Item:
        """Raises UnknownItem (a KeyError) for an id the catalog does not have."""
        return self.items((item_id,))[0]

    def items(self, item_ids: Iterable[int]) -> list[Item]:
        """The items in the order asked for; one query for those not read before. Raises UnknownItem."""
        wanted = [int(item_id) for item_id in item_ids]
        unread = list({i for i in wanted if i not in self._items})
        if unread:
            rows = self._rows(f"SELECT {ITEM_COLUMNS} FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(unread),))
            self._items.update((row[0], item_of(row)) for row in rows)
        try:
            return [self._items[i] for i in wanted]
        except KeyError as error:
            raise UnknownItem(error.args[0]) from None

    def __contains__(self, item_id: int) -> bool:
        at = np.searchsorted(self.ids, item_id)
        return bool(at < len(self.ids) and self.ids[at] == item_id)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ids(self) -> np.ndarray:
        """Every item id, ascending (int64)."""
        return self._facts[0]

    @property
    def year(self) -> np.ndarray:
        """Years aligned with `ids`; 0 where unknown."""
        return self._facts[1]

    @property
    def runtime(self) -> np.ndarray:
        """Minutes aligned with `ids`; 0 where unknown."""
        return self._facts[2]

    @property
    def rating_count(self) -> np.ndarray:
        """Numbers of community ratings aligned with `ids`."""
        return self._facts[3]

    @property
    def mean_rating(self) -> np.ndarray:
        """Mean community ratings (0.5-5) aligned with `ids`; 0 where nobody rated."""
        return self._facts[4]

    @cached_property
    def _facts(self) -> tuple[np.ndarray, ...]:
        rows = self._rows(
            "SELECT id, ifnull(year, 0), ifnull(runtime, 0), rating_count, ifnull(mean_rating, 0) FROM items ORDER BY id"
        )
        table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
        return (*(table[:, column].astype(np.int64) for column in range(4)), table[:, 4])

    def popular(self, n: int) -> list[int]:
        """The ids of the `n` items that most people rated, most rated first."""
        return self.ids[np.argsort(-self.rating_count, kind="stable")[:n]].tolist()

    def titles(self) -> list[tuple[int, str, int | None, int, tuple[str, ...]]]:
        """(id, title, year, rating count, aliases) of every item, by id."""
        aliases: dict[int, list[str]] = {}
        for item_id, name in self._rows("SELECT item_id, name FROM item_aliases ORDER BY item_id, position"):
            aliases.setdefault(item_id, []).append(name)
        rows = self._rows("SELECT id, title, year, rating_count FROM items ORDER BY id")
        return [(*row, tuple(aliases.get(row[0], ()))) for row in rows]

    @cached_property
    def of_known_language(self) -> np.ndarray:
        """The ids (int64, ascending) of the items whose language is known."""
        return np.array([row[0] for row in self._rows("SELECT id FROM items WHERE language IS NOT NULL ORDER BY id")], dtype=np.int64)

    @cached_property
    def info(self) -> dict[str, str]:
        """What the build wrote about itself: content version, counts, when."""
        return dict(self._rows("SELECT key, value FROM catalog_info"))

    @cached_property
    def version(self) -> str:
        """Names what ranking is computed from: facts, ratings' counts and means, item-item weights. Equal content, equal version.

        Noted by the build; of a file built before it was, it is computed once a process (a tenth of a second).
        """
        if "content" in self.info:
            return self.info["content"]
        with self._database.clear_errors():
            return content_version(self._database.connection().conn)

    # features

    def having(self, kind: str, value: str) -> np.ndarray:
        """The ids of the items with a feature, ascending; empty when none has it."""
        return self.feature(kind, value)[0]

    def feature(self, kind: str, value: str) -> Matches:
        """(ids ascending, match strengths in (0, 1]) of a feature; of a free text when `kind` is "text".

        A director counts 1, cast 0.9 down to 0.5 by billing, anything else 1.
        """
        if (kind, value) not in self._features:
            if kind == "text":
                return self.search_text(value)
            rows = self._rows(
                "SELECT item_id, weight FROM item_features WHERE kind = ? AND value = ? ORDER BY item_id", (kind, value)
            )
            self._features[kind, value] = _matches(rows)
        return self._features[kind, value]

    def values(self, kind: str) -> dict[str, int]:
        """Every value of a feature kind ("genre", "person", "keyword", "decade", "language") -> how many items have it,
        most frequent first. Empty for a kind without values."""
        if kind not in self._values:
            rows = self._rows(
                "SELECT value, count(*) AS items FROM item_features WHERE kind = ? GROUP BY value ORDER BY items DESC, value", (kind,)
            )
            self._values[kind] = dict(rows)
        return dict(self._values[kind])

    # weights

    def weights(self, item_id: int) -> Matches:
        """Row `item_id` of W: what knowing this item says of others, as (ids int32 ascending, values float32).

        Empty for an item without neighbours; the arrays are read-only.
        """
        if item_id not in self._weights:
            rows = self._rows("SELECT neighbours, weights FROM item_weights WHERE item_id = ?", (int(item_id),))
            neighbours, values = rows[0] if rows else (b"", b"")
            self._weights[item_id] = np.frombuffer(neighbours, "<i4"), np.frombuffer(values, "<f4")
        return self._weights[item_id]

    # words

    def search_titles(self, text: str, n: int = 5) -> list[tuple[int, float]]:
        """Items whose title or other name is most like `text`, typos allowed: (id, similarity in (0, 1]), best first,
        the better known one first among equals."""
        rows = self._search("SELECT name, item_id FROM title_search WHERE title_search MATCH ? ORDER BY rank LIMIT 300", text)
        if not rows and fold(text):  # shorter than a trigram: "Up", "It"
            rows = self._rows("SELECT name, item_id FROM title_search WHERE name = ?", (fold(text),))
        best: dict[int, float] = {}
        for name, item_id in rows:
            best[item_id] = max(best.get(item_id, 0.0), similarity(text, name))
        fame = dict(zip(best, self.rating_count[np.searchsorted(self.ids, list(best))].tolist(), strict=True)) if best else {}
        return sorted(best.items(), key=lambda pair: (-pair[1], -fame[pair[0]], pair[0]))[:n]

    def search_people(self, text: str, n: int = 5) -> list[tuple[str, float]]:
        """People whose name is most like `text`, typos allowed: (name, similarity in (0, 1]), best first."""
        rows = self._search("SELECT folded, name FROM person_search WHERE person_search MATCH ? ORDER BY rank LIMIT 100", text)
        found = [
            (name, max(similarity(text, folded), ONE_NAME * max(similarity(text, part) for part in folded.split())))
            for folded, name in rows
        ]
        counts = self.values("person")
        return sorted(found, key=lambda pair: (-pair[1], -counts.get(pair[0], 0), pair[0]))[:n]

    def search_text(self, text: str) -> Matches:
        """(ids ascending, strengths in (0, 1]) of items whose keywords or title answer a free text.

        The strength is the share of the text's words, rare ones counting more, that an item has; at least half.
        Empty when the text says nothing the catalog knows.
        """
        words = tuple(dict.fromkeys(w for w in fold(text).split() if w not in STOP_WORDS))[:12]
        if words not in self._texts:
            self._texts[words] = self._match_words(words) if words else NOTHING
        return self._texts[words]

    def _match_words(self, words: Sequence[str]) -> Matches:
        covered: dict[int, float] = {}
        total = 0.0
        for word in words:
            in_keywords, in_title = self._having_words("keywords", word), self._having_words("title", word)
            rarity = np.log(1 + len(self) / (1 + len(in_keywords | in_title)))
            total += rarity
            for item_id in in_keywords | in_title:
                covered[item_id] = covered.get(item_id, 0.0) + rarity * (1.0 if item_id in in_keywords else TITLE_ONLY)
        together = self._having_words("keywords", " ".join(words))
        strengths = {
            item_id: share / total * (1.0 if item_id in together or len(words) == 1 else NO_PHRASE)
            for item_id, share in covered.items()
        }
        kept = sorted((pair for pair in strengths.items() if pair[1] >= 0.5), key=lambda pair: (-pair[1], pair[0]))
        return _matches(sorted(kept[:TEXT_MATCHES]))

    def _having_words(self, column: str, words: str) -> set[int]:
        """Items that have these words in a row in `column` ("title" or "keywords"), their endings aside."""
        query = f'{column}:"{words}"'
        return {row[0] for row in self._rows("SELECT rowid FROM text_search WHERE text_search MATCH ?", (query,))}

    def _search(self, query: str, text: str) -> list[tuple]:
        pieces = sorted(piece for piece in trigrams(text[:200]) if len(piece) == 3)
        return self._rows(query, (" OR ".join(f'"{piece}"' for piece in pieces),)) if pieces else []

    def _rows(self, query: str, parameters: Sequence = ()) -> list[tuple]:
        with self._database.clear_errors():
            return self._database.connection().execute(query, parameters).fetchall()


def item_of(row: tuple) -> Item:
    """The Item of a row of ITEM_COLUMNS."""
    item_id, title, year, *lists, runtime, language, rating_count, mean_rating = row
    genres, directors, cast, keywords = (tuple(json.loads(text)) for text in lists)
    return Item(item_id, title, year, genres, directors, cast, keywords, runtime, language, rating_count, mean_rating)


def content_version(connection: sqlite3.Connection) -> str:
    """The version of the catalog's content, as `Catalog.version`: hexadecimal digits. What is derived from the facts is left out."""
    digest = hashlib.sha256()
    for query in CONTENT:
        for row in connection.execute(query):
            for value in row:
                digest.update(value if isinstance(value, bytes) else repr(value).encode())
                digest.update(b"\0")
    return digest.hexdigest()[:VERSION_DIGITS]


def similarity(a: str, b: str) -> float:
    """How alike two names are, in [0, 1]: letters in common and in order, a leading article aside."""
    if fold(a) == fold(b):
        return 1.0
    bare, other = (re.sub(r"^(the|a|an) ", "", fold(name)) for name in (a, b))
    return 0.99 * fuzz.ratio(bare, other) / 100


def _matches(rows: Sequence[tuple[int, float]]) -> Matches:
    if not rows:
        return NOTHING
    ids, strengths = zip(*rows, strict=True)
    return np.array(ids, dtype=np.int64), np.array(strengths, dtype=np.float64)
