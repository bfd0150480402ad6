"""Simulated conversations: no word gives the film away, nobody trained on it, and the figures are those of by-hand talks."""

import dataclasses
import inspect
import json
import random
import shutil

import pytest

from assistant import asking
from assistant.asking import option
from assistant.conversation import Assistant
from assistant.evaluation import dialogues, simulated
from assistant.evaluation.dialogues import CUTS, TURNS, Full, Perfect, Remembered, Turn, aims, converse, earlier_database, evaluate, summary
from assistant.evaluation.simulated import Wanted, says
from assistant.recommend import Recommender
from assistant.settings import Settings
from assistant.state import Question
from store.catalog import Catalog
from store.database import Database

N = 25


@pytest.fixture(scope="module")
def earlier(small_built, tmp_path_factory):
    """(path, split) of the small catalog without the held-out ratings."""
    folder = tmp_path_factory.mktemp("earlier")
    with earlier_database(small_built) as (path, split):
        yield shutil.copy(path, folder / "kept.db"), split


@pytest.fixture(scope="module")
def catalog(earlier):
    with Database(earlier[0]) as database:
        yield Catalog(database)


@pytest.fixture(scope="module")
def recommender(catalog):
    return Recommender(catalog)


@pytest.fixture(scope="module")
def found(earlier, catalog):
    return aims(earlier[1], catalog, N, seed=1)


def best(recommender):
    return lambda profile, asked: asking.best_question(recommender, profile, asked)


# nothing gives the film away


def leaks(found, recommender, seed=1):
    """(message, title) of each message that has a name of the film in mind."""
    given_away = []
    for aim in found:
        for turn in converse(aim, Perfect(recommender, best(recommender)), seed):
            given_away += [(turn.text, name) for name in aim.names if says(turn.text, name)]
    return given_away


def test_no_message_names_the_film_in_mind(found, recommender):
    assert len(found) == N and leaks(found, recommender) == [] == leaks(found, recommender, seed=2)


@pytest.mark.parametrize("function", ["react", "answer"])
def test_a_person_who_names_it_is_found_out(found, recommender, monkeypatch, function):
    """The mutation: words of the title in a reaction or an answer, past the guard."""
    monkeypatch.setattr(dialogues, "_next", lambda wanted, before, told, aim, rng: simulated.Said(f"something like {aim.target.title}"))
    assert leaks(found, recommender)
    monkeypatch.undo()
    spoken = {aim.target.title for aim in found}
    honest = getattr(simulated, function)
    monkeypatch.setattr(simulated, function, lambda *given: dataclasses.replace(honest(*given), text=" or ".join(spoken)))
    assert leaks(found, recommender) == []  # the guard of the conversation says "I don't mind" instead


def test_what_speaks_for_a_person_knows_features_the_picks_and_their_ratings_only():
    assert [f.name for f in dataclasses.fields(Wanted)] == ["genres", "year", "people", "keywords"]
    parameters = {name: list(inspect.signature(getattr(simulated, name)).parameters) for name in ("opening", "answer", "react")}
    assert parameters == {"opening": ["liked", "rng", "years"], "answer": ["wanted", "question", "rng"], "react": ["wanted", "slate", "known", "rng"]}


def test_two_films_alike_in_all_features_are_spoken_of_alike(catalog):
    item = catalog.items(catalog.popular(1))[0]
    other = dataclasses.replace(item, id=item.id + 10**6, title="Another Name")
    slate = catalog.items(catalog.popular(6)[1:])
    for seed in range(40):
        said = [simulated.react(Wanted.of(i), slate, {}, random.Random(seed)) for i in (item, other)]
        assert said[0] == said[1]


def test_the_held_out_ratings_are_in_no_part_of_the_database(earlier, found):
    path, split = earlier
    with Database(path) as database:
        rows = set(database.connection().execute("SELECT person, item_id FROM ratings").fetchall())
        assert len(rows) == int(split.known.sum())
        assert database.connection().execute("SELECT count(*) FROM messages").fetchone() == (0,)
    for aim in found:
        person = int(split.person[split.row == aim.row][0])
        assert (person, aim.target.id) not in rows and aim.target.id not in aim.known
        assert all((person, item.id) in rows for item, _ in aim.liked)


def test_films_in_mind_are_of_different_people_and_can_be_spoken_of(found):
    assert len({aim.row for aim in found}) == len(found)
    assert all(aim.target.genres and aim.target.people and aim.target.keywords and aim.target.year for aim in found)


# what is said


def test_answers_are_true_of_the_film_in_mind(found):
    rng = random.Random(3)
    questions = [Question(asking.PREFER, proposed=(option("genre", a), option("genre", b))) for a, b in (("Drama", "Comedy"), ("Action", "Romance"))]
    questions.append(Question(asking.PREFER, proposed=(option("decade", "1980s"), option("decade", "1990s"))))
    for aim in found:
        wanted = Wanted.of(aim.target)
        for question in questions:
            for _ in range(10):
                for p in simulated.answer(wanted, question, rng).means:
                    assert wanted.has(p.kind, p.ref) == (p.role == "want")


