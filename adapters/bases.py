"""The base model in the form that training needs: the served file's weights, dequantised."""

from __future__ import annotations

from pathlib import Path

from adapters.errors import TrainingError
from assistant.errors import ModelError
from assistant.llm import models


def dequantised(gguf: Path, cache: Path | None = None) -> Path:
    """The folder that `models.dequantised` makes. Raises TrainingError when the file cannot be read as a model."""
    try:
        return models.dequantised(gguf, cache)
    except ModelError as error:
        raise TrainingError(str(error)) from error
