"""The charts: their numbers are the stored ones and sum, nothing is cut or overlaps, and everybody can read them."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from assistant import attribution, cards, charts, drawing
from assistant.captions import CHINESE, ENGLISH, named
from assistant.recommend import Recommender
from assistant.state import Profile
from assistant.units import PLACES, in_units, signed
from store.records import Contribution, Item, Preference, RankChange, Recommendation, Rerun

ROOT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"
STRANGE = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb (1964)"
EVIL = '</text><img src=x onerror="alert(1)"> $\\frac{1}{2}$ & \x00\x1b]'


def film(item_id, title="Heat", year=1995):
    return Item(item_id, title, year)


def pick(rank, values, labels=(), item=None):
    """A pick with an item contribution for each value, then popularity and variety for the last two of four or more."""
    kinds = [("item", str(n)) for n in range(len(values))]
    if len(values) > 3:
        kinds[-2:] = [("prior", "popularity"), ("slate", "1")]
    labels = (*labels, *(f"Film number {n} ({1950 + n})" for n in range(len(labels), len(values))))
    parts = tuple(Contribution(*kind, label, value) for kind, label, value in zip(kinds, labels, values, strict=True))
    return Recommendation(item or film(100 + rank, f"Pick {rank}"), float(sum(values)), parts, rank)


MANY = [0.9 / (n + 1) + 0.00005 for n in range(9)] + [-0.21234, 0.33333, -0.05]
SLATES = {
    "1": [pick(n, [0.7 / n]) for n in range(1, 6)],
    "5": [pick(n, [0.5, 0.33335, -0.2 / n, 0.3, -0.1], (STRANGE, "Heat (1995)")) for n in range(1, 6)],
    "12": [pick(n, [v / n for v in MANY], ("Star Wars: Episode V - The Empire Strikes Back (1980)", STRANGE)) for n in range(1, 6)],
    "40": [pick(n, [0.3 / (m + n) * (-1 if m % 5 == 4 else 1) for m in range(40)]) for n in range(1, 4)],
    "below zero": [pick(1, [0.1, -0.5, -0.2])],
}
HEAT = Preference("item", "0", "Heat (1995)", "like", 1.0, 1, 10, "I loved Heat and Alien, and what a score it has, I could hear it on and on and on and on and on and on", 1e9)
PREFERENCES = (
    HEAT, Preference("item", "1", "Alien (1979)", "like", 0.8, 2, 10, HEAT.quote, 1e9),
    Preference("item", "2", STRANGE, "dislike", -0.8, 3, 12, "not Strangelove", 1e9 + 60),
    Preference("genre", "Crime", "Crime", "like", 0.8, 4, 14, "crime, no horror, at most two hours", 1e9 + 120),
    Preference("genre", "Horror", "Horror", "avoid", -1.0, 5, 14, "crime, no horror, at most two hours", 1e9 + 120),
    Preference("runtime", "max", "at most 120 minutes", "max", 120.0, 6, 14, "crime, no horror, at most two hours", 1e9 + 120),
)
PROFILE = Profile("ann", PREFERENCES)
FRESH = {PREFERENCES[0]: 0.81, PREFERENCES[1]: 0.9, PREFERENCES[2]: 1.0}
RERUN = Rerun((), (HEAT,), 3, (
    RankChange(film(1, "Alien", 1979), 1, 1), RankChange(film(2, "Toy Story"), 3, 2), RankChange(film(3, STRANGE, None), 128, 3),
    RankChange(film(4, "The Rock", 1996), 2, 9035), RankChange(film(5, "It", 1990), 7, None),
))


def drawn(kind, language="en", slate="5"):
    """The figure of one of the four charts, as HTML."""
    picks = SLATES[slate]
    return {
        "pick": lambda: charts.of_pick(picks[0], cards.hues(picks), language),
        "slate": lambda: charts.of_slate(picks, cards.hues(picks), language),
        "profile": lambda: charts.of_profile(PROFILE, FRESH, cards.hues(picks), language),
        "rerun": lambda: charts.of_rerun(RERUN, language),
    }[kind]()


KINDS = ("pick", "slate", "profile", "rerun")


def svg(figure):
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", figure, re.DOTALL)[0])


def texts(figure, kind=None):
    return [t for t in svg(figure).iter(f"{SVG}text") if kind is None or kind in t.get("class", "").split()]


def number(shown):
    return round(float(shown.replace("\u2212", "-")) * 10**PLACES)


def spans(path):
    """(left, right) of a bar."""
    xs = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d"))[::2]]
    return min(xs), max(xs)


def table(figure):
    rows = re.findall(r"<tr>(.*?)</tr>", figure, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


# numbers


@pytest.mark.parametrize("slate", SLATES)
def test_the_bars_of_a_pick_are_its_contributions_and_end_at_its_score(slate):
    for one in SLATES[slate]:
        figure = charts.of_pick(one, {})
        addends = sorted(one.contributions, key=lambda c: -c.value)
        units = in_units([c.value for c in addends], one.score)
        *shown, score = [number(t.text) for t in texts(figure, "number")]
        assert sum(shown) == score == sum(units) == round(one.score * 10**PLACES)
        if len(addends) <= charts.MOST_ROWS:
            assert shown == units
        else:
            assert len(shown) == charts.MOST_ROWS and Counter(shown[:-1]) <= Counter(units)
        bars = [p for p in svg(figure).iter(f"{SVG}path") if set(p.get("class").split()) & {"prior", "total"}]
        sizes = [right - left for left, right in map(spans, bars)]
        per_unit = sizes[-1] / abs(score)
        assert sizes == pytest.approx([abs(n) * per_unit for n in (*shown, score)], abs=0.06)
        ends = [spans(bar)[1 if units >= 0 else 0] for bar, units in zip(bars, (*shown, score), strict=True)]
        starts = [spans(bar)[0 if units >= 0 else 1] for bar, units in zip(bars, (*shown, score), strict=True)]
        assert starts[1:-1] == pytest.approx(ends[:-2], abs=0.02)
        assert (starts[-1], ends[-1]) == pytest.approx((starts[0], ends[-2]), abs=0.02)


@pytest.mark.parametrize("slate", SLATES)
def test_the_table_and_the_dots_of_a_slate_are_its_contributions(slate):
    picks = SLATES[slate]
    figure = charts.of_slate(picks, cards.hues(picks))
    head, *rows, score = table(figure)
    assert head[1:] == [str(p.rank) for p in picks]
    columns = list(zip(*([0 if cell == "–" else number(cell) for cell in row[1:]] for row in rows), strict=True))
    for one, column, total in zip(picks, columns, score[1:], strict=True):
        assert sum(column) == number(total) == round(one.score * 10**PLACES)
        exact = {named(c, ENGLISH) if c.source == "prior" else c.label: c.value for c in one.contributions if c.source != "slate"}
        for name, units in zip((row[0] for row in rows), column, strict=True):
            if name != ENGLISH.variety:
                assert abs(units - exact[name] * 10**PLACES) <= 1
    dots = list(svg(figure).iter(f"{SVG}circle"))
    shown = [n for column in columns for n in column if n]
    if len(rows) <= charts.MOST_ROWS:
        assert len(dots) == len(shown)
        assert len([d for d in dots if "against" in d.get("class")]) == len([n for n in shown if n < 0])
        areas = sorted(float(d.get("r")) ** 2 for d in dots)
        wanted = sorted(abs(n) * areas[-1] / max(map(abs, shown)) for n in shown)
        assert areas == pytest.approx(wanted, rel=0.02, abs=0.02)
    else:
        last = [number(t.text) for t in texts(figure, "number")]
        hidden, scores = last[: len(picks)], last[len(picks) :]
        assert scores == [number(total) for total in score[1:]]
        rest = [row for row in rows if row[0] not in joined(figure)]
        assert hidden == [sum(0 if row[n] == "–" else number(row[n]) for row in rest) for n in range(1, len(picks) + 1)]


def joined(figure):
    return " ".join(t.text or "" for t in texts(figure))


def test_the_slate_names_what_counts_most():
    figure = drawn("slate")
    shares = attribution.slate_shares(SLATES["5"])
    first = next(s for s in shares if s.label == STRANGE)
    assert f"{round(100 * first.share)} % is {STRANGE}" in svg(figure).get("aria-label")


def test_what_is_left_of_each_entry_is_told_and_drawn():
    figure = drawn("profile")
    assert [t.text for t in texts(figure, "number")] == ["81 %", "90 %", "100 %"]
    assert [row[2] for row in table(figure)[1:]] == ["81 %", "90 %", "100 %", "stays", "", ""]
    chinese = drawn("profile", language="zh")
    assert [t.text for t in texts(chinese, "number")] == ["81%", "90%", "100%"] == [row[2] for row in table(chinese)[1:4]]
    assert [row[1] for row in table(figure)[1:]][2] == "2001-09-09 01:47 UTC"
    heat = [p for p in svg(figure).iter(f"{SVG}path") if p.get("class") not in ("track", "rule", "limit")][0]
    ys = [float(n) for n in re.findall(r"-?[\d.]+", heat.get("d"))[1::2]]
    bottom = max(ys)
    left = {round((bottom - y) / charts.BAR, 2) for y in ys} - {0.0}
    assert left == {0.9, 0.81}  # beside Alien, said in the same message, then after Strangelove


def test_what_was_left_then_is_what_the_recommender_said_then(catalog):
    recommender = Recommender(catalog)
    told = [Preference("item", str(n), str(n), "like", 1.0, n, 10 + n // 2) for n in range(1, 8)]
    told.insert(3, Preference("genre", "Crime", "Crime", "like", 1.0, 99, 11))
    fresh = recommender.recency(Profile("ann", tuple(told)))
    steps = sorted({p.message_id for p in told})
    for p in told:
        since = steps[steps.index(p.message_id) :]
        left = charts.left_since(p, fresh, since)
        for step, part in zip(since, left, strict=True):
            then = recommender.recency(Profile("ann", tuple(q for q in told if q.message_id <= step)))
            assert part == pytest.approx(then.get(p, 1.0))


def test_ranks_before_and_after_are_those_of_the_rerun():
    figure = drawn("rerun")
    assert [row[1:] for row in table(figure)[1:]] == [["1", "1"], ["3", "2"], ["128", "3"], ["2", "9035"], ["7", "none"]]
    assert Counter(t.text for t in texts(figure, "number")) == Counter(["1", "1", "3", "2", "128", "3", "2", "9035", "7", "–"])
    slopes = Counter(p.get("class") for p in svg(figure).iter(f"{SVG}path") if "slope" in p.get("class"))
    assert slopes == {"slope even": 1, "slope moved": 2, "slope in": 1, "slope out": 1}
    assert f"{STRANGE} from rank 128 to rank 3" in svg(figure).get("aria-label")
    assert "without your love of Heat (1995)" in figure


# nothing cut, nothing in the way of another


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind, slate", [("pick", s) for s in SLATES] + [("slate", s) for s in SLATES] + [("profile", "5"), ("rerun", "5")])
def test_texts_stay_inside_and_apart(kind, slate, language):
    figure = drawn(kind, language, slate)
    _, _, width, height = (float(n) for n in svg(figure).get("viewBox").split())
    boxes = []
    for t in texts(figure):
        size, x, y = float(t.get("font-size")), float(t.get("x")), float(t.get("y"))
        wide = drawing.width(t.text, size, drawing.BOLD if "strong" in t.get("class", "") else drawing.SERIF)
        left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[t.get("text-anchor", "start")]
        boxes.append((left, left + wide, y - 0.74 * size, y + 0.2 * size, t.text))
        assert -0.5 <= left and left + wide <= width + 0.5, t.text
        assert 0 <= y - 0.74 * size and y + 0.2 * size <= height + 1, t.text
    for a, b in combinations(boxes, 2):
        assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2], (a[4], b[4])
    bars = [p for p in svg(figure).iter(f"{SVG}path") if p.get("class") not in ("rule", "rule firm", "limit") and "slope" not in p.get("class")]
    for bar in bars:
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", bar.get("d"))]
        left, right, top, bottom = min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])
        for box in boxes:
            assert right <= box[0] or left >= box[1] or bottom <= box[2] + 0.5 or top >= box[3] - 0.5, box[4]


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_title_is_whole_and_broken_between_words(kind):
    assert STRANGE in joined(drawn(kind))


def test_every_title_of_the_catalog_is_broken_between_words(catalog):
    for item in catalog.items(catalog.ids.tolist()[::7]):
        lines = drawing.wrapped(item.name, 130)
        assert " ".join(lines).replace("- ", "-") == item.name.replace("- ", "-")
        assert all(drawing.width(line) <= 130 for line in lines), lines


def test_words_longer_than_a_line_lose_nothing():
    assert "".join(drawing.wrapped("x" * 90, 100)) == "x" * 90
    assert "".join(drawing.wrapped("你对《黑客帝国》的评价，不错的科幻片", 80)) == "你对《黑客帝国》的评价，不错的科幻片"
    assert not any(line.startswith(("》", "，")) for line in drawing.wrapped("你对《黑客帝国》的评价，不错的科幻片", 50))


def test_a_long_message_is_quoted_to_the_end_of_a_word():
    quote = " ".join(t.text for t in texts(drawn("profile"), "quote")[:2])
    assert quote.endswith(" …”")
    assert HEAT.quote.startswith(quote.strip("“”").removesuffix(" …") + " ")


def test_the_profile_shows_the_latest_entries_and_tells_all():
    many = tuple(replace(PREFERENCES[3], kind="keyword", ref=str(n), label=f"word {n}", message_id=n) for n in range(60))
    figure = charts.of_profile(Profile("ann", many), {})
    assert len(table(figure)) == 61
    assert "“word 59”" in joined(figure) and "“word 2”" not in joined(figure) and str(60 - charts.MOST_ENTRIES) in joined(figure)


# for everybody


@pytest.mark.parametrize("kind", KINDS)
def test_a_screen_reader_gets_the_point_and_all_numbers(kind):
    figure = drawn(kind)
    image = svg(figure)
    assert image.get("role") == "img" and len(image.get("aria-label")) > 40
    if kind == "pick":
        one = SLATES["5"][0]
        figure = cards.contributions(one, cards.hues(SLATES["5"]))
        assert signed(round(one.score * 10**PLACES)) in image.get("aria-label")
    assert '<details class="numbers"><summary>as a table</summary><table>' in figure
    told = " ".join(cell for row in table(figure) for cell in row)
    for t in texts(figure, "number"):
        assert t.text.replace("–", "none") in told


def test_what_people_and_the_catalog_write_is_text():
    evil = replace(HEAT, label=EVIL, quote=EVIL)
    one = pick(1, [0.5, -0.2], (EVIL, EVIL), film(7, EVIL))
    for figure in (
        charts.of_pick(one, {}), charts.of_slate([one], {}), charts.of_profile(Profile("ann", (evil,)), {evil: 1.0}),
        charts.of_rerun(Rerun((evil,), (evil,), 5, (RankChange(film(7, EVIL), 1, 2),))),
    ):
        assert "<img" not in figure and "&lt;img" in figure
        assert "\x00" not in re.search("<svg.*</svg>", figure)[0]
        assert "</text><img" in joined(figure).replace(" ", "") and "$\\frac{1}{2}$" in joined(figure)  # told, as text


def test_nothing_drawn_is_nothing():
    assert charts.of_slate([], {}) == "" and charts.of_profile(Profile("ann"), {}) == ""
    lone = Recommendation(film(1), 0.0, (), 1)
    assert [number(t.text) for t in texts(charts.of_pick(lone, {}), "number")] == [0]
    assert table(charts.of_slate([lone], {}))[-1][1] == "–"


@pytest.mark.parametrize("kind", KINDS)
def test_all_words_come_in_chinese_too(kind):
    label = svg(drawn(kind, "zh")).get("aria-label")
    assert re.search("[\u4e00-\u9fff]", label) and not re.search(r"\b(rank|your|score|reason|entries|without)\b", label)
    for name in (f.name for f in fields(ENGLISH)):
        ours, theirs = getattr(ENGLISH, name), getattr(CHINESE, name)
        if isinstance(ours, str):
            assert ours.count("{}") == theirs.count("{}") and ours != theirs, name


# colours, from the stylesheet


def themes():
    css = (ROOT / "assistant/data/page.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r"\{(\s*--ink.*?)\}", css, re.DOTALL)[:2])
    return {"light": light, "dark": {**light, **dark}}


def linear(colour):
    parts = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """As WCAG 2 defines it."""
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (a, b))
    return (light + 0.05) / (dark + 0.05)


SEEN = {  # Machado, Oliveira and Fernandes (2009), severity 1; on linear RGB
    "all colours": np.eye(3),
    "no red": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "no green": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "no blue": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def lab(rgb):
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stand_out_from_the_ground(theme):
    colours = themes()[theme]
    for ground in ("sheet", "paper"):
        for name in ("ink", "soft", "accent"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for name in (*cards.HUES, cards.PRIOR, "against"):
            assert contrast(colours[name], colours[ground]) >= 3, (name, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_the_colour_blind_tell_the_causes_apart(theme, eyes):
    colours = themes()[theme]
    for a, b in combinations((*cards.HUES, cards.PRIOR), 2):
        difference = np.linalg.norm(lab(SEEN[eyes] @ linear(colours[a])) - lab(SEEN[eyes] @ linear(colours[b])))
        assert difference >= 17, (a, b, difference)


def test_the_stylesheet_knows_every_class():
    css = (ROOT / "assistant/data/page.css").read_text()
    used = {name for kind in KINDS for part in svg(drawn(kind)).iter() for name in part.get("class", "").split()}
    used |= {"plain", "total", "against", "limit", "limit-dot", "prior"}
    assert {name for name in used if not re.search(rf"\.{name}\b", css)} <= {"number"}


# drawing


def test_the_same_is_drawn_every_time_and_in_every_thread():
    def draw(_):
        return drawing_of(SLATES["12"][0])

    with ThreadPoolExecutor(8) as pool:
        figures = set(pool.map(draw, range(16)))
    assert len(figures) == 1
    there = subprocess.run(
        [sys.executable, "-c", "import test_charts; print(test_charts.drawing_of(test_charts.SLATES['12'][0]))"],
        cwd=ROOT / "tests", capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert there.stdout.strip() in figures, there.stderr


def drawing_of(one):
    """Its chart, drawn and not remembered."""
    return charts._of_pick.__wrapped__(one, (), "en")


def test_a_chart_is_drawn_quickly():
    drawing.warm_up()
    spent = []
    for one in SLATES["5"] * 3:
        started = time.thread_time()
        drawing_of(one)
        spent.append(1000 * (time.thread_time() - started))
    assert sorted(spent)[len(spent) // 2] < 60, spent


def test_the_library_is_loaded_by_the_first_chart_only():
    code = "import sys, assistant.cards, assistant.conversation; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
