"""Candidates, additive scores and the slate. The numbers made here are the numbers that explain.

    score(i) = prior(i) + sum_j feeling(j) * W[j, i] + sum_f strength(f) * match(f, i) + slate effects

Every addend is a Contribution, and the score is defined as their sum. Limits filter; they never score.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from assistant.state import Profile
from store.records import BOUND_KINDS, FEATURE_KINDS, ITEM, Contribution, Item, Preference, Recommendation

Matches = tuple[np.ndarray, np.ndarray]
"""Item ids (ascending) and what each gets (float)."""


class Weighted(Protocol):
    """What the recommender asks of a catalog; `store.catalog.Catalog` is one."""

    ids: np.ndarray
    year: np.ndarray
    runtime: np.ndarray
    rating_count: np.ndarray
    mean_rating: np.ndarray

    def items(self, item_ids) -> list[Item]: ...
    def weights(self, item_id: int) -> Matches: ...
    def feature(self, kind: str, value: str) -> Matches: ...
    def having(self, kind: str, value: str) -> np.ndarray: ...
    def search_text(self, text: str) -> Matches: ...
    def popular(self, n: int) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Weights:
    """The free constants. Those of the item part are fitted on earlier ratings (docs/LOG.md, "Ranking").

    prior: the score of the best known and best rated film for everybody.
    recency: what a statement about a film keeps of its weight for every ten later ones.
    similar: how much more "something like X" counts than having liked X.
    taste, wish: the score of a full match with a lasting taste, and with what is wanted now. A wish outweighs what any
        number of liked films adds up to, so that what was asked for comes first.
    variety: how much of the spread of scores a twin of an earlier pick loses.
    """

    prior: float = 0.02
    recency: float = 0.92
    similar: float = 2.0
    taste: float = 0.06
    wish: float = 1.0
    variety: float = 0.5


HEAD = 300
"""Popular items that are always candidates, so that a thin profile fills any slate."""
POOL = 60
"""Best candidates that variety chooses among."""
NOT_AGAIN = frozenset({"like", "dislike", "seen", "similar", "avoid", "skip"})
"""Roles after which the item itself is not picked."""
PERSON_TASTE = 2.0
"""A person is a narrower taste than a genre, so a match says more."""
ALIKE = 0.25
"""Likeness below which two picks do not get in each other's way."""


