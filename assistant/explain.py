"""Why: the picks, one pick, two films compared. Which causes are told, in what order, and the rows that back them.

Every function is pure and returns an Answer: sentences, put into words by `View.words`, with their rows. Nothing is
computed here that is not in a recommendation or a rerun; percents are shares of the positive contributions of one film.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from unicodedata import east_asian_width

from assistant import attribution
from assistant.attribution import Removal
from assistant.claims import Claims
from assistant.evidence import (
    Answer, Cause, Evidence, Origins, causes, counted, named, of_causes, of_item, of_preference, of_shared, shown, unique,
)
from assistant.filters import is_hard
from assistant.languages import WORDS
from assistant.phrases import choose
from assistant.state import Profile
from store.catalog import Catalog
from store.records import Item, Preference, Recommendation

log = logging.getLogger(__name__)

REASON_LENGTH = 110
"""Columns a card's reason aims to stay within; two long titles may need more."""
NOTABLE = 0.9
"""A feeling of which this much or less is left is said to have faded."""
TOLD = 4
"""Causes of a pick that a why-answer names one by one."""


@dataclass(frozen=True, slots=True)
class View:
    """Whom an answer is for: their profile, where its entries came from, the seed of the wording (a message id), the language.

    catalog: to say what a pick shares with a film that speaks for it. recency: `Recommender.recency(profile)`, to say
    what is left of a feeling. Without them that is left unsaid. language: a key of `languages.WORDS`.
    """

    profile: Profile
    origins: Origins = field(default_factory=Origins)
    seed: object = 0
    catalog: Catalog | None = None
    recency: Mapping[Preference, float] = field(default_factory=dict)
    language: str = "en"

    @property
    def words(self) -> ModuleType:
        """The sentences of the language: `english` or its like."""
        return WORDS[self.language]


def checked(answer: Answer, claims: Claims) -> Answer:
    """The answer without the sentences that its own evidence does not back. Such a one is a defect, and is logged."""
    kept = []
    for sentence in answer.sentences:
        missing = claims.unbacked(sentence, answer.evidence)
        if missing:
            log.warning("sentence %r is not backed: %s", sentence, "; ".join(missing))
        else:
            kept.append(sentence)
    return Answer(tuple(kept), answer.evidence)


# cards


def reason(pick: Recommendation, view: View) -> Answer:
    """The line of a card: its two largest contributions, where each came from, and its share."""
    found, words = causes(pick, view.profile, view.origins), view.words
    rows = tuple(of_causes(pick.item, found))
    best = [c for c in found if c.percent > 0][:2]
    if not best:
        return Answer((words.nothing_speaks_line(),), rows)
    if all(c.preference is None for c in best) and best[0].contribution.source == "prior":
        return Answer((words.popularity_line(best[0].percent),), rows)
    long, short = words.reason_lines(best, False), words.reason_lines(best, True)
    fitting = [line for line in (*long, *short) if _columns(line) <= REASON_LENGTH]
    line = choose((view.seed, pick.item.id), fitting[: len(long)]) if fitting else min(short, key=_columns)
    return Answer((line,), rows)


