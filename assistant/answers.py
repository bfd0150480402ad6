"""Which answer a turn gets: one small function an act, each from evidence and reruns.

Between the conversation, which runs a turn, and `explain`, `reruns` and `replies`, which make
sentences of evidence. Nothing here reads the message for meaning or writes to the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant import asking, attribution, explain, replies, reruns, sensitivity, standing, steering
from assistant.evidence import Answer
from assistant.explain import View
from assistant.reading import MAX_CHARACTERS
from assistant.recommend import Recommender
from assistant.replay import replay
from assistant.state import DialogueState, Question, StateChange, Topic
from store.catalog import Catalog
from store.conversations import Shown
from store.records import ITEM, Item, Preference, Recommendation, Rerun

LAST = {"profile": "profile", "chat": "chat", "help": "chat", "accept": "chat", "unclear": "unclear"}
"""What the assistant is said to have done last, for acts that are not answered by an explanation."""


PICKING = frozenset({"recommend", "more", "like", "dislike", "seen", "want", "avoid", "constrain", "undo", "reset", "reject"})
"""Acts that are answered with new picks."""
TAKING_BACK = frozenset({"undo", "reset"})


@dataclass(frozen=True, slots=True)
class Turn:
    """All that an answer is made from.

    before, after: the states around the change. size: of a slate. recalled: how a film was shown last; None for one that never was.
    manners: when a choice may be offered beside picks; None: not now.
    """

    text: str
    change: StateChange
    before: DialogueState
    after: DialogueState
    view: View
    recommender: Recommender
    catalog: Catalog
    size: int
    recalled: Callable[[int], Shown | None] = lambda item_id: None
    manners: asking.Manners | None = None

    @property
    def excluded(self) -> frozenset[int]:
        """Items that are not to be picked again now: all that were shown, when other ones are asked for."""
        fresh = "more" in self.change.acts or "reject" in self.change.acts
        return self.before.shown if fresh else frozenset()

    @property
    def items(self) -> list[Item]:
        """The films a question names; without one the film talked about, else the first pick."""
        ids = [t.item_id for t in self.change.topics if t.item_id is not None]
        if not ids and not self.change.topics:
            ids = [self.before.focus] if self.before.focus is not None else [r.item.id for r in self.before.slate[:1]]
        return self.catalog.items(ids)

    @property
    def asks_first(self) -> bool:
        """Whether a question can only be answered when another one is: it names nothing but a film that is not known."""
        return bool(self.change.questions) and not self.change.topics

    @property
    def declined(self) -> bool:
        """Whether the message is a no to what was asked, and nothing more. To a choice offered beside picks "no" and "I don't mind"
        are the same; other picks are asked for by passing on these, which is an edit."""
        asked = self.before.asked or self.before.offered
        return "reject" in self.change.acts and asked is not None and not self.change.is_edit

    @property
    def idle(self) -> bool:
        """Whether it was to change the profile and found nothing to change there."""
        return self.change.acts == ("constrain",) and not self.change.is_edit and not self.change.questions

    @property
    def wants_picks(self) -> bool:
        """Whether the turn is answered with new picks: not when all of it has to be asked back first."""
        change = self.change
        if self.declined or self.idle or change.questions and not change.is_edit:
            return False
        return any(act in PICKING for act in change.acts)

    def pick(self, item: Item) -> Recommendation | None:
        """The pick on screen that is this item, as it was computed; None if it is not there."""
        return next((r for r in self.before.slate if r.item.id == item.id), None)

    def excluded_then(self) -> frozenset[int]:
        """Items that were not to be picked for the slate on screen: those shown before it, where other ones were asked for."""
        shown = self.recalled(self.before.slate[0].item.id) if self.before.slate else None
        return (shown.slate.excluded or frozenset()) if shown else frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and the pick it is about, if it is about one.

    `question` is what is asked back, said last; `offered` the choice that it offers, if it is one. `notice` is said first and is about the program (a missing model), not about films or the person: no evidence row
    could back it, so it does not go through the claim check. `reruns` are what changes that were tried do to the ranks.
    """

    answer: Answer
    about: Recommendation | None = None
    question: Answer = Answer()
    notice: str = ""
    reruns: tuple[Rerun, ...] = ()
    offered: Question | None = None


