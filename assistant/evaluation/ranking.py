"""How well films are ranked, on community ratings that were held out, by TellWhy and by those it is compared with.

The held-out ratings of 4 and more are the targets (`splits`). Everything a person rated before is known and excluded; all
films of the catalog are ranked; metrics are means over people with a target (`metrics`). The system "tellwhy" is the
recommender of the conversation itself, on weights that saw the known ratings only. Each known rating of 3.5 or more is a
like of that strength, one of 2.5 or less a dislike, one between says "seen".

The peers' parameters are the best of a grid by NDCG@10 on a validation part: the known ratings, the last 20 % of each
person's held out once more. TellWhy's constants were fitted on earlier ratings in the same way, ahead of the run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation.metrics import (
    COVERAGE, CUT_RECALL, DIVERSITY, NDCG, NOVELTY, RECALL, Films, Judged, accuracy, interval, judge,
)
from assistant.evaluation.peers import TOGETHER, Peer, Tried, fit, peers, rank, tune
from assistant.evaluation.plots import Panel
from assistant.evaluation.reports import Bars, Report, between, markdown, with_bounds
from assistant.evaluation.splits import HELD_OUT, LIKED, PERSON, TARGET, EarlierCatalog, Split, earlier, profile_of, read_split
from assistant.recommend import Recommender
from store.build import Ratings, build
from store.database import Database
from store.importers.facts import FilmFacts

__all__ = ["EarlierCatalog", "Options", "Split", "evaluate", "open_dataset", "profile_of", "read_split", "tellwhy"]

TELLWHY = "tellwhy"
MOST_CELLS = 80_000_000
"""People times films: a dense matrix of so many numbers takes 640 MB, and the recommenders need a few of them."""
SEED = 1
COLUMNS = ((NDCG, "NDCG@10"), (RECALL, "Recall@50"), (COVERAGE, "coverage"), (NOVELTY, "novelty, bits"), (DIVERSITY, "diversity"))


@dataclass(frozen=True, slots=True)
class Options:
    """How `evaluate` runs.

    by: splits.PERSON or TIME. quick: few parameters and little training, for a check that all of it works.
    dataset: the folder of a MovieLens set to use instead of the database; `people`, a random sample of so many people of it
    (None: all), and `least`, the ratings that a film must have from these.
    """

    by: str = PERSON
    quick: bool = False
    dataset: Path | None = None
    people: int | None = None
    least: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One system: its judgement, what was tried for it (best first), and the seconds of tuning and of the rest."""

    judged: Judged
    tried: tuple[Tried, ...]
    tuning: float
    seconds: float


def evaluate(database_path: str | Path, options: Options = Options(), progress: Bars = Bars()) -> Report:
    """Popularity, item kNN, EASE, ALS, BPR, SASRec and TellWhy in one run; what is not installed is left out, with a line of
    progress that says how to get it.

    `database_path` is a built database; nothing is written to it. Raises AssistantError for ratings without any target, and
    for more people and films than fit into memory.
    """
    with Database(database_path) as database:
        progress("reading the community ratings")
        split = read_split(database, by=options.by)
        check(split)
        catalog = EarlierCatalog(database, split)
        films = Films.of(split, catalog.items(catalog.ids.tolist()))
        results, left_out = {}, []
        for peer in peers():
            if peer.is_installed:
                results[peer.name] = _peer(peer, split, films, options.quick, progress)
            else:
                left_out.append(peer.name)
                progress(f"{peer.name} is left out: it needs {' and '.join(peer.requires)}; install it with {TOGETHER}")
        results[TELLWHY] = _tellwhy(catalog, split, films, progress)
    return _report(split, results, left_out, options)


def check(split: Split) -> None:
    """Raises AssistantError for ratings of which nothing can be measured, and for more than memory should hold."""
    if not split.targets.nnz:
        raise AssistantError(
            f"nobody has a held-out rating of {TARGET:g} or more and a rating before it: of {len(split.row)} ratings of {split.people} "
            "people nothing can be measured"
        )
    if split.people * len(split.item_ids) > MOST_CELLS:
        raise AssistantError(
            f"{split.people:,} people and {len(split.item_ids):,} films are more than memory should hold: take a sample with "
            f"--people {max(1, MOST_CELLS // len(split.item_ids))}, or only films with more ratings (--min-ratings 20)"
        )


