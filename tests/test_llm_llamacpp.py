"""The real default model in llama.cpp: schemas, adapters, streaming, stopping."""

import json
import time

import pytest
from engine_contract import STORY, EngineContract, tuple_schema

from assistant.errors import EngineError, ModelError
from assistant.llm.engine import complete, open_engine
from assistant.llm.llamacpp import LlamaCppEngine
from assistant.settings import Settings


class TestLlamaCpp(EngineContract):
    @pytest.fixture
    def engine(self, real_engine):
        return real_engine


def test_a_schema_in_a_chat(real_engine):
    messages = [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "yes or no?"}]
    assert json.loads(complete(real_engine, messages, schema=tuple_schema(("yes", "no"), ("a", "b")), max_tokens=48))[0] in ("yes", "no")


def test_leaving_early_stops_the_generation(real_engine):
    began = time.perf_counter()
    whole = sum(1 for _ in real_engine.stream(STORY, max_tokens=60))
    took = time.perf_counter() - began
    assert whole >= 50, "the story must be long for this test to mean something"
    left = real_engine.stream(STORY, max_tokens=2000)
    next(left)
    left.close()
    began = time.perf_counter()
    complete(real_engine, STORY, max_tokens=1)
    assert time.perf_counter() - began < took * 5, "the next request waited for a text that nobody reads"


def test_a_whole_life_is_silent_and_ends_clearly(model_file, capfd):
    """llama.cpp would write pages to the terminal, and a text being written when the engine closes must not hang."""
    engine = LlamaCppEngine(model_file, context=512)
    writing = engine.stream(STORY, max_tokens=400)
    next(writing)
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        list(writing)
    with pytest.raises(EngineError, match="closed"):
        complete(engine, STORY)
    engine.close()
    out = capfd.readouterr()
    assert out.out == "" and out.err == ""


def test_a_gguf_that_is_broken_inside_is_a_model_error(tmp_path, model_file):
    with model_file.open("rb") as whole:
        (tmp_path / "cut.gguf").write_bytes(whole.read(20_000_000))
    (tmp_path / "junk.gguf").write_bytes(b"GGUF" + bytes(range(256)) * 20)
    for name in ("cut.gguf", "junk.gguf"):
        with pytest.raises(ModelError, match=name):
            LlamaCppEngine(tmp_path / name)


def test_an_adapter_that_does_not_load_is_named(tmp_path, model_file):
    (tmp_path / "adapter.gguf").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ModelError, match=r"adapter\.gguf"):
        LlamaCppEngine(model_file, {"understand": tmp_path / "adapter.gguf"})


def test_auto_without_a_server_opens_llama_cpp_and_none_opens_nothing(monkeypatch, model_file):
    opened = []
    monkeypatch.setattr("assistant.llm.llamacpp.LlamaCppEngine", lambda *a, **k: opened.append((a, k)))
    open_engine(Settings(threads=3))
    assert opened[0][0][0] == model_file and opened[0][1] == {"threads": 3}
    assert open_engine(Settings(engine="none")) is None
