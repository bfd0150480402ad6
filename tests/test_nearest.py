"""A name that is no title: what it was meant for where that is clear, and nothing where it is not."""

import pytest

MEANT = {
    "Shawshenk Redemtion": "The Shawshank Redemption", "Jurasic Prk": "Jurassic Park", "The Godfahter": "The Godfather", "Pulp Ficton": "Pulp Fiction",
    "Forest Gump": "Forrest Gump", "Harry Potter Azkaban": "Harry Potter and the Prisoner of Azkaban", "Usual suspect": "The Usual Suspects",
    "Silence of Lambs": "The Silence of the Lambs", "Bladerunner": "Blade Runner", "Indiana Jones Raiders": "Raiders of the Lost Ark",
    "Lord of the Rings Return": "The Lord of the Rings: The Return of the King", "Truman Sho": "The Truman Show", "2001 Odyssey": "2001: A Space Odyssey",
    "Eternal Sunshine of Spotless": "Eternal Sunshine of the Spotless Mind", "the batmann": "Batman", "盗梦空问": "Inception", "霸王别鸡": "Farewell My Concubine",
}
UNLIKE_ANY = [
    "Oppenheimer", "Everything Everywhere All at Once", "Dune Part Two", "Poor Things", "Green Book", "Avengers Endgame", "Bullet Train", "Hereditary", "A Quiet Place",
    "Tenet", "Coco", "xyzzy", "my grandmother", "the", "", "!?", "战狼", "流浪地球", "让子弹飞", "我不是药神",
]


@pytest.mark.parametrize("said, title", MEANT.items(), ids=MEANT)
def test_what_was_meant_comes_first(linker, said, title):
    first, *others = linker.nearest_titles(said)
    assert linker.catalog.item(first).title == title and len(others) <= 2


@pytest.mark.parametrize("said", UNLIKE_ANY)
def test_nothing_is_offered_for_what_is_like_nothing(linker, said):
    assert linker.nearest_titles(said) == []


def test_of_equals_the_best_known_and_never_one_twice(linker):
    found = linker.nearest_titles("Termnator", n=5)
    names = [linker.catalog.item(i).title for i in found]
    assert len(set(found)) == len(found) and {"The Terminator", "Terminator 2: Judgment Day"} <= set(names[:3])
    fame = [linker.titles.fame[i] for i in found]
    assert fame == sorted(fame, reverse=True)
