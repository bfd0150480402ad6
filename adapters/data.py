"""Labelled messages to train the `understand` adapter on.

A message, in English or in Chinese, is put together from the phrases of its language, typed as people type, and then linked by the very
linker that runs in the assistant: the marks of training are the marks of use. What a phrase
says about a slot becomes the label of the span found there; a span found anywhere else
("[film it]", "[keyword wife]") is nothing that was said, and labelled none.

Reproducible: the same seed, catalog and phrases give the same messages. Validation uses
phrases, titles and people that training never shows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters import noise
from adapters.chinese import ChineseFiller
from adapters.fillers import Filler, Vocabulary, dialogue_state
from adapters.grammar import Grammar, Piece, tidy
from assistant import reading
from assistant.linking import Linker
from assistant.spans import Span
from store.catalog import Catalog

SEED = 20
CHINESE = 0.4
"""The share of Chinese messages where no language is asked for."""
FILLERS = {"en": Filler, "zh": ChineseFiller}

MESSAGES = {
    "tell": 37,
    "recommend": 19,
    "more": 2,
    "more+tell": 1.8,
    "why": 4.5,
    "why+tell": 1.6,
    "why_not": 4.2,
    "why_not+tell": 0.8,
    "what_if": 6.5,
    "compare": 3.5,
    "compare+tell": 0.6,
    "depends": 2.4,
    "matters": 2.4,
    "sure": 2,
    "drift": 2.2,
    "wrong": 2,
    "ask": 7,
    "ask+tell": 1,
    "profile": 3,
    "undo": 2,
    "undo+recommend": 1.1,
    "undo+tell": 0.8,
    "undo+more": 0.2,
    "undo+why": 0.2,
    "reset": 1.3,
    "reset+recommend": 0.4,
    "reset+tell": 0.5,
    "accept": 3.2,
    "accept+tell": 0.8,
    "answer": 2.6,
    "reject": 3.2,
    "reject+tell": 1.6,
    "reject+recommend": 0.6,
    "reject+more": 0.8,
    "chat": 3.8,
    "help": 1.6,
    "unclear": 2.2,
}
"""Kinds of message, "ACT" or "ACT+SECOND", and how often each comes, in percent. "answer" is an accept that
names what a "which one?" asked for."""

CLAUSES = {
    "film.love": 9,
    "film.like": 8,
    "film.dislike": 8,
    "film.hate": 5,
    "film.seen": 5,
    "film.want": 3,
    "film.similar": 6,
    "film.avoid": 3,
    "film.skip": 3,
    "film.drop": 3.5,
    "film.none": 4,
    "film.rating": 5,
    "feat.love": 5,
    "feat.like": 5,
    "feat.dislike": 6,
    "feat.hate": 3.5,
    "feat.drop": 4,
    "feat.none": 2,
    "feat.others_avoid": 1.5,
    "feat.text": 2.5,
    "wish.want": 14,
    "wish.only": 4,
    "wish.avoid": 11,
    "wish.mixed": 4,
    "wish.corrected": 1.5,
    "limit": 15,
}
"""The clauses a telling message is made of, and how often each comes."""
WHOLE = 0.3
"""The share of telling messages that are one line of msg.tell, as a person would join their clauses; the others are put together."""
TASTE_CLAUSES = (
    "film.love",
    "film.like",
    "film.dislike",
    "film.hate",
    "film.seen",
    "feat.love",
    "feat.like",
    "feat.dislike",
    "feat.hate",
)
TRAILING = ("limit", "limit", "wish.avoid", "wish.avoid", "film.skip", "wish.only", "film.avoid")
JOINTS = {
    "en": (
        ", ", ", ", ", ", " and ", " and ", " but ", ". ", ". ", " ", "; ", ", and ", ", but ", " plus ",
        " also ", ", also ", ", oh and ", " - ", "! ", ".. ", "\n", ", though ", " & ", ", then ",
    ),
    "zh": (
        "，", "，", "，", "，", "，", "，", "。", "。", "；", " ", " ", " ", "，但是", "，但", "，不过", "，另外", "，还有",
        "，然后", "，而且", "，且", "！", "\n", "~", "。另外", "。还有", "，对了", "。对了，", " 另外 ", " 还有 ", " 然后 ", " 但是 ",
        "、", "..",
    ),
}
AFTER_TASTE = {
    "en": (
        ". ", ", ", "\n", ".. ", "! ", " ",
    ),
    "zh": (
        "。", "，", "，", "\n", "！", " ", "，所以", "，那",
    ),
}
BEFORE_LIMIT = {
    "en": (
        ", ", ". ", " but ", " and ", " - ", "? ", " ",
    ),
    "zh": (
        "，", "，", "。", "，但", "？", " ", "，不过", "，要求",
    ),
}
BEFORE_QUESTION = {
    "en": (
        ". ", ", ", ".. ", "! ",
    ),
    "zh": (
        "。", "，", "，", "！", " ", "，那",
    ),
}
AFTER_QUESTION = {
    "en": (
        "? ", ". ", "?? ",
    ),
    "zh": (
        "？", "？", "，", "。", " ",
    ),
}
"""What stands between two parts of a message."""
LASTS = {
    "tell": "start start start picks picks picks picks answer answer unclear profile chat which nearest",
    "recommend": "start start start picks picks answer unclear profile chat",
    "accept": "picks picks picks answer answer nearest chat start",
    "answer": "which which which nearest",
    "reject": "picks picks picks answer nearest which chat",
    "chat": "start start chat picks answer profile",
    "help": "start start chat picks unclear profile",
    "unclear": "start picks answer chat unclear",
    "more": "picks picks picks answer",
    "depends": "picks picks answer answer",
    "matters": "picks picks answer profile",
    "sure": "picks picks answer",
    "drift": "profile picks answer answer start",
    "wrong": "answer answer answer profile picks",
    "undo": "picks answer profile which nearest unclear",
    "reset": "picks answer profile unclear chat",
}
ASKED = "picks picks picks picks answer answer answer profile chat unclear start"
REFERRED = {
    "why": "topic",
    "why_not": "topic",
    "compare": "topic",
    "depends": "topic",
    "matters": "topic",
    "sure": "topic",
    "ask": "topic",
    "answer": "topic",
    "reject": "skip",
}
"""What a reference to a pick means in a message that says nothing else about any: "why that?", "none of
them"."""
POINTING = frozenset("it that this 它 这 那 这个 那个 这部 那部".split())
TRIES = 60


