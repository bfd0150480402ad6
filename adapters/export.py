"""From PEFT's form of an adapter to the GGUF that llama.cpp loads beside the quantized base.

Only names and containers change: Gemma 3 keeps the order of rows in llama.cpp, so its tensors
are written as they are. Architectures whose rows are permuted there are refused, not guessed at.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from adapters.errors import ExportError

MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
SAME_ROW_ORDER = ("gemma3",)
"""Architectures whose tensors llama.cpp keeps as transformers has them."""
KEY = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.([\w.]+)\.lora_([AB])\.weight")
MAX_BYTES = 20 * 2**20
"""Adapters are committed; a larger one has too high a rank, or is not an adapter."""


def gguf_name(key: str) -> str:
    """The GGUF name of a PEFT tensor, e.g. "blk.3.attn_q.weight.lora_a". Raises ExportError for one it does
    not know."""
    match = KEY.fullmatch(key)
    if not match or match[2] not in MODULES:
        raise ExportError(
            f"tensor {key!r} is not a LoRA pair of a linear layer of Gemma 3; train with target "
            f"modules {', '.join(MODULES)}"
        )
    return f"blk.{match[1]}.{MODULES[match[2]]}.weight.lora_{match[3].lower()}"


def tensors_of(folder: Path) -> tuple[dict[str, np.ndarray], dict]:
    """(GGUF name -> tensor, adapter_config) of the PEFT adapter in `folder`. Raises ExportError naming what
    is wrong."""
    loaded, settings = peft_tensors(folder)
    return {gguf_name(key): tensor for key, tensor in sorted(loaded.items())}, settings


def peft_tensors(folder: Path) -> tuple[dict[str, np.ndarray], dict]:
    """(PEFT's name -> tensor, adapter_config) of the adapter in `folder`. Raises ExportError when it is not whole."""
    weights, config = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    for path in (weights, config):
        if not path.is_file():
            raise ExportError(f"{path} is missing; train the adapter first, or name the folder that holds it")
    try:
        return load_file(weights), json.loads(config.read_text("utf-8"))
    except (SafetensorError, json.JSONDecodeError, OSError) as error:
        raise ExportError(f"{folder} holds a broken adapter ({error}); copy or train it again") from error


def export(folder: Path, base: Path) -> Path:
    """Writes `folder`/adapter.gguf for the base GGUF and returns its path; a failed export leaves an older
    one untouched.

    Raises ExportError when the adapter is broken or does not fit the base.
    """
    tensors, settings = tensors_of(folder)
    architecture, shapes = _base(base)
    _check(tensors, shapes, settings["r"], base)
    target = folder / "adapter.gguf"
    partial = folder / "adapter.gguf.partial"
    writer = GGUFWriter(partial, architecture)
    try:
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", float(settings["lora_alpha"]))
        writer.add_string("general.license", "gemma")
        for name, tensor in tensors.items():
            writer.add_tensor(name, np.ascontiguousarray(tensor))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        if partial.stat().st_size > MAX_BYTES:
            raise ExportError(
                f"the adapter has {partial.stat().st_size / 2**20:.0f} MiB, more than {MAX_BYTES >> 20}; "
                "publish it with 16-bit floats or lower the rank"
            )
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def publish(trained: Path, target: Path, base: Path) -> Path:
    """Puts a trained adapter into `target` as it is committed, and returns its adapter.gguf.

    The PEFT tensors as 16-bit floats (half the size, the same answers), the configuration without paths of the machine
    it was trained on, the GGUF, the figures of the training, and a card where there is none. All of it is written
    beside `target` and put in its place at the end: when something fails, an older adapter stays as it was. Raises
    ExportError when the adapter is broken, too large or does not fit the base, or the disk is full.
    """
    tensors_of(trained)
    work = target.parent / f".partial-{target.name}"
    try:
        new = work / "new"
        shutil.rmtree(work, ignore_errors=True)
        new.mkdir(parents=True)
        _write(trained, new, base)
        export(new, base)
        if (target / "README.md").is_file():
            shutil.copy(target / "README.md", new)
        else:
            (new / "README.md").write_text(_card(target.name, new, base), "utf-8")
        _swap(new, target, work / "old")
    except (OSError, SafetensorError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise ExportError(f"no space left for {target}; make room and export again") from error
        raise ExportError(f"{target} cannot be written ({error}); name another folder with --out") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target / "adapter.gguf"


def _write(trained: Path, new: Path, base: Path) -> None:
    """Tensors, configuration and figures."""
    tensors = load_file(trained / "adapter_model.safetensors")
    half = {key: tensor.astype(np.float16) for key, tensor in tensors.items()}
    save_file(half, new / "adapter_model.safetensors", metadata={"format": "pt"})
    (new / "adapter_model.safetensors").chmod(0o644)
    settings = json.loads((trained / "adapter_config.json").read_text("utf-8"))
    settings |= {"base_model_name_or_path": base.stem, "target_modules": sorted(settings.get("target_modules") or [])}
    (new / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    if (trained / "training.json").is_file():
        shutil.copy(trained / "training.json", new)


def _swap(new: Path, target: Path, old: Path) -> None:
    """`new` becomes `target`; a failure puts the older one back."""
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(new, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise


DOES = {
    "understand": "reads a message to the recommender",
    "explain": "tells in one or two sentences why a film was picked",
    "rank": "says whether a person likes a film, given what they liked and disliked",
}


def _card(task: str, folder: Path, base: Path) -> str:
    """A first card, from the figures of the training; what it is worth is to be measured and added."""
    settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    written = folder / "training.json"
    training = json.loads(written.read_text("utf-8")) if written.is_file() else {"plan": {}, "figures": {}}
    figures = ", ".join(f"{name} {value}" for name, value in training["figures"].items() if not isinstance(value, dict))
    validation = ", ".join(f"{name} {value}" for name, value in training["figures"].get("validation", {}).items())
    plan = ", ".join(f"{name} {training['plan'][name]}" for name in ("n", "seed", "learning_rate") if name in training["plan"])
    return f"""# {task}: {DOES.get(task, "an adapter")}

| | |
|---|---|
| base | {base.name}, the file that is served; trained on its dequantised weights |
| adapter | LoRA, rank {settings.get("r")}, alpha {settings.get("lora_alpha")}, on all linear layers; 16-bit floats; `adapter.gguf` for llama.cpp, the rest for PEFT |
| data | `python -m adapters data --task {task}`: {plan} |
| training | {figures} |
| held-out examples | {validation} |

## Terms

Made from Gemma, so the Gemma Terms of Use apply to it: see `adapters/weights/NOTICE.md`. The titles and names in its training data come from
the default catalog (`store/data/README.md`).
"""


def _base(path: Path) -> tuple[str, dict[str, tuple[int, ...]]]:
    """(architecture, tensor name -> (out, in)) of a base GGUF."""
    try:
        reader = GGUFReader(path)
        architecture = reader.fields["general.architecture"].contents()
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(f"{path} is not a GGUF model ({error}); give the file that is served") from error
    if architecture not in SAME_ROW_ORDER:
        raise ExportError(
            f"{path} is of architecture {architecture!r}; adapters can be exported for "
            f"{', '.join(SAME_ROW_ORDER)}"
        )
    return architecture, {t.name: tuple(int(n) for n in reversed(t.shape)) for t in reader.tensors}


def _check(tensors: dict[str, np.ndarray], shapes: dict[str, tuple[int, ...]], rank: int, base: Path) -> None:
    if not tensors:
        raise ExportError("the adapter has no tensors; train it again")
    for name, tensor in tensors.items():
        stem, _, side = name.rpartition(".lora_")
        if stem not in shapes or f"{stem}.lora_{'b' if side == 'a' else 'a'}" not in tensors:
            raise ExportError(
                f"tensor {name!r} has no partner or no place in {base}; the adapter is of another "
                "base or cut short"
            )
        out, inner = shapes[stem]
        wanted = (rank, inner) if side == "a" else (out, rank)
        if tensor.shape != wanted:
            raise ExportError(
                f"tensor {name!r} has the shape {tensor.shape}, the base wants {wanted}; the adapter "
                "is of another base"
            )
