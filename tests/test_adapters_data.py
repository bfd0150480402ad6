"""The training messages: reproducible, legal, and split without overlap."""

import random
from itertools import islice

import pytest

from adapters import grammar, noise
from adapters.data import CLAUSES, MESSAGES, Example, examples, labelled
from adapters.errors import PhraseError
from adapters.grammar import Grammar, Piece, lines_of, sections, tidy
from assistant import reading
from assistant.linking import Span


@pytest.fixture(scope="module")
def written(catalog) -> list[Example]:
    return list(islice(examples(catalog, 400, seed=3), 400))


def test_the_same_seed_writes_the_same_messages(catalog, written):
    assert [(e.prompt, e.answer) for e in examples(catalog, 60, seed=3)] == [
        (e.prompt, e.answer) for e in written[:60]
    ]
    assert [e.prompt for e in examples(catalog, 60, seed=4)] != [e.prompt for e in written[:60]]


def test_every_span_has_a_label_its_kind_allows(written):
    for example in written:
        assert len(example.labels) == len(example.spans), example
        for span, label in zip(example.spans, example.labels):
            assert label in reading.LABELS[span.kind], example
        assert example.act in reading.TASK_ACTS and example.second in (None, *reading.TASK_ACTS)
        assert reading.parse(example.answer, example.spans).labels == example.labels


def test_no_message_comes_twice(written):
    assert len({e.prompt for e in written}) == len(written)


def test_every_act_and_span_kind_is_shown(catalog):
    many = list(examples(catalog, 1500, seed=1))
    assert {e.act for e in many} == set(reading.TASK_ACTS)
    assert {s.kind for e in many for s in e.spans} == set(reading.LABELS)
    shown = {(s.kind, label) for e in many for s, label in zip(e.spans, e.labels)}
    assert {("film", label) for label in reading.LABELS["film"]} <= shown
    assert {("genre", label) for label in reading.LABELS["genre"]} <= shown


def test_validation_has_phrases_and_titles_of_its_own(catalog):
    split = 0
    for name, lines in sections().items():
        mine, held = set(lines_of(name, False)), set(lines_of(name, True))
        assert mine | held == set(lines)
        assert not mine & held or mine == held, name
        split += not mine & held
    assert split >= 35

    def films(held_out):
        found = set()
        for example in examples(catalog, 300, seed=2, held_out=held_out):
            found |= {
                s.refs[0]
                for s, label in zip(example.spans, example.labels)
                if s.kind == "film" and len(s.refs) == 1 and label == "love"
            }
        return found

    shared = films(True) & films(False)
    assert len(shared) <= 0.1 * len(films(True)), (
        "a title may be shared only where one names several films or a pick on screen"
    )


def test_every_section_that_messages_are_made_of_exists():
    assert {f"msg.{kind}" for kind in MESSAGES} | set(CLAUSES) <= set(sections())


def test_a_phrase_expands_with_its_label():
    pieces = tidy(
        Grammar(random.Random(0), lambda kind, label: Piece("heat", label, kind), False).expand(
            "(saw|saw) {film:%}, <long> ", "avoid"
        )
    )
    assert pieces == [
        Piece("saw "),
        Piece("heat", "%", "film"),
        Piece(", "),
        Piece("long", "avoid", "literal"),
    ]


def test_a_slot_without_a_label_is_an_error():
    with pytest.raises(PhraseError, match="no label"):
        Grammar(random.Random(0), lambda kind, label: Piece(kind, label, kind), False).expand("no {genre}")


def test_an_unknown_section_is_an_error():
    with pytest.raises(PhraseError, match="no section 'film.lve'"):
        grammar.lines_of("film.lve", False)


def test_typing_keeps_the_slots():
    pieces = [
        Piece("i loved "),
        Piece("Heat", "love", "film"),
        Piece(" but no "),
        Piece("horror", "avoid", "literal"),
    ]
    for seed in range(200):
        typed = noise.typed(pieces, "tell", random.Random(seed))
        slots = [(p.text.lower(), p.label) for p in typed if p.label]
        assert slots == [("heat", "love"), ("horror", "avoid")]


def test_a_span_outside_every_slot_is_labelled_none():
    pieces = [Piece("i "), Piece("it", "love", "film"), Piece(" up to you")]
    spans = (Span(2, 4, "it", "film", ("1",)), Span(5, 7, "up", "film", ("2",)))
    assert labelled(pieces, spans, None) == ("love", "none")


def test_a_slot_that_was_not_found_discards_the_message():
    assert labelled([Piece("no "), Piece("horror", "avoid", "literal")], (), None) is None


def test_a_reference_means_what_the_act_says():
    spans = (Span(4, 8, "that", "pick", ("1",)),)
    assert labelled([Piece("why that")], spans, "topic") == ("topic",)
    assert labelled([Piece("why that")], spans, None) == ("none",)
