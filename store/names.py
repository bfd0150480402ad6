"""Names of films and people: how a person writes them, and how they are compared.

Knows the habits of the source tables (articles moved to the end, other titles in
brackets) and nothing of the database.
"""

from __future__ import annotations

import re
import unicodedata

ARTICLES = frozenset(
    "The A An La Le Les L' El Los Las Der Die Das Il Lo I Gli Det Den De En Un Une Da".split()
)
_ELIDED = frozenset(("L'",))


def fold(text: str) -> str:
    """`text` in lower case without accents and punctuation, words separated by one space.

    "Amélie" and "amelie" fold alike, so do "Fast & Furious" and "fast and furious". Empty when nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and ").replace("½", " 1/2"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("ø", "o").replace("æ", "ae")
    plain = re.sub(r"['’`.]", "", plain)
    return " ".join(re.findall(r"\w+", plain))


def article_first(title: str) -> str:
    """"Matrix, The" as "The Matrix"; other titles unchanged."""
    match = re.fullmatch(r"(.+), (\S{1,4})", title)
    if not match or match.group(2) not in ARTICLES:
        return title
    rest, article = match.groups()
    return article + rest if article in _ELIDED else f"{article} {rest}"


def split_title(written: str) -> tuple[str, tuple[str, ...]]:
    """The display title and the other titles of a MovieLens title without its year.

    "Seven (a.k.a. Se7en)" gives ("Seven", ("Se7en",)); "Amelie (Fabuleux destin d'Amélie Poulain, Le)"
    gives ("Amelie", ("Le Fabuleux destin d'Amélie Poulain",)).
    """
    main, others = written.strip(), []
    while (cut := _last_bracket(main)) is not None:
        other = re.sub(r"^(a\.?k\.?a\.?|aka)\s+", "", main[cut + 1 : -1].strip(), flags=re.IGNORECASE)
        others.insert(0, article_first(other))
        main = main[:cut].rstrip()
    title = article_first(main)
    aliases = dict.fromkeys(other for other in others if other and other != title)
    return title, tuple(aliases)


def _last_bracket(text: str) -> int | None:
    """Where the bracket that ends `text` opens, if it is a group of its own after a space; None otherwise."""
    if not text.endswith(")"):
        return None
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth == 0:
            return at if at and text[at - 1] == " " else None
    return None


def trigrams(text: str) -> frozenset[str]:
    """The three-letter pieces of the folded text, the text itself when it is shorter."""
    folded = fold(text)
    return frozenset(folded[i : i + 3] for i in range(len(folded) - 2)) or frozenset((folded,))
