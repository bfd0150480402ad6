"""Director, cast, keywords, runtime and language out of the TMDB 5000 tables, joined to films by name and year.

Facts only: overviews and taglines are never read. pandas is needed here only.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from store.errors import ImportFailed
from store.importers.facts import FilmFacts
from store.names import fold

CAST_SIZE = 6
KEYWORDS = 20
NO_LANGUAGE = "xx"
NOT_ABOUT_THE_FILM = frozenset(("aftercreditsstinger", "duringcreditsstinger"))

SAME_FILM = {
    253: 628, 260: 11, 328: 9059, 366: 11596, 370: 36593, 1059: 454, 1196: 1891, 1210: 1892, 1909: 846,
    1969: 10014, 1976: 9728, 1977: 9730, 1978: 9731, 2459: 30497, 3717: 9679, 3914: 22597, 5325: 1282, 6333: 36658,
    6990: 11583, 8372: 8920, 27773: 670, 27899: 8357, 33681: 14199, 38038: 533, 40851: 6795, 44022: 950, 53464: 1979,
    55566: 17202, 56801: 440, 57223: 10253, 58301: 8461, 58306: 12246, 65601: 14435, 66659: 15670, 81535: 41439,
    88954: 55465, 89427: 65055, 93838: 94329, 94777: 41154, 95543: 57800, 104337: 132363, 112183: 194662, 117895: 294254,
}
"""MovieLens id -> TMDB id of films that the two tables name differently, looked through by eye:
"Star Wars: Episode IV - A New Hope" is TMDB's "Star Wars". Loose rules for this found as many wrong pairs
as right ones ("Part 2" of one saga with "Part 2" of another)."""


@dataclass(frozen=True, slots=True)
class TmdbFilm:
    """One row of the tables, people and keywords in their order there."""

    id: int
    title: str
    original_title: str
    year: int
    runtime: int | None
    language: str | None
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    keywords: tuple[str, ...]


def read_tmdb(movies: Path, credits: Path) -> list[TmdbFilm]:
    """The films that have a release date. Raises ImportFailed when the files are not those tables."""
    import pandas

    try:
        rows = pandas.read_csv(
            movies, usecols=["id", "title", "original_title", "release_date", "runtime", "original_language", "keywords"]
        )
        people = pandas.read_csv(credits, usecols=["movie_id", "cast", "crew"]).set_index("movie_id")
        return [_film(row, people.loc[row.id]) for row in rows.itertuples() if isinstance(row.release_date, str)]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ImportFailed(f"{movies} and {credits} are not the TMDB 5000 tables: {error}") from error


def _film(row, people) -> TmdbFilm:
    cast = sorted(json.loads(people["cast"]), key=lambda member: member["order"])
    directors = [member["name"] for member in json.loads(people["crew"]) if member["job"] == "Director"]
    language = row.original_language if row.original_language != NO_LANGUAGE else None
    return TmdbFilm(
        id=int(row.id), title=row.title.strip(), original_title=row.original_title.strip(),
        year=int(row.release_date[:4]), language=language,
        runtime=int(row.runtime) if row.runtime and row.runtime == row.runtime else None,
        directors=_distinct(directors), cast=_distinct(member["name"] for member in cast)[:CAST_SIZE],
        keywords=_distinct(
            word["name"] for word in json.loads(row.keywords) if word["name"] not in NOT_ABOUT_THE_FILM
        )[:KEYWORDS],
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def join(films: list[FilmFacts], tmdb: list[TmdbFilm], rating_counts: dict[int, int]) -> list[FilmFacts]:
    """`films`, each with the facts of its TMDB film where one was found.

    A TMDB film goes to one film: the nearest year, then the one rated most. `rating_counts` is by film id.
    """
    by_name: dict[str, list[TmdbFilm]] = defaultdict(list)
    by_id = {film.id: film for film in tmdb}
    for film in tmdb:
        for key in {_key(film.title), _key(film.original_title)}:
            by_name[key].append(film)
    claims: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for film in films:
        found = _candidate(film, by_name, by_id)
        if found:
            claims[found.id].append((abs(found.year - (film.year or 0)), -rating_counts.get(film.id, 0), film.id))
    owner = {min(claimants)[2]: tmdb_id for tmdb_id, claimants in claims.items()}
    return [_with_facts(film, by_id[owner[film.id]]) if film.id in owner else film for film in films]


def _key(title: str) -> str:
    return re.sub(r"^(the|a|an) ", "", fold(title))


def _candidate(film: FilmFacts, by_name: dict[str, list[TmdbFilm]], by_id: dict[int, TmdbFilm]) -> TmdbFilm | None:
    if film.id in SAME_FILM:
        return by_id.get(SAME_FILM[film.id])
    if film.year is None:
        return None
    near = [
        (abs(other.year - film.year), place, other.id)
        for place, name in enumerate((film.title, *film.aliases))
        if (key := _key(name))
        for other in by_name.get(key, ())
        if abs(other.year - film.year) <= 1
    ]
    return by_id[min(near)[2]] if near else None


def _with_facts(film: FilmFacts, found: TmdbFilm) -> FilmFacts:
    title = _accented(film.title, found.title)
    names = {name.casefold(): name for name in (found.original_title, found.title, *reversed(film.aliases), film.title)}
    return film.model_copy(update={
        "title": title, "aliases": tuple(name for name in reversed(names.values()) if name != title), "tmdb": found.id,
        "directors": found.directors, "cast": found.cast, "keywords": found.keywords,
        "runtime": found.runtime, "language": found.language,
    })


def _accented(ours: str, theirs: str) -> str:
    """The spelling that kept its accents, when the two differ in nothing else: "Amélie" for "Amelie"."""
    if fold(ours) != fold(theirs) or len(ours) != len(theirs):
        return ours
    return theirs if sum(not c.isascii() for c in theirs) > sum(not c.isascii() for c in ours) else ours
