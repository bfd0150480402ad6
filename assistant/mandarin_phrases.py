"""The pieces of what is said in Chinese: counts, lists, feelings, limits, and where something came from.

Simplified, as in a friendly app: full-width punctuation, titles in title marks with the catalog's name in them
(《Heat (1995)》), people and keywords as the catalog writes them, numbers that are counted in characters up to ten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from assistant.chinese_lexicon import HAN
from assistant.evidence import Cause, Origin, clipped, feeling
from assistant.mentions import NAME_WITH_YEAR
from store.records import ITEM, Item, Preference

DIGITS = "零一两三四五六七八九十"

GENRES = {
    "Action": "动作", "Adventure": "冒险", "Animation": "动画", "Children": "儿童", "Comedy": "喜剧", "Crime": "犯罪", "Documentary": "纪录",
    "Drama": "剧情", "Fantasy": "奇幻", "Film-Noir": "黑色", "Horror": "恐怖", "Musical": "歌舞", "Mystery": "悬疑", "Romance": "爱情",
    "Sci-Fi": "科幻", "Thriller": "惊悚", "War": "战争", "Western": "西部",
}
"""Genres as they are told, before 片."""
LANGUAGES = {
    "en": "英语", "fr": "法语", "es": "西班牙语", "de": "德语", "it": "意大利语", "ja": "日语", "ko": "韩语", "zh": "汉语", "cn": "粤语",
    "hi": "印地语", "ru": "俄语", "pt": "葡萄牙语", "da": "丹麦语", "sv": "瑞典语", "nl": "荷兰语", "fa": "波斯语", "th": "泰语",
    "he": "希伯来语", "pl": "波兰语", "tr": "土耳其语", "ar": "阿拉伯语", "no": "挪威语", "nb": "挪威语", "cs": "捷克语", "hu": "匈牙利语",
    "is": "冰岛语", "id": "印尼语", "ro": "罗马尼亚语", "ta": "泰米尔语", "te": "泰卢固语", "af": "南非语", "vi": "越南语", "el": "希腊语",
    "ky": "吉尔吉斯语", "ps": "普什图语", "sl": "斯洛文尼亚语", "xx": "无对白",
}
"""As lexicon.LANGUAGE_NAMES."""

VERBS = {
    "love": "很喜欢", "like": "喜欢", "dislike": "不喜欢", "hate": "讨厌", "want": "想看", "similar": "想看类似", "only": "只想看", "avoid": "不想看",
    "skip": "跳过了", "seen": "看过", "limit": "要求",
}
LIMIT_VERBS = {"only": "只看", "avoid": "不看"}


def joined(parts: Iterable[str], word: str = "和") -> str:
    """"甲", "甲和乙", "甲、乙和丙"; empty for none."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"{'、'.join(parts[:-1])}{word}{parts[-1]}" if parts else ""


def count(number: int, measure: str) -> str:
    """"一部", "两部", "13部"."""
    return f"{DIGITS[number] if 0 <= number < len(DIGITS) else number}{measure}"


def neat(text: str) -> str:
    """With a space between a Chinese character and a Latin name beside it, where no mark stands between them; quoted words as they are."""
    parts = re.split(r"(“[^”]*”|《[^》]*》)", text)
    for n in range(0, len(parts), 2):
        parts[n] = re.sub(rf"(?<=[{HAN}])(?=[A-Za-zÀ-ž])|(?<=[A-Za-zÀ-ž.])(?=[{HAN}])", " ", parts[n])
    return "".join(parts)


def marked(item: Item) -> str:
    return f"《{item.name}》"


def films(items: Iterable[Item], word: str = "和") -> str:
    return joined(map(marked, items), word)


def title(label: str) -> str:
    """A film's name in title marks, without its year."""
    match = NAME_WITH_YEAR.fullmatch(label)
    return f"《{match.group(1) if match else label}》"


def quoted(words: str) -> str:
    """Somebody's words in quotation marks; marks inside become single ones."""
    return f"“{words.replace('“', '‘').replace('”', '’')}”"


def when(origin: Origin) -> str:
    """"刚才", "两条消息前", "以前聊天时", "点选时"; empty when unknown."""
    if origin.kind == "ago":
        return f"{count(origin.ago, '条')}消息前"
    return {"now": "刚才", "earlier": "以前聊天时", "click": "点选时"}.get(origin.kind, "")


