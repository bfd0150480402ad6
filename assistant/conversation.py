"""The assistant: one turn as visible steps, and everything a page or a script asks of it.

    understand -> apply -> recommend -> explain

A turn yields events as it goes, so that picks are on screen before the prose. State lives in the
database, never here: a second tab, a restart or another process sees the same conversation.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from types import ModuleType

from assistant import answers, asking, explain, steering
from assistant.claims import Claims
from assistant.errors import AssistantError, EngineError, ModelError, ReadingError
from assistant.events import Done, Event, Picks, Reply, Text, Timings, Turn, Understood
from assistant.evidence import Origins, flowing
from assistant.explain import View
from assistant.languages import WORDS, answered_in, language_of
from assistant.linking import Linker
from assistant.llm.engine import Engine, open_engine
from assistant.ranker import TOP, Estimate, Ranker
from assistant.reading import beginning
from assistant.recommend import Recommender
from assistant.replay import Replayed, replay
from assistant.settings import Settings
from assistant.state import DialogueState, Profile, Question, StateChange, Topic
from assistant.understand import understand
from assistant.wording import is_worded, tell
from store.build import build_default
from store.catalog import Catalog
from store.conversations import Conversations, Slate
from store.database import Database
from store.profiles import Profiles
from store.records import ITEM, Item, Message, Preference, Recommendation

log = logging.getLogger(__name__)

SLATE = 5
"""Picks a turn."""
STEERED = ("less", "more", "wrong")
"""What a reason can be made to do by a click."""


class Assistant:
    """Talks with any number of people over one database. Safe to use from several threads."""

    def __init__(
        self, database: Database, settings: Settings, engine: Engine | None = None, load_engine: bool = True,
        manners: asking.Manners | None = asking.MANNERS,
    ) -> None:
        self.settings = settings
        self.manners = manners
        self.database = database
        self.catalog = Catalog(database)
        self.profiles = Profiles(database)
        self.conversations = Conversations(database, self.catalog)
        self.recommender = Recommender(self.catalog)
        self._engine = engine
        self._engine_problem: AssistantError | None = None
        self._loader: threading.Thread | None = None
        if engine is None and load_engine:
            self._loader = threading.Thread(target=self._load_engine, name="model", daemon=True)
            self._loader.start()

    @classmethod
    def open(
        cls, path: str | Path | None = None, *, engine: Engine | None = None, settings: Settings | None = None, load_engine: bool = True,
        manners: asking.Manners | None = asking.MANNERS,
    ) -> Assistant:
        """Opens the database at `path`, building the default catalog if there is none (under a minute).

        The model loads in the background; the first message waits for it. `engine` brings one of your own,
        `load_engine` False does without. `manners`: when choices are offered beside picks; None: never.
        Raises StoreError for a file that is not such a database.
        """
        settings = settings or Settings.from_environment()
        path = Path(path or settings.db)
        if not path.exists():
            build_default(path)
        return cls(Database(path), settings, engine, load_engine, manners)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._loader:
            self._loader.join()
        if self._engine:
            self._engine.close()
        self.database.close()

    # the model

    def _load_engine(self) -> None:
        try:
            self._engine = open_engine(self.settings)
        except (ModelError, EngineError) as error:
            log.warning("no language model: %s", error)
            self._engine_problem = error

    @property
    def engine_problem(self) -> str | None:
        """Why there is no language model, in words for the person; None while it loads and when all is well."""
        return str(self._engine_problem) if self._engine_problem else None

    @property
    def engine_ready(self) -> bool:
        return self._engine is not None

    def _ready_engine(self) -> Engine | None:
        if self._loader:
            self._loader.join()
        return self._engine

    @cached_property
    def linker(self) -> Linker:
        return Linker(self.catalog)

    @cached_property
    def claims(self) -> Claims:
        return Claims.of(self.catalog)

    def warm_up(self) -> None:
        """Builds what the first message would otherwise wait for."""
        _ = self.linker, self.claims, self.recommender.version

    # a turn

    # `language`, "en" or "zh", is what an answer is given in; the settings' one when left out. A message with Chinese
    # characters is answered in Chinese whatever was asked for.

    def reply(self, user: str, text: str, language: str | None = None) -> Reply:
        """The whole answer to one message. Raises StoreError for a user without a name, AssistantError for an unknown language."""
        *_, done = self.stream(user, text, language)
        return done.reply

    def stream(self, user: str, text: str, language: str | None = None) -> Iterator[Event]:
        """The events of one turn: Understood, Picks if there are any, Text pieces, Done."""
        started = time.perf_counter()
        language = answered_in(text, language or self.settings.language)
        conversation = self.conversations.current(user)
        before = self.state(user)
        message = self.conversations.add_message(conversation, "user", text.strip(), user=user)
        trouble = ""
        try:
            change = understand(beginning(text.strip()), before, self.linker, self._ready_engine())
        except (EngineError, ReadingError) as error:
            log.warning("could not read a message: %s", error)
            change, trouble = StateChange("unclear", ("unclear",), questions=(Question("unclear", text),)), "failed"
        if self._engine is None:
            trouble = self.engine_problem or "off"
        change = self._apply(user, conversation, message, change)
        yield from self._answer(user, conversation, message, before, change, started, language, trouble)

    def why(self, user: str, item_id: int, language: str | None = None) -> Iterator[Event]:
        """The events of asking why a pick is there, by a click: no model is asked what was meant."""
        item = self.catalog.item(item_id)
        change = StateChange("why", ("why",), topics=(Topic(ITEM, str(item.id), item.name),))
        return self._clicked(user, lambda words: words.clicked_why(item.name), change, language)

    def _clicked(
        self, user: str, told: Callable[[ModuleType], str], change: StateChange, language: str | None
    ) -> Iterator[Event]:
        """`told`: what was clicked, from the sentences of the language."""
        started = time.perf_counter()
        language = answered_in("", language or self.settings.language)
        conversation = self.conversations.current(user)
        before = self.state(user)
        message = self.conversations.add_message(conversation, "click", told(WORDS[language]), user=user)
        change = self._apply(user, conversation, message, change)
        yield from self._answer(user, conversation, message, before, change, started, language)

    def _apply(self, user: str, conversation: int, message: Message, change: StateChange) -> StateChange:
        """Puts a change into the log, and returns it as it was applied: entries with their origin, undo spelt out."""
        added, removed = list(change.added), list(change.removed)
        if "undo" in change.acts:
            came_back, went_away = self.profiles.undo(user, conversation, message.id)
            return self._applied(user, message, change, list(came_back), list(went_away), fresh=added)
        if "reset" in change.acts:
            gone = self.profiles.reset(user, message.id)
            return self._applied(user, message, change, [], list(gone), fresh=added)
        subjects = {p.subject for p in added}
        self.profiles.remove(user, message.id, [p.subject for p in removed if p.subject not in subjects])
        return self._applied(user, message, change, [], removed, fresh=added)

    def _applied(
        self, user: str, message: Message, change: StateChange, back: list[Preference], gone: list[Preference], fresh: list[Preference]
    ) -> StateChange:
        stored = self.profiles.add(user, message.id, fresh) if fresh else ()
        return StateChange(change.act, change.acts, (*back, *stored), tuple(gone), change.topics, change.supposed,
                           change.unsupposed, change.questions)

    def _answer(
        self, user: str, conversation: int, message: Message, before: DialogueState, change: StateChange, started: float, language: str,
        trouble: str = "",
    ) -> Iterator[Event]:
        def now() -> float:
            return 1000 * (time.perf_counter() - started)

        understand_ms = now()
        yield Understood(change)
        if asking.is_answered(before.offered, change):
            self.conversations.answer_question(conversation, message.id)
        after = self.state(user)
        view = View(
            after.profile, Origins(self.conversations.messages(conversation)), message.id, self.catalog,
            self.recommender.recency(after.profile), language,
        )
        turn = answers.Turn(
            message.text, change, before, after, view, self.recommender, self.catalog, SLATE,
            lambda item_id: self.conversations.last_shown(user, item_id, before=message.id),
            self.manners if message.role == "user" else None,
        )
        slate, reasons = self._picks(turn)
        recommend_ms = now() if slate else None
        if slate:
            yield Picks(tuple(slate), reasons)
        told = answers.answer(turn, slate, trouble)
        pieces, first_text_ms = [], None
        for piece in flowing(self._sentences(told, turn, slate)):
            first_text_ms = first_text_ms or now()
            pieces.append(piece)
            yield Text(piece)
        stored = self.conversations.add_message(conversation, "assistant", "".join(pieces), change.act, user=user)
        self._remember(conversation, stored, turn, slate, told)
        yield Done(Reply(
            "".join(pieces), change.act, change, list(slate), reasons, (told.answer + told.question).evidence,
            answers.suggestions(turn, slate, told.offered), Timings(understand_ms, recommend_ms, first_text_ms, now()), stored.id, told.reruns, language,
        ))

    def _picks(self, turn: answers.Turn) -> tuple[list[Recommendation], tuple[str, ...]]:
        """The new slate of a turn, with the line of each card; empty when the turn is not about picks."""
        if not turn.wants_picks:
            return [], ()
        slate = self.recommender.recommend(turn.after.profile, n=SLATE, exclude=turn.excluded, diversify=True)
        reasons = tuple(explain.checked(explain.reason(pick, turn.view), self.claims).text for pick in slate)
        return slate, reasons

    def _sentences(self, told: answers.Told, turn: answers.Turn, slate: Sequence[Recommendation]) -> Iterator[str]:
        """The checked sentences of an answer; with picks, the model adds what it has to say about the first. Questions come last."""
        if told.notice:
            yield told.notice
        yield from self._answered(told, turn, slate)
        yield from explain.checked(told.question, self.claims).sentences

    def _answered(self, told: answers.Told, turn: answers.Turn, slate: Sequence[Recommendation]) -> Iterator[str]:
        checked = explain.checked(told.answer, self.claims)
        about = told.about or (slate[0] if slate else None)
        if about is None or not is_worded(self._engine, turn.view.language):
            yield from checked.sentences
            return
        evidence = explain.evidence_of(about, turn.view)
        given: list[str] = []
        try:
            for sentence in tell(checked, self._engine, evidence, self.claims, turn.view.seed, language=turn.view.language):
                given.append(sentence)
                yield sentence
        except EngineError as error:
            log.warning("the model could not word an answer: %s", error)
            yield from (s for s in checked.sentences if s not in given)

    def _remember(
        self, conversation: int, message: Message, turn: answers.Turn, slate: Sequence[Recommendation], told: answers.Told
    ) -> None:
        """`message`: the answer as it was stored."""
        change, after = turn.change, turn.after
        if slate:
            self.conversations.add_recommendations(
                message.id, slate, after.profile, model=self.recommender.version, excluded=turn.excluded
            )
        if told.reruns:
            self.conversations.add_reruns(message.id, told.reruns)
        if told.offered:
            self.conversations.add_question(message.id, told.offered.proposed[0].kind, [p.ref for p in told.offered.proposed])
        question = next(iter(change.questions), None) or answers.supposed(turn) or told.offered
        # The model knows a question that waits for a yes by this name; what may be made real or passed over is no question.
        asked = {"unsure": "nearest", "contrary": "unclear", "suppose": "", "prefer": ""}.get(question.kind, question.kind) if question else ""
        last = asked or ("picks" if slate else answers.LAST.get(change.act, "answer"))
        topic = next((t.item_id for t in change.topics if t.item_id is not None), None)
        about = told.about or (slate[0] if slate else None)  # the words beside a slate speak of its first pick
        shown = {r.item.id for r in after.slate}
        named = [p.item_id for p in change.added if p.item_id in shown]  # "the third one was great. more like that"
        focus = named[0] if len(named) == 1 and not told.about else about.item.id if about else topic if topic is not None else after.focus
        self.conversations.set_context(conversation, last, focus)
        self.conversations.set_pending(conversation, json.dumps(asdict(question)) if question else None)

    # what a page or a script asks

    def state(self, user: str) -> DialogueState:
        """The dialogue state of the user's current conversation, read from the database."""
        conversation = self.conversations.current(user)
        context = self.conversations.context(conversation)
        return DialogueState(
            user, conversation, Profile(user, self.profiles.view(user, conversation)), self.conversations.slate(conversation),
            self.conversations.shown(conversation), context.focus, _question(context.pending), context.last,
            self.conversations.questions(conversation),
        )

    def recommend(self, user: str, n: int = SLATE) -> list[Recommendation]:
        """The `n` best items for the user's profile as it is now; no model involved, nothing stored."""
        return self.recommender.recommend(self.state(user).profile, n=n)

    def reranked(self, user: str, n: int = SLATE) -> list[Recommendation]:
        """`recommend` with the language model's answers added to the best films: seconds on a CPU, nothing stored. Conversations
        do without (`ranker`). Raises EngineError without a model, AdapterError when it has no rank adapter."""
        profile = self.state(user).profile
        return self._ranker().rerank(profile, self.recommender.recommend(profile, n=TOP + n))[:n]

    def estimates(self, user: str, item_id: int) -> list[Estimate]:
        """What each film of the profile may have to do with the model's answer about an item; estimated, see `Ranker.estimates`."""
        return self._ranker().estimates(self.state(user).profile, self.catalog.item(item_id))

    def _ranker(self) -> Ranker:
        engine = self._ready_engine()
        if engine is None:
            raise EngineError(self.engine_problem or "there is no language model to rank with; choose an engine")
        return Ranker(engine, self.catalog)

    def replay(self, user: str, item_id: int, *, first: bool = False) -> Replayed | None:
        """A film as it was recommended last (or first), in any conversation of the user, beside where it stands now; None if
        it never was."""
        shown = self.conversations.last_shown(user, item_id, first=first)
        if shown is None:
            return None
        state = self.state(user)
        return replay(self.recommender, shown, state.profile, state.conversation_id)

    def profile(self, user: str) -> Profile:
        """What is known about the user, each entry with the message that caused it."""
        return self.state(user).profile

    def react(self, user: str, item_id: int, role: str | None, language: str | None = None) -> Iterator[Event]:
        """A click on a film: role "like", "dislike" or "seen", or None to withdraw what was said about it."""
        item = self.catalog.item(item_id)
        known = self.profile(user).get((ITEM, str(item_id)))
        removed = (known,) if known else ()
        if role is None:
            change = StateChange("undo" if known else "chat", ("constrain",), removed=removed)
            return self._clicked(user, lambda words: words.clicked_withdrawn(item.name), change, language)
        value = {"like": 0.8, "dislike": -0.8, "seen": 0.0}.get(role)
        if value is None:
            raise AssistantError(f"a click on a film means like, dislike, seen or None, not {role!r}")
        change = StateChange(role, (role,), (Preference(ITEM, str(item_id), item.name, role, value),), removed)
        return self._clicked(user, lambda words: words.clicked_feeling(role, item.name), change, language)

    def remove(self, user: str, entry_id: int, language: str | None = None) -> Iterator[Event]:
        """A click that takes one entry out of the profile. Ids mean what they mean to `steer`."""
        entry = self._entry(user, entry_id)
        return self._clicked(user, lambda words: words.clicked_remove(entry), steering.taken_out(entry), language)

    def steer(self, user: str, entry_id: int, how: str, language: str | None = None) -> Iterator[Event]:
        """A click on a reason: it counts "less" (half), "more" (double), or is "wrong" and taken out.

        The id of an entry that was said differently since means what is said now. An id that is not in the user's profile
        changes nothing. Raises AssistantError for another `how`, or for an entry without a strength.
        """
        if how not in STEERED:
            raise AssistantError(f"a reason can be made to count {', '.join(STEERED)}, not {how!r}")
        entry = self._entry(user, entry_id)
        if entry is None or how == "wrong":
            return self._clicked(user, lambda words: words.clicked_steer(how, entry), steering.taken_out(entry), language)
        now = self._strength(user, entry)
        return self._strengthen(user, entry, how, now, steering.stepped(now, how), language)

    def set_strength(self, user: str, entry_id: int, wanted: float, language: str | None = None) -> Iterator[Event]:
        """A slider let go: an entry counts with a strength in [0, 1]; below `steering.LEAST` it is taken out.

        Ids mean what they mean to `steer`. Raises AssistantError for a strength out of range, or for an entry without one.
        """
        if not 0.0 <= wanted <= 1.0:  # false for a NaN too
            raise AssistantError(f"a strength lies between 0 and 1, got {wanted}")
        entry = self._entry(user, entry_id)
        if entry is None:
            return self._clicked(user, lambda words: words.clicked_steer("strength", None), steering.taken_out(None), language)
        return self._strengthen(user, entry, "strength", self._strength(user, entry), wanted, language)

    def more_like(self, user: str, item_id: int, language: str | None = None) -> Iterator[Event]:
        """A click on a film: others like it are wished for in this conversation. What else was wished for stays."""
        item = self.catalog.item(item_id)
        known = self.profile(user).get((ITEM, str(item_id)))
        wish = Preference(ITEM, str(item_id), item.name, "similar", 1.0)
        if known and (known.role, known.value) == (wish.role, wish.value):
            change = StateChange("constrain", ("constrain",), topics=(Topic(ITEM, known.ref, known.label),))
        else:
            change = StateChange("want", ("want",), (wish,), (known,) if known else ())
        return self._clicked(user, lambda words: words.clicked_more_like(item.name), change, language)

    def strengths(self, user: str) -> dict[Preference, float]:
        """How strongly each entry of the profile that has a strength counts now, in (0, 1]."""
        profile = self.profile(user)
        fresh = self.recommender.recency(profile)
        return {
            p: steering.strength(p, self.recommender.weights, fresh.get(p, 1.0)) for p in profile if steering.has_strength(p)
        }

    def _entry(self, user: str, entry_id: int) -> Preference | None:
        """The entry of the user's profile with an id, or what is said now, in the same role, of what that entry was about."""
        profile = self.profile(user)
        found = next((p for p in profile if p.entry_id == entry_id), None)
        if found is None:
            said = next((e.preference for e in self.profiles.log(user) if e.id == entry_id and e.preference), None)
            now = profile.get(said.subject) if said else None
            found = now if now and now.role == said.role else None
        return found

    def _strength(self, user: str, entry: Preference) -> float:
        found = self.strengths(user).get(entry)
        if found is None:
            raise AssistantError(f"{entry.label!r} is a limit or a fact and has no strength; take it out instead")
        return found

    def _strengthen(self, user: str, entry: Preference, how: str, now: float, wanted: float, language: str | None) -> Iterator[Event]:
        change = steering.strengthened(entry, now, wanted, self.recommender.weights)
        percents = round(100 * now), round(100 * wanted)
        return self._clicked(user, lambda words: words.clicked_steer(how, entry, percents), change, language)

    def undo(self, user: str, language: str | None = None) -> Iterator[Event]:
        """A click on undo."""
        return self._clicked(user, lambda words: words.clicked_undo(), StateChange("undo", ("undo",)), language)

    def new_conversation(self, user: str) -> int:
        """Starts a conversation: tastes stay, wishes do not."""
        return self.conversations.start(user)

    def history(self, user: str) -> list[Turn]:
        """The current conversation, to draw it again: every message with the picks and reasons it came with."""
        conversation = self.conversations.current(user)
        messages = self.conversations.messages(conversation, user=user)
        turns = []
        for n, message in enumerate(messages):
            answered = message.role == "assistant"
            slate = self.conversations.slate_of(message.id, user=user) if answered else None
            reruns = self.conversations.reruns(message.id, user=user) if answered else ()
            picks, reasons = (slate.recommendations, self._reasons_then(slate, message, messages[: n + 1])) if slate else ((), ())
            turns.append(Turn(message, picks, reasons, reruns))
        return turns

    def _reasons_then(self, slate: Slate, message: Message, messages: Sequence[Message]) -> tuple[str, ...]:
        """The reasons of stored picks, told from the profile they were made from, in the language of the answer."""
        asked = next((m.id for m in reversed(messages) if m.role != "assistant"), message.id)
        view = View(Profile("", slate.profile), Origins(messages), asked, self.catalog, language=language_of(message.text))
        return tuple(explain.checked(explain.reason(pick, view), self.claims).text for pick in slate.recommendations)

    def choices(self, user: str, language: str | None = None) -> tuple[str, ...]:
        """Replies to the choice that was offered last, while it waits; empty when none does."""
        offered = self.state(user).offered
        return WORDS[language or self.settings.language].replies_to_choice(offered.proposed) if offered else ()

    def starters(self, n: int = 12) -> list[Item]:
        """Well-known, varied films to like or dislike first."""
        return [r.item for r in self.recommender.recommend(Profile(""), n=n, diversify=True)]

    def export(self, user: str) -> dict:
        """Everything stored about the user, as plain data."""
        return self.profiles.export(user)

    def forget(self, user: str) -> bool:
        """Deletes everything stored about the user; False when there was nothing."""
        return self.profiles.forget(user)


def _question(pending: str | None) -> Question | None:
    if not pending:
        return None
    row = json.loads(pending)
    proposed, withdrawn = (tuple(Preference(**p) for p in row.pop(part, ())) for part in ("proposed", "withdrawn"))
    return Question(**{**row, "candidates": tuple(row["candidates"]), "proposed": proposed, "withdrawn": withdrawn})
