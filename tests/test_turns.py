"""Turns of one person come one after another, those of others beside them, and each is finished."""

import threading

import pytest

from assistant.turns import MOST_WAITING, TooManyTurns, Turns


@pytest.fixture
def turns():
    turns = Turns(workers=3)
    yield turns
    turns.close()


def started(turns, user, turn):
    """A thread that has begun to read the turn's frames."""
    frames = turns.run(user, turn)
    thread = threading.Thread(target=lambda: list(frames))
    thread.start()
    return thread


def test_frames_come_in_order(turns):
    assert list(turns.run("ann", lambda: iter("abc"))) == ["a", "b", "c"]


def test_one_person_is_answered_one_turn_at_a_time(turns):
    done, gate, begun = [], threading.Event(), threading.Event()

    def first():
        begun.set()
        assert gate.wait(5)
        done.append("first")
        yield 1

    def second():
        done.append("second")
        yield 2

    one = started(turns, "ann", first)
    assert begun.wait(5)
    two = started(turns, "ann", second)
    assert list(turns.run("bob", lambda: iter("x"))) == ["x"]  # bob does not wait for ann
    assert done == []
    gate.set()
    one.join(5)
    two.join(5)
    assert done == ["first", "second"]


def test_a_turn_that_nobody_watches_is_finished(turns):
    finished = threading.Event()

    def turn():
        yield 1
        yield 2
        finished.set()

    frames = turns.run("ann", turn)
    assert next(frames) == 1
    frames.close()
    assert finished.wait(5)
    assert list(turns.run("ann", lambda: iter("x"))) == ["x"]


def test_what_a_turn_raises_is_raised_and_the_next_one_runs(turns):
    def broken():
        yield 1
        raise ValueError("no such film")

    frames = turns.run("ann", broken)
    assert next(frames) == 1
    with pytest.raises(ValueError, match="no such film"):
        next(frames)
    assert list(turns.run("ann", lambda: iter("x"))) == ["x"]


def test_a_flood_is_refused(turns):
    gate, begun = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert gate.wait(5)
        yield 1

    threads = [started(turns, "ann", slow)]
    assert begun.wait(5)
    for _ in range(MOST_WAITING):
        turns._add("ann", lambda: None)
    with pytest.raises(TooManyTurns, match=str(MOST_WAITING)):
        next(turns.run("ann", slow))
    gate.set()
    threads[0].join(5)
