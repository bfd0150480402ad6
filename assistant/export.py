"""Replies and recommendations for others to read: plain rows for JSON, and turns as Markdown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant.state import StateChange
from store.records import Contribution, Recommendation

if TYPE_CHECKING:
    from assistant.events import Reply


def contribution_row(contribution: Contribution) -> dict[str, Any]:
    return {"source": contribution.source, "ref": contribution.ref, "label": contribution.label, "value": contribution.value}


def recommendation_row(pick: Recommendation) -> dict[str, Any]:
    return {
        "id": pick.item.id, "title": pick.item.title, "year": pick.item.year, "score": pick.score, "rank": pick.rank,
        "contributions": [contribution_row(c) for c in pick.contributions],
    }


def change_row(change: StateChange) -> dict[str, Any]:
    """The change without its empty parts."""
    return {name: value for name, value in asdict(change).items() if value not in ((), None)}


def reply_row(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text, "act": reply.act, "change": change_row(reply.change),
        "recommendations": [recommendation_row(r) for r in reply.recommendations],
        "timings": asdict(reply.timings),
    }


def reply_markdown(said: str, reply: Reply) -> str:
    """One turn as Markdown: the message as a quotation, the picks with their scores and reasons, the words of the answer."""
    picks = [
        f"{pick.rank}. **{pick.item.name}**, {pick.score:.2f}: {reason}"
        for pick, reason in zip(reply.recommendations, reply.reasons, strict=True)
    ]
    return "\n\n".join(filter(None, (f"> **{said}**", "\n".join(picks), reply.text))) + "\n"
