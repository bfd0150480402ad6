"""Why: the picks, one pick, a film that is missing, a supposition, two films compared. From evidence to sentences.

Every function is pure and returns an Answer: sentences with the rows that back them. Nothing is computed here that
is not in a recommendation or a rerun; percents are shares of the positive contributions of one film.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant import attribution
from assistant.attribution import Removal
from assistant.claims import Claims
from assistant.evidence import (
    Answer, Cause, Evidence, Origin, Origins, causes, counted, named, of_causes, of_item, of_preference, of_shared, shown, unique,
)
from assistant.filters import is_hard
from assistant.phrases import capital, cause_clause, cause_noun, choose, count, held, in_brackets, joined, limit, spoken
from assistant.state import Profile
from store.catalog import Catalog
from store.records import Item, Preference, Recommendation

log = logging.getLogger(__name__)

REASON_LENGTH = 110
"""Characters a card's reason aims to stay within; two long titles may need more."""
NOTABLE = 0.9
"""A feeling of which this much or less is left is said to have faded."""
TOLD = 4
"""Causes of a pick that a why-answer names one by one."""


@dataclass(frozen=True, slots=True)
class View:
    """Whom an answer is for: their profile, where its entries came from, the seed of the wording (a message id).

    catalog: to say what a pick shares with a film that speaks for it. recency: `Recommender.recency(profile)`, to say
    what is left of a feeling. Without them that is left unsaid.
    """

    profile: Profile
    origins: Origins = field(default_factory=Origins)
    seed: object = 0
    catalog: Catalog | None = None
    recency: Mapping[Preference, float] = field(default_factory=dict)


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
    found = causes(pick, view.profile, view.origins)
    rows = tuple(of_causes(pick.item, found))
    best = [c for c in found if c.percent > 0][:2]
    if not best:
        return Answer(("Nothing you said speaks for it, but it passes your limits.",), rows)
    if all(c.preference is None for c in best) and best[0].contribution.source == "prior":
        return Answer((f"Its popularity, not your taste: {best[0].percent} %.",), rows)
    fitting = [line for short in (False, True) for line in _reason_lines(best, short) if len(line) <= REASON_LENGTH]
    line = choose((view.seed, pick.item.id), fitting[: len(_reason_lines(best, False))]) if fitting \
        else min(_reason_lines(best, True), key=len)
    return Answer((capital(line),), rows)


def _reason_lines(best: Sequence[Cause], short: bool) -> list[str]:
    first = best[0]
    origins = [_short_origin(c.origin) if short else in_brackets(c.origin) for c in best]
    clauses = [cause_clause(c, year=False) + o for c, o in zip(best, origins, strict=True)]
    nouns = [cause_noun(c, year=False) + o for c, o in zip(best, origins, strict=True)]
    because = f"because {'' if first.preference else 'of '}{clauses[0]}: {first.percent} %"
    if len(best) == 1:
        return [because, f"{nouns[0]}: {first.percent} %", f"{clauses[0]}: {first.percent} %"]
    second = best[1]
    return [
        f"{because}, and {nouns[1]}: {second.percent} %",
        f"{first.percent} % {nouns[0]}, {second.percent} % {nouns[1]}",
        f"{clauses[0]}: {first.percent} %; {clauses[1]}: {second.percent} %",
        f"{nouns[0]}: {first.percent} %, then {nouns[1]}: {second.percent} %",
        f"{first.percent} % comes from {nouns[0]} and {second.percent} % from {nouns[1]}",
    ]


def _short_origin(origin: Origin) -> str:
    if origin.kind == "ago":
        return f" ({count(origin.ago, 'message')} ago)"  # a digit would read as part of the title before it
    return {"now": " (just now)", "earlier": " (earlier chat)", "click": " (by a click)"}.get(origin.kind, "")


# the slate


