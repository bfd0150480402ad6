"""What a turn yields, and what is left of it: the events, the whole reply, a stored turn."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.evidence import Evidence
from assistant.state import StateChange
from store.records import Message, Recommendation, Rerun


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds since the message came in; None for a step that the turn did not have."""

    understand_ms: float | None = None
    recommend_ms: float | None = None
    first_text_ms: float | None = None
    total_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `reasons` are aligned with `recommendations`; `suggestions` are replies the person may want to give;
    `reruns` are what the changes that were tried, for a what-if or a why-not, do to the ranks."""

    text: str
    act: str
    change: StateChange
    recommendations: list[Recommendation] = field(default_factory=list)
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    suggestions: tuple[str, ...] = ()
    timings: Timings = Timings()
    message_id: int | None = None
    reruns: tuple[Rerun, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Understood:
    change: StateChange
    kind: str = "understood"


@dataclass(frozen=True, slots=True)
class Picks:
    recommendations: tuple[Recommendation, ...]
    reasons: tuple[str, ...]
    kind: str = "picks"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer to append."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Done:
    reply: Reply
    kind: str = "done"


Event = Understood | Picks | Text | Done


@dataclass(frozen=True, slots=True)
class Turn:
    """A stored message with what was recommended and rerun in it: enough to draw the conversation again."""

    message: Message
    recommendations: tuple[Recommendation, ...] = ()
    reasons: tuple[str, ...] = ()
    reruns: tuple[Rerun, ...] = ()
