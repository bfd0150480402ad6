"""The language model's sentences about a pick: written from evidence, checked one by one, never needed.

The task, for an adapter named "explain": the evidence of one film as a few lines, how many sentences, and "say:" with
the word they begin with; the answer goes on from that word, on one line. Decoding is greedy, so variety has to come
from outside: word and number are drawn by the seed of the answer. The base model without the adapter gets three
examples and the beginning of its sentence, which names the film and the reason; it goes on from there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from assistant.claims import Claims, names_in
from assistant.evidence import GENRE_ADJECTIVES, Answer, Evidence
from assistant.mentions import NAME_WITH_YEAR, sentences
from assistant.phrases import LASTING_NOUNS, NOUNS, article, capital, choose, count, joined, spoken, title, verb

if TYPE_CHECKING:
    from assistant.llm.engine import Engine

ADAPTER = "explain"
MAX_TOKENS = 80
MOST_SENTENCES = 2
LONGEST = 260
"""Characters; a longer sentence is rambling."""
ALIKE = 88
"""From this likeness (0-100, words in common) on, a sentence repeats one that was said."""
GENRES = 3
"""Genres that are told of a film; more read as a list."""

FITS = ("fits well", "is a good match", "could suit you", "should suit you", "may be right for you")
IMPERSONAL = {"popularity": "its popularity", "variety": "the variety of the list"}
"""Causes that are nobody's preference."""

NO_THEMES = frozenset(
    "independent film|woman director|sequel|3d|nudity|female nudity|male nudity|remake|sex|rape|violence|duringcreditsstinger|"
    "aftercreditsstinger|musical|animation".split("|"))
"""Keywords that say how a film was made, or that nobody wants pointed out."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause as it is told. clause: "you loved Heat", empty when the person said nothing of the kind; noun: "your love
    of Heat"; when: "two messages ago", empty when unknown; percent: its share, negative when it speaks against."""

    clause: str
    noun: str
    when: str
    percent: int

    @property
    def line(self) -> str:
        return ", ".join(filter(None, (self.clause or self.noun, self.when, f"{abs(self.percent)} %")))


@dataclass(frozen=True, slots=True)
class Shared:
    """What the film and one that speaks for it have in common: "star" and "stars", "Robert De Niro"."""

    other: str
    both: str
    each: str
    what: str


@dataclass(frozen=True, slots=True)
class Told:
    """The evidence of one film, ordered for telling: names without years where they are plain without.

    reasons and against: biggest first; against: only what the person said. genres: "action and crime"; empty where the evidence has nothing.
    """

    film: str
    year: int | None
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    shared: Shared | None
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
        facts = [r for r in evidence if r.kind == "fact" and r.subject == film]
        values = {label: tuple(v for r in facts if r.label == label for v in r.values) for label in ("genre", "director", "cast")}
        numbers = {r.label: int(r.number) for r in facts if r.number is not None}
        causes = sorted((r for r in evidence if r.kind == "contribution" and r.subject == film and r.number), key=lambda r: -r.number)
        plain = _plain_names(evidence)
        told = [reason for r in causes if (reason := _reason(r, evidence, plain))]
        genres = joined(GENRE_ADJECTIVES.get(g, g.lower()) for g in values["genre"][:GENRES])
        reasons, against = tuple(t for t in told if t.percent > 0), tuple(t for t in told[::-1] if t.percent < 0 and t.clause)
        return cls(plain.get(film, film), numbers.get("year"), reasons, against, _shared(film, evidence, plain), genres,
                   values["director"], values["cast"][:2], numbers.get("runtime"))


def _plain_names(evidence: Sequence[Evidence]) -> dict[str, str]:
    """Films with their year -> their name as it is told; the year stays where two films share a title."""
    films = {name for name in names_in(evidence) if NAME_WITH_YEAR.fullmatch(name)}
    often = Counter(title(name).lower() for name in films)
    return {name: title(name) if often[title(name).lower()] == 1 else name for name in films}


