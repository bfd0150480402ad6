"""The reasons as pictures: of a pick, of a slate, of the profile in time, and of ranks before and after a change.

Each chart is a <figure> with an inline SVG, and all its numbers again in a table below it; that of a pick is the card's. Pure functions of records;
the numbers are the stored contributions, rounded as `units` rounds them, so that they sum. Classes name the colours:
those of `cards.hues`, "prior" for what is not the person's, "against" for a ring instead of a filled shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from itertools import accumulate

from assistant.captions import LABELS, Labels, condition, entry_named, named, named_short
from assistant.drawing import BOLD, LEADING, SIZE, Sheet, width, wrapped
from assistant.state import Profile
from assistant.steering import has_strength
from assistant.units import PLACES, in_units, signed
from store.records import Contribution, Preference, RankChange, Recommendation, Rerun

Subject = tuple[str, str]
"""What a contribution is tied to: (source, ref)."""

CARD, PANEL, TALK = 264, 300, 340
"""Widths, in units, of charts in a card, in the panel beside the talk, and in the talk: those of a phone or less."""
MOST_ROWS = 12
"""Rows of a chart; what is beyond is one row together. The tables have all."""
MOST_ENTRIES = 24
"""Rows of the profile's chart, the latest."""
BAR, GAP = 9, 14
"""The height of a bar, and from it to the text below."""
LINE = SIZE * LEADING
SMALL = 11.0
PRIOR = "prior"
KEPT = 400
"""Charts kept drawn: a conversation is drawn again at each of its turns."""


# one pick


def of_pick(pick: Recommendation, colours: Mapping[Subject, str], language: str = "en") -> str:
    """How the contributions of a pick add up to its score: one bar each, begun where the last one ended, and the sum.

    `colours` names the class of each cause, as `cards.hues` gives it.
    """
    return _of_pick(pick, tuple(sorted(colours.items())), language)


@lru_cache(KEPT)
def _of_pick(pick: Recommendation, colours: tuple[tuple[Subject, str], ...], language: str) -> str:
    labels, hue = LABELS[language], dict(colours)
    addends = sorted(pick.contributions, key=lambda c: -c.value)
    units = in_units([c.value for c in addends], pick.score)
    rows = [(named(c, labels), n, _hue(c, hue)) for c, n in zip(addends, units, strict=True)]
    return _figure(_waterfall(_folded(rows, labels), round(pick.score * 10**PLACES), labels, _told(pick, rows, labels)))


def _folded(rows: list[tuple[str, int, str]], labels: Labels) -> list[tuple[str, int, str]]:
    """The rows of a chart: when there are too many, the smallest as one."""
    if len(rows) <= MOST_ROWS:
        return rows
    biggest = sorted(range(len(rows)), key=lambda n: -abs(rows[n][1]))[: MOST_ROWS - 1]
    rest = sum(row[1] for n, row in enumerate(rows) if n not in biggest)
    name = labels.others.format(len(rows) - len(biggest))
    return [*(rows[n] for n in sorted(biggest)), (name, rest, PRIOR if rest >= 0 else f"{PRIOR} against")]


def _told(pick: Recommendation, rows: Sequence[tuple[str, int, str]], labels: Labels) -> str:
    told = labels.pick_told.format(pick.item.name, len(rows), signed(round(pick.score * 10**PLACES)))
    if rows and rows[0][1] > 0:
        told += f" {labels.pick_for.format(rows[0][0], signed(rows[0][1]))}"
    if rows and rows[-1][1] < 0:
        told += f" {labels.pick_against.format(rows[-1][0], signed(rows[-1][1]))}"
    return told


