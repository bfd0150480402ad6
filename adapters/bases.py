"""The base model in the form that training needs: the served file's weights, dequantised.

Reading a GGUF through transformers takes minutes, so the folder is made once and kept in the
cache (`assistant.settings.cache_folder`), named after the file's SHA-256.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from pathlib import Path

from adapters.errors import TrainingError
from assistant.settings import cache_folder

log = logging.getLogger(__name__)


def dequantised(gguf: Path, cache: Path | None = None) -> Path:
    """The folder with the 32-bit weights and the tokenizer of `gguf`, converted on the first call (about 1
    GB, minutes).

    Raises TrainingError when the file cannot be read as a model.
    """
    if not gguf.is_file():
        raise TrainingError(f"{gguf} is not a file; give the GGUF of the base model")
    with gguf.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = (cache or cache_folder()) / "dequantised" / digest[:16]
    if (folder / "config.json").is_file():
        return folder
    partial = folder.with_suffix(f".partial-{os.getpid()}")
    log.info("converting %s, once; this takes a few minutes", gguf.name)
    try:
        _convert(gguf, partial)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _convert(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder.mkdir(parents=True)
    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(**source)
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(f"{gguf} cannot be read as a model: {error}") from error
    # The Trainer refuses a model that says it is quantized; these weights no longer are.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
