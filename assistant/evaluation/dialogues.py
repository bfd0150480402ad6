"""How soon a hidden film is found in conversation, through the whole assistant and through the recommender alone.

Each of `n` people of the community ratings has one film in mind: one that they rated 4 or more in the held-out part
(`ranking.read_split`), of which the catalog has people and themes. `simulated` speaks for them, five turns at most. After
every turn the film's place is looked up in the 50 best of the profile as it stands; once the film is among the picks
on screen the conversation is over and its place stays. All systems read one database that was built without the held-out
ratings: weights and popularity come from the earlier ones only.

"perfect" is the recommender with every message understood as it was meant; "assistant" reads them with the model.
"ask" asks the best question, "random" any that could be asked, "quiet" none: the person then says nothing but what
they think of the picks.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

import store
from assistant import reading
from assistant.asking import KINDS, MANNERS, PREFER, Belief, Manners, askable, best_question, may_ask, open_kinds, option
from assistant.conversation import SLATE, Assistant
from assistant.evaluation import simulated
from assistant.evaluation.metrics import interval
from assistant.evaluation.plots import Panel
from assistant.evaluation.ranking import Split, read_split
from assistant.evaluation.reports import Report, between, markdown, with_bounds
from assistant.evaluation.simulated import Said, Wanted, says
from assistant.llm.engine import Engine, Prompt
from assistant.recommend import Recommender
from assistant.settings import Settings
from assistant.state import Profile, Question
from store.build import build
from store.catalog import VERSION_DIGITS, Catalog
from store.database import Database
from store.importers.facts import FilmFacts
from store.records import Asked, Item, Preference

TURNS = 5
CUTS = (1, 10, 50)
MEASURES = ("success@1", "success@10", "success@50", "on screen")
QUICK = 12
"""Conversations of a quick run."""
WISHED = 4.0
"""Held-out ratings from which on a film is one to have in mind."""
OPENED_WITH = 4.0
"""Ratings from which on a film is one to open with."""

Progress = Callable[[str], None]
Chooser = Callable[[Profile, Sequence[Asked]], Question | None]


@dataclass(frozen=True, slots=True)
class Aim:
    """One conversation to hold: who (row of the split), the film in mind, the films to open with, the person's own earlier ratings.

    names: the title and other names of the film in mind, which no message may have.
    """

    row: int
    target: Item
    liked: tuple[tuple[Item, float], ...]
    known: dict[int, float]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a side shows after a message: the picks on screen, the choice it offers, the ids of the best films of the profile, whether
    the profile changed as was meant, and what it wants a yes for ("did you mean ...?"), None for nothing."""

    slate: tuple[Item, ...]
    question: Question | None
    ranked: tuple[int, ...]
    understood: bool = True
    doubted: tuple[Preference, ...] | None = None


