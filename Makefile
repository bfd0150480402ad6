# make run     set up what is missing, then open the page on http://127.0.0.1:7860
# make test    set up what is missing, then run every test
# make install only set up; make clean removes the environment
#
# Set-up is remembered by stamps in .venv, so a second start goes straight to the page.

SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run test install clean

VENV := .venv
PY := $(VENV)/bin/python
DB := $(or $(TELLWHY_DB),tellwhy.db)
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# pip's own lines, one a package, so that the minutes of downloading are seen to pass.
PIP := $(PY) -m pip install --disable-pip-version-check --progress-bar off
SHOW := awk '/^Collecting /{print "    " $$2; fflush()} /^Installing collected/{print "    unpacking"; fflush()}'

run: install
	@exec $(PY) app.py

install: $(VENV)/.installed
	@[ -s "$(DB)" ] || $(PY) -m store build --db "$(DB)"

test: install $(VENV)/.tested
	@$(PY) -m pytest -q

$(VENV)/.installed: pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "TellWhy needs Python 3.11 or newer, and found none: install it, or name it with make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || { echo "making $(VENV) with $(PYTHON)"; \
	    $(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv" >&2; exit 1; }; }
	@echo "installing TellWhy (900 MB on disk; a few minutes the first time)"
	@set -o pipefail; $(PIP) -e . | $(SHOW)
	@$(PY) -m assistant.llm.models
	@touch $@

# What only the tests need: the training libraries and a browser.
$(VENV)/.tested: $(VENV)/.installed
	@echo "installing what the tests need"
	@set -o pipefail; $(PIP) -e '.[train,bench,dev,data]' | $(SHOW)
	@bash tests/browser.sh
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache
