# Two commands for a newcomer: `make demo` and `make test`. Both install what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lint types layers tests docs format clean

demo: .venv/.runtime ## collect, vet, pretrain, evaluate, report: at most ten minutes on two cores
	$(BIN)/phosphene demo

test: .venv/.dev ## everything CI runs
	$(MAKE) --no-print-directory check

check: lint types layers docs tests

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

docs: ## docs/cli.md is generated; it must not lag behind
	$(BIN)/python scripts/cli_reference.py --check docs/cli.md

tests: ## two at a time; where there are more cores, up to four
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/cli_reference.py docs/cli.md

.venv/.runtime: pyproject.toml constraints.txt system-packages.txt scripts/install
	PYTHON=$(PYTHON) scripts/install

.venv/.dev: .venv/.runtime
	PYTHON=$(PYTHON) scripts/install dev

clean: ## forgets the demo and the caches, keeps banks and runs
	rm -rf demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build
