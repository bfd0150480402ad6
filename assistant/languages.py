"""The languages that answers are given in, and which one a message is answered in."""

from __future__ import annotations

from types import ModuleType

from assistant import english, mandarin

WORDS: dict[str, ModuleType] = {"en": english, "zh": mandarin}
"""Language code -> its module of sentences; all have the same functions with the same parameters."""