def _reason(row: Evidence, evidence: Sequence[Evidence], plain: dict[str, str]) -> Reason | None:
    """None for a cause of which it is not known what the person said."""
    name, percent = row.label, int(row.number)
    feeling = next((r.label for r in evidence if r.kind == "preference" and name in r.values), None)
    if feeling is None:
        return Reason("", IMPERSONAL[name], "", percent) if name in IMPERSONAL else None
    film = name in plain
    subject = plain[name] if film else spoken(name)
    noun = {"want": "your wish to see", "avoid": "your wish to avoid"}.get(feeling, NOUNS.get(feeling)) if film \
        else LASTING_NOUNS.get(feeling)
    return Reason(f"{verb(feeling, film)} {subject}", f"{noun or 'your limit of'} {subject}", _when(name, evidence), percent)


def _when(name: str, evidence: Sequence[Evidence]) -> str:
    source = next((r for r in evidence if r.kind == "source" and r.subject == name), None)
    if source is None:
        return ""
    ago = f"{count(int(source.number or 0), 'message')} ago"
    return {"ago": ago, "now": "just now", "earlier": "in an earlier conversation", "click": "by a click"}[source.label]


def _shared(film: str, evidence: Sequence[Evidence], plain: dict[str, str]) -> Shared | None:
    rows = [r for r in evidence if r.kind == "shared" and r.subject == film]
    for label, both, each in (("director", "are directed by", "is directed by"), ("cast", "star", "stars"),
                              ("keyword", "have the theme", "has the theme")):
        values = [r.values for r in rows if r.label == label]
        if values:
            other = values[0][1]
            names = [v for v, o in values if o == other and (label != "keyword" or v not in NO_THEMES and not v.startswith("based on"))]
            if not names:
                continue
            what = f"“{names[0]}”" if label == "keyword" else joined(names[:2])
            return Shared(plain.get(other, other), both, each, what)
    return None


# prompts


def explain_prompt(evidence: Sequence[Evidence], seed: object = 0) -> str:
    """The evidence of one film as the adapter reads it, and the beginning of what it shall say, drawn by the seed.

    Raises ValueError when the evidence is about no film.
    """
    told = Told.of(evidence)
    if told is None:
        raise ValueError("the evidence is about no film, so there is nothing to tell")
    return prompt_of(told, how_many(told, seed), opening(told, seed))


def prompt_of(told: Told, number: int, first: str) -> str:
    """The same for a number of sentences and a beginning of one's own."""
    lines = [f"film: {told.film}"]
    lines += [f"for: {reason.line}" for reason in told.reasons[:2]]
    lines += [f"against: {reason.line}" for reason in told.against[:1]]
    if told.shared:
        lines.append(f"with {told.shared.other}: both {told.shared.both} {told.shared.what}")
    return "\n".join([*lines, *_facts(told), f"sentences: {('one', 'two')[number - 1]}", f"say: {first}"])


def _facts(told: Told) -> list[str]:
    return [f"{name}: {value}" for name, value in (
        ("genre", f"{told.genres} film" if told.genres else ""), ("directed by", joined(told.directors)), ("starring", joined(told.cast)),
        ("length", f"{told.minutes} minutes" if told.minutes else ""), ("year", str(told.year or "")),
    ) if value]


def how_many(told: Told, seed: object) -> int:
    """One or two sentences; mostly two when something speaks against the film, which is told in the second."""
    return int(choose((seed, told.film, "sentences"), ("1", "2", "2", "2", "2") if told.against else ("1", "2")))


def opening(told: Told, seed: object) -> str:
    """The word, or the name, that the sentences begin with."""
    return choose((seed, told.film, "opening"), openings(told))


def openings(told: Told) -> tuple[str, ...]:
    """Every beginning that this evidence allows; the adapter has learned how each goes on."""
    if not told.reasons:
        return (told.film,)
    first = told.reasons[0]
    words = [told.film, "Because", "What", "For", "It", "The", "Behind", "Thanks", "There", "Here", str(first.percent)]
    words += ["I", "You", "Your", "Since", "As", "Given", "So"] if first.clause else ["Its"] * first.noun.startswith("its ")
    words += ["Mostly"] if first.percent > 50 else []
    words += ["First"] if len(told.reasons) > 1 else []
    words += ["Like"] if told.shared else []
    words += ["Directed"] if told.directors else []
    words += ["With", "Starring"] if told.cast else []
    words += ["At"] if told.minutes else []
    words += ["From"] if told.year else []
    words += [article(told.genres).split()[0].capitalize()] if told.genres else []
    return tuple(words)


