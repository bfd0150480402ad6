"""The answers that need no scores: what was noted, the profile, facts of a film, questions, undo, help, small talk.

As in `explain`, every function is pure and returns sentences with the rows that back them. `words` is the module of
the language, as `View.words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import ModuleType

from assistant import english
from assistant.evidence import Answer, Evidence, called, clipped, counted, feeling, named, of_item, of_preference, shown, unique
from assistant.explain import View
from assistant.state import Question, StateChange, Topic
from store.records import Item, Preference

Lookup = Callable[[Sequence[int]], Sequence[Item]]
"""Items of ids, in order: `Catalog.items`."""

PROFILE_MESSAGES = 8
"""Messages whose entries are told when the profile is asked for, the latest; the page lists all."""
ACTORS, THEMES = 4, 5
"""Of a film's cast and keywords, so many are told."""


# what a message changed


def acknowledge(change: StateChange, view: View) -> Answer:
    """One or two sentences on what was put into the profile and taken out; empty when nothing was."""
    words = view.words
    sentences = [words.noted(change.added, view.seed)] if change.added else []
    subjects = {p.subject for p in change.added}
    replaced = [p for p in change.removed if p.subject in subjects and not _says_the_same(p, change.added)]
    dropped = [p for p in change.removed if p.subject not in subjects]
    if replaced:
        sentences.append(words.instead_of(replaced))
    if dropped:
        sentences.append(words.removed(dropped))
    return Answer(tuple(sentences), _of_all(change.added, change.removed))


def _of_all(*groups: Sequence[Preference]) -> tuple[Evidence, ...]:
    return unique(row for group in groups for p in group for row in of_preference(p))


def _says_the_same(old: Preference, added: Iterable[Preference]) -> bool:
    return any(p.subject == old.subject and feeling(p) == feeling(old) and p.value == old.value for p in added)


def undone(came_back: Sequence[Preference], went_away: Sequence[Preference], words: ModuleType = english) -> Answer:
    """What an undo did; with two empty sequences, that there was nothing left to undo."""
    if not came_back and not went_away:
        return Answer((words.nothing_to_undo(),))
    return Answer(tuple(words.undone(came_back, went_away)), _of_all(came_back, went_away))


def counts_now(preference: Preference, less: bool, words: ModuleType = english) -> Answer:
    """An entry was made to count `less`, or more."""
    return Answer((words.counts_now(preference, less),), _of_all((preference,)))


def nothing_changed(preference: Preference | None, words: ModuleType = english) -> Answer:
    """A change that finds nothing to change: the entry counts as wanted already, or is not there (None)."""
    if preference is None:
        return Answer((words.already_gone(),))
    return Answer((words.counts_so_already(preference),), _of_all((preference,)))


def reset(gone: Sequence[Preference], words: ModuleType = english) -> Answer:
    """What a reset did."""
    if not gone:
        return Answer((words.nothing_to_forget(),))
    return Answer(tuple(words.forgotten(len(gone))), (counted(len(gone), "things"),))


# the profile


def profile(view: View, topics: Sequence[Topic] = ()) -> Answer:
    """What is known and from which message; with topics, only what is known about these."""
    words, subjects = view.words, {(t.kind, t.ref) for t in topics}
    told = [p for p in view.profile if not subjects or p.subject in subjects]
    if subjects and not told:
        return Answer((words.told_nothing_about([words.topic(t) for t in topics]),), unique(named(*map(called, topics))))
    if not told:
        return Answer((words.know_nothing(), words.tell_me()))
    rows = [counted(len(told), "things"), *(row for p in told for row in of_preference(p, view.origins.of(p)))]
    by_message: dict[int | None, list[Preference]] = {}
    for p in told:
        by_message.setdefault(p.message_id, []).append(p)
    sentences = [] if subjects else [words.know(len(told))]
    groups = list(by_message.values())
    sentences += [_said(group, view) for group in groups[-PROFILE_MESSAGES:]]
    if len(groups) > PROFILE_MESSAGES:
        before = sum(map(len, groups[:-PROFILE_MESSAGES]))
        rows.append(counted(before, "things"))
        sentences.append(words.and_before(before))
    return Answer(tuple(sentences), unique(rows))


def _said(group: Sequence[Preference], view: View) -> str:
    """What one message told; what a click is called is not quoted."""
    origin, quote = view.origins.of(group[0]), group[0].quote
    return view.words.told_by(origin, clipped(quote) if quote and origin.kind != "click" else "", group)


# facts


