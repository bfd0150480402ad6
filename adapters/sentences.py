"""What the `explain` adapter learns: the evidence of a pick, and one or two true sentences about it.

Profiles are random, picks are those that the recommender makes for them, sentences are put together from the lines of
sentences.txt, Chinese ones from those of sentences.zh.txt. The claim check is the filter: a sentence that it does not back
is never taught. Films that are held out are named in no training pair, neither as a pick nor as a reason.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from adapters.errors import PhraseError
from adapters.grammar import bucket
from assistant import explain, wording
from assistant.chinese_lexicon import has_chinese
from assistant.claims import Claims, names_in
from assistant.evaluation.explanations import opening_of, profiles
from assistant.evidence import Evidence, Origin, Origins
from assistant.explain import View
from assistant.phrases import article, capital
from assistant.recommend import Recommender
from assistant.wording import Told, evidence_part
from store.catalog import Catalog

FILES = {"en": "sentences.txt", "zh": "sentences.zh.txt"}
"""Language -> the lines that its sentences are made of."""
CHINESE = 0.6
"""The share of picks that are told in Chinese where no language is asked for: the larger, because the names in it are in another script."""
KNOWN_FILMS = 3000
"""Random profiles name films among this many of the best known."""
HELD_OUT_PERCENT = 10
TRIES = 12
"""Tellings tried for one piece of evidence before it is given up."""
EACH = 4
"""Tellings of one pick: they teach that the beginning decides how it is said, and share the reading of the evidence."""
LITTLE = 12
"""Percent up to which a second reason is called a little."""
AS_EQUALS = re.compile(r"\{[nc]1\}(?: \(\{w1\}\))?,? and (?:because |since |that |also |then )*\{[nc]2\}(?! \(\{p2\})")
"""Two reasons joined as if they weighed the same."""
KEPT = {"popularity": 0.4, "similar": 0.5}
"""Of picks that are there for these first, so many are told: random profiles have more of them than people do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One example: the prompt as the adapter reads it, the rest of the sentences that the prompt begins, and what they are told from."""

    prompt: str
    answer: str
    text: str
    told: Told
    evidence: tuple[Evidence, ...]


def pairs(
    catalog: Catalog, n: int, *, seed: int, held_out: bool = False, each: int = EACH, language: str | None = None
) -> Iterator[Pair]:
    """`n` examples, the same for the same seed, `each` in a row about the same pick, in `language` (None: CHINESE of the picks in Chinese).

    `held_out`: about films that training never names, for profiles of their own.
    """
    rng = random.Random(f"{seed} {held_out}")
    recommender, claims, made = Recommender(catalog), Claims.of(catalog), 0
    for number, (profile, messages) in enumerate(profiles(catalog, rng.randrange(2**31), KNOWN_FILMS)):
        view = View(profile, Origins(messages), number, catalog, recommender.recency(profile))
        slate = recommender.recommend(profile, n=5, diversify=True)
        for pick in rng.sample(slate, min(2, len(slate))):
            evidence = explain.evidence_of(pick, view)
            if not is_apart(evidence, held_out) or rng.random() > KEPT.get(first_reason(evidence), 1.0):
                continue
            told_in = language or ("zh" if rng.random() < CHINESE else "en")
            for pair in filter(None, (tell(evidence, claims, rng, told_in) for _ in range(each))):
                yield pair
                made += 1
                if made == n:
                    return


def is_apart(evidence: Sequence[Evidence], held_out: bool) -> bool:
    """Whether evidence belongs to the training films, or to the held-out ones: its first film, and for training all."""
    films = dict.fromkeys(r.subject for r in evidence if r.kind in ("contribution", "fact"))
    films |= dict.fromkeys(r.label for r in evidence if r.kind == "contribution")
    kept_out = [bucket(name) < HELD_OUT_PERCENT for name in films]
    return bool(kept_out) and (kept_out[0] if held_out else not any(kept_out))


def first_reason(evidence: Sequence[Evidence]) -> str:
    """"popularity", "similar" or another name of what speaks most for a pick; empty for nothing."""
    causes = [r for r in evidence if r.kind == "contribution" and (r.number or 0) > 0]
    name = max(causes, key=lambda r: r.number).label if causes else ""
    return next((r.label for r in evidence if r.kind == "preference" and name in r.values), name)


def tell(evidence: Sequence[Evidence], claims: Claims, rng: random.Random, language: str = "en") -> Pair | None:
    """One way to tell it that the claim check passes; None when there is no reason, or none was found."""
    told, names = Told.of(evidence, language), names_in(evidence)
    if told is None or not told.reasons:
        return None
    for _ in range(TRIES):
        number = wording.how_many(told, rng.random())
        first = wording.opening(told, rng.random())
        text = telling(told, first, number, rng)
        split = told.words.sentences(text, names) if text else []
        if len(split) == number and all(wording.is_sound(s) and not claims.unbacked(s, evidence) for s in split):
            return Pair(wording.prompt_of(told, number, first), text[len(first) :], text, told, tuple(evidence))
    return None


def telling(told: Told, first: str, number: int, rng: random.Random) -> str:
    """So many sentences that begin with `first`; empty when no line of the language does."""
    slots = _slots(told)
    second = len(told.reasons) > 1
    later = number == 2 and second and rng.random() < 0.4 and not told.against
    lines = sections(told.language)
    opened = _line(lines, "both" if second and not later else "one", slots, rng, first)
    if number == 1 or not opened:
        return told.words.neat(opened)
    more = _line(lines, "next" if later else "against" if told.against and rng.random() < 0.8 else "more", slots, rng, besides=opened)
    return more and told.words.neat(f"{opened}{told.words.BETWEEN}{more}")


def distribution(made: Sequence[Pair]) -> dict[str, dict[str, object]]:
    """What the pairs of each language are made of: shares, and the commonest openings (`explanations.opening_of`)."""
    return {language: _distribution(some) for language in FILES if (some := [p for p in made if p.told.language == language])}


def _distribution(made: Sequence[Pair]) -> dict[str, object]:
    openings = Counter(opening_of(pair.text) for pair in made)
    return {
        "pairs": len(made),
        "unique": len({pair.text for pair in made}) / len(made),
        "two_sentences": sum(pair.told.words.LINES["two"] in pair.prompt.split("\n") for pair in made) / len(made),
        "two_reasons": sum(len(pair.told.reasons) > 1 for pair in made) / len(made),
        "most_common_opening": max(openings.values()) / len(made),
        "openings": dict(openings.most_common(10)),
    }


# the files of lines

Lines = dict[str, tuple[str, ...]]
"""Section -> its lines."""


@lru_cache(maxsize=len(FILES))
def sections(language: str = "en") -> Lines:
    """The sections of a language. Raises PhraseError for a line outside any section."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for number, line in enumerate(files("adapters").joinpath(FILES[language]).read_text("utf-8").splitlines(), 1):
        if line.startswith("== "):
            lines = found.setdefault(line[3:].strip(), [])
        elif line and not line.startswith("#"):
            if lines is None or line.count("(") != line.count(")") or line.count("{") != line.count("}"):
                raise PhraseError(f"{FILES[language]} line {number}: {line!r} is outside a section or has unbalanced brackets")
            lines.append(line)
    return {name: tuple(group) for name, group in found.items()}


