"""From the words of a message to things of the catalog: films, people, genres, numbers, picks.

The linker finds spans and what they may refer to. It does not decide what is said about
them, nor whether a span that could be a title is one: the model reads the marked message
and labels each span, "none" included.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from assistant import lexicon
from assistant.chinese import Chinese
from assistant.chinese_lexicon import BLANK, HAN, as_english, has_chinese, latin
from assistant.lexicon import NUMBER_WORD, fold, number
from assistant.references import pick_references
from assistant.state import DialogueState
from store.catalog import Catalog

MAX_TITLE_TOKENS = 12
SMALL_WORDS = frozenset("the a an of and in on to for part".split())
GENERIC_TITLE_WORDS = frozenset(
    "movie movies film films story stories scary love comedy drama horror the a an american teen epic date disaster not another "
    "romantic documentary thriller western musical mystery sequel prequel remake original part chapter vol volume trilogy series".split()
)
NAMING = frozenset(
    "love loved loves like liked likes hate hated hates enjoy enjoyed watch watched see saw seen rewatch rewatched than dislike "
    "disliked adore adored called named".split()
)
"""Words that a title follows even where it is made of everyday ones."""
MOVIES = frozenset("movie movies film films flick flicks one ones".split())
SPEAKING_OF = frozenset(
    "like liked likes love loved loves hate hated hates enjoy enjoyed enjoying watch watched watching see saw seen about than "
    "adore adored recommend suggest dislike disliked rewatched rewatch and or with is was why not no if mentioned film movie "
    "called named than over but though vs versus between remove forget drop undo have got find".split()
)
ARTICLE_BEFORE = frozenset(
    "a an some any no more too very really so something anything someone good great nice bad another pretty kinda bit "
    "little much not bit of my your his her their our quite super nothing less".split()
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message and what it may refer to.

    start, end: character offsets in the message. text: the words there.
    kind: "film", "pick", "person", "genre", "keyword", "decade", "language", "year", "years",
        "runtime", "length", "age", "rating" or "words" (unlinked words that may name something).
    refs: candidate ids or catalog values; several for a film whose name is not unique (any of them
        is meant), for picks (all of them are meant) and for words such as "romcom" (all).
    value: the number of a year, years, runtime (minutes) or rating (0-10).
    """

    start: int
    end: int
    text: str
    kind: str
    refs: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    raw: str
    norm: str


def tokens(text: str) -> list[Token]:
    """The words of `text` with their offsets; hyphens split, apostrophes do not; Chinese is apart from letters."""
    found = []
    for match in re.finditer(rf"[^\W{HAN}]+(?:['’][^\W{HAN}]+)*|[{HAN}]+", text):
        norm = fold(match.group())
        if norm:
            found.append(Token(match.start(), match.end(), match.group(), norm.replace(" ", "")))
    return found


