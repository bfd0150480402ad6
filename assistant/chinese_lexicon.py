"""Everyday Chinese words for the catalog's vocabulary, and the small grammar of Chinese numbers.

The counterpart of `lexicon`: data for the linker. Messages are compared in one form, its characters one to one:
simplified, lower case, half width. Names are in data/names.zh.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007"
BLANK = "·"
"""What stands for Chinese in a text that is read as English."""
_HAN = re.compile(f"[{HAN}]")


def _pairs(words: str) -> dict[str, str]:
    """"a/b=X c=Y" as {"a": "X", "b": "X", "c": "Y"}, "_" for a space in X."""
    return {word: value.replace("_", " ") for part in words.split() for names, value in [part.split("=")] for word in names.split("/")}


_GENRES = _pairs("""
    科幻=Sci-Fi 恐怖/惊吓/吓人/鬼/惊魂=Horror 爱情/浪漫/言情=Romance 喜剧/搞笑/爆笑/轻松/幽默/好笑=Comedy 动作/打斗/枪战=Action
    冒险/探险=Adventure 悬疑/推理/侦探=Mystery 犯罪/警匪/黑帮=Crime 动画/动漫/卡通=Animation 纪录/记录=Documentary
    战争/打仗=War 西部/牛仔=Western 歌舞/音乐剧=Musical 奇幻/魔幻/玄幻=Fantasy 惊悚/紧张/刺激=Thriller
    剧情/文艺/催泪/感人=Drama 儿童/家庭/亲子/合家欢/少儿=Children 黑色电影/黑色=Film-Noir
