# One target a habit. `make setup` alone makes .venv with everything pinned; the others call it, but for the demo, which
# begins sooner with what the program itself needs.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
LOCALE := src/outspoken/pages/locale
# Many a test waits while others compute: twice as many processes as cores.
TESTS := $(BIN)/python -m pytest -n 4 --dist loadgroup --no-loadscope-reorder -m "not long"
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 14

setup: .venv/ready  ## make .venv with everything pinned

.venv/runs: requirements/run.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes --requirement requirements/run.txt
	touch $@

.venv/ready: .venv/runs requirements/dev.txt pyproject.toml
	$(INSTALL) --require-hashes --requirement requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

demo: .venv/runs  ## show a throw-away site with an example discussion (PORT=8000)
	PYTHONPATH=src $(BIN)/python -m outspoken demo --port $(PORT)

system: ## install PostgreSQL and Chromium from Debian where they are missing and can be installed
	@sh tests/install-system-packages

test: setup system  ## run all tests
	$(TESTS) $(ARGS)

coverage: setup system  ## run all tests and hold the rooms that keep discussions to 95 % of branches
	$(TESTS) --cov --cov-report=term:skip-covered $(ARGS)

lint: setup  ## style, types, directions of imports, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q tests/pages/test_catalogues.py

format: setup  ## bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup  ## check the types alone
	$(BIN)/mypy

bench: setup  ## measure beside nginx and Isso (ARGS=--quick); python -m bench --write-docs puts it into docs/
	$(BIN)/python -m bench $(ARGS)

profile: setup  ## show where the time of a read, a miss, a post and a vote goes
	$(BIN)/python -m bench profile $(ARGS)

endure: setup  ## ten minutes of a good day on each database, then a minute of four times too much
	$(BIN)/python -m bench soak --database sqlite $(ARGS)
	$(BIN)/python -m bench soak --database postgresql $(ARGS)
	$(BIN)/python -m bench overload --database sqlite
	$(BIN)/python -m bench overload --database postgresql

fuzz: setup  ## throw mutated files at every parser (RUNS=100000 each)
	sh tests/fuzz/run-all $(or $(RUNS),100000)

soak: setup system  ## the long tests: kills, fuzzed API, whole lists of payloads
	$(BIN)/python -m pytest -m long $(ARGS)

screenshots: setup system  ## look at every kind of page: screenshots/
	$(BIN)/python -m tests.browser.screenshots

catalogues: setup  ## collect what pages say, for translators
	$(BIN)/pybabel -q extract -F $(LOCALE)/babel.cfg -k marked -k NotFound -k NotPossible -k NotAllowed -k Invalid:2 \
	  -k TooMany -k Unavailable --no-location --sort-output --omit-header --width=100 -o $(LOCALE)/outspoken.pot .
	$(BIN)/pybabel -q update -i $(LOCALE)/outspoken.pot -d $(LOCALE) -D outspoken --no-fuzzy-matching \
	  --ignore-obsolete --omit-header --width=100

docs: setup  ## build the manual into site/
	$(BIN)/mkdocs build --quiet --strict

audit: setup  ## look for known holes in what we depend on
	$(BIN)/pip-audit --requirement requirements/run.txt --disable-pip

pins: setup  ## pin the newest versions that fit, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --generate-hashes --no-strip-extras --no-header --python-version 3.11 \
	  -o requirements/run.txt
	$(BIN)/uv pip compile requirements/dev.in --quiet --upgrade --generate-hashes --no-strip-extras --no-header --python-version 3.11 \
	  -o requirements/dev.txt

# Dozens of processes of the tests would each compile all that is imported.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo system test coverage lint format types bench profile endure fuzz soak screenshots catalogues docs audit pins
