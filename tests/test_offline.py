"""After set-up nothing leaves the machine: a conversation with the real model while sockets beyond loopback are refused."""

from assistant import Assistant
from assistant.settings import Settings


def test_a_conversation_needs_no_network(no_network, fresh_db, real_engine):
    with Assistant.open(fresh_db, engine=_Shared(real_engine), settings=Settings(db=str(fresh_db))) as assistant:
        first = assistant.reply("ann", "I loved Heat and Fargo")
        assert first.recommendations and {p.role for p in first.change.added} == {"like"}
        assert "%" in assistant.reply("ann", "why the first one?").text
        assert assistant.reply("ann", "undo that").act == "undo"
    assert no_network == []


class _Shared:
    """The session's engine, which the assistant must not close for the other tests."""

    def __init__(self, engine):
        self._engine, self.name = engine, engine.name

    def stream(self, *args, **kwargs):
        return self._engine.stream(*args, **kwargs)

    def has_adapter(self, name):
        return self._engine.has_adapter(name)

    def close(self):
        pass