""")
_ONLY_FILM = frozenset("鬼 黑色 侦探 记录 纪录".split())
"""Genre words that are one only with 片 behind them: 鬼 alone is a ghost."""
GENRES: dict[str, tuple[str, ...]] = {
    **{word: (genre,) for word, genre in _GENRES.items() if word not in _ONLY_FILM},
    **{word + "片": (genre,) for word, genre in _GENRES.items() if word != "黑色电影"},
    "爱情喜剧": ("Romance", "Comedy"), "浪漫喜剧": ("Romance", "Comedy"), "浪漫爱情喜剧": ("Romance", "Comedy"),
    "爱情喜剧片": ("Romance", "Comedy"), "浪漫喜剧片": ("Romance", "Comedy"), "爱情轻喜剧": ("Romance", "Comedy"),
    "皮克斯": ("Animation",), "黑帮电影": ("Crime",), "恐怖电影": ("Horror",), "纪实": ("Documentary",), "科学幻想": ("Sci-Fi",),
}
"""What people call a genre -> genres of the catalog."""

KEYWORDS: dict[str, str] = _pairs("""
    时间旅行/穿越/穿越时空/时空穿越=time_travel 时间循环/无限循环=time_loop 僵尸/丧尸=zombie 吸血鬼=vampire 狼人=werewolf
    外星人/外星生物=alien 外星入侵=alien_invasion 机器人=robot 人工智能=artificial_intelligence 超级英雄/超英=superhero
    漫威=marvel_comic 抢劫/劫案/盗窃=heist 抢银行/银行劫案=bank_robbery 连环杀手/连环杀人/变态杀手=serial_killer 杀手/职业杀手=hitman
    刺客/暗杀=assassin 二战/第二次世界大战=world_war_ii 一战/第一次世界大战=world_war_i 越战/越南战争=vietnam_war 冷战=cold_war
    太空=space 宇宙=space 太空旅行=space_travel 飞船/宇宙飞船/太空船=spaceship 太空歌剧=space_opera 宇航员/航天员=astronaut
    校园/高中=high_school 大学=college 复仇/报仇=revenge 监狱=prison 越狱=prison_escape 间谍/谍战=spy 特工=secret_agent 卧底=undercover
    黑手党/黑社会=mafia 黑客=hacker 赛博朋克=cyberpunk 反乌托邦=dystopia 末日/世界末日=apocalypse 末世/废土/后启示录=post-apocalyptic
    平行世界/平行宇宙=parallel_world 克隆/克隆人=clone 变种人=mutant 怪兽/怪物=monster 恐龙=dinosaur 鲨鱼=shark 巨龙=dragon 海盗=pirate
    武士=samurai 骑士=knight 女巫=witch 巫师=wizard 魔法=magic 鬼魂/幽灵/闹鬼=ghost 鬼屋=haunted_house 恶魔/魔鬼=demon 精灵=elves
    功夫/武术/武侠/武打=martial_arts 拳击=boxer 篮球=basketball 棒球=baseball 橄榄球=american_football 体育=sport 赛车=car_race
    飞车/追车=car_chase 真实事件/真实故事/真人真事=based_on_true_story 小说改编/改编自小说=based_on_novel
    漫画改编/漫改=based_on_comic_book 游戏改编=based_on_video_game 传记/人物传记=biography 成长/青春=coming_of_age 公路/公路片=road_trip
    公路电影=road_movie 圣诞节/圣诞=christmas 万圣节=halloween 婚礼=wedding 离婚=divorce 出轨/外遇/婚外情=infidelity 三角恋=love_triangle
    同性恋/同志=gay 失忆=amnesia 反转=twist 烧脑=surrealism 超现实=surrealism 暴力=violence 血腥=gore 黑色幽默/黑色喜剧=dark_comedy 讽刺=satire
    恶搞=spoof 伪纪录片=mockumentary 律师=lawyer 法庭=courtroom 记者=journalist 警察=police 老师/教师=teacher 科学家=scientist
    狙击手=sniper 雇佣兵=mercenary 毒品=drug 毒贩/贩毒=drug_dealer 绑架=kidnapping 人质=hostage 自杀=suicide 阴谋=conspiracy
    恐怖分子/恐怖袭击=terrorist 政治=politics 种族/种族歧视=racism 奴隶=slavery 纳粹=nazis 大屠杀=holocaust 求生/生存/荒野求生=survival
    荒岛=island 丛林=jungle 沙漠=desert 潜艇=submarine 飞机=airplane 灾难/灾难片=disaster 友情/友谊=friendship 孤儿=orphan 癌症=cancer
    孤独=loneliness 救赎=redemption 童话=fairy_tale 公主=princess 舞蹈/跳舞=dancing 赌博/赌场=casino 骗子=con_man 狗狗=dog 猫咪=cat
    巴黎=paris 纽约=new_york 伦敦=london_england 女性主角/女主角/大女主=female_protagonist 女导演=woman_director 反英雄=anti_hero
    虚拟现实=virtual_reality 足球=soccer 忍者=ninja 美食/做饭=food 中世纪=middle_ages 私刑=vigilante 逃亡=on_the_run 寻宝=treasure_hunt 武器=weapon 病毒=virus 瘟疫=virus 摇滚=rock_and_roll
""")
"""Everyday words -> keyword. Those whose keyword a catalog lacks are passed over."""

LANGUAGES: dict[str, str] = {
    name + suffix: code
    for names, code in {
        "法国": "fr", "西班牙": "es", "德国": "de", "意大利": "it", "日本": "ja", "韩国": "ko", "中国": "zh", "台湾": "zh", "大陆": "zh",
        "香港": "cn", "印度": "hi", "俄罗斯": "ru", "俄国/苏联": "ru", "葡萄牙/巴西": "pt", "丹麦": "da", "瑞典": "sv", "荷兰": "nl", "伊朗": "fa",
        "泰国": "th", "以色列": "he", "波兰": "pl", "土耳其": "tr", "挪威": "no", "捷克": "cs", "匈牙利": "hu", "冰岛": "is", "印尼": "id",
        "美国/英国": "en", "国产/华语": "zh", "好莱坞": "en", "宝莱坞": "hi",
    }.items() for name in names.split("/") for suffix in ("", "片", "电影", "影片")
} | _pairs("""
    英语/英文/英语片/英文片/美片/英片=en 法语/法文/法语片/法片=fr 西班牙语/西语/西班牙语片=es 德语/德文/德语片/德片=de 意大利语/意语=it
    日语/日文/日语片/日片/日影=ja 韩语/韩文/韩语片/韩片/韩影=ko 中文/汉语/国语/普通话/中文片/国语片=zh 粤语/粤语片/广东话/港片/港产片=cn 台片=zh
    印地语/印度语=hi 俄语/俄文/俄语片=ru 葡萄牙语/葡语=pt 丹麦语=da 瑞典语=sv 荷兰语=nl 波斯语=fa 泰语/泰片/泰语片=th 希伯来语=he 波兰语=pl
    土耳其语=tr 阿拉伯语=ar 挪威语=no 捷克语=cs 匈牙利语=hu 冰岛语=is 非英语/非英语片=!en