def in_brackets(origin: Origin) -> str:
    """The origin in brackets, or nothing."""
    text = when(origin)
    return f"（{text}）" if text else ""


# preferences


def genres(names: Sequence[str]) -> str:
    """"动作、犯罪、惊悚片"; 黑色电影 comes last, as it does not end in 片."""
    stems = [GENRES.get(genre, genre) for genre in names]
    if "Film-Noir" in names:
        return "、".join([*(s for s in stems if s != "黑色"), "黑色电影"])
    return f"{'、'.join(stems)}片"


def kind_of_film(kind: str, ref: str, label: str) -> str:
    """A feature of the catalog as the films that have it: "犯罪片", "Al Pacino 的片子", "“heist”题材的片子"."""
    if kind == "genre":
        return genres([ref])
    if kind == "language":
        return f"{LANGUAGES.get(ref, label)}片"
    if kind == "decade":
        return f"{ref.removesuffix('s')}年代的片子"
    if kind == "person":
        return neat(f"{label}的片子")
    bare = quoted(clipped(label.strip("\"“”"), 40))
    return f"{bare}题材的片子" if kind == "keyword" else f"{bare}那样的片子"


def bound(preference: Preference) -> str:
    """"片长不超过130分钟", "1990年及以后的片子"."""
    number, is_max = f"{preference.value:.0f}", preference.role == "max"
    if preference.kind == "runtime":
        return f"片长不{'超过' if is_max else '少于'}{number}分钟"
    return f"{number}年及以{'前' if is_max else '后'}的片子"


def shown(preference: Preference, year: bool = True) -> str:
    """What a preference is about: "《Heat (1995)》", "犯罪片", "Al Pacino", "片长不超过130分钟"."""
    if preference.kind == ITEM:
        return f"《{preference.label}》" if year else title(preference.label)
    if preference.role in ("max", "min"):
        return bound(preference)
    if preference.kind == "person" and preference.role in ("like", "dislike"):
        return preference.label
    return kind_of_film(preference.kind, preference.ref, preference.label)


def said(group: Sequence[Preference], year: bool = True, verbs: dict[str, str] = VERBS) -> str:
    """Preferences of one feeling without "你": "很喜欢《Heat (1995)》和《Alien (1979)》", "想看犯罪片"."""
    label, names = feeling(group[0]), [shown(p, year) for p in group]
    listed = joined(names, "或" if label in ("avoid", "only", "similar", "skip") else "和")
    return neat(f"{verbs.get(label, VERBS[label])}{listed}{'的片子' if label == 'similar' else ''}")


def felt(preference: Preference, year: bool = True) -> str:
    """As a clause: "你很喜欢《Heat (1995)》", "你喜欢 Tom Hanks", "你不想看恐怖片"."""
    return f"你{said([preference], year)}"


def limit(preference: Preference) -> str:
    """A filter in a few words: "片长不超过130分钟", "不看恐怖片", "只看喜剧片"."""
    return bound(preference) if preference.role in ("max", "min") else said([preference], verbs=LIMIT_VERBS)


def held(preference: Preference, year: bool = True) -> str:
    """A preference as an entry that can be taken out: "“很喜欢《Heat (1995)》”", "“片长不超过130分钟”"."""
    return quoted(bound(preference) if preference.role in ("max", "min") else said([preference], year))


def held_all(preferences: Sequence[Preference], word: str = "和") -> str:
    return joined(map(held, preferences), word)


# causes


def cause_clause(cause: Cause) -> str:
    """A cause as a clause: "你很喜欢《Heat》", "它的人气", "片单的多样性"."""
    if cause.preference:
        return felt(cause.preference, year=False)
    if cause.contribution.source == "prior":
        return "它的人气"
    if cause.contribution.source == "slate":
        return "片单的多样性"
    return f"你说过的{title(cause.name)}"


def impersonal(cause: Cause) -> str:
    """A cause of several films: their popularity is not "its"."""
    return "人气" if cause.contribution.source == "prior" else cause_clause(cause)


def with_percents(causes: Iterable[tuple[Cause, int]], clause: Callable[[Cause], str] = cause_clause) -> str:
    return "；".join(f"{clause(cause)}{in_brackets(cause.origin)}，{percent}%" for cause, percent in causes)
