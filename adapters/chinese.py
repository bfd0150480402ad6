"""What fills the slots of a Chinese phrase: titles in 《》 or bare, names, numbers and picks as people type them."""

from __future__ import annotations

from adapters.fillers import Filler
from assistant import chinese_lexicon

DIGITS = "零一二三四五六七八九"
COMMON_LANGUAGES = ("韩国", "日本", "法国", "国产", "香港", "英语", "日语", "韩语", "印度", "中文", "法语", "美国", "泰国")
POINTING = ("这部", "那部", "这个", "那个", "它", "这部电影", "那部电影", "这部片子", "那部片", "这一部")
ALL = (
    "这些", "这些", "这几部", "这几部", "那些", "那几部", "前两部", "后两部", "前三部", "全部", "两部", "这两部", "它们", "这几个",
    "这些电影", "前两个", "后两个", "最后两部", "上面这些", "所有的",
)  # fmt: skip


class ChineseFiller(Filler):
    """Fills the slots of one Chinese message."""

    # films and picks

    def _film(self) -> tuple[str, str]:
        draw = self.rng.random()
        if self.shown and draw < 0.15:
            return self._pick()
        if draw < 0.21:
            return self._words()
        return self._title(), "film"

    def _title(self) -> str:
        rng = self.rng
        if rng.random() < 0.15:
            return self.title(*self.vocabulary.films.draw(rng))
        name = self.vocabulary.chinese.films.draw(rng)
        if rng.random() < 0.3:
            return name
        return rng.choice(("《{}》",) * 30 + ("「{}」", "“{}”", "<{}>", "《{}")).format(name)

    def _words(self) -> tuple[str, str]:
        return f"《{self.rng.choice(self.vocabulary.chinese.unlinked)}》", "words"

    def _text(self) -> tuple[str, str]:
        return self.rng.choice(self.vocabulary.chinese.texts), "text"

    def _clause(self) -> tuple[str, str]:
        return self.rng.choice(self.vocabulary.chinese.clauses), "text"

    def _pick(self) -> tuple[str, str]:
        rng = self.rng
        one = rng.choice(("部", "部", "部", "个", "个", "部电影", "部片子", "个电影", "条"))
        place = min(len(self.shown) or 5, 1 + int(rng.random() ** 1.3 * 5))
        draw = rng.random()
        if draw < 0.45:
            number = rng.choice((DIGITS[place], DIGITS[place], DIGITS[place], str(place)))
            return f"第{number}{one}", "pick"
        if draw < 0.55:
            return rng.choice(("最后一部", "最后一个", "最后那部", "倒数第一部", "最上面那部", "最后一部电影")), "pick"
        if draw < 0.85 and (self.state.focus is not None or rng.random() < 0.4):
            return rng.choice(POINTING), "pick"
        return self._described(), "pick"

    def _described(self) -> str:
        rng = self.rng
        item = rng.choice(self.shown) if self.shown else None
        ways = ["最新的那部", "最老的那部", "最短的那部", "最长的那部", "新的那部", "老的那部", "短的那部", "长的那部"]
        if item is not None:
            ways += [f"{item.year}年的那部", f"{item.year}年那部"] * 2 if item.year else []
            names = {person: name for name, person in self.vocabulary.linker.chinese.people.items()}
            ways += [f"{names[p]}{rng.choice(('那部', '的那部'))}" for p in item.people[:2] if p in names for _ in "aa"]
        return rng.choice(ways)

    def _picks(self) -> tuple[str, str]:
        return self.rng.choice(ALL), "pick"

    # features

    def _person(self) -> tuple[str, str]:
        if self.rng.random() < 0.15:
            return super()._person()
        return self.vocabulary.chinese.persons.draw(self.rng), "person"

    def _keyword(self) -> tuple[str, str]:
        return self.vocabulary.chinese.keywords.draw(self.rng), "keyword"

    def _genre(self) -> tuple[str, str]:
        return self.rng.choice(list(chinese_lexicon.GENRES)), "genre"

    def _language(self) -> tuple[str, str]:
        common = [name for name in COMMON_LANGUAGES if name in chinese_lexicon.LANGUAGES]
        return self.rng.choice((*common, self.rng.choice(list(chinese_lexicon.LANGUAGES)))), "language"

    def _decade(self) -> tuple[str, str]:
        rng = self.rng
        tens = rng.choice((3, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9))
        spelt = DIGITS[tens] + "十"
        if rng.random() < 0.08:
            return rng.choice(("2000年代", "2010年代", "00年代", "10年代", "零零年代")), "decade"
        return rng.choice(
            (f"{tens}0年代", f"{tens}0年代", f"{tens}0年代", f"{spelt}年代", f"{spelt}年代", f"上世纪{tens}0年代",
             f"上世纪{spelt}年代", f"19{tens}0年代", f"{tens}0s")
        ), "decade"  # fmt: skip

    # numbers

    def _year(self) -> tuple[str, str]:
        year = super()._year()[0]
        short = year[2:] if 1950 <= int(year) < 2000 else year
        return self.rng.choice((f"{year}年", f"{year}年", f"{year}年", f"{year}年", year, f"{short}年")), "year"

    def _years(self) -> tuple[str, str]:
        rng = self.rng
        number = rng.choice((2, 3, 3, 5, 5, 5, 10, 10, 15, 20, 20, 30))
        spelt = {2: "两", 3: "三", 5: "五", 10: "十", 15: "十五", 20: "二十", 30: "三十"}[number]
        return f"{spelt if rng.random() < 0.55 else number}年", "years"

    def _runtime(self) -> tuple[str, str]:
        rng = self.rng
        minutes = rng.choice((60, 75, 80, 85, 90, 90, 95, 100, 100, 105, 110, 120, 130, 140, 150, 180))
        hours = rng.choice(("两小时", "两个小时", "2小时", "2个小时", "一个半小时", "两个半小时", "一小时", "1个小时", "三小时", "3小时",
                            "1.5小时", "2.5小时", "一个小时", "三个小时", "2h", "两小时二十分钟", "1小时40分钟", "俩小时", "一个钟头",
                            "两个钟头", "1小时45分", "两小时半"))  # fmt: skip
        return rng.choice((f"{minutes}分钟", f"{minutes}分钟", f"{minutes}min", "九十分钟", "一百分钟", hours, hours, hours, hours)), "runtime"

    def _rating(self) -> tuple[str, str]:
        rng, rating = self.rng, self._shared_rating()
        half = f"{rating}.5" if rating < 10 and rng.random() < 0.2 else f"{rating}"
        ways = [f"{half}分"] * 6 + [f"{half}/10"] * 2 + [f"{rating / 2:g}/5"]
        if rating < 10:
            ways += [f"{DIGITS[rating]}分"] * 2
        else:
            ways += ["满分", "满分", "10分"]
        if rating % 2 == 0:
            stars = DIGITS[rating // 2] if rating != 4 else rng.choice("两二")
            ways += [f"{stars}星", f"{rating // 2}星", f"{stars}颗星", "★" * (rating // 2), "⭐" * (rating // 2)]
        return rng.choice(ways), "rating"