class Recommender:
    """Ranks the items of a catalog for a profile. Holds no state of any person."""

    def __init__(self, catalog: Weighted, weights: Weights = Weights()) -> None:
        self.catalog = catalog
        self.weights = weights

    def recommend(
        self, profile: Profile, *, n: int = 5, exclude: Collection[int] = (), diversify: bool = False
    ) -> list[Recommendation]:
        """The `n` best items, fewer if the limits leave fewer; ties by id.

        `exclude` are ids not to pick, beyond those the profile rules out. `diversify` holds down what is too like an
        earlier pick; what that costs an item is one of its contributions.
        """
        ids, scores, addends = self._ranked(profile, exclude)
        if not diversify:
            return self._explained(ids[:n], addends)
        return self._varied(ids[:POOL + n], scores[:POOL + n], addends, n)

    def score(self, profile: Profile, item_ids: Sequence[int]) -> list[Recommendation]:
        """The given items with their scores, in the order given, unfiltered; rank is 0."""
        wanted = np.array(sorted(set(item_ids)), dtype=np.int64)
        addends = self._addends(profile)
        by_id = {r.item.id: r for r in self._explained(wanted, addends)}
        return [Recommendation(by_id[i].item, by_id[i].score, by_id[i].contributions, 0) for i in item_ids]

    def rank_of(self, profile: Profile, item_id: int, exclude: Collection[int] = ()) -> int | None:
        """The rank of an item among all candidates, without variety; None when it is filtered out or nothing speaks for it."""
        ids, _, _ = self._ranked(profile, exclude)
        place = np.flatnonzero(ids == item_id)
        return int(place[0]) + 1 if len(place) else None

    def blocked_by(self, profile: Profile, item: Item) -> tuple[Preference, ...]:
        """The limits and remarks of the profile that keep an item from being picked."""
        only: dict[str, list[Preference]] = {}
        blocking = []
        for p in profile:
            if p.role == "only" and p.kind in FEATURE_KINDS:
                only.setdefault(p.kind, []).append(p)
            elif p.kind == ITEM and p.item_id == item.id and p.role in NOT_AGAIN:
                blocking.append(p)
            elif p.role == "avoid" and p.kind in FEATURE_KINDS and item.id in self._matching(p):
                blocking.append(p)
            elif p.kind in BOUND_KINDS and not _within(item, p):
                blocking.append(p)
        for group in only.values():
            if not any(item.id in self._matching(p) for p in group):
                blocking += group
        return tuple(blocking)

    def recency(self, profile: Profile) -> dict[tuple[str, str], float]:
        """What each film of the profile keeps of its weight for having been said a while ago: subject -> factor in (0, 1]."""
        felt = [p for p in profile.items if self._feeling(p)]
        return {p.subject: self.weights.recency ** ((len(felt) - 1 - n) / 10) for n, p in enumerate(felt)}

    # scores

    def _addends(self, profile: Profile) -> list[tuple[Preference | None, Matches]]:
        """Each thing that scores with the items it scores: the prior (None) and the entries of the profile."""
        recency = self.recency(profile)
        norm = math.sqrt(max(1, len(recency)))
        addends: list[tuple[Preference | None, Matches]] = [(None, self._prior)]
        for p in profile:
            if p.kind == ITEM:
                feeling = self._feeling(p)
                if feeling:
                    ids, values = self.catalog.weights(p.item_id)
                    addends.append((p, (ids, values * (feeling * recency[p.subject] / norm))))
            elif p.kind in FEATURE_KINDS and (strength := self._strength(p)):
                ids, values = self._match(p)
                addends.append((p, (ids, values * strength)))
        return addends

    def _feeling(self, p: Preference) -> float:
        if p.role in ("like", "dislike", "want", "avoid"):
            return p.value
        return p.value * self.weights.similar if p.role == "similar" else 0.0

    def _strength(self, p: Preference) -> float:
        if p.role in ("want", "only"):
            return self.weights.wish * p.value
        if p.role in ("like", "dislike"):
            return self.weights.taste * p.value * (PERSON_TASTE if p.kind == "person" else 1.0)
        return 0.0

    def _match(self, p: Preference) -> Matches:
        return self.catalog.search_text(p.ref) if p.kind == "text" else self.catalog.feature(p.kind, p.ref)

    def _matching(self, p: Preference) -> np.ndarray:
        return self.catalog.search_text(p.ref)[0] if p.kind == "text" else self.catalog.having(p.kind, p.ref)

    @cached_property
    def _prior(self) -> Matches:
        """Popularity: how many rated an item, and how well (shrunk to the mean of five raters at 3.3)."""
        count = self.catalog.rating_count.astype(float)
        mean = np.nan_to_num(self.catalog.mean_rating.astype(float))
        mean = (mean * count + 5 * 3.3) / (count + 5)
        known = np.log1p(count) / np.log1p(max(1.0, count.max()))
        return self.catalog.ids, self.weights.prior * known * ((mean - 0.5) / 4.5) ** 2

    @cached_property
    def _head(self) -> np.ndarray:
        return np.array(sorted(self.catalog.popular(HEAD)), dtype=np.int64)

    def _ranked(self, profile: Profile, exclude: Collection[int]) -> tuple[np.ndarray, np.ndarray, list]:
        """Candidates that pass the limits, best first, with their scores, and the addends."""
        addends = self._addends(profile)
        reached = [ids for p, (ids, _) in addends if p is not None]
        only = [self._matching(p) for p in profile if p.role == "only" and p.kind in FEATURE_KINDS]
        bounded = [self._bounded(p) for p in profile.bounds]
        candidates = np.unique(np.concatenate([self._head, *reached, *only, *bounded]).astype(np.int64))
        candidates = self._passing(profile, candidates, exclude)
        scores = np.zeros(len(candidates))
        for _, matches in addends:
            scores += _aligned(candidates, matches)
        order = np.lexsort((candidates, -scores))
        return candidates[order], scores[order], addends

    def _bounded(self, p: Preference) -> np.ndarray:
        """The best known items within a limit: candidates where the popular head holds few of them."""
        fits = np.flatnonzero(self._fits(p, slice(None)))
        best = fits[np.argsort(-self.catalog.rating_count[fits], kind="stable")[:HEAD]]
        return self.catalog.ids[best]

    def _fits(self, p: Preference, places) -> np.ndarray:
        """Whether the items at `places` of the catalog are known to be within a limit."""
        facts = (self.catalog.year if p.kind == "year" else self.catalog.runtime)[places]
        return (facts > 0) & ((facts <= p.value) if p.role == "max" else (facts >= p.value))

    def _passing(self, profile: Profile, candidates: np.ndarray, exclude: Collection[int]) -> np.ndarray:
        gone = {p.item_id for p in profile.items if p.role in NOT_AGAIN} | set(exclude)
        keep = ~np.isin(candidates, np.fromiter(gone, dtype=np.int64, count=len(gone)))
        places = np.searchsorted(self.catalog.ids, candidates)
        only: dict[str, np.ndarray] = {}
        for p in profile:
            if p.kind in BOUND_KINDS:
                keep &= self._fits(p, places)
            elif p.kind in FEATURE_KINDS and p.role == "avoid":
                keep &= ~np.isin(candidates, self._matching(p))
            elif p.kind in FEATURE_KINDS and p.role == "only":
                only[p.kind] = only.get(p.kind, False) | np.isin(candidates, self._matching(p))
        for fits in only.values():
            keep &= fits
        return candidates[keep]

    # slate

    def _explained(self, ids: np.ndarray, addends: list, slate: dict[int, Contribution] | None = None) -> list[Recommendation]:
        """Recommendations in the order of `ids`, each with what every addend gave it; the score is their sum."""
        ids = np.asarray(ids, dtype=np.int64)
        columns = [(p, _aligned(ids, matches)) for p, matches in addends]
        picks = []
        for place, item in enumerate(self.catalog.items(ids.tolist())):
            parts = [_contribution(p, float(column[place])) for p, column in columns if column[place]]
            if slate and item.id in slate:
                parts.append(slate[item.id])
            parts.sort(key=lambda c: -abs(c.value))
            picks.append(Recommendation(item, math.fsum(c.value for c in parts), tuple(parts), place + 1))
        return picks

    def _varied(self, ids: np.ndarray, scores: np.ndarray, addends: list, n: int) -> list[Recommendation]:
        """Greedy maximal marginal relevance (Carbonell and Goldstein, 1998), with its cost as a contribution."""
        if not len(ids):
            return []
        items = dict(zip(ids.tolist(), self.catalog.items(ids.tolist()), strict=True))
        spread = max(1e-9, float(scores[0] - scores[min(len(scores), 30) - 1]))
        traits = {i: _traits(item) for i, item in items.items()}
        base = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        chosen: list[int] = []
        held: dict[int, Contribution] = {}
        cost = dict.fromkeys(base, 0.0)
        twin: dict[int, int] = {}
        while base.keys() - set(chosen) and len(chosen) < n:
            best = max((i for i in base if i not in chosen), key=lambda i: (base[i] - cost[i], -i))
            chosen.append(best)
            if cost[best]:
                held[best] = Contribution("slate", str(twin[best]), f"variety: close to {items[twin[best]].name}", -cost[best])
            for i in base:
                likeness = _likeness(traits[i], traits[best])
                if likeness > ALIKE and self.weights.variety * spread * likeness > cost[i]:
                    cost[i], twin[i] = self.weights.variety * spread * likeness, best
        picks = self._explained(np.array(chosen), addends, held)
        picks.sort(key=lambda r: (-r.score, r.item.id))
        return [Recommendation(r.item, r.score, r.contributions, place + 1) for place, r in enumerate(picks)]


