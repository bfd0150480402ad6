"""How long the answer to a why-question takes once it is understood: reruns, sentences and the claim check, without the model.

Asked by people of the community's ratings, of whom the last SIZES judged films are known and five picks are on screen:
every kind of question about the picks, and about a film that is none. The search for the smallest change is apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from assistant import answers, explain
from assistant.claims import Claims
from assistant.evaluation.fidelity import judged_last
from assistant.evaluation.ranking import profile_of, read_split
from assistant.evidence import Origins
from assistant.explain import View
from assistant.recommend import Recommender
from assistant.state import DialogueState, Profile, StateChange, Topic
from store.catalog import Catalog
from store.database import Database
from store.records import ITEM, Item, Recommendation

SIZES = (6, 12, 24, 60)
PEOPLE = 12
"""People of each size; each asks every question once."""
SLATE = 5
MISSING_RANK = 40
"""The rank of the film that why-not asks about."""
SEARCHES = "depends"
"""The act whose answer is a search."""


def measure(path: Path, say: Callable[[str], None] = lambda line: None) -> dict[str, list[float]]:
    """{act: milliseconds of each answer}."""
    times: dict[str, list[float]] = {}
    with Database(path) as database:
        recommender = Recommender(Catalog(database))
        claims = Claims.of(recommender.catalog)
        for size in SIZES:
            for turn in _turns(recommender, database, size):
                started = time.perf_counter()
                told = answers.answer(turn, ())
                explain.checked(told.answer, claims)
                times.setdefault(turn.change.act, []).append(1000 * (time.perf_counter() - started))
            say(f"why-questions of people with {size} films answered")
    return times


def _turns(recommender: Recommender, database: Database, size: int) -> Iterator[answers.Turn]:
    split = read_split(database)
    asked = 0
    for row in range(split.people):
        everything = profile_of(split, row)
        if len(everything.tastes) < size or asked == PEOPLE:
            continue
        asked += 1
        profile = _named(judged_last(everything, size)[0], recommender.catalog)
        picks = recommender.recommend(profile, n=MISSING_RANK, diversify=True)
        state = DialogueState("someone", 1, profile, tuple(picks[:SLATE]), frozenset(r.item.id for r in picks[:SLATE]), last="picks")
        view = View(profile, Origins(()), row, recommender.catalog, recommender.recency(profile))
        for change in _questions(profile, picks):
            yield answers.Turn("", change, state, state, view, recommender, recommender.catalog, SLATE)


def _named(profile: Profile, catalog: Catalog) -> Profile:
    return Profile(profile.user, tuple(replace(p, label=catalog.item(p.item_id).name) for p in profile))


def _questions(profile: Profile, picks: list[Recommendation]) -> Iterator[StateChange]:
    first, second, missing = picks[0].item, picks[1].item, picks[-1].item
    for act in ("why", "depends", "sure"):
        yield StateChange(act, (act,), topics=_topics(first))
    yield StateChange("why_not", ("why_not",), topics=_topics(missing))
    yield StateChange("compare", ("compare",), topics=_topics(first, second))
    liked = next(p for p in reversed(profile.preferences) if p.role == "like")
    yield StateChange("what_if", ("what_if",), unsupposed=(liked,))
    for act in ("matters", "drift", "profile"):
        yield StateChange(act, (act,))


def _topics(*items: Item) -> tuple[Topic, ...]:
    return tuple(Topic(ITEM, str(item.id), item.name) for item in items)
