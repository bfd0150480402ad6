"""The hand-written set is well formed, and the measure of it can tell right from wrong."""

import json
import re

import pytest

from assistant.evaluation import redial, understanding
from assistant.evaluation.understanding import KINDS
from assistant.errors import AssistantError
from assistant.lexicon import fold
from assistant.state import ACTS
from store.records import ROLES

FARGO = {
    "id": 1, "text": "i loved fargo, no horror", "act": ["like", "dislike"],
    "changes": [["like", "item", "Fargo (1996)"], ["avoid", "genre", "Horror"]],
}


def quiet(line):
    pass


def read(catalog, linker, engine, *messages):
    return understanding.read_all(list(messages), catalog, linker, engine, quiet)


def test_the_set_is_large_and_every_act_is_in_it():
    lines = understanding.load()
    acts = [line["act"] if isinstance(line["act"], str) else line["act"][0] for line in lines]
    assert len(lines) >= 700 and len({line["text"] for line in lines}) > 0.9 * len(lines)
    assert {act for act in ACTS if acts.count(act) < 8} == set()
    assert all(change[0] in ROLES for line in lines for change in line.get("changes", ()))
    assert [line["id"] for line in lines] == list(range(1, len(lines) + 1))


def test_chinese_messages_are_in_both_parts_and_name_every_kind_of_act():
    lines = [line for line in understanding.load() if line.get("language") == "zh"]
    held_out = [line for line in lines if line.get("held_out")]
    assert len(lines) >= 110 and len(held_out) >= 45
    assert all(re.search(r"[\u4e00-\u9fff]", line["text"]) for line in lines)
    acts = {act for line in lines for act in ([line["act"]] if isinstance(line["act"], str) else line["act"])}
    assert acts == set(ACTS)


def test_everything_named_is_in_the_catalog(catalog):
    lines = understanding.load()
    assert understanding.unknown(lines, catalog) == []
    names = understanding.ids_by_name(catalog)
    for line in lines:
        understanding.state_of(line, catalog, names)


@pytest.mark.parametrize(
    "part",
    [
        {"changes": [["like", "item", "Fargo (1066)"]]},
        {"supposed": [["like", "person", "Nobody Atall"]]},
        {"profile": [["like", "genre", "Horrors"]]},
        {"removed": [["language", "xx-y"]]},
        {"topics": ["Fargo (1066)"]},
        {"unsupposed": ["Nobody Atall"]},
        {"slate": ["Fargo (1066)"]},
        {"focus": "Fargo (1066)"},
        {"pending": {"kind": "which", "candidates": ["Fargo (1066)"]}},
    ],
)
def test_a_name_that_the_catalog_lacks_is_told(catalog, part):
    assert len(understanding.unknown([{"id": 7, "text": "fargo", "act": "like", **part}], catalog)) == 1


def test_unknown_names_stop_the_evaluation(default_db, monkeypatch, scripted):
    monkeypatch.setattr(understanding, "load", lambda: [{**FARGO, "focus": "Fargo (1066)"}])
    with pytest.raises(AssistantError, match=r"1: Fargo \(1066\)"):
        understanding.evaluate(default_db, scripted(default="?"), redial="nowhere")


def test_films_of_one_name_are_asked_about(catalog):
    """A name that several films bear is expected to be asked about, unless the state or a year in the message
    says which one is meant."""
    names = [fold(title) for _, title, *_ in catalog.titles()]
    shared = {name for name in names if names.count(name) > 1}
    for line in understanding.load():
        known = json.dumps([line.get(key) for key in ("slate", "profile", "pending", "focus")], ensure_ascii=False)
        films = [v for _, kind, v in (*line.get("changes", ()), *line.get("supposed", ())) if kind == "item"]
        films += [v for v in (*line.get("topics", ()), *line.get("unsupposed", ())) if v.endswith(")")]
        if line.get("language") == "zh":
            continue  # what two films are called in Chinese is often not the same
        for film in films:
            title, year = film[:-7], film[-5:-1]
            if fold(title) in shared and film not in known:
                assert year in line["text"], f"{line['id']}: {film} is one of several of this name"


@pytest.mark.parametrize("labels, exact, silent", [(["love", "avoid"], 1.0, 0.0), (["hate", "avoid"], 0.0, 1.0)])
def test_a_wrong_edit_is_counted(catalog, linker, scripted, labels, exact, silent):
    engine = scripted(lambda prompt: json.dumps(["tell", "-", *labels]))
    measured = understanding.metrics(read(catalog, linker, engine, FARGO))
    assert (measured["n"], measured["changes exact"], measured["silent wrong edits"]) == (1, exact, silent)


def test_parts_and_languages_are_counted_apart(catalog, linker, scripted):
    engine = scripted({"loved": '["tell","-","love","avoid"]', "adored": '["tell","-","hate","avoid"]'})
    right, wrong = FARGO, {**FARGO, "text": "i adored fargo, no horror"}
    parts = understanding.by_part(
        read(
            catalog, linker, engine, right, {**wrong, "held_out": True},
            {**right, "language": "zh"}, {**wrong, "language": "zh"}, {**right, "language": "zh", "held_out": True},
        )
    )
    assert {name: (part["n"], part["whole exact"]) for name, part in parts.items()} == {
        "hand-written": (5, 0.6),
        "hand-written en": (1, 1.0),
        "hand-written zh": (2, 0.5),
        "held out en": (1, 0.0),
        "held out zh": (1, 1.0),
    }
    assert all(part["ms p50"] > 0 for part in parts.values())