def picks(slate: Sequence[Recommendation], view: View, more: bool = False, wanted: int = 5) -> Answer:
    """The words beside a slate: what the first pick is there for, and the limits that all of them pass.

    `more` says that these come after others; fewer than `wanted` is said too. The slate must not be empty.
    """
    first = slate[0]
    rows = [counted(len(slate), "films"), Evidence("rank", first.item.name, "now", (), 1, "rank")]
    for pick in slate:
        rows += of_causes(pick.item, causes(pick, view.profile, view.origins))
        rows += named(pick.item.name)
    if is_popularity(slate):
        sentences, extra = start(len(slate), any(map(is_limit, view.profile)))
        rows += extra
    else:
        sentences = [_opening(slate, view, more)]
    limits, backing = _limits_passed(view)
    rows += backing
    if limits and any(view.origins.of(p).kind != "now" for p in view.profile if is_limit(p)):
        all_pass = {1: "It passes", 2: "Both pass"}.get(len(slate), "All of them pass")
        sentences.append(f"{all_pass} your limits: {limits}.")
    if len(slate) < wanted:
        sentences.append("No other film fits what you asked for." if len(slate) == 1 else "No others fit what you asked for.")
    return Answer(tuple(sentences), unique(rows))


def is_popularity(slate: Sequence[Recommendation]) -> bool:
    """Whether nothing the person said speaks for any of the picks."""
    return all(c.source in ("prior", "slate") or c.value <= 0 for pick in slate for c in pick.contributions)


def evidence_of(pick: Recommendation, view: View) -> tuple[Evidence, ...]:
    """What may be said of one pick: its contributions, its facts, and what it shares with the film that speaks for it most."""
    found = causes(pick, view.profile, view.origins)
    _, shared = in_common(pick.item, found, view)
    return unique((*of_causes(pick.item, found), *of_item(pick.item), *shared))


def start(number: int, limited: bool = False) -> tuple[list[str], list[Evidence]]:
    """What is said with picks that no taste is behind; `limited` when there are limits that they pass."""
    row = Evidence("named", "", "word", ("popular", "popularity"))
    these = f"these {count(number, 'film')} are" if number > 1 else "this film is"
    return [
        capital(f"{'within your limits, ' if limited else ''}{these} popular with many people, which says nothing about your taste."),
        "Tell me a film you loved, or what you are in the mood for.",
    ], [row]


OPENINGS = ("Here are {}", "I found {} for you", "{} for you", "I picked {}", "My choice: {}", "These {} may suit you")
OPENINGS_OF_ONE = ("Here is {}", "I found {} for you", "I picked {}", "My choice: {}")


def _opening(slate: Sequence[Recommendation], view: View, more: bool) -> str:
    first = slate[0]
    best = next((c for c in causes(first, view.profile, view.origins) if c.preference and c.percent > 0), None)
    number = count(len(slate), "more film" if more else "film")
    here = choose((view.seed, "here"), OPENINGS if len(slate) > 1 else OPENINGS_OF_ONE)
    here = capital(here.format(number))
    if best is None:
        return f"{here}."
    why = cause_clause(best, year=False)
    name = first.item.name
    return choose((view.seed, name), (
        f"{here}; {name} comes first, mostly because {why}." if best.percent > 50 else f"{here}; {name} comes first, also because {why}.",
        f"{here}: because {why}, {name} is at the top.",
        f"{here}, with {name} at the top because {why}.",
    ))


def _limits_passed(view: View) -> tuple[str, list[Evidence]]:
    hard = [p for p in view.profile if is_limit(p)]
    return limits_of(hard), [row for p in hard for row in of_preference(p, view.origins.of(p))]


def limits_of(hard: Sequence[Preference]) -> str:
    """Filters in a list; of several "only" of one kind any will do: "only comedies or dramas, and at most 120 minutes"."""
    told: dict[object, list[Preference]] = {}
    for p in hard:
        told.setdefault(p.kind if p.role == "only" else p.subject, []).append(p)
    return joined(limit(group[0]) + "".join(f" or {spoken(shown(p))}" for p in group[1:]) for group in told.values())


def is_limit(preference: Preference) -> bool:
    """Whether a preference filters other films than the one it names; seen and skipped films go without saying."""
    return is_hard(preference)


