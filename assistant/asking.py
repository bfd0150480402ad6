"""Which question to ask while little is known: the attribute whose answer says most about which film is wanted.

The best films of the profile, with their scores made into a belief, are the films that may be wanted. For a
question with a few options ("thrillers or comedies?") each of them says what the answer would be, so the expected
loss of entropy, the information of the answer, can be counted. The question that brings most is asked, if that is
enough. It is the choice of Zou, Chen and Kanoulas, "Towards Question-based Recommender Systems" (SIGIR 2020),
without their learned part; when to ask and when to recommend is learned in Sun and Zhang, "Conversational
Recommender System" (SIGIR 2018), and which item to ask about in Christakopoulou, Radlinski and Hofmann, "Towards
Conversational Recommender Systems" (KDD 2016). Here picks always come first, so asking costs no turn.

Knows neither the language model nor how a question is worded. What a message answers is read in `options`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from assistant.lexicon import NOT_KEYWORDS, fold
from assistant.recommend import Recommender
from assistant.state import Profile, Question, StateChange
from assistant.wording import NO_THEMES
from store.catalog import Catalog
from store.records import BOUND_KINDS, Asked, Item, Preference, Recommendation

PREFER = "prefer"
"""The kind of such a Question."""
KINDS = ("genre", "decade", "person", "keyword")
"""What is asked about, each at most once in a conversation."""
BILLED = 3
"""Of a film's cast, so many are asked about: nobody chooses a film for its fifth name."""
WELL_KNOWN = 12
"""Films of the catalog that a theme must have to be asked about: rarer ones are no words that people use."""
SHORTLIST = 10
"""Values of a kind that are looked at, those that halve the belief best."""


@dataclass(frozen=True, slots=True)
class Manners:
    """When to ask, and what is believed of answers. `evaluate dialogues --fit` tries other values on made people with films of earlier
    ratings; `options` and `third` were taken from there, the others stay as they were set by hand (docs/LOG.md).

    candidates: the best films of the profile, of which one is taken to be wanted. temperature: points of score
        that make a film e times as likely.
    thin: a profile that tells this much or more is not asked about. least_gain: bits that an answer must be
        expected to bring. options: values named in one question, at most. third: bits that an option
        beyond two must bring; 0 for all that bring any.
    dont_mind: how likely "I don't mind" is, by kind; an assumption.
    pause: messages that a question which was not answered is left alone for. most: questions in one conversation.
    """

    candidates: int = 150
    temperature: float = 0.4
    thin: float = 5.0
    least_gain: float = 0.3
    options: int = 4
    third: float = 0.0
    dont_mind: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"genre": 0.15, "decade": 0.25, "person": 0.4, "keyword": 0.4})
    )
    pause: int = 3
    most: int = 3


MANNERS = Manners()


@dataclass(frozen=True, slots=True)
class Belief:
    """Films that may be wanted, and how likely each is; the probabilities sum to 1."""

    items: Sequence[Item]
    probability: np.ndarray

    @classmethod
    def of(cls, ranked: Sequence[Recommendation], temperature: float) -> Belief:
        """From scores in points: a film is exp(1 / temperature) times as likely as one a point below it."""
        scores = np.array([r.score for r in ranked])
        weight = np.exp((scores - scores.max()) / temperature) if len(scores) else scores
        return cls([r.item for r in ranked], weight / weight.sum() if len(scores) else weight)


# when to ask


def told(profile: Profile) -> float:
    """How much a profile says of what is wanted, in statements: a limit or a "no" is half of one, what was seen none."""
    return sum(
        0.0 if p.role in ("seen", "skip") else 0.5 if p.kind in BOUND_KINDS or p.role == "avoid" else 1.0 for p in profile
    )


def may_ask(profile: Profile, asked: Sequence[Asked], manners: Manners = MANNERS) -> bool:
    """Whether a question is welcome: the profile is thin, few were asked, and the last was answered or is long past."""
    if told(profile) >= manners.thin or len(asked) >= manners.most:
        return False
    return not asked or asked[-1].answered or asked[-1].messages_since > manners.pause * _ignored(asked)


def _ignored(asked: Sequence[Asked]) -> int:
    """How many questions in a row were not answered, up to the last."""
    count = 0
    for question in reversed(asked):
        if question.answered:
            break
        count += 1
    return count


def is_answered(question: Question | None, change: StateChange) -> bool:
    """Whether a message answered the choice offered before it: with an option, something else of the kind, or "I don't mind"."""
    if question is None:
        return False
    declined = change.act == "reject" and not change.is_edit
    return declined or any(p.kind == question.proposed[0].kind for p in change.added)


# what to ask


def best_question(
    recommender: Recommender, profile: Profile, asked: Sequence[Asked] = (), exclude: Iterable[int] = (), manners: Manners = MANNERS
) -> Question | None:
    """The question whose answer is expected to tell most; None when none is expected to tell enough.

    Its `proposed` are the options, as what choosing one puts into the profile. `exclude`: items that are not wanted.
    """
    ranked = recommender.recommend(profile, n=manners.candidates, exclude=frozenset(exclude))
    if len(ranked) < 2:
        return None
    belief = Belief.of(ranked, manners.temperature)
    best: tuple[float, str, tuple[str, ...]] = (manners.least_gain, "", ())
    for kind in open_kinds(profile, asked):
        gain, options = best_options(belief, kind, askable(recommender.catalog, profile, kind, belief), manners)
        best = max(best, (gain, kind, options))
    _, kind, options = best
    return Question(PREFER, proposed=tuple(option(kind, value) for value in options)) if options else None