def _peer(peer: Peer, split: Split, films: Films, quick: bool, progress: Bars) -> Result:
    begun = time.perf_counter()
    grid = peer.quick if quick else peer.grid
    tried = [t for model in progress.over(grid, f"tuning {peer.name}") for t in tune(earlier(split), [model])]
    tried.sort(key=lambda t: (-t.ndcg, -t.recall))
    tuned = time.perf_counter()
    progress(f"ranking by {peer.name}")
    ranked = rank(split, fit(tried[0].model, split))
    seconds = time.perf_counter() - tuned
    return Result(judge(split, ranked, films), tuple(tried), tuned - begun, seconds)


def _tellwhy(catalog: EarlierCatalog, split: Split, films: Films, progress: Bars) -> Result:
    begun = time.perf_counter()
    progress("item-item weights from the known ratings")
    ranked = tellwhy(split, Recommender(catalog), progress)
    seconds = time.perf_counter() - begun
    return Result(judge(split, ranked, films), (), 0.0, seconds)


def tellwhy(split: Split, recommender: Recommender, progress: Bars = Bars()) -> np.ndarray:
    """The picks of the recommender for the known ratings of each person with a target; -1 for others."""
    ranked = np.full((split.people, CUT_RECALL), -1)
    asked = np.flatnonzero(np.diff(split.targets.indptr))
    for row in progress.over(asked.tolist(), "ranking by tellwhy"):
        picks = recommender.recommend(profile_of(split, row), n=CUT_RECALL)
        ranked[row, : len(picks)] = np.searchsorted(split.item_ids, [pick.item.id for pick in picks])
    return ranked


# other data


@contextmanager
def open_dataset(options: Options, progress: Bars) -> Iterator[Path]:
    """A database of the MovieLens folder of the options, gone at the end. Raises ImportFailed, and AssistantError for a sample
    of nobody."""
    from store.importers.movielens import read_movielens_folder

    progress(f"reading {options.dataset}")
    films, ratings = narrowed(*read_movielens_folder(options.dataset), options.people, options.least)
    if not len(ratings[0]):
        raise AssistantError(f"no film of {options.dataset} has {options.least} ratings of the people taken; lower --min-ratings")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dataset.db"
        build(path, films, ratings, progress, weigh=False)
        yield path


def narrowed(films: list[FilmFacts], ratings: Ratings, people: int | None, least: int) -> tuple[list[FilmFacts], Ratings]:
    """The ratings of `people` people drawn by chance (None: all) of films that `least` of these rated, and these films."""
    if people is not None and people < 1 or least < 1:
        raise AssistantError("a sample needs --people 1 and --min-ratings 1 at least")
    persons = np.unique(ratings[0])
    if people is not None and people < len(persons):
        drawn = np.random.default_rng(SEED).choice(persons, people, replace=False)
        ratings = _those(ratings, np.isin(ratings[0], drawn))
    ids, counts = np.unique(ratings[1], return_counts=True)
    kept = set(ids[counts >= least].tolist()) if least > 1 else {film.id for film in films}
    return [film for film in films if film.id in kept], _those(ratings, np.isin(ratings[1], list(kept)))


def _those(ratings: Ratings, which: np.ndarray) -> Ratings:
    people, items, values, times = (column[which] for column in ratings)
    return people, items, values, times


# the report


def _report(split: Split, results: dict[str, Result], left_out: list[str], options: Options) -> Report:
    intervals = {name: result.judged.intervals() for name, result in results.items()}
    sizes = _sizes(split)
    metrics = {
        name: {**with_bounds(result.judged.means(), intervals[name]), "people": len(result.judged.people), "seconds": result.seconds}
        for name, result in results.items()
    }
    gains = {name: _gains(results[TELLWHY].judged, result.judged) for name, result in results.items() if name != TELLWHY}
    record = {
        "protocol": {
            "split": options.by, "held_out": HELD_OUT, "target": TARGET, "like": LIKED, "quick": options.quick,
            "dataset": options.dataset.name if options.dataset else "default catalog", "people": options.people, "min_ratings": options.least,
            "moment": split.moment, "newcomers": [int(split.person[np.searchsorted(split.row, row)]) for row in split.newcomers],
        },
        "sizes": sizes,
        "systems": {
            name: {
                "metrics": metrics[name], "parameters": result.tried[0].parameters if result.tried else None,
                "tried": [{**t.parameters, NDCG: t.ndcg, RECALL: t.recall} for t in result.tried], "tuning_seconds": result.tuning,
            }
            for name, result in results.items()
        },
        "tellwhy_minus": {
            name: {metric: {"mean": mean, "low": bounds[0], "high": bounds[1]} for metric, (mean, bounds) in gain.items()}
            for name, gain in gains.items()
        },
        "left_out": left_out,
    }
    panels = tuple(
        Panel(title, {name: [(m[metric], m[f"{metric} low"], m[f"{metric} high"])] for name, m in metrics.items()}, ours=TELLWHY)
        for metric, title in COLUMNS[:2]
    )
    return Report(metrics, "\n\n".join(_text(split, sizes, results, intervals, gains, left_out, options)), record, panels)


