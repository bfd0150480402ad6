"""The page's pieces as HTML: messages, cards with their contributions, the profile, the first-visit strip.

Pure functions of what the store holds. Everything that comes from a person or the catalog goes through `escape`.
Buttons carry `data-do` and `data-id`; the page turns a click on one into an event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from assistant import charts, controls
from assistant.captions import ENGLISH, named
from assistant.evidence import shown
from assistant.phrases import capital, felt, limit
from assistant.state import Profile
from assistant.units import PLACES, in_units, signed
from store.records import ITEM, Contribution, Item, Preference, Recommendation, Rerun

if TYPE_CHECKING:
    from assistant.conversation import Turn

EXAMPLES = (
    "I loved Heat and Alien, nothing too long, no horror",
    "Something funny from the 90s",
    "A thriller with Al Pacino",
    "What can you do?",
)
HUES = ("a", "b", "c", "d", "e")
"""Classes of the causes of a slate, the weightiest first; the stylesheet gives them colours that the colour-blind can
tell apart. Later causes share the last."""
PRIOR = "prior"
"""The class of what is not the person's: the prior and slate effects."""
QUOTED = 90
"""Characters of a message that the profile quotes."""

Subject = tuple[str, str]
"""What a contribution is tied to: (source, ref)."""


def conversation(
    turns: Sequence[Turn], starters: Sequence[Item], suggestions: Sequence[str] = (), notice: str = "", profile: Profile | None = None
) -> str:
    """The whole talk: the greeting while nothing was said, then every message, then suggested replies."""
    felt_about = {p.item_id: p.role for p in profile.items} if profile else {}
    parts = [f'<p class="notice" role="status">{escape(notice)}</p>'] if notice else []
    if not turns:
        parts.append(greeting(starters, felt_about))
    parts.append(told(turns, felt_about))
    if suggestions:
        parts.append(f'<div class="suggestions" aria-label="Suggested replies">{"".join(map(_say, suggestions))}</div>')
    return f'<div class="talk" role="log" aria-live="polite">{"".join(parts)}</div>'


def told(turns: Sequence[Turn], felt_about: dict | None = None, replaced: bool = False) -> str:
    """Every message of a conversation. `replaced`: the last slate is being replaced by what a click brings."""
    folded = superseded(turns, replaced)
    slates = [t.recommendations for t in turns]
    return "".join(
        message(t.message.role, t.message.text, t.recommendations, t.reasons, felt_about, t.reruns, latest(slates[:place]), folded=place in folded)
        for place, t in enumerate(turns)
    )


def latest(slates: Sequence[Sequence[Recommendation]]) -> Sequence[Recommendation]:
    """The last slate that is not empty; empty when there is none."""
    return next((slate for slate in reversed(slates) if slate), ())


def superseded(turns: Sequence[Turn], replaced: bool = False) -> set[int]:
    """The places of turns whose slate a click has replaced: no message was typed between it and the next slate."""
    gone: set[int] = set()
    last: list[int] = []
    for place, turn in enumerate(turns):
        if turn.message.role == "user":
            last = []
        if turn.recommendations:
            gone.update(last)
            last = [place]
    return gone.union(last) if replaced else gone


def greeting(starters: Sequence[Item], felt_about: dict[int | None, str]) -> str:
    """What a first visitor sees."""
    return (
        '<section class="greeting"><h2>Tell me films you love. I pick others, and can always say why.</h2>'
        "<p>Every reason is a number that ranked the film. Ask <em>why the second one?</em>, <em>why not Blade Runner?</em>, "
        "<em>what if I hadn’t liked Heat?</em></p>"
        f'<div class="suggestions" aria-label="Examples">{"".join(map(_say, EXAMPLES))}</div>'
        "<h3>Or start with films you know</h3>"
        f'<div class="strip">{"".join(starter(i, felt_about.get(i.id)) for i in starters)}</div></section>'
    )


def starter(item: Item, role: str | None) -> str:
    return (
        f'<div class="starter"><strong>{escape(item.title)}</strong><span>{item.year or ""}</span><div class="acts">'
        f'{_button("like", item, "Like", role == "like")}{_button("dislike", item, "Dislike", role == "dislike")}</div></div>'
    )


