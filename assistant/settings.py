"""Where everything is configured: options first, then environment variables, then defaults."""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import SettingsError

ENGINES = ("auto", "llamacpp", "transformers", "openai", "none")
QUANTIZE = ("auto", "yes", "no")
LANGUAGES = ("en", "zh")
GPU_LIBRARIES = ("torch", "transformers", "accelerate", "peft", "llguidance", "bitsandbytes")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. Each field `x` is also the option `--x` and the environment variable `TELLWHY_X`.

    db: the SQLite file, built with the default catalog if absent. host, port: where the page listens.
    engine: one of ENGINES; "auto" is openai when `api_url` is set, transformers on a machine with a CUDA GPU and the `gpu`
    extra unless `model` is a GGUF file, else llamacpp.
    model: a GGUF file (llamacpp), a Hugging Face folder or name or a GGUF file (transformers), or a model name (openai); empty
    for the default base.
    api_url: an OpenAI-compatible server, ending in /v1; api_key: its key, never an option, so that it shows in no process list.
    threads: CPU threads for the model, 0 for all cores.
    quantize: whether transformers keeps the weights in 4 bit (NF4), one of QUANTIZE; "auto" does on a GPU only.
    language: what answers are given in, one of LANGUAGES; a message in Chinese is answered in Chinese anyway.
    """

    db: str = "tellwhy.db"
    host: str = "127.0.0.1"
    port: int = 7860
    engine: str = "auto"
    model: str = ""
    api_url: str = ""
    api_key: str = field(default="", repr=False)
    threads: int = 0
    quantize: str = "auto"
    language: str = "en"

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise SettingsError(f"engine {self.engine!r} is not one of {', '.join(ENGINES)}")
        if self.quantize not in QUANTIZE:
            raise SettingsError(f"quantize {self.quantize!r} is not one of {', '.join(QUANTIZE)}")
        if self.language not in LANGUAGES:
            raise SettingsError(f"language {self.language!r} is not one of {', '.join(LANGUAGES)}")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port {self.port} is not between 0 and 65535")
        if self.threads < 0:
            raise SettingsError(f"threads {self.threads} is negative; give how many, or 0 for one a core")
        if self.engine == "openai" and not self.api_url:
            raise SettingsError("the engine 'openai' needs a server: give --api-url or TELLWHY_API_URL, e.g. http://127.0.0.1:8000/v1")

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Defaults, then TELLWHY_* variables, then the overrides that are not None."""
        values: dict[str, object] = {}
        for field in fields(cls):
            name = f"TELLWHY_{field.name.upper()}"
            if text := os.environ.get(name):
                try:
                    values[field.name] = int(text) if isinstance(field.default, int) else text
                except ValueError as error:
                    raise SettingsError(f"{name}={text!r} is not a whole number") from error
        values.update({k: v for k, v in overrides.items() if v is not None})
        return replace(cls(), **values)

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> Settings:
        given = vars(arguments)
        return cls.from_environment(**{f.name: given.get(f.name) for f in fields(cls)})

    @property
    def engine_name(self) -> str:
        """The engine that "auto" comes down to."""
        if self.engine != "auto":
            return self.engine
        if self.api_url:
            return "openai"
        return "transformers" if not self.model.lower().endswith(".gguf") and gpu_ready() else "llamacpp"


@cache
def gpu_ready() -> bool:
    """Whether transformers can run the model on a CUDA GPU of this machine.

    torch takes seconds to import, so it is asked only where there is an NVIDIA device and all that it takes is installed.
    """
    device = any(Path("/dev").glob("nvidia[0-9]*")) or shutil.which("nvidia-smi")
    if not device or not all(find_spec(library) for library in GPU_LIBRARIES):
        return False
    import torch

    return torch.cuda.is_available()


def add_arguments(parser: argparse.ArgumentParser, page: bool = False) -> None:
    """Adds the shared options; `page` adds where to listen."""
    parser.add_argument("--db", help="SQLite file (TELLWHY_DB; default tellwhy.db)")
    parser.add_argument("--engine", metavar="NAME", help=f"language model engine: {', '.join(ENGINES)} (TELLWHY_ENGINE; default auto)")
    parser.add_argument("--model", help="GGUF file, Hugging Face folder or name, or the server's model name (TELLWHY_MODEL)")
    parser.add_argument("--api-url", help="OpenAI-compatible server, e.g. http://host:8000/v1 (TELLWHY_API_URL)")
    parser.add_argument("--threads", type=int, help="CPU threads for the model (TELLWHY_THREADS; default all)")
    parser.add_argument("--quantize", metavar="WHEN", help="weights in 4 bit in transformers: yes, no, auto: on a GPU (TELLWHY_QUANTIZE; default auto)")
    parser.add_argument("--language", metavar="CODE", help="language of the answers: en, zh (TELLWHY_LANGUAGE; default en)")
    if page:
        parser.add_argument("--host", help="address to listen on (TELLWHY_HOST; default 127.0.0.1)")
        parser.add_argument("--port", type=int, help="port to listen on (TELLWHY_PORT; default 7860)")


def cache_folder() -> Path:
    """Where assembled weights are kept: TELLWHY_CACHE, or ~/.cache/tellwhy."""
    return Path(os.environ.get("TELLWHY_CACHE") or Path.home() / ".cache" / "tellwhy").expanduser()
