"""The languages that answers are given in, and which one a message is answered in."""

from __future__ import annotations

from types import ModuleType

from assistant import english

WORDS: dict[str, ModuleType] = {"en": english}
"""Language code -> its module of sentences; all have the same functions with the same parameters."""
