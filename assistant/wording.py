"""The language model's sentences about a pick: written from evidence, checked one by one, never needed.

The task, for an adapter named "explain": the evidence of one film as a few lines, how many sentences, and "say:" with
the word they begin with; the answer goes on from that word, on one line. Decoding is greedy, so variety has to come
from outside: word and number are drawn by the seed of the answer. The base model without the adapter gets three
examples and the beginning of its sentence, which names the film and the reason; it goes on from there.
What differs between English and Chinese is in `english_wording` and `mandarin_wording`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from assistant import english_wording, mandarin_wording
from assistant.chinese_lexicon import HAN
from assistant.claims import Claims, names_in
from assistant.evidence import Answer, Evidence, Origin
from assistant.languages import WORDED_BY_MODEL
from assistant.mandarin_claims import is_chinese
from assistant.mentions import NAME_WITH_YEAR
from assistant.phrases import choose

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
HAN_RUN = re.compile(f"[{HAN}]{{2,}}")

NO_THEMES = frozenset(
    "independent film|woman director|sequel|3d|nudity|female nudity|male nudity|remake|sex|rape|violence|duringcreditsstinger|"
    "aftercreditsstinger|musical|animation".split("|"))
"""Keywords that say how a film was made, or that nobody wants pointed out."""

TELLERS: dict[str, ModuleType] = {"en": english_wording, "zh": mandarin_wording}
"""Language code -> its module of words for the task; all have the same functions with the same parameters."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause as it is told. clause: "you loved Heat", empty when the person said nothing of the kind; noun: "your love
    of Heat"; when: "two messages ago", empty when unknown; percent: its share, negative when it speaks against."""

    clause: str
    noun: str
    when: str
    percent: int


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

    reasons and against: biggest first; against: only what the person said. genres: "action and crime"; empty where the evidence has
    nothing. language: a key of TELLERS.
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
    language: str = "en"

    @classmethod
    def of(cls, evidence: Sequence[Evidence], language: str = "en") -> Told | None:
        """None when the evidence is not about a film."""
        film = next((r.subject for r in evidence if r.kind == "contribution"), None) or next(
            (r.subject for r in evidence if r.kind == "fact"), None)
        if film is None:
            return None
        facts, words = [r for r in evidence if r.kind == "fact" and r.subject == film], TELLERS[language]
        values = {label: tuple(v for r in facts if r.label == label for v in r.values) for label in ("genre", "director", "cast")}
        numbers = {r.label: int(r.number) for r in facts if r.number is not None}
        causes = sorted((r for r in evidence if r.kind == "contribution" and r.subject == film and r.number), key=lambda r: -r.number)
        plain = _plain_names(evidence, words)
        told = [reason for r in causes if (reason := _reason(r, evidence, plain, words))]
        reasons, against = tuple(t for t in told if t.percent > 0), tuple(t for t in told[::-1] if t.percent < 0 and t.clause)
        return cls(plain.get(film) or words.film(film, True), numbers.get("year"), reasons, against, _shared(film, evidence, plain, words),
                   words.kinds(values["genre"][:GENRES]), values["director"], values["cast"][:2], numbers.get("runtime"), language)

    @property
    def words(self) -> ModuleType:
        """The words of its language: `english_wording` or its like."""
        return TELLERS[self.language]


def _plain_names(evidence: Sequence[Evidence], words: ModuleType) -> dict[str, str]:
    """Films with their year -> their name as it is told; the year stays where two films share a title."""
    short = {name: words.film(name, False) for name in names_in(evidence) if NAME_WITH_YEAR.fullmatch(name)}
    often = Counter(told.lower() for told in short.values())
    return {name: told if often[told.lower()] == 1 else words.film(name, True) for name, told in short.items()}


