"""How long a person waits, measured on this machine; nothing else should run meanwhile.

Eight conversations of five messages, each by a person of their own, on a copy of the database. The next message is
sent when the answer to the last is complete. Times run from the call to the event: `picks` when the slate with its
reasons is out, `why` when the first words of an answer to a why-question are out (understanding included).
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from assistant.asking import best_question, may_ask
from assistant.conversation import Assistant
from assistant.errors import AssistantError
from assistant.evaluation import questions
from assistant.llm.engine import Engine, open_engine
from assistant.recommend import Recommender
from assistant.settings import Settings
from assistant.state import Profile
from store.catalog import Catalog
from store.database import Database
from store.records import ITEM, Preference

Progress = Callable[[str], None]

CONVERSATIONS = (
    ("I loved Heat and Alien, nothing too long", "why the first one?", "more like the second one but newer",
     "actually no horror", "why not The Matrix?"),
    ("recommend me something funny from the 90s", "seen it, what else", "with jim carrey maybe",
     "what if I also liked Groundhog Day?", "undo that"),
    ("hi there", "im in the mood for a western", "what do you know about me?", "not the first one, something less violent",
     "how come you picked that one?"),
    ("Pulp Fiction 9/10, Titanic 3/10", "why is the top one there?", "and nothing older than 1995", "shorter than two hours please",
     "compare the first and the second"),
    ("hated the godfather, way too slow. loved terminator 2", "any good sci-fi by James Cameron?", "why that one and not Blade Runner",
     "no more action for tonight", "reset everything"),
    ("Suggest a french comedy", "what's the second one about?", "i love audrey tautou", "why did you suggest the third?",
     "ok something completely different, a thriller"),
    ("whats a good movie for kids, like toy story", "anything else", "dont like cartoons with songs", "why these?",
     "what if i hated Toy Story"),
    ("something with robert de niro, crime, before 1990", "why not goodfellas?", "i gave Casino 4 stars", "the second one looks great, thanks",
     "show me more from scorsese"),
)
WHY = ("why", "how come", "what if", "compare")
"""What a message of ours begins with or contains when it asks for an explanation."""

LIMITS = {
    ("turns", "picks_ms_p50"): 1000.0, ("turns", "picks_ms_p95"): 1800.0, ("turns", "why_first_word_ms_p95"): 800.0,
    ("answers", "evidence_ms_p95"): 500.0, ("answers", "smallest_change_ms_p95"): 2000.0, ("recommend", "ms_p95"): 5.0, ("decode", "slower_than_bare_percent"): 5.0, ("memory", "resident_mb"): 1200.0,
}
STORY = "Once upon a time, in a small town by the sea, there was"
TOKENS, ROUNDS = 96, 6
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the model: which adapter, and milliseconds until the first and the last piece of text."""

    adapter: str | None
    first_ms: float
    last_ms: float
    pieces: int


class Metered:
    """An engine that notes how long each request took the one inside it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name, self.asked = engine, engine.name, []

    def stream(self, prompt, *, adapter=None, **options) -> Iterator[str]:
        started = time.perf_counter()
        first, pieces = 0.0, 0
        try:
            for piece in self.engine.stream(prompt, adapter=adapter, **options):
                first = first or _since(started)
                pieces += 1
                yield piece
        finally:
            self.asked.append(Asked(adapter, first, _since(started), pieces))

    def has_adapter(self, name: str) -> bool:
        return self.engine.has_adapter(name)

    def close(self) -> None:
        self.engine.close()


@dataclass(frozen=True, slots=True)
class Waited:
    """One turn, in milliseconds since the message; None for what it did not have. `reading_ms`: the model's part of understanding."""

    text: str
    act: str
    understood_ms: float
    picks_ms: float | None
    first_word_ms: float | None
    total_ms: float
    reading_ms: float

    @property
    def asks_why(self) -> bool:
        return any(words in self.text.lower() for words in WHY)


def evaluate(database_path: str | Path, settings: Settings, progress: Progress = lambda text: None) -> dict[str, dict[str, float]]:
    """{"turns", "recommend", "asking", "answers", "decode", "memory", "start": {metric: value}}; milliseconds, MB and tokens a second, as the names say.

    `database_path` is only read. Raises ModelError or EngineError when the settings' engine cannot be opened, and
    AssistantError for the engine "none": there would be nothing to measure.
    """
    _say_protocol(settings, progress)
    started = time.perf_counter()
    engine = open_engine(settings)
    if engine is None:
        raise AssistantError("speed is measured with a language model; the engine is 'none'")
    results = {"start": {"model_ready_s": time.perf_counter() - started}}
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(database_path), Path(folder) / "speed.db")
        metered = Metered(engine)
        with Assistant.open(copy, engine=metered, settings=settings) as assistant:
            started = time.perf_counter()
            assistant.warm_up()
            results["start"]["words_ready_s"] = time.perf_counter() - started
            waited, profiles = _converse(assistant, metered, progress)
            results["turns"] = _turns(waited)
            results["recommend"] = _recommend(copy, profiles)
            results["asking"] = _asking(copy, profiles)
            results["answers"] = _answers(copy, progress)
            results["memory"] = _memory()
            if settings.engine_name == "llamacpp":
                progress(f"decoding, {ROUNDS} rounds of each")
                results["decode"] = _decode(engine, settings)
    _say_verdict(results, waited, progress)
    return results


