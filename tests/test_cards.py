"""The page's pieces: numbers that add up as shown, one colour a cause, everything escaped."""

import random
import re

import pytest

from assistant import cards, controls
from assistant.events import Turn
from assistant.state import Profile
from assistant.units import PLACES, in_units
from store.records import Contribution, Item, Message, Preference, Recommendation

EVIL = '<img src=x onerror="alert(1)">'


def film(item_id, title="Heat"):
    return Item(id=item_id, title=title, year=1995, genres=("Crime",))


def pick(rank, *parts, item_id=None, title="Heat"):
    contributions = tuple(Contribution(source, ref, label, value) for source, ref, label, value in parts)
    return Recommendation(film(item_id or rank, title), sum(c.value for c in contributions), contributions, rank)


HEAT, CRIME, PRIOR = ("item", "6", "Heat (1995)"), ("genre", "Crime", "Crime"), ("prior", "", "popularity")


@pytest.mark.parametrize("seed", range(50))
def test_shown_numbers_add_up_to_the_shown_score(seed):
    rng = random.Random(seed)
    values = [rng.uniform(-0.5, 1) * rng.choice((1, 1e-4)) for _ in range(rng.randint(1, 30))]
    units = in_units(values, sum(values))
    assert sum(units) == round(sum(values) * 10**PLACES)
    assert all(abs(u - v * 10**PLACES) <= 1 for u, v in zip(units, values, strict=True))


def test_the_table_of_a_card_sums_to_its_last_line():
    drawn = cards.contributions(pick(1, (*HEAT, 0.33335), (*CRIME, 0.33335), (*PRIOR, 0.33335)), {})
    numbers = [float(n.replace("\u2212", "-")) for n in re.findall(r"<td>([+\u2212][\d.]+)</td>", drawn)]
    assert len(numbers) == 4 and round(sum(numbers[:-1]), 4) == numbers[-1]


def test_a_cause_has_one_colour_on_every_card_and_the_weightiest_the_first():
    slate = [pick(1, (*CRIME, 0.1), (*PRIOR, 0.9)), pick(2, (*HEAT, 0.5), (*CRIME, -0.2))]
    colours = cards.hues(slate)
    assert colours == {("item", "6"): "a", ("genre", "Crime"): "b"}
    assert 'class="b"' in cards.contributions(slate[0], colours) and 'class="prior"' in cards.contributions(slate[0], colours)
    assert 'class="b against"' in cards.contributions(slate[1], colours)


def test_more_causes_than_colours_share_the_last():
    many = pick(1, *(("genre", str(n), str(n), 1.0 - n / 100) for n in range(9)))
    assert list(cards.hues([many]).values()).count(cards.HUES[-1]) == 9 - len(cards.HUES) + 1


def test_all_that_comes_from_the_catalog_or_a_person_is_escaped():
    known = Preference("item", "1", EVIL, "like", 1.0, entry_id=3, message_id=1, quote=EVIL)
    slate = [pick(1, ("item", "1", EVIL, 0.5), title=EVIL)]
    for drawn in (
        cards.message("user", EVIL), cards.message("assistant", EVIL, slate, (EVIL,)), cards.panel(Profile("ann", (known,)), {known: 0.5}),
        cards.starter(film(1, EVIL), None), cards.conversation((), [film(1, EVIL)], (EVIL,), EVIL),
    ):
        assert "<img" not in drawn and "&lt;img" in drawn


def test_buttons_show_what_is_felt_already():
    assert cards.message("assistant", "", [pick(1, (*HEAT, 0.5))], (), {1: "like"}).count('aria-pressed="true"') == 1


def turn(role, *picks):
    return Turn(Message(1, 1, role, "words", None, 0.0), picks, ("",) * len(picks))


def test_a_slate_that_a_click_replaced_is_folded_and_one_that_words_followed_is_not():
    slate = pick(1, (*HEAT, 0.5))
    talk = [turn("user"), turn("assistant", slate), turn("click"), turn("assistant", slate), turn("click"), turn("assistant"),
            turn("user"), turn("assistant", slate), turn("click"), turn("assistant", slate)]
    assert cards.superseded(talk) == {1, 7} and cards.superseded(talk, replaced=True) == {1, 7, 9}
    assert cards.superseded([]) == set() and cards.superseded([turn("user")], replaced=True) == set()
    drawn = cards.told(talk)
    assert drawn.count('<details class="replaced">') == 2 and drawn.count('<section class="card"') == 4


def test_reasons_of_the_person_can_be_steered_and_others_cannot():
    parts = tuple(Contribution(*cause, value, entry) for cause, value, entry in ((HEAT, 0.5, 7), (CRIME, -0.2, 8), (PRIOR, 0.9, None)))
    drawn = controls.reasons(Recommendation(film(1), 1.2, parts, 1))
    assert re.findall(r'data-do="(\w+)" data-id="(\d+)"', drawn) == [
        (how, entry) for entry in "78" for how in ("less", "more", "wrong")]
    assert controls.reasons(pick(1, (*PRIOR, 0.9))) == ""
    many = tuple(Contribution("genre", str(n), str(n), 1.0 - n / 100, n) for n in range(20))
    assert controls.reasons(Recommendation(film(1), 1.0, many, 1)).count("<li>") == controls.MOST_REASONS


def test_entries_with_a_strength_have_a_slider_and_limits_have_none():
    taste = Preference("genre", "Crime", "Crime", "like", 0.8, entry_id=3, message_id=1, quote="crime")
    bound = Preference("runtime", "max", "at most 120 minutes", "max", 120.0, entry_id=4, message_id=1, quote="crime")
    drawn = cards.panel(Profile("ann", (taste, bound)), {taste: 0.8})
    assert drawn.count('type="range"') == 1 and 'value="80"' in drawn and 'data-id="3" aria-label="Strength of' in drawn


def test_a_card_tells_what_became_of_its_film_where_two_slates_share_one():
    before = [pick(1, (*HEAT, 0.5), item_id=11), pick(2, (*HEAT, 0.4), item_id=12), pick(3, (*HEAT, 0.3), item_id=13)]
    after = [pick(1, (*HEAT, 0.5), item_id=13), pick(2, (*HEAT, 0.4), item_id=12), pick(3, (*HEAT, 0.3), item_id=14)]
    assert cards.moves(after, before) == {13: "was 3", 14: "new"}
    assert cards.moves(after, after) == {} and cards.moves(after, ()) == {} and cards.moves(after[2:], before) == {}
    drawn = cards.told([turn("user"), turn("assistant", *before), turn("click"), turn("assistant", *after)])
    assert re.findall(r'class="moved">([^<]+)<', drawn) == ["was 3", "new"]
