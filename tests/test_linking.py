"""Spans found in messages, on the default catalog."""

import pytest

from assistant.evaluation.understanding import ids_by_name, state_of
from assistant.spans import marked
from assistant.state import DialogueState, Profile
from store.records import Recommendation


def named(linker, text, kind, state=None):
    """The names or values of the spans of a kind."""
    spans = [s for s in linker.link(text, state) if s.kind == kind]
    if kind in ("film", "pick"):
        return [tuple(linker.catalog.item(int(r)).name for r in s.refs) for s in spans]
    return [s.refs or s.value for s in spans]


@pytest.mark.parametrize("text, film", [
    ("I loved Heat", "Heat (1995)"),
    ("i loved heat", "Heat (1995)"),
    ("i loved the matrix", "The Matrix (1999)"),
    ("the first matrix was great", "The Matrix (1999)"),
    ("the second matrix was bad", "The Matrix Reloaded (2003)"),
    ("terminater 2 rules", "Terminator 2: Judgment Day (1991)"),
    ("shawshenk redemption", "The Shawshank Redemption (1994)"),
    ("bladerunner", "Blade Runner (1982)"),
    ("why not blade runner", "Blade Runner (1982)"),
    ("silence of lambs", "The Silence of the Lambs (1991)"),
    ("godfather part 2", "The Godfather: Part II (1974)"),
    ("loved seven samurai", "Seven Samurai (1954)"),
    ("schindlers list", "Schindler's List (1993)"),
    ("heat (2013)", "The Heat (2013)"),
    ("loved 21 grams", "21 Grams (2003)"),
    ("i liked Scary Movie", "Scary Movie (2000)"),
    ("i liked scary movie", "Scary Movie (2000)"),
    ("loved se7en", "Seven (1995)"),
    ("loved 2001", "2001: A Space Odyssey (1968)"),
    ("300 was great", "300 (2007)"),
    ("I liked Up", "Up (2009)"),
    ("i like Finding Nemo, Up, Cars", "Up (2009)"),
    ("i like Terminator 2: Judgment Day", "Terminator 2: Judgment Day (1991)"),
    ("saw up and liked it", "Up (2009)"),
    ("I liked Her", "Her (2013)"),
    ("I liked It", "It (1990)"),
    ("Heat 1995", "Heat (1995)"),
    ("alien 3", "Alien³ (1992)"),
    ("Kill Bill: Volume 2", "Kill Bill: Vol. 2 (2004)"),
    ("Matrix, The", "The Matrix (1999)"),
    ("shawn of the dead", "Shaun of the Dead (2004)"),
    ("loved the help", "The Help (2011)"),
    ("the help was great", "The Help (2011)"),
    ("my wife loves pretty woman", "Pretty Woman (1990)"),
    ("not heat tonight", "Heat (1995)"),
    ("i love fast & furious", "Fast & Furious (2009)"),
    ("i saw heat 2 times", "Heat (1995)"),
    ("loved taxi driver", "Taxi Driver (1976)"),
])
def test_titles(linker, text, film):
    assert (film,) in named(linker, text, "film")


@pytest.mark.parametrize("text", [
    "i loved it", "it was up to me", "a scary movie please", "any good love story?", "something new", "what do you know about me",
    "i want to see something big", "no more drama", "a heist movie", "a heist film please", "zombie flicks", "an alien one",
    "the past", "big fan", "not a big fan", "help", "thanks for the help", "no subtitles please", "im bored", "the end",
    "max 100 min", "1h45 max", "is it based on true stories", "i like sappy ones", "a romantic comedy", "my faves",
    "something like romance comedies", "any others?", "The Shape of Water", "the Coen Brothers", "on the edge of your seat",
    "let me see", "hi Merry Christmas", "Hello May I ask", "Great Watch it", "in the future",
])
def test_plain_words_are_not_titles(linker, text):
    assert named(linker, text, "film") == []


def test_a_name_of_several_films_keeps_them_all(linker):
    assert named(linker, "The Fantastic Four", "film") == [("Fantastic Four (2005)", "Fantastic Four (2015)")]
    (films,) = named(linker, "i saw king kong", "film")
    assert len(films) >= 3 and all(name.startswith("King Kong") for name in films)