""")
"""Languages, and the countries whose films are meant -> language codes; "!en" is any but English."""

LENGTHS: dict[str, str] = _pairs("""
    长=long 太长=long 很长=long 长一点/长一些/长点/再长一点/更长=long 长片=long 冗长=long 过长=long 这么长/那么长=long
    短=short 太短=short 很短=short 短一点/短一些/短点/再短一点/更短=short 短片=short 过短=short 不长=short
    片长=any 时长=any 长度=any 多长=any 多久=any 长短=any
""")
AGES: dict[str, str] = _pairs("""
    老片/老片子/老电影/老的/太老/老一点/老一些/老点/更老/旧片/旧的/太旧/旧电影/旧一点/经典/经典片/经典老片/怀旧/复古/黑白/黑白片/默片/无声片/早期/古老=old
    新片/新片子/新电影/新的/太新/新一点/新一些/新点/更新/最新/最近的/近期/近几年/最近几年/这几年/近年/近年来/近些年/当代/现代/新出的/新上映/刚上映=new
    新旧/上映时间/多老/哪年/哪一年=any
""")
"""As lexicon.LENGTH_WORDS and AGE_WORDS."""

COUNTED = "部个次人分月日岁小钟块元星世代条集遍场以"
"""What a number counts, not a title made of digits."""
DIGITS = {c: n for n, group in enumerate("零〇 一 二两 三 四 五 六 七 八 九".split()) for c in group}
NUMERAL = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)"


SAID_OF = re.compile(
    r"(?:看过|看了|看完|看|喜欢过?|爱看|最爱|爱|讨厌|恨|像|类似|类似于|推荐了?|电影|影片|片子|叫|重温了?|刷了?|没有|对|过|给|是|关于|和|跟|与|及|还有|比|除了|忘掉|去掉)$")
"""Words that a title follows."""


def has_chinese(text: str) -> bool:
    """Whether any character of `text` is a Han character."""
    return _HAN.search(text) is not None


def numeral(text: str) -> float | None:
    """The value of "12", "十", "二十五", "一百二十", "一九九四" (digit by digit) or "半"; None when it is no number."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if text == "半":
        return 0.5
    if not text or any(c not in DIGITS and c not in "十百千" for c in text):
        return None
    if not re.search("[十百千]", text):
        return float("".join(str(DIGITS[c]) for c in text))
    total, digit = 0, None
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        else:
            total += (1 if digit is None else digit) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = None
    return float(total + (digit or 0))


# One form to compare in

_WIDE = {0x3000: " ", **{c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}, **{0x2160 + n: str(n + 1) for n in range(9)}}
FILLERS = re.compile(r"[\s·・•‧∙.:\-—–_'’]")
"""What may stand inside a name or be left out of it."""


@lru_cache(maxsize=1)
def _simple() -> dict[int, str]:
    return {ord(c): simple for simple, forms in chinese_names()["characters"].items() for c in forms}


def half_width(text: str) -> str:
    """`text` with full-width letters, digits and signs as ASCII; of the same length."""
    return text.translate(_WIDE)