EXAMPLES = """film: Ronin
genre: action and crime film
directed by: John Frankenheimer
starring: Robert De Niro and Jean Reno
say: Because you loved Heat, Ronin could suit you: it is an action and crime film directed by John Frankenheimer.

film: Amelie
genre: comedy and romance film
starring: Audrey Tautou
say: You like Audrey Tautou, so Amelie is a good match: it is a comedy and romance film.

film: Alien
genre: horror and sci-fi film
directed by: Ridley Scott
starring: Sigourney Weaver and Tom Skerritt
say: Since you asked for sci-fi films, Alien fits well, with Sigourney Weaver and Tom Skerritt.

"""


def few_shot(evidence: Sequence[Evidence], seed: object = 0) -> tuple[str, str]:
    """(prompt, the beginning of the sentence that the prompt ends with), for a model that does not know the task."""
    told = Told.of(evidence)
    begun = _begun(told, seed)
    lines = [line for line in _facts(told) if not line.startswith(("length", "year"))]
    return EXAMPLES + "\n".join([f"film: {told.film}", *lines, f"say: {begun}"]), begun


def _begun(told: Told, seed: object) -> str:
    clause = next((reason.clause for reason in told.reasons if reason.clause), "")
    if not clause:
        return told.film
    fits = choose((seed, told.film, "fits"), FITS)
    return choose((seed, told.film), (
        f"Because {clause}, {told.film} {fits}", f"{capital(clause)}, so {told.film} {fits}", f"Since {clause}, {told.film} {fits}",
    ))


# what the model says


def word(engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0, said: Sequence[str] = (),
         fallback: Sequence[str] = ()) -> Iterator[str]:
    """At most two sentences about the film of the evidence, by the model; all of them backed.

    Where nothing that the person said is a reason the model has nothing to tell. A sentence that is not, or that repeats one of `said`, is dropped. When none is left, or there is no engine, the
    backed ones of `fallback` that are not said yet. Raises what the engine raises.
    """
    told = Told.of(evidence)
    worth_telling = engine is not None and told is not None and any(reason.clause for reason in told.reasons)
    sentences_of_model = written(engine, evidence, seed) if worth_telling else ()
    any_kept = False
    for sentence in backed(sentences_of_model, evidence, claims, said):
        any_kept = True
        yield sentence
    if not any_kept:
        yield from (s for s in fallback if not is_repeated(s, said) and not claims.unbacked(s, evidence))


def backed(written_ones: Iterable[str], evidence: Sequence[Evidence], claims: Claims, said: Sequence[str] = ()) -> Iterator[str]:
    """The sentences that may be shown: whole, backed, and neither said before nor twice."""
    kept: list[str] = []
    for sentence in written_ones:
        if is_sound(sentence) and not is_repeated(sentence, (*said, *kept)) and not claims.unbacked(sentence, evidence):
            kept.append(sentence)
            yield sentence


def written(engine: Engine, evidence: Sequence[Evidence], seed: object = 0) -> Iterator[str]:
    """What the model writes, one whole sentence at a time, unchecked; an unfinished last one is left out."""
    if engine.has_adapter(ADAPTER):
        prompt, text, adapter = explain_prompt(evidence, seed), opening(Told.of(evidence), seed), ADAPTER
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
    return len(tokens) >= 4 and not sentence[0].islower() and len(sentence) <= LONGEST and (not pairs or max(pairs.values()) <= 2)


def is_repeated(sentence: str, said: Sequence[str]) -> bool:
    return any(fuzz.token_set_ratio(sentence.lower(), other.lower()) >= ALIKE for other in said)


def tell(answer: Answer, engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0,
         fallback: Sequence[str] = ()) -> Iterator[str]:
    """The sentences of an answer, which are there at once, then the model's about one film, which take their time."""
    yield from answer.sentences
    yield from word(engine, evidence, claims, seed, answer.sentences, fallback)

