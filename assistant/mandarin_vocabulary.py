"""What Chinese answers are made of besides names, numbers and what is claimed of them: set phrases and words that state nothing.

A word that could praise, describe a plot or claim a fact is not here. Single characters are few, and none of them makes
such a word together with another.
"""

from __future__ import annotations

FIXED = tuple(sorted((
    "告诉我一部你喜欢的片子|现在想看什么|你喜欢哪一部片子|一部你喜欢的片子|告诉我你喜欢或不喜欢的片子|想看的影人、类型、年代和片长|要是你没说过喜欢某一部会怎样|"
    "还想看别的就接着说|看完告诉我喜不喜欢|我会更懂你的口味|为什么推荐某一部|为什么没有某一部|每一部都说得清为什么|符合你的要求|在你的要求之内|满足你的要求|"
    "符合要求的|放宽一条要求|撤销上一步|没有一部能同时|没有一种能让它入选|重新算了一遍|说一声|比一比|就这一部|最后一部|哪一部|哪两部|哪一条|这一条|"
    "没有名字相近的|是一部|说过的话里|说过的里|你说过的吗|你现在想看|那一条|里的一条|一部也没有|在那之后你说的|排得稳不稳|我只看了开头|合不合你的口味|没说过喜欢|我会推荐"
).split("|"), key=len, reverse=True))
"""Phrases with a word in them that claims something elsewhere (喜欢, 想看, 要求, 一部); they are taken out first."""

WORDS = frozenset(
    # grammar
    "你 我 它 的 是 在 和 或 也 都 就 再 了 里 又 而 还 占 给 由 有 跟 吗 吧 说 从 到 这 让 来 后 个 "
    # what a number counts, where a thing came from: checked as what they are
    "第 位 部 条 种 次 条消息前 刚才 以前聊天时 以前 点选时 "
    # what a recommender does
    "推荐 当时推荐 当时 这次推荐 给你挑了 为你找到 我选了 另外 片子 加分 减分 得 得分 分 加 减 加上 去掉 已去掉 排 位 升 降 入选 不再入选 新进来的有 进来 档案 片库 "
    "不管 不在推荐里 被排除了 已经知道的 我不再推荐 只推荐了 比 差 我试了 改动 能 能排 更小的改动都做不到 取代了 之前的 已经 已经不在 不再 推荐还是一样 "
    "没有更多合适的 没有可以撤销的了 已撤销 又去掉了 又恢复了 没有什么要忘的 还不了解 口味 好了 告诉我的 忘了 要是弄错了 撤销 全回来 关于你 我记下了 更早的还有 "
    "现在算得 少一些 多一些 算这么多了 全都 我再帮你找 或者 没什么可去掉的 还没跟我提过 这只是假设 没有变 就这么办 我就改 我就照做 我就记下 是的 不是的话 换个说法 你的意思是这样吗 你是想 "
    "重新开始 忘掉 还没推荐过什么 没有可解释的 说出是 我来 先让我推荐 说个片名 这句我没看懂 可以说 可以问我 问我 首先 其次 然后 也因为 因为 主要 最主要的原因是 原因 来自 "
    "占得最多 加起来 正好是 就是 提到别的 后来 淡 条 跟你的口味无关 谈不上 只是 理由 上一步 少一些 多一些 现在算得 已经算 比 高 没有给 加分的 不过 里没有 没有 片长 执导 执导的 主演 主演有 对白是 题材 有共同的题材 "
    "评分人数最多的是 还是 你说 年 年的 分钟 比如 告诉我 加的分一样多 它们 能看 话 在片库里 年份 在片库里没有 "
    # how it speaks
    "好的 好嘞 没问题 记下了 明白了 你好 嗨 我帮你挑 很高兴见到你 不客气 随时找我 回头见 祝你看得开心 那就看 选好了 先放一边 那就先这样 我来给你挑 "
    "答案是算出来的 不是猜的 收回 全部忘掉 这段话有点长 这句我没能看懂 什么都没改 请换个说法再试试 其他 那样的 题材的 片单的 不再入选的有 推荐的 还在 还在推荐里 换了位置 推荐之外 至少 我给不出概率 只能说 逐一去掉试了试 它会 会被排除 喜好 才 还没有 看不出变化 "
    "前面 后面 只按 两边 我看的是 不对 我记下的 里面 以后 不算 我推荐 时候 现在 这一条的话 要是 换成了 没换的话 没有改变 位置 当时一样 这中间 我的算法 变过 在那之后 去掉了 跟之前的 "
    "相比 算得 本来 算 这么多 这些 新 ".split()
)
"""Words that state nothing. A stretch of text between names and numbers must be made of them wholly."""