@dataclass(frozen=True, slots=True)
class Example:
    """A message with the answer the model should give. `labels` has one label a span, in order."""

    last: str
    text: str
    spans: tuple[Span, ...]
    act: str
    second: str | None
    labels: tuple[str, ...]
    language: str = "en"

    @property
    def prompt(self) -> str:
        return reading.prompt(self.text, self.spans, self.last)

    @property
    def answer(self) -> str:
        return reading.answer(self.act, self.second, self.labels)


def examples(
    catalog: Catalog, n: int, *, seed: int = SEED, held_out: bool = False, language: str | None = None
) -> Iterator[Example]:
    """`n` different messages in `language` ("en" or "zh"; None: both, mixed); `held_out` ones share no phrase, title or
    person with the others."""
    rng = random.Random(f"{seed} {held_out}")
    vocabulary = Vocabulary(Linker(catalog), held_out)
    seen: set[str] = set()
    repeats = 0
    while len(seen) < n:
        example = one(rng, vocabulary, language or ("zh" if rng.random() < CHINESE else "en"))
        if example.prompt in seen:
            repeats += 1
            if repeats > 20 * n + 1000:
                return
            continue
        seen.add(example.prompt)
        yield example


def distribution(written: Iterable[Example]) -> dict[str, object]:
    """How often each act, second act and "kind:label" occurs, and how many messages come twice."""
    acts, labels, prompts = Counter(), Counter(), Counter()
    for example in written:
        acts[f"{example.act}+{example.second}" if example.second else example.act] += 1
        labels.update(
            f"{span.kind}:{label}" for span, label in zip(example.spans, example.labels, strict=True)
        )
        prompts[example.prompt] += 1
    return {
        "messages": sum(prompts.values()),
        "duplicates": sum(prompts.values()) - len(prompts),
        "acts": dict(acts.most_common()),
        "labels": dict(sorted(labels.items())),
    }


def one(rng: random.Random, vocabulary: Vocabulary, language: str = "en") -> Example:
    """One message at random. Phrases whose slots the linker does not find are written again."""
    kinds, weights = tuple(MESSAGES), tuple(MESSAGES.values())
    while True:
        kind = rng.choices(kinds, weights)[0]
        for _ in range(TRIES):
            if example := _attempt(kind, rng, vocabulary, language):
                return example


def _attempt(kind: str, rng: random.Random, vocabulary: Vocabulary, language: str) -> Example | None:
    main, _, second = kind.partition("+")
    last = rng.choice(LASTS.get(main, ASKED).split())
    state = dialogue_state(rng, vocabulary, last)
    grammar = Grammar(rng, FILLERS[language](rng, vocabulary, state), vocabulary.held_out, language)
    pieces, told = _written(kind, grammar)
    pieces = (noise.typed_chinese if language == "zh" else noise.typed)(tidy(pieces), main, rng)
    text = "".join(p.text for p in pieces)
    if len(text) > 400:
        return None
    spans = vocabulary.linker.link(text, state)
    contradictory = len({p.text.lower() for p in pieces if p.label}) < len(
        {(p.text.lower(), p.label) for p in pieces if p.label}
    )
    lost_picks = not state.slate and not state.pending and rng.random() < 0.3
    labels = labelled(pieces, spans, REFERRED.get(main), lost_picks)
    if labels is None or contradictory:
        return None
    act = "accept" if main == "answer" else main
    return Example(last, text, spans, act, second or told, labels, language)


