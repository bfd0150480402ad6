"""The films: facts, features and look-ups by words, on the default catalog and a small one."""

import numpy as np
import pytest

from store.catalog import Catalog
from store.errors import UnknownItem
from store.names import article_first, fold, split_title
from store.records import FEATURE_KINDS

MATRIX, HEAT, AMELIE = 2571, 6, 4973


@pytest.mark.parametrize("written, title, aliases", [
    ("Matrix, The", "The Matrix", ()),
    ("Seven (a.k.a. Se7en)", "Seven", ("Se7en",)),
    ("Amelie (Fabuleux destin d'Amélie Poulain, Le)", "Amelie", ("Le Fabuleux destin d'Amélie Poulain",)),
    ("Avventura, L' (Adventure, The)", "L'Avventura", ("The Adventure",)),
    ("Léon: The Professional (a.k.a. The Professional) (Léon)", "Léon: The Professional", ("The Professional", "Léon")),
    ("Babies (Bébé(s))", "Babies", ("Bébé(s)",)),
    ("(500) Days of Summer", "(500) Days of Summer", ()),
    ("Human Centipede II (Full Sequence), The", "The Human Centipede II (Full Sequence)", ()),
    ("I Love You, Man", "I Love You, Man", ()),
    ("Monsters, Inc.", "Monsters, Inc.", ()),
])
def test_titles_read_as_a_person_writes_them(written, title, aliases):
    assert split_title(written) == (title, aliases)


def test_folding_forgets_case_accents_and_punctuation():
    assert fold("Amélie") == "amelie" and fold("Fast & Furious") == "fast and furious" and fold("Ocean's 11") == "oceans 11"
    assert fold("8½") == fold("8 1/2") and fold("!?") == "" and article_first("Lust, Caution") == "Lust, Caution"


def test_the_default_catalog_is_whole(catalog):
    assert len(catalog) == 9066 and int(catalog.info["with_tmdb"]) == 3390
    assert not [title for _, title, *_ in catalog.titles() if not title.strip() or title.endswith((", The", ", A", ", An"))]
    matrix = catalog.item(MATRIX)
    assert matrix.name == "The Matrix (1999)" and matrix.runtime == 136 and matrix.language == "en" and matrix.decade == "1990s"
    assert "Lana Wachowski" in matrix.directors and matrix.cast[0] == "Keanu Reeves" and "dystopia" in matrix.keywords
    assert catalog.item(AMELIE).title == "Amélie" and "IMAX" not in catalog.values("genre")


def test_films_without_tmdb_facts_work_with_what_they_have(catalog):
    heat = catalog.item(HEAT)
    assert heat.name == "Heat (1995)" and heat.genres and heat.rating_count > 100 and 3 < heat.mean_rating < 5
    assert (heat.directors, heat.cast, heat.keywords, heat.runtime, heat.language) == ((), (), (), None, None)
    assert HEAT in catalog.having("genre", "Crime") and HEAT in catalog.having("decade", "1990s")
    assert len(catalog.weights(HEAT)[0]) > 10 and catalog.runtime[np.searchsorted(catalog.ids, HEAT)] == 0
    assert catalog.search_titles("heat")[0] == (HEAT, 1.0)


def test_items_come_in_the_order_asked_for_and_unknown_ones_are_named(catalog):
    assert [item.id for item in catalog.items([HEAT, MATRIX, HEAT])] == [HEAT, MATRIX, HEAT] and catalog.items([]) == []
    with pytest.raises(UnknownItem, match="-1"):
        catalog.items([HEAT, -1])
    with pytest.raises(KeyError):
        catalog.item(10**9)
    assert HEAT in catalog and -1 not in catalog and 10**9 not in catalog


def test_features_are_sorted_and_their_strengths_lie_in_0_to_1(catalog):
    for kind in FEATURE_KINDS[:-1]:
        value, count = next(iter(catalog.values(kind).items()))
        ids, strengths = catalog.feature(kind, value)
        assert len(ids) == len(strengths) == count and (np.diff(ids) > 0).all()
        assert ((strengths > 0) & (strengths <= 1)).all()
    assert len(catalog.having("genre", "Opera")) == 0 and catalog.values("opera") == {}


