"""The words in and beside the charts, in English and Chinese.

Film titles and what the person said stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant import mandarin_phrases, phrases
from store.records import ITEM, Contribution, Preference, Rerun


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language. Those with {} take what their names say, in the order in which the charts give it.

    film: a judgement of a film as a reason. feature: (kind, ref, label) of another reason; short: of any, where there is
    little room. felt, limit, held, joined: as in `phrases`.
    """

    film: str
    feature: Callable[[str, str, str], str]
    short: Callable[[str, str, str], str]
    popularity: str
    variety: str
    close_to: str
    score: str
    total: str
    others: str
    as_table: str
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
    percent: str
    strength_of: str
    replaced: str
    new: str
    was: str
    felt: Callable[[Preference], str]
    limit: Callable[[Preference], str]
    held: Callable[[Preference], str]
    joined: Callable[[Iterable[str]], str]


CLOSE_TO = "close to "
"""What stands before the film in the label of a slate effect."""


def named(contribution: Contribution, labels: Labels) -> str:
    """What a contribution is called: "your word on Heat (1995)", "genre: Crime", "popular with everyone"."""
    source, label = contribution.source, contribution.label
    if source == "prior":
        return labels.popularity
    if source == "slate":
        return labels.close_to.format(label.partition(CLOSE_TO)[2] or label)
    return labels.film.format(label) if source == ITEM else labels.feature(source, contribution.ref, label)


def named_short(contribution: Contribution, labels: Labels) -> str:
    """The same where there is little room: "Heat (1995)", "Crime", "variety of the list"."""
    if contribution.source == "slate":
        return labels.variety
    return labels.popularity if contribution.source == "prior" else labels.short(contribution.source, contribution.ref, contribution.label)


def entry_named(p: Preference, labels: Labels) -> str:
    """An entry of the profile: "You loved Heat (1995)", "No horror films"."""
    hard = p.role in ("max", "min", "only") or p.role == "avoid" and p.kind != ITEM
    return phrases.capital(labels.limit(p) if hard else labels.felt(p))


def condition(rerun: Rerun, labels: Labels) -> str:
    """The change that was tried: "without your love of Heat (1995)"."""
    parts = [(labels.without, rerun.removed), (labels.supposed, rerun.added)]
    return labels.joined([words.format(labels.joined(map(labels.held, entries))) for words, entries in parts if entries])


def _short_chinese(kind: str, ref: str, label: str) -> str:
    return f"《{label}》" if kind == ITEM else mandarin_phrases.kind_of_film(kind, ref, label)


ENGLISH = Labels(
    film="your word on {}", feature=lambda kind, ref, label: f"{kind}: {label}", short=lambda kind, ref, label: label,
    popularity="popular with everyone", variety="variety of the list", close_to="variety: close to {}", score="score, their sum", total="score",
    others="{} smaller ones together", as_table="as a table", pick_told="{}: {} reasons add up to its score, {}.",
    pick_for="Most speaks for it: {}, {}.", pick_against="Most holds it down: {}, {}.", slate_title="what drives these picks",
    slate_told="Reasons by picks. Of all that speaks for the {} picks, {} % is {}.",
    slate_key="The area of a dot is the points that a reason adds; a ring takes points off.",
    profile_title="when you said it, and what is left of it", profile_told="{} entries, the first said at the left, now at the right.",
    profile_fading="Least is left of this: {}, {} %.",
    profile_key="What you feel about a film counts a little less with every film you name after it. Everything else stays as said.",
    entry="entry", said="said", left="left", stays="stays", earlier="said first", now="now", more_entries="and {} earlier ones, in the table",
    rerun_title="Ranks before and after, {}", rerun_in="Coming in: {}", rerun_out="Dropping out: {}", rerun_moved="Moving: {}",
    rank="{} from rank {} to rank {}", no_rank="none", filtered="filtered out", before="before", after="after", without="without {}",
    supposed="with {}", stop=". ", less="less", more="more", wrong="wrong", alike="More like this",
    steer="Let these reasons count less or more", strength="strength", percent="{} %", strength_of="Strength of {}", replaced="before this: {}", new="new", was="was {}",
    felt=phrases.felt, limit=phrases.limit, held=phrases.held, joined=phrases.joined,
)
CHINESE = Labels(
    film="你对《{}》的评价", feature=mandarin_phrases.kind_of_film, short=_short_chinese, popularity="人气", variety="片单的多样性",
    close_to="多样性：与《{}》相近", score="得分（合计）", total="得分", others="其余{}项合计", as_table="表格", pick_told="《{}》：{}项相加，得分{}。",
    pick_for="加分最多的是{}：{}。", pick_against="减分最多的是{}：{}。", slate_title="这些推荐由什么决定",
    slate_told="各项原因对各部推荐的影响。{}部推荐得到的加分里，{}%来自{}。", slate_key="圆点的面积表示加的分，圆环表示减的分。",
    profile_title="何时说的，现在还剩多少", profile_told="共{}条，左边最早，右边是现在。", profile_fading="剩得最少的一条：{}，{}%。",
    profile_key="对一部片子的评价，在你之后每提到一部片子时都会略微减弱。其余的保持原样。", entry="内容", said="时间", left="剩余", stays="不变",
    earlier="最早", now="现在", more_entries="更早的{}条见表格", rerun_title="排名的前后变化：{}", rerun_in="进入：{}", rerun_out="退出：{}",
    rerun_moved="变动：{}", rank="{}从第{}名到第{}名", no_rank="无", filtered="被条件排除", before="之前", after="之后", without="去掉{}",
    supposed="加上{}", stop="。", less="少算", more="多算", wrong="不对", alike="多来这样的", steer="让这些原因算得少一些或多一些",
    strength="分量", percent="{}%", strength_of="{}的分量", replaced="之前的推荐：{}", new="新", was="原第{}位", felt=mandarin_phrases.felt, limit=mandarin_phrases.limit, held=mandarin_phrases.held,
    joined=mandarin_phrases.joined,
)

LABELS = {"en": ENGLISH, "zh": CHINESE}
