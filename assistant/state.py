"""The dialogue state: what is known, what was shown, what is being asked.

`understand` proposes a StateChange; `conversation` applies it through the store.
Nothing here knows the language model or how scores are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from store.records import BOUND_KINDS, ITEM, TASTES, Asked, Preference, Recommendation

ACTS = (
    "recommend", "more", "like", "dislike", "seen", "want", "avoid", "constrain",
    "why", "why_not", "what_if", "compare", "depends", "matters", "sure", "drift", "wrong",
    "ask", "profile", "undo", "reset", "accept", "reject", "chat", "help", "unclear",
)
"""What a message can be understood as. The preference acts (like ... constrain) name
a message that only states preferences, by its first one. depends: what a pick hangs on; matters: which
entries count most; sure: how sure the assistant is; drift: whether the taste has changed; wrong: a reason is contested."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The current view of one person's preference log, oldest first, one entry a subject."""

    user: str
    preferences: tuple[Preference, ...] = ()

    def __iter__(self) -> Iterator[Preference]:
        return iter(self.preferences)

    def __len__(self) -> int:
        return len(self.preferences)

    def get(self, subject: tuple[str, str]) -> Preference | None:
        """The preference about `subject` (kind, ref), or None."""
        return next((p for p in self.preferences if p.subject == subject), None)

    @property
    def items(self) -> tuple[Preference, ...]:
        return tuple(p for p in self.preferences if p.kind == ITEM)

    @property
    def bounds(self) -> tuple[Preference, ...]:
        """Year and runtime limits."""
        return tuple(p for p in self.preferences if p.kind in BOUND_KINDS)

    @property
    def tastes(self) -> tuple[Preference, ...]:
        return tuple(p for p in self.preferences if p.role in TASTES)

    def with_changes(
        self, added: tuple[Preference, ...] = (), removed: tuple[Preference, ...] = ()
    ) -> Profile:
        """The profile as it would be: what a what-if is asked of. Nothing is stored."""
        gone = {p.subject for p in (*added, *removed)}
        kept = tuple(p for p in self.preferences if p.subject not in gone)
        return Profile(self.user, kept + added)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a question is about: an item (`kind` "item", ref its id) or a feature of the catalog."""

    kind: str
    ref: str
    label: str

    @property
    def item_id(self) -> int | None:
        return int(self.ref) if self.kind == ITEM else None


@dataclass(frozen=True, slots=True)
class Question:
    """What the assistant needs to know before it can apply something.

    kind: "which" (several films of one name), "nearest" (a title not in the catalog, with the
        nearest ones that are), "unsure" (something was read with too little certainty to apply it unasked),
        "suppose" (a what-if was answered, and may be made real), "contrary" (a what-if supposes opposite things), "unclear" (the message
        was not understood), or "prefer" (which of some kinds of film is wanted, asked beside picks: nothing waits for the answer).
    span: the words of the person it is about.
    candidates: item ids to choose from, best guess first; empty for "unclear".
    role, value, act: what will be applied to the chosen item, and answered about it.
    proposed, withdrawn: of an "unsure" or "suppose" one, what a yes puts into the profile and takes out of it. Of a "prefer" one,
        proposed are the options.
    """

    kind: str
    span: str = ""
    candidates: tuple[int, ...] = ()
    role: str | None = None
    value: float = 0.0
    act: str | None = None
    proposed: tuple[Preference, ...] = ()
    withdrawn: tuple[Preference, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """What one message was understood as, and what it changes.

    act: the main act, one of ACTS; acts: all of them in the order they are carried out.
    added: preferences put into the profile. removed: preferences taken out of it
        (withdrawn, undone, or replaced by one in `added`).
    topics: what a question is about, in the order named.
    supposed, unsupposed: what a what-if adds and leaves out; never stored.
    questions: what has to be asked back; that part of the message was not applied.
    """

    act: str
    acts: tuple[str, ...] = ()
    added: tuple[Preference, ...] = ()
    removed: tuple[Preference, ...] = ()
    topics: tuple[Topic, ...] = ()
    supposed: tuple[Preference, ...] = ()
    unsupposed: tuple[Preference, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def is_edit(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Everything a message is read against.

    slate: the picks shown last in this conversation, best first; shown: every item id shown in it.
    focus: the item talked about last, what "it" means. pending: the question asked last, if unanswered.
    last: what the assistant did last: "start", "picks", "answer" (explained something), "which",
        "nearest", "unclear", "profile", "chat". preferred: the "prefer" questions asked in this conversation, oldest first.
    """

    user: str
    conversation_id: int
    profile: Profile
    slate: tuple[Recommendation, ...] = ()
    shown: frozenset[int] = field(default_factory=frozenset)
    focus: int | None = None
    pending: Question | None = None
    last: str = "start"
    preferred: tuple[Asked, ...] = ()

    @property
    def asked(self) -> Question | None:
        """The pending question, if something waits for its answer: what a "do that" would make real is none, and the choice
        offered beside picks may be passed over."""
        return self.pending if self.pending and self.pending.kind not in ("suppose", "prefer") else None

    @property
    def offered(self) -> Question | None:
        """The choice offered beside the picks, if that was the last thing said."""
        return self.pending if self.pending and self.pending.kind == "prefer" else None
