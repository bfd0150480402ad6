"""Answers in Chinese: as many kinds as in English, backed by the same rows, and written as Chinese is."""

import inspect
import itertools
import json
import logging
import random
import re

import pytest
from told_films import (
    ALIEN, ALIEN_DISLIKED, BARE, CATALOG, COLLATERAL, COLLATERAL_PICK, CRIME, DE_NIRO, FRENCH, HEAT, HEAT_LOVED, IT, ITEMS, ORIGINS,
    POPULAR, PREFERENCES, PROFILE, RONIN, RONIN_PICK, STAR_WARS, checker, pick, preference,
)

from assistant import Assistant, english, explain, mandarin, replies, reruns
from assistant.attribution import Removal, WhatIf, WhyNot
from assistant.errors import AssistantError, SettingsError
from assistant.evaluation.explanations import evaluate
from assistant.evaluation.forgeries import forgeries
from assistant.evidence import Answer, Origins
from assistant.explain import View
from assistant.languages import WORDS, answered_in, language_of
from assistant.settings import LANGUAGES, Settings
from assistant.state import Profile, Question, StateChange, Topic
from store.records import Preference

PEOPLE = {person for item in ITEMS for person in item.people} | {"Tom Hanks"}


def view(seed=7, profile=PROFILE, origins=ORIGINS, recency=None):
    return View(profile, origins, seed, CATALOG, recency or {}, "zh")


@pytest.fixture(scope="module")
def claims():
    return checker()


# the sentences


