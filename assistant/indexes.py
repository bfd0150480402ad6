"""What films and people are called, looked up by every way to write it. Built once for a catalog, then read-only."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from assistant import lexicon
from assistant.lexicon import GENERIC_TITLE_WORDS, SMALL_WORDS, fold, number
from store.catalog import Catalog


@dataclass(slots=True)
class TitleIndex:
    """Every way to write a title that is looked up exactly, once folded.

    full: folded title -> ids that bear exactly this name. alias: shorter or other names -> ids,
    best known first. squeezed: without spaces. gapped: full titles of three words and more with "*" for
    one of them -> (that word, title). words: the vocabulary of titles, to mend typos with.
    """

    full: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    alias: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    squeezed: dict[str, str] = field(default_factory=dict)
    gapped: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    words: Counter = field(default_factory=Counter)
    year: dict[int, int] = field(default_factory=dict)
    fame: dict[int, int] = field(default_factory=dict)
    name: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> TitleIndex:
        index = cls()
        for item_id, title, year, rating_count, aliases in catalog.titles():
            index.year[item_id], index.fame[item_id], index.name[item_id] = year or 0, rating_count, title
            for n, name in enumerate((title, *aliases)):
                index._add(item_id, name, main=n == 0)
        for table in (index.full, index.alias):
            for ids in table.values():
                ids.sort(key=lambda i: (-index.fame[i], i))
        for key in (*index.alias, *index.full):
            squeezed = key.replace(" ", "")
            if len(squeezed) >= 6 and " " in key:
                index.squeezed[squeezed] = key
        for key in index.full:
            parts = key.split()
            for n, word in enumerate(parts if len(parts) >= 3 else ()):
                if len(word) >= 4:
                    index.gapped[" ".join((*parts[:n], "*", *parts[n + 1 :]))].append((word, key))
        return index

    def _add(self, item_id: int, name: str, main: bool) -> None:
        key = fold(name)
        if not key:
            return
        fame = self.fame[item_id]
        for word in key.split():
            self.words[word] += fame + 1
        bare = re.sub(r"^(the|a|an) ", "", key)
        self._put(self.full if main else self.alias, key, item_id)
        if bare != key:
            self._put(self.alias, bare, item_id)
        short = fold(re.split(r":| - ", name)[0])
        if short and short != key and (len(short) > 3 or short.isdigit()):
            self._put(self.alias, short, item_id)
            self._put(self.alias, re.sub(r"^(the|a|an) ", "", short), item_id)
        for part in re.split(r": | - ", name)[1:]:
            content = [w for w in fold(part).split() if w not in GENERIC_TITLE_WORDS and w not in lexicon.ROMAN and not number(w)]
            if content and len(fold(part).split()) >= 2:
                self._put(self.alias, fold(part), item_id)
        numbers = " ".join(lexicon.ROMAN.get(w, w) if n else w for n, w in enumerate(key.split()))
        for variant in {numbers, numbers.replace(" part ", " "), key.replace(" part ", " "), numbers.replace(" episode ", " "),
                        key.replace(" vol ", " volume ")}:
            if variant != key:
                self._put(self.alias, variant, item_id)
                self._put(self.alias, re.sub(r"^(the|a|an) ", "", variant), item_id)
        content = [w for w in bare.split() if w not in SMALL_WORDS]
        if len(content) >= 2 and len(content) < len(bare.split()):
            self._put(self.alias, " ".join(content), item_id)

    @staticmethod
    def _put(table: dict[str, list[int]], key: str, item_id: int) -> None:
        if key and item_id not in table[key]:
            table[key].append(item_id)

    def find(self, key: str) -> list[int]:
        """Ids named `key`: those of exactly this title, or those it is another name of; best known first."""
        if key in self.full:
            return self.full[key]
        if key in self.alias:
            return self.alias[key][:1] if key not in self.full else self.alias[key]
        return []

    def nearly(self, norms: list[str], n: int) -> list[int]:
        """Ids of the title that is `norms` but for the spelling of the word at `n` ("shawn of the dead")."""
        options = self.gapped.get(" ".join((*norms[:n], "*", *norms[n + 1 :])), ())
        score, key = max(((fuzz.ratio(norms[n], word), key) for word, key in options), default=(0, ""))
        return self.find(key) if score >= 75 else []

    def series(self, key: str) -> list[int]:
        """Films whose title starts with `key` ("matrix"), by year: what "the second Matrix" counts through."""
        key = re.sub(r"^(the|a|an) ", "", key)
        found = {i for name, ids in (*self.full.items(), *self.alias.items())
                 if name == key or name.startswith(key + " ") for i in ids}
        known = sorted(found, key=lambda i: (self.year[i] or 9999, i))
        return [i for i in known if self.fame[i] >= 3] or known


@dataclass(slots=True)
class PersonIndex:
    """People by folded full name, and by surname the one who is best known by it."""

    full: dict[str, str] = field(default_factory=dict)
    surname: dict[str, str] = field(default_factory=dict)
    words: Counter = field(default_factory=Counter)

    @classmethod
    def of(cls, catalog: Catalog) -> PersonIndex:
        index = cls()
        by_surname: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for name, count in catalog.values("person").items():
            key = fold(name)
            parts = key.split()
            if len(parts) < 2:
                continue
            if key not in index.full:
                index.full[key] = name
            last = " ".join(parts[1:]) if parts[-2] in ("di", "de", "del", "von", "van", "da", "la", "le") else parts[-1]
            by_surname[last.replace(" ", "")].append((count, name))
            by_surname[last].append((count, name))
            if count >= 3:
                for word in parts:
                    index.words[word] += count
        for last, people in by_surname.items():
            people = sorted(set(people), key=lambda p: (-p[0], p[1]))
            if people[0][0] >= 4 and (len(people) == 1 or people[0][0] >= 1.3 * people[1][0]):
                index.surname[last] = people[0][1]
        return index
