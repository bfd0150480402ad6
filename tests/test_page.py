"""The page in a real browser: a conversation held in headless Chromium against the real app."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from pathlib import Path

import pytest
from test_charts import contrast

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ANSWERED = ".talk > .suggestions"
"""Suggested replies come when an answer is whole; the examples of the greeting are deeper."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        warnings.warn("NO BROWSER: the page was not tested. Install Chromium or Chrome.", stacklevel=1)
        pytest.skip("no Chromium or Chrome on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class App:
    """The app as `make run` starts it, on a port and database of its own."""

    def __init__(self, database):
        self.database, self.port = database, free_port()
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "--db", str(self.database), "--port", str(self.port)], cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(240):
            try:
                urllib.request.urlopen(self.url, timeout=1).read(1)
                return
            except OSError:
                assert self.process.poll() is None, self.process.stdout.read()
                time.sleep(0.25)
        raise AssertionError("the page did not come up in a minute")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def app(default_db, tmp_path_factory, model_file):
    app = App(shutil.copy(default_db, tmp_path_factory.mktemp("page") / "page.db"))
    yield app
    app.stop()


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context, app):
    page = context.new_page()
    page.away, page.errors = [], []
    page.on("request", lambda r: page.away.append(r.url) if "127.0.0.1" not in r.url and not r.url.startswith(("data:", "blob:")) else None)
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    page.goto(app.url)
    page.wait_for_selector(".greeting")
    return page


def forget_suggestions(page):
    """So that the next ones to appear are those of the next answer."""
    page.evaluate("document.querySelectorAll('.suggestions').forEach(e => e.remove())")


def say(page, text):
    """Sends a message and waits until its answer is whole (suggestions come last)."""
    forget_suggestions(page)
    page.fill("#message textarea", text)
    page.keyboard.press("Enter")
    page.wait_for_selector(ANSWERED)


def number(shown):
    return float(shown.replace("\u2212", "-"))


def test_a_conversation(page, context, app):
    assert page.locator(".starter").count() == 10

    say(page, "I loved Heat and Fargo")
    assert page.locator(".card").count() == 5
    assert "Heat (1995)" in page.locator("#panel").inner_text()
    first = page.locator(".card").first
    first.locator("details.why > summary").click()
    first.locator("details.numbers > summary").click()
    rows = [number(cell) for cell in first.locator("tbody td:last-child").all_inner_texts()]
    assert round(sum(rows), 4) == number(first.locator("tfoot td:last-child").inner_text())

    say(page, "no comedies please")
    latest = page.locator("article.it").last
    assert "comed" in page.locator("#panel").inner_text().lower()
    assert all("Comedy" not in facts for facts in latest.locator(".facts").all_inner_texts())

    say(page, "why the first one?")
    assert "%" in page.locator("article.it").last.inner_text()

    known = page.locator("#panel li").count()
    forget_suggestions(page)
    page.locator("#panel [data-do=undo]").click()
    page.wait_for_selector(ANSWERED)
    assert page.locator("#panel li").count() < known
    assert "comed" not in page.locator("#panel").inner_text().lower()

    assert page.errors == []  # before the reload, which aborts Gradio's own open request
    turns = page.locator("article").count()
    page.reload()
    page.wait_for_selector("article")
    assert page.locator("article").count() == turns
    second = context.new_page()
    second.goto(app.url)
    second.wait_for_selector("article")
    assert second.locator("article").count() == turns
    assert page.away == []


def test_clicks_on_cards(page):
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(".card")
    page.wait_for_selector(ANSWERED)
    title = page.locator(".card h3").nth(1).inner_text()
    page.locator(".card [data-do=why]").nth(1).click()
    page.wait_for_selector("text=of what speaks for")
    page.wait_for_selector(ANSWERED)
    assert title.rsplit(" ", 1)[0] in page.locator("article.it").last.inner_text()
    page.locator(".card [data-do=seen]").nth(1).click()
    page.wait_for_function("document.querySelectorAll('#panel li').length === 2")
    page.locator("#panel .drop").first.click()
    page.wait_for_function("document.querySelectorAll('#panel li').length === 1")


def test_what_a_person_writes_is_text(page):
    say(page, "<img src=x onerror=\"window.pwned=1\"> ${window.pwned=1} {{7*7}} <b>bold</b>")
    assert page.evaluate("window.pwned") is None
    bubble = page.locator("article.you .bubble").last.inner_text()
    assert "<img src=x" in bubble and "{{7*7}}" in bubble and "${window.pwned=1}" in bubble


def test_an_empty_message_does_nothing(page):
    page.fill("#message textarea", "   ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    assert page.locator("article").count() == 0


def test_the_conversation_survives_a_restart(context, app):
    page = context.new_page()
    page.goto(app.url)
    page.wait_for_selector(".greeting")
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(ANSWERED)
    turns = page.locator("article").count()
    app.stop()
    app.start()
    page.goto(app.url)
    page.wait_for_selector("article")
    assert page.locator("article").count() == turns


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_is_wider_than_the_screen(context, app, width):
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 850})
    page.goto(app.url)
    page.wait_for_selector(".greeting")
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(".card")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


