"""What the reasons come down to: shares of a score, differences of two, and counterfactuals found by
rerunning.

Shares are read off the contributions; what taking something away would do is another number, and comes from
running the recommender again with the change. Pure functions: nothing here stores anything or knows words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, islice

from assistant.recommend import Recommender
from assistant.state import Profile, StateChange
from store.records import (
    ITEM,
    TASTES,
    Contribution,
    Item,
    Preference,
    RankChange,
    Recommendation,
    Rerun,
)

EDITS_TRIED = 48
"""Single edits that why-not reruns before it says that it found none."""
FILMS_TRIED = 8
"""Films whose liking why-not tries among them."""
SEARCHED = 24
"""Entries whose pairs `smallest_removal` searches in full: 300 reruns at most."""
PAIRED = 12
"""Of a larger profile, the entries whose pairs are searched: those that matter most to the film."""
PASSED_ON = ("skip", "avoid")
"""Roles of a film that can be taken back; that it was seen or judged is a fact."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one cause has of all that speaks for a pick or a slate, in (0, 1]."""

    source: str
    ref: str
    label: str
    entry_id: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One cause in two scores: what it adds to each, 0 where it does not occur."""

    source: str
    ref: str
    label: str
    first: float
    second: float

    @property
    def value(self) -> float:
        """How much more it adds to the first."""
        return self.first - self.second


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The slate before and after a supposed change, both from the same recommender."""

    before: tuple[Recommendation, ...]
    after: tuple[Recommendation, ...]

    @property
    def entered(self) -> tuple[Recommendation, ...]:
        return _only_in(self.after, self.before)

    @property
    def left(self) -> tuple[Recommendation, ...]:
        return _only_in(self.before, self.after)

    @property
    def moved(self) -> tuple[tuple[Item, int, int], ...]:
        """(item, rank before, rank after) of those in both at different ranks."""
        ranks = {r.item.id: r.rank for r in self.before}
        return tuple(
            (r.item, ranks[r.item.id], r.rank) for r in self.after if ranks.get(r.item.id, r.rank) != r.rank
        )


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an item is not among the picks.

    blocked_by: the entries that filter it out. rank: its rank in the order that the slate begins; None when
        it is filtered out. gap: the points it lacks to the last pick; None when it is filtered out, is a
        pick, or nothing is.
    edit: the smallest change found that brings it in, rank_after its rank in the rerun with that change;
        both None when none of the `tried` edits does, or when it is a pick already.
    rank_unblocked: where it would be without what blocks it, when that alone does not bring it in; None when nothing
        blocks it or that cannot be lifted.
    """

    item: Item
    blocked_by: tuple[Preference, ...] = ()
    rank: int | None = None
    gap: float | None = None
    edit: StateChange | None = None
    rank_after: int | None = None
    tried: int = 0
    rank_unblocked: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """Entries without which a pick is no longer picked. `exact`: no smaller set does it."""

    entries: tuple[Preference, ...]
    exact: bool


# read off the contributions


def shares(recommendation: Recommendation) -> list[tuple[Contribution, float]]:
    """Each contribution with its share of the positive sum, biggest first.

    The shares of the positive ones sum to 1, those of what holds the item down are negative; all are 0 when
    nothing speaks for it.
    """
    positive = sum(c.value for c in recommendation.contributions if c.value > 0)
    ordered = sorted(recommendation.contributions, key=lambda c: -c.value)
    return [(c, c.value / positive if positive else 0.0) for c in ordered]


def slate_shares(slate: Sequence[Recommendation]) -> list[Share]:
    """The causes that speak for a slate with their shares of the positive sum over all its picks, biggest
    first."""
    totals: dict[tuple[str, str], float] = {}
    first: dict[tuple[str, str], Contribution] = {}
    for c in chain.from_iterable(pick.contributions for pick in slate):
        if c.value > 0:
            totals[c.source, c.ref] = totals.get((c.source, c.ref), 0.0) + c.value
            first.setdefault((c.source, c.ref), c)
    whole = sum(totals.values())
    ordered = sorted(totals, key=lambda cause: -totals[cause])
    return [
        Share(*cause, first[cause].label, first[cause].entry_id, totals[cause] / whole) for cause in ordered
    ]


def compare(first: Recommendation, second: Recommendation) -> list[Difference]:
    """The causes of two scores, the one that sets them apart most first; the differences sum to that of the
    scores."""
    found: dict[tuple[str, str], list] = {}
    for place, pick in enumerate((first, second)):
        for c in pick.contributions:
            # Variety is one cause, whatever film it refers to.
            cause = (c.source, "" if c.source == "slate" else c.ref)
            found.setdefault(cause, [c, 0.0, 0.0])[place + 1] += c.value
    differences = [Difference(c.source, c.ref, c.label, a, b) for c, a, b in found.values()]
    return sorted(differences, key=lambda d: -abs(d.value))


# found by rerunning; all run with variety, as the chat shows its slates


def without(profile: Profile, removed: Sequence[Preference]) -> Profile:
    """The profile as if these had not been said. A film somebody judged stays known: it says nothing more,
    and is not picked."""
    seen = tuple(replace(p, role="seen", value=0.0) for p in removed if p.kind == ITEM and p.role in TASTES)
    return profile.with_changes(seen, tuple(removed))


def what_if(
    recommender: Recommender,
    profile: Profile,
    supposed: Sequence[Preference] = (),
    unsupposed: Sequence[Preference] = (),
    *,
    n: int = 5,
    exclude: Collection[int] = (),
) -> WhatIf:
    """Reruns with `supposed` put in and `unsupposed` left out, as by `without`."""
    changed = without(profile, unsupposed).with_changes(tuple(supposed))
    before, after = (
        tuple(recommender.recommend(p, n=n, exclude=exclude, diversify=True)) for p in (profile, changed)
    )
    return WhatIf(before, after)


def rerun(
    recommender: Recommender,
    profile: Profile,
    result: WhatIf,
    supposed: Sequence[Preference] = (),
    unsupposed: Sequence[Preference] = (),
    *,
    size: int = 5,
    exclude: Collection[int] = (),
) -> Rerun:
    """A what-if with the ranks on both sides of every film in it, those beyond the slate too; the order is
    that of the ranks after, filtered films last."""
    changed = without(profile, unsupposed).with_changes(tuple(supposed))
    films = {r.item.id: r.item for r in (*result.after, *result.before)}
    before, after = (
        recommender.ranks_of(p, list(films), exclude=exclude, diversify=True) for p in (profile, changed)
    )
    ranks = [RankChange(*row) for row in zip(films.values(), before, after, strict=True)]
    ranks.sort(key=lambda r: (r.after is None, r.after, r.before))
    return Rerun(tuple(supposed), tuple(unsupposed), size, tuple(ranks))


def why_not(
    recommender: Recommender,
    profile: Profile,
    item: Item,
    *,
    slate_size: int = 5,
    exclude: Collection[int] = (),
) -> WhyNot:
    """What keeps `item` out of a slate: the filters, or the gap, and an edit that a rerun has shown to bring
    it in."""
    exclude = frozenset(exclude) - {item.id}
    placing = recommender.rank_of(profile, item.id, exclude=exclude, diversify=True)
    if placing.rank is not None and placing.rank <= slate_size:
        return WhyNot(item, rank=placing.rank)
    slate = recommender.recommend(profile, n=slate_size, exclude=exclude, diversify=True)
    gap = (
        max(0.0, slate[-1].score - placing.recommendation.score) if slate and not placing.blocked_by else None
    )
    tried = 0
    for edit in islice(_edits(recommender, profile, item, placing.blocked_by, slate), EDITS_TRIED):
        tried += 1
        changed = without(profile, edit.removed).with_changes(edit.added)
        after = recommender.recommend(changed, n=slate_size, exclude=exclude, diversify=True)
        rank = next((r.rank for r in after if r.item.id == item.id), None)
        if rank is not None:
            return WhyNot(item, placing.blocked_by, placing.rank, gap, edit, rank, tried)
    unblocked = None
    if placing.blocked_by and _can_be_lifted(placing.blocked_by):
        unblocked = recommender.rank_of(without(profile, placing.blocked_by), item.id, exclude=exclude, diversify=True).rank
    return WhyNot(item, placing.blocked_by, placing.rank, gap, tried=tried, rank_unblocked=unblocked)


def smallest_removal(
    recommender: Recommender,
    profile: Profile,
    item_id: int,
    *,
    slate_size: int = 5,
    exclude: Collection[int] = (),
) -> Removal | None:
    """The smallest set of entries without which an item is no longer picked; None when it is picked without
    any.

    Exact for one and two entries (for pairs of large profiles among those that matter most to it), greedy
    beyond: what speaks for it most goes first, and what need not have gone comes back. Every set was rerun.
    """
    entries = _by_support(recommender, profile, item_id)

    def drops(removed: Sequence[Preference]) -> bool:
        return not _is_picked(recommender, without(profile, removed), item_id, slate_size, exclude)

    if drops(()):
        return Removal((), exact=True)
    paired = entries if len(entries) <= SEARCHED else entries[:PAIRED]
    for removed in chain(combinations(entries, 1), combinations(paired, 2)):
        if drops(removed):
            return Removal(removed, exact=len(removed) == 1 or len(entries) <= SEARCHED)
    for size in range(3, len(entries) + 1):
        if drops(entries[:size]):
            needed = list(entries[:size])
            for entry in entries[:size]:
                fewer = [p for p in needed if p != entry]
                needed = fewer if drops(fewer) else needed
            return Removal(tuple(needed), exact=len(needed) == 3 and len(entries) <= SEARCHED)
    return None


def removal_in_order(
    recommender: Recommender,
    profile: Profile,
    item_id: int,
    *,
    slate_size: int = 5,
    exclude: Collection[int] = (),
    most: int = 10,
) -> Removal | None:
    """The entries that speak for an item most, the first of them that are enough: without these it is no longer picked. None
    when `most` are not enough. A handful of reruns where `smallest_removal` takes hundreds; a smaller set may exist."""
    entries = _by_support(recommender, profile, item_id)
    for size in range(min(most, len(entries)) + 1):
        if not _is_picked(recommender, without(profile, entries[:size]), item_id, slate_size, exclude):
            return Removal(tuple(entries[:size]), exact=size < 2)
    return None


def _is_picked(recommender: Recommender, profile: Profile, item_id: int, slate_size: int, exclude: Collection[int]) -> bool:
    picks = recommender.recommend(profile, n=slate_size, exclude=exclude, diversify=True)
    return any(r.item.id == item_id for r in picks)


def _only_in(these: Sequence[Recommendation], others: Sequence[Recommendation]) -> tuple[Recommendation, ...]:
    known = {r.item.id for r in others}
    return tuple(r for r in these if r.item.id not in known)


def _by_support(recommender: Recommender, profile: Profile, item_id: int) -> list[Preference]:
    """The entries of a profile, those that speak for an item most first, films that may only be picked again last."""
    parts = recommender.score(profile, [item_id])[0].contributions
    adds = {(c.source, c.ref): c.value for c in parts}
    return sorted(profile, key=lambda p: (p.role in ("seen", "skip"), -adds.get(p.subject, 0.0)))


def _edits(
    recommender: Recommender,
    profile: Profile,
    item: Item,
    blocked_by: Sequence[Preference],
    slate: Sequence[Recommendation],
) -> Iterator[StateChange]:
    """Changes that may bring an item in, smaller ones first; with filters in the way, these are lifted as
    well."""
    lifted = tuple(blocked_by)
    if not _can_be_lifted(lifted):
        return
    if lifted:
        yield StateChange("what_if", removed=lifted)
        profile = without(profile, lifted)
    for entry in _in_the_way(recommender, profile, item, slate):
        yield StateChange("what_if", removed=(*lifted, entry))
    for preference in chain(_likes_of_films(recommender, profile, item), _likes_of_features(profile, item)):
        yield StateChange("what_if", added=(preference,), removed=lifted)


def _can_be_lifted(blocked_by: Sequence[Preference]) -> bool:
    """Whether all that filters an item out can be taken back: that it was seen or judged is a fact."""
    return all(p.kind != ITEM or p.role in PASSED_ON for p in blocked_by)


def _in_the_way(
    recommender: Recommender, profile: Profile, item: Item, slate: Sequence[Recommendation]
) -> list[Preference]:
    """Entries that do more for the last pick than for the item, the most so first: without one of them it
    may pass."""
    ours = {(c.source, c.ref): c.value for c in recommender.score(profile, [item.id])[0].contributions}
    theirs = {(c.source, c.ref): c.value for c in slate[-1].contributions} if slate else {}
    helped = [(theirs.get(p.subject, 0.0) - ours.get(p.subject, 0.0), p) for p in profile]
    return [p for lead, p in sorted(helped, key=lambda pair: -pair[0]) if lead > 0]


def _likes_of_films(recommender: Recommender, profile: Profile, item: Item) -> Iterator[Preference]:
    """Loving one of the films that speak for the item most. Found from the item's side: W is near enough
    symmetric."""
    catalog = recommender.catalog
    ids, values = catalog.weights(item.id)
    near = sorted(zip(values.tolist(), ids.tolist(), strict=True), reverse=True)[: 4 * FILMS_TRIED]
    known = {p.item_id for p in profile.items}
    pulls = []
    for _, other in near:
        neighbours, weights = catalog.weights(other)
        pull = weights[neighbours == item.id]
        if other not in known and len(pull) and pull[0] > 0:
            pulls.append((float(pull[0]), other))
    best = [other for _, other in sorted(pulls, reverse=True)[:FILMS_TRIED]]
    for film in catalog.items(best):
        yield Preference(ITEM, str(film.id), film.name, "like", 1.0)


def _likes_of_features(profile: Profile, item: Item) -> Iterator[Preference]:
    """A taste for, then a wish for, the people, genres and keywords of the item that the profile is silent
    on."""
    features = [("person", name) for name in item.directors[:1]]
    features += [("genre", genre) for genre in item.genres[:3]]
    features += [("keyword", word) for word in item.keywords[:4]]
    features += [("person", name) for name in item.cast[:2]]
    silent = [f for f in features if profile.get(f) is None]
    for role in ("like", "want"):
        for kind, value in silent:
            yield Preference(kind, value, value, role, 1.0)
