# Two commands for a newcomer: `make demo` and `make test`. Everything they need goes into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RESULTS := results/demo
CONFIG := configs/demo.json
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## Install heartkit and its tools into .venv, at locked versions checked by hash

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "heartkit needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "Python's venv module is missing: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Synthetic ECG: train, evaluate, export and show a model in some minutes
	$(BIN)/heartkit train --task segmentation --config $(CONFIG)
	$(BIN)/heartkit evaluate --task segmentation --config $(CONFIG)
	$(BIN)/heartkit export --task segmentation --config $(CONFIG)
	$(BIN)/heartkit demo --task segmentation --config $(CONFIG) --set model_file=model.tflite
	@echo "Report: $(CURDIR)/$(RESULTS)/report.html"

test: $(READY) lint ## Lint, types, and all tests but the long ones
	$(BIN)/python -m pytest --numprocesses 2 -m "not slow"

test-all: $(READY) lint ## The same with the long tests
	$(BIN)/python -m pytest --numprocesses 2

lint: $(READY) ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## Measure speed; writes benchmarks/results.json and docs/results/benchmarks.md
	$(BIN)/python -m benchmarks

clean: ## Remove the environment and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
