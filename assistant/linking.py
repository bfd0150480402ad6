"""From the words of a message to things of the catalog: films, people, genres, numbers, picks.

The linker finds spans and what they may refer to. It does not decide what is said about
them, nor whether a span that could be a title is one: the model reads the marked message
and labels each span, "none" included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from rapidfuzz import fuzz, process

from assistant import lexicon
from assistant.amounts import amounts
from assistant.chinese import Chinese
from assistant.chinese_lexicon import BLANK, as_english, has_chinese, latin
from assistant.indexes import PersonIndex, TitleIndex
from assistant.lexicon import EVERYDAY, GENERIC_TITLE_WORDS, SMALL_WORDS, fold
from assistant.nearest import NearestTitles
from assistant.references import pick_references
from assistant.spans import Span, Token, tokens, without_overlaps
from assistant.state import DialogueState
from store.catalog import Catalog

MAX_TITLE_TOKENS = 12
NAMING = frozenset(
    "love loved loves like liked likes hate hated hates enjoy enjoyed watch watched see saw seen rewatch rewatched than dislike "
    "disliked adore adored called named".split()
)
"""Words that a title follows even where it is made of everyday ones."""
BEARING_SUBTITLES = frozenset("no without with read reading hate dislike avoid skip zero".split())
"""Before "subtitles", which then stand for films in other languages; "are there subtitles" asks for a fact."""
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


class Linker:
    """Finds the spans of a message. Built once for a catalog (about a second), then read-only."""

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
                if re.search("[^aeiou]y$", key):
                    index.setdefault(key[:-1] + "ies", value)
        for phrase, value in lexicon.KEYWORD_SYNONYMS.items():
            if value in values:
                index[phrase] = value
        return index

    def link(self, text: str, state: DialogueState | None = None) -> tuple[Span, ...]:
        """The spans of `text`, left to right, none overlapping. `state` resolves references to picks."""
        words, whole, text = tokens(text), text, latin(text)
        found: list[tuple[int, Span]] = [*self.chinese.find(whole, state), *((9, s) for s in amounts(text))]
        ratings = [s for _, s in found if s.kind == "rating"]
        found += [(8, Span(a, b, text[a:b], "pick", tuple(str(i) for i in ids)))
                  for a, b, ids in pick_references(text, state, self.catalog)]
        films = list(self._films(text, words, state, ratings))
        found += [(7, s) for s in (*films, *self._further_parts(text, films))]
        found += [(6, s) for s in self._people(text, words)]
        found += [(5, s) for s in self._phrases(text, words)]
        spans = [s for s in without_overlaps(found) if not _of_a_series(text, s, films)]
        spans += _unlinked_words(text, words, spans, self)
        if text != whole:
            spans = [replace(s, text=whole[s.start : s.end]) for s in spans]
        return tuple(sorted(spans, key=lambda s: s.start))

    def nearest_titles(self, text: str, n: int = 3) -> list[int]:
        """The catalog's films whose names are near `text`, best first; often empty, see `nearest`."""
        if has_chinese(text):
            return self.chinese.nearest(text, n)
        return self._nearest.find(text, n)

    @cached_property
    def _nearest(self) -> NearestTitles:
        return NearestTitles(self.titles)

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
                if not ids or not self._may_be_title(text, words, i, j, _talked_about(ids, state)) or self._is_mere_likeness(norms[i:j], exact, ids):
                    continue
                start, end, ids = self._with_neighbours(text, words, i, j, start, end, ids, " ".join(norms[i:j]))
                if ids and end == words[j - 1].end and (longer := self._end_of_longer_name(text, end, ids[0])) and all(r.end <= start or r.start >= longer for r in ratings):
                    end, ids = longer, []
                ids = _known_first(ids, state)
                yield Span(start, end, text[start:end], "film" if ids else "words", tuple(str(x) for x in ids))
                break

    def _further_parts(self, text: str, films: list[Span]) -> Iterator[Span]:
        """The other numbers of "kill bill 1 and 2", "Toy Story 1, 2 and 3"."""
        for film in films:
            root, end = re.sub(r" ?(?:part |vol\.? |volume )?(?:[1-9]|i{1,3}|iv)$", "", film.text.lower()), film.end
            while root and (m := FURTHER_PART.match(text, end)):
                if ids := self._lookup(*2 * [[*fold(root).split(), m[1]]]):
                    yield Span(m.start(1), m.end(1), m[1], "film", tuple(str(i) for i in ids))
                end = m.end()

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
        if ids := self.titles.find(raw):
            return ids
        if len(norms) <= 3 and (name := self.titles.squeezed.get("".join(exact))):
            return self.titles.find(name)
        if ids := self.titles.find(key):
            return ids
        for table in (lexicon.ROMAN, SPELLED, FIGURES) if len(norms) > 1 else ():
            if table.keys().isdisjoint(norms):
                continue
            numbered = " ".join(table.get(w, w) if n or table is not lexicon.ROMAN else w for n, w in enumerate(norms))
            if numbered != key and (ids := self.titles.find(numbered)):
                return ids
        if len(norms) > 2 and norms[0] not in SMALL_WORDS and norms[-1] not in SMALL_WORDS:
            content = [w for w in norms if w not in SMALL_WORDS]
            if 2 <= len(content) < len(norms) and (ids := self.titles.find(" ".join(content))):
                return ids
        if 2 <= len(norms) <= 6:
            for n, word in enumerate(norms):
                if len(word) >= 4 and word not in self._english and word not in self._own_words and (len(norms) > 2 or word not in self.people.words) and (ids := self.titles.nearly(norms, n)):
                    return ids
        return []

    def _may_be_title(self, text: str, words: list[Token], i: int, j: int, talked: bool) -> bool:
        """False where plain words happen to spell a title: "a scary movie", "i loved it", "come and see".

        talked: the film is among the picks or in the profile, so that its name is more likely meant.
        """
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
        stressed = len(norms) == 1 and span[0].raw.isupper() and len(span[0].raw) > 2  # "i HATED it"
        capital = capital and span[0].raw[0].isupper() and not shouting and not stressed
        mid_sentence = i > 0 and not re.search(r"[.!?]\s*$", text[: span[0].start])
        closed = not after or not re.match(r"\s+\w", text[span[-1].end :]) or after in CLOSING
        plain = all(n in self._english or n in EVERYDAY or n.isdigit() for n in norms)
        why_not = before == "not" and i > 1 and words[i - 2].norm == "why"
        if key in ("it", "i", "you", "them"):
            return capital and mid_sentence and (before in NAMING or before in ("and", "or", "about")) and key != "i"
        genre = re.sub("^(a|an|the) ", "", key) in lexicon.GENRE_WORDS
        if not before and after in ("was", "is") and len(norms) > 1 and self._known(key) >= 20 and norms[-1] in MOVIES:
            return True
        if genre or all(n in GENERIC_TITLE_WORDS for n in norms):
            return capital and mid_sentence and len(norms) > 1 or before in NAMING and not genre and norms[0] not in ("a", "the")
        if len(norms) == 1 and norms[0].isdigit():
            compared = before == "than" or before == "like" and i > 1 and words[i - 2].norm == "more"
            closed = closed or after in ("i", "it", "that", "the", "which", "because", "when")
            return closed and not compared and before in NAMING or before in ("film", "movie") or not before and after in ("was", "is")
        described = after in MOVIES and before != "the" and (key in self.keywords or key in self._own_words)
        if not capital and (described or key in lexicon.AGE_WORDS or key in lexicon.KEYWORD_SYNONYMS and len(norms) > 1):
            return False
        if not capital and self._is_said_of_something_else(text, words, i, j, before) or self._is_a_name(words, i, j, before, capital and mid_sentence):
            return False
        if not mid_sentence and not (talked and after not in DETERMINERS) and not self._may_open(text, words, i, j):
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
        rejected = before == "not" and (norms[0] == "the" or closed and fame >= 50)
        if before in ARTICLE_BEFORE and not why_not and not rejected:
            return len(content) >= 3 or len(content) == 2 and fame >= 50
        if norms[0] in PRONOUNS and not capital and fame < 20 and before not in NAMING:
            return False
        if content and len(norms) > 1 and not capital and fame < 5 and len(content) == 1 and before:
            return before in SPEAKING_OF - MOVIES
        if content:
            return len(norms) > 1 or fame >= 3 and (before in SPEAKING_OF or not before or fame >= 20)
        if len(norms) == 1:
            judged = not before and after in ("was", "is") and fame >= 50
            return (judged or before in NAMING and closed and fame >= 20) and key not in NOT_WORDS
        if norms[0] in PRONOUNS and not capital and fame < 20 and before not in NAMING:
            return False
        if not capital and all(n in NOT_WORDS for n in norms):
            return False
        well_known = fame >= 50 and sum(n not in SMALL_WORDS for n in norms) >= 2
        return well_known or capital or before in NAMING or after in ("was", "is") and not before or closed and fame >= 20 and before in ("", "and", "or")

    def _is_said_of_something_else(self, text: str, words: list[Token], i: int, j: int, before: str) -> bool:
        """Whether lower-case words that spell a title are a place, a theme, an order or a person by the words beside them:
        "i live in brazil", "something with robots", "drop the limit", "the hitchcock stuff"."""
        key = " ".join(w.norm for w in words[i:j])
        earlier = words[i - 2].norm if i > 1 else ""
        if before in PLACING and (earlier in PLACED or earlier == "was" and i > 2 and words[i - 3].norm in ("i", "we")):
            return True
        if before in ("with", "involving", "featuring") or before == "about" and earlier in ABOUT_WHAT:
            return key in self.keywords
        if j - i > 1:
            return False
        if key in self._english and (not before or before in ORDERING) and j < len(words):
            ending = words[j].norm == "it" and j + 1 < len(words) and words[j + 1].norm in ("is", "was")
            return words[j].norm in DETERMINERS and not ending and text[words[i].end : words[j].start] == " "
        return False

    def _known(self, key: str) -> int:
        """Ratings of the best known film of this name."""
        return max((self.titles.fame[x] for x in self.titles.find(key)), default=0)

    def _is_a_name(self, words: list[Token], i: int, j: int, before: str, capital: bool) -> bool:
        """Whether a single word is rather somebody: a director who is better known than the film, "paul told me"."""
        key, after = words[i].norm, words[j].norm if j < len(words) else ""
        if j - i > 1 or after in MOVIES or before in ("film", "movie", "called", "named", "seen", "saw", "watch", "watched"):
            return False
        person = self.people.given.get(key) or self.people.surname.get(key)
        if person and key not in self._english and self._known(key) < min(5, self.people.count[person]):
            return True
        judged = before in NAMING or not before and after in ("", "is", "was", "and", "or")
        return key in self.people.firsts and self._known(key) < 20 and not judged and not capital

    def _may_open(self, text: str, words: list[Token], i: int, j: int) -> bool:
        """Whether one ordinary word or name that begins a sentence may be a title by what follows: "Crash was great",
        not "Crash course", "Speed it up", "Carrie, my wife"."""
        content = [w.norm for w in words[i:j] if w.norm not in SMALL_WORDS]
        name = content[0] in self.people.firsts if content else False
        if len(content) != 1 or not (name or content[0] in self._english or content[0] in EVERYDAY):
            return True
        rest = text[words[j - 1].end :]
        if name and re.match(r", (?:my|our|his|her|a|the) ", rest):
            return False
        if j == len(words) or not re.match(r"\s+\w", rest):
            return True
        after = words[j].norm
        judged = after.endswith("ed") and after not in SAYING
        if after == "it" and j + 1 < len(words):
            return words[j + 1].norm in ("is", "was")
        return judged or after in AFTER_TITLE or after.isdigit() or after in MOVIES or after in CLOSING and after != "last"

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
            if "(" in after.group() or ids and re.match(r"\s*(?:$|[.,;!?])", text[end + after.end() :]):
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
                name = self.people.full.get(key) or (self.people.surname.get(key) if j - i <= 2 else None) or self.people.given.get(key)
                if not name:
                    continue
                surname_only = key not in self.people.full and key not in self.people.given
                called = surname_only and i and len(words[i - 1].norm) > 2 and fold(name).startswith(words[i - 1].norm)  # "nic cage"
                if surname_only and not called and not self._may_be_surname(words, i, j):
                    continue
                first = i - 1 if called else i
                if key in self.people.given and j < len(words) and fuzz.ratio(words[j].norm, fold(name).split()[-1]) >= 70:
                    j += 1
                if surname_only and i and not called and text[words[i - 1].end : words[i].start] == " ":
                    given = words[i - 1].norm
                    if fuzz.ratio(given, fold(name).split()[0]) >= 70:
                        first = i - 1
                    elif self._is_given_name(given):
                        break  # "agatha christie" is not Julie Christie
                yield Span(words[first].start, words[j - 1].end, text[words[first].start : words[j - 1].end], "person", (name,))
                break

    def _is_given_name(self, word: str) -> bool:
        known = word in self.people.firsts or word not in self._english and word not in self.people.words and len(word) > 2
        return known and word not in EVERYDAY and word not in NOT_WORDS and word not in self._own_words and word not in NAMING and word not in SPEAKING_OF and word not in self.people.surname

    def _may_be_surname(self, words: list[Token], i: int, j: int) -> bool:
        word, before = words[i], words[i - 1].norm if i else ""
        if word.norm in self.people.firsts and j < len(words) and words[j].norm in TALKING:
            return False
        cue = before in ("by", "with", "directed", "starring", "from", "director", "actor", "actress", "mr", "of")
        mended = word.norm not in self.people.surname and len(word.norm) < 6
        if mended or word.norm in self._english or word.norm in self._own_words or word.norm in EVERYDAY or len(word.norm) < 4:
            named = before in NAMING and before not in ("see", "saw", "than", "watch") and self.people.count.get(self.people.surname.get(word.norm, ""), 0) >= 5
            return (cue or named and len(word.norm) > 3) and word.raw[0].isupper() and not word.raw.isupper() and not (j < len(words) and words[j].raw[0].isupper())
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
        if key in ("foreign", "subtitled") or key == "subtitles" and before in BEARING_SUBTITLES:
            return "language", ("!en",)
        if key in lexicon.GENRE_WORDS:
            return "genre", lexicon.GENRE_WORDS[key]
        if key in lexicon.LANGUAGE_WORDS:
            return "language", (lexicon.LANGUAGE_WORDS[key],)
        if key in lexicon.LENGTH_WORDS:
            if after == "than" or before in ("hour", "hours", "hr", "hrs", "h", "minute", "minutes", "min", "mins"):
                return None
            if key in ("long", "longer") and (before in ("how", "as", "so") and after in ("as", "ago", "is", "have", "time") or after == "time"
                                              or key == "longer" and before in ("no", "any") and after not in MOVIES):
                return None
            return "length", (lexicon.LENGTH_WORDS[key],)
        if key in lexicon.AGE_WORDS:
            if after == "than":
                return None
            if key in ("old", "older") and before in ("year", "years", "yr", "yrs", "yo") or after in ("york", "zealand", "orleans"):
                return None
            return "age", (lexicon.AGE_WORDS[key],)
        if key == "year" and after in ("doesnt", "doesn", "does", "dont", "isnt") and before not in ("last", "this", "next"):
            return "age", ("any",)
        if key in self.keywords:
            return "keyword", (self.keywords[key],)
        return None