def answer(turn: Turn, slate: Sequence[Recommendation], trouble: str = "") -> Told:
    """The answer to a turn: to the change, then to each act, then what has to be asked back."""
    words = turn.view.words
    if trouble:
        return Told(replies.trouble(words)) if trouble == "failed" else Told(Answer(), notice=words.no_model(trouble))
    told = Told(_change(turn))
    for act in turn.change.acts:
        more = ANSWERS[act](turn) if act in ANSWERS else Told(Answer())
        told = Told(told.answer + more.answer, told.about or more.about, reruns=told.reruns + more.reruns)
    if slate:
        offered = offer(turn)
        beside = explain.picks(slate, turn.view, "more" in turn.change.acts, turn.size, invite=offered is None)
        told = replace(told, answer=told.answer + beside + _what_moved(turn, slate), offered=offered)
        if offered:
            told = replace(told, question=replies.which_rather(offered, turn.view))
    elif turn.wants_picks:
        told = replace(told, answer=told.answer + _nothing(turn))
    if turn.change.questions:
        told = replace(told, question=replies.ask_back(turn.change.questions, turn.catalog.items, words))
    if len(turn.text) > MAX_CHARACTERS:
        told = replace(told, answer=replies.too_long(words) + told.answer)
    return told


def offer(turn: Turn) -> Question | None:
    """The choice to offer beside new picks; None where it is not welcome or would tell too little."""
    change, asked = turn.change, turn.after.preferred
    if turn.manners is None or change.questions or not set(change.acts) <= PICKING - TAKING_BACK:
        return None
    if not asking.may_ask(turn.after.profile, asked, turn.manners):
        return None
    return asking.best_question(turn.recommender, turn.after.profile, asked, turn.excluded, turn.manners)


def _change(turn: Turn) -> Answer:
    change = turn.change
    if "undo" in change.acts:
        return replies.undone(change.added, change.removed, turn.view.words)
    if "reset" in change.acts:
        return replies.reset(change.removed, turn.view.words)
    if turn.idle:
        known = next((p for t in change.topics if (p := turn.after.profile.get((t.kind, t.ref)))), None)
        return replies.nothing_changed(known, turn.view.words)
    if change.act == "constrain" and len(change.added) == len(change.removed) == 1:
        (old,), (new,) = change.removed, change.added
        if old.subject == new.subject and old.role == new.role and steering.has_strength(new):
            return replies.counts_now(new, _counts(turn, new) < _counts(turn, old), turn.view.words)
    return replies.acknowledge(change, turn.view)


def _counts(turn: Turn, preference: Preference) -> float:
    """How strongly an entry counts, in the state that it belongs to."""
    state = turn.after if preference in turn.after.profile.preferences else turn.before
    fresh = turn.recommender.recency(state.profile).get(preference, 1.0)
    return steering.strength(preference, turn.recommender.weights, fresh)


def _what_moved(turn: Turn, slate: Sequence[Recommendation]) -> Answer:
    """What a new slate keeps of the one before, and what not; nothing when it keeps less than half: then it is another list."""
    before = turn.before.slate
    if 2 * len({r.item.id for r in before} & {r.item.id for r in slate}) < len(slate):
        return Answer()
    return reruns.what_moved(attribution.WhatIf(before, tuple(slate)), turn.view)


def _nothing(turn: Turn) -> Answer:
    """No film passes: which limits there are, and what a rerun without each of them gives."""
    relaxed = []
    for preference in turn.after.profile:
        if explain.is_limit(preference) and len(relaxed) < 4:
            without = turn.after.profile.with_changes(removed=(preference,))
            found = turn.recommender.recommend(without, n=turn.size, exclude=turn.excluded)
            if found:
                relaxed.append((preference, found))
    return explain.nothing_found(relaxed, turn.view)


# one function an act


def _why(turn: Turn) -> Told:
    if turn.asks_first:
        return Told(Answer())
    features = [t for t in turn.change.topics if t.item_id is None]
    if features and not any(t.item_id is not None for t in turn.change.topics):
        return _why_feature(turn, features)
    if not turn.before.slate and not turn.change.topics:
        return Told(_nothing_picked(turn))
    told = Told(Answer())
    for item in turn.items[:2]:
        pick = turn.pick(item)
        if pick is None:
            told = _and_replayed(told, turn, item)
            continue
        # A why of a large profile does not wait for the search: it names what is enough, "what would change it" what is least.
        small = len(turn.after.profile) <= attribution.PAIRED
        answer = explain.why(pick, turn.view) + _hangs_on(turn, pick, attribution.smallest_removal if small else attribution.removal_in_order)
        told = replace(told, answer=told.answer + answer, about=told.about or pick)
    return told


def _and_replayed(told: Told, turn: Turn, item: Item) -> Told:
    """A film that is no pick now: as it was when it was one, or why it is missing if it never was."""
    shown = turn.recalled(item.id)
    if shown is None:
        return _and_missing(told, turn, item)
    found = replay(turn.recommender, shown, turn.after.profile, turn.after.conversation_id)
    return replace(told, answer=told.answer + standing.replayed(found, turn.view))


def _hangs_on(turn: Turn, pick: Recommendation, search=attribution.smallest_removal) -> Answer:
    """What the pick's place hangs on, by reruns; nothing when a search of a part found nothing."""
    removal = search(turn.recommender, turn.after.profile, pick.item.id, slate_size=turn.size, exclude=turn.excluded_then())
    if removal is None and search is not attribution.smallest_removal:
        return Answer()
    return explain.what_would_change(pick, removal, turn.view)


