"""The schema, as numbered steps. A step that was ever released is never edited: a change is a new step.

Step n takes a database from version n-1 (SQLite's `user_version`) to n.
"""

from __future__ import annotations

CATALOG = """
CREATE TABLE catalog_info (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE items (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER, runtime INTEGER, language TEXT,
    genres TEXT NOT NULL, directors TEXT NOT NULL, actors TEXT NOT NULL, keywords TEXT NOT NULL, -- JSON lists
    rating_count INTEGER NOT NULL, mean_rating REAL
);
CREATE TABLE item_aliases (
    item_id INTEGER NOT NULL REFERENCES items, position INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (item_id, position)
) WITHOUT ROWID;
-- what items have, looked up by feature; derived from items
CREATE TABLE item_features (
    kind TEXT NOT NULL, value TEXT NOT NULL, item_id INTEGER NOT NULL REFERENCES items,
    weight REAL NOT NULL CHECK (weight > 0 AND weight <= 1),
    PRIMARY KEY (kind, value, item_id)
) WITHOUT ROWID;
CREATE INDEX item_features_by_item ON item_features (item_id);
-- community ratings; the people are anonymous and are not this application's users
CREATE TABLE ratings (
    person INTEGER NOT NULL, item_id INTEGER NOT NULL REFERENCES items, rating REAL NOT NULL, rated_at INTEGER NOT NULL,
    PRIMARY KEY (person, item_id)
) WITHOUT ROWID;
-- row j of W: int32 item ids, ascending, and float32 values
CREATE TABLE item_weights (
    item_id INTEGER PRIMARY KEY REFERENCES items, neighbours BLOB NOT NULL, weights BLOB NOT NULL
);
-- folded names, title and aliases; and folded people with the name as written
CREATE VIRTUAL TABLE title_search USING fts5 (name, item_id UNINDEXED, tokenize = 'trigram');
CREATE VIRTUAL TABLE person_search USING fts5 (folded, name UNINDEXED, tokenize = 'trigram');
CREATE VIRTUAL TABLE text_search USING fts5 (title, keywords, tokenize = 'porter unicode61 remove_diacritics 2');
"""

PEOPLE = """
CREATE TABLE users (id TEXT PRIMARY KEY CHECK (id <> ''), created_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    started_at REAL NOT NULL, pending TEXT, last TEXT NOT NULL DEFAULT 'start', focus INTEGER REFERENCES items
);
CREATE INDEX conversations_by_user ON conversations (user_id, id);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'click')), text TEXT NOT NULL, act TEXT, created_at REAL NOT NULL
);
CREATE INDEX messages_by_conversation ON messages (conversation_id, id);

-- append-only. An entry "add" says one thing about one subject; "remove" and "reset" take entries away;
-- "undo" reverses every entry of the message `target_message_id`, "redo" takes that back.
CREATE TABLE profile_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    action TEXT NOT NULL CHECK (action IN ('add', 'remove', 'reset', 'undo', 'redo')),
    kind TEXT, ref TEXT, label TEXT, role TEXT, value REAL,
    target_message_id INTEGER REFERENCES messages ON DELETE CASCADE, created_at REAL NOT NULL,
    CHECK ((action = 'add') = (role IS NOT NULL)), CHECK ((action IN ('undo', 'redo')) = (target_message_id IS NOT NULL))
);
CREATE INDEX profile_log_by_user ON profile_log (user_id, id);
CREATE INDEX profile_log_by_message ON profile_log (message_id);
CREATE INDEX profile_log_by_target ON profile_log (target_message_id);
-- which "add" entries an entry took out of the profile, or brought back into it
CREATE TABLE profile_effects (
    entry_id INTEGER NOT NULL REFERENCES profile_log ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES profile_log ON DELETE CASCADE,
    effect TEXT NOT NULL CHECK (effect IN ('took', 'returned')), PRIMARY KEY (entry_id, target_id)
) WITHOUT ROWID;
CREATE INDEX profile_effects_by_target ON profile_effects (target_id);
-- the "add" entries that are in force, kept with the log so that reading a profile does not replay it
CREATE TABLE profile_active (entry_id INTEGER PRIMARY KEY REFERENCES profile_log ON DELETE CASCADE);

-- what was recommended, as it was: the profile it was made from, and each pick with its contributions
CREATE TABLE slates (
    message_id INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE, profile TEXT NOT NULL
);
CREATE TABLE recommendations (
    id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES slates ON DELETE CASCADE,
    rank INTEGER NOT NULL, item_id INTEGER NOT NULL REFERENCES items, score REAL NOT NULL, UNIQUE (message_id, rank)
);
CREATE TABLE recommendation_contributions (
    recommendation_id INTEGER NOT NULL REFERENCES recommendations ON DELETE CASCADE, position INTEGER NOT NULL,
    source TEXT NOT NULL, ref TEXT NOT NULL, label TEXT NOT NULL, value REAL NOT NULL,
    entry_id INTEGER REFERENCES profile_log ON DELETE CASCADE,
    PRIMARY KEY (recommendation_id, position)
) WITHOUT ROWID;
CREATE INDEX recommendation_contributions_by_entry ON recommendation_contributions (entry_id);
"""

RERUNS = """
-- what a what-if or a why-not was answered with: the change that was tried and not kept (JSON), and what it did to the ranks
CREATE TABLE reruns (
    id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, position INTEGER NOT NULL,
    change TEXT NOT NULL, size INTEGER NOT NULL CHECK (size > 0), UNIQUE (message_id, position)
);
CREATE TABLE rerun_ranks (
    rerun_id INTEGER NOT NULL REFERENCES reruns ON DELETE CASCADE, item_id INTEGER NOT NULL REFERENCES items,
    rank_before INTEGER CHECK (rank_before > 0), rank_after INTEGER CHECK (rank_after > 0), PRIMARY KEY (rerun_id, item_id)
) WITHOUT ROWID;
"""

AS_IT_WAS = """
-- what else a slate was made from: the version of the model, and the items that were not to be picked again (JSON list);
-- both NULL for slates of before they were kept
ALTER TABLE slates ADD COLUMN model TEXT;
ALTER TABLE slates ADD COLUMN excluded TEXT;
CREATE INDEX recommendations_by_item ON recommendations (item_id);
"""

ASKED = """
-- which of some kinds of film is wanted, as the answer `message_id` asked beside its picks: the feature kind, the values named (JSON
-- list), and the message that answered it; NULL while none did
CREATE TABLE questions (
    message_id INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE, kind TEXT NOT NULL, options TEXT NOT NULL,
    answer_id INTEGER REFERENCES messages ON DELETE SET NULL
);
CREATE INDEX questions_by_answer ON questions (answer_id);
"""

STEPS: tuple[str, ...] = (CATALOG + PEOPLE, RERUNS, AS_IT_WAS, ASKED)

PEOPLE_TABLES = (
    "users", "conversations", "messages", "profile_log", "profile_effects", "profile_active", "slates",
    "recommendations", "recommendation_contributions", "reruns", "rerun_ranks", "questions",
)
"""What a rebuild of the catalog carries over, in an order that keeps references whole."""
