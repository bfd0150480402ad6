"""Offering a choice beside picks: which one, when, what its answer means, and that nobody is nagged."""

import json
import logging
import shutil

import numpy as np
import pytest

from assistant import Assistant, asking, options
from assistant.asking import KINDS, MANNERS, Belief, askable, best_options, best_question, gain, may_ask, open_kinds, option, told, values
from assistant.claims import Claims
from assistant.explain import View, checked
from assistant.recommend import Recommender
from assistant.replies import which_rather
from assistant.settings import Settings
from assistant.state import Profile, Question
from store.catalog import Catalog
from store.database import Database
from store.records import Asked, Preference

HEAT = Preference("item", "6", "Heat (1995)", "like", 1.0)
GENRES = Question(asking.PREFER, proposed=(option("genre", "Thriller"), option("genre", "Comedy"), option("genre", "Sci-Fi")))
PAIR = Question(asking.PREFER, proposed=GENRES.proposed[:2])
FOUR = Question(asking.PREFER, proposed=(*GENRES.proposed, option("genre", "War")))
DECADES = Question(asking.PREFER, proposed=(option("decade", "1980s"), option("decade", "1990s")))
PEOPLE = Question(asking.PREFER, proposed=(option("person", "Al Pacino"), option("person", "Tom Hanks")))
THEMES = Question(asking.PREFER, proposed=(option("keyword", "time travel"), option("keyword", "heist")))


@pytest.fixture(scope="module")
def recommender(small_built):
    with Database(small_built) as database:
        yield Recommender(Catalog(database))


# what an answer tells


def table(*rows):
    return np.array(rows, dtype=bool)


@pytest.mark.parametrize("probability, has, known, bits", [
    ((0.5, 0.5), table((1, 0), (0, 1)), (1, 1), 1.0),
    ((0.25, 0.25, 0.25, 0.25), table((1, 0, 0, 0), (0, 1, 0, 0)), (1, 1, 1, 1), 1.5),  # two options, "neither" for the other half
    ((0.5, 0.5), table((1, 1), (1, 1)), (1, 1), 0.0),  # both have both: any answer, whichever is wanted
    ((1.0, 0.0), table((1, 0), (0, 1)), (1, 1), 0.0),  # it is known already
    ((0.25, 0.25, 0.5), table((1, 0, 0), (0, 1, 0)), (1, 1, 0), 0.5),  # of half of the belief nothing is known
    ((1.0,), table((0,), (0,)), (0,), 0.0),
])
def test_the_information_of_an_answer_by_hand(probability, has, known, bits):
    assert gain(np.array(probability), has, np.array(known, dtype=bool)) == pytest.approx(bits)


def test_a_belief_follows_the_scores(recommender):
    ranked = recommender.recommend(Profile("ann", (HEAT,)), n=20)
    belief = Belief.of(ranked, 0.5)
    assert belief.probability.sum() == pytest.approx(1.0) and list(belief.probability) == sorted(belief.probability, reverse=True)
    assert belief.probability[0] / belief.probability[3] == pytest.approx(np.exp((ranked[0].score - ranked[3].score) / 0.5))


@pytest.mark.parametrize("preferences", [(), (HEAT,), (HEAT, option("genre", "Crime"))])
def test_no_other_pair_of_the_shortlist_tells_more(recommender, preferences):
    profile = Profile("ann", preferences)
    question = best_question(recommender, profile)
    kind = question.proposed[0].kind
    belief = Belief.of(recommender.recommend(profile, n=MANNERS.candidates), MANNERS.temperature)
    for other in open_kinds(profile, ()):
        having = askable(recommender.catalog, profile, other, belief)
        known = np.array([bool(values(item, other)) for item in belief.items])
        chosen = (1 - MANNERS.dont_mind[kind]) * gain(belief.probability, np.stack([_having(belief, p) for p in question.proposed]), _known(belief, kind))
        likely = sorted(having, key=lambda v: -abs(float(belief.probability[having[v]].sum())))[:4]
        for a, b in ((x, y) for x in likely for y in likely if x < y):
            bits = (1 - MANNERS.dont_mind[other]) * gain(belief.probability, np.stack([having[a], having[b]]), known)
            assert bits <= chosen + 1e-9, (other, a, b)


