"""Spans found in Chinese and mixed messages, on the default catalog."""

from dataclasses import replace

import pytest

from assistant.chinese import Chinese
from assistant.chinese_lexicon import GENRES, KEYWORDS, LANGUAGES, exception, has_chinese, latin, limit, numeral, plain
from assistant.lexicon import GENRE_WORDS, LANGUAGE_NAMES
from assistant.spans import marked, tokens
from assistant.state import DialogueState, Profile, Question
from store.records import Recommendation

SLATE = ("2001: A Space Odyssey (1968)", "Heat (1995)", "The Godfather (1972)", "Airplane! (1980)")


@pytest.fixture(scope="module")
def ids(catalog):
    return {item.name: item.id for item in catalog.items(catalog.ids.tolist())}


@pytest.fixture(scope="module")
def state(catalog, ids):
    slate = tuple(Recommendation(catalog.item(ids[name]), 1.0, (), rank) for rank, name in enumerate(SLATE))
    return DialogueState("ann", 1, Profile("ann"), slate=slate, last="picks")


def named(linker, text, kind, state=None):
    """The names or values of the spans of a kind."""
    spans = [s for s in linker.link(text, state) if s.kind == kind]
    if kind in ("film", "pick"):
        return [tuple(linker.catalog.item(int(r)).name for r in s.refs) for s in spans]
    return [s.text if kind == "words" else s.refs or s.value for s in spans]


@pytest.mark.parametrize("text, films", [
    ("我喜欢《黑客帝国》和Heat，别太长，不要恐怖片", ["The Matrix (1999)", "Heat (1995)"]),
    ("我喜欢Heat和Alien", ["Heat (1995)", "Alien (1979)"]),
    ("如果我没说过喜欢异形呢", ["Alien (1979)"]),
    ("为什么没有银翼杀手", ["Blade Runner (1982)"]),
    ("我喜歡《駭客任務》和星際效應", ["The Matrix (1999)", "Interstellar (2014)"]),
    ("黑客帝国2比黑客帝国好看", ["The Matrix Reloaded (2003)", "The Matrix (1999)"]),
    ("我喜欢黑客帝国1和教父三", ["The Matrix (1999)", "The Godfather: Part III (1990)"]),
    ("第二部黑客帝国很烂", ["The Matrix Reloaded (2003)"]),
    ("教父第二部怎么样", ["The Godfather: Part II (1974)"]),
    ("《黑客帝国：重装上阵》", ["The Matrix Reloaded (2003)"]),
    ("2005年的金刚", ["King Kong (2005)"]),
    ("《金刚》（1933）", ["King Kong (1933)"]),
    ("教父 2小时以内的", ["The Godfather (1972)"]),
    ("教父三部曲", ["The Godfather (1972)"]),
    ("99年的黑客帝国", ["The Matrix (1999)"]),
    ("我看过《她》", ["Her (2013)"]),
    ("看过功夫", ["Kung Fu Hustle (2004)"]),
    ("“泰坦尼克号”好看吗", ["Titanic (1997)"]),
    ("辛德勒的名单那种", ["Schindler's List (1993)"]),
    ("哈利·波特与魔法石，哈利波特与密室",
     ["Harry Potter and the Sorcerer's Stone (2001)", "Harry Potter and the Chamber of Secrets (2002)"]),
    ("我爱the matrix，但是讨厌terminater 2", ["The Matrix (1999)", "Terminator 2: Judgment Day (1991)"]),
    ("我看过Matrix Reloaded（2003）", ["The Matrix Reloaded (2003)"]),
    ("看过《Heat》", ["Heat (1995)"]),
    ("我喜欢Up", ["Up (2009)"]),
    ("看过1984吗", ["1984 (1984)"]),
])
def test_films(linker, text, films):
    assert named(linker, text, "film") == [(film,) for film in films]


@pytest.mark.parametrize("text", [
    "我喜欢她", "我喜欢功夫片", "不要功夫电影", "市长和校长", "看过300部电影", "你好", "有什么好看的", "你知道我喜欢什么吗", "忘掉我说的一切", "换一批",
    "英雄题材的", "我喜欢控制节奏",
])
def test_plain_words_are_not_films(linker, text):
    assert named(linker, text, "film") == [] and named(linker, text, "words") == []


def test_a_name_of_several_films_keeps_them_all(linker):
    assert named(linker, "我喜欢金刚", "film") == [("King Kong (1933)", "King Kong (2005)")]


@pytest.mark.parametrize("text, words", [
    ("我看过《无名之辈的故事》", ["无名之辈的故事"]),
    ("「恐怖的一夜」怎么样", ["恐怖的一夜"]),
    ("《Xyzzy Plugh》好看吗", ["Xyzzy Plugh"]),
    ("我喜欢Foobar Baz", ["Foobar Baz"]),
    ("我不喜欢剧情，也不太想看那个谁演的", []),
])
def test_unknown_titles_are_words(linker, text, words):
    assert named(linker, text, "words") == words


