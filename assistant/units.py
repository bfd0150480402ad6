"""Points as they are shown: with four decimals, rounded so that a column adds up to its last line."""

from __future__ import annotations

from collections.abc import Sequence

PLACES = 4
"""Decimals of a contribution as it is shown."""


def in_units(values: Sequence[float], total: float) -> list[int]:
    """The values in units of the last shown decimal, rounded so that they add up to the total as it is shown.

    Plain rounding leaves a column that does not sum to its last line. Each is at most one unit from its value; those
    that lose least by it are moved. `total` is the sum of the values.
    """
    exact = [value * 10**PLACES for value in values]
    units = [round(value) for value in exact]
    missing = round(total * 10**PLACES) - sum(units)
    step = 1 if missing > 0 else -1
    nearest = sorted(range(len(units)), key=lambda n: step * (units[n] - exact[n]))
    for n in nearest[: abs(missing)]:
        units[n] += step
    return units


def signed(units: int) -> str:
    """E.g. "+1.0772", "−0.0500", with a real minus sign."""
    return f"{units / 10**PLACES:+.{PLACES}f}".replace("-", "\u2212")