def marked(text: str, spans: Iterable[Span]) -> str:
    """The message as the model reads it: each span as "[kind words]"."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.kind} {text[span.start : span.end]}]"]
        at = span.end
    return " ".join("".join([*parts, text[at:]]).split())


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


class Linker:
    """Finds the spans of a message. Built once for a catalog (about half a second), then read-only."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.titles = TitleIndex.of(catalog)
        self.people = PersonIndex.of(catalog)
        self.chinese = Chinese(catalog)
        for name in self.people.full.keys() & self.titles.alias.keys():
            del self.titles.alias[name]  # "stanley kubrick" is the man, not "Stanley Kubrick: A Life in Pictures"
        self.keywords = self._keyword_index(catalog)
        self.languages = catalog.values("language")
        self._english = lexicon.english_words()
        vocabulary = {w for w, n in self.titles.words.items() if n >= 15 and len(w) >= 4} | set(self.people.words)
        self._vocabulary = sorted(w for w in vocabulary if not w.isdigit())
        self._own_words = (
            {w for phrase in (*lexicon.GENRE_WORDS, *lexicon.LANGUAGE_WORDS, *lexicon.DECADE_WORDS, *lexicon.AGE_WORDS,
                              *lexicon.LENGTH_WORDS, *self.keywords) for w in phrase.split()}
        )

    @staticmethod
    def _keyword_index(catalog: Catalog) -> dict[str, str]:
        values = catalog.values("keyword")
        index: dict[str, str] = {}
        for value, count in values.items():
            key = fold(value)
            if count >= 4 and key not in lexicon.NOT_KEYWORDS and len(key) > 2:
                index[key] = value
                if not key.endswith("s"):
                    index.setdefault(key + "s", value)
        for phrase, value in lexicon.KEYWORD_SYNONYMS.items():
            if value in values:
                index[phrase] = value
        return index

    def link(self, text: str, state: DialogueState | None = None) -> tuple[Span, ...]:
        """The spans of `text`, left to right, none overlapping. `state` resolves references to picks."""
        words, whole, text = tokens(text), text, latin(text)
        found: list[tuple[int, Span]] = [*self.chinese.find(whole, state), *((9, s) for s in _numbers(text))]
        ratings = [s for _, s in found if s.kind == "rating"]
        found += [(8, Span(a, b, text[a:b], "pick", tuple(str(i) for i in ids)))
                  for a, b, ids in pick_references(text, state, self.catalog)]
        found += [(7, s) for s in self._films(text, words, state, ratings)]
        found += [(6, s) for s in self._people(text, words)]
        found += [(5, s) for s in self._phrases(text, words)]
        spans = _without_overlaps(found)
        spans += _unlinked_words(text, words, spans, self)
        if text != whole:
            spans = [replace(s, text=whole[s.start : s.end]) for s in spans]
        return tuple(sorted(spans, key=lambda s: s.start))

    def nearest_titles(self, text: str, n: int = 3) -> list[int]:
        """The catalog's films whose names are most like `text`, best first; may be empty."""
        if has_chinese(text):
            return self.chinese.nearest(text, n)
        key = fold(text)
        if not key:
            return []
        hits = process.extract(key, self.titles.full.keys(), scorer=fuzz.WRatio, limit=4 * n, score_cutoff=60)
        ranked = sorted(hits, key=lambda h: (-round(h[1] / 5), -self.titles.fame[self.titles.full[h[0]][0]]))
        return list(dict.fromkeys(self.titles.full[name][0] for name, _, _ in ranked))[:n]

    # films

    def _films(self, text: str, words: list[Token], state: DialogueState | None, ratings: list[Span]) -> Iterator[Span]:
        norms = [self._mended(w) for w in words]
        ampersand = "&" in text
        for i in range(len(words)):
            if text[words[i].start] == BLANK:
                continue
            for j in range(min(len(words), i + MAX_TITLE_TOKENS), i, -1):
                if any(words[i].start < r.end and words[j - 1].end > r.start for r in ratings):
                    continue
                start, end = words[i].start, words[j - 1].end
                exact = [w.norm for w in words[i:j]]
                if ampersand and "&" in text[start:end]:
                    exact = fold(text[start:end]).split()
                ids = self._lookup(norms[i:j], exact)
                if not ids or not self._may_be_title(text, words, i, j) or self._is_mere_likeness(norms[i:j], exact, ids):
                    continue
                start, end, ids = self._with_neighbours(text, words, i, j, start, end, ids, " ".join(norms[i:j]))
                if ids and end == words[j - 1].end and (longer := self._end_of_longer_name(text, end, ids[0])):
                    end, ids = longer, []
                ids = _known_first(ids, state)
                yield Span(start, end, text[start:end], "film" if ids else "words", tuple(str(x) for x in ids))
                break

    def _end_of_longer_name(self, text: str, end: int, item_id: int) -> int | None:
        """Where the name that a title ending at `end` only begins really ends: "Deadpool 2", "Alien: Covenant"."""
        found = SEQUEL.match(text, end)
        if not found and not re.search(": | - ", self.titles.name[item_id]):
            found = SUBTITLE.match(text, end)
        return found.end() if found else None

    def _is_mere_likeness(self, norms: list[str], exact: list[str], ids: list[int]) -> bool:
        """A single word that is a title only once it is mended, and of a film few know: "sappy" is not "Happy"."""
        return len(norms) == 1 and norms != exact and self.titles.fame[ids[0]] < 50

    def _mended(self, word: Token) -> str:
        """The word, or the title or surname word it is a misspelling of."""
        norm = word.norm
        if len(norm) < 5 or has_chinese(norm) or norm in self._english or norm in EVERYDAY or norm in self.titles.words or norm in self._own_words or norm.isdigit():
            return norm
        if norm in self.people.words or any(c.isdigit() for c in norm):
            return norm
        hit = process.extractOne(norm, self._vocabulary, scorer=fuzz.ratio, score_cutoff=80)
        return hit[0] if hit else norm

    def _lookup(self, norms: list[str], exact: list[str]) -> list[int]:
        key, raw = " ".join(norms), " ".join(exact)
        for candidate in (raw, key):
            if ids := self.titles.find(candidate):
                return ids
        if len(norms) <= 3 and (name := self.titles.squeezed.get("".join(exact))):
            return self.titles.find(name)
        numbered = " ".join(lexicon.ROMAN.get(w, w) if n else w for n, w in enumerate(norms))
        if numbered != key and (ids := self.titles.find(numbered)):
            return ids
        if len(norms) > 2 and norms[0] not in SMALL_WORDS and norms[-1] not in SMALL_WORDS:
            content = [w for w in norms if w not in SMALL_WORDS]
            if 2 <= len(content) < len(norms) and (ids := self.titles.find(" ".join(content))):
                return ids
        if 3 <= len(norms) <= 6:
            for n, word in enumerate(norms):
                if len(word) >= 4 and word not in self._english and (ids := self.titles.nearly(norms, n)):
                    return ids
        return []

    def _may_be_title(self, text: str, words: list[Token], i: int, j: int) -> bool:
        """False where plain words happen to spell a title: "a scary movie", "i loved it", "come and see"."""
        span = words[i:j]
        norms = [w.norm for w in span]
        before = as_english(words[i - 1].norm) if i else ""
        quoted = text[span[0].start - 1 : span[0].start] in ('"', "“", "'", "‘", "«", "*")
        year_after = bool(re.match(r"\s*\((19|20)\d\d\)", text[span[-1].end :]))
        if quoted or year_after:
            return True
        after = words[j].norm if j < len(words) else ""
        key = " ".join(norms)
        shouting = _is_shouting(text)
        capital = all(w.raw[0].isupper() or w.raw[0].isdigit() or w.norm in SMALL_WORDS for w in span)
        capital = capital and span[0].raw[0].isupper() and not shouting
        mid_sentence = i > 0 and not re.search(r"[.!?]\s*$", text[: span[0].start])
        plain = all(n in self._english or n in EVERYDAY or n.isdigit() for n in norms)
        why_not = before == "not" and i > 1 and words[i - 2].norm == "why"
        if key in ("it", "i", "you", "them"):
            return capital and mid_sentence and (before in NAMING or before in ("and", "or", "about")) and key != "i"
        genre = re.sub("^(a|an|the) ", "", key) in lexicon.GENRE_WORDS
        if genre or all(n in GENERIC_TITLE_WORDS for n in norms):
            return capital and mid_sentence and len(norms) > 1 or before in NAMING and not genre and norms[0] not in ("a", "the")
        if len(norms) == 1 and norms[0].isdigit():
            return before in NAMING or before in ("film", "movie") or not before and after in ("was", "is")
        described = after in MOVIES and before != "the" and (key in self.keywords or key in self._own_words)
        if not capital and (described or key in lexicon.AGE_WORDS or key in lexicon.KEYWORD_SYNONYMS and len(norms) > 1):
            return False
        if not plain:
            return True
        fame = max((self.titles.fame[i] for i in self.titles.find(key) or self._lookup(norms, norms)), default=0)
        content = [n for n in norms if n not in SMALL_WORDS and n not in EVERYDAY]
        if capital and mid_sentence:
            listed = before in SPEAKING_OF or before in ("of", "try", "out", "then") or text[: span[0].start].rstrip().endswith(",")
            if len(norms) > 1:
                return bool(listed or content or fame >= 20)
            return bool(listed or content) and not _in_a_longer_name(text, words, i)
        closed = not after or not re.match(r"\s+\w", text[span[-1].end :]) or after in CLOSING
        rejected = before == "not" and (norms[0] == "the" or closed and fame >= 50)
        if before in ARTICLE_BEFORE and not why_not and not rejected:
            return len(content) >= 3 or len(content) == 2 and fame >= 50
        if content:
            return len(norms) > 1 or fame >= 3 and (before in SPEAKING_OF or not before or fame >= 20)
        if len(norms) == 1:
            return before in NAMING and closed and fame >= 20 and key not in NOT_WORDS
        if not capital and all(n in NOT_WORDS for n in norms):
            return False
        well_known = fame >= 50 and sum(n not in SMALL_WORDS for n in norms) >= 2
        return well_known or capital or before in NAMING or after in ("was", "is") and not before or closed and fame >= 20 and before in ("", "and", "or")

    def _with_neighbours(self, text: str, words: list[Token], i: int, j: int, start: int, end: int, ids: list[int], key: str):
        """Widens a title by a year or an ordinal beside it, which choose among films: "the first matrix", "heat (1995)"."""
        after = re.match(r",?\s*[(\[]?((?:19|20)\d\d)[)\]]?(?=\W|$)", text[end:])
        if after and not re.match(r"\s*[(\[]?(19|20)\d\d\s*[-–]", text[end:]):
            year = int(after.group(1))
            same = self._all_named(key)
            chosen = [x for x in same if abs(self.titles.year[x] - year) <= 1]
            chosen.sort(key=lambda x: abs(self.titles.year[x] - year))
            if chosen:
                return start, end + after.end(), chosen[:1]
            if "(" in after.group():
                return start, end + after.end(), []
        k = i - 1
        if k >= 0 and re.fullmatch(r"(19|20)\d\d", words[k].norm):
            chosen = [x for x in self._all_named(key) if self.titles.year[x] == int(words[k].norm)]
            if chosen:
                return words[k - 1].start if k and words[k - 1].norm == "the" else words[k].start, end, chosen[:1]
        ordinal = lexicon.ORDINALS.get(words[k].norm) if k >= 0 else None
        if k >= 0 and words[k].norm in ("original", "last", "latest", "newest", "oldest"):
            ordinal = {"original": 1, "oldest": 1}.get(words[k].norm, -1)
        if ordinal:
            series = self.titles.series(key)
            if len(series) > 1 and ordinal <= len(series):
                chosen_id = series[ordinal - 1] if ordinal > 0 else series[-1]
                first = k - 1 if k and words[k - 1].norm == "the" else k
                return words[first].start, end, [chosen_id]
        return start, end, ids

    def _all_named(self, key: str) -> list[int]:
        bare = re.sub(r"^(the|a|an) ", "", key)
        return list(dict.fromkeys(
            (*self.titles.full.get(key, ()), *self.titles.alias.get(key, ()), *self.titles.alias.get(bare, ()), *self.titles.full.get(bare, ()))
        ))

    # people and features

    def _people(self, text: str, words: list[Token]) -> Iterator[Span]:
        norms = [self._mended(w) for w in words]
        for i in range(len(words)):
            for j in range(min(len(words), i + 5), i, -1):
                key = " ".join(norms[i:j])
                name = self.people.full.get(key) or (self.people.surname.get(key) if j - i <= 2 else None)
                if not name:
                    continue
                surname_only = key not in self.people.full
                if surname_only and not self._may_be_surname(words, i, j):
                    continue
                yield Span(words[i].start, words[j - 1].end, text[words[i].start : words[j - 1].end], "person", (name,))
                break

    def _may_be_surname(self, words: list[Token], i: int, j: int) -> bool:
        word, before = words[i], words[i - 1].norm if i else ""
        cue = before in ("by", "with", "directed", "starring", "from", "director", "actor", "actress", "mr", "of")
        mended = word.norm not in self.people.surname and len(word.norm) < 6
        if mended or word.norm in self._english or word.norm in self._own_words or word.norm in EVERYDAY or len(word.norm) < 4:
            return cue and word.raw[0].isupper()
        return True

    def _phrases(self, text: str, words: list[Token]) -> Iterator[Span]:
        """Genres, languages, lengths, ages, keywords: looked up as phrases of up to four words."""
        for i in range(len(words)):
            for j in range(min(len(words), i + 4), i, -1):
                key = " ".join(w.norm for w in words[i:j])
                start, end = words[i].start, words[j - 1].end
                span = self._phrase(key, words[i - 1].norm if i else "", words[j].norm if j < len(words) else "")
                if span and not (span[0] in ("age", "length") and _ends_a_limit(words, i)):
                    yield Span(start, end, text[start:end], span[0], span[1])
                    break

    def _phrase(self, key: str, before: str, after: str) -> tuple[str, tuple[str, ...]] | None:
        if key == "foreign" or key == "subtitled":
            return "language", ("!en",)
        if key in lexicon.GENRE_WORDS:
            return "genre", lexicon.GENRE_WORDS[key]
        if key in lexicon.LANGUAGE_WORDS:
            return "language", (lexicon.LANGUAGE_WORDS[key],)
        if key in lexicon.LENGTH_WORDS:
            if after == "than" or before in ("hour", "hours", "hr", "hrs", "h", "minute", "minutes", "min", "mins"):
                return None
            if key in ("long", "longer") and (before in ("how", "as", "so") and after in ("as", "ago", "is", "have", "time") or after == "time"
                                              or before in ("no", "any") and after != "films"):
                return None
            return "length", (lexicon.LENGTH_WORDS[key],)
        if key in lexicon.AGE_WORDS:
            if after == "than":
                return None
            if key in ("old", "older") and before in ("year", "years", "yr", "yrs", "yo") or after in ("york", "zealand", "orleans"):
                return None
            return "age", (lexicon.AGE_WORDS[key],)
        if key in self.keywords:
            return "keyword", (self.keywords[key],)
        return None