@pytest.mark.parametrize("text, kind, found", [
    ("除了恐怖片都行", "genre", [("Horror",)]),
    ("有没有90年代的科幻片", "genre", [("Sci-Fi",)]),
    ("推薦幾部動畫和紀錄片", "genre", [("Animation",), ("Documentary",)]),
    ("浪漫爱情喜剧", "genre", [("Romance", "Comedy")]),
    ("推荐点comedy，不要horror", "genre", [("Comedy",), ("Horror",)]),
    ("黑色电影", "genre", [("Film-Noir",)]),
    ("诺兰的电影", "person", [("Christopher Nolan",)]),
    ("汤姆·克鲁斯的或者阿汤哥", "person", [("Tom Cruise",), ("Tom Cruise",)]),
    ("昆汀和周星馳", "person", [("Quentin Tarantino",), ("Stephen Chow",)]),
    ("Tom Hanks演的", "person", [("Tom Hanks",)]),
    ("关于时间旅行的", "keyword", [("time travel",)]),
    ("真人真事改编", "keyword", [("based on true story",)]),
    ("二戰題材", "keyword", [("world war ii",)]),
    ("近5年的韩国电影", "language", [("ko",)]),
    ("国产片或者港片", "language", [("zh",), ("cn",)]),
    ("不要英文的", "language", [("en",)]),
    ("九十年代", "decade", [("1990s",)]),
    ("９０年代", "decade", [("1990s",)]),
    ("八零年代", "decade", [("1980s",)]),
    ("上世纪70年代", "decade", [("1970s",)]),
    ("00年代和2010年代", "decade", [("2000s",), ("2010s",)]),
    ("八九十年代", "decade", [("1980s",), ("1990s",)]),
    ("80、90年代的", "decade", [("1980s",), ("1990s",)]),
    ("90s的sci-fi", "decade", [("1990s",)]),
    ("80后喜欢的", "decade", []),
    ("1990年以后的", "year", [1990]),
    ("94年的", "year", [1994]),
    ("二〇一〇年", "year", [2010]),
    ("2000年到2010年之间", "year", [2000, 2010]),
    ("最近十年", "years", [10]),
    ("近5年的", "years", [5]),
    ("二十年前的电影", "years", [20]),
    ("两小时以内", "runtime", [120]),
    ("一个半小时", "runtime", [90]),
    ("两个钟头", "runtime", [120]),
    ("1小时45分", "runtime", [105]),
    ("別超過九十分鐘", "runtime", [90]),
    ("半小时", "runtime", [30]),
    ("太长了", "length", [("long",)]),
    ("有短一点的吗", "length", [("short",)]),
    ("成长和校长", "length", []),
    ("不要太老的片子", "age", [("old",)]),
    ("近几年的新片", "age", [("new",), ("new",)]),
    ("给《教父》打9分", "rating", [9]),
    ("８分", "rating", [8]),
    ("打八分", "rating", [8]),
    ("给教父十分", "rating", [10]),
    ("十分好看的爱情片", "rating", []),
    ("我十分喜欢诺兰", "rating", []),
    ("五星", "rating", [10]),
    ("泰坦尼克号满分", "rating", [10]),
    ("异形8/10", "rating", [8]),
    ("给我三颗星半的", "rating", [7]),
    ("90分钟", "rating", []),
])
def test_people_features_and_numbers(linker, text, kind, found):
    assert named(linker, text, kind) == found


@pytest.mark.parametrize("text, picks", [
    ("为什么推荐第二部", [1]),
    ("第一部和第三部哪个好", [0, 2]),
    ("第3部呢", [2]),
    ("最后一个我看过了", [3]),
    ("倒数第二部", [2]),
    ("那部呢", [0]),
    ("这部电影讲什么", [0]),
    ("前两部不错", [(0, 1)]),
    ("后两部", [(2, 3)]),
    ("这些我都看过", [(0, 1, 2, 3)]),
    ("那几部都不要", [(0, 1, 2, 3)]),
    ("它们", [(0, 1, 2, 3)]),
    ("刚才那部", [0]),
    ("库布里克那部", [0]),
    ("諾蘭那部", [()]),
    ("搞笑的那部", [3]),
    ("1995年那部", [1]),
    ("最新的那部", [1]),
    ("最短的那部", [3]),
    ("第九部", [()]),
    ("3号", [2]),
    ("这个导演还拍过什么", []),
    ("第一次看", []),
])
def test_picks(linker, state, text, picks):
    expected = [tuple(SLATE[p] for p in (pick if isinstance(pick, tuple) else (pick,))) for pick in picks]
    assert named(linker, text, "pick", state) == expected


def test_it_is_what_was_talked_about(linker, state, ids):
    focused = replace(state, focus=ids["Heat (1995)"])
    assert named(linker, "它讲什么", "pick", focused) == [("Heat (1995)",)]
    assert named(linker, "它讲什么", "pick") == []


def test_the_films_asked_about_come_before_the_slate(linker, state, ids):
    kongs = (ids["King Kong (1933)"], ids["King Kong (2005)"])
    asking = replace(state, pending=Question("which", "金刚", kongs))
    assert named(linker, "第二个", "pick", asking) == [("King Kong (2005)",)]
    assert named(linker, "1933年的", "pick", asking) == [("King Kong (1933)",)]