def _sizes(split: Split) -> dict[str, int]:
    return {
        "people": split.people, "films": len(split.item_ids), "known": int(split.known.sum()), "held_out": int(split.held_out.sum()),
        "targets": int(split.targets.nnz), "people_with_targets": int((np.diff(split.targets.indptr) > 0).sum()),
        "newcomers": len(split.newcomers),
    }


def _gains(ours: Judged, theirs: Judged) -> dict[str, tuple[float, tuple[float, float]]]:
    """Metric -> the mean difference and its bounds, of the same people."""
    gains = {}
    for metric in (NDCG, RECALL):
        difference = ours.values[metric] - theirs.values[metric]
        gains[metric] = float(difference.mean()), interval(difference)
    return gains


def _text(
    split: Split, sizes: dict[str, int], results: dict[str, Result], intervals: dict, gains: dict, left_out: list[str], options: Options
) -> Iterator[str]:
    yield _about(split, sizes, options)
    yield markdown(
        ("system", *(title for _, title in COLUMNS), "seconds"),
        [(name, *(_cell(result.judged, metric, intervals[name]) for metric, _ in COLUMNS), f"{result.seconds:.0f}")
         for name, result in results.items()],
    )
    yield "TellWhy minus each peer, on the same people:"
    yield markdown(
        ("peer", "NDCG@10", "Recall@50"),
        [(name, *(between(*gain[metric], sign=True) for metric in (NDCG, RECALL))) for name, gain in gains.items()],
    )
    yield "Parameters, the best of the grid by NDCG@10 on the validation part:"
    tuned = {name: result for name, result in results.items() if result.tried and result.tried[0].parameters}
    yield markdown(
        ("peer", "chosen", "NDCG@10 / Recall@50 there", "tried", "NDCG@10 of those", "seconds"),
        [(name, _named(r.tried[0].parameters), f"{r.tried[0].ndcg:.3f} / {r.tried[0].recall:.3f}", _grid(r.tried),
          f"{min(t.ndcg for t in r.tried):.3f} to {max(t.ndcg for t in r.tried):.3f}", f"{r.tuning:.0f}")
         for name, r in tuned.items()],
    )
    if left_out:
        yield f"Not installed and left out: {', '.join(left_out)} ({TOGETHER})."


def _about(split: Split, sizes: dict[str, int], options: Options) -> str:
    how = "per person, the last 20 % of each" if options.by == PERSON else "by time, one moment for everybody"
    said = (
        f"Split {how}: {sizes['known']:,} known and {sizes['held_out']:,} held-out ratings of {sizes['people']:,} people on "
        f"{sizes['films']:,} films; {sizes['targets']:,} targets of {sizes['people_with_targets']:,} people. Bounds of 95 % in brackets, "
        "by bootstrap over people."
    )
    if split.newcomers:
        said += (
            f" {sizes['newcomers']:,} people rated only after the moment; nothing is known of them, and they are left out. TellWhy's "
            "constants were fitted on earlier ratings of each person, some of which are later than the moment."
        )
    return said + (" A quick run: few parameters and little training, so the peers are worse than they can be." if options.quick else "")


def _cell(judged: Judged, metric: str, bounds: dict[str, tuple[float, float]]) -> str:
    value = judged.means()[metric]
    return between(value, bounds[metric]) if metric in bounds else f"{value:.3f}"


def _named(parameters: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in parameters.items())


def _grid(tried: tuple[Tried, ...]) -> str:
    """The values that were tried, parameter by parameter."""
    values = {name: sorted({t.parameters[name] for t in tried}) for name in asdict(tried[0].model)}
    varied = [f"{name} {'/'.join(f'{v:g}' for v in found)}" for name, found in values.items() if len(found) > 1]
    return f"{len(tried)}: {', '.join(varied) or 'no choice'}"
