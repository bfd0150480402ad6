"""Pictures of an evaluation's figures, for docs/evaluation.md: dots or lines with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError

Point = tuple[float, float, float]
"""A value, and the low and the high end of its interval."""
OURS, OTHERS = "#b4552d", ("#4a6b8a", "#7a8f5a", "#8a6d9e", "#8c8c8c", "#a08050", "#5f9ea0")
INK, RULE = "#333333", "#d8d8d8"


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot.

    series: name -> points. With `places`, lines over these places, one point of each series at each; without, one row for each
    series, which has one point. ours: the series to be seen first. zero: a line at 0, for differences.
    """

    title: str
    series: dict[str, Sequence[Point]]
    places: Sequence[str] = ()
    across: str = ""
    ours: str = ""
    zero: bool = False


def draw(panels: Sequence[Panel], path: str | Path) -> None:
    """Writes the panels side by side to `path`, as its ending says (.svg, .png, .pdf).

    Raises AssistantError where it cannot be written, or for another ending.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    style = {"font.size": 9, "axes.edgecolor": RULE, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
             "svg.hashsalt": "tellwhy", "svg.fonttype": "path", "axes.spines.top": False, "axes.spines.right": False}
    rows = max((len(panel.series) for panel in panels if not panel.places), default=9)
    with pyplot.rc_context(style):
        # Names of rows stand beside the first panel only, and it is as much wider.
        figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels) + 1, max(2.6, 0.34 * rows + 0.9)), layout="constrained")
        for panel, ax in zip(panels, [axes] if len(panels) == 1 else axes, strict=True):
            (_lines if panel.places else _rows)(panel, ax)
            ax.set_title(panel.title, loc="left", fontsize=10)
        for ax, panel in list(zip([axes] if len(panels) == 1 else axes, panels, strict=True))[1:]:
            if not panel.places and list(panel.series) == list(panels[0].series):
                ax.set_yticklabels([])
        try:
            figure.savefig(path, dpi=150, metadata={"Date": None} if str(path).endswith(".svg") else None)
        except (OSError, ValueError) as error:
            raise AssistantError(f"cannot draw {path}: {error}; give --plot a path that ends in .svg or .png") from error
        finally:
            pyplot.close(figure)


def _colour(panel: Panel, name: str) -> str:
    others = [n for n in panel.series if n != panel.ours]
    return OURS if name == panel.ours else OTHERS[others.index(name) % len(OTHERS)] if panel.places else OTHERS[0]


def _rows(panel: Panel, ax) -> None:
    names = list(panel.series)
    for place, name in enumerate(names):
        value, low, high = panel.series[name][0]
        ax.plot([low, high], [place, place], color=_colour(panel, name), linewidth=2, solid_capstyle="round", alpha=0.55)
        ax.plot([value], [place], "o", color=_colour(panel, name), markersize=6)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.grid(axis="x", color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)
    if panel.zero:
        ax.axvline(0.0, color=INK, linewidth=0.8)
    elif names:
        ax.set_xlim(left=0.0)


def _lines(panel: Panel, ax) -> None:
    for name, points in panel.series.items():
        colour, places = _colour(panel, name), range(len(points))
        values, lows, highs = zip(*points, strict=True)
        ax.fill_between(places, lows, highs, color=colour, alpha=0.12, linewidth=0)
        ax.plot(places, values, "o-", color=colour, markersize=4, linewidth=2 if name == panel.ours else 1.3, label=name)
    ax.set_xticks(range(len(panel.places)), panel.places)
    ax.set_xlabel(panel.across)
    ax.tick_params(length=0)
    ax.grid(axis="y", color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)
    if panel.zero:
        ax.axhline(0.0, color=INK, linewidth=0.8)
    else:
        ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False, fontsize=8)
