"""From PEFT tensors to a GGUF adapter, and what stops it."""

import errno
import json
import shutil

import numpy as np
import pytest
from gguf import GGUFReader, GGUFWriter
from safetensors.numpy import load_file, save_file

from adapters import export as exporting
from adapters.averaging import average
from adapters.errors import ExportError
from adapters.export import MODULES, export, gguf_name, publish

SHAPES = {
    "attn_q": (12, 8),
    "attn_k": (4, 8),
    "attn_v": (4, 8),
    "attn_output": (8, 12),
    "ffn_gate": (16, 8),
    "ffn_up": (16, 8),
    "ffn_down": (8, 16),
}
RANK = 2


def base_file(path, architecture="gemma3"):
    writer = GGUFWriter(path, architecture)
    writer.add_type("model")
    for layer in range(2):
        for name, shape in SHAPES.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def base(tmp_path):
    return base_file(tmp_path / "base.gguf")


@pytest.fixture
def adapter(tmp_path):
    rng = np.random.default_rng(1)
    tensors = {}
    for layer in range(2):
        for module, name in MODULES.items():
            out, inner = SHAPES[name]
            stem = f"base_model.model.model.layers.{layer}.{module}"
            tensors[f"{stem}.lora_A.weight"] = rng.normal(size=(RANK, inner)).astype(np.float32)
            tensors[f"{stem}.lora_B.weight"] = rng.normal(size=(out, RANK)).astype(np.float32)
    folder = tmp_path / "understand"
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": RANK, "lora_alpha": 4}))
    return folder


def test_every_tensor_arrives_under_its_gguf_name(base, adapter):
    written = GGUFReader(export(adapter, base))
    peft = load_file(adapter / "adapter_model.safetensors")
    found = {t.name: t.data.reshape([int(n) for n in reversed(t.shape)]) for t in written.tensors}
    assert found.keys() == {gguf_name(key) for key in peft}
    for key, tensor in peft.items():
        np.testing.assert_array_equal(found[gguf_name(key)], tensor)
    assert "blk.1.ffn_down.weight.lora_b" in found


def test_the_header_says_what_llama_cpp_looks_for(base, adapter):
    fields = GGUFReader(export(adapter, base)).fields
    assert fields["general.type"].contents() == "adapter"
    assert fields["general.architecture"].contents() == "gemma3"
    assert fields["adapter.type"].contents() == "lora"
    assert fields["adapter.lora.alpha"].contents() == 4.0


def test_what_is_published_is_half_as_large_and_names_no_local_path(base, adapter, tmp_path):
    config = {
        "r": RANK,
        "lora_alpha": 4,
        "base_model_name_or_path": "/home/ann/models/base",
        "target_modules": ["v_proj", "q_proj"],
    }
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    written = publish(adapter, tmp_path / "weights" / "understand", base)
    before, after = (load_file(f / "adapter_model.safetensors") for f in (adapter, written.parent))
    assert all(t.dtype == np.float16 for t in after.values())
    assert all(np.allclose(before[k], after[k], atol=1e-3, rtol=1e-3) for k in before)
    assert all(t.tensor_type.name == "F16" for t in GGUFReader(written).tensors)
    assert json.loads((written.parent / "adapter_config.json").read_text()) == config | {
        "base_model_name_or_path": "base",
        "target_modules": ["q_proj", "v_proj"],
    }


def test_the_first_card_has_the_figures_and_a_later_one_stays(base, adapter, tmp_path):
    training = {"plan": {"n": 1200, "seed": 20}, "figures": {"steps": 75, "validation": {"loss": 0.5}}}
    (adapter / "training.json").write_text(json.dumps(training))
    folder = tmp_path / "weights" / "explain"
    publish(adapter, folder, base)
    card = (folder / "README.md").read_text()
    assert card.startswith("# explain: tells") and "n 1200, seed 20" in card and "steps 75" in card and "loss 0.5" in card
    assert "Gemma Terms of Use" in card
    (folder / "README.md").write_text("by hand")
    publish(adapter, folder, base)
    assert (folder / "README.md").read_text() == "by hand"
    assert json.loads((folder / "training.json").read_text()) == training


# averages


@pytest.fixture
def earlier(adapter, tmp_path):
    folder = tmp_path / "earlier"
    shutil.copytree(adapter, folder)
    tensors = load_file(adapter / "adapter_model.safetensors")
    save_file({key: (tensor + 1).astype(np.float16) for key, tensor in tensors.items()}, folder / "adapter_model.safetensors")
    return folder