def nothing_found(relaxed: Sequence[tuple[Preference, Sequence[Recommendation]]], view: View) -> Answer:
    """When the limits leave no film: which they are, and what dropping each one would give (from reruns; may be empty)."""
    hard = [p for p in view.profile if is_limit(p)]
    rows = [row for p in (*hard, *(p for p, _ in relaxed)) for row in of_preference(p, view.origins.of(p))]
    sentences = [f"Nothing in the catalog passes all of your limits: {limits_of(hard)}." if hard
                 else "I have nothing more to show that fits."]
    for preference, found in relaxed:
        if found:
            rows += [counted(len(found), "films"), *named(found[0].item.name)]
            number = count(len(found), "film")
            sentences.append(f"Without “{limit(preference)}” there would be {number}, {found[0].item.name} at the top.")
    if len(sentences) == 1:
        sentences.append("Drop a limit or undo the last one, and I will look again.")
    return Answer(tuple(sentences), unique(rows))


# why this


def why(pick: Recommendation, view: View, current: bool = True) -> Answer:
    """Why a film was picked: its contributions, biggest first, what they sum to, what holds it down, the limits it passed.

    The first sentence names the biggest contribution. `current` False tells a stored pick as it was then.
    """
    item, found = pick.item, causes(pick, view.profile, view.origins)
    for_it, against = [c for c in found if c.contribution.value > 0], [c for c in found[::-1] if c.contribution.value < 0]
    rows = [
        *of_causes(item, found, points=True), *of_item(item, keywords=8),
        Evidence("score", item.name, "score", (), round(pick.score, 2), "points"), counted(len(found), "reasons"),
    ]
    sentences = _causes_told(item, for_it, view, current)
    if against:
        holding = "; ".join(f"{cause_noun(c, year=False)}{in_brackets(c.origin)}, {c.percent} %" for c in against[:2])
        sentences.append(f"What speaks against it: {holding}.")
    if found:
        sentences.append(_sum(pick, len(found)))
    shared, backing = in_common(item, for_it, view)
    if current:
        faded, fading = _faded(for_it, view)
        sentences += faded
        rows += fading
    limits, limit_rows = _limits_passed(view)
    if limits and current:
        sentences.append(f"It also passes your limits: {limits}.")
    return Answer((*sentences, *shared), unique((*rows, *backing, *limit_rows)))


def _causes_told(item: Item, for_it: Sequence[Cause], view: View, current: bool) -> list[str]:
    is_ = "is" if current else "was"
    if not for_it:
        return [f"Nothing you said speaks for {item.name}."]
    first = for_it[0]
    if first.preference is None and first.contribution.source == "prior" and all(c.preference is None for c in for_it):
        return [f"{item.name} {is_} shown for its popularity, which says nothing about your taste: {first.percent} %."]
    origin = in_brackets(first.origin)
    because = f"because {'' if first.preference else 'of '}{cause_clause(first, year=False)}"
    sentences = [capital(choose((view.seed, item.id, "why"), (
        f"the biggest reason for {item.name} {is_} {cause_noun(first, year=False)}{origin}: {first.percent} % of what speaks for it.",
        f"{item.name} {is_} here {because}{origin}: {first.percent} % of what speaks for it.",
        f"{first.percent} % of what speaks for {item.name} {is_} {cause_noun(first, year=False)}{origin}, the biggest part.",
    )))]
    others = [c for c in for_it[1:TOLD] if c.percent > 0]
    if others:
        told = "; ".join(f"{cause_noun(c, year=False)}{in_brackets(c.origin)}, {c.percent} %" for c in others)
        sentences.append(f"Then: {told}.")
    return sentences


def _sum(pick: Recommendation, parts: int) -> str:
    if parts == 1:
        return f"That is all of its score of {pick.score:.2f}."
    parts_told = "Both reasons" if parts == 2 else f"All {count(parts, 'reason')}"
    return f"{parts_told} together sum to its score, {pick.score:.2f}."


