"""Why a film is missing, and what a supposition would change: reruns, told with the ranks before and after."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.attribution import WhatIf, WhyNot
from assistant.evidence import Answer, Evidence, counted, named, of_item, of_preference, of_ranks, shown, unique
from assistant.explain import View
from assistant.phrases import count, felt, held, in_brackets, joined, limit
from assistant.state import StateChange
from store.records import ITEM, Item, Preference


def why_not(missing: WhyNot, view: View, slate_size: int = 5) -> Answer:
    """Why a film is not among the picks: what filters it out, or the gap to the last pick, and the smallest edit that
    brings it in, with the rank that a rerun gave."""
    item = missing.item
    rows = [*of_item(item, keywords=3), *of_ranks(item, missing.rank, missing.rank_after), counted(slate_size, "picks")]
    for preference in missing.blocked_by:
        rows += [*of_preference(preference, view.origins.of(preference)),
                 Evidence("filter", item.name, "blocked", (shown(preference), *_own_fact(item, preference)))]
    sentences = [_blocked(item, missing.blocked_by, view)] if missing.blocked_by else _too_low(missing, slate_size, rows)
    if missing.edit is None and missing.tried:
        rows.append(counted(missing.tried, "changes"))
        sentences.append(f"I tried {count(missing.tried, 'change')} of your profile, and none of them brings it in.")
    if missing.edit is not None:
        told, backing = _edit(missing.edit)
        rows += backing
        sentences.append(f"I ran it again: {told} it would come to rank {missing.rank_after}.")
    return Answer(tuple(sentences), unique(rows))


def _own_fact(item: Item, preference: Preference) -> tuple[str, ...]:
    return (item.name,) if preference.kind == ITEM else ()


def _blocked(item: Item, blocked_by: Sequence[Preference], view: View) -> str:
    """What keeps a film out, with the fact of it that each limit meets."""
    return f"{item.name} is filtered out: {joined(_block(item, p, view) for p in blocked_by)}."


def _block(item: Item, preference: Preference, view: View) -> str:
    origin = in_brackets(view.origins.of(preference))
    if preference.role == "seen":
        return f"you have seen it{origin}"
    if preference.kind == ITEM and preference.role in ("skip", "avoid"):
        return f"you passed on it{origin}"
    if preference.kind == ITEM:
        return f"you know it already, as {felt(preference)}{origin}"
    fact = ""
    if preference.kind == "runtime":
        fact = f", and it takes {item.runtime} minutes" if item.runtime else ", and the catalog does not know how long it is"
    elif preference.kind == "year":
        fact = f", and it is from {item.year}" if item.year else ", and the catalog does not know its year"
    return f"your limit is {limit(preference)}{origin}{fact}"


def _too_low(missing: WhyNot, slate_size: int, rows: list[Evidence]) -> list[str]:
    if missing.rank is None:
        return [f"Nothing you said speaks for {missing.item.name}."]
    if missing.rank <= slate_size:
        return [f"{missing.item.name} is among the picks, at rank {missing.rank}."]
    sentences = [f"{missing.item.name} is at rank {missing.rank}, and I showed {count(slate_size, 'pick')}."]
    if missing.gap:
        rows.append(Evidence("points", missing.item.name, "gap", (), round(abs(missing.gap), 2), "points"))
        sentences.append(f"It is {abs(missing.gap):.2f} points short of the last of them.")
    return sentences


def _edit(edit: StateChange) -> tuple[str, list[Evidence]]:
    """A supposed change as the start of a sentence: "if you liked Alien (1979),", "without your limit of ...,"."""
    rows = [row for p in (*edit.added, *edit.removed) for row in of_preference(p)]
    parts = []
    if edit.removed:
        parts.append(f"without {joined((held(p) for p in edit.removed), 'or')}")
    if edit.added:
        parts.append(f"with {joined(held(p) for p in edit.added)}")
    return f"{joined(parts)},", rows


def what_if(result: WhatIf, supposed: Sequence[Preference], unsupposed: Sequence[Preference], view: View) -> Answer:
    """What a rerun with a supposed change gave: what enters, leaves and moves, with ranks before and after."""
    known = {p.subject for p in view.profile}
    unknown = [p for p in unsupposed if p.subject not in known]
    gone = [p for p in unsupposed if p.subject in known]
    rows = [row for p in (*supposed, *gone) for row in of_preference(p)]
    rows += named(*(shown(p) for p in unknown))
    sentences = [f"You have told me nothing about {joined((shown(p) for p in unknown), 'or')}, so there is nothing to leave out."] \
        if unknown else []
    if not supposed and not gone:
        return Answer(tuple(sentences), unique(rows))
    condition = _supposition(supposed, gone)
    before = {r.item.id: r.rank for r in result.before}
    after = {r.item.id: r.rank for r in result.after}
    for item in {r.item.id: r.item for r in (*result.before, *result.after)}.values():
        rows += of_ranks(item, before.get(item.id), after.get(item.id))
    told = _moves(result)
    rows += [counted(len(result.after), "picks"), counted(len(before.keys() & after.keys()), "picks")]
    if not told:
        return Answer((*sentences, f"I ran it again {condition}: the picks stay the same."), unique(rows))
    return Answer((*sentences, f"I ran it again {condition}: {told[0]}.", *(f"{line}." for line in told[1:]),
                   "This was only a question: your profile is as it was."), unique(rows))


def _supposition(supposed: Sequence[Preference], gone: Sequence[Preference]) -> str:
    parts = []
    if gone:
        parts.append(f"without {joined((held(p) for p in gone), 'or')}")
    if supposed:
        parts.append(f"with {joined(held(p) for p in supposed)}")
    return joined(parts)


def _moves(result: WhatIf) -> list[str]:
    told = []
    if result.left:
        told.append(f"{joined(r.item.name for r in result.left)} {'leaves' if len(result.left) == 1 else 'leave'}")
    if result.entered:
        told.append(joined(f"{r.item.name} comes in at rank {r.rank}" for r in result.entered))
    most = sorted(result.moved, key=lambda move: -abs(move[1] - move[2]))[:3]
    return told + [f"{item.name} moves from rank {before} to rank {after}" for item, before, after in most]
