"""The facts of one film as the compact files hold them, and reading and writing those files.

Pydantic checks each line: the files are an edge, whoever wrote them.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from store.errors import ImportFailed

DATA = Path(__file__).resolve().parent.parent / "data"
ITEMS_FILE = "items.jsonl.xz"
RATINGS_FILE = "ratings.npz"


class FilmFacts(BaseModel):
    """One film. `runtime` in minutes; unknown facts are None or empty. `tmdb` is its id there, if it was matched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    title: str = Field(min_length=1)
    year: int | None = Field(default=None, ge=1870, le=2100)
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    runtime: int | None = Field(default=None, gt=0)
    language: str | None = None
    tmdb: int | None = None


def write_films(films: Iterable[FilmFacts], folder: Path = DATA) -> Path:
    """One JSON object a line, empty fields left out, xz over all of it."""
    lines = (json.dumps(film.model_dump(exclude_defaults=True), ensure_ascii=False, separators=(",", ":")) for film in films)
    path = folder / ITEMS_FILE
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))
    return path


def read_films(folder: Path = DATA) -> list[FilmFacts]:
    """Every film of the compact file, by id. Raises ImportFailed when it is missing or damaged."""
    path = folder / ITEMS_FILE
    try:
        text = lzma.decompress(path.read_bytes()).decode()
        return [FilmFacts.model_validate_json(line) for line in text.split("\n")]
    except (OSError, lzma.LZMAError, EOFError, UnicodeDecodeError, ValidationError) as error:
        raise ImportFailed(f"{path} cannot be read ({error}); restore it, or make it with `python -m store import`") from error


def write_ratings(ratings: np.ndarray, folder: Path = DATA) -> Path:
    """Columns, half stars as small integers and times as differences within a user: a third of the plain size."""
    path = folder / RATINGS_FILE
    new_user = np.flatnonzero(np.diff(ratings["user"], prepend=-1))
    steps = np.diff(ratings["time"], prepend=0)
    steps[new_user] = ratings["time"][new_user]
    np.savez_compressed(
        path, user=ratings["user"].astype("u2"), item=ratings["item"],
        half_stars=np.round(ratings["rating"] * 2).astype("u1"), steps=steps.astype("u4"),
    )
    return path


def read_ratings(folder: Path = DATA) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """User ids, item ids, ratings (0.5-5) and times (seconds since 1970), sorted by user, then time.

    Raises ImportFailed when the compact file is missing or damaged.
    """
    path = folder / RATINGS_FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            user, item = stored["user"].astype("i8"), stored["item"].astype("i8")
            rating, steps = stored["half_stars"].astype("f8") / 2, stored["steps"].astype("i8")
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ImportFailed(f"{path} cannot be read ({error}); restore it, or make it with `python -m store import`") from error
    total = np.cumsum(steps)
    first = np.flatnonzero(np.diff(user, prepend=-1))
    before = np.repeat(total[first] - steps[first], np.diff(np.append(first, len(user))))
    return user, item, rating, total - before