def _reason(row: Evidence, evidence: Sequence[Evidence], plain: dict[str, str], words: ModuleType) -> Reason | None:
    """None for a cause of which it is not known what the person said."""
    name, percent = row.label, int(row.number)
    feeling = next((r.label for r in evidence if r.kind == "preference" and name in r.values), None)
    if feeling is None:
        return Reason("", words.IMPERSONAL[name], "", percent) if name in words.IMPERSONAL else None
    of_film, subject = name in plain, plain.get(name) or words.thing(name)
    source = next((r for r in evidence if r.kind == "source" and r.subject == name), None)
    when = words.when(Origin(source.label, int(source.number or 0))) if source else ""
    return Reason(words.clause(feeling, subject, of_film), words.noun(feeling, subject, of_film), when, percent)


def _shared(film: str, evidence: Sequence[Evidence], plain: dict[str, str], words: ModuleType) -> Shared | None:
    rows = [r for r in evidence if r.kind == "shared" and r.subject == film]
    for label in ("director", "cast", "keyword"):
        values = [r.values for r in rows if r.label == label]
        if values:
            other = values[0][1]
            names = [v for v, o in values if o == other and (label != "keyword" or v not in NO_THEMES and not v.startswith("based on"))]
            if not names:
                continue
            return Shared(plain.get(other) or words.film(other, True), *words.in_common(label, names[:2]))
    return None


# prompts


def explain_prompt(evidence: Sequence[Evidence], seed: object = 0, language: str = "en") -> str:
    """The evidence of one film as the adapter reads it, and the beginning of what it shall say, drawn by the seed.

    Raises ValueError when the evidence is about no film.
    """
    told = Told.of(evidence, language)
    if told is None:
        raise ValueError("the evidence is about no film, so there is nothing to tell")
    return prompt_of(told, how_many(told, seed), opening(told, seed))


def prompt_of(told: Told, number: int, first: str) -> str:
    """The same for a number of sentences and a beginning of one's own."""
    words = told.words
    lines = [words.LINES["film"].format(told.film)]
    lines += [words.LINES["for"].format(_line(reason, words)) for reason in told.reasons[:2]]
    lines += [words.LINES["against"].format(_line(reason, words)) for reason in told.against[:1]]
    if told.shared:
        lines.append(words.LINES["with"].format(told.shared.other, told.shared.both, told.shared.what))
    lines += _facts(told, ("genre", "director", "cast", "minutes", "year"))
    return words.neat("\n".join([*lines, words.LINES[("one", "two")[number - 1]], words.LINES["say"].format(first)]))


def evidence_part(prompt: str) -> str:
    """The part of a prompt that tellings of the same evidence share: all but the last two lines."""
    return prompt.rsplit("\n", 2)[0]


def _line(reason: Reason, words: ModuleType) -> str:
    return words.COMMA.join(filter(None, (reason.clause or reason.noun, reason.when, words.PERCENT.format(abs(reason.percent)))))


def _facts(told: Told, labels: Sequence[str]) -> list[str]:
    words = told.words
    facts = {"genre": told.genres, "director": words.joined(told.directors), "cast": words.joined(told.cast), "minutes": told.minutes,
             "year": told.year}
    return [words.LINES[label].format(facts[label]) for label in labels if facts[label]]


def how_many(told: Told, seed: object) -> int:
    """One or two sentences; mostly two when something speaks against the film, which is told in the second."""
    return int(choose((seed, told.film, "sentences"), ("1", "2", "2", "2", "2") if told.against else ("1", "2")))


def opening(told: Told, seed: object) -> str:
    """The word, or the name, that the sentences begin with."""
    return choose((seed, told.film, "opening"), openings(told))


def openings(told: Told) -> tuple[str, ...]:
    """Every beginning that this evidence allows; the adapter has learned how each goes on."""
    return tuple(told.words.openings(told)) if told.reasons else (told.film,)


def few_shot(evidence: Sequence[Evidence], seed: object = 0, language: str = "en") -> tuple[str, str]:
    """(prompt, the beginning of the sentence that the prompt ends with), for a model that does not know the task."""
    told = Told.of(evidence, language)
    words, clause = told.words, next((reason.clause for reason in told.reasons if reason.clause), "")
    begun = words.begun(clause, told.film, seed) if clause else told.film
    lines = [words.LINES["film"].format(told.film), *_facts(told, ("genre", "director", "cast")), words.LINES["say"].format(begun)]
    return words.EXAMPLES + words.neat("\n".join(lines)), begun