def _having(belief, preference):
    return np.array([preference.ref in values(item, preference.kind) for item in belief.items])


def _known(belief, kind):
    return np.array([bool(values(item, kind)) for item in belief.items])


def test_options_are_features_of_candidates_and_nothing_that_was_said(recommender):
    profile = Profile("ann", (HEAT, Preference("genre", "Comedy", "Comedy", "like", 0.8), Preference("person", "Al Pacino", "Al Pacino", "avoid", -1.0)))
    belief = Belief.of(recommender.recommend(profile, n=MANNERS.candidates), MANNERS.temperature)
    for kind in KINDS:
        having = askable(recommender.catalog, profile, kind, belief)
        assert not {"Comedy", "Al Pacino"} & set(having) and all(has.any() for has in having.values())
        _, named = best_options(belief, kind, having)
        assert set(named) <= set(having) and len(named) in (0, *range(2, MANNERS.options + 1))


def test_what_is_wished_for_is_not_asked_about():
    assert open_kinds(Profile("ann", (HEAT,)), ()) == list(KINDS)
    assert "genre" not in open_kinds(Profile("ann", (option("genre", "Crime"),)), ())
    assert "decade" not in open_kinds(Profile("ann", (Preference("year", "max", "from 1990 or earlier", "max", 1990.0),)), ())
    assert "person" not in open_kinds(Profile("ann"), (Asked("person", ("Al Pacino", "Tom Hanks")),))


# when


def test_a_thin_profile_only():
    liked = tuple(Preference("item", str(n), f"film {n}", "like", 0.8) for n in range(9))
    assert told(Profile("ann", (liked[0], Preference("item", "77", "x", "seen", 0.0), Preference("runtime", "max", "x", "max", 120.0)))) == 1.5
    assert may_ask(Profile("ann"), ()) and may_ask(Profile("ann", liked[:2]), ()) and not may_ask(Profile("ann", liked), ())


def test_who_passes_a_question_over_is_left_alone():
    thin = Profile("ann", (HEAT,))
    assert may_ask(thin, (Asked("genre", ("a", "b"), answered=True, messages_since=1),))
    assert not may_ask(thin, (Asked("genre", ("a", "b"), messages_since=1),))
    assert not may_ask(thin, (Asked("genre", ("a", "b"), messages_since=MANNERS.pause),))
    assert may_ask(thin, (Asked("genre", ("a", "b"), messages_since=MANNERS.pause + 1),))
    twice = (Asked("genre", ("a", "b"), messages_since=9), Asked("decade", ("a", "b"), messages_since=MANNERS.pause + 1))
    assert not may_ask(thin, twice)  # the second time the pause is twice as long
    assert not may_ask(thin, tuple(Asked(kind, ("a", "b"), answered=True, messages_since=1) for kind in KINDS[: MANNERS.most]))


# what answers mean

