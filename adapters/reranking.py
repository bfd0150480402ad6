"""Whether the rank adapter ranks better: its answers added to the scores of the best films, on the protocol of `evaluate ranking`.

The weight is fitted on earlier ratings (`read_split` with two rounds: what was rated last among the known ratings), which no
training saw, and measured on the held-out part of the same people; the difference is paired. People are drawn by chance among those with a
target in both parts, since a film takes the model a tenth of a second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.errors import AdapterError
from assistant import ranker
from assistant.evaluation.metrics import CUT_NDCG, interval
from assistant.evaluation.splits import EarlierCatalog, Split, profile_of, read_split
from assistant.llm.engine import Engine
from assistant.ranker import Ranker
from assistant.recommend import Recommender
from store.database import Database

log = logging.getLogger(__name__)
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Points for a unit of log-odds that are tried."""


@dataclass(frozen=True, slots=True)
class Slate:
    """The best films of one person: scores of the linear model, the model's centred log-odds (0 where it was not asked), whether each is
    a target, and how many targets there are in all."""

    scores: np.ndarray
    odds: np.ndarray
    hits: np.ndarray
    wanted: int

    def ndcg(self, weight: float) -> float:
        """NDCG@10 in the order of the sum."""
        order = np.argsort(-(self.scores + weight * self.odds), kind="stable")[:CUT_NDCG]
        discount = 1.0 / np.log2(np.arange(2, CUT_NDCG + 2))
        return float((self.hits[order] * discount[: len(order)]).sum() / discount[: min(self.wanted, CUT_NDCG)].sum())


def evaluate(
    engine: Engine, database: Database, people: int, *, seed: int, progress: Callable[[str], None] = log.info
) -> dict[str, float]:
    """NDCG@10 with and without the adapter's answers, the difference with its bounds, and the weight.

    Raises AdapterError when the engine has no rank adapter, EngineError when the model fails.
    """
    if not engine.has_adapter(ranker.ADAPTER):
        raise AdapterError("the base has no rank adapter to measure; train one and export it")
    earlier, later = read_split(database, rounds=2), read_split(database)
    both = np.flatnonzero((np.diff(earlier.targets.indptr) > 0) & (np.diff(later.targets.indptr) > 0))
    drawn = np.sort(np.random.default_rng(seed).permutation(both)[:people]).tolist()
    fitted, _ = slates(engine, database, earlier, drawn, lambda line: progress(f"fitting the weight: {line}"))
    means = {weight: float(np.mean([s.ndcg(weight) for s in fitted])) for weight in WEIGHTS}
    progress(f"NDCG@10 on earlier ratings by weight: {({w: round(m, 4) for w, m in means.items()})}")
    weight = max(WEIGHTS, key=lambda w: (means[w], -abs(w)))
    measured, seconds = slates(engine, database, later, drawn, lambda line: progress(f"measuring: {line}"))
    without = np.array([s.ndcg(0.0) for s in measured])
    gains = {w: np.array([s.ndcg(w) for s in measured]) - without for w in WEIGHTS}
    progress(f"gain on held-out ratings by weight: {({w: round(float(g.mean()), 4) for w, g in gains.items()})}")
    low, high = interval(gains[weight])
    return {
        "people": len(measured), "weight": weight, "ndcg@10 without": float(without.mean()),
        "ndcg@10 with": float((without + gains[weight]).mean()), "gain": float(gains[weight].mean()), "gain low": low, "gain high": high,
        "gain on earlier": means[weight] - means[0.0], "seconds a slate": seconds,
    }


def slates(
    engine: Engine, database: Database, split: Split, people: Sequence[int], say: Callable[[str], None]
) -> tuple[list[Slate], float]:
    """One slate for each of `people`, by what the split knows of them, and the mean seconds that the model took for one."""
    catalog = EarlierCatalog(database, split)
    recommender, asking = Recommender(catalog), Ranker(engine, catalog, 1.0)
    targets, found, took = split.targets, [], 0.0
    for number, row in enumerate(people):
        profile = profile_of(split, row)
        picks = recommender.recommend(profile, n=ranker.TOP + CUT_NDCG)
        begun = time.perf_counter()
        asked = asking.odds(profile, [p.item for p in picks[: ranker.TOP]])
        took += time.perf_counter() - begun
        centred = np.append(asked - asked.mean(), np.zeros(len(picks) - len(asked)))
        wanted = set(split.item_ids[targets[row].indices].tolist())
        hits = np.array([p.item.id in wanted for p in picks])
        found.append(Slate(np.array([p.score for p in picks]), centred, hits, len(wanted)))
        if number % 25 == 24:
            say(f"{number + 1} of {len(people)} people")
    return found, took / max(1, len(people))