def functions(module):
    return {name: list(inspect.signature(function).parameters) for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")}


def test_every_language_has_the_same_sentences_with_the_same_parameters():
    assert tuple(WORDS) == LANGUAGES
    assert functions(mandarin) == functions(english)


SEEDS = range(12)
SLATES = ((RONIN_PICK,), (RONIN_PICK, COLLATERAL_PICK), (COLLATERAL_PICK, RONIN_PICK, *POPULAR))
TASTES = [p for p in PREFERENCES if p.role not in ("seen", "skip", "max", "min", "avoid")]
COLLATERAL_LOVED = preference(0, "item", "3", "Collateral (2004)", "like", 1.0)


def cards():
    yield from (explain.reason(RONIN_PICK, view(seed)) for seed in SEEDS)
    yield explain.reason(pick(RONIN, ((STAR_WARS, 0.6), (DE_NIRO, 0.4))), view())
    yield explain.reason(POPULAR[0], view())
    yield explain.reason(pick(RONIN, ((ALIEN_DISLIKED, -0.2),)), view())
    yield from (explain.reason(pick(RONIN, ((entry, 0.5), ("prior", 0.1))), view(seed)) for seed, entry in enumerate(TASTES))


def slates():
    for seed, more, slate in itertools.product(SEEDS, (False, True), SLATES):
        yield explain.picks(slate, view(seed), more)
    yield explain.picks(POPULAR, view(profile=Profile("new")), wanted=2)
    yield explain.picks(POPULAR, view(profile=Profile("new", (PREFERENCES[18],))), wanted=2)
    yield explain.nothing_found([(PREFERENCES[17], [RONIN_PICK, COLLATERAL_PICK]), (PREFERENCES[8], [])], view())
    yield explain.nothing_found([], view(profile=Profile("new")))


def whys():
    for current, seed in itertools.product((True, False), SEEDS):
        yield explain.why(RONIN_PICK, view(seed), current)
    for seed, entry in enumerate(TASTES):
        yield explain.why(pick(RONIN, ((entry, 0.7), (CRIME, 0.2))), view(seed))
        yield explain.why(pick(IT, ((entry, 0.7), ("prior", -0.1))), view(seed, origins=Origins()), current=False)
    yield from (explain.why(p, view()) for p in (*POPULAR, COLLATERAL_PICK, pick(BARE, ((ALIEN_DISLIKED, -0.2),))))
    yield explain.why(RONIN_PICK, view(recency={HEAT_LOVED: 0.684, STAR_WARS: 1.0}))


def comparisons():
    for other in (RONIN_PICK, pick(ALIEN, ())):
        yield explain.compare(COLLATERAL_PICK, other, view())
    yield explain.compare(RONIN_PICK, RONIN_PICK, view())
    yield explain.what_matters((RONIN_PICK, COLLATERAL_PICK), view())
    for removal in (None, Removal((), True), Removal((HEAT_LOVED,), False), Removal((HEAT_LOVED, CRIME), True),
                    Removal((HEAT_LOVED, PREFERENCES[17]), True)):
        yield explain.what_would_change(RONIN_PICK, removal, view())


def why_nots():
    lifted, liked = StateChange("what_if", removed=(PREFERENCES[17],)), StateChange("what_if", added=(STAR_WARS,))
    for missing in (
        WhyNot(HEAT, (PREFERENCES[17],), edit=lifted, rank_after=2), WhyNot(ALIEN, rank=14, gap=0.123, edit=liked, rank_after=3),
        WhyNot(HEAT, (HEAT_LOVED,), tried=48), WhyNot(FRENCH, (PREFERENCES[5],)), WhyNot(BARE), WhyNot(BARE, rank=2),
        WhyNot(IT, (PREFERENCES[8], PREFERENCES[18], PREFERENCES[11], PREFERENCES[6])), WhyNot(BARE, (PREFERENCES[17], PREFERENCES[18])), WhyNot(BARE, (PREFERENCES[15],)),
    ):
        yield reruns.why_not(missing, view())


def what_ifs():
    before, after = (RONIN_PICK, COLLATERAL_PICK), (pick(COLLATERAL, ((CRIME, 0.5),), 1), pick(ALIEN, ((CRIME, 0.4),), 2))
    yield reruns.what_if(WhatIf(before, after), (), (HEAT_LOVED,), view())
    supposed = Preference("item", "4", "Alien (1979)", "like", 0.8)
    yield reruns.what_if(WhatIf(before, before), (supposed,), (), view(profile=Profile("ann", PREFERENCES[:1])))
    yield reruns.what_if(WhatIf(before, before), (), (Preference("item", "9", "Seven (1995)", "skip", 0.0),), view())


def edits():
    for seed in range(3):
        yield replies.acknowledge(StateChange("like", added=(HEAT_LOVED, COLLATERAL_LOVED, PREFERENCES[17], PREFERENCES[8])), view(seed))
    hated = preference(0, "item", "1", "Heat (1995)", "dislike", -1.0)
    yield replies.acknowledge(StateChange("like", added=PREFERENCES, removed=(hated, STAR_WARS)), view())
    for entry in PREFERENCES:
        yield replies.acknowledge(StateChange("like", added=(entry,)), view())
        yield replies.acknowledge(StateChange("like", removed=(entry,)), view())
        yield replies.undone((), (entry,), mandarin)
        yield replies.undone((entry,), (), mandarin)
    for gone in ((), PREFERENCES[:1], PREFERENCES):
        yield replies.reset(gone, mandarin)
    yield replies.undone((), (), mandarin)


def profiles():
    yield replies.profile(view())
    yield replies.profile(view(profile=Profile("new")))
    for topic in (Topic("item", "1", "Heat (1995)"), Topic("genre", "Western", "Western"), Topic("person", "Al Pacino", "Al Pacino"),
                  Topic("keyword", "heist", "heist"), Topic("decade", "1970s", "1970s"), Topic("language", "ja", "Japanese")):
        yield replies.profile(view(), (topic,))


def facts():
    yield from (replies.about((item,), "多长", mandarin) for item in ITEMS)
    yield replies.about((HEAT, RONIN), words=mandarin)
    yield replies.about_feature(Topic("person", "Michael Mann", "Michael Mann"), (HEAT, COLLATERAL), 2, mandarin)
    yield replies.about_feature(Topic("genre", "Crime", "Crime"), (HEAT,), 120, mandarin)
    yield replies.about_feature(Topic("language", "fr", "French"), (), 0, mandarin)


SPANS = ("parasite", "1917", "<script>alert(1)</script>", "映画", "无名之辈的故事", "the one with Her and Tom Hanks", "no heat " * 40, "?!", "")


def questions():
    for span in SPANS:
        for question in (Question("nearest", span, (1, 5)), Question("nearest", span, (1,)), Question("nearest", span, ()),
                         Question("unclear", span), Question("which", span, (2, 3, 8))):
            yield replies.ask_back((question,), CATALOG.items, mandarin)
    for entry in PREFERENCES:
        yield replies.ask_back((Question("unsure", "x", proposed=(entry,)),), CATALOG.items, mandarin)
    for act in ("undo", "reset"):
        yield replies.ask_back((Question("unsure", "x", act=act),), CATALOG.items, mandarin)


def small_talk():
    for seed in SEEDS:
        yield replies.chat(view(seed))
        yield replies.thanks(view(seed))
        for items in ((), (HEAT,), (HEAT, IT)):
            yield replies.accepted(items, view(seed))
            yield replies.rejected(items, view(seed))
    yield from (replies.help_(mandarin), replies.trouble(mandarin), replies.too_long(mandarin))
    alone = (mandarin.nothing_picked(), mandarin.name_the_films(), *mandarin.which_film(), mandarin.leave_it(), mandarin.tell_me())
    yield from (Answer((sentence,)) for sentence in alone)


KINDS = (cards, slates, whys, comparisons, why_nots, what_ifs, edits, profiles, facts, questions, small_talk)


def assert_tidy(sentence):
    """Full-width punctuation, Latin letters only in names and quotations, and a space only between those and Chinese."""
    bare = re.sub(r"“[^”]*”|《[^》]*》", "书", sentence)
    for person in PEOPLE:
        bare = bare.replace(person, "N")
    assert not re.search(r"[A-Za-z]", bare.replace("N", "")), sentence
    assert not re.search(r"[,:;!?()\"]|\.(?!\d)|,,|。。|，。|：：", bare), sentence
    assert not re.search(r"[\u4e00-\u9fff]N|N[\u4e00-\u9fff]|  |(?<!N) (?!N)", bare), sentence


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_sentence_is_chinese_and_backed(claims, kind):
    for answer in kind():
        assert answer.sentences
        for sentence in answer.sentences:
            assert claims.unbacked(sentence, answer.evidence) == (), sentence
            assert language_of(sentence) == "zh"
            assert_tidy(sentence)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_forged_sentence_is_caught(claims, kind):
    chance, forged = random.Random(5), 0
    told = {sentence: answer for answer in kind() for sentence in answer.sentences}
    for sentence, answer in told.items():
        for false in forgeries(sentence, answer.evidence, ITEMS, chance):
            forged += 1
            assert claims.unbacked(false, answer.evidence), false
    assert forged >= len(told)


@pytest.mark.parametrize("kind", (cards, slates, whys, edits, small_talk), ids=lambda kind: kind.__name__)
def test_the_wording_varies(kind):
    assert len({answer.sentences[0] for answer in kind()}) >= 6


def test_a_card_stays_short_and_names_both_causes():
    for seed in SEEDS:
        line = explain.reason(RONIN_PICK, view(seed)).text
        assert "很喜欢《Heat》（两条消息前）" in line and "41%" in line and "想看犯罪片（一条消息前）" in line and "30%" in line
        assert len(line) <= explain.REASON_LENGTH / 2


# the check


RONIN_ROWS = explain.why(RONIN_PICK, view()).evidence

TRUE = """
你很喜欢《Heat》（两条消息前），占41%；你想看犯罪片（一条消息前），占30%。
41%是因为你很喜欢《Heat》。
推荐《Ronin》，最主要的原因是你很喜欢《Heat》。
给它减分的：你不喜欢《Alien》，8%。
《Ronin (1998)》是 John Frankenheimer 执导的动作、犯罪片。
《Ronin》和《Heat》都由 Robert De Niro 主演。
片长122分钟。
《Ronin》是1998年的片子。
《Ronin》是1990年代的片子。
对白是英语。
题材：“heist”、“spy”。
它的得分：0.92。
你看过《Heat》。
你要求片长不超过130分钟（一条消息前）。
你很喜欢《Heat》，所以《Ronin》很适合你。
因为你很喜欢《Heat》，也因为你想看犯罪片，《Ronin》应该合你的口味：它由 John Frankenheimer 执导。
既然你想看犯罪片（一条消息前），我就推荐《Ronin》。
给《Ronin》加分最多的是你很喜欢《Heat》这一点；其次是你想看犯罪片这一点，占30%。
不过，你不喜欢《Alien》这一点给它减分，8%。
之所以推荐《Ronin》，是因为你很喜欢《Heat》。
跟《Heat》一样，它也由 Robert De Niro 主演。
它和《Heat》都由 Robert De Niro 主演。
跟《Heat》一样，《Ronin》也是“heist”题材的片子。
你很喜欢《Heat》，是你两条消息前告诉我的。
由 Robert De Niro 和 Jean Reno 主演的《Ronin》很适合你，因为你很喜欢《Heat》。
""".split("\n")[1:-1]

FALSE = """
你很喜欢《Heat》：42%。
你很喜欢《Heat》：30%；你想看犯罪片：41%。
41%是因为你想看犯罪片。
你不喜欢《Alien》：8%。
因为你喜欢《Alien》，推荐《Ronin》。
你喜欢《Alien》。
你不喜欢《Heat》。
你没有很喜欢《Heat》。
你不太喜欢《Heat》。
你并不讨厌《Alien》。
你会喜欢《Ronin》。
大家都喜欢《Heat》。
他很喜欢《Heat》。
你很喜欢犯罪片。
不看犯罪片。
你想看歌舞片。
你想看类似《Heat》的片子。
你很喜欢《Heat》（刚才）。
你很喜欢《Heat》（点选时）。
三条消息前你很喜欢《Heat》。
你还没跟我提过《Heat》。
《Ronin》由 Michael Mann 执导。
《Ronin》由 Robert De Niro 执导。
《Ronin》由 Al Pacino 主演。
《Heat》和《Ronin》都由 Michael Mann 执导。
主演有 Tom Hanks。
主演有 Bruno Ganz。
你喜欢 Michael Mann，推荐《Ronin》。
推荐《The Biggest》。
《Ronin (1997)》是一部犯罪片。
《Ronin》是1995年的片子。
《Ronin》是1970年代的片子。
《Ronin》是一部恐怖片。
《Ronin》是一部感人的片子。
《Ronin》是一部搞笑片。
《Ronin》不是犯罪片。
《Ronin》不由 John Frankenheimer 执导。
片长170分钟。
你要求片长不超过100分钟。
你要求片长不少于130分钟。
对白是法语。
《Ronin》拿过奥斯卡奖。
《Ronin》是一部杰作。
Ronin 很好看。
《Ronin》是 masterpiece。
它的得分：0.93。
它的得分：0.92分，满分。
推荐《Ronin》，是因为好看。
推荐《Ronin》，主要因为你很喜欢《Heat》。
推荐《Ronin》，最主要的原因是你想看犯罪片。
首先因为你想看犯罪片，推荐《Ronin》。
五条理由里，六条是真的。
你不喜欢《Alien》，所以《Ronin》很适合你。
因为你很喜欢《Heat》、你不喜欢《Alien》，《Ronin》很适合你。
既然你不喜欢《Alien》，《Ronin》很适合你。
考虑到你不喜欢《Alien》，我推荐《Ronin》。
记得你不喜欢《Alien》，我就选了《Ronin》。
所以《Ronin》很适合你。
既然好看，《Ronin》很适合你。
一半以上的加分来自你很喜欢《Heat》这一点。
给《Ronin》加分最多的是你想看犯罪片这一点。
最主要的理由：你想看犯罪片。
给它减分的是你很喜欢《Heat》。
给它减分的是你不喜欢《Alien》，9%。
不过，你很喜欢《Heat》这一点给它减分。
你不喜欢《Alien》这一点给它加分。
再加上你不喜欢《Alien》，我推荐《Ronin》。
你很喜欢《Heat》，跟你的口味无关。
《Ronin》跟《Heat》一样。
跟《Heat》一样，《Ronin》很适合你。
跟《Heat》一样，它也由 Jean Reno 主演。
跟《Heat》一样，《Ronin》也由 Jean Reno 主演。
跟《Heat》一样，它也是“spy”题材的片子。
它和《Heat》都由 Jean Reno 主演。
它和《Heat》都由 Michael Mann 执导。
《Ronin》不适合你。
《Ronin》一定适合你。
《Ronin》适合所有人。
你很喜欢《Heat》，是你刚才告诉我的。
三条消息前你告诉我，你很喜欢《Heat》。
1997年的《Ronin》很适合你。
片长121分钟的《Ronin》很适合你。
由 Michael Mann 执导的《Ronin》很适合你。
你很喜欢《Heat》，占一半。
你说“I hated Heat”：你很喜欢《Heat (1995)》。
《Ronin》和《Heat》有共同的题材：“spy”。
片库里没有犯罪片。
《Ronin》排第2位。
我试了五种改动。
""".split("\n")[1:-1]


@pytest.mark.parametrize("sentence", TRUE)
def test_a_backed_sentence_passes(claims, sentence):
    assert claims.unbacked(sentence, RONIN_ROWS) == ()


@pytest.mark.parametrize("sentence", FALSE)
def test_an_unbacked_sentence_fails(claims, sentence):
    assert claims.unbacked(sentence, RONIN_ROWS)


def test_ranks_are_bound_to_their_side_and_direction(claims):
    before, after = (RONIN_PICK, COLLATERAL_PICK), (pick(COLLATERAL, ((CRIME, 0.5),), 1), pick(RONIN, ((CRIME, 0.4),), 2))
    rows = reruns.what_if(WhatIf(before, after), (), (HEAT_LOVED,), view()).evidence
    assert claims.unbacked("《Collateral (2004)》从第2位升到第1位。", rows) == ()
    for false in ("从第1位降到第2位", "从第2位降到第1位", "从第3位升到第1位", "从第2位升到第3位"):
        assert claims.unbacked(f"《Collateral (2004)》{false}。", rows), false


# whole conversations

READINGS = {
    "我喜欢heat和alien": ["tell", "-", "love", "love"],
    "我喜欢the matrix": ["tell", "-", "love"],
    "讨厌fargo": ["tell", "-", "hate"],
    "不要恐怖片，别太长": ["tell", "-", "avoid", "avoid"],
    "为什么推荐第一部": ["why", "-", "topic"],
    "为什么没有blade runner": ["why_not", "-", "topic"],
    "如果我没说过喜欢heat呢": ["what_if", "-", "drop"],
    "就这么办": ["accept", "-"],
    "撤销": ["undo", "-"],
    "第一部和第二部比呢": ["compare", "-", "topic", "topic"],
    "第一部是谁演的": ["ask", "-", "topic"],
    "有法国片吗": ["ask", "-", "topic"],
    "你知道我喜欢什么": ["profile", "-"],
    "哪一条最重要": ["matters", "-"],
    "heat占多少": ["matters", "-", "topic"],
    "你有多确定": ["sure", "-"],
    "第一部取决于什么": ["depends", "-", "topic"],
    "我的口味变了吗": ["drift", "-"],
    "这个理由不对": ["wrong", "-"],
    "换一批": ["more", "-"],
    "都不要": ["reject", "-"],
    "喜欢king kong": ["tell", "-", "like"],
    "喜欢parasyte": ["tell", "-", "love"],
    "只看1890年以前的": ["tell", "-", "only"],
    "重新开始": ["reset", "-"],
    "你好": ["chat", "-"],
    "谢谢": ["chat", "-"],
    "你能做什么": ["help", "-"],
    "呜啦": ["unclear", "-"],
    "i loved heat": ["tell", "-", "love"],
}


@pytest.fixture
def assistant(fresh_db, scripted, caplog):
    worded = []

    def answer(prompt):
        if "read: " not in prompt:
            worded.append(prompt)
            return ""
        said = prompt.split("user: ")[1].split("\nread")[0]
        bare = "".join(part.partition(" ")[2].replace("]", "") if n else part for n, part in enumerate(said.split("[")))
        reading = READINGS[bare.lower()]
        return json.dumps([*reading, *["none"] * (said.count("[") + 2 - len(reading))])

    with Assistant.open(fresh_db, engine=scripted(answer, adapters=()), settings=Settings(db=str(fresh_db))) as assistant:
        assistant.worded = worded
        yield assistant
    dropped = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING and "is not backed" in r.getMessage()]
    assert not dropped, "the claim check had to drop a sentence of ours"


