"""How readings are counted: exact match, acts, labels; and the command's errors."""

import json

from adapters.__main__ import main
from adapters.data import Example
from adapters.evaluation import score
from assistant.linking import Span


class Scripted:
    """Answers with the given texts in turn."""

    name = "scripted"

    def __init__(self, *answers):
        self.answers = list(answers)

    def has_adapter(self, name):
        return True

    def stream(self, prompt, *, adapter=None, schema=None, max_tokens=128, stop=()):
        yield self.answers.pop(0)

    def close(self):
        pass


def message(act="tell", labels=("love", "avoid")):
    spans = (Span(6, 10, "heat", "film", ("6",)), Span(18, 24, "horror", "genre", ("Horror",)))
    return Example("start", "loved heat but no horror", spans, act, None, labels)


def test_a_reading_is_exact_only_when_every_part_is():
    engine = Scripted(
        '["tell","-","love","avoid"]', '["tell","-","love","dislike"]', '["recommend","-","love","avoid"]'
    )
    scores = score(engine, [message()] * 3)
    assert scores.messages == 3
    assert (
        abs(scores.exact - 1 / 3) < 1e-9
        and abs(scores.act - 2 / 3) < 1e-9
        and abs(scores.label - 5 / 6) < 1e-9
    )
    assert scores.labels == {"film:love": (3, 3), "genre:avoid": (2, 3)}
    assert scores.acts == {"tell": (2, 3)}
    assert [given for _, _, given in scores.wrong] == [
        '["tell","-","love","dislike"]',
        '["recommend","-","love","avoid"]',
    ]


def test_an_unreadable_answer_is_wrong_in_all_its_parts():
    scores = score(Scripted("I think they love it"), [message()])
    assert scores.exact == scores.act == scores.label == 0
    assert "not a list" in scores.wrong[0][2]


def test_figures_print_as_json():
    assert (
        json.loads(json.dumps(score(Scripted('["tell","-","love","avoid"]'), [message()]).plain()))["exact"]
        == 1
    )


def test_the_command_names_a_missing_adapter(tmp_path, capsys):
    base = tmp_path / "base.gguf"
    base.write_bytes(b"GGUF")
    assert main(["export", "--adapter", str(tmp_path / "nothing"), "--base", str(base)]) == 1
    assert "is missing" in capsys.readouterr().err
