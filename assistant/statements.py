"""The grammar of what a sentence can state: feelings of the person, facts of films, denials, origins.

Patterns over sentences in lower case in which every name is "<m0>", "<m1>", ... and every number "<n0>", ...
"""

from __future__ import annotations

import re

M = r"<m\d+>"
BESIDE = r"(?:(?:the|a|an|both|also|films?|movies?|more|some|something|anything|from|in|of|with|by|about|called|only) )*"
THING = rf"{BESIDE}{M}(?:'s)?(?: films?| movies?)?(?: \([^()]*\))?"
LIST = rf"(?P<list>{THING}(?:(?:, | and | or | nor |, and |, or | as well as ){THING})*)"
ADVERB = r"(?: really| also| already| once| both| just| clearly| so much|'ve| have| had)*"
ASK = r"(?:want(?:ed)?|asked for|wish(?:ed)? for|(?:are|were) looking for|are in the mood for)"

FEELINGS: tuple[tuple[str, re.Pattern], ...] = tuple((name, re.compile(rf"\b(?:{pattern}) {LIST}")) for name, pattern in (
    ("similar", rf"you{ADVERB} {ASK} (?:something|films|more) like|your (?:wish|request) for (?:something|films|more) like"),
    ("avoid", rf"you{ADVERB} {ASK} (?:no|nothing with|nothing like)|your wish (?:for no|to avoid)|you{ADVERB} (?:avoid|ruled out)|"
              r"you (?:do not|don't|did not|didn't) want|you asked to avoid|you avoid"),
    ("only", rf"you{ADVERB} {ASK} (?:only|nothing but)|your wish for (?:only|nothing but)"),
    ("skip", rf"you{ADVERB} (?:passed on|skipped|turned down)"),
    ("want", rf"you{ADVERB} {ASK}(?: to see| to watch)?|your (?:wish|request) (?:for|to see|to watch)"),
    ("dislike", rf"you{ADVERB} dislike[d]?|you (?:do not|don't|did not|didn't|never) (?:really )?(?:liked?|enjoyed?|loved?)|"
                r"your dislike (?:of|for)|your dislike"),
    ("hate", rf"you{ADVERB} hate[d]?|your hatred of"),
    ("love", rf"you{ADVERB} (?:loved?|adored?)|your (?:love|passion) (?:of|for)|your favou?rites?(?: is| are|,|:)?"),
    ("like", rf"you{ADVERB} (?:liked?|enjoyed?)|your (?:liking|taste|fondness) for|your like of"),
    ("seen", rf"you{ADVERB} (?:saw|seen|watched|know|knew)"),
    ("limit", r"your limit of|you set"),
))
"""What may be said about the person, the more specific patterns first, with the list of names it is said of."""

OPENED = re.compile(
    r"(?<!film )(?<!films )(?<!one )(?<!what )(?<!that )(?<!how )(?<!did )"
    r"\byou(?:'ve| have)?(?: really| also)? (?:loved?|liked?|hated?|disliked?|enjoy(?:ed)?|adored?|want(?:ed)?|asked for)\b|"
    r"\byour (?:love|passion|dislike|hatred|liking|taste|fondness|wish|request|limit) (?:of|for|to)\b"
)
"""The beginning of a feeling, whatever it is said of."""

SAYS = {
    "love": {"love"}, "like": {"love", "like"}, "dislike": {"dislike", "hate"}, "hate": {"hate"},
    "want": {"want", "similar", "only", "limit"}, "similar": {"similar"}, "only": {"only"}, "avoid": {"avoid"}, "skip": {"skip"},
    "seen": {"seen", "love", "like", "dislike", "hate"}, "limit": {"limit"},
}
"""Which recorded feelings back a stated one: who loved a film also liked and saw it."""
AGAINST = frozenset(("avoid", "dislike", "hate", "skip"))
LIMITS = frozenset(("limit", "only"))
ONLY = frozenset(("only", "want"))

FACTS: tuple[tuple[str, re.Pattern], ...] = tuple((name, re.compile(pattern)) for name, pattern in (
    ("director", rf"\b(?:directed by|from director|directors?(?: is| are| was|:)?|films? by|movies? by|, by) {LIST}"),
    ("director", rf"{LIST} (?:directed|directs|made)\b"),
    ("cast", rf"\b(?:starring|stars|star|featuring|features|with|cast (?:is|includes|has)) {LIST}"),
    ("cast", rf"{LIST} (?:stars?|plays?|appears?|acts?)\b"),
))
SAME = {"director": "director", "cast": "cast", "actor": "cast", "actors": "cast", "star": "cast", "stars": "cast", "genre": "genre",
        "genres": "genre", "theme": "keyword", "themes": "keyword"}
ORIGINS = (("now", re.compile(r"\bjust now\b")), ("earlier", re.compile(r"\bearlier (?:chat|conversation)\b")),
           ("click", re.compile(r"\bclick(?:ed)?\b")))
PROMISE = re.compile(r"\byou(?:'ll| will|'d| would| are going to)(?: \w+)? (?:love|like|enjoy|hate|adore)\b")
DENIED = re.compile(r"(?:\b(?:not|never|no longer)|n't)(?: (?:a|an|the|in|from|by|with|directed|starring|about|star|stars|even|really))* $")
HOLDS_BACK = re.compile(r"\b(?:against|held (?:down|back)|holds?|costs?|less|lower|minus)\b")
ABSENT = re.compile(r"\b(?:out|blocked|missing|not|no|rules?|ruled|filtered|instead)\b")
