"""Which films are like one film: half by who likes both, half by what the films share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.filters import union
from store.catalog import Catalog
from store.records import Item

Matches = tuple[np.ndarray, np.ndarray]

SHARED = {"director": 1.0, "keyword": 0.8, "genre": 1.0, "cast": 0.6, "decade": 0.3}
"""How much a shared feature of each kind makes films alike; times its rarity."""
COMMON = 0.2
"""What this share of all films has (drama, comedy, the 1990s) makes nobody alike."""
OTHER_GENRES = 0.3
"""What sharing counts for films without a genre in common: "Airplane!" drinks as "Leaving Las Vegas" does, and is not like it."""
REMEMBERED = 512
"""Films whose likeness is kept; about 20 kB each."""


class Likeness:
    """Likeness to the films of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.of = lru_cache(maxsize=REMEMBERED)(self._of)

    def _of(self, item_id: int) -> Matches:
        """(ids ascending, likeness in (0, 1]) of the films like one film, the film most like it at 1.

        Empty for a film that nothing is known of, and for an id that the catalog does not have.
        """
        ids, values = self.catalog.weights(item_id)
        parts = [(ids.astype(np.int64), values.clip(min=0.0).astype(np.float64))]
        if item_id in self.catalog:
            parts.append(self._sharing(self.catalog.item(item_id)))
        ids, values = added([(ids, values / values.max()) for ids, values in parts if values.any()])
        kept = (values > 0) & (ids != item_id)
        return ids[kept], values[kept] / values[kept].max(initial=0.0) if kept.any() else values[kept]

    def _sharing(self, item: Item) -> Matches:
        """(ids, how much they share of the item's people, keywords, genres and decade, rare ones counting
        more)."""
        features = [
            ("director" if name in item.directors else "cast", "person", name) for name in item.people
        ]
        features += [("keyword", "keyword", word) for word in item.keywords]
        features += [("genre", "genre", genre) for genre in item.genres]
        features += [("decade", "decade", item.decade)] if item.decade else []
        found = []
        for role, kind, value in features:
            ids, match = self.catalog.feature(kind, value)
            rarity = math.log(len(self.catalog) / max(1, len(ids)))
            if len(ids) <= max(2, COMMON * len(self.catalog)):
                found.append((ids, match * (SHARED[role] * rarity)))
        ids, values = added(found)
        akin = union(self.catalog.having("genre", genre) for genre in item.genres) if item.genres else ids
        values = np.where(np.isin(ids, akin), values, values * OTHER_GENRES)
        return ids[ids != item.id], values[ids != item.id]


def added(matches: Sequence[Matches]) -> Matches:
    """The ids in any of `matches`, ascending, with their values summed."""
    ids = union(ids for ids, _ in matches)
    total = np.zeros(len(ids))
    for some, values in matches:
        total[np.searchsorted(ids, some)] += values
    return ids, total