EVERYDAY = frozenset(
    "it up her him us them me you i we he she they this that these those one two three what who how why when where which the a an "
    "go be big once ran next signs way out in on off over under best good bad great fine nice more less most some any all other "
    "new old long short something nothing anything everything someone somebody time day night life man woman men women boy girl "
    "kids friends home house family story movie film show and or but so not no yes yeah ok okay now then here there never always "
    "again see saw seen watch look take give get got have has had do does did make made want need like love hate think know feel "
    "first second third last few little much many other another same different dad mom wife husband brother sister son daughter "
    "after before since until about with without from by for to of at as if only just even also too very really please thanks thank "
    "hello hi hey sorry wait stop back down happy sad fun funny scary free right wrong real true false real deal work play cool hot "
    "super sure maybe tonight today tomorrow yesterday weekend summer winter holiday ever still while because people person thing "
    "things kind sort type bit lot lots stuff idea list name names star stars anyone wanted mine everyone fast slow quick smart "
    "weird strange crazy silly crime horror drama comedy action western musical fantasy romance thriller mystery war animation "
    "notes network rent fame hope change trust enough red blue black white blow spun hook gift duel safe "
    "my your his their our mine yours be been am are was were will would could should can cant dont didnt isnt doesnt wont "
    "accepted adventure animal beyond believe bored boring bound character class club college contact content control "
    "cool country crowd crush cure edge election end ending epic exam extra fan fans faves fav favs favorite favourite field fall "
    "following front game games general giant help helpful host hour hours idea instinct instructions interested interesting into "
    "job joke keen kid killer killing king knowing limit lookout lot m mask max maximum min tops matter miss missing moment "
    "monster mother neighbors news nowhere nuts number office others past perfect performance person plot point prefer pretty "
    "problem proof question questions quiet random reader ready relationship room rush sappy girlie subtitles school score "
    "sense sequel serious series shame singles soon sound sounds soundtrack style sweet table taste team together touch "
    "town trailer treat tree trip trouble truth type understand use used useful usual version view visit waiting walk wall water "
    "way ways week well whatever wild wish wit word words world worth year years young car cars box hunt train vacation stick "
    "meatballs lately later earlier less least longer longest shortest latest any anymore everybody nobody none picks im ive oh "
    "let if may o w merry christmas always made rest beginning boy conversation future hype separation impossible alive oscar queen "
    "bye goodbye ill id its hope enjoy awesome wonderful hmm mr us which yourself talking cast tell looking original amazing yep nope "
    "suggestion suggestions recommendation recommendations recommend suggest those them historical morning evening fantastic chatting "
    "thats theres whats lets heard going got having haha lol dear exactly actually definitely sounds welcome guy guys "
    "previews problem could shall might must whose both each every between during such youre theyre hes shes".split()
)
"""Words so common that alone, in lower case, they are not a title."""


