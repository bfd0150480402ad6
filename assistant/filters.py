"""Hard constraints: which films may be recommended at all. They filter, they never score.

A film whose year, runtime or language the catalog does not know passes no limit on it: nobody could promise that it
keeps to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np

from assistant.state import Profile
from store.catalog import Catalog
from store.records import BOUND_KINDS, ITEM, Preference

NEVER_PICKED = frozenset(("like", "dislike", "seen", "similar", "avoid", "skip"))
"""Roles of a film that say: known already, or not this one. A wanted film may be picked."""


def passing(catalog: Catalog, profile: Profile, ids: np.ndarray, exclude: Collection[int] = ()) -> np.ndarray:
    """Which of `ids` (of the catalog, ascending) pass every hard constraint of the profile and are not
    excluded: a mask.

    Of several "only" values of one kind a film needs one; of several kinds it needs one each.
    """
    out = [*exclude, *(p.item_id for p in profile.items if p.role in NEVER_PICKED)]
    passes = ~within(ids, np.array(sorted(out), dtype=np.int64))
    for preference in profile:
        if preference.kind in BOUND_KINDS or preference.role == "avoid" and preference.kind != ITEM:
            passes &= ~_breaks(catalog, preference, ids)
    for alternatives in _only(profile):
        passes &= ~np.logical_and.reduce([_breaks(catalog, p, ids) for p in alternatives])
    return passes


def blocked_by(catalog: Catalog, profile: Profile, item_id: int) -> tuple[Preference, ...]:
    """The preferences that keep one film out, in the order of the profile; empty when none does."""
    ids = np.array([item_id])
    blocking = [p for p in profile.items if p.role in NEVER_PICKED and p.item_id == item_id]
    blocking += [
        p
        for p in profile
        if (p.kind in BOUND_KINDS or p.role == "avoid" and p.kind != ITEM) and _breaks(catalog, p, ids)[0]
    ]
    for alternatives in _only(profile):
        if all(_breaks(catalog, p, ids)[0] for p in alternatives):
            blocking += alternatives
    return tuple(p for p in profile if p in blocking)


def required(catalog: Catalog, profile: Profile) -> np.ndarray | None:
    """The ids (ascending) that pass every "only"; None when nothing is required. May be empty."""
    found = None
    for alternatives in _only(profile):
        ids = union(catalog.having(p.kind, p.ref) for p in alternatives)
        found = ids if found is None else found[within(found, ids)]
    return found


def is_hard(preference: Preference) -> bool:
    """Whether a preference filters films other than the one it names."""
    return preference.kind in BOUND_KINDS or preference.kind != ITEM and preference.role in ("avoid", "only")


def within(ids: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Which of `ids` are in `of` (ascending): a mask."""
    if not len(of):
        return np.zeros(len(ids), dtype=bool)
    return of[np.searchsorted(of, ids).clip(max=len(of) - 1)] == ids


def union(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """The ids in any of `arrays`, ascending. They are ascending runs already, which a stable sort merges
    quickly."""
    ids = np.concatenate([np.zeros(0, dtype=np.int64), *arrays])
    ids.sort(kind="stable")
    return ids[np.append(True, ids[1:] != ids[:-1])] if len(ids) else ids


def _only(profile: Iterable[Preference]) -> Iterator[list[Preference]]:
    """The "only" preferences, those of one kind together."""
    kinds: dict[str, list[Preference]] = {}
    for preference in profile:
        if preference.role == "only" and preference.kind not in (ITEM, *BOUND_KINDS):
            kinds.setdefault(preference.kind, []).append(preference)
    yield from kinds.values()


def _breaks(catalog: Catalog, preference: Preference, ids: np.ndarray) -> np.ndarray:
    """Which of `ids` one limit, one "avoid" or one "only" alone rules out: a mask."""
    if preference.kind not in BOUND_KINDS:
        has = within(ids, catalog.having(preference.kind, preference.ref))
        if preference.role != "avoid":
            return ~has
        return has | ~within(ids, catalog.of_known_language) if preference.kind == "language" else has
    facts = catalog.year if preference.kind == "year" else catalog.runtime
    values = facts[np.searchsorted(catalog.ids, ids)]
    beyond = values > preference.value if preference.role == "max" else values < preference.value
    return beyond | (values == 0)
