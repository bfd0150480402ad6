"""The page in each language: all words there, the right language chosen and marked."""

import re
from dataclasses import fields, replace

import pytest
from test_cards import CRIME, HEAT, PRIOR, film, pick, turn

from assistant import cards
from assistant.languages import WORDS, preferred
from assistant.page_words import CHINESE, ENGLISH, PAGE_WORDS
from assistant.state import Profile
from store.records import Message, Preference, RankChange, Rerun

HAN = re.compile("[\u3400-\u9fff]")
LIKED = Preference("item", "6", "Heat (1995)", "like", 0.8, entry_id=3, message_id=1, quote="I liked Heat")


def words_of(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", [f.name for f in fields(ENGLISH)])
def test_every_word_is_there_in_both_languages(name):
    ours, theirs = words_of(getattr(ENGLISH, name)), words_of(getattr(CHINESE, name))
    assert len(ours) == len(theirs) and set(PAGE_WORDS) == set(WORDS)
    for english, chinese in zip(ours, theirs, strict=True):
        if isinstance(english, str):
            assert english and not HAN.search(english) and english.count("{}") == chinese.count("{}")
            assert HAN.search(chinese) or re.fullmatch("[、{}：《》]+", chinese)
    assert ENGLISH.genre("Crime") == "Crime" and CHINESE.genre("Crime") == "犯罪"


@pytest.mark.parametrize("accepted, expected", [
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("zh", "zh"), ("zh-Hant-TW", "zh"), ("en-US,en;q=0.9", "en"), ("en;q=0.5, zh;q=0.7", "zh"),
    ("zh;q=0.2,en;q=0.9", "en"), ("fr-FR, fr;q=0.9", "en"), ("fr, zh;q=0.1", "zh"), ("zh;q=0, fr", "en"), ("zh;q=much, en", "en"), ("*", "en"), ("", "en"),
])
def test_the_language_that_a_browser_likes_best(accepted, expected):
    assert preferred(accepted, "en") == expected


def test_a_browser_that_likes_neither_gets_what_is_set():
    assert preferred("fr", "zh") == "zh"


def told(turns, language):
    profile = Profile("ann", (LIKED,))
    return cards.conversation(turns, [film(1)], profile=profile, language=language) + cards.panel(profile, {LIKED: 0.8}, language=language)


def spoken(html):
    """What is read and what a screen reader says, without what is the catalog's or the person's."""
    said = " ".join([*re.findall(r">([^<]+)<", html), *re.findall(r'aria-label="([^"]+)"', html)])
    return re.sub(r"Heat( \(1995\))?|I liked Heat|Crime|English|中文|Tell|Why|Blade Runner|Alien|Al Pacino", "", said)


def test_a_chinese_page_has_no_english_words():
    slate = [pick(1, (*HEAT, 0.5), (*PRIOR, 0.4), ("slate", "2", "close to Heat (1995)", -0.1)), pick(2, (*HEAT, 0.4))]
    rerun = Rerun((), (LIKED,), 1, (RankChange(film(1), 1, 2), RankChange(film(2), 2, 1)))
    answered = replace(turn("assistant", *slate), message=Message(2, 1, "assistant", "给你挑了两部片子", None, 0.0), reasons=("", ""), reruns=(rerun,))
    html = cards.masthead("zh") + told([], "zh") + told([answered, turn("click"), answered], "zh") + cards.panel(Profile("ann"), {}, language="zh")
    assert "words" in spoken(html)  # of the click, which is the person's
    assert not re.search("[A-Za-z]{2,}", spoken(html).replace("words", ""))


def test_what_was_answered_stays_in_its_language_and_is_marked():
    english, chinese = (
        replace(turn("assistant", pick(1, (*CRIME, 0.5))), message=Message(n, 1, "assistant", text, None, 0.0), reasons=(reason,))
        for n, text, reason in ((1, "Here is one film.", "Because you liked “《盗火线》”"), (2, "给你挑了一部片子", "因为你喜欢《Heat》"))
    )
    asked = replace(turn("user"), message=Message(3, 1, "user", "为什么？", None, 0.0))
    for language in PAGE_WORDS:
        html = cards.told([english, asked, chinese], language=language)
        assert re.findall(r'<article class="(\w+)" lang="(\w+)">', html) == [("it", "en"), ("you", "zh"), ("it", "zh")]
        assert re.findall(r'class="reason" lang="(\w+)">([^<]+)<', html) == [
            ("en", "Because you liked “《盗火线》”"), ("zh", "因为你喜欢《Heat》")]
        assert html.count(f'<div lang="{language}"><div class="slate">') == 2 and html.count(f">{PAGE_WORDS[language].like}<") == 2
        assert cards.masthead(language).count('aria-pressed="true"') == 1
