"""How faithful the reasons are: what becomes of a pick when the entries that are named as important go, or alone stay.

People are those of the community's ratings: each judged between 8 and 24 films last, and these are the profile; what they
rated before, or neither liked nor disliked, they know, so it is no candidate. Their picks come from the recommender that
is served, with variety, as the chat shows them. For every pick each explainer puts the entries in an order of importance.
Deletion leaves the first k of it out, insertion starts with the popularity prior alone and has only the first k; both are
reruns on `attribution.without`. So a film whose judgement was taken out stays known and is no candidate, older feelings
count a little more as one after them is gone, those left share the profile among fewer, and popularity weighs more.

An entry's share of a score, and what becomes of the rank when it goes, are different things, and each is measured: the
score that is left, and whether the pick is still among those shown.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags

from assistant.attribution import compare, smallest_removal, without
from assistant.errors import AssistantError
from assistant.evaluation.ranking import Split, profile_of, read_split
from assistant.filters import union
from assistant.recommend import Recommender
from assistant.state import Profile
from store.catalog import Catalog
from store.database import Database
from store.records import Recommendation
from store.weights import content_matrix, rating_matrix

PICKS = 500
SLATE, NEAR = 5, 10
"""Ranks up to which a pick is shown, and up to which it is near."""
DEPTH = 20
"""Ranks beyond this are told as one more than it: what a rerun is asked for."""
STEPS = 5
"""Entries taken out or put in, one after the other."""
FEWEST, MOST = 8, 24
"""Judged films in a profile; of 24, `smallest_removal` tries every pair."""
PERMUTATIONS = 40
"""Orders in which the sampled Shapley values let the entries of a profile come in."""
RESAMPLES = 1000
TOLERANCE = 1e-6

CONTRIBUTIONS, CONTRAST = "contributions", "contributions against the next film"
REMOVED_RANK, REMOVED_LEAD, REMOVED_SCORE = "removal, rank", "removal, lead", "removal, score"
SHAPLEY, RATINGS, CONTENT, CHANCE = "Shapley values, sampled", "cosine of ratings", "cosine of content", "random order"
DELETION, INSERTION = "deletion", "insertion"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A pick of somebody. `exclude`: films known beyond the profile; `rival`: the best film that is not shown."""

    person: int
    profile: Profile
    exclude: frozenset[int]
    pick: Recommendation
    rival: Recommendation


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pick is in a rerun: its rank (DEPTH + 1 when beyond), and its score before variety, in points."""

    rank: int
    score: float


class Reruns:
    """One pick under parts of its profile. Entries are known by their place in the profile, the oldest 0."""

    def __init__(self, recommender: Recommender, case: Case) -> None:
        self.recommender = recommender
        self.case = case
        self._standings: dict[frozenset[int], Standing] = {}

    @property
    def all(self) -> range:
        return range(len(self.case.profile))

    def part(self, kept: Collection[int]) -> Profile:
        """The profile without all entries but these."""
        removed = [p for place, p in enumerate(self.case.profile) if place not in kept]
        return without(self.case.profile, removed)

    def standing(self, kept: Collection[int]) -> Standing:
        """From a rerun with these entries, with variety, as the chat shows its slates."""
        kept = frozenset(kept)
        if kept not in self._standings:
            profile, item_id = self.part(kept), self.case.pick.item.id
            ranked = self.recommender.recommend(profile, n=DEPTH, exclude=self.case.exclude, diversify=True)
            found = next((r for r in ranked if r.item.id == item_id), None)
            scored = found or self.recommender.score(profile, [item_id])[0]
            score = sum(c.value for c in scored.contributions if c.source != "slate")
            self._standings[kept] = Standing(found.rank if found else DEPTH + 1, score)
        return self._standings[kept]

    def lead(self, kept: Collection[int]) -> float:
        """The points by which the pick is ahead of the last place of a slate of other films, variety aside; from reruns."""
        profile, item_id = self.part(kept), self.case.pick.item.id
        others = self.recommender.recommend(profile, n=SLATE, exclude=self.case.exclude | {item_id})
        return self.recommender.score(profile, [item_id])[0].score - others[-1].score

    @cached_property
    def leads(self) -> Leads:
        return Leads(self.recommender, self.case)


class Leads:
    """`Reruns.lead` for many parts of a profile at once, by the recommender's own terms, scaled to each part.

    Profiles of liked and disliked films only. It repeats how the recommender scales what is felt by the number of films and
    by those named after them, and how the prior shrinks; `check_leads` compares with reruns, so it cannot stay behind.
    """

    def __init__(self, recommender: Recommender, case: Case) -> None:
        terms, fresh = recommender.terms(case.profile), recommender.recency(case.profile)
        known = case.exclude | {p.item_id for p in case.profile}
        spoken_of = [i for i in union(term.ids for term in terms).tolist() if i not in known]
        # Of the films that no entry speaks of only the prior tells, so only its best can be among the best.
        silent = recommender.recommend(Profile(""), n=SLATE + 1, exclude=known.union(spoken_of))
        films = np.array(sorted({*spoken_of, case.pick.item.id, *(r.item.id for r in silent)}))
        self._pick = int(np.searchsorted(films, case.pick.item.id))
        self._prior = np.array([r.score for r in recommender.score(Profile(""), films.tolist())])
        self._half = recommender.weights.prior_half
        self._fresh = np.array([fresh[term.preference] for term in terms][::-1])  # by the number of films named after
        size = np.sqrt(len(terms))
        self._felt = np.stack([term.at(films) * (size / fresh[term.preference]) for term in terms])

    def of(self, kept: np.ndarray) -> np.ndarray:
        """The leads, one for each row of `kept`: parts x entries, True where an entry is in."""
        sizes = kept.sum(axis=1, keepdims=True)
        after = kept[:, ::-1].cumsum(axis=1)[:, ::-1] - kept
        strengths = kept * self._fresh[after] / np.sqrt(np.maximum(sizes, 1))
        scores = strengths @ self._felt + self._prior / (1.0 + sizes / self._half)
        pick = scores[:, self._pick].copy()
        scores[:, self._pick] = -np.inf
        return pick - np.partition(scores, -SLATE, axis=1)[:, -SLATE]


def check_leads(reruns: Reruns) -> None:
    """Compares the leads with reruns of the whole profile and of all but its newest entry.

    Raises AssistantError when they differ: the recommender scores by another rule than `Leads` knows.
    """
    for kept in (reruns.all, reruns.all[:-1]):
        row = np.isin(np.array(reruns.all), np.array(kept))[None, :]
        fast, real = float(reruns.leads.of(row)[0]), reruns.lead(kept)
        if abs(fast - real) > TOLERANCE:
            raise AssistantError(
                f"the recommender puts a pick {real:.6f} points ahead and evaluation.fidelity.Leads {fast:.6f}: "
                "bring Leads.of up to how the recommender scores"
            )


# what is important: one function an explainer, a value for each entry of the profile, the most important highest

Explainer = Callable[[Reruns, np.random.Generator], Sequence]


def contributions(reruns: Reruns, chance: np.random.Generator | None = None) -> list[float]:
    """What each entry adds to the score of the pick, as the chat tells it."""
    adds = {(c.source, c.ref): c.value for c in reruns.case.pick.contributions}
    return [adds.get(p.subject, 0.0) for p in reruns.case.profile]


def contrast(reruns: Reruns, chance: np.random.Generator | None = None) -> list[float]:
    """How much more each entry adds to the pick than to the best film that is not shown."""
    more = {(d.source, d.ref): d.value for d in compare(reruns.case.pick, reruns.case.rival)}
    return [more.get(p.subject, 0.0) for p in reruns.case.profile]


def removal_rank(reruns: Reruns, chance: np.random.Generator) -> list[tuple[int, float]]:
    """How many ranks the pick loses when the entry alone goes; among equals, how much of its lead."""
    ranks = [standing.rank for standing in _left_out(reruns)]
    return list(zip(ranks, removal_lead(reruns), strict=True))


def removal_lead(reruns: Reruns, chance: np.random.Generator | None = None) -> list[float]:
    """The points of its lead that the pick loses when the entry alone goes, variety aside."""
    n = len(reruns.all)
    leads = reruns.leads.of(np.vstack([np.ones((1, n), dtype=bool), ~np.eye(n, dtype=bool)]))
    return (leads[0] - leads[1:]).tolist()


def removal_score(reruns: Reruns, chance: np.random.Generator | None = None) -> list[float]:
    """The points of its score that the pick loses when the entry alone goes."""
    whole = reruns.standing(reruns.all).score
    return [whole - standing.score for standing in _left_out(reruns)]


def shapley(reruns: Reruns, chance: np.random.Generator, permutations: int = PERMUTATIONS) -> list[float]:
    """Sampled Shapley values of the lead: what an entry adds to it, on average over the orders in which entries can come.

    They sum to the lead with the profile less that with the prior alone.
    """
    n = len(reruns.all)
    place = chance.permuted(np.tile(np.arange(n), (permutations, 1)), axis=1)
    kept = place[:, None, :] < np.arange(n + 1)[None, :, None]
    leads = reruns.leads.of(kept.reshape(-1, n)).reshape(permutations, n + 1)
    return np.take_along_axis(np.diff(leads, axis=1), place, axis=1).mean(axis=0).tolist()


def in_random_order(reruns: Reruns, chance: np.random.Generator) -> list[float]:
    return chance.random(len(reruns.all)).tolist()


class Cosine:
    """A common stand-in for a reason: how alike entry and pick are, counted against it for a disliked film.

    `films` x anything: the cosine is that of two rows.
    """

    def __init__(self, item_ids: np.ndarray, films: csr_matrix) -> None:
        self._item_ids = item_ids
        norms = np.sqrt(np.asarray(films.multiply(films).sum(axis=1)).ravel())
        self._films = (diags(1.0 / np.where(norms > 0, norms, 1.0)) @ films).tocsr()

    def __call__(self, reruns: Reruns, chance: np.random.Generator) -> list[float]:
        entries = reruns.case.profile.items
        pick, *places = np.searchsorted(self._item_ids, [reruns.case.pick.item.id, *(p.item_id for p in entries)])
        alike = (self._films[places] @ self._films[pick].T).toarray().ravel()
        return [float(-a if p.role == "dislike" else a) for a, p in zip(alike, entries, strict=True)]


def explainers(catalog: Catalog, split: Split) -> dict[str, Explainer]:
    """All that are measured, by name."""
    ids = catalog.ids.tolist()
    ratings = rating_matrix(ids, (split.person, split.item_ids[split.column], split.rating))
    return {
        CONTRIBUTIONS: contributions, CONTRAST: contrast,
        REMOVED_RANK: removal_rank, REMOVED_LEAD: removal_lead, REMOVED_SCORE: removal_score,
        SHAPLEY: shapley,
        RATINGS: Cosine(catalog.ids, ratings.T.tocsr()), CONTENT: Cosine(catalog.ids, content_matrix(catalog.items(ids))),
        CHANCE: in_random_order,
    }


def order(values: Sequence, chance: np.random.Generator) -> list[int]:
    """Places of entries, the most important first; equals in random order."""
    lots = chance.random(len(values))
    return sorted(range(len(values)), key=lambda place: (values[place], lots[place]), reverse=True)


def _left_out(reruns: Reruns) -> list[Standing]:
    """Where the pick stands without each entry."""
    return [reruns.standing([other for other in reruns.all if other != place]) for place in reruns.all]


# the cases


def evaluate(
    database_path: str | Path, n: int = PICKS, seed: int = 1, progress: Progress = lambda text: None
) -> dict[str, dict[str, float]]:
    """{explainer: {metric: value}} over `n` picks, each of another person while there are any; "picks" says of whom.

    Some 200 s of one core for 500 picks. `summary` says what the metrics are. Raises AssistantError where there is nobody to
    pick for.
    """
    with Database(database_path) as database:
        progress("reading the community ratings")
        recommender, split = Recommender(Catalog(database)), read_split(database)
        split = replace(split, known=np.ones_like(split.known))  # reasons are of what is served: nothing is held out
        picks = []
        for pick in measured(recommender, islice(cases(recommender, split, seed), n), explainers(recommender.catalog, split), seed):
            picks.append(pick)
            if len(picks) % 10 == 0:
                progress(f"{len(picks)} of {n} picks")
        return summary(picks, seed)


def cases(recommender: Recommender, split: Split, seed: int) -> Iterator[Case]:
    """Picks for the people of a split, of a random rank each: one of everybody, then another of everybody, and so on."""
    rows = list(range(split.people))
    random.Random(seed).shuffle(rows)
    for pass_ in range(SLATE):
        for row in rows:
            chance = random.Random(f"{seed} {row}")
            profile, exclude = judged_last(profile_of(split, row), chance.randint(FEWEST, MOST))
            slate = recommender.recommend(profile, n=SLATE + 1, exclude=exclude, diversify=True) if len(profile) else []
            if len(slate) > SLATE:
                place = chance.sample(range(SLATE), SLATE)[pass_]
                yield Case(int(split.person[split.row == row][0]), profile, exclude, slate[place], slate[SLATE])


def judged_last(profile: Profile, size: int) -> tuple[Profile, frozenset[int]]:
    """The profile of the last `size` films liked or disliked, and the other films of it."""
    judged = profile.tastes[-size:]
    films = {p.item_id for p in judged}
    return Profile(profile.user, judged), frozenset(p.item_id for p in profile.items if p.item_id not in films)


@dataclass(frozen=True, slots=True)
class Measured:
    """What reruns said of one pick.

    whole, bare: where it stands with all entries and with none. curves: explainer -> DELETION and INSERTION -> its standings
    at k = 1..STEPS. named: the points that the largest contribution of an entry adds.
    smallest: entries in the smallest removal found, 0 when there is none; exact: no smaller one does it.
    """

    person: int
    entries: int
    whole: Standing
    bare: Standing
    curves: Mapping[str, Mapping[str, tuple[Standing, ...]]]
    named: float
    smallest: int
    exact: bool


def measured(
    recommender: Recommender, asked: Iterable[Case], explained_by: Mapping[str, Explainer], seed: int
) -> Iterator[Measured]:
    """Every case by every explainer; `seed` is for what they leave to chance."""
    for number, case in enumerate(asked):
        yield measure(Reruns(recommender, case), explained_by, (seed, number))


def measure(reruns: Reruns, explained_by: Mapping[str, Explainer], seed: Sequence[int]) -> Measured:
    """One pick by every explainer; raises AssistantError as `check_leads` does."""
    check_leads(reruns)
    case, curves = reruns.case, {}
    for name, explainer in explained_by.items():
        chance = np.random.default_rng(seed)
        places = order(explainer(reruns, chance), chance)
        curves[name] = {
            DELETION: tuple(reruns.standing(places[k:]) for k in range(1, STEPS + 1)),
            INSERTION: tuple(reruns.standing(places[:k]) for k in range(1, STEPS + 1)),
        }
    removal = smallest_removal(reruns.recommender, case.profile, case.pick.item.id, slate_size=SLATE, exclude=case.exclude)
    return Measured(
        case.person, len(case.profile), reruns.standing(reruns.all), reruns.standing(()), curves, max(contributions(reruns)),
        len(removal.entries) if removal else 0, bool(removal and removal.exact),
    )


# the figures


def summary(picks: Sequence[Measured], seed: int) -> dict[str, dict[str, float]]:
    """{explainer: {metric: value}}, and under "picks" what was measured.

    Shares in [0, 1]. For D in deletion, insertion and k = 1..STEPS: D_top5@k and D_top10@k are the shares of picks up to
    rank 5 and 10, D_rank@k the median rank (21: beyond 20), D_top5_area, D_reciprocal_rank_area and D_score_area the means
    over k of D_top5, of 1 / rank (0 beyond 20) and of the score in the rerun by that of the whole profile. Of a good order,
    deletion's areas are small and insertion's large. first_drops: the pick is lost when the first entry goes; first_moves: it
    falls; first_stays_first: of the picks at rank 1, those that stay there; as_few_as_possible: of the picks with a removal
    of up to STEPS entries, those lost with as few of these in order. _low and _high bound 95 % of the bootstrap over people;
    _less_contributions is the difference to them for the same people.
    """
    if not picks:
        raise AssistantError("nobody in this database has rated enough films to be recommended others; build the default catalog")
    people, row = np.unique([pick.person for pick in picks], return_inverse=True)
    draws = np.random.default_rng(seed).multinomial(len(people), np.full(len(people), 1 / len(people)), size=RESAMPLES)
    resampled = draws[:, row] / np.maximum(draws[:, row].sum(axis=1, keepdims=True), 1)
    return {"picks": _about(picks, len(people)), **{name: _metrics(picks, name, resampled) for name in picks[0].curves}}


def _about(picks: Sequence[Measured], people: int) -> dict[str, float]:
    sizes = np.array([pick.smallest for pick in picks])
    lost = sum(pick.whole.score - pick.curves[CONTRIBUTIONS][DELETION][0].score for pick in picks)
    return {
        "picks": len(picks), "people": people, "entries": statistics.mean(pick.entries for pick in picks),
        "rank": statistics.mean(pick.whole.rank for pick in picks),
        "prior_alone_top5": statistics.mean(pick.bare.rank <= SLATE for pick in picks),
        "first_score_lost_by_points_named": lost / sum(pick.named for pick in picks),
        "smallest_is_one": float((sizes == 1).mean()), "smallest_is_two": float((sizes == 2).mean()),
        "smallest_is_more": float((sizes > 2).mean()), "no_removal_found": float((sizes == 0).mean()),
        "smallest_exact": statistics.mean(pick.exact for pick in picks if pick.smallest) if sizes.any() else 0.0,
        "permutations": PERMUTATIONS,
    }


def _metrics(picks: Sequence[Measured], name: str, resampled: np.ndarray) -> dict[str, float]:
    found: dict[str, float] = {}
    means, ours = _by_pick(picks, name), _by_pick(picks, CONTRIBUTIONS)
    for metric, values in means.items():
        found |= _bounded(metric, values, resampled)
        if name != CONTRIBUTIONS:
            found |= _bounded(f"{metric}_less_contributions", values - ours[metric], resampled)
    whole, first = np.array([pick.whole.rank for pick in picks]), _ranks(picks, name, DELETION)[:, 0]
    found["first_moves"] = float((first > whole).mean())
    if (whole == 1).any():
        found["first_stays_first"] = float((first[whole == 1] == 1).mean())
    few = [pick for pick in picks if 0 < pick.smallest <= STEPS]
    if few:
        found["as_few_as_possible"] = statistics.mean(_needed(pick, name) == pick.smallest for pick in few)
    for direction in (DELETION, INSERTION):
        for k, ranks in enumerate(_ranks(picks, name, direction).T, start=1):
            found[f"{direction}_top5@{k}"] = float((ranks <= SLATE).mean())
            found[f"{direction}_top10@{k}"] = float((ranks <= NEAR).mean())
            found[f"{direction}_rank@{k}"] = float(np.median(ranks))
    return found


def _by_pick(picks: Sequence[Measured], name: str) -> dict[str, np.ndarray]:
    """What is averaged over the picks, with bounds."""
    found = {"first_drops": (_ranks(picks, name, DELETION)[:, 0] > SLATE).astype(float)}
    for direction in (DELETION, INSERTION):
        ranks = _ranks(picks, name, direction)
        scores = np.array([[s.score / pick.whole.score for s in pick.curves[name][direction]] for pick in picks])
        found[f"{direction}_top5_area"] = (ranks <= SLATE).mean(axis=1)
        found[f"{direction}_reciprocal_rank_area"] = np.where(ranks <= DEPTH, 1.0 / ranks, 0.0).mean(axis=1)
        found[f"{direction}_score_area"] = scores.mean(axis=1)
    return found


def _ranks(picks: Sequence[Measured], name: str, direction: str) -> np.ndarray:
    """Picks x STEPS."""
    return np.array([[standing.rank for standing in pick.curves[name][direction]] for pick in picks])


def _needed(pick: Measured, name: str) -> int:
    """How many entries of the order have to go until the pick is lost; STEPS + 1 when more."""
    deleted = pick.curves[name][DELETION]
    return next((k for k, standing in enumerate(deleted, start=1) if standing.rank > SLATE), STEPS + 1)


def _bounded(metric: str, values: np.ndarray, resampled: np.ndarray) -> dict[str, float]:
    """The mean, and the bounds of the means of the resampled picks: resamples x picks, the weights of each."""
    low, high = np.quantile(resampled @ values, (0.025, 0.975))
    return {metric: float(values.mean()), f"{metric}_low": float(low), f"{metric}_high": float(high)}


def table(results: Mapping[str, Mapping[str, float]]) -> str:
    """What a person wants of `evaluate`: the curves and areas, one explainer a line, in percent."""
    about, systems = results["picks"], {name: metrics for name, metrics in results.items() if name != "picks"}
    lines = [f"{about['picks']} picks of {about['people']} people, {about['entries']:.1f} entries a profile; "
             f"{about['prior_alone_top5']:.0%} would be picks by the prior alone. All in %, bounds of 95 % in brackets."]
    for direction, meaning in ((DELETION, "still a pick without the first k"), (INSERTION, "a pick with the first k alone")):
        steps = "".join(f"{f'k={k}':>6}" for k in range(1, STEPS + 1))
        lines += ["", f"{f'{direction}: {meaning}':44}{steps}   area                 score left"]
        for name, metrics in systems.items():
            curve = "".join(f"{100 * metrics[f'{direction}_top5@{k}']:6.1f}" for k in range(1, STEPS + 1))
            score = 100 * metrics[f"{direction}_score_area"]
            lines.append(f"    {name:40}{curve}   {_range(metrics, f'{direction}_top5_area')}   {score:5.1f}")
    lines += ["", f"{'without the first entry, and in order':44}   lost                 falls   lost with as few as possible"]
    for name, metrics in systems.items():
        few = 100 * metrics.get("as_few_as_possible", 0.0)
        lines.append(f"    {name:40}   {_range(metrics, 'first_drops')}   {100 * metrics['first_moves']:5.1f}   {few:5.1f}")
    sizes = (("one entry", "smallest_is_one"), ("two", "smallest_is_two"), ("more", "smallest_is_more"), ("none found", "no_removal_found"))
    return "\n".join((*lines, "", "smallest removal: " + ", ".join(f"{what} {about[key]:.1%}" for what, key in sizes)))


def _range(metrics: Mapping[str, float], name: str) -> str:
    low, high = 100 * metrics[f"{name}_low"], 100 * metrics[f"{name}_high"]
    return f"{100 * metrics[name]:5.1f} ({low:4.1f} to {high:4.1f})"
