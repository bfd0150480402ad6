"""The question that the `rank` adapter answers: given what a person liked and disliked, do they like this film?

As TALLRec asks it (Bao et al., RecSys 2023), in fewer words. A prompt is a head, which tells of the person and is the
same for all films, and a part for each film; so the head is computed once. Knows nothing of scores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.llm.engine import Engine
from store.records import Item

ADAPTER = "rank"
YES, NO = " yes", " no"
"""Both are one token after the colon that a prompt ends in."""
MOST = 16
"""So many of the films judged last are told."""
GENRES = 3
STANDINGS = ((2.9, "terrible"), (3.3, "poor"), (3.6, "fair"), (3.9, "good"), (4.15, "great"), (5.0, "superb"))
"""How well the community rates a film: mean ratings up to so much, shrunk towards the usual one, and the word for it."""
USUAL, SHRINK = 3.5, 5.0
"""The mean rating that a film is taken to have, counting as so many ratings."""
FEW = 3
"""Of a film with fewer ratings no word is said."""


def head(liked: Sequence[str], disliked: Sequence[str]) -> str:
    """What a person thought of films, by title, the latest last; at most MOST in all should be given."""
    of = len(liked) + len(disliked)
    return "".join(
        f"{name} ({len(titles)} of {of}): {'; '.join(titles) or 'none'}\n" for name, titles in (("Liked", liked), ("Disliked", disliked))
    )


def head_of(prompt: str) -> str:
    """The head of a prompt that `head` and `part` made."""
    return prompt[: prompt.rindex("\n") + 1]


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