def said(assistant, text):
    """The answer to a message, which has to be Chinese, with the titles and people of the catalog as its only Latin words."""
    reply = assistant.reply("ann", text)
    assert reply.text and reply.language == "zh" and language_of(reply.text) == "zh"
    assert not assistant.worded, "a Chinese answer is never worded by the model"
    for piece in (reply.text, *reply.reasons):
        assert not re.search(r"[\u4e00-\u9fff。，] [\u4e00-\u9fff]", piece), piece
    return reply


def test_a_whole_conversation(assistant):
    first = said(assistant, "我喜欢Heat和Alien")
    assert first.text.startswith(("记下了：", "好的：", "明白了：")) and "你很喜欢《Heat (1995)》和《Alien (1979)》" in first.text
    assert all("%" in reason and "《" in reason for reason in first.reasons)
    assert first.suggestions[-3:] == ("都行", "为什么推荐第一部？", "如果我没说过喜欢《Alien (1979)》呢？")
    why = said(assistant, "为什么推荐第一部")
    assert f"《{first.recommendations[0].item.name}》" in why.text and "加起来" in why.text and "我重新算了一遍" in why.text
    assert "《Blade Runner (1982)》" in said(assistant, "为什么没有Blade Runner").text
    compared = said(assistant, "第一部和第二部比呢").text
    assert all(f"《{r.item.name}》得" in compared for r in first.recommendations[:2])
    assert "执导" in said(assistant, "第一部是谁演的").text
    assert "部法语片" in said(assistant, "有法国片吗").text
    assert "你说“我喜欢Heat和Alien”：你很喜欢《Heat (1995)》和《Alien (1979)》" in said(assistant, "你知道我喜欢什么").text
    supposed = said(assistant, "如果我没说过喜欢Heat呢")
    assert "去掉“很喜欢《Heat (1995)》”" in supposed.text and "档案没有变" in supposed.text and "就这么办" in supposed.suggestions
    assert said(assistant, "就这么办").recommendations
    assert "已撤销" in said(assistant, "撤销").text
    strict = said(assistant, "不要恐怖片，别太长")
    assert "不看恐怖片" in strict.text and "片长不超过120分钟" in strict.text
    for text in ("换一批", "都不要", "你好", "谢谢", "你能做什么", "呜啦", "喜欢King Kong", "喜欢Parasyte", "只看1890年以前的"):
        said(assistant, text)
    assert "都忘了" in said(assistant, "重新开始").text


