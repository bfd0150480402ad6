"""What the assistant asks of a language model, whichever runs it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from assistant.errors import EngineError
from assistant.settings import Settings

Prompt = str | list[dict[str, str]]
"""Plain text to continue, or chat messages [{"role", "content"}] for an instruction-tuned model."""

ADAPTERS_FOLDER = Path(__file__).resolve().parents[2] / "adapters" / "weights"


class Piece(str):
    """A streamed text with the choices behind it. steps: each token's text with the likeliest tokens there, itself among
    them: {text: probability}."""

    steps: tuple[tuple[str, dict[str, float]], ...]

    def __new__(cls, text: str, steps: tuple[tuple[str, dict[str, float]], ...] = ()) -> Piece:
        piece = super().__new__(cls, text)
        piece.steps = steps
        return piece


@runtime_checkable
class Engine(Protocol):
    """Streams text, greedily (the same prompt gives the same answer).

    `stream` continues `prompt` with the named adapter (None: the bare base), under a JSON schema if
    given, at most `max_tokens` tokens or up to one of `stop`. Raises AdapterError for an adapter
    the engine does not have, EngineError when the model fails. Safe to call from several threads:
    requests wait their turn. Leaving the iterator early stops the generation.

    alternatives: how many likely tokens to tell at each step; the texts are then Pieces. Probabilities are those of the
    bare model, before the schema excludes tokens. A server that does not tell gives plain texts.

    `choose` writes nothing: for each prompt, the log-probabilities of `answers` as what comes next, one of them being taken for
    granted. Each answer is one token with its space (" yes"); EngineError for one that is not. What all prompts begin
    with is computed once where the engine can; how it was computed before may move a probability by some hundredths.
    """

    name: str

    def stream(
        self,
        prompt: Prompt,
        *,
        adapter: str | None = None,
        schema: dict | None = None,
        max_tokens: int = 128,
        stop: tuple[str, ...] = (),
        alternatives: int = 0,
    ) -> Iterator[str]: ...

    def choose(
        self, prompts: Sequence[str], answers: Sequence[str], *, adapter: str | None = None
    ) -> list[tuple[float, ...]]: ...

    def has_adapter(self, name: str) -> bool: ...

    def close(self) -> None: ...


def open_engine(settings: Settings) -> Engine | None:
    """The engine that the settings ask for, ready to answer; None for "none".

    Takes seconds: call it beside the page, not before it. Raises ModelError or EngineError.
    """
    if settings.engine_name == "none":
        return None
    if settings.engine_name == "openai":
        from assistant.llm.openai_api import OpenAIEngine

        return OpenAIEngine(settings.api_url, settings.model, settings.api_key)
    if settings.engine_name == "transformers":
        from assistant.llm.huggingface import TransformersEngine, check_libraries
        from assistant.llm.models import find_source

        quantize = {"yes": True, "no": False}.get(settings.quantize)
        check_libraries(quantize)
        source, base = find_source(settings.model)
        return TransformersEngine(source, peft_adapters_for(base), base=base, quantize=quantize, threads=settings.threads)
    from assistant.llm.llamacpp import LlamaCppEngine
    from assistant.llm.models import base_name, find_model

    model = find_model(settings.model)
    return LlamaCppEngine(model, adapters_for(base_name(model)), threads=settings.threads)


def adapters_for(base: str) -> dict[str, Path]:
    """Adapter name -> GGUF file, for the base called `base`; empty when none was trained for it."""
    return {path.parent.name: path for path in sorted((ADAPTERS_FOLDER / base).glob("*/adapter.gguf"))}


def peft_adapters_for(base: str) -> dict[str, Path]:
    """Adapter name -> PEFT folder, for the base called `base`; empty when none was trained for it."""
    return {path.parent.name: path.parent for path in sorted((ADAPTERS_FOLDER / base).glob("*/adapter_config.json"))}


def among(chances: Mapping[str, float], answers: Sequence[str], name: str) -> tuple[float, ...]:
    """The log-probabilities of `answers` among themselves, from those of all tokens. Raises EngineError for one that is not there."""
    if missing := [answer for answer in answers if not chances.get(answer)]:
        raise EngineError(f"{name} gives no probability of {missing[0]!r} as one token; choose among other words or with another engine")
    total = sum(chances[answer] for answer in answers)
    return tuple(math.log(chances[answer] / total) for answer in answers)


def complete(engine: Engine, prompt: Prompt, **options: object) -> str:
    """The whole text at once; `options` as `Engine.stream` takes them."""
    return "".join(engine.stream(prompt, **options))