def option(kind: str, value: str) -> Preference:
    """What choosing an option puts into the profile."""
    return Preference(kind, value, value, "want", 1.0)


def open_kinds(profile: Profile, asked: Sequence[Asked]) -> list[str]:
    """The kinds that may be asked about: not asked yet, and nothing of the kind is wished for already."""
    closed = {a.kind for a in asked} | {p.kind for p in profile if p.role in ("want", "only")}
    if any(p.kind == "year" for p in profile):
        closed.add("decade")
    return [kind for kind in KINDS if kind not in closed]


def askable(catalog: Catalog, profile: Profile, kind: str, belief: Belief) -> dict[str, np.ndarray]:
    """The values of a kind that may be named as options -> which films of the belief have it.

    Nothing that the profile speaks of, no theme that few would think of.
    """
    said = {p.ref for p in profile if p.kind == kind}
    count = catalog.values("keyword") if kind == "keyword" else {}
    found: dict[str, np.ndarray] = {}
    for place, item in enumerate(belief.items):
        for value in values(item, kind):
            if value in said or kind == "keyword" and not _speakable(value, count.get(value, 0)):
                continue
            if value not in found:
                found[value] = np.zeros(len(belief.items), dtype=bool)
            found[value][place] = True
    return found


def values(item: Item, kind: str) -> tuple[str, ...]:
    """What a film has of a kind; empty where the catalog does not know."""
    if kind == "genre":
        return item.genres
    if kind == "decade":
        return (item.decade,) if item.decade else ()
    if kind == "person":
        return tuple(dict.fromkeys((*item.directors, *item.cast[:BILLED])))
    return item.keywords


def _speakable(keyword: str, count: int) -> bool:
    return count >= WELL_KNOWN and keyword not in NO_THEMES and fold(keyword) not in NOT_KEYWORDS and not keyword.startswith("based on")


def best_options(belief: Belief, kind: str, having: Mapping[str, np.ndarray], manners: Manners = MANNERS) -> tuple[float, tuple[str, ...]]:
    """(expected bits, options) of the best question about a kind: the best pair, then whatever adds enough to it.

    Decades come in order of time, others the likeliest first. (0, ()) when fewer than two values can be named.
    """
    known = np.array([bool(values(item, kind)) for item in belief.items])
    mass = {value: float(belief.probability[has].sum()) for value, has in having.items()}
    likely = sorted(having, key=lambda value: (-mass[value] * (1.0 - mass[value]), value))[:SHORTLIST]
    if len(likely) < 2:
        return 0.0, ()

    def bits(options: Sequence[str]) -> float:
        has = np.stack([having[value] for value in options])
        return (1.0 - manners.dont_mind[kind]) * gain(belief.probability, has, known)

    chosen = _best_pair(belief.probability, np.stack([having[value] for value in likely]), known, likely)
    best = bits(chosen)
    while len(chosen) < manners.options:
        more = max(((*chosen, value) for value in likely if value not in chosen), key=bits, default=chosen)
        if bits(more) < best + manners.third:
            break
        chosen, best = more, bits(more)
    return best, tuple(sorted(chosen, key=lambda value: value if kind == "decade" else (-mass[value], value)))


def _best_pair(probability: np.ndarray, has: np.ndarray, known: np.ndarray, names: Sequence[str]) -> tuple[str, str]:
    """The two values whose question has the largest `gain`, of all pairs at once: by how likely each is, and both together."""
    share = np.where(known, probability, 0.0)
    share = share / max(float(share.sum()), 1e-12)
    together = (has * share) @ has.T
    first, second = np.triu_indices(len(names), k=1)
    both = together[first, second]
    answers = np.stack([together[first, first] - both / 2, together[second, second] - both / 2])
    answers = np.vstack([answers, 1.0 - answers.sum(axis=0)]).clip(min=1e-12)
    best = int(np.argmax(-(answers * np.log2(answers)).sum(axis=0) - both))  # a film with both may get either answer: one bit undecided
    return names[first[best]], names[second[best]]


def gain(probability: np.ndarray, has: np.ndarray, known: np.ndarray) -> float:
    """Bits that the answer is expected to tell of which film is wanted.

    probability: of each film. has: options x films. known: films of which the catalog has such facts; of the others
    nothing is expected, their answers are as everybody's. The answer is one of the options of the wanted film, each
    as likely, or "neither" when it has none of them.
    """
    mass = float(probability[known].sum())
    if mass <= 0.0:
        return 0.0
    share, some = probability[known] / mass, has[:, known]
    number = some.sum(axis=0)
    answers = np.append(((some / np.maximum(number, 1)) * share).sum(axis=1), share[number == 0].sum())
    undecided = float((share * np.log2(np.maximum(number, 1))).sum())  # a film with two of the options may get either answer
    return max(0.0, mass * (_entropy(answers) - undecided))


def _entropy(probability: np.ndarray) -> float:
    """In bits."""
    some = probability[probability > 0]
    return float(-(some * np.log2(some)).sum())
