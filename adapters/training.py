"""Trains an adapter: LoRA on the base that is served.

On a CPU the base is the served file's weights, dequantised; on CUDA the same weights as NF4 (QLoRA). Where the processor
multiplies bfloat16 in hardware (CUDA, AMX) the base computes in it, and the adapter is kept in 32 bits. The loss is on the
answers alone. For `understand` it is over the 41 tokens that answers are written with: the schema excludes all others
when the model is served. For `explain` it is over the whole vocabulary, on those positions only.
Needs torch, transformers and peft, so it is imported only by the command.
"""

from __future__ import annotations

import errno
import json
import logging
import math
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    EarlyStoppingCallback,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from adapters import likes, sentences
from adapters.batches import IGNORED, Collator, Example, Head, Rows, attention, batches, whole
from adapters.data import FILLERS, SEED, examples
from adapters.errors import TrainingError
from adapters.judging import auc
from assistant import ranker, reading
from store.catalog import Catalog

log = logging.getLogger(__name__)
LINEAR_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
CHUNK = 128
"""Positions whose logits over the whole vocabulary are held at once: 134 MB."""
ROOM = 200 * 2**20
"""Bytes that checkpoints and the adapter need: each checkpoint holds the adapter and twice its size of moments."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an adapter learns. examples(catalog, n, seed=, held_out=) writes it; `tokens` are those of answers, None for
    the whole vocabulary; `together` examples that share a head are one row; `ends`: an answer ends the text, which is learned too.
    languages: those of its examples."""

    examples: Callable[..., Iterator[Example]]
    tokens: Callable[[PreTrainedTokenizerBase], list[int] | None]
    head: Head = whole
    together: int = 1
    ends: bool = True
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, and how. One pass over `n` examples; learning rate up over `warmup` of it, then down along a
    cosine. batch: rows in a step; patience: evaluations without a better validation loss before it stops, see `Patience`."""

    task: str = "understand"
    n: int = 12000
    validation: int = 400
    seed: int = SEED
    rank: int = 16
    alpha: int = 32
    batch: int = 16
    learning_rate: float = 5e-4
    warmup: float = 0.06
    evaluate_every: int = 150
    patience: int = 6
    threads: int = 2
    steps: int = 0
    """Stop after so many steps; 0: at the end of the pass."""


PLANS = {
    "understand": Plan(),
    "explain": Plan("explain", n=3000, validation=64, batch=4, evaluate_every=25),
    "rank": Plan("rank", n=11000, validation=320, batch=8, evaluate_every=20),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a training. validation: loss, and shares of answers and tokens right on held-out examples."""

    steps: int
    seconds: float
    tokens: int
    loss: float
    validation: dict[str, float]


# the tasks


def answer_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Every token that an answer of `understand` can be written with, ascending."""
    labels = sorted({label for group in reading.LABELS.values() for label in group})
    answers = [
        reading.answer(act, second, said)
        for act in reading.TASK_ACTS for second in (None, *reading.TASK_ACTS) for said in ((), ("none",))
    ]
    answers += [reading.answer("tell", None, (label, other)) for label in labels for other in labels]
    return sorted({tokenizer.eos_token_id}.union(*(tokenizer(a, add_special_tokens=False)["input_ids"] for a in answers)))


def yes_and_no(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The two tokens of the answers of `rank`, "no" first. Raises TrainingError for a tokenizer that cuts them in pieces."""
    written = [tokenizer(answer, add_special_tokens=False)["input_ids"] for answer in (ranker.NO, ranker.YES)]
    if any(len(tokens) != 1 for tokens in written):
        raise TrainingError(f"{ranker.YES!r} and {ranker.NO!r} are not one token each in this base; take another base")
    return [tokens[0] for tokens in written]


TASKS = {
    "understand": Task(examples, answer_tokens, languages=tuple(FILLERS)),
    "explain": Task(sentences.pairs, lambda tokenizer: None, sentences.evidence_part, sentences.EACH, languages=tuple(sentences.FILES)),
    "rank": Task(likes.examples, yes_and_no, ranker.head_of, likes.TOGETHER, ends=False),
}


# the loss


