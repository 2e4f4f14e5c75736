# make run    a working Followthrough at http://127.0.0.1:5000 with sample data (PORT=5050, DEMO=0)
# make test   everything tests need, then every test
# make check  lint, format, types, imports
.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgresql check format lock pictures bench clean

PYTHON ?= python3
PORT ?= 5000
DEMO ?= 1
T ?= tests
B ?= pages
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

help:
	@sed -n 's/^# //p' $(MAKEFILE_LIST)

run: .venv/run-installed
	@$(BIN)/followthrough serve --port $(PORT) $(if $(filter 0,$(DEMO)),,--demo)

test: test-sqlite test-postgresql

test-sqlite: .venv/test-installed
	$(BIN)/python -m pytest $(T) -n 2 --dist worksteal

test-postgresql: .venv/test-installed
	$(BIN)/python -m pytest $(T) -n 2 --dist worksteal --database postgresql -m "not once"

check: .venv/test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/test-installed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Followthrough needs Python 3.11 or newer. Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

.venv/run-installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Followthrough needs into .venv (once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test-installed: requirements-dev.lock tests/node/package-lock.json .venv/run-installed
	@echo "Installing what the tests need (once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@sh tests/install_node_packages.sh
	@sh tests/install_browser.sh
	@touch $@

lock: .venv/test-installed
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml --group build --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml --group build --group dev --output-file requirements-dev.lock

pictures: .venv/test-installed
	$(BIN)/python -m tests.pictures

bench: .venv/test-installed
	$(BIN)/python -m bench.$(B)

clean:
	rm -rf .venv tests/node/node_modules
