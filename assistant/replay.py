"""A recommendation as it was when it was shown, beside what the recommender says of the same film now.

Then is read from the store: score, contributions, the profile and the version of the model. Now is computed. What
changed in between is told by reruns: each change of the profile with the rank the film would have without it. Pure
but for `check`, which reads a database; no sentences here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlite_utils

from assistant.attribution import Difference, compare
from assistant.recommend import Placing, Recommender
from assistant.state import Profile
from store.catalog import Catalog
from store.conversations import Conversations, Shown
from store.database import Database
from store.errors import StoreError
from store.records import WISHES, Contribution, Preference, Recommendation
from store.verify import TOLERANCE

CHANGES_RERUN = 8
"""Changes of the profile that are rerun one by one, those that matter most first: a rerun of a large profile takes 20 ms."""
UNREADABLE = (StoreError, ValueError, TypeError, IndexError)
"""What reading or computing with damaged content can raise; the damage itself is found by the store's own checks."""
DIFFERENT_SHOWN = 3
"""Differences named of one slate that a replay does not give again."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one entry of the profile.

    then: as it was; None when it came since. now: as it is; None when it is gone.
    ended: it is gone because it was a wish of another conversation.
    otherwise: where the film would stand now had only this not happened; None when that was not rerun.
    """

    then: Preference | None
    now: Preference | None
    ended: bool = False
    otherwise: Placing | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What the entry is about."""
        return (self.now or self.then).subject


@dataclass(frozen=True, slots=True)
class Faded:
    """What time left of a feeling about a film, in (0, 1], then and now."""

    preference: Preference
    then: float
    now: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """A film that was recommended once, then and now.

    shown: then, as stored: the recommendation (rank, score, contributions), its slate, profile and model version.
    now: where the film stands with the profile of now, among the films that could be picked then.
    differences: the causes whose contribution changed, the one that changed most first: `first` is now, `second`
        then, and all `value`s sum to the difference of the scores.
    changes: what became of the profile's entries, those first that matter most to the film or to what is picked now.
    faded: feelings about films that time took something off, or that were said anew.
    films: how many films with a feeling the profile had then, and has now: they share the weight between them.
    same_model: whether the model is the one of then; None when that is not known.
    unchanged_profile: where the profile of then would put the film today; at its rank of then when the model is the
        same.
    """

    shown: Shown
    now: Placing
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    faded: tuple[Faded, ...]
    films: tuple[int, int]
    same_model: bool | None
    unchanged_profile: Placing

    @property
    def then(self) -> Recommendation:
        return self.shown.recommendation

    @property
    def still_picked(self) -> bool:
        """Whether it would be among the picks of a slate of that size now."""
        return self.now.rank is not None and self.now.rank <= len(self.shown.slate.recommendations)


def replay(recommender: Recommender, shown: Shown, profile: Profile, conversation_id: int) -> Replayed:
    """Compares `shown` with what `recommender` makes of `profile`, as the conversation `conversation_id` sees it now."""
    exclude = (shown.slate.excluded or frozenset()) - {shown.recommendation.item.id}

    def placing(asked: Profile) -> Placing:
        return recommender.rank_of(asked, shown.recommendation.item.id, exclude=exclude, diversify=True)

    before, now = Profile(profile.user, shown.slate.profile), placing(profile)
    differences = compare(now.recommendation, shown.recommendation)
    changes = _changes(before, profile, shown.message.conversation_id == conversation_id)
    picks = recommender.recommend(profile, n=len(shown.slate.recommendations), exclude=exclude, diversify=True)
    weight = _weights(differences, (*shown.slate.recommendations, *picks))
    blocking = {p.subject for p in now.blocked_by}
    changes.sort(key=lambda c: (c.subject in blocking, weight.get(c.subject, 0.0)), reverse=True)
    rerun = [
        Change(c.then, c.now, c.ended, placing(_taken_back(profile, c))) for c in changes[:CHANGES_RERUN]
    ]
    old, new = recommender.recency(before), recommender.recency(profile)
    kept = {p.subject: p for p in old}
    faded = [Faded(p, old[kept[p.subject]], left) for p, left in new.items() if p.subject in kept]
    return Replayed(
        shown, now, tuple(d for d in differences if abs(d.value) > TOLERANCE), (*rerun, *changes[CHANGES_RERUN:]),
        tuple(f for f in faded if abs(f.then - f.now) > TOLERANCE), (len(old), len(new)),
        None if shown.slate.model is None else shown.slate.model == recommender.version, placing(before),
    )


def _weights(differences: Sequence[Difference], picks: Sequence[Recommendation]) -> dict[tuple[str, str], float]:
    """How much each cause can have moved a film: by what it gave or took, or by what it does for films that are or were picked."""
    found = [((d.source, d.ref), abs(d.value)) for d in differences]
    found += [((c.source, c.ref), abs(c.value)) for pick in picks for c in pick.contributions]
    most: dict[tuple[str, str], float] = {}
    for subject, value in found:
        most[subject] = max(value, most.get(subject, 0.0))
    return most


def _changes(before: Profile, after: Profile, same_conversation: bool) -> list[Change]:
    """The entries that differ, by subject: gone, come, or said differently."""
    found = []
    for p in before:
        now = after.get(p.subject)
        if now is None:
            found.append(Change(p, None, p.role in WISHES and not same_conversation))
        elif (now.role, now.value) != (p.role, p.value):
            found.append(Change(p, now))
    return found + [Change(None, p) for p in after if before.get(p.subject) is None]


def _taken_back(profile: Profile, change: Change) -> Profile:
    """The profile had the change not happened; what it took away is back at its place in the order of the log."""
    kept = [p for p in profile if p != change.now] + ([change.then] if change.then else [])
    return Profile(profile.user, tuple(sorted(kept, key=lambda p: p.entry_id or 0)))


# what `python -m store verify` adds to the store's own checks


def check(database: Database, connection: sqlite_utils.Database, say: Callable[[str], None] = lambda text: None) -> Iterator[str]:
    """Slates of the present model come out again, film by film and contribution by contribution, when their stored
    profile is asked again; sentences about those that do not. `say` is told how many could be replayed."""
    ids = [row[0] for row in connection.execute("SELECT message_id FROM slates ORDER BY message_id").fetchall()]
    if not ids:
        return
    catalog = Catalog(database)
    conversations, recommender = Conversations(database, catalog), Recommender(catalog)
    replayed, other, unknown = 0, 0, 0
    for message_id in ids:
        try:
            slate = conversations.slate_of(message_id)
            if slate.model is None or slate.excluded is None:
                unknown += 1
                continue
            if slate.model != recommender.version:
                other += 1
                continue
            again = recommender.recommend(
                Profile("", slate.profile), n=len(slate.recommendations), exclude=slate.excluded, diversify=True
            )
            found = list(_differing(slate.recommendations, again))
        except UNREADABLE as error:
            found = [f"that failed ({error!r})"]
        replayed += 1
        yield from (f"the recommendations of message {message_id} come out differently when replayed: {finding}" for finding in found)
    say(f"{replayed} slates replayed; {other} of another model and {unknown} of an unknown one cannot be")


def _differing(stored: Sequence[Recommendation], again: Sequence[Recommendation]) -> Iterator[str]:
    if [r.item.id for r in stored] != [r.item.id for r in again]:
        yield f"{', '.join(r.item.name for r in stored)} then, {', '.join(r.item.name for r in again)} now"
        return
    for old, new in zip(stored, again, strict=True):
        then, now = _by_cause(old.contributions), _by_cause(new.contributions)
        wrong = [c for c in then.keys() | now.keys() if not abs(then.get(c, 0.0) - now.get(c, 0.0)) <= TOLERANCE]
        for source, ref, entry_id in sorted(wrong, key=str)[:DIFFERENT_SHOWN]:
            cause = (source, ref, entry_id)
            yield (f"{source} {ref} (entry {entry_id}) adds {then.get(cause, 0.0):.9f} to {old.item.name} as stored, "
                   f"{now.get(cause, 0.0):.9f} as replayed")


def _by_cause(contributions: Sequence[Contribution]) -> dict[tuple[str, str, int | None], float]:
    values: dict[tuple[str, str, int | None], float] = {}
    for c in contributions:
        cause = (c.source, c.ref, c.entry_id)
        values[cause] = values.get(cause, 0.0) + c.value
    return values