def test_how_picks_stand(assistant):
    for text in ("你有多确定", "我的口味变了吗", "这个理由不对", "哪一条最重要"):
        said(assistant, text)  # before any pick
    said(assistant, "我喜欢Heat和Alien")
    said(assistant, "我喜欢The Matrix")
    said(assistant, "讨厌Fargo")
    assert "推荐的加分来自" in said(assistant, "哪一条最重要").text
    assert "我给不出概率" in said(assistant, "你有多确定").text
    assert "的加分里" in said(assistant, "Heat占多少").text
    said(assistant, "第一部取决于什么")
    assert "前面你告诉我的" in said(assistant, "我的口味变了吗").text
    assert "哪一条不对" in said(assistant, "这个理由不对").text


def test_clicks_are_told_and_answered_in_the_language_asked_for(assistant):
    clicks = [
        lambda: assistant.react("ann", 6, "like", "zh"), lambda: assistant.react("ann", 1214, "seen", "zh"),
        lambda: assistant.more_like("ann", 1214, "zh"),
        lambda: assistant.steer("ann", assistant.profile("ann").items[0].entry_id, "less", "zh"),
        lambda: assistant.set_strength("ann", assistant.profile("ann").items[0].entry_id, 0.9, "zh"),
        lambda: assistant.react("ann", 6, None, "zh"), lambda: assistant.undo("ann", "zh"),
        lambda: assistant.steer("ann", assistant.profile("ann").items[0].entry_id, "wrong", "zh"),
        lambda: assistant.remove("ann", 10**9, "zh"),
    ]
    for click in clicks:
        *_, done = click()
        assert done.reply.language == "zh" and language_of(done.reply.text) == "zh"
    *_, done = assistant.why("ann", done.reply.recommendations[0].item.id if done.reply.recommendations else 6, "zh")
    assert language_of(done.reply.text) == "zh"
    words = [turn.message.text for turn in assistant.history("ann") if turn.message.role == "click"]
    assert words[0] == "喜欢《Heat (1995)》" and "少算一些：“喜欢《Heat (1995)》”" in words[3] and "撤销" in words
    assert all(language_of(text) == "zh" for text in words)


