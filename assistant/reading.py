"""The reading task: what the model is asked about a message, and what it may answer.

The linker has marked the spans; the model says what the person is doing (one act, perhaps a
second) and labels each span with what is said about it. The answer is a JSON array of strings
under a schema made for the message, so it is short (about two tokens a span) and always legal.

    last: picks
    user: loved [film heat] but no [genre horror] pls
    read: ["tell","-","love","avoid"]
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.errors import ReadingError
from assistant.llm.engine import Engine
from assistant.spans import Span, marked

ADAPTER = "understand"
TASK_ACTS = (
    "tell", "recommend", "more", "why", "why_not", "what_if", "compare", "depends", "matters", "sure", "drift", "wrong", "ask", "profile",
    "undo", "reset", "accept", "reject", "chat", "help", "unclear",
)
NO_ACT = "-"

_FILM = ("love", "like", "dislike", "hate", "seen", "want", "similar", "avoid", "topic", "drop", "skip", "none")
_FEATURE = ("love", "like", "dislike", "hate", "want", "only", "avoid", "topic", "drop", "none")
_BOUND = ("max", "min", "at", "none", "drop")
_VAGUE = ("want", "avoid", "drop", "none")
LABELS: dict[str, tuple[str, ...]] = {
    "film": _FILM, "pick": _FILM, "words": _FILM,
    "genre": _FEATURE, "person": _FEATURE, "keyword": _FEATURE, "decade": _FEATURE, "language": _FEATURE,
    "year": _BOUND, "runtime": _BOUND, "years": _BOUND,
    "length": _VAGUE, "age": _VAGUE,
    "rating": ("rate", "none"),
}
"""What may be said about a span of each kind."""

ALIKE = (("love", "like"), ("dislike", "hate"), ("tell", "recommend"))
"""Labels that differ in strength only, and acts that make the same edits: between them it matters little which is right."""
ALTERNATIVES = 20
"""Likely tokens looked at in each step; a label that is not among them had no chance."""
MAX_CHARACTERS = 600
"""Longer messages are read up to here: the context is small, and people's wishes are not longer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The model's answer: the main act, a second one or None, and a label for each span.

    certain: the probability that the model gave the act, the second one and each label among the legal ones, in (0, 1];
    empty where the engine does not tell.
    """

    act: str
    second: str | None
    labels: tuple[str, ...]
    certain: tuple[float, ...] = field(default=(), compare=False)


def beginning(text: str) -> str:
    """What is read of a message: all of it, or its first MAX_CHARACTERS without the word that is cut (Chinese has none to speak of)."""
    if len(text) <= MAX_CHARACTERS:
        return text
    return re.sub(r"(?<=\s)[\w'’-]{1,40}$", "", text[:MAX_CHARACTERS]) if text[MAX_CHARACTERS].isalnum() else text[:MAX_CHARACTERS]


def prompt(text: str, spans: tuple[Span, ...], last: str) -> str:
    """What the model continues; `last` is what the assistant did last (DialogueState.last)."""
    return f"last: {last}\nuser: {marked(text, spans)}\nread: "


def schema(spans: tuple[Span, ...]) -> dict:
    """The JSON schema of the answer: two acts, then one label per span, out of those its kind allows."""
    places = slots(spans)
    return {
        "type": "array",
        "prefixItems": [{"enum": list(allowed)} for allowed in places],
        "items": False,
        "minItems": len(places),
        "maxItems": len(places),
        "x-guidance": {"whitespace_flexible": False},
    }


def slots(spans: tuple[Span, ...]) -> list[tuple[str, ...]]:
    """What may stand at each place of an answer."""
    return [TASK_ACTS, (NO_ACT, *TASK_ACTS), *(LABELS[s.kind] for s in spans)]


def answer(act: str, second: str | None, labels: tuple[str, ...]) -> str:
    """The completion that a reading is written as, in training and by the model."""
    return json.dumps([act, second or NO_ACT, *labels], separators=(",", ":"))


def read(engine: Engine, text: str, spans: tuple[Span, ...], last: str) -> Reading:
    """Asks the model. Raises ReadingError when what came back is not an answer (a server without schemas)."""
    adapter = ADAPTER if engine.has_adapter(ADAPTER) else None
    pieces = list(engine.stream(
        prompt(text, spans, last), adapter=adapter, schema=schema(spans), max_tokens=24 + 8 * len(spans), alternatives=ALTERNATIVES,
    ))
    steps = [step for piece in pieces for step in getattr(piece, "steps", ())]
    reading = parse("".join(pieces), spans)
    chosen = (reading.act, reading.second or NO_ACT, *reading.labels)
    return replace(reading, certain=certainties(steps, slots(spans), chosen) if steps else ())


def certainties(
    steps: Sequence[tuple[str, dict[str, float]]], slots: Sequence[Sequence[str]], chosen: Sequence[str]
) -> tuple[float, ...]:
    """How probable each slot of the answer `chosen` was among what its schema allows.

    steps: each token's text, and {text: probability} of the likeliest ones there. At every step the probabilities of those that
    continue to a legal answer are made to sum to 1, and what leads to an ALIKE label counts for the chosen one; a slot's is the
    product over the tokens that write or close it.
    """
    certain, written = [1.0] * len(slots), ""
    for text, likely in steps:
        legal = {other: p for other, p in likely.items() if _places(written + other, slots) is not None}
        before, after = _places(written, slots), _places(written + text, slots)
        if before is not None and after is not None and any(legal.values()):
            agreeing = sum(p for other, p in legal.items() if other == text or _agrees(written + other, slots, chosen))
            for place in range(before[0], after[0] + after[1]):
                certain[place] *= min(1.0, agreeing / sum(legal.values()))
        written += text
    return tuple(certain)


def _agrees(written: str, slots: Sequence[Sequence[str]], chosen: Sequence[str]) -> bool:
    """Whether every label that the last one written may become is as good as the chosen one."""
    labels = written.split('"')[1::2]
    if not labels:
        return True
    place = len(labels) - 1
    good = next((group for group in ALIKE if chosen[place] in group), (chosen[place],))
    return all(label in good for label in slots[place] if label.startswith(labels[-1]))


def _places(written: str, slots: Sequence[Sequence[str]]) -> tuple[int, bool] | None:
    """(slots that are closed, whether the next one is begun) of the beginning of an answer; None when it is of no legal one."""
    closed, rest = 0, written
    for n, allowed in enumerate(slots):
        opening = '["' if n == 0 else ',"'
        if len(rest) <= len(opening):
            return (closed, False) if opening.startswith(rest) else None
        if not rest.startswith(opening):
            return None
        label, quote, rest = rest[len(opening) :].partition('"')
        if not quote:
            return (closed, True) if any(a.startswith(label) for a in allowed) else None
        if label not in allowed:
            return None
        closed += 1
    return (closed, False) if "]".startswith(rest) else None


def parse(written: str, spans: tuple[Span, ...]) -> Reading:
    """The reading in `written`; raises ReadingError naming what is wrong with it."""
    try:
        act, second, *labels = json.loads(written)
    except (json.JSONDecodeError, ValueError, TypeError) as error:
        raise ReadingError(f"the model answered {written[:80]!r}, which is not a list of acts and labels") from error
    legal = act in TASK_ACTS and second in (NO_ACT, *TASK_ACTS) and len(labels) == len(spans)
    if not legal or any(label not in LABELS[s.kind] for label, s in zip(labels, spans)):
        raise ReadingError(f"the model answered {written[:80]!r}, which does not fit the message's {len(spans)} spans")
    return Reading(act, None if second == NO_ACT else second, tuple(labels))
