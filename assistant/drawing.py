"""A chart as an inline SVG: drawn by matplotlib, then left to the page's fonts and colours.

What is drawn carries a class instead of a colour; the stylesheet gives the class one for each theme. Text stays text.
Knows nothing of films and profiles. matplotlib is imported when the first chart is drawn: it takes as long as a turn.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from types import SimpleNamespace
from unicodedata import east_asian_width
from xml.etree import ElementTree

SIZE = 12.5
"""Height of text in units. A unit is about a pixel of a phone."""
LEADING = 1.28
"""From one line of text to the next, in sizes."""
SERIF, BOLD = "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"
"""What text is measured in. They come with matplotlib, and are wider than the page's fonts, so that what fits in them fits."""
EM = 64
"""The size that characters are measured at."""
WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Characters of scripts without spaces, as in a regular expression's class."""
CLOSING = "、。〉》」』】〕！），：；？’”"
MARK = "class: "
"""Stands before the class in an artist's id."""
DOT = "dot "
"""Stands before the mark of a disc."""
SVG = "{http://www.w3.org/2000/svg}"

_drawing = threading.Lock()  # matplotlib's caches are not made for threads


class Sheet:
    """A drawing of `width` by `height` units; y runs down from the top.

    x is in units too, unless `limits` is given: then the units from `left` to `right` show the values in `limits`. Text
    and dots are always in units. There are no Axes: nothing here has ticks, and they would
    take more time than all the rest.
    """

    def __init__(
        self, width: float, height: float, left: float = 0.0, right: float | None = None, limits: tuple[float, float] | None = None
    ) -> None:
        self._library = _library()
        self._words: list[str] = []
        self.width, self.height = width, height
        low, high = limits or (0.0, width)
        self._place = self._library.Affine2D().translate(-low, 0.0).scale(
            ((width if right is None else right) - left) / (high - low), -1.0).translate(left, height)
        self._units = self._library.Affine2D().scale(1.0, -1.0).translate(0.0, height)
        self._figure = self._library.Figure(figsize=(width / 72, height / 72), dpi=72)

    def bar(self, start: float, value: float, y: float, height: float, kind: str) -> None:
        """From `start` on by `value`, below `y`; a negative value runs to the left."""
        self._add(self._library.Rectangle((start, y), value, height), kind, self._place)

    def line(self, xs: Sequence[float], ys: Sequence[float], kind: str) -> None:
        self._add(self._library.Line2D(xs, ys), kind, self._place)

    def area(self, xs: Sequence[float], above: Sequence[float], below: Sequence[float], kind: str) -> None:
        """The band between two lines."""
        outline = [*zip(xs, above, strict=True), *reversed(list(zip(xs, below, strict=True)))]
        self._add(self._library.Polygon(outline), kind, self._place)

    def dot(self, x: float, y: float, radius: float, kind: str) -> None:
        self._add(self._library.Circle((x, y), radius), kind, self._units, DOT)

    def text(self, x: float, y: float, words: str, kind: str = "", size: float = SIZE, anchor: str = "start") -> None:
        """One line with its baseline at `y`. anchor: which end of it is at `x`: "start", "middle" or "end"."""
        side = {"start": "left", "middle": "center", "end": "right"}[anchor]
        # matplotlib only places the text: its own fonts may lack the glyphs, and to measure them would take it most of its time.
        self._add(self._library.Text(x, y, "0", fontsize=size, ha=side, va="baseline"), kind, self._units, f"{len(self._words)} ")
        self._words.append(plain(words))

    def lines(self, x: float, y: float, lines: Sequence[str], kind: str = "", size: float = SIZE) -> None:
        """Lines one below the other, the first with its baseline at `y`."""
        for n, line in enumerate(lines):
            self.text(x, y + n * size * LEADING, line, kind, size)

    def svg(self, label: str) -> str:
        """The drawing, for a screen reader one image with the words of `label`."""
        out = io.StringIO()
        with _drawing:
            self._figure.savefig(out, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        parts = "".join(_parts(ElementTree.fromstring(out.getvalue()), self._words))
        return (
            f'<svg role="img" aria-label="{escape(plain(label))}" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'xmlns="http://www.w3.org/2000/svg">{parts}</svg>'
        )

    def _add(self, artist, kind: str, place, before: str = "") -> None:
        artist.set_gid(f"{before}{MARK}{kind or ' '}")
        artist.set_transform(place)
        self._figure.add_artist(artist)


def warm_up() -> None:
    """Loads the library, a second that the first chart would take otherwise."""
    _library()


def width(words: str, size: float = SIZE, font: str = SERIF) -> float:
    """How wide a line of text is at most, in units. font: SERIF or BOLD."""
    return sum(_advance(character, font) for character in plain(words)) * size


def wrapped(words: str, room: float, size: float = SIZE, font: str = SERIF) -> list[str]:
    """The text in lines of `room` units at most, broken between words; only a word longer than a line is broken itself."""
    lines, line = [], ""
    for piece in _pieces(plain(words)):
        if width((line + piece).rstrip(), size, font) <= room:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        *whole, line = _broken(piece, room, size, font)
        lines += whole
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def plain(words: str) -> str:
    """On one line, without characters that cannot be shown."""
    return "".join(c for c in " ".join(words.split()) if c.isprintable())


def _pieces(words: str) -> list[str]:
    """What a line may end after: words with the space behind them, and each Chinese character with what closes after it."""
    return [piece for piece in re.findall(rf"[^ {WIDE}]*[{WIDE}]?[{CLOSING}]* ?", words) if piece]


def _broken(word: str, room: float, size: float, font: str) -> list[str]:
    """A word in parts of a line at most, broken at its hyphens where that is enough."""
    parts = [""]
    for piece in re.findall("[^-]*-|[^-]+", word):
        for part in [piece] if width(piece.rstrip(), size, font) <= room else piece:
            if parts[-1] and width((parts[-1] + part).rstrip(), size, font) > room:
                parts.append("")
            parts[-1] += part
    return parts


@cache
def _library() -> SimpleNamespace:
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle, Polygon, Rectangle
    from matplotlib.text import Text
    from matplotlib.transforms import Affine2D

    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "tellwhy", "path.simplify": False})
    fonts = {name: font_manager.get_font(f"{matplotlib.get_data_path()}/fonts/ttf/{name}") for name in (SERIF, BOLD)}
    for font in fonts.values():
        font.set_size(EM, 72)
    return SimpleNamespace(
        Figure=Figure, Rectangle=Rectangle, Polygon=Polygon, Circle=Circle, Line2D=Line2D, Text=Text, Affine2D=Affine2D, fonts=fonts
    )


