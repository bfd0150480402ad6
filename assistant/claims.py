"""The claim check: every statement of a sentence is backed by a row of evidence, or the sentence is not shown.

A sentence is taken apart into names, numbers, feelings ("you loved"), facts ("directed by"), reasons ("because")
and the words between them. Each is looked for in the rows, bound to the film and the cause it is said of. The words
between must be from a short vocabulary that states nothing, so an invented plot, prize or praise fails too.
It is strict: a true sentence put in an unusual way may fail, a false one should not pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant import mandarin_claims
from assistant.evidence import Evidence
from assistant.ledger import Ledger, key_of
from assistant.lexicon import ONES, ORDINALS
from assistant.lexicon import TENS as DECADES_OF_TEN
from assistant.masked import Masked, Number
from assistant.mentions import NAME_WITH_YEAR, Mention, Names, find
from assistant.statements import ABSENT, AGAINST, BESIDE, DENIED, FACTS, FEELINGS, HOLDS_BACK, LIMITS, ONLY, OPENED, ORIGINS, PROMISE, SAME, SAYS, M
from assistant.vocabulary import COUNTED, PLAIN_WORDS
from store.catalog import Catalog

TENS = {"twenty": 20, **DECADES_OF_TEN}


class Claims:
    """The check against the names of a catalog."""

    def __init__(self, names: Names) -> None:
        self.names = names

    @classmethod
    def of(cls, catalog: Catalog) -> Claims:
        return cls(Names.of(catalog))

    def unbacked(self, sentence: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
        """The claims of a sentence that no row backs, as short descriptions; empty when all is backed."""
        ledger = Ledger.of(evidence, self.names)
        if mandarin_claims.is_chinese(sentence):
            return tuple(dict.fromkeys(mandarin_claims.unbacked(sentence, ledger, self.names)))
        mentions = find(sentence, self.names, ledger.films, ledger.people, ledger.phrases, ledger.quotes)
        check = _Check(ledger, mentions, *_masked(sentence, mentions))
        return tuple(dict.fromkeys(check.unbacked()))


def unbacked(sentence: str, evidence: Sequence[Evidence], catalog: Catalog) -> tuple[str, ...]:
    """`Claims.unbacked` for one sentence; keep a Claims for many, its index takes a quarter of a second to build."""
    return Claims.of(catalog).unbacked(sentence, evidence)


def _masked(sentence: str, mentions: Sequence[Mention]) -> tuple[str, list[Number]]:
    """The sentence in lower case with its mentions as "<m0>" and its numbers as "<n0>", and the numbers."""
    parts, at = [], 0
    for place, mention in enumerate(mentions):
        parts += [_plain(sentence[at : mention.start]), f"<m{place}>"]
        at = mention.end
    text = "".join([*parts, _plain(sentence[at:])])
    numbers: list[Number] = []

    def replace(match: re.Match) -> str:
        numbers.append(_number(match))
        return f"<n{len(numbers) - 1}>"

    spelled = "|".join(sorted((*ONES, *TENS, *ORDINALS), key=len, reverse=True))
    ones = "|".join(word for word in ONES if word != "zero")
    digits = r"(?<![\w<.])(?P<sign>[-+−]?)(?P<digits>\d+(?:\.\d+)?)(?P<th>st|nd|rd|th)?(?![\w>])"
    pattern = rf"{digits}|\b(?:(?P<tens>{'|'.join(TENS)})[- ](?P<ones>{ones})|(?P<word>{spelled}))\b"
    text = re.sub(pattern, replace, text)
    text = re.sub(r"[\"“”*_¡¿]|[^\w\s<>({%]+(?=<m)|(?<=\d>)[!?.…]+(?=[\s,:;)])", "", text)
    return " ".join(text.split()), numbers


def _plain(text: str) -> str:
    return text.lower().replace("’", "'").translate({ord(c): " " for c in "<>{}"})


def _number(match: re.Match) -> Number:
    if match["digits"]:
        value = float(match["digits"]) * (-1 if match["sign"] in ("-", "−") else 1)
        return Number(value, match.group(), bool(match["th"]))
    if match["tens"]:
        return Number(TENS[match["tens"]] + ONES[match["ones"]], match.group())
    word = match["word"]
    if word in ORDINALS:
        return Number(ORDINALS[word], match.group(), ordinal=True)
    return Number(ONES.get(word, TENS.get(word, 0)), match.group())


@dataclass(slots=True)
class _Check(Masked):
    def unbacked(self) -> Iterator[str]:
        yield from self.unnamed()
        yield from self._feelings()
        yield from self._exclusions()
        yield from self._denials()
        yield from self._people()
        yield from self._features()
        yield from self._sameness()
        yield from self._reasons()
        yield from self._sizes()
        yield from self._origins()
        yield from self._numbers()
        yield from self._words()

    # feelings

    def _feelings(self) -> Iterator[str]:
        taken: list[tuple[int, int]] = []
        for name, pattern in FEELINGS:
            for match in pattern.finditer(self.text):
                if any(a < match.end() and match.start() < b for a, b in taken):
                    continue
                places = self._objects(match)
                taken.append((match.start(), match.end()))
                for place in places:
                    self.felt.add(place)
                    mention = self.mentions[place]
                    if not SAYS[name] & self.ledger.feelings(self.key(mention)):
                        yield f"you {name} {mention.text}"
        for opened in OPENED.finditer(self.text):
            if not any(a <= opened.start() < b for a, b in taken):
                yield f"a feeling about nothing: {opened.group()}"

    def _objects(self, match: re.Match) -> list[int]:
        """What a feeling is stated of. In "you loved Heat, Ronin is ..." and "you loved Heat and Ronin is ..." the
        last name begins a new clause; a list by commas alone ends at its first name."""
        listed = match["list"]
        places = self.listed(re.sub(r"\([^()]*\)", "", listed))
        verb = re.match(r" (?:should|could|may|might|would|also|both|are|[a-z]+s)\b", self.text[match.end() :])
        if " and " not in listed and " or " not in listed:
            return places[:1]
        return places[:-1] if verb and len(places) > 1 and verb.group().strip() not in ("both", "are", "also") else places

    def _exclusions(self) -> Iterator[str]:
        """"no horror", "without war films", "only comedies": a wish of the person, or a filter."""
        for word, backing in (("no|nothing with|nothing like|free of", AGAINST), ("without", AGAINST | LIMITS), ("only", ONLY)):
            for match in re.finditer(rf"\b(?:{word}) {BESIDE}{M}(?:(?:, {BESIDE}{M})* or {BESIDE}{M})?", self.text):
                for place in self.listed(match.group()):
                    key = self.key(self.mentions[place])
                    self.settled.add(place)
                    if place not in self.felt and not self.ledger.filters(key) and not backing & self.ledger.feelings(key):
                        yield f"{match.group().split()[0]} {self.mentions[place].text}"

    def _denials(self) -> Iterator[str]:
        """"not a crime film", "you will love": nothing is recorded that could back what is denied or promised."""
        for match in PROMISE.finditer(self.text):
            yield match.group()
        for match in re.finditer(M, self.text):
            mention = self.mentions[int(match.group()[2:-1])]
            denied = DENIED.search(self.text[: match.start()])
            if denied and mention.key not in self.ledger.films and int(match.group()[2:-1]) not in self.felt:
                yield f"not {mention.text}"

    # facts of films

    def _people(self) -> Iterator[str]:
        for label, pattern in FACTS:
            for match in pattern.finditer(self.text):
                for place in self.listed(match["list"]):
                    mention = self.mentions[place]
                    if mention.kind != "person" or place in self.felt or place in self.settled:
                        continue
                    self.settled.add(place)
                    subjects = self._subjects(match.start())
                    if not all(self.ledger.fact(s, label, self.key(mention)) for s in subjects):
                        yield f"{label} of {', '.join(map(str, subjects))}: {mention.text}"

    def _features(self) -> Iterator[str]:
        """Genres, decades, languages, themes and people that are said of a film, not of the person."""
        for place, mention in enumerate(self.mentions):
            if mention.kind == "film" or place in self.felt or place in self.settled:
                continue
            key, at = self.key(mention), self.text.index(f"<m{place}>")
            subjects = self._subjects(at)
            if not self.ledger.names_feature(key, subjects, mention.kind):
                yield f"{mention.text} of {', '.join(map(str, subjects))}"

    def _subjects(self, at: int) -> list[str | None]:
        """The films that something at `at` is said of, [None] when it may be any of the evidence."""
        films = [(m.start(), int(m.group(1))) for m in re.finditer(r"<m(\d+)>", self.text) if self.mentions[int(m.group(1))].kind == "film"]
        if re.search(r"\bboth\b", self.text[max(0, at - 40) : at + 5]):
            keys = list(dict.fromkeys(self.mentions[p].key for _, p in films))
            return (keys if len(keys) > 1 else [*keys, self.ledger.about])[:4] or ["two films"]
        before = [(start, place) for start, place in films if start < at]
        if before:
            start, place = before[-1]
            goes_on = r"(?:,? (?:which|whose)|, (?:also (?!as |because )|a |an )|, directed|, starring)"
            relative = re.match(rf"<m{place}>(?: \([^()]*\))?{goes_on}", self.text[start:])
            if relative or place not in self.felt:
                return self._group(place)
            free = [p for _, p in before if p not in self.felt]
            if free:
                return self._group(free[-1])
        return [self.ledger.about]

    def _group(self, place: int) -> list[str | None]:
        """The film at `place` and those joined to it before: "Ronin, Collateral and Heat"."""
        chain = re.search(rf"(?:{M}(?: \([^()]*\))?(?:, | and |, and ))*<m{place}>", self.text)
        places = [p for p in self.listed(chain.group()) if p not in self.felt or p == place]
        return [self.mentions[p].key for p in places if self.mentions[p].kind == "film"]

    def _sameness(self) -> Iterator[str]:
        for match in re.finditer(r"\b(?:same|shares? (?:the|its|a|an)|common) (\w+)", self.text):
            label = SAME.get(match.group(1))
            if label and not any(r.label == label for r in self.ledger.matching("shared")):
                yield f"same {match.group(1)}"

    # reasons

    def _reasons(self) -> Iterator[str]:
        for match in re.finditer(r"\b(?:because|since(?! <n)|thanks to|due to|as you)\b", self.text):
            tail = self.text[match.end() :].split("because")[0]
            places = self.listed(tail)
            if not places:
                yield "a reason without evidence"
                continue
            key = self.key(self.mentions[places[0]])
            if not self._counts(key, self._subjects(match.start()), match.start()):
                yield f"because {self.mentions[places[0]].text}"

    def _counts(self, key: str, subjects: list[str | None], at: int) -> bool:
        """Whether `key` speaks for the film, or against it where the sentence says so, or keeps it out."""
        if self.ledger.counts_for(key, subjects, against=bool(HOLDS_BACK.search(self.text))):
            return True
        return bool(ABSENT.search(self.text[:at])) and self.ledger.filters(key)

    def _sizes(self) -> Iterator[str]:
        """"mostly" needs more than half of the sum, "the biggest" the largest share of its film."""
        for match in re.finditer(r"\b(mostly|mainly|biggest|largest|strongest|main|above all|most of all)\b", self.text):
            key = self._cause_near(match.start(), match.end())
            rows = self.ledger.causes(key) if key else []
            half = match.group() in ("mostly", "mainly")
            if not any(r.number > 50 if half else r.number == self.ledger.largest(r.subject) for r in rows):
                yield f"{match.group()}: {key}"

    def _origins(self) -> Iterator[str]:
        for kind, pattern in ORIGINS:
            for match in pattern.finditer(self.text):
                said = [self.key(self.mentions[p]) for p in self.listed(self.text[: match.start()])]
                said = [key for key in said if self.ledger.is_source(key)]
                rows = [r for r in self.ledger.matching("source") if r.label == kind]
                if not self._names_a_source() or not any(not said or key_of(r.subject) == said[-1] for r in rows):
                    yield match.group()

    def _names_a_source(self) -> bool:
        """Whether the sentence names something that has an origin: "you told me just now" alone could be said of anything."""
        return any(self.ledger.is_source(self.key(mention)) for mention in self.mentions)

    def _cause_near(self, start: int, end: int) -> str | None:
        """The cause that a number or a size between `start` and `end` is said of: the nearest before it in its
        clause, else the first after it there, else the nearest before at all."""
        bare = re.sub(r"\([^()]*\)", lambda m: " " * len(m.group()), self.text) if not self._in_brackets(start) else self.text
        left = max((m.end() for m in re.finditer(r"[,;] | and | then |\. ", bare[:start])), default=0)
        right = next((m.start() for m in re.finditer(r"[,;] | and |\. ", bare[end:])), len(bare) - end) + end
        for text, nearest in ((self.text[left:start], -1), (self.text[end:right], 0), (self.text[:start], -1), (self.text[end:], 0)):
            keys = [self.key(self.mentions[p]) for p in self.listed(text)]
            keys = [k for k in keys if self.ledger.causes(k) or self.ledger.is_source(k) or self.ledger.has_faded(k)]
            # A film that is told of may itself be in the profile ("passed on it"): it has a source, and is no cause of itself.
            others = [k for k in keys if self.ledger.causes(k) or not self.ledger.is_told_of(k)]
            if keys:
                return (others or keys)[nearest]
        return None

    def _in_brackets(self, at: int) -> bool:
        return self.text[:at].count("(") > self.text[:at].count(")")

    # numbers

    def _numbers(self) -> Iterator[str]:
        for match in re.finditer(r"<n(\d+)>", self.text):
            number = self.numbers[int(match.group(1))]
            before, after = self.text[max(0, match.start() - 24) : match.start()], self.text[match.end() :]
            if number.text == "one" and not re.match(rf" (?:{'|'.join(COUNTED)})\b", after):
                continue
            a_rank = re.match(r" (?:place|pick|rank|film|one)\b", after) or re.search(r"\b(?:rank|ranks|place)\s$", before)
            if number.text == "first" and not a_rank:
                continue
            if not self._is_backed(number, match, before, after):
                yield f"number: {number.text}"

    def _is_backed(self, number: Number, match: re.Match, before: str, after: str) -> bool:
        if re.match(r" ?(?:%|percent)", after):
            return self._share(number, match)
        if re.match(r"[ -]?min(?:ute)?s?\b", after) or re.match(r"[ -]hours?\b", after):
            minutes = number.value * (60 if "hour" in after[:7] else 1)
            return self.ledger.measured(minutes, "minutes", self._subjects(match.start()))
        if re.match(r" messages? (?:ago|before)", after):
            key = self._cause_near(match.start(), match.end())
            rows = [r for r in self.ledger.matching("source") if r.number == number.value]
            return self._names_a_source() and any(key in (None, key_of(r.subject)) for r in rows)
        a_rank = re.search(r"\b(?:ranks?|ranked|place|position)\s$", before)
        may_be_one = re.search(r"\b(?:number|from|to|at)\s$|#$", before) and number.value < 1000  # beyond, "from 1995" is a year
        if number.ordinal or (a_rank or may_be_one) and any(True for _ in self.ledger.matching("rank")):
            return self._ranked(number.value, before, match.start())
        if "." in number.text or re.match(r" points?\b", after):
            return self._scored(number.value, match, after)
        if 1870 <= number.value <= 2100 and number.text.isdigit():
            return self.ledger.measured(number.value, "year", self._subjects(match.start()))
        noun = re.match(r" (?:more |other |different |such |well-known )*(\w+)", after)
        return self._counted(number.value, noun.group(1) if noun else "")

    def _scored(self, value: float, match: re.Match, after: str) -> bool:
        """Points: the score of the film it is said of, its gap to the last pick, or what the cause near it adds to it."""
        film = re.match(rf" points? for ({M})", after)
        subjects = [self.mentions[self.listed(film.group(1))[0]].key] if film else self._subjects(match.start())
        cause = self._cause_near(match.start(), match.end())
        return self.ledger.scored(value, cause, subjects, of_film=film is not None)

    def _share(self, number: Number, match: re.Match) -> bool:
        key = self._cause_near(match.start(), match.end())
        if key is None:
            return False
        if "faded" in self.text:
            return any(r.number == number.value and key_of(r.subject) == key for r in self.ledger.matching("recency"))
        rows = self.ledger.shares(key, self._subjects(match.start()))
        clause = re.split(r"[,;] | and ", self.text[: match.start()])[-1] + re.split(r"[,;] | and ", self.text[match.end() :])[0]
        sign = -1 if HOLDS_BACK.search(clause) and number.value >= 0 else 1
        return any(r.number == sign * number.value for r in rows)

    def _ranked(self, value: float, before: str, at: int) -> bool:
        wanted = "before" if re.search(r"\b(?:from|was)\b[^<]*$", before) else "after" if re.search(r"\bto\b[^<]*$", before) else None
        return self.ledger.ranked(value, wanted, self._subjects(at))

    def _counted(self, value: float, noun: str) -> bool:
        rows = [r for r in self.ledger.rows if r.number == value and r.kind == "count"]
        return any(noun.rstrip("s") == r.unit.rstrip("s") or noun not in COUNTED for r in rows)

    # words

    def _words(self) -> Iterator[str]:
        bare = re.sub(r"<[mn]\d+>(?:'s)?", " ", self.text)
        for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", bare):
            if word not in PLAIN_WORDS:
                yield f"word: {word}"


def names_in(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Every name that the rows write out, with and without a year."""
    written = {name for row in evidence for name in (row.subject, row.label, *row.values)}
    return frozenset(written | {match.group(1) for name in written if (match := NAME_WITH_YEAR.fullmatch(name))})
