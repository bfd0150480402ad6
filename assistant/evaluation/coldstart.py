"""Films that nobody rated yet, and people of whom little is known.

Films: all ratings of a random tenth of the films are hidden, popularity and weights come from the other ratings, and each
person's profile is all they rated of the other films. The targets are the hidden films they gave 4 and more. Recall is
counted among all films, as in use, and among the hidden films alone, which tells how well these are told apart.

People: everybody is once in the fifth that trains nothing; the models learn from the known ratings of the other four
fifths. Of a new person's known ratings k drawn by chance are told, the same to all systems, and the targets are those of
the ranking protocol. All known films are excluded, told or not, so that only the telling differs. EASE and ALS have nothing
to go by where no told film was liked, and then show what is popular, as one would.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from assistant.errors import AssistantError
from assistant.evaluation.metrics import CUT_RECALL, EXCLUDED, NDCG, RECALL, accuracy, best, hits_of, interval
from assistant.evaluation.peers import TOGETHER, Als, Ease, Model, Peer, Popularity, Scorer, fit, peers, tune
from assistant.evaluation.plots import Panel, Point
from assistant.evaluation.ranking import TELLWHY, Options, check
from assistant.evaluation.reports import Bars, Report, between, markdown, with_bounds
from assistant.evaluation.splits import LIKED, TARGET, EarlierCatalog, Split, earlier, profile, read_split
from assistant.recommend import Recommender, Weights
from store.database import Database
from store.weights import ease_factors

SEED = 1
HIDDEN = 0.1
LEAST_TARGETS = 5
"""People who must have given a film 4 or more for it to be among those hidden."""
SHORT = 10
FOLDS = 5
TOLD = (0, 1, 3, 5, 10)
ALL = "all"
CONTENT = "content alone"

Values = dict[str, np.ndarray]
"""Metric -> one number for each person."""


def evaluate(database_path: str | Path, options: Options = Options(), progress: Bars = Bars()) -> Report:
    """Both measurements: "tellwhy, new films" and so on, and "tellwhy, 3 told" and so on, with their bounds.

    `database_path` is a built database; nothing is written to it. Without implicit ALS is left out. A quick run has one fifth
    of the people instead of all. Raises AssistantError when no film has enough targets to be hidden.
    """
    with Database(database_path) as database:
        progress("reading the community ratings")
        split = read_split(database)
        check(split)
        began = time.perf_counter()
        films, hidden = new_films(database, split, options.quick, progress)
        between_parts = time.perf_counter()
        people, left_out = new_people(database, split, options.quick, progress)
    seconds = {"new films": between_parts - began, "new people": time.perf_counter() - between_parts}
    return _report(films, hidden, people, left_out, seconds, options)


# new films


def new_films(database: Database, split: Split, quick: bool, progress: Bars) -> tuple[dict[str, Values], int]:
    """System -> recall of hidden films among all films and among these alone, by person; and how many films were hidden."""
    columns = drawn_films(split)
    shown = ~np.isin(split.column, columns)
    part = replace(split, known=shown, held_out=~shown)
    asked = np.flatnonzero(np.diff(part.targets.indptr))[:: 5 if quick else 1]
    catalog, unrated = EarlierCatalog(database, part), EarlierCatalog(database, replace(part, known=np.zeros_like(part.known)))
    systems: dict[str, Callable[[int, np.ndarray], np.ndarray]] = {
        "popularity": _by_scores(asked, fit(Popularity(), part)),
        "ease": _by_scores(asked, fit(Ease(), part)),
        CONTENT: _by_recommender(part, Recommender(unrated, replace(Weights(), prior=0.0))),
        TELLWHY: _by_recommender(part, Recommender(catalog)),
    }
    found = {}
    for name, picks in systems.items():
        found[name] = _of_hidden(part, asked, columns, picks, progress.over(asked.tolist(), f"new films by {name}"))
    return found, len(columns)


def drawn_films(split: Split) -> np.ndarray:
    """The columns of a tenth of the films that enough people gave 4 and more, drawn by chance, ascending."""
    good = split.rating >= TARGET
    eligible = np.flatnonzero(np.bincount(split.column[good], minlength=len(split.item_ids)) >= LEAST_TARGETS)
    if not len(eligible):
        raise AssistantError(f"no film has {LEAST_TARGETS} ratings of 4 and more, so none can be hidden; use more ratings")
    return np.sort(np.random.default_rng(SEED).choice(eligible, max(1, round(HIDDEN * len(eligible))), replace=False))


def _by_scores(asked: np.ndarray, scorer: Scorer) -> Callable[[int, np.ndarray], np.ndarray]:
    """Row of a person, one of those asked, and columns to leave out -> the best columns. A film that scores nothing is not
    picked."""
    of_all = scorer(asked)

    def picks(row: int, without: np.ndarray) -> np.ndarray:
        scores = of_all[np.searchsorted(asked, row)].astype(np.float64)
        scores[scores <= 0.0] = EXCLUDED
        scores[without] = EXCLUDED
        return best(scores[None, :])[0]

    return picks


def _by_recommender(split: Split, recommender: Recommender) -> Callable[[int, np.ndarray], np.ndarray]:
    def picks(row: int, without: np.ndarray) -> np.ndarray:
        which = np.flatnonzero((split.row == row) & split.known)
        found = recommender.recommend(profile(split, which, row), n=CUT_RECALL, exclude=split.item_ids[without].tolist())
        return _placed(split, found)

    return picks


def _placed(split: Split, found: Sequence) -> np.ndarray:
    """The columns of recommendations, -1 where there are no more."""
    columns = np.full(CUT_RECALL, -1)
    columns[: len(found)] = np.searchsorted(split.item_ids, [r.item.id for r in found])
    return columns


def _of_hidden(split: Split, asked: np.ndarray, hidden: np.ndarray, picks: Callable, rows: Sequence[int]) -> Values:
    """Recall at both cuts for the people `asked`, among all films and among the hidden ones alone."""
    others = np.setdiff1d(np.arange(len(split.item_ids)), hidden)
    among_all, alone = (np.full((split.people, CUT_RECALL), -1) for _ in range(2))
    for row in rows:
        known = split.column[(split.row == row) & split.known]
        among_all[row], alone[row] = picks(row, known), picks(row, others)
    targets = split.targets
    wanted = np.diff(targets.indptr)[asked]
    values = {}
    for name, ranked in (("of all films", among_all), ("of the new films", alone)):
        hits = hits_of(targets, ranked, asked)
        for cut in (SHORT, CUT_RECALL):
            values[f"recall@{cut} {name}"] = hits[:, :cut].sum(axis=1) / wanted
    return values


# new people


@dataclass(frozen=True, slots=True)
class Telling:
    """What the new people tell: `which` places of the split, all of people in `rows`."""

    split: Split
    rows: np.ndarray
    which: np.ndarray

    @property
    def liked(self) -> csr_matrix:
        """rows x films, 1 where a told film was liked."""
        mask = np.zeros(len(self.split.row), dtype=bool)
        mask[self.which] = True
        return self.split.matrix(mask & (self.split.rating >= LIKED))[self.rows]


def new_people(database: Database, split: Split, quick: bool, progress: Bars) -> tuple[dict[str, Values], list[str]]:
    """"System, k told" -> NDCG@10 and recall@50 by person; and the systems that were left out."""
    fold = np.random.default_rng(SEED).permutation(split.people) % FOLDS
    peer = {p.name: p for p in peers()}
    models: dict[str, Model] = {"ease": _best_of(peer["ease"], split, quick, progress)}
    left_out = [] if peer["als"].is_installed else ["als"]
    if left_out:
        progress(f"als is left out: it needs implicit; install it with {TOGETHER}")
    else:
        models["als"] = _best_of(peer["als"], split, quick, progress)
    parts: dict[str, list[Values]] = {}
    for number in progress.over(range(1 if quick else FOLDS), "new people, by fifths"):
        rows = np.flatnonzero(fold == number)
        training = replace(split, known=split.known & ~np.isin(split.row, rows))
        for name, values in _fifth(database, split, training, rows, models):
            parts.setdefault(name, []).append(values)
    return {name: {m: np.concatenate([p[m] for p in found]) for m in (NDCG, RECALL)} for name, found in parts.items()}, left_out


def _best_of(peer: Peer, split: Split, quick: bool, progress: Bars) -> Model:
    """The peer with the parameters that are best on the validation part of everybody, as in the ranking evaluation."""
    tried = [t for m in progress.over(peer.quick if quick else peer.grid, f"tuning {peer.name}") for t in tune(earlier(split), [m])]
    return max(tried, key=lambda t: (t.ndcg, t.recall)).model


def _fifth(
    database: Database, split: Split, training: Split, rows: np.ndarray, models: dict[str, Model]
) -> Iterator[tuple[str, Values]]:
    """One fifth of the people: every system for every number of ratings told."""
    targets = split.targets[rows]
    known = split.matrix(split.known)[rows].toarray() > 0
    popular = np.asarray(training.liked.sum(axis=0))
    folds_in = {name: _folding(model, training) for name, model in models.items()}
    recommender = Recommender(EarlierCatalog(database, training))
    for k in (*TOLD, ALL):
        telling = told(split, rows, k)
        ranked = {"popularity": best(np.where(known, EXCLUDED, np.repeat(popular, len(rows), axis=0)))}
        for name, scores_of in folds_in.items():
            liked = telling.liked
            scores = np.where(np.diff(liked.indptr)[:, None] > 0, scores_of(liked), popular)
            ranked[name] = best(np.where(known, EXCLUDED, scores))
        ranked[TELLWHY] = np.array([_picks(split, recommender, telling, row) for row in rows])
        for name, found in ranked.items():
            _, ndcg, recall = accuracy(targets, found)
            yield f"{name}, {k} told", {NDCG: ndcg, RECALL: recall}


def told(split: Split, rows: np.ndarray, k: int | str) -> Telling:
    """`k` of each person's known ratings drawn by chance, in the order of time; all of them for ALL. Those of a smaller k are
    among those of a larger one."""
    which = []
    for row in rows.tolist():
        start, end = np.searchsorted(split.row, [row, row + 1])
        known = start + np.flatnonzero(split.known[start:end])
        drawn = np.random.default_rng((SEED, int(split.person[start]))).permutation(known)
        which.append(np.sort(drawn if k == ALL else drawn[:k]))
    return Telling(split, rows, np.concatenate(which) if which else np.zeros(0, dtype=int))


def _folding(model: Model, training: Split) -> Callable[[csr_matrix], np.ndarray]:
    """A function from what people like (people x films) to their scores, of a model that did not see these people."""
    if isinstance(model, Als):
        trained = model.train(training.liked)
        return lambda liked: trained.recalculate_user(np.arange(liked.shape[0]), liked) @ trained.item_factors.T
    left, right = ease_factors(training.liked.astype(np.float64), model.ridge)

    def scores(liked: csr_matrix) -> np.ndarray:
        # The product's diagonal is not EASE's, but it only adds to films that were told and are excluded.
        return (liked @ left.T) @ right

    return scores


def _picks(split: Split, recommender: Recommender, telling: Telling, row: int) -> np.ndarray:
    start, end = np.searchsorted(split.row, [row, row + 1])
    which = telling.which[(telling.which >= start) & (telling.which < end)]
    known = split.item_ids[split.column[start:end][split.known[start:end]]]
    return _placed(split, recommender.recommend(profile(split, which, row), n=CUT_RECALL, exclude=known.tolist()))


# the report


def _report(
    films: dict[str, Values], hidden: int, people: dict[str, Values], left_out: list[str], seconds: dict[str, float], options: Options
) -> Report:
    measured = {**{f"{name}, new films": values for name, values in films.items()}, **people}
    means = {name: {metric: float(v.mean()) for metric, v in values.items()} for name, values in measured.items()}
    bounds = {name: {metric: interval(v) for metric, v in values.items()} for name, values in measured.items()}
    metrics = {
        name: {**with_bounds(means[name], bounds[name]), "people": len(next(iter(values.values())))} for name, values in measured.items()
    }
    record = {
        "protocol": {
            "hidden_films": hidden, "hidden_share": HIDDEN, "least_targets": LEAST_TARGETS, "folds": FOLDS, "told": [*TOLD, ALL],
            "quick": options.quick, "dataset": options.dataset.name if options.dataset else "default catalog",
        },
        "metrics": metrics, "seconds": seconds, "left_out": left_out,
    }
    text = "\n\n".join(_text(films, hidden, people, means, bounds, left_out, seconds, options))
    names = list(dict.fromkeys(name.split(", ")[0] for name in people))
    panels = tuple(
        Panel(
            f"{title} of new people",
            {name: [_point(metrics[f"{name}, {k} told"], metric) for k in (*TOLD, ALL)] for name in names},
            [str(k) for k in (*TOLD, ALL)], "ratings told", TELLWHY,
        )
        for metric, title in ((NDCG, "NDCG@10"), (RECALL, "Recall@50"))
    )
    return Report(metrics, text, record, panels)


def _point(measured: dict[str, float], metric: str) -> Point:
    return measured[metric], measured[f"{metric} low"], measured[f"{metric} high"]


def _text(
    films: dict[str, Values], hidden: int, people: dict[str, Values], means: dict, bounds: dict, left_out: list[str],
    seconds: dict[str, float], options: Options,
) -> Iterator[str]:
    asked = len(next(iter(films[TELLWHY].values())))
    yield (
        f"New films: all ratings of {hidden} films hidden, recall of them by {asked} people who gave one 4 or more; bounds of 95 % "
        f"in brackets, by bootstrap over people. {seconds['new films']:.0f} s."
    )
    columns = list(films[TELLWHY])
    yield markdown(
        ("system", *columns),
        [(name, *(between(means[f"{name}, new films"][c], bounds[f"{name}, new films"][c]) for c in columns)) for name in films],
    )
    asked = len(next(iter(people.values()))[NDCG])
    yield (
        f"New people: {asked} people who train nothing, k of their known ratings told, and all. "
        f"{seconds['new people']:.0f} s."
    )
    names = list(dict.fromkeys(name.split(", ")[0] for name in people))
    for metric, title in ((NDCG, "NDCG@10"), (RECALL, "Recall@50")):
        yield markdown(
            (title, *(f"{k} told" for k in (*TOLD, ALL))),
            [(name, *(between(means[f"{name}, {k} told"][metric], bounds[f"{name}, {k} told"][metric]) for k in (*TOLD, ALL)))
             for name in names],
        )
    yield "TellWhy minus each, on the same people, NDCG@10:"
    yield markdown(
        ("peer", *(f"{k} told" for k in (*TOLD, ALL))),
        [(name, *(_gain(people, name, k) for k in (*TOLD, ALL))) for name in names if name != TELLWHY],
    )
    if left_out:
        yield f"Not installed and left out: {', '.join(left_out)} ({TOGETHER})."
    if options.quick:
        yield "A quick run: a fifth of the people, and few parameters."


def _gain(people: dict[str, Values], name: str, k: int | str) -> str:
    difference = people[f"{TELLWHY}, {k} told"][NDCG] - people[f"{name}, {k} told"][NDCG]
    return between(float(difference.mean()), interval(difference), sign=True)
