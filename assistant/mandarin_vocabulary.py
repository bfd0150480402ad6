"""What Chinese answers are made of besides names, numbers and what is claimed of them: set phrases and words that state nothing.

A word that could praise, describe a plot or claim a fact is not here. Single characters are few, and none of them makes
such a word together with another; 没有, 不 and 会 stand only in phrases, so that nothing is denied or promised.
"""

from __future__ import annotations

FIXED = tuple(sorted((
    # 喜欢, 想看, 看过 of no film
    "告诉我一部你喜欢的片子 你喜欢哪一部片子 一部你喜欢的片子 现在想看什么 告诉我你喜欢或不喜欢的片子 想看的影人、类型、年代和片长 还想看别的就接着说 "
    "要是你没说过喜欢某一部会怎样 看完告诉我喜不喜欢 我只看了开头 "
    # 要求 without saying which
    "符合你的要求 在你的要求之内 满足你的要求 符合要求的 放宽一条要求 "
    # 一 that counts nothing
    "为什么推荐某一部 为什么没有某一部 每一部都说得清为什么 没有一部能同时 没有一种能让它入选 重新算了一遍 撤销上一步 说一声 比一比 就这一部 是一部 最后一部 哪一部 哪两部 "
    "哪一条 这一条 那一条 里的一条 一部也没有 我一次推荐 "
    # 没有, 会, 不 of no name
    "没有名字相近的 没有更多合适的 没有可以撤销的 没有什么要忘的 没有可解释的 没有这一条的话 没有改变 没有给它加分的 还没有给这些推荐加分的 在片库里没有片长 在片库里没有年份 在片库里没有语言 "
    "你更想看谁 你更想看哪个 你更想看哪一种 更想看谁 更想看哪个 更想看哪一种 都行 都行也可以 "
    "喜好还没有 我会更懂你的口味 我会推荐 排得稳不稳 合不合你的口味 "
    # what was said, whatever it was
    "说过的话里 你说过的吗 你说过的那一条 在那之后你说的 "
).split(), key=len, reverse=True))
"""Phrases with a word in them that claims something elsewhere; they are taken out first."""

WORDS = frozenset((
    # grammar
    "你 我 它 的 是 在 和 或 也 都 就 了 里 又 而 还 再 占 给 由 有 跟 吗 吧 说 从 到 这 让 而 比 能 才 其他 另外 这些 它们 全都 两边 前面 后面 后来 现在 当时 以后 至少 只是 "
    "不过 或者 还是 比如 要是 不管 已经 "
    # what a number counts, where a thing came from: checked as what they are
    "第 位 部 条 种 次 分 年 年的 分钟 条消息前 刚才 以前聊天时 以前 点选时 "
    # picks and ranks
    "推荐 片子 排 升 降 入选 不再入选 不再入选的有 不再入选的是 新进来的有 新进来的是 能排 这次推荐 给你挑了 为你找到 我选了 我推荐 推荐的 推荐还是一样 跟之前的 不在推荐里 "
    "还在推荐里 还在 推荐之外 换了位置 位置 时候 被排除了 它会 会被排除 已经知道的 我不再推荐 先放一边 "
    # reasons
    "因为 也因为 加分 减分 加分的 没有给 理由 来自 首先 其次 然后 最主要的原因是 占得最多 加分最多的是 给它加分最多的是 这一点 片单的 跟你的口味无关 谈不上 "
    "所以 既然 考虑到 正因为 才推荐 才选 才入选 之所以 还因为 又因为 再加上 再就是 还有 一半以上的 一半以上 记得 想到 看到 选 选了 我选了 挑了 给你推荐 排进来 就是推荐 就推荐 就选 这就是推荐 "
    "很适合你 挺适合你 应该适合你 可能适合你 也许适合你 合你的口味 应该合你的口味 可能合你的口味 在片单里 最主要的理由 首先 给它加分 给它减分 减分的 导演 那就看 "
    "得 得分 加 减 差 高 加起来 正好是 就是 加的分一样多 提到别的 淡 我看的是 不对 "
    # the profile and changes of it
    "加上 去掉 已去掉 又去掉了 又恢复了 去掉了 已撤销 撤销 档案 取代了 之前的 换成了 没换的话 已经不在 在那之后 我试了 改动 更小的改动都做不到 更小的改动也许也能做到 我没有全部试过 逐一去掉试了试 记下了 我记下了 我记下的 "
    "里面 关于你 更早的还有 口味 喜好 看不出变化 还不了解 还没跟我提过 没什么可去掉的 告诉我的 告诉我 忘了 忘掉 全回来 要是弄错了 这只是假设 没有变 就这么办 我就改 我就照做 我就记下 "
    "现在算得 少一些 多一些 算这么多了 不算 只按 我给不出概率 只能说 变过 当时一样 这中间 我的算法 "
    # the catalog
    "片库 片库里没有 片长 执导 执导的 主演 主演有 对白是 题材 题材的 那样的 有共同的题材 评分人数最多的是 "
    # how it speaks
    "好的 好嘞 好了 没问题 明白了 你好 嗨 不客气 是的 不是的话 换个说法 你的意思是这样吗 你是想 你说 重新开始 上一步 我再帮你找 我帮你挑 我来给你挑 我来 很高兴见到你 随时找我 回头见 "
    "你说的正好相反 请只说其中之一 我再重新算 "
    "祝你看得开心 那就看 选好了 那就先这样 答案是算出来的 不是猜的 收回 全部忘掉 这段话有点长 这句我没看懂 这句我没能看懂 什么都没改 请换个说法再试试 可以说 可以问我 问我 还没推荐过什么 "
    "说出是 先让我推荐 说个片名 "
).split())
"""Words that state nothing. A stretch of text between names and numbers must be made of them wholly."""