SETTLED = [
    (GENRES, "thriller", ["Thriller"]), (GENRES, "A thriller, please!", ["Thriller"]), (GENRES, "rather something funny", ["Comedy"]),
    (GENRES, "thrillers", ["Thriller"]), (GENRES, "sci-fi I think", ["Sci-Fi"]), (GENRES, "comdey", ["Comedy"]),
    (GENRES, "2nd", ["Comedy"]), (GENRES, "the last one", ["Sci-Fi"]), (GENRES, "third", ["Sci-Fi"]), (GENRES, "a thriller or a comedy", ["Thriller", "Comedy"]),
    (FOUR, "the fourth", ["War"]), (FOUR, "4", ["War"]), (FOUR, "last one", ["War"]), (FOUR, "第四个", ["War"]), (FOUR, "third", ["Sci-Fi"]),
    (PAIR, "both", ["Thriller", "Comedy"]), (PAIR, "the latter", ["Comedy"]), (PAIR, "ok the first one please", ["Thriller"]),
    (DECADES, "the 90s", ["1990s"]), (DECADES, "1980s", ["1980s"]), (DECADES, "from the eighties please", ["1980s"]), (DECADES, "90s!", ["1990s"]),
    (PEOPLE, "Pacino", ["Al Pacino"]), (PEOPLE, "something with tom hanks", ["Tom Hanks"]),
    (THEMES, "time travel", ["time travel"]), (THEMES, "heists", ["heist"]), (THEMES, "something about time travel please", ["time travel"]),
    (GENRES, "惊悚片吧", ["Thriller"]), (GENRES, "我想看喜剧", ["Comedy"]), (GENRES, "第二个", ["Comedy"]), (PAIR, "后者", ["Comedy"]),
    (PAIR, "都要", ["Thriller", "Comedy"]), (DECADES, "九十年代的吧", ["1990s"]), (DECADES, "80年代", ["1980s"]), (PEOPLE, "还是 Al Pacino 吧", ["Al Pacino"]),
]
OPEN = ["don't mind", "I don't really mind", "dont mind", "either", "either is fine", "no", "nope", "no preference", "doesn't matter", "whatever", "Up to you.",
        "I don't care", "any", "anything", "Anything is fine.", "idk", "都行", "都可以", "随便", "无所谓", "我都不介意", "不知道", "你定吧"]
NONE_OF_THEM = ["neither", "Neither of those, sorry", "neither one really", "no, neither", "哪个都不要", "两个都不想看"]
LEFT_TO_THE_MODEL = [
    "not a thriller", "no thrillers", "a thriller but not too long", "why the second one?", "I love thrillers", "horror", "show me others", "why", "more like the second",
    "none of these", "none of them", "not those", "都不要", "undo", "thriller from the 80s", "I loved Heat", "the second one was boring", "what is a thriller", "yes", "more", "nothing too long", "不要惊悚片", "惊悚片，别太长",
    "为什么推荐第二部？", "换一批", "第二部", "喜剧片太无聊", "",
]


@pytest.mark.parametrize("question, text, chosen", SETTLED, ids=[text for _, text, _ in SETTLED])
def test_words_that_choose(question, text, chosen):
    change = options.answered(text, question, Profile("ann", (HEAT,)))
    assert [(p.ref, p.role) for p in change.added] == [(ref, "want") for ref in chosen] and change.acts == ("want",) and not change.removed


@pytest.mark.parametrize("text", OPEN)
def test_not_minding_changes_nothing(text):
    for question in (GENRES, PAIR, DECADES, PEOPLE):
        change = options.answered(text, question, Profile("ann"))
        assert change is not None and not change.is_edit and change.act == "reject"


@pytest.mark.parametrize("text", NONE_OF_THEM)
def test_neither_rules_all_of_them_out(text):
    assert [(p.ref, p.role) for p in options.answered(text, PAIR, Profile("ann")).added] == [("Thriller", "avoid"), ("Comedy", "avoid")]


@pytest.mark.parametrize("text", LEFT_TO_THE_MODEL)
def test_what_says_more_is_left_to_the_model(text):
    for question in (GENRES, FOUR, PAIR, DECADES, PEOPLE, THEMES):
        assert options.answered(text, question, Profile("ann")) is None


def test_every_suggested_reply_is_understood_by_its_words(recommender):
    from assistant import english, mandarin

    for question in (GENRES, DECADES, PEOPLE, THEMES, best_question(recommender, Profile("ann", (HEAT,)))):
        for words in (english, mandarin):
            *replies, left_open = words.replies_to_choice(question.proposed)
            for reply, meant in zip(replies, question.proposed, strict=True):
                assert options.answered(reply, question, Profile("ann")).added == (meant,), reply
            assert not options.answered(left_open, question, Profile("ann")).is_edit


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_question_is_one_short_sentence_that_passes_the_check(recommender, language, caplog):
    claims = Claims.of(recommender.catalog)
    for question in (GENRES, FOUR, PAIR, DECADES, PEOPLE, THEMES):
        for seed in range(6):
            asked = which_rather(question, View(Profile("ann"), seed=seed, language=language))
            with caplog.at_level(logging.WARNING):
                assert checked(asked, claims).sentences == asked.sentences, caplog.text
            assert len(asked.sentences) == 1 and len(asked.text) < 110
            stray = which_rather(Question(asking.PREFER, proposed=(option("genre", "Western"), *question.proposed[1:])), View(Profile("ann"), seed=seed, language=language))
            assert claims.unbacked(stray.sentences[0], asked.evidence)