def message(
    role: str, text: str, picks: Sequence[Recommendation] = (), reasons: Sequence[str] = (), felt_about: dict | None = None,
    reruns: Sequence[Rerun] = (), before: Sequence[Recommendation] = (), busy: bool = False, folded: bool = False,
) -> str:
    """One message; picks stand before the prose, ranks before and after a tried change behind it.

    `before` is the slate before: where the two share films, each card tells what became of it. `busy` shows that more is coming. Charts are drawn when it is whole, so that they hold nothing up. `folded` leaves of the
    picks their titles, and the rest on demand.
    """
    who = {"user": "you", "click": "you click"}.get(role, "it")
    colours = hues(picks)
    moved = moves(picks, before)
    cards = "".join(
        card(p, r, colours, (felt_about or {}).get(p.item.id), moved.get(p.item.id, ""), drawn=not busy)
        for p, r in zip(picks, reasons or [""] * len(picks), strict=True)
    )
    slate = f'<div class="slate">{cards}</div>{drive(picks, colours, drawn=not busy)}' if cards else ""
    if slate and folded:
        titles = ENGLISH.replaced.format(" · ".join(f"{p.rank}\u00a0{p.item.title}" for p in picks))
        slate = f'<details class="replaced"><summary>{escape(titles)}</summary>{slate}</details>'
    dots = '<span class="dots" role="status" aria-label="working"><i></i><i></i><i></i></span>' if busy else ""
    prose = f'<p class="{"bubble" if role != "assistant" else "said"}">{_kept_together(text)}{dots}</p>' if text or dots else ""
    return f'<article class="{who}">{slate}{prose}{"".join(map(charts.of_rerun, reruns))}</article>'


def moves(picks: Sequence[Recommendation], before: Sequence[Recommendation]) -> dict[int, str]:
    """What became of each film since the slate before: new in it, or at another rank; nothing where the two share no film."""
    ranks = {p.item.id: p.rank for p in before}
    if not any(p.item.id in ranks for p in picks):
        return {}
    return {
        p.item.id: ENGLISH.was.format(ranks[p.item.id]) if p.item.id in ranks else ENGLISH.new
        for p in picks if ranks.get(p.item.id) != p.rank
    }


def drive(picks: Sequence[Recommendation], colours: Mapping[Subject, str], drawn: bool = True) -> str:
    """What drives the picks of a slate, on demand."""
    chart = charts.of_slate(picks, colours) if drawn else ""
    return f'<details class="drive"><summary>{escape(ENGLISH.slate_title)}</summary>{chart}</details>'


def hues(picks: Sequence[Recommendation]) -> dict[Subject, str]:
    """The colour of each cause, the same on every card of a slate: the more a cause counts in it, the earlier."""
    weight: dict[Subject, float] = {}
    for c in (c for pick in picks for c in pick.contributions if c.source not in ("prior", "slate")):
        weight[c.source, c.ref] = weight.get((c.source, c.ref), 0.0) + abs(c.value)
    ordered = sorted(weight, key=lambda subject: (-weight[subject], subject))
    return {subject: HUES[min(n, len(HUES) - 1)] for n, subject in enumerate(ordered)}


def card(pick: Recommendation, reason: str, colours: Mapping[Subject, str], role: str | None = None, moved: str = "", drawn: bool = True) -> str:
    """A pick: what it is and what became of it, its main reason, the bar of what speaks for it, and on demand every addend of its score."""
    item = pick.item
    mark = f'<span class="moved">{escape(moved)}</span>' if moved else ""
    made = " · ".join(filter(None, (", ".join(item.directors[:2]), f"{item.runtime}\u00a0min" if item.runtime else "")))
    return (
        f'<section class="card" aria-label="Pick {pick.rank}: {escape(item.name)}"><header><span class="rank">{pick.rank}</span>'
        f'<h3>{escape(item.title)} <span class="year">{item.year or ""}</span></h3>{mark}</header>'
        f'<p class="facts"><span>{escape(", ".join(item.genres[:3]))}</span><span>{escape(made)}</span></p><p class="reason">{_kept_together(reason)}</p>{contributions(pick, colours, drawn)}'
        f'<div class="acts">{_button("like", item, "Like", role == "like")}{_button("dislike", item, "Dislike", role == "dislike")}'
        f'{_button("seen", item, "Seen", role == "seen")}{_button("why", item, "Why?")}'
        f'{_button("alike", item, ENGLISH.alike)}</div></section>'
    )


