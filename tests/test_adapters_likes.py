"""The rank adapter: what it learns from, how it is measured, and what its answers add to scores."""

import json
import math
import random

import numpy as np
import pytest

from adapters import judging, likes, reranking
from adapters.__main__ import main
from adapters.errors import AdapterError
from adapters.judging import auc
from adapters.likes import TEST, TRAINING, VALIDATION, Community
from assistant import Assistant, ranker
from assistant.errors import AdapterError as NoSuchAdapter, EngineError
from assistant.evaluation.splits import TARGET, EarlierCatalog, profile_of, read_split
from assistant.ranker import Ranker
from assistant.recommend import Recommender
from assistant.state import Profile
from store.catalog import Catalog
from store.records import ITEM, Preference


@pytest.fixture
def small(small_db):
    return Catalog(small_db)


@pytest.fixture
def community(small):
    return Community(small)


# what is learned


def test_the_same_seed_gives_the_same_examples_and_another_does_not(small):
    first, again, other = (list(likes.examples(small, 200, seed=seed)) for seed in (3, 3, 4))
    assert first == again != other and len(first) == 200


def test_nothing_that_is_held_out_is_in_training(small, community):
    """Neither a person nor a film nor a later rating, for many seeds; and validation has people of its own."""
    apart = {item.id for item, held in zip(community.items, community.held_out_films, strict=True) if held}
    titles = {item.title for item in community.items if item.id in apart} - {item.title for item in community.items if item.id not in apart}
    later = read_split(small.database).held_out | read_split(small.database, rounds=2).held_out
    assert len(apart) > 5 and len(community.people[TEST]) == len(community.people[VALIDATION]) > 10
    for seed in range(5):
        for made, part in ((likes.examples(small, 400, seed=seed), TRAINING), (likes.examples(small, 400, seed=seed, held_out=True), VALIDATION)):
            for j in made:
                assert j.person in community.people[part]
                assert j.item_id not in apart
                if part == TRAINING:
                    assert not apart & set(j.profile) and not later[j.rating]
                    told = j.prompt.partition(": ")[2].partition("\n")[0].split("; ")
                    assert not titles & set(told)
    assert not set(community.people[TEST]) & set(community.people[TRAINING]) | set(community.people[VALIDATION]) & set(community.people[TRAINING])


def test_what_was_judged_before_is_before_and_the_answer_is_the_rating(community):
    for person in community.people[TEST][:10]:
        assert community.ratings_of(person, TRAINING).size == 0
    for j in likes.pairs(community, TEST, 20, seed=1, apart=False):
        mine = community.ratings_of(j.person, TEST)
        known = mine[: j.before]
        assert j.rating in mine[j.before : j.before + likes.WINDOW]
        ids = community.split.item_ids[community.split.column[known[-ranker.MOST :]]]
        assert list(j.profile) == ids.tolist() and len(j.profile) <= ranker.MOST
        assert j.likes == (community.split.rating[j.rating] >= TARGET)
        rate = ranker.like_rate(j.prompt)
        assert rate == pytest.approx(np.mean(community.split.rating[known[-ranker.MOST :]] >= TARGET))


def test_the_word_for_a_film_does_not_know_the_rating_that_is_asked_about(community):
    """Turning a taught rating into its opposite changes no word of its own prompt."""
    taught = np.flatnonzero(community.taught)
    for rating in random.Random(1).sample(taught.tolist(), 200):
        column, before = community.split.column[rating], community.standing(rating)
        community.total[column] += 5.5 - 2 * community.split.rating[rating]
        community.split.rating[rating] = 5.5 - community.split.rating[rating]
        assert community.standing(rating) == before


