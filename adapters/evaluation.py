"""How well messages that training never showed are read: by a model with its adapter, without it, and by rules.

Systems are named "SYSTEM LANGUAGE". "adapter" is the base with the understand adapter, "bare" the base alone
(both under the schema of the answer). "linker" has no model: every span gets the label most frequent for its
kind in 2,000 training messages of the language, and the act is "tell" if there is a span, else "recommend".
It is what finding the spans alone is worth.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from adapters import data
from adapters.data import SEED, Example
from adapters.errors import AdapterError
from assistant import reading
from assistant.errors import ReadingError
from assistant.linking import Linker
from assistant.llm.engine import Engine
from assistant.reading import ADAPTER, Reading
from assistant.state import DialogueState, Profile, StateChange
from assistant.understand import interpret
from store.catalog import Catalog

SYSTEMS = ("adapter", "bare", "linker")
LANGUAGES = ("en", "zh")
COUNTED = 2000
"""So many training messages the labels of "linker" are counted in."""

Reader = Callable[[Example], Reading]
"""A way to read a message; raises ReadingError when nothing can be read from the answer."""


@dataclass(frozen=True, slots=True)
class Scores:
    """exact: share of messages with both acts and every label right. change: share whose reading changes and
    asks the same as the right one does (see `change_of`). act: share with the main act right.
    label: share of spans with the right label. ms: median time of a message. acts, labels: (right, all) of
    each act and of each "kind:label".
    wrong: prompt, right answer and answer given, of each message that was not read right."""

    messages: int
    exact: float
    change: float
    act: float
    label: float
    ms: float
    acts: dict[str, tuple[int, int]]
    labels: dict[str, tuple[int, int]]
    wrong: tuple[tuple[str, str, str], ...]

    def metrics(self) -> dict[str, float]:
        """{metric: value}, for printing as JSON; shares in 0..1, "ms p50" in milliseconds."""
        shares = {"exact": self.exact, "change exact": self.change, "act": self.act, "label": self.label}
        return {
            "n": self.messages,
            **{name: round(value, 4) for name, value in shares.items()},
            "ms p50": round(self.ms, 1),
        }


@dataclass(frozen=True, slots=True)
class Bare:
    """An engine with its adapters hidden."""

    engine: Engine

    @property
    def name(self) -> str:
        return f"{self.engine.name}, bare"

    def has_adapter(self, name: str) -> bool:
        return False

    def stream(self, prompt, **options) -> Iterator[str]:
        return self.engine.stream(prompt, **options)

    def choose(self, prompts, answers, *, adapter=None) -> list[tuple[float, ...]]:
        return self.engine.choose(prompts, answers)

    def close(self) -> None:
        self.engine.close()


def evaluate(
    engine: Engine | None,
    catalog: Catalog,
    n: int = 200,
    *,
    seed: int = SEED,
    systems: Iterable[str] = SYSTEMS,
    languages: Iterable[str] = LANGUAGES,
    taught: bool = False,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Scores]:
    """{"SYSTEM LANGUAGE": scores} on `n` held-out messages of each language, the same ones for all systems.

    engine: with its adapters; "linker" alone needs none. taught: new messages (another 1,000 seeds on) in the wordings and of
    the titles that training shows, instead of held-out ones: what is missing there too is not for want of wordings. Raises
    AdapterError when "adapter" is to be measured and the engine has none, EngineError when the model fails.
    """
    if "adapter" in systems and not (engine and engine.has_adapter(ADAPTER)):
        raise AdapterError("the base has no understand adapter to measure; train one, or name --systems without it")
    say = progress or (lambda line: None)
    linker = Linker(catalog)
    results: dict[str, Scores] = {}
    for language in languages:
        messages = list(data.examples(catalog, n, seed=seed + 1000 * taught, held_out=not taught, language=language))
        for system in systems:
            read = _reader(system, engine, catalog, seed, language)
            name = f"{system} {language}"
            results[name] = score(read, _counted(messages, name, say), linker)
            say(f"{name}: {results[name].metrics()}")
    return results


def _reader(system: str, engine: Engine | None, catalog: Catalog, seed: int, language: str) -> Reader:
    if system == "linker":
        return by_majority(data.examples(catalog, COUNTED, seed=seed, language=language))
    return by_model(Bare(engine) if system == "bare" else engine)


def _counted(messages: list[Example], name: str, say: Callable[[str], None]) -> Iterator[Example]:
    for n, message in enumerate(messages):
        if n and n % 50 == 0:
            say(f"{name}: {n} of {len(messages)} messages")
        yield message


# ways to read


def by_model(engine: Engine) -> Reader:
    """Reads as the assistant does."""
    return lambda example: reading.read(engine, example.text, example.spans, example.last)


def by_majority(seen: Iterable[Example]) -> Reader:
    """Reads by rule: for each span the label most frequent for its kind in `seen` ("none" for a kind that is
    not there), "tell" for a message with spans, "recommend" for one without."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for example in seen:
        for span, label in zip(example.spans, example.labels, strict=True):
            counts[span.kind][label] += 1
    usual: Mapping[str, str] = {kind: c.most_common(1)[0][0] for kind, c in counts.items()}

    def read(example: Example) -> Reading:
        labels = tuple(usual.get(span.kind, "none") for span in example.spans)
        return Reading("tell" if labels else "recommend", None, labels)

    return read


# counting


def score(read: Reader, messages: Iterable[Example], linker: Linker) -> Scores:
    """Reads every message. An answer that cannot be read counts as wrong in all its parts."""
    acts: dict[str, Counter] = defaultdict(Counter)
    labels: dict[str, Counter] = defaultdict(Counter)
    wrong: list[tuple[str, str, str]] = []
    times: list[float] = []
    changed = 0
    for example in messages:
        start = time.perf_counter()
        try:
            got = read(example)
            given = reading.answer(got.act, got.second, got.labels)
        except ReadingError as error:
            got, given = None, str(error)
        times.append(1000 * (time.perf_counter() - start))
        acts[example.act][got is not None and got.act == example.act] += 1
        for place, (span, label) in enumerate(zip(example.spans, example.labels, strict=True)):
            labels[f"{span.kind}:{label}"][got is not None and got.labels[place] == label] += 1
        if given != example.answer:
            wrong.append((example.prompt, example.answer, given))
        right = Reading(example.act, example.second, example.labels)
        changed += got is not None and (
            got == right or change_of(got, example, linker) == change_of(right, example, linker)
        )
    n = len(times)
    return Scores(
        n,
        1 - len(wrong) / n if n else 0.0,
        changed / n if n else 0.0,
        _share(acts),
        _share(labels),
        float(np.median(times)) if times else 0.0,
        _table(acts),
        _table(labels),
        tuple(wrong),
    )


def change_of(read: Reading, example: Example, linker: Linker) -> StateChange:
    """What a reading of the message does to a person of whom nothing is known. Labels that come to the same
    ("love" for "like" with a rating beside it, "none" for what changes nothing) give the same."""
    state = DialogueState("evaluation", 1, Profile("evaluation"), last=example.last)
    return interpret(example.text, read, example.spans, state, linker)


def _share(counts: dict[str, Counter]) -> float:
    total = sum(sum(c.values()) for c in counts.values())
    return sum(c[True] for c in counts.values()) / total if total else 0.0


def _table(counts: dict[str, Counter]) -> dict[str, tuple[int, int]]:
    return {name: (c[True], sum(c.values())) for name, c in sorted(counts.items())}
