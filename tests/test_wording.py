"""The model's sentences: checked one by one, in good time, and never needed."""

import pytest
from told_films import CATALOG, ORIGINS, PROFILE, RONIN_PICK, checker

from assistant.errors import EngineError
from assistant.evidence import Answer, counted
from assistant.explain import View, evidence_of
from assistant.mentions import sentences
from assistant.wording import explain_prompt, few_shot, is_repeated, is_sound, pairs, tell, word, written

EVIDENCE = evidence_of(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG))
TRUE = "Because you loved Heat (1995), Ronin (1998) fits well: it is an action and crime film with Robert De Niro."
FALSE = "Ronin (1998) won two prizes in Cannes."


@pytest.fixture(scope="module")
def claims():
    return checker()


def test_the_task_of_the_adapter_is_compact_and_complete():
    assert explain_prompt(EVIDENCE) == (
        "film: Ronin (1998)\n"
        "for: you loved Heat (1995), two messages ago, 41 %\n"
        "for: you asked for crime films, one message ago, 30 %\n"
        "for: you like Robert De Niro, one message ago, 25 %\n"
        "against: you disliked Alien (1979), by a click, 8 %\n"
        "with Heat (1995): both star Robert De Niro\n"
        "genre: action and crime film\n"
        "directed by: John Frankenheimer\n"
        "starring: Robert De Niro and Jean Reno\n"
        "length: 122 minutes\n"
        "say:"
    )
    with pytest.raises(ValueError, match="no film"):
        explain_prompt((counted(2, "films"),))


def test_with_the_adapter_the_model_writes_whole_sentences(scripted, claims):
    engine = scripted({"say:": f" {TRUE} {FALSE} It takes 122 minutes."}, adapters=("explain",))
    assert list(word(engine, EVIDENCE, claims)) == [TRUE]
    assert engine.calls[0].adapter == "explain" and engine.calls[0].prompt == explain_prompt(EVIDENCE)
    assert engine.calls[0].max_tokens <= 60


def test_without_the_adapter_the_base_goes_on_from_a_beginning(scripted, claims):
    engine = scripted(lambda prompt: ": it is an action and crime film.\nfilm: Heat", adapters=())
    prompt, opening = few_shot(EVIDENCE, 3)
    assert prompt.endswith(f"say: {opening}") and "Ronin (1998)" in opening and "Heat (1995)" in opening
    assert list(word(engine, EVIDENCE, claims, 3)) == [f"{opening}: it is an action and crime film."]
    assert engine.calls[0].adapter is None


def test_a_false_sentence_is_replaced_by_the_fallback(scripted, claims):
    engine = scripted({"say:": f" {FALSE}"}, adapters=("explain",))
    fallback = ("Ronin (1998) stars Robert De Niro and Jean Reno.", "Ronin (1998) stars Tom Hanks.")
    assert list(word(engine, EVIDENCE, claims, fallback=fallback)) == [fallback[0]]
    assert list(word(None, EVIDENCE, claims, fallback=fallback)) == [fallback[0]]
    assert list(word(None, EVIDENCE, claims)) == []


def test_the_answer_does_not_wait_for_the_model(scripted, claims):
    engine = scripted({"say:": f" {TRUE}"}, adapters=("explain",))
    answer = Answer(("First.", "Last."), EVIDENCE)
    stream = tell(answer, engine, EVIDENCE, claims)
    assert [next(stream), next(stream)] == ["First.", "Last."] and not engine.calls
    assert list(stream) == [TRUE]
    assert list(tell(answer, None, EVIDENCE, claims)) == ["First.", "Last."]


def test_after_two_sentences_the_model_is_not_read_on(scripted):
    engine = scripted({"say:": " One two three. Four five six. Seven eight nine. And so on and on."}, adapters=("explain",))
    assert list(written(engine, EVIDENCE)) == ["One two three.", "Four five six."]
    assert "so on" not in "".join(engine.given)


def test_an_unfinished_sentence_is_left_out(scripted):
    engine = scripted({"say:": f" {TRUE} Ronin (1998) is an action and"}, adapters=("explain",))
    assert list(written(engine, EVIDENCE)) == [TRUE]


def test_what_the_engine_raises_is_raised(scripted, claims):
    engine = scripted({"say:": EngineError("the model is gone")}, adapters=("explain",))
    with pytest.raises(EngineError):
        list(word(engine, EVIDENCE, claims))


def test_repetition_and_rambling_are_dropped(scripted, claims):
    assert is_repeated(TRUE, (TRUE.replace("fits well", "fits"),)) and not is_repeated(FALSE, (TRUE,))
    assert is_sound(TRUE) and not is_sound("Yes.") and not is_sound("a film, a movie, a film, a movie, a film, a movie.")
    engine = scripted({"say:": f" {TRUE}"}, adapters=("explain",))
    assert list(word(engine, EVIDENCE, claims, said=(TRUE,))) == []


def test_training_pairs_are_varied_and_every_sentence_of_them_is_backed(claims):
    made = list(pairs(EVIDENCE, claims, n=8))
    assert len({completion for _, completion in made}) == 8
    for prompt, completion in made:
        assert prompt == explain_prompt(EVIDENCE) and completion.startswith(" ")
        assert all(not claims.unbacked(s, EVIDENCE) for s in sentences(completion))


def test_the_real_model_says_nothing_unbacked(real_engine, claims):
    said = list(word(real_engine, EVIDENCE, claims, seed=2))
    assert said and "Ronin (1998)" in said[0]
    assert all(not claims.unbacked(s, EVIDENCE) for s in said)
