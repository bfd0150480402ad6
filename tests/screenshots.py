"""Makes the README's pictures: starts the app, holds a short conversation in headless Chromium, writes docs/images/.

    .venv/bin/python tests/screenshots.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from test_page import BROWSERS, FLAGS, ROOT, App, say

from store.build import build_default

IMAGES = ROOT / "docs" / "images"


def main():
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("no Chromium or Chrome found; install one")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Path(folder) / "page.db"
        build_default(database)
        app = App(database)
        try:
            page = playwright.chromium.launch(executable_path=path, args=FLAGS).new_page(viewport={"width": 1400, "height": 900})
            page.goto(app.url)
            page.wait_for_selector(".greeting")
            page.screenshot(path=IMAGES / "first-visit.png")
            say(page, "I loved Heat and Alien, nothing too long, no horror")
            page.locator("details.why > summary").first.click()
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / "picks.png")
            page.locator("#talk details.drive > summary").first.click()
            page.locator("#panel details.drive > summary").first.click()
            page.locator("details.drive .chart").first.scroll_into_view_if_needed()
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / "drive.png")
            say(page, "why the second one?")
            say(page, "what if I hadn't liked Heat?")
            page.wait_for_timeout(800)
            page.screenshot(path=IMAGES / "what-if.png")
            page.emulate_media(color_scheme="dark")
            page.goto(f"{app.url}/?__theme=dark")
            page.wait_for_selector("article")
            page.set_viewport_size({"width": 400, "height": 850})
            page.wait_for_timeout(500)
            page.evaluate("document.querySelector('.talk').scrollTop = 1e6")
            page.wait_for_timeout(800)
            page.screenshot(path=IMAGES / "phone-dark.png")
        finally:
            app.stop()


if __name__ == "__main__":
    main()
