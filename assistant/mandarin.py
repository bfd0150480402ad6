"""What is said, in Chinese: the functions of `english`, with the same parameters. What each is for is told there.

Wording only, from the pieces of `mandarin_phrases`. Reasons are called 加分 (what speaks for a film) and 减分 (against),
so that shares, points and the sum go by one word.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence import Cause, Origin, by_alternative, by_feeling
from assistant.mandarin_phrases import (
    LANGUAGES, cause_clause, count, felt, films, genres, held, held_all, impersonal, in_brackets, joined, kind_of_film, limit, marked, neat,
    quoted, said, shown, when, with_percents,
)
from assistant.phrases import choose
from assistant.state import Topic
from store.records import ITEM, Item, Preference

OPENINGS = ("给你挑了{}", "为你找到{}", "我选了{}", "这次推荐{}")
GONE = "已经不在的一条"
TELL_ME = "告诉我一部你喜欢的片子，或者现在想看什么吧。"


# cards


def nothing_speaks_line() -> str:
    return "你说过的话里没有给它加分的，不过它符合你的要求"


def popularity_line(percent: int) -> str:
    return f"因为它的人气，跟你的口味无关：{percent}%"


def reason_lines(best: Sequence[Cause], short: bool) -> list[str]:
    first = best[0]
    brackets = [_short_origin(c.origin) if short else in_brackets(c.origin) for c in best]
    causes = [neat(cause_clause(c)) + b for c, b in zip(best, brackets, strict=True)]
    if len(best) == 1:
        return [f"因为{causes[0]}：{first.percent}%", f"{causes[0]}：{first.percent}%", f"{first.percent}%是因为{causes[0]}"]
    second = best[1]
    return [neat(line) for line in (
        f"因为{causes[0]}：{first.percent}%；也因为{causes[1]}：{second.percent}%",
        f"{causes[0]}，占{first.percent}%；{causes[1]}，占{second.percent}%",
        f"{first.percent}%是因为{causes[0]}，{second.percent}%是因为{causes[1]}",
        f"{causes[0]}：{first.percent}%；其次，{causes[1]}：{second.percent}%",
        f"首先，{causes[0]}：{first.percent}%；然后，{causes[1]}：{second.percent}%",
    )]


def _short_origin(origin: Origin) -> str:
    return "（以前）" if origin.kind == "earlier" else in_brackets(origin)


# the slate


def opening(first: Item, best: Cause, number: int, more: bool, seed: object) -> str:
    here = choose((seed, "here"), OPENINGS).format(f"{'另外' if more else ''}{count(number, '部')}片子")
    why = f"{cause_clause(best)}这一点" if best.preference else impersonal(best)
    if number == 1:
        return neat(f"{here}：{marked(first)}，加分最多的是{why}。")
    return neat(choose((seed, first.name), (
        f"{here}，{marked(first)}排第一，加分最多的是{why}。",
        f"{here}，排第一的是{marked(first)}，加分最多的是{why}。",
        f"{here}：{marked(first)}排第一，给它加分最多的是{why}。",
    )))


def popular(number: int, limited: bool) -> str:
    these = f"这{count(number, '部')}" if number > 1 else "这部片子"
    return f"{'在你的要求之内，' if limited else ''}{these}只是人气高，还谈不上合不合你的口味。"


def tell_me() -> str:
    return TELL_ME


def slate_passes(number: int, hard: Sequence[Preference]) -> str:
    return f"{ {1: '它', 2: '两部都'}.get(number, '全都') }符合你的要求：{limits(hard)}。"


def no_others(shown_ones: int) -> str:
    return "符合要求的就这一部。" if shown_ones == 1 else "符合要求的就这些了。"


def limits(hard: Sequence[Preference]) -> str:
    return "，".join(limit(first) + "".join(f"或{shown(p)}" for p in others) for first, *others in by_alternative(hard))


def nothing_passes(hard: Sequence[Preference]) -> str:
    return f"片库里没有一部能同时满足你的要求：{limits(hard)}。"


def nothing_more() -> str:
    return "没有更多合适的片子了。"


def relaxed(preference: Preference, number: int, first: Item) -> str:
    return f"去掉{quoted(limit(preference))}，就有{count(number, '部')}片子，比如{marked(first)}。"


def drop_a_limit() -> str:
    return "放宽一条要求，或者撤销上一步，我再帮你找。"


# why this


def nothing_speaks(item: Item) -> str:
    return f"你说过的话里，没有给{marked(item)}加分的。"


def shown_for_popularity(item: Item, percent: int, current: bool) -> str:
    return f"{_recommended(current)}{marked(item)}，是因为它的人气，跟你的口味无关：占加分的{percent}%。"


def _recommended(current: bool) -> str:
    return "推荐" if current else "当时推荐"


def biggest_reason(item: Item, first: Cause, current: bool, seed: object) -> str:
    cause = f"{neat(cause_clause(first))}{in_brackets(first.origin)}"
    return neat(choose((seed, item.id, "why"), (
        f"{_recommended(current)}{marked(item)}，最主要的原因是{cause}，占加分的{first.percent}%。",
        f"{_recommended(current)}{marked(item)}，首先因为{cause}，占加分的{first.percent}%。",
        f"{'' if current else '当时'}{marked(item)}的加分里，{first.percent}%是因为{cause}，占得最多。",
    )))


def other_reasons(others: Sequence[Cause]) -> str:
    return f"其次：{with_percents((c, c.percent) for c in others)}。"


def held_down_by(against: Sequence[Cause]) -> str:
    return f"给它减分的：{with_percents((c, c.percent) for c in against)}。"


def sums_to(score: float, parts: int) -> str:
    if parts == 1:
        return f"它的得分就是这一条：{score:.2f}。"
    return f"{count(parts, '条')}理由加起来，正好是它的得分：{score:.2f}。"


def faded(preference: Preference, percent: int) -> str:
    return f"你后来又提到别的片子，{held(preference, year=False)}这一条已经淡到{percent}%。"


def also_passes(hard: Sequence[Preference]) -> str:
    return f"它也符合你的要求：{limits(hard)}。"


def same_people(item: Item, other: Item, directors: Sequence[str], actors: Sequence[str]) -> str:
    parts = [f"由{joined(directors)}执导"] if directors else []
    parts += [f"由{joined(actors)}主演"] if actors else []
    return neat(f"{films((item, other))}都{'，也都'.join(parts)}。")


def same_themes(item: Item, other: Item, themes: Sequence[str]) -> str:
    return f"{films((item, other))}有共同的题材：{_themes(themes)}。"


def _themes(themes: Sequence[str]) -> str:
    return "、".join(map(quoted, themes))


# two picks, all picks


def two_scores(first: Item, score: float, second: Item, other_score: float) -> str:
    return f"{marked(first)}得{score:.2f}分，{marked(second)}得{other_score:.2f}分。"


def two_addends(cause: Cause, first: Item, value: float, second: Item, other_value: float) -> str:
    return neat(f"{impersonal(cause)}{in_brackets(cause.origin)}：给{marked(first)}{_points(value)}，给{marked(second)}{_points(other_value)}。")


def _points(value: float) -> str:
    return f"{'减' if round(value, 2) < 0 else '加'}{abs(value):.2f}分"


def alike_for_both() -> str:
    return "你告诉我的，给它们加的分一样多。"


def nothing_matters() -> str:
    return "你说过的话里，还没有给这些推荐加分的。"


def drivers(number: int, told: Sequence[tuple[Cause, int]]) -> str:
    return f"{_these_picks(number)}的加分来自：{with_percents(told, impersonal)}。"


def _these_picks(number: int) -> str:
    return f"这{count(number, '部')}推荐"


def stays_whatever(item: Item) -> str:
    return f"不管去掉你档案里的哪一条，{marked(item)}都还在推荐里。"


def not_picked_now(item: Item) -> str:
    return f"{marked(item)}已经不在推荐里了。"


def hangs_on(item: Item, entries: Sequence[Preference]) -> str:
    return f"我重新算了一遍：去掉{held_all(entries)}，{marked(item)}就不在推荐里了。"


def no_smaller_change() -> str:
    return "更小的改动都做不到。"


def smaller_may_do() -> str:
    return "更小的改动也许也能做到，我没有全部试过。"


# how picks stand


def without_it(preference: Preference, leaving: Sequence[Item], first: bool) -> str:
    return f"{'我重新算了一遍：' if first else ''}去掉{held(preference)}，不再入选的{_there_is(leaving)}{films(leaving)}。"


def only_moves(preference: Preference, moved: int) -> str:
    return f"我重新算了一遍：去掉{held(preference)}，推荐的都还在，有{count(moved, '部')}换了位置。"


def changes_nothing(idle: Sequence[Preference], more: int) -> str:
    others = f"，或者其他{count(more, '条')}里的一条" if more else ""
    return f"去掉{held_all(idle, '或')}{others}，推荐还是一样。"


def share_of_picks(cause: Cause, number: int) -> str:
    return f"{_these_picks(number)}的加分里，{cause.percent}%是因为{neat(cause_clause(cause))}{in_brackets(cause.origin)}。"


def among_picks(feature: str, having: int, number: int) -> str:
    return neat(f"这{count(number, '部')}里，{feature}{'有' + count(having, '部') if having else '一部也没有'}。")


def no_odds() -> str:
    return "我给不出概率，只能说它排得稳不稳。"


def leads(item: Item, rank: int, points: float) -> str:
    return f"{marked(item)}排第{rank}位，比推荐之外的片子至少高{points:.2f}分。"


def does_without(item: Item, stays: int, entries: int) -> str:
    if entries == 1:
        return f"去掉你说过的那一条，它{'还在推荐里' if stays else '就不在推荐里了'}。"
    if stays == entries:
        return f"你告诉我的{count(entries, '条')}，不管去掉哪一条，它都还在推荐里。"
    return f"你告诉我的{count(entries, '条')}，我逐一去掉试了试，有{count(stays, '次')}它还在推荐里。"


def popularity_share(percent: int) -> str:
    return f"给它的加分里，{percent}%是因为它的人气，跟你的口味无关。"


def too_few_tastes(number: int) -> str:
    told = f"才{count(number, '条')}" if number else "还没有"
    return f"你告诉我的喜好{told}，看不出变化。"


def two_halves(earlier: Sequence[Preference], of_earlier: int, later: Sequence[Preference], of_later: int) -> str:
    halves = ((earlier, of_earlier), (later, of_later))
    first, second = (f"{count(of, '条')}{'，比如' if of > len(some) else '：'}{held_all(some)}" for some, of in halves)
    return f"前面你告诉我的有{first}；后面的有{second}。"


def picks_of_halves(then: Sequence[Item], now: Sequence[Item]) -> str:
    return f"只按前面的，我会推荐{films(then)}；只按后面的，我会推荐{films(now)}。"


def halves_share(shared: int, number: int) -> str:
    return f"{count(number, '部')}里，两边都有的{'有' + count(shared, '部') if shared else '一部也没有'}。"


def goes_by(item: Item, found: Sequence[Cause]) -> str:
    return f"推荐{marked(item)}，我看的是：{'；'.join(neat(cause_clause(c)) + in_brackets(c.origin) for c in found)}。"


def which_is_wrong() -> str:
    return "告诉我哪一条不对，或者从我记下的里面去掉它，以后就不算了。"


def was_shown(item: Item, rank: int, origin: Origin) -> str:
    return f"我推荐{marked(item)}的时候{in_brackets(origin)}，它排第{rank}位。"


def ranks_now(item: Item, rank: int, picked: bool) -> str:
    return f"现在{marked(item)}排第{rank}位{'，还在推荐里' if picked else ''}。"


def after_that(item: Item, then: Preference | None, now: Preference | None, rank: int | None) -> str:
    place = f"它会排第{rank}位" if rank else "它会被排除"
    if then is None:
        return f"在那之后，{felt(now)}：没有这一条的话，{place}。"
    if now is None:
        return f"在那之后，你去掉了{held(then)}：要是还在，{place}。"
    return f"在那之后，{held(then)}换成了{held(now)}：没换的话，{place}。"


def nothing_moved_it() -> str:
    return "在那之后你说的，都没有改变它的位置。"


def nothing_said_since() -> str:
    return "你的档案跟当时一样。"


def other_model() -> str:
    return "这中间，片库或者我的算法变过。"


# reruns


def filtered_out(item: Item, blocks: Sequence[tuple[Preference, Origin]]) -> str:
    return f"{marked(item)}被排除了：{'；'.join(_block(item, p, origin) for p, origin in blocks)}。"


def _block(item: Item, preference: Preference, origin: Origin) -> str:
    told = f"{felt(preference)}{in_brackets(origin)}"
    if preference.kind == ITEM:
        return told if preference.role in ("seen", "skip", "avoid") else f"{told}，已经知道的我不再推荐"
    if preference.kind == "runtime":
        return f"{told}，而它{f'片长{item.runtime}分钟' if item.runtime else '在片库里没有片长'}"
    if preference.kind == "year":
        return f"{told}，而它{f'是{item.year}年的' if item.year else '在片库里没有年份'}"
    if preference.kind == "language" and not item.language:
        return f"{told}，而它在片库里没有语言"
    return told


def no_change_helps(tried: int) -> str:
    return f"我试了{count(tried, '种')}改动，没有一种能让它入选。"


def edit_brings_in(removed: Sequence[Preference], added: Sequence[Preference], rank: int) -> str:
    return f"我重新算了一遍：{_changed(removed, added)}，它就能排到第{rank}位。"


def among_the_picks(item: Item, rank: int) -> str:
    return f"{marked(item)}就在推荐里，排第{rank}位。"


def too_low(item: Item, rank: int, size: int) -> str:
    return f"{marked(item)}排第{rank}位，而我一次推荐{count(size, '部')}。"


def short_of_the_last(points: float) -> str:
    return f"它比最后一部差{points:.2f}分。"


def nothing_to_leave_out(unknown: Sequence[Preference]) -> str:
    return f"你还没跟我提过{joined(map(shown, unknown), '或')}，没什么可去掉的。"


def same_picks(removed: Sequence[Preference], added: Sequence[Preference]) -> str:
    return f"我重新算了一遍：{_changed(removed, added)}，推荐还是一样。"


def what_moves(removed: Sequence[Preference], added: Sequence[Preference], left: Sequence[Item], entered: Sequence[tuple[Item, int]],
               moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    first, *others = _moves(left, entered, moved)
    return [f"我重新算了一遍：{_changed(removed, added)}，{first}。", *(f"{line}。" for line in others)]


def _moves(left: Sequence[Item], entered: Sequence[tuple[Item, int]], moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    told = [f"{films(left)}不再入选"] if left else []
    if entered:
        told.append(f"新进来的{_there_is(entered)}{joined(f'{marked(item)}（第{rank}位）' for item, rank in entered)}")
    return told + [f"{marked(item)}从第{before}位{'升' if after < before else '降'}到第{after}位" for item, before, after in moved]


def _there_is(some: Sequence[object]) -> str:
    return "是" if len(some) == 1 else "有"


def picks_move(left: Sequence[Item], entered: Sequence[tuple[Item, int]], moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    if not (left or entered or moved):
        return ["推荐还是一样。"]
    first, *others = _moves(left, entered, moved)
    return [f"跟之前的推荐比，{first}。", *(f"{line}。" for line in others)]


def only_a_question() -> str:
    return "这只是假设，你的档案没有变。"


def say_do_that() -> str:
    return "说“就这么办”，我就改。"


def _changed(removed: Sequence[Preference], added: Sequence[Preference]) -> str:
    parts = [f"去掉{held_all(removed)}"] if removed else []
    return "，再".join([*parts, f"加上{held_all(added)}"] if added else parts)


# what a message changed


def noted(added: Sequence[Preference], seed: object) -> str:
    return f"{choose((seed, 'noted'), ('记下了', '好的', '明白了'))}：{_grouped(added)}。"


def instead_of(replaced: Sequence[Preference]) -> str:
    return f"这取代了之前的{held_all(replaced)}。"


def removed(gone: Sequence[Preference]) -> str:
    return f"已去掉：{held_all(gone)}。"


def already_gone() -> str:
    return "这一条已经不在你的档案里了。"


def counts_now(preference: Preference, less: bool) -> str:
    return f"{held(preference)}，现在算得{'少' if less else '多'}一些。"


def counts_so_already(preference: Preference) -> str:
    return f"{held(preference)}，已经算这么多了。"


def _grouped(preferences: Sequence[Preference]) -> str:
    return "；".join(map(_group, by_feeling(preferences)))


def _group(group: Sequence[Preference]) -> str:
    """"你很喜欢《Heat (1995)》和《Alien (1979)》"; limits and wishes against something as filters: "不看恐怖片"."""
    if group[0].role in ("max", "min", "only") or group[0].role == "avoid" and group[0].kind != ITEM:
        return limits(group)
    return f"你{said(group)}"


def nothing_to_undo() -> str:
    return "没有可以撤销的了。"


def undone(came_back: Sequence[Preference], went_away: Sequence[Preference]) -> list[str]:
    sentences = ["已撤销。"]
    if went_away:
        sentences.append(f"又去掉了{held_all(went_away)}。")
    if came_back:
        sentences.append(f"又恢复了{held_all(came_back)}。")
    return sentences


def nothing_to_forget() -> str:
    return "没有什么要忘的，我还不了解你的口味。"


def forgotten(number: int) -> list[str]:
    return [f"好了，你告诉我的{count(number, '条')}我{'都' if number > 1 else ''}忘了。", "要是弄错了，说一声“撤销”就全回来。"]


# the profile


def topic(about: Topic) -> str:
    return f"《{about.label}》" if about.kind == ITEM else kind_of_film(about.kind, about.ref, about.label)


def told_nothing_about(names: Sequence[str]) -> str:
    return neat(f"你还没跟我提过{joined(names, '或')}。")


def know_nothing() -> str:
    return "我还不了解你的口味。"


def know(number: int) -> str:
    return f"关于你，我记下了{count(number, '条')}。"


def told_by(origin: Origin, quote: str, group: Sequence[Preference]) -> str:
    said_then = f"{when(origin)}{f'你说{quoted(quote)}' if quote else ''}"
    return f"{said_then}：{_grouped(group)}。" if when(origin) else f"{_grouped(group)}。"


def and_before(number: int) -> str:
    return f"更早的还有{count(number, '条')}。"


# facts


def what_it_is(item: Item) -> str:
    kind = genres(item.genres) if item.genres else f"{item.year}年的片子" if item.year else ""
    if kind:
        return neat(f"{marked(item)}是{f'{joined(item.directors)}执导的' if item.directors else '一部'}{kind}。")
    return neat(f"{marked(item)}由{joined(item.directors)}执导。") if item.directors else f"{marked(item)}在片库里。"


def stars(people: Sequence[str]) -> str:
    return neat(f"主演有{joined(people)}。")


def takes(minutes: int) -> str:
    return f"片长{minutes}分钟。"


def spoken_in(language: str) -> str:
    return f"对白是{LANGUAGES.get(language, language)}。"


def themes_are(themes: Sequence[str]) -> str:
    return f"题材：{_themes(themes)}。"


def no_film_with(feature: str) -> str:
    return neat(f"片库里没有{feature}。")


def films_with(feature: str, number: int, best: Sequence[Item]) -> list[str]:
    return [neat(f"片库里有{count(number, '部')}{feature}。"), f"评分人数最多的是{films(best)}。"]


# questions


def did_you_mean_undo() -> str:
    return "你是想撤销上一步吗？"


def did_you_mean_reset() -> str:
    return "你是想重新开始，让我忘掉你说过的吗？"


def say_yes_to_do() -> str:
    return "说“是的”我就照做，不是的话换个说法。"


def did_you_mean_this(proposed: Sequence[Preference]) -> list[str]:
    return [f"你的意思是这样吗：{_grouped(proposed)}？", "说“是的”我就记下，不是的话换个说法。"]


def which_one(candidates: Sequence[Item]) -> str:
    return f"你说的是哪一部：{films(candidates, '还是')}？"


def not_in_catalog(span: str, nearest: Sequence[Item]) -> list[str]:
    if not nearest:
        return [f"片库里没有{quoted(span)}，也没有名字相近的。"]
    return [f"片库里没有{quoted(span)}。", f"你说的是{films(nearest, '，还是')}{'吗' if len(nearest) == 1 else ''}？"]


def which_rather(options: Sequence[Preference], seed: object) -> str:
    kind, any_of = options[0].kind, joined(map(_option, options), "还是")
    if kind == "keyword":
        return neat(choose((seed, "rather"), (f"你更想看哪一种题材：{any_of}，还是都行？", f"更想看哪一种题材：{any_of}？都行也可以。")))
    which = {"person": "谁", "decade": "哪个"}.get(kind, "哪一种")
    return neat(choose((seed, "rather"), (f"{any_of}，你更想看{which}，还是都行？", f"{any_of}，更想看{which}？都行也可以。")))


def _option(preference: Preference) -> str:
    """An option as it is named among others: "惊悚片", "90年代的片子", "Al Pacino", "“heist”"."""
    if preference.kind == "person":
        return preference.label
    return quoted(preference.label) if preference.kind == "keyword" else shown(preference)


def not_both() -> str:
    return "你说的正好相反，请只说其中之一，我再重新算。"


def not_understood() -> list[str]:
    return ["这句我没看懂。", "可以说一部你喜欢的片子、现在想看什么，或者问我为什么推荐某一部。"]


def nothing_picked() -> str:
    return "我还没推荐过什么，没有可解释的。"


def name_the_films() -> str:
    return "说出是哪两部，我来比一比。"


def which_film() -> list[str]:
    return ["你说的是哪一部？", "说个片名，或者先让我推荐。"]


# everything else


def enjoy(items: Sequence[Item], seed: object) -> list[str]:
    if not items:
        return [choose((seed, "yes"), ("好的！", "好嘞！", "没问题！")), "还想看别的就接着说，也可以问我为什么推荐某一部。"]
    wish = choose((seed, films(items)), ("{}，祝你看得开心！", "那就看{}吧！", "选好了，{}！")).format(films(items))
    return [wish, "看完告诉我喜不喜欢，我会更懂你的口味。"]


def not_these(items: Sequence[Item]) -> str:
    return f"好的，{films(items) if items else '这些'}先放一边。"


def leave_it() -> str:
    return "好的，那就先这样。"


def hello(seed: object) -> str:
    return choose((seed, "chat"), (
        f"你好！{TELL_ME}",
        "嗨！我帮你挑片子，每一部都说得清为什么。你喜欢哪一部片子？",
        "很高兴见到你！你喜欢哪一部片子？",
    ))


def welcome(seed: object) -> str:
    return choose((seed, "thanks"), ("不客气！", "随时找我！", "好的，回头见！"))


def help_() -> list[str]:
    return [
        "告诉我你喜欢或不喜欢的片子，想看的影人、类型、年代和片长，我来给你挑。",
        "可以问我为什么推荐某一部、为什么没有某一部，或者要是你没说过喜欢某一部会怎样：答案是算出来的，不是猜的。",
        "说“撤销”收回上一步，说“重新开始”就全部忘掉。",
    ]


def too_long() -> str:
    return "这段话有点长，我只看了开头。"


def unreadable() -> list[str]:
    return ["这句我没能看懂，什么都没改。", "请换个说法再试试。"]


def no_model(problem: str) -> str:
    reason = "它现在是关着的。" if problem == "off" else f"原因：{problem}"
    return f"没有语言模型，我看不懂文字；按钮、你的档案和推荐的原因照常能用。{reason}"


# what the person may say next, and clicks as messages


def replies_to_doubt() -> tuple[str, ...]:
    return ("是的", "不是", "你知道我喜欢什么吗？")


def replies_to_choice(options: Sequence[Preference]) -> tuple[str, ...]:
    return (*(_option(p).strip("“”").removesuffix("的片子") for p in options), "都行")


def replies_to_picks(liked: str | None) -> tuple[str, ...]:
    doubt = (f"如果我没说过喜欢《{liked}》呢？",) if liked else ()
    return ("为什么推荐第一部？", *doubt, "换一批", "别太长")


def replies_to_reasons() -> tuple[str, ...]:
    return ("你知道我喜欢什么吗？", "换一批")


def replies_to_profile() -> tuple[str, ...]:
    return ("撤销", "推荐几部片子")


def replies_to_nothing() -> tuple[str, ...]:
    return ("推荐几部片子", "我喜欢《Heat》和《Alien》，别太长", "你能做什么？")


def replies_to_supposition() -> tuple[str, ...]:
    return ("就这么办", "你知道我喜欢什么吗？", "换一批")


def clicked_why(name: str) -> str:
    return f"为什么推荐《{name}》？"


def clicked_feeling(role: str, name: str) -> str:
    return f"{({'like': '喜欢', 'dislike': '不喜欢', 'seen': '看过'})[role]}《{name}》"


def clicked_withdrawn(name: str) -> str:
    return f"收回《{name}》"


def clicked_remove(entry: Preference | None) -> str:
    return f"去掉{held(entry) if entry else GONE}"


def clicked_steer(how: str, entry: Preference | None, percents: tuple[int, int] | None = None) -> str:
    told = {"less": "少算一些", "more": "多算一些", "wrong": "这条不对", "strength": "调整分量"}[how]
    change = f"（{percents[0]}% → {percents[1]}%）" if percents else ""
    return f"{told}：{held(entry) if entry else GONE}{change}"


def clicked_more_like(name: str) -> str:
    return f"多来点像《{name}》的"


def clicked_undo() -> str:
    return "撤销"