@pytest.mark.parametrize("text, words", [
    ("loved deadpool 2", "deadpool 2"),
    ("loved Blade Runner 2049", "Blade Runner 2049"),
    ("why not Dune Part Two", "Dune Part Two"),
    ("liked Jumanji (2017)", "Jumanji (2017)"),
    ("loved Alien: Covenant", "Alien: Covenant"),
    ("loved Guardians of the Galaxy Vol. 2", "Guardians of the Galaxy Vol. 2"),
])
def test_a_sequel_the_catalog_lacks_is_not_the_first_film(linker, text, words):
    assert [(s.kind, s.text) for s in linker.link(text)] == [("words", words)]


@pytest.mark.parametrize("text, found", [
    ("i loved some totally unknown movie title", ["totally unknown movie title"]),
    ("watched the banshees of inisherin last night", ["banshees of inisherin"]),
    ("i loved oppenheimer and barbie", ["oppenheimer"]),
    ("like Everything Everywhere All at Once", ["Everything Everywhere All at Once"]),
    ("something like Get Out", ["Get Out"]),
    *((text, []) for text in ("not seen it", "not a fan", "keen on westerns", "seen", "not interested", "do you have instructions",
                                "Hi What do you have", "ok I'll try it, Thanks", "Have a Great Day", "with my 12 year old")),
])
def test_unlinked_words_after_a_cue(linker, text, found):
    assert [s.text for s in linker.link(text) if s.kind == "words"] == found


def test_a_persons_full_name_is_the_person(linker):
    for name in ("Stanley Kubrick", "Woody Allen", "Will Ferrell"):
        assert named(linker, f"i like {name.lower()}", "person") == [(name,)] and named(linker, name.lower(), "film") == []


@pytest.mark.parametrize("text", ["ah", "ahh nice", "oh, ah ok", "a h"])
def test_interjections_are_no_runtimes(linker, text):
    assert linker.link(text) == ()


@pytest.mark.parametrize("text, expected", [
    ("like heat but funnier", "like [film heat] but [genre funnier]"),
    ("like heat but scarier", "like [film heat] but [genre scarier]"),
    ("similar to heat but shorter", "similar to [film heat] but [length shorter]"),
    ("like heat but newer", "like [film heat] but [age newer]"),
    ("from the 90s or 00s", "from the [decade 90s] or [decade 00s]"),
    ("80s/90s", "[decade 80s]/[decade 90s]"),
    ("between 1990 and 2000", "between [year 1990] and [year 2000]"),
    ("late 90s", "late [decade 90s]"),
    ("early 2000s", "early [decade 2000s]"),
    ("1999 or newer", "[year 1999] or newer"),
    ("2001 or later", "[year 2001] or later"),
    ("is It any good", "is It any good"),
    ("2h or longer", "[runtime 2h] or longer"),
    ("longer than 90 minutes", "longer than [runtime 90 minutes]"),
    ("like 90ish min", "like [runtime 90ish min]"),
    ("forget the year thing", "forget the [age year thing]"),
    ("95 mins tops", "[runtime 95 mins] tops"),
])
def test_marks(linker, text, expected):
    assert marked(text, linker.link(text)) == expected


@pytest.mark.parametrize("text, kind, found", [
    ("no horror", "genre", [("Horror",)]),
    ("something scary", "genre", [("Horror",)]),
    ("a romcom", "genre", [("Romance", "Comedy")]),
    ("sci-fi or scifi", "genre", [("Sci-Fi",), ("Sci-Fi",)]),
    ("with tom hanks", "person", [("Tom Hanks",)]),
    ("anything by kubrick", "person", [("Stanley Kubrick",)]),
    ("from the 90s", "decade", [("1990s",)]),
    ("an eighties thing", "decade", [("1980s",)]),
    ("in french", "language", [("fr",)]),
    ("no subtitles please", "language", [("!en",)]), ("are there subtitles?", "language", []),
    ("about time travel", "keyword", [("time travel",)]),
    ("before 1980", "year", [1980]),
    ("not older than ten years", "years", [10]),
    ("under two hours", "runtime", [120]),
    ("at most 90 minutes", "runtime", [90]),
    ("an hour and a half max", "runtime", [90]),
    ("heat 8/10", "rating", [8]),
    ("five stars for heat", "rating", [10]),
    ("nothing too long", "length", [("long",)]),
    ("no long movies please", "length", [("long",)]), ("any long comedies?", "length", [("long",)]), ("i no longer like horror", "length", []),
    ("not too old", "age", [("old",)]),
    ("i loved parasite squad", "words", [()]),
])
def test_other_spans(linker, text, kind, found):
    got = named(linker, text, kind)
    assert (got == found) if kind != "words" else len(got) == 1