class Side(Protocol):
    """One who answers: the recommender alone, or the whole assistant."""

    def begin(self, aim: Aim) -> None: ...

    def say(self, said: Said) -> Told: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation: what was said, the place of the film in mind among the 50 best after it (None: beyond), whether it
    is on screen, whether an attribute was asked about, whether the message was understood."""

    text: str
    rank: int | None
    shown: bool
    asked: str
    understood: bool


def converse(aim: Aim, side: Side, seed: int) -> list[Turn]:
    """One conversation, TURNS long; once the film is on screen it is over, and the last turn is repeated without words."""
    rng = random.Random(f"{seed} {aim.row} {aim.target.id}")
    wanted, turns = Wanted.of(aim.target), []
    side.begin(aim)
    said = simulated.opening(aim.liked, rng)
    while len(turns) < TURNS:
        told = side.say(said)
        rank = told.ranked.index(aim.target.id) + 1 if aim.target.id in told.ranked else None
        shown = any(item.id == aim.target.id for item in told.slate)
        asked = told.question.proposed[0].kind if told.question else ""
        turns.append(Turn(said.text, rank, shown, asked, told.understood))
        if shown:
            return turns + [replace(turns[-1], text="", asked="", understood=True)] * (TURNS - len(turns))
        said = _next(wanted, said, told, aim, rng)
    return turns


def _next(wanted: Wanted, before: Said, told: Told, aim: Aim, rng: random.Random) -> Said:
    """The answer to what was asked, else a reaction; the opening again, with years, where it brought no picks. Words that happen to be
    in the title of the film in mind are not said."""
    if told.doubted is not None:
        meant = {(p.subject, p.role) for p in before.means}
        return simulated.confirm(told.doubted if {(p.subject, p.role) for p in told.doubted} <= meant else ())
    if not told.slate:
        return simulated.opening(aim.liked, rng, years=True)
    if told.question:
        said = simulated.answer(wanted, told.question, rng)
    else:
        said = simulated.react(wanted, told.slate, aim.known, rng)
    return simulated.dont_mind(rng) if any(says(said.text, name) for name in aim.names) else said


# who talks


def aims(split: Split, catalog: Catalog, n: int, seed: int) -> list[Aim]:
    """Up to `n` people in random order, each with one film in mind that can be spoken of."""
    names = {item_id: (title, *aliases) for item_id, title, _, _, aliases in catalog.titles()}
    items = dict(zip(split.item_ids.tolist(), catalog.items(split.item_ids.tolist()), strict=True))
    rng, found = random.Random(seed), []
    for row in rng.sample(range(split.people), split.people):
        if len(found) == n:
            break
        own = split.row == row
        known = {int(split.item_ids[c]): float(r) for c, r in zip(split.column[own & split.known], split.rating[own & split.known], strict=True)}
        wished = split.item_ids[split.column[own & split.held_out & (split.rating >= WISHED)]].tolist()
        targets = [items[i] for i in wished if _can_be_in_mind(items[i], names[i])]
        if not targets:
            continue
        target = rng.choice(targets)
        liked = [
            (items[i], rating) for i, rating in known.items()
            if rating >= OPENED_WITH and not any(says(items[i].title, name) for name in names[target.id])
        ]
        if liked:
            opened = rng.sample(liked, min(len(liked), rng.choice((1, 2))))
            found.append(Aim(row, target, tuple(opened), known, names[target.id]))
    return found


def _can_be_in_mind(item: Item, names: Sequence[str]) -> bool:
    """A film of which questions can be answered, and whose title is no word that anybody says of any film."""
    spoken_of = bool(item.genres and item.year and item.people and item.keywords)
    return spoken_of and not any(says(wording, name) for wording in simulated.WORDINGS for name in names)


# who answers


class Perfect:
    """The recommender alone: what is meant is what is applied. `ask`: what it asks, or None."""

    def __init__(self, recommender: Recommender, ask: Chooser | None, manners: Manners = MANNERS) -> None:
        self.recommender = recommender
        self.ask = ask
        self.manners = manners

    def begin(self, aim: Aim) -> None:
        self.profile, self.asked, self.slate = Profile(""), (), ()
        self.waiting: Question | None = None

    def say(self, said: Said) -> Told:
        self.profile = self.profile.with_changes(said.means)
        self.asked = tuple(replace(a, messages_since=a.messages_since + 1) for a in self.asked)
        if self.waiting:
            self.asked = (*self.asked[:-1], replace(self.asked[-1], answered=True))
        if said.means:
            self.slate = tuple(r.item for r in self.recommender.recommend(self.profile, n=SLATE, diversify=True))
        self.waiting = None
        if said.means and self.ask and may_ask(self.profile, self.asked, self.manners):
            self.waiting = self.ask(self.profile, self.asked)
        if self.waiting:
            self.asked = (*self.asked, Asked(self.waiting.proposed[0].kind, tuple(p.ref for p in self.waiting.proposed)))
        ranked = self.recommender.recommend(self.profile, n=CUTS[-1])
        return Told(self.slate, self.waiting, tuple(r.item.id for r in ranked))


def random_question(recommender: Recommender, rng: random.Random, manners: Manners = MANNERS) -> Chooser:
    """A chooser that names as many values as `manners` allows of any kind that could be asked about, whatever they would tell."""

    def choose(profile: Profile, asked: Sequence[Asked]) -> Question | None:
        belief = Belief.of(recommender.recommend(profile, n=manners.candidates), manners.temperature)
        for kind in rng.sample(kinds := open_kinds(profile, asked), len(kinds)):
            values = sorted(askable(recommender.catalog, profile, kind, belief))
            if len(values) >= 2:
                return Question(PREFER, proposed=tuple(option(kind, value) for value in rng.sample(values, min(manners.options, len(values)))))
        return None

    return choose


class Full:
    """The whole assistant, a person of its own for each conversation."""

    def __init__(self, assistant: Assistant, name: str) -> None:
        self.assistant = assistant
        self.name = name

    def begin(self, aim: Aim) -> None:
        self.user, self.slate = f"{self.name} {aim.row}", ()

    def say(self, said: Said) -> Told:
        before = self.assistant.profile(self.user)
        reply = self.assistant.reply(self.user, said.text)
        self.slate = tuple(r.item for r in reply.recommendations) or self.slate
        state = self.assistant.state(self.user)
        doubt = state.asked.proposed if state.asked and state.asked.kind == "unsure" else None
        meant = _subjects(before.with_changes(said.means))
        ranked = self.assistant.recommend(self.user, n=CUTS[-1])
        return Told(self.slate, state.offered, tuple(r.item.id for r in ranked), _subjects(state.profile) == meant, doubt)


def _subjects(profile: Profile) -> set[tuple[str, str, str, float]]:
    """What a profile says, whoever said it when; love and like are one."""
    return {(p.kind, p.ref, p.role, p.value if p.role in ("max", "min") else 0.0) for p in profile}


# the measurement


class Remembered:
    """An engine that reads each distinct message once, and words nothing: the model's own sentences change no pick.

    Decoding is greedy, so what is remembered is what would come again.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.calls = 0
        self._engine = engine
        self._said: dict[tuple[str, str], list[str]] = {}

    def has_adapter(self, name: str) -> bool:
        return name == reading.ADAPTER and self._engine.has_adapter(name)

    def stream(self, prompt: Prompt, *, schema: dict | None = None, **options) -> Iterator[str]:
        if schema is None:
            return iter(())
        key = str(prompt), json.dumps(schema)
        if key not in self._said:
            self.calls += 1
            self._said[key] = list(self._engine.stream(prompt, schema=schema, **options))
        return iter(self._said[key])

    def close(self) -> None:
        """The engine belongs to whoever gave it."""