def plain(text: str) -> str:
    """`text` simplified, in lower case and half width; of the same length."""
    text = half_width(text).translate(_simple())
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def latin(text: str) -> str:
    """What is left of `text` for English: Han characters as dots, Chinese title marks around Latin words as quotes.

    Of the same length; a text without Han characters as it is.
    """
    if not has_chinese(text):
        return text
    text = re.sub(r"[“\"]([^“”\"]*)[”\"]", lambda m: BLANK + m[1] + BLANK if has_chinese(m[1]) else m[0], half_width(text))
    text = re.sub(rf"[《〈「『]([^《〈「『》〉」』{HAN}]+)[》〉」』]", r"“\1”", text)
    text = re.sub(rf"\d+(?= ?[{COUNTED}])", lambda m: BLANK * len(m[0]), text)
    return re.sub(rf"[{HAN}《》〈〉「」『』，。、！？；：…—]", BLANK, text)


def as_english(word: str) -> str:
    """What stands before a title, as the English one it does the work of: "liked" for words like 看过, else "and"."""
    if not has_chinese(word):
        return word
    return "liked" if SAID_OF.search(plain(word)) else "and"


def squeezed(name: str) -> str:
    """A name as it is compared: plain, without spaces, dots and colons."""
    return FILLERS.sub("", plain(name))


# Numbers

def numbers(low: str) -> Iterator[tuple[int, int, str, float]]:
    """(start, end, kind, value) of the ratings, runtimes, years back, decades and years in plain text."""
    yield from _ratings(low)
    yield from _runtimes(low)
    yield from _decades(low)
    yield from _years(low)


_RATES = r"(?:打|给|评|值|得)[^,。!?;]{0,24}$"


def _ratings(low: str) -> Iterator[tuple[int, int, str, float]]:
    for m in re.finditer(rf"(?<![\d.])({NUMERAL})分(?!钟|之|\d|别|手|享|析|开|类)(?:制|的)?", low):
        score = numeral(m[1])
        cued = re.search(_RATES, low[: m.start()])
        ended = re.match(r"[\s,。!?;、)》吧了啦哈呢]|$|不过|但", low[m.end() :])
        if score is None or not (m[1].isdigit() or "." in m[1]) and not (cued and ended):
            continue
        if score <= 10 or score <= 100 and cued and not re.search(r"(?:小时|钟头)$", low[: m.start()]):
            if not re.search(r"小时$|钟头$|h$", low[: m.start()]):
                yield m.start(), m.start() + len(m[1]) + 1, "rating", score if score <= 10 else score / 10
    for m in re.finditer(rf"({NUMERAL})(?:颗|个)?星(半)?(?!期|球|际|座|级|战|光|人|空|球)", low):
        stars = numeral(m[1])
        if stars is not None and stars <= 10:
            stars += 0.5 if m[2] else 0
            yield m.start(), m.end(), "rating", stars * (2 if stars <= 5 else 1)
    for m in re.finditer(r"满分(?![是为]?[\d十])", low):
        yield m.start(), m.end(), "rating", 10.0


_SPENT = re.compile(r"(?:等|睡|花|聊|堵|排队|加班|开会)了[^,。!?;]{0,3}$")
"""Before an amount of time that is not a film's: 我等了你一个小时."""


def _runtimes(low: str) -> Iterator[tuple[int, int, str, float]]:
    hour = r"(?:小时|钟头|h(?![a-z]))"
    pattern = rf"(?:({NUMERAL})个?(半)?多?{hour}|(半)个?{hour})(?:零|又)?(?:(半)(?![个小天])|({NUMERAL}|一刻)(?:分钟|分|钟)?(?![年部个小]))?"
    for m in re.finditer(pattern, low):
        hours = 0.5 if m[3] else numeral(m[1])
        extra = 30 if m[2] or m[4] else 15 if m[5] == "一刻" else numeral(m[5] or "0")
        if hours is not None and extra is not None and 0 < hours <= 10 and extra < 60 and not _SPENT.search(low[: m.start()]):
            yield m.start(), m.end(), "runtime", 60 * hours + extra
    for m in re.finditer(rf"(?<![\d.])({NUMERAL})(?:来|多)?分(?:钟|(?=左右|以内|之内|以下|以上))", low):
        minutes = numeral(m[1])
        if minutes and minutes >= (20 if m.group().endswith("钟") else 60):
            yield m.start(), m.end(), "runtime", minutes


