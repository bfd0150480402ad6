"""The claim check: true sentences pass, and each false one fails, for the one thing that is wrong with it."""

import pytest

from assistant.claims import Claims
from assistant.evidence import (
    Cause, Evidence, Origin, counted, named, of_causes, of_item, of_preference, of_ranks, of_shared, unique,
)
from assistant.mentions import Names, sentences
from store.records import Contribution, Item, Preference

HEAT = Item(1, "Heat", 1995, ("Action", "Crime", "Thriller"), ("Michael Mann",), ("Al Pacino", "Robert De Niro"), ("heist",), 170, "en")
RONIN = Item(
    2, "Ronin", 1998, ("Action", "Crime"), ("John Frankenheimer",), ("Robert De Niro", "Jean Reno"), ("heist", "briefcase"), 122, "en")
COLLATERAL = Item(3, "Collateral", 2004, ("Crime", "Thriller"), ("Michael Mann",), ("Tom Cruise", "Jamie Foxx"), (), 120, "en")
ALIEN = Item(4, "Alien", 1979, ("Horror", "Sci-Fi"), ("Ridley Scott",), ("Sigourney Weaver",), (), 117, "en")
AMELIE = Item(5, "Amelie", 2001, ("Comedy", "Romance"), ("Jean-Pierre Jeunet",), ("Audrey Tautou",), (), 122, "fr")
ITEMS = (HEAT, RONIN, COLLATERAL, ALIEN, AMELIE)
OTHER_TITLES = ("It", "Up", "Her", "The Matrix", "Jackie Brown", "Michael", "Crouching Tiger, Hidden Dragon", "300", "Seven", "Two",
                "The Score", "Noted", "Alien 8", "Heat 41")

loved_heat = Preference("item", "1", "Heat (1995)", "like", 1.0, 11, 101, "I loved Heat")
liked_collateral = Preference("item", "3", "Collateral (2004)", "like", 0.8, 12, 100)
disliked_alien = Preference("item", "4", "Alien (1979)", "dislike", -0.8, 13, 90)
wants_crime = Preference("genre", "Crime", "Crime", "want", 1.0, 14, 102)
no_horror = Preference("genre", "Horror", "Horror", "avoid", -1.0, 15, 102)
likes_de_niro = Preference("person", "Robert De Niro", "Robert De Niro", "like", 0.8, 16, 80)
short = Preference("runtime", "max", "at most 130 minutes", "max", 130.0, 17, 102)
recent = Preference("year", "min", "from 1990 or later", "min", 1990.0, 18, 102)


def cause(preference, value, percent, origin):
    return Cause(Contribution(preference.kind, preference.ref, preference.label, value, preference.entry_id), percent, preference, origin)


CAUSES = (
    cause(loved_heat, 0.41, 41, Origin("ago", 2)),
    cause(wants_crime, 0.30, 30, Origin("now")),
    cause(liked_collateral, 0.18, 18, Origin("earlier")),
    cause(likes_de_niro, 0.07, 7, Origin("click")),
    Cause(Contribution("prior", "popularity", "popularity", 0.04), 4, None, Origin("unknown")),
    cause(disliked_alien, -0.08, -8, Origin("ago", 5)),
)
EVIDENCE = unique((
    *of_causes(RONIN, CAUSES, points=True),
    Evidence("score", RONIN.name, "score", (), 0.92, "points"),
    *of_item(RONIN, keywords=2), *of_item(HEAT, keywords=1), *of_shared(RONIN, HEAT),
    *of_preference(no_horror), *of_preference(short), *of_preference(recent),
    *of_ranks(RONIN, 3, 1), counted(5, "films"), *named(COLLATERAL.name),
))


@pytest.fixture(scope="module")
def claims():
    return Claims(Names.build((*OTHER_TITLES, *(i.title for i in ITEMS)), {p for i in ITEMS for p in i.people} | {"Tom Hanks"}))


