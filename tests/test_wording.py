"""The model's sentences: checked one by one, in good time, and never needed."""

import inspect
import json
from dataclasses import replace

import pytest
from told_films import CATALOG, HEAT_LOVED, IT, ORIGINS, PROFILE, RONIN, RONIN_PICK, checker, pick

from assistant import english_wording, mandarin_wording, wording
from assistant.errors import EngineError
from assistant.evidence import Answer, counted
from assistant.explain import View, evidence_of
from assistant.languages import WORDED_BY_MODEL
from assistant.llm.engine import ADAPTERS_FOLDER
from assistant.wording import (
    ADAPTER, Reason, Told, backed, evidence_part, explain_prompt, few_shot, how_many, is_repeated, is_sound, opening, openings, prompt_of,
    tell, word, written,
)
from store.records import Item

EVIDENCE = evidence_of(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG))
TRUE = "Because you loved Heat (1995), Ronin (1998) fits well: it is an action and crime film with Robert De Niro."
TOLD = Told.of(EVIDENCE)


def seed_of(first):
    """A seed that draws this beginning."""
    return next(seed for seed in range(1000) if opening(TOLD, seed) == first)


BECAUSE = seed_of("Because")
GOES_ON = TRUE.removeprefix("Because")
FALSE = "Ronin (1998) won two prizes in Cannes."


@pytest.fixture(scope="module")
def claims():
    return checker()


def test_the_task_of_the_adapter_is_compact_and_complete():
    assert prompt_of(TOLD, 2, "Because") == (
        "film: Ronin\n"
        "for: you loved Heat, two messages ago, 41 %\n"
        "for: you asked for crime films, one message ago, 30 %\n"
        "against: you disliked Alien, by a click, 8 %\n"
        "with Heat: both star Robert De Niro\n"
        "genre: action and crime film\n"
        "directed by: John Frankenheimer\n"
        "starring: Robert De Niro and Jean Reno\n"
        "length: 122 minutes\n"
        "year: 1998\n"
        "sentences: two\n"
        "say: Because"
    )
    with pytest.raises(ValueError, match="no film"):
        explain_prompt((counted(2, "films"),))


def test_the_seed_draws_the_beginning_and_the_number_of_sentences():
    prompts = {explain_prompt(EVIDENCE, seed) for seed in range(200)}
    assert {prompt.rpartition("say: ")[2] for prompt in prompts} == set(openings(TOLD))
    assert explain_prompt(EVIDENCE, 3) == explain_prompt(EVIDENCE, 3)
    assert {how_many(TOLD, seed) for seed in range(50)} == {1, 2}


def test_beginnings_are_those_that_the_evidence_allows():
    assert {"Because", "You", "Like", "41", "An", "First", "Ronin"} <= set(openings(TOLD))
    assert "Mostly" not in openings(TOLD)  # 41 % is less than half
    alone = replace(TOLD, reasons=(Reason("", "its popularity", "", 100),), shared=None, cast=(), genres="")
    assert not {"You", "Like", "First", "An", "With"} & set(openings(alone)) and "Its" in openings(alone)
    assert openings(replace(TOLD, reasons=())) == ("Ronin",)


def test_the_model_has_nothing_to_tell_where_nobody_said_anything(claims, scripted):
    engine = scripted(lambda prompt: GOES_ON)
    popular = tuple(r for r in EVIDENCE if r.kind != "contribution" or r.label == "popularity")
    assert Told.of(popular).reasons and not list(word(engine, popular, claims, BECAUSE))
    assert list(word(engine, EVIDENCE, claims, BECAUSE))


def test_popularity_is_a_reason_and_variety_nothing_that_is_said_against():
    told = Told.of(evidence_of(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG)))
    assert [r.percent for r in told.reasons] == [41, 30, 25, 4]
    assert told.reasons[3] == Reason("", "its popularity", "", 4)
    slate = pick(RONIN, ((HEAT_LOVED, 0.5), ("slate", -0.2)))
    assert Told.of(evidence_of(slate, View(PROFILE, ORIGINS, 7, CATALOG))).against == ()


