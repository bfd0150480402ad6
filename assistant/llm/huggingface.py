"""The engine for machines with a GPU: any causal language model of Hugging Face, in 4 bit, with PEFT adapters.

One base holds all adapters. Which one is on is a state of the whole model, so each token is computed
under a lock that also switches; several texts can be written at once, each with its own adapter, and one
that nobody reads any more costs nothing. Nothing here imports torch before an engine is opened.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import AdapterError, EngineError, ModelError
from assistant.llm.engine import Piece, Prompt
from assistant.llm.models import GPU_REMEDY, base_name
from assistant.settings import GPU_LIBRARIES

if TYPE_CHECKING:
    import torch
    from llguidance import LLMatcher

NO_SPACES = {"whitespace_flexible": False}
"""Without it a small model fills its budget with newlines between the tokens of JSON."""
WARM_UP = {"enum": ["-"]}
PLACEHOLDER = "\ufffd"
"""What half a character decodes to: the rest of its bytes is in the next token."""
OVERLAP = 8
"""So many tokens of the prompt are decoded with the answer: some tokenizers drop the space before a first word."""
UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError)
"""What transformers and PEFT raise for files that they cannot use, subclasses included."""


def check_libraries(quantize: bool | None = None) -> None:
    """Raises ModelError naming the libraries that are not installed, before anything is loaded or converted."""
    needed = [library for library in GPU_LIBRARIES if library != "bitsandbytes" or quantize]
    if missing := [library for library in needed if find_spec(library) is None]:
        raise ModelError(f"the engine 'transformers' needs {', '.join(missing)}; install with: {GPU_REMEDY}")


class TransformersEngine:
    """A base with its adapters, loaded and warm."""

    def __init__(
        self, source: str | Path, adapters: dict[str, Path] | None = None, *, base: str = "", quantize: bool | None = None,
        device: str = "", context: int = 4096, threads: int = 0,
    ) -> None:
        """`source`: a folder or hub name; `base`: what its adapters call it, if not that. `adapters`: name -> PEFT folder.

        quantize: hold the weights in NF4; None does on a GPU. device: "cuda" or "cpu", empty for the best there is.
        Raises ModelError naming the library, the file or the adapter that is missing or does not fit.
        """
        check_libraries(quantize)
        import torch

        self.base = base or base_name(Path(source))
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        if quantize is None:
            quantize = self._device != "cpu"
            check_libraries(quantize)
        if threads:
            torch.set_num_threads(threads)
        self.name = f"transformers {self.base} ({'NF4, ' if quantize else ''}{self._device})"
        self._lock = threading.Lock()
        self._model, self._tokenizer = _load(str(source), quantize, self._device)
        self.context = min(context, getattr(self._model.config, "max_position_embeddings", context))
        taken = inspect.signature(self._model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in taken else {}
        self._cache = "cache" if "cache" in taken else "past_key_values"  # its name until transformers 5.24
        ends = self._model.generation_config.eos_token_id
        self._ends = {self._tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])} - {None}
        self._words = _constraints(self._tokenizer, sorted(self._ends), source)
        # Numbers, because torch takes a name with a dot for a path.
        self._adapters = {name: f"adapter-{number:03}" for number, name in enumerate(adapters or {})}
        for name, folder in (adapters or {}).items():
            self._model = _with_adapter(self._model, self._adapters[name], folder, self.base)
        self._on: str | None = None
        if self._adapters:
            self._model.eval()
            self._model.base_model.disable_adapter_layers()
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
        """See Engine.stream. A prompt longer than the context is an EngineError, and so is a chat with a model that has no template."""
        self._check(adapter)
        ids = self._encode(prompt)
        if len(ids) >= self.context:
            raise EngineError(f"the prompt has {len(ids)} tokens and the context of {self.name} is {self.context}; shorten the message")
        matcher = self._matcher(schema) if schema is not None else None
        return self._write(ids, adapter, matcher, min(max_tokens, self.context - len(ids)), stop, alternatives)

    def choose(
        self, prompts: Sequence[str], answers: Sequence[str], *, adapter: str | None = None
    ) -> list[tuple[float, ...]]:
        """See Engine.choose. Each prompt is computed whole."""
        self._check(adapter)
        encoded = [self._tokenizer(answer, add_special_tokens=False)["input_ids"] for answer in answers]
        if long := [answer for answer, ids in zip(answers, encoded, strict=True) if len(ids) != 1]:
            raise EngineError(f"{long[0]!r} is not one token of {self.base}; choose among other words")
        tokens = [ids[0] for ids in encoded]
        return [tuple(self.next_logits(prompt, adapter)[tokens].log_softmax(-1).tolist()) for prompt in prompts]

    def _check(self, adapter: str | None) -> None:
        if adapter is not None and adapter not in self._adapters:
            known = ", ".join(self._adapters) or "none"
            raise AdapterError(f"no adapter {adapter!r} for {self.base}; there are: {known}")

    def close(self) -> None:
        """Frees the model; a text that is being written ends with an EngineError."""
        with self._lock:
            self._model = None

    def next_logits(self, prompt: Prompt, adapter: str | None = None) -> torch.Tensor:
        """What the model would choose the next token by: 32-bit logits over the vocabulary."""
        return self._step(self._encode(prompt), None, adapter)[0]

    def _write(
        self, ids: list[int], adapter: str | None, matcher: LLMatcher | None, budget: int, stop: tuple[str, ...],
        alternatives: int = 0,
    ) -> Iterator[str]:
        text = Text(self._tokenizer, ids, stop)
        fresh, cache, steps = ids, None, ()
        for _ in range(budget):
            logits, cache = self._step(fresh, cache, adapter)
            token = int((logits if matcher is None else _allowed(logits, matcher)).argmax())
            if token in self._ends:
                break
            if alternatives:
                steps = (*steps, self._likely(logits, token, alternatives))
            if piece := text.add(token):
                yield Piece(piece, steps) if steps else piece
                steps = ()
            if text.stopped or (matcher is not None and _consumed(matcher, token)):
                break
            fresh = [token]
        if rest := text.rest():
            yield Piece(rest, steps) if steps else rest

    def _likely(self, logits: torch.Tensor, token: int, number: int) -> tuple[str, dict[str, float]]:
        """The text of a token, and the likeliest texts in its place with their probabilities, its own among them."""
        probabilities = logits.softmax(-1)
        likely = probabilities.topk(number)
        ids, values = [token, *likely.indices.tolist()], [float(probabilities[token]), *likely.values.tolist()]
        texts = [self._tokenizer.decode([i]) for i in ids]
        return texts[0], dict(zip(texts, values, strict=True))

    def _step(self, ids: list[int], cache: Any, adapter: str | None) -> tuple[torch.Tensor, Any]:
        """(logits after `ids`, the cache with them). `cache`: what was computed of the text before, None at its start."""
        import torch

        with self._lock:
            if self._model is None:
                raise EngineError(f"{self.name} is closed; open an engine again")
            self._switch(adapter)
            try:
                with torch.inference_mode():
                    tokens = torch.tensor([ids], device=self._device)
                    out = self._model(input_ids=tokens, use_cache=True, **{self._cache: cache}, **self._last_only)
                    return out.logits[0, -1].float(), out[self._cache]
            except RuntimeError as error:  # also when memory runs out
                raise EngineError(f"{self.name} failed: {error}") from error
            except (KeyError, TypeError) as error:
                raise EngineError(f"{self.name} is of an architecture without a key-value cache; take a transformer ({error})") from error

    def _switch(self, adapter: str | None) -> None:
        """Under the lock: another thread's switch would change a text in the middle, without an error."""
        if adapter == self._on:
            return
        if adapter is None:
            self._model.base_model.disable_adapter_layers()
        else:
            self._model.base_model.enable_adapter_layers()
            self._model.set_adapter(self._adapters[adapter], inference_mode=True)
        self._on = adapter

    def _encode(self, prompt: Prompt) -> list[int]:
        if isinstance(prompt, str):
            ids = self._tokenizer(prompt)["input_ids"]
        elif self._tokenizer.chat_template is None:
            raise EngineError(f"{self.base} has no chat template: it continues text; choose an instruction-tuned model for chat messages")
        else:
            messages = [dict(message) for message in prompt]
            ids = self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
        return ids or [self._tokenizer.bos_token_id or self._tokenizer.eos_token_id]

    def _matcher(self, schema: dict[str, Any]) -> LLMatcher:
        from llguidance import LLMatcher

        matcher = LLMatcher(self._words, LLMatcher.grammar_from_json_schema(schema, defaults=NO_SPACES))
        if matcher.is_error():
            raise EngineError(f"the schema cannot be followed: {matcher.get_error()}")
        return matcher


