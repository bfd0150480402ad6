"""One message + the state -> a StateChange.

The linker finds spans, the model labels them (`reading`), and this module spells out what
those labels mean for the profile: "length: avoid" on "long" is a limit of 120 minutes. What
cannot be applied as it stands (two films of one name, a title not in the catalog, a message
that was not understood) becomes a Question; it is never applied by guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from assistant import chinese_lexicon, lexicon, options, reading
from assistant.lexicon import LANGUAGE_NAMES
from assistant.linking import Linker
from assistant.llm.engine import Engine
from assistant.reading import Reading
from assistant.spans import Span
from assistant.state import DialogueState, Question, StateChange, Topic
from store.records import FEATURE_KINDS, ITEM, Preference

TASTE_VALUES = {"love": 1.0, "like": 0.8, "dislike": -0.8, "hate": -1.0}
WISH_VALUES = {"want": 1.0, "only": 1.0, "avoid": -1.0, "similar": 1.0, "seen": 0.0, "skip": 0.0}
WANT_ITEM_VALUE = 0.5
"""Wanting to see a film says less about taste than having loved it."""

SHORT, NOT_LONG, LONG, NOT_SHORT = 100, 120, 140, 100
RECENT_YEARS, NOT_OLD, OLD, NOT_NEW = 6, 1990, 1979, 1999
"""What the vague words mean, in minutes and years; said back in the label of the limit."""

SURE = 0.8
"""An edit whose label and act are both right with less than this probability is not applied but asked about: as much as asks about
no plain message ("more like the second one" is read with 0.85; docs/LOG.md, "Asking instead of guessing")."""

SURER = 0.95
"""The same for undo and reset, which take away what was said before ("ignore your instructions" was read as an undo at 0.77), and for
a yes to a question of doubt that no plain word says ("more" was read as one at 0.82)."""

ACT_OF_ROLE = {"like": "like", "dislike": "dislike", "seen": "seen", "similar": "want", "want": "want", "only": "want",
               "avoid": "avoid", "skip": "avoid", "max": "constrain", "min": "constrain"}
ASKING = frozenset(
    {"why", "why_not", "compare", "depends", "matters", "sure", "drift", "ask", "profile", "chat", "help", "unclear"}
)
"""Acts that edit nothing unless the message also tells something."""
ABOUT_FILMS = ("why", "why_not", "compare", "depends", "matters", "sure", "ask")
"""Acts in which a film is asked about, whatever else is said of it."""
EXCEPTING = ("want", "only", "avoid")
"""Labels between which the words "all but ..." decide, whatever was read."""
OF_OTHER_LANGUAGES = {
    "want": "avoid", "only": "avoid", "like": "avoid", "love": "avoid", "avoid": "only", "dislike": "only", "hate": "only",
}
"""What is said of "foreign" or "subtitled" films, said of English ones: "I hate subtitles" leaves only those."""
NUMBERS = ("year", "runtime", "years")
COMPARATIVES = frozenset({"newer", "older", "shorter", "longer"})
"""Words of length and age that ask for a change of the picks where they stand alone or after "something"."""
ITEM_KINDS = ("film", "pick", "words")
ACKNOWLEDGED = re.compile(
    r"(?:ok(?:ay)?|k|fine|right|i see|got it|thanks?|thank you|cool|good|nice|great|h+m+|aha|interesting|好的?|好吧|嗯+|哦+|知道了|明白了?|谢谢)"
    r"[\s.!~。！]*"
)
"""Words that take note of a what-if's answer, and do not ask for it to be made real."""
_YES = r"(?:(?:ok(?:ay)?|y|yes|yeah|yep|yup|sure|right|correct|exactly|well)[\s,.!]+)*"
_PLEASE = r"(?:[\s,]+(?:please|pls|then|now|thanks|thank you))*"
CONFIRMED = {
    "suppose": re.compile(rf"{_YES}(?:please )?(?:go ahead(?: and)? )?(?:do (?:that|it|so)|let['’]?s do (?:that|it)|make it so|go ahead){_PLEASE}|(?:好的?|嗯|行|可以)?[，, ]?(?:那)?(?:就)?(?:这么办|这样办|照办|照做|这么做)吧?"),
    "unsure": re.compile(rf"{_YES}(?:y|yes|yeah|yep|yup|sure|right|correct|exactly){_PLEASE}|(?:嗯+|是|是的|对|对的|没错|是这样|就是|正是)(?:[，, ]?(?:是|是的|对|对的|没错))*(?:啊|呀|吧)?"),
}
"""Words that make a what-if real, and that say yes to a question of doubt: the replies we put forward, and ways to write them."""
MORE = re.compile(r"(?:(?:show|give) me )?(?:some )?(?:more|others)(?: (?:please|pls))?[.!]*|(?:再来|更多|还有吗|再来几部|换一批)[。！？!?]*")
"""Words that ask for more picks, whatever question was left open."""
DECLINED = re.compile(
    r"(?:(?:no|nope|nah|not that|not really|don['’]?t|do not|leave it)(?: do (?:that|it))?(?:[\s,.!]+(?:no|nope|nah|thanks|thank you|please|not that|leave it))*)|"
    r"不+|不是的?|不对|不要|不用了?|不必了?|没有|算了|别"
)
"""Words that say no to either."""
WISHES = ("want", "similar")
"""Roles that are of the present request, and end with it; limits stay until they are withdrawn."""
SUBJECTS = frozenset({"person", "keyword", "text"})
"""Kinds of a wish that ends an older one for "something like" a film, and nothing else."""
ALSO = re.compile(r"\b(?:also|too|as well|plus|still)\b|也|还要|再加")
GOING_ON = re.compile(r"^\W*(?:(?:ok(?:ay)?|yes|yeah|hmm+)\W+)?(?:and|but|with|only|preferably|ideally)\b|\b(?:maybe|but)\b|^(?:但|不过|要有|最好|有)")
"""Words by which a wish for a person or a theme adds to "something like" a film: "but with Tom Hanks"."""