# what the model says


def is_worded(engine: Engine | None, language: str) -> bool:
    """Whether the model words this language: in English any, with examples where it has no adapter, else the adapter that learned it."""
    return engine is not None and language in WORDED_BY_MODEL and (language == "en" or engine.has_adapter(ADAPTER))


def word(engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0, said: Sequence[str] = (),
         fallback: Sequence[str] = (), language: str = "en") -> Iterator[str]:
    """At most two sentences about the film of the evidence, by the model; all of them backed.

    Where nothing that the person said is a reason the model has nothing to tell. A sentence that is not backed, or that repeats one of
    `said`, is dropped. When none is left, or there is no engine that words the language, the backed ones of `fallback` that are not said
    yet. Raises what the engine raises.
    """
    told = Told.of(evidence, language)
    worth_telling = is_worded(engine, language) and told is not None and any(reason.clause for reason in told.reasons)
    sentences_of_model = written(engine, evidence, seed, language) if worth_telling else ()
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


def written(engine: Engine, evidence: Sequence[Evidence], seed: object = 0, language: str = "en") -> Iterator[str]:
    """What the model writes, one whole sentence at a time, unchecked; an unfinished last one is left out, and one in another language."""
    if engine.has_adapter(ADAPTER):
        prompt, text, adapter = explain_prompt(evidence, seed, language), opening(Told.of(evidence, language), seed), ADAPTER
    else:
        (prompt, text), adapter = few_shot(evidence, seed, language), None
    chunks = engine.stream(prompt, adapter=adapter, max_tokens=MAX_TOKENS, stop=("\n",))
    return (s for s in _whole(chunks, text, evidence, TELLERS[language]) if is_chinese(s) == (language == "zh"))


def _whole(chunks: Iterable[str], text: str, evidence: Sequence[Evidence], words: ModuleType) -> Iterator[str]:
    """The whole sentences of a stream that goes on from `text`, as they come."""
    given, names = 0, names_in(evidence)
    for chunk in chunks:
        text += chunk
        whole = words.sentences(text, names)[:-1]
        yield from whole[given:MOST_SENTENCES]
        given = max(given, len(whole))
        if given >= MOST_SENTENCES:
            return
    last = words.sentences(text, names)[given:MOST_SENTENCES]
    yield from (sentence for sentence in last if sentence.endswith(words.ENDS))


def is_sound(sentence: str) -> bool:
    """Whether it is a sentence: some words, not too many, and not the same ones over and over."""
    tokens = re.findall(r"\w+", _in_words(sentence))
    pairs = Counter(zip(tokens, tokens[1:], strict=False))
    return len(tokens) >= 4 and not sentence[0].islower() and len(sentence) <= LONGEST and (not pairs or max(pairs.values()) <= 2)


def is_repeated(sentence: str, said: Sequence[str]) -> bool:
    return any(fuzz.token_set_ratio(_in_words(sentence), _in_words(other)) >= ALIKE for other in said)


def _in_words(sentence: str) -> str:
    """In lower case; Chinese, which has no spaces, as its pairs of neighbouring characters: "很喜欢" is "很喜 喜欢"."""
    return HAN_RUN.sub(lambda run: f" {' '.join(map(''.join, pairwise(run.group())))} ", sentence.lower())


def tell(answer: Answer, engine: Engine | None, evidence: Sequence[Evidence], claims: Claims, seed: object = 0,
         fallback: Sequence[str] = (), language: str = "en") -> Iterator[str]:
    """The sentences of an answer, which are there at once, then the model's about one film, which take their time."""
    yield from answer.sentences
    yield from word(engine, evidence, claims, seed, answer.sentences, fallback, language)