@pytest.mark.parametrize("text, side", [
    ("两小时以内", "max"), ("不要超过两小时", "max"), ("别超过90分钟", "max"), ("最多100分钟", "max"), ("不到两小时", "max"),
    ("至少两小时", "min"), ("两小时以上", "min"), ("起码1小时", "min"), ("两小时左右", None),
    ("1990年以后的", "min"), ("1990年以前", "max"), ("不要1990年以前的", "min"), ("除了1990年以前的", "min"), ("2010年以来", "min"),
    ("不早于1990年", "min"), ("1995年的", None), ("我不喜欢你推荐的1990年以前的", None),
    ("最近十年", "min"), ("十年以内", "min"), ("十年前的", "max"), ("不要十年前的", "min"), ("不要超过十年的", "min"), ("超過９０分鐘", "min"),
])
def test_directions(linker, text, side):
    (number,) = (s for s in linker.link(text) if s.kind in ("year", "years", "runtime"))
    assert side_of(text, number) == side


def side_of(text, span):
    return (limit(span.kind, text[: span.start], text[span.end :]) or (None,))[0]


def test_a_range_has_both_directions(linker):
    text = "1980到1990年之间"
    assert [side_of(text, s) for s in linker.link(text)] == ["min", "max"]


@pytest.mark.parametrize("text, said", [
    ("1990年以前的", ("max", True)), ("1990年之后", ("min", True)), ("1990年及以后", ("min", False)), ("1990年以来的", ("min", False)),
    ("不要1990年以前的", ("min", False)), ("不早于1990年", ("min", False)), ("两小时以内", ("max", False)),
])
def test_before_and_after_leave_the_year_itself_out(linker, text, said):
    (number,) = (s for s in linker.link(text) if s.kind in ("year", "runtime"))
    assert limit(number.kind, text[: number.start], text[number.end :]) == said


def test_marked(linker):
    text = "我喜欢《黑客帝国》和Heat，别太长，不要恐怖片"
    assert marked(text, linker.link(text)) == "我喜欢《[film 黑客帝国]》和[film Heat]，别[length 太长]，不要[genre 恐怖片]"


@pytest.mark.parametrize("text", ["我喜欢《黑客帝国》和Heat，１９９０年以后", "给教父８分，不要Ｈeat", "「Xyzzy」和“她”"])
def test_spans_are_the_words_at_their_offsets(linker, text):
    spans = linker.link(text)
    assert all(s.text == text[s.start : s.end] for s in spans)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:]))


def test_words_of_both_scripts_are_apart():
    assert [t.raw for t in tokens("我喜欢Heat和Alien3")] == ["我喜欢", "Heat", "和", "Alien3"]


def test_one_form_keeps_the_length():
    text = "９０年代，Ⅱ 駭客任務 Amélie İ"
    assert len(plain(text)) == len(text) == len(latin(text))
    assert latin("no Chinese here") == "no Chinese here" and not has_chinese("ça va?")


@pytest.mark.parametrize("text, value", [("十", 10), ("二十五", 25), ("一百二十", 120), ("一九九四", 1994), ("两", 2), ("半", 0.5), ("1.5", 1.5), ("长", None)])
def test_numerals(text, value):
    assert numeral(text) == value


def test_tables_name_what_there_is(catalog):
    genres = catalog.values("genre")
    assert all(g in genres for found in GENRES.values() for g in found)
    assert {g for found in GENRES.values() for g in found} == {g for found in GENRE_WORDS.values() for g in found}
    assert set(LANGUAGES.values()) <= {*LANGUAGE_NAMES, "!en"}
    assert set(KEYWORDS.values()) <= set(catalog.values("keyword"))


def test_names_are_of_films_and_people_that_there_are(catalog):
    chinese = Chinese(catalog)
    people = catalog.values("person")
    assert len(chinese.films) > 2500 and len(chinese.people) > 900
    assert all(found and all(i in catalog for i in found) for found in chinese.films.values())
    assert set(chinese.people.values()) <= set(people)
    assert chinese.plain_names <= set(chinese.films)
    assert chinese.named("駭客任務") == chinese.named("黑客帝国")
    assert chinese.nearest("肖申克救赎记")[0] == chinese.named("肖申克的救赎")[0]


@pytest.mark.parametrize("text, said", [
    ("除了恐怖片都行", "avoid"), ("别太长，除了恐怖片都可以", "avoid"), ("除了恐怖片，其他都行", "avoid"), ("除恐怖片以外的都ok", "avoid"),
    ("除了恐怖片什么都可以看", "avoid"), ("除了恐怖片都不看", "only"), ("除了恐怖片别的都不想看", "only"), ("除了恐怖片不看别的", "only"),
    ("不要恐怖片", None), ("恐怖片都行", None), ("除了这个，恐怖片也看看", None),
])
def test_all_but_is_what_the_words_say(text, said):
    at = text.index("恐怖片")
    assert exception(text[:at], text[at + 3 :]) == said
