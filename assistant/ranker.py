"""The language model as a ranker: given what a person liked and disliked, does the person like this film?

As TALLRec asks it (Bao et al., RecSys 2023), in fewer words. A prompt is a head, which tells of the person and is the
same for all films, and a part for each film; so the head is computed once. The answer is one more addend of the score of
the best films: points for the log-odds of yes, above or below their mean. Where it comes from within the profile is not
known, only estimated, by asking again without each entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.llm.engine import Engine
from assistant.state import Profile
from store.catalog import Catalog
from store.records import Contribution, Item, Preference, Recommendation

ADAPTER = "rank"
YES, NO = " yes", " no"
"""Both are one token after the colon that a prompt ends in."""
SOURCE = "ranker"
LABEL = "the language model's guess"
TOP = 20
"""So many of the best films are asked about."""
WEIGHT = 0.02
"""Points for one unit of log-odds; fitted on earlier ratings by `python -m adapters evaluate rank --rerank` (docs/LOG.md, "LLM ranker")."""
LIKED = 0.8
"""The strength of a like that counts as a yes: four of five stars, as in training."""
MOST = 16
"""So many of the films judged last are told."""
GENRES = 3
STANDINGS = ((2.9, "terrible"), (3.3, "poor"), (3.6, "fair"), (3.9, "good"), (4.15, "great"), (5.0, "superb"))
"""How well the community rates a film: mean ratings up to so much, shrunk towards the usual one, and the word for it."""
EASILY = ((0.2, "hardly any"), (0.35, "few"), (0.5, "some"), (0.65, "many"), (0.8, "most"), (1.0, "nearly all"))
"""The share of likes, shrunk towards a half, up to so much, and the word for it."""
USUAL, SHRINK = 3.5, 5.0
"""The mean rating that a film is taken to have, counting as so many ratings."""
FEW = 3
"""Of a film with fewer ratings no word is said."""


def head(liked: Sequence[str], disliked: Sequence[str]) -> str:
    """What a person thought of films, by title, the latest last; at most MOST in all should be given. How easily the person
    likes is said in a word, too: so small a model is slow to learn it from two numbers."""
    of = len(liked) + len(disliked)
    rate = (len(liked) + 1) / (of + 2)
    easily = next(word for most, word in EASILY if rate <= most)
    lists = (("Liked", liked), ("Disliked", disliked))
    return "".join(f"{name} ({len(titles)} of {of}): {'; '.join(titles) or 'none'}\n" for name, titles in lists) + f"Likes {easily} films.\n"


def head_of(prompt: str) -> str:
    """The head of a prompt that `head` and `part` made."""
    return prompt[: prompt.rindex("\n") + 1]


def part_of(prompt: str) -> str:
    """What comes after the head: the film that is asked about."""
    return prompt[len(head_of(prompt)) :]


def like_rate(prompt: str) -> float:
    """The share of likes among the films that a prompt tells of; a half when there are none."""
    found = re.match(r"Liked \((\d+) of (\d+)\)", prompt)
    return int(found[1]) / int(found[2]) if found and int(found[2]) else 0.5


def part(item: Item, standing: str = "") -> str:
    """The film that is asked about. `standing`: how the community rates it, empty when that is not to be told."""
    facts = [item.name, *item.genres[:GENRES]]
    if item.directors:
        facts.append(f"by {item.directors[0]}")
    if standing:
        facts.append(f"rated {standing}")
    return f"{', '.join(facts)}:"


def standing(count: float, mean: float) -> str:
    """The word for `count` community ratings with the mean `mean` (0.5-5); empty when there are few."""
    if count < FEW:
        return ""
    shrunk = (count * mean + SHRINK * USUAL) / (count + SHRINK)
    return next(word for most, word in STANDINGS if shrunk <= most)


def odds(engine: Engine, prompts: Sequence[str], adapter: str | None = ADAPTER) -> list[float]:
    """The log-odds of yes for each prompt; the head that they share is computed once. Raises EngineError."""
    return [yes - no for yes, no in engine.choose(prompts, (YES, NO), adapter=adapter)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an entry of the profile may have to do with the model's answer about a film: points that the answer loses
    without it. Estimates of several entries need not sum to the contribution."""

    preference: Preference
    points: float


class Ranker:
    """Adds the model's answer to the scores of the best films. Holds no state of any person."""

    def __init__(self, engine: Engine, catalog: Catalog, weight: float = WEIGHT) -> None:
        self.engine, self.catalog, self.weight = engine, catalog, weight

    def odds(self, profile: Profile, items: Sequence[Item]) -> np.ndarray:
        """The log-odds that the person likes each film. Raises AdapterError without a rank adapter, EngineError."""
        told = judged(profile)[-MOST:]
        titles = {entry: item.title for entry, item in zip(told, self.catalog.items(e.item_id for e in told), strict=True)}
        liked, disliked = ([titles[e] for e in told if e.role == role] for role in ("like", "dislike"))
        shared = head(liked, disliked)
        return np.array(odds(self.engine, [shared + part(item, self._standing(item)) for item in items]))

    def rerank(self, profile: Profile, picks: Sequence[Recommendation]) -> list[Recommendation]:
        """`picks`, best first, with the model's answer added to the first TOP and in the order of the new scores; ranks from 1.

        The first n are those of the whole catalog when `picks` has TOP + n films. Without a film in the profile that is liked or
        disliked there is nothing to tell the model, and the picks stay as they are.
        """
        if not judged(profile) or not picks:
            return list(picks)
        asked = self.odds(profile, [pick.item for pick in picks[:TOP]])
        points = self.weight * (asked - asked.mean())
        scored = [
            _with(pick, Contribution(SOURCE, ADAPTER, LABEL, float(value))) for pick, value in zip(picks[:TOP], points, strict=True)
        ]
        ordered = sorted([*scored, *picks[TOP:]], key=lambda pick: -pick.score)
        return [Recommendation(p.item, p.score, p.contributions, rank) for rank, p in enumerate(ordered, start=1)]

    def estimates(self, profile: Profile, item: Item) -> list[Estimate]:
        """For each film of the profile that the model is told of: what its answer about `item` loses without it, largest first.
        Asks once for each of them, so it takes seconds on a CPU."""
        told = judged(profile)[-MOST:]
        whole = float(self.odds(profile, [item])[0])
        found = [
            Estimate(entry, self.weight * (whole - float(self.odds(Profile(profile.user, tuple(e for e in told if e is not entry)), [item])[0])))
            for entry in told
        ]
        return sorted(found, key=lambda estimate: -abs(estimate.points))

    def _standing(self, item: Item) -> str:
        place = int(np.searchsorted(self.catalog.ids, item.id))
        return standing(float(self.catalog.rating_count[place]), float(self.catalog.mean_rating[place]))


def judged(profile: Profile) -> list[Preference]:
    """The films of a profile that are told of: disliked ones, and those liked as much as a yes means; the latest last."""
    return [e for e in profile.items if e.role == "dislike" or e.role == "like" and e.value >= LIKED]


def _with(pick: Recommendation, addend: Contribution) -> Recommendation:
    """The pick with one more addend, biggest first as ever; its score is the sum."""
    parts = sorted((*pick.contributions, addend), key=lambda c: -abs(c.value))
    return Recommendation(pick.item, float(sum(c.value for c in parts)), tuple(parts), pick.rank)
