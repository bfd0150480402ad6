"""After set-up nothing leaves the machine: a conversation with the real model while sockets beyond loopback are refused."""

from assistant import Assistant
from assistant.settings import Settings


def test_a_conversation_needs_no_network(no_network, fresh_db, shared_engine):
    with Assistant.open(fresh_db, engine=shared_engine, settings=Settings(db=str(fresh_db))) as assistant:
        first = assistant.reply("ann", "I loved Heat and Fargo")
        assert first.recommendations and {p.role for p in first.change.added} == {"like"}
        assert "%" in assistant.reply("ann", "why the first one?").text
        assert assistant.reply("ann", "undo that").act == "undo"
    assert no_network == []
