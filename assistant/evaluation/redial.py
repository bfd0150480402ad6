"""Real dialogues about films, where they are at hand: whether titles are linked, and whether a liking is read as one.

The dialogues mark the films that they name, and the seekers said afterwards which of these they liked.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from assistant.errors import ReadingError
from assistant.evaluation.counting import Progress, pace, share
from assistant.linking import Linker
from assistant.llm.engine import Engine
from assistant.reading import beginning
from assistant.state import DialogueState, Profile, StateChange
from assistant.understand import understand
from store.catalog import Catalog
from store.records import ITEM

REDIAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "redial_valid.jsonl.gz"
LIKED_MESSAGES = 150
"""So many messages of the dialogues are read by the model; they are spread evenly over all of them."""
YEAR = re.compile(r"\s*\((\d{4})\)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A seeker's message of a dialogue. text: its titles without years; written: as it was, with them.
    films: catalog id -> liked (0, 1; 2 did not say)."""

    text: str
    written: str
    films: dict[int, int]


def seeker_mentions(path: Path, catalog: Catalog) -> Iterator[Mention]:
    """The seekers' messages that name a film of the catalog."""
    names: dict[tuple[str, str], int] = {}
    for item_id, title, year, _, aliases in sorted(catalog.titles(), key=lambda row: row[3]):
        for name in (*aliases, title):
            names[name.lower(), str(year)] = int(item_id)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for dialogue in map(json.loads, lines):
            known = {}
            for film in dialogue["films"]:
                year = YEAR.search(film["title"])
                item_id = names.get((YEAR.sub("", film["title"]).strip().lower(), year[1])) if year else None
                if item_id is not None:
                    known[film["title"].lower()] = (item_id, film["liked"])
            for message in dialogue["messages"]:
                text = message["text"]
                films = dict(pair for title, pair in known.items() if title in text.lower())
                if message["who"] == "seeker" and films:
                    yield Mention(YEAR.sub("", text), text, films)


def linking(mentions: list[Mention], linker: Linker, years: bool = False) -> dict[str, float]:
    """How many linked film spans name a film of the message, and how many of its films are linked.

    A span with several candidates is right when the film is among them: the person would be asked.
    years: titles as written, with their years. n: films. The dialogues leave films unmarked that are named in passing, or mark
    another year; "precision, the unmarked read" counts these as they were read one by one (`unmarked`), and as wrong what nobody read.
    """
    right = named = spans = found = films = 0
    for mention in mentions:
        text = mention.written if years else mention.text
        linked = [span for span in linker.link(text, _empty()) if span.kind == "film"]
        refs = [{int(r) for r in span.refs} for span in linked]
        marked = [bool(some & set(mention.films)) for some in refs]
        spans += len(linked)
        right += sum(marked)
        named += sum(known or unmarked().get(key(text, s.start)) == "named" for s, known in zip(linked, marked, strict=True))
        films += len(mention.films)
        found += len(set(mention.films) & set().union(*refs))
    read = {} if years else {"precision, the unmarked read": named / max(spans, 1)}
    return {"precision": right / max(spans, 1), **read, "recall": found / max(films, 1), "n": films}


def key(text: str, start: int) -> tuple[str, int]:
    """A span of a message, without the message: what redial_unmarked.tsv names it by."""
    return hashlib.sha256(text.encode()).hexdigest()[:12], start


@lru_cache(maxsize=1)
def unmarked() -> dict[tuple[str, int], str]:
    """Linked spans that no mark is about -> "named" (the film linked), "another" (a namesake, a remake) or "none", read one by one."""
    lines = files("assistant.evaluation").joinpath("redial_unmarked.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {(digest, int(start)): verdict for digest, start, verdict in rows}


def liked(
    mentions: list[Mention], linker: Linker, engine: Engine | None, say: Progress, cap: int = LIKED_MESSAGES
) -> dict[str, float]:
    """Accuracy of like or dislike on films that the message was read to judge, against what the seeker
    answered about them afterwards. "similar" says liked. "read": the share of answered films judged at all."""
    told = [m for m in mentions if any(v in (0, 1) for v in m.films.values())]
    told = told[:: -(-len(told) // cap)] if told else []
    pairs, answered = [], 0
    begun = time.perf_counter()
    for n, mention in enumerate(told, 1):
        if n % 25 == 0:
            say(pace("redial", n, len(told), begun))
        try:
            change = understand(beginning(mention.text), _empty(), linker, engine)
        except ReadingError as error:
            say(str(error))
            continue
        said = _feelings(change)
        for item_id, answer in mention.films.items():
            if answer in (0, 1):
                answered += 1
                if item_id in said:
                    pairs.append((said[item_id], bool(answer)))
    return {
        "accuracy": share(a == b for a, b in pairs),
        "n": len(pairs),
        "read": len(pairs) / max(answered, 1),
        "disliked found": share(not a for a, b in pairs if not b),
    }


def _feelings(change: StateChange) -> dict[int, bool]:
    """Item id -> whether it was read as liked; films that a question waits for are included."""
    roles = [(c, q.role) for q in change.questions for c in q.candidates if q.kind == "which"]
    roles += [(p.item_id, p.role) for p in change.added if p.kind == ITEM]
    return {item_id: role != "dislike" for item_id, role in roles if role in ("like", "similar", "dislike")}


def _empty() -> DialogueState:
    return DialogueState("evaluation", 1, Profile("evaluation"))