def test_directing_counts_more_than_acting_and_first_billing_more_than_last(catalog):
    ids, strengths = catalog.feature("person", "Clint Eastwood")
    strength = {catalog.item(int(i)).title: s for i, s in zip(ids, strengths, strict=True)}
    assert strength["Mystic River"] == 1.0 and strength["Hang 'Em High"] == 0.9
    assert catalog.feature("person", "Joe Pantoliano")[1].min() == pytest.approx(0.5)


def test_weights_name_other_items_of_the_catalog(catalog):
    ids, values = catalog.weights(MATRIX)
    assert np.isin(ids, catalog.ids).all() and MATRIX not in ids and np.isfinite(values).all()
    assert catalog.item(int(ids[values.argmax()])).rating_count > 50
    assert [len(part) for part in catalog.weights(-1)] == [0, 0]


@pytest.mark.parametrize("typed, title", [
    ("the matrx", "The Matrix"), ("shawshank redemtion", "The Shawshank Redemption"), ("godfater", "The Godfather"),
    ("AMELIE", "Amélie"), ("se7en", "Seven"), ("Up", "Up"), ("千と千尋の神隠し", "Spirited Away"), ("star wars", "Star Wars: Episode IV - A New Hope"),
    ("Le fabuleux destin d'amelie poulain", "Amélie"), ("birdman", "Birdman: Or (The Unexpected Virtue of Ignorance)"),
])
def test_titles_are_found_with_typos_and_by_other_names(catalog, typed, title):
    assert catalog.item(catalog.search_titles(typed)[0][0]).title == title


@pytest.mark.parametrize("typed, name", [("Jodie Fostr", "Jodie Foster"), ("kubrick", "Stanley Kubrick"), ("tarantinno", "Quentin Tarantino")])
def test_people_are_found_with_typos_and_by_surname(catalog, typed, name):
    assert catalog.search_people(typed)[0][0] == name


@pytest.mark.parametrize("text", ["", "   ", '"', "a AND (b", "x' OR 1=1 --", "NEAR(", "*", "\x00", "日本", "?" * 10_000, "word " * 3000])
def test_any_text_can_be_looked_up(catalog, text):
    assert len(catalog.search_titles(text)) <= 5 and len(catalog.search_people(text)) <= 5
    ids, strengths = catalog.search_text(text)
    assert len(ids) == len(strengths)


def test_free_text_finds_what_keywords_say(catalog):
    ids, strengths = catalog.feature("text", "a movie about time travel")
    best = {catalog.item(int(i)).title for i in ids[strengths == 1.0]}
    assert {"Looper", "Back to the Future"} <= best and ((strengths > 0) & (strengths <= 1)).all() and (np.diff(ids) > 0).all()
    assert len(catalog.search_text("xyzzy quux")[0]) == 0 and len(catalog.search_text("something about the movie")[0]) == 0


def test_popular_starts_with_the_most_rated(small_db):
    catalog = Catalog(small_db)
    counts = [item.rating_count for item in catalog.items(catalog.popular(20))]
    assert counts == sorted(counts, reverse=True) and counts[0] == catalog.rating_count.max()


def test_the_version_names_the_content(small_db):
    connection = small_db.connection()
    version = Catalog(small_db).version
    assert version == Catalog(small_db).info["content"] and len(version) == 16
    connection.execute("DELETE FROM catalog_info WHERE key = 'content'")
    assert Catalog(small_db).version == version  # a file built before it was noted
    for change, back in (
        ("UPDATE items SET rating_count = rating_count + 1 WHERE id = 6", "UPDATE items SET rating_count = rating_count - 1 WHERE id = 6"),
        ("UPDATE item_weights SET weights = CAST(weights || x'00' AS BLOB) WHERE item_id = 6",
         "UPDATE item_weights SET weights = CAST(substr(weights, 1, length(weights) - 1) AS BLOB) WHERE item_id = 6"),
    ):
        connection.execute(change)
        assert Catalog(small_db).version != version
        connection.execute(back)
        assert Catalog(small_db).version == version
