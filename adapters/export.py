"""From PEFT's form of an adapter to the GGUF that llama.cpp loads beside the quantized base.

Only names and containers change: Gemma 3 keeps the order of rows in llama.cpp, so its tensors
are written as they are. Architectures whose rows are permuted there are refused, not guessed at.
"""

from __future__ import annotations

import json
import os
import re
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
    weights, config = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    for path in (weights, config):
        if not path.is_file():
            raise ExportError(f"{path} is missing; train the adapter first, or name the folder that holds it")
    try:
        loaded = load_file(weights)
        settings = json.loads(config.read_text("utf-8"))
    except (SafetensorError, json.JSONDecodeError, OSError) as error:
        raise ExportError(f"{folder} holds a broken adapter ({error}); copy or train it again") from error
    return {gguf_name(key): tensor for key, tensor in sorted(loaded.items())}, settings


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
                f"the adapter has {partial.stat().st_size >> 20} MiB, more than {MAX_BYTES >> 20}; "
                "publish it with 16-bit floats or lower the rank"
            )
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def publish(trained: Path, target: Path, base: Path) -> Path:
    """Puts a trained adapter into `target` as it is committed, and returns its adapter.gguf.

    The PEFT tensors as 16-bit floats (half the size, the same answers), the configuration without paths
    of the machine it was trained on, the GGUF, and the figures of the training. Raises ExportError before
    anything in `target` changes when the adapter is broken, and leaves an older GGUF when it does not fit
    the base."""
    _, settings = tensors_of(trained)
    tensors = load_file(trained / "adapter_model.safetensors")
    target.mkdir(parents=True, exist_ok=True)
    partial = target / "adapter_model.partial"
    save_file(
        {key: tensor.astype(np.float16) for key, tensor in tensors.items()},
        partial,
        metadata={"format": "pt"},
    )
    partial.chmod(0o644)
    os.replace(partial, target / "adapter_model.safetensors")
    settings |= {
        "base_model_name_or_path": base.stem,
        "target_modules": sorted(settings.get("target_modules") or []),
    }
    (target / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    if (trained / "training.json").is_file():
        (target / "training.json").write_bytes((trained / "training.json").read_bytes())
    return export(target, base)


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
