"""The store proves itself: a sound database passes, and each kind of damage is found and named."""

import pytest

from store.conversations import Conversations
from store.profiles import Profiles
from store.records import Contribution, Preference, RankChange, Recommendation, Rerun
from store.verify import verify

HEAT = Preference("item", "6", "Heat (1995)", "like", 1.0)


@pytest.fixture
def told(small_db):
    """The small catalog, on which ann said something and was shown a pick with its reasons."""
    from store.catalog import Catalog

    catalog = Catalog(small_db)
    conversations, profiles = Conversations(small_db, catalog), Profiles(small_db)
    conversation = conversations.start("ann")
    said = conversations.add_message(conversation, "user", "I loved Heat")
    (entry,) = profiles.add("ann", said.id, [HEAT])
    answer = conversations.add_message(conversation, "assistant", "Here you are.")
    parts = (Contribution("item", "6", "Heat (1995)", 0.75, entry.entry_id), Contribution("prior", "", "popularity", 0.25))
    pick = Recommendation(catalog.item(int(catalog.popular(1)[0])), 1.0, parts, 1)
    conversations.add_recommendations(answer.id, [pick], [entry], model="of then")
    films = catalog.items(catalog.popular(3))
    ranks = (RankChange(films[0], 2, 1), RankChange(films[1], 1, 2), RankChange(films[2], 3, None))
    conversations.add_reruns(answer.id, [Rerun((), (entry,), 2, ranks)])
    conversations.start("bob")
    return small_db


def test_a_sound_database_passes(told):
    assert verify(told) == []


@pytest.mark.parametrize("damage, named", [
    ("UPDATE recommendations SET score = score + 0.00001", "contributions sum to"),
    ("UPDATE recommendation_contributions SET value = value * 1.01", "contributions sum to"),
    ("UPDATE recommendations SET rank = 4", "do not run from 1"),
    ("UPDATE rerun_ranks SET rank_after = 1 WHERE rank_after = 2", "the ranks after"),
    ("DELETE FROM rerun_ranks WHERE rank_before = 1", "the ranks before"),
    ("UPDATE reruns SET change = '[]'", "is not JSON of what was added"),
    ("UPDATE reruns SET message_id = (SELECT min(id) FROM messages)", "which is not an answer"),
    ("UPDATE slates SET profile = 'not json'", "are not JSON"),
    ("UPDATE slates SET profile = '[{\"kind\": 1}]'", "are not JSON"),
    ("UPDATE slates SET excluded = '7'", "are not JSON"),
    ("UPDATE slates SET profile = '[]'", "as a reason, which its profile has not"),
    ("UPDATE slates SET profile = replace(profile, '1.0', '0.9')", "that the log has not"),
    ("UPDATE profile_log SET value = 0.5", "that the log has not"),
    ("UPDATE recommendation_contributions SET ref = '7' WHERE ref = '6'", "as a reason, which its profile has not"),
    ("UPDATE items SET year = 1996 WHERE id = 6", "noted the version"),
    ("DELETE FROM profile_active", "the replayed log says otherwise"),
    ("UPDATE profile_log SET user_id = 'bob'", "another user"),
    ("UPDATE profile_log SET ref = '99999999' WHERE kind = 'item'", "which the catalog does not have"),
    ("UPDATE items SET genres = '[\"Western\"]' WHERE id = 6", "its features differ"),
    ("UPDATE items SET genres = 'Western' WHERE id = 6", "cannot be read any further"),
    ("UPDATE items SET rating_count = rating_count + 1 WHERE id = 6", "ratings noted"),
    ("DELETE FROM title_search WHERE item_id = 6", "title_search and the catalog differ"),
    ("UPDATE item_weights SET weights = CAST(x'0000c07f' || substr(weights, 5) AS BLOB) WHERE item_id = 6", "not finite"),
    ("UPDATE item_weights SET weights = 'x' || weights WHERE item_id = 6", "cannot be read any further"),
    ("UPDATE item_weights SET neighbours = substr(neighbours, 2) WHERE item_id = 6", "bytes of ids"),
    ("DELETE FROM item_weights WHERE item_id = 6", "item-item weights"),
    ("PRAGMA foreign_keys = OFF; DELETE FROM conversations", "refers to a row of conversations"),
])
def test_damage_is_found_and_named(told, damage, named):
    for statement in damage.split("; "):
        told.connection().execute(statement)
    findings = verify(told)
    assert any(named in finding for finding in findings), findings


