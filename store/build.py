"""Builds a database: facts and ratings in, indexes and item-item weights computed, all of it or nothing.

The work is done in a file beside the final one, which takes its place at the end. People's data in a database that
is being rebuilt is carried over.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from store.catalog import content_version
from store.database import Database
from store.errors import DatabaseBusy, StoreError
from store.importers.facts import FilmFacts, read_films, read_ratings
from store.migrations import PEOPLE_TABLES
from store.names import fold

Progress = Callable[[str], None]
Ratings = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

DIRECTOR = 1.0
FIRST_BILLED, LAST_BILLED = 0.9, 0.5
ABANDONED_SECONDS = 600
"""A half-built file this old was left by a killed process: a build takes half a minute."""


def build_default(path: str | Path, progress: Progress | None = None) -> None:
    """Builds the default catalog from store/data/ into `path`; about half a minute.

    A database that is there keeps its users, profiles and conversations. Raises StoreError; then `path` is as it was.
    """
    say = progress or (lambda text: None)
    say("reading the default catalog")
    build(path, read_films(), read_ratings(), say)


def build(path: str | Path, films: Sequence[FilmFacts], ratings: Ratings, progress: Progress, *, weigh: bool = True) -> None:
    """Builds a catalog of `films` with community `ratings` (people, item ids, 0.5-5, seconds) into `path`.

    `weigh` False leaves the item-item weights out.
    """
    path = Path(path)
    with _beside(path) as unfinished:
        with Database(unfinished, create=True) as database:
            database.connection().execute("PRAGMA synchronous = OFF")  # a crash loses the unfinished file anyway
            with database.write() as connection:
                _fill(connection.conn, films, ratings, progress, weigh)
            if path.exists():
                progress(f"carrying over what people said from {path}")
                _carry_over(database, path)
        progress(f"{path} is ready")


def _fill(connection: sqlite3.Connection, films: Sequence[FilmFacts], ratings: Ratings, progress: Progress, weigh: bool) -> None:
    films = sorted(films, key=lambda film: film.id)
    people, items, values, times = ratings
    progress(f"{len(films):,} films")
    _put_items(connection, films, items, values)
    _put_names(connection, films)
    progress(f"{len(items):,} ratings")
    connection.executemany(
        "INSERT INTO ratings VALUES (?, ?, ?, ?)", zip(*(column.tolist() for column in (people, items, values, times)), strict=True)
    )
    entries = 0
    if weigh:
        progress("item-item weights (the longest step)")
        entries = _put_weights(connection, films, ratings)
    info = {
        "built_at": f"{time.time():.0f}", "items": str(len(films)), "ratings": str(len(items)),
        "people_rating": str(len(set(people.tolist()))), "with_tmdb": str(sum(film.tmdb is not None for film in films)),
        "weights": str(entries), "content": content_version(connection),
    }
    connection.executemany("INSERT INTO catalog_info VALUES (?, ?)", info.items())


def _put_items(connection: sqlite3.Connection, films: Sequence[FilmFacts], items: np.ndarray, values: np.ndarray) -> None:
    counts = Counter(items.tolist())
    sums = dict(zip(*_sums(items, values), strict=True))
    connection.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (film.id, film.title, film.year, film.runtime, film.language,
             *(json.dumps(names, ensure_ascii=False) for names in (film.genres, film.directors, film.cast, film.keywords)),
             counts[film.id], sums[film.id] / counts[film.id] if counts[film.id] else None)
            for film in films
        ),
    )
    connection.executemany(
        "INSERT INTO item_aliases VALUES (?, ?, ?)",
        ((film.id, position, name) for film in films for position, name in enumerate(film.aliases)),
    )
    connection.executemany(
        "INSERT INTO item_features VALUES (?, ?, ?, ?)",
        sorted((kind, value, film.id, weight) for film in films for (kind, value), weight in features(film).items()),
    )


def _sums(items: np.ndarray, values: np.ndarray) -> tuple[list[int], list[float]]:
    ids, at = np.unique(items, return_inverse=True)
    return ids.tolist(), np.bincount(at, weights=values, minlength=len(ids)).tolist()


def features(film: FilmFacts) -> dict[tuple[str, str], float]:
    """(kind, value) -> match strength in (0, 1] of everything the film is looked up by."""
    found: dict[tuple[str, str], float] = {}
    step = (FIRST_BILLED - LAST_BILLED) / 5
    for place, name in enumerate(film.cast):
        found["person", name] = max(FIRST_BILLED - step * place, LAST_BILLED)
    found.update({("person", name): DIRECTOR for name in film.directors})
    found.update({("genre", genre): 1.0 for genre in film.genres})
    found.update({("keyword", word): 1.0 for word in film.keywords})
    if film.year:
        found["decade", f"{film.year // 10 * 10}s"] = 1.0
    if film.language:
        found["language", film.language] = 1.0
    return found


def _put_names(connection: sqlite3.Connection, films: Sequence[FilmFacts]) -> None:
    connection.executemany("INSERT INTO title_search (name, item_id) VALUES (?, ?)", folded_names(films))
    connection.executemany("INSERT INTO person_search (folded, name) VALUES (?, ?)", folded_people(films))
    connection.executemany(
        "INSERT INTO text_search (rowid, title, keywords) VALUES (?, ?, ?)",
        ((film.id, "\n".join((film.title, *film.aliases)), "\n".join(film.keywords)) for film in films),
    )


def folded_names(films: Sequence) -> list[tuple[str, int]]:
    """(folded name, item id) of every title and alias, each once an item. Takes anything with id, title and aliases."""
    pairs = dict.fromkeys((fold(name), film.id) for film in films for name in (film.title, *film.aliases))
    return [pair for pair in pairs if pair[0]]


def folded_people(films: Sequence) -> list[tuple[str, str]]:
    """(folded name, name) of everybody, by name. Takes anything with directors and cast."""
    return [(fold(name), name) for name in sorted({name for film in films for name in (*film.directors, *film.cast)})]


def _put_weights(connection: sqlite3.Connection, films: Sequence[FilmFacts], ratings: Ratings) -> int:
    """Stores the rows of W; returns how many entries they have."""
    from store.weights import item_item_weights  # scipy is needed by the build only

    ids = np.array([film.id for film in films])
    rows = item_item_weights(films, ratings)
    rows.sort_indices()
    connection.executemany(
        "INSERT INTO item_weights VALUES (?, ?, ?)",
        (
            (int(item_id), ids[rows.indices[start:end]].astype("<i4").tobytes(), rows.data[start:end].astype("<f4").tobytes())
            for item_id, start, end in zip(ids, rows.indptr[:-1], rows.indptr[1:], strict=True)
        ),
    )
    return int(rows.nnz)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A path beside `path` to build in; takes its place when the block ends well, is removed in any case."""
    if not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the database; create it or choose another path")
    prefix = f".{path.name}.building-"
    for left in path.parent.glob(prefix + "*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()
    unfinished = path.with_name(f"{prefix}{os.getpid()}-{time.monotonic_ns()}")
    existed = path.exists()
    try:
        yield unfinished
        _to_disk(unfinished)
        if existed:
            os.replace(unfinished, path)
        else:
            _take_place(unfinished, path)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _take_place(unfinished: Path, path: Path) -> None:
    """Gives `unfinished` its name, unless another process built the same file meanwhile: that one may be in use."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            os.replace(unfinished, path)


def _carry_over(database: Database, old: Path) -> None:
    """Copies people's tables out of `old`, and leaves it without a write-ahead log that could outlive it."""
    Database(old).close()  # brings an older schema up to date, says what is wrong with a broken one
    raw = sqlite3.connect(old, timeout=1)
    try:
        if raw.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise sqlite3.OperationalError("database is locked")
    except sqlite3.OperationalError as error:
        raise DatabaseBusy(f"{old} is in use; close the application before building it anew") from error
    finally:
        raw.close()
    connection = database.connection()
    connection.execute("ATTACH ? AS old", (str(old),))
    connection.execute("PRAGMA foreign_keys = OFF")
    with database.write():
        for table in PEOPLE_TABLES:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise StoreError(
                f"{old} holds {len(orphans)} records of items that the new catalog does not have (table {orphans[0][0]}); "
                "build into a new file instead"
            )
    connection.execute("DETACH old")