def _ends_a_limit(words: list[Token], i: int) -> bool:
    """Whether the word at `i` belongs to the number before it: "1999 or newer", "2h or longer"."""
    return i > 1 and words[i - 1].norm in ("or", "and") and bool(re.search(r"\d|^(?:hours?|min|mins|minutes?)$", words[i - 2].norm))


CLOSING = frozenset("and or but was is were are too though tho last yesterday today tonight now already again please pls".split())
"""What may follow a title made of everyday words."""
SEQUEL = re.compile(
    r" (?:[2-9]|ii|iii|iv|2049|vol(?:\.|ume)? [2-9])\b"
    r"(?! ?(?:/|[.:]\d|%|times?|hours?|hrs?|h\b|stars?|out of|min|years?|days?|weeks?|nights?|movies|films|and a half))", re.I)
SUBTITLE = re.compile(r": [A-Z][\w'’-]+(?: (?:(?:of|the|and|in|to|a|for) )*[A-Z][\w'’-]+)*")
"""The number or the subtitle of a film that the catalog lacks: "Deadpool 2" is not "Deadpool"."""


def _in_a_longer_name(text: str, words: list[Token], i: int) -> bool:
    """Whether the capitalised word at `i` stands among others in one name: "Red Sparrow", "the Coen Brothers"."""
    def joined(a: int, b: int) -> bool:
        return text[words[a].end : words[b].start] == " " and words[b].raw[0].isupper() and words[a].raw[0].isupper()

    if i + 1 < len(words) and joined(i, i + 1) and len(words[i + 1].raw) > 1 and words[i + 1].norm not in EVERYDAY:
        return True
    if i > 1 and words[i - 1].norm == "of":
        return words[i - 2].raw[0].isupper()
    return i > 1 and joined(i - 1, i) and (
        words[i - 1].norm == "the" or words[i - 1].norm not in SPEAKING_OF and words[i - 1].norm not in NOT_WORDS)


