"""How well messages are understood: a hand-written set, and real dialogues where they are at hand.

The hand-written set (messages.jsonl beside this module, English and Chinese) has two parts in each language:
the first is for finding what to mend, its errors can be shown; the second is held out, only counted. Some
short English messages of the first part ("no horror", "undo") are worded like phrases of the training data;
of the second, only two bare answers to a question are. The Chinese ones were written without sight of the
training data.

A message is whole when its act is an accepted one and its changes, topics, suppositions and question are
exactly the expected ones; a silent wrong edit is a change that would be applied and is not among the expected
ones. Strengths of tastes are not compared, numbers of limits are. From the dialogues come the linking of
titles, without and with their years, and whether a film that its teller liked or not is read so.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import reading
from assistant.errors import AssistantError, ReadingError
from assistant.evaluation import redial as dialogues
from assistant.evaluation.counting import Progress, pace, share
from assistant.linking import Linker
from assistant.llm.engine import Engine
from assistant.reading import Reading, beginning
from assistant.state import DialogueState, Profile, Question, StateChange
from assistant.understand import SURE, bound, interpret, understand
from store.catalog import Catalog
from store.database import Database
from store.records import BOUND_KINDS, FEATURE_KINDS, ITEM, Preference, Recommendation

MESSAGES = Path(__file__).with_name("messages.jsonl")
DEFAULT_SLATE = ("Alien (1979)", "Heat (1995)", "The Shining (1980)", "Fargo (1996)", "Seven (1995)")
"""What "slate": "default" stands for in the set."""
SURES = (0.0, 0.5, 0.8, 0.9, 0.99)
"""Certainties asked for, beside the one that the assistant asks for (`understand.SURE`); at 0 nothing is asked back."""
LANGUAGES = ("en", "zh")
KINDS = ("changes extra", "changes missing", "question", "about", "act")
"""What an error differs in, the worst first. "about": the topics, or what a what-if supposes."""
VALUES = {"like": 0.8, "dislike": -0.8, "want": 1.0, "only": 1.0, "similar": 1.0, "avoid": -1.0}

Key = tuple
"""(role, kind, name of the film or value): what is compared of a preference."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One message of the set with what was understood. wrong: what differs, as (one of KINDS, in words), the
    worst first; empty when whole. unsure: a reading was asked about for want of certainty. part: "hand-written" or "held out". ms: how long it took."""

    text: str
    act: bool
    changes: bool
    silent: bool
    asked: bool
    question: bool
    wrong: tuple[tuple[str, str], ...]
    unsure: bool = False
    language: str = "en"
    part: str = "hand-written"
    ms: float = 0.0

    @property
    def whole(self) -> bool:
        return not self.wrong


def evaluate(
    database_path: str | Path,
    engine: Engine | None,
    progress: Progress | None = None,
    show: int = 0,
    redial: str | Path | None = None,
    limit: int = dialogues.LIKED_MESSAGES,
) -> dict[str, dict[str, float]]:
    """{system: {metric: value}}; shares in 0..1, "ms p50" in milliseconds. Needs an engine.

    redial: the dialogues' file, by default the one of the shared data; without it those systems are left out.
    limit: how many messages of the dialogues the model reads at most; 0 leaves "redial liked" out.
    show: how many errors of the parts that are not held out are told to `progress`, by what differs.
    Raises EngineError when the model fails, AssistantError when the catalog lacks what the set names.
    """
    say = progress or (lambda line: None)
    database = Database(database_path)
    try:
        catalog = Catalog(database)
        linker = Linker(catalog)
        messages = load()
        if names := unknown(messages, catalog):
            raise AssistantError(
                f"the catalog lacks {', '.join(names[:5])}, which messages.jsonl names; it is made for the default catalog"
            )
        engine = Remembering(engine) if engine else None
        judged = read_all(messages, catalog, linker, engine, say)
        results = by_part(judged)
        for sure in SURES:
            again = read_all(messages, catalog, linker, engine, lambda line: None, sure)
            for part, found in by_part(again).items():
                del found["ms p50"]  # nothing was read anew
                results[f"sure {sure:g}: {part}"] = found
        results |= {f"best reading: {part}": found for part, found in by_part(best_readings(messages, catalog, linker, engine)).items()}
        for line in (*error_table(judged), *shown_errors(judged, show)):
            say(line)
        path = Path(redial) if redial else dialogues.REDIAL
        if not path.exists():
            say("redial: left out, its dialogues are not here")
            return results
        mentions = list(dialogues.seeker_mentions(path, catalog))
        say(f"redial: {len(mentions)} messages with titles")
        results["redial linking"] = dialogues.linking(mentions, linker)
        results["redial linking, years kept"] = dialogues.linking(mentions, linker, years=True)
        if limit:
            results["redial liked"] = dialogues.liked(mentions, linker, engine, say, limit)
        return results
    finally:
        database.close()


class Remembering:
    """An engine that gives what it gave before for the same request, so that readings can be judged in several ways."""

    def __init__(self, engine: Engine) -> None:
        self.name, self.has_adapter, self.close = engine.name, engine.has_adapter, engine.close
        self._engine, self._given = engine, {}

    def stream(self, prompt: str, **options) -> Iterator[str]:
        key = (prompt, repr(sorted(options.items())))
        if key not in self._given:
            self._given[key] = list(self._engine.stream(prompt, **options))
        return iter(self._given[key])


# the hand-written set


def load(path: Path = MESSAGES) -> list[dict]:
    """The lines of the set."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def unknown(messages: list[dict], catalog: Catalog) -> list[str]:
    """Names in `messages` that the catalog does not hold, as "id: name"; empty when all is well."""
    items = ids_by_name(catalog)
    features = {kind: catalog.values(kind) for kind in FEATURE_KINDS if kind != "text"}
    found = []
    for gold in messages:
        slate = [] if gold.get("slate") == "default" else gold.get("slate", [])
        films = [*slate, *(gold.get("pending") or {}).get("candidates", [])]
        films += [gold["focus"]] if gold.get("focus") else []
        told = [(k, v) for _, k, v in (c for f in ("changes", "supposed", "profile") for c in gold.get(f, []))]
        told += [tuple(r) for r in gold.get("removed", [])] + [(ITEM, f) for f in films]
        lacking = [v for k, v in told if v not in (items if k == ITEM else features.get(k, (v,)))]
        everything = (items, *features.values())
        about = (*gold.get("topics", []), *gold.get("unsupposed", []))
        lacking += [v for v in about if not any(v in values for values in everything)]
        found += [f"{gold.get('id')}: {v}" for v in lacking]
    return found