def _faded(for_it: Sequence[Cause], view: View) -> tuple[list[str], list[Evidence]]:
    """What is left of the oldest feeling told, now that other films were named after it: drift as a number."""
    told = [(view.recency[c.preference], c) for c in for_it[:TOLD] if c.preference in view.recency]
    left, cause = min(told, key=lambda pair: pair[0], default=(1.0, None))
    if cause is None or left > NOTABLE:
        return [], []
    percent = round(100 * left)
    return [f"{capital(cause_noun(cause, year=False))} has faded to {percent} %, now that you named other films."], [
        Evidence("recency", cause.name, "faded", (), percent, "%")]


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
        by = f"are directed by {joined(directors)}" if directors else ""
        with_ = f"star {joined(actors[:3])}" if actors else ""
        return [f"{item.name} and {other.name} both {joined(filter(None, (by, with_)))}."], rows
    themes = [word for word in item.keywords if word in other.keywords][:3]
    if themes:
        return [f"{item.name} and {other.name} share {'a theme' if len(themes) == 1 else 'themes'}: {joined(themes)}."], rows
    return [], []


# two picks, all picks


def compare(a: Recommendation, b: Recommendation, view: View) -> Answer:
    """Why one film is ahead of another: the difference of their scores, and the causes that differ most."""
    first, second = (a, b) if a.score >= b.score else (b, a)
    rows, told = [], {}
    for pick in (first, second):
        found = causes(pick, view.profile, view.origins)
        rows += [*of_causes(pick.item, found, points=True), *of_item(pick.item),
                 Evidence("score", pick.item.name, "score", (), round(pick.score, 2), "points")]
        for cause in found:
            source = cause.contribution.source
            told[source, "" if source == "slate" else cause.contribution.ref] = cause
    sentences = [f"{first.item.name} scores {first.score:.2f} and {second.item.name} scores {second.score:.2f}."]
    for difference in attribution.compare(first, second)[:3]:
        if round(difference.first, 2) == round(difference.second, 2):
            break
        cause = told[difference.source, "" if difference.source == "slate" else difference.ref]
        for pick, value in ((first, difference.first), (second, difference.second)):
            rows.append(Evidence("points", pick.item.name, cause.name, (), round(value, 2), "points"))
        noun = "popularity" if cause.contribution.source == "prior" else cause_noun(cause, year=False)
        sentences.append(f"From {noun}{in_brackets(cause.origin)}: {difference.first:.2f} points for "
                         f"{first.item.name}, {difference.second:.2f} points for {second.item.name}.")
    if len(sentences) == 1:
        sentences.append("What you told me speaks for both alike.")
    facts, backing = in_common(first.item, causes(first, view.profile, view.origins), view)
    return Answer((*sentences, *facts), unique((*rows, *backing)))


def what_matters(slate: Sequence[Recommendation], view: View) -> Answer:
    """Which entries of the profile the picks owe most to: their shares of all that speaks for the slate."""
    told = {(c.contribution.source, c.contribution.ref): c for pick in slate for c in causes(pick, view.profile, view.origins)}
    best = attribution.slate_shares(slate)[:TOLD]
    if not best:
        return Answer(("Nothing you told me speaks for these picks yet.",))
    rows, parts = [counted(len(slate), "picks")], []
    for share in best:
        cause, percent = told[share.source, share.ref], round(100 * share.share)
        rows += [Evidence("contribution", "these picks", cause.name, (cause.name,), percent, "%")]
        rows += of_preference(cause.preference, cause.origin) if cause.preference else ()
        noun = "popularity" if share.source == "prior" else cause_noun(cause, year=False)
        parts.append(f"{noun}{in_brackets(cause.origin)}, {percent} %")
    return Answer((f"What speaks for these {count(len(slate), 'pick')} comes from: {'; '.join(parts)}.",), unique(rows))


def what_would_change(pick: Recommendation, removal: Removal | None, view: View) -> Answer:
    """The smallest set of profile entries without which a pick is no longer picked, found by reruns."""
    name = pick.item.name
    if removal is None:
        return Answer((f"Whatever I leave out of your profile, {name} stays among the picks.",), tuple(named(name)))
    if not removal.entries:
        return Answer((f"{name} is not among the picks any more.",), tuple(named(name)))
    rows = [*named(name), *(row for p in removal.entries for row in of_preference(p, view.origins.of(p)))]
    sentences = [f"I ran it again: without {joined(map(held, removal.entries))}, {name} is no longer among the picks."]
    if removal.exact and len(removal.entries) > 1:
        sentences.append("No smaller change does that.")
    return Answer(tuple(sentences), unique(rows))
