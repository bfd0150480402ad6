"""From examples to tensors: encoding, examples that share a prompt, batches of like length, padding.

Knows of an example only that it has a prompt and an answer. Examples in a row whose prompts begin alike can be put
into one row: the shared beginning is computed once, and each answer sees that beginning and itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

import torch
from transformers import PreTrainedTokenizerBase

IGNORED = -100
PADDING = -1
"""The part of a row that is no token."""


class Example(Protocol):
    """What is learned: to go on from `prompt` with `answer`."""

    @property
    def prompt(self) -> str: ...

    @property
    def answer(self) -> str: ...


Head = Callable[[str], str]
"""The beginning of a prompt that examples may share."""


def whole(prompt: str) -> str:
    return prompt


def encoded(
    group: Sequence[Example], tokenizer: PreTrainedTokenizerBase, head: Head = whole, ends: bool = True
) -> dict[str, list[int]]:
    """One row for examples with the same head: token ids, labels (answers and, with `ends`, ends of text, the rest IGNORED),
    positions, and the part of each token: 0 the head, then 1, 2, ... for what follows it in each example.

    Prompt and answer are encoded apart, as they are when served: the prompt ends in a token of its own.
    """
    beginning = head(group[0].prompt)
    ids = list(tokenizer(beginning)["input_ids"])
    shared = len(ids)
    labels, positions, parts = [IGNORED] * shared, list(range(shared)), [0] * shared
    for part, example in enumerate(group, 1):
        asked = example.prompt[len(beginning) :]
        before = tokenizer(asked, add_special_tokens=False)["input_ids"] if asked else []
        after = tokenizer(example.answer, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id] * ends
        ids += before + after
        labels += [IGNORED] * len(before) + after
        positions += range(shared, shared + len(before) + len(after))
        parts += [part] * (len(before) + len(after))
    return {"input_ids": ids, "labels": labels, "position_ids": positions, "parts": parts, "length": len(ids)}


def grouped(written: Iterable[Example], head: Head, most: int) -> Iterator[list[Example]]:
    """Neighbours whose prompts have the same head, at most so many at a time."""
    for _, same in groupby(written, lambda example: head(example.prompt)):
        group = list(same)
        yield from (group[n : n + most] for n in range(0, len(group), most))


class Rows(torch.utils.data.Dataset):
    """Encoded examples, up to `most` that share a head in one row."""

    def __init__(
        self, written: Iterable[Example], tokenizer: PreTrainedTokenizerBase, head: Head = whole, most: int = 1, ends: bool = True
    ) -> None:
        self.rows = [encoded(group, tokenizer, head, ends) for group in grouped(written, head, most)]
        self.tokens = sum(row["length"] for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, list[int]]:
        return self.rows[place]


def batches(lengths: list[int], batch: int, rng: random.Random, pool: int = 50) -> list[int]:
    """An order of the places 0..n-1 in which batches hold rows of like length, and come in no order themselves.

    Batches sorted by length, as the Trainer has them, show all long tellings first and all short questions last,
    again and again: the loss then jumps tenfold at each turn."""
    places = rng.sample(range(len(lengths)), len(lengths))
    cut: list[list[int]] = []
    for start in range(0, len(places), batch * pool):
        some = sorted(places[start : start + batch * pool], key=lambda n: lengths[n])
        cut += [some[n : n + batch] for n in range(0, len(some), batch)]
    short = [b for b in cut if len(b) < batch]
    full = [b for b in cut if len(b) == batch]
    rng.shuffle(full)
    return [n for b in (*full, *short) for n in b]


class Collator:
    """Pads a batch on the right."""

    def __init__(self, pad: int) -> None:
        self.padding = {"input_ids": pad, "labels": IGNORED, "position_ids": 0, "parts": PADDING}

    def __call__(self, rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        width = max(len(row["input_ids"]) for row in rows)
        return {
            name: torch.tensor([row[name] + [value] * (width - len(row[name])) for row in rows])
            for name, value in self.padding.items()
        }


def attention(inputs: dict[str, torch.Tensor], window: int, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Gemma 3's two masks, added to attention scores: a token sees what is before it, in the head or in its own part;
    in sliding layers not further back than `window`."""
    parts, positions = inputs["parts"], inputs["position_ids"]
    seen, sees = parts[:, None, :], parts[:, :, None]
    width = parts.shape[1]
    before = torch.ones(width, width, dtype=torch.bool, device=parts.device).tril()
    allowed = before & ((seen == 0) | (seen == sees)) & (seen != PADDING)
    near = allowed & (positions[:, :, None] - positions[:, None, :] < window)
    lowest = torch.finfo(dtype).min

    def added(mask: torch.Tensor) -> torch.Tensor:
        return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, lowest)[:, None]

    return {"full_attention": added(allowed), "sliding_attention": added(near)}
