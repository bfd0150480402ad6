"""Every question of the design's table, asked in a real browser of the real app, and the page in two languages.

What is said is held against what the cards and charts on the same page show. Steering by click is in `test_page`.
"""

import re

import pytest
from test_page import ANSWERED, app, browser, clicked, context, forget_suggestions, number, page, say, titles

__all__ = ["app", "browser", "context", "page"]  # pytest's, by name


@pytest.fixture
def talk(page):
    """A page with two films liked and five picks."""
    for _ in range(2):
        clicked(page, page.locator(".starter [data-do=like], .card [data-do=like]").locator("visible=true").first)
    return page


def answer(page, text):
    """Asks, and gives the words of the answer."""
    before = page.locator("article.it").count()
    say(page, text)
    page.wait_for_function("n => document.querySelectorAll('article.it').length > n && !document.querySelector('.dots')", arg=before)
    return page.locator("article.it .said").last.inner_text().replace("\u00a0", " ")


def slate(page):
    """The cards of the last picks."""
    return page.locator("article.it").filter(has=page.locator(".card")).last


def names(page):
    """The last picks as they are called: title and year."""
    return [card.get_attribute("aria-label").partition(": ")[2] for card in slate(page).locator(".card").all()]


def score(page, rank):
    """The score at the foot of a card's table."""
    card = slate(page).locator(".card").nth(rank - 1)
    return number(card.locator("details.why tfoot td").last.text_content())


def known(page):
    return page.locator("#panel li strong").all_inner_texts()


def ranks(page):
    """The table beside the last chart of ranks: {film: (before, after)}."""
    rows = page.locator("article.it").last.locator(".chart details.numbers tbody tr").all()
    cells = [[cell.text_content() for cell in row.locator("th, td").all()] for row in rows]
    return {name: (before, after) for name, before, after in cells}


def test_why_this(talk):
    told = answer(talk, "why the second one?")
    assert names(talk)[1] in told and f"{score(talk, 2):.2f}" in told and "%" in told


def test_why_this_by_click(talk):
    third, total = names(talk)[2], score(talk, 3)
    told = clicked(talk, slate(talk).locator("[data-do=why]").nth(2))
    assert third in told and f"{total:.2f}" in told and talk.locator("article.click .bubble").last.inner_text() == f"Why {third}?"


def test_why_not(talk):
    told = answer(talk, "why not Toy Story?")
    assert "Toy Story (1995)" in told and re.search(r"rank \d+|filtered out", told)
    if changed := ranks(talk):
        before, after = changed["Toy Story (1995)"]
        assert before in told and after in told


def test_what_if_and_do_that(talk):
    before, profile = names(talk), known(talk)
    title = re.sub(r"^You \w+ | \(\d{4}\)$", "", profile[-1])
    told = answer(talk, f"what if I hadn't liked {title}?")
    changed = ranks(talk)
    assert "I ran it again" in told and known(talk) == profile
    assert {film for film, (was, _) in changed.items() if was.isdigit() and int(was) <= 5} == set(before)
    coming = {film: after for film, (was, after) in changed.items() if after.isdigit() and int(after) <= 5 and film not in before}
    assert all(film in told for film in coming)
    answer(talk, "do that")
    assert known(talk) == [profile[-1].replace("You liked", "You have seen"), *profile[:-1]]  # a judged film stays known
    picked = sorted((int(after), film) for film, (_, after) in changed.items() if after.isdigit() and int(after) <= 5)
    assert names(talk) == [film for _, film in picked]  # what was foretold is what came
    clicked(talk, talk.locator("#panel [data-do=undo]"))
    assert known(talk) == profile


def test_why_one_rather_than_another(talk):
    first, second = names(talk)[:2]
    told = answer(talk, "why the first rather than the second?")
    assert f"{first} scores {score(talk, 1):.2f}" in told and f"{second} scores {score(talk, 2):.2f}" in told