def _columns(line: str) -> int:
    """How wide a line is: a Chinese character takes two columns."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


# the slate


def picks(slate: Sequence[Recommendation], view: View, more: bool = False, wanted: int = 5, invite: bool = True) -> Answer:
    """The words beside a slate: what the first pick is there for, and the limits that all of them pass.

    `more` says that these come after others; fewer than `wanted` is said too. `invite`: a person whose taste is not behind the picks
    is asked for one. The slate must not be empty.
    """
    first, words = slate[0], view.words
    rows = [counted(len(slate), "films"), Evidence("rank", first.item.name, "now", (), 1, "rank")]
    for pick in slate:
        rows += of_causes(pick.item, causes(pick, view.profile, view.origins))
        rows += named(pick.item.name)
    hard, backing = _limits_passed(view)
    if is_popularity(slate):
        sentences = [words.popular(len(slate), bool(hard)), *((words.tell_me(),) if invite else ())]
        rows.append(Evidence("named", "", "word", ("popular", "popularity")))
    else:
        best = causes(first, view.profile, view.origins)[0]
        sentences = [words.opening(first.item, best, len(slate), more, view.seed)]
    rows += backing
    if any(view.origins.of(p).kind != "now" for p in hard):
        sentences.append(words.slate_passes(len(slate), hard))
    if len(slate) < wanted:
        sentences.append(words.no_others(len(slate)))
    return Answer(tuple(sentences), unique(rows))


def is_popularity(slate: Sequence[Recommendation]) -> bool:
    """Whether nothing the person said speaks for any of the picks."""
    return all(c.source in ("prior", "slate") or c.value <= 0 for pick in slate for c in pick.contributions)


def evidence_of(pick: Recommendation, view: View) -> tuple[Evidence, ...]:
    """What may be said of one pick: its contributions, its facts, and what it shares with the film that speaks for it most."""
    found = causes(pick, view.profile, view.origins)
    _, shared = in_common(pick.item, found, view)
    return unique((*of_causes(pick.item, found), *of_item(pick.item), *shared))


def _limits_passed(view: View) -> tuple[list[Preference], list[Evidence]]:
    hard = [p for p in view.profile if is_limit(p)]
    return hard, [row for p in hard for row in of_preference(p, view.origins.of(p))]


def is_limit(preference: Preference) -> bool:
    """Whether a preference filters other films than the one it names; seen and skipped films go without saying."""
    return is_hard(preference)


def nothing_found(relaxed: Sequence[tuple[Preference, Sequence[Recommendation]]], view: View) -> Answer:
    """When the limits leave no film: which they are, and what dropping each one would give (from reruns; may be empty)."""
    hard, words = [p for p in view.profile if is_limit(p)], view.words
    rows = [row for p in (*hard, *(p for p, _ in relaxed)) for row in of_preference(p, view.origins.of(p))]
    sentences = [words.nothing_passes(hard) if hard else words.nothing_more()]
    for preference, found in relaxed:
        if found:
            rows += [counted(len(found), "films"), *named(found[0].item.name)]
            sentences.append(words.relaxed(preference, len(found), found[0].item))
    if len(sentences) == 1:
        sentences.append(words.drop_a_limit())
    return Answer(tuple(sentences), unique(rows))


# why this


def why(pick: Recommendation, view: View, current: bool = True) -> Answer:
    """Why a film was picked: its contributions, biggest first, what they sum to, what holds it down, the limits it passed.

    The first sentence names the biggest contribution. `current` False tells a stored pick as it was then.
    """
    item, found, words = pick.item, causes(pick, view.profile, view.origins), view.words
    for_it, against = [c for c in found if c.contribution.value > 0], [c for c in found[::-1] if c.contribution.value < 0]
    rows = [
        *of_causes(item, found, points=True), *of_item(item, keywords=8),
        Evidence("score", item.name, "score", (), round(pick.score, 2), "points"), counted(len(found), "reasons"),
    ]
    sentences = _causes_told(item, for_it, view, current)
    if against:
        sentences.append(words.held_down_by(against[:2]))
    if found:
        sentences.append(words.sums_to(pick.score, len(found)))
    shared, backing = in_common(item, for_it, view)
    if current:
        faded, fading = most_faded(view, [c.preference for c in for_it[:TOLD]])
        sentences += faded
        rows += fading
    hard, limit_rows = _limits_passed(view)
    if hard and current:
        sentences.append(words.also_passes(hard))
    return Answer((*sentences, *shared), unique((*rows, *backing, *limit_rows)))


def _causes_told(item: Item, for_it: Sequence[Cause], view: View, current: bool) -> list[str]:
    words = view.words
    if not for_it:
        return [words.nothing_speaks(item)]
    first = for_it[0]
    if first.contribution.source == "prior" and all(c.preference is None for c in for_it):
        return [words.shown_for_popularity(item, first.percent, current)]
    sentences = [words.biggest_reason(item, first, current, view.seed)]
    others = [c for c in for_it[1:TOLD] if c.percent > 0]
    return [*sentences, words.other_reasons(others)] if others else sentences


def most_faded(view: View, among: Sequence[Preference | None] | None = None) -> tuple[list[str], list[Evidence]]:
    """What is left of the oldest feeling (of the whole profile, or `among` some), now that other films were named after it."""
    told = [(view.recency[p], p) for p in (view.profile if among is None else among) if p in view.recency]
    left, preference = min(told, key=lambda pair: pair[0], default=(1.0, None))
    if preference is None or left > NOTABLE:
        return [], []
    percent = round(100 * left)
    return [view.words.faded(preference, percent)], [Evidence("recency", shown(preference), "faded", (), percent, "%")]


def in_common(item: Item, for_it: Sequence[Cause], view: View) -> tuple[list[str], list[Evidence]]:
    """What a film has in common with the liked film that speaks for it most: facts of both, no reasons."""
    films = [c for c in for_it if c.percent > 0 and c.preference and c.preference.item_id is not None]
    if not films or view.catalog is None:
        return [], []
    other = view.catalog.item(films[0].preference.item_id)
    rows = [*of_shared(item, other), *of_item(item), *of_item(other)]
    directors = [name for name in item.directors if name in other.directors]
    actors = [name for name in item.cast if name in other.cast]
    if directors or actors:
        return [view.words.same_people(item, other, directors, actors[:3])], rows
    themes = [word for word in item.keywords if word in other.keywords][:3]
    return ([view.words.same_themes(item, other, themes)], rows) if themes else ([], [])


# two picks, all picks


def compare(a: Recommendation, b: Recommendation, view: View) -> Answer:
    """Why one film is ahead of another: the difference of their scores, and the causes that differ most."""
    first, second = (a, b) if a.score >= b.score else (b, a)
    rows, told, words = [], {}, view.words
    for pick in (first, second):
        found = causes(pick, view.profile, view.origins)
        rows += [*of_causes(pick.item, found, points=True), *of_item(pick.item),
                 Evidence("score", pick.item.name, "score", (), round(pick.score, 2), "points")]
        for cause in found:
            source = cause.contribution.source
            told[source, "" if source == "slate" else cause.contribution.ref] = cause
    sentences = [words.two_scores(first.item, first.score, second.item, second.score)]
    for difference in attribution.compare(first, second)[:3]:
        if round(difference.first, 2) == round(difference.second, 2):
            break
        cause = told[difference.source, "" if difference.source == "slate" else difference.ref]
        for pick, value in ((first, difference.first), (second, difference.second)):
            rows.append(Evidence("points", pick.item.name, cause.name, (), round(value, 2), "points"))
        sentences.append(words.two_addends(cause, first.item, difference.first, second.item, difference.second))
    if len(sentences) == 1:
        sentences.append(words.alike_for_both())
    facts, backing = in_common(first.item, causes(first, view.profile, view.origins), view)
    return Answer((*sentences, *facts), unique((*rows, *backing)))


def what_matters(slate: Sequence[Recommendation], view: View) -> Answer:
    """Which entries of the profile the picks owe most to: their shares of all that speaks for the slate."""
    found = {(c.contribution.source, c.contribution.ref): c for pick in slate for c in causes(pick, view.profile, view.origins)}
    best = attribution.slate_shares(slate)[:TOLD]
    if not best:
        return Answer((view.words.nothing_matters(),))
    told = [(found[share.source, share.ref], round(100 * share.share)) for share in best]
    rows = [counted(len(slate), "picks")]
    for cause, percent in told:
        rows += [Evidence("contribution", "these picks", cause.name, (cause.name,), percent, "%")]
        rows += of_preference(cause.preference, cause.origin) if cause.preference else ()
    return Answer((view.words.drivers(len(slate), told),), unique(rows))


def what_would_change(pick: Recommendation, removal: Removal | None, view: View) -> Answer:
    """The smallest set of profile entries without which a pick is no longer picked, found by reruns."""
    item, words = pick.item, view.words
    if removal is None:
        return Answer((words.stays_whatever(item),), tuple(named(item.name)))
    if not removal.entries:
        return Answer((words.not_picked_now(item),), tuple(named(item.name)))
    rows = [*named(item.name), *(row for p in removal.entries for row in of_preference(p, view.origins.of(p)))]
    sentences = [words.hangs_on(item, removal.entries)]
    if len(removal.entries) > 1:
        sentences.append(words.no_smaller_change() if removal.exact else words.smaller_may_do())
    return Answer(tuple(sentences), unique(rows))
