"""Picks with exact reasons: the score of a film is a sum of addends, each tied to one thing the person said.

    score(i) = popularity prior(i)
             + sum over films j in the profile:  feeling(j) * W[j, i]
             + sum over stated preferences f:    strength(f) * match(f, i)
             + what the variety of the slate takes off

Hard constraints filter (`filters`), they do not score. Knows nothing of language, users and messages.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from assistant import filters
from assistant.likeness import Likeness
from assistant.slate import SlateSettings, Variety
from assistant.state import Profile
from store.catalog import VERSION_DIGITS, Catalog
from store.records import BOUND_KINDS, ITEM, Contribution, Item, Preference, Recommendation

POPULARITY = "popularity"
FORMULA = 1
"""The number of the way that scores and orders come about. Raise it with any change here, in slate, likeness, filters or
the catalog's look-ups that gives another score or another order: a stored slate is replayed only under its own number."""
HEAD = 300
"""Best films of the prior that are candidates for everybody: they answer an empty profile and fill a long
list."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The free constants of the score, in points. "Fitted" ones were fitted on earlier ratings (docs/LOG.md,
    "Ranking").

    points: what a unit of W is worth: it puts a good match of a full profile at about 1 point.
    recency: what ten films named since leave of a feeling. Fitted.
    neutral: the liking (0..1) at which a film says nothing; loving it (1) counts as 1. Fitted. What is called
        a like counts `least_liking` at least.
    dislike: what a dislike counts against a love. Fitted: it does no harm up to here.
    interest: what wanting to see a film counts against having loved it.
    prior: the popularity prior of the best film with an empty profile; it halves at `prior_half` films.
        Fitted.
    taste: what a lasting taste adds where it matches, by kind; `distaste` times that for a dislike.
    wish: what a wish for now adds where it matches: more than lasting tastes and films add up to.
    billing: how much of a person's match depends on how high they are billed.
    similar: what "something like this film" adds to the film most like it; `unlike` what "nothing like it"
        takes.
    slate, start: how varied a slate is, and a first one, which nothing that the person said speaks for.
    """

    points: float = 25.0
    recency: float = 0.88
    neutral: float = 0.5
    least_liking: float = 0.1
    dislike: float = 0.4
    interest: float = 0.5
    prior: float = 0.4
    prior_half: float = 25.0
    taste: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"genre": 0.3, "decade": 0.2, "language": 0.2, "keyword": 0.4, "text": 0.4, "person": 0.6}
        )
    )
    distaste: float = 2.0
    wish: float = 6.0
    billing: float = 0.05
    similar: float = 5.0
    unlike: float = 4.0
    slate: SlateSettings = SlateSettings()
    start: SlateSettings = SlateSettings(places=90, distinct=0.0)


