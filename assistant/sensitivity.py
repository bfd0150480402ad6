"""How much hangs on each thing a person said: picks made again without it.

Shares of a score are read off its contributions (`attribution`); what is counted here is another thing, the effect of
leaving something out, and it comes from reruns alone. Pure functions: nothing is stored, nothing is put into words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant import attribution
from assistant.attribution import without
from assistant.recommend import Recommender
from assistant.state import Profile
from store.records import Item, Preference, Recommendation

MOST_ENTRIES = 60
"""Entries that are left out one by one, those that speak most for the picks first: 60 reruns take a tenth of a second."""
FEWEST_TASTES = 4
"""Tastes below which it is too early to speak of drift: each half needs two."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What an entry does for a slate. share: of all that speaks for its picks, in [0, 1]; leaving: the picks that are
    picked no more without it, best first; moved: how many of the others change their rank."""

    preference: Preference
    share: float
    leaving: tuple[Item, ...]
    moved: int


@dataclass(frozen=True, slots=True)
class Firmness:
    """How firmly a pick stands.

    rank: its place, from 1. lead: points over the best film that is not picked; None when nothing else may be picked.
    entries, stays: how many things were left out one at a time, and without how many of them it was still picked.
    prior: the share of popularity in what speaks for it, in [0, 1].
    """

    item: Item
    rank: int
    lead: float | None
    entries: int
    stays: int
    prior: float


@dataclass(frozen=True, slots=True)
class Drift:
    """The two halves of the tastes of a profile, in the order they were told, and what would be picked from each alone."""

    earlier: tuple[Preference, ...]
    later: tuple[Preference, ...]
    then: tuple[Recommendation, ...]
    now: tuple[Recommendation, ...]

    @property
    def shared(self) -> tuple[Item, ...]:
        """What both halves would pick."""
        after = {r.item.id for r in self.now}
        return tuple(r.item for r in self.then if r.item.id in after)


def influences(
    recommender: Recommender, profile: Profile, slate: Sequence[Recommendation], *, exclude: Collection[int] = ()
) -> list[Influence]:
    """What each entry of the profile does for the slate, the largest share first; of those without a share (limits, things
    seen) the ones first without which most picks leave."""
    shares = {(s.source, s.ref): s.share for s in attribution.slate_shares(slate)}
    ordered = sorted(profile, key=lambda p: -shares.get(p.subject, 0.0))[:MOST_ENTRIES]
    ranks = {r.item.id: r.rank for r in slate}
    found = []
    for entry in ordered:
        after = recommender.recommend(without(profile, [entry]), n=len(slate), exclude=exclude, diversify=True)
        kept = {r.item.id: r.rank for r in after}
        leaving = tuple(r.item for r in slate if r.item.id not in kept)
        moved = sum(ranks[i] != rank for i, rank in kept.items() if i in ranks)
        found.append(Influence(entry, shares.get(entry.subject, 0.0), leaving, moved))
    return sorted(found, key=lambda i: (-i.share, -len(i.leaving), -i.moved))


def firmness(
    recommender: Recommender, profile: Profile, pick: Recommendation, *, slate_size: int = 5, exclude: Collection[int] = ()
) -> Firmness:
    """How firmly a pick stands among `slate_size`; the lead is that of the scores it was picked by."""
    outside = [r for r in recommender.recommend(profile, n=slate_size + 1, exclude=exclude, diversify=True) if r.rank > slate_size]
    entries = sorted(profile, key=lambda p: p.entry_id or 0)[-MOST_ENTRIES:]
    stays = sum(
        any(r.item.id == pick.item.id for r in recommender.recommend(without(profile, [p]), n=slate_size, exclude=exclude, diversify=True))
        for p in entries
    )
    prior = sum(share for c, share in attribution.shares(pick) if c.source == "prior" and share > 0)
    return Firmness(pick.item, pick.rank, pick.score - outside[0].score if outside else None, len(entries), stays, prior)


def drift(recommender: Recommender, profile: Profile, *, n: int = 5) -> Drift | None:
    """The earlier and the later half of the tastes, and the `n` picks of each with the limits of today; what is known of the
    other half stays known, and is not picked. None below FEWEST_TASTES tastes."""
    tastes = sorted(profile.tastes, key=lambda p: (p.message_id or 0, p.entry_id or 0))
    if len(tastes) < FEWEST_TASTES:
        return None
    half = len(tastes) // 2
    earlier, later = tuple(tastes[:half]), tuple(tastes[half:])
    then, now = (
        tuple(recommender.recommend(without(profile, left_out), n=n, diversify=True)) for left_out in (later, earlier)
    )
    return Drift(earlier, later, then, now)
