"""The training messages: reproducible, legal, and split without overlap."""

import random
from itertools import islice

import pytest

from adapters import grammar, noise
from adapters.data import CHINESE, CLAUSES, FILLERS, MESSAGES, Example, examples, labelled
from adapters.errors import PhraseError
from adapters.fillers import Vocabulary, dialogue_state
from adapters.grammar import PHRASES, SPLIT_SECTIONS, Grammar, Piece, lines_of, sections, tidy
from assistant import reading
from assistant.linking import Linker
from assistant.spans import Span


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


@pytest.fixture(scope="module", params=PHRASES)
def many(request, catalog) -> list[Example]:
    return list(examples(catalog, 2500, seed=1, language=request.param))


def test_every_act_and_label_is_shown(many):
    assert {e.act for e in many} == set(reading.TASK_ACTS)
    assert {s.kind for e in many for s in e.spans} == set(reading.LABELS)
    shown = {(s.kind, label) for e in many for s, label in zip(e.spans, e.labels)}
    assert {("film", label) for label in reading.LABELS["film"]} <= shown
    assert {("genre", label) for label in reading.LABELS["genre"]} <= shown
    assert {("year", "max"), ("year", "min"), ("runtime", "max"), ("runtime", "min"), ("rating", "rate")} <= shown


def test_languages_are_mixed_or_one_alone(catalog, written):
    chinese = sum(e.language == "zh" for e in written)
    assert abs(chinese / len(written) - CHINESE) < 0.08
    for language in PHRASES:
        alone = list(examples(catalog, 40, seed=3, language=language))
        assert {e.language for e in alone} == {language}
        assert all(any("\u4e00" <= c <= "\u9fff" for c in e.text) for e in alone if language == "zh" and len(e.text) > 9)


def test_chinese_slots_are_linked(catalog):
    for example in examples(catalog, 300, seed=6, language="zh"):
        for open_mark, close_mark in ("《》",):
            for part in example.text.split(open_mark)[1:]:
                if close_mark in part:
                    name = part.split(close_mark)[0]
                    assert any(name in s.text or s.text in name for s in example.spans), example


@pytest.mark.parametrize("language", PHRASES)
def test_every_phrase_expands(catalog, language):
    """Each line a few times: no slot of an unknown kind, no label its kind does not allow, no section that is not there."""
    vocabulary, rng = Vocabulary(Linker(catalog), False), random.Random(0)
    state = dialogue_state(rng, vocabulary, "picks")
    kinds = {kind: set(allowed) for kind, allowed in reading.LABELS.items()} | {"literal": set(), "text": set()}
    every = {label for allowed in reading.LABELS.values() for label in allowed}
    for name, lines in sections(language).items():
        if name in ("unlinked", "freetext", "freeclause", "prefix", "suffix"):
            continue
        for line in set(lines):
            for _ in range(3):
                filler = FILLERS[language](rng, vocabulary, state)
                for piece in Grammar(rng, filler, False, language).expand(line, "want"):
                    assert piece.label is None or piece.label in (kinds[piece.kind] or every) | {"want"}, line
                    assert not set(piece.text) & set("{}|@") or piece.kind == "film", (line, piece)


@pytest.mark.parametrize("language", PHRASES)
def test_validation_has_phrases_of_its_own(language):
    for name, lines in sections(language).items():
        mine, held = set(lines_of(name, False, language)), set(lines_of(name, True, language))
        assert mine | held == set(lines)
        assert not mine & held if SPLIT_SECTIONS.match(name) else mine == held, name


@pytest.mark.parametrize("language", PHRASES)
def test_validation_has_titles_of_its_own(catalog, language):
    def films(held_out):
        found = set()
        for example in examples(catalog, 300, seed=2, held_out=held_out, language=language):
            found |= {
                s.refs[0]
                for s, label in zip(example.spans, example.labels)
                if s.kind == "film" and len(s.refs) == 1 and label == "love"
            }
        return found

    shared = films(True) & films(False)
    assert len(shared) <= 0.1 * len(films(True)) + 1, (
        "a title may be shared only where one names several films or a pick on screen"
    )


def test_every_section_that_messages_are_made_of_exists():
    assert {f"msg.{kind}" for kind in MESSAGES} | set(CLAUSES) <= set(sections())
    assert set(sections("zh")) == set(sections("en"))


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


def test_chinese_typing_keeps_the_slots():
    pieces = [Piece("喜欢"), Piece("《教父》", "love", "film"), Piece("，不要"), Piece("恐怖片", "avoid", "literal"), Piece("片的")]
    for seed in range(200):
        typed = noise.typed_chinese(pieces, "tell", random.Random(seed))
        assert [(p.text, p.label) for p in typed if p.label] == [("《教父》", "love"), ("恐怖片", "avoid")]
        assert not any("片片" in p.text for p in typed)


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
