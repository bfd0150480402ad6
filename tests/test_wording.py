"""The model's sentences: checked one by one, in good time, and never needed."""

from dataclasses import replace

import pytest
from told_films import CATALOG, HEAT_LOVED, IT, ORIGINS, PROFILE, RONIN, RONIN_PICK, checker, pick

from assistant.errors import EngineError
from assistant.evidence import Answer, counted
from assistant.explain import View, evidence_of
from assistant.wording import (
    ADAPTER, Reason, Told, backed, explain_prompt, few_shot, how_many, is_repeated, is_sound, opening, openings, prompt_of, tell, word, written,
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


def test_the_real_model_says_nothing_unbacked(real_engine, claims):
    said = list(word(real_engine, EVIDENCE, claims, seed=2))
    assert said and "Ronin" in said[0]
    assert all(not claims.unbacked(s, EVIDENCE) for s in said)
