"""The claim check for Chinese sentences: as strict as the English one, on the same rows.

The grammar is close, both of what is built from evidence and of what the model learns: films stand in title marks, the person's
words and keywords in quotation marks, people in Latin letters; a feeling is a verb right before its names; every other stretch
must be made of the words of `mandarin_vocabulary`. A name that the catalog has in English (a genre, a language, a
decade, a limit) is compared in its English form, so that the rows are the same in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.chinese_lexicon import GENRES as GENRE_WORDS
from assistant.chinese_lexicon import HAN, has_chinese, numeral
from assistant.evidence import GENRE_NOUNS
from assistant.ledger import Ledger, key_of
from assistant.lexicon import LANGUAGE_NAMES, fold
from assistant.mandarin_phrases import GENRES, LANGUAGES, VERBS
from assistant.mandarin_vocabulary import FIXED, WORDS
from assistant.masked import Masked, Number
from assistant.mentions import Mention, Names, film_key, words
from assistant.statements import SAYS

M = r"<m\d+>"
LIST = rf"(?P<list>{M}(?:(?:、|和|或){M})*)"
SPOKEN_VERBS = {word: label for label, word in VERBS.items()} | {"不看": "avoid", "只看": "only"}
FEELINGS = re.compile(rf"(?P<verb>{'|'.join(sorted(SPOKEN_VERBS, key=len, reverse=True))})(?:{LIST})?")
FACTS = tuple((label, re.compile(pattern)) for label, pattern in (
    ("director", rf"(?:由{LIST}|{LIST.replace('list', 'other')})执导"), ("director", rf"导演(?:是|：){LIST}"),
    ("cast", rf"(?:由{LIST}|{LIST.replace('list', 'other')})主演"), ("cast", rf"主演(?:有|：){LIST}"),
))
ORIGINS = (("now", "刚才"), ("earlier", "以前聊天时"), ("earlier", "（以前）"), ("click", "点选时"))
MEASURES = {"部": ("films", "picks"), "条": ("things", "reasons", "tastes"), "种": ("changes",), "次": ("times",)}
"""Measure words -> the units of rows that they count."""
REASON = re.compile(r"因为|原因是|最主要的理由：|既然|考虑到")
CONCLUSION = re.compile("(?<!之)所以|就推荐|就选|才推荐|才选|才入选|这就是推荐|就是推荐")
"""What comes before it is a reason for the film."""
ADDED = re.compile(rf"再加上|给(?:它|{M})(?P<sign>加分|减分)(?!的|里|最多)|(?P<listed>减分|加分)的(?:是|：)")
"""A cause is said to speak for a film or against it: before "给它减分", after the others."""
LARGEST = re.compile("最主要的原因是|最主要的理由：|首先因为|加分最多的是|(?P<before>占得最多)|(?P<half>一半以上)")
OF_NO_TASTE = "跟你的口味无关"
ALIKE = re.compile(rf"跟({M})一样，(?:它|({M}))也(?:由{M}(?:和{M})*(?:执导|主演)|是{M}题材的片子)")
QUOTED = re.compile(r"“([^”]*)”")
QUOTED_WITHIN = re.compile(r"‘([^’]*)’")
FILM = re.compile(r"《([^》]*)》")
LIMIT = re.compile(r"片长不(超过|少于)(\d+)分钟|(\d{4})年及以(前|后)(?:的片子)?")
DECADE = re.compile(r"(\d{3}0)年代(?:的片子)?")
NUMBER = re.compile(rf"[-−]?\d+(?:\.\d+)?|(?<=第)一|[零一两二三四五六七八九十百]+(?=[{''.join(MEASURES)}])")


def is_chinese(sentence: str) -> bool:
    """Whether a sentence is Chinese, whatever the language of the words that it quotes."""
    return has_chinese(QUOTED.sub("", sentence))


def unbacked(sentence: str, ledger: Ledger, names: Names) -> Iterator[str]:
    """The claims of a Chinese sentence that no row backs, as short descriptions."""
    mentions = sorted(_mentions(sentence, ledger, names), key=lambda m: m.start)
    return _Check(ledger, mentions, *_masked(sentence, mentions)).unbacked()


# names


@lru_cache(maxsize=1)
def _plain_names() -> tuple[re.Pattern, dict[str, tuple[str, str]]]:
    """Words for genres, languages and impersonal causes: a pattern of them, and word -> (kind, key)."""
    table = {word: ("genre", fold(genres[0])) for word, genres in GENRE_WORDS.items() if len(genres) == 1}
    for genre in GENRE_NOUNS:
        table |= {f"{GENRES[genre]}{end}": ("genre", fold(genre)) for end in ("", "片")}
    for code, language in LANGUAGES.items():
        table |= {f"{language}{end}": ("language", fold(LANGUAGE_NAMES[code])) for end in ("", "片")}
    table |= {"人气": ("phrase", "popularity"), "多样性": ("phrase", "variety")}
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True))), table


def _mentions(sentence: str, ledger: Ledger, names: Names) -> list[Mention]:
    found: list[Mention] = []

    def add(start: int, end: int, kind: str, key: str, text: str, year: int | None = None) -> None:
        if not any(m.start < end and start < m.end for m in found):
            found.append(Mention(start, end, kind, key, text, year))

    for match in (*QUOTED.finditer(sentence), *QUOTED_WITHIN.finditer(sentence)):
        key = fold(match[1])
        if key in ledger.quotes or key in ledger.phrases:
            add(*match.span(), "phrase", key, match[1])
    for match in FILM.finditer(sentence):
        key, year = film_key(match[1])
        add(*match.span(), "film", key, match[1], year)
    for start, end, key in _people(sentence, ledger, names):
        add(start, end, "person", key, sentence[start:end])
    for match in LIMIT.finditer(sentence):
        add(*match.span(), "limit", _limit_key(match), match.group())
    for match in DECADE.finditer(sentence):
        add(*match.span(), "decade", f"{match[1]}s", match.group())
    pattern, table = _plain_names()
    for match in pattern.finditer(sentence):
        add(*match.span(), *table[match.group()], match.group())
    return found


def _limit_key(match: re.Match) -> str:
    """The English form of a limit, as `understand.bound` labels it."""
    if match[1]:
        return f"at {'most' if match[1] == '超过' else 'least'} {match[2]} minutes"
    return f"from {match[3]} or {'earlier' if match[4] == '前' else 'later'}"


def _people(sentence: str, ledger: Ledger, names: Names) -> Iterator[tuple[int, int, str]]:
    tokens, at = words(sentence), 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + 6), at, -1):
            span = tokens[at:end]
            key = " ".join(w.norm for w in span)
            if key in ledger.people or key in names.people and span[0].raw[0].isupper():
                yield span[0].start, span[-1].end + (sentence[span[-1].end : span[-1].end + 1] == "."), key
                at = end
                break
        else:
            at += 1


def _masked(sentence: str, mentions: Sequence[Mention]) -> tuple[str, list[Number]]:
    """The sentence without spaces and quotation marks, its mentions as "<m0>" and its numbers as "<n0>"; set phrases are gone."""
    parts, at = [], 0
    for place, mention in enumerate(mentions):
        parts += [sentence[at : mention.start], f"<m{place}>"]
        at = mention.end
    text = re.sub(r"(?<=.) (?=[^A-Za-z])|(?<=[^A-Za-z]) |[“”‘’]", "", "".join([*parts, sentence[at:]]).replace("{", ""))
    for phrase in FIXED:
        text = text.replace(phrase, "·")
    numbers: list[Number] = []

    def replace(match: re.Match) -> str:
        written = match.group()
        value = numeral(written.replace("−", "").lstrip("-")) or 0.0
        numbers.append(Number(-value if written[0] in "-−" else value, written, text[: match.start()].endswith("第")))
        return f"<n{len(numbers) - 1}>"

    pieces = re.split(rf"({M})", text)
    for n in range(0, len(pieces), 2):
        text = pieces[n]
        pieces[n] = NUMBER.sub(replace, text)
    return "".join(pieces), numbers


# claims


@dataclass(slots=True)
class _Check(Masked):
    rest: str = ""
    """The text without the verbs whose feelings were looked for."""

    def unbacked(self) -> Iterator[str]:
        yield from self.unnamed()
        yield from self._feelings()
        yield from self._absences()
        yield from self._people()
        yield from self._features()
        yield from self._likenesses()
        yield from self._reasons()
        yield from self._conclusions()
        yield from self._signs()
        yield from self._sizes()
        yield from self._origins()
        yield from self._numbers()
        yield from self._moves()
        yield from self._words()

    # feelings

    def _feelings(self) -> Iterator[str]:
        self.rest = self.text
        for match in FEELINGS.finditer(self.text):
            label = SPOKEN_VERBS[match["verb"]]
            if not match["list"]:
                yield f"a feeling about nothing: {match['verb']}"
                continue
            self.rest = self.rest[: match.start("verb")] + "·" * len(match["verb"]) + self.rest[match.end("verb") :]
            for place in self.listed(match["list"]):
                if self.mentions[place].kind == "limit":
                    break  # an entry of its own: 去掉“喜欢《Heat》”和“片长不超过120分钟”; it is looked for below
                self.felt.add(place)
                if not SAYS[label] & self.ledger.feelings(self.key(self.mentions[place])):
                    yield f"you {label} {self.mentions[place].text}"
        for match in re.finditer(rf"你说过的({M})", self.text):
            self.felt.update(self.listed(match[1]))
        for mention in self.mentions:
            if mention.kind == "limit" and "limit" not in self.ledger.feelings(mention.key):
                yield f"limit: {mention.text}"

    def _absences(self) -> Iterator[str]:
        """没跟我提过: no feeling is known; 片库里没有: a filter says so, or it is the person's own words."""
        for match in re.finditer(rf"没跟我提过{LIST}", self.text):
            for place in self.listed(match["list"]):
                self.settled.add(place)
                if self.ledger.feelings(self.key(self.mentions[place])):
                    yield f"nothing said of {self.mentions[place].text}"
        for match in re.finditer(rf"没有({M})", self.text):
            place = self.listed(match[1])[0]
            self.settled.add(place)
            if self.mentions[place].kind != "phrase" and not self.ledger.filters(self.key(self.mentions[place])):
                yield f"no {self.mentions[place].text}"

    # facts of films

    def _people(self) -> Iterator[str]:
        for label, pattern in FACTS:
            for match in pattern.finditer(self.text):
                for place in self.listed(match.group()):
                    mention = self.mentions[place]
                    if place in self.felt or place in self.settled:
                        continue
                    self.settled.add(place)
                    subjects = self._subjects(match.start())
                    if mention.kind != "person" or not all(self.ledger.fact(s, label, self.key(mention)) for s in subjects):
                        yield f"{label} of {', '.join(map(str, subjects))}: {mention.text}"

    def _features(self) -> Iterator[str]:
        """Genres, decades, languages, themes and people that are said of a film, not of the person."""
        if "共同的题材" in self.text and not any(r.label == "keyword" for r in self.ledger.matching("shared")):
            yield "same theme"
        for place, mention in enumerate(self.mentions):
            if mention.kind in ("film", "limit") or place in self.felt or place in self.settled:
                continue
            subjects = self._subjects(self.text.index(f"<m{place}>"))
            if not self.ledger.names_feature(self.key(mention), subjects, mention.kind):
                yield f"{mention.text} of {', '.join(map(str, subjects))}"

    def _subjects(self, at: int) -> list[str | None]:
        """The films that something at `at` is said of: the last one before it of which no feeling is told and those joined
        to it, else the only film of the evidence (None: any)."""
        before = [p for p in self.listed(self.text[:at]) if self.mentions[p].kind == "film" and p not in self.felt]
        if not before:
            return [self.ledger.about]
        chain = re.search(rf"(?P<it>它和)?(?:{M}(?:、|和))*<m{before[-1]}>(?P<too>一样，它也)?", self.text)
        named = [self.mentions[p].key for p in self.listed(chain.group()) if p not in self.felt and self.mentions[p].kind == "film"]
        too = re.search(rf"跟({M})一样，<m{before[-1]}>也", self.text)
        named += [self.mentions[p].key for p in self.listed(too[1])] if too else []
        return [*named, self.ledger.about] if chain["it"] or chain["too"] else named

    def _likenesses(self) -> Iterator[str]:
        """跟《Heat》一样: only before a fact, which is then looked for in both films."""
        for match in re.finditer(rf"{M}一样", self.text):
            alike = next((m for m in ALIKE.finditer(self.text) if m.start() < match.start() < m.end()), None)
            if alike is None:
                yield "一样"
                continue
            end = match.end()
            self.rest = f"{self.rest[: end - 2]}··{self.rest[end:]}"

    # reasons

    def _reasons(self) -> Iterator[str]:
        for match in REASON.finditer(self.text):
            places = self.listed(REASON.split(self.text[match.end() :])[0])
            if not places:
                yield "a reason without evidence"
                continue
            joined = [p for p in self.listed(re.split("[，；：。]", self.text[match.end() :])[0]) if p in self.felt]
            for place in dict.fromkeys((places[0], *joined)):
                if not self.ledger.counts_for(self.key(self.mentions[place]), self._subjects(match.start()), against="减" in self.text):
                    yield f"because {self.mentions[place].text}"

    def _conclusions(self) -> Iterator[str]:
        """What is told before 所以 counts for the film."""
        for match in CONCLUSION.finditer(self.text):
            keys = self._causes(self.text[: match.start()])
            if not keys or any(not self.ledger.counts_for(key, [self.ledger.about], against=False) for key in keys):
                yield f"{match.group()} of {', '.join(keys)}"

    def _signs(self) -> Iterator[str]:
        for match in ADDED.finditer(self.text):
            keys = self._causes(self.text[: match.start()])[-1:] if match["sign"] else self._causes(self.text[match.end() :])[:1]
            against = (match["sign"] or match["listed"] or "").startswith("减")
            if not keys or not self.ledger.counts_for(keys[0], self._subjects(match.start()), against=against):
                yield f"{match.group()}: {', '.join(keys)}"

    def _sizes(self) -> Iterator[str]:
        """What is called the largest share of a film is, or more than half of it; 占得最多 is said behind its cause."""
        if OF_NO_TASTE in self.text and "popularity" not in self._causes(self.text):
            yield OF_NO_TASTE
        for match in LARGEST.finditer(self.text):
            causes = self._causes(self.text[: match.start()])[::-1] if match["before"] else self._causes(self.text[match.end() :])
            rows = self.ledger.causes(causes[0]) if causes else []
            if not any(r.number > 50 if match["half"] else r.number == self.ledger.largest(r.subject) for r in rows):
                yield f"{match.group()}: {causes[0] if causes else None}"

    def _causes(self, text: str) -> list[str]:
        """The causes in a piece of the text. A film is one only where a feeling for it is told."""
        places = [p for p in self.listed(text) if p in self.felt or self.mentions[p].kind == "phrase"]
        return [key for p in places if self.ledger.causes(key := self.key(self.mentions[p])) or self.ledger.is_source(key)]

    def _cause_near(self, start: int, end: int) -> str | None:
        """The cause that a number or a size is said of: the nearest before it in its clause, else the first after it there,
        else the nearest before at all."""
        bare = re.sub(r"（[^（）]*）", lambda m: "　" * len(m.group()), self.text)
        left = max((m.end() for m in re.finditer("[，；。]", bare[:start])), default=0)
        right = next((m.start() for m in re.finditer("[，；。]", bare[end:])), len(bare) - end) + end
        for text, nearest in ((bare[left:start], -1), (bare[end:right], 0), (bare[:start], -1), (bare[end:], 0)):
            if keys := self._causes(text):
                return keys[nearest]
        return None

    def _origins(self) -> Iterator[str]:
        for kind, words_ in ORIGINS:
            for match in re.finditer(words_, self.text):
                if not self._came_from(match.start(), kind, None):
                    yield words_

    def _came_from(self, at: int, kind: str, ago: float | None) -> bool:
        """Whether the name nearest before `at`, else the first after it, came from there."""
        before, after = ([p for p in self.listed(text) if self.ledger.is_source(self.key(self.mentions[p]))]
                         for text in (self.text[:at], self.text[at:]))
        place = before[-1] if before else after[0] if after else None
        key = None if place is None else self.key(self.mentions[place])
        return any(r.label == kind and r.number == ago and key_of(r.subject) == key for r in self.ledger.matching("source"))

    # numbers

    def _numbers(self) -> Iterator[str]:
        for match in re.finditer(r"<n(\d+)>", self.text):
            number = self.numbers[int(match[1])]
            if not self._is_backed(number, match.start(), self.text[: match.start()], self.text[match.end() :]):
                yield f"number: {number.text}"

    def _is_backed(self, number: Number, at: int, before: str, after: str) -> bool:
        value = number.value
        if number.ordinal:
            return self._ranked(value, at, before, after)
        if after.startswith("%"):
            return self._share(value, at, at + after.index("%"))
        if after.startswith("分钟"):
            return self.ledger.measured(value, "minutes", self._subjects(at))
        if after.startswith("条消息前"):
            return self._came_from(at, "ago", value)
        if after.startswith("分") or "." in number.text:
            return self._scored(value, at, before)
        if after.startswith("年"):
            return self.ledger.measured(value, "year", self._subjects(at))
        return any(r.kind == "count" and r.number == value and r.unit in MEASURES.get(after[:1], ()) for r in self.ledger.rows)

    def _share(self, value: float, at: int, end: int) -> bool:
        key = self._cause_near(at, end)
        if key is None:
            return False
        if "淡" in self.text:
            return any(r.number == value and key_of(r.subject) == key for r in self.ledger.matching("recency"))
        sign = -1 if "减分" in self.text and value >= 0 else 1
        return any(r.number == sign * value for r in self.ledger.shares(key, self._subjects(at)))

    def _scored(self, value: float, at: int, before: str) -> bool:
        film = re.search(rf"给({M})[加减]$", before)
        subjects = [self.mentions[self.listed(film[1])[0]].key] if film else self._subjects(at)
        value = -value if before.endswith("减") else value
        return self.ledger.scored(value + 0.0, self._cause_near(at, at), subjects, of_film=film is not None)

    def _ranked(self, value: float, at: int, before: str, after: str) -> bool:
        when = "before" if before.endswith("从第") else "after" if before.endswith("到第") else None
        behind = re.match(rf"<n\d+>(?:位|名)?的是({M})", self.text[at:])
        subjects = [self.mentions[self.listed(behind[1])[0]].key] if behind else self._subjects(at)
        return self.ledger.ranked(value, when, subjects)

    def _moves(self) -> Iterator[str]:
        """升 is to a smaller rank, 降 to a larger one."""
        for match in re.finditer(r"从第<n(\d+)>位(升|降)到第<n(\d+)>位", self.text):
            before, after = (self.numbers[int(match[n])].value for n in (1, 3))
            if (match[2] == "升") != (after < before):
                yield match[2]

    # words

    def _words(self) -> Iterator[str]:
        bare = re.sub(r"<[mn]\d+>|·+", "\n", self.rest)
        for stretch in re.findall(rf"[{HAN}A-Za-zÀ-ɏ0-9]+", bare):
            if not _is_plain(stretch):
                yield f"word: {stretch}"


@lru_cache(maxsize=4096)
def _is_plain(stretch: str) -> bool:
    """Whether a stretch of text can be cut into words that state nothing."""
    reached = {0}
    for end in range(1, len(stretch) + 1):
        if any(stretch[start:end] in WORDS for start in reached):
            reached.add(end)
    return len(stretch) in reached