def understand(text: str, state: DialogueState, linker: Linker, engine: Engine | None, sure: float = SURE) -> StateChange:
    """What `text` means in `state`. Proposes; stores nothing. sure: see `interpret`.

    Without an engine nothing can be read, which is the "unclear" question. Raises
    ReadingError or EngineError when the model fails. What the words settle, a choice offered last or a yes, is not read by the model.
    """
    if engine is None or not text.strip():
        return StateChange("unclear", ("unclear",), questions=(Question("unclear", text),))
    if state.offered and (chosen := options.answered(text, state.offered, state.profile)):
        return chosen
    if state.pending and state.slate and MORE.fullmatch(text.strip().lower()):
        return interpret(text, Reading("more", None, ()), (), state, linker, sure)
    if state.pending and (settled := _yes_or_no(text, state.pending)):
        return interpret(text, Reading("accept", None, ()), (), state, linker, sure) if settled == "yes" else StateChange("reject", ("reject",))
    spans = linker.link(text, state)
    return interpret(text, reading.read(engine, text, spans, state.last), spans, state, linker, sure)


def _yes_or_no(text: str, question: Question) -> str | None:
    """"yes" or "no" where a message is nothing but that, said to what waits for it; else None."""
    said = text.strip().lower().strip(" .!~。！，,")
    if question.kind not in CONFIRMED:
        return None
    return "yes" if CONFIRMED[question.kind].fullmatch(said) else "no" if DECLINED.fullmatch(said) else None


def interpret(
    text: str, read: Reading, spans: tuple[Span, ...], state: DialogueState, linker: Linker, sure: float = SURE
) -> StateChange:
    """The StateChange that a reading of a message stands for. sure: what is less certain is asked about; 0 believes everything."""
    return _Interpreter(text, read, spans, state, linker, sure).change()


