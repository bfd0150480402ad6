"""What several tests share: engines that are scripted or real, and a machine without a network."""

import math
import os
import socket
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.errors import AdapterError, EngineError, ModelError


# Engines

@dataclass(frozen=True)
class Call:
    """One request that a ScriptedEngine got; `prompt` as text."""

    prompt: str
    adapter: str | None
    schema: dict | None
    max_tokens: int
    stop: tuple[str, ...]


class ScriptedEngine:
    """An engine that says what the test wrote.

    script: a function prompt -> text, or a dict whose longest key found in the prompt gives the text.
    A text that is an exception is raised. A prompt without an answer gives `default`, and fails the test
    when that is None. Texts come in pieces of `chunk` characters; `calls` records the requests and
    `given` the pieces that were taken, so that a test sees what a consumer who left early did not read.
    """

    name = "scripted"

    def __init__(self, script=None, *, default=None, adapters=("understand",), chunk=4):
        self.script, self.default, self.adapters, self.chunk = script or {}, default, adapters, chunk
        self.calls, self.given, self.closed = [], [], False

    def has_adapter(self, name):
        return name in self.adapters

    def stream(self, prompt, *, adapter=None, schema=None, max_tokens=128, stop=(), alternatives=0):
        if adapter is not None and adapter not in self.adapters:
            raise AdapterError(f"no adapter {adapter!r}; there are: {', '.join(self.adapters) or 'none'}")
        if self.closed:
            raise EngineError("the scripted engine is closed")
        text = prompt if isinstance(prompt, str) else "\n".join(m["content"] for m in prompt)
        self.calls.append(Call(text, adapter, schema, max_tokens, tuple(stop)))
        return self._pieces(self._answer(text), stop)

    def choose(self, prompts, answers, *, adapter=None):
        """The script's text for a prompt is the log-odds of the first answer against each other one."""
        if adapter is not None and adapter not in self.adapters:
            raise AdapterError(f"no adapter {adapter!r}; there are: {', '.join(self.adapters) or 'none'}")
        self.calls += [Call(prompt, adapter, None, 1, ()) for prompt in prompts]
        found = []
        for prompt in prompts:
            answer = self._answer(prompt)
            if isinstance(answer, Exception):
                raise answer
            weights = [math.exp(float(answer)), *(1.0 for _ in answers[1:])]
            found.append(tuple(math.log(weight / sum(weights)) for weight in weights))
        return found

    def _answer(self, prompt):
        if callable(self.script):
            return self.script(prompt)
        fitting = [key for key in self.script if key in prompt]
        answer = self.script[max(fitting, key=len)] if fitting else self.default
        assert answer is not None, f"the test scripted no answer for: {prompt!r}"
        return answer

    def _pieces(self, answer, stop):
        if isinstance(answer, Exception):
            raise answer
        for end in stop:
            answer = answer.partition(end)[0]
        for start in range(0, len(answer), self.chunk):
            piece = answer[start : start + self.chunk]
            self.given.append(piece)
            yield piece

    def close(self):
        self.closed = True


@pytest.fixture
def scripted():
    """The ScriptedEngine class: `scripted({"loved": '["tell","-","love"]'})`."""
    return ScriptedEngine


@pytest.fixture(scope="session")
def model_file():
    """The default base model's file. The tests that need it are skipped, loudly, where it cannot be had."""
    from assistant.llm.models import find_model

    try:
        return find_model()
    except ModelError as error:
        warnings.warn(f"NO REAL MODEL, the tests with it are skipped: {error}", stacklevel=1)
        pytest.skip(f"no real model: {error}")


@pytest.fixture(scope="session")
def real_engine(model_file):
    """llama.cpp with the default base and its committed adapters; one for the whole run."""
    from assistant.llm.engine import adapters_for
    from assistant.llm.llamacpp import LlamaCppEngine
    from assistant.llm.models import base_name

    engine = LlamaCppEngine(model_file, adapters_for(base_name(model_file)))
    yield engine
    engine.close()


