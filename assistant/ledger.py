"""The rows of evidence, indexed by what the claim check asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.evidence import YOU, Evidence
from assistant.lexicon import fold
from assistant.mentions import Names, canonical, film_key

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