def test_a_mean_lies_between_and_says_what_it_is(adapter, earlier, tmp_path):
    (adapter / "training.json").write_text(json.dumps({"plan": {"n": 3}}))
    before = load_file(adapter / "adapter_model.safetensors")
    out = average(adapter, earlier, 0.75, tmp_path / "mean")
    mixed = load_file(out / "adapter_model.safetensors")
    assert all(np.allclose(mixed[key], before[key] + 0.25, atol=1e-2) for key in before)
    assert json.loads((out / "training.json").read_text())["averaged"]["weight"] == 0.75
    assert json.loads((out / "adapter_config.json").read_text()) == json.loads((adapter / "adapter_config.json").read_text())


def test_means_that_mean_nothing_are_refused(adapter, earlier, tmp_path):
    with pytest.raises(ExportError, match="1.5"):
        average(adapter, earlier, 1.5, tmp_path / "mean")
    tensors = load_file(earlier / "adapter_model.safetensors")
    save_file({key: np.concatenate([tensor, tensor]) for key, tensor in tensors.items()}, earlier / "adapter_model.safetensors")
    with pytest.raises(ExportError, match="differ in rank"):
        average(adapter, earlier, 0.5, tmp_path / "mean")
    (earlier / "adapter_model.safetensors").unlink()
    with pytest.raises(ExportError, match="missing"):
        average(adapter, earlier, 0.5, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_a_mean_may_take_the_place_of_its_part_and_a_failed_one_leaves_it(adapter, earlier, tmp_path):
    before = contents(adapter)
    (adapter / "training.json").write_text("{")
    with pytest.raises(ExportError, match="training.json"):
        average(adapter, earlier, 0.5, adapter)
    (adapter / "training.json").unlink()
    assert contents(adapter) == before
    average(adapter, earlier, 0.5, adapter)
    assert contents(adapter).keys() == before.keys() and contents(adapter) != before


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("damage", ["shape", "truncated", "full disk", "too large"])
def test_when_publishing_fails_the_older_adapter_stays(base, adapter, tmp_path, monkeypatch, damage):
    folder = tmp_path / "weights" / "explain"
    publish(adapter, folder, base)
    before = contents(folder)
    wanted = {"shape": "shape", "truncated": "broken", "full disk": "no space left", "too large": "MiB"}[damage]
    if damage == "shape":
        (adapter / "adapter_config.json").write_text(json.dumps({"r": 3, "lora_alpha": 4}))
    elif damage == "truncated":
        path = adapter / "adapter_model.safetensors"
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "too large":
        monkeypatch.setattr(exporting, "MAX_BYTES", 10)
    else:
        def full(*args, **options):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(exporting, "save_file", full)
    with pytest.raises(ExportError, match=wanted):
        publish(adapter, folder, base)
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["explain"]


def test_a_swap_that_fails_half_way_is_undone(base, adapter, tmp_path, monkeypatch):
    folder = tmp_path / "weights" / "explain"
    publish(adapter, folder, base)
    before, plain = contents(folder), exporting.os.replace

    def fails(source, target):
        if source.name == "new":
            raise OSError("busy")
        plain(source, target)

    monkeypatch.setattr(exporting.os, "replace", fails)
    with pytest.raises(ExportError, match="cannot be written"):
        publish(adapter, folder, base)
    assert contents(folder) == before


def test_a_truncated_file_is_named(base, adapter):
    path = adapter / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ExportError, match="broken adapter"):
        export(adapter, base)
    assert not list(adapter.glob("adapter.gguf*"))


def test_a_failed_export_leaves_the_older_file(base, adapter):
    older = export(adapter, base).read_bytes()
    (adapter / "adapter_config.json").write_text(json.dumps({"r": 3, "lora_alpha": 4}))
    with pytest.raises(ExportError, match="shape"):
        export(adapter, base)
    assert (adapter / "adapter.gguf").read_bytes() == older
    assert [p.name for p in adapter.glob("adapter.gguf*")] == ["adapter.gguf"]


def test_an_adapter_without_a_partner_tensor_is_refused(base, adapter):
    path = adapter / "adapter_model.safetensors"
    tensors = load_file(path)
    del tensors["base_model.model.model.layers.1.mlp.up_proj.lora_A.weight"]
    save_file(tensors, path)
    with pytest.raises(ExportError, match="no partner"):
        export(adapter, base)


def test_an_architecture_with_permuted_rows_is_refused(tmp_path, adapter):
    with pytest.raises(ExportError, match="'llama'"):
        export(adapter, base_file(tmp_path / "llama.gguf", "llama"))


def test_a_missing_folder_is_named(tmp_path, base):
    with pytest.raises(ExportError, match="is missing"):
        export(tmp_path / "nothing", base)


def test_a_tensor_of_another_layer_kind_is_named():
    with pytest.raises(ExportError, match="embed_tokens"):
        gguf_name("base_model.model.model.embed_tokens.lora_A.weight")
