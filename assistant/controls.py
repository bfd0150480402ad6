"""What a person moves on the page: buttons that make a reason count less or more, and the slider of an entry's strength.

Pure functions of records, as in `cards`. A button or slider carries `data-do` and `data-id`; the page makes an event of it.
"""

from __future__ import annotations

from html import escape

from assistant.captions import LABELS, named
from store.records import Preference, Recommendation

MOST_REASONS = 6
"""Reasons of a pick that can be steered at the pick, the biggest; the profile has sliders for all."""
STEP = 5
"""Percent that a slider moves by at a time."""


def reasons(pick: Recommendation, language: str = "en") -> str:
    """The person's own reasons of a pick, each with what can be done about it; empty when it has none."""
    labels = LABELS[language]
    own = sorted((c for c in pick.contributions if c.entry_id is not None), key=lambda c: -abs(c.value))[:MOST_REASONS]
    rows = []
    for c in own:
        name = named(c, labels)
        ways = "".join(
            f'<button type="button" data-do="{how}" data-id="{c.entry_id}" aria-label="{escape(f"{words}: {name}")}">{escape(words)}</button>'
            for how, words in (("less", labels.less), ("more", labels.more), ("wrong", labels.wrong))
        )
        rows.append(f"<li><span>{escape(name)}</span><span class=\"ways\">{ways}</span></li>")
    return f'<ul class="steer" aria-label="{escape(labels.steer)}">{"".join(rows)}</ul>' if rows else ""


def slider(preference: Preference, strength: float, language: str = "en") -> str:
    """The strength of an entry, on demand with a slider; let go at 0 it takes the entry out."""
    labels = LABELS[language]
    name, now = escape(labels.strength_of.format(labels.held(preference))), labels.percent.format(round(100 * strength))
    key = escape(f"tune {preference.kind} {preference.ref}")
    return (
        f'<details class="tune" data-key="{key}"><summary aria-label="{name}: {now}">{now}</summary>'
        f'<label><span>{escape(labels.strength)}</span><input type="range" min="0" max="100" step="{STEP}" value="{round(100 * strength)}" '
        f'data-do="strength" data-id="{preference.entry_id}" aria-label="{name}"></label></details>'
    )