def test_a_year_is_told_only_where_the_title_needs_it():
    other = Item(9, "Heat", 1986, ("Crime",))
    told = Told.of(evidence_of(pick(other, ((HEAT_LOVED, 0.5),)), View(PROFILE, ORIGINS, 7)))
    assert told.film == "Heat (1986)" and told.reasons[0].noun == "your love of Heat (1995)"
    assert Told.of(evidence_of(pick(IT, ((HEAT_LOVED, 0.5),)), View(PROFILE, ORIGINS, 7))).film == "It (1990)"


def test_with_the_adapter_the_model_writes_whole_sentences(scripted, claims):
    engine = scripted({"say: Because": f"{GOES_ON} {FALSE} It takes 122 minutes."}, adapters=(ADAPTER,))
    assert list(word(engine, EVIDENCE, claims, BECAUSE)) == [TRUE]
    assert engine.calls[0].adapter == ADAPTER and engine.calls[0].prompt == explain_prompt(EVIDENCE, BECAUSE)
    assert engine.calls[0].max_tokens <= 80


def test_without_the_adapter_the_base_goes_on_from_a_beginning(scripted, claims):
    engine = scripted(lambda prompt: ": it is an action and crime film.\nfilm: Heat", adapters=())
    prompt, begun = few_shot(EVIDENCE, 3)
    assert prompt.endswith(f"say: {begun}") and "Ronin" in begun and "Heat" in begun
    assert list(word(engine, EVIDENCE, claims, 3)) == [f"{begun}: it is an action and crime film."]
    assert engine.calls[0].adapter is None


def test_a_false_sentence_is_replaced_by_the_fallback(scripted, claims):
    engine = scripted({"say:": f" {FALSE}"}, adapters=(ADAPTER,))
    fallback = ("Ronin (1998) stars Robert De Niro and Jean Reno.", "Ronin (1998) stars Tom Hanks.")
    assert list(word(engine, EVIDENCE, claims, fallback=fallback)) == [fallback[0]]
    assert list(word(None, EVIDENCE, claims, fallback=fallback)) == [fallback[0]]
    assert list(word(None, EVIDENCE, claims)) == []


def test_the_answer_does_not_wait_for_the_model(scripted, claims):
    engine = scripted({"say:": GOES_ON}, adapters=(ADAPTER,))
    answer = Answer(("First.", "Last."), EVIDENCE)
    stream = tell(answer, engine, EVIDENCE, claims, BECAUSE)
    assert [next(stream), next(stream)] == ["First.", "Last."] and not engine.calls
    assert list(stream) == [TRUE]
    assert list(tell(answer, None, EVIDENCE, claims)) == ["First.", "Last."]


def test_after_two_sentences_the_model_is_not_read_on(scripted):
    engine = scripted({"say:": " one two three. Four five six. Seven eight nine. And so on and on."}, adapters=(ADAPTER,))
    assert list(written(engine, EVIDENCE, BECAUSE)) == ["Because one two three.", "Four five six."]
    assert "so on" not in "".join(engine.given)


def test_an_unfinished_sentence_is_left_out(scripted):
    engine = scripted({"say:": f"{GOES_ON} Ronin (1998) is an action and"}, adapters=(ADAPTER,))
    assert list(written(engine, EVIDENCE, BECAUSE)) == [TRUE]


def test_what_the_engine_raises_is_raised(scripted, claims):
    engine = scripted({"say:": EngineError("the model is gone")}, adapters=(ADAPTER,))
    with pytest.raises(EngineError):
        list(word(engine, EVIDENCE, claims))