def _is_shouting(text: str) -> bool:
    """Whether capitals say nothing: "I LOVED HEAT", "Heat Was Great". Beside Chinese they do."""
    return (text.isupper() or text.istitle()) and BLANK not in text


def _known_first(ids: list[int], state: DialogueState | None) -> list[int]:
    """Of several films of one name, the one already talked about is meant, if there is exactly one."""
    if state is None or len(ids) < 2:
        return ids
    known = {r.item.id for r in state.slate} | {p.item_id for p in state.profile.items} | {state.focus}
    if state.pending:
        known |= set(state.pending.candidates) if len(set(state.pending.candidates) & set(ids)) == 1 else set()
    talked = [i for i in ids if i in known]
    return talked if len(talked) == 1 else ids


def _numbers(text: str) -> Iterator[Span]:
    """Ratings, runtimes, years back, decades, years."""
    low = text.lower()

    def span(match: re.Match, kind: str, value: float, group: int | str = 0, refs: tuple[str, ...] = ()) -> Span:
        return Span(match.start(group), match.end(group), text[match.start(group) : match.end(group)], kind, refs, value)

    for m in re.finditer(r"(?<![\d/])(\d+(?:\.\d+)?)\s?(?:/|out of)\s?(10|5|100)(?![\d/])", low):
        scale = float(m.group(2))
        if float(m.group(1)) <= scale:
            yield span(m, "rating", 10 * float(m.group(1)) / scale)
    for m in re.finditer(rf"\b({NUMBER_WORD}(?:[ -]and[ -]a[ -]half)?)[ -]?stars?\b", low):
        stars = number(re.sub(r"[ -]and[ -]a[ -]half", "", m.group(1)))
        if stars is not None and stars <= 10:
            stars += 0.5 if "half" in m.group(1) else 0
            yield span(m, "rating", stars * (2 if stars <= 5 else 1))
    for m in re.finditer(r"[★⭐]+", text):
        yield span(m, "rating", 2.0 * min(5, len(m.group())))
    hours = rf"({NUMBER_WORD})( and a half)?(?:[ -]?(?:hours?|hrs?)|(?<=\d) ?h)\b(?:(?: and)?[ -]?(?:(a half)|({NUMBER_WORD})[ -]?(?:minutes?|mins?|min|m)?\b))?"
    for m in re.finditer(rf"\b{hours}|\bhalf an hour\b|\b(\d)h(\d\d)\b", low):
        if m.group().startswith("half an"):
            yield span(m, "runtime", 30)
        elif m.group(5):
            yield span(m, "runtime", 60 * int(m.group(5)) + int(m.group(6)))
        else:
            whole = number(m.group(1))
            extra = 30 if m.group(2) or m.group(3) else number(m.group(4) or "0")
            if whole is not None and extra is not None and 0 < whole <= 10:
                yield span(m, "runtime", 60 * whole + extra)
    for m in re.finditer(rf"\b({NUMBER_WORD}(?:[ -](?:{'|'.join(lexicon.ONES)}))?)[ -]?(?:minutes?|mins?)\b", low):
        minutes = number(m.group(1).replace("-", " "))
        if minutes and minutes >= 20:
            yield span(m, "runtime", minutes)
    for m in re.finditer(rf"\b({NUMBER_WORD})[ -]?(?:years?|yrs?)\b(?! old (?:kid|son|daughter|boy|girl|child|niece|nephew))", low):
        back = number(m.group(1))
        if back and back <= 100:
            yield span(m, "years", back)
    yield from _decades_and_years(low, span)


