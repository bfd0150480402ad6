"""A sentence taken apart for the claim check: its mentions, its numbers, and the text between them.

What any language's check needs. What is claimed of the mentions is read by `claims` (English) and `mandarin_claims`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.ledger import Ledger
from assistant.mentions import Mention


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a sentence: its value with its sign, how it was written, and whether it is an ordinal."""

    value: float
    text: str
    ordinal: bool = False


@dataclass(slots=True)
class Masked:
    """text: the sentence with its mentions as "<m0>" and its numbers as "<n0>"; ledger: what may be said."""

    ledger: Ledger
    mentions: Sequence[Mention]
    text: str
    numbers: Sequence[Number]
    felt: set[int] = field(default_factory=set)
    """Mentions that a feeling was stated of; no facts are looked for there."""
    settled: set[int] = field(default_factory=set)

    def unnamed(self) -> Iterator[str]:
        """Names that no row has."""
        for mention in self.mentions:
            if mention.kind == "film":
                years = self.ledger.films.get(mention.key)
                if years is None:
                    yield f"film: {mention.text}"
                elif mention.year and mention.year not in years:
                    yield f"year of {mention.text}: {mention.year}"
            elif self.key(mention) not in self.ledger.keys:
                yield f"{mention.kind}: {mention.text}"

    def key(self, mention: Mention) -> str:
        """The name that rows have for a mention."""
        return self.ledger.people.get(mention.key, mention.key) if mention.kind == "person" else mention.key

    @staticmethod
    def listed(text: str) -> list[int]:
        """The mentions in a piece of the text, as places in `mentions`."""
        return [int(place) for place in re.findall(r"<m(\d+)>", text)]
