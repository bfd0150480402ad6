"""The words in and beside the charts, in English and Chinese.

Film titles and what the person said stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.evidence import shown
from assistant.phrases import capital, felt, held, joined, limit
from store.records import FEATURE_KINDS, ITEM, Contribution, Preference, Rerun


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language. Those with {} take what their names say, in the order in which the charts give it."""

    film: str
    kinds: dict[str, str]
    popularity: str
    variety: str
    close_to: str
    score: str
    others: str
    as_table: str
    cause: str
    points: str
    pick_told: str
    pick_for: str
    pick_against: str
    slate_title: str
    slate_told: str
    slate_key: str
    profile_title: str
    profile_told: str
    profile_fading: str
    profile_key: str
    entry: str
    said: str
    left: str
    stays: str
    earlier: str
    now: str
    more_entries: str
    rerun_title: str
    rerun_in: str
    rerun_out: str
    rerun_moved: str
    rank: str
    no_rank: str
    filtered: str
    before: str
    after: str
    without: str
    supposed: str
    stop: str
    less: str
    more: str
    wrong: str
    alike: str
    steer: str
    strength: str
    strength_of: str
    replaced: str
    new: str
    was: str
    felt: Callable[[Preference], str]
    held: Callable[[Preference], str]
    joined: Callable[[list[str]], str]


CLOSE_TO = "close to "
"""What stands before the film in the label of a slate effect."""


def named(contribution: Contribution, labels: Labels) -> str:
    """What a contribution is called: "your word on Heat (1995)", "genre: Crime", "popular with everyone"."""
    source, label = contribution.source, contribution.label
    if source == "prior":
        return labels.popularity
    if source == "slate":
        return labels.close_to.format(label.partition(CLOSE_TO)[2] or label)
    return labels.film.format(label) if source == ITEM else labels.kinds[source].format(label)


def condition(rerun: Rerun, labels: Labels) -> str:
    """The change that was tried: "without your love of Heat (1995)"."""
    parts = [(labels.without, rerun.removed), (labels.supposed, rerun.added)]
    return labels.joined([words.format(labels.joined([labels.held(p) for p in entries])) for words, entries in parts if entries])


def _entry(p: Preference) -> str:
    return capital(limit(p) if p.role in ("max", "min", "only") or p.role == "avoid" and p.kind != ITEM else felt(p))


ENGLISH = Labels(
    film="your word on {}", kinds={kind: f"{kind}: {{}}" for kind in FEATURE_KINDS}, popularity="popular with everyone", variety="variety of the list",
    close_to="variety: close to {}", score="score, their sum", others="{} smaller ones together", as_table="as a table", cause="reason",
    points="points", pick_told="{}: {} reasons add up to its score, {}.", pick_for="Most speaks for it: {}, {}.",
    pick_against="Most holds it down: {}, {}.", slate_title="what drives these picks",
    slate_told="Reasons by picks. Of all that speaks for the {} picks, {} % is {}.",
    slate_key="The area of a dot is the points that a reason adds; a ring takes points off.",
    profile_title="when you said it, and what is left of it", profile_told="{} entries, the first said at the left, now at the right.",
    profile_fading="Least is left of {}: {} %.",
    profile_key="What you feel about a film counts a little less with every film you name after it. Everything else stays as said.",
    entry="entry", said="said", left="left", stays="stays", earlier="said first", now="now", more_entries="and {} earlier ones, in the table",
    rerun_title="Ranks before and after, {}", rerun_in="comes in: {}", rerun_out="drops out: {}", rerun_moved="moves: {}",
    rank="{} from rank {} to rank {}", no_rank="none", filtered="filtered out", before="before", after="after", without="without {}",
    supposed="with {}", stop=".", less="less", more="more", wrong="wrong", alike="More like this",
    steer="Let these reasons count less or more", strength="strength", strength_of="Strength of {}", replaced="before this: {}",
    new="new", was="was {}", felt=_entry, held=held, joined=joined,
)

CHINESE_KINDS = {
    "genre": "类型：{}", "person": "影人：{}", "keyword": "关键词：{}", "decade": "年代：{}", "language": "语言：{}", "text": "描述：{}",
}
CHINESE_ROLES = {
    "like": "喜欢{}", "dislike": "不喜欢{}", "want": "想要{}", "similar": "想要类似{}的", "only": "只要{}", "avoid": "不要{}", "seen": "看过{}",
    "skip": "略过{}", "max": "上限：{}", "min": "下限：{}",
}


def _entry_in_chinese(p: Preference) -> str:
    return CHINESE_ROLES[p.role].format(p.label)


CHINESE = Labels(
    film="你对{}的评价", kinds=CHINESE_KINDS, popularity="大众喜爱", variety="列表的多样性", close_to="多样性：与{}相近", score="得分（合计）",
    others="其余{}项合计", as_table="表格", cause="原因", points="分", pick_told="{}：{}项相加得到得分{}。", pick_for="最有利的是{}：{}。",
    pick_against="最不利的是{}：{}。", slate_title="这些推荐由什么决定", slate_told="各原因对各推荐的影响。{}部推荐得到的支持中，{} %来自{}。",
    slate_key="圆点的面积表示加的分，圆环表示减的分。", profile_title="何时说的，现在还剩多少", profile_told="共{}条，左边最早，右边是现在。",
    profile_fading="剩得最少的是{}：{} %。", profile_key="对一部影片的评价，每当你之后又提到别的影片，就略微减弱。其余的保持原样。", entry="内容",
    said="时间", left="剩余", stays="不变", earlier="最早", now="现在", more_entries="更早的还有{}条，见表格", rerun_title="排名的前后变化，{}",
    rerun_in="进入：{}", rerun_out="退出：{}", rerun_moved="变动：{}", rank="{}从第{}名到第{}名", no_rank="无", filtered="被条件排除", before="之前",
    after="之后", without="不算{}", supposed="加上{}", stop="。",
    less="少一些", more="多一些", wrong="不对", alike="多来这样的", steer="让这些原因算得少一些或多一些", strength="分量", strength_of="{}的分量",
    replaced="之前的推荐：{}", new="新", was="原第{}位", felt=_entry_in_chinese, held=shown, joined="、".join,
)

LABELS = {"en": ENGLISH, "zh": CHINESE}