def test_repetition_and_rambling_are_dropped(scripted, claims):
    assert is_repeated(TRUE, (TRUE.replace("fits well", "fits"),)) and not is_repeated(FALSE, (TRUE,))
    assert is_sound(TRUE) and not is_sound("Yes.") and not is_sound("a film, a movie, a film, a movie, a film, a movie.")
    assert list(backed((TRUE, FALSE, TRUE, "Yes."), EVIDENCE, claims)) == [TRUE]
    engine = scripted({"say:": GOES_ON}, adapters=(ADAPTER,))
    assert list(word(engine, EVIDENCE, claims, BECAUSE, said=(TRUE,))) == []


# in Chinese

CHINESE = Told.of(EVIDENCE, "zh")
SEIT = next(seed for seed in range(1000) if opening(CHINESE, seed) == "既然")
TRUE_ZH = "既然你很喜欢《Heat》，《Ronin》很适合你：它是一部动作、犯罪片。"
FALSE_ZH = "它获得过奥斯卡奖。"
AGAINST_ZH = "不过，你不喜欢《Alien》这一点给它减分，8%。"


@pytest.fixture
def chinese(monkeypatch):
    """As if the committed adapter had learned Chinese."""
    monkeypatch.setattr(wording, "WORDED_BY_MODEL", frozenset({"en", "zh"}))


