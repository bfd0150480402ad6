"""A few steps of training on a tiny, randomly initialised Gemma 3."""

import errno
import json
import math
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

from adapters import __main__ as command, sentences, training
from adapters.batches import IGNORED, Collator, Rows, attention, encoded, grouped
from adapters.data import examples
from adapters.errors import TrainingError
from adapters.training import AnswerTrainer, FullVocabularyLoss, Plan, answer_tokens, train


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Tensors are tiny here; a second thread would mostly wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with a tiny Gemma 3 and a tokenizer of whole characters, " yes" and " no"."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("base")
    words = ["<pad>", "<eos>", "<bos>", "<unk>", *(chr(n) for n in range(32, 127)), "\n", " yes", " no"]
    plain = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Split(Regex(r" yes| no|[\s\S]"), "isolated")
    plain.decoder = decoders.Fuse()
    plain.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    )
    tokenizer.save_pretrained(folder)
    config = transformers.Gemma3TextConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=64,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )
    torch.manual_seed(0)
    transformers.Gemma3ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(base):
    return transformers.AutoTokenizer.from_pretrained(base)


def test_the_loss_sees_the_answer_and_the_end_alone(catalog, tokenizer):
    example = next(examples(catalog, 1, seed=1))
    row = encoded([example], tokenizer)
    learned = [label for label in row["labels"] if label != IGNORED]
    assert tokenizer.decode(learned[:-1]) == example.answer and learned[-1] == tokenizer.eos_token_id
    assert row["input_ids"][: -len(learned)] == tokenizer(example.prompt)["input_ids"]
    assert len(row["labels"]) == len(row["input_ids"]) == row["length"]


def test_a_batch_is_padded_on_the_right():
    rows = [
        {"input_ids": [5, 6, 7], "labels": [IGNORED, 6, 7], "position_ids": [0, 1, 2], "parts": [0, 1, 1], "length": 3},
        {"input_ids": [5], "labels": [5], "position_ids": [0], "parts": [0], "length": 1},
    ]
    batch = Collator(0)(rows)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [5, 0, 0]]
    assert batch["parts"].tolist() == [[0, 1, 1], [0, -1, -1]]
    assert batch["labels"].tolist() == [[IGNORED, 6, 7], [5, IGNORED, IGNORED]]


def test_answers_are_written_with_the_allowed_tokens(catalog, tokenizer):
    allowed = set(answer_tokens(tokenizer))
    for example in examples(catalog, 200, seed=1):
        assert set(encoded([example], tokenizer)["labels"]) - {IGNORED} <= allowed


def adapted(base):
    from peft import LoraConfig, get_peft_model

    plain = transformers.AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager")
    return get_peft_model(plain, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")).eval()


def trainer_of(model, tmp_path, tokens):
    arguments = transformers.TrainingArguments(output_dir=str(tmp_path), report_to=[], use_cpu=True)
    return AnswerTrainer(model=model, args=arguments, data_collator=Collator(0), tokens=tokens)


def test_the_loss_over_allowed_tokens_is_the_constrained_one(base, catalog, tokenizer, tmp_path):
    model = adapted(base)
    data = Rows(examples(catalog, 3, seed=1), tokenizer)
    allowed = answer_tokens(tokenizer)
    batch = Collator(0)([data[n] for n in range(3)])
    with torch.no_grad():
        hidden, head, targets, _ = trainer_of(model, tmp_path, allowed).answers(model, batch)
        full = model(input_ids=batch["input_ids"], attention_mask=batch["parts"] >= 0).logits[:, :-1]
    wanted = batch["labels"][:, 1:]
    expected = full[wanted != IGNORED][:, allowed]
    torch.testing.assert_close(hidden @ head.T, expected, atol=1e-4, rtol=1e-4)
    assert [allowed[t] for t in targets.tolist()] == wanted[wanted != IGNORED].tolist()


def test_answers_that_share_a_prompt_are_as_if_each_stood_alone(base, catalog, tokenizer, tmp_path):
    model = adapted(base)
    trainer = trainer_of(model, tmp_path, None)
    written = list(sentences.pairs(catalog, 8, seed=1))
    together = Rows(written, tokenizer, sentences.evidence_part, 4)
    alone = Rows(written, tokenizer, sentences.evidence_part)
    assert len(together) < len(alone) == 8
    with torch.no_grad():
        one = trainer.answers(model, Collator(0)([together[n] for n in range(len(together))]))
        each = trainer.answers(model, Collator(0)([alone[n] for n in range(8)]))
    torch.testing.assert_close(one[0], each[0], atol=1e-4, rtol=1e-4)
    assert one[2].tolist() == each[2].tolist() and one[3].tolist() == each[3].tolist()


def test_a_part_sees_the_head_and_itself_and_no_padding():
    inputs = {"parts": torch.tensor([[0, 1, 1, 2, -1]]), "position_ids": torch.tensor([[0, 1, 2, 1, 0]])}
    masks = attention(inputs, window=2, dtype=torch.float32)
    seen = [[int(v == 0) for v in row] for row in masks["full_attention"][0, 0].tolist()]
    assert seen[:4] == [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 1, 0]]
    near = [[int(v == 0) for v in row] for row in masks["sliding_attention"][0, 0].tolist()]
    assert near[2] == [0, 1, 1, 0, 0]