def _depends(turn: Turn) -> Told:
    return _of_each_pick(turn, _hangs_on)


def _sure(turn: Turn) -> Told:
    def firmness(turn: Turn, pick: Recommendation) -> Answer:
        found = sensitivity.firmness(turn.recommender, turn.after.profile, pick, slate_size=turn.size, exclude=turn.excluded_then())
        return standing.firmness(found, turn.view)

    return _of_each_pick(turn, firmness)


def _of_each_pick(turn: Turn, told_of: Callable[[Turn, Recommendation], Answer]) -> Told:
    """An answer about the picks that a question names, at most two; of a film that is none, why it is missing."""
    if turn.asks_first:
        return Told(Answer())
    if not turn.before.slate and not turn.change.topics:
        return Told(_nothing_picked(turn))
    told = Told(Answer())
    for item in turn.items[:2]:
        pick = turn.pick(item)
        told = replace(told, answer=told.answer + told_of(turn, pick)) if pick else _and_missing(told, turn, item)
    return told


def _nothing_picked(turn: Turn) -> Answer:
    return Answer((turn.view.words.nothing_picked(), turn.view.words.tell_me()))


def _matters(turn: Turn) -> Told:
    """What the picks owe to the things told, or to those that the question names."""
    slate = turn.before.slate
    if not slate:
        return Told(_nothing_picked(turn))
    found = sensitivity.influences(turn.recommender, turn.after.profile, slate, exclude=turn.excluded_then())
    subjects = [(t.kind, t.ref) for t in turn.change.topics]
    if not subjects:
        return Told(standing.matters(found, slate, turn.view))
    named = [i for i in found if i.preference.subject in subjects]
    unknown = [t for t in turn.change.topics if (t.kind, t.ref) not in {i.preference.subject for i in named}]
    answer = replies.profile(turn.view, unknown) if unknown else Answer()
    for influence in named[:2]:
        answer += standing.matter(influence, len(slate), turn.view)
    return Told(answer)


def _drift(turn: Turn) -> Told:
    known = replies.profile(turn.view, turn.change.topics) if turn.change.topics else Answer()
    return Told(known + standing.drift(sensitivity.drift(turn.recommender, turn.after.profile, n=turn.size), turn.view))


def _wrong(turn: Turn) -> Told:
    """A reason is contested, and not said which: those of the pick talked of last."""
    item = next(iter(turn.items), None)
    return Told(standing.contested(turn.pick(item) if item else None, turn.view))


def _why_feature(turn: Turn, topics: Sequence[Topic]) -> Told:
    """Why so much of a feature: how many picks have it, what the slate owes its picks to, and what is known about the feature."""
    slate, answer = turn.before.slate, Answer()
    for topic in topics[:1] if slate else ():
        having = set(turn.catalog.having(topic.kind, topic.ref).tolist())
        answer += standing.among_picks(topic, sum(r.item.id in having for r in slate), len(slate), turn.view)
    return Told(answer + replies.profile(turn.view, topics) + explain.what_matters(slate, turn.view))


def _why_not(turn: Turn) -> Told:
    if turn.asks_first:
        return Told(Answer())
    told = Told(Answer())
    for item in turn.items[:2]:
        pick = turn.pick(item)
        told = replace(told, answer=told.answer + explain.why(pick, turn.view)) if pick else _and_missing(told, turn, item)
    features = [t for t in turn.change.topics if t.item_id is None]
    for topic in features[:1]:
        told = replace(told, answer=told.answer + replies.profile(turn.view, [topic]))
    return told


def _and_missing(told: Told, turn: Turn, item: Item) -> Told:
    """What is told, and why the item is not among the picks; with the edit that brings it in goes what that does to the others."""
    result = attribution.why_not(turn.recommender, turn.after.profile, item, slate_size=turn.size)
    answer = told.answer + reruns.why_not(result, turn.view, turn.size)
    if result.edit is None:
        return replace(told, answer=answer)
    added, removed = result.edit.added, result.edit.removed
    moved = attribution.what_if(turn.recommender, turn.after.profile, added, removed, n=turn.size)
    return replace(told, answer=answer, reruns=(*told.reruns, _rerun(turn, moved, added, removed)))


def _rerun(turn: Turn, result: attribution.WhatIf, added: Sequence[Preference], removed: Sequence[Preference]) -> Rerun:
    return attribution.rerun(turn.recommender, turn.after.profile, result, added, removed, size=turn.size)