def _waterfall(rows: Sequence[tuple[str, int, str]], score: int, labels: Labels, told: str) -> str:
    room = CARD - width(signed(score), font=BOLD) - 12
    names = [wrapped(name, room) for name, _, _ in rows]
    ends = list(accumulate((units for _, units, _ in rows), initial=0))
    low, high = min(ends), max(*ends, min(ends) + 1)
    height = sum(len(lines) * LINE + 2 + BAR + GAP for lines in names) + LINE + 8 + BAR
    sheet = Sheet(CARD, height, 1, CARD - 1, (low, high))
    top = 0.0
    for lines, start, (_, units, hue) in zip(names, ends[:-1], rows, strict=True):
        sheet.lines(0, top + SIZE, lines)
        sheet.text(CARD, top + SIZE, signed(units), "number", anchor="end")
        top += len(lines) * LINE + 2
        sheet.bar(low, high - low, top, BAR, "track")
        sheet.bar(start, units, top, BAR, hue)
        if low < 0:
            sheet.line([0, 0], [top - 1, top + BAR + 1], "rule firm")
        top += BAR + GAP
    sheet.line([low, high], [top - 4, top - 4], "rule")
    sheet.text(0, top + SIZE + 2, labels.score, "strong")
    sheet.text(CARD, top + SIZE + 2, signed(score), "number strong", anchor="end")
    sheet.bar(0, score, top + LINE + 6, BAR, "total" if score >= 0 else "total against")
    return sheet.svg(told)


# a slate


def of_slate(picks: Sequence[Recommendation], colours: Mapping[Subject, str], language: str = "en") -> str:
    """Which causes drive which picks: a row a cause, a column a pick, a dot as big as the contribution. Empty for no picks."""
    return _of_slate(tuple(picks), tuple(sorted(colours.items())), language) if picks else ""


@lru_cache(KEPT)
def _of_slate(picks: tuple[Recommendation, ...], colours: tuple[tuple[Subject, str], ...], language: str) -> str:
    labels, hue = LABELS[language], dict(colours)
    cells, first = _by_cause(picks)
    rows = [
        (named_short(first[cause], labels), values, hue.get(cause, PRIOR))
        for cause, values in cells.items()
    ]
    scores = [round(pick.score * 10**PLACES) for pick in picks]
    whole = sum(n for _, values, _ in rows for n in values if n > 0)
    told = labels.slate_title
    if whole:
        name, values, _ = rows[0]
        told = labels.slate_told.format(len(picks), round(100 * sum(n for n in values if n > 0) / whole), name)
    key = " · ".join(f"{pick.rank}\u00a0{pick.item.name}" for pick in picks)
    table = _table(
        ("", *(str(pick.rank) for pick in picks)), [(name, *map(_unsigned, values)) for name, values, _ in rows],
        (labels.total, *map(_unsigned, scores)), labels, titles=("", *(f"{p.rank} {p.item.name}" for p in picks)),
    )
    return _figure(_matrix(picks, *_split(rows), scores, labels, told), table, below=f"{labels.slate_key} {key}")


def _by_cause(picks: Sequence[Recommendation]) -> tuple[dict[Subject, list[int]], dict[Subject, Contribution]]:
    """Each cause's units in every pick, and its first contribution; what is the person's first, the weightiest first."""
    cells: dict[Subject, list[int]] = {}
    first: dict[Subject, Contribution] = {}
    for place, pick in enumerate(picks):
        for c, units in zip(pick.contributions, in_units([c.value for c in pick.contributions], pick.score), strict=True):
            cause = (c.source, "" if c.source == "slate" else c.ref)  # variety is one cause, whatever film it refers to
            cells.setdefault(cause, [0] * len(picks))[place] += units
            first.setdefault(cause, c)
    ordered = sorted(cells, key=lambda cause: (cause[0] == "slate", cause[0] == "prior", -sum(map(abs, cells[cause])), cause))
    return {cause: cells[cause] for cause in ordered}, first


def _split(rows: list[tuple[str, list[int], str]]) -> tuple[list[tuple[str, list[int], str]], list[list[int]]]:
    """The rows that a chart has room for, and the values of the smallest, which it tells together."""
    if len(rows) <= MOST_ROWS:
        return rows, []
    biggest = sorted(range(len(rows)), key=lambda n: -sum(map(abs, rows[n][1])))[: MOST_ROWS - 1]
    return [rows[n] for n in sorted(biggest)], [row[1] for n, row in enumerate(rows) if n not in biggest]