def _decades_and_years(low: str, span) -> Iterator[Span]:
    for m in re.finditer(r"(?<!\w)['’]?(?:(19|20)?(\d)0)['’]?s\b", low):
        tens = int(m.group(2)) * 10
        century = int(m.group(1)) * 100 if m.group(1) else (1900 if tens >= 20 else 2000)
        yield span(m, "decade", century + tens, refs=(f"{century + tens}s",))
    words = "|".join(lexicon.DECADE_WORDS)
    for m in re.finditer(rf"\b({words})\b", low):
        start = lexicon.DECADE_WORDS[m.group(1)]
        yield span(m, "decade", start, refs=(f"{start}s",))
    cue = r"(?:before|after|since|from|in|between|than|until|till|and|to|pre|post|of|around|year|or|circa|by)[ -]"
    for m in re.finditer(r"(?<![\w$(])(?P<year>(?:18[89]|19\d|20[0-4])\d)(?![\w)]|\s?(?:min|hour))", low):
        cued = re.search(cue + r"$", low[: m.start()]) or lexicon.limit("year", "", low[m.end() :])
        if cued or m.group("year") not in ("1984", "2001", "2012", "1917", "1900", "1941", "2010"):
            yield span(m, "year", int(m.group("year")), "year")
    for m in re.finditer(rf"(?:{cue})['’](?P<year>\d\d)\b", low):
        short = int(m.group("year"))
        yield span(m, "year", short + (1900 if short > 25 else 2000), "year")


