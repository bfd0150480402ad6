"""A few steps of training on a tiny, randomly initialised Gemma 3."""

import json

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

from adapters.data import examples
from adapters.errors import TrainingError
from adapters.training import IGNORED, AnswerTrainer, Collator, Messages, Plan, answer_tokens, encoded, train


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with a tiny Gemma 3 and a tokenizer of whole characters."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("base")
    words = ["<pad>", "<eos>", "<bos>", "<unk>", *(chr(n) for n in range(32, 127)), "\n"]
    plain = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
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
    row = encoded(example, tokenizer)
    learned = [label for label in row["labels"] if label != IGNORED]
    assert tokenizer.decode(learned[:-1]) == example.answer and learned[-1] == tokenizer.eos_token_id
    assert row["input_ids"][: -len(learned)] == tokenizer(example.prompt)["input_ids"]
    assert len(row["labels"]) == len(row["input_ids"]) == row["length"]


def test_a_batch_is_padded_on_the_right():
    rows = [
        {"input_ids": [5, 6, 7], "labels": [IGNORED, 6, 7], "length": 3},
        {"input_ids": [5], "labels": [5], "length": 1},
    ]
    batch = Collator(0)(rows)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [5, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 6, 7], [5, IGNORED, IGNORED]]


def test_answers_are_written_with_the_allowed_tokens(catalog, tokenizer):
    allowed = set(answer_tokens(tokenizer))
    for example in examples(catalog, 200, seed=1):
        assert set(encoded(example, tokenizer)["labels"]) - {IGNORED} <= allowed


def test_the_loss_over_allowed_tokens_is_the_constrained_one(base, catalog, tokenizer, tmp_path):
    from peft import LoraConfig, get_peft_model

    plain = transformers.AutoModelForCausalLM.from_pretrained(base)
    model = get_peft_model(plain, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")).eval()
    data = Messages(list(examples(catalog, 3, seed=1)), tokenizer)
    allowed = answer_tokens(tokenizer)
    arguments = transformers.TrainingArguments(output_dir=str(tmp_path), report_to=[], use_cpu=True)
    trainer = AnswerTrainer(model=model, args=arguments, data_collator=Collator(0), tokens=allowed)
    batch = Collator(0)([data[n] for n in range(3)])
    with torch.no_grad():
        logits, targets, _ = trainer.answer_logits(model, batch)
        full = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    wanted = batch["labels"][:, 1:]
    expected = full[wanted != IGNORED][:, allowed]
    torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)
    assert [allowed[t] for t in targets.tolist()] == wanted[wanted != IGNORED].tolist()


def test_a_few_steps_train_and_resume(base, catalog, tmp_path):
    plan = Plan(n=32, validation=6, rank=2, alpha=4, batch=8, evaluate_every=2, learning_rate=1e-2)
    figures = train(plan, catalog, base, tmp_path / "out")
    assert figures.steps == 4 and 0 < figures.loss < 6
    assert (tmp_path / "out" / "adapter_model.safetensors").is_file()
    assert json.loads((tmp_path / "out" / "training.json").read_text())["plan"]["n"] == 32
    longer = Plan(n=32, validation=6, rank=2, alpha=4, batch=8, evaluate_every=2, learning_rate=1e-2, steps=6)
    assert train(longer, catalog, base, tmp_path / "out", resume=True).steps == 6


def test_resuming_without_a_checkpoint_is_an_error(base, catalog, tmp_path):
    with pytest.raises(TrainingError, match="no checkpoint"):
        train(Plan(n=4, validation=2), catalog, base, tmp_path / "out", resume=True)


def test_a_folder_without_a_model_is_named(catalog, tmp_path):
    with pytest.raises(TrainingError, match="no model"):
        train(Plan(n=4), catalog, tmp_path, tmp_path / "out")