SHOWN = """() => [...document.querySelectorAll('.chart svg')].filter((svg) => svg.checkVisibility()).map((svg) => {
  let ground = svg;
  while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
  const box = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
  return {
    left: box.left, right: box.right, ground: getComputedStyle(ground).backgroundColor, inks: texts.map((text) => getComputedStyle(text).fill),
    sizes: texts.map((text) => text.getAttribute('font-size') * box.width / svg.viewBox.baseVal.width),
    outside: texts.filter((text) => { const own = text.getBoundingClientRect(); return own.left < -1 || own.right > innerWidth + 1; }).length,
  };
})"""
"""Every chart on screen: where it is, and the colours and sizes (px) of its texts as the browser shows them."""


def colour(rgb):
    return "#{:02x}{:02x}{:02x}".format(*map(int, rgb.removeprefix("rgb(").rstrip(")").split(", ")))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_are_readable_on_a_phone(context, app, theme):
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{app.url}/?__theme={theme}")
    page.wait_for_selector(".greeting")
    title = page.locator(".starter strong").first.inner_text()
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(ANSWERED)
    opened = (".card details.why", ".card details.why details.numbers", "#talk details.drive", "#panel details.drive")
    for details in opened:
        page.locator(f"{details} > summary").first.click()
    say(page, f"what if I hadn't liked {title}?")
    page.wait_for_selector("article:last-of-type .chart .slope")
    assert [page.locator(details).first.get_attribute("open") for details in opened] == [""] * 4  # the answer did not close them
    charts = page.evaluate(SHOWN)
    assert len(charts) == 4
    for chart in charts:
        assert 0 <= chart["left"] < chart["right"] <= 360 and not chart["outside"]
        assert min(chart["sizes"]) >= 10
        assert all(contrast(colour(ink), colour(chart["ground"])) >= 4.5 for ink in chart["inks"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.reload()
    page.wait_for_selector("article .chart .slope")


def test_strangers_do_not_see_each_other(browser, page, app):
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(".card")
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(app.url)
    stranger.wait_for_selector(".greeting")
    assert stranger.locator("#panel li").count() == 0
    other.close()


# steering

def strengths(page):
    """What each slider of the profile says: {label: percent}."""
    return {slider.get_attribute("aria-label").removeprefix("Strength of "): int(slider.input_value())
            for slider in page.locator("#panel details.tune input").all()}


def clicked(page, button):
    """Clicks, and waits until the answer is whole; its text."""
    forget_suggestions(page)
    button.click()
    page.wait_for_selector(ANSWERED)
    return page.locator("article.it .said").last.inner_text()


def titles(article):
    return [title.rsplit(" ", 1)[0] for title in article.locator(".card h3").all_inner_texts()]


def test_reasons_are_steered_by_click_and_undo_takes_each_step_back(page, context, app):
    for _ in range(2):
        clicked(page, page.locator(".starter [data-do=like], .card [data-do=like]").locator("visible=true").first)
    start, latest = strengths(page), page.locator("article.it").last
    assert len(start) == 2 and page.locator("details.replaced").count() == 1
    before = titles(latest)

    latest.locator("details.why > summary").first.click()
    name = latest.locator(".steer [data-do=less]").first.get_attribute("aria-label").removeprefix("less: your word on ")
    told = clicked(page, latest.locator(".steer [data-do=less]").first)
    entry = next(label for label in start if name in label)
    assert abs(strengths(page)[entry] - start[entry] / 2) <= 5 and "counts less now" in told
    after = titles(latest)
    assert after != before, "halving the first reason moved nothing: choose another start"
    assert all(title in told for title in set(before) ^ set(after))
    told_by_cards = latest.locator(".moved").all_inner_texts()
    assert told_by_cards.count("new") == len(set(after) - set(before))
    assert page.locator("details.replaced").count() == 2  # the slate before is folded

    clicked(page, latest.locator("[data-do=alike]").first)
    assert any(after[0] in label for label in strengths(page)) and after[0] not in titles(latest)

    latest.locator("details.why > summary").first.click()
    wrong = latest.locator(f".steer li:has-text('{name}') [data-do=wrong]").first
    assert "Removed" in clicked(page, wrong) and not any(name in label for label in strengths(page))

    for _ in range(3):
        clicked(page, page.locator("#panel [data-do=undo]"))
    assert strengths(page) == start and titles(latest) == before
    assert page.errors == []
    second = context.new_page()
    second.goto(app.url)
    second.wait_for_selector("article")
    assert strengths(second) == start and titles(second.locator("article.it").last) == before


def test_a_slider_is_sent_once_when_it_is_let_go(page):
    clicked(page, page.locator(".starter [data-do=like]").first)
    (label, start), = strengths(page).items()
    page.locator("#panel details.tune summary").click()
    slider = page.locator("#panel details.tune input")
    box = slider.bounding_box()
    turns = page.locator("article.click").count()
    forget_suggestions(page)
    page.mouse.move(box["x"] + box["width"] * start / 100, box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in (0.5, 0.4, 0.3):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
    assert page.locator("#panel details.tune summary").inner_text() == f"{slider.input_value()} %"
    wanted = int(slider.input_value())
    page.mouse.up()
    page.wait_for_selector(ANSWERED)
    assert strengths(page) == {label: wanted} and 20 <= wanted <= 40 and page.locator("article.click").count() == turns + 1

    forget_suggestions(page)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector(ANSWERED)
    assert strengths(page) == {label: wanted + 20} and page.locator("article.click").count() == turns + 2
    assert page.evaluate("document.activeElement.type") == "range"  # the redrawn slider keeps the keyboard

    forget_suggestions(page)
    page.keyboard.press("Home")
    page.wait_for_selector(ANSWERED)
    assert strengths(page) == {} and page.locator("#panel li.seen").count() == 1 and page.errors == []
