"""What each part of the score brings to the ranking: everything as it is served, then each part left out.

The parts of the item-item weights (`store.weights`) and those of the formula (`assistant.recommend`) that ratings can speak
for; stated tastes, wishes and limits are not in ratings. Differences are paired, person by person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from assistant.evaluation.metrics import NDCG, RECALL, accuracy, interval
from assistant.evaluation.plots import Panel
from assistant.evaluation.ranking import Options, tellwhy
from assistant.evaluation.reports import Bars, Report, between, markdown
from assistant.evaluation.splits import EarlierCatalog, read_split
from assistant.recommend import Recommender, Weights
from store.database import Database
from store.weights import WeightSettings

SERVED = "as served"
W, F = WeightSettings(), Weights()
MODELS: Mapping[str, WeightSettings] = {
    "without common tastes": replace(W, latent=0.0),
    "without what was liked next": replace(W, succession=0.0),
    "without either: EASE and content": replace(W, latent=0.0, succession=0.0),
    "without content": replace(W, content=0.0),
    "every rating alike in the weights": replace(W, power=0.0),
}
"""What is left out of the item-item weights. EASE is the ground that the others stand on: it stays."""
FORMULAS: Mapping[str, Weights] = {
    "without recency": replace(F, recency=1.0),
    "without popularity": replace(F, prior=0.0),
    "popularity that stays as the profile grows": replace(F, prior_half=1e9),
    "without dislikes": replace(F, dislike=0.0),
    "every like alike": replace(F, neutral=-1e9),
}
QUICK = ("without either: EASE and content", "without recency")


def evaluate(database_path: str | Path, options: Options = Options(), progress: Bars = Bars()) -> Report:
    """The metrics as served and without each part. About four minutes on two free cores; `options.quick` leaves out two parts
    only. Nothing is written to the database."""
    with Database(database_path) as database:
        split = read_split(database, by=options.by)
        served = EarlierCatalog(database, split)
        variants = {SERVED: (served, F)}
        variants |= {name: (EarlierCatalog(database, split, settings), F) for name, settings in MODELS.items()}
        variants |= {name: (served, weights) for name, weights in FORMULAS.items()}
        values = {}
        for name in (SERVED, *QUICK) if options.quick else list(variants):
            catalog, weights = variants.pop(name)  # let go of its weights when it is measured
            progress(name)
            values[name] = dict(zip((NDCG, RECALL), accuracy(split.targets, tellwhy(split, Recommender(catalog, weights), progress))[1:]))
    metrics, rows = {}, []
    for name, measured in values.items():
        metrics[name] = {metric: float(array.mean()) for metric, array in measured.items()}
        cells = [f"{mean:.4f}" for mean in metrics[name].values()]
        for metric, array in measured.items():
            lost = array - values[SERVED][metric]
            low, high = interval(lost)
            metrics[name] |= {f"{metric} change": float(lost.mean()), f"{metric} change low": low, f"{metric} change high": high}
            cells.append("" if name == SERVED else between(float(lost.mean()), (low, high), sign=True))
        rows.append([name, *cells])
    table = markdown(("", "NDCG@10", "Recall@50", "change in NDCG@10", "change in Recall@50"), rows)
    text = f"{table}\n\n{len(values[SERVED][NDCG])} people, split by {options.by}. Change: against as served, paired, 95 % interval."
    panels = tuple(
        Panel(
            f"Change in {title}",
            {n: [(m[f"{metric} change"], m[f"{metric} change low"], m[f"{metric} change high"])] for n, m in metrics.items() if n != SERVED},
            zero=True,
        )
        for metric, title in ((NDCG, "NDCG@10"), (RECALL, "Recall@50"))
    )
    return Report(metrics, text, {"split": options.by, "metrics": metrics}, panels)
