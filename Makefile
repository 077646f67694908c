PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test lint bench clean

# Everything into .venv; made anew only when pyproject.toml changes.
setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11; set PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --quiet --editable '.[test]'
	@touch $@

# The main job on the embedded synthetic dataset; results in runs/demo.
demo: setup
	$(BIN)/samjax prepare synthetic --data_dir runs/demo/data --export runs/demo/images --overwrite
	$(BIN)/python -m experiments.train --config=configs/demo.py --workdir=runs/demo
	$(BIN)/python -m experiments.evaluate --config=configs/demo.py --workdir=runs/demo
	$(BIN)/samjax predict --weights runs/demo --output runs/demo/saliency --overlay \
	  runs/demo/images
	@echo "Look at runs/demo/saliency, runs/demo/evaluation and runs/demo/metrics.jsonl."

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m experiments.benchmark --output=runs/bench

clean:
	rm -rf $(VENV) runs build *.egg-info
