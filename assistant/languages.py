"""The languages that answers are given in, and which one a message is answered in."""

from __future__ import annotations

from types import ModuleType

from assistant import english, mandarin
from assistant.chinese_lexicon import has_chinese
from assistant.errors import AssistantError
from assistant.mandarin_claims import is_chinese

WORDS: dict[str, ModuleType] = {"en": english, "zh": mandarin}
"""Language code -> its module of sentences; all have the same functions with the same parameters."""
WORDED_BY_MODEL = frozenset({"en", "zh"})
"""Languages in which the language model adds a sentence of its own: those that the committed `explain` adapter has learned, as its
training.json says (a test compares the two)."""


def answered_in(text: str, asked: str) -> str:
    """The language that a message is answered in: Chinese when it has Chinese characters, else the one `asked` for.

    Raises AssistantError for a language that there is none of.
    """
    if asked not in WORDS:
        raise AssistantError(f"no language {asked!r}; there are {', '.join(WORDS)}")
    return "zh" if has_chinese(text) else asked


def language_of(answer: str) -> str:
    """The language that a stored answer was given in, whatever the language of the words that it quotes."""
    return "zh" if is_chinese(answer) else "en"


def preferred(accepted: str, otherwise: str) -> str:
    """The language, of those there are, that an Accept-Language header likes best: "zh-CN,zh;q=0.9,en;q=0.8" is "zh".

    `otherwise` where it names none of them.
    """
    best, most = otherwise, 0.0
    for part in accepted.split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        code = tag.split("-")[0]
        try:
            liking = float(weight or 1)
        except ValueError:
            continue
        if code in WORDS and liking > most:
            best, most = code, liking
    return best
