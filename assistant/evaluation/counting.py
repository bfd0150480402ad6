"""What evaluations of messages count with: shares, and the pace at which messages are read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

Progress = Callable[[str], None]
SLOW_SECONDS = 2.0
"""A message takes half a second on two free cores. llama.cpp's threads wait for each other, so that one busy
core slows both many times over: one thread is then several times quicker than two."""


def share(flags: Iterable[bool]) -> float:
    """The share of true ones; 0 of none."""
    flags = list(flags)
    return sum(flags) / len(flags) if flags else 0.0


def pace(what: str, n: int, of: int, begun: float) -> str:
    each = (time.perf_counter() - begun) / n
    busy = "; other work holds the cores, try --threads 1" if each > SLOW_SECONDS else ""
    return f"{what}: {n} of {of} messages, {each:.1f} s each{busy}"