def test_held_out_films_are_asked_about_without_a_word_and_only_where_they_should_be(community):
    held = {item.id for item, apart in zip(community.items, community.held_out_films, strict=True) if apart}
    asked = list(likes.pairs(community, TEST, 6, seed=1, apart=True))
    assert asked and {j.item_id for j in asked} <= held and all(j.prompt == j.wordless for j in asked)
    known = list(likes.pairs(community, TEST, 6, seed=1, apart=False))
    assert not {j.item_id for j in known} & held and any(j.prompt != j.wordless for j in known)
    assert max(np.unique([j.person for j in known], return_counts=True)[1]) <= 6


def test_the_distribution_counts(small):
    made = list(likes.examples(small, 300, seed=1))
    counted = likes.distribution(made)
    assert counted["examples"] == sum(counted["told"].values()) == 300
    assert counted["likes"] == pytest.approx(np.mean([j.likes for j in made]))
    assert likes.distribution([])["examples"] == 0


# the prompt


def test_a_prompt_in_full():
    from store.records import Item

    film = Item(1, "Blade Runner", 1982, ("Action", "Sci-Fi", "Thriller", "Drama"), ("Ridley Scott", "Another"))
    head = ranker.head(["Heat", "Alien"], [])
    assert head == "Liked (2 of 2): Heat; Alien\nDisliked (0 of 2): none\nLikes most films.\n"
    prompt = head + ranker.part(film, "great")
    assert prompt.endswith("\nBlade Runner (1982), Action, Sci-Fi, Thriller, by Ridley Scott, rated great:")
    assert ranker.head_of(prompt) == head and ranker.like_rate(prompt) == 1.0
    assert ranker.like_rate(ranker.head([], [])) == 0.5
    assert ranker.part(Item(2, "X")) == "X:"


@pytest.mark.parametrize("count, mean, word", [(2, 5.0, ""), (3, 0.5, "terrible"), (1000, 5.0, "superb"), (0, 0.0, ""), (1000, 3.2, "poor")])
def test_words_for_means(count, mean, word):
    assert ranker.standing(count, mean) == word


# how it is measured


def test_the_auc_by_hand():
    assert auc([3, 2, 1, 0], [True, False, True, False]) == 0.75  # of four pairs one is the wrong way round
    assert auc([1, 1], [True, False]) == 0.5
    assert math.isnan(auc([1, 2], [True, True])) and math.isnan(auc([], []))


def test_both_aucs_of_two_people_by_hand():
    people = np.repeat([1, 2], 5)
    wanted = np.array([1, 1, 0, 0, 0] * 2, dtype=bool)
    scores = np.array([5, 4, 3, 2, 1, 1, 2, 3, 4, 5.0])  # the first all right, the second all wrong
    found = judging.figures(scores, wanted, people)
    assert found.within[0] == 0.5 and found.within[1:] == (0.0, 1.0)
    assert found.auc[0] == auc(scores, wanted) and (found.pairs, found.people) == (10, 2)


def test_the_mixture_finds_what_tells():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(2000, 3)) * (1, 5, 0.1) + (0, 7, 3)
    wanted = rng.random(2000) < 1 / (1 + np.exp(-(2 * features[:, 0] - 10 * (features[:, 2] - 3))))
    odds = judging.mixture(judging.logistic(features, wanted), features)
    true = 2 * features[:, 0] - 10 * (features[:, 2] - 3)
    assert np.corrcoef(odds, true)[0, 1] > 0.99 and 0.8 < odds.std() / true.std() < 1.2


def knowing(small):
    """A script that gives yes where the person of the prompt, in truth, likes the film."""
    truth = {}
    community = Community(small)
    for part in (TEST, VALIDATION):
        for apart in (False, True):
            truth |= {j.prompt: j.likes for j in likes.pairs(community, part, 8, seed=1, apart=apart)}
            truth |= {j.wordless: j.likes for j in likes.pairs(community, part, 8, seed=1, apart=apart)}
    return lambda prompt: "2.5" if truth[prompt] else "-2.5"


