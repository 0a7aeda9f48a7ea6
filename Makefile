# Everything needs only Python (3.11 or later) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help report test check lab bench guard words

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

$(READY): requirements.lock pyproject.toml
	@echo "Installing the libraries of requirements.lock into $(VENV), once; this takes a few minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

report: $(READY)  ## render every sheet of the bundled plan into reports/
	@echo "Rendering every sheet of the bundled plan into reports/"
	$(BIN)/rmrp run params/2021-end-of-year.yml

test: $(READY)  ## run every test that this machine allows, on all its cores
	$(BIN)/python -m pytest -n logical --dist loadscope

check: $(READY)  ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/rmrp lab

words: $(READY)  ## bring the catalogues of translations up to date, compile them, print the page on plan years
	$(BIN)/python tools/catalogues.py
	$(BIN)/python tools/plan_years_page.py

bench: $(READY)  ## speed and memory against other ways, kept in benchmarks/results.md; an hour
	$(BIN)/python benchmarks/run.py --all

guard: $(READY)  ## whether sheets take too much of the processors, against papermill and nbconvert; a minute
	$(BIN)/python benchmarks/run.py --guard
