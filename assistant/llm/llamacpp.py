"""The engine for machines without a GPU: a quantized GGUF model in llama.cpp, inside this process.

Adapters are loaded with the model and chosen per request. One request is computed at a time;
others wait their turn in llama.cpp's queue. llama.cpp insists on listening on a loopback port; a random
key that nobody is told keeps it shut.
"""

from __future__ import annotations

import atexit
import math
import os
import queue
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xllamacpp

from assistant.errors import AdapterError, EngineError, ModelError
from assistant.llm import models
from assistant.llm.engine import Piece, Prompt, among

QUIET = -1
"""Below errors: llama.cpp writes to the terminal directly, adapter tensors one by one."""
NO_SPACES = {"whitespace_flexible": False}
"""Without it a small model fills its budget with newlines between the tokens of JSON."""
WARM_UP = {"enum": ["-"]}
"""The first constrained answer prepares the vocabulary for constraints, which takes 2 s: better at load than in a turn."""
PUSH = 50.0
"""Added to the logits of the answers to choose among: they then have all of the probability, in the ratio they had."""
CHECKPOINTS = 2
"""Saved states of the sliding window; llama.cpp's default of 32 would take 250 MB for prompts that are short anyway."""


class LlamaCppEngine:
    """A GGUF model with its adapters, loaded and warm."""

    def __init__(self, path: Path, adapters: dict[str, Path] | None = None, threads: int = 0, context: int = 4096) -> None:
        """`adapters`: name -> GGUF LoRA of this base. Raises ModelError when llama.cpp does not load them."""
        self.path = path
        self.name = f"llama.cpp {path.stem}"
        self.context = context
        self.threads = threads or available_cores()
        self._adapters = {name: number for number, name in enumerate(adapters or {})}
        self._closing = threading.Event()
        self._workers: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._server: xllamacpp.Server | None = _load(path, list((adapters or {}).values()), self.threads, context)
        # A process that ends without closing would tear llama.cpp down under its own threads.
        atexit.register(self.close)
        for _ in self.stream("", schema=WARM_UP, max_tokens=4):
            pass

    @property
    def adapters(self) -> tuple[str, ...]:
        return tuple(self._adapters)

    def has_adapter(self, name: str) -> bool:
        return name in self._adapters

    def stream(
        self, prompt: Prompt, *, adapter: str | None = None, schema: dict[str, Any] | None = None,
        max_tokens: int = 128, stop: tuple[str, ...] = (), alternatives: int = 0,
    ) -> Iterator[str]:
        """See Engine.stream. A prompt longer than the context is an EngineError."""
        request: dict[str, Any] = {
            "stream": True, "temperature": 0, "max_tokens": max_tokens,
            # A reused prefix is computed in other batches, which tips greedy ties: the same prompt would not always
            # give the same text. A change of adapter empties the cache anyway, so little is lost.
            "cache_prompt": False,
            "lora": self._scales(adapter),
        }
        if isinstance(prompt, str):
            request["prompt"] = prompt
            if schema is not None:
                request["json_schema"] = {"x-guidance": NO_SPACES, **schema}  # plain completions ignore `response_format`
        else:
            request["messages"] = [dict(message) for message in prompt]
            if schema is not None:
                wanted = {"name": "answer", "schema": _without_closed_items(schema)}
                request["response_format"] = {"type": "json_schema", "json_schema": wanted}
        if stop:
            request["stop"] = list(stop)
        if alternatives:
            request["n_probs"] = alternatives
        return self._chunks(request)

    def choose(
        self, prompts: Sequence[str], answers: Sequence[str], *, adapter: str | None = None
    ) -> list[tuple[float, ...]]:
        """See Engine.choose."""
        request: dict[str, Any] = {
            "stream": False, "max_tokens": 1, "cache_prompt": True, "lora": self._scales(adapter), "n_probs": len(answers),
            # The probabilities told are those after the samplers, which change nothing but this.
            "post_sampling_probs": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
            "logit_bias": [[answer, PUSH] for answer in answers],
        }
        found = []
        # llama.cpp goes back to the end of a prompt that it has read, not into the middle of one: so the shared part is a prompt first.
        shared = os.path.commonprefix(list(prompts)).rpartition("\n")
        for prompt in ([shared[0] + shared[1]] if shared[0] and len(prompts) > 1 else []) + list(prompts):
            pieces = [piece for piece in self._chunks(request | {"prompt": prompt}) if isinstance(piece, Piece)]
            found.append(pieces[0].steps[0][1] if pieces else {})
        return [among(chances, answers, self.name) for chances in found[-len(prompts) :]] if prompts else []

    def _scales(self, adapter: str | None) -> list[dict[str, Any]]:
        """Every adapter, the unused ones with scale 0: an empty list would mean llama.cpp's own choice."""
        if adapter is not None and adapter not in self._adapters:
            known = ", ".join(self._adapters) or "none"
            raise AdapterError(f"no adapter {adapter!r} for {self.path.name}; there are: {known}")
        return [{"id": n, "scale": float(name == adapter)} for name, n in self._adapters.items()]

    def close(self) -> None:
        """Stops what is being written, waits for it, frees the model."""
        self._closing.set()
        with self._lock:
            workers, self._server = list(self._workers), None
        for worker in workers:
            worker.join()
        atexit.unregister(self.close)

    def _chunks(self, request: dict[str, Any]) -> Iterator[str]:
        """Runs the request in a thread of its own, since llama.cpp blocks until the text is done."""
        pieces: queue.SimpleQueue[str | EngineError | None] = queue.SimpleQueue()
        stopped = threading.Event()
        with self._lock:
            if self._server is None:
                raise EngineError(f"{self.name} is closed; open an engine again")
            worker = threading.Thread(
                target=self._work, args=(self._server, request, pieces, stopped), name="llamacpp", daemon=True
            )
            self._workers.add(worker)
            worker.start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, EngineError):
                    raise piece
                yield piece
        finally:
            stopped.set()

    def _work(
        self, server: xllamacpp.Server, request: dict[str, Any],
        pieces: queue.SimpleQueue[str | EngineError | None], stopped: threading.Event,
    ) -> None:
        def receive(chunk: dict[str, Any]) -> bool:
            """True tells llama.cpp to stop. It swallows exceptions, so errors travel through the queue."""
            try:
                text = _text(chunk)
            except EngineError as error:
                pieces.put(error)
                return True
            if text:
                pieces.put(text)
            return stopped.is_set() or self._closing.is_set()

        handle = server.handle_chat_completions if "messages" in request else server.handle_completions
        try:
            handle(request, receive)
            if self._closing.is_set() and not stopped.is_set():
                pieces.put(EngineError(f"{self.name} was closed while it was writing"))
        except Exception as error:  # whatever llama.cpp raises must reach the one who waits at the queue
            pieces.put(EngineError(f"{self.name} failed: {error}"))
        finally:
            pieces.put(None)
            with self._lock:
                self._workers.discard(threading.current_thread())