class Text:
    """Tokens in, text out: whole characters only, and nothing from a stop text on."""

    def __init__(self, tokenizer: Any, prompt: list[int], stop: tuple[str, ...] = ()) -> None:
        self.stopped = False
        self._tokenizer, self._stop = tokenizer, [s for s in stop if s]
        self._ids = prompt[-OVERLAP:]
        self._start, self._end, self._held = 0, len(self._ids), ""

    def add(self, token: int) -> str:
        """The text that is certain now: empty in the middle of a character, or while a stop text may have begun."""
        self._ids.append(token)
        before, now = self._decode(self._ids[self._start : self._end]), self._decode(self._ids[self._start :])
        if now.endswith(PLACEHOLDER):
            return ""
        self._start, self._end = self._end, len(self._ids)
        return self._release(now[len(before) :])

    def rest(self) -> str:
        """What was held back and is text after all, now that nothing follows."""
        if self.stopped:
            return ""
        before, now = self._decode(self._ids[self._start : self._end]), self._decode(self._ids[self._start :])
        self._start = self._end = len(self._ids)
        return self._release(now[len(before) :]) + self._held

    def _release(self, text: str) -> str:
        self._held += text
        found = [place for s in self._stop if (place := self._held.find(s)) >= 0]
        if found:
            self.stopped = True
            out, self._held = self._held[: min(found)], ""
            return out
        begun = max((n for s in self._stop for n in range(1, len(s)) if self._held.endswith(s[:n])), default=0)
        certain = len(self._held) - begun
        out, self._held = self._held[:certain], self._held[certain:]
        return out

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _load(source: str, quantize: bool, device: str) -> tuple[Any, Any]:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
    from transformers.utils import logging as transformers_logging

    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    options: dict[str, Any] = {"dtype": dtype, "device_map": {"": device}}
    if quantize:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
        )
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, **options)
    except (*UNREADABLE, SafetensorError) as error:
        raise ModelError(
            f"transformers cannot load the model {source} ({error}); give a folder or a hub name of a causal language model that is whole"
        ) from error
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
    return model, tokenizer


