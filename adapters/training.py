"""Trains the `understand` adapter: LoRA on the dequantised weights of the file that is served.

The adapter then fits the very base that answers. The loss is on the answer alone, and over
the 41 tokens that answers are written with: the schema excludes all others when the model is
served, and a step over the whole vocabulary of 262,144 takes a third longer.
Needs torch, transformers and peft, so it is imported only by the command.
"""

from __future__ import annotations

import json
import logging
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from adapters.data import SEED, Example, examples
from adapters.errors import TrainingError
from assistant import reading
from store.catalog import Catalog

log = logging.getLogger(__name__)
IGNORED = -100
LINEAR_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, and how. One pass over `n` messages; learning rate up over `warmup` of it, then down
    along a cosine."""

    n: int = 7000
    validation: int = 200
    seed: int = SEED
    rank: int = 16
    alpha: int = 32
    batch: int = 16
    learning_rate: float = 5e-4
    warmup: float = 0.06
    evaluate_every: int = 60
    threads: int = 2
    steps: int = 0
    """Stop after so many steps; 0: at the end of the pass."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a training."""

    steps: int
    seconds: float
    tokens: int
    loss: float
    validation_exact: float
    validation_act: float


def encoded(example: Example, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    """Token ids of prompt and answer, and the labels: the answer and the end of text, the prompt ignored.

    The two are encoded apart, as they are when served: the prompt ends in a token of its own.
    """
    before = tokenizer(example.prompt)["input_ids"]
    after = tokenizer(example.answer, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    ids = before + after
    return {"input_ids": ids, "labels": [IGNORED] * len(before) + after, "length": len(ids)}


class Messages(torch.utils.data.Dataset):
    """Encoded examples."""

    def __init__(self, written: list[Example], tokenizer: PreTrainedTokenizerBase) -> None:
        self.rows = [encoded(example, tokenizer) for example in written]
        self.tokens = sum(row["length"] for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, list[int]]:
        return self.rows[place]


def batches(lengths: list[int], batch: int, rng: random.Random, pool: int = 50) -> list[int]:
    """An order of the places 0..n-1 in which batches hold messages of like length, and come in no order
    themselves.

    Batches sorted by length, as the Trainer has them, show all long tellings first and all short
    questions last, again and again: the loss then jumps tenfold at each turn."""
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
        self.pad = pad

    def __call__(self, rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        width = max(len(row["input_ids"]) for row in rows)

        def padded(name: str, value: int) -> torch.Tensor:
            return torch.tensor([row[name] + [value] * (width - len(row[name])) for row in rows])

        ids = padded("input_ids", self.pad)
        mask = torch.tensor(
            [[1] * len(row["input_ids"]) + [0] * (width - len(row["input_ids"])) for row in rows]
        )
        return {"input_ids": ids, "attention_mask": mask, "labels": padded("labels", IGNORED)}


def answer_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Every token that an answer can be written with, ascending."""
    labels = sorted({label for group in reading.LABELS.values() for label in group})
    ids = {tokenizer.eos_token_id}
    for act in reading.TASK_ACTS:
        for second in (None, *reading.TASK_ACTS):
            ids.update(tokenizer(reading.answer(act, second, ()), add_special_tokens=False)["input_ids"])
            ids.update(
                tokenizer(reading.answer(act, second, ("none",)), add_special_tokens=False)["input_ids"]
            )
    for label in labels:
        for other in labels:
            ids.update(
                tokenizer(reading.answer("tell", None, (label, other)), add_special_tokens=False)["input_ids"]
            )
    return sorted(ids)


class AnswerTrainer(Trainer):
    """A Trainer whose loss looks at the positions of the answer and the tokens of answers only."""

    def __init__(self, *args, tokens: list[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.allowed = torch.tensor(tokens)
        vocabulary = self.model.get_input_embeddings().weight.shape[0]
        self.place = torch.full((vocabulary,), IGNORED)
        self.place[self.allowed] = torch.arange(len(tokens))

    def _get_train_sampler(self, train_dataset=None) -> list[int]:
        data = train_dataset or self.train_dataset
        return batches(
            [row["length"] for row in data.rows],
            self.args.per_device_train_batch_size,
            random.Random(self.args.seed),
        )

    def answer_logits(
        self, model, inputs: dict[str, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(logits over the allowed tokens, targets as places among them, row of the batch), one for each
        answer token."""
        hidden = (
            model.get_base_model()
            .model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
            .last_hidden_state
        )
        targets = inputs["labels"][:, 1:]
        rows, places = torch.nonzero(targets != IGNORED, as_tuple=True)
        head = model.get_output_embeddings().weight[self.allowed]
        return hidden[rows, places] @ head.T, self.place[targets[rows, places]], rows

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        logits, targets, _ = self.answer_logits(model, inputs)
        loss = cross_entropy(logits, targets)
        return (loss, {"logits": logits}) if return_outputs else loss

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix="eval") -> dict[str, float]:
        """Loss, share of answers right in every token, and share with the right main act."""
        data = eval_dataset or self.eval_dataset
        self.model.eval()
        losses, exact, act = [], 0, 0
        with torch.no_grad():
            order = sorted(range(len(data)), key=lambda n: data[n]["length"])
            for start in range(0, len(order), 16):
                batch = self.data_collator([data[n] for n in order[start : start + 16]])
                logits, targets, rows = self.answer_logits(self.model, batch)
                losses.append(cross_entropy(logits, targets).item())
                right = logits.argmax(-1) == targets
                for row in range(len(batch["labels"])):
                    mine = right[rows == row]
                    exact += bool(mine.all())
                    act += bool(mine[:3].all())
        self.model.train()
        figures = {
            f"{metric_key_prefix}_loss": sum(losses) / len(losses),
            f"{metric_key_prefix}_exact": exact / len(data),
            f"{metric_key_prefix}_act": act / len(data),
        }
        self.log(figures)
        return figures


class Pace(TrainerCallback):
    """Logs how fast it goes."""

    def __init__(self, tokens_per_step: float) -> None:
        self.tokens_per_step, self.started, self.first = tokens_per_step, 0.0, 0

    def on_step_end(self, args, state, control, **kwargs) -> None:
        if not self.started:
            self.started, self.first = time.monotonic(), state.global_step
        elif state.global_step % 10 == 0:
            each = (time.monotonic() - self.started) / (state.global_step - self.first)
            left = (state.max_steps - state.global_step) * each / 60
            log.info(
                "step %d: %.2f s a step, %.0f tokens/s, %.0f min left",
                state.global_step,
                each,
                self.tokens_per_step / each,
                left,
            )


def train(
    plan: Plan,
    catalog: Catalog,
    base: Path,
    out: Path,
    *,
    resume: bool = False,
    continue_from: Path | None = None,
) -> Figures:
    """Trains on `plan.n` messages and leaves the adapter in PEFT's form in `out`.

    base: a folder with the dequantised weights (`bases.dequantised`). Checkpoints go to `out`/checkpoints;
    `resume` goes on from the last one. `continue_from`: an adapter to start from instead of an empty one.
    Raises TrainingError when there is nothing to go on from, or base is not a model.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    model, tokenizer = _load(base, plan, continue_from)
    started = time.monotonic()
    learned = Messages(list(examples(catalog, plan.n, seed=plan.seed)), tokenizer)
    held_out = Messages(list(examples(catalog, plan.validation, seed=SEED, held_out=True)), tokenizer)
    log.info(
        "%d messages, %d tokens; %d held out; made in %.0f s",
        len(learned),
        learned.tokens,
        len(held_out),
        time.monotonic() - started,
    )
    checkpoints = out / "checkpoints"
    if resume and not any(checkpoints.glob("checkpoint-*")):
        raise TrainingError(f"{checkpoints} has no checkpoint to go on from; leave out --resume")
    steps = plan.steps or -(-len(learned) // plan.batch)
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(plan, checkpoints, steps),
        train_dataset=learned,
        eval_dataset=held_out,
        data_collator=Collator(tokenizer.pad_token_id or 0),
        tokens=answer_tokens(tokenizer),
        callbacks=[Pace(learned.tokens / len(learned) * plan.batch)],
    )
    started = time.monotonic()
    result = trainer.train(resume_from_checkpoint=resume or None)
    seconds = time.monotonic() - started
    final = trainer.evaluate()
    model.save_pretrained(out)
    figures = Figures(
        result.global_step,
        round(seconds, 1),
        learned.tokens,
        round(result.training_loss, 4),
        round(final["eval_exact"], 4),
        round(final["eval_act"], 4),
    )
    (out / "training.json").write_text(
        json.dumps({"plan": asdict(plan), "figures": asdict(figures)}, indent=1) + "\n"
    )
    return figures


def _load(base: Path, plan: Plan, continue_from: Path | None):
    try:
        tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    except (OSError, ValueError) as error:
        raise TrainingError(f"{base} holds no model that transformers can read: {error}") from error
    model.config.use_cache = False
    if continue_from is not None:
        return PeftModel.from_pretrained(model, continue_from, is_trainable=True), tokenizer
    config = LoraConfig(
        r=plan.rank,
        lora_alpha=plan.alpha,
        target_modules=list(LINEAR_LAYERS),
        lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config), tokenizer


def _arguments(plan: Plan, checkpoints: Path, steps: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=steps,
        per_device_train_batch_size=plan.batch,
        learning_rate=plan.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, int(plan.warmup * steps)),
        weight_decay=0.0,
        max_grad_norm=1.0,
        seed=plan.seed,
        logging_steps=10,
        eval_strategy="steps",
        eval_steps=plan.evaluate_every,
        save_steps=plan.evaluate_every,
        save_total_limit=1,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
