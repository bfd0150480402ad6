"""How well picks are explained: is every statement backed, are the largest reasons named, does the text vary.

Profiles are random: liked and disliked films, tastes, wishes and limits, said in up to six messages. For every pick the
card's line and the why-answer are made as in a conversation, and with a model what it writes about the pick: by the
base alone and by the "explain" adapter where there is one, beside the why-answer that is said without a model. They are
judged against a second, freshly opened recommender that is run again: its contributions give the evidence for the claim
check, and plain arithmetic on them says whether each percent on a card is right. That the check can fail is measured too:
every sentence is also forged, one film, person, number, feeling or origin at a time, and the forgeries must be caught.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from assistant import explain
from assistant.claims import Claims
from assistant.evaluation.forgeries import forgeries
from assistant.evidence import Answer, Evidence, Origins
from assistant.explain import View
from assistant.lexicon import LANGUAGE_NAMES
from assistant.llm.engine import Engine, Prompt
from assistant.mandarin_claims import is_chinese
from assistant.mandarin_phrases import GENRES, LANGUAGES
from assistant.recommend import Recommender
from assistant.state import Profile
from assistant.wording import ADAPTER, backed, written
from store.catalog import Catalog
from store.database import Database
from store.records import ITEM, Contribution, Item, Message, Preference, Recommendation

SLATE = 5
KNOWN_FILMS = 1500
"""Random profiles name films among this many of the best known."""
MESSAGES = 6
WORDED = 100
"""Picks that a model words; it writes some forty sentences a minute on two cores."""
EVIDENCE_ONLY, BASE, WITH_ADAPTER = "evidence only", "base", "explain adapter"
"""Systems that word the same picks: the why-answer, the model with examples in its prompt, the model with its adapter."""
BOUNDS = (("runtime", "max", "at most {} minutes", (95, 110, 120, 140)), ("year", "min", "from {} or later", (1970, 1985, 1995)))

Progress = Callable[[str], None]


@dataclass(slots=True)
class Tally:
    """What is counted of one system. `shown` after the check, `written` before it."""

    written: int = 0
    written_backed: int = 0
    shown: int = 0
    shown_backed: int = 0
    picks: int = 0
    top_two: int = 0
    percents: int = 0
    percents_right: int = 0
    forged: int = 0
    forged_caught: int = 0
    lines: list[str] = field(default_factory=list)
    worded: int = 0
    silent: int = 0
    seconds: list[float] = field(default_factory=list)

    def metrics(self) -> dict[str, float]:
        """Shares in [0, 1], counts, and milliseconds; shares of nothing are left out."""
        openings = Counter(map(opening_of, self.lines))
        shares = {
            "backed": (self.shown_backed, self.shown),
            "backed_before_check": (self.written_backed, self.written),
            "two_largest_named": (self.top_two, self.picks),
            "percents_right": (self.percents_right, self.percents),
            "unique_lines": (len(set(self.lines)), len(self.lines)),
            "most_common_opening": (max(openings.values(), default=0), len(self.lines)),
            "forgeries_caught": (self.forged_caught, self.forged),
            "sentences_per_pick": (len(self.lines), self.worded),
            "picks_without_a_sentence": (self.silent, self.worded),
        }
        return {
            "statements": self.shown,
            **({"written": self.written} if self.worded else {}),
            **({"picks": self.picks} if self.picks else {}),
            **({"forgeries": self.forged} if self.forged else {}),
            **{name: part / whole for name, (part, whole) in shares.items() if whole},
            **({"ms_per_pick_p50": 1000 * statistics.median(self.seconds)} if self.seconds else {}),
        }


def opening_of(line: str) -> str:
    """Its first four words; in Chinese its first six characters: a beginning there takes up to five ("最主要的原因"), and a title cut
    short is another opening in both languages."""
    return line[:6] if is_chinese(line) else " ".join(line.split()[:4]).lower()


def evaluate(
    database_path: str | Path, engine: Engine | None = None, picks: int = 500, progress: Progress | None = None, seed: int = 1,
    worded: int = WORDED, language: str = "en",
) -> dict[str, dict[str, float]]:
    """{system: {metric: value}}: "cards" (the lines), "why" (the answers), "slates" (the words beside picks), and with an
    engine EVIDENCE_ONLY, BASE and, if it has it, WITH_ADAPTER on the first `worded` picks.

    In Chinese the engine is measured when it has the adapter, whether or not conversations take its sentences
    (`languages.WORDED_BY_MODEL`): that is decided by these figures.
    """
    engines = writers(engine if engine and (language == "en" or engine.has_adapter(ADAPTER)) else None)
    with closing(Database(database_path)) as first, closing(Database(database_path)) as second:
        made, judge = Recommender(Catalog(first)), Recommender(Catalog(second))
        return _evaluate(made, judge, engines, picks, progress, seed, worded, language)


def writers(engine: Engine | None) -> dict[str, Engine]:
    """System -> the engine that words it; empty without an engine."""
    if engine is None:
        return {}
    return {BASE: _WithoutAdapter(engine), **({WITH_ADAPTER: engine} if engine.has_adapter(ADAPTER) else {})}


def _evaluate(
    made: Recommender, judge: Recommender, engines: dict[str, Engine], picks: int, progress: Progress | None, seed: int, worded: int,
    language: str,
) -> dict[str, dict[str, float]]:
    claims = Claims.of(judge.catalog)
    tallies = {name: Tally() for name in ("cards", "why", "slates", *((EVIDENCE_ONLY,) if engines else ()), *engines)}
    done = 0
    for number, (profile, messages) in enumerate(profiles(made.catalog, seed)):
        view = View(profile, Origins(messages), number, made.catalog, made.recency(profile), language)
        fresh = View(profile, Origins(messages), number, judge.catalog, judge.recency(profile), language)
        slate = made.recommend(profile, n=min(SLATE, picks - done), diversify=True)
        again = {r.item.id: r for r in judge.recommend(profile, n=len(slate), diversify=True)}
        if slate:
            said = explain.picks(slate, view)
            _count(tallies["slates"], said, _evidence(list(again.values()), fresh), claims)
        for pick in slate:
            done += 1
            rerun = again.get(pick.item.id)
            evidence = _evidence([rerun] if rerun else [], fresh)
            _judge(pick, rerun, evidence, view, claims, tallies)
            if engines and done <= worded:
                _judge_worded(pick, rerun, evidence, view, claims, tallies, engines)
                if progress and done % 10 == 0:
                    progress(f"{done} of {worded} picks worded")
        if progress and number % 20 == 0:
            progress(f"{done} of {picks} picks explained")
        if done >= picks:
            break
    return {name: tally.metrics() for name, tally in tallies.items()}


def _judge(
    pick: Recommendation, again: Recommendation | None, evidence: Sequence[Evidence], view: View, claims: Claims, tallies: dict[str, Tally]
) -> None:
    """Makes the card's line and the why-answer of one pick, and judges them by the rerun."""
    films = view.catalog.items(view.catalog.popular(KNOWN_FILMS))
    chance = random.Random(pick.item.id)
    card = explain.reason(pick, view)
    _count(tallies["cards"], card, evidence, claims)
    _count_card(tallies["cards"], card.text, again)
    _forge(tallies["cards"], card, evidence, claims, films, chance)
    answer = explain.why(pick, view)
    _count(tallies["why"], answer, evidence, claims)
    _forge(tallies["why"], answer, evidence, claims, films, chance)