def _constraints(tokenizer: Any, ends: list[int], source: str | Path) -> Any:
    """The vocabulary as llguidance needs it; seconds for a large one."""
    import llguidance.hf

    try:
        return llguidance.hf.from_tokenizer(tokenizer, eos_token=ends or None)
    except ValueError as error:
        raise ModelError(f"the tokenizer of {source} cannot be constrained to JSON: {error}") from error


def _with_adapter(model: Any, key: str, folder: Path, base: str) -> Any:
    """The model with one more PEFT adapter, named `key` in it. Raises ModelError for one that is damaged or of another base."""
    from peft import LoraConfig, PeftModel
    from safetensors import SafetensorError

    what = f"the adapter {folder.name!r} in {folder}"
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / file).is_file():
            raise ModelError(f"{what} has no {file}; copy or train it again")
    try:
        settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        trained_on, kind = settings.get("base_model_name_or_path") or "", settings.get("peft_type")
        if kind != "LORA":
            raise ModelError(f"{what} is of the type {kind}; adapters for {base} must be LORA")
        if trained_on and base_name(Path(trained_on)) != base:
            raise ModelError(f"{what} was trained for the base {trained_on!r} and cannot be used with {base!r}; train it for that one")
        config = LoraConfig.from_pretrained(folder)
        if isinstance(model, PeftModel):
            model.add_adapter(key, config)
        else:
            model = PeftModel(model, config, adapter_name=key)
        found = model.load_adapter(folder, key, is_trainable=False)
    except (*UNREADABLE, SafetensorError) as error:
        reason = str(error).split("\n\t")[:2][-1]  # torch lists every tensor, a line each, under a heading
        raise ModelError(f"{what} does not load into the base {base!r} ({reason}); it is damaged or of another base") from error
    if wrong := [*found.missing_keys, *found.unexpected_keys]:
        raise ModelError(f"{what} does not fit the base {base!r}: {len(wrong)} tensors have no partner, such as {wrong[0]}; it is of another base")
    return model


def _allowed(logits: torch.Tensor, matcher: LLMatcher) -> torch.Tensor:
    """The logits with minus infinity for every token that the schema excludes here."""
    import torch

    mask = matcher.compute_bitmask()
    if matcher.is_error():
        raise EngineError(f"the schema cannot be followed: {matcher.get_error()}")
    bits = np.unpackbits(np.frombuffer(mask, np.uint8), bitorder="little", count=len(logits))
    return logits.masked_fill(torch.from_numpy(bits == 0).to(logits.device), -torch.inf)


def _consumed(matcher: LLMatcher, token: int) -> bool:
    """Tells the matcher what was written; whether the JSON is complete."""
    if not matcher.consume_token(token):
        raise EngineError(f"the schema cannot be followed: {matcher.get_error()}")
    return matcher.is_stopped()
