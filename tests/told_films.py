"""A handful of films, a profile of every kind of preference, and picks made by hand, for tests of what is said."""

from types import SimpleNamespace

from assistant.claims import Claims
from assistant.evidence import Origins
from assistant.explain import View
from assistant.mentions import Names
from assistant.state import Profile
from store.records import Contribution, Item, Message, Preference, Recommendation

HEAT = Item(
    1, "Heat", 1995, ("Action", "Crime", "Thriller"), ("Michael Mann",), ("Al Pacino", "Robert De Niro"), ("heist",), 170, "en", 400)
RONIN = Item(
    2, "Ronin", 1998, ("Action", "Crime"), ("John Frankenheimer",), ("Robert De Niro", "Jean Reno"), ("heist", "spy"), 122, "en", 90)
COLLATERAL = Item(3, "Collateral", 2004, ("Crime", "Thriller"), ("Michael Mann",), ("Tom Cruise",), (), 120, "en", 80)
ALIEN = Item(4, "Alien", 1979, ("Horror", "Sci-Fi"), ("Ridley Scott",), ("Sigourney Weaver",), ("android",), 117, "en", 300)
IT = Item(5, "It", 1990, ("Horror",), (), (), (), None, None, 40)
HOPE = Item(
    6, "Star Wars: Episode IV - A New Hope", 1977, ("Action", "Adventure", "Sci-Fi"), ("George Lucas",), ("Mark Hamill",), (), 121, "en", 500)
FRENCH = Item(7, "Amelie", 2001, ("Comedy", "Romance"), ("Jean-Pierre Jeunet",), ("Audrey Tautou",), (), 122, "fr", 200)
BARE = Item(8, "Up", None)
ITEMS = (HEAT, RONIN, COLLATERAL, ALIEN, IT, HOPE, FRENCH, BARE)
CATALOG = SimpleNamespace(item={i.id: i for i in ITEMS}.__getitem__, items=lambda ids: [next(i for i in ITEMS if i.id == n) for n in ids])

MESSAGES = (
    Message(10, 1, "user", "I loved Heat", None, 0.0), Message(11, 1, "assistant", "Noted", None, 0.0),
    Message(12, 1, "click", "liked Alien", None, 0.0), Message(13, 1, "user", "no musicals, and crime", None, 0.0),
    Message(14, 1, "user", "why the first?", None, 0.0),
)
ORIGINS = Origins(MESSAGES)


def preference(entry_id, kind, ref, label, role, value, message_id=10, quote="I loved Heat"):
    return Preference(kind, ref, label, role, value, entry_id, message_id, quote, 0.0)


PREFERENCES = (
    preference(1, "item", "1", "Heat (1995)", "like", 1.0),
    preference(2, "item", "4", "Alien (1979)", "dislike", -0.8, 12, "liked Alien"),
    preference(3, "item", "6", "Star Wars: Episode IV - A New Hope (1977)", "like", 0.8, 5, "star wars is fun"),
    preference(4, "item", "5", "It (1990)", "similar", 1.0, 13),
    preference(5, "item", "3", "Collateral (2004)", "want", 0.5, 14),
    preference(6, "item", "7", "Amelie (2001)", "seen", 0.0, 13),
    preference(7, "item", "8", "Up", "skip", 0.0, 13),
    preference(8, "genre", "Crime", "Crime", "want", 1.0, 13, "no musicals, and crime"),
    preference(9, "genre", "Musical", "Musical", "avoid", -1.0, 13),
    preference(10, "genre", "War", "War", "dislike", -1.0, 14),
    preference(11, "person", "Robert De Niro", "Robert De Niro", "like", 0.8, 13),
    preference(12, "person", "Tom Hanks", "Tom Hanks", "only", 1.0, 13),
    preference(13, "keyword", "time travel", "time travel", "want", 1.0, 14),
    preference(14, "keyword", "based on novel", "based on novel", "like", 1.0, 13),
    preference(15, "decade", "1990s", "1990s", "want", 1.0, 13),
    preference(16, "language", "fr", "French", "only", 1.0, 13),
    preference(17, "text", "a talking pig", '"a talking pig"', "want", 1.0, 14),
    preference(18, "runtime", "max", "at most 130 minutes", "max", 130.0, 13),
    preference(19, "year", "min", "from 1990 or later", "min", 1990.0, 5, "<b>not</b> too old, 1990 or so"),
    preference(20, "genre", "Comedy", "Comedy", "only", 1.0, 14),
)
PROFILE = Profile("ann", PREFERENCES)
VIEW = View(PROFILE, ORIGINS, 7, CATALOG)


def pick(item, parts, rank=1):
    """A recommendation with contributions (preference or "prior" or "slate" -> value)."""
    contributions = tuple(
        Contribution(p, "popularity" if p == "prior" else "1", p, value) if isinstance(p, str)
        else Contribution(p.kind, p.ref, p.label, value, p.entry_id)
        for p, value in parts
    )
    return Recommendation(item, sum(c.value for c in contributions), contributions, rank)


HEAT_LOVED, ALIEN_DISLIKED, STAR_WARS, CRIME, DE_NIRO = PREFERENCES[0], PREFERENCES[1], PREFERENCES[2], PREFERENCES[7], PREFERENCES[10]
RONIN_PICK = pick(RONIN, ((CRIME, 0.30), (HEAT_LOVED, 0.41), ("prior", 0.04), (ALIEN_DISLIKED, -0.08), (DE_NIRO, 0.25)))
COLLATERAL_PICK = pick(COLLATERAL, ((HEAT_LOVED, 0.5), (CRIME, 0.1), ("slate", -0.02)), 2)
POPULAR = (pick(HOPE, (("prior", 0.5),)), pick(HEAT, (("prior", 0.4),), 2))


def checker():
    """The claim check for these films, and titles that are also plain words."""
    people = {p for i in ITEMS for p in i.people} | {"Tom Hanks"}
    return Claims(Names.build([*(i.title for i in ITEMS), "Her", "Noted", "Done", "The Biggest"], people))
