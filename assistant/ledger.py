"""The rows of evidence, indexed by what the claim check asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.evidence import YOU, Evidence
from assistant.lexicon import fold
from assistant.mentions import Names, canonical, film_key
from assistant.statements import AGAINST

PEOPLE_FACTS = ("director", "cast")


@dataclass(slots=True)
class Ledger:
    """The rows of evidence, indexed by what sentences ask of them. Names are canonical.

    quotes: the person's own words, which may be said between quotation marks. about: the only film the rows tell of.
    """

    rows: Sequence[Evidence]
    films: dict[str, set[int]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    phrases: set[str] = field(default_factory=set)
    quotes: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    about: str | None = None

    @classmethod
    def of(cls, rows: Sequence[Evidence], names: Names) -> Ledger:
        ledger = cls(rows)
        for row in rows:
            if row.kind == "source":
                ledger.quotes.update(map(fold, row.values))
                ledger.keys.update(ledger.quotes)
                continue
            for value in (*row.values, row.subject, *((row.label,) if row.kind in ("contribution", "points") else ())):
                if value and value != YOU:
                    ledger._name(value, names, person=row.label in PEOPLE_FACTS and value in row.values)
            if row.kind == "fact" and row.label == "year":
                ledger.films.setdefault(film_key(row.subject)[0], set()).add(int(row.number))
        subjects = dict.fromkeys(film_key(r.subject)[0] for r in rows if r.kind in ("contribution", "score", "filter", "rank"))
        subjects = subjects or dict.fromkeys(film_key(r.subject)[0] for r in rows if r.kind == "fact")
        ledger.about = next(iter(subjects)) if len(subjects) == 1 else None
        return ledger

    def _name(self, value: str, names: Names, person: bool) -> None:
        key, year = film_key(value)
        if year is not None or (key in names.titles and not value.islower() and not person):
            self.films.setdefault(key, set()).update((year,) if year else ())
            self.keys.add(key)
        if year is None and (person or key in names.people):
            self.people[key] = key
            self.people.setdefault(key.split()[-1], key)
        if year is None:
            self.phrases.add(key)
            self.keys.add(canonical(value))

    def matching(self, *kinds: str) -> Iterator[Evidence]:
        return (row for row in self.rows if row.kind in kinds)

    def feelings(self, key: str) -> set[str]:
        return {r.label for r in self.matching("preference") if key in map(key_of, r.values)}

    def causes(self, key: str, subject: str | None = None) -> list[Evidence]:
        """Contribution rows of a cause, to any film or to `subject`."""
        return [r for r in self.matching("contribution") if key_of(r.label) == key and subject in (None, key_of(r.subject))]

    def is_told_of(self, key: str) -> bool:
        """Whether it is a film that causes are told of."""
        return any(key_of(r.subject) == key for r in self.matching("contribution"))

    def is_source(self, key: str) -> bool:
        """Whether it is told where a preference of this name came from."""
        return any(key_of(r.subject) == key for r in self.matching("source"))

    def has_faded(self, key: str) -> bool:
        """Whether it is told what is left of a feeling of this name."""
        return any(key_of(r.subject) == key for r in self.matching("recency"))

    def shares(self, key: str, subjects: Sequence[str | None]) -> list[Evidence]:
        """Contribution rows of a cause to these films (a film is no cause of itself), to any where it has none to them."""
        films = [s for s in subjects if s != key]
        return [r for s in films or [None] for r in self.causes(key, s)] or self.causes(key)

    def largest(self, subject: str) -> float:
        """The largest share of a film."""
        return max(r.number for r in self.matching("contribution") if r.subject == subject)

    def counts_for(self, key: str, subjects: Sequence[str | None], against: bool) -> bool:
        """Whether a cause speaks for one of the films, or `against` it."""
        rows = [r for s in subjects for r in self.causes(key, s)]
        return any((r.number or 0) >= 0 and not against or (r.number or 0) <= 0 and against for r in rows)

    def filters(self, key: str) -> bool:
        """Whether a filter is named so."""
        return any(key in map(key_of, (r.label, *r.values)) for r in self.matching("filter"))

    def scored(self, value: float, cause: str | None, subjects: Sequence[str | None], of_film: bool) -> bool:
        """Points: the score of a film, its gap to the last pick, or what a cause adds to it. `of_film`: it is said of which
        film, else what a cause adds may be to any."""
        return any(
            r.number == value and (r.kind == "score" or r.label == "gap" or key_of(r.label) == cause)
            and (None in subjects or key_of(r.subject) in subjects or not of_film and r.kind == "points")
            for r in self.matching("points", "score")
        )

    def measured(self, value: float, unit: str, subjects: Sequence[str | None]) -> bool:
        """A runtime or a year: a limit of the person, or the fact of all these films."""
        if any(r.number == value and r.unit == unit for r in self.matching("preference", "filter", "count")):
            return True
        return all(
            any(r.number == value and r.unit == unit and s in (None, key_of(r.subject)) for r in self.matching("fact"))
            for s in subjects
        )

    def ranked(self, value: float, when: str | None, subjects: Sequence[str | None]) -> bool:
        """The rank of one of the films, "before", "after", or None for either."""
        return any(
            r.number == value and when in (None, r.label) and s in (None, key_of(r.subject)) for s in subjects for r in self.matching("rank")
        )

    def names_feature(self, key: str, subjects: Sequence[str | None], kind: str) -> bool:
        """Whether a fact of all these films has this name, or a cause, a filter or a question, or no film has such a fact."""
        if all(self.fact(s, None, key) for s in subjects):
            return True
        if kind == "phrase" and not any(key in map(key_of, r.values) for r in self.matching("fact")):
            return True
        if any(self.causes(key, s) for s in subjects):
            return True
        kinds = ("filter", "named", "count") if None not in subjects else ("filter", "named", "count", "preference")
        rows = [r for r in self.matching(*kinds) if key in map(key_of, (r.label, *r.values))]
        return any(r.kind != "preference" or r.label not in AGAINST for r in rows)

    def fact(self, subject: str | None, label: str | None, key: str) -> bool:
        """Whether a film (any, for None) has a fact of this name; any kind of fact for label None."""
        return any(
            key in map(key_of, r.values) and subject in (None, key_of(r.subject)) and label in (None, r.label)
            for r in self.matching("fact")
        )


def key_of(name: str) -> str:
    """The canonical form of a name that may be a film's with its year."""
    key, year = film_key(name)
    return key if year is not None else canonical(name)
