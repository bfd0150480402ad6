"""How well an engine reads messages it was never trained on: exact match, and the labels of each kind of
span."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.data import Example
from assistant import reading
from assistant.errors import ReadingError
from assistant.llm.engine import Engine


@dataclass(frozen=True, slots=True)
class Scores:
    """exact: share of messages with both acts and every label right. act: share with the main act right.
    label: share of spans with the right label. acts, labels: (right, all) of each act and of each
    "kind:label".
    wrong: prompt, right answer and answer given, of each message that was not read right."""

    messages: int
    exact: float
    act: float
    label: float
    acts: dict[str, tuple[int, int]]
    labels: dict[str, tuple[int, int]]
    wrong: tuple[tuple[str, str, str], ...]

    def plain(self) -> dict[str, object]:
        """For printing as JSON: the shares, and the right answers of all by act and by label."""
        shares = {name: round(getattr(self, name), 4) for name in ("exact", "act", "label")}
        return {"messages": self.messages, **shares, "acts": self.acts, "labels": self.labels}


def score(engine: Engine, messages: Iterable[Example]) -> Scores:
    """Reads every message with `engine`. An answer that cannot be read counts as wrong in all its parts."""
    acts: dict[str, Counter] = defaultdict(Counter)
    labels: dict[str, Counter] = defaultdict(Counter)
    wrong: list[tuple[str, str, str]] = []
    n = 0
    for example in messages:
        n += 1
        try:
            read = reading.read(engine, example.text, example.spans, example.last)
            given = reading.answer(read.act, read.second, read.labels)
        except ReadingError as error:
            read, given = None, str(error)
        acts[example.act][read is not None and read.act == example.act] += 1
        for place, (span, label) in enumerate(zip(example.spans, example.labels, strict=True)):
            labels[f"{span.kind}:{label}"][read is not None and read.labels[place] == label] += 1
        if given != example.answer:
            wrong.append((example.prompt, example.answer, given))
    return Scores(
        n,
        1 - len(wrong) / n if n else 0.0,
        _share(acts),
        _share(labels),
        _table(acts),
        _table(labels),
        tuple(wrong),
    )


def _share(counts: dict[str, Counter]) -> float:
    total = sum(sum(c.values()) for c in counts.values())
    return sum(c[True] for c in counts.values()) / total if total else 0.0


def _table(counts: dict[str, Counter]) -> dict[str, tuple[int, int]]:
    return {name: (c[True], sum(c.values())) for name, c in sorted(counts.items())}
