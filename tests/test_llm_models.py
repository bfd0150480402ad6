"""Where the weights come from, and what is said when they are missing or damaged."""

import hashlib
import os

import pytest

from assistant.errors import ModelError
from assistant.llm import models
from assistant.llm.models import GEMMA, PackagedModel, base_name, default_model, find_model, given_model

CONTENT = [b"GGUF-one", b"two", b"three"]


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """A packaged model in three parts on the path, with the folder that holds its modules."""
    site = tmp_path / "site"
    modules = [f"tiny_model_{tmp_path.name.replace('-', '_')}_part{n}" for n in range(3)]
    for module, content in zip(modules, CONTENT):
        (site / module / "data").mkdir(parents=True)
        (site / module / "__init__.py").touch()
        (site / module / "data" / "part").write_bytes(content)
    monkeypatch.syspath_prepend(site)
    whole = b"".join(CONTENT)
    return PackagedModel("tiny.gguf", hashlib.sha256(whole).hexdigest(), len(whole), "tiny-model==1.0", tuple((m, "part") for m in modules))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def part(model, tmp_path, n):
    return tmp_path / "site" / model.parts[n][0] / "data" / "part"


def refuse(*_):
    raise AssertionError("hashed again")


def test_parts_are_put_together_in_order_with_progress(packaged, cache):
    lines = []
    path = default_model(lines.append, cache, packaged)
    assert path == cache / "tiny.gguf" and path.read_bytes() == b"".join(CONTENT)
    assert str(path) in lines[0] and "as expected" in lines[-1]


def test_a_second_start_does_not_hash(packaged, cache, monkeypatch):
    first = default_model(None, cache, packaged)
    monkeypatch.setattr(models, "sha256", refuse)
    monkeypatch.setattr(models, "_assemble", refuse)
    assert default_model(None, cache, packaged) == first


def test_a_lost_stamp_costs_one_check_and_no_writing(packaged, cache, monkeypatch):
    path = default_model(None, cache, packaged)
    models._stamp_path(path).unlink()
    monkeypatch.setattr(models, "_assemble", refuse)
    default_model(None, cache, packaged)
    monkeypatch.setattr(models, "sha256", refuse)
    default_model(None, cache, packaged)


@pytest.mark.parametrize("harm", [lambda c: c[:-4], lambda c: c[:-1] + b"X", lambda c: b""], ids=["cut short", "one byte", "empty"])
def test_a_damaged_file_is_made_again_and_said(packaged, cache, harm):
    path = default_model(None, cache, packaged)
    path.write_bytes(harm(path.read_bytes()))
    lines = []
    assert default_model(lines.append, cache, packaged).read_bytes() == b"".join(CONTENT)
    said = "\n".join(lines)
    assert "damaged" in said and packaged.sha256 in said and str(path) in said


def test_damage_of_the_same_size_and_time_is_what_the_stamp_misses(packaged, cache):
    """The price of not hashing at every start, written down: only a change that keeps the time goes unseen."""
    path = default_model(None, cache, packaged)
    status = path.stat()
    path.write_bytes(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert default_model(None, cache, packaged).read_bytes() != b"".join(CONTENT)


def test_damaged_without_the_package_names_file_expected_found_and_remedy(packaged, cache, tmp_path):
    path = default_model(None, cache, packaged)
    path.write_bytes(b"GGUF but not this")
    part(packaged, tmp_path, 1).unlink()
    with pytest.raises(ModelError) as caught:
        default_model(None, cache, packaged)
    found = hashlib.sha256(b"GGUF but not this").hexdigest()
    for wanted in (str(path), packaged.sha256, found, "pip install", packaged.requirement):
        assert wanted in str(caught.value)


def test_missing_without_the_package_names_what_is_not_installed(packaged, cache, tmp_path):
    part(packaged, tmp_path, 2).unlink()
    with pytest.raises(ModelError) as caught:
        default_model(None, cache, packaged)
    assert packaged.parts[2][0] in str(caught.value) and packaged.requirement in str(caught.value)
    assert packaged.parts[0][0] not in str(caught.value)
    assert not cache.exists()


def test_a_damaged_part_leaves_no_file_behind(packaged, cache, tmp_path):
    part(packaged, tmp_path, 0).write_bytes(b"GGUF-0ne")
    with pytest.raises(ModelError, match="expected .* found"):
        default_model(None, cache, packaged)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(packaged, tmp_path):
    (tmp_path / "occupied").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="TELLWHY_CACHE") as caught:
        default_model(None, tmp_path / "occupied", packaged)
    assert "occupied" in str(caught.value)


def test_a_named_file_is_used_as_it_is(tmp_path):
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF and whatever follows")
    assert find_model(str(path)) == path


def test_a_named_file_that_is_missing_or_something_else(tmp_path):
    with pytest.raises(ModelError, match="does not exist"):
        given_model(tmp_path / "none.gguf")
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    with pytest.raises(ModelError, match=r"page\.gguf is not GGUF.*<htm"):
        given_model(tmp_path / "page.gguf")
    with pytest.raises(ModelError, match="does not exist"):
        given_model(tmp_path)


def test_the_default_model_is_the_one_we_know(model_file):
    assert model_file.name == GEMMA.file_name and model_file.stat().st_size == GEMMA.size
    assert models.sha256(model_file) == GEMMA.sha256 == "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
    assert base_name(model_file) == "gemma-3-270m-q4_k_m"
