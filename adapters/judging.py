"""How well likes are told from dislikes: by the rank adapter, the bare base, the recommender and plain rules.

All answer the same questions (`likes.pairs`): people that no training saw, what they judged before a moment, a film that
they rated after it. One table for films that others rated in training and one for films that training never named.
AUC is the chance that a like scores above a dislike: of all pairs together ("auc"), where it helps to know how easily a person
likes, and within each person, as a mean over people ("per person"), which is what ranking their films needs. Intervals are by
bootstrap over people.

Systems: "adapter" and "bare", the log-odds of yes with and without the adapter, the community's word for the film told
where the taught ratings have one; "adapter, no word" without it; "linear", the recommender on weights of the
taught ratings, for everything the person judged before; "film mean", of the taught ratings, shrunk; "like rate", of what
the prompt tells; "rules", a logistic mixture of the last three; "blend", the same with the adapter. Mixtures are fitted on
the people for validation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

from adapters import likes
from adapters.errors import AdapterError
from adapters.likes import TEST, VALIDATION, Community, Judgement
from assistant import ranker
from assistant.evaluation.splits import EarlierCatalog, profile
from assistant.llm.engine import Engine
from assistant.recommend import Recommender
from store.catalog import Catalog

log = logging.getLogger(__name__)
KNOWN, HELD_OUT = "films known", "films held out"
ADAPTER, BARE, WORDLESS = "adapter", "bare", "adapter, no word"
LINEAR, MEAN, RATE, RULES, BLEND = "linear", "film mean", "like rate", "rules", "blend"
RESAMPLES = 1000
LEVEL = 0.95
LEAST = 5
"""A person counts for "per person" with so many pairs, a like and a dislike among them."""
RIDGE = 1.0
"""Regularisation of the mixtures, on standardised values."""

Scorer = Callable[[Sequence[Judgement]], np.ndarray]


@dataclass(frozen=True, slots=True)
class Figures:
    """auc: of all pairs, with its bounds; within: the mean over people, with its bounds."""

    pairs: int
    people: int
    auc: tuple[float, float, float]
    within: tuple[float, float, float]

    def metrics(self) -> dict[str, float]:
        values = zip(("auc", "auc low", "auc high", "per person", "per person low", "per person high"), (*self.auc, *self.within), strict=True)
        return {"pairs": self.pairs, "people": self.people, **{name: round(value, 4) for name, value in values}}


def evaluate(
    engine: Engine, catalog: Catalog, each: int, *, seed: int, progress: Callable[[str], None] = log.info
) -> dict[str, dict[str, Figures]]:
    """{KNOWN or HELD_OUT: {system: figures}} on `each` pairs of every person for testing at most.

    Raises AdapterError when the engine has no rank adapter, EngineError when the model fails.
    """
    if not engine.has_adapter(ranker.ADAPTER):
        raise AdapterError("the base has no rank adapter to measure; train one and export it")
    community = Community(catalog)
    recommender = Recommender(EarlierCatalog(catalog.database, replace(community.split, known=community.taught)))
    results = {}
    mixed: dict[str, np.ndarray] = {}
    for name, part, apart in (("", VALIDATION, False), (KNOWN, TEST, False), (HELD_OUT, TEST, True)):
        asked = list(likes.pairs(community, part, each, seed=seed, apart=apart))
        columns = _columns(community, recommender, engine, asked, lambda line: progress(f"{name or 'validation'}: {line}"), bool(name))
        wanted = np.array([j.likes for j in asked])
        for system, used in ((RULES, (LINEAR, MEAN, RATE)), (BLEND, (LINEAR, MEAN, RATE, ADAPTER))):
            if not name:
                mixed[system] = logistic(np.column_stack([columns[u] for u in used]), wanted)
            columns[system] = mixture(mixed[system], np.column_stack([columns[u] for u in used]))
        if name:
            people = np.array([j.person for j in asked])
            results[name] = {system: figures(values, wanted, people, seed) for system, values in columns.items()}
    return results


def _columns(
    community: Community, recommender: Recommender, engine: Engine, asked: Sequence[Judgement], say: Callable[[str], None], whole: bool
) -> dict[str, np.ndarray]:
    """System -> a score for each question; `whole`: of the systems that no mixture needs, too."""
    say(f"{len(asked)} pairs of {len({j.person for j in asked})} people")
    wordless = [j.wordless for j in asked]
    columns = {ADAPTER: by_engine(engine, [j.prompt for j in asked], ranker.ADAPTER)}
    say("asked the adapter")
    if whole:
        columns[BARE] = by_engine(engine, [j.prompt for j in asked], None)
        say("asked the bare base")
        same = wordless == [j.prompt for j in asked]
        columns[WORDLESS] = columns[ADAPTER] if same else by_engine(engine, wordless, ranker.ADAPTER)
    columns[LINEAR] = by_recommender(community, recommender, asked)
    at = community.split.column[[j.rating for j in asked]]
    columns[MEAN] = (community.total[at] + ranker.SHRINK * ranker.USUAL) / (community.count[at] + ranker.SHRINK)
    columns[RATE] = np.array([ranker.like_rate(j.prompt) for j in asked])
    return columns


# ways to judge


def by_engine(engine: Engine, prompts: Sequence[str], adapter: str | None) -> np.ndarray:
    """The log-odds of yes; what has the same head is asked together."""
    odds: list[float] = []
    for _, group in groupby(prompts, ranker.head_of):
        odds += ranker.odds(engine, list(group), adapter)
    return np.array(odds)


def by_recommender(community: Community, recommender: Recommender, asked: Sequence[Judgement]) -> np.ndarray:
    """The score of each film for the profile of all that its person judged before the cut."""
    scores = []
    for (person, before), group in groupby(asked, lambda j: (j.person, j.before)):
        known = community.ratings_of(person, TEST)[:before]
        told = profile(community.split, known, person)
        scores += [r.score for r in recommender.score(told, [j.item_id for j in group])]
    return np.array(scores)


def logistic(features: np.ndarray, likes: np.ndarray) -> np.ndarray:
    """The weights of a logistic regression: rows of means, of scales, and of weights with the intercept last."""
    means, scales = features.mean(axis=0), features.std(axis=0) + 1e-9
    table = np.column_stack([(features - means) / scales, np.ones(len(features))])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = table @ weights
        kept = np.append(weights[:-1], 0.0)
        gradient = table.T @ (1.0 / (1.0 + np.exp(-odds)) - likes) + RIDGE * kept
        return float(np.logaddexp(0.0, odds).sum() - odds[likes].sum() + 0.5 * RIDGE * (kept**2).sum()), gradient

    weights = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x
    return np.vstack([np.append(means, 0.0), np.append(scales, 1.0), weights])


def mixture(fitted: np.ndarray, features: np.ndarray) -> np.ndarray:
    """The log-odds that `logistic` gives."""
    means, scales, weights = fitted
    return ((features - means[:-1]) / scales[:-1]) @ weights[:-1] + weights[-1]


# counting


def auc(scores: Sequence[float] | np.ndarray, likes: Sequence[bool] | np.ndarray) -> float:
    """The chance that a like scores above a dislike, ties counting half; nan where there are none of either."""
    likes = np.asarray(likes, dtype=bool)
    yes, no = int(likes.sum()), int((~likes).sum())
    if not yes or not no:
        return float("nan")
    ranks = rankdata(np.asarray(scores, dtype=float))
    return float((ranks[likes].sum() - yes * (yes + 1) / 2) / (yes * no))


def figures(scores: np.ndarray, likes: np.ndarray, people: np.ndarray, seed: int = 0) -> Figures:
    """Both AUCs with 95 % bounds by bootstrap over people."""
    rows = [np.flatnonzero(people == person) for person in np.unique(people)]
    within = np.array([auc(scores[at], likes[at]) if len(at) >= LEAST else np.nan for at in rows])
    rng = np.random.default_rng(seed)
    pooled, means = [], []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(rows), size=len(rows))
        at = np.concatenate([rows[n] for n in drawn])
        pooled.append(auc(scores[at], likes[at]))
        means.append(np.nanmean(within[drawn]) if np.isfinite(within[drawn]).any() else np.nan)
    mean = float(np.nanmean(within)) if np.isfinite(within).any() else float("nan")
    return Figures(len(scores), len(rows), (auc(scores, likes), *_bounds(pooled)), (mean, *_bounds(means)))


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.nanquantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
