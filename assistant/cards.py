"""The page's pieces as HTML: messages, cards with their contributions, the profile, the first-visit strip.

Pure functions of what the store holds. Everything that comes from a person or the catalog goes through `escape`.
Buttons carry `data-do` and `data-id`; the page turns a click on one into an event. `language` is the page's, "en" or "zh":
answers, reasons and quotes stay in theirs, and are marked with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from assistant import charts, controls
from assistant.captions import LABELS, entry_named, named
from assistant.languages import answered_in, language_of
from assistant.page_words import PAGE_WORDS
from assistant.state import Profile
from assistant.units import PLACES, in_units, signed
from store.records import Contribution, Item, Preference, Recommendation, Rerun

if TYPE_CHECKING:
    from assistant.events import Turn

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
    turns: Sequence[Turn], starters: Sequence[Item], suggestions: Sequence[str] = (), notice: str = "", profile: Profile | None = None,
    language: str = "en",
) -> str:
    """The whole talk: the greeting while nothing was said, then every message, then suggested replies."""
    felt_about = {p.item_id: p.role for p in profile.items} if profile else {}
    parts = [f'<p class="notice" role="status">{escape(notice)}</p>'] if notice else []
    if not turns:
        parts.append(greeting(starters, felt_about, language))
    parts.append(told(turns, felt_about, language=language))
    if suggestions:
        parts.append(f'<div class="suggestions" aria-label="{PAGE_WORDS[language].replies_label}">{"".join(map(_say, suggestions))}</div>')
    return talk("".join(parts), language)


def talk(inside: str, language: str = "en") -> str:
    return f'<div class="talk" role="log" aria-live="polite" lang="{language}">{inside}</div>'


def masthead(language: str = "en") -> str:
    """The name, what it is, and the languages to choose from, each in its own words."""
    ways = "<span>/</span>".join(
        f'<button type="button" data-do="language" data-id="{code}" lang="{code}" aria-pressed="{str(code == language).lower()}">{words.own_name}</button>'
        for code, words in PAGE_WORDS.items()
    )
    words = PAGE_WORDS[language]
    return (
        f'<header id="masthead" lang="{language}"><h1>Tell<b>Why</b></h1><p>{words.tagline}</p>'
        f'<div class="languages" role="group" aria-label="{words.languages}">{ways}</div></header>'
    )


def told(turns: Sequence[Turn], felt_about: dict | None = None, replaced: bool = False, language: str = "en") -> str:
    """Every message of a conversation. `replaced`: the last slate is being replaced by what a click brings."""
    folded = superseded(turns, replaced)
    slates = [t.recommendations for t in turns]
    return "".join(
        message(
            t.message.role, t.message.text, t.recommendations, t.reasons, felt_about, t.reruns, latest(slates[:place]), folded=place in folded,
            language=language,
        )
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


def greeting(starters: Sequence[Item], felt_about: dict[int | None, str], language: str = "en") -> str:
    """What a first visitor sees."""
    words = PAGE_WORDS[language]
    asked = words.comma.join(f"<em>{question}</em>" for question in words.asked)
    return (
        f"<section class=\"greeting\"><h2>{words.greeting}</h2><p>{words.asks.format(asked)}</p>"
        f'<div class="suggestions" aria-label="{words.examples_label}">{"".join(map(_say, words.examples))}</div>'
        f"<h3>{words.start_with}</h3>"
        f'<div class="strip">{"".join(starter(i, felt_about.get(i.id), language) for i in starters)}</div></section>'
    )


def starter(item: Item, role: str | None, language: str = "en") -> str:
    return (
        f'<div class="starter"><strong>{escape(item.title)}</strong><span>{item.year or ""}</span><div class="acts">'
        f"{_feelings(item, role, language, ('like', 'dislike'))}</div></div>"
    )


def message(
    role: str, text: str, picks: Sequence[Recommendation] = (), reasons: Sequence[str] = (), felt_about: dict | None = None,
    reruns: Sequence[Rerun] = (), before: Sequence[Recommendation] = (), busy: bool = False, folded: bool = False, language: str = "en",
) -> str:
    """One message; picks stand before the prose, ranks before and after a tried change behind it.

    `before` is the slate before: where the two share films, each card tells what became of it. `busy` shows that more is
    coming; charts are drawn when it is whole, so that they hold nothing up. `folded` leaves of the picks their titles, and
    the rest on demand.
    """
    who = {"user": "you", "click": "you click"}.get(role, "it")
    labels, colours = LABELS[language], hues(picks)
    moved = moves(picks, before, language)
    cards = "".join(
        card(p, r, colours, (felt_about or {}).get(p.item.id), moved.get(p.item.id, ""), drawn=not busy, language=language)
        for p, r in zip(picks, reasons or [""] * len(picks), strict=True)
    )
    slate = f'<div class="slate">{cards}</div>{drive(picks, colours, drawn=not busy, language=language)}' if cards else ""
    if slate and folded:
        titles = labels.replaced.format(" · ".join(f"{p.rank}\u00a0{p.item.title}" for p in picks))
        slate = f'<details class="replaced"><summary>{escape(titles)}</summary>{slate}</details>'
    dots = f'<span class="dots" role="status" aria-label="{PAGE_WORDS[language].working}"><i></i><i></i><i></i></span>' if busy else ""
    prose = f'<p class="{"bubble" if role != "assistant" else "said"}">{_kept_together(text)}{dots}</p>' if text or dots else ""
    charted = "".join(charts.of_rerun(rerun, language) for rerun in reruns)
    # Cards and charts are the page's, in an article that may be in another language.
    above, below = (f'<div lang="{language}">{part}</div>' if part else "" for part in (slate, charted))
    spoken = language_of(text) if role != "user" else answered_in(text, "en")
    return f'<article class="{who}" lang="{spoken if text else language}">{above}{prose}{below}</article>'


def moves(picks: Sequence[Recommendation], before: Sequence[Recommendation], language: str = "en") -> dict[int, str]:
    """What became of each film since the slate before: new in it, or at another rank; nothing where the two share no film."""
    labels, ranks = LABELS[language], {p.item.id: p.rank for p in before}
    if not any(p.item.id in ranks for p in picks):
        return {}
    return {
        p.item.id: labels.was.format(ranks[p.item.id]) if p.item.id in ranks else labels.new
        for p in picks if ranks.get(p.item.id) != p.rank
    }


def drive(picks: Sequence[Recommendation], colours: Mapping[Subject, str], drawn: bool = True, language: str = "en") -> str:
    """What drives the picks of a slate, on demand."""
    chart = charts.of_slate(picks, colours, language) if drawn else ""
    return f'<details class="drive"><summary>{escape(LABELS[language].slate_title)}</summary>{chart}</details>'


def hues(picks: Sequence[Recommendation]) -> dict[Subject, str]:
    """The colour of each cause, the same on every card of a slate: the more a cause counts in it, the earlier."""
    weight: dict[Subject, float] = {}
    for c in (c for pick in picks for c in pick.contributions if c.source not in ("prior", "slate")):
        weight[c.source, c.ref] = weight.get((c.source, c.ref), 0.0) + abs(c.value)
    ordered = sorted(weight, key=lambda subject: (-weight[subject], subject))
    return {subject: HUES[min(n, len(HUES) - 1)] for n, subject in enumerate(ordered)}


def card(
    pick: Recommendation, reason: str, colours: Mapping[Subject, str], role: str | None = None, moved: str = "", drawn: bool = True,
    language: str = "en",
) -> str:
    """A pick: what it is and what became of it, its main reason, the bar of what speaks for it, and on demand every addend of its score."""
    item, words = pick.item, PAGE_WORDS[language]
    mark = f'<span class="moved">{escape(moved)}</span>' if moved else ""
    genres = words.comma.join(map(words.genre, item.genres[:3]))
    made = " · ".join(filter(None, (words.comma.join(item.directors[:2]), words.minutes.format(item.runtime) if item.runtime else "")))
    return (
        f'<section class="card" aria-label="{escape(words.pick.format(pick.rank, item.name))}"><header><span class="rank">{pick.rank}</span>'
        f'<h3>{escape(item.title)} <span class="year">{item.year or ""}</span></h3>{mark}</header>'
        f'<p class="facts"><span>{escape(genres)}</span><span>{escape(made)}</span></p>'
        f'<p class="reason" lang="{language_of(reason)}">{_kept_together(reason)}</p>{contributions(pick, colours, drawn, language)}'
        f"<div class=\"acts\">{_feelings(item, role, language, ('like', 'dislike', 'seen'))}"
        f'{_button("why", item, words.why, language)}{_button("alike", item, LABELS[language].alike, language)}</div></section>'
    )


def contributions(pick: Recommendation, colours: Mapping[Subject, str], drawn: bool = True, language: str = "en") -> str:
    """The bar of positive shares, opening to all addends and their sum: as a chart with the table folded away, or the table alone."""
    words, labels = PAGE_WORDS[language], LABELS[language]
    addends = sorted(pick.contributions, key=lambda c: -c.value)
    positive = [c for c in addends if c.value > 0]
    total = sum(c.value for c in positive) or 1.0
    segments = "".join(f'<i class="{_hue(c, colours)}" style="width:{100 * c.value / total:.1f}%"></i>' for c in positive)
    spoken = words.comma.join(f"{named(c, labels)} {labels.percent.format(round(100 * c.value / total))}" for c in positive[:4]) or words.nothing_speaks
    rows = "".join(
        f'<tr><td><i class="{_hue(c, colours)}"></i>{escape(named(c, labels))}</td><td>{signed(units)}</td></tr>'
        for c, units in zip(addends, in_units([c.value for c in addends], pick.score), strict=True)
    )
    table = (
        f"<table><tbody>{rows}</tbody>"
        f"<tfoot><tr><td>{escape(labels.score)}</td><td>{signed(round(pick.score * 10**PLACES))}</td></tr></tfoot></table>"
    )
    if drawn:
        folded = f'<details class="numbers"><summary>{escape(labels.as_table)}</summary>{table}</details>'
        table = charts.of_pick(pick, colours, language) + controls.reasons(pick, language) + folded
    return (
        f'<details class="why"><summary aria-label="{escape(words.speaks_for.format(spoken))}"><span class="bar">{segments}</span>'
        f'<span class="more">{words.all_numbers}</span></summary>{table}</details>'
    )


def _hue(contribution: Contribution, colours: Mapping[Subject, str]) -> str:
    hue = colours.get((contribution.source, contribution.ref), PRIOR)
    return hue if contribution.value >= 0 else f"{hue} against"


def panel(profile: Profile, strengths: Mapping[Preference, float], chart: str = "", language: str = "en") -> str:
    """What is known, each entry with the words it came from and a button to take it out; on demand sliders for `strengths`
    (0..1, of the entries that have one), and `chart`, the same in time."""
    words = PAGE_WORDS[language]
    if not len(profile):
        return f'<aside class="profile" lang="{language}"><h3>{words.known}</h3><p class="empty">{words.nothing_known}</p></aside>'
    latest_first = sorted(profile, key=lambda p: -(p.message_id or 0))
    groups = "".join(
        _told_together(list(entries), strengths, language) for _, entries in groupby(latest_first, key=lambda p: p.message_id)
    )
    return (
        f'<aside class="profile" lang="{language}"><h3>{words.known} <span class="count">{len(profile)}</span></h3>{groups}'
        f'<details class="drive"><summary>{escape(LABELS[language].profile_title)}</summary>{chart}</details>'
        f'<div class="acts"><button type="button" data-do="undo">{words.undo}</button></div></aside>'
    )


def _told_together(entries: Sequence[Preference], strengths: Mapping[Preference, float], language: str) -> str:
    """What one message told, under its words."""
    quote = entries[0].quote or ""
    quote = quote if len(quote) <= QUOTED else f"{quote[:QUOTED].rsplit(' ', 1)[0]}…"
    said = f'<q lang="{answered_in(quote, "en")}">{escape(quote)}</q>' if quote else ""
    return f'<div class="told">{said}<ul>{"".join(_entry(p, strengths.get(p), language) for p in entries)}</ul></div>'


def _entry(p: Preference, strength: float | None, language: str) -> str:
    labels = LABELS[language]
    slider = "" if strength is None else controls.slider(p, strength, language)
    take_out = PAGE_WORDS[language].take_out.format(labels.held(p))
    return (
        f'<li class="{escape(p.role)}"><strong>{escape(entry_named(p, labels))}</strong>{slider}'
        f'<button type="button" class="drop" data-do="remove" data-id="{p.entry_id}" aria-label="{escape(take_out)}">×</button></li>'
    )


def _feelings(item: Item, role: str | None, language: str, roles: Sequence[str]) -> str:
    """Buttons for what can be felt about a film; that of `role` is pressed."""
    return "".join(_button(way, item, getattr(PAGE_WORDS[language], way), language, role == way) for way in roles)


def _button(action: str, item: Item, words: str, language: str, pressed: bool | None = None) -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    spoken = PAGE_WORDS[language].spoken.format(words, item.name)
    return f'<button type="button" data-do="{action}" data-id="{item.id}"{state} aria-label="{escape(spoken)}">{escape(words)}</button>'


def _say(text: str) -> str:
    return f'<button type="button" class="say" data-do="say" data-text="{escape(text)}">{escape(text)}</button>'


def _kept_together(text: str) -> str:
    """Escaped text in which a number and its percent sign stay on one line."""
    return escape(text).replace(" %", "\u00a0%")