def _without_overlaps(found: list[tuple[int, Span]]) -> list[Span]:
    """The longest span wins where two overlap, of equally long ones the surer kind; "3/10" is never part of "Alien 3"."""
    kept: list[Span] = []
    for _, span in sorted(found, key=lambda f: (f[1].kind != "rating", -(f[1].end - f[1].start), -f[0], f[1].start)):
        if all(span.end <= k.start or span.start >= k.end for k in kept):
            kept.append(span)
    return kept


CUES = re.compile(
    r"\b(?:(?P<weak>not|have|got|like|about)|loved?|liked|likes|hated?|enjoyed|enjoy|watched|seen|saw|adored?|disliked?|rewatched|called|named|"
    r"recommend|involving|featuring|set in|similar to|remove|forget)\s+", re.I)
"""What a name may follow; after a weak one everyday English more often goes on."""
NOT_WORDS = frozenset(
    "it them that this those these you me him her us the a an to of my your some any all more most one ones something anything "
    "everything nothing what how when where why who which if in on at for with and or but so too very really much lot lots been "
    "i he she they we not no yes movies films movie film watching seeing being going having having really as is was be ever yet "
    "already before again long short better best enough either neither both sort kind few many only just good great nice bad none "
    "other others another else different than older newer new old never always sure now stuff things thing ideas idea time picks pick list "
    "seen saw watched loved liked hated like love hate see watch fan fans keen interested into sad boring bored expected instructions "
    "heard said told asked got get give show want wanted need think know mentioned later earlier today tonight yesterday "
    "im ive id ill dont didnt cant wont isnt wasnt havent doesnt can could would should do does did has had have are were will".split()
)
INSIDE_NAMES = frozenset("of the a an movie film".split())
"""Function words that a run of name words goes on over, though it neither begins nor ends with them."""
LEADING = frozenset("a an the some that this my".split())
STOPS = frozenset("please pls though tho lol because thanks last".split())
MAX_RUN = 8