@pytest.fixture(scope="module")
def shown(catalog):
    """A state with five picks on screen."""
    ids = [6, 1214, 1258, 593, 608]
    slate = tuple(Recommendation(i, 0.0, (), n) for n, i in enumerate(catalog.items(ids), 1))
    return DialogueState("ann", 1, Profile("ann"), slate, frozenset(ids), focus=1258, last="picks")


@pytest.mark.parametrize("text, films", [
    ("why the second one?", ["Alien (1979)"]),
    ("the last one please", ["Fargo (1996)"]),
    ("tell me about #3", ["The Shining (1980)"]),
    ("the kubrick looks good", ["The Shining (1980)"]),
    ("is it scary", ["The Shining (1980)"]),
    ("the first two", ["Heat (1995)", "Alien (1979)"]),
    ("seen the ninth one", []),
    ("the 1995 one", ["Heat (1995)"]),
    ("the 1987 one", []),
])
def test_references_to_picks(linker, shown, text, films):
    (span,) = [s for s in linker.link(text, shown) if s.kind == "pick"]
    assert [linker.catalog.item(int(r)).name for r in span.refs] == films


@pytest.mark.parametrize("text, expected", [
    ("ive seen 1 and 4", "ive seen [pick 1] and [pick 4]"),
    ("why 3?", "why [pick 3]?"),
    ("not 2", "not [pick 2]"),
    ("not 2 hours please", "not [runtime 2 hours] please"),
    ("2 looks good", "[pick 2] looks good"),
    ("compare 1, 2 and 5", "compare [pick 1], [pick 2] and [pick 5]"),
    ("seen 9 already", "seen [film 9] already"),
    ("something of about 2 or 3 hours", "something of about 2 or [runtime 3 hours]"),
    ("loved 2 of the films", "loved 2 of the films"),
    ("4", "4"),
])
def test_a_digit_alone_is_a_pick_where_a_title_would_stand(linker, shown, text, expected):
    assert marked(text, linker.link(text, shown)) == expected
    assert "[pick" not in marked(text, linker.link(text, DialogueState("ann", 1, Profile("ann"))))


def test_a_pick_of_a_year_that_is_not_there_is_no_limit(linker, shown):
    assert [s.kind for s in linker.link("the 1987 one", shown)] == ["pick"]
    assert [s.kind for s in linker.link("the 1987 one", DialogueState("ann", 1, Profile("ann")))] == ["pick"]


def test_spans_do_not_overlap_and_are_marked_in_place(linker):
    text = "i loved Heat (1995), but no horror from the 80s under 2 hours"
    spans = linker.link(text)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:]))
    assert marked(text, spans) == "i loved [film Heat (1995)], but no [genre horror] from the [decade 80s] under [runtime 2 hours]"


def test_nearest_titles(linker):
    assert "Paradise" in " ".join(linker.catalog.item(i).title for i in linker.nearest_titles("Paradize", 3))