def public(module):
    return {name: list(inspect.signature(function).parameters) for name, function in vars(module).items()
            if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")}


def test_both_languages_have_the_same_words_for_the_task():
    shared = {"when", "joined", "neat"}
    assert {k: v for k, v in public(mandarin_wording).items() if k not in shared} == {
        k: v for k, v in public(english_wording).items() if k not in shared}
    for name in ("IMPERSONAL", "LINES"):
        assert getattr(mandarin_wording, name).keys() == getattr(english_wording, name).keys()
    for module in (english_wording, mandarin_wording):
        assert all(callable(getattr(module, name)) for name in shared)


def test_the_task_in_chinese_tells_the_same_evidence():
    prompt = prompt_of(CHINESE, 2, "因为")
    assert prompt == (
        "片名：《Ronin》\n"
        "加分：你很喜欢《Heat》，两条消息前，41%\n"
        "加分：你想看犯罪片，一条消息前，30%\n"
        "减分：你不喜欢《Alien》，点选时，8%\n"
        "与《Heat》：都由 Robert De Niro 主演\n"
        "类型：动作、犯罪片\n"
        "导演：John Frankenheimer\n"
        "主演：Robert De Niro 和 Jean Reno\n"
        "片长：122分钟\n"
        "年份：1998\n"
        "两句\n"
        "说：因为"
    )
    assert evidence_part(prompt) == prompt.removesuffix("\n两句\n说：因为")
    assert evidence_part(prompt_of(TOLD, 1, "As")).endswith("year: 1998")


def test_every_kind_of_preference_is_told_in_chinese(claims):
    clauses = set()
    for entry in PROFILE:
        if entry.role in ("max", "min", "seen", "skip", "avoid"):
            continue
        evidence = evidence_of(pick(RONIN, ((entry, 0.5),)), View(PROFILE, ORIGINS, 7, CATALOG))
        (reason,) = Told.of(evidence, "zh").reasons
        clauses.add(reason.clause)
        assert not claims.unbacked(f"推荐《Ronin》，是因为{reason.clause}。", evidence), reason
    assert {"你想看类似《It》的片子", "你讨厌战争片", "你喜欢 Robert De Niro", "你只想看 Tom Hanks 的片子", "你想看“time travel”题材的片子",
            "你很喜欢“based on novel”题材的片子", "你想看1990年代的片子", "你只想看法语片"} <= clauses


def test_chinese_beginnings_are_those_that_the_evidence_allows():
    assert {"因为", "你", "跟", "41%", "由", "《Ronin》", "《Heat》", "1998年", "片长"} <= set(openings(CHINESE))
    assert "一半以上" not in openings(CHINESE) and "它" not in openings(CHINESE)
    alone = Told.of(tuple(r for r in EVIDENCE if r.kind != "contribution" or r.label == "popularity"), "zh")
    assert alone.reasons[0].noun == "它的人气" and "它" in openings(alone) and not {"你", "既然"} & set(openings(alone))


def test_the_adapter_words_chinese_and_every_sentence_is_checked(scripted, claims, chinese):
    engine = scripted({"说：既然": f"{TRUE_ZH.removeprefix('既然')}{FALSE_ZH}"}, adapters=(ADAPTER,), chunk=3)
    assert list(written(engine, EVIDENCE, SEIT, "zh")) == [TRUE_ZH, FALSE_ZH]
    assert list(word(engine, EVIDENCE, claims, SEIT, language="zh")) == [TRUE_ZH]
    assert engine.calls[0].adapter == ADAPTER and engine.calls[0].prompt == explain_prompt(EVIDENCE, SEIT, "zh")
    both = scripted({"说：既然": f"{TRUE_ZH.removeprefix('既然')}{AGAINST_ZH}它是"}, adapters=(ADAPTER,))
    assert list(word(both, EVIDENCE, claims, SEIT, language="zh")) == [TRUE_ZH, AGAINST_ZH]


def test_an_english_sentence_is_not_said_in_a_chinese_answer(scripted, claims, chinese):
    engine = scripted({"说：": f"你很喜欢《Heat》，所以《Ronin》很适合你。\n{TRUE}"}, adapters=(ADAPTER,))
    assert not list(word(scripted({"说：": f"。{TRUE}"}, adapters=(ADAPTER,)), EVIDENCE, claims, SEIT, language="zh"))
    assert all("Because" not in s for s in word(engine, EVIDENCE, claims, SEIT, language="zh"))


def test_chinese_is_worded_by_an_adapter_that_learned_it_and_by_nothing_else(scripted, claims, monkeypatch):
    engine = scripted(lambda prompt: TRUE_ZH.removeprefix("既然"), adapters=(ADAPTER,))
    monkeypatch.setattr(wording, "WORDED_BY_MODEL", frozenset({"en"}))
    assert list(tell(Answer(("甲。",)), engine, EVIDENCE, claims, SEIT, language="zh")) == ["甲。"]
    monkeypatch.setattr(wording, "WORDED_BY_MODEL", frozenset({"en", "zh"}))
    bare = scripted(lambda prompt: TRUE_ZH.removeprefix("既然"), adapters=())
    assert list(tell(Answer(("甲。",)), bare, EVIDENCE, claims, SEIT, language="zh")) == ["甲。"]
    assert not engine.calls and not bare.calls
    assert list(tell(Answer(("甲。",)), engine, EVIDENCE, claims, SEIT, language="zh")) == ["甲。", TRUE_ZH]


def test_the_languages_worded_are_those_that_the_committed_adapter_learned():
    for path in ADAPTERS_FOLDER.glob(f"*/{ADAPTER}/training.json"):
        assert WORDED_BY_MODEL == set(json.loads(path.read_text()).get("languages", ["en"])), path


def test_chinese_repetition_and_rambling_are_dropped():
    assert is_sound(TRUE_ZH) and not is_sound("是的。") and not is_sound("一部电影，一部电影，一部电影，一部电影。")
    assert is_repeated(TRUE_ZH, (TRUE_ZH.replace("很适合", "应该适合"),)) and not is_repeated(AGAINST_ZH, (TRUE_ZH,))


def test_without_the_adapter_chinese_examples_go_before_the_beginning():
    prompt, begun = few_shot(EVIDENCE, 2, "zh")
    assert prompt.endswith(f"说：{begun}") and "《Ronin》" in begun and prompt.count("说：") == 4


def test_the_real_model_says_nothing_unbacked(real_engine, claims):
    said = list(word(real_engine, EVIDENCE, claims, seed=2))
    assert said and "Ronin" in said[0]
    assert all(not claims.unbacked(s, EVIDENCE) for s in said)