def contributions(pick: Recommendation, colours: Mapping[Subject, str], drawn: bool = True) -> str:
    """The bar of positive shares, opening to all addends and their sum: as a chart with the table folded away, or the table alone."""
    addends = sorted(pick.contributions, key=lambda c: -c.value)
    positive = [c for c in addends if c.value > 0]
    total = sum(c.value for c in positive) or 1.0
    segments = "".join(f'<i class="{_hue(c, colours)}" style="width:{100 * c.value / total:.1f}%"></i>' for c in positive)
    spoken = ", ".join(f"{c.label} {100 * c.value / total:.0f} %" for c in positive[:4]) or "nothing speaks for it"
    rows = "".join(
        f'<tr><td><i class="{_hue(c, colours)}"></i>{escape(named(c, ENGLISH))}</td><td>{signed(units)}</td></tr>'
        for c, units in zip(addends, in_units([c.value for c in addends], pick.score), strict=True)
    )
    table = (
        f"<table><tbody>{rows}</tbody>"
        f"<tfoot><tr><td>{escape(ENGLISH.score)}</td><td>{signed(round(pick.score * 10**PLACES))}</td></tr></tfoot></table>"
    )
    if drawn:
        folded = f'<details class="numbers"><summary>{escape(ENGLISH.as_table)}</summary>{table}</details>'
        table = charts.of_pick(pick, colours) + controls.reasons(pick) + folded
    return (
        f'<details class="why"><summary aria-label="{escape(f"Contributions: {spoken}. Open for all numbers.")}"><span class="bar">{segments}</span>'
        f'<span class="more">all numbers</span></summary>{table}</details>'
    )


def _hue(contribution: Contribution, colours: Mapping[Subject, str]) -> str:
    hue = colours.get((contribution.source, contribution.ref), PRIOR)
    return hue if contribution.value >= 0 else f"{hue} against"


def panel(profile: Profile, strengths: Mapping[Preference, float], chart: str = "") -> str:
    """What is known, each entry with the words it came from and a button to take it out; on demand sliders for `strengths`
    (0..1, of the entries that have one), and `chart`, the same in time."""
    if not len(profile):
        return '<aside class="profile"><h3>What I know about you</h3><p class="empty">Nothing yet. It fills as you talk, and you can take anything out.</p></aside>'
    latest_first = sorted(profile, key=lambda p: -(p.message_id or 0))
    groups = "".join(_told_together(list(entries), strengths) for _, entries in groupby(latest_first, key=lambda p: p.message_id))
    return (
        f'<aside class="profile"><h3>What I know about you <span class="count">{len(profile)}</span></h3>{groups}'
        f'<details class="drive"><summary>{escape(ENGLISH.profile_title)}</summary>{chart}</details>'
        '<div class="acts"><button type="button" data-do="undo">Undo last</button></div></aside>'
    )


def _told_together(entries: Sequence[Preference], strengths: Mapping[Preference, float]) -> str:
    """What one message told, under its words."""
    quote = entries[0].quote or ""
    quote = quote if len(quote) <= QUOTED else f"{quote[:QUOTED].rsplit(' ', 1)[0]}…"
    words = f"<q>{escape(quote)}</q>" if quote else ""
    return f'<div class="told">{words}<ul>{"".join(_entry(p, strengths.get(p)) for p in entries)}</ul></div>'


def _entry(p: Preference, strength: float | None) -> str:
    told = limit(p) if p.role in ("max", "min", "only") or p.role == "avoid" and p.kind != ITEM else felt(p)
    return (
        f'<li class="{escape(p.role)}"><strong>{escape(capital(told))}</strong>{"" if strength is None else controls.slider(p, strength)}'
        f'<button type="button" class="drop" data-do="remove" data-id="{p.entry_id}" aria-label="Take out: {escape(shown(p))}">×</button></li>'
    )


def _button(action: str, item: Item, words: str, pressed: bool | None = None) -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (f'<button type="button" data-do="{action}" data-id="{item.id}"{state} aria-label="{escape(words)}: {escape(item.name)}">'
            f"{escape(words)}</button>")


def _say(text: str) -> str:
    return f'<button type="button" class="say" data-do="say" data-text="{escape(text)}">{escape(text)}</button>'


def _kept_together(text: str) -> str:
    """Escaped text in which a number and its percent sign stay on one line."""
    return escape(text).replace(" %", "\u00a0%")