def _written(kind: str, grammar: Grammar) -> tuple[list[Piece], str | None]:
    """The pieces of a message, and "tell" when a clause was put beside a question."""
    rng = grammar.rng
    if kind == "tell" and rng.random() > WHOLE:
        return _telling(grammar), None
    pieces = grammar.phrase(f"msg.{kind}")
    if kind == "recommend":
        if rng.random() < 0.22:
            pieces = [
                *_clauses(grammar, rng.choices(TASTE_CLAUSES, k=rng.choice((1, 1, 2)))),
                Piece(rng.choice(AFTER_TASTE[grammar.language])),
                *pieces,
            ]
        if rng.random() < 0.22:
            pieces = [
                *pieces,
                Piece(rng.choice(BEFORE_LIMIT[grammar.language])),
                *_clauses(grammar, [rng.choice(TRAILING)]),
            ]
    elif kind in ("why", "why_not", "compare", "ask") and rng.random() < 0.07:
        told = _clauses(grammar, [rng.choice(TASTE_CLAUSES)])
        before = rng.random() < 0.7
        joint = [Piece(rng.choice((BEFORE_QUESTION if before else AFTER_QUESTION)[grammar.language]))]
        return (told + joint + pieces if before else pieces + joint + told), "tell"
    return pieces, None


def _telling(grammar: Grammar) -> list[Piece]:
    many = grammar.rng.choices((1, 2, 3, 4), (48, 32, 15, 5))[0]
    return _clauses(grammar, grammar.rng.choices(tuple(CLAUSES), tuple(CLAUSES.values()), k=many))


def _clauses(grammar: Grammar, names: list[str]) -> list[Piece]:
    labels = dict(zip(("film.love", "film.like"), ("love", "like")))
    pieces: list[Piece] = []
    for n, name in enumerate(names):
        if n:
            pieces.append(Piece(grammar.rng.choice(JOINTS[grammar.language])))
        pieces += grammar.phrase(name, labels.get(name))
    return pieces


def labelled(
    pieces: list[Piece], spans: tuple[Span, ...], referred: str | None, lost_picks: bool = False
) -> tuple[str, ...] | None:
    """A label for each span: that of the slot it lies on, else none, or `referred` for a reference to picks
    where the message says nothing of another film. None when a slot that names something known was not
    found; `lost_picks`: picks need not be, there are none on screen."""
    slots: list[tuple[int, int, Piece]] = []
    at = 0
    for piece in pieces:
        if piece.label is not None:
            slots.append((at, at + len(piece.text), piece))
        at += len(piece.text)
    found: set[int] = set()
    labels: list[str] = []
    about_films = any(p.kind in ("film", "words", "pick") and p.label != "none" for _, _, p in slots)
    for span in spans:
        over = [
            (min(span.end, b) - max(span.start, a), -n)
            for n, (a, b, _) in enumerate(slots)
            if a < span.end and span.start < b
        ]
        n = -max(over)[1] if over else None
        label = "none" if n is None else _fitting(span.kind, slots[n][2])
        if n is None and span.kind == "pick" and referred:
            pointing = span.text.lower() in POINTING
            label = referred if not about_films or referred == "skip" and not pointing else "none"
        if label is None:
            return None
        found.update(-m for _, m in over)
        labels.append(label)
    unfound = [p for n, (_, _, p) in enumerate(slots) if n not in found]
    may_be_lost = ("words", "text", *(("pick", "literal") if lost_picks else ()))
    if any(p.label != "none" and p.kind not in may_be_lost for p in unfound):
        return None
    return tuple(labels)


def _fitting(kind: str, slot: Piece) -> str | None:
    """The slot's label if it may be said of a span of this kind; None when the linker read the slot as
    something else."""
    allowed = reading.LABELS[kind]
    if slot.kind in ("words", "text"):
        loose = slot.label in allowed and not (slot.kind == "text" and kind in ("film", "pick", "person"))
        return slot.label if loose else "none"
    same = (
        kind == slot.kind
        or slot.kind == "literal"
        or (kind not in ("film", "pick", "words") and slot.kind not in ("film", "pick"))
    )
    if kind in ("words", "film") and slot.kind in ("film", "words"):
        same = True
    return slot.label if same and slot.label in allowed else None