def about(items: Sequence[Item], question: str = "", words: ModuleType = english) -> Answer:
    """The facts the catalog has of films, those that the question names by a plain word first."""
    rows, sentences = [], []
    for item in items:
        rows += of_item(item, cast=5, keywords=6)
        sentences += _facts(item, question.lower(), words)
    rows += [Evidence("count", "", "people", (), item.rating_count, "people") for item in items if item.rating_count]
    return Answer(tuple(sentences), unique(rows))


def _facts(item: Item, question: str, words: ModuleType) -> list[str]:
    told = {
        "cast": words.stars(item.cast[:ACTORS]) if item.cast else "",
        "long": words.takes(item.runtime) if item.runtime else "",
        "language": words.spoken_in(item.language) if item.language and item.language != "xx" else "",
        "themes": words.themes_are(item.keywords[:THEMES]) if item.keywords else "",
    }
    asked = next((key for key, cues in ASKED_FACTS if any(cue in question for cue in cues)), "")
    return [words.what_it_is(item), *(told[key] for key in sorted(told, key=lambda key: key != asked) if told[key])]


ASKED_FACTS = (
    ("cast", ("star", "cast", "actor", "actress", "who is in", "who's in", "who plays", "主演", "谁演", "演员")),
    ("long", ("how long", "runtime", "minutes", "hours", "length", "多长", "多久", "片长", "时长")),
    ("language", ("language", "subtitle", "english", "french", "语言", "字幕", "哪国")),
    ("themes", ("about", "theme", "plot", "story", "scary", "violent", "sad", "讲什么", "讲的", "剧情", "吓人", "主题")),
)
"""Which fact to tell right after what a film is; the others follow anyway, so a wrong guess costs nothing."""


def about_feature(topic: Topic, items: Sequence[Item], total: int, words: ModuleType = english) -> Answer:
    """What the catalog has with a feature: how many films, and the best known of them (`items`, best first)."""
    rows = [*named(topic.label), counted(total, "films"), *(row for item in items for row in named(item.name))]
    if not items:
        absent = Evidence("filter", "", "absent", (topic.label,))
        return Answer((words.no_film_with(words.topic(topic)),), unique((*rows, absent)))
    return Answer(tuple(words.films_with(words.topic(topic), total, items)), unique(rows))


# questions


def ask_back(questions: Sequence[Question], items: Lookup, words: ModuleType = english) -> Answer:
    """What has to be asked back: which film of a name, whether a title not in the catalog means another, or anything."""
    sentences, rows = [], []
    for question in questions:
        candidates = items(question.candidates) if question.candidates else ()
        span = clipped(question.span, 60)
        rows += [*named(*(item.name for item in candidates)), Evidence("named", "", "words", (span,) if span else ())]
        rows += [row for p in question.proposed for row in of_preference(p)]
        sentences += _question(question, span, candidates, words)
    return Answer(tuple(dict.fromkeys(sentences)), unique(rows))


def which_rather(question: Question, view: View) -> Answer:
    """A choice offered beside picks: one short sentence that names its options."""
    rows = [row for p in question.proposed for row in named(shown(p))]
    return Answer((view.words.which_rather(question.proposed, view.seed),), unique(rows))


def _question(question: Question, span: str, candidates: Sequence[Item], words: ModuleType) -> list[str]:
    kind = question.kind
    if kind == "unsure" and question.act:
        return [words.did_you_mean_reset() if question.act == "reset" else words.did_you_mean_undo(), words.say_yes_to_do()]
    if kind == "unsure":
        return words.did_you_mean_this(question.proposed)
    if kind == "which" and candidates:
        return [words.which_one(candidates)]
    if kind == "nearest":
        return words.not_in_catalog(span, candidates)
    if kind == "contrary":
        return [words.not_both()]
    return words.not_understood()


# everything else


def accepted(items: Sequence[Item], view: View) -> Answer:
    """The person takes a pick (or says yes to nothing in particular)."""
    return Answer(tuple(view.words.enjoy(items, view.seed)), unique(named(*(item.name for item in items))))


def rejected(items: Sequence[Item], view: View) -> Answer:
    """The person turns picks down."""
    return Answer((view.words.not_these(items),), unique(named(*(item.name for item in items))))


def chat(view: View) -> Answer:
    """Small talk: friendly, and back to films."""
    return Answer((view.words.hello(view.seed),))


def thanks(view: View) -> Answer:
    """The person says thanks or goodbye."""
    return Answer((view.words.welcome(view.seed),))


def help_(words: ModuleType = english) -> Answer:
    """What can be done here."""
    return Answer(tuple(words.help_()))


def too_long(words: ModuleType = english) -> Answer:
    """The message is longer than what is read."""
    return Answer((words.too_long(),))


def trouble(words: ModuleType = english) -> Answer:
    """The language model failed; everything else works."""
    return Answer(tuple(words.unreadable()))