def _judge_worded(
    pick: Recommendation, again: Recommendation | None, evidence: Sequence[Evidence], view: View, claims: Claims,
    tallies: dict[str, Tally], engines: dict[str, Engine],
) -> None:
    """Lets each engine word one pick, and judges what it wrote and what of that is shown, beside the why-answer."""
    own = explain.evidence_of(pick, view)
    started = time.perf_counter()
    answer = explain.why(pick, view)
    _count_worded(tallies[EVIDENCE_ONLY], answer.sentences, explain.checked(answer, claims).sentences, started, evidence, claims, again)
    for name, engine in engines.items():
        started = time.perf_counter()
        sentences = list(written(engine, own, view.seed, view.language))
        shown = list(backed(sentences, own, claims))
        _count_worded(tallies[name], sentences, shown, started, evidence, claims, again)


def _count_worded(
    tally: Tally, sentences: Sequence[str], shown: Sequence[str], started: float, evidence: Sequence[Evidence], claims: Claims,
    again: Recommendation | None,
) -> None:
    tally.seconds.append(time.perf_counter() - started)
    tally.worded += 1
    tally.silent += not shown
    tally.written += len(sentences)
    tally.written_backed += sum(not claims.unbacked(s, evidence) for s in sentences)
    tally.shown += len(shown)
    tally.shown_backed += sum(not claims.unbacked(s, evidence) for s in shown)
    tally.lines += shown
    if largest := _largest(again):
        tally.picks += 1
        tally.top_two += all(is_named(c, " ".join(shown)) for c in largest)


@dataclass(slots=True)
class _WithoutAdapter:
    """An engine as if nobody had trained an adapter for it."""

    engine: Engine

    def has_adapter(self, name: str) -> bool:
        return False

    def stream(self, prompt: Prompt, **options: object) -> Iterator[str]:
        return self.engine.stream(prompt, **options)


def _evidence(again: Sequence[Recommendation], fresh: View) -> tuple[Evidence, ...]:
    """The rows that a rerun gives for these picks."""
    rows: list[Evidence] = []
    for pick in again:
        rows += explain.evidence_of(pick, fresh)
        rows += explain.why(pick, fresh).evidence
    rows += explain.picks(again, fresh).evidence if again else ()
    return tuple(dict.fromkeys(rows))


def _count(tally: Tally, answer: Answer, evidence: Sequence[Evidence], claims: Claims) -> None:
    kept = explain.checked(answer, claims).sentences
    tally.written += len(answer.sentences)
    tally.written_backed += sum(not claims.unbacked(s, evidence) for s in answer.sentences)
    tally.shown += len(kept)
    tally.shown_backed += sum(not claims.unbacked(s, evidence) for s in kept)
    tally.lines += kept


