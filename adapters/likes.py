"""What the `rank` adapter learns: does a person like a film, given what they liked and disliked before it?

The data is the community's ratings, people and films in parts. A tenth of the people are for testing and a tenth for
validation, and a tenth of the films are named in no training prompt, neither as what was judged before nor as what is
asked about. Of the other people only the part of their ratings is taught that `read_split` with two rounds knows: the later ones
are there to fit weights on and to measure ranking with. Like is a rating of 4 and more, as in the ranking protocol;
TALLRec has "more than 3" of whole stars.

What was judged before are the last ratings up to a cut in time, likes and dislikes in the ratio that they came in. The films
asked about are the next ones after the cut, and many share one head. How the community rates a film is told by
one word, from the taught ratings without the one that is asked about, and only in some of the prompts: so the adapter
also learns to do without, which it must for films that nobody rated.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.data import SEED
from adapters.grammar import bucket
from assistant import ranker
from assistant.evaluation.splits import TARGET, read_split
from store.catalog import Catalog

TRAINING, VALIDATION, TEST = "training", "validation", "test"
HELD_OUT_PERCENT = 10
"""Of the people for testing, of the people for validation, and of the films."""
TOGETHER = 8
"""Films asked about after one head in training. More would be more answers for as many tokens, but those of one person err together:
with 24 of two people a step the loss went up and down and the adapter got worse."""
WINDOW = 24
"""To measure, the films asked about are among so many that the person rated next."""
SHORT = 0.25
"""The share of heads that tell less than is known, so that thin profiles are learned too."""
FIRST = 12
"""The first cut of a person lies among so many of their first ratings."""
TOLD = 0.6
"""The share of training prompts that say how the community rates the film, where it does."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One example, and whom and what it is about. wordless: the prompt without the community's word; person: a row of the split;
    rating: the place of the rating in it; profile: the films told of, the latest last; before: how many ratings
    of the person came before the cut."""

    prompt: str
    wordless: str
    answer: str
    person: int
    rating: int
    item_id: int
    profile: tuple[int, ...]
    before: int

    @property
    def likes(self) -> bool:
        return self.answer == ranker.YES


class Community:
    """The ratings of a catalog, the parts of people and films, and what the taught ones say of a film."""

    def __init__(self, catalog: Catalog) -> None:
        self.split = split = read_split(catalog.database, rounds=2)
        self.items = catalog.items(split.item_ids.tolist())
        self.likes = split.rating >= TARGET
        self.held_out_films = np.array([bucket(item.name) < HELD_OUT_PERCENT for item in self.items])
        order = random.Random(SEED).sample(range(split.people), split.people)
        tenth = max(1, len(order) * HELD_OUT_PERCENT // 100)
        self.people = {
            TEST: sorted(order[:tenth]), VALIDATION: sorted(order[tenth : 2 * tenth]), TRAINING: sorted(order[2 * tenth :])
        }
        taught_people = np.isin(split.row, self.people[TRAINING])
        self.taught = split.known & taught_people & ~self.held_out_films[split.column]
        columns, films = split.column[self.taught], len(self.items)
        self.count = np.bincount(columns, minlength=films)
        self.total = np.bincount(columns, weights=split.rating[self.taught], minlength=films)

    def ratings_of(self, person: int, part: str) -> np.ndarray:
        """Where the ratings of a person are, in time; of a training person the taught ones only."""
        mine = self.split.row == person
        return np.flatnonzero(mine & self.taught if part == TRAINING else mine)

    def standing(self, rating: int) -> str:
        """How the taught ratings but this one rate its film."""
        column, own = self.split.column[rating], self.taught[rating]
        count = self.count[column] - own
        total = self.total[column] - (self.split.rating[rating] if own else 0.0)
        return ranker.standing(count, total / count if count else 0.0)

    def head(self, ratings: Sequence[int]) -> str:
        liked, disliked = (
            [self.items[self.split.column[n]].title for n in ratings if self.likes[n] == wanted] for wanted in (True, False)
        )
        return ranker.head(liked, disliked)

    def judgement(self, rating: int, before: Sequence[int], cut: int, told: bool) -> Judgement:
        """The question whether a person likes what they rated there, after what they judged before."""
        item = self.items[self.split.column[rating]]
        head = self.head(before)
        wordless = head + ranker.part(item)
        prompt = head + ranker.part(item, self.standing(rating)) if told else wordless
        profile = tuple(self.items[self.split.column[n]].id for n in before)
        answer = ranker.YES if self.likes[rating] else ranker.NO
        return Judgement(prompt, wordless, answer, int(self.split.row[rating]), rating, item.id, profile, cut)


def examples(catalog: Catalog, n: int, *, seed: int, held_out: bool = False) -> Iterator[Judgement]:
    """`n` examples, or as many as there are, those with the same head in a row; `held_out`: of the people for validation, about
    films that may be taught. A person's second head comes after the first of everybody."""
    community, rng = Community(catalog), random.Random(f"{seed} {held_out}")
    part = VALIDATION if held_out else TRAINING
    made = 0
    for person, before, asked, cut in _in_turns(community, part, rng):
        for rating in asked:
            if community.held_out_films[community.split.column[rating]]:
                continue
            yield community.judgement(rating, before, cut, rng.random() < TOLD)
            made += 1
            if made == n:
                return