def test_a_page_of_garbage_is_a_finding_not_a_crash(small_built, tmp_path):
    from store.database import Database

    data = bytearray(small_built.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 8 * 4096] = b"\x5a" * (8 * 4096)
    path = tmp_path / "torn.db"
    path.write_bytes(data)
    with Database(path) as database:
        assert any("damaged" in f or "cannot be read" in f for f in verify(database))


def test_findings_beyond_twenty_are_counted(told):
    told.connection().execute("UPDATE items SET rating_count = rating_count + 1")
    assert any("more about features and ratings" in finding for finding in verify(told))


# replayed

@pytest.fixture
def shown(small_db):
    """The small catalog, on which ann was shown two slates by the real recommender, the second without the first's films."""
    from assistant.recommend import Recommender
    from assistant.state import Profile
    from store.catalog import Catalog

    catalog = Catalog(small_db)
    recommender, conversations = Recommender(catalog), Conversations(small_db, catalog)
    conversation, excluded = conversations.start("ann"), frozenset()
    said = conversations.add_message(conversation, "user", "I loved Heat, something with Tom Hanks, nothing long")
    profile = Profiles(small_db).add("ann", said.id, [
        HEAT, Preference("person", "Tom Hanks", "Tom Hanks", "want", 1.0), Preference("runtime", "max", "at most 130 minutes", "max", 130.0)])
    for text in ("Here you are.", "Others, then."):
        slate = recommender.recommend(Profile("ann", profile), n=5, exclude=excluded, diversify=True)
        answer = conversations.add_message(conversation, "assistant", text)
        conversations.add_recommendations(answer.id, slate, profile, model=recommender.version, excluded=excluded)
        excluded |= {r.item.id for r in slate}
    return small_db


def replayed(database):
    """What the replay finds, and what it says of itself."""
    from assistant.replay import check

    told = []
    found = verify(database, more={"replayed": lambda *asked: check(*asked, say=told.append)})
    return found, told


def test_stored_slates_come_out_again_when_replayed(shown):
    assert replayed(shown) == ([], ["2 slates replayed; 0 of another model and 0 of an unknown one cannot be"])


def test_slates_of_other_models_are_not_held_against_this_one(shown):
    first, second = (row[0] for row in shown.connection().execute("SELECT message_id FROM slates").fetchall())
    shown.connection().execute("UPDATE slates SET model = 'another' WHERE message_id = ?", (first,))
    shown.connection().execute("UPDATE slates SET model = NULL, excluded = NULL WHERE message_id = ?", (second,))
    assert replayed(shown) == ([], ["0 slates replayed; 1 of another model and 1 of an unknown one cannot be"])


@pytest.mark.parametrize("damage, named", [
    # the sums still hold: only the replay can know
    ("UPDATE recommendation_contributions SET value = value + CASE position WHEN 0 THEN 0.01 ELSE -0.01 END WHERE position < 2 "
     "AND recommendation_id = 1", "as stored"),
    ("UPDATE recommendations SET item_id = 6 WHERE id = 1", "come out differently"),
    ("UPDATE slates SET excluded = '[]'", "come out differently"),
])
def test_damage_that_only_a_replay_can_find(shown, damage, named):
    shown.connection().execute(damage)
    found, _ = replayed(shown)
    assert any("come out differently when replayed" in f and named in f for f in found), found
    assert verify(shown) == []
