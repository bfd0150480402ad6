"""The language model's sentences about a pick: written from evidence, checked one by one, never needed.

The task, for an adapter named "explain": the evidence of one film as a few lines, ended by "say:"; the answer is one or
two sentences on one line. The base model without the adapter gets three examples and the beginning of its sentence,
which names the film and the reason; it goes on from there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from assistant.claims import Claims, names_in
from assistant.evidence import GENRE_ADJECTIVES, Answer, Evidence
from assistant.mentions import NAME_WITH_YEAR, sentences
from assistant.phrases import article, capital, choose, count, joined, spoken, verb

if TYPE_CHECKING:
    from assistant.llm.engine import Engine

ADAPTER = "explain"
MAX_TOKENS = 60
MOST_SENTENCES = 2
LONGEST = 260
"""Characters; a longer sentence is rambling."""
ALIKE = 88
"""From this likeness (0-100, words in common) on, a sentence repeats one that was said."""

FITS = ("fits well", "is a good match", "could suit you", "should suit you", "may be right for you")


@dataclass(frozen=True, slots=True)
class Told:
    """The evidence of one film, ordered for telling. reasons and against: clauses with their share, biggest first;
    shared: (other film, what both do); empty where the evidence has nothing."""

    film: str
    reasons: tuple[tuple[str, str, int], ...]
    against: tuple[tuple[str, str, int], ...]
    shared: tuple[str, str]
    genres: str
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    minutes: int | None

    @classmethod
    def of(cls, evidence: Sequence[Evidence]) -> Told | None:
        """None when the evidence is not about a film."""
        film = next((r.subject for r in evidence if r.kind == "contribution"), None) or next(
            (r.subject for r in evidence if r.kind == "fact"), None)
        if film is None:
            return None
        facts = {label: tuple(v for r in evidence if r.kind == "fact" and r.subject == film and r.label == label for v in r.values)
                 for label in ("genre", "director", "cast")}
        minutes = next((int(r.number) for r in evidence if r.kind == "fact" and r.subject == film and r.label == "runtime"), None)
        causes = sorted((r for r in evidence if r.kind == "contribution" and r.subject == film and r.number), key=lambda r: -r.number)
        told = [(_clause(r.label, evidence), _when(r.label, evidence), int(r.number)) for r in causes]
        genres = joined(GENRE_ADJECTIVES.get(g, g.lower()) for g in facts["genre"])
        reasons, against = tuple(t for t in told if t[2] > 0 and t[0]), tuple(t for t in told[::-1] if t[2] < 0 and t[0])
        return cls(film, reasons, against, _shared(film, evidence), genres, facts["director"], facts["cast"][:2], minutes)


def _clause(name: str, evidence: Sequence[Evidence]) -> str:
    """A cause as "you loved Heat (1995)"; empty for causes that are nobody's preference."""
    feeling = next((r.label for r in evidence if r.kind == "preference" and name in r.values), None)
    return f"{verb(feeling, bool(NAME_WITH_YEAR.fullmatch(name)))} {spoken(name)}" if feeling else ""


def _when(name: str, evidence: Sequence[Evidence]) -> str:
    source = next((r for r in evidence if r.kind == "source" and r.subject == name), None)
    if source is None:
        return ""
    ago = f"{count(int(source.number or 0), 'message')} ago"
    return {"ago": ago, "now": "just now", "earlier": "in an earlier conversation", "click": "by a click"}[source.label]


def _shared(film: str, evidence: Sequence[Evidence]) -> tuple[str, str]:
    rows = [r for r in evidence if r.kind == "shared" and r.subject == film]
    for label, words in (("director", "are directed by"), ("cast", "star"), ("keyword", "have the theme")):
        values = [r.values for r in rows if r.label == label]
        if values:
            other = values[0][1]
            return other, f"{words} {joined([v for v, o in values if o == other][:2])}"
    return "", ""


# prompts


def explain_prompt(evidence: Sequence[Evidence]) -> str:
    """The evidence of one film as the adapter reads it; raises ValueError when it is about no film."""
    told = Told.of(evidence)
    if told is None:
        raise ValueError("the evidence is about no film, so there is nothing to tell")
    lines = [f"film: {told.film}"]
    lines += [f"for: {', '.join(filter(None, (clause, when)))}, {percent} %" for clause, when, percent in told.reasons[:3]]
    lines += [f"against: {', '.join(filter(None, (clause, when)))}, {-percent} %" for clause, when, percent in told.against[:1]]
    if told.shared[0]:
        lines.append(f"with {told.shared[0]}: both {told.shared[1]}")
    return "\n".join([*lines, *_facts(told), "say:"])


def _facts(told: Told) -> list[str]:
    return [f"{name}: {value}" for name, value in (
        ("genre", f"{told.genres} film" if told.genres else ""), ("directed by", joined(told.directors)), ("starring", joined(told.cast)),
        ("length", f"{told.minutes} minutes" if told.minutes else ""),
    ) if value]


EXAMPLES = """film: Ronin (1998)
genre: action and crime film
directed by: John Frankenheimer
starring: Robert De Niro and Jean Reno
say: Because you loved Heat (1995), Ronin (1998) could suit you: it is an action and crime film directed by John Frankenheimer.

film: Amelie (2001)
genre: comedy and romance film
starring: Audrey Tautou
say: You like Audrey Tautou, so Amelie (2001) is a good match: it is a comedy and romance film.

film: Alien (1979)
genre: horror and sci-fi film
directed by: Ridley Scott
starring: Sigourney Weaver and Tom Skerritt
say: Since you asked for sci-fi films, Alien (1979) fits well, with Sigourney Weaver and Tom Skerritt.

"""


