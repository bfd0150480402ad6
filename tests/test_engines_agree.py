"""The same adapter in two engines: PEFT in transformers, its GGUF export in llama.cpp.

The distributions of the next token are compared on unquantized weights: the served file's, written out
in 32 bits, because llama.cpp rounds activations for quantized ones, which hides a wrong row. The readings are compared on
what is really served, the quantized file.

    python tests/test_engines_agree.py 200          # the share of held-out messages that both read alike, and of hand-written ones
    python tests/test_engines_agree.py 200 --nf4    # the same with NF4 in transformers: two quantized bases; a quarter of an hour
"""

import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from engine_contract import open_transformers

from adapters.data import examples
from assistant import reading
from assistant.errors import ModelError
from assistant.llm.engine import ADAPTERS_FOLDER, adapters_for
from assistant.llm.llamacpp import LlamaCppEngine
from assistant.llm.models import base_name
from assistant.reading import Reading
from assistant.understand import SURE

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("llguidance")

SEED = 4711
TOLERANCE = 0.005
"""Total variation distance, 0 to 1. Measured over 106 places: 0.0005 in the median, 0.0015 at most; with the rows of q permuted in a
single one of the 18 layers 0.026 and 0.09, in all of them 0.15 and 0.59."""
TOP = 500
"""llama.cpp tells the probabilities of so many tokens; the others are compared as one."""
ALIKE, ALIKE_AT_ALL = 0.95, 0.8
"""Shares of messages: without a difference that both engines are sure of, and without any. The held-out messages are odd on
purpose, and where a reading is a toss-up the rounding of an engine decides."""
HEADS = {"q_proj": 4, "k_proj": 1}


@pytest.fixture(scope="module")
def theirs():
    """transformers with the default base in 32 bits and the committed adapter."""
    try:
        engine = open_transformers()
    except ModelError as error:
        warnings.warn(f"NO REAL MODEL, the tests with it are skipped: {error}", stacklevel=1)
        pytest.skip(f"no real model: {error}")
    if not engine.has_adapter(reading.ADAPTER):
        pytest.skip("no understand adapter is committed for the default base")
    return engine


@pytest.fixture(scope="module")
def unquantized(model_file, tmp_path_factory):
    """The served file with every tensor in 32 bits, 1.1 GB; removed afterwards."""
    path = tmp_path_factory.mktemp("unquantized") / "base.gguf"
    write_unquantized(model_file, path)
    yield path
    path.unlink()