def test_the_language_is_that_of_the_message_else_the_one_asked_for(assistant):
    assert assistant.reply("ann", "我喜欢Heat和Alien", language="en").language == "zh"
    assert assistant.reply("bob", "I loved Heat", language="zh").text.count("《Heat")
    english_turn = assistant.reply("eve", "I loved Heat")
    assert english_turn.language == "en" and "you loved Heat" in english_turn.text
    with pytest.raises(AssistantError, match="'fr'.*en, zh"):
        assistant.reply("ann", "I loved Heat", language="fr")
    assert answered_in("Heat", "en") == "en" and answered_in("喜欢 Heat", "en") == "zh"


def test_the_settings_may_carry_the_language(fresh_db):
    with Assistant.open(fresh_db, settings=Settings(db=str(fresh_db), engine="none", language="zh")) as assistant:
        assert "没有语言模型" in assistant.reply("ann", "I loved Heat").text
        *_, done = assistant.react("ann", 6, "like")
        assert language_of(done.reply.text) == "zh"
    with pytest.raises(SettingsError, match="language 'fr' is not one of en, zh"):
        Settings(language="fr")


def test_a_stored_conversation_is_drawn_in_the_language_of_each_answer(assistant):
    chinese = assistant.reply("ann", "我喜欢Heat和Alien")
    english_ = assistant.reply("ann", "I loved Heat")
    told = [turn.reasons for turn in assistant.history("ann") if turn.recommendations]
    assert told == [chinese.reasons, english_.reasons]


