"""Every reply that is put forward works: the served model reads it in the situation in which it is offered, in both languages."""

from dataclasses import replace

import pytest

from assistant import english, mandarin
from assistant.conversation import Assistant
from assistant.state import Question
from assistant.understand import understand
from store.records import Preference

MEANT = {
    "recommend": ("Recommend me something", "推荐几部片子"), "like 3": ("I loved Heat and Alien, nothing too long", "我喜欢《Heat》和《Alien》，别太长"),
    "help": ("What can you do?", "你能做什么？"), "reject": ("I don't mind", "都行"), "why": ("Why the first one?", "为什么推荐第一部？"),
    "what_if": ("What if I hadn't liked Alien (1979)?", "如果我没说过喜欢《Alien (1979)》呢？"), "constrain 1": ("Nothing too long", "别太长"),
    "profile": ("What do you know about me?", "你知道我喜欢什么吗？"), "more": ("Show me others", "换一批"), "seen 1": ("Do that", "就这么办"),
    "undo": ("Undo that", "撤销"),
}
"""The act that each reply stands for, and how many entries it puts into the profile. What is not here is an option of a choice."""
TALKS = {
    "en": ("hi", "I loved Heat and Alien", "why the second one?", "what if I hadn't liked Heat?", "what do you know about me?", "show me others"),
    "zh": ("你好", "我喜欢《Heat》和《Alien》", "为什么推荐第二部？", "如果我没说过喜欢《Heat》呢？", "你知道我喜欢什么吗？", "换一批"),
}
FARGO = Question("unsure", "Fargo hmm", (608,), proposed=(Preference("item", "608", "Fargo (1996)", "like", 1.0),))


@pytest.mark.parametrize("language", TALKS)
def test_each_reply_put_forward_is_understood(fresh_db, shared_engine, language):
    meant, put_forward = {text: act for act, texts in MEANT.items() for text in texts}, set()
    with Assistant.open(fresh_db, engine=shared_engine) as assistant:
        for told in TALKS[language]:
            assistant.manners = None if told == TALKS[language][-1] else assistant.manners  # picks without a choice beside them
            for text in assistant.reply("ann", told).suggestions:
                change = understand(text, assistant.state("ann"), assistant.linker, shared_engine)
                assert f"{change.act} {len(change.added)}".removesuffix(" 0") == meant.get(text, "want 1"), text
                assert not change.questions
                put_forward.add(text)
    assert len(put_forward & set(meant)) == len(MEANT)


@pytest.mark.parametrize("words", [english, mandarin])
def test_a_doubt_is_settled_by_the_replies_to_it(fresh_db, shared_engine, words):
    with Assistant.open(fresh_db, engine=shared_engine) as assistant:
        state = replace(assistant.state("ann"), pending=FARGO, last="nearest")
        yes, no, profile = (understand(text, state, assistant.linker, shared_engine) for text in words.replies_to_doubt())
    assert (yes.act, yes.added) == ("like", FARGO.proposed)
    assert (no.act, no.is_edit) == ("reject", False)
    assert profile.act == "profile"


@pytest.mark.parametrize("text", ["No", "nope", "no thanks", "don't", "不", "不是。", "算了"])
def test_a_no_to_a_doubt_or_a_supposition_changes_nothing(linker, fresh_db, text):
    with Assistant.open(fresh_db, load_engine=False) as assistant:
        state = assistant.state("ann")
    for kind in ("unsure", "suppose"):
        change = understand(text, replace(state, pending=replace(FARGO, kind=kind)), linker, NoModel())
        assert (change.act, change.is_edit) == ("reject", False)


@pytest.mark.parametrize("text", ["do that", "Yes, do that!", "ok do it please", "go ahead", "就这么办", "好的，就这么办吧"])
def test_do_that_needs_no_model(linker, fresh_db, text):
    with Assistant.open(fresh_db, load_engine=False) as assistant:
        state = replace(assistant.state("ann"), pending=replace(FARGO, kind="suppose"))
    assert understand(text, state, linker, NoModel()).added == FARGO.proposed


class NoModel:
    """An engine that must not be asked."""

    def stream(self, *args, **kwargs):
        raise AssertionError("the model was asked")