@dataclass(frozen=True, slots=True)
class Term:
    """What one preference adds: `values` (points) to the films `ids` (ascending), nothing to all others."""

    preference: Preference
    ids: np.ndarray
    values: np.ndarray

    def at(self, ids: np.ndarray) -> np.ndarray:
        """What it adds to each of `ids`."""
        if not len(self.ids):
            return np.zeros(len(ids))
        place = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[place] == ids, self.values[place], 0.0)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a film stands.

    rank: its place among all films that pass the filters, from 1; None when a filter blocks it.
    recommendation: its score and contributions, filters aside.
    blocked_by: the preferences that keep it out; empty when none does.
    """

    rank: int | None
    recommendation: Recommendation
    blocked_by: tuple[Preference, ...]


class Recommender:
    """Ranks the films of a catalog for profiles. Holds no state of any person; one for all threads."""

    def __init__(self, catalog: Catalog, weights: Weights = Weights()) -> None:
        self.catalog = catalog
        self.weights = weights
        self._variety = Variety(catalog)
        self._likeness = Likeness(catalog)

    @cached_property
    def version(self) -> str:
        """Names the model: the catalog's content, the constants and the formula. Equal version, equal picks."""
        made_of = f"{FORMULA} {self.weights!r} {self.catalog.version}"
        return hashlib.sha256(made_of.encode()).hexdigest()[:VERSION_DIGITS]

    def recommend(
        self, profile: Profile, *, n: int = 5, exclude: Collection[int] = (), diversify: bool = False
    ) -> list[Recommendation]:
        """The `n` best films that pass the profile's filters and are not in `exclude`, best first; fewer
        when there are no more.

        `diversify` moves down what resembles a better pick; the first of a longer list are those of a
        shorter one (up to the window of the slate settings).
        """
        if n <= 0:
            return []
        terms = self.terms(profile)
        variety = self.weights.slate if terms else self.weights.start
        ids, scores = self._best(profile, terms, max(n, variety.window) if diversify else n, exclude)
        moves: dict[int, Contribution] = {}
        if diversify:
            ids, moves = self._variety.order(ids, scores, n, variety)
        return self._ranked(profile, terms, ids[:n], moves)

    def score(self, profile: Profile, item_ids: Sequence[int]) -> list[Recommendation]:
        """The films asked for with their scores, filters aside, in the order asked for; rank 0 says that
        they are not ranked.

        Raises UnknownItem for an id that the catalog does not have.
        """
        return self._explained(profile, self.terms(profile), list(item_ids), {})

    def rank_of(
        self, profile: Profile, item_id: int, *, exclude: Collection[int] = (), diversify: bool = False
    ) -> Placing:
        """Where a film stands among all that pass the filters; in the order of `recommend` with the same
        arguments.

        Raises UnknownItem for an id that the catalog does not have.
        """
        blocking = self.blocked_by(profile, self.catalog.item(item_id))
        found = self.score(profile, (item_id,))[0]
        if blocking or item_id in exclude:
            return Placing(None, found, blocking)
        terms = self.terms(profile)
        ids, moves = self._order(profile, terms, exclude, diversify)
        rank = int(np.flatnonzero(ids == item_id)[0]) + 1
        if item_id in moves:
            found = self._explained(profile, terms, [item_id], moves)[0]
        return Placing(rank, Recommendation(found.item, found.score, found.contributions, rank), ())

    def ranks_of(
        self, profile: Profile, item_ids: Sequence[int], *, exclude: Collection[int] = (), diversify: bool = False
    ) -> list[int | None]:
        """The ranks that `rank_of` gives several films, by one search; None for what a filter blocks."""
        ids, _ = self._order(profile, self.terms(profile), exclude, diversify)
        ranks = {item_id: rank for rank, item_id in enumerate(ids.tolist(), start=1)}
        return [ranks.get(item_id) for item_id in item_ids]

    def _order(
        self, profile: Profile, terms: Sequence[Term], exclude: Collection[int], diversify: bool
    ) -> tuple[np.ndarray, Mapping[int, Contribution]]:
        """All films that pass the filters, best first, and what variety took off those of its window."""
        ids, scores = self._best(profile, terms, len(self.catalog), exclude)
        variety = self.weights.slate if terms else self.weights.start
        if not diversify:
            return ids, {}
        varied, moves = self._variety.order(ids, scores, variety.window, variety)
        return np.concatenate([varied, ids[len(varied) :]]), moves

    def blocked_by(self, profile: Profile, item: Item) -> tuple[Preference, ...]:
        """The preferences whose filters keep `item` out; empty when it may be picked."""
        return filters.blocked_by(self.catalog, profile, item.id)

    def recency(self, profile: Profile) -> dict[Preference, float]:
        """What is left of each feeling about a film, in (0, 1], now that others were named after it:
        preference drift as numbers."""
        felt = self._felt(profile)
        return {p: self.weights.recency ** ((len(felt) - 1 - place) / 10) for place, p in enumerate(felt)}

    # the terms of the sum

    def terms(self, profile: Profile) -> list[Term]:
        """One term for each preference that scores, in the order of the profile."""
        fresh = self.recency(profile)
        size = math.sqrt(max(1, len(fresh)))
        found = []
        for p in profile:
            if p in fresh:
                ids, values = self._known(p.item_id)
                strength = self.weights.points * self._feeling(p) * fresh[p] / size
                found.append(Term(p, ids, values * strength))
            elif p.kind == ITEM and p.role in ("similar", "avoid"):
                ids, values = self._likeness.of(p.item_id)
                strength = self.weights.similar if p.role == "similar" else -self.weights.unlike
                found.append(Term(p, ids, values * (strength * abs(p.value))))
            elif p.kind not in (ITEM, *BOUND_KINDS) and p.role in ("like", "dislike", "want"):
                ids, match = self.catalog.feature(p.kind, p.ref)
                if p.kind == "person":
                    match = 1.0 - self.weights.billing * (1.0 - match)
                found.append(Term(p, ids, match * self._strength(p)))
        return found

    @staticmethod
    def _felt(profile: Profile) -> list[Preference]:
        return [p for p in profile.items if p.role in ("like", "dislike", "want")]

    def _feeling(self, p: Preference) -> float:
        """How much a film the person has a feeling about counts: 1 for love, negative for a dislike."""
        if p.role == "dislike":
            return -self.weights.dislike * abs(p.value)
        if p.role == "want":
            return self.weights.interest * abs(p.value)
        return max((p.value - self.weights.neutral) / (1.0 - self.weights.neutral), self.weights.least_liking)

    def _strength(self, p: Preference) -> float:
        """Points for a film that has a feature in full."""
        if p.role == "want":
            return self.weights.wish * abs(p.value)
        taste = self.weights.taste[p.kind] * abs(p.value)
        return taste if p.role == "like" else -self.weights.distaste * taste

    def _known(self, item_id: int) -> tuple[np.ndarray, np.ndarray]:
        ids, values = self.catalog.weights(item_id)
        return ids.astype(np.int64), values.astype(np.float64)

    # the prior

    @cached_property
    def _prior(self) -> np.ndarray:
        """In [0, 1], aligned with the catalog's ids: how many people rated a film, times how well they rated
        it."""
        count, mean = self.catalog.rating_count, self.catalog.mean_rating
        if not count.any():
            return np.zeros(len(count))
        shrunk = (count * mean + 5 * 3.3) / (count + 5)
        known = np.log1p(count) * (shrunk - 0.5)
        return known / known.max()

    @cached_property
    def _head(self) -> tuple[np.ndarray, float]:
        """The ids (ascending) of the best films of the prior, and the prior of the best film that is not
        among them."""
        order = np.lexsort((self.catalog.ids, -self._prior))
        rest = self._prior[order[HEAD:]]
        return np.sort(self.catalog.ids[order[:HEAD]]), float(rest[0]) if len(rest) else -math.inf

    def _prior_points(self, profile: Profile) -> float:
        return self.weights.prior / (1.0 + len(self._felt(profile)) / self.weights.prior_half)

    # candidates and order

    def _best(
        self, profile: Profile, terms: Sequence[Term], n: int, exclude: Collection[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """(ids, scores) of the `n` best films that pass the filters, best first; exactly those of a search
        of all films.

        Candidates are the films that some term speaks of and the head of the prior. Any other film scores
        its prior at most, so only when that could still be among the best is the whole catalog looked at.
        """
        head, below = self._head
        required = filters.required(self.catalog, profile)
        pools = [head, *(term.ids for term in terms)] if required is None else [required]
        pool = filters.union(pools)
        ids, scores = self._top(profile, terms, pool, n, exclude)
        reach = below * self._prior_points(profile)
        if required is None and len(pool) < len(self.catalog) and (len(ids) < n or scores[n - 1] <= reach):
            ids, scores = self._top(profile, terms, self.catalog.ids, n, exclude)
        return ids, scores

    def _top(
        self, profile: Profile, terms: Sequence[Term], pool: np.ndarray, n: int, exclude: Collection[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        pool = pool[filters.passing(self.catalog, profile, pool, exclude)]
        at = np.searchsorted(self.catalog.ids, pool)
        scores = self._prior[at] * self._prior_points(profile)
        if terms and len(pool):
            ids = np.concatenate([term.ids for term in terms])
            place = np.searchsorted(pool, ids).clip(max=len(pool) - 1)
            here = pool[place] == ids
            values = np.concatenate([term.values for term in terms])
            scores = scores + np.bincount(place[here], weights=values[here], minlength=len(pool))
        if n < len(pool):
            least = np.partition(scores, -n)[-n]
            # With all that tie for the last place, ties break the same way for any n.
            near = np.flatnonzero(scores >= least)
            pool, scores, at = pool[near], scores[near], at[near]
        order = np.lexsort((pool, -self.catalog.rating_count[at], -scores))[:n]
        return pool[order], scores[order]

    # recommendations

    def _ranked(
        self, profile: Profile, terms: Sequence[Term], ids: np.ndarray, moves: Mapping[int, Contribution]
    ) -> list[Recommendation]:
        found = self._explained(profile, terms, ids.tolist(), moves)
        found.sort(key=lambda r: -r.score)  # stable; only rounding can have put two of them out of order
        return [
            Recommendation(r.item, r.score, r.contributions, rank) for rank, r in enumerate(found, start=1)
        ]

    def _explained(
        self, profile: Profile, terms: Sequence[Term], ids: list[int], moves: Mapping[int, Contribution]
    ) -> list[Recommendation]:
        """The films with their contributions, biggest first, and the score as the sum of these."""
        items = self.catalog.items(ids)
        asked = np.array(ids, dtype=np.int64)
        prior = self._prior[np.searchsorted(self.catalog.ids, asked)] * self._prior_points(profile)
        addends: list[list[Contribution]] = [
            [Contribution("prior", POPULARITY, "popular with everyone", float(value))] if value else []
            for value in prior
        ]
        for term in terms:
            p, values = term.preference, term.at(asked)
            for place in np.flatnonzero(values).tolist():
                addends[place].append(Contribution(p.kind, p.ref, p.label, float(values[place]), p.entry_id))
        found = []
        for item, parts in zip(items, addends, strict=True):
            parts += [moves[item.id]] if item.id in moves else []
            parts.sort(key=lambda c: -abs(c.value))
            found.append(Recommendation(item, float(sum(c.value for c in parts)), tuple(parts), 0))
        return found
