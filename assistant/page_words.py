"""The words of the page around the talk, in English and Chinese: greeting, buttons, labels, notices.

Those in and beside the charts are in `captions`, the sentences of answers in `english` and `mandarin`. Film titles and
what the person said stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant import mandarin_phrases


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one language. Those with {} take what their names say, in the order in which the page gives it.

    own_name: what the language calls itself. spoken: for screen readers, a button's words and the film or entry it is for.
    asks: what a visitor may ask, one of `asked` each. genre: a genre of the catalog as a card names it.
    """

    own_name: str
    languages: str
    tagline: str
    message: str
    placeholder: str
    send: str
    new_conversation: str
    greeting: str
    asks: str
    asked: tuple[str, ...]
    comma: str
    examples: tuple[str, ...]
    examples_label: str
    start_with: str
    replies_label: str
    working: str
    like: str
    dislike: str
    seen: str
    why: str
    spoken: str
    pick: str
    minutes: str
    all_numbers: str
    speaks_for: str
    nothing_speaks: str
    genre: Callable[[str], str]
    known: str
    nothing_known: str
    undo: str
    take_out: str
    no_model: str
    loading: str
    too_many: str
    failed: str


ENGLISH = PageWords(
    own_name="English", languages="Language", tagline="Films for you, and exactly why.", message="Your message",
    placeholder="Say what you like, or ask why", send="Send", new_conversation="New conversation",
    greeting="Tell me films you love. I pick others, and can always say why.",
    asks="Every reason is a number that ranked the film. Ask {}", asked=("why the second one?", "why not Blade Runner?", "what if I hadn’t liked Heat?"),
    comma=", ",
    examples=(
        "I loved Heat and Alien, nothing too long, no horror", "Something funny from the 90s", "A thriller with Al Pacino", "What can you do?",
    ),
    examples_label="Examples", start_with="Or start with films you know", replies_label="Suggested replies", working="working",
    like="Like", dislike="Dislike", seen="Seen", why="Why?", spoken="{}: {}", pick="Pick {}: {}", minutes="{}\u00a0min", all_numbers="all numbers",
    speaks_for="Contributions: {}. Open for all numbers.", nothing_speaks="nothing speaks for it", genre=str, known="What I know about you",
    nothing_known="Nothing yet. It fills as you talk, and you can take anything out.", undo="Undo last", take_out="Take out: {}",
    no_model="The language model is not there, so I cannot read messages; buttons and reasons work. {}",
    loading="The language model is still loading; the first answer takes a few seconds longer.",
    too_many="Too many of your messages wait for an answer. Try again when they are answered.", failed="That did not work: {}",
)
CHINESE = PageWords(
    own_name="中文", languages="语言", tagline="为你选片，也说清为什么。", message="你的消息", placeholder="说说你喜欢什么，或者问为什么", send="发送",
    new_conversation="新对话", greeting="告诉我你喜欢的电影，我给你推荐，每一部都说得出为什么。",
    asks="每条理由都是一个数字，推荐的名次就是由它们算出来的。你可以问{}", asked=("“为什么推荐第二部？”", "“为什么没有《Blade Runner》？”", "“如果我没说过喜欢《Heat》呢？”"),
    comma="、", examples=("我很喜欢《Heat》和《Alien》，别太长，不要恐怖片", "来点90年代的喜剧片", "Al Pacino 演的惊悚片", "你能做什么？"),
    examples_label="示例", start_with="或者，从你看过的片子开始", replies_label="可以接着说", working="正在想",
    like="喜欢", dislike="不喜欢", seen="看过", why="为什么", spoken="{}：《{}》", pick="第{}部：《{}》", minutes="{}分钟", all_numbers="全部数字",
    speaks_for="加分：{}。展开可看全部数字。", nothing_speaks="没有给它加分的", genre=lambda name: mandarin_phrases.GENRES.get(name, name), known="我对你的了解",
    nothing_known="还没有。聊起来就会有，随时可以去掉任何一条。", undo="撤销上一步", take_out="去掉{}",
    no_model="语言模型没有加载成功，我看不懂文字；按钮和理由照常能用。{}", loading="语言模型还在加载，第一次回答会慢几秒。",
    too_many="你还有很多条消息在等回答，等答完了再试。", failed="没能完成。程序报告：{}",
)

PAGE_WORDS = {"en": ENGLISH, "zh": CHINESE}
