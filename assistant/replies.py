"""The answers that need no scores: what was noted, the profile, facts of a film, questions, undo, help, small talk.

As in `explain`, every function is pure and returns sentences with the rows that back them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from assistant.evidence import Answer, Evidence, clipped, counted, feeling, named, of_item, of_preference, shown, unique
from assistant.explain import View
from assistant.phrases import capital, choose, count, felt, genres_of, held, joined, language_of, limit, spoken, when
from assistant.state import Question, StateChange, Topic
from store.records import ITEM, Item, Preference

Lookup = Callable[[Sequence[int]], Sequence[Item]]
"""Items of ids, in order: `Catalog.items`."""

PROFILE_MESSAGES = 8
"""Messages whose entries are told when the profile is asked for, the latest; the page lists all."""


# what a message changed


def acknowledge(change: StateChange, view: View) -> Answer:
    """One or two sentences on what was put into the profile and taken out; empty when nothing was."""
    rows = [row for p in (*change.added, *change.removed) for row in of_preference(p)]
    sentences = []
    if change.added:
        sentences.append(f"{choose((view.seed, 'noted'), ('Noted', 'Got it', 'OK'))}: {'; '.join(_grouped(change.added))}.")
    subjects = {p.subject for p in change.added}
    replaced = [p for p in change.removed if p.subject in subjects and not _says_the_same(p, change.added)]
    dropped = [p for p in change.removed if p.subject not in subjects]
    if replaced:
        sentences.append(f"That is instead of {joined(map(held, replaced))}.")
    if dropped:
        sentences.append(f"Removed: {joined(map(held, dropped))}.")
    return Answer(tuple(sentences), unique(rows))


def _says_the_same(old: Preference, added: Iterable[Preference]) -> bool:
    return any(p.subject == old.subject and feeling(p) == feeling(old) and p.value == old.value for p in added)


def _grouped(preferences: Sequence[Preference]) -> list[str]:
    """Preferences with those of one feeling together: "you loved Heat (1995) and Alien (1979)", "no horror films"."""
    groups: dict[tuple[str, bool], list[Preference]] = {}
    for p in preferences:
        groups.setdefault((feeling(p), p.kind == ITEM), []).append(p)
    told = []
    for (label, film), group in groups.items():
        names = [spoken(shown(p)) for p in group]
        if label == "limit" or label == "avoid" and not film:
            told += [limit(p) for p in group]
        elif label == "only":
            told.append(f"only {joined(names, 'or')}")
        elif label == "skip":
            told.append(f"not {joined(names, 'or')} this time")
        else:
            told.append(felt(group[0]).removesuffix(names[0]) + joined(names, "or" if label == "avoid" else "and"))
    return told


def undone(came_back: Sequence[Preference], went_away: Sequence[Preference]) -> Answer:
    """What an undo did; with two empty sequences, that there was nothing left to undo."""
    rows = unique(row for p in (*came_back, *went_away) for row in of_preference(p))
    if not rows:
        return Answer(("There is nothing left to undo here.",))
    sentences = ["Undone."]
    if went_away:
        sentences.append(f"Gone again: {joined(map(held, went_away))}.")
    if came_back:
        sentences.append(f"Back again: {joined(map(held, came_back))}.")
    return Answer(tuple(sentences), rows)


def removed(preferences: Sequence[Preference]) -> Answer:
    """What a click on the profile took out."""
    rows = unique(row for p in preferences for row in of_preference(p))
    if not rows:
        return Answer(("That is not in your profile any more.",))
    return Answer((f"Removed: {joined(map(held, preferences))}.",), rows)


def reset(gone: Sequence[Preference]) -> Answer:
    """What a reset did."""
    if not gone:
        return Answer(("There was nothing to forget: I know nothing about your taste yet.",))
    number = counted(len(gone), "things")
    return Answer((
        f"Done: I have forgotten {count(len(gone), 'thing')} you told me.", "If that was wrong, say undo and it all comes back.",
    ), (number,))


# the profile


def profile(view: View, topics: Sequence[Topic] = ()) -> Answer:
    """What is known and from which message; with topics, only what is known about these."""
    subjects = {(t.kind, t.ref) for t in topics}
    told = [p for p in view.profile if not subjects or p.subject in subjects]
    if subjects and not told:
        names = [t.label for t in topics]
        return Answer((f"You have told me nothing about {joined(names, 'or')}.",), unique(named(*names)))
    if not told:
        return Answer(("I know nothing about your taste yet.", "Tell me a film you loved, or what you are in the mood for."))
    rows = [counted(len(told), "things"), *(row for p in told for row in of_preference(p, view.origins.of(p)))]
    by_message: dict[int | None, list[Preference]] = {}
    for p in told:
        by_message.setdefault(p.message_id, []).append(p)
    sentences = [] if subjects else [f"I know {count(len(told), 'thing')} about you."]
    groups = list(by_message.values())
    sentences += [_said(group, view) for group in groups[-PROFILE_MESSAGES:]]
    if len(groups) > PROFILE_MESSAGES:
        before = sum(map(len, groups[:-PROFILE_MESSAGES]))
        rows.append(counted(before, "things"))
        sentences.append(f"And {count(before, 'thing')} before that.")
    return Answer(tuple(sentences), unique(rows))


def _said(group: Sequence[Preference], view: View) -> str:
    """What one message told: "Two messages ago you said “I loved Heat, nothing long”: you loved Heat (1995); at most 120 minutes."."""
    origin, told = view.origins.of(group[0]), "; ".join(_grouped(group))
    quote = f" you said “{clipped(group[0].quote)}”" if group[0].quote and origin.kind != "click" else ""
    return capital(f"{when(origin)}{quote}: {told}." if when(origin) else f"{told}.")


# facts


def about(items: Sequence[Item], question: str = "") -> Answer:
    """The facts the catalog has of films, those that the question names by a plain word first."""
    rows, sentences = [], []
    for item in items:
        rows += of_item(item, cast=5, keywords=6)
        sentences += _facts(item, question.lower())
    rows += [Evidence("count", "", "people", (), item.rating_count, "people") for item in items if item.rating_count]
    return Answer(tuple(sentences), unique(rows))


def _facts(item: Item, question: str) -> list[str]:
    by = f" directed by {joined(item.directors)}" if item.directors else ""
    kind = genres_of(item)
    year = f" from {item.year}" if item.year and not item.genres else ""
    parts = {
        "what": f"{item.name} is {kind}{year}{by}." if kind or by else f"{item.name} is in the catalog.",
        "cast": f"It stars {joined(item.cast[:4])}." if item.cast else "",
        "long": f"It takes {item.runtime} minutes." if item.runtime else "",
        "language": f"It is in {language_of(item)}." if item.language and item.language != "xx" else "",
        "themes": f"Its themes: {joined(item.keywords[:5])}." if item.keywords else "",
    }
    asked = next((key for key, words in ASKED_FACTS if any(w in question for w in words)), "what")
    order = ["what", *[asked] * (asked != "what"), *(k for k in ("cast", "long", "language", "themes") if k != asked)]
    return [parts[key] for key in order if parts[key]]


ASKED_FACTS = (
    ("cast", ("star", "cast", "actor", "actress", "who is in", "who's in", "who plays", "主演", "谁演", "演员")),
    ("long", ("how long", "runtime", "minutes", "hours", "length", "多长", "多久", "片长", "时长")),
    ("language", ("language", "subtitle", "english", "french", "语言", "字幕", "哪国")),
    ("themes", ("about", "theme", "plot", "story", "scary", "violent", "sad", "讲什么", "讲的", "剧情", "吓人", "主题")),
)
"""Which fact to tell right after what a film is; the others follow anyway, so a wrong guess costs nothing."""


def about_feature(topic: Topic, items: Sequence[Item], total: int) -> Answer:
    """What the catalog has with a feature: how many films, and the best known of them (`items`, best first)."""
    rows = [*named(topic.label), counted(total, "films"), *(row for item in items for row in named(item.name))]
    if not items:
        return Answer((f"The catalog has no film with {topic.label}.",), unique((*rows, *_blocks(topic))))
    best = f"The most rated {'is' if len(items) == 1 else 'are'} {joined(item.name for item in items)}."
    return Answer((f"The catalog has {count(total, 'film')} for {topic.label}.", best), unique(rows))


def _blocks(topic: Topic) -> list[Evidence]:
    return [Evidence("filter", "", "absent", (topic.label,))]


# questions


def ask_back(questions: Sequence[Question], items: Lookup) -> Answer:
    """What has to be asked back: which film of a name, whether a title not in the catalog means another, or anything."""
    sentences, rows = [], []
    for question in questions:
        candidates = items(question.candidates) if question.candidates else ()
        span = clipped(question.span, 60)
        rows += [*named(*(item.name for item in candidates)), Evidence("named", "", "words", (span,) if span else ())]
        rows += [row for p in question.proposed for row in of_preference(p)]
        sentences += _question(question, span, [item.name for item in candidates])
    return Answer(tuple(dict.fromkeys(sentences)), unique(rows))


def _question(question: Question, span: str, names: Sequence[str]) -> list[str]:
    kind = question.kind
    if kind == "unsure" and question.act:
        meant = "to start over, and that I forget what you told me" if question.act == "reset" else "to undo the last change"
        return [f"Did you mean {meant}?", "Say yes and I do it, or say it another way."]
    if kind == "unsure":
        return [f"Did you mean this: {'; '.join(_grouped(question.proposed))}?", "Say yes and I note it, or say it another way."]
    if kind == "which" and names:
        return [f"Which one do you mean: {joined(names, 'or')}?"]
    if kind == "nearest":
        if not names:
            return [f"“{span}” is not in my catalog, and I know no title like it."]
        return [f"“{span}” is not in my catalog.", f"Did you mean {joined(names, 'or')}?"]
    return ["I did not understand that.", "Tell me a film you loved, what you are in the mood for, or ask why a pick is here."]


# everything else


def accepted(items: Sequence[Item], view: View) -> Answer:
    """The person takes a pick (or says yes to nothing in particular)."""
    if not items:
        return Answer((choose((view.seed, "yes"), ("Good!", "OK!", "Fine!")), "Say more for other films, or ask why one is here."))
    names = joined(item.name for item in items)
    wish = choose((view.seed, names), ("Enjoy {}!", "A fine choice: enjoy {}!", "Have a good time with {}!")).format(names)
    return Answer((wish, "Tell me afterwards how you liked it, and I will know you better."), unique(named(*(i.name for i in items))))


def rejected(items: Sequence[Item], view: View) -> Answer:
    """The person turns picks down."""
    if not items:
        return Answer(("OK, not these.",))
    names = joined((item.name for item in items), "or")
    return Answer((f"OK, not {names}.",), unique(named(*(item.name for item in items))))


def chat(view: View) -> Answer:
    """Small talk: friendly, and back to films."""
    return Answer((choose((view.seed, "chat"), (
        "Hello! Tell me a film you loved, or what you are in the mood for.",
        "Hi! I pick films for you and can always say why: which one did you like?",
        "Good to see you! Which film did you like?",
    )),))


def thanks(view: View) -> Answer:
    """The person says thanks or goodbye."""
    return Answer((choose((view.seed, "thanks"), ("You are welcome!", "Any time!", "Good, see you soon!")),))


def help_() -> Answer:
    """What can be done here."""
    return Answer((
        "Tell me films you liked or disliked, people, genres, years, or how long it may be, and I pick films for you.",
        "Ask why one is here, why another is not, or what would change if you had not liked something: the answer is the "
        "computation, not a guess.",
        "Say undo to take back the last thing, or start over to forget everything.",
    ))


def too_long() -> Answer:
    """The message is longer than what is read."""
    return Answer(("That is long: I read only the start of it.",))


def trouble() -> Answer:
    """The language model failed; everything else works."""
    return Answer(("I could not read that message, so nothing was changed.", "Please say it another way."))