def test_themes_stand_in_a_list_whatever_words_they_are():
    """"military" is an adjective, "undercover" an adverb: no sentence goes on with all of them."""
    odd = Question(asking.PREFER, proposed=tuple(option("keyword", word) for word in ("dystopia", "military", "undercover")))
    for seed in range(6):
        english, chinese = (which_rather(odd, View(Profile("ann"), seed=seed, language=language)).text for language in ("en", "zh"))
        assert english.startswith("Which theme ") and english.endswith(": dystopia, military or undercover, or is anything fine?")
        assert "哪一种题材：“dystopia”、“military”还是“undercover”" in chinese and "都行" in chinese


# in conversation


def reader(scripted):
    readings = {
        "loved [film Heat]": ["tell", "-", "love"], "why [pick the first one]": ["why", "-", "topic"], "show me others": ["more", "-"], "undo": ["undo", "-"],
        "nothing too": ["tell", "-", "avoid"], "horror": ["tell", "-", "want"], "recommend me": ["recommend", "-"], "喜欢": ["tell", "-", "like"], "start over": ["reset", "-"],
    }

    def answer(prompt):
        if "read: " not in prompt:
            return ""
        said = prompt.split("user: ")[1]
        return json.dumps(next(reading for key, reading in readings.items() if key in said))

    return scripted(answer)


@pytest.fixture
def path(small_built, tmp_path):
    return shutil.copy(small_built, tmp_path / "small.db")


@pytest.fixture
def engine(scripted):
    return reader(scripted)


@pytest.fixture
def assistant(path, engine):
    with Assistant.open(path, engine=engine, settings=Settings(db=str(path))) as assistant:
        yield assistant


def test_a_question_comes_after_picks_and_its_answer_needs_no_model(assistant, engine):
    asked = assistant.reply("ann", "I loved Heat")
    offered = assistant.state("ann").offered
    assert asked.recommendations and asked.text.endswith("is anything fine?") and asked.suggestions[-3:-1] == ("I don't mind", "Why the first one?")
    calls = sum("read: " in call.prompt for call in engine.calls)
    chosen = assistant.reply("ann", asked.suggestions[0])
    assert sum("read: " in call.prompt for call in engine.calls) == calls
    assert [(p.subject, p.role) for p in chosen.change.added] == [(offered.proposed[0].subject, "want")] and chosen.recommendations
    assert assistant.profile("ann").get(("item", "6")).role == "like"
    (first, *_) = assistant.state("ann").preferred
    assert first.answered and first.options == tuple(p.ref for p in offered.proposed)


def test_answers_narrow_one_another(assistant):
    assistant.reply("ann", "I loved Heat")
    for _ in range(MANNERS.most):
        offered = assistant.state("ann").offered
        if offered is None:
            break
        assistant.reply("ann", assistant.choices("ann")[0])
    wished = [p for p in assistant.profile("ann") if p.role == "want"]
    assert len(wished) >= 2 and len({p.kind for p in wished}) == len(wished)
    kinds = [a.kind for a in assistant.state("ann").preferred]
    assert len(set(kinds)) == len(kinds) <= MANNERS.most


def test_not_minding_is_acknowledged_and_leaves_all_as_it_is(assistant):
    assistant.reply("ann", "I loved Heat")
    before = assistant.profile("ann")
    reply = assistant.reply("ann", "don't mind")
    assert reply.text and not reply.recommendations and not reply.change.is_edit and assistant.profile("ann") == before
    assert assistant.state("ann").offered is None and assistant.state("ann").preferred[0].answered