def _say_protocol(settings: Settings, progress: Progress) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    for line in __doc__.strip().splitlines()[2:]:
        progress(line)
    progress(f"Recommend core: the {sum(map(len, CONVERSATIONS))} profiles of the conversations, {REPEATS} times each, and a profile of 30 films.")
    progress(f"Asking: which question to put beside picks, for those of these profiles that are thin enough to be asked, {REPEATS} times each.")
    progress(f"Decode: {TOKENS} tokens, our engine and a plain xllamacpp server in turns, {ROUNDS} rounds, medians; time from the first token to the last.")
    progress(f"{cores} cores, engine {settings.engine_name}, load {os.getloadavg()[0]:.1f} before the start")
    if os.getloadavg()[0] > 0.5:
        progress("NOTE: something else is running on this machine; the figures will be worse than they are")


def _copied(path: Path, target: Path) -> Path:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


# turns

def _converse(assistant: Assistant, metered: Metered, progress: Progress) -> tuple[list[Waited], list[Profile]]:
    waited, profiles = [], []
    for number, messages in enumerate(CONVERSATIONS):
        user = f"person {number + 1}"
        for text in messages:
            waited.append(_turn(assistant, metered, user, text))
            profiles.append(assistant.profile(user))
        progress(f"{len(waited)} of {sum(map(len, CONVERSATIONS))} messages")
    return waited, profiles


def _turn(assistant: Assistant, metered: Metered, user: str, text: str) -> Waited:
    metered.asked.clear()
    started = time.perf_counter()
    times: dict[str, float] = {}
    reading = 0.0
    for event in assistant.stream(user, text):
        times.setdefault(event.kind, _since(started))
        if event.kind == "understood":
            reading = sum(asked.last_ms for asked in metered.asked)
        if event.kind == "done":
            act = event.reply.act
    return Waited(text, act, times["understood"], times.get("picks"), times.get("text"), times["done"], reading)


def _turns(waited: list[Waited]) -> dict[str, float]:
    picks = [w.picks_ms for w in waited if w.picks_ms is not None]
    why = [w.first_word_ms for w in waited if w.asks_why and w.first_word_ms is not None]
    understood = [w.understood_ms for w in waited]
    return {
        "messages": float(len(waited)),
        "with_picks": float(len(picks)), "picks_ms_p50": quantile(picks, 0.5), "picks_ms_p95": quantile(picks, 0.95),
        "why_questions": float(len(why)), "why_first_word_ms_p50": quantile(why, 0.5), "why_first_word_ms_p95": quantile(why, 0.95),
        "understand_ms_p50": quantile(understood, 0.5), "understand_ms_p95": quantile(understood, 0.95),
        "model_reading_ms_p50": quantile([w.reading_ms for w in waited], 0.5),
        "picks_after_understanding_ms_p50": quantile([w.picks_ms - w.understood_ms for w in waited if w.picks_ms is not None], 0.5),
        "whole_answer_ms_p50": quantile([w.total_ms for w in waited], 0.5), "whole_answer_ms_p95": quantile([w.total_ms for w in waited], 0.95),
    }


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed; NaN when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _since(started: float) -> float:
    return 1000 * (time.perf_counter() - started)


# the recommender alone

def _recommend(path: Path, profiles: list[Profile]) -> dict[str, float]:
    """Five diversified picks, as in a turn. Cold: a recommender that never saw the profile's films."""
    with Database(path) as database:
        recommender = Recommender(Catalog(database))
        recommender.recommend(Profile(""), n=5, diversify=True)
        cold = [_pick_ms(recommender, profile) for profile in profiles]
        warm = [_pick_ms(recommender, profile) for profile in profiles for _ in range(REPEATS)]
        well_known = recommender.recommend(Profile(""), n=30)
        long = Profile("", tuple(Preference(ITEM, str(r.item.id), r.item.name, "like", 0.8) for r in well_known))
        many = [_pick_ms(recommender, long) for _ in range(4 * REPEATS)]
    return {
        "ms_p50": quantile(warm, 0.5), "ms_p95": quantile(warm, 0.95),
        "first_time_ms_p95": quantile(cold, 0.95), "thirty_films_ms_p95": quantile(many, 0.95),
    }


def _pick_ms(recommender: Recommender, profile: Profile) -> float:
    started = time.perf_counter()
    recommender.recommend(profile, n=5, diversify=True)
    return _since(started)