def _slots(told: Told) -> dict[str, str]:
    """What fills the slots of the lines, and "?word" for each condition that holds."""
    joined = told.words.joined
    slots = {
        "film": told.film, "year": str(told.year or ""), "minutes": str(told.minutes or ""), "genres": told.genres,
        "a_genres": article(told.genres) if told.genres else "", "director": joined(told.directors), "cast": joined(told.cast),
    }
    for key, reason in (*zip("12", told.reasons, strict=False), *zip("x", told.against, strict=False)):
        slots |= {f"c{key}": reason.clause, f"n{key}": reason.noun, f"p{key}": str(abs(reason.percent)), f"w{key}": reason.when,
                  f"r{key}": reason.clause or reason.noun, f"s{key}": reason.clause.removeprefix("你")}
    if told.shared:
        slots |= {name: getattr(told.shared, name) for name in ("other", "both", "each", "what")}
    slots |= {name.capitalize(): capital(value) for name, value in slots.items()}
    return {name: value for name, value in slots.items() if value} | {f"?{name}": "" for name in _conditions(told)}


def _conditions(told: Told) -> Iterator[str]:
    first, second = told.reasons[0], told.reasons[1] if len(told.reasons) > 1 else None
    if first.percent > 50:
        yield "most"
    if second:
        yield "little" if second.percent <= LITTLE else "much"
    if first.clause and first.when:
        yield "clicked" if first.when == told.words.when(Origin("click")) else "said"
    if any(reason.clause for reason in told.reasons[:2]):
        yield "taste"
    elif not any(reason.clause for reason in told.reasons):
        yield "popular"


def _line(lines: Lines, section: str, slots: dict[str, str], rng: random.Random, first: str = "", besides: str = "") -> str:
    """A line of the section, filled, that begins with the word or name `first`, and says nothing that `besides` says."""
    for line in rng.sample(lines[section], len(lines[section])):
        if first and not _begins(line, slots, first):
            continue
        text = _filled(lines, line, slots, rng)
        if text and text.startswith(first) and not any(value in besides for value in _facts_of(text, slots)):
            return text
    return ""


def _begins(line: str, slots: dict[str, str], first: str) -> bool:
    """Whether a line may begin so: by its own first word, or by what fills its first slot. Chinese has no words to tell apart."""
    line = re.sub(r"^\?\w+ ", "", line)
    slot = re.match(r"\{(\w+)\}", line)
    value = slots.get(slot[1], "") if slot else ""
    if has_chinese(line):
        return f"{value}{line[slot.end() :] if slot else line}".startswith(first)
    if slot is None:
        return line.split(" ")[0] == first
    return value == first or slot[1] not in ("film", "other") and value.split(" ")[0] == first


def _filled(lines: Lines, line: str, slots: dict[str, str], rng: random.Random) -> str:
    """The line with its choices made and its slots filled; empty when a slot or a condition is missing."""
    condition, _, rest = line.partition(" ")
    if condition.startswith("?"):
        return _filled(lines, rest, slots, rng) if condition in slots else ""
    while match := re.search(r"\(([^()]*\|[^()]*)\)|@([a-z_]+)", line):
        if match[2]:
            wanted = [text for option in lines[match[2]] if (text := _filled(lines, option, slots, rng))]
            if not wanted:
                return ""
            chosen = rng.choice(wanted)
        else:
            chosen = rng.choice(match[1].split("|"))
        line = f"{line[: match.start()]}{chosen}{line[match.end() :]}"
    if "?little" in slots and AS_EQUALS.search(line) or any(name not in slots for name in re.findall(r"\{(\w+)\}", line)):
        return ""
    return re.sub(r"\{(\w+)\}", lambda match: slots[match[1]], line)


def _facts_of(text: str, slots: dict[str, str]) -> Iterator[str]:
    """The facts and percents in a sentence; a second sentence repeats none of them."""
    yield from re.findall(r"\d+ ?%", text)
    for name in ("genres", "director", "cast", "minutes", "year", "what"):
        if name in slots and slots[name] in text:
            yield slots[name]