@contextmanager
def earlier_database(
    database_path: str | Path, progress: Progress = lambda text: None, cache: Path | None = None, rounds: int = 1
) -> Iterator[tuple[Path, Split]]:
    """A database of the same films built without the held-out ratings, nobody's talk in it, and the split; deleted in the end. rounds:
    see `read_split`.

    The build is the one that the program is shipped with, so the weights are what it would have known then. It is kept in the
    folder `cache` (None: nowhere) for the next run on the same catalog with the same code.
    """
    with Database(database_path) as database:
        split = read_split(database, rounds)
        kept = cache / f"{'earlier-' * rounds}{_made_of(Catalog(database))}.db" if cache else None
        films = [] if kept and kept.exists() else list(facts(database))
    with tempfile.TemporaryDirectory(prefix="tellwhy-") as folder:
        path = Path(folder) / "earlier.db"
        if films:
            build(path, films, split.training, progress)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, kept.with_suffix(".new"))
                kept.with_suffix(".new").replace(kept)
        else:
            progress(f"built before: {kept}")
            shutil.copy(kept, path)
        yield path, split


def _made_of(catalog: Catalog) -> str:
    """Names the catalog and the code that builds one; other than either, other name."""
    digest = hashlib.sha256(catalog.version.encode())
    for source in sorted(Path(store.__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:VERSION_DIGITS]


def facts(database: Database) -> Iterator[FilmFacts]:
    """What the catalog of a database was built from, but for the ratings."""
    aliases: dict[int, list[str]] = {}
    for item_id, name in database.connection().execute("SELECT item_id, name FROM item_aliases ORDER BY item_id, position").fetchall():
        aliases.setdefault(item_id, []).append(name)
    columns = "id, title, year, runtime, language, genres, directors, actors, keywords"
    for item_id, title, year, runtime, language, *lists in database.connection().execute(f"SELECT {columns} FROM items ORDER BY id").fetchall():
        genres, directors, cast, keywords = (tuple(json.loads(names)) for names in lists)
        yield FilmFacts(
            id=item_id, title=title, year=year, aliases=tuple(aliases.get(item_id, ())), genres=genres, directors=directors, cast=cast,
            keywords=keywords, runtime=runtime, language=language,
        )


def evaluate(
    database_path: str | Path, engine: Engine | None = None, *, n: int = 300, seed: int = 1, quick: bool = False,
    manners: Manners = MANNERS, progress: Progress = lambda text: None, cache: Path | None = None,
) -> Report:
    """Success at 1, 10 and 50 and on screen after each turn, with 95 % intervals over people, of all systems.

    Without an engine only the recommender alone is measured. quick: QUICK conversations. cache: see
    `earlier_database`. Nothing is written to `database_path`.
    """
    results: dict[str, list[list[Turn]]] = {}
    with earlier_database(database_path, progress, cache) as (path, split):
        with Database(path) as database:
            catalog = Catalog(database)
            recommender = Recommender(catalog)
            found = aims(split, catalog, min(n, QUICK) if quick else n, seed)
            for name, ask in _choosers(recommender, manners, seed).items():
                progress(f"perfect {name}: {len(found)} conversations")
                results[f"perfect {name}"] = [converse(aim, Perfect(recommender, ask, manners), seed) for aim in found]
        if engine:
            remembered = Remembered(engine)
            for name, asks in (("ask", manners), ("quiet", None)):
                started = time.perf_counter()
                with Assistant.open(path, engine=remembered, settings=Settings(db=str(path)), manners=asks) as assistant:
                    side, key = Full(assistant, name), f"assistant {name}"
                    results[key] = []
                    for number, aim in enumerate(found):
                        if number % 25 == 0:
                            progress(f"{key}: {number} of {len(found)} conversations, {time.perf_counter() - started:.0f} s, {remembered.calls} messages read")
                        results[key].append(converse(aim, side, seed))
    return report(results, found, seed)


def _choosers(recommender: Recommender, manners: Manners, seed: int) -> dict[str, Chooser | None]:
    def best(profile: Profile, asked: Sequence[Asked]) -> Question | None:
        return best_question(recommender, profile, asked, manners=manners)

    return {"ask": best, "random": random_question(recommender, random.Random(seed), manners), "quiet": None}


# figures


def report(results: Mapping[str, Sequence[Sequence[Turn]]], found: Sequence[Aim], seed: int) -> Report:
    """Metrics, a table and everything that was said."""
    metrics = summary(results, seed)
    systems = [name for name in metrics if " - " not in name]
    rows = [
        [name, str(turn), *(_cell(metrics[name], f"{measure} turn {turn}") for measure in MEASURES)]
        for name in systems for turn in range(1, TURNS + 1)
    ]
    gains = [
        [name, str(turn), *(_cell(metrics[name], f"{measure} turn {turn}", sign=True) for measure in MEASURES)]
        for name in metrics if " - " in name for turn in (3, TURNS)
    ]
    talk = [
        [name, f"{metrics[name]['messages']}", f"{metrics[name]['asked']:.2f}", f"{metrics[name]['misread']:.3f}"] for name in systems
    ]
    text = "\n\n".join((
        f"{len(found)} people with a film in mind; 95 % intervals over people in brackets.", markdown(["system", "after turn", *MEASURES], rows),
        markdown(["gain", "after turn", *MEASURES], gains), markdown(["system", "messages", "questions a conversation", "misread"], talk),
    ))
    conversations = [
        {"film": aim.target.name, "opened with": [item.name for item, _ in aim.liked],
         **{name: [asdict(turn) for turn in turns[place] if turn.text] for name, turns in results.items()}}
        for place, aim in enumerate(found)
    ]
    return Report(metrics, text, {"metrics": metrics, "seed": seed, "conversations": conversations}, _panels(metrics, systems))


def _panels(metrics: Mapping[str, Mapping[str, float]], systems: Sequence[str]) -> tuple[Panel, ...]:
    places = [str(turn) for turn in range(1, TURNS + 1)]
    ours = next((name for name in ("assistant ask", "perfect ask") if name in systems), "")
    return tuple(
        Panel(
            measure, {name: [tuple(metrics[name][f"{measure} turn {place}{end}"] for end in ("", " low", " high")) for place in places] for name in systems},
            places, "after turn", ours,
        ) for measure in ("success@10", "on screen")
    )


def _cell(metrics: Mapping[str, float], key: str, sign: bool = False) -> str:
    return between(metrics[key], (metrics[f"{key} low"], metrics[f"{key} high"]), sign)


def summary(results: Mapping[str, Sequence[Sequence[Turn]]], seed: int) -> dict[str, dict[str, float]]:
    """Metrics of each system, and the gains of "ask" over the others of its side and of "perfect" over "assistant", with 95 %
    intervals by resampling people."""
    summed: dict[str, dict[str, float]] = {}
    hits = {name: _hits(conversations) for name, conversations in results.items()}
    for name, found in hits.items():
        said = [turn for turns in results[name] for turn in turns if turn.text]
        summed[name] = {"conversations": len(results[name])} | _with_intervals(found, seed)
        summed[name] |= {
            "messages": len(said), "misread": sum(not turn.understood for turn in said) / max(1, len(said)),
            "asked": sum(bool(turn.asked) for turn in said) / max(1, len(results[name])),
        }
    pairs = [(f"{side} ask", f"{side} {other}") for side in ("perfect", "assistant") for other in ("quiet", "random")]
    for one, other in (*pairs, ("perfect ask", "assistant ask"), ("perfect quiet", "assistant quiet")):
        if one in hits and other in hits:
            summed[f"{one} - {other}"] = _with_intervals({key: hits[one][key] - hits[other][key] for key in hits[one]}, seed)
    return summed


def _hits(conversations: Sequence[Sequence[Turn]]) -> dict[str, np.ndarray]:
    """Metric -> 1 or 0 for each person."""
    found = {}
    for turn in range(TURNS):
        for cut in CUTS:
            found[f"success@{cut} turn {turn + 1}"] = np.array([(t[turn].rank or 10**6) <= cut for t in conversations], dtype=float)
        found[f"on screen turn {turn + 1}"] = np.array([t[turn].shown for t in conversations], dtype=float)
    return found


def _with_intervals(found: Mapping[str, np.ndarray], seed: int) -> dict[str, float]:
    bounds = {key: interval(values, seed=seed) for key, values in found.items()}
    return with_bounds({key: float(values.mean()) for key, values in found.items()}, bounds)