def write_unquantized(source, target):
    """Copies the header's facts as they are, with new tensor entries and 32-bit data."""
    from gguf import GGMLQuantizationType, GGUFReader
    from gguf.quants import dequantize

    reader = GGUFReader(source)
    align = reader.alignment
    infos, offset = b"", 0
    for tensor in reader.tensors:
        name = tensor.name.encode()
        infos += len(name).to_bytes(8, "little") + name + len(tensor.shape).to_bytes(4, "little")
        infos += b"".join(int(n).to_bytes(8, "little") for n in tensor.shape)
        infos += int(GGMLQuantizationType.F32).to_bytes(4, "little") + offset.to_bytes(8, "little")
        offset += -(-int(tensor.n_elements) * 4 // align) * align
    with source.open("rb") as original, target.open("wb") as out:
        out.write(original.read(int(reader.tensors[0].field.offset)) + infos)
        for tensor in reader.tensors:
            out.write(b"\0" * (-out.tell() % align))
            out.write(np.ascontiguousarray(dequantize(tensor.data, tensor.tensor_type), np.float32).tobytes())
        out.write(b"\0" * (-out.tell() % align))


# Distributions

@pytest.fixture(scope="module")
def places(theirs, catalog):
    """(token ids, adapter, probabilities in transformers) where something is to be decided: within answers, and in prose."""
    encode = theirs._tokenizer
    found = []
    for example in examples(catalog, 6, seed=SEED, held_out=True):
        ids = encode(example.prompt)["input_ids"]
        answer = encode(example.answer, add_special_tokens=False)["input_ids"]
        # The first token opens the list; the one after it is the act, and the labels stand at the odd places.
        found += [(ids + answer[:n], reading.ADAPTER) for n in range(1, min(len(answer), 6), 2)]
    prose = [encode(text)["input_ids"] for text in ("Once upon a time", "Because you loved Heat (1995),")]
    found += [(ids, adapter) for ids in prose for adapter in (None, reading.ADAPTER)]
    return [(ids, adapter, torch.softmax(theirs._step(ids, None, adapter)[0], -1).numpy()) for ids, adapter in found]


def distances(base, adapter, places):
    """The total variation distance at each place, with llama.cpp serving `base` and the GGUF `adapter`."""
    engine = LlamaCppEngine(base, {reading.ADAPTER: adapter}, context=1024)
    try:
        return np.array([distance(probabilities, told(engine, ids, name)) for ids, name, probabilities in places])
    finally:
        engine.close()


def told(engine, ids, adapter):
    """Token id -> llama.cpp's probability, for the TOP likeliest."""
    chunks = []
    engine._server.handle_completions({
        "prompt": ids, "max_tokens": 1, "temperature": 0, "n_probs": TOP, "cache_prompt": False, "stream": False,
        "lora": [{"id": n, "scale": float(name == adapter)} for name, n in engine._adapters.items()],
    }, lambda chunk: bool(chunks.append(chunk)))
    top = chunks[0]["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    return {entry["id"]: np.exp(entry["logprob"]) for entry in top}


def distance(mine, theirs):
    """Half the sum of absolute differences; what `theirs` does not name is compared as one."""
    known = np.array(list(theirs))
    other = np.array(list(theirs.values()))
    rest = abs((mine.sum() - mine[known].sum()) - (1 - other.sum()))
    return 0.5 * (np.abs(mine[known] - other).sum() + rest)


def test_the_places_decide_something(places):
    entropies = [float(-(p * np.log(p + 1e-30)).sum()) for *_, p in places]
    assert len(places) >= 20 and np.median(entropies) > 0.1 and max(entropies) > 1


def test_both_engines_have_the_same_distributions(unquantized, model_file, places):
    apart = distances(unquantized, adapters_for(base_name(model_file))[reading.ADAPTER], places)
    assert apart.max() < TOLERANCE, f"median {np.median(apart):.4f}, most {apart.max():.4f}"


def permuted(tensor, heads):
    """The rows as llama.cpp wants them for Llama, and not for Gemma."""
    rows, rank = tensor.shape
    return np.ascontiguousarray(tensor.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2).reshape(rows, rank))


WRONG = {
    "rows of q and k permuted": lambda key, tensor: permuted(tensor, HEADS[key.split(".")[-3]])
    if key.endswith(("q_proj.lora_B.weight", "k_proj.lora_B.weight")) else tensor,
    "rows of q permuted in one layer": lambda key, tensor: permuted(tensor, HEADS["q_proj"])
    if key.endswith("layers.9.self_attn.q_proj.lora_B.weight") else tensor,
    "ranks of one lora_a in reverse": lambda key, tensor: np.ascontiguousarray(tensor[::-1])
    if key.endswith("layers.5.mlp.gate_proj.lora_A.weight") else tensor,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_layout_is_seen(wrong, unquantized, model_file, places, tmp_path):
    """The exporter's own GGUF of tensors in a wrong order: nothing else could tell it from a right one."""
    from safetensors.numpy import load_file, save_file

    from adapters.export import export

    good = ADAPTERS_FOLDER / base_name(model_file) / reading.ADAPTER
    shutil.copy(good / "adapter_config.json", tmp_path)
    tensors = load_file(good / "adapter_model.safetensors")
    changed = {key: WRONG[wrong](key, tensor) for key, tensor in tensors.items()}
    assert any(not np.array_equal(changed[key], tensors[key]) for key in tensors)
    save_file(changed, tmp_path / "adapter_model.safetensors")
    apart = distances(unquantized, export(tmp_path, model_file), places[::2])
    assert apart.max() > 2 * TOLERANCE, f"median {np.median(apart):.4f}, most {apart.max():.4f}"


# Readings

def apart(one, other, messages):
    """The messages that two engines read differently: (text, reading, other reading)."""
    read = ((e.text, *(reading.read(engine, e.text, e.spans, e.last) for engine in (one, other))) for e in messages)
    return [(text, first, second) for text, first, second in read if first != second]


def differ_surely(first, second):
    """Whether two readings differ where both engines are sure; where one is not, the assistant asks instead of applying it."""
    said = ((r.act, r.second, *r.labels) for r in (first, second))
    pairs = zip(*said, first.certain, second.certain, strict=True)  # an engine that tells no certainties is an error
    return any(one != other and min(sure, as_sure) >= SURE for one, other, sure, as_sure in pairs)


def judged(differing, n):
    """(share of `n` messages read alike, share without a difference that both are sure of)."""
    return 1 - len(differing) / n, 1 - sum(differ_surely(first, second) for _, first, second in differing) / n


def test_differences_that_both_are_sure_of_count():
    def read(act, *certain):
        return Reading(act, None, ("love",), certain)

    assert differ_surely(read("tell", 0.9, 1.0, 1.0), read("why", 0.8, 1.0, 0.2))
    assert not differ_surely(read("tell", 0.9, 1.0, 1.0), read("why", 0.4, 1.0, 1.0))
    assert not differ_surely(read("tell", 0.9, 1.0, 1.0), read("tell", 0.9, 1.0, 1.0))
    with pytest.raises(ValueError):
        differ_surely(read("tell"), read("why"))


def test_both_engines_read_alike(theirs, real_engine, catalog):
    """A small sample; 200 messages by the command above."""
    differing = apart(theirs, real_engine, examples(catalog, 20, seed=SEED, held_out=True))
    alike, surely = judged(differing, 20)
    assert alike >= ALIKE_AT_ALL and surely >= ALIKE, differing


def changed_alike(one, other, catalog, n):
    """(share of `n` hand-written messages that become the same StateChange, share where neither applies what the other does not).
    A reading that one of them is not sure of is asked about, so it is another StateChange and no other edit."""
    from assistant.evaluation import understanding
    from assistant.linking import Linker
    from assistant.understand import understand

    messages, linker, names = understanding.load(), Linker(catalog), understanding.ids_by_name(catalog)
    messages = messages[:: max(1, len(messages) // n)][:n]
    same = applied = 0
    for gold in messages:
        state = understanding.state_of(gold, catalog, names)
        first, second = (understand(reading.beginning(gold["text"]), state, linker, engine) for engine in (one, other))
        same += first == second
        asked = {p.subject for change in (first, second) for q in change.questions for p in q.proposed}
        left = ({p for p in change.added if p.subject not in asked} for change in (first, second))
        applied += next(left) == next(left) and {p.subject for p in first.removed} - asked == {p.subject for p in second.removed} - asked
    return same / len(messages), applied / len(messages)


def main(n, quantize):
    from assistant.llm.models import find_model
    from store.catalog import Catalog
    from store.database import Database

    model = find_model()
    engine, other = LlamaCppEngine(model, adapters_for(base_name(model))), open_transformers(quantize)
    with Database("tellwhy.db") as database:
        catalog = Catalog(database)
        differing = apart(other, engine, examples(catalog, n, seed=SEED, held_out=True))
        same, applied = changed_alike(other, engine, catalog, n)
    engine.close()
    for text, first, second in differing:
        print(f"{text}\n  {other.name} {first}\n  llama.cpp    {second}", file=sys.stderr)
    alike, surely = judged(differing, n)
    print(f"{other.name}: of {n} held-out messages {alike:.3f} read alike, {surely:.3f} without a difference that both are sure of")
    print(f"of {n} hand-written messages {same:.3f} become the same StateChange, {applied:.3f} make the same edits but for what one of them asks about")
    return 0 if alike >= ALIKE_AT_ALL and surely >= ALIKE else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    arguments = [argument for argument in sys.argv[1:] if argument != "--nf4"]
    sys.exit(main(int(arguments[0]) if arguments else 200, "--nf4" in sys.argv))
