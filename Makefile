# make run    set up, then the main job on embedded MNIST: train, then show the table
# make test   set up, then all tests
# make quick  a minute on two cores: what each room computes, and one way through the whole (tests/quick.py)
# make lowest a quick part of the tests with the lowest supported version of every dependency
# make check  what `make test` runs, plus lint and types
# make fix    format, and mend what the linter can
# make docs   the pages of docs/ as a site in build/docs; a link that leads nowhere is an error
# make torture  kill, share, fill the disk: nothing finished is lost or trained twice (8 minutes)
# make simulations  the tests that draw at random, at length (half an hour)
# make bench  lsbench against the tutorial script, Lightning and a clean loop, in one run (two hours)
# make gpu    what lsbench does on a GPU: right, and how quick, into results/gpu (at most 13 minutes; --dry on a CPU: see benchmarks/gpu.py)
# make results  train again what results/README.md shows
# make clean  remove what these made (results of your own runs stay)

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
export PYTHONDONTWRITEBYTECODE = # empty: the many processes of the tests share what one of them compiled
# a file's tests run in one process: they share what is costly to make
PYTEST := $(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)') --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: run test quick lowest check fix docs bench gpu torture simulations results clean help

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(READY)
	$(BIN)/lsbench run --noise 0.2 --eps 0.1
	$(BIN)/lsbench report

test: $(READY)
	$(PYTEST)

quick: $(READY)
	$(PYTEST) --quick -m "not simulation" -r fE

lowest:
	.ci/lowest

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python .ci/typed
	$(PYTEST)

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/python docs/losses_page.py >docs/losses.md
	$(BIN)/python docs/rooms_picture.py >docs/rooms.svg
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs

bench: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/grids.py --write results/benchmarks.md

gpu: $(READY)
	$(BIN)/python benchmarks/gpu.py --out results/gpu

torture: $(READY)
	$(BIN)/python -m tests.workers.torture
	$(BIN)/pytest -q tests/workers/test_survival.py tests/test_hostile.py -k 'wrong or fills or bad or any'

simulations: $(READY)
	LSBENCH_LONG=1 $(BIN)/pytest -n auto -m simulation

results: $(READY)
	bash results/make.sh

clean:
	rm -rf .venv .venv-lowest build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

help:
	@sed -n 's/^# make/make/p' Makefile