def test_an_engine_that_knows_is_measured_as_one_that_knows(small, scripted):
    engine = scripted(knowing(small), adapters=("rank",))
    found = judging.evaluate(engine, small, 8, seed=1, progress=lambda line: None)
    assert set(found) == {judging.KNOWN, judging.HELD_OUT}
    for part, systems in found.items():
        assert systems[judging.ADAPTER].auc == systems[judging.ADAPTER].within == (1.0, 1.0, 1.0)
        assert systems[judging.BLEND].auc[0] > 0.95 > systems[judging.RULES].auc[0]
        assert 0.3 < systems[judging.LINEAR].auc[0] < 0.9
        assert systems[judging.ADAPTER].metrics()["pairs"] > 50, part
    assert found[judging.HELD_OUT][judging.MEAN].auc[0] == 0.5  # nobody taught says anything of them
    assert {call.adapter for call in engine.calls} == {"rank", None}


def test_without_an_adapter_it_says_so(small, scripted):
    for measure in (judging.evaluate, lambda engine, catalog, n, **options: reranking.evaluate(engine, catalog.database, n, **options)):
        with pytest.raises(AdapterError, match="no rank adapter"):
            measure(scripted(), small, 5, seed=1, progress=print)


def test_the_command_prints_examples(small_built, capsys):
    assert main(["data", "--task", "rank", "--db", str(small_built), "--of", "60", "--show", "1"]) == 0
    text, _, counted = capsys.readouterr().out.partition("\n\n")
    assert text.startswith("Liked (") and json.loads(counted)["examples"] == 60


# one more addend


def profile():
    said = ((50, "like", 1.0), (296, "like", 0.8), (260, "dislike", -0.8), (318, "like", 0.3), (480, "seen", 0.0))
    return Profile("ann", tuple(Preference(ITEM, str(i), f"film {i}", role, value) for i, role, value in said))


def test_the_answer_is_one_more_addend_and_the_sum_is_the_score(small, scripted):
    picks = Recommender(small).recommend(profile(), n=30)
    rng = random.Random(2)
    given = {}
    engine = scripted(lambda prompt: given.setdefault(prompt, f"{rng.uniform(-3, 3):.3f}"), adapters=("rank",))
    found = Ranker(engine, small, 0.5).rerank(profile(), picks)
    assert [p.rank for p in found] == list(range(1, 31)) and {p.item.id for p in found} == {p.item.id for p in picks}
    assert all(a.score >= b.score for a, b in zip(found, found[1:], strict=False))
    before = {p.item.id: p for p in picks}
    answers = {p.item.id: c.value for p in found for c in p.contributions if c.source == ranker.SOURCE}
    assert set(answers) == {p.item.id for p in picks[: ranker.TOP]} and sum(answers.values()) == pytest.approx(0, abs=1e-9)
    for pick in found:
        assert sum(c.value for c in pick.contributions) == pytest.approx(pick.score, abs=1e-6)
        assert pick.score == pytest.approx(before[pick.item.id].score + answers.get(pick.item.id, 0.0), abs=1e-6)
    asked = {c.prompt for c in engine.calls}
    assert len(asked) == ranker.TOP and {c.adapter for c in engine.calls} == {"rank"}
    heads = {ranker.head_of(prompt) for prompt in asked}
    titles = {item.id: item.title for item in small.items((50, 296, 260))}
    assert heads == {f"Liked (2 of 3): {titles[50]}; {titles[296]}\nDisliked (1 of 3): {titles[260]}\nLikes many films.\n"}  # neither lukewarm nor only seen


def test_a_profile_without_films_asks_nothing(small, scripted):
    picks = Recommender(small).recommend(Profile("ann"), n=5)
    engine = scripted({}, adapters=("rank",))
    assert Ranker(engine, small).rerank(Profile("ann"), picks) == picks and not engine.calls


