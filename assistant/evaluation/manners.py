"""When to ask and what to believe of answers: the constants of `asking.Manners`, each tried at other values.

The people are those of `dialogues`, perfectly understood, but their film in mind is of an earlier time: the held-out part is
dropped and what was known is split again, so no rating that the measured conversations are about is looked at. One constant
at a time is changed, all others stay. A value takes the place of the present one if its success@10 after the last turn is
higher and the paired 95 % interval of the difference is above zero; of several the best, of equals the one that asks less.

Not fitted: `most` and `pause` (how many questions people bear, which made people who answer everything cannot tell), more than
four options (that is a list, and made people read any) and `dont_mind` (the made people were given a share of their own).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from assistant.asking import MANNERS, Manners, best_question
from assistant.evaluation.dialogues import TURNS, Perfect, Turn, aims, converse, earlier_database
from assistant.evaluation.metrics import interval
from assistant.evaluation.plots import Panel
from assistant.evaluation.reports import Bars, Report, between, markdown
from assistant.recommend import Recommender
from store.catalog import Catalog
from store.database import Database

PRESENT = "as it is"
TRIED: dict[str, tuple[float, ...]] = {
    "temperature": (0.1, 0.2, 0.4, 0.8, 1.6), "candidates": (50, 150, 400), "thin": (3.0, 5.0, 8.0), "least_gain": (0.0, 0.15, 0.3, 0.6, 0.9),
    "third": (0.0, 0.15, 0.3), "options": (2, 3, 4),
}
"""Constant -> its values; those that are in use are measured once, as PRESENT."""
MEASURE = f"success@10 turn {TURNS}"
GAIN = f"{MEASURE} - {PRESENT}"


def settings(manners: Manners = MANNERS) -> dict[str, Manners]:
    """What is tried, by name: `manners` itself, and with each constant at each other value."""
    others = {f"{name} {value:g}": replace(manners, **{name: value}) for name, values in TRIED.items() for value in values if value != getattr(manners, name)}
    return {PRESENT: manners, **others}


def evaluate(
    database_path: str | Path, *, n: int = 200, seed: int = 1, tried: Mapping[str, Manners] | None = None, progress: Bars = Bars(), cache: Path | None = None
) -> Report:
    """Success@10 after the last turn and questions a conversation of each setting of `tried` (None: `settings()`; PRESENT must be
    among them), for up to `n` people, and the one that is chosen. cache: see `dialogues.earlier_database`."""
    tried = tried or settings()
    with earlier_database(database_path, progress, cache, rounds=2) as (path, split), Database(path) as database:
        catalog = Catalog(database)
        recommender, found = Recommender(catalog), aims(split, catalog, n, seed)
        talks = {}
        for name, manners in progress.over(tried.items(), f"settings, {len(found)} conversations each", total=len(tried)):
            side = Perfect(recommender, lambda profile, asked, m=manners: best_question(recommender, profile, asked, manners=m), manners)
            talks[name] = [converse(aim, side, seed) for aim in found]
        people = [(int(split.person[split.row == aim.row][0]), aim.target.id) for aim in found]
    metrics = {name: _measured(turns, talks[PRESENT], seed) for name, turns in talks.items()}
    best = chosen(metrics)
    rows = [(name, _cell(m, MEASURE), _cell(m, GAIN, sign=True) if name != PRESENT else "", f"{m['asked']:.2f}") for name, m in metrics.items()]
    text = "\n\n".join((
        f"{len(found)} people with a film in mind of the earlier ratings; 95 % intervals over people in brackets.",
        markdown(("setting", MEASURE, "gain over the present one", "questions a conversation"), rows), f"Chosen: {best}.",
    ))
    record = {"metrics": metrics, "chosen": best, "seed": seed, "people": people, "settings": {name: _plain(m) for name, m in tried.items()}}
    panel = Panel("gain in success@10", {name: [_point(m, GAIN)] for name, m in metrics.items() if name != PRESENT}, zero=True)
    return Report(metrics, text, record, (panel,))


def chosen(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """The setting that the rule above takes."""
    better = [name for name in metrics if name != PRESENT and metrics[name][f"{GAIN} low"] > 0.0]
    return max(better, key=lambda name: (metrics[name][MEASURE], -metrics[name]["asked"]), default=PRESENT)


def _measured(turns: list[list[Turn]], present: list[list[Turn]], seed: int) -> dict[str, float]:
    found = {MEASURE: _hits(turns), GAIN: _hits(turns) - _hits(present)}
    measured = {"conversations": float(len(turns)), "asked": sum(bool(turn.asked) for talk in turns for turn in talk if turn.text) / max(1, len(turns))}
    for name, values in found.items():
        measured[name] = float(values.mean()) if len(values) else 0.0
        measured[f"{name} low"], measured[f"{name} high"] = interval(values, seed=seed)
    return measured


def _hits(turns: list[list[Turn]]) -> np.ndarray:
    return np.array([(talk[-1].rank or 10**6) <= 10 for talk in turns], dtype=float)


def _point(metrics: Mapping[str, float], name: str) -> tuple[float, float, float]:
    return metrics[name], metrics[f"{name} low"], metrics[f"{name} high"]


def _cell(metrics: Mapping[str, float], name: str, sign: bool = False) -> str:
    value, *bounds = _point(metrics, name)
    return between(value, tuple(bounds), sign)


def _plain(manners: Manners) -> dict:
    return {field.name: getattr(manners, field.name) for field in fields(manners) if field.name != "dont_mind"} | {"dont_mind": dict(manners.dont_mind)}