def few_shot(evidence: Sequence[Evidence], seed: object = 0) -> tuple[str, str]:
    """(prompt, the beginning of the sentence that the prompt ends with), for a model that does not know the task."""
    told = Told.of(evidence)
    opening = _opening(told, seed)
    lines = [f"film: {told.film}", *[line for line in _facts(told) if not line.startswith("length")], f"say: {opening}"]
    return EXAMPLES + "\n".join(lines), opening


def _opening(told: Told, seed: object) -> str:
    if not told.reasons:
        return told.film
    clause = told.reasons[0][0]
    fits = choose((seed, told.film, "fits"), FITS)
    return choose((seed, told.film), (
        f"Because {clause}, {told.film} {fits}", f"{capital(clause)}, so {told.film} {fits}", f"Since {clause}, {told.film} {fits}",
    ))


# what the model says


def word(engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0, said: Sequence[str] = (),
         fallback: Sequence[str] = ()) -> Iterator[str]:
    """At most two sentences about the film of the evidence, by the model; all of them backed.

    A sentence that is not, or that repeats one of `said`, is dropped. When none is left, or there is no engine, the
    backed ones of `fallback` that are not said yet. Raises what the engine raises.
    """
    kept: list[str] = []
    for sentence in written(engine, evidence, seed) if engine is not None and Told.of(evidence) else ():
        if is_sound(sentence) and not is_repeated(sentence, (*said, *kept)) and not claims.unbacked(sentence, evidence):
            kept.append(sentence)
            yield sentence
    if not kept:
        yield from (s for s in fallback if not is_repeated(s, said) and not claims.unbacked(s, evidence))


def written(engine: Engine, evidence: Sequence[Evidence], seed: object = 0) -> Iterator[str]:
    """What the model writes, one whole sentence at a time, unchecked; an unfinished last one is left out."""
    if engine.has_adapter(ADAPTER):
        prompt, text, adapter = explain_prompt(evidence), "", ADAPTER
    else:
        (prompt, text), adapter = few_shot(evidence, seed), None
    given, names = 0, names_in(evidence)
    for chunk in engine.stream(prompt, adapter=adapter, max_tokens=MAX_TOKENS, stop=("\n",)):
        text += chunk
        whole = sentences(text, names)[:-1]
        yield from whole[given:MOST_SENTENCES]
        given = max(given, len(whole))
        if given >= MOST_SENTENCES:
            return
    last = sentences(text, names)[given:MOST_SENTENCES]
    yield from (sentence for sentence in last if sentence.endswith((".", "!", "?")))


def is_sound(sentence: str) -> bool:
    """Whether it is a sentence: some words, not too many, and not the same ones over and over."""
    tokens = re.findall(r"\w+", sentence.lower())
    pairs = Counter(zip(tokens, tokens[1:], strict=False))
    return len(tokens) >= 4 and len(sentence) <= LONGEST and (not pairs or max(pairs.values()) <= 2)


def is_repeated(sentence: str, said: Sequence[str]) -> bool:
    return any(fuzz.token_set_ratio(sentence.lower(), other.lower()) >= ALIKE for other in said)


def tell(answer: Answer, engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0,
         fallback: Sequence[str] = ()) -> Iterator[str]:
    """The sentences of an answer, which are there at once, then the model's about one film, which take their time."""
    yield from answer.sentences
    yield from word(engine, evidence, claims, seed, answer.sentences, fallback)


# training


def pairs(evidence: Sequence[Evidence], claims: Claims, n: int = 4, seed: object = 0) -> Iterator[tuple[str, str]]:
    """(prompt, completion) for training the "explain" adapter: at most `n` ways to tell the same evidence, each backed.

    The completion starts with a space. Nothing for evidence without a reason of the person.
    """
    told = Told.of(evidence)
    if told is None or not told.reasons:
        return
    prompt, names, given = explain_prompt(evidence), names_in(evidence), set()
    for k in range(4 * n):
        text = _telling(told, (seed, k))
        if text not in given and not any(claims.unbacked(s, evidence) for s in sentences(text, names)):
            given.add(text)
            yield prompt, f" {text}"
        if len(given) == n:
            return


def _telling(told: Told, seed: object) -> str:
    """One way to tell it: the reason first or last, a fact or two, and what the film shares."""
    clause, fits = told.reasons[0][0], choose((seed, 1), FITS)
    second = told.reasons[1][0] if len(told.reasons) > 1 else ""
    also = choose((seed, 2), (f", and also because {second}", f", also as {second}", "", "")) if second else ""
    fact = choose((seed, 3), _fact_clauses(told))
    first = choose((seed, 4), (
        f"because {clause}, {told.film} {fits}: it {fact}.", f"since {clause}, {told.film} {fits}; it {fact}.",
        f"{clause}, so {told.film} {fits}: it {fact}.", f"{told.film} {fits} because {clause}{also}.",
        f"{told.film} is here because {clause}{also}; it {fact}.", f"{told.film} {fact}, and it {fits} because {clause}.",
    ))
    other, both = told.shared
    more = [f"It {f}." for f in _fact_clauses(told) if f not in first]
    if other:
        more += [f"{other} and {told.film} both {both}."] * 3
    more.append("")
    return capital(f"{first} {choose((seed, 5), more)}".strip())


def _fact_clauses(told: Told) -> list[str]:
    a_film = article(f"{told.genres} film") if told.genres else "a film"
    found = [f"is {a_film}"]
    if told.directors:
        found += [f"is directed by {joined(told.directors)}", f"is {a_film} directed by {joined(told.directors)}"]
    if told.cast:
        found += [f"stars {joined(told.cast)}", f"is {a_film} with {joined(told.cast)}"]
    if told.minutes:
        found.append(f"takes {told.minutes} minutes")
    return found