def test_neither_takes_them_out_of_the_picks(assistant):
    assistant.reply("ann", "I loved Heat")
    offered = assistant.state("ann").offered
    reply = assistant.reply("ann", "neither")
    kind, ruled_out = offered.proposed[0].kind, {p.ref for p in offered.proposed}
    assert reply.recommendations and not any(set(values(r.item, kind)) & ruled_out for r in reply.recommendations)


def test_who_ignores_it_is_not_nagged_and_it_is_never_asked_after_why(assistant):
    assistant.reply("ann", "I loved Heat")
    why = assistant.reply("ann", "why the first one?")
    more = assistant.reply("ann", "show me others")
    assert "anything fine?" not in why.text and "anything fine?" not in more.text and assistant.state("ann").offered is None
    assert len(assistant.state("ann").preferred) == 1 and not assistant.state("ann").preferred[0].answered
    texts = [assistant.reply("ann", "show me others").text for _ in range(MANNERS.pause)]
    assert ["anything fine?" in text for text in texts] == [False] * (MANNERS.pause - 2) + [True] + [False]
    assert len({a.kind for a in assistant.state("ann").preferred}) == 2


def test_an_answer_in_other_words_is_one_too(assistant):
    assistant.reply("ann", "I loved Heat")
    kind = assistant.state("ann").offered.proposed[0].kind
    assistant.reply("ann", "rather horror")
    assert assistant.state("ann").preferred[0].answered == (kind == "genre")


def test_it_is_not_asked_after_an_undo_a_reset_or_a_click(assistant):
    assistant.reply("ann", "I loved Heat")
    assert "anything fine?" not in assistant.reply("ann", "undo").text and "anything fine?" not in assistant.reply("ann", "start over").text
    *_, clicked = assistant.react("bob", 6, "like")
    assert clicked.reply.recommendations and "anything fine?" not in clicked.reply.text


def test_a_newcomer_is_asked_one_thing_only(assistant):
    reply = assistant.reply("ann", "recommend me something")
    assert "popular" in reply.text and reply.text.endswith("is anything fine?") and "Tell me a film" not in reply.text


def test_without_manners_nothing_is_asked(path, engine):
    with Assistant.open(path, engine=engine, settings=Settings(db=str(path)), manners=None) as assistant:
        assert "anything fine?" not in assistant.reply("ann", "I loved Heat").text and assistant.state("ann").preferred == ()
        assert "Tell me a film" in assistant.reply("bob", "recommend me something").text


def test_a_restart_and_another_process_see_the_question(path, engine):
    settings = Settings(db=str(path))
    with Assistant.open(path, engine=engine, settings=settings) as first:
        replies = first.reply("ann", "I loved Heat").suggestions[:-2]
    with Assistant.open(path, engine=engine, settings=settings) as second:
        assert second.choices("ann") == replies and len(second.choices("ann", "zh")) == len(replies) and second.choices("bob") == ()
        assert "anything fine?" in second.history("ann")[-1].message.text
        assert second.reply("ann", "the first").change.added and second.choices("ann")[:1] != replies[:1]


def test_in_chinese(assistant):
    reply = assistant.reply("ann", "我喜欢《Heat》")
    assert reply.recommendations and "都行" in reply.text and reply.suggestions[-3] == "都行"
    chosen = assistant.reply("ann", reply.suggestions[0])
    assert [p.role for p in chosen.change.added] == ["want"] and chosen.language == "zh"
    assert not assistant.reply("ann", "都行").change.is_edit


def test_what_was_asked_is_exported_and_forgotten(assistant):
    assistant.reply("ann", "I loved Heat")
    assistant.reply("ann", "don't mind")
    (asked,) = assistant.export("ann")["conversations"][0]["messages"][1]["asked"]
    assert asked["kind"] in KINDS and len(asked["options"]) >= 2 and asked["answered_by"]
    assistant.forget("ann")
    assert assistant.database.connection().execute("SELECT count(*) FROM questions").fetchone() == (0,)