def _load(path: Path, adapters: list[Path], threads: int, context: int) -> xllamacpp.Server:
    parameters = xllamacpp.CommonParams()
    parameters.verbosity = QUIET
    parameters.model.path = str(path)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.n_threads_http = 2
    parameters.api_keys = [secrets.token_urlsafe(32)]
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.fit_params = False
    parameters.cache_ram_mib = 0
    parameters.n_ctx_checkpoints = CHECKPOINTS
    parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(models.given_model(a)), 1.0) for a in adapters]
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        beside = f" with the adapters {', '.join(str(a) for a in adapters)}" if adapters else ""
        raise ModelError(
            f"llama.cpp cannot load {path}{beside} ({error}); the file is damaged, of an unknown architecture, or the adapters "
            "are of another base"
        ) from error


def _without_closed_items(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema less a top-level `"items": false`, which llama.cpp's chat path cannot read; `maxItems` says the same."""
    return {key: value for key, value in schema.items() if not (key == "items" and value is False)}


def available_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this operating system
        return os.cpu_count() or 1


def _text(chunk: dict[str, Any]) -> str:
    """The text of one chunk of an OpenAI-shaped stream; raises EngineError when it reports an error."""
    if "error" in chunk:
        error = chunk["error"]
        raise EngineError(f"llama.cpp refused the request: {error.get('message', error)}")
    choice = (chunk.get("choices") or [{}])[0]
    text = choice.get("text") or (choice.get("delta") or {}).get("content") or ""
    told = (choice.get("logprobs") or {}).get("content") or ()
    return Piece(text, tuple(map(_step, told))) if told else text


def _step(told: dict[str, Any]) -> tuple[str, dict[str, float]]:
    likely = {other["token"]: _chance(other) for other in told.get("top_logprobs") or told.get("top_probs") or ()}
    return told["token"], {told["token"]: _chance(told), **likely}


def _chance(told: dict[str, Any]) -> float:
    """The probability of a token: as it is after the samplers, as its logarithm before them."""
    return told["prob"] if "prob" in told else math.exp(told["logprob"])