def test_neighbours_with_the_same_evidence_are_grouped(catalog):
    written = list(sentences.pairs(catalog, 20, seed=1))
    groups = list(grouped(written, sentences.evidence_part, 4))
    assert [pair for group in groups for pair in group] == written
    assert max(map(len, groups)) == 4
    for group in groups:
        assert len({sentences.evidence_part(pair.prompt) for pair in group}) == 1


def test_the_loss_over_the_whole_vocabulary_is_the_plain_one(monkeypatch):
    monkeypatch.setattr(training, "CHUNK", 3)
    torch.manual_seed(1)
    hidden, head, targets = torch.randn(7, 4), torch.randn(11, 4), torch.randint(0, 11, (7,))
    ours, plain = hidden.clone().requires_grad_(), hidden.clone().requires_grad_()
    loss = FullVocabularyLoss.apply(ours, head, targets)
    expected = torch.nn.functional.cross_entropy(plain @ head.T, targets)
    (2 * loss).backward()
    (2 * expected).backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(ours.grad, plain.grad)


SMALL = {"validation": 4, "rank": 2, "alpha": 4, "batch": 8, "evaluate_every": 2, "learning_rate": 1e-2, "threads": 1}


def test_a_few_steps_train_and_resume(base, catalog, tmp_path):
    figures = train(Plan(n=32, **SMALL), catalog, base, tmp_path / "out")
    assert figures.steps == 4 and 0 < figures.loss < 6
    assert {"loss", "tokens", "exact", "act"} <= figures.validation.keys()
    assert (tmp_path / "out" / "adapter_model.safetensors").is_file()
    written = json.loads((tmp_path / "out" / "training.json").read_text())
    assert written["plan"]["n"] == 32 and written["plan"]["task"] == "understand" and written["languages"] == ["en", "zh"]
    assert not (tmp_path / "out" / ".partial").exists()
    assert train(Plan(n=32, **SMALL, steps=6), catalog, base, tmp_path / "out", resume=True).steps == 6


def test_explain_trains_over_the_whole_vocabulary(base, catalog, tmp_path, caplog):
    with caplog.at_level("INFO"):
        figures = train(Plan("explain", n=8, **SMALL | {"batch": 1}), catalog, base, tmp_path / "out")
    assert 2 <= figures.steps <= 8 and 0 < figures.validation["loss"] < 6
    assert "act" not in figures.validation
    assert "eval_loss" in caplog.text and "s a step" in caplog.text


def test_rank_learns_two_tokens_and_tells_the_auc(base, catalog, tokenizer, tmp_path):
    figures = train(Plan("rank", n=96, **SMALL | {"validation": 48, "batch": 1}), catalog, base, tmp_path / "out")
    assert figures.steps >= 4 and 0 < figures.validation["loss"] < 3
    assert 0 <= figures.validation["auc"] <= 1 and "act" not in figures.validation
    task = training.TASKS["rank"]
    rows = Rows(task.examples(catalog, 48, seed=1), tokenizer, task.head, task.together, task.ends)
    labels = [label for row in rows.rows for label in row["labels"] if label != IGNORED]
    assert len(labels) == 48 and set(labels) == set(task.tokens(tokenizer)), "an answer is one token, and no end of text is learned"


def test_a_tokenizer_that_cuts_yes_in_pieces_is_refused():
    with pytest.raises(TrainingError, match="one token"):
        training.yes_and_no(lambda text, **options: {"input_ids": list(text)})


