"""Everyday words for the catalog's vocabulary, and the small grammar of numbers.

Data for the linker: what people call a genre, a language, a length. It says what a
word may refer to, never what is said about it.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

GENRE_WORDS: dict[str, tuple[str, ...]] = {
    "action": ("Action",), "actiony": ("Action",), "action packed": ("Action",), "shoot em up": ("Action",),
    "adventure": ("Adventure",), "adventures": ("Adventure",), "adventurous": ("Adventure",), "swashbuckler": ("Adventure",),
    "animation": ("Animation",), "animated": ("Animation",), "cartoon": ("Animation",), "cartoons": ("Animation",),
    "anime": ("Animation",), "pixar": ("Animation",),
    "children": ("Children",), "childrens": ("Children",), "kids": ("Children",), "kid friendly": ("Children",),
    "kids friendly": ("Children",), "family friendly": ("Children",), "family movie": ("Children",),
    "family film": ("Children",), "for the kids": ("Children",),
    "comedy": ("Comedy",), "comedies": ("Comedy",), "funny": ("Comedy",), "comedic": ("Comedy",), "hilarious": ("Comedy",),
    "laugh": ("Comedy",), "humor": ("Comedy",), "humour": ("Comedy",), "feel good": ("Comedy",), "lighthearted": ("Comedy",),
    "light hearted": ("Comedy",), "silly": ("Comedy",), "slapstick": ("Comedy",), "funnier": ("Comedy",),
    "crime": ("Crime",), "gangster": ("Crime",), "gangsters": ("Crime",), "mob": ("Crime",), "mafia": ("Crime",),
    "documentary": ("Documentary",), "documentaries": ("Documentary",), "docu": ("Documentary",), "docs": ("Documentary",),
    "drama": ("Drama",), "dramas": ("Drama",), "dramatic": ("Drama",), "tearjerker": ("Drama",), "tear jerker": ("Drama",),
    "weepie": ("Drama",),
    "fantasy": ("Fantasy",), "magical": ("Fantasy",), "fairy tale": ("Fantasy",),
    "film noir": ("Film-Noir",), "noir": ("Film-Noir",), "noirs": ("Film-Noir",),
    "horror": ("Horror",), "horrors": ("Horror",), "horro": ("Horror",), "scary": ("Horror",), "creepy": ("Horror",),
    "spooky": ("Horror",), "scarier": ("Horror",), "creepier": ("Horror",), "slasher": ("Horror",), "slashers": ("Horror",), "frightening": ("Horror",),
    "musical": ("Musical",), "musicals": ("Musical",), "singing": ("Musical",),
    "mystery": ("Mystery",), "mysteries": ("Mystery",), "whodunit": ("Mystery",), "whodunnit": ("Mystery",),
    "murder mystery": ("Mystery",), "detective story": ("Mystery",),
    "romance": ("Romance",), "romances": ("Romance",), "romantic": ("Romance",), "love story": ("Romance",),
    "love stories": ("Romance",), "chick flick": ("Romance",), "chick flicks": ("Romance",), "date night": ("Romance",),
    "romcom": ("Romance", "Comedy"), "romcoms": ("Romance", "Comedy"), "rom com": ("Romance", "Comedy"),
    "rom coms": ("Romance", "Comedy"), "romantic comedy": ("Romance", "Comedy"), "romantic comedies": ("Romance", "Comedy"),
    "sci fi": ("Sci-Fi",), "scifi": ("Sci-Fi",), "science fiction": ("Sci-Fi",), "sf": ("Sci-Fi",), "syfy": ("Sci-Fi",),
    "si fi": ("Sci-Fi",),
    "thriller": ("Thriller",), "thrillers": ("Thriller",), "suspense": ("Thriller",), "suspenseful": ("Thriller",),
    "tense": ("Thriller",), "thrilling": ("Thriller",), "edge of my seat": ("Thriller",), "edge of your seat": ("Thriller",),
    "war": ("War",), "wars": ("War",), "war movie": ("War",), "war film": ("War",), "war movies": ("War",), "war films": ("War",),
    "western": ("Western",), "westerns": ("Western",), "cowboy": ("Western",), "cowboys": ("Western",),
}

LANGUAGE_WORDS: dict[str, str] = {
    "english": "en", "french": "fr", "spanish": "es", "german": "de", "italian": "it", "japanese": "ja", "korean": "ko",
    "chinese": "zh", "mandarin": "zh", "cantonese": "cn", "hindi": "hi", "bollywood": "hi", "indian": "hi", "russian": "ru",
    "portuguese": "pt", "brazilian": "pt", "danish": "da", "swedish": "sv", "dutch": "nl", "persian": "fa", "iranian": "fa",
    "farsi": "fa", "thai": "th", "hebrew": "he", "israeli": "he", "polish": "pl", "turkish": "tr", "arabic": "ar",
    "norwegian": "no", "czech": "cs", "hungarian": "hu", "icelandic": "is",
}
LANGUAGE_NAMES: dict[str, str] = {
    "en": "English", "fr": "French", "es": "Spanish", "de": "German", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "zh": "Chinese", "cn": "Cantonese", "hi": "Hindi", "ru": "Russian", "pt": "Portuguese", "da": "Danish",
    "sv": "Swedish", "nl": "Dutch", "fa": "Persian", "th": "Thai", "he": "Hebrew", "pl": "Polish", "tr": "Turkish",
    "ar": "Arabic", "no": "Norwegian", "nb": "Norwegian", "cs": "Czech", "hu": "Hungarian", "is": "Icelandic",
    "id": "Indonesian", "ro": "Romanian", "ta": "Tamil", "te": "Telugu", "af": "Afrikaans", "xx": "no spoken language",
    "vi": "Vietnamese", "el": "Greek", "ky": "Kyrgyz", "ps": "Pashto", "sl": "Slovenian",
}

LENGTH_WORDS: dict[str, str] = {
    "long": "long", "lengthy": "long", "overlong": "long", "epic length": "long", "epics": "long", "drawn out": "long",
    "short": "short", "shorter": "short", "quick": "short", "shortish": "short", "bite sized": "short", "longer": "long",
    "length": "any", "runtime": "any", "run time": "any", "time limit": "any", "running time": "any", "how long": "any", "duration": "any",
    "length thing": "any", "time thing": "any",
}
AGE_WORDS: dict[str, str] = {
    "old": "old", "older": "old", "dated": "old", "old fashioned": "old", "old school": "old", "vintage": "old",
    "classic": "old", "classics": "old", "black and white": "old", "ancient": "old", "golden age": "old", "silent era": "old",
    "new": "new", "newer": "new", "newish": "new", "recent": "new", "recently": "new", "modern": "new", "contemporary": "new",
    "latest": "new", "newest": "new", "current": "new", "the age": "any", "how old": "any", "year limit": "any", "year filter": "any", "year range": "any",
    "year restriction": "any", "release year": "any", "year thing": "any", "year rule": "any", "year cutoff": "any", "date limit": "any", "date range": "any",
}

KEYWORD_SYNONYMS: dict[str, str] = {
    "heists": "heist", "bank robbery": "bank robbery", "bank heist": "heist", "zombies": "zombie", "vampires": "vampire",
    "aliens": "alien", "robots": "robot", "ai": "artificial intelligence", "superheroes": "superhero", "super hero": "superhero",
    "super heroes": "superhero", "spies": "spy", "time loop": "time loop", "time traveling": "time travel",
    "time travelling": "time travel", "time machine": "time travel", "true story": "based on true story",
    "true stories": "based on true story", "based on a true story": "based on true story", "based on a book": "based on novel",
    "based on a novel": "based on novel", "comic book": "based on comic book", "comics": "based on comic book",
    "video game": "based on video game", "video games": "based on video game", "ww2": "world war ii", "wwii": "world war ii",
    "world war 2": "world war ii", "second world war": "world war ii", "ww1": "world war i", "world war 1": "world war i",
    "serial killers": "serial killer", "hitmen": "hitman", "assassins": "assassin", "ghosts": "ghost", "witches": "witch",
    "dinosaurs": "dinosaur", "dragons": "dragon", "pirates": "pirate", "sharks": "shark", "dogs": "dog", "nazis": "nazis",
    "sports": "sport", "boxing": "boxer", "football": "american football", "coming of age": "coming of age", "road trips": "road trip",
    "twist": "twist", "plot twist": "twist", "mind bending": "surrealism", "surreal": "surrealism", "dystopian": "dystopia",
    "post apocalyptic": "post-apocalyptic", "apocalyptic": "apocalypse", "biopic": "biography", "biopics": "biography",
    "biographical": "biography", "courtroom": "court", "kung fu": "martial arts", "karate": "martial arts", "space travel": "space travel",
    "spaceships": "spaceship", "spaceship": "spaceship", "gore": "gore", "gory": "gore", "violence": "violence", "violent": "violence",
    "submarines": "submarine", "prisons": "prison", "prison break": "prison escape", "dark comedy": "dark comedy", "parody": "spoof",
    "spoofs": "spoof", "high school": "high school", "christmassy": "christmas", "xmas": "christmas", "cia": "cia", "fbi": "fbi",
    "haunted house": "haunted house", "slow": "slow", "gay": "gay", "queer": "lgbt", "strong female lead": "female protagonist",
    "female lead": "female protagonist", "hackers": "hacker", "hacking": "hacker", "detectives": "detective", "cops": "police",
    "cop": "police", "lawyers": "lawyer", "journalists": "journalist", "astronauts": "astronaut", "found footage": "found footage",
    "car chases": "car chase", "revenge": "revenge", "musicians": "musician", "wizards": "wizard", "samurais": "samurai",
}
"""Everyday words -> TMDB keyword. Those whose keyword the catalog lacks are passed over."""

NICKNAMES: dict[str, str] = {
    "lotr": "lord of the rings", "lotr trilogy": "lord of the rings", "t1": "the terminator", "t2": "terminator 2", "t3": "terminator 3", "esb": "empire strikes back",
    "rotj": "return of the jedi", "anh": "a new hope", "bttf": "back to the future", "tdk": "the dark knight", "tdkr": "the dark knight rises",
    "gotg": "guardians of the galaxy", "rotk": "the return of the king", "lotr 1": "the fellowship of the ring", "lotr 2": "the two towers",
    "lotr 3": "the return of the king", "cuckoos nest": "one flew over the cuckoos nest", "dr strangelove": "dr strangelove or how i learned to stop worrying and love the bomb",
    "tpm": "the phantom menace", "oceans 11": "oceans eleven", "oceans 12": "oceans twelve", "oceans 13": "oceans thirteen", "ep 4": "a new hope", "ep 5": "empire strikes back", "ep 6": "return of the jedi", "ep 1": "the phantom menace",
    "episode iv": "a new hope", "episode v": "empire strikes back", "episode vi": "return of the jedi", "episode i": "the phantom menace",
    "tgtbatu": "the good the bad and the ugly", "fmj": "full metal jacket", "rotla": "raiders of the lost ark",
    "willy wonka": "willy wonka and the chocolate factory", "sw": "star wars",
}
"""What fans call a film -> a folded name of it. Those whose film the catalog lacks are passed over."""

SMALL_WORDS = frozenset("the a an of and in on to for part".split())
GENERIC_TITLE_WORDS = frozenset(
    "movie movies film films story stories scary love comedy drama horror the a an american teen epic date disaster not another "
    "romantic documentary thriller western musical mystery sequel prequel remake original part chapter vol volume trilogy series".split()
)
EVERYDAY = frozenset(
    "it up her him us them me you i we he she they this that these those one two three what who how why when where which the a an "
    "go be big once ran next signs way out in on off over under best good bad great fine nice more less most some any all other "
    "new old long short something nothing anything everything someone somebody time day night life man woman men women boy girl "
    "kids friends home house family story movie film show and or but so not no yes yeah ok okay now then here there never always "
    "again see saw seen watch look take give get got have has had do does did make made want need like love hate think know feel "
    "first second third last few little much many other another same different dad mom wife husband brother sister son daughter "
    "after before since until about with without from by for to of at as if only just even also too very really please thanks thank "
    "hello hi hey sorry wait stop back down happy sad fun funny scary free right wrong real true false real deal work play cool hot "
    "super sure maybe tonight today tomorrow yesterday weekend summer winter holiday ever still while because people person thing "
    "things kind sort type bit lot lots stuff idea list name names star stars anyone wanted mine everyone fast slow quick smart "
    "weird strange crazy silly crime horror drama comedy action western musical fantasy romance thriller mystery war animation "
    "notes network rent fame hope change trust enough red blue black white blow spun hook gift duel safe "
    "my your his their our mine yours be been am are was were will would could should can cant dont didnt isnt doesnt wont "
    "accepted adventure animal beyond believe bored boring bound character class club college contact content control "
    "cool country crowd crush cure edge election end ending epic exam extra fan fans faves fav favs favorite favourite field fall "
    "following front game games general giant help helpful host hour hours idea instinct instructions interested interesting into "
    "job joke keen kid killer killing king knowing limit lookout lot m mask max maximum min tops matter miss missing moment "
    "monster mother neighbors news nowhere nuts number office others past perfect performance person plot point prefer pretty "
    "problem proof question questions quiet random reader ready relationship room rush sappy girlie subtitles school score "
    "sense sequel serious series shame singles soon sound sounds soundtrack style sweet table taste team together touch "
    "town trailer treat tree trip trouble truth type understand use used useful usual version view visit waiting walk wall water "
    "way ways week well whatever wild wish wit word words world worth year years young car cars box hunt train vacation stick "
    "meatballs lately later earlier less least longer longest shortest latest any anymore everybody nobody none picks im ive oh "
    "let if may o w merry christmas always made rest beginning boy conversation future hype separation impossible alive oscar queen "
    "bye goodbye ill id its hope enjoy awesome wonderful hmm mr us which yourself talking cast tell looking original amazing yep nope "
    "suggestion suggestions recommendation recommendations recommend suggest those them historical morning evening fantastic chatting "
    "thats theres whats lets heard going got having haha lol dear exactly actually definitely sounds welcome guy guys "
    "previews problem could shall might must whose both each every between during such youre theyre hes shes".split()
)
"""Words so common that alone, in lower case, they are not a title."""

NOT_KEYWORDS = frozenset(
    "love family friends friendship dream war crime comedy romance fantasy animation adventure musical suspense sex party "
    "secret money fight death music future relationship relationships single sister brother mother father daughter baby boy "
    "children travel success sport letter fear lie fire gun kiss killer hero escape holiday imax 3d sequel remake independent film "
    "woman director best friend individual youth summer winter partner evil general agent bar general vision faith hospital "
    "beach chase battle mission neighbor government writer author training village court lovers church school train car bridge "
    "river mask gold freedom bible sun moon general hope trust star night day man woman men women girl world life time home "
    "house work job story help old new game show film movie reality suspicion memory power king queen change run past game "
    "duringcreditsstinger aftercreditsstinger nudity blood jealousy rescue mind trailer class birthday snow fall mother "
    "deal light office cage date treasure legend book theater theatre cinema brain audience energy scene writing language wife husband son girlfriend boyfriend kid kids english french usa stranger actor actress director cult classic drama thriller horror western mystery".split()
)
"""Keywords too everyday to be meant when a person writes the bare word."""

ONES = {w: n for n, w in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty".split())}
TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6,
    "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8, "ninth": 9, "9th": 9, "tenth": 10, "10th": 10,
}
DECADE_WORDS = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
    "eighties": 1980, "nineties": 1990, "noughties": 2000, "two thousands": 2000, "aughts": 2000,
}
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}

LIMITS_BEFORE = {
    "year": {
        "max": "before|pre|prior to|older than|earlier than|until|till|up to|at most|max",
        "min": "after|post|newer than|later than|more recent than|since|at least|min",
    },
    "runtime": {
        "max": "under|below|less than|shorter than|up to|within|at most|max|maximum",
        "min": "over|above|beyond|more than|longer than|at least|min|minimum",
    },
    "years": {
        "max": "older than|more than|over|at least",
        "min": "newer than|less than|under|within|at most|max|in the last|in the past|from the last|from the past",
    },
}
"""What, right before a number, says on which side of it the films shall lie. More years back is an earlier year."""
LIMITS_AFTER = {
    "year": {
        "max": "or before|(?:or|and) (?:earlier|older)(?! than)|max|at the latest",
        "min": "or after|(?:or|and) (?:later|newer|onwards?|on|up)(?! than| to)|onwards?|on(?= *(?:$|[.,;!?]))|min|at the earliest",
    },
    "runtime": {
        "max": "max|maximum|tops|at most|or (?:less|shorter|under)(?! than)",
        "min": "min|minimum|at least|plus|(?:or|and) (?:more|longer|over|up)(?! than| to)",
    },
    "years": {"max": "or (?:more|older)", "min": "or (?:less|newer)"},
}
EXCLUSIVE = frozenset({"before", "pre", "prior to", "older than", "earlier than", "after", "post", "newer than", "later than", "more recent than"})
"""Words of LIMITS_BEFORE that leave out the year they name."""
_NEGATED = re.compile(
    r"\b(?:not|no|nothing|none|never|without)(?: (?:anything|any|made|from|released|movies|films|stuff|much|way))*[ -]*$")
_DENIED = re.compile(r"n['’]t\b|\b(?:not|no|nothing|none|never|without|dont|cant|cannot|wont|mustnt|shouldnt|skip|exclude|avoid|leave out|hate)\b")
_ABOUT = r"[ -]*(?:(?:the )?year |about |around |like )?$"

NUMBER_WORD = r"(?:\d+(?:\.\d+)?|" + "|".join(sorted((*ONES, *TENS, "a", "an"), key=len, reverse=True)) + r")"


def number(text: str) -> float | None:
    """The value of "12", "1.5", "ninety", "twenty five" or "an" (1); None when it is not a number."""
    total = 0.0
    for word in text.lower().replace("-", " ").split():
        if re.fullmatch(r"\d+(\.\d+)?", word):
            total += float(word)
        elif word in ONES or word in TENS:
            total += ONES.get(word, TENS.get(word, 0))
        elif word in ("a", "an"):
            total += 1
        else:
            return None
    return total if text.strip() else None


def limit(kind: str, before: str, after: str) -> tuple[str, bool] | None:
    """("max" or "min", whether the number itself is left out) as the words right beside a number of `kind` state it,
    "not older than" turned round; None where they do not, or where a denial further off may turn them round:
    then it takes understanding."""
    before, after = before.lower(), after.lower()
    clause = re.split(r"[.,;!?\n]|\bbut\b|\band\b", before)[-1]
    if re.search(rf"\bbetween{_ABOUT}", before) or re.search(r"\bfrom $", before) and re.match(r" (?:to|until|till) [\d'’]", after):
        return None if _DENIED.search(clause) else ("min", False)
    if re.match(r" ?(?:to|-|–) ?['’]?\d", after) and kind != "years":
        return None if _DENIED.search(clause) else ("min", False)
    if re.search(r"\d ?(?:to|-|–) ?$", before) and kind != "years":
        return None if _DENIED.search(clause) else ("max", False)
    if re.search(r"\b(?:between|from) [^.,;!?]{1,18} (?:and|to) $", before):
        return None if _DENIED.search(before) else ("max", False)
    for side, other in (("max", "min"), ("min", "max")):
        if cue := re.search(rf"\b({LIMITS_BEFORE[kind][side]}){_ABOUT}", clause):
            rest = clause[: cue.start()]
            if _NEGATED.search(rest):
                return other, False
            return None if _DENIED.search(rest) else (side, cue[1] in EXCLUSIVE)
        if re.match(rf" ?(?:{LIMITS_AFTER[kind][side]})\b", after):
            return None if _DENIED.search(clause) else (side, False)
    return None


_AVOIDED = re.compile(r"\b(?:not|nothing|no)(?: (?:anything|be|that is|thats))*(?: (?:too|very|so|that|overly|all that))? $")
_WANTED = re.compile(r"(?:^|\b(?:something|anything|preferably|rather|make it|keep it|but|and) )(?:(?:a bit|a little|bit|more|rather|much) )?$")
_WANTED_AFTER = re.compile(r"^(?:\W*$|[.,;!?\n]| (?:please|pls|ones?|films?|movies?|stuff|then|maybe|perhaps|if possible|this time|and|but|from|with)\b)")


def vague(before: str, after: str) -> str | None:
    """"avoid" ("nothing too long") or "want" ("something newer", not "older people") as the words right beside a word of length or age
    say it; None where they do not."""
    clause = re.split(r"[.,;!?\n]", before.lower().replace("'", ""))[-1].lstrip()
    if _AVOIDED.search(clause):
        return "avoid"
    wanted = _WANTED.search(clause) and _WANTED_AFTER.search(after.lower()) and not _DENIED.search(clause)
    return "want" if wanted else None


def fold(text: str) -> str:
    """`text` lower-cased, without accents and apostrophes, "&" as "and", other punctuation as spaces."""
    text = unicodedata.normalize("NFKD", text.lower().replace("&", " and "))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=\w)['’`](?=\w)", "", text)
    return " ".join(re.findall(r"\w+", text))


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Plain English words (see data/README.md): an unknown word near a title's is a misspelling, these are not."""
    packed = files("assistant").joinpath("data/english.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))