class _Shared:
    """The session's engine, which an assistant must not close for the other tests."""

    def __init__(self, engine):
        self._engine, self.name = engine, engine.name

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def close(self):
        pass


@pytest.fixture
def shared_engine(real_engine):
    """The real engine for an assistant that closes its own."""
    return _Shared(real_engine)


# A machine without a network

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")


def _is_local(address):
    host = address[0] if isinstance(address, tuple) else address
    return host is None or str(host).startswith(LOOPBACK) or host in ("", b"localhost")


def _remote_connections():
    """Open connections of this process beyond loopback, C code's included: (inode -> remote address), Linux only."""
    mine = set()
    for descriptor in Path("/proc/self/fd").glob("*"):
        try:
            mine.add(os.readlink(descriptor))
        except OSError:  # closed while we looked
            continue
    found = {}
    for table in ("tcp", "tcp6", "udp", "udp6"):
        path = Path("/proc/self/net") / table
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = line.split()
            remote, inode = fields[2].split(":")[0], fields[9]
            local = remote.endswith("7F") or set(remote[:-8]) <= {"0"} and remote[-8:] in ("00000000", "01000000")
            if f"socket:[{inode}]" in mine and not local:
                found[inode] = remote
    return found


class _Refused(OSError):
    """What code sees when it tries to reach the network in a test that forbids it."""


@pytest.fixture
def no_network(monkeypatch):
    """Refuses sockets beyond loopback and every subprocess; fails the test if anything tried, even if it hid the error.

    Yields the list of attempts.
    """
    attempts, before = [], _remote_connections()

    def guard(owner, name, local):
        original = getattr(owner, name)

        def guarded(*arguments, **named):
            if local(*arguments):
                return original(*arguments, **named)
            told = arguments if owner is socket else arguments[1:]  # without self, which may be half made
            attempts.append((name, told))
            raise _Refused(f"no network in this test: {name}{told!r}")

        monkeypatch.setattr(owner, name, guarded)

    def local_peer(sock, address, *_):
        return sock.family == socket.AF_UNIX or _is_local(address)

    guard(socket.socket, "connect", local_peer)
    guard(socket.socket, "connect_ex", local_peer)
    guard(socket.socket, "sendto", lambda sock, data, *rest: local_peer(sock, rest[-1]))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        guard(socket, name, lambda host, *_: _is_local(host))
    guard(subprocess.Popen, "__init__", lambda *_: False)
    yield attempts
    opened = {inode: remote for inode, remote in _remote_connections().items() if inode not in before}
    assert not attempts, f"tried to leave the machine: {attempts}"
    assert not opened, f"connections beyond loopback were opened: {opened}"


# The default catalog

@pytest.fixture(scope="session")
def default_db(tmp_path_factory):
    """The default catalog's database, built once for the run. Copy it before writing (see `fresh_db`)."""
    from store.build import build_default

    path = tmp_path_factory.mktemp("catalog") / "default.db"
    build_default(path)
    return path


@pytest.fixture
def fresh_db(default_db, tmp_path):
    """A copy of the default database that a test may write to."""
    import shutil

    return Path(shutil.copy(default_db, tmp_path / "tellwhy.db"))


@pytest.fixture(scope="session")
def catalog(default_db):
    """The default catalog, to read."""
    from store.catalog import Catalog
    from store.database import Database

    database = Database(default_db)
    yield Catalog(database)
    database.close()


@pytest.fixture(scope="session")
def linker(catalog):
    """The default catalog's linker; building one takes half a second."""
    from assistant.linking import Linker

    return Linker(catalog)


# A small catalog

@pytest.fixture(scope="session")
def small_built(tmp_path_factory):
    """The database of `catalog_fixture`, built once for the run; copy it before writing (see `small_db`)."""
    from catalog_fixture import build_small

    return build_small(tmp_path_factory.mktemp("small") / "small.db")


@pytest.fixture
def small_db(small_built, tmp_path):
    """An open Database with about 200 well-known films that a test may write to."""
    import shutil

    from store.database import Database

    with Database(shutil.copy(small_built, tmp_path / "small.db")) as database:
        yield database
