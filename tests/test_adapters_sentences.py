"""What the explain adapter learns is true, varied, complete, and the same each time."""

import random
import re
from collections import Counter
from itertools import islice

import pytest
from told_films import CATALOG, ORIGINS, PROFILE, RONIN_PICK, checker

from adapters import sentences
from adapters.errors import PhraseError
from adapters.grammar import bucket
from adapters.sentences import HELD_OUT_PERCENT, distribution, evidence_part, pairs, tell, telling
from assistant.claims import Claims, names_in
from assistant.evaluation.explanations import opening_of
from assistant.evaluation.forgeries import forgeries
from assistant.explain import View, evidence_of
from assistant.languages import language_of
from assistant.wording import Told, openings, prompt_of
from store.catalog import Catalog
from store.database import Database

RONIN = evidence_of(RONIN_PICK, View(PROFILE, ORIGINS, 7, CATALOG))
TOLD = Told.of(RONIN)


@pytest.fixture(scope="module")
def films(default_db):
    return Catalog(Database(default_db))


@pytest.fixture(scope="module", params=("en", "zh"))
def made(films, request):
    return list(pairs(films, 600, seed=20, language=request.param))


def split(pair):
    return pair.told.words.sentences(pair.text, names_in(pair.evidence))


def test_every_sentence_is_backed(made, films):
    claims = Claims.of(films)
    for pair in made:
        for sentence in split(pair):
            assert not claims.unbacked(sentence, pair.evidence), sentence
            assert language_of(sentence) == pair.told.language


def test_every_forged_chinese_sentence_is_caught(films):
    claims, known, chance, forged = Claims.of(films), films.items(films.popular(1500)), random.Random(5), 0
    for pair in pairs(films, 200, seed=8, language="zh"):
        for sentence in split(pair):
            for false in forgeries(sentence, pair.evidence, known, chance):
                forged += 1
                assert claims.unbacked(false, pair.evidence), false
    assert forged > 1000


def test_prompt_and_answer_make_the_text(made):
    for pair in made:
        *_, told_number, say = pair.prompt.split("\n")
        first = say.removeprefix(pair.told.words.LINES["say"].format(""))
        assert pair.text == first + pair.answer and first in openings(pair.told)
        number = 1 + (told_number == pair.told.words.LINES["two"])
        assert len(split(pair)) == number
        assert pair.prompt == prompt_of(pair.told, number, first)


def subject(reason):
    """What a reason is about: "Heat" of "you loved Heat" and "your love of Heat"; in Chinese what the person said."""
    if "你" in reason.clause or "人气" in reason.noun:
        return reason.clause.removeprefix("你") or "人气"
    return reason.clause and re.sub(r"^you \w+( (for|no|only))?( something like| to see| nothing like)? ", "", reason.clause) or "popularity"


def test_the_two_largest_reasons_are_named(made):
    for pair in made:
        for reason in pair.told.reasons[:2]:
            variety = reason.noun.endswith(("of the list", "多样性"))
            assert subject(reason).lower() in pair.text.lower() or variety, pair.text
    assert sum(len(pair.told.reasons) > 1 for pair in made) > len(made) / 2


def test_the_text_varies(made):
    texts = [pair.text for pair in made]
    assert len(set(texts)) > 0.98 * len(texts)
    commonest = Counter(map(opening_of, texts)).most_common(1)[0][1]
    assert commonest <= 0.05 * len(texts)
    assert len({pair.text[: -len(pair.answer)] for pair in made}) > 25


def test_everything_a_prompt_carries_is_said_now_and_then(made):
    said = " ".join(pair.text for pair in made)
    english = ("directed by", "minutes", " stars ", "messages ago", "% of", "holds it back", "popularity", "both ")
    chinese = ("执导", "分钟", "主演", "消息前", "%是因为", "给它减分", "人气", "都由", "题材", "一样")
    for words in english if made[0].told.language == "en" else chinese:
        assert words in said, words


def test_what_is_said_is_in_the_prompt(made):
    for pair in made:
        for number in re.findall(r"\d+ ?%|\d+ minutes|\d+分钟", pair.text):
            assert number in pair.prompt
        for person in (*pair.told.cast, *pair.told.directors):
            if person in pair.text:
                assert person in pair.prompt


def test_the_same_seed_gives_the_same_pairs_and_another_others(films):
    first, second, other = (list(islice(pairs(films, 20, seed=seed), 20)) for seed in (3, 3, 4))
    assert first == second and first != other


def test_both_languages_come_by_default_each_pick_in_one(films):
    made = list(pairs(films, 400, seed=3))
    assert abs(sum(pair.told.language == "zh" for pair in made) / 400 - sentences.CHINESE) < 0.15
    counted = distribution(made)
    assert list(counted) == ["en", "zh"] and sum(counted[language]["pairs"] for language in counted) == 400
    for figures in counted.values():
        assert figures["unique"] > 0.98 and figures["most_common_opening"] <= 0.06
    assert distribution([pair for pair in made if pair.told.language == "zh"]).keys() == {"zh"}


def test_held_out_films_are_apart(made, films):
    def is_out(name):
        return bucket(name) < HELD_OUT_PERCENT

    for pair in made:
        assert not any(is_out(row.label) or is_out(row.subject) for row in pair.evidence if row.kind == "contribution")
    held_out = list(pairs(films, 40, seed=20, held_out=True, language=made[0].told.language))
    about = {next(r.subject for r in pair.evidence if r.kind == "contribution") for pair in held_out}
    assert all(map(is_out, about)) and not {p.prompt for p in held_out} & {p.prompt for p in made}


def test_neighbours_tell_the_same_pick(made):
    same = sum(evidence_part(a.prompt) == evidence_part(b.prompt) for a, b in zip(made, made[1:], strict=False))
    assert same > len(made) / 2


def test_every_beginning_has_lines_for_one_reason_and_for_two(made):
    rng = random.Random(1)
    for pair in [*made[::20]]:
        for first in openings(pair.told):
            for number in (1, 2):
                assert any(telling(pair.told, first, number, rng).startswith(first) for _ in range(10)), (first, pair.told)


def test_nothing_is_told_without_a_reason():
    without = tuple(row for row in RONIN if row.kind != "contribution")
    assert tell(without, checker(), random.Random(1)) is None
    assert tell((), checker(), random.Random(1)) is None


def test_where_a_reason_came_from_is_told_with_its_name(made):
    """"You told me just now" alone could be said of the film's popularity."""
    origins = re.compile(r"\b(?:ago|just now|earlier conversation|click)\b|消息前|刚才|以前聊天时|点选时")
    told = [(s, pair) for pair in made for s in split(pair) if origins.search(s)]
    assert len(told) > 20
    for sentence, pair in told:
        assert any(subject(r).lower() in sentence.lower() for r in pair.told.reasons if r.clause), sentence


def test_a_line_outside_a_section_is_named(monkeypatch, tmp_path):
    (tmp_path / "sentences.txt").write_text("a line\n== one\n")
    monkeypatch.setattr(sentences, "files", lambda package: tmp_path)
    sentences.sections.cache_clear()
    with pytest.raises(PhraseError, match="line 1"):
        sentences.sections()
    monkeypatch.undo()
    sentences.sections.cache_clear()
