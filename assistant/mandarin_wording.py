"""The evidence of a film told in Chinese, for the model to word: the functions of `english_wording`, with the same parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assistant.evidence import GENRE_NOUNS
from assistant.lexicon import LANGUAGE_NAMES
from assistant.mandarin_phrases import VERBS, genres, joined, kind_of_film, neat, quoted, title, when
from assistant.phrases import choose

if TYPE_CHECKING:
    from assistant.wording import Told

__all__ = ["joined", "neat", "when"]

FITS = ("很适合你", "应该适合你", "可能适合你", "合你的口味")
IMPERSONAL = {"popularity": "它的人气", "variety": "片单的多样性"}
ENDS, BETWEEN = ("。", "！", "？"), ""
COMMA, PERCENT = "，", "{}%"
LINES = {
    "film": "片名：{}", "for": "加分：{}", "against": "减分：{}", "with": "与{}：{}", "genre": "类型：{}", "director": "导演：{}",
    "cast": "主演：{}", "minutes": "片长：{}分钟", "year": "年份：{}", "one": "一句", "two": "两句", "say": "说：{}",
}
EXAMPLES = """片名：《Ronin》
类型：动作、犯罪片
导演：John Frankenheimer
说：因为你很喜欢《Heat》，《Ronin》应该适合你：它是 John Frankenheimer 执导的动作、犯罪片。

片名：《Amelie》
类型：喜剧、爱情片
主演：Audrey Tautou
说：你喜欢 Audrey Tautou，所以《Amelie》合你的口味：它是一部喜剧、爱情片。

片名：《Alien》
类型：恐怖、科幻片
导演：Ridley Scott
说：既然你想看科幻片，《Alien》很适合你，由 Ridley Scott 执导。

"""
PICKED_GENRES = {noun: genre for genre, noun in GENRE_NOUNS.items()}
LANGUAGE_CODES = {name: code for code, name in LANGUAGE_NAMES.items()}
SENTENCE = re.compile(r"(?:“[^”]*”|《[^》]*》|[^。！？\n])+[。！？]?")


def film(name: str, year: bool) -> str:
    return f"《{name}》" if year else title(name)


def thing(name: str) -> str:
    """From the name that rows have for it, as `evidence.shown` writes it: "犯罪片", "法语片", "Al Pacino", "“heist”题材的片子"."""
    if name in PICKED_GENRES:
        return kind_of_film("genre", PICKED_GENRES[name], name)
    if name in LANGUAGE_CODES:
        return kind_of_film("language", LANGUAGE_CODES[name], name)
    if re.fullmatch(r"\d{4}s", name):
        return kind_of_film("decade", name, name)
    return kind_of_film("keyword", name, name) if name[0] == "“" or name.startswith("based on") else name


def clause(feeling: str, subject: str, of_film: bool) -> str:
    """"你很喜欢《Heat》", "你想看 Al Pacino 的片子"."""
    of_whom = not of_film and not subject.endswith(("片", "片子", "电影"))
    films = feeling == "similar" or of_whom and feeling not in ("love", "like", "dislike", "hate")
    return neat(f"你{VERBS[feeling]}{subject}{'的片子' * films}")


def noun(feeling: str, subject: str, of_film: bool) -> str:
    """"你很喜欢《Heat》这一点"."""
    return f"{clause(feeling, subject, of_film)}这一点"


def kinds(names: Sequence[str]) -> str:
    """"动作、犯罪片"."""
    return genres(names) if names else ""


def in_common(label: str, names: Sequence[str]) -> tuple[str, str, str]:
    """"都由 Robert De Niro 主演", "也由 Robert De Niro 主演", and the names."""
    if label == "keyword":
        said, what = f"是{quoted(names[0])}题材的片子", quoted(names[0])
    else:
        what = joined(names)
        said = f"由{what}{'执导' if label == 'director' else '主演'}"
    return neat(f"都{said}"), neat(f"也{said}"), neat(what)


def openings(told: Told) -> list[str]:
    first = told.reasons[0]
    words = [told.film, "因为", "正因为", "推荐", "给", "我", "选", "首先", "这次", "最主要的", "这部", f"{first.percent}%", "之所以"]
    words += ["你", "你", "既然", "考虑到", "记得", "想到", "看到"] if first.clause else ["它"] * first.noun.startswith("它")
    words += ["一半以上"] if first.percent > 50 else []
    words += ["跟", told.shared.other] if told.shared else []
    words += ["由"] if told.directors or told.cast else []
    words += ["片长"] if told.minutes else []
    words += [f"{told.year}年"] if told.year else []
    return words


def begun(clause_: str, film_: str, seed: object) -> str:
    fits = choose((seed, film_, "fits"), FITS)
    return choose((seed, film_), (f"因为{clause_}，{film_}{fits}", f"{clause_}，所以{film_}{fits}", f"既然{clause_}，{film_}{fits}"))


def sentences(text: str, names: Iterable[str]) -> list[str]:
    """What is inside quotation or title marks ends no sentence, whatever the `names`."""
    return [match.group().strip() for match in SENTENCE.finditer(text) if match.group().strip()]
