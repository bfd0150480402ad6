"""The evidence of a film told in English, for the model to word: the lines of its task, and how a sentence may begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assistant import mentions, phrases
from assistant.evidence import GENRE_ADJECTIVES
from assistant.phrases import LASTING_NOUNS, NOUNS, article, capital, choose, joined, verb, when

if TYPE_CHECKING:
    from assistant.wording import Told

__all__ = ["joined", "when"]

FITS = ("fits well", "is a good match", "could suit you", "should suit you", "may be right for you")
IMPERSONAL = {"popularity": "its popularity", "variety": "the variety of the list"}
"""Causes that are nobody's preference."""
ENDS, BETWEEN = (".", "!", "?"), " "
"""What sentences end with, and what stands between two."""
COMMA, PERCENT = ", ", "{} %"
LINES = {
    "film": "film: {}", "for": "for: {}", "against": "against: {}", "with": "with {}: both {} {}", "genre": "genre: {} film",
    "director": "directed by: {}", "cast": "starring: {}", "minutes": "length: {} minutes", "year": "year: {}",
    "one": "sentences: one", "two": "sentences: two", "say": "say: {}",
}
"""The lines of the task."""
EXAMPLES = """film: Ronin
genre: action and crime film
directed by: John Frankenheimer
starring: Robert De Niro and Jean Reno
say: Because you loved Heat, Ronin could suit you: it is an action and crime film directed by John Frankenheimer.

film: Amelie
genre: comedy and romance film
starring: Audrey Tautou
say: You like Audrey Tautou, so Amelie is a good match: it is a comedy and romance film.

film: Alien
genre: horror and sci-fi film
directed by: Ridley Scott
starring: Sigourney Weaver and Tom Skerritt
say: Since you asked for sci-fi films, Alien fits well, with Sigourney Weaver and Tom Skerritt.

"""
"""For a model that does not know the task."""


def film(name: str, year: bool) -> str:
    """A film as it is told; without `year` its name stays whole where it reads as a plain word."""
    return name if year else phrases.title(name)


def thing(name: str) -> str:
    """Anything else that a preference is about: "crime films", "the 1990s"."""
    return phrases.spoken(name)


def clause(feeling: str, subject: str, of_film: bool) -> str:
    """"you loved Heat"."""
    return f"{verb(feeling, of_film)} {subject}"


def noun(feeling: str, subject: str, of_film: bool) -> str:
    """"your love of Heat"."""
    of_films = {"want": "your wish to see", "avoid": "your wish to avoid"}.get(feeling, NOUNS.get(feeling))
    return f"{(of_films if of_film else LASTING_NOUNS.get(feeling)) or 'your limit of'} {subject}"


def kinds(names: Sequence[str]) -> str:
    """"action and crime"."""
    return joined(GENRE_ADJECTIVES.get(g, g.lower()) for g in names)


def in_common(label: str, names: Sequence[str]) -> tuple[str, str, str]:
    """What two films have in common: of both, of each, and the names: "star", "stars", "Robert De Niro"."""
    both, each = {"director": ("are directed by", "is directed by"), "cast": ("star", "stars"),
                  "keyword": ("have the theme", "has the theme")}[label]
    return both, each, f"“{names[0]}”" if label == "keyword" else joined(names)


def neat(text: str) -> str:
    return text


def openings(told: Told) -> list[str]:
    """Every word or name that sentences about this evidence may begin with. It has a reason."""
    first = told.reasons[0]
    words = [told.film, "Because", "What", "For", "It", "The", "Behind", "Thanks", "There", "Here", str(first.percent)]
    words += ["I", "You", "Your", "Since", "As", "Given", "So"] if first.clause else ["Its"] * first.noun.startswith("its ")
    words += ["Mostly"] if first.percent > 50 else []
    words += ["First"] if len(told.reasons) > 1 else []
    words += ["Like"] if told.shared else []
    words += ["Directed"] if told.directors else []
    words += ["With", "Starring"] if told.cast else []
    words += ["At"] if told.minutes else []
    words += ["From"] if told.year else []
    words += [article(told.genres).split()[0].capitalize()] if told.genres else []
    return words


def begun(clause_: str, film_: str, seed: object) -> str:
    """The beginning of a sentence that a model without the adapter goes on from."""
    fits = choose((seed, film_, "fits"), FITS)
    return choose((seed, film_), (
        f"Because {clause_}, {film_} {fits}", f"{capital(clause_)}, so {film_} {fits}", f"Since {clause_}, {film_} {fits}",
    ))


def sentences(text: str, names: Iterable[str]) -> list[str]:
    """The sentences of what a model wrote; what is inside one of `names` ends none."""
    return mentions.sentences(text, names)