class FullVocabularyLoss(torch.autograd.Function):
    """Mean cross entropy over every token, without holding the logits of all positions: 262,144 for each.

    The gradient of the hidden states is computed on the way forward; the head is not trained.
    """

    @staticmethod
    def forward(ctx, hidden: torch.Tensor, head: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        gradient, total = torch.empty_like(hidden), 0.0
        for start in range(0, len(hidden), CHUNK):
            some, wanted = hidden[start : start + CHUNK], targets[start : start + CHUNK, None]
            logits = (some @ head.T).float()
            norm = logits.logsumexp(-1, keepdim=True)
            total += (norm - logits.gather(-1, wanted)).sum()
            chances = logits.sub_(norm).exp_()
            chances.scatter_add_(-1, wanted, chances.new_full(wanted.shape, -1.0))
            gradient[start : start + CHUNK] = chances.to(head.dtype) @ head
        ctx.save_for_backward(gradient / len(hidden))
        return total / len(hidden)

    @staticmethod
    def backward(ctx, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return ctx.saved_tensors[0] * upstream, None, None


class AnswerTrainer(Trainer):
    """A Trainer whose loss looks at the positions of the answers only, and at the tokens of answers where they are few."""

    def __init__(self, *args, tokens: list[int] | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        device = self.model.get_input_embeddings().weight.device
        self.allowed = None if tokens is None else torch.tensor(tokens, device=device)
        if tokens is not None:
            self.place = torch.full((self.model.get_input_embeddings().weight.shape[0],), IGNORED, device=device)
            self.place[self.allowed] = torch.arange(len(tokens), device=device)

    def _get_train_sampler(self, train_dataset=None) -> list[int]:
        rows = (train_dataset or self.train_dataset).rows
        return batches([row["length"] for row in rows], self.args.per_device_train_batch_size, random.Random(self.args.seed))

    def answers(self, model, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """(hidden states, the head, targets among its rows, number of the answer), one for each token of an answer."""
        base = model.get_base_model()
        embedded = base.get_input_embeddings().weight
        # The Trainer leaves mixed precision to the model's forward, which is not what is called here.
        with torch.autocast(embedded.device.type, torch.bfloat16, enabled=self.args.bf16):
            hidden = base.model(
                input_ids=inputs["input_ids"], position_ids=inputs["position_ids"],
                attention_mask=attention(inputs, base.config.sliding_window, embedded.dtype),
            ).last_hidden_state
        targets = inputs["labels"][:, 1:]
        rows, places = torch.nonzero(targets != IGNORED, as_tuple=True)
        head = model.get_output_embeddings().weight
        wanted = targets[rows, places]
        if self.allowed is not None:
            head, wanted = head[self.allowed].float(), self.place[wanted]  # few: their logits cost nothing in 32 bits
        _, answer = torch.unique(torch.stack((rows, inputs["parts"][rows, places + 1])), dim=1, return_inverse=True)
        return hidden[rows, places].to(head.dtype), head, wanted, answer

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        hidden, head, targets, _ = self.answers(model, inputs)
        if self.allowed is not None:
            return cross_entropy(hidden @ head.T, targets)
        return FullVocabularyLoss.apply(hidden, head, targets)

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix="eval") -> dict[str, float]:
        """Loss, shares of tokens and of answers right, and of answers with the first three tokens right: of
        `understand` the main act; of two possible answers the AUC of the second."""
        data = eval_dataset or self.eval_dataset
        self.model.eval()
        losses, right, exact, act, margins, wanted = [], [], [], [], [], []
        order = sorted(range(len(data)), key=lambda n: data[n]["length"])
        size = self.args.per_device_train_batch_size
        with torch.no_grad():
            for start in range(0, len(order), size):
                batch = self._prepare_inputs(self.data_collator([data[n] for n in order[start : start + size]]))
                hidden, head, targets, answer = self.answers(self.model, batch)
                for at in range(0, len(hidden), CHUNK):
                    logits = (hidden[at : at + CHUNK] @ head.T).float()
                    losses += cross_entropy(logits, targets[at : at + CHUNK], reduction="none").tolist()
                    right += (logits.argmax(-1) == targets[at : at + CHUNK]).tolist()
                    margins += (logits[:, 1] - logits[:, 0]).tolist()
                    wanted += targets[at : at + CHUNK].tolist()
                mine = torch.tensor(right[-len(targets) :])
                for number in range(int(answer.max()) + 1):
                    of_answer = mine[(answer == number).cpu()]
                    exact.append(bool(of_answer.all()))
                    act.append(bool(of_answer[:3].all()))
        self.model.train()
        either = self.allowed is not None and len(self.allowed) == 2
        figures = {"loss": losses, "tokens": right, "exact": exact, **({"act": act} if self.allowed is not None and not either else {})}
        metrics = {f"{metric_key_prefix}_{name}": sum(values) / len(values) for name, values in figures.items()}
        if either:
            metrics[f"{metric_key_prefix}_auc"] = auc(margins, wanted)
        self.log(dict(metrics))  # the Trainer adds the epoch to what it logs
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Pace(TrainerCallback):
    """Logs loss and validation, how fast it goes, and how long is left."""

    def __init__(self, tokens_per_step: float) -> None:
        self.tokens_per_step, self.started, self.first = tokens_per_step, 0.0, 0

    def on_step_end(self, args, state, control, **kwargs) -> None:
        if not self.started:
            self.started, self.first = time.monotonic(), state.global_step
        elif state.global_step % args.logging_steps == 0:
            each = (time.monotonic() - self.started) / (state.global_step - self.first)
            left = (state.max_steps - state.global_step) * each / 60
            speed = self.tokens_per_step / each
            log.info("step %d: %.2f s a step, %.0f tokens/s, %.0f min left", state.global_step, each, speed, left)

    def on_log(self, args, state, control, logs=None, **kwargs) -> None:
        shown = {name: value for name, value in (logs or {}).items() if name == "loss" or name.startswith("eval_")}
        if shown:
            log.info("step %d: %s", state.global_step, ", ".join(f"{name} {value:.4f}" for name, value in shown.items()))


class Patience(EarlyStoppingCallback):
    """Early stopping that counts from the second half on, where the learning rate falls: a training that goes on from a good adapter is
    worse than where it began until then."""

    def on_evaluate(self, args, state, control, metrics, **kwargs) -> None:
        if 2 * state.global_step >= state.max_steps:
            super().on_evaluate(args, state, control, metrics, **kwargs)


# training


def train(
    plan: Plan, catalog: Catalog, base: Path, out: Path, *, resume: bool = False, continue_from: Path | None = None
) -> Figures:
    """Trains on `plan.n` examples and leaves the adapter in PEFT's form in `out`.

    base: a folder with the dequantised weights (`bases.dequantised`). Checkpoints go to `out`/checkpoints; `resume` goes
    on from the last whole one. `continue_from`: an adapter to start from instead of an empty one. Raises TrainingError
    when there is nothing to go on from, base or adapter is broken or they do not fit, the disk is full, or it is
    interrupted; an adapter that `out` held before is then still there.
    """
    if plan.task not in TASKS:
        raise TrainingError(f"no task {plan.task!r}; there are {', '.join(TASKS)}")
    task, checkpoints = TASKS[plan.task], out / "checkpoints"
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    last = _last_checkpoint(checkpoints) if resume else None
    _check_room(out)
    model, tokenizer = _load(base, plan, continue_from)
    learned, held_out = _rows(task, plan, catalog, tokenizer)
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(plan, checkpoints, plan.steps or math.ceil(len(learned) / plan.batch)),
        train_dataset=learned,
        eval_dataset=held_out,
        data_collator=Collator(tokenizer.pad_token_id or 0),
        tokens=task.tokens(tokenizer),
        callbacks=[Pace(learned.tokens / len(learned) * plan.batch), Patience(plan.patience)],
    )
    trainer.remove_callback(PrinterCallback)
    started = time.monotonic()
    try:
        result = trainer.train(resume_from_checkpoint=last and str(last))
        seconds = time.monotonic() - started
        final = trainer.evaluate()
        figures = Figures(
            result.global_step, round(seconds, 1), learned.tokens, round(result.training_loss, 4),
            {name.removeprefix("eval_"): round(value, 4) for name, value in final.items()},
        )
        _save(model, plan, figures, out)
    except KeyboardInterrupt:
        raise TrainingError(f"interrupted at step {trainer.state.global_step}; --resume goes on from the last checkpoint") from None
    except (OSError, RuntimeError, SafetensorError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise TrainingError(f"no space left in {out}; make room, then --resume goes on from the last checkpoint") from error
        raise
    return figures


def _rows(task: Task, plan: Plan, catalog: Catalog, tokenizer: PreTrainedTokenizerBase) -> tuple[Rows, Rows]:
    started = time.monotonic()
    learned, held_out = (
        Rows(task.examples(catalog, n, seed=seed, held_out=apart), tokenizer, task.head, task.together, task.ends)
        for n, seed, apart in ((plan.n, plan.seed, False), (plan.validation, SEED, True))
    )
    log.info(
        "%d examples in %d rows, %d tokens; %d rows held out; made in %.0f s",
        plan.n, len(learned), learned.tokens, len(held_out), time.monotonic() - started,
    )
    return learned, held_out


def _last_checkpoint(checkpoints: Path) -> Path:
    """The newest checkpoint that was written to its end: its state is written last."""
    found = [path.parent for path in checkpoints.glob("checkpoint-*/trainer_state.json")]
    if not found:
        raise TrainingError(f"{checkpoints} has no checkpoint to go on from; leave out --resume")
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]))