@pytest.mark.parametrize("text, films", [
    ("fellowship of the ring every christmas", ["The Lord of the Rings: The Fellowship of the Ring (2001)"]),
    ("hp and the prisoner of azkaban", ["Harry Potter and the Prisoner of Azkaban (2004)"]),
    ("eternal sunshine made me cry", ["Eternal Sunshine of the Spotless Mind (2004)"]),
    ("shawshank", ["The Shawshank Redemption (1994)"]),
    ("t2 is the best sequel ever", ["Terminator 2: Judgment Day (1991)"]),
    ("the 5th element, the 6th sense", ["The Fifth Element (1997)", "The Sixth Sense (1999)"]),
    ("apollo thirteen", ["Apollo 13 (1995)"]),
    ("kill bill 1 and 2", ["Kill Bill: Vol. 1 (2003)", "Kill Bill: Vol. 2 (2004)"]),
    ("spiderman 2", ["Spider-Man 2 (2004)"]),
    ("jurasic prak was my first cinema experience", ["Jurassic Park (1993)"]),
    ("big was so fun", ["Big (1988)"]),
    ("rate heat 8", ["Heat (1995)"]),
    ("loved HEAT", ["Heat (1995)"]),
])
def test_partial_titles_nicknames_and_numbers(linker, text, films):
    assert named(linker, text, "film") == [(film,) for film in films]


@pytest.mark.parametrize("text", [
    "more like 3", "no i said i HATED it", "drop the year limit", "i live in brazil", "im from chicago btw",
    "how about something with robots", "Speed it up a bit", "Ghost me one more time", "Taken aback by how bad it was",
    "Crash course in french cinema please", "The Past few weeks were hard", "Lucy said she wants a romcom",
    "Carrie, my wife, hates violence", "paul told me so", "its late and i cant sleep", "the hitchcock stuff is fine",
])
def test_words_beside_a_title_tell_that_it_is_none(linker, text):
    assert named(linker, text, "film") == []


def test_a_pick_may_open_a_sentence_where_another_title_may_not(linker, shown):
    assert named(linker, "Heat course corrected me", "film", shown) == [("Heat (1995)",)]
    assert named(linker, "Crash course corrected me", "film", shown) == []


@pytest.mark.parametrize("text, people", [
    ("mysteries a la agatha christie", []),
    ("Nic cage movies", [("Nicolas Cage",)]),
    ("keanu is the man", [("Keanu Reeves",)]),
    ("like Halle barry", [("Halle Berry",)]),
    ("i love Hitchcock", [("Alfred Hitchcock",)]),
    ("I really like Black Panther", []),
])
def test_surnames_go_with_their_given_names(linker, text, people):
    assert named(linker, text, "person") == people


@pytest.mark.parametrize("text, kind, found", [
    ("i'd give it a 7", "rating", [7.0]),
    ("more like 3", "rating", [3.0]),
    ("give me 3 more", "rating", []),
    ("80 to 100 minutes", "runtime", [80.0, 100.0]),
    ("30 mins ago i watched up", "runtime", []),
    ("i am 25 years old", "years", []),
    ("my 5 year old loves frozen", "years", []),
    ("over 20 years old", "years", [20.0]),
    ("im born in 1995", "year", []),
    ("drop the year limit", "age", [("any",)]),
    ("dark comedies", "keyword", [("dark comedy",)]),
])
def test_amounts_of_films_and_of_other_things(linker, text, kind, found):
    assert named(linker, text, kind) == found


@pytest.mark.parametrize("text, films", [
    ("pick 4 and 5 are both too dark", [("Fargo (1996)",), ("Seven (1995)",)]),
    ("number two and four look good", [("Heat (1995)",), ("Fargo (1996)",)]),
    ("first or third?", [("Alien (1979)",), ("The Shining (1980)",)]),
    ("is the middle one any good", [("The Shining (1980)",)]),
    ("back to the future, all three", []),
    ("the original, not the remake", []),
    ("terminator 2 was way better than the first", []),
    ("whats that movie with the guy from breaking bad", []),
])
def test_places_in_the_slate_of_five(linker, five, text, films):
    assert named(linker, text, "pick", five) == films


@pytest.fixture(scope="module")
def five(catalog):
    names = ids_by_name(catalog)
    return state_of({"slate": "default"}, catalog, names)


def test_an_unknown_name_that_is_judged_first_is_asked_about(linker):
    assert [s.text for s in linker.link("barbie was fun") if s.kind == "words"] == ["barbie"]