def _aligned(ids: np.ndarray, matches: Matches) -> np.ndarray:
    """What each of `ids` gets of `matches` (ids ascending); 0 for those not in them."""
    known, values = matches
    if not len(known):
        return np.zeros(len(ids))
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[places] == ids, values[places], 0.0).astype(float)


def _contribution(p: Preference | None, value: float) -> Contribution:
    if p is None:
        return Contribution("prior", "popularity", "popular with everyone", value)
    return Contribution(p.kind, p.ref, p.label, value, p.entry_id)


def _within(item: Item, p: Preference) -> bool:
    fact = item.year if p.kind == "year" else item.runtime
    return bool(fact) and (fact <= p.value if p.role == "max" else fact >= p.value)


def _traits(item: Item) -> dict[str, float]:
    """What makes two films feel alike in a slate: makers and themes, genres less, a shared title most."""
    traits = dict.fromkeys((f"g {g}" for g in item.genres), 1.0)
    traits.update(dict.fromkeys((f"k {k}" for k in item.keywords[:8]), 0.5))
    traits.update(dict.fromkeys((f"p {p}" for p in (*item.directors, *item.cast[:3])), 1.0))
    traits[f"t {' '.join(item.title.lower().split(':')[0].split()[:2])}"] = 3.0
    return traits


def _likeness(a: dict[str, float], b: dict[str, float]) -> float:
    """Weighted cosine of two films' traits, 0 to 1."""
    shared = sum(a[t] * b[t] for t in a.keys() & b.keys())
    return shared / math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values())) if shared else 0.0
