"""Why a film is missing, and what a supposition would change: reruns, told with the ranks before and after."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.attribution import WhatIf, WhyNot
from assistant.evidence import Answer, Evidence, counted, named, of_item, of_preference, of_ranks, shown, unique
from assistant.explain import View
from store.records import ITEM, Item, Preference

MOVES_TOLD = 3
"""Films of a what-if that stay and move, told one by one: those that move most."""


def why_not(missing: WhyNot, view: View, slate_size: int = 5) -> Answer:
    """Why a film is not among the picks: what filters it out, or the gap to the last pick, and the smallest edit that
    brings it in, with the rank that a rerun gave."""
    item, edit, words = missing.item, missing.edit, view.words
    rows = [*of_item(item, keywords=3), *of_ranks(item, missing.rank, missing.rank_after), counted(slate_size, "picks")]
    rows += rows_of_blocks(item, missing.blocked_by, view)
    if missing.blocked_by:
        sentences = [words.filtered_out(item, [(p, view.origins.of(p)) for p in missing.blocked_by])]
    else:
        sentences, backing = _too_low(missing, slate_size, view)
        rows += backing
    if missing.rank_unblocked is not None:
        rows += [*of_ranks(item, None, missing.rank_unblocked), *(row for p in missing.blocked_by for row in of_preference(p))]
        sentences.append(words.edit_brings_in(missing.blocked_by, (), missing.rank_unblocked))
    if edit is None and missing.tried:
        rows.append(counted(missing.tried, "changes"))
        sentences.append(words.no_change_helps(missing.tried))
    if edit is not None:
        rows += [row for p in (*edit.added, *edit.removed) for row in of_preference(p)]
        sentences.append(words.edit_brings_in(edit.removed, edit.added, missing.rank_after))
    return Answer(tuple(sentences), unique(rows))


def rows_of_blocks(item: Item, blocked_by: Sequence[Preference], view: View) -> list[Evidence]:
    """What may be said of the preferences that filter a film out."""
    rows = []
    for preference in blocked_by:
        itself = (item.name,) if preference.kind == ITEM else ()
        rows += [*of_preference(preference, view.origins.of(preference)),
                 Evidence("filter", item.name, "blocked", (shown(preference), *itself))]
    return rows


def _too_low(missing: WhyNot, slate_size: int, view: View) -> tuple[list[str], list[Evidence]]:
    item, words = missing.item, view.words
    if missing.rank is None:
        return [words.nothing_speaks(item)], []
    if missing.rank <= slate_size:
        return [words.among_the_picks(item, missing.rank)], []
    sentences = [words.too_low(item, missing.rank, slate_size)]
    if not missing.gap:
        return sentences, []
    points = round(abs(missing.gap), 2)
    return [*sentences, words.short_of_the_last(points)], [Evidence("points", item.name, "gap", (), points, "points")]


def what_if(result: WhatIf, supposed: Sequence[Preference], unsupposed: Sequence[Preference], view: View) -> Answer:
    """What a rerun with a supposed change gave: what enters, leaves and moves, with ranks before and after."""
    known, words = {p.subject for p in view.profile}, view.words
    unknown = [p for p in unsupposed if p.subject not in known]
    gone = [p for p in unsupposed if p.subject in known]
    rows = [row for p in (*supposed, *gone) for row in of_preference(p)]
    rows += named(*(shown(p) for p in unknown))
    sentences = [words.nothing_to_leave_out(unknown)] if unknown else []
    if not supposed and not gone:
        return Answer(tuple(sentences), unique(rows))
    left, entered, moved, backing = _moves(result)
    rows += backing
    if not (left or entered or moved):
        return Answer((*sentences, words.same_picks(gone, supposed)), unique(rows))
    sentences += words.what_moves(gone, supposed, left, entered, moved)
    return Answer((*sentences, words.only_a_question(), words.say_do_that()), unique(rows))


def what_moved(result: WhatIf, view: View) -> Answer:
    """What became of the picks that were shown before, now that others are: what leaves, comes in and moves."""
    left, entered, moved, rows = _moves(result)
    return Answer(tuple(view.words.picks_move(left, entered, moved)), unique(rows))


Moves = tuple[list[Item], list[tuple[Item, int]], list[tuple[Item, int, int]], list[Evidence]]


def _moves(result: WhatIf) -> Moves:
    """What leaves, comes in (item, rank), and moves (item, rank before, after), the farthest first; with the rows of all ranks."""
    before = {r.item.id: r.rank for r in result.before}
    after = {r.item.id: r.rank for r in result.after}
    rows = [counted(len(result.after), "picks"), counted(len(before.keys() & after.keys()), "picks")]
    for item in {r.item.id: r.item for r in (*result.before, *result.after)}.values():
        rows += of_ranks(item, before.get(item.id), after.get(item.id))
    moved = sorted(result.moved, key=lambda move: -abs(move[1] - move[2]))[:MOVES_TOLD]
    return [r.item for r in result.left], [(r.item, r.rank) for r in result.entered], moved, rows