def test_it_goes_on_from_an_adapter(base, catalog, tmp_path):
    train(Plan("explain", n=4, **SMALL), catalog, base, tmp_path / "first")
    plan = Plan("explain", n=4, **SMALL | {"learning_rate": 0.0})
    train(plan, catalog, base, tmp_path / "second", continue_from=tmp_path / "first")
    from safetensors.torch import load_file

    first, second = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("first", "second"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_the_command_trains_another_rank_and_none_that_goes_on(base, default_db, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "_gguf", lambda options: base)
    monkeypatch.setattr("adapters.bases.dequantised", lambda gguf: base)
    arguments = ["train", "understand", "--db", str(default_db), "--n", "2", "--steps", "1", "--rank", "3", "--threads", "1"]
    monkeypatch.setitem(training.PLANS, "understand", Plan(**SMALL))
    assert command.main([*arguments, "--out", str(tmp_path / "first")]) == 0
    written = json.loads((tmp_path / "first" / "adapter_config.json").read_text())
    assert (written["r"], written["lora_alpha"]) == (3, 6)
    assert command.main([*arguments, "--out", str(tmp_path / "second"), "--continue-from", str(tmp_path / "first")]) == 1
    assert "keeps its rank" in capsys.readouterr().err


def test_it_stops_when_validation_no_longer_improves_but_not_in_the_first_half(base, catalog, tmp_path):
    plan = Plan(n=80, **SMALL | {"learning_rate": 0.0, "evaluate_every": 1}, patience=2)
    steps = math.ceil(plan.n / plan.batch)
    assert steps / 2 < train(plan, catalog, base, tmp_path / "out").steps < steps / 2 + 3 < steps


# what goes wrong


@pytest.fixture
def adapter(base, catalog, tmp_path):
    train(Plan(n=8, **SMALL), catalog, base, tmp_path / "adapter")
    return tmp_path / "adapter"


def test_a_truncated_adapter_is_named(base, catalog, tmp_path, adapter):
    path = adapter / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(TrainingError, match="cut short"):
        train(Plan(n=8, **SMALL), catalog, base, tmp_path / "out", continue_from=adapter)


def test_an_adapter_of_another_base_is_refused(base, catalog, tmp_path, adapter):
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    model.config.hidden_size = model.config.hidden_size * 2
    other = tmp_path / "other"
    transformers.Gemma3ForCausalLM(model.config).save_pretrained(other)
    transformers.AutoTokenizer.from_pretrained(base).save_pretrained(other)
    with pytest.raises(TrainingError, match="does not fit the base"):
        train(Plan(n=8, **SMALL), catalog, other, tmp_path / "out", continue_from=adapter)


def test_a_folder_without_an_adapter_is_named(base, catalog, tmp_path):
    with pytest.raises(TrainingError, match="holds no adapter"):
        train(Plan(n=8, **SMALL), catalog, base, tmp_path / "out", continue_from=tmp_path)


def test_a_truncated_base_is_named(base, catalog, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(base, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(TrainingError, match="no model that transformers can read"):
        train(Plan(n=8, **SMALL), catalog, broken, tmp_path / "out")


def test_a_full_disk_is_said_before_and_after_the_training(base, catalog, tmp_path, adapter, monkeypatch):
    before = (adapter / "adapter_model.safetensors").read_bytes()

    def full(self, folder, **options):
        Path(folder).mkdir(parents=True, exist_ok=True)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(training.PeftModel, "save_pretrained", full)
        with pytest.raises(TrainingError, match="no space left"):
            train(Plan(n=8, **SMALL, steps=1), catalog, base, adapter)
    assert (adapter / "adapter_model.safetensors").read_bytes() == before
    monkeypatch.setattr(training.shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(TrainingError, match="200 needed"):
        train(Plan(n=8, **SMALL), catalog, base, adapter)


def test_an_interrupted_run_says_how_to_go_on_and_skips_a_checkpoint_cut_short(base, catalog, tmp_path, monkeypatch):
    plan, out = Plan(n=48, **SMALL), tmp_path / "out"
    plain = AnswerTrainer.compute_loss

    def interrupted(self, *args, **options):
        if self.state.global_step == 3:
            raise KeyboardInterrupt
        return plain(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(AnswerTrainer, "compute_loss", interrupted)
        with pytest.raises(TrainingError, match="interrupted at step 3; --resume"):
            train(plan, catalog, base, out)
    assert not (out / "adapter_model.safetensors").exists()
    (out / "checkpoints" / "checkpoint-3").mkdir()
    assert train(plan, catalog, base, out, resume=True).steps == 6


def test_an_unknown_task_is_named(base, catalog, tmp_path):
    with pytest.raises(TrainingError, match="no task 'sing'"):
        train(Plan("sing"), catalog, base, tmp_path)


def test_resuming_without_a_checkpoint_is_an_error(base, catalog, tmp_path):
    with pytest.raises(TrainingError, match="no checkpoint"):
        train(Plan(n=4, validation=2), catalog, base, tmp_path / "out", resume=True)


def test_a_folder_without_a_model_is_named(catalog, tmp_path):
    with pytest.raises(TrainingError, match="no model"):
        train(Plan(n=4), catalog, tmp_path, tmp_path / "out")