def read_all(
    messages: list[dict], catalog: Catalog, linker: Linker, engine: Engine | None, say: Progress, sure: float = SURE
) -> list[Judged]:
    """Every message understood and judged; an answer that cannot be parsed is wrong in everything but edits."""
    names = ids_by_name(catalog)
    judged = []
    begun = time.perf_counter()
    for n, gold in enumerate(messages, 1):
        state = state_of(gold, catalog, names)
        start = time.perf_counter()
        try:
            change = understand(beginning(gold["text"]), state, linker, engine, sure)
        except ReadingError as error:
            say(str(error))
            change = StateChange("unreadable")
        took = 1000 * (time.perf_counter() - start)
        judged.append(judge(gold, change, catalog, took))
        if n % 50 == 0:
            say(f"{pace('understanding', n, len(messages), begun)}; whole so far {share(j.whole for j in judged):.2f}")
    return judged


def by_part(judged: list[Judged]) -> dict[str, dict[str, float]]:
    """The metrics of all messages as "hand-written", and of each part in each language ("held out zh")."""
    parts = {"hand-written": judged}
    for part in ("hand-written", "held out"):
        for language in LANGUAGES:
            if some := [j for j in judged if (j.part, j.language) == (part, language)]:
                parts[f"{part} {language}"] = some
    return {name: metrics(some) for name, some in parts.items()}