_CENTURY = r"(?:(?:上个?|[二2][十0])世纪|(?:本|这个?|二十一|21)世纪)?"


def _decades(low: str) -> Iterator[tuple[int, int, str, float]]:
    tens = r"(?:[1-9]0|00|[二三四五六七八九]?十|[零〇一二三四五六七八九][零〇])"
    for m in re.finditer(rf"({_CENTURY})((?:19|20)\d0|[一二][九零〇][零〇一二三四五六七八九][零〇]|{tens})(?:年代|'?s(?![a-z]))", low):
        yield m.start(), m.end(), "decade", _decade(m[1], m[2])
        for before in re.finditer(rf"({tens})(?:年代)?[、和到至~跟或,-]$", low[: m.start()]):
            yield before.start(), before.end(1), "decade", _decade(m[1], before[1])
        if joined := re.search(r"([二三四五六七八])$", low[: m.start()]):
            yield joined.start(), joined.end(), "decade", _decade("", joined[1] + "十")


def _decade(century: str, digits: str) -> float:
    value = int(numeral(digits) or 0)
    if value >= 1000:
        return value
    if re.match("本|这|二十一|21", century):
        return 2000 + value
    return value + (1900 if value >= 20 or century else 2000)


def _years(low: str) -> Iterator[tuple[int, int, str, float]]:
    for m in re.finditer(r"(?<![\d.$])((?:18[89]|19\d|20[0-4])\d)(年)?(?!代|\d|\s?(?:min|hour|分|小时|块|元|s(?![a-z])))", low):
        if m[2] or m[1] not in ("1984", "2001", "2012", "1917", "1900", "1941", "2010", "2046") or _side_after(low[m.end() :]):
            yield m.start(), m.end(), "year", float(m[1])
    for m in re.finditer(r"([一二][八九零〇][零〇一二三四五六七八九]{2})年(?!代)", low):
        yield m.start(), m.end(), "year", numeral(m[1]) or 0
    for m in re.finditer(rf"(?<![\d.第])({NUMERAL})(个?半)?年(?!代|级|轻|龄|纪|度|底|初)", low):
        number = numeral(m[1])
        if number is None or not 0 < number <= 100 and m[1] not in ("00", "零零", "〇〇"):
            continue
        back = re.search(r"(?:最近|近|过去|这|前|不超过|超过|不到)$", low[: m.start()])
        ahead = re.match(r"(?:之|以)?内|(?:之|以)?前|来|以来|以上|多前", low[m.end() :])
        two_digits = re.fullmatch(r"\d\d|[五六七八九零〇][零〇一二三四五六七八九]", m[1])
        if (back or ahead and number <= 50) and not m[1].startswith(("0", "零", "〇")):
            yield m.start(), m.end(), "years", number
        elif two_digits and (number >= 30 or number <= 26):
            yield m.start(), m.end(), "year", number + (1900 if number >= 30 else 2000)


_MAX_AFTER = r"以内|之内|内|以下|之下|之前|以前|前|以里|封顶|为止|打住"
_MIN_AFTER = r"以上|之上|之后|以后|后|以来|起|开始|往后|往上|至今|到现在|打底|起步"
_MAX_BEFORE = r"不超过|最多|至多|顶多|少于|小于|低于|短于|早于|不到|不多于|不长于|不晚于|不大于|最晚|最长|上限"
_MIN_BEFORE = r"至少|起码|最少|不少于|不低于|不短于|不早于|不小于|超过|多于|大于|长于|高于|晚于|最早|最短|下限|自|自从|从"
_GLUE = r"(?:是|为|在|了|过|于|个|大概|大约|差不多|[\s:])*$"
_DENIAL = r"不要|不想|不看|不喜欢|不能|不可以|不可|不许|不得|不用|不|别|没有|没|除了|除去|排除|去掉|讨厌|拒绝"


