"""The profile log: what shows, what an undo reverses, what a replay gives."""

import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.conversations import Conversations
from store.errors import InvalidPreference, UnknownRecord
from store.profiles import Profiles, active, visible
from store.records import Preference
from store.verify import verify

HEAT = Preference("item", "6", "Heat (1995)", "like", 1.0)
SCI_FI = Preference("genre", "Sci-Fi", "Sci-Fi", "like", 0.7)
HORROR = Preference("genre", "Horror", "Horror", "avoid", -1.0)
SHORT = Preference("runtime", "max", "at most 120 minutes", "max", 120.0)


class Talk:
    """One user's words and what they did, on the small catalog."""

    def __init__(self, database, user="ann"):
        self.profiles, self.conversations, self.user = Profiles(database), Conversations(database), user
        self.conversation = self.conversations.start(user)

    def say(self, text="..."):
        return self.conversations.add_message(self.conversation, "user", text).id

    def add(self, *preferences, text="..."):
        return self.profiles.add(self.user, self.say(text), preferences)

    def remove(self, *subjects):
        return self.profiles.remove(self.user, self.say("remove"), subjects)

    def undo(self):
        return self.profiles.undo(self.user, self.conversation, self.say("undo"))

    def redo(self):
        return self.profiles.redo(self.user, self.conversation, self.say("redo"))

    def anew(self):
        self.say("...")
        self.conversation = self.conversations.start(self.user)
        return self

    @property
    def shown(self):
        return [(p.label, p.role) for p in self.profiles.view(self.user, self.conversation)]


@pytest.fixture
def talk(small_db):
    return Talk(small_db)


def test_an_entry_knows_where_it_came_from(talk):
    message = talk.say("I loved Heat")
    (stored,) = talk.profiles.add("ann", message, [HEAT])
    assert (stored.message_id, stored.quote) == (message, "I loved Heat") and stored.created_at and stored.entry_id
    assert talk.profiles.view("ann") == (stored,)


def test_the_latest_about_a_subject_shows_and_the_earlier_one_comes_back(talk):
    talk.add(HEAT)
    talk.add(replace(HEAT, role="dislike", value=-1.0))
    assert talk.shown == [("Heat (1995)", "dislike")]
    came_back, went_away = talk.undo()
    assert [p.role for p in came_back] == ["like"] and [p.role for p in went_away] == ["dislike"]
    assert talk.shown == [("Heat (1995)", "like")]


def test_removing_a_subject_does_not_uncover_what_was_said_of_it_before(talk):
    talk.add(HEAT, SCI_FI)
    talk.add(replace(HEAT, role="dislike", value=-1.0))
    assert [p.role for p in talk.remove(HEAT.subject)] == ["dislike"]
    assert talk.shown == [("Sci-Fi", "like")]
    assert talk.remove(HEAT.subject) == ()
    talk.undo()
    assert ("Heat (1995)", "dislike") in talk.shown


def test_undo_goes_back_message_by_message_and_redo_forward(talk):
    talk.add(HEAT)
    talk.add(SCI_FI, HORROR)
    assert {p.label for p in talk.undo()[1]} == {"Sci-Fi", "Horror"}
    assert [p.label for p in talk.undo()[1]] == ["Heat (1995)"]
    assert talk.undo() == ((), ()) and talk.shown == []
    assert [p.label for p in talk.redo()[0]] == ["Heat (1995)"]
    assert len(talk.redo()[0]) == 2 and talk.redo() == ((), ())
    talk.undo()
    talk.add(SHORT)
    assert talk.redo() == ((), ()), "something else was said since"
    assert [label for label, _ in talk.shown] == ["Heat (1995)", "at most 120 minutes"]


def test_a_wish_covers_a_taste_only_in_its_own_conversation(talk):
    talk.add(SCI_FI)
    talk.add(replace(SCI_FI, role="avoid", value=-1.0))
    assert talk.shown == [("Sci-Fi", "avoid")]
    assert talk.anew().shown == [("Sci-Fi", "like")]
    assert talk.undo() == ((), ()), "nothing was said in this conversation"


def test_an_undone_message_stays_undone_when_another_conversation_takes_back_its_removal(talk):
    other = Talk(talk.profiles._database).anew()
    talk.conversation = talk.conversations.list("ann")[1].id
    talk.add(HEAT)
    other.remove(HEAT.subject)
    talk.undo()
    assert other.undo() == ((), ()) and other.shown == []
    assert verify(talk.profiles._database) == []


def test_reset_takes_every_conversations_wishes_and_can_be_undone(talk):
    talk.add(HEAT, HORROR)
    first = talk.conversation
    talk.anew().add(SHORT)
    assert len(talk.profiles.reset("ann", talk.say("start over"))) == 2
    assert talk.shown == [] and talk.profiles.view("ann", first) == ()
    talk.undo()
    assert len(talk.shown) == 2 and len(talk.profiles.view("ann", first)) == 2