def metrics(judged: list[Judged]) -> dict[str, float]:
    asked = [j for j in judged if j.asked]
    return {
        "n": len(judged),
        "act": share(j.act for j in judged),
        "changes exact": share(j.changes for j in judged),
        "whole exact": share(j.whole for j in judged),
        "silent wrong edits": share(j.silent for j in judged),
        "questions right": share(j.question for j in asked),
        "asked for want of certainty": share(j.unsure for j in judged),
        "ms p50": float(np.median([j.ms for j in judged])) if judged else 0.0,
    }


def error_table(judged: list[Judged]) -> list[str]:
    """Lines of a table: in how many messages each of KINDS is wrong, by part and language. One message may
    be in several rows; the last row counts it once."""
    parts = list(dict.fromkeys((j.part, j.language) for j in judged))
    counts = Counter((j.part, j.language, kind) for j in judged for kind in {k for k, _ in j.wrong})
    counts.update((j.part, j.language, "not whole") for j in judged if j.wrong)
    counts.update((j.part, j.language, "of") for j in judged)
    heads = [f"{part} {language}" for part, language in parts]
    lines = ["errors".ljust(16) + "".join(head.rjust(17) for head in heads)]
    for kind in (*KINDS, "not whole", "of"):
        lines.append(kind.ljust(16) + "".join(str(counts[*part, kind]).rjust(17) for part in parts))
    return lines


def shown_errors(judged: list[Judged], show: int) -> list[str]:
    """Lines for up to `show` errors of the parts that are not held out, under the worst that differs."""
    errors = [j for j in judged if j.wrong and j.part == "hand-written"]
    errors = sorted(errors, key=lambda j: KINDS.index(j.wrong[0][0]))[:show]
    lines, at = [], None
    for one in errors:
        if one.wrong[0][0] != at:
            at = one.wrong[0][0]
            lines.append(f"{at}:")
        lines.append(f"  {one.text!r}: {'; '.join(words for _, words in one.wrong)}")
    return lines


def best_readings(messages: list[dict], catalog: Catalog, linker: Linker, engine: Engine | None) -> list[Judged]:
    """Every message as the best reading that a search from the model's own finds would have it: what the spans found by the linker
    and the labels that a reading may give allow. One act or label after another is set to what leaves fewest errors, twice over."""
    names = ids_by_name(catalog)
    return [_best(gold, state_of(gold, catalog, names), catalog, linker, engine) for gold in messages]


def _best(gold: dict, state: DialogueState, catalog: Catalog, linker: Linker, engine: Engine | None) -> Judged:
    text = beginning(gold["text"])
    spans = linker.link(text, state)
    try:
        read = reading.read(engine, text, spans, state.last)
    except ReadingError:
        read = Reading("unclear", None, ("none",) * len(spans))

    def judged(answer: list[str]) -> Judged:
        act, second, *labels = answer
        said = Reading(act, None if second == reading.NO_ACT else second, tuple(labels))
        return judge(gold, interpret(text, said, spans, state, linker, 0.0), catalog)

    answer = [read.act, read.second or reading.NO_ACT, *read.labels]
    best = judged(answer)
    for _ in range(2):
        for place, allowed in enumerate(reading.slots(spans)):
            for label in allowed if not best.whole else ():
                tried = [*answer[:place], label, *answer[place + 1 :]]
                if len((found := judged(tried)).wrong) < len(best.wrong):
                    answer, best = tried, found
    return best


def ids_by_name(catalog: Catalog) -> dict[str, int]:
    """"Heat (1995)" -> id; the most rated of films of one name and year."""
    rows = sorted(catalog.titles(), key=lambda row: row[3])
    return {f"{title} ({year})": int(item_id) for item_id, title, year, *_ in rows}


def state_of(gold: dict, catalog: Catalog, names: dict[str, int]) -> DialogueState:
    """The state a line of the set is read in."""
    slate = gold.get("slate", [])
    slate = DEFAULT_SLATE if slate == "default" else slate
    picks = tuple(Recommendation(catalog.item(names[s]), 0.0, (), n) for n, s in enumerate(slate, 1))
    profile = Profile("evaluation", tuple(_preference(p, names) for p in gold.get("profile", [])))
    focus = names[gold["focus"]] if gold.get("focus") else None
    last = gold.get("last", "picks" if picks else "start")
    shown = frozenset(p.item.id for p in picks)
    return DialogueState("evaluation", 1, profile, picks, shown, focus, _pending(gold, names), last)