_OTHER_SIDE = {"max": "min", "min": "max"}


def _side_after(after: str) -> str | None:
    if m := re.match(rf"\s?(?:年)?(?:的|及|和|或)?(?:({_MAX_AFTER})|({_MIN_AFTER}))", after):
        return "max" if m[1] else "min"
    return None


_EXCEPT = re.compile(r"(?:除了|除开|除去|除)[^，。！？；,.!?\s都不]{0,12}$")
_AFTER_EXCEPT = re.compile(r"[^，。！？；,.!?都不]{0,12}[，,\s]?[^，。！？；,.!?都不]{0,4}(?:(?P<rest>都|全都?|也)(?P<no>不|别|没)?|(?P<never>不))")


def exception(before: str, after: str) -> str | None:
    """"avoid" or "only" as the words around a genre, person or the like state it: 除了恐怖片都行 wants no horror, 除了恐怖片都不看 only
    that; None where they do not."""
    if not _EXCEPT.search(before) or not (match := _AFTER_EXCEPT.match(after)):
        return None
    return "only" if match["no"] or match["never"] else "avoid"


def vague(before: str) -> str | None:
    """"avoid" (别太长) where the words right before a word of length or age say it, else None. As `lexicon.vague`, for Chinese."""
    return "avoid" if re.search(r"(?:别|不要|不能|不想看|不想要)(?:太|那么|这么|很)?$", plain(before)) else None


def limit(kind: str, before: str, after: str) -> tuple[str, bool] | None:
    """("max" or "min", whether the number itself is left out) as the words beside a number of `kind` state it; None where
    they do not. As `lexicon.limit`, for Chinese.

    "不要1990年以前的" is turned round; where a denial stands further off, it takes understanding: None.
    More years back is an earlier year: "最近十年" and "十年以内" are "min" in the year they mean, "十年以前" is "max".
    """
    before, after = plain(before), plain(after)
    clause = re.split(r"[,。!?;、\n]|但是?|而且", before)[-1]
    if re.match(rf"(?:年)?(?:到|至|-|~|—)(?:{NUMERAL})(?:年|分钟|个?小时)", after):
        return None if re.search(_DENIAL, clause) else ("min", False)
    if re.search(rf"{NUMERAL}(?:年|分钟|个?小时)?(?:到|至|-|~|—)$", before):
        return None if re.search(_DENIAL, clause) else ("max", False)
    side, rest = None, clause
    if m := re.search(rf"(?:({_MAX_BEFORE})|({_MIN_BEFORE})){_GLUE}", clause):
        side, rest = ("max" if m[1] else "min"), clause[: m.start()]
    if behind := _side_after(after):
        side, rest = behind, rest if side == behind else clause
    if kind == "years" and side is None and (m := re.search(r"(?:最近|近|过去|这)的?$", clause)):
        side, rest = "max", clause[: m.start()]
    if side is None:
        return None
    if kind == "years" and not re.match(r"(?:之|以)?前", after):
        side = _OTHER_SIDE[side]
    if re.search(rf"(?:{_DENIAL})(?:要|看|想看|选|推荐|有|是|给我|出现)?(?:的|任何)?\s*$", rest):
        return _OTHER_SIDE[side], False
    exclusive = kind == "year" and bool(re.match(r"(?:之|以)?[前后]", after))
    return None if re.search(_DENIAL, rest) else (side, exclusive)


@lru_cache(maxsize=1)
def chinese_names() -> dict[str, dict[str, tuple[str, ...]]]:
    """"films" and "people" of data/names.zh.txt: catalog name -> Chinese names; its "characters": simplified -> traditional."""
    sections: dict[str, dict[str, tuple[str, ...]]] = {"films": {}, "people": {}, "characters": {}}
    section = ""
    for line in files("assistant").joinpath("data/names.zh.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            section = line[3:].strip()
        elif line and not line.startswith("#"):
            name, _, others = line.partition("\t")
            sections[section][name] = tuple(others.split("|"))
    return sections
