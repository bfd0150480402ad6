"""Any OpenAI-compatible server (vLLM, llama-server): adapters are model names there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from assistant.errors import AdapterError, EngineError
from assistant.llm.engine import Piece, Prompt, among

LIKELIEST = 20
"""As many likely tokens as vLLM tells at most, if it is not started with another limit."""


class OpenAIEngine:
    """Talks to the server at `url` (ending in /v1). `model` is the base's name there; empty: the first one it lists.

    A server that was started with `--lora-modules understand=...` lists "understand" as a model.
    Raises EngineError when the server cannot be reached or says no.
    """

    def __init__(self, url: str, model: str = "", key: str = "", timeout: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._client = httpx.Client(base_url=url.rstrip("/") + "/", timeout=timeout, headers=headers)
        except httpx.InvalidURL as error:
            raise EngineError(f"no OpenAI-compatible server at {url}: {error}") from error
        self._models = self._list_models()
        if model and model not in self._models:
            raise EngineError(f"{url} has no model {model!r}; it has: {', '.join(self._models) or 'none'}")
        if not self._models:
            raise EngineError(f"{url} lists no models")
        self.model = model or self._models[0]
        self.name = f"openai {self.model}"

    def _list_models(self) -> list[str]:
        try:
            response = self._client.get("models")
            response.raise_for_status()
            return [m["id"] for m in response.json()["data"]]
        except httpx.HTTPStatusError as error:
            raise EngineError(f"{error.request.url} answered {error.response.status_code}; check TELLWHY_API_KEY") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EngineError(f"no OpenAI-compatible server at {self._client.base_url}: {error}") from error

    def has_adapter(self, name: str) -> bool:
        return name in self._models

    def stream(
        self,
        prompt: Prompt,
        *,
        adapter: str | None = None,
        schema: dict | None = None,
        max_tokens: int = 128,
        stop: tuple[str, ...] = (),
        alternatives: int = 0,
    ) -> Iterator[str]:
        if adapter is not None and adapter not in self._models:
            raise AdapterError(f"no adapter {adapter!r} on the server; models there: {', '.join(self._models)}")
        body: dict[str, Any] = {"model": adapter or self.model, "max_tokens": max_tokens, "temperature": 0.0, "stream": True}
        if stop:
            body["stop"] = list(stop)
        if schema is not None:
            clean = {k: v for k, v in schema.items() if k != "x-guidance"}
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": clean, "strict": True}}
            if isinstance(prompt, str):
                body["json_schema"] = schema  # llama-server reads only this one for plain completions
        plain = isinstance(prompt, str)
        if alternatives:
            body |= {"logprobs": alternatives} if plain else {"logprobs": True, "top_logprobs": alternatives}
        body["prompt" if plain else "messages"] = prompt
        return self._events("completions" if plain else "chat/completions", body)

    def choose(
        self, prompts: Sequence[str], answers: Sequence[str], *, adapter: str | None = None
    ) -> list[tuple[float, ...]]:
        """See Engine.choose. The server must tell log-probabilities, and the answers must be among the likeliest tokens there."""
        found = []
        for prompt in prompts:
            pieces = [p for p in self.stream(prompt, adapter=adapter, max_tokens=1, alternatives=LIKELIEST) if isinstance(p, Piece)]
            found.append(among(pieces[0].steps[0][1] if pieces else {}, answers, self.name))
        return found

    def _events(self, path: str, body: dict[str, Any]) -> Iterator[str]:
        if self._client.is_closed:
            raise EngineError(f"{self.name} is closed; open an engine again")
        try:
            with self._client.stream("POST", path, json=body) as response:
                if response.is_error:
                    detail = response.read().decode(errors="replace")[:200]
                    raise EngineError(f"{response.request.url} answered {response.status_code}: {detail}")
                for line in response.iter_lines():
                    if line.startswith("data:") and line[5:].strip() != "[DONE]" and (text := _text(json.loads(line[5:]))):
                        yield text
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise EngineError(f"the model server stopped answering: {error}") from error

    def close(self) -> None:
        self._client.close()


def _text(chunk: dict[str, Any]) -> str:
    """The text of one chunk; raises EngineError when it reports an error instead."""
    if error := chunk.get("error"):
        raise EngineError(f"the model server broke off: {error.get('message', error) if isinstance(error, dict) else error}")
    choice = (chunk.get("choices") or [{}])[0]
    text = choice.get("text") or (choice.get("delta") or {}).get("content") or ""
    steps = _steps(choice.get("logprobs") or {})
    return Piece(text, steps) if steps else text


def _steps(told: dict[str, Any]) -> tuple[tuple[str, dict[str, float]], ...]:
    """Of chats ("content": a list of tokens) and of plain completions as OpenAI and vLLM write them (parallel lists)."""
    if content := told.get("content"):
        rows = [(t["token"], t["logprob"], {o["token"]: o["logprob"] for o in t.get("top_logprobs") or ()}) for t in content]
    else:
        tokens, own, tops = (told.get(key) or () for key in ("tokens", "token_logprobs", "top_logprobs"))
        rows = list(zip(tokens, own, tops)) if tops else []
    return tuple(
        (token, {text: math.exp(logprob) for text, logprob in {token: own, **(top or {})}.items() if logprob is not None})
        for token, own, top in rows
    )
