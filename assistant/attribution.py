"""Counterfactuals: what a pick, a gap or a change comes down to, found by running the recommender again.

Shares of a score and the effect of taking something away are different numbers: shares come from the
contributions (`evidence.causes`), effects from the reruns here. Nothing here stores anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from assistant.recommend import Recommender
from assistant.state import Profile, StateChange
from store.records import ITEM, Item, Preference, Recommendation

EDITS_TRIED = 24
"""Single edits that why-not tries by rerun before it says that it found none."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an item is not among the picks.

    blocked_by: the entries that filter it out. rank: its rank among all candidates, None when it has none.
    gap: what it lacks to the last pick, in score. edit: the smallest single change found that brings it in, and
    rank_after its rank in the rerun with that change; None when none of those tried does.
    """

    item: Item
    blocked_by: tuple[Preference, ...] = ()
    rank: int | None = None
    gap: float | None = None
    edit: StateChange | None = None
    rank_after: int | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The slate before and after a supposed change, both from the same recommender."""

    before: tuple[Recommendation, ...]
    after: tuple[Recommendation, ...]


def what_if(
    recommender: Recommender, profile: Profile, supposed: tuple[Preference, ...], unsupposed: tuple[Preference, ...],
    *, n: int = 5, exclude: Collection[int] = (),
) -> WhatIf:
    """Reruns with `supposed` put in and `unsupposed` left out."""
    changed = profile.with_changes(supposed, unsupposed)
    return WhatIf(
        tuple(recommender.recommend(profile, n=n, exclude=exclude, diversify=True)),
        tuple(recommender.recommend(changed, n=n, exclude=exclude, diversify=True)),
    )


def why_not(
    recommender: Recommender, profile: Profile, item: Item, *, slate_size: int = 5, exclude: Collection[int] = ()
) -> WhyNot:
    """What keeps `item` out: the filters, or the gap, and an edit that a rerun has shown to bring it in."""
    blocked_by = recommender.blocked_by(profile, item)
    slate = recommender.recommend(profile, n=slate_size, exclude=exclude, diversify=True)
    shown = next((r.rank for r in slate if r.item.id == item.id), None)
    if shown is not None:
        return WhyNot(item, (), shown)
    rank = None if blocked_by else recommender.rank_of(profile, item.id, exclude)
    gap = None
    if not blocked_by and slate:
        gap = max(0.0, slate[-1].score - recommender.score(profile, [item.id])[0].score)
        # Variety can hold out an item that scores like a pick: the rank it is given is never within the slate.
        rank = max(rank, slate_size + 1) if rank else None
    edits = _lifting(blocked_by) if blocked_by else _helping(recommender, profile, item)
    for _, edit in zip(range(EDITS_TRIED), edits):
        changed = profile.with_changes(edit.added, edit.removed)
        after = recommender.recommend(changed, n=slate_size, exclude=exclude, diversify=True)
        found = next((r.rank for r in after if r.item.id == item.id), None)
        if found is not None:
            return WhyNot(item, blocked_by, rank, gap, edit, found)
    return WhyNot(item, blocked_by, rank, gap)


def _lifting(blocked_by: tuple[Preference, ...]) -> Iterator[StateChange]:
    """Taking out all that blocks. For a film the person has seen or judged there is nothing to lift."""
    if all(p.kind != ITEM for p in blocked_by):
        yield StateChange("what_if", removed=blocked_by)


def _helping(recommender: Recommender, profile: Profile, item: Item) -> Iterator[StateChange]:
    """Single edits in the order of how small they are: taking out what holds it down, then wishes that match it."""
    for c in sorted(recommender.score(profile, [item.id])[0].contributions, key=lambda c: c.value):
        if c.value < 0 and (p := profile.get((c.source, c.ref))):
            yield StateChange("what_if", removed=(p,))
    for p in profile:
        if p.role == "want":
            yield StateChange("what_if", removed=(p,))
    for kind, values in (("person", item.directors[:1]), ("person", item.cast[:2]), ("genre", item.genres), ("keyword", item.keywords[:4])):
        for value in values:
            if profile.get((kind, value)) is None:
                yield StateChange("what_if", added=(Preference(kind, value, value, "want", 1.0),))


def smallest_removal(
    recommender: Recommender, profile: Profile, item_id: int, *, slate_size: int = 5, exclude: Collection[int] = ()
) -> tuple[Preference, ...] | None:
    """The smallest set of entries without which an item is no longer picked; None when none is found.

    Exact for one and two entries, greedy by contribution beyond, each verified by rerun.
    """
    pick = recommender.score(profile, [item_id])[0]
    entries = [p for c in sorted(pick.contributions, key=lambda c: -c.value) if c.value > 0 and (p := profile.get((c.source, c.ref)))]

    def drops(removed: tuple[Preference, ...]) -> bool:
        after = recommender.recommend(profile.with_changes(removed=removed), n=slate_size, exclude=exclude, diversify=True)
        return all(r.item.id != item_id for r in after)

    for size in (1, 2):
        for removed in combinations(entries, size):
            if drops(removed):
                return removed
    for size in range(3, len(entries) + 1):
        if drops(tuple(entries[:size])):
            return tuple(entries[:size])
    return None