def _pending(gold: dict, names: dict[str, int]) -> Question | None:
    """The question that waits for an answer in a line of the set."""
    if not (asked := gold.get("pending")):
        return None
    candidates = tuple(names[c] for c in asked["candidates"])
    role = asked.get("role")
    return Question(asked["kind"], "", candidates, role, VALUES.get(role, 0.0), asked.get("act"))


def _preference(written: list, names: dict[str, int]) -> Preference:
    role, kind, value = written
    if kind in BOUND_KINDS:
        return bound(kind, role, value)
    ref = str(names[value]) if kind == ITEM else value
    return Preference(kind, ref, value, role, VALUES.get(role, 0.0))


def judge(gold: dict, change: StateChange, catalog: Catalog, ms: float = 0.0) -> Judged:
    """Compares what was understood with what a line of the set expects."""
    acts = [gold["act"]] if isinstance(gold["act"], str) else gold["act"]
    missing, extra = _differ(gold.get("changes", []), _keys(change.added, catalog))
    gone, kept = _removals(gold, change, catalog)
    wrong = [("changes extra", f"added {e}") for e in extra] + [("changes extra", f"removed {g}") for g in gone]
    wrong += [("changes missing", f"missed {m}") for m in missing]
    wrong += [("changes missing", f"did not remove {k}") for k in kept]
    changes = not wrong
    expected = {gold["asks"]} if "asks" in gold else set()
    questions = {q.kind for q in change.questions}
    if questions != expected:
        wrong.append(("question", f"asked {sorted(questions)}, not {sorted(expected)}"))
    wrong += [("about", words) for words in _about(gold, change, catalog)]
    if change.act not in acts:
        wrong.append(("act", f"act {change.act}, not {'/'.join(acts)}"))
    return Judged(
        text=gold["text"],
        act=change.act in acts,
        changes=changes,
        silent=bool(gone or extra),
        asked=bool(questions | expected),
        question=questions == expected,
        unsure="unsure" in questions,
        wrong=tuple(wrong),
        language=gold.get("language", "en"),
        part="held out" if gold.get("held_out") else "hand-written",
        ms=ms,
    )


def _about(gold: dict, change: StateChange, catalog: Catalog) -> list[str]:
    """What differs in the topics and in what is supposed and left out, in words."""
    wrong = []
    if "topics" in gold and set(gold["topics"]) != (found := {_name(t, catalog) for t in change.topics}):
        wrong.append(f"topics {sorted(found)}, not {gold['topics']}")
    missing, extra = _differ(gold.get("supposed", []), _keys(change.supposed, catalog))
    without, told = {_name(p, catalog) for p in change.unsupposed}, gold.get("unsupposed", [])
    if missing or extra or without != set(told):
        wrong.append(f"supposed -{missing} +{extra}, without {sorted(without)}, not {told}")
    return wrong


def _differ(expected: list[list], found: set[Key]) -> tuple[list[Key], list[Key]]:
    wanted = {tuple(c) for c in expected}
    return sorted(wanted - found, key=str), sorted(found - wanted, key=str)


def _removals(gold: dict, change: StateChange, catalog: Catalog) -> tuple[list, list]:
    """(wrongly taken out, wrongly kept). What a new word on the same subject replaces is neither."""
    replaced = {p.subject for p in change.added}
    found = {(p.kind, _name(p, catalog)) for p in change.removed if p.subject not in replaced}
    wanted = {tuple(r) for r in gold.get("removed", [])}
    still = wanted - {(p.kind, _name(p, catalog)) for p in change.removed}
    return sorted(found - wanted), sorted(still)


def _name(about, catalog: Catalog) -> str:
    return catalog.item(about.item_id).name if about.kind == ITEM else about.ref


def _keys(preferences: Iterable[Preference], catalog: Catalog) -> set[Key]:
    return {(p.role, p.kind, p.value if p.kind in BOUND_KINDS else _name(p, catalog)) for p in preferences}