def test_reactions_are_varied_true_and_of_the_picks(catalog, found):
    slate, rng, texts = catalog.items(catalog.popular(5)), random.Random(5), set()
    for aim in found:
        for _ in range(20):
            said = simulated.react(Wanted.of(aim.target), slate, {}, rng)
            texts.add(said.text)
            assert said.means[0].item_id in {item.id for item in slate} and said.means[0].role in ("similar", "skip")
            for limit in said.means[1:]:
                assert limit.value >= aim.target.year if limit.role == "max" else limit.value <= aim.target.year
    assert len(texts) > 20
    seen = simulated.react(Wanted.of(found[0].target), slate, {slate[2].id: 5.0}, random.Random(1))
    assert [(p.item_id, p.role) for p in seen.means] == [(slate[2].id, "like")]


def test_the_same_seed_says_the_same(found, recommender):
    once, again = (converse(found[0], Perfect(recommender, best(recommender)), 1) for _ in range(2))
    assert once == again and len(once) == TURNS


# figures


def turns(*ranks, shown=()):
    return [Turn("x", rank, n in shown, "", True) for n, rank in enumerate(ranks)]


def test_figures_by_hand():
    asks = [turns(None, 40, 7, 1, 1, shown=(3, 4)), turns(None, None, 60, 50, 10)]
    quiet = [turns(None, None, None, 12, 12), turns(None, None, None, None, None)]
    found = summary({"perfect ask": asks, "perfect quiet": quiet}, seed=1)
    assert [found["perfect ask"][f"success@{cut} turn 5"] for cut in CUTS] == [0.5, 1.0, 1.0]
    assert [found["perfect ask"][f"success@50 turn {n}"] for n in range(1, 6)] == [0.0, 0.5, 0.5, 1.0, 1.0]
    assert found["perfect ask"]["on screen turn 4"] == 0.5 and found["perfect ask"]["on screen turn 3"] == 0.0
    gained = found["perfect ask - perfect quiet"]
    assert gained["success@10 turn 5"] == 1.0 and gained["success@50 turn 4"] == 0.5
    assert gained["success@50 turn 4 low"] <= 0.5 <= gained["success@50 turn 4 high"]


def test_a_good_question_finds_more_than_none_or_any(found, recommender):
    """On the small catalog, perfectly understood: asking is worth more than reactions alone."""
    results = {
        "perfect ask": [converse(aim, Perfect(recommender, best(recommender)), 1) for aim in found],
        "perfect quiet": [converse(aim, Perfect(recommender, None), 1) for aim in found],
    }
    gained = summary(results, 1)["perfect ask - perfect quiet"]
    assert gained["success@10 turn 5"] > 0.0


# through the assistant


def reader(scripted):
    """Reads openings and what is said of picks well enough, and understands everything else as small talk."""

    def answer(prompt):
        said = prompt.split("user: ")[1].split("\nread:")[0]
        kinds = [part.split()[0] for part in said.split("[")[1:]]
        if "like" in said.split("[")[0] and "pick" in kinds:
            labels = ["similar" if kind == "pick" else "want" if kind == "age" else "none" for kind in kinds]
        else:
            labels = ["love" if kind == "film" else "seen" if kind == "pick" else "none" for kind in kinds]
        return json.dumps(["tell" if any(label != "none" for label in labels) else "chat", "-", *labels])

    return scripted(answer)


def test_through_the_assistant_a_tiny_run(small_built, scripted, tmp_path):
    lines = []
    found = evaluate(small_built, reader(scripted), n=4, seed=1, progress=lines.append, cache=tmp_path)
    assert {"assistant ask", "assistant quiet", "perfect ask", "perfect random", "perfect quiet"} <= set(found.metrics)
    for system in ("assistant ask", "assistant quiet"):
        assert found.metrics[system]["conversations"] == 4 and 0.0 < found.metrics[system]["misread"] < 1.0
    assert found.metrics["assistant ask"]["asked"] > 0.0 == found.metrics["assistant quiet"]["asked"]
    assert len(found.record["conversations"]) == 4 and "success@10" in found.text
    json.dumps(found.record)
    again = evaluate(small_built, reader(scripted), n=4, seed=1, progress=lines.append, cache=tmp_path)
    timeless = [{k: v for k, v in m.items() if "ms" not in k} for m in (found.metrics["assistant ask"], again.metrics["assistant ask"])]
    assert timeless[0] == timeless[1] and any("built before" in line for line in lines)


def test_what_is_misread_is_counted(earlier, found, scripted, tmp_path):
    path = shutil.copy(earlier[0], tmp_path / "talk.db")
    deaf = scripted(lambda prompt: json.dumps(["chat", "-", *("none" for _ in range(prompt.split("user: ")[1].count("[")))]))
    with Assistant.open(path, engine=Remembered(deaf), settings=Settings(db=str(path)), manners=None) as assistant:
        told = converse(found[0], Full(assistant, "deaf"), 1)
    assert not any(turn.understood for turn in told if turn.text)


def test_a_message_is_read_once_and_nothing_is_worded(scripted):
    engine = scripted(lambda prompt: '["chat","-"]')
    remembered = Remembered(engine)
    for _ in range(3):
        assert "".join(remembered.stream("read: ", schema={"a": 1})) == '["chat","-"]'
    assert remembered.calls == 1 == len(engine.calls) and list(remembered.stream("say: ")) == []
    assert not remembered.has_adapter("explain") and remembered.has_adapter("understand")