TRUE = [
    "What speaks against it: your dislike of Alien, -8 %.",  # not the film "Alien 8", nor is the next line about "Heat 41"
    "You loved Heat, 41 %.",
    "Because you loved Heat (two messages ago): 41 %, and your wish for crime (just now): 30 %.",
    "You loved Heat (two messages ago): 41 %; your wish for crime: 30 %.",
    "41 % comes from your love of Heat, 30 % from your wish for crime.",
    "41% of it comes from Heat and 30% from your wish for crime.",
    "The biggest part is Heat (41 %).",
    "Ronin (1998) is an action and crime film directed by John Frankenheimer.",
    "Ronin stars Robert De Niro and Jean Reno.",
    "Ronin and Heat both star Robert De Niro.",
    "Both are crime films with Robert De Niro, like Heat.",
    "Heat is directed by Michael Mann, and Ronin by John Frankenheimer.",
    "Since you loved Heat, Ronin is a good fit.",
    "Because you loved Heat and liked Collateral, Ronin could suit you.",
    "You loved Heat, which is directed by Michael Mann.",
    "Ronin is held down by your dislike of Alien: -8 %.",
    "Your dislike of Alien counts against it: 8 %.",
    "You asked for at most 130 minutes, and Ronin takes 122 minutes.",
    "Ronin is from 1998, and your limit is from 1990 or later.",
    "It is a crime film from the 1990s.",
    "Noted: no horror.",
    "You do not want horror.",
    "Ronin moves up from rank 3 to rank 1.",
    "Ronin was third and is now first.",
    "I picked five films for you.",
    "The score is 0.92, and Heat adds 0.41 to it.",
    "Both share the theme heist.",
    "Like Heat, Ronin has a heist.",
    "You liked Collateral in an earlier conversation.",
    "You like Robert De Niro, which you clicked.",
    "Popularity adds 4 %.",
    "Thanks to your taste for Robert De Niro, it scores a little higher.",
    "“Heat” and Ronin have the same genre.",
    "Because you want crime, Ronin is here.",
    "Ronin is in English.",
    "You saw Heat.",
    "You might like Ronin.",
    "Two messages ago you loved Heat.",
    "Tell me more, and I'll look again.",
]

FALSE = [
    ("You loved Heat: 42 %.", "number: 42"),
    ("Because you loved Heat: 30 %, and your wish for crime: 41 %.", "number: 30"),
    ("41 % comes from your wish for crime.", "number: 41"),
    ("Your dislike of Alien helps it: 8 %.", "number: 8"),
    ("Because you loved Alien, Ronin is here.", "you love Alien"),
    ("You liked Alien.", "you like Alien"),
    ("You disliked Heat.", "you dislike Heat"),
    ("You did not like Heat.", "you dislike Heat"),
    ("You loved Collateral.", "you love Collateral"),
    ("You want horror.", "you want horror"),
    ("Because you loved Heat and Alien, Ronin is here.", "you love Alien"),
    ("Your love of Heat, and your wish for crime (by a click).", "click"),
    ("Your dislike of something like Heat: 41 %.", "a feeling about nothing: your dislike of"),
    ("You hated Alien.", "you hate Alien"),
    ("Your love of crime: 30 %.", "you love crime"),
    ("You avoid crime.", "you avoid crime"),
    ("Noted: no crime.", "no crime"),
    ("You asked for something like Heat.", "you similar Heat"),
    ("Ronin is directed by Michael Mann.", "director of ronin: Michael Mann"),
    ("Ronin, a film by Michael Mann.", "director of ronin: Michael Mann"),
    ("Ronin is directed by Robert De Niro.", "director of ronin: Robert De Niro"),
    ("Ronin stars Al Pacino.", "cast of ronin: Al Pacino"),
    ("Ronin stars John Frankenheimer.", "cast of ronin: John Frankenheimer"),
    ("Heat and Ronin are both directed by Michael Mann.", "director of heat, ronin: Michael Mann"),
    ("Because you loved Heat, Ronin is directed by Michael Mann.", "director of ronin: Michael Mann"),
    ("It is directed by Michael Mann.", "director of ronin: Michael Mann"),
    ("Ronin stars Tom Hanks.", "person: Tom Hanks"),
    ("Ronin has Bruno Ganz.", "word: bruno"),
    ("You loved The Matrix.", "film: The Matrix"),
    ("Jackie Brown is a good fit.", "film: Jackie Brown"),
    ("Because you loved Seven, Ronin is here.", "film: Seven"),
    ("“Up” is a good fit.", "film: Up"),
    ("Ronin (1997) is a crime film.", "year of Ronin: 1997"),
    ("Ronin is from 1995.", "number: 1995"),
    ("Ronin is from the 1970s.", "decade: 1970s"),
    ("Ronin is a horror film.", "horror of ronin"),
    ("Ronin is a comedy.", "genre: comedy"),
    ("Ronin is a funny film.", "genre: funny"),
    ("Ronin takes 170 minutes.", "number: 170"),
    ("You asked for at most 100 minutes.", "number: 100"),
    ("Ronin takes two hours.", "number: two"),
    ("Ronin is in French.", "language: French"),
    ("Ronin won an Oscar.", "word: won"),
    ("Ronin is an award-winning film.", "word: award"),
    ("Ronin is a masterpiece about a lonely thief.", "word: masterpiece"),
    ("You loved Heat three messages ago.", "number: three"),
    ("You told me two messages ago.", "number: two"),
    ("Popularity speaks for it: you told me just now.", "just now"),
    ("You loved Heat just now.", "just now"),
    ("You loved Heat in an earlier conversation.", "earlier conversation"),
    ("I picked six films for you.", "number: six"),
    ("I picked twenty-five films for you.", "number: twenty-five"),
    ("Ronin moves up from rank 1 to rank 3.", "number: 1"),
    ("Ronin moves up from rank 4 to rank 1.", "number: 4"),
    ("Ronin is now second.", "number: second"),
    ("The score is 0.93.", "number: 0.93"),
    ("Ronin is here because it fits.", "a reason without evidence"),
    ("Ronin is here because of Alien.", "because Alien"),
    ("It comes mostly from Heat.", "mostly: heat"),
    ("The biggest part is your wish for crime.", "biggest: crime"),
    ("Ronin and Heat have the same director.", "same director"),
    ("Your taste for Michael Mann speaks for Ronin.", "you like Michael Mann"),
    ("The film has a time machine.", "word: machine"),
    ("You loved Heat (1996).", "year of Heat: 1996"),
    ("Ronin is not a crime film.", "not crime"),
    ("Ronin isn't directed by John Frankenheimer.", "not John Frankenheimer"),
    ("You will love Ronin.", "you will love"),
    ("You'll really enjoy it.", "you'll really enjoy"),
    ("You never liked Heat.", "you dislike Heat"),
    ("Michael Mann's Ronin is here.", "Michael Mann of ronin"),
    ("Ronin, directed by Michael Mann, stars Jean Reno.", "director of ronin: Michael Mann"),
    ("Ronin, with John Frankenheimer, is here.", "cast of ronin: John Frankenheimer"),
    ("Forty-two percent comes from Heat.", "number: forty-two"),
    ("Your love of Heat: 0.30 points for Ronin.", "number: 0.30"),
    ("Heat adds 0.30 to the score.", "number: 0.30"),
    ("You loved it so much, as everyone did.", "word: everyone"),
]


