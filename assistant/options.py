"""Answers to a choice offered beside picks that the words settle: "thriller", "the 90s", "2nd", "neither", "don't mind".

The options are known and the question is the last thing said, so a message of nothing but an option, its place or a
yes to all or none of them needs no model. Whatever else is in a message leaves it to the model: "a thriller, but not
too long", "not a thriller", "why the second one".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from assistant import chinese_lexicon
from assistant.chinese_lexicon import has_chinese
from assistant.evidence import GENRE_ADJECTIVES, GENRE_NOUNS
from assistant.lexicon import DECADE_WORDS, GENRE_WORDS, KEYWORD_SYNONYMS, fold
from assistant.state import Profile, Question, StateChange
from store.records import Preference

FILLERS = frozenset(
    "a an the please pls rather more like i i'd id would ill i'll say think prefer take then maybe probably definitely something some "
    "sort kind of film films movie movies one ones with in from by for about go let's lets mood tonight today ok okay yes yeah sure hmm hm um "
    "well just thanks thank you sounds good nice be is it and or both want".split()
)
"""Words around an option that change nothing about it. No "not", no "love": a taste for good is another thing than a choice for now."""
CHINESE_FILLERS = re.compile(r"我|你|想|要|看|就|来|那|吧|呢|啊|呀|的话|更|偏向|还是|选|一部|一点|今晚|今天|请|谢谢|好的?|嗯|和|跟|或者?|都|的|片子|电影|[\s,，。.!！?？、~《》“”]")
MIND = re.compile(
    r"(?:(?:oh|ok(?:ay)?|well|no)[, ]+)?(?:i )?(?:really )?(?:do ?n['’]?o?t|dont|don t) (?:really )?(?:mind|care|know)(?: (?:really|either|which|much))*|"
    r"(?:i(?:'m| am) )?(?:not fussed|easy)|either(?: one| way| of (?:them|those|these))?(?: (?:is|are) (?:fine|ok|okay|good))?|either works|"
    r"any(?:thing|thing goes| of (?:them|those|these))?(?: (?:is|are) (?:fine|ok|okay|good))?|(?:all|both) (?:are )?(?:fine|ok|okay|good)|"
    r"(?:i have )?no (?:real )?preference|(?:it )?(?:does ?n['’]?t|doesnt|does not) (?:really )?matter(?: to me)?|whatever|whichever|up to you|"
    r"you (?:choose|decide|pick)|no idea|idk|not sure|no|nope|nah|no thanks|no thank you|not really|skip|pass|"
    r"(?:我)?(?:都|两个都|怎么)(?:行|可以|好|无所谓)(?:吧|啊|呀|的)?|(?:我)?(?:都|两个都)?(?:不介意|无所谓|不在乎|没所谓|没意见|不知道|说不上来)(?:吧|啊|呀)?|随便(?:吧|你)?|你(?:来)?(?:定|选)(?:吧)?|没关系|"
    r"不用了?|不了|没有|不清楚"
)
NEITHER = re.compile(
    r"(?:no[, ]+)?neither(?: (?:of|one)(?: (?:them|those|these|the two))?)?(?: (?:really|please|sorry|thanks))*(?:[, ]+(?:sorry|thanks|really|please))?|"
    r"(?:两个|两种|哪个|哪种)都不(?:要|想看?|喜欢|是)(?:吧|了|的)?|哪个都不要"
)
"""No "none of these": that is said of the picks, which are above the choice."""
BOTH = re.compile(r"(?:i(?:'d| would) (?:say|like) )?both(?: of (?:them|those|these))?(?: please| pls| sound good)?|(?:两个|两种|两者)都(?:要|想看|喜欢)(?:吧)?|都要")
PLACES = (
    re.compile(r"(?:the )?(?:1st|first|former|1)(?: one| option)?|(?:第一(?:个|种)|前者|前面那个|1)"),
    re.compile(r"(?:the )?(?:2nd|second|latter|2)(?: one| option)?|(?:第二(?:个|种)|后者|后面那个|2)"),
    re.compile(r"(?:the )?(?:3rd|third|3)(?: one| option)?|(?:第三(?:个|种)|3)"),
    re.compile(r"(?:the )?(?:4th|fourth|4)(?: one| option)?|(?:第四(?:个|种)|4)"),
)
LAST = re.compile(r"(?:the )?last(?: one| option)?|最后一?个")
COURTESY = re.compile(r"^(?:ok(?:ay)?|well|hmm+|oh|rather|maybe|probably|i(?:'d| would) (?:say|take|prefer)|嗯|那)[, ]*|[, ]*(?:please|pls|i think|i guess|thanks|then|maybe|吧)$")
LONG_ENOUGH = 5
"""A word of so many letters that is one slip of the keys (a letter more, less, other, or two swapped) from an option means it."""


def answered(text: str, question: Question, profile: Profile) -> StateChange | None:
    """What a message means as the answer to a question with options; None when the words alone do not settle it.

    "I don't mind" and "no" change nothing: the act is "reject" without an edit.
    """
    said = " ".join(text.lower().replace("’", "'").split()).strip(" .!~。！，,")
    bare = COURTESY.sub("", COURTESY.sub("", said))
    options = question.proposed
    for written in (said, bare):
        if MIND.fullmatch(written):
            return StateChange("reject", ("reject",))
        if NEITHER.fullmatch(written):
            return _change("avoid", [Preference(p.kind, p.ref, p.label, "avoid", -1.0) for p in options], profile)
        if BOTH.fullmatch(written) and len(options) == 2:
            return _change("want", options, profile)
        for place, pattern in enumerate(PLACES[: len(options)]):
            if pattern.fullmatch(written) or place == len(options) - 1 and LAST.fullmatch(written):
                return _change("want", [options[place]], profile)
    chosen = named(text, options)
    return _change("want", chosen, profile) if chosen else None


def _change(act: str, added: Sequence[Preference], profile: Profile) -> StateChange:
    subjects = {p.subject for p in added}
    return StateChange(act, (act,), tuple(added), tuple(p for p in profile if p.subject in subjects))


def named(text: str, options: Sequence[Preference]) -> list[Preference]:
    """The options that a message names, if it says nothing else; empty otherwise."""
    if has_chinese(text):
        rest, found = text.lower(), []
        for option in options:
            name = next((n for n in sorted(names(option), key=len, reverse=True) if n in rest), None)
            if name:
                found.append(option)
                rest = rest.replace(name, "")
        return found if not CHINESE_FILLERS.sub("", rest) else []
    words = fold(text).split()
    rest, found = f" {' '.join(words)} ", []
    for option in options:
        name = next((n for n in sorted(names(option), key=len, reverse=True) if f" {n} " in rest), None)
        if name:
            found.append(option)
            rest = rest.replace(f" {name} ", "  ")
    left = [word for word in rest.split() if word not in FILLERS]
    if len(left) == 1 and not found and len(left[0]) >= LONG_ENOUGH:
        near = [p for p in options if any(OSA.distance(left[0], name) <= 1 for name in names(p))]
        return near if len(near) == 1 else []
    return found if not left else []


def names(option: Preference) -> set[str]:
    """How an option may be called, folded, in both languages."""
    kind, ref = option.kind, option.ref
    found = {fold(ref), fold(option.label)}
    if kind == "genre":
        noun = fold(GENRE_NOUNS.get(ref, ref)).removesuffix(" films")
        found |= {noun, noun.removesuffix("s") if noun.endswith("s") else noun, fold(GENRE_ADJECTIVES.get(ref, ref))}
        found |= {fold(word) for word, genres in GENRE_WORDS.items() if genres == (ref,)}
        found |= {word for word, genres in chinese_lexicon.GENRES.items() if genres == (ref,)}
    elif kind == "decade":
        start = int(ref[:4])
        digits = "零一二三四五六七八九"
        found |= {ref, f"{start}", f"{start} s", f"{start}年代"} | {word for word, year in DECADE_WORDS.items() if year == start}
        if start < 2000:
            found |= {ref[2:], f"{ref[2:4]} s", f"{ref[2:4]}年代", f"{digits[start // 10 % 10]}十年代", f"{digits[start // 10 % 10]}零年代"}
    elif kind == "person":
        found.add(fold(ref).split()[-1])
    elif kind == "keyword":
        found |= {word for word, value in KEYWORD_SYNONYMS.items() if value == ref} | {f"{fold(ref)}s"}
    return {name for name in found if name}
