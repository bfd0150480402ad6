"""A made-up catalog of some size and random profiles for it: seeded, so that a failure can be seen again."""

import random
from pathlib import Path

import numpy as np

from assistant.state import Profile
from store.build import build
from store.catalog import Catalog
from store.database import Database
from store.importers.facts import FilmFacts
from store.records import ITEM, Preference

GENRES = ("Drama", "Comedy", "Action", "Horror", "Sci-Fi", "Western")
PEOPLE = tuple(f"Person {n}" for n in range(25))
KEYWORDS = ("robot", "heist", "space", "dog", "train", "ghost", "island", "chess")
VALUES = {
    "genre": (*GENRES, "Opera"),
    "person": (*PEOPLE, "Nobody"),
    "keyword": KEYWORDS,
    "decade": ("1970s", "1980s", "1990s"),
    "language": ("en", "fr", "xx"),
    "text": ("robot dog", "space", "nothing at all"),
}


def random_catalog(folder: Path, films: int = 160, people: int = 40, seed: int = 7) -> Catalog:
    rng = random.Random(seed)
    facts = [
        FilmFacts(
            id=3 * n + 5,
            title=f"Film {n}",
            year=rng.randint(1970, 1999),
            genres=tuple(rng.sample(GENRES, rng.randint(0, 3))),
            directors=(rng.choice(PEOPLE),),
            cast=tuple(rng.sample(PEOPLE, 3)),
            keywords=tuple(rng.sample(KEYWORDS, rng.randint(0, 3))),
            runtime=rng.choice((None, 80, 100, 120, 150)),
            language=rng.choice((None, "en", "fr")),
        )
        for n in range(films)
    ]
    ratings = np.array(
        [
            (person, facts[n].id, rng.randint(1, 10) / 2, second)
            for person in range(people)
            for second, n in enumerate(rng.sample(range(films), 15))
        ]
    )
    columns = (ratings[:, 0].astype(int), ratings[:, 1].astype(int), ratings[:, 2], ratings[:, 3].astype(int))
    path = folder / "random.db"
    build(path, facts, columns, lambda text: None)
    return Catalog(Database(path))


def random_profile(catalog: Catalog, rng: random.Random, longest: int = 18) -> Profile:
    """Anything the log could hold: films and features in every role, limits, entries about films that are
    gone."""
    found: dict[tuple[str, str], Preference] = {}
    for entry in range(rng.randint(0, longest)):
        preference = _preference(catalog, rng, entry)
        found[preference.subject] = preference
    return Profile("somebody", tuple(found.values()))


def _preference(catalog: Catalog, rng: random.Random, entry: int) -> Preference:
    kind = rng.choice((ITEM,) * 6 + tuple(VALUES) + ("year", "runtime"))
    strength = rng.choice((0.3, 0.6, 0.8, 1.0))
    if kind == ITEM:
        role = rng.choice(("like",) * 4 + ("dislike", "seen", "similar", "want", "avoid", "skip"))
        ref = rng.choice([str(i) for i in catalog.ids.tolist()] + ["4"])
    elif kind in VALUES:
        role, ref = rng.choice(("like", "dislike", "want", "want", "only", "avoid")), rng.choice(VALUES[kind])
    else:
        role = ref = rng.choice(("min", "max"))
        strength = (
            rng.choice((1975.0, 1985.0, 1995.0)) if kind == "year" else rng.choice((90.0, 110.0, 130.0))
        )
    value = -strength if role in ("dislike", "avoid") else 0.0 if role in ("seen", "skip") else strength
    return Preference(kind, ref, f"{kind} {ref}", role, value, entry_id=entry + 1)
