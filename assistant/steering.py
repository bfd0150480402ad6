"""How strongly an entry of the profile counts, and the same entry counting less or more.

The strength is a number from 0 to 1 that a person can move: half of it adds half as much to a score. What time took
off a film said long ago is a part of it, since saying it anew makes it fresh. Pure functions: nothing here stores
anything or knows words.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.recommend import Weights
from assistant.state import StateChange, Topic
from store.records import ITEM, TASTES, Preference

LEAST = 0.1
"""What counts less than this is not worth keeping: it is taken out instead."""
STEP = 2.0
"""What one "less" divides a strength by, and one "more" multiplies it with."""


def has_strength(preference: Preference) -> bool:
    """Whether it adds to scores by a strength; limits, "only" and what was seen or passed on do not."""
    return preference.role in (*TASTES, "want", "similar") or preference.role == "avoid" and preference.kind == ITEM


def strength(preference: Preference, weights: Weights, fresh: float = 1.0) -> float:
    """How strongly it counts, in [0, 1]. fresh: what time has left of it (`Recommender.recency`).

    Raises ValueError for a preference without a strength.
    """
    if not has_strength(preference):
        raise ValueError(f"{preference.label!r} ({preference.role}) has no strength; take it out instead")
    if preference.kind == ITEM and preference.role == "like":
        said = max((preference.value - weights.neutral) / (1.0 - weights.neutral), weights.least_liking)
    else:
        said = abs(preference.value)
    return said * fresh


def with_strength(preference: Preference, wanted: float, weights: Weights) -> Preference | None:
    """The same, to be said anew with the strength `wanted` in [0, 1]; None when that is below LEAST.

    It comes without an origin. Raises ValueError for a strength out of range.
    """
    if not 0.0 <= wanted <= 1.0:  # false for a NaN too
        raise ValueError(f"a strength lies between 0 and 1, got {wanted}")
    if wanted < LEAST:
        return None
    if preference.kind == ITEM and preference.role == "like":
        value = weights.neutral + wanted * (1.0 - weights.neutral)
    else:
        value = -wanted if preference.value < 0 else wanted
    return replace(preference, value=value, entry_id=None, message_id=None, quote=None, created_at=None)


def stepped(now: float, how: str) -> float:
    """The strength that one "less" or "more" makes of `now`: half, or double up to 1."""
    return now / STEP if how == "less" else min(1.0, now * STEP)


def dropped(preference: Preference) -> Preference | None:
    """What stays of an entry that counts too little to be kept: that a judged film is known, so that it is not picked."""
    if preference.kind == ITEM and preference.role in TASTES:
        return Preference(ITEM, preference.ref, preference.label, "seen", 0.0)
    return None


def strengthened(preference: Preference, now: float, wanted: float, weights: Weights) -> StateChange:
    """The change that makes an entry count as `wanted` instead of `now`; no edit, and the entry as its topic, where that is
    the same percentage."""
    if percent(wanted) == percent(now):
        return StateChange("constrain", ("constrain",), topics=(Topic(preference.kind, preference.ref, preference.label),))
    again = with_strength(preference, wanted, weights) or dropped(preference)
    return StateChange("constrain", ("constrain",), (again,) if again else (), (preference,))


def taken_out(preference: Preference | None) -> StateChange:
    """The change that takes an entry out; no edit for None."""
    return StateChange("constrain", ("constrain",), removed=(preference,) if preference else ())


def percent(strength: float) -> str:
    """A strength as it is shown: "50 %"."""
    return f"{100 * strength:.0f} %"