def test_an_english_answer_that_quotes_chinese_is_english(assistant):
    assistant.reply("ann", "我喜欢Heat和Alien")
    told = replies.profile(View(assistant.profile("ann")))
    assert "我喜欢Heat和Alien" in told.text and language_of(told.text) == "en"
    assert explain.checked(told, assistant.claims) == told


def test_suggested_replies_name_what_the_linker_finds(linker):
    links = {text: [span.kind for span in linker.link(text)] for text in (
        *mandarin.replies_to_picks("Heat (1995)"), *mandarin.replies_to_nothing(), *mandarin.replies_to_supposition())}
    assert links["如果我没说过喜欢《Heat (1995)》呢？"] == ["film"]
    assert links["我喜欢《Heat》和《Alien》，别太长"] == ["film", "film", "length"]
    assert links["别太长"] == ["length"] and links["换一批"] == [] and links["就这么办"] == []


def test_evaluate_explanations_in_chinese(default_db, scripted):
    measured = evaluate(default_db, scripted(lambda prompt: ".", adapters=()), picks=40, language="zh")
    assert measured.keys() == {"cards", "why", "slates"}, "without the adapter no model words Chinese"
    for metrics in measured.values():
        assert metrics["backed"] == metrics["backed_before_check"] == 1.0
    for name in ("cards", "why"):
        assert measured[name]["forgeries_caught"] == 1.0 and measured[name]["forgeries"] > 150
    assert measured["cards"]["two_largest_named"] == measured["cards"]["percents_right"] == 1.0
    assert measured["cards"]["most_common_opening"] < 0.3 and measured["cards"]["unique_lines"] > 0.8