@dataclass(slots=True)
class _Interpreter:
    text: str
    read: Reading
    spans: tuple[Span, ...]
    state: DialogueState
    linker: Linker
    sure: float = SURE
    added: list[Preference] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    doubted: set[tuple[str, str]] = field(default_factory=set)

    def change(self) -> StateChange:
        if taken_back := self._doubtful_taking_back():
            return StateChange("unclear", ("unclear",), questions=(Question("unsure", self.text, act=taken_back),))
        for place, (span, label) in enumerate(zip(self.spans, self.read.labels)):
            if label == "none" and self._edits and span.text.lower() in COMPARATIVES and self._worded_vague(span) == "want":
                label = "want"  # "not these, something newer": there is nothing else that it could mean
            if label != "none":
                before = len(self.added)
                self._span(place, span, label)
                if self._is_doubtful(place, span, label):
                    self.doubted.update(p.subject for p in self.added[before:])
        self._answer_to_pending()
        if self.read.act == "wrong" and (self.added or self.dropped):  # it is said what is right instead
            self.read = replace(self.read, act="tell")
        if "reject" in self._acts and not self.spans and not self.state.asked:
            self.added += [self._item(r.item.id, "skip") for r in self.state.slate]
        act = self._main_act()
        if act == "what_if":
            return self._hypothesis()
        if not self._edits:
            self.added, self.dropped = [], []
        if act == "unclear" and not self.questions:
            self.questions.append(Question("unclear", self.text))
        self._ask_about_doubts()
        added = _last_of_each(self.added)
        acts = tuple(dict.fromkeys(act if a == "tell" else a for a in self._acts))
        return StateChange(act, acts, added, self._removed(added), tuple(self.topics), questions=tuple(self.questions))

    def _is_doubtful(self, place: int, span: Span, label: str) -> bool:
        """Whether what is said of a span, or that anything is told at all, was read with too little certainty; what words say is not."""
        if not self.read.certain or self._worded_side(span) or self._all_but(span, label) or self._worded_vague(span) == label:
            return False
        return self.read.certain[0] * self.read.certain[2 + place] < self.sure

    def _doubtful_taking_back(self) -> str | None:
        """An undo or reset that was read with too little certainty."""
        if not self.read.certain or not self.sure:
            return None
        acts = zip((self.read.act, self.read.second), self.read.certain[:2])
        return next((act for act, certain in acts if act in ("undo", "reset") and certain < SURER), None)

    @property
    def _acts(self) -> tuple[str, ...]:
        return tuple(a for a in (self.read.act, self.read.second) if a)

    @property
    def _edits(self) -> bool:
        return any(a not in ASKING for a in self._acts)

    # spans

    def _span(self, place: int, span: Span, label: str) -> None:
        if span.kind == "rating":
            return
        if span.kind in ITEM_KINDS:
            self._item_span(place, span, label)
        elif span.kind in FEATURE_KINDS:
            self._feature_span(span, label)
        else:
            self._bound_span(span, label)

    def _item_span(self, place: int, span: Span, label: str) -> None:
        role, value = self._role(place, label)
        if span.kind == "words" and label in ("want", "only", "avoid") and self._is_free_text(span):
            self.added.append(Preference("text", span.text.lower(), f'"{span.text}"', role, WISH_VALUES[role]))
        elif not span.refs:
            if span.kind != "pick":
                nearest = tuple(self.linker.nearest_titles(span.text))
                self.questions.append(Question("nearest", span.text, nearest, role, value, self.read.act))
        elif len(span.refs) > 1 and span.kind == "film":
            candidates = tuple(int(r) for r in span.refs)
            self.questions.append(Question("which", span.text, candidates, role, value, self.read.act))
        else:
            for ref in span.refs:
                self._named_item(int(ref), label, role, value)

    def _is_free_text(self, span: Span) -> bool:
        """Lower-case words that match keywords are a description; anything else may be a title."""
        return not span.text[:1].isupper() and len(self.linker.catalog.search_text(span.text)[0]) > 0

    def _named_item(self, item_id: int, label: str, role: str | None, value: float) -> None:
        item = self.linker.catalog.item(item_id)
        if label == "topic" or self.read.act in ABOUT_FILMS and label == "drop":
            self.topics.append(Topic(ITEM, str(item_id), item.name))
        elif label == "drop":
            self.dropped.append((ITEM, str(item_id)))
        else:
            self.added.append(Preference(ITEM, str(item_id), item.name, role, value))
        if label != "topic" and self.read.act in (*ABOUT_FILMS, "accept"):
            self.topics.append(Topic(ITEM, str(item_id), item.name))

    def _item(self, item_id: int, role: str, value: float = 0.0) -> Preference:
        return Preference(ITEM, str(item_id), self.linker.catalog.item(item_id).name, role, value)

    def _role(self, place: int, label: str) -> tuple[str | None, float]:
        """The profile role of a label on a film, and its strength; a rating beside the film gives its number."""
        if label in TASTE_VALUES:
            rating = self._rating_of(place)
            if rating is not None:
                return ("like", rating / 10) if rating >= 6 else ("dislike", rating / 10 - 1)
            return ("like" if TASTE_VALUES[label] > 0 else "dislike"), TASTE_VALUES[label]
        if label in ("topic", "drop"):
            return None, 0.0
        return label, WANT_ITEM_VALUE if label == "want" else WISH_VALUES[label]

    def _rating_of(self, place: int) -> float | None:
        """The rating that belongs to the film at `place`: the nearest film before a rating owns it, else the next one."""
        films = [n for n, s in enumerate(self.spans) if s.kind in ITEM_KINDS]
        for n, span in enumerate(self.spans):
            if span.kind == "rating" and self.read.labels[n] == "rate":
                before = [f for f in films if f < n]
                owner = before[-1] if before else next((f for f in films if f > n), None)
                if owner == place:
                    return span.value
        return None

    def _feature_span(self, span: Span, label: str) -> None:
        refs = span.refs
        label = self._all_but(span, label) or label
        if span.kind == "language" and refs == ("!en",):
            refs, label = ("en",), OF_OTHER_LANGUAGES.get(label, label)
        if label in ("avoid", "dislike", "hate") and len(refs) > 1:
            refs = refs[:1]
        for ref in refs:
            shown = LANGUAGE_NAMES.get(ref, ref) if span.kind == "language" else ref
            if label == "topic":
                self.topics.append(Topic(span.kind, ref, shown))
            elif label == "drop":
                self.dropped.append((span.kind, ref))
            elif label in TASTE_VALUES:
                value = TASTE_VALUES[label]
                self.added.append(Preference(span.kind, ref, shown, "like" if value > 0 else "dislike", value))
            else:
                role = "want" if label == "only" and len(refs) > 1 else label
                self.added.append(Preference(span.kind, ref, shown, role, WISH_VALUES[role]))

    def _all_but(self, span: Span, label: str) -> str | None:
        """"avoid" or "only" where the words around a feature say that all but it is meant, and the label is near that."""
        if span.kind not in FEATURE_KINDS or label not in EXCEPTING:
            return None
        return chinese_lexicon.exception(self.text[: span.start], self.text[span.end :])

    # limits

    def _bound_span(self, span: Span, label: str) -> None:
        kind = "runtime" if span.kind in ("runtime", "length") else "year"
        if label == "drop":
            self.dropped += [(kind, "max"), (kind, "min")]
            return
        low, high = self._limits(span, label)
        if low is not None:
            self.added.append(bound(kind, "min", low))
        if high is not None:
            self.added.append(bound(kind, "max", high))

    def _limits(self, span: Span, label: str) -> tuple[float | None, float | None]:
        newest = int(self.linker.catalog.year.max())
        if span.kind in ("length", "age"):
            word = span.refs[0]
            vague = {
                ("short", "want"): (None, SHORT), ("long", "avoid"): (None, NOT_LONG), ("long", "want"): (LONG, None),
                ("short", "avoid"): (NOT_SHORT, None), ("old", "avoid"): (NOT_OLD, None), ("old", "want"): (None, OLD),
                ("new", "want"): (newest - RECENT_YEARS, None), ("new", "avoid"): (None, NOT_NEW),
            }
            return vague.get((word, label), (None, None))
        number = span.value or 0
        if span.kind == "years":
            number = newest - number
        side, exclusive = self._worded_side(span) or (label, False)
        if side == "at":
            return (number - 10, number + 10) if span.kind == "runtime" else (number, number)
        if exclusive and span.kind == "year":
            number += 1 if side == "min" else -1
        return (number, None) if side == "min" else (None, number)

    def _worded_side(self, span: Span) -> tuple[str, bool] | None:
        """("min" or "max", exclusive) where the words beside a number say it, whatever the label."""
        if span.kind not in NUMBERS:
            return None
        beside = span.kind, self.text[: span.start], self.text[span.end :]
        return lexicon.limit(*beside) or chinese_lexicon.limit(*beside)

    def _worded_vague(self, span: Span) -> str | None:
        """The label of "long", "new" and the like where the words beside it say it."""
        if span.kind not in ("length", "age"):
            return None
        before, after = self.text[: span.start], self.text[span.end :]
        return lexicon.vague(before, after) or chinese_lexicon.vague(before)

    # the message as a whole

    def _answer_to_pending(self) -> None:
        """Names, positions, or a yes that answer the question asked last: what waited is applied to the chosen film."""
        pending = self.state.pending
        if pending and pending.kind == "suppose" and ACKNOWLEDGED.fullmatch(self.text.strip().lower()):
            return
        if pending and pending.kind in ("unsure", "suppose") and self.read.act == "accept" and not self.added:
            if self.sure and self.read.certain and self.read.certain[0] < SURER:
                self.read = replace(self.read, act="unclear")
                return
            self.added += pending.proposed
            self.dropped += [p.subject for p in pending.withdrawn]
            self.read = replace(self.read, act=pending.act or "tell")
            return
        if pending is None or not pending.candidates or self.read.act in ASKING or self.read.act == "what_if":
            return
        named = [p.item_id for p in self.added if p.kind == ITEM] + [t.item_id for t in self.topics if t.kind == ITEM]
        chosen = [n for n in named if n in pending.candidates]
        if not chosen and pending.role and self.read.act in ("tell", "accept", "reject"):
            chosen = [t.item_id for t in self.topics if t.kind == ITEM]
            chosen += [p.item_id for p in self.added if p.kind == ITEM and p.role == "want"]
        if not chosen and self.read.act == "accept" and (pending.kind == "nearest" or len(pending.candidates) == 1):
            chosen = [pending.candidates[0]]
        for item_id in dict.fromkeys(chosen):
            own = next((p for p in self.added if p.item_id == item_id and p.role not in ("want", "skip")), None)
            if pending.role and own is None:
                self.added = [p for p in self.added if p.item_id != item_id]
                self.added.append(self._item(item_id, pending.role, pending.value))
            self.topics = [t for t in self.topics if t.item_id != item_id]
            if pending.role is None:
                self.topics.append(Topic(ITEM, str(item_id), self.linker.catalog.item(item_id).name))
        if chosen:
            self.questions = [q for q in self.questions if q.kind == "unclear" and not chosen]
            self.read = replace(self.read, act=pending.act if pending.act and pending.role is None else "tell")

    def _ask_about_doubts(self) -> None:
        """What was read with too little certainty waits for a yes."""
        doubtful = tuple(p for p in _last_of_each(self.added) if p.subject in self.doubted)
        if doubtful:
            self.added = [p for p in self.added if p.subject not in self.doubted]
            films = tuple(p.item_id for p in doubtful if p.item_id is not None)
            self.questions.append(Question("unsure", self.text, films, proposed=doubtful))

    def _main_act(self) -> str:
        act = self.read.act
        if act != "tell":
            return act
        if self.added:
            return ACT_OF_ROLE[self.added[0].role]
        if self.questions:
            return ACT_OF_ROLE.get(self.questions[0].role or "", "ask")
        if self.dropped:
            return "constrain"
        if self.topics:
            return "ask"
        return "unclear"

    def _hypothesis(self) -> StateChange:
        """What is dropped or said is the supposition; a topic is one only where nothing else was ("what about Heat?")."""
        known = {p.subject: p for p in self.state.profile}
        unliked = [p for p in self.added if _only_unlikes(p, known.get(p.subject))]
        without = [*self.dropped, *(p.subject for p in unliked)]
        supposed = [p for p in self.added if p not in unliked]
        if contrary := next((p for p in supposed if any(q.subject == p.subject and q.value * p.value < 0 for q in supposed)), None):
            self.questions.append(Question("contrary", contrary.label))
            return StateChange("what_if", ("what_if",), topics=tuple(self.topics), questions=tuple(self.questions))
        for topic in self.topics if not (without or supposed) else ():
            subject = (topic.kind, topic.ref)
            if subject in known:
                without.append(subject)
            else:
                value = WISH_VALUES["want"] if topic.kind != ITEM else TASTE_VALUES["like"]
                supposed.append(Preference(topic.kind, topic.ref, topic.label, "like", value))
        unsupposed = tuple(known.get(s) or self._unknown(s) for s in dict.fromkeys(without))
        if not (supposed or unsupposed or self.questions):
            self.questions.append(Question("unclear", self.text))
        return StateChange("what_if", ("what_if",), supposed=_last_of_each(supposed), unsupposed=unsupposed,
                           topics=tuple(self.topics), questions=tuple(self.questions))

    def _unknown(self, subject: tuple[str, str]) -> Preference:
        """A subject the person wants left out that the profile does not hold: named, so that the answer can say so."""
        kind, ref = subject
        label = self.linker.catalog.item(int(ref)).name if kind == ITEM else LANGUAGE_NAMES.get(ref, ref)
        return Preference(kind, ref, label, "skip", 0.0)

    def _removed(self, added: tuple[Preference, ...]) -> tuple[Preference, ...]:
        """What leaves the profile: withdrawn by name, replaced by a new word on the same subject, or an older wish that a new one
        takes the place of.

        A genre, or "something like" a film that is not on screen, is a new request: all older wishes go ("something scary" after
        "something funny from the 90s"). "More like number 3" goes on from the picks: an older "something like" goes, the genre
        they were asked for stays. A person or a theme ends an older "something like" too, unless it is worded as an addition
        ("but with Tom Hanks"). Whatever else is wished for narrows, and takes the place of wishes of its kind only; so does what
        is chosen of a kind that was just asked about. "Also" keeps everything, and limits stay in any case.
        """
        subjects = {p.subject for p in added}
        offered = {p.kind for p in self.state.offered.proposed} if self.state.offered else set()
        new = [p for p in added if p.role in WISHES and p.kind not in offered] if self.read.act in ("tell", "recommend") else []
        kinds, on_screen = {p.kind for p in new}, {r.item.id for r in self.state.slate}
        anew = any(p.kind == "genre" or p.kind == ITEM and p.item_id not in on_screen for p in new)
        ends_likes = bool(kinds & SUBJECTS) and not GOING_ON.search(self.text.lower())
        also = ALSO.search(self.text.lower())

        def is_stale(p: Preference) -> bool:
            return p.role in WISHES and not also and (anew or p.kind in kinds or ends_likes and p.role == "similar")

        return tuple(p for p in self.state.profile if p.subject in subjects or p.subject in self.dropped or is_stale(p))


def _only_unlikes(supposed: Preference, held: Preference | None) -> bool:
    """Whether a supposition says no more than that a liking were not there: "what if I didn't like Heat" of one who does."""
    mild = supposed.role == "avoid" or supposed.role == "dislike" and supposed.value > TASTE_VALUES["hate"]
    return mild and held is not None and held.value > 0


def bound(kind: str, role: str, value: float) -> Preference:
    """A limit on year or runtime, labelled as a person would say it."""
    number = f"{value:.0f}"
    if kind == "runtime":
        label = f"at {'most' if role == 'max' else 'least'} {number} minutes"
    else:
        label = f"from {number} or {'earlier' if role == 'max' else 'later'}"
    return Preference(kind, role, label, role, float(value))


def _last_of_each(preferences: list[Preference]) -> tuple[Preference, ...]:
    """One preference a subject: the last thing said about it in the message."""
    return tuple({p.subject: p for p in preferences}.values())