def test_the_profile_as_it_was(talk):
    (first,) = talk.add(HEAT)
    (second,) = talk.add(SCI_FI)
    talk.remove(HEAT.subject)
    talk.undo()
    views = [len(talk.profiles.view("ann", until=entry.id)) for entry in talk.profiles.log("ann")]
    assert views == [1, 2, 1, 2] and talk.profiles.view("ann", until=first.entry_id) == (first,)
    assert talk.profiles.view("ann", until=0) == () and talk.profiles.view("nobody") == ()


@pytest.mark.parametrize("wrong, message", [
    (replace(HEAT, kind="actor"), "actor"), (replace(HEAT, role="adore"), "adore"), (replace(HEAT, ref="Heat"), "Heat"),
    (replace(HEAT, value=3.0), "3.0"), (replace(SHORT, value=float("nan")), "nan"), (replace(HEAT, label=""), "label"),
])
def test_a_senseless_preference_is_refused_and_nothing_of_its_message_kept(talk, wrong, message):
    with pytest.raises(InvalidPreference, match=message):
        talk.add(SCI_FI, wrong)
    assert talk.shown == []


def test_nobody_writes_to_or_undoes_anothers_profile(talk):
    talk.add(HEAT)
    message = talk.say()
    for attempt in (
        lambda: talk.profiles.add("bob", message, [SCI_FI]), lambda: talk.profiles.reset("bob", message),
        lambda: talk.profiles.remove("bob", message, [HEAT.subject]), lambda: talk.profiles.undo("bob", talk.conversation, message),
        lambda: talk.profiles.add("ann", 999, [SCI_FI]),
    ):
        with pytest.raises(UnknownRecord):
            attempt()
    assert talk.shown == [("Heat (1995)", "like")]


def test_eighty_writes_from_four_threads_all_arrive(small_db):
    failures = []

    def write(user):
        try:
            talk = Talk(small_db, user)
            for n in range(20):
                talk.add(replace(SCI_FI, ref=f"g{n % 5}"))
                if n % 4 == 3:
                    talk.undo()
        except Exception as error:  # what a thread raises would be lost
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"user {n % 2}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    profiles = Profiles(small_db)
    assert sum(e.action == "add" for user in profiles.users() for e in profiles.log(user)) == 80
    assert verify(small_db) == []


STEPS = st.lists(st.tuples(st.sampled_from(["add", "add", "remove", "undo", "redo", "reset", "anew"]), st.integers(0, 3)), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_said_the_profile_is_the_replayed_log(small_db, steps):
    talk = Talk(small_db, "random")
    talk.profiles.forget("random")
    talk = Talk(small_db, "random")
    subjects = (HEAT, SCI_FI, HORROR, SHORT)
    for action, n in steps:
        before = talk.profiles.view("random", talk.conversation)
        if action == "add":
            talk.add(subjects[n], subjects[(n + 1) % 4])
        elif action == "remove":
            talk.remove(subjects[n].subject)
        elif action == "anew":
            talk.anew()
        elif action == "reset":
            talk.profiles.reset("random", talk.say())
        else:
            came_back, went_away = talk.undo() if action == "undo" else talk.redo()
            after = talk.profiles.view("random", talk.conversation)
            assert set(after) - set(before) == set(came_back) and set(before) - set(after) == set(went_away)
    log = talk.profiles.log("random")
    in_force = active(log)
    assert talk.profiles.view("random", talk.conversation) == visible([e for e in log if e.id in in_force], talk.conversation)
    assert [finding for finding in verify(small_db) if "random" in finding] == []


def test_export_has_everything_and_forget_leaves_nothing_readable(talk):
    secret, path = "my secret taste for Heat", talk.profiles._database.path
    talk.add(HEAT, HORROR, text=secret)
    exported = talk.profiles.export("ann")
    assert exported["profile"][0]["quote"] == secret and exported["conversations"][0]["messages"][0]["text"] == secret
    assert [p["label"] for p in exported["conversations"][0]["wishes"]] == ["Horror"] and len(exported["log"]) == 2
    files = [path, path.with_name(path.name + "-wal")]
    assert any(secret.encode() in file.read_bytes() for file in files if file.exists())
    assert talk.profiles.forget("ann") and not talk.profiles.forget("ann")
    assert not any(secret.encode() in file.read_bytes() for file in files if file.exists())
    assert talk.profiles.export("ann") == {"user": "ann", "profile": [], "log": [], "conversations": []}
    assert verify(talk.profiles._database) == []