def _matrix(
    picks: Sequence[Recommendation], rows: Sequence[tuple[str, list[int], str]], rest: Sequence[list[int]], scores: Sequence[int],
    labels: Labels, told: str,
) -> str:
    column = min(44.0, 220.0 / len(picks))
    left = TALK - column * len(picks)
    centres = [left + column * (n + 0.5) for n in range(len(picks))]
    most = max((abs(n) for _, values, _ in rows for n in values), default=0) or 1
    radii = [[min(15.0, column / 2 - 3) * (abs(n) / most) ** 0.5 for n in values] for _, values, _ in rows]
    names = [wrapped(name, left - 10) for name, _, _ in rows]
    heights = [max(len(lines) * LINE, 2 * max(sizes)) + 9 for lines, sizes in zip(names, radii, strict=True)]
    sums = [(labels.others.format(len(rest)), [sum(values) for values in zip(*rest, strict=True)])] if rest else []
    numbers = [_unsigned(n) for _, values in (*sums, (labels.total, scores)) for n in values]
    size = min(SMALL, (column - 2) / max(width(number, 1.0) for number in numbers))
    top = LINE + 4
    sheet = Sheet(TALK, top + sum(heights) + sum(_lines_of(name, left) for name, _ in (*sums, (labels.total, scores))))
    for pick, x in zip(picks, centres, strict=True):
        sheet.text(x, SIZE, str(pick.rank), "rank", anchor="middle")
    for lines, sizes, height, (_, values, hue) in zip(names, radii, heights, rows, strict=True):
        sheet.line([0, TALK], [top, top], "rule")
        middle = top + height / 2
        sheet.lines(0, middle - len(lines) * LINE / 2 + SIZE, lines)
        for x, radius, units in zip(centres, sizes, values, strict=True):
            if units:
                sheet.dot(x, middle, radius, hue if units > 0 else f"{hue} against")
        top += height
    for name, values in (*sums, (labels.total, scores)):
        last = values is scores
        sheet.line([0, TALK], [top, top], "rule firm" if last else "rule")
        sheet.lines(0, top + SIZE + 5, wrapped(name, left - 10, font=BOLD), "strong" if last else "")
        for x, units in zip(centres, values, strict=True):
            sheet.text(x, top + SIZE + 5, _unsigned(units), "number", size, anchor="middle")
        top += _lines_of(name, left)
    return sheet.svg(told)


def _lines_of(name: str, left: float) -> float:
    """How high a row of numbers is."""
    return len(wrapped(name, left - 10, font=BOLD)) * LINE + 8


# the profile in time


def of_profile(
    profile: Profile, recency: Mapping[Preference, float], colours: Mapping[Subject, str] | None = None, language: str = "en"
) -> str:
    """When each entry was said, and what is left of it now: a band from its message on, as high as what is left.

    `recency` is what `Recommender.recency` gives. Empty for an empty profile.
    """
    if not len(profile):
        return ""
    return _of_profile(profile.preferences, tuple(recency.items()), tuple(sorted((colours or {}).items())), language)


@lru_cache(KEPT)
def _of_profile(
    entries: tuple[Preference, ...], recency: tuple[tuple[Preference, float], ...], colours: tuple[tuple[Subject, str], ...], language: str
) -> str:
    labels, fresh = LABELS[language], dict(recency)
    told = labels.profile_told.format(len(entries))
    if fresh and min(fresh.values()) < 1:
        oldest = min(fresh, key=fresh.get)
        told += f" {labels.profile_fading.format(entry_named(oldest, labels), _percent(fresh[oldest]))}"
    rows = [
        (entry_named(p, labels), _said(p), labels.percent.format(_percent(fresh[p])) if p in fresh else labels.stays if has_strength(p) else "") for p in entries
    ]
    table = _table((labels.entry, labels.said, labels.left), rows, (), labels)
    return _figure(_bands(entries, fresh, dict(colours), labels, told), table, below=labels.profile_key)


