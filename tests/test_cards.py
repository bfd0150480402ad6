"""The page's pieces: numbers that add up as shown, one colour a cause, everything escaped."""

import random
import re

import pytest

from assistant import cards
from assistant.state import Profile
from assistant.units import PLACES, in_units
from store.records import Contribution, Item, Preference, Recommendation

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
        cards.message("user", EVIL), cards.message("assistant", EVIL, slate, (EVIL,)), cards.panel(Profile("ann", (known,))),
        cards.starter(film(1, EVIL), None), cards.conversation((), [film(1, EVIL)], (EVIL,), EVIL),
    ):
        assert "<img" not in drawn and "&lt;img" in drawn


def test_buttons_show_what_is_felt_already():
    assert cards.message("assistant", "", [pick(1, (*HEAT, 0.5))], (), {1: "like"}).count('aria-pressed="true"') == 1
