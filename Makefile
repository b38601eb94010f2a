# Each target sets up what it needs itself. All that is needed beforehand: Python ≥ 3.11 and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OUT    ?= reports
JOBS   ?= 3

# Each process would translate the package anew where Python was told not to keep what it translated.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help reports test check format lab bench lock pages all-extras clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

reports: $(VENV)/.core  ## the notebooks on the cohorts that ship and have what they need, then open reports/index.html
	$(BIN)/incohort demo --out $(OUT)

test: $(VENV)/.dev  ## the whole test suite
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev  ## format, lint, types, the rooms' imports, notebooks and generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/test_house.py

format: $(VENV)/.dev  ## put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pages: $(VENV)/.core  ## write the generated pages anew
	$(BIN)/python -m incohort.pages.dictionary_page
	$(BIN)/python -m incohort.pages.notebooks_page
	$(BIN)/python -m incohort.pages.parameters_page
	$(BIN)/python -m incohort.pages.frames_page
	$(BIN)/python tests/spec/definitions_page.py
	$(BIN)/python tests/validation/estimators_page.py

lab: $(VENV)/.core  ## JupyterLab on copies of the suite; ARGS="my_folder -- --allow-root" and the like
	$(BIN)/incohort lab $(ARGS)

bench: $(VENV)/.dev  ## speed and memory against peers, in one run
	@missed=; for bench in benchmarks/bench_*.py; do \
	  echo "== $$bench"; $(BIN)/python $$bench || missed="$$missed $$bench"; \
	done; test -z "$$missed" || { echo "Not held:$$missed" >&2; exit 1; }

lock: $(VENV)/.dev  ## resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python requirements/lock.py

all-extras: $(VENV)/.dev  ## Spark, PostgreSQL and REDCap beside the rest
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/all.lock

clean:  ## remove the reports, but what else lies beside them, and the environment
	[ ! -x $(BIN)/python ] || $(BIN)/python -m incohort.reports.replacing $(OUT)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "incohort needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python requirements/core.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/core.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.lock
	@touch $@