def _what_if(turn: Turn) -> Told:
    change = turn.change
    if not change.supposed and not change.unsupposed:
        return Told(Answer())
    known = {p.subject for p in turn.after.profile}
    gone = tuple(p for p in change.unsupposed if p.subject in known)
    result = attribution.what_if(turn.recommender, turn.after.profile, change.supposed, gone, n=turn.size)
    moved = (_rerun(turn, result, change.supposed, gone),) if result.entered or result.left or result.moved else ()
    return Told(reruns.what_if(result, change.supposed, change.unsupposed, turn.view), reruns=moved)


def _compare(turn: Turn) -> Told:
    items = turn.items
    if len(items) < 2 and turn.before.slate:
        items = [*items, *(r.item for r in turn.before.slate if r.item.id not in {i.id for i in items})][:2]
    if len(items) < 2:
        return Told(Answer((turn.view.words.name_the_films(),)))
    scored = {r.item.id: r for r in turn.recommender.score(turn.after.profile, [i.id for i in items[:2]])}
    a, b = (turn.pick(i) or scored[i.id] for i in items[:2])
    return Told(explain.compare(a, b, turn.view))


def _ask(turn: Turn) -> Told:
    if turn.asks_first:
        return Told(Answer())
    features = [t for t in turn.change.topics if t.item_id is None]
    if features and not any(t.item_id is not None for t in turn.change.topics):
        ids = turn.catalog.having(features[0].kind, features[0].ref)
        best = sorted(turn.catalog.items(ids.tolist()), key=lambda i: -i.rating_count)[:3]
        return Told(replies.about_feature(features[0], best, len(ids), turn.view.words))
    items = turn.items[:2]
    if not items:
        return Told(Answer(tuple(turn.view.words.which_film())))
    return Told(replies.about(items, turn.text, turn.view.words))


def _profile(turn: Turn) -> Told:
    return Told(replies.profile(turn.view, turn.change.topics))


def _accept(turn: Turn) -> Told:
    if turn.before.asked or any(p.role in ("like", "dislike", "seen", "similar") for p in turn.change.added):
        return Told(Answer())
    ids = [t.item_id for t in turn.change.topics if t.item_id is not None]
    return Told(replies.accepted(turn.catalog.items(ids), turn.view))


def _reject(turn: Turn) -> Told:
    """What was turned down is in the acknowledgement already."""
    if turn.declined:
        return Told(Answer((turn.view.words.leave_it(),)))
    return Told(Answer() if turn.change.added else replies.rejected((), turn.view))


GRATEFUL = re.compile(r"\b(?:thank|thanks|thx|ty|cheers|bye|goodbye|goodnight)\b|谢|再见|拜拜|晚安")


def _chat(turn: Turn) -> Told:
    grateful = turn.before.last != "start" and GRATEFUL.search(turn.text.lower())
    return Told(replies.thanks(turn.view) if grateful else replies.chat(turn.view))


ANSWERS = {
    "why": _why, "why_not": _why_not, "what_if": _what_if, "compare": _compare, "ask": _ask, "profile": _profile,
    "depends": _depends, "sure": _sure, "matters": _matters, "drift": _drift, "wrong": _wrong, "accept": _accept, "reject": _reject, "chat": _chat, "help": lambda turn: Told(replies.help_(turn.view.words)),
}


def supposed(turn: Turn) -> Question | None:
    """What "do that" would make real after a what-if; None after anything else. A judged film that is left out stays known."""
    change = turn.change
    if change.act != "what_if" or change.questions or not (change.supposed or change.unsupposed):
        return None
    known = tuple(p for p in change.unsupposed if p in turn.after.profile.preferences)
    stays_known = tuple(p for p in map(steering.dropped, known) if p)
    return Question("suppose", turn.text, proposed=(*stays_known, *change.supposed), withdrawn=known)


def suggestions(turn: Turn, slate: Sequence[Recommendation], offered: Question | None = None) -> tuple[str, ...]:
    """Replies the person may want to give next: short, and each of them something that works. `offered`: the choice offered beside
    the picks."""
    words, question = turn.view.words, next(iter(turn.change.questions), None)
    if question and question.kind == "unsure":
        return words.replies_to_doubt()
    if question and question.candidates:
        return tuple(item.name for item in turn.catalog.items(question.candidates[:4]))
    if slate:
        liked = next((p.label for p in reversed(turn.after.profile.preferences) if p.kind == ITEM and p.role == "like"), None)
        usual = words.replies_to_picks(liked)
        return (*words.replies_to_choice(offered.proposed), *usual[:2]) if offered else usual
    if turn.change.act == "what_if" and supposed(turn):
        return words.replies_to_supposition()
    if turn.change.act in ("why", "why_not", "what_if", "compare", "depends", "matters", "sure", "drift", "ask"):
        return words.replies_to_reasons()
    if turn.change.act == "profile" and len(turn.after.profile):
        return words.replies_to_profile()
    return words.replies_to_nothing()
