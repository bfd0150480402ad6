"""The engine for OpenAI-compatible servers, against a real HTTP server on loopback and against llama.cpp's own."""

import json
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.errors import AdapterError, EngineError, SettingsError
from assistant.llm.engine import Engine, complete, open_engine
from assistant.llm.openai_api import OpenAIEngine
from assistant.settings import Settings

KEY = "secret-key"


class Handler(BaseHTTPRequestHandler):
    """Streams server-sent events as vLLM does; `server.answers` says what to do with the next completions."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Quiet."""

    def do_GET(self):
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self.send_json(401, {"error": {"message": "bad key"}})
        self.send_json(200, {"data": [{"id": m} for m in self.server.models]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers["Authorization"], body))
        mode = self.server.mode
        if isinstance(mode, int):
            return self.send_json(mode, {"error": {"message": f"said {mode}"}})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.events(mode, chat="messages" in body)
        except OSError:
            self.server.hung_up.set()
        self.close_connection = True

    def events(self, mode, chat):
        if mode == "endless":
            while True:
                self.event({"choices": [{"text": "la "}]})
                time.sleep(0.01)
        if mode == "logprobs":
            told = {"tokens": [" yes"], "token_logprobs": [-1.0], "top_logprobs": [{" yes": -1.0, " no": -3.0, " the": -2.0}]}
            return self.event({"choices": [{"text": " yes", "logprobs": told}]})
        if chat:
            self.event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
        for piece in ("Heat ", "is ", "好看"):
            self.event({"choices": [{"delta": {"content": piece}} if chat else {"text": piece}]})
            if mode == "broken":
                return self.event({"error": {"message": "out of memory"}})
            if mode == "garbled":
                return self.wfile.write(b"data: {not json\n\n")
        self.wfile.write(b": keep-alive\n\n")
        self.event({"choices": [], "usage": {"total_tokens": 3}})
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, content):
        self.wfile.write(f"data: {json.dumps(content)}\n\n".encode())
        self.wfile.flush()

    def send_json(self, status, content):
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture
def server():
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.models, http.requests, http.mode, http.hung_up = ["gemma", "understand"], [], "plain", threading.Event()
    http.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield http
    http.shutdown()
    http.server_close()


@pytest.fixture
def engine(server):
    opened = OpenAIEngine(server.url, key=KEY)
    yield opened
    opened.close()


def test_it_is_an_engine_and_takes_the_first_model(engine):
    assert isinstance(engine, Engine) and engine.model == "gemma" and "gemma" in engine.name


def test_a_prompt_streams_through_completions(server, engine):
    assert list(engine.stream("say", max_tokens=7, stop=("\n",))) == ["Heat ", "is ", "好看"]
    path, key, body = server.requests[-1]
    assert path == "/v1/completions" and key == f"Bearer {KEY}"
    assert body["prompt"] == "say" and body["max_tokens"] == 7 and body["stop"] == ["\n"]
    assert body["temperature"] == 0 and body["stream"] is True and body["model"] == "gemma"


def test_messages_stream_through_chat(server, engine):
    messages = [{"role": "user", "content": "say"}]
    assert complete(engine, messages) == "Heat is 好看"
    path, _, body = server.requests[-1]
    assert path == "/v1/chat/completions" and body["messages"] == messages


def test_an_adapter_is_a_model_name_and_a_schema_a_response_format(server, engine):
    assert engine.has_adapter("understand") and not engine.has_adapter("explain")
    schema = {"type": "array", "prefixItems": [{"enum": ["a"]}], "x-guidance": {"whitespace_flexible": False}}
    complete(engine, "say", adapter="understand", schema=schema)
    body = server.requests[-1][2]
    assert body["model"] == "understand"
    sent = body["response_format"]
    assert sent["type"] == "json_schema" and sent["json_schema"]["schema"]["prefixItems"] == [{"enum": ["a"]}]
    with pytest.raises(AdapterError, match="'explain'.*gemma, understand"):
        engine.stream("say", adapter="explain")