@pytest.mark.parametrize("sentence", TRUE)
def test_a_backed_sentence_passes(claims, sentence):
    assert claims.unbacked(sentence, EVIDENCE) == ()


@pytest.mark.parametrize("sentence, claim", FALSE)
def test_an_unbacked_sentence_fails_for_what_is_wrong(claims, sentence, claim):
    assert claim in claims.unbacked(sentence, EVIDENCE)


def test_without_evidence_nothing_can_be_named(claims):
    assert claims.unbacked("You loved Heat.", ()) != ()
    assert claims.unbacked("Tell me a film you loved.", ()) == ()


@pytest.mark.parametrize("rank", [13, 1995, 3262])
def test_a_rank_of_any_size_is_a_rank(claims, rank):
    rows = (*of_item(RONIN), *of_ranks(RONIN, rank, None))
    assert not claims.unbacked(f"Ronin (1998) is at rank {rank}.", rows)
    assert claims.unbacked(f"Ronin (1998) is at rank {rank + 1}.", rows) == (f"number: {rank + 1}",)


def test_a_share_belongs_to_its_film(claims):
    both = (*of_causes(RONIN, CAUSES[:1]), *of_causes(COLLATERAL, (cause(loved_heat, 0.6, 60, Origin("ago", 2)),)))
    assert claims.unbacked("Collateral is here because you loved Heat: 60 %.", both) == ()
    assert claims.unbacked("Collateral is here because you loved Heat: 41 %.", both) == ("number: 41",)


def test_a_title_that_begins_with_brackets_is_named_whole():
    claims = Claims(Names.build(("(500) Days of Summer", *OTHER_TITLES), set()))
    summer = Preference("item", "9", "(500) Days of Summer (2009)", "like", 1.0, 21, 101)
    assert claims.unbacked("OK: you loved (500) Days of Summer (2009).", tuple(of_preference(summer))) == ()
    assert claims.unbacked("OK: you loved (500) Days of Summer (2009).", tuple(of_preference(loved_heat)))


def test_sentences_are_cut_where_they_end():
    assert sentences("You like Samuel L. Jackson. Mr. Smith is next! One. Two") == [
        "You like Samuel L. Jackson.", "Mr. Smith is next!", "One.", "Two",
    ]