def test_errors_are_shown_by_what_differs_and_held_out_ones_only_counted(catalog, linker, scripted):
    engine = scripted(
        {
            "loved [film fargo": '["tell","-","hate","avoid"]',
            "enjoyed [film": '["tell","-","love","none"]',
            "why [film": '["ask","-","topic"]',
            "fond of": '["tell","-","hate","avoid"]',
            "king kong": '["chat","-","none"]',
        },
    )
    judged = read(
        catalog, linker, engine, FARGO,
        {"text": "why fargo", "act": "why", "topics": ["Heat (1995)"]},
        {**FARGO, "text": "enjoyed fargo, no horror"},
        {"text": "loved king kong", "act": "chat", "asks": "which"},
        {**FARGO, "text": "fond of fargo, no horror", "held_out": True},
    )
    kinds = [[kind for kind, _ in one.wrong] for one in judged]
    assert kinds[1:4] == [["about", "act"], ["changes missing"], ["question"]]
    assert kinds[0] == kinds[4] == ["changes extra", "changes missing"]
    shown = understanding.shown_errors(judged, 10)
    assert [line for line in shown if not line.startswith(" ")] == [
        "changes extra:", "changes missing:", "question:", "about:"
    ]
    assert not any("fond of" in line for line in shown)
    assert len(understanding.shown_errors(judged, 2)) == 4 and understanding.shown_errors(judged, 0) == []
    table = {line[:16].strip(): line[16:].split() for line in understanding.error_table(judged)}
    assert table["changes extra"] == ["1", "1"] and table["changes missing"] == ["2", "1"]
    assert table["question"] == ["1", "0"] and table["about"] == table["act"] == ["1", "0"]
    assert table["not whole"] == ["4", "1"] and table["of"] == ["4", "1"]
    assert set(table) == {"errors", *KINDS, "not whole", "of"}


def test_an_answer_that_cannot_be_read_is_wrong_but_edits_nothing(catalog, linker, scripted):
    measured = understanding.metrics(read(catalog, linker, scripted(default="hm"), FARGO))
    assert (measured["act"], measured["whole exact"], measured["silent wrong edits"]) == (0, 0, 0)


def test_dialogues_are_read_up_to_the_limit_and_progress_is_told(catalog, linker, scripted):
    fargo = understanding.ids_by_name(catalog)["Fargo (1996)"]
    said = [redial.Mention("i loved fargo", "", {fargo: n % 2}) for n in range(60)]
    engine = scripted(lambda prompt: json.dumps(["tell", "-", *["love" for _ in range(prompt.count("[film "))],
                                                 *["none" for _ in range(prompt.count("[words "))]]))
    told = []
    measured = redial.liked(said, linker, engine, told.append, 30)
    assert len(engine.calls) == 30
    assert measured["n"] == 30 and measured["read"] == 1.0
    assert told and told[0].startswith("redial: 25 of 30 messages")


def test_an_unmarked_title_is_right_where_it_was_read_so(catalog, linker, monkeypatch):
    fargo = understanding.ids_by_name(catalog)["Fargo (1996)"]
    said = [redial.Mention(text, text, {fargo: 1}) for text in ("i loved fargo", "i loved Fargo and Heat", "Fargo. Alien!")]
    heat = redial.key(said[1].text, said[1].text.index("Heat"))
    alien = redial.key(said[2].text, said[2].text.index("Alien"))
    monkeypatch.setattr(redial, "unmarked", lambda: {heat: "named", alien: "another"})
    measured = redial.linking(said, linker)
    assert (measured["precision"], measured["precision, the unmarked read"], measured["recall"]) == (0.6, 0.8, 1.0)
    assert "precision, the unmarked read" not in redial.linking(said, linker, years=True)


def test_every_verdict_is_one_of_three():
    assert len(redial.unmarked()) > 100 and set(redial.unmarked().values()) == {"named", "another", "none"}


def test_a_remembered_answer_is_judged_again_without_the_model(catalog, linker, scripted):
    """Two thresholds, one reading: the doubtful edit is applied at 0 and asked about above its certainty."""
    from assistant.llm.engine import Piece

    engine = scripted({"Fargo": '["tell","-","love"]'})
    plain, asked = engine.stream, []

    def stream(prompt, **options):
        asked.append(prompt)
        text = "".join(plain(prompt, **options))
        start, end = text[: text.index("love")], '"]'
        steps = ((start, {start: 1.0}), ("love", {"love": 0.3, "none": 0.7}), (end, {end: 1.0}))
        return iter([Piece(text, steps)])

    engine.stream = stream
    remembering = understanding.Remembering(engine)
    gold = [{"id": 1, "text": "i saw Fargo", "act": ["like"], "changes": [["like", "item", "Fargo (1996)"]]}]
    believed, doubted = (understanding.read_all(gold, catalog, linker, remembering, print, sure)[0] for sure in (0.0, 0.5))
    assert len(asked) == 1
    assert believed.whole and not believed.unsure
    assert doubted.unsure and not doubted.changes and not doubted.silent
