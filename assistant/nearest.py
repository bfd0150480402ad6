"""The titles most like a name that is none: a slip of the keys, a word too many, a title that is only half remembered.

A title is near where it is spelt nearly as the name is, or has most of its words, rare words counting more. Where neither
holds, nothing is near: "Oppenheimer" is not "Primer", and better no guess than that one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from assistant.indexes import TitleIndex
from assistant.lexicon import fold

SPELT = 85
"""Likeness of spelling in percent (`fuzz.ratio`) from which on a title is near."""
COVERED = 0.6
"""Share of a name, by the rarity of its words, from which on a title that has these words is near."""
SLIPPED = 0.9
"""What a word counts that is found with a slip."""
ARTICLES = frozenset(("the", "a", "an"))


class NearestTitles:
    """Of all names of the films in an index, those that are near a text."""

    def __init__(self, titles: TitleIndex) -> None:
        self._titles = titles
        self._main = len(titles.full)
        self._names = [*titles.full, *(name for name in titles.alias if name not in titles.full)]
        self._having: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self._names):
            for word in set(name.split()):
                self._having[word].append(place)
        self._films = Counter(word for name in titles.full for word in set(name.split()))

    def find(self, text: str, n: int = 3) -> list[int]:
        """Ids of up to `n` films, the most like it first, of equals the best known; empty when nothing is near."""
        key = fold(text)
        words = [word for word in key.split() if word not in ARTICLES]
        found = {place: score / 100 for _, score, place in process.extract(key, self._names, scorer=fuzz.ratio, limit=4 * n, score_cutoff=SPELT)} if words else {}
        for place, share in self._covered(words).items():
            found[place] = max(share, found.get(place, 0.0))
        best: dict[int, float] = {}
        for place, score in found.items():
            for item_id in self._titles.find(self._names[place]):
                best[item_id] = max(score, best.get(item_id, 0.0))
        return sorted(best, key=lambda i: (-round(best[i], 1), -self._titles.fame[i], i))[:n]

    def _covered(self, words: list[str]) -> dict[int, float]:
        """Place of a name -> the share of `words` that it has, of those that have COVERED of them."""
        total, found = 0.0, Counter()
        for word in dict.fromkeys(words):
            total += (weight := self._weight(word))
            slips = process.extract(word, self._films.keys(), scorer=OSA.distance, limit=None, score_cutoff=_slips(word))
            # Slips are looked for in main titles alone: among the words of all languages there is one for everything.
            having = {place: weight * SLIPPED for near, _, _ in slips for place in self._having[near] if place < self._main}
            found.update(having | dict.fromkeys(self._having.get(word, ()), weight))
        return {place: value / total for place, value in found.items() if value >= COVERED * total}

    def _weight(self, word: str) -> float:
        """Rarity among the titles; a word that none has counts as the rarest."""
        return math.log((len(self._titles.full) + 1) / (self._films[word] + 0.5))


def _slips(word: str) -> int:
    """How many letters of a word may be wrong for it to be the same."""
    return 0 if len(word) < 5 else 1 if len(word) < 8 else 2