@cache
def _advance(character: str, name: str) -> float:
    """How wide a character is, in sizes."""
    font = _library().fonts[name]
    if east_asian_width(character) in "WF" or not font.get_char_index(ord(character)):
        return 1.0
    with _drawing:
        return font.load_char(ord(character)).linearHoriAdvance / 65536 / EM


def _parts(root: ElementTree.Element, words: Sequence[str]) -> Iterator[str]:
    """The marked shapes and texts of matplotlib's SVG, without styles and ids, and with their words."""
    for group in root.iter(f"{SVG}g"):
        mark, _, kind = group.get("id", "").partition(MARK)
        if not kind:
            continue
        classed = f' class="{escape(kind.strip())}"' if kind.strip() else ""
        for shape in (*group.iter(f"{SVG}path"), *group.iter(f"{SVG}text")):
            if mark == DOT:
                yield f"<circle{classed}{_round(shape)}/>"
            elif shape.tag == f"{SVG}path":
                yield f'<path{classed} d="{_short(shape.get("d", ""))}"/>'
            else:
                yield f"<text{classed}{_placed(shape)}>{escape(words[int(mark)])}</text>"


def _short(path: str) -> str:
    """A path with numbers to a hundredth of a unit."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), " ".join(path.split()))


def _round(path: ElementTree.Element) -> str:
    """A disc, which matplotlib writes as eight curves, as its centre and radius."""
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
    left, right, top, bottom = min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])
    return f' cx="{(left + right) / 2:.4g}" cy="{(top + bottom) / 2:.5g}" r="{(right - left) / 2:.3g}"'


def _placed(text: ElementTree.Element) -> str:
    style = dict(part.split(": ", 1) for part in text.get("style", "").split("; "))
    anchor = style.get("text-anchor", "start")
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f' x="{float(text.get("x", 0)):.5g}" y="{float(text.get("y", 0)):.5g}" font-size="{style["font-size"].removesuffix("px")}"{anchored}'
