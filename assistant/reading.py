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
from dataclasses import dataclass

from assistant.errors import ReadingError
from assistant.linking import Span, marked
from assistant.llm.engine import Engine

ADAPTER = "understand"
TASK_ACTS = (
    "tell", "recommend", "more", "why", "why_not", "what_if", "compare", "ask", "profile",
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

MAX_CHARACTERS = 600
"""Longer messages are read up to here: the context is small, and people's wishes are not longer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The model's answer: the main act, a second one or None, and a label for each span."""

    act: str
    second: str | None
    labels: tuple[str, ...]


def prompt(text: str, spans: tuple[Span, ...], last: str) -> str:
    """What the model continues; `last` is what the assistant did last (DialogueState.last)."""
    return f"last: {last}\nuser: {marked(text, spans)}\nread: "


def schema(spans: tuple[Span, ...]) -> dict:
    """The JSON schema of the answer: two acts, then one label per span, out of those its kind allows."""
    slots = [TASK_ACTS, (NO_ACT, *TASK_ACTS), *(LABELS[s.kind] for s in spans)]
    return {
        "type": "array",
        "prefixItems": [{"enum": list(allowed)} for allowed in slots],
        "items": False,
        "minItems": len(slots),
        "maxItems": len(slots),
        "x-guidance": {"whitespace_flexible": False},
    }


def answer(act: str, second: str | None, labels: tuple[str, ...]) -> str:
    """The completion that a reading is written as, in training and by the model."""
    return json.dumps([act, second or NO_ACT, *labels], separators=(",", ":"))


def read(engine: Engine, text: str, spans: tuple[Span, ...], last: str) -> Reading:
    """Asks the model. Raises ReadingError when what came back is not an answer (a server without schemas)."""
    adapter = ADAPTER if engine.has_adapter(ADAPTER) else None
    chunks = engine.stream(
        prompt(text, spans, last), adapter=adapter, schema=schema(spans), max_tokens=24 + 8 * len(spans)
    )
    return parse("".join(chunks), spans)


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
