"""The measurements of `python -m assistant evaluate`: each module has one `evaluate` and knows its own protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from assistant.errors import AssistantError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.evaluation.ranking import Options
    from assistant.evaluation.reports import Bars, Report

EVALUATIONS = ("ranking", "ablation", "coldstart", "drift", "dialogues", "understanding", "explanations", "speed")
REPORTED = ("ranking", "ablation", "coldstart", "drift")
"""Those that give a report: tables and a record for a file beside the numbers."""


def run(
    what: str, settings: Settings, *, show: int = 0, fidelity: bool = False, n: int | None = None, seed: int = 1, progress: TextIO | None = None
) -> dict[str, dict[str, float]]:
    """{system: {metric: value}} of one of EVALUATIONS, on the settings' database, which is built if absent.

    Lines of progress go to `progress`; `show` lists up to so many errors there, where that makes sense. Explanations are
    measured on `n` picks (None: 500) in the settings' language; with `fidelity` by what reruns do to these, without a model.
    Dialogues are `n` conversations (None: 300).
    Raises AssistantError for another name and for an `n` below 1, StoreError and EngineError as the measured parts do.
    """
    def say(line: str) -> None:
        if progress:
            print(line, file=progress, flush=True)

    if what not in EVALUATIONS:
        raise AssistantError(f"no evaluation {what!r}; there are {', '.join(EVALUATIONS)}")
    if fidelity and what != "explanations":
        raise AssistantError(f"--fidelity is measured of explanations, not of {what}: evaluate explanations --fidelity")
    if n is not None and n < 1:
        raise AssistantError(f"--n {n} measures nothing: give at least 1")
    if what == "dialogues":
        return simulate(settings, n, seed, progress=progress).metrics
    n = n or 500
    database = Path(settings.db)
    if not database.exists():
        from store.build import build_default

        build_default(database, say)
    if what in REPORTED:
        return report(what, settings, progress=progress).metrics
    if what == "speed":
        from assistant.evaluation import speed

        return speed.evaluate(database, settings, say)
    if fidelity:
        from assistant.evaluation import fidelity as reruns

        return reruns.evaluate(database, n, seed, say)
    if what == "explanations":
        from assistant.evaluation import explanations

        with _engine(settings) as engine:
            return explanations.evaluate(database, engine, n, say, seed, language=settings.language)
    from assistant.evaluation import understanding

    with _engine(settings) as engine:
        return understanding.evaluate(database, engine, show=show, progress=say)


def report(what: str, settings: Settings, options: Options | None = None, progress: TextIO | None = None) -> Report:
    """One of REPORTED, as `options` say (None: as they are by default), on the settings' database, which is built if absent.

    Raises AssistantError and StoreError as `ranking.evaluate` and `ranking.open_dataset` do.
    """
    from assistant.evaluation import ablation, coldstart, drift, ranking
    from assistant.evaluation.reports import Bars

    bars, options, database = Bars(progress), options or ranking.Options(), Path(settings.db)
    evaluate = {"ranking": ranking, "ablation": ablation, "coldstart": coldstart, "drift": drift}[what].evaluate
    if options.dataset:
        with ranking.open_dataset(options, bars) as database:
            return evaluate(database, options, bars)
    if options.people is not None or options.least != 1:
        raise AssistantError("--people and --min-ratings take a part of a --dataset; give its folder")
    if not database.exists():
        from store.build import build_default

        build_default(database, bars)
    return evaluate(database, options, bars)


def simulate(settings: Settings, n: int | None = None, seed: int = 1, *, quick: bool = False, progress: TextIO | None = None) -> Report:
    """`n` simulated conversations (None: 300) through the assistant and the recommender alone, on the settings' database, which is built
    if absent; a few of them with `quick`.

    Raises AssistantError for an `n` below 1, StoreError and EngineError as the measured parts do.
    """
    from assistant.evaluation import dialogues
    from assistant.evaluation.reports import Bars
    from assistant.settings import cache_folder

    bars = Bars(progress)
    database = _for_dialogues(settings, n, bars)
    with _engine(settings) as engine:
        return dialogues.evaluate(database, engine, n=n or 300, seed=seed, quick=quick, progress=bars, cache=cache_folder())


def fit_manners(settings: Settings, n: int | None = None, seed: int = 1, *, progress: TextIO | None = None) -> Report:
    """Which constants of asking serve `n` simulated people (None: 200) with films of the earlier ratings best; no model is needed.

    Raises AssistantError for an `n` below 1, StoreError as the database does.
    """
    from assistant.evaluation import manners
    from assistant.evaluation.reports import Bars
    from assistant.settings import cache_folder

    bars = Bars(progress)
    return manners.evaluate(_for_dialogues(settings, n, bars), n=n or 200, seed=seed, progress=bars, cache=cache_folder())


def _for_dialogues(settings: Settings, n: int | None, progress: Bars) -> Path:
    """The settings' database, built if absent. Raises AssistantError for an `n` below 1."""
    if n is not None and n < 1:
        raise AssistantError(f"--n {n} measures nothing: give at least 1")
    database = Path(settings.db)
    if not database.exists():
        from store.build import build_default

        build_default(database, progress)
    return database


@contextmanager
def _engine(settings: Settings) -> Iterator:
    from assistant.llm.engine import open_engine

    engine = open_engine(settings)
    try:
        yield engine
    finally:
        if engine:
            engine.close()
