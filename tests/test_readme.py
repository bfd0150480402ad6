"""The README names commands, options and files that exist."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from assistant.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```[^\n]*\n(.*?)```", README, re.S)
COMMANDS = sorted({m.group() for block in BLOCKS for m in re.finditer(r"python -m (?:assistant|store|adapters) \w+", block)})


def help_of(*command):
    done = subprocess.run([sys.executable, "-m", *command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def test_there_are_commands():
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_exists(command):
    status, told = help_of(*command.split()[2:])
    assert status == 0 and command.split()[3] in told


def test_each_evaluation_exists():
    _, told = help_of("assistant", "evaluate")
    named = set(re.findall(r"`evaluate (\w+)", README))
    assert named and all(name in told for name in named)


def test_each_target_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"^make (\w+)", "\n".join(BLOCKS), re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_the_table_of_settings_is_whole():
    told = set(re.findall(r"`TELLWHY_(\w+)`", README))
    assert {f.name.upper() for f in fields(Settings)} <= told


def test_files_and_pictures_exist():
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name
    for folder, modules in (("assistant", re.findall(r"\b(\w+\.py)\b", README.split("app.py            ")[1].split("adapters/  ")[0])),):
        for module in modules:
            assert (ROOT / folder / module).exists() or (ROOT / module).exists(), module
