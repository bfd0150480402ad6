"""What films and people are called, looked up by every way to write it. Built once for a catalog, then read-only."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from assistant import lexicon
from assistant.lexicon import EVERYDAY, GENERIC_TITLE_WORDS, SMALL_WORDS, fold, number
from store.catalog import Catalog


WELL_KNOWN = 50
"""Ratings in the catalog from which on a part of a title is enough: about one film in 20."""
ONE_WORD_KNOWN = 20
"""The same for a rare word that only one title has."""
NOT_PARTS = frozenset(
    "arabia vendetta spock grail aphrodite truman butch shorty shagged sundance boogie grosse swiss titan elliot dolores demarco durham arlington "
    "babysitting undiscovered auntie neverland meltdown unchained playbook learnings horribles perdition madre cristo tiffanys logans sophies "
    "nobodys burbs florette thunderdome largo limey howards matchstick amores perros aardman jumpin morphin burgundy forrester ripley pointe".split())
"""Rare words of titles that mean something else as well."""
ONLY_BEARER = 12
"""Films from which on somebody is known by a given name that nobody else in the catalog has."""


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
        index._add_partial_names(catalog)
        for table in (index.full, index.alias):
            for ids in table.values():
                ids.sort(key=lambda i: (-index.fame[i], i))
        for nickname, title in lexicon.NICKNAMES.items():
            if nickname not in index.full and (ids := index.find(title)):
                index.alias[nickname] = ids[:1]
        for key in (*index.alias, *index.full):
            squeezed = key.replace(" ", "")
            if len(squeezed) >= 6 and " " in key:
                index.squeezed[squeezed] = key
        for key in index.full:
            parts = key.split()
            known = len(parts) >= 3 or len(parts) == 2 and index.fame[index.full[key][0]] >= WELL_KNOWN
            for n, word in enumerate(parts if known else ()):
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
        if short and short != key and len(short) > 3:
            self._put(self.alias, short, item_id)
            self._put(self.alias, re.sub(r"^(the|a|an) ", "", short), item_id)
        for part in re.split(r": | - ", name)[1:]:
            content = [w for w in fold(part).split() if w not in GENERIC_TITLE_WORDS and w not in lexicon.ROMAN and not number(w)]
            if content and len(fold(part).split()) >= 2:
                self._put(self.alias, fold(part), item_id)
                if len(rest := re.sub(r"^(the|a|an) ", "", fold(part)).split()) >= 2:
                    self._put(self.alias, " ".join(rest), item_id)
        numbers = " ".join(lexicon.ROMAN.get(w, w) if n else w for n, w in enumerate(key.split()))
        for variant in {numbers, numbers.replace(" part ", " "), key.replace(" part ", " "), numbers.replace(" episode ", " "),
                        key.replace(" vol ", " volume "), key.replace(" vol ", " ")}:
            if variant != key:
                self._put(self.alias, variant, item_id)
                self._put(self.alias, re.sub(r"^(the|a|an) ", "", variant), item_id)
        content = [w for w in bare.split() if w not in SMALL_WORDS]
        if len(content) >= 2 and len(content) < len(bare.split()):
            self._put(self.alias, " ".join(content), item_id)

    def _add_partial_names(self, catalog: Catalog) -> None:
        """What people cut long titles down to, where only one film can be meant: "eternal sunshine", "shawshank", "goblet of fire"."""
        ordinary = lexicon.english_words() | EVERYDAY | NOT_PARTS | {w for name in catalog.values("person") for w in fold(name).split()}
        ordinary |= {w for k in catalog.values("keyword") for w in fold(k).split()}
        wanted: dict[str, set[int]] = {}
        for key, ids in self.full.items():
            if self.fame[ids[0]] >= ONE_WORD_KNOWN:
                wanted |= {name: set() for name in (*_beginnings(key), *key.split())}
        heads: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for key, ids in self.full.items():
            for name in (*_beginnings(key), *key.split()):
                if name in wanted:
                    wanted[name].update(ids)
            head, _, tail = key.partition(" and the ")
            if len(tail.split()) >= 2:
                heads[head].add((tail, ids[0]))
        keywords = "\n" + "\n".join(map(fold, catalog.values("keyword")))
        for name, ids in wanted.items():
            first, *_, last = (*name.split(), name.split()[-1])
            if " " in name:
                told = not any(len(w) < 2 or w in SMALL_WORDS | GENERIC_TITLE_WORDS or w in EVERYDAY for w in (first, last)) and f"\n{name}" not in keywords
            else:
                told = len(name) >= 5 and name.isalpha() and name not in ordinary
            if told and len(ids) == 1:
                self._put_known(name, *ids, WELL_KNOWN if " " in name else ONE_WORD_KNOWN)
        for parts in heads.values():
            for tail, item_id in parts if len(parts) > 1 else ():
                self._put_known(tail, item_id)
                self._put_known("the " + tail, item_id)

    def _put_known(self, name: str, item_id: int, known: int = WELL_KNOWN) -> None:
        """A partial name of a film that many know; a whole name, or the short name of another film, stays what it is."""
        if self.fame[item_id] >= known and not self.full.get(name) and not self.alias.get(name):
            self._put(self.alias, name, item_id)

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


def _beginnings(key: str) -> list[str]:
    """The first two, three ... words of a title but not all, also without its article."""
    parts, bare = key.split(), re.sub(r"^(the|a|an) ", "", key).split()
    return [" ".join(some[:n]) for some in ((parts, bare) if len(bare) < len(parts) else (parts,)) for n in range(2, len(some))]


@dataclass(slots=True)
class PersonIndex:
    """People by folded full name, by surname the one who is best known by it, by given name who alone has it ("keanu"); firsts: all given names;
    count: films by full name."""

    full: dict[str, str] = field(default_factory=dict)
    surname: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    firsts: set[str] = field(default_factory=set)
    words: Counter = field(default_factory=Counter)
    count: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> PersonIndex:
        index = cls(count=catalog.values("person"))
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
        by_given: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key, name in index.full.items():
            by_given[key.split()[0]].append((index.count[name], name))
        index.firsts = set(by_given)
        english = lexicon.english_words()
        for first, people in by_given.items():
            if len(people) == 1 and people[0][0] >= ONLY_BEARER and first not in english and len(first) >= 5:
                index.given[first] = people[0][1]
        for last, people in by_surname.items():
            people = sorted(set(people), key=lambda p: (-p[0], p[1]))
            if people[0][0] >= 4 and (len(people) == 1 or people[0][0] >= 1.3 * people[1][0]):
                index.surname[last] = people[0][1]
        return index