def _of_a_series(text: str, span: Span, films: list[Span]) -> bool:
    """Whether a pick told by its place is one of a series: "terminator 2 was better than the first"."""
    if span.kind != "pick" or not re.search(r"\b(?:than|over|of) $", text[: span.start], re.I) or not re.match(r"the \w+$", span.text, re.I):
        return False
    return any(f.end <= span.start and re.search(r" (?:\d|i{2,3}|iv)$", f.text, re.I) for f in films)


def _ends_a_limit(words: list[Token], i: int) -> bool:
    """Whether the word at `i` belongs to the number before it: "1999 or newer", "2h or longer"."""
    return i > 1 and words[i - 1].norm in ("or", "and") and bool(re.search(r"\d|^(?:hours?|min|mins|minutes?)$", words[i - 2].norm))


SPELLED = {str(n): w for w, n in lexicon.ONES.items()} | {
    digits: word for digits, n in lexicon.ORDINALS.items() for word, m in lexicon.ORDINALS.items() if n == m and digits[0].isdigit() and word.isalpha()}
FIGURES = {w: str(n) for w, n in lexicon.ONES.items()}
"""A number in a title written the other way: "the 5th element", "apollo thirteen"."""
PLACING = frozenset("in from to near around at".split())
PLACED = frozenset("live lives lived living born im am are we're were set based go going went moved move trip travelled traveled been stay stayed back stuck here".split())
"""Words before "in" or "from" after which a name is a place: "set in chicago", "im from brazil"."""
ABOUT_WHAT = MOVIES | frozenset("something anything stuff story stories nothing those documentary documentaries comedy drama thriller".split())
ORDERING = frozenset("and please pls then can you could just to lets dont".split())
PRONOUNS = frozenset("i im ill ive you we he she they its".split())
SAYING = frozenset("recommended suggested wanted asked loved hated liked mentioned watched called enjoyed needed".split())
TALKING = SAYING | frozenset("said told says thinks wants likes loves hates needs thought".split())
"""What people do, and films do not: "paul told me"."""
AFTER_TITLE = frozenset(
    "was is were isnt wasnt and or but vs versus with by from for of made had has looks sounds seems sucked sucks rocks rules the i it's please pls instead "
    "again too on because since if at in then not so what that which who really blew got gave kept didnt doesnt bores stars made should would will".split()
) - {"of"}
"""What may follow a title of one ordinary word at the beginning of a sentence."""
DETERMINERS = frozenset("the my that this these those all it me some any a an everything them your our his her".split())
"""What follows a verb, hardly a title: "drop the limit", "speed it up"."""
FURTHER_PART = re.compile(r"(?:,| and| &| or|, and) ?(?:part |vol\.? |volume |number )?([2-9])(?![\w:/.%]| ?(?:stars?|hours?|min|years?|of\b|more|other|movies|films|times|out|people|friends|kids))", re.I)
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


