"""How picks stand: what they owe to each entry, how firmly, what the halves of a taste would pick, and what has changed since.

Like `explain`: pure functions from reruns to sentences, put into words by `View.words`, with the rows that back them. What
leaving something out does is told as that, never as a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant import explain
from assistant.evidence import Answer, Cause, Evidence, called, causes, counted, named, of_item, of_preference, of_ranks, unique
from assistant.explain import View
from assistant.replay import Change, Replayed
from assistant.reruns import rows_of_blocks
from assistant.sensitivity import Drift, Firmness, Influence
from assistant.state import Profile, Topic
from store.records import Contribution, Preference, Recommendation

TOLD = 3
"""Entries, changes or films that are told one by one."""


# what matters


def matters(found: Sequence[Influence], slate: Sequence[Recommendation], view: View) -> Answer:
    """What the picks owe to the whole profile: shares first, then, as another thing, which picks leave without which entry."""
    told, words = explain.what_matters(slate, view), view.words
    rows: list[Evidence] = []
    sentences: list[str] = []
    for influence in [i for i in found if i.leaving][:TOLD]:
        sentences.append(words.without_it(influence.preference, influence.leaving, first=not sentences))
        rows += _rows(influence, view)
    idle = [i.preference for i in found if not i.leaving and not i.moved]
    if idle:
        rows += [row for p in idle[:TOLD] for row in of_preference(p, view.origins.of(p))]
        rows.append(counted(len(idle) - len(idle[:TOLD]), "things"))
        sentences.append(words.changes_nothing(idle[:TOLD], len(idle) - len(idle[:TOLD])))
    return told + Answer(tuple(sentences), unique(rows))


def matter(influence: Influence, number: int, view: View) -> Answer:
    """What one entry does for a slate of `number` picks: its share, and what leaves or moves without it."""
    preference, words = influence.preference, view.words
    cause = _cause(preference, round(100 * influence.share), view)
    rows = [counted(number, "picks"), counted(influence.moved, "picks"),
            Evidence("contribution", "these picks", cause.name, (cause.name,), cause.percent, "%"), *_rows(influence, view)]
    sentences = [words.share_of_picks(cause, number)]
    if influence.leaving:
        sentences.append(words.without_it(preference, influence.leaving, first=True))
    elif influence.moved:
        sentences.append(words.only_moves(preference, influence.moved))
    else:
        sentences.append(words.changes_nothing([preference], 0))
    return Answer(tuple(sentences), unique(rows))


def among_picks(topic: Topic, having: int, number: int, view: View) -> Answer:
    """How many of `number` picks have a feature."""
    told = view.words.among_picks(view.words.topic(topic), having, number)
    return Answer((told,), (*named(called(topic)), counted(having, "picks"), counted(number, "picks")))


def _cause(preference: Preference, percent: int, view: View) -> Cause:
    """The preference as a cause of the picks as a whole."""
    contribution = Contribution(preference.kind, preference.ref, preference.label, percent / 100, preference.entry_id)
    return Cause(contribution, percent, preference, view.origins.of(preference))


def _rows(influence: Influence, view: View) -> list[Evidence]:
    preference = influence.preference
    return [*of_preference(preference, view.origins.of(preference)), *(row for item in influence.leaving for row in named(item.name)),
            counted(len(influence.leaving), "picks")]


# how sure


def firmness(found: Firmness, view: View) -> Answer:
    """How firmly a pick stands: its lead, what it does without, how much of it is popularity. No odds: nobody measured them."""
    item, words = found.item, view.words
    rows = [*of_item(item), *of_ranks(item, None, found.rank), counted(found.entries, "things"), counted(found.stays, "times")]
    sentences = [words.no_odds()]
    if found.lead is not None and round(found.lead, 2) > 0:
        rows.append(Evidence("points", item.name, "gap", (), round(found.lead, 2), "points"))
        sentences.append(words.leads(item, found.rank, found.lead))
    else:
        sentences.append(words.among_the_picks(item, found.rank))
    if found.entries:
        sentences.append(words.does_without(item, found.stays, found.entries))
    percent = round(100 * found.prior)
    if percent:
        rows.append(Evidence("contribution", item.name, "popularity", ("popularity",), percent, "%"))
        sentences.append(words.popularity_share(percent))
    return Answer(tuple(sentences), unique(rows))


# drift


def drift(found: Drift | None, view: View) -> Answer:
    """Whether the taste has changed: the two halves of what was told, what each would pick alone, and what has faded."""
    words = view.words
    if found is None:
        tastes = view.profile.tastes
        return Answer((words.too_few_tastes(len(tastes)), words.tell_me()), (counted(len(tastes), "tastes"),))
    rows = [row for p in (*found.earlier, *found.later) for row in of_preference(p, view.origins.of(p))]
    rows += [counted(len(found.earlier), "tastes"), counted(len(found.later), "tastes"), counted(len(found.shared), "picks"),
             counted(len(found.then), "picks"), counted(len(found.now), "picks")]
    rows += [row for r in (*found.then, *found.now) for row in named(r.item.name)]
    sentences = [words.two_halves(found.earlier[-TOLD:], len(found.earlier), found.later[-TOLD:], len(found.later))]
    if found.then and found.now:
        sentences.append(words.picks_of_halves([r.item for r in found.then[:TOLD]], [r.item for r in found.now[:TOLD]]))
        sentences.append(words.halves_share(len(found.shared), len(found.now)))
    left, preference = min(((left, p) for p, left in view.recency.items()), key=lambda pair: pair[0], default=(1.0, None))
    if preference and left <= explain.NOTABLE:
        cause, percent = _cause(preference, 0, view), round(100 * left)
        rows.append(Evidence("recency", cause.name, "faded", (), percent, "%"))
        sentences.append(words.faded(preference, percent))
    return Answer(tuple(sentences), unique(rows))


# a contested reason


def contested(pick: Recommendation | None, view: View) -> Answer:
    """Which reason is wrong? Those of the pick that was talked of, each with where it came from."""
    words = view.words
    found = [c for c in causes(pick, view.profile, view.origins) if c.preference] if pick else []
    if not found:
        return Answer((words.which_is_wrong(),))
    rows = [row for c in found for row in of_preference(c.preference, c.origin)] + list(named(pick.item.name))
    return Answer((words.goes_by(pick.item, found[:TOLD + 1]), words.which_is_wrong()), unique(rows))


# a recommendation of before


def replayed(found: Replayed, view: View) -> Answer:
    """Why a film was recommended, from the stored numbers of then; where it stands now, and what moved it."""
    item, words = found.then.item, view.words
    then = replace(view, profile=Profile(view.profile.user, found.shown.slate.profile), recency={})
    shown_at = view.origins.at(found.shown.asked.id if found.shown.asked else None)
    rows = [*of_ranks(item, found.then.rank, found.now.rank), *rows_of_blocks(item, found.now.blocked_by, view)]
    rows.append(Evidence("source", item.name, shown_at.kind, (), shown_at.ago if shown_at.kind == "ago" else None, "messages ago"))
    sentences = [words.was_shown(item, found.then.rank, shown_at)]
    told = explain.why(found.then, then, current=False)
    if found.now.blocked_by:
        now = [words.filtered_out(item, [(p, view.origins.of(p)) for p in found.now.blocked_by])]
    else:
        now = [words.ranks_now(item, found.now.rank, found.still_picked)]
    changed, backing = _what_moved(found, view)
    if found.same_model is False:
        changed.append(words.other_model())
    return Answer((*sentences, *told.sentences, *now, *changed), unique((*rows, *told.evidence, *backing)))


def _what_moved(found: Replayed, view: View) -> tuple[list[str], list[Evidence]]:
    """The changes of the profile since then that move the film, each with the rank it would have without it."""
    sentences, rows, item = [], [], found.then.item
    moving = [c for c in found.changes if c.otherwise and c.otherwise.rank != found.now.rank]
    for change in moving[:TOLD]:
        rank = change.otherwise.rank
        rows += [*_of_change(change, view), *of_ranks(item, None, rank)]
        sentences.append(view.words.after_that(item, change.then, change.now, rank))
    if not moving and not found.now.blocked_by and all(c.otherwise for c in found.changes):  # of what was not rerun nothing is known
        sentences.append(view.words.nothing_moved_it() if found.changes else view.words.nothing_said_since())
    return sentences, rows


def _of_change(change: Change, view: View) -> list[Evidence]:
    return [row for p in (change.then, change.now) if p for row in of_preference(p, view.origins.of(p))]