def _forge(
    tally: Tally, answer: Answer, evidence: Sequence[Evidence], claims: Claims, films: Sequence[Item], chance: random.Random
) -> None:
    for sentence in answer.sentences:
        for false in forgeries(sentence, evidence, films, chance):
            tally.forged += 1
            tally.forged_caught += bool(claims.unbacked(false, evidence))


# by arithmetic, without rows and claims


def _count_card(tally: Tally, line: str, again: Recommendation | None) -> None:
    """Whether a card names the two largest contributions of the rerun, and whether its percents are theirs."""
    tally.picks += 1
    largest, whole = _largest(again), _sum_of_positive(again)
    tally.top_two += bool(largest) and all(is_named(c, line) for c in largest)
    percents = [int(p) for p in re.findall(r"(-?\d+) ?%", line)]
    tally.percents += len(percents)
    tally.percents_right += sum(p == round(100 * c.value / whole) for p, c in zip(sorted(percents, reverse=True), largest, strict=False))


def _largest(again: Recommendation | None) -> list[Contribution]:
    """The two largest contributions that speak for a pick and are at least one percent of what does."""
    whole = _sum_of_positive(again)
    found = (c for c in (again.contributions if again else ()) if c.value > 0 and round(100 * c.value / whole))
    return sorted(found, key=lambda c: -c.value)[:2]


def _sum_of_positive(again: Recommendation | None) -> float:
    return sum(c.value for c in (again.contributions if again else ()) if c.value > 0)


def is_named(contribution: Contribution, line: str) -> bool:
    """Whether a line names the cause of a contribution: the film's title, a person, the stem of a genre, the prior."""
    if is_chinese(line):
        return _chinese_name(contribution) in line
    if contribution.source == "prior":
        return "popularity" in line
    name = re.sub(r" \(\d{4}\)$", "", contribution.label) if contribution.source == ITEM else contribution.label
    name = name.strip("\"“”")
    if contribution.source == "genre":
        name = {"Comedy": "comed", "Mystery": "myster", "Documentary": "documentar", "Animation": "animat", "Film-Noir": "noir"}.get(
            name, name)
    return name.lower() in line.lower()


def _chinese_name(contribution: Contribution) -> str:
    """What a Chinese line calls a cause: genres, languages, decades and the prior in Chinese, all else as in the catalog."""
    name = re.sub(r" \(\d{4}\)$", "", contribution.label).strip("\"“”")
    return {"prior": "人气", "genre": GENRES.get(contribution.ref), "language": LANGUAGES.get(contribution.ref),
            "decade": f"{contribution.ref[:4]}年代"}.get(contribution.source) or name


# profiles


def profiles(catalog: Catalog, seed: int, known: int = KNOWN_FILMS) -> Iterator[tuple[Profile, tuple[Message, ...]]]:
    """Endless random profiles with the messages they were said in, the last of them being answered."""
    chance = random.Random(seed)
    films = catalog.items(catalog.popular(known))
    values = {kind: list(catalog.values(kind))[:size] for kind, size in (
        ("genre", 18), ("person", 150), ("keyword", 80), ("decade", 6), ("language", 6))}
    while True:
        entries: dict[tuple[str, str], Preference] = {}
        for film in chance.sample(films, chance.randint(0, 6)):
            role, value = chance.choice((("like", 1.0), ("like", 1.0), ("like", 0.8), ("dislike", -0.8), ("similar", 1.0), ("seen", 0.0)))
            entries[ITEM, str(film.id)] = Preference(ITEM, str(film.id), film.name, role, value)
        for kind in chance.sample(list(values), chance.randint(0, 2)):
            value = chance.choice(values[kind])
            role, strength = chance.choice((("want", 1.0), ("like", 0.8), ("like", 1.0), ("dislike", -0.8), ("avoid", -1.0)))
            label = LANGUAGE_NAMES.get(value, value) if kind == "language" else value
            entries[kind, value] = Preference(kind, value, label, role, strength)
        if chance.random() < 0.3:
            kind, role, label, numbers = chance.choice(BOUNDS)
            number = chance.choice(numbers)
            entries[kind, role] = Preference(kind, role, label.format(number), role, float(number))
        yield _said(list(entries.values()), chance)


def _said(entries: list[Preference], chance: random.Random) -> tuple[Profile, tuple[Message, ...]]:
    """The preferences as if said in these messages, one of them a click; some in an earlier conversation."""
    messages = tuple(
        Message(100 + n, 2, "click" if n == 1 else "user", f"message {n}", None, float(n)) for n in range(MESSAGES)
    )
    origins = sorted(chance.choice((50, *(m.id for m in messages))) for _ in entries)
    told = tuple(
        Preference(p.kind, p.ref, p.label, p.role, p.value, n + 1, message_id, f"message {message_id}", float(n))
        for n, (p, message_id) in enumerate(zip(entries, origins, strict=True))
    )
    return Profile("someone", told), messages
