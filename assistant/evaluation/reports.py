"""What an evaluation hands back: its numbers, tables for a person, and everything for a file. And how progress is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

from tqdm import tqdm

from assistant.errors import AssistantError
from assistant.evaluation.plots import Panel

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report:
    """metrics: {system: {metric: value}}. text: tables in Markdown, with what is to be known of them. record: all of it, for a
    JSON file. panels: the same, to be drawn (`plots`)."""

    metrics: dict[str, dict[str, float]]
    text: str
    record: dict
    panels: tuple[Panel, ...] = ()

    def write(self, path: str | Path) -> None:
        """The record as a JSON file. Raises AssistantError where it cannot be written."""
        try:
            Path(path).write_text(json.dumps(self.record, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise AssistantError(f"cannot write {path}: {error.strerror}; give --out another place") from error


class Bars:
    """Progress bars and lines on one stream; silent without one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream

    def __call__(self, line: str) -> None:
        if self.stream:
            tqdm.write(line, file=self.stream)

    def over(self, items: Iterable[T], label: str, total: int | None = None) -> Iterable[T]:
        """`items`, with a bar of how many of them were taken."""
        often = 0.2 if self.stream and self.stream.isatty() else 10.0  # a log file gets a line now and then
        return tqdm(items, desc=label, total=total, file=self.stream, disable=self.stream is None, mininterval=often)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown whose columns are also aligned for reading as it is; the first to the left, the others to the right."""
    table = [list(head), *map(list, rows)]
    widths = [max(3, *(len(row[column]) for row in table)) for column in range(len(head))]
    lines = [
        "| " + " | ".join(f"{cell:{'<' if not column else '>'}{widths[column]}}" for column, cell in enumerate(row)) + " |"
        for row in table
    ]
    rule = "|" + "|".join("-" * (width + 1) + (":" if column else "-") for column, width in enumerate(widths)) + "|"
    return "\n".join((lines[0], rule, *lines[1:]))


def between(value: float, bounds: tuple[float, float], sign: bool = False) -> str:
    """A value with its interval: "0.118 (0.104 to 0.131)"; with `sign` also a plus."""
    form = "+.3f" if sign else ".3f"
    return f"{value:{form}} ({bounds[0]:{form}} to {bounds[1]:{form}})"


def with_bounds(means: Mapping[str, float], intervals: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Plain numbers for `--json`: each mean, and "ndcg@10 low" and "ndcg@10 high" where it has bounds."""
    found = {}
    for name, value in means.items():
        found[name] = value
        if name in intervals:
            found[f"{name} low"], found[f"{name} high"] = intervals[name]
    return found
