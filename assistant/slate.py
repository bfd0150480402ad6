"""The variety of a slate: a film that resembles a better pick moves down, by an amount that is part of its
score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assistant.filters import within
from store.catalog import Catalog
from store.records import Contribution


@dataclass(frozen=True, slots=True)
class SlateSettings:
    """How varied a slate is.

    window: only the best so many films are moved, or as many as are asked for.
    places: about how many places a twin of a better pick falls.
    distinct: films that resemble each other this much (0..1) or less are not held to be alike at all.
    most: points that variety takes off at most; a wish weighs more, so variety never costs one.
    """

    window: int = 100
    places: int = 25
    distinct: float = 0.3
    most: float = 1.5


class Variety:
    """Orders slates of the films of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def order(
        self, ids: np.ndarray, scores: np.ndarray, n: int, settings: SlateSettings
    ) -> tuple[np.ndarray, dict[int, Contribution]]:
        """The order of the first `n` of `ids` (best first) with variety, and what it took off whom.

        Greedy: each place goes to the film with the most points left when its resemblance to the likest film
        placed so far is taken off. The points a film has left only shrink as others are placed, so the new
        scores descend.
        """
        window = max(n, settings.window)
        ids, scores = ids[:window], scores[:window]
        if len(ids) < 2:
            return ids, {}
        strength = min(float(scores[0] - scores[min(settings.places, len(ids) - 1)]), settings.most)
        likest, of = np.zeros(len(ids)), np.zeros(len(ids), dtype=np.int64)
        open_ = np.zeros(len(ids))  # minus infinity where placed
        order: list[int] = []
        moves: dict[int, Contribution] = {}
        for _ in range(min(n, len(ids))):
            best = int(np.argmax(scores - strength * likest + open_))
            order.append(best)
            open_[best] = -np.inf
            if strength * likest[best] > 0:
                moves[int(ids[best])] = self._move(int(of[best]), -strength * float(likest[best]))
            alike = (self._alike(best, ids) - settings.distinct).clip(min=0.0) / (1.0 - settings.distinct)
            of[alike > likest] = ids[best]
            likest = np.maximum(likest, alike)
        return ids[order], moves

    def _move(self, like_id: int, value: float) -> Contribution:
        return Contribution(
            "slate", str(like_id), f"variety: close to {self.catalog.item(like_id).name}", value
        )

    def _alike(self, place: int, ids: np.ndarray) -> np.ndarray:
        """How much each film resembles the one at `place`, in [0, 1]: half by who likes both, half by the
        genres they share."""
        neighbours, weights = self.catalog.weights(int(ids[place]))
        community = np.zeros(len(ids))
        if len(neighbours) and weights.max() > 0:
            here = within(ids, neighbours)
            community[here] = weights[np.searchsorted(neighbours, ids[here])].clip(min=0.0) / weights.max()
        genres = self._genres[np.searchsorted(self.catalog.ids, ids)]
        shared, either = np.bitwise_count(genres & genres[place]), np.bitwise_count(genres | genres[place])
        return (community + shared / np.maximum(either, 1)) / 2

    @cached_property
    def _genres(self) -> np.ndarray:
        """The genres of every film as bits, aligned with the catalog's ids. A catalog's 64 commonest genres
        are told apart."""
        bits = np.zeros(len(self.catalog), dtype=np.uint64)
        for bit, genre in enumerate(list(self.catalog.values("genre"))[:64]):
            having = np.searchsorted(self.catalog.ids, self.catalog.having("genre", genre))
            bits[having] |= np.uint64(1 << bit)
        return bits