def test_answers_are_chosen_among_the_likely_tokens(server, engine):
    server.mode = "logprobs"
    (yes, no), again = engine.choose(["Heat:", "Alien:"], (" yes", " no"), adapter="understand")
    assert yes - no == pytest.approx(2.0) and math.exp(yes) + math.exp(no) == pytest.approx(1.0) and again == (yes, no)
    body = server.requests[-1][2]
    assert (body["prompt"], body["model"], body["max_tokens"]) == ("Alien:", "understand", 1) and body["logprobs"] >= 5
    with pytest.raises(EngineError, match="' maybe'"):
        engine.choose(["Heat:"], (" yes", " maybe"))
    server.mode = "plain"  # a server that tells no probabilities
    with pytest.raises(EngineError, match="no probability"):
        engine.choose(["Heat:"], (" yes", " no"))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_status_is_named_with_what_the_server_said(server, engine, status):
    server.mode = status
    with pytest.raises(EngineError, match=f"answered {status}.*said {status}"):
        complete(engine, "say")


@pytest.mark.parametrize(("mode", "said"), [("broken", "out of memory"), ("garbled", "stopped answering")])
def test_what_goes_wrong_in_the_middle_is_an_error_after_the_pieces(server, engine, mode, said):
    server.mode = mode
    pieces = engine.stream("say")
    assert next(pieces) == "Heat "
    with pytest.raises(EngineError, match=said):
        next(pieces)


def test_leaving_early_hangs_up(server, engine):
    server.mode = "endless"
    pieces = engine.stream("sing")
    next(pieces)
    pieces.close()
    assert server.hung_up.wait(5), "the server goes on writing for nobody"


def test_a_wrong_key_a_wrong_model_and_no_models(server):
    with pytest.raises(EngineError, match="401.*TELLWHY_API_KEY"):
        OpenAIEngine(server.url, key="other")
    with pytest.raises(EngineError, match="'mistral'.*gemma, understand"):
        OpenAIEngine(server.url, "mistral", KEY)
    server.models = []
    with pytest.raises(EngineError, match="no models"):
        OpenAIEngine(server.url, key=KEY)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "127.0.0.1:9", "http://[::1", "ftp://127.0.0.1"])
def test_no_server_is_said_with_its_address(url):
    with pytest.raises(EngineError, match="no OpenAI-compatible server"):
        OpenAIEngine(url)


def test_a_closed_engine_says_so(engine):
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        complete(engine, "say")


def test_auto_takes_the_server_that_is_configured(server, monkeypatch):
    monkeypatch.setenv("TELLWHY_API_URL", server.url)
    monkeypatch.setenv("TELLWHY_API_KEY", KEY)
    opened = open_engine(Settings.from_environment())
    assert isinstance(opened, OpenAIEngine)
    opened.close()


def test_openai_without_a_server_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.delenv("TELLWHY_API_URL", raising=False)
    with pytest.raises(SettingsError, match="TELLWHY_API_URL"):
        Settings.from_environment(engine="openai")


def test_a_real_llama_server_obeys_the_schema(model_file):
    """llama.cpp's own server is OpenAI-compatible: the same engine, a real model, real HTTP."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.n_ctx, parameters.verbosity, parameters.api_keys = str(model_file), 512, -1, [KEY]
    server = xllamacpp.Server(parameters)
    engine = OpenAIEngine(f"{server.listening_address}/v1", key=KEY)
    schema = {
        "type": "array", "prefixItems": [{"enum": ["tell", "why"]}, {"enum": ["love"]}], "items": False,
        "minItems": 2, "maxItems": 2, "x-guidance": {"whitespace_flexible": False},
    }
    try:
        pieces = list(engine.stream("user: i love it\nread: ", schema=schema, max_tokens=24))
        act, label = json.loads("".join(pieces))
        assert act in ("tell", "why") and label == "love" and len(pieces) > 1
    finally:
        engine.close()
        del server