def test_what_would_change_a_pick(talk):
    first = names(talk)[0]
    told = answer(talk, "what would change the first pick?")
    removal = re.search(rf"without (.+?), {re.escape(first)} is no longer among the picks", told)
    assert removal or f"{first} stays among the picks" in told or f"{first} stays" in told, told


def test_what_is_known(talk):
    told = answer(talk, "what do you know about me?")
    assert "two things" in told
    for entry in known(talk):
        assert re.sub(r"^You \w+ ", "", entry) in told


def test_which_ratings_matter_most(talk):
    told = answer(talk, "which of my ratings matter most?")
    assert "%" in told and "five picks" in told
    assert any(re.sub(r"^You \w+ | \(\d{4}\)$", "", entry) in told for entry in known(talk))


def test_why_it_was_suggested_before(talk):
    first = names(talk)[0]
    clicked(talk, slate(talk).locator("[data-do=seen]").first)
    assert first not in names(talk)
    told = answer(talk, f"why did you suggest {first.rsplit(' ', 1)[0]} before?")
    assert f"{first} was at rank 1 when I showed it" in told


def test_the_language_is_switched_by_hand_and_remembered(talk):
    said = talk.locator("article.it .said").last.inner_text()
    reason = slate(talk).locator(".reason").first.inner_text()
    assert talk.evaluate("document.documentElement.lang") == "en"
    chinese = talk.locator("#masthead [data-id=zh]")
    chinese.focus()
    talk.keyboard.press("Enter")
    talk.wait_for_selector('.talk[lang="zh"]')
    assert talk.evaluate("document.documentElement.lang") == "zh" and chinese.get_attribute("aria-pressed") == "true"
    assert talk.evaluate("document.activeElement.dataset.id") == "zh"
    assert talk.get_attribute("#message textarea", "placeholder").startswith("说说") and talk.locator("#send").inner_text() == "发送"
    assert talk.locator("article.it .said").last.inner_text() == said and slate(talk).locator(".reason").first.inner_text() == reason
    assert slate(talk).locator("[data-do=like]").first.inner_text() == "喜欢" and "你喜欢《" in known(talk)[0]
    told = clicked(talk, slate(talk).locator("[data-do=why]").first)
    assert "加分" in told and talk.locator("article.it").last.get_attribute("lang") == "zh"
    talk.reload()
    talk.wait_for_selector('.talk[lang="zh"] article')
    assert talk.get_attribute("#message textarea", "placeholder").startswith("说说")
    forget_suggestions(talk)
    talk.locator("#masthead [data-id=en]").click()
    talk.wait_for_selector('.talk[lang="en"]')
    assert talk.locator("article[lang=zh]").count() == 2 and talk.locator("#send").inner_text() == "Send"
    # Pages that are reloaded abort Gradio's own open request, so that page.errors says nothing here.


@pytest.mark.parametrize("width", [1400, 360])
def test_a_chinese_browser_gets_a_chinese_page_and_answers(browser, app, width):
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 850})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(app.url)
    page.wait_for_selector('.talk[lang="zh"] .greeting')
    assert page.locator(".greeting h2").inner_text().startswith("告诉我") and page.locator("#fresh").inner_text() == "新对话"
    page.locator(".starter [data-do=like]").first.click()
    page.wait_for_selector(ANSWERED)
    assert all(re.search("[\u4e00-\u9fff]", reason) for reason in page.locator(".reason").all_inner_texts())
    first = titles(page.locator("article.it").last)[0]
    told = clicked(page, page.locator(".card [data-do=why]").first)
    assert f"《{first} (" in told and "加分" in told
    page.locator(".card details.why > summary").first.click()
    page.wait_for_selector(".card .chart text")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a_chinese_question_is_answered_in_chinese_on_an_english_page(talk):
    second = names(talk)[1]
    told = answer(talk, "为什么推荐第二部？")
    assert f"《{second}》" in told and f"{score(talk, 2):.2f}" in told
    assert [talk.locator("article").nth(n).get_attribute("lang") for n in (-2, -1)] == ["zh", "zh"]
    assert slate(talk).locator("[data-do=like]").first.inner_text() == "Like"