def _in_turns(community: Community, part: str, rng: random.Random) -> Iterator[tuple[int, list[int], list[int], int]]:
    """(person, ratings told, ratings asked about, the cut): one of each person, then a second of each, and so on."""
    waiting = {}
    for person in community.people[part]:
        ratings = community.ratings_of(person, part).tolist()
        if cuts := _cuts(len(ratings), TOGETHER, rng):
            waiting[person] = ratings, cuts
    while waiting:
        for person in rng.sample(sorted(waiting), len(waiting)):
            ratings, cuts = waiting[person]
            cut = cuts.pop()
            most = rng.randint(1, ranker.MOST) if rng.random() < SHORT else ranker.MOST
            yield person, ratings[max(0, cut - most) : cut], ratings[cut : cut + TOGETHER], cut
            if not cuts:
                del waiting[person]


def distribution(made: Sequence[Judgement]) -> dict[str, object]:
    """What the examples are made of: people and films, shares of likes and of prompts with the community's word, films told of."""
    n = max(1, len(made))
    return {
        "examples": len(made),
        "people": len({j.person for j in made}),
        "films": len({j.item_id for j in made}),
        "likes": sum(j.likes for j in made) / n,
        "with_word": sum(j.prompt != j.wordless for j in made) / n,
        "told": dict(sorted(Counter(len(j.profile) for j in made).items())),
    }


def pairs(community: Community, part: str, each: int, *, seed: int, apart: bool) -> Iterator[Judgement]:
    """What to measure on: for each person of the part up to `each` films, cut as in training but WINDOW apart.

    apart: only films that are held out are asked about, else only the others. What was judged before may be any film.
    The community's word is told wherever the taught ratings have one, which of a held-out film they have not.
    """
    rng = random.Random(f"pairs {seed} {part} {apart}")
    for person in community.people[part]:
        left = each
        ratings = community.ratings_of(person, part).tolist()
        for cut in _cuts(len(ratings), WINDOW, rng):
            asked = [n for n in ratings[cut : cut + WINDOW] if community.held_out_films[community.split.column[n]] == apart][:left]
            yield from (community.judgement(n, ratings[max(0, cut - ranker.MOST) : cut], cut, True) for n in asked)
            left -= len(asked)


def _cuts(ratings: int, apart: int, rng: random.Random) -> list[int]:
    """Where so many ratings are cut, in any order: the first early, the others so far apart."""
    if ratings < 2:
        return []
    cuts = range(rng.randint(1, min(FIRST, ratings - 1)), ratings, apart)
    return rng.sample(cuts, len(cuts))
