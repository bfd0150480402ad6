"""Chinese in messages: films, people, wishes, numbers and references to picks, alone or between English words.

Works as the rest of the linker does: it says what words may refer to, never what is said about them. Chinese has no
spaces, so everything is found by its longest name and nothing is segmented. A message is compared in one form, its
characters one to one: simplified, lower case, half width.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from assistant.chinese_lexicon import (
    AGES, FILLERS, GENRES, KEYWORDS, LANGUAGES, LENGTHS, NUMERAL, SAID_OF, chinese_names, has_chinese, numbers, numeral, plain, squeezed,
)
from assistant.spans import Span
from assistant.state import DialogueState
from store.catalog import Catalog
from store.records import Item

_AFTER_NAME = re.compile(r"$|[\s,。!?;、)】~…和跟与及或的这那吗呢吧啊呀嘛了很太也都还就更是好不没真特非超挺比打给评一我你但可之类怎为因吸里]")
_NOT_AFTER_NUMBER = re.compile(r"\d|\.\d|个|小时|分|点|年|部|星|月|天|人|次|%|/")
_BRACKETS = re.compile(r"[《〈「『]([^《〈「『》〉」』]{1,60})[》〉」』]")
_UNKNOWN_OPENING = re.compile(
    r"((?:(?![我你他她它这那哪谁什的了都很太真挺超就也还不没有是在看片部个最第今昨明想要觉感其电影剧情结演员推荐])[\u4e00-\u9fff]){2,8})"
    r"(?:真|很|太|挺|超级?|非常|特别|也|还|蛮)*(?:好看|不错|精彩|难看|无聊|烂|一般|封神|经典)")
"""A name that is not known, judged at the beginning of a message: 流浪地球真好看."""
NEAR = 70
"""Likeness of spelling in percent (`fuzz.ratio`) from which on a Chinese name is near: three characters of four."""


class Chinese:
    """Finds Chinese in messages. Built once for a catalog, then read-only.

    films: Chinese name -> ids in this catalog, best known first; people: Chinese name -> catalog person value.
    plain_names: those films' names that are everyday words and name a film only in title marks or after "看过" and the like.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.films, self.plain_names = self._read_films(catalog)
        persons = catalog.values("person")
        self.people: dict[str, str] = {
            name: value for value, names in chinese_names()["people"].items() if value in persons for name in names
        }
        keywords = catalog.values("keyword")
        self.keywords = {word: value for word, value in KEYWORDS.items() if value in keywords}
        self._titles = self._with_parts()
        self._everyday = {squeezed(n) for n in self.plain_names}
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self._titles, key=len, reverse=True):
            self._by_head[key[0]].append(key)
        self._people_by_head: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, value in sorted(self.people.items(), key=lambda p: -len(p[0])):
            self._people_by_head[squeezed(name)[0]].append((squeezed(name), value))
        self._phrases = [
            (kind, re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True))), table)
            for kind, table in (("genre", GENRES), ("keyword", self.keywords), ("language", LANGUAGES), ("length", LENGTHS), ("age", AGES))
        ]

    @staticmethod
    def _read_films(catalog: Catalog) -> tuple[dict[str, tuple[int, ...]], frozenset[str]]:
        known: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for item_id, title, year, rating_count, _ in catalog.titles():
            known[f"{title} ({year})"].append((-rating_count, item_id))
        films: dict[str, list[tuple[int, int]]] = defaultdict(list)
        everyday = set()
        for english, names in chinese_names()["films"].items():
            for name in names if english in known else ():
                films[name.rstrip("*")] += known[english]
                if name.endswith("*"):
                    everyday.add(name[:-1])
        return {name: tuple(dict.fromkeys(i for _, i in sorted(ids))) for name, ids in films.items()}, frozenset(everyday)

    def _with_parts(self) -> dict[str, tuple[int, ...]]:
        """Every compared name -> ids: "教父2" is also 教父二, 教父第二部, 第二部教父, and 教父 is 教父1 too."""
        titles: dict[str, tuple[int, ...]] = {}
        for name, ids in self.films.items():
            key = squeezed(name)
            titles[key] = tuple(dict.fromkeys((*titles.get(key, ()), *ids)))
        for key, ids in list(titles.items()):
            if (m := re.fullmatch(r"(\D+)([2-9])", key)) and m[1] in titles:
                parts = [(m[2], ids)] + ([("1", titles[m[1]])] if m[2] == "2" else [])
                for digit, found in parts:
                    word = "零一二三四五六七八九"[int(digit)]
                    roman = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[int(digit)]
                    for form in (digit, word, roman, f"第{word}部", f"第{digit}部", f"系列第{word}部", f"的第{word}部"):
                        titles.setdefault(m[1] + form, found)
                    for form in (f"第{word}部", f"第{digit}部"):
                        titles.setdefault(form + m[1], found)
        return titles

    def named(self, name: str) -> tuple[int, ...]:
        """The ids of the films of exactly this Chinese name; empty when it is not known."""
        return self._titles.get(squeezed(name), ())

    def nearest(self, name: str, n: int = 3) -> list[int]:
        """Films whose Chinese names are near `name`, best first; empty when none has most of its characters."""
        hits = process.extract(squeezed(name), self._titles.keys(), scorer=fuzz.ratio, limit=4 * n, score_cutoff=NEAR)
        return list(dict.fromkeys(i for key, _, _ in hits for i in self._titles[key]))[:n]

    def find(self, text: str, state: DialogueState | None = None) -> Iterator[tuple[int, Span]]:
        """(priority, span) of everything Chinese in `text`, overlaps included: higher priorities are surer."""
        if not has_chinese(text):
            return
        low = plain(text)

        def span(start: int, end: int, kind: str, refs: tuple[str, ...] = (), value: float | None = None) -> Span:
            return Span(start, end, text[start:end], kind, refs, value)

        figures = list(numbers(low))
        for start, end, kind, value in figures:
            yield 9, span(start, end, kind, (f"{value:.0f}s",) if kind == "decade" else (), value)
        films = list(self._films(text, low))
        people = list(self._persons(low))
        for start, end, ids in films:
            yield (7, span(start, end, "film", tuple(str(i) for i in ids))) if ids else (1, span(start, end, "words"))
        for start, end, name in people:
            yield 6, span(start, end, "person", (name,))
        phrases = list(self._words(low))
        for start, end, kind, refs in phrases:
            yield 5, span(start, end, kind, refs)
        picks = list(self._picks(low, state, films, people, phrases))
        for start, end, ids in picks:
            yield 8, span(start, end, "pick", tuple(str(i) for i in ids))
        taken = [(s, e) for s, e, *_ in (*figures, *films, *people, *phrases, *picks)]
        if (m := _UNKNOWN_OPENING.match(low)) and all(m.end(1) <= s or m.start(1) >= e for s, e in taken):
            yield 1, span(m.start(1), m.end(1), "words")

    # films and people

    def _films(self, text: str, low: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """(start, end, ids); no ids for a name in title marks that is not known."""
        inside = []
        for m in _BRACKETS.finditer(low):
            if has_chinese(m[1]):
                name, _, year = m[1].partition("(")
                ids = self.named(m[1]) or self.named(name)
                inside.append((m.start(), m.end()))
                yield self._of_year(low, m.start(1), m.end(1), ids, year[:4])
        letters = [(n, c) for n, c in enumerate(low) if not FILLERS.match(c)]
        joined = "".join(c for _, c in letters)
        at = 0
        while at < len(joined):
            start = letters[at][0]
            if any(a <= start < b for a, b in inside):
                at += 1
                continue
            for key in self._by_head.get(joined[at], ()):
                if joined.startswith(key, at):
                    end = letters[at + len(key) - 1][0] + 1
                    if self._is_title(key, low, start, end):
                        yield self._of_year(low, start, end, self._titles[key])
                        at += len(key) - 1
                        break
            at += 1

    def _is_title(self, key: str, low: str, start: int, end: int) -> bool:
        if (key[-1].isdigit() or key[-1] in "二三四五六七八九") and _NOT_AFTER_NUMBER.match(low[end:]) or key[0].isdigit() and low[start - 1 : start].isdigit():
            return False
        if low[start - 1 : start] in ("“", '"', "‘", "'") and low[end : end + 1] in ("”", '"', "’", "'"):
            return True
        if len(key) == 1:
            return False
        if key in self._everyday:
            cued = re.match("[这那]部", low[end:]) or SAID_OF.search(low[:start]) or not low[:start].strip() and not key.isdigit()
            return bool(cued and _AFTER_NAME.match(low[end:]))
        return True

    def _of_year(self, low: str, start: int, end: int, ids: tuple[int, ...], year: str = "") -> tuple[int, int, tuple[int, ...]]:
        """Widens a title by a year beside it where that chooses among films: 2005年的金刚, 《金刚》（2005）."""
        after = re.match(r"[》」』]?\s?(?:\(?((?:19|20)\d\d)\)|((?:19|20)\d\d)年?版|((?:19|20)\d\d)(?!年|\d))", low[end:])
        before = re.search(r"(?<!\d)((?:19|20)?\d\d)年?(?:版本?)?的?[《「『]?$", low[:start])
        for m, digits in ((None, year), (after, after and (after[1] or after[2] or after[3])), (before, before and before[1])):
            chosen = tuple(i for i in ids if digits and digits.isdigit() and _same_year(self._item(i).year, int(digits)))[:1]
            if chosen and m is before:
                return m.start(), end, chosen
            if chosen:
                return (start - (m.group()[0] in "》」』"), end + m.end(), chosen) if m else (start, end, chosen)
        return start, end, ids

    def _item(self, item_id: int) -> Item:
        return self._catalog.item(item_id)

    def _persons(self, low: str) -> Iterator[tuple[int, int, str]]:
        letters = [(n, c) for n, c in enumerate(low) if not FILLERS.match(c)]
        joined = "".join(c for _, c in letters)
        for at in range(len(joined)):
            for key, value in self._people_by_head.get(joined[at], ()):
                if joined.startswith(key, at):
                    yield letters[at][0], letters[at + len(key) - 1][0] + 1, value
                    break

    # words

    def _words(self, low: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        for kind, pattern, table in self._phrases:
            for m in pattern.finditer(low):
                if kind in ("length", "age") and not _is_vague(low, m):
                    continue
                refs = table[m.group()]
                yield m.start(), m.end(), kind, refs if isinstance(refs, tuple) else (refs,)

    # picks

    def _picks(self, low, state, films, people, phrases) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        if state is None:
            return
        if state.pending and state.pending.candidates:
            shown = self._catalog.items(state.pending.candidates)
        else:
            shown = [r.item for r in state.slate]
        after_film = {e for _, e, _ in films} | {e + 1 for _, e, _ in films if low[e : e + 1] in ("》", "」", "』")}
        described = list(_described(low, shown, people, phrases))
        yield from described
        for start, end, ids in (*_by_position(low, shown), *_by_pointing(low, state, shown)):
            owned = any(a <= start < b for a, b, _ in described) or start in after_film
            if not owned:
                yield start, end, ids


def _same_year(year: int | None, said: int) -> bool:
    return year is not None and (abs(year - said) <= 1 if said > 99 else year % 100 == said)


_VAGUE_LEFT = re.compile(r"(?:[太很更较么够别不要再还挺有点些的是,。!? 看]|^)$")
_VAGUE_RIGHT = re.compile(r"[的了点些,。!?;、 片吗呢吧也都就没不]|一点|一些|$|电影")


def _is_vague(low: str, m: re.Match) -> bool:
    """False where 长, 短, 新的 and the like are part of other words: 成长, 长大, 更新换代."""
    word = m.group()
    if len(word) == 1:
        return bool(_VAGUE_LEFT.search(low[: m.start()]) and _VAGUE_RIGHT.match(low[m.end() :]))
    if word in ("老的", "新的", "旧的", "更新", "最新", "早期"):
        return not re.match(r"那|这|一部|一个", low[m.end() :])
    if word in ("多久", "不长") or word.endswith("么长"):
        return not re.search(r"活$|时间$", low[: m.start()])
    return True


_UNIT = r"(?:部|个|片|条|款|支|号)"
_WHAT = r"(?:电影|影片|片子|推荐|片)?"
_COUNT = r"(?:[两二三四五六七八九十]|\d{1,2})"
_NOT_FILM = r"(?!导演|演员|类型|人|时候|问题|名字|系列|意思|原因|主角|题材|年代|世界|星期|月|周|地方|样|么|条件|种|词|功能|推荐系统)"
_NTH = re.compile(rf"(倒数)?第({NUMERAL})(?:{_UNIT}(?!月|小时){_WHAT}|(?=[和跟与、,]第)|(?=\s*$))")
_NUMBERED = re.compile(r"(?<![\d.年月])(\d{1,2}|[一二三四五六七八九十])号(?![\d线楼])|(?:选|要|看|挑)(\d)(?=\s*$|[,。!?吧])")
_LAST = re.compile(rf"最后(?:面)?(?:的|那|这)?(?:一)?{_UNIT}{_WHAT}|最末(?:一)?{_UNIT}")
_RANGE = re.compile(rf"(前面?|头|后面?|最后|末)({_COUNT})(?:部|个){_WHAT}(?!月|小时|世纪)")
_ALL = re.compile(
    rf"(?:刚才|上面|以上|推荐的)?(?:[这那](?:些|几(?:部|个)|({_COUNT})(?:部|个)){_WHAT}{_NOT_FILM}|它们)|({_COUNT})(?:部|个)(?=都|全)")
_THIS = re.compile(
    rf"(?:刚才|刚刚|刚|上面|之前|前面)?(?:说|提|推荐|讲)?(?:的)?([这那](?:一)?(?:部|个){_WHAT}{_NOT_FILM}|[这那](?:电影|片子)|[该此]片)|(它)(?!们)")
_OTHER = re.compile(r"另外?(?:一|那)?(?:部|个)|另外一?(?:部|个)")

Found = tuple[int, int, tuple[int, ...]]


def _by_position(low: str, shown: list[Item]) -> Iterator[Found]:
    for m in _RANGE.finditer(low):
        count = int(numeral(m[2]) or 0)
        some = shown[:count] if m[1] in ("前", "前面", "头") else shown[-count:]
        yield m.start(), m.end(), tuple(i.id for i in some)
    for m in _NTH.finditer(low):
        place = int(numeral(m[2]) or 0)
        ranked = shown[::-1] if m[1] else shown
        yield m.start(), m.end(), tuple(i.id for i in ranked[place - 1 : place]) if place else ()
    for m in _NUMBERED.finditer(low):
        place = int(numeral(m[1] or m[2]) or 0)
        start = m.start(1) if m[1] else m.start(2)
        yield start, m.end(), tuple(i.id for i in shown[place - 1 : place]) if place else ()
    for m in _LAST.finditer(low):
        yield m.start(), m.end(), tuple(i.id for i in shown[-1:])
    if m := re.fullmatch(r"\s*([\d一二三四五六七八九])\s*[。.!]?\s*", low):
        place = int(numeral(m[1]) or 0)
        yield m.start(1), m.end(1), tuple(i.id for i in shown[place - 1 : place])


def _by_pointing(low: str, state: DialogueState, shown: list[Item]) -> Iterator[Found]:
    for m in _ALL.finditer(low) if shown else ():
        count = int(numeral(m[1] or m[2] or "0") or 0)
        if m[2] and count != len(shown):
            continue
        yield m.start(), m.end(), tuple(i.id for i in (shown[:count] if count else shown))
    focus = state.focus if state.focus is not None else (shown[0].id if len(shown) == 1 else None)
    for m in _THIS.finditer(low):
        if focus is not None:
            yield m.start(), m.end(), (focus,)
        elif m[1] and shown:
            yield m.start(), m.end(), (shown[0].id,)
    if state.focus is not None and len(shown) == 2:
        for m in _OTHER.finditer(low):
            yield m.start(), m.end(), tuple(i.id for i in shown if i.id != state.focus)[:1]


_RELATIVE = re.compile(rf"(最?)(新|老|旧|早|长|短|近)(?:一点|点|一些)?的?(?:那|这|一|那一|这一)?(?:部|个|版){_WHAT}")
_OF_YEAR = re.compile(r"((?:19|20)\d\d)年?(?:版|的)?(?:[那这]一?)?(?:部|个|版本?)(?:电影|片子)?|^\s*((?:19|20)\d\d)年?(?:的|版|版的|那年的)?\s*[。!]?\s*$")
_THAT = re.compile(r"的?(?:电影)?(?:的)?[那这](?:一)?(?:部|个)(?:电影|片子|片)?")


def _described(low: str, shown: list[Item], people, phrases) -> Iterator[Found]:
    """Picks told by their year, a person, a genre or a comparison: 1995年那部, 库布里克那部, 恐怖的那部, 最短的那部."""
    if not shown:
        return
    for m in _OF_YEAR.finditer(low):
        ids = tuple(i.id for i in shown if i.year == int(m[1] or m[2]))
        if ids or m[1]:
            yield m.start(), m.end(), ids[:1]
    for m in _RELATIVE.finditer(low):
        if m[1] or re.search("[那这]", m.group()):
            yield m.start(), m.end(), _extreme(m[2], shown)
    for start, end, name in people:
        if that := _THAT.match(low, end):
            fits = tuple(i.id for i in shown if name in i.people)
            yield start, that.end(), fits if len(fits) == 1 else ()
    for start, end, kind, refs in phrases:
        if kind in ("genre", "language") and (that := _THAT.match(low, end)):
            fits = tuple(i.id for i in shown if (set(refs) <= set(i.genres) if kind == "genre" else i.language in refs))
            yield start, that.end(), fits if len(fits) == 1 else ()


def _extreme(word: str, shown: list[Item]) -> tuple[int, ...]:
    if word in "长短":
        known = [i for i in shown if i.runtime]
        chosen = (max if word == "长" else min)(known, key=lambda i: i.runtime, default=None)
    else:
        known = [i for i in shown if i.year]
        chosen = (max if word in "新近" else min)(known, key=lambda i: i.year, default=None)
    return (chosen.id,) if chosen else ()