def _talked_about(ids: list[int], state: DialogueState | None) -> bool:
    """Whether one of these films is a pick or in the profile."""
    return state is not None and (any(r.item.id in ids for r in state.slate) or any(p.item_id in ids for p in state.profile.items))


def _known_first(ids: list[int], state: DialogueState | None) -> list[int]:
    """Of several films of one name, the one already talked about is meant, if there is exactly one."""
    if state is None or len(ids) < 2:
        return ids
    known = {r.item.id for r in state.slate} | {p.item_id for p in state.profile.items} | {state.focus}
    if state.pending:
        known |= set(state.pending.candidates) if len(set(state.pending.candidates) & set(ids)) == 1 else set()
    talked = [i for i in ids if i in known]
    return talked if len(talked) == 1 else ids


CUES = re.compile(
    r"\b(?:(?P<weak>not|have|got|like|about)|loved?|liked|likes|hated?|enjoyed|enjoy|watched|seen|saw|adored?|disliked?|rewatched|called|named|"
    r"recommend|involving|featuring|set in|similar to|remove|forget)\s+", re.I)
"""What a name may follow; after a weak one everyday English more often goes on."""
UNKNOWN_OPENING = re.compile(
    r"(?:(?:and|but|so|yeah|oh|well|i think|imo) )?((?:[\w'’:-]+ ){0,4}?[\w'’:-]{3,}) (?:was|is|were|sucks|sucked|rocks|made me|bored me) (?:\w+ ){0,2}(?:\w+)?", re.I)
"""What is judged at the beginning of a message: "barbie was fun"."""
NOT_WORDS = frozenset(
    "tbh imo ngl it them that this those these you me him her us the a an to of my your some any all more most one ones something anything "
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
STOPS = frozenset("tbh imo imho ngl btw please pls though tho lol because thanks last".split())
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
    if m := UNKNOWN_OPENING.match(text):
        run = [w for w in words if m.start(1) <= w.start < m.end(1)]
        function = [w for w in run if w.norm in NOT_WORDS and w.norm not in INSIDE_NAMES]
        ordinary = (linker._english, EVERYDAY, linker._own_words, lexicon.ORDINALS, linker.people.words)
        if run and not function and any(w.norm.isalpha() and not any(w.norm in some for some in ordinary) for w in run):
            add(m.start(1), m.end(1))
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