def _check_room(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(out).free
    except OSError as error:
        raise TrainingError(f"{out} cannot be written to ({error}); name another folder with --out") from error
    if free < ROOM:
        raise TrainingError(f"no space left in {out}: {free >> 20} MiB free, {ROOM >> 20} needed; make room or name another --out")


def _multiplies_bfloat16() -> bool:
    """Whether this CPU has matrix instructions for bfloat16 (AMX); without them it is slower than 32 bits."""
    return torch.cpu.get_capabilities().get("amx_bf16", False)


def _load(base: Path, plan: Plan, continue_from: Path | None):
    """(model with its adapter, tokenizer). On CUDA the base is quantized to NF4 and computes in bfloat16."""
    if torch.cuda.is_available():
        quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
        options = {"dtype": torch.bfloat16, "quantization_config": quantization, "device_map": {"": 0}}
    else:
        options = {"dtype": torch.bfloat16 if _multiplies_bfloat16() else torch.float32}
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager", local_files_only=True, **options)
    except (OSError, ValueError, SafetensorError) as error:
        raise TrainingError(f"{base} holds no model that transformers can read: {error}; remove it and it is made again") from error
    model.config.use_cache = False
    if torch.cuda.is_available():
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if continue_from is not None:
        return _continued(model, continue_from), tokenizer
    config = LoraConfig(
        r=plan.rank, lora_alpha=plan.alpha, target_modules=list(LINEAR_LAYERS), lora_dropout=0.0, task_type="CAUSAL_LM"
    )
    return get_peft_model(model, config), tokenizer


def _continued(model, folder: Path) -> PeftModel:
    if not (folder / "adapter_config.json").is_file():
        raise TrainingError(f"{folder} holds no adapter (adapter_config.json is missing); give a folder that `train` or `export` wrote")
    try:
        return PeftModel.from_pretrained(model, folder, is_trainable=True)
    except SafetensorError as error:
        raise TrainingError(f"{folder}/adapter_model.safetensors is broken or cut short ({error}); copy or train it again") from error
    except (RuntimeError, ValueError, KeyError) as error:
        raise TrainingError(f"the adapter in {folder} does not fit the base ({error}); give one of this base") from error


def _save(model: PeftModel, plan: Plan, figures: Figures, out: Path) -> None:
    """Adapter and figures into `out`, at once: what was there stays until all of it is written."""
    partial = out / ".partial"
    try:
        model.save_pretrained(partial)
        written = {"plan": asdict(plan), "languages": TASKS[plan.task].languages, "figures": asdict(figures)}
        (partial / "training.json").write_text(json.dumps(written, indent=1) + "\n")
        for path in partial.iterdir():
            os.replace(path, out / path.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _arguments(plan: Plan, checkpoints: Path, steps: int) -> TrainingArguments:
    on_gpu = torch.cuda.is_available()
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
        logging_steps=min(10, plan.evaluate_every),
        eval_strategy="steps",
        eval_steps=plan.evaluate_every,
        save_steps=plan.evaluate_every,
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        report_to=[],
        use_cpu=not on_gpu,
        bf16=on_gpu or _multiplies_bfloat16(),
        disable_tqdm=not sys.stderr.isatty(),
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