def test_shares_are_what_the_answer_loses_without_an_entry(small, scripted):
    """An engine that counts one point for a title it is told of and two for another."""
    titles = {item.id: item.title for item in small.items((50, 296, 260))}
    engine = scripted(lambda prompt: str(1.0 * (titles[50] in prompt) - 2.0 * (titles[260] in prompt)), adapters=("rank",))
    item = small.item(593)
    found = Ranker(engine, small, 0.5).estimates(profile(), item)
    assert [(e.preference.item_id, pytest.approx(e.points)) for e in found] == [(260, -1.0), (50, 0.5), (296, 0.0)]


def liking(assistant, *item_ids):
    for item_id in item_ids:
        list(assistant.react("ann", item_id, "like"))


def test_an_assistant_reranks_when_asked_and_stores_nothing(small_db, scripted):
    engine = scripted(lambda prompt: "-1.5" if "Heat" in ranker.part_of(prompt) else f"{len(prompt) % 7}", adapters=("rank",))
    with Assistant.open(small_db.path, engine=engine) as assistant:
        liking(assistant, 50, 296)
        before, plain = assistant.export("ann"), assistant.recommend("ann", n=5)
        found = assistant.reranked("ann", n=5)
        assert [p.rank for p in found] == [1, 2, 3, 4, 5]
        assert any(c.source == ranker.SOURCE for c in found[0].contributions)
        assert not any(c.source == ranker.SOURCE for p in assistant.recommend("ann", n=50) for c in p.contributions)
        assert (assistant.export("ann"), assistant.recommend("ann", n=5)) == (before, plain)
        assert [e.preference.item_id for e in assistant.estimates("ann", found[0].item.id)] in ([50, 296], [296, 50])


def test_without_a_model_or_an_adapter_reranking_says_so(small_db, scripted):
    with Assistant.open(small_db.path, load_engine=False) as assistant, pytest.raises(EngineError, match="no language model"):
        assistant.reranked("ann")
    with Assistant.open(small_db.path, engine=scripted(default="")) as assistant:
        liking(assistant, 50)
        with pytest.raises(NoSuchAdapter, match="'rank'"):
            assistant.reranked("ann")


# whether it ranks better


def test_a_model_that_knows_the_targets_gains_and_one_that_says_nothing_gets_no_weight(small, scripted):
    database = small.database
    truth = {}
    for split in (read_split(database, rounds=2), read_split(database)):
        catalog = EarlierCatalog(database, split)
        for row in range(split.people):
            if not split.targets[row].nnz:
                continue
            picks = Recommender(catalog).recommend(profile_of(split, row), n=ranker.TOP)
            recorded = scripted(default="0", adapters=("rank",))
            Ranker(recorded, catalog).odds(profile_of(split, row), [p.item for p in picks])
            wanted = set(split.item_ids[split.targets[row].indices].tolist())
            truth |= {call.prompt: p.item.id in wanted for call, p in zip(recorded.calls, picks, strict=True)}
    knowing = scripted(lambda prompt: "3" if truth.get(prompt) else "-3", adapters=("rank",))
    found = reranking.evaluate(knowing, database, 60, seed=1, progress=lambda line: None)
    assert found["people"] == 60 and found["weight"] > 0 and found["gain on earlier"] > 0
    assert 0 < found["gain low"] <= found["gain"] <= found["gain high"]
    assert found["gain"] == pytest.approx(found["ndcg@10 with"] - found["ndcg@10 without"])
    silent = reranking.evaluate(scripted(default="0", adapters=("rank",)), database, 20, seed=1, progress=lambda line: None)
    assert silent["weight"] == 0.0 and silent["gain"] == 0.0


def test_the_ndcg_of_a_slate_by_hand():
    slate = reranking.Slate(np.array([3.0, 2.0, 1.0]), np.array([0.0, 0.0, 1.0]), np.array([False, False, True]), 2)
    best = 1 + 1 / np.log2(3)
    assert slate.ndcg(0.0) == pytest.approx(1 / np.log2(4) / best)
    assert slate.ndcg(5.0) == pytest.approx(1 / best)