def _said(p: Preference) -> str:
    return datetime.fromtimestamp(p.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC") if p.created_at is not None else ""


def _percent(part: float) -> int:
    return round(100 * part)


def left_since(p: Preference, fresh: Mapping[Preference, float], steps: Sequence[int | None]) -> list[float]:
    """What was left of an entry at each of the messages `steps`, its own first; 1 throughout for what does not fade."""
    if p not in fresh:
        return [1.0] * len(steps)
    place = {message_id: n for n, message_id in enumerate(steps)}
    then = []
    for n in range(len(steps)):
        # As if the last film felt about by then were the last of all: what came later has not faded it yet.
        latest = [q for q in fresh if place.get(q.message_id, -1) <= n]
        then.append(fresh[p] / fresh[latest[-1]])
    return then


def _bands(
    entries: Sequence[Preference], fresh: Mapping[Preference, float], colours: Mapping[Subject, str], labels: Labels, told: str
) -> str:
    shown = entries[-MOST_ENTRIES:]
    steps = list(dict.fromkeys(p.message_id for p in entries))
    number = width(labels.percent.format(100)) + 6
    room = PANEL - number
    xs = [room * n / len(steps) for n in range(len(steps))] + [room]
    names = [wrapped(entry_named(p, labels), room - 8) for p in shown]
    quotes = [_quoted(p) if n == 0 or shown[n - 1].message_id != p.message_id else [] for n, p in enumerate(shown)]
    cut = len(entries) - len(shown)
    height = LINE + 6 + sum(len(q) * SMALL * LEADING + (9 if q else 0) + len(n) * LINE + BAR + GAP for q, n in zip(quotes, names, strict=True))
    sheet = Sheet(PANEL, height - GAP + 2 + (LINE if cut else 0))
    sheet.text(0, SMALL, labels.earlier, "soft", SMALL)
    sheet.text(room, SMALL, labels.now, "soft", SMALL, anchor="end")
    top = LINE + 6
    if cut:
        sheet.text(0, top + SMALL - 2, labels.more_entries.format(cut), "soft", SMALL)
        top += LINE
    for p, quote, lines in zip(shown, quotes, names, strict=True):
        if quote:
            sheet.line([0, PANEL], [top - 5, top - 5], "rule")
            sheet.lines(0, top + SMALL + 2, quote, "quote", SMALL)
            top += len(quote) * SMALL * LEADING + 9
        sheet.lines(0, top + SIZE - 2, lines)
        top += len(lines) * LINE
        _band(sheet, p, top, xs, steps, fresh, colours)
        if p in fresh:
            sheet.text(PANEL, top + BAR, labels.percent.format(_percent(fresh[p])), "number", anchor="end")
        top += BAR + GAP
    return sheet.svg(told)


def _quoted(p: Preference) -> list[str]:
    """Its message in two lines at most, ended at a word."""
    lines = wrapped(f"“{p.quote}”", PANEL, SMALL) if p.quote else []
    if len(lines) <= 2:
        return lines
    words = lines[1].split(" ")
    while len(words) > 1 and width(" ".join(words) + " …”", SMALL) > PANEL:
        words.pop()
    return [lines[0], " ".join(words) + " …”"]


def _band(
    sheet: Sheet, p: Preference, top: float, xs: Sequence[float], steps: Sequence[int | None], fresh: Mapping[Preference, float],
    colours: Mapping[Subject, str],
) -> None:
    since = steps.index(p.message_id)
    along = xs[since:]
    bottom = top + BAR
    if not has_strength(p):
        sheet.line([along[0], along[-1]], [top + BAR / 2] * 2, "limit")
        sheet.dot(along[0] + 3, top + BAR / 2, 3, "limit-dot")
        return
    left = left_since(p, fresh, steps[since:])
    left.append(left[-1])
    hue = colours.get(p.subject, "plain") + (" against" if p.value < 0 else "")
    sheet.area(along, [top] * len(along), [bottom] * len(along), "track")
    sheet.area(along, [bottom - BAR * part for part in left], [bottom] * len(along), hue)


# ranks before and after


def of_rerun(rerun: Rerun, language: str = "en") -> str:
    """The ranks of the films that are picked before or after a change that was tried: a line from one rank to the other."""
    return _of_rerun(rerun, language)


@lru_cache(KEPT)
def _of_rerun(rerun: Rerun, language: str) -> str:
    labels = LABELS[language]
    told = labels.rerun_title.format(condition(rerun, labels))
    entered, left, moved = ([r for r in rerun.ranks if _kind(r, rerun.size) == kind] for kind in ("in", "out", "moved"))
    for words, ranks in ((labels.rerun_in, entered), (labels.rerun_out, left), (labels.rerun_moved, moved)):
        if ranks:
            moves = labels.joined([labels.rank.format(r.item.name, _rank(r.before, labels), _rank(r.after, labels)) for r in ranks])
            told += f"{labels.stop}{words.format(moves)}"
    table = _table(
        ("", labels.before, labels.after), [(r.item.name, _rank(r.before, labels), _rank(r.after, labels)) for r in rerun.ranks], (), labels,
    )
    return _figure(_slopes(rerun, labels, told), table, above=labels.rerun_title.format(condition(rerun, labels)))


def _rank(rank: int | None, labels: Labels) -> str:
    return labels.no_rank if rank is None else str(rank)


def _place(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _kind(r: RankChange, size: int) -> str:
    """What happens to a film: it comes "in", goes "out", is "moved" within the picks, or stays "even"."""
    was, will = r.before is not None and r.before <= size, r.after is not None and r.after <= size
    if was != will:
        return "in" if will else "out"
    return "moved" if r.before != r.after else "even"


def _slopes(rerun: Rerun, labels: Labels, told: str) -> str:
    digits = [max(width(_place(rank)) for rank in ranks) for ranks in ([r.before for r in rerun.ranks], [r.after for r in rerun.ranks])]
    start = max(digits[0], width(labels.before, SMALL) - 4) + 9
    end = start + 72
    names_at = end + max(digits[1], width("00")) + 18
    by_after = list(rerun.ranks)
    by_before = sorted(rerun.ranks, key=lambda r: (r.before is None, r.before or 0))
    names = [
        wrapped(f"{r.item.name} ({labels.filtered})" if r.after is None else r.item.name, TALK - names_at, font=BOLD) for r in by_after
    ]
    top = LINE + 6
    picked = sum(r.after is not None and r.after <= rerun.size for r in by_after)
    centres = []
    for n, lines in enumerate(names):
        top += 10 if n == picked else 0
        centres.append(top + SIZE * 0.62)
        top += len(lines) * LINE + 5
    sheet = Sheet(TALK, top)
    sheet.text(start + 3.2, SMALL, labels.before, "soft", SMALL, anchor="end")
    sheet.text(end - 3.2, SMALL, labels.after, "soft", SMALL)
    if picked < len(names):
        _edge(sheet, centres, picked, end - 6, TALK)
    chosen = sum(r.before is not None and r.before <= rerun.size for r in by_before)
    if chosen < len(names):
        _edge(sheet, centres, chosen, 0, start + 6)
    at = {r.item.id: y for r, y in zip(by_before, centres, strict=True)}
    for r, y, lines in zip(by_after, centres, names, strict=True):
        kind = _kind(r, rerun.size)
        was = at[r.item.id]
        sheet.line([start, end], [was, y], f"slope {kind}")
        for x, place in ((start, was), (end, y)):
            sheet.dot(x, place, 3.2, kind)
        sheet.text(start - 9, was + SIZE * 0.36, _place(r.before), "number", anchor="end")
        sheet.text(names_at - 8, y + SIZE * 0.36, _place(r.after), "number", anchor="end")
        sheet.lines(names_at, y + SIZE * 0.36, lines, {"in": "strong", "out": "soft"}.get(kind, ""))
    return sheet.svg(told)


def _edge(sheet: Sheet, centres: Sequence[float], after: int, left: float, right: float) -> None:
    """The line under the last pick."""
    y = centres[after] - SIZE * 0.62 - 7
    sheet.line([left, right], [y, y], "rule firm")


# HTML


def _hue(contribution: Contribution, colours: Mapping[Subject, str]) -> str:
    hue = colours.get((contribution.source, contribution.ref), PRIOR)
    return hue if contribution.value >= 0 else f"{hue} against"


def _unsigned(units: int) -> str:
    """A number of a matrix: without a plus, and a dash for nothing."""
    return signed(units).removeprefix("+") if units else "–"


def _figure(svg: str, table: str = "", above: str = "", below: str = "") -> str:
    title = f"<figcaption>{escape(above)}</figcaption>" if above else ""
    key = f"<figcaption>{escape(below)}</figcaption>" if below else ""
    return f'<figure class="chart">{title}{svg}{key}{table}</figure>'


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], foot: Sequence[str], labels: Labels, titles: Sequence[str] = ()
) -> str:
    """All numbers of a chart, on demand. `titles` say in full what the head only names."""
    full = [f' aria-label="{escape(t)}"' if t else "" for t in titles] or [""] * len(head)
    columns = "".join(f'<th scope="col"{title}>{escape(name)}</th>' for name, title in zip(head, full, strict=True))
    body = "".join(_row(row) for row in rows)
    last = f"<tfoot>{_row(foot)}</tfoot>" if foot else ""
    return (
        f'<details class="numbers"><summary>{escape(labels.as_table)}</summary><table><thead><tr>{columns}</tr></thead>'
        f"<tbody>{body}</tbody>{last}</table></details>"
    )


def _row(row: Sequence[str]) -> str:
    return f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