def _unlinked_words(text: str, words: list[Token], spans: list[Span], linker: Linker) -> list[Span]:
    """Stretches that nothing in the catalog matches but that may be a title or a wish: quoted, capitalised, or after a cue."""
    taken = [(s.start, s.end) for s in spans]
    found: list[Span] = []

    def add(start: int, end: int) -> None:
        if end - start >= 2 and all(end <= a or start >= b for a, b in taken):
            found.append(Span(start, end, text[start:end], "words"))
            taken.append((start, end))

    for m in re.finditer(r"[\"“«]([^\"”»]{2,60})[\"”»]", text):
        add(m.start(1), m.end(1))
    if not _is_shouting(text):
        for m in re.finditer(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][\w'’-]+|[A-Z0-9]{2,})(?:\s+(?:of|the|and|in|to|a|at|on|for|from|with)?\s*(?:[A-Z][\w'’-]+|\d+))*(?:\s*\((?:19|20)\d\d\))?", text):
            key = fold(m.group())
            said = all(w in EVERYDAY or w in NOT_WORDS for w in key.split()) or key.isdigit() and len(key) < 3
            named = " " in key and (text[: m.start()].lower().split() or [""])[-1] in NAMING
            if (named or not said) and key not in linker._own_words and key not in ("tv", "dvd", "netflix", "imdb"):
                add(m.start(), m.end())
    for m in CUES.finditer(text):
        run = _run_of_words(words, m.end(), taken)
        plain = all(w.norm in linker._english or w.norm in EVERYDAY for w in run)
        if run and not (plain and (m["weak"] in ("not", "have", "got") or all(w.norm in EVERYDAY for w in run))):
            add(run[0].start, run[-1].end)
    return found


def _run_of_words(words: list[Token], at: int, taken: list[tuple[int, int]]) -> list[Token]:
    """Up to MAX_RUN words from offset `at` that could be a name: stops at function words, spans and punctuation."""
    run: list[Token] = []
    for word in words:
        if word.start < at:
            continue
        gap = word.start - (run[-1].end if run else at)
        if gap > 1 or any(a <= word.start < b for a, b in taken) or len(run) == MAX_RUN:
            break
        if not run and word.norm in LEADING:
            at = word.end + 1
            continue
        if word.norm in NOT_WORDS and not (run and word.norm in INSIDE_NAMES) or run and word.norm in STOPS:
            break
        run.append(word)
    while run and (run[-1].norm in SMALL_WORDS or run[-1].norm in INSIDE_NAMES):
        run.pop()
    return run


