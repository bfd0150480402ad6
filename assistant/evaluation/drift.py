"""What recency is worth to people whose taste changes.

Drift of a person, before anything is held out of sight: the distance between what their first and their last third of liked
films speak for, 1 - cosine of the two sums of rows of W, less the mean distance of the same films in random order. It is 0 on
average for somebody who likes the same things in any order, whatever their number, and it never looks at held-out ratings.

Then the picks of the recommender are judged (`metrics`) with recency as it is, without it and with more of it, for everybody, for
the quarter with the most drift and for the quarter with the least; the gain is paired, person by person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from assistant.evaluation.metrics import NDCG, RECALL, accuracy, interval
from assistant.evaluation.plots import Panel, Point
from assistant.evaluation.ranking import Options, tellwhy
from assistant.evaluation.reports import Bars, Report, between, markdown
from assistant.evaluation.splits import LIKED, EarlierCatalog, Split, read_split
from assistant.recommend import Recommender, Weights
from store.database import Database

SERVED = Weights().recency
RECENCIES = (1.0, 0.95, SERVED, 0.75, 0.5)
"""What ten films named since leave of a feeling; 1: nothing fades."""
FEWEST_LIKES = 9
"""Three for each third."""
SHUFFLES = 100
SEED = 1
GROUPS = ("everybody", "most drift", "least drift")


def evaluate(database_path: str | Path, options: Options = Options(), progress: Bars = Bars()) -> Report:
    """The metrics of each recency in each group, and the paired gain of the served one over none.

    Half a minute a recency on a free core; `options.quick` tries two. Nothing is written to the database.
    """
    with Database(database_path) as database:
        split = read_split(database, by=options.by)
        progress("item-item weights from the known ratings")
        catalog = EarlierCatalog(database, split)
        drifts = drift_of_all(split, catalog.matrix)
        found = {}
        for recency in (1.0, SERVED) if options.quick else RECENCIES:
            recommender = Recommender(catalog, replace(Weights(), recency=recency))
            found[recency] = accuracy(split.targets, tellwhy(split, recommender, progress))
    people = found[SERVED][0]
    return _report(drifts[people], {recency: values[1:] for recency, values in found.items()})


def drift_of_all(split: Split, weights: csr_matrix) -> np.ndarray:
    """The drift of each person of the split; nan for those with fewer than FEWEST_LIKES liked films."""
    rng = np.random.default_rng(SEED)
    liked = split.known & (split.rating >= LIKED)
    starts = np.searchsorted(split.row, np.arange(split.people + 1))
    return np.array(
        [drift(weights[split.column[start:end][liked[start:end]]], rng) for start, end in zip(starts[:-1], starts[1:], strict=True)]
    )


def drift(rows: csr_matrix, rng: np.random.Generator, shuffles: int = SHUFFLES) -> float:
    """How much further apart the first and last third of `rows` of W, in order of time, are than thirds at random; about -1
    to 1, nan below FEWEST_LIKES rows."""
    n = rows.shape[0]
    if n < FEWEST_LIKES:
        return float("nan")
    products = (rows @ rows.T).toarray()
    in_time = _distance(products, np.arange(n))
    return in_time - float(np.mean([_distance(products, rng.permutation(n)) for _ in range(shuffles)]))


def _distance(products: np.ndarray, order: np.ndarray) -> float:
    """1 - cosine between the sums of the first and of the last third of vectors, of which `products` has the inner ones."""
    third = len(order) // 3
    first, last = order[:third], order[-third:]
    length = np.sqrt(products[np.ix_(first, first)].sum() * products[np.ix_(last, last)].sum())
    return 1.0 - float(products[np.ix_(first, last)].sum() / length) if length > 0 else 1.0


def grouped(drifts: np.ndarray) -> dict[str, np.ndarray]:
    """Which people are in each of GROUPS, as a mask; nobody without a known drift is in any."""
    known = ~np.isnan(drifts)
    low, high = np.quantile(drifts[known], (0.25, 0.75)) if known.any() else (0.0, 0.0)
    with np.errstate(invalid="ignore"):
        return dict(zip(GROUPS, (known, known & (drifts >= high), known & (drifts <= low)), strict=True))


def _report(drifts: np.ndarray, values: dict[float, Sequence[np.ndarray]]) -> Report:
    metrics: dict[str, dict[str, float]] = {}
    rows = []
    for group, members in grouped(drifts).items():
        for recency, (ndcg, recall) in values.items():
            name = f"{group}, recency {recency:g}"
            metrics[name] = {"people": int(members.sum()), NDCG: float(ndcg[members].mean()), RECALL: float(recall[members].mean())}
            gains = {metric: array[members] - none[members] for metric, array, none in zip((NDCG, RECALL), values[recency], values[1.0])}
            for metric, gain in gains.items():
                low, high = interval(gain)
                metrics[name] |= {f"{metric} gain": float(gain.mean()), f"{metric} gain low": low, f"{metric} gain high": high}
            cells = [f"{metrics[name][metric]:.4f}" for metric in (NDCG, RECALL)]
            cells += ["" if recency == 1.0 else between(float(gain.mean()), interval(gain), sign=True) for gain in gains.values()]
            rows.append([group if recency == 1.0 else "", str(metrics[name]["people"]), "none" if recency == 1.0 else f"{recency:g}", *cells])
    head = ("", "people", "recency", "NDCG@10", "Recall@50", "gain in NDCG@10", "gain in Recall@50")
    text = (
        f"{markdown(head, rows)}\n\nRecency: what ten films named since leave of a feeling; {SERVED:g} is served. Gain: over none, paired, "
        f"95 % interval.\nMost and least drift: a quarter each of the {int((~np.isnan(drifts)).sum())} people with {FEWEST_LIKES} likes "
        "and a target."
    )
    panels = tuple(
        Panel(
            title, {group: [_gain(metrics[f"{group}, recency {r:g}"], metric) for r in values] for group in GROUPS},
            [f"{r:g}" if r < 1 else "none" for r in values], "recency: what ten films leave of a feeling", GROUPS[1], zero=True,
        )
        for metric, title in ((NDCG, "Gain in NDCG@10 over no recency"), (RECALL, "Gain in Recall@50 over no recency"))
    )
    return Report(metrics, text, {"metrics": metrics, "drift": {"quartiles": np.nanquantile(drifts, (0.25, 0.5, 0.75)).tolist()}}, panels)


def _gain(measured: dict[str, float], metric: str) -> Point:
    return measured[f"{metric} gain"], measured[f"{metric} gain low"], measured[f"{metric} gain high"]
