# Everything needs only Python (3.11 or later) and make, but for `dist`, `lock` and `lowest`, which need uv. Where uv is,
# it installs, faster.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
READY_TO_DEVELOP := $(VENV)/ready-to-develop
LOWEST := $(VENV)/lowest
INSTALL := $(if $(shell command -v uv),uv pip install --python $(BIN)/python,\
	$(BIN)/python -m pip install --disable-pip-version-check --no-compile)
LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --quiet $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help report test check docs example dist lab bench guard lowest recipes mutate words lock

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

$(READY): requirements.lock pyproject.toml
	@echo "Installing the libraries of requirements.lock into $(VENV), once; this takes a minute or two."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --quiet --no-deps --no-build-isolation -e .
	touch $@

$(READY_TO_DEVELOP): requirements-dev.lock $(READY)
	@echo "Installing the developers' tools of requirements-dev.lock into $(VENV), once."
	$(INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

report: $(READY)  ## render every sheet of the bundled plan into reports/
	@echo "Rendering every sheet of the bundled plan into reports/"
	$(BIN)/rmrp run params/2021-end-of-year.yml

test: $(READY_TO_DEVELOP)  ## run every test that this machine allows, on all its cores; FAST=1: in two minutes, for the one who edits
	$(BIN)/python -m pytest -n logical --dist loadscope --no-loadscope-reorder $(if $(FAST),--fast)

check: $(READY_TO_DEVELOP)  ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(READY_TO_DEVELOP)  ## the documentation as a site, site/html/index.html
	$(BIN)/python -m sphinx -W --keep-going -q -d site/doctrees docs site/html

example: $(READY_TO_DEVELOP)  ## the sheet in docs/example and README's picture of it, docs/sheet.png; needs Chromium
	$(BIN)/python tools/make_example.py

dist: $(READY_TO_DEVELOP)  ## the sdist of a release, and the wheel made from it, in dist/, both checked; half a minute, with uv
	rm -rf dist
	uv build --no-build-isolation --python $(BIN)/python --out-dir dist
	uvx twine check --strict dist/*

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/rmrp lab

words: $(READY)  ## bring the catalogues of translations up to date, compile them, print the pages on plan years, tables and messages
	$(BIN)/python tools/catalogues.py
	$(BIN)/python tools/plan_years_page.py
	$(BIN)/python tools/data_dictionary.py
	$(BIN)/python tools/messages_page.py

bench: $(READY_TO_DEVELOP)  ## speed and memory against other ways, kept in benchmarks/results.md; an hour
	$(BIN)/python benchmarks/run.py --all

guard: $(READY_TO_DEVELOP)  ## whether sheets take too much of the processors, against papermill and nbconvert; a minute
	$(BIN)/python benchmarks/run.py --guard

lowest:  ## a sheet and a review with the lowest versions of pyproject.toml, in a set-up of their own; half a minute, with uv and Python 3.11
	uv venv --quiet --clear --python 3.11 $(LOWEST)
	uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct -e .
	$(LOWEST)/bin/rmrp run params/2021-end-of-year.yml --only Health --languages en --out $(LOWEST)/reports
	$(LOWEST)/bin/rmrp check params/2021-end-of-year.yml --out $(LOWEST)/reports --workbooks --page
	test -s $(LOWEST)/reports/2021-end-of-year/health.en.html -a -s $(LOWEST)/reports/2021-end-of-year/health.en.pdf

recipes: $(READY_TO_DEVELOP)  ## run the recipes of docs/scheduling by Airflow, JupyterLab and others, in set-ups of their own; five minutes, with uv
	$(BIN)/python tools/recipes.py

mutate: $(READY_TO_DEVELOP)  ## whether the nearest tests notice small changes of the code, a sample with a fixed seed; half an hour
	$(BIN)/python tools/mutate.py

lock:  ## both locks after a change of pyproject.toml, with the versions that they have; UPGRADE=--upgrade: with new ones
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev --all-extras -c requirements.lock -o requirements-dev.lock
