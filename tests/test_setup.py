"""Set-up as a stranger meets it: the Makefile, what is installed, the settings, the notices, and the offline guard."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from assistant.errors import SettingsError
from assistant.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MAKE = shutil.which("make")


# make

@pytest.fixture
def clone(tmp_path):
    """A folder that looks set up: stamps, a database, and a Python that only says what it was asked to run."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "python $*"\n')
    python.chmod(0o755)
    (tmp_path / "tellwhy.db").write_text("not empty")
    for stamp in (".installed", ".tested"):
        (tmp_path / ".venv" / stamp).touch()
    return tmp_path


def make(folder, *arguments, **variables):
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("TELLWHY_", "MAKE"))}
    return subprocess.run(["make", *arguments], cwd=folder, env={**plain, **variables}, capture_output=True, text=True, timeout=60)


pytestmark_make = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytestmark_make
def test_a_second_run_goes_straight_to_the_page(clone):
    assert make(clone, "run").stdout.splitlines() == ["python app.py"]


@pytestmark_make
def test_a_missing_database_is_built_where_the_settings_want_it(clone):
    ran = make(clone, "run", TELLWHY_DB="elsewhere.db").stdout.splitlines()
    assert ran == ["python -m store build --db elsewhere.db", "python app.py"]


@pytestmark_make
def test_a_changed_pyproject_installs_again(clone):
    later = (clone / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(clone / "pyproject.toml", (later, later))
    ran = make(clone, "-n", "run").stdout
    assert "pip install" in ran and "assistant.llm.models" in ran


@pytestmark_make
def test_tests_run_after_what_they_need(clone):
    assert make(clone, "test").stdout.splitlines() == ["python -m pytest -q"]
    (clone / ".venv" / ".tested").unlink()
    assert "[train,bench,dev,data]" in make(clone, "-n", "test").stdout


@pytestmark_make
def test_no_fitting_python_is_said(clone):
    (clone / ".venv" / ".installed").unlink()
    failed = make(clone, "install", "PYTHON=")
    assert failed.returncode != 0 and "Python 3.11" in failed.stderr


def test_ci_runs_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK) and re.search(r"^make test$", script.read_text("utf-8"), re.MULTILINE)


# what is installed

@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *sum(PROJECT["optional-dependencies"].values(), [])])
def test_what_is_installed_is_what_is_asked_for(requirement):
    wanted = Requirement(requirement)
    assert str(wanted.specifier), f"{wanted.name} has no range"
    assert wanted.specifier.contains(version(wanted.name).split("+")[0])


def test_the_page_does_not_wait_for_torch():
    """Torch takes 3 s to import, and the model runs without it."""
    code = "import assistant.conversation, sys; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0


# settings

def test_options_win_over_the_environment_and_that_over_defaults(monkeypatch):
    monkeypatch.setenv("TELLWHY_PORT", "7999")
    monkeypatch.setenv("TELLWHY_DB", "mine.db")
    monkeypatch.delenv("TELLWHY_HOST", raising=False)
    settings = Settings.from_environment(db="theirs.db", port=None)
    assert (settings.db, settings.port, settings.host) == ("theirs.db", 7999, "127.0.0.1")


@pytest.mark.parametrize(("values", "said"), [
    ({"engine": "gpt"}, "'gpt'.*llamacpp"), ({"quantize": "maybe"}, "'maybe'.*auto"), ({"port": 70000}, "70000"),
    ({"threads": -1}, "-1"), ({"engine": "openai"}, "--api-url"),
])
def test_a_value_that_cannot_be_used_is_named(values, said, monkeypatch):
    monkeypatch.delenv("TELLWHY_API_URL", raising=False)
    with pytest.raises(SettingsError, match=said):
        Settings.from_environment(**values)


def test_a_variable_that_is_no_number_is_named(monkeypatch):
    monkeypatch.setenv("TELLWHY_PORT", "http")
    with pytest.raises(SettingsError, match="TELLWHY_PORT='http'"):
        Settings.from_environment()


def test_the_key_is_not_shown():
    assert "sesame" not in repr(Settings(api_key="sesame"))


# notices

def test_the_notices_of_code_weights_and_data():
    licence, notice = ((ROOT / name).read_text("utf-8") for name in ("LICENSE", "NOTICE"))
    assert "Apache License" in licence and "Version 2.0" in licence and "END OF TERMS AND CONDITIONS" in licence
    for sentence in (
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms",
        "This product uses the TMDB API but is not endorsed or certified by TMDB.", "F. Maxwell Harper and Joseph A. Konstan",
    ):
        assert sentence in notice


def test_the_gemma_terms_are_beside_the_adapters():
    for folder in (ROOT / "adapters" / "weights").glob("gemma*"):
        notices = "".join(path.read_text("utf-8") for path in (*folder.glob("*"), *folder.parent.glob("*")) if path.is_file())
        assert "Gemma Terms of Use" in notices, f"no notice in {folder} or beside it"


# the guard of the offline tests

def test_the_guard_lets_loopback_through(no_network):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        assert not no_network


@pytest.mark.parametrize("leave", [
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.1), lambda: socket.getaddrinfo("example.org", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    lambda: socket.socket().connect_ex(("192.0.2.1", 80)), lambda: subprocess.run(["true"]),
], ids=["connect", "resolve", "datagram", "connect_ex", "subprocess"])
def test_the_guard_refuses_and_remembers_the_rest(no_network, leave):
    with pytest.raises(OSError, match="no network"):
        leave()
    assert no_network
    no_network.clear()  # else the guard fails this test, as it should any other
