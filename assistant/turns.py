"""Runs turns beside the page: one after another for each person, and each to its end even if nobody watches any more.

Without this, two quick clicks answer into each other, and a tab closed in the middle of an answer leaves a
message that never gets one. Knows neither the page nor what a turn does.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from assistant.errors import AssistantError

Frame = TypeVar("Frame")

MOST_WAITING = 20
"""Turns of one person that may wait; a hand that clicks through the page gets there, a flood does not pass."""


class TooManyTurns(AssistantError):
    """A person has more unanswered messages than are kept."""


class Turns:
    """`workers` is how many people are answered at the same time."""

    def __init__(self, workers: int = 6) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="turn")
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def run(self, user: str, turn: Callable[[], Iterator[Frame]]) -> Iterator[Frame]:
        """What `turn()` yields, as it comes. It is started after the earlier turns of `user` are over.

        Raises what the turn raises, and TooManyTurns when too many of them wait already.
        """
        frames: SimpleQueue[tuple[Frame | None, Exception | None] | None] = SimpleQueue()

        def job() -> None:
            try:
                for frame in turn():
                    frames.put((frame, None))
            except Exception as error:  # not hidden: raised again below, where the turn is awaited
                frames.put((None, error))
            finally:
                frames.put(None)

        self._add(user, job)
        while (got := frames.get()) is not None:
            frame, error = got
            if error:
                raise error
            yield frame

    def close(self) -> None:
        """Waits for the turns that run, and drops those that wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _add(self, user: str, job: Callable[[], None]) -> None:
        with self._lock:
            if user not in self._waiting:
                self._waiting[user] = deque()
                self._pool.submit(self._next, user, job)
            elif len(self._waiting[user]) < MOST_WAITING:
                self._waiting[user].append(job)
            else:
                raise TooManyTurns(
                    f"{MOST_WAITING} messages are waiting for an answer already; wait for one, then try again"
                )

    def _next(self, user: str, job: Callable[[], None]) -> None:
        """Runs one job, then goes to the back of the pool's queue with the person's next one, so that nobody starves."""
        job()
        with self._lock:
            if waiting := self._waiting[user]:
                self._pool.submit(self._next, user, waiting.popleft())
            else:
                del self._waiting[user]