def _asking(path: Path, profiles: list[Profile]) -> dict[str, float]:
    """Choosing the question that is offered beside picks, none found included; its wording takes no time. Cold: as in `_recommend`."""
    thin = [profile for profile in profiles if may_ask(profile, ())]
    with Database(path) as database:
        recommender = Recommender(Catalog(database))
        recommender.recommend(Profile(""), n=5, diversify=True)
        cold = [_question_ms(recommender, profile) for profile in thin]
        warm = [_question_ms(recommender, profile) for profile in thin for _ in range(REPEATS)]
    return {"profiles": float(len(thin)), "ms_p50": quantile(warm, 0.5), "ms_p95": quantile(warm, 0.95), "first_time_ms_p95": quantile(cold, 0.95)}


def _question_ms(recommender: Recommender, profile: Profile) -> float:
    started = time.perf_counter()
    best_question(recommender, profile)
    return _since(started)


def _answers(path: Path, progress: Progress) -> dict[str, float]:
    """Why-questions once they are understood, all kinds together and the slowest kind; the search for the smallest change apart."""
    times = questions.measure(path, progress)
    searches = times.pop(questions.SEARCHES)
    every = [ms for kind in times.values() for ms in kind]
    return {
        "questions": float(len(every)), "evidence_ms_p50": quantile(every, 0.5), "evidence_ms_p95": quantile(every, 0.95),
        **{f"{kind}_ms_p95": quantile(found, 0.95) for kind, found in times.items()},
        "smallest_change_ms_p50": quantile(searches, 0.5), "smallest_change_ms_p95": quantile(searches, 0.95),
    }


# the engine beside bare llama.cpp

def _decode(engine: Engine, settings: Settings) -> dict[str, float]:
    """Tokens a second of both, on the same file with the same threads, round by round so that a busy moment hits both."""
    from assistant.llm.llamacpp import LlamaCppEngine

    if not isinstance(engine, LlamaCppEngine):
        raise AssistantError(f"{engine.name} is not llama.cpp, so there is no bare llama.cpp to compare it with")
    bare = _bare_server(engine.path, engine.threads, engine.context)
    ours, theirs, adapted, ratios = [], [], [], []
    for number in range(ROUNDS):
        order = (_our_rate, _bare_rate) if number % 2 == 0 else (_bare_rate, _our_rate)
        rates = {measure: measure(engine if measure is _our_rate else bare) for measure in order}
        ours.append(rates[_our_rate])
        theirs.append(rates[_bare_rate])
        ratios.append(rates[_our_rate] / rates[_bare_rate])
        if engine.adapters:
            adapted.append(_our_rate(engine, engine.adapters[0]))
    return {
        "tokens_per_s": statistics.median(ours), "bare_tokens_per_s": statistics.median(theirs),
        "slower_than_bare_percent": 100 * (1 - statistics.median(ratios)),
        **({"with_adapter_tokens_per_s": statistics.median(adapted)} if adapted else {}),
    }


def _our_rate(engine: Engine, adapter: str | None = None) -> float:
    return _rate([time.perf_counter() for _ in engine.stream(STORY, adapter=adapter, max_tokens=TOKENS)])


def _bare_server(path: Path, threads: int, context: int):
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.n_ctx, parameters.n_parallel, parameters.verbosity = str(path), context, 1, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.api_keys = [os.urandom(16).hex()]
    return xllamacpp.Server(parameters)


def _bare_rate(server) -> float:
    times: list[float] = []

    def note(chunk: dict) -> bool:
        if chunk["choices"][0]["text"]:
            times.append(time.perf_counter())
        return False

    server.handle_completions({"prompt": STORY, "stream": True, "temperature": 0, "max_tokens": TOKENS, "cache_prompt": False}, note)
    return _rate(times)


def _rate(times: list[float]) -> float:
    return (len(times) - 1) / (times[-1] - times[0])


# memory and the verdict

def _memory() -> dict[str, float]:
    """Resident memory of this process in MB, with the page's library imported as in the app; NaN where there is no /proc."""
    import gradio  # noqa: F401  only to have it in memory

    status = Path("/proc/self/status")
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines()) if status.exists() else {}
    megabytes = {name: int(lines[key].split()[0]) / 1000 if key in lines else float("nan")
                 for name, key in (("resident_mb", "VmRSS"), ("peak_mb", "VmHWM"))}
    return megabytes


def _say_verdict(results: dict[str, dict[str, float]], waited: list[Waited], progress: Progress) -> None:
    for (system, metric), limit in LIMITS.items():
        if (value := results.get(system, {}).get(metric)) is not None:
            verdict = "within" if value <= limit else f"{value - limit:.1f} over"
            progress(f"{system} {metric}: {value:.1f}, {verdict} the limit of {limit:.0f}")
    slowest = max(waited, key=lambda w: w.picks_ms or w.first_word_ms or 0)
    progress(f"slowest: {slowest.text!r} ({slowest.act}): understood after {slowest.understood_ms:.0f} ms, {slowest.reading_ms:.0f} ms of it "
             f"the model; picks {slowest.picks_ms or float('nan'):.0f} ms, first word {slowest.first_word_ms or float('nan'):.0f} ms")
