# Three stages, each from files to a file. What is there already is found by its key and reused.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo features train eval test check lint types tree bench clean

DATA     ?= work/scenes
FORMAT   ?= auto
BACKBONE ?= resnet152
WEIGHTS  ?= DEFAULT
CROPS    ?= 10
KEEP     ?= mean
LAYER    ?= pooled
RECIPE   ?= vse++w
RUN      ?=
SPLIT    ?= test
SEED     ?= 0
DEVICE   ?= auto
SCENES   ?=
ARGS     ?=

PYTHON   ?= .venv/bin/python
HOST     ?= python3
TENCROP  := $(PYTHON) -m pipeline
FEATURES  = $(TENCROP) features '$(DATA)' --format '$(FORMAT)' --backbone '$(BACKBONE)' \
            --weights '$(WEIGHTS)' --crops '$(CROPS)' --keep '$(KEEP)' --layer '$(LAYER)' \
            --device '$(DEVICE)'
TRAIN     = $(TENCROP) train "$$cache" --data '$(DATA)' --format '$(FORMAT)' --recipe '$(RECIPE)' \
            --seed '$(SEED)' --device '$(DEVICE)' $(if $(RUN),--run '$(RUN)') $(ARGS)
# A run of one's own is asked about its own corpus, unless another one was given.
ASKED     = $(if $(filter file,$(origin DATA)),,--data '$(DATA)' --format '$(FORMAT)')
# Commands put their result on the last line of stdout; all else they say goes to stderr.
RESULT    = tail -n 1

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  Variables: DATA FORMAT BACKBONE WEIGHTS CROPS KEEP LAYER RECIPE RUN SPLIT SEED DEVICE ARGS'
	@echo '  Example:   make eval DATA=photos BACKBONE=mobilenet_v2 WEIGHTS=mobilenet_v2.safetensors'

setup: .venv/runtime .venv/development ## make .venv and install what the project needs

.venv/runtime: requirements.txt
	test -x .venv/bin/python || $(HOST) -m venv .venv
	.venv/bin/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/development: requirements-dev.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-dev.txt
	touch $@

demo: .venv/runtime ## the whole chain on drawn pictures, in minutes, without a network
	$(TENCROP) demo

work/scenes/scenes.json:
	$(TENCROP) scenes work/scenes $(SCENES)

# The generated corpus is drawn only when it is the one that is asked for.
NEEDS = .venv/runtime $(if $(filter work/scenes,$(DATA)),work/scenes/scenes.json)

features: $(NEEDS) ## stage one: cache CNN features of DATA (ARGS: more options of this command)
	$(FEATURES) $(ARGS)

train: $(NEEDS) ## stage two: train RECIPE on the features, made first if they are not there
	@cache=$$($(FEATURES)) && cache=$$(echo "$$cache" | $(RESULT)) && $(TRAIN)

eval: $(NEEDS) ## stage three: recall of the run on SPLIT, trained first if it is not there
ifneq ($(wildcard $(RUN)/model.safetensors),)
	@$(TENCROP) evaluate '$(RUN)' --split '$(SPLIT)' --device '$(DEVICE)' $(ASKED)
else
	@cache=$$($(FEATURES)) && cache=$$(echo "$$cache" | $(RESULT)) && \
	 run=$$($(TRAIN)) && run=$$(echo "$$run" | $(RESULT)) && \
	 $(TENCROP) evaluate "$$run" --split '$(SPLIT)' --device '$(DEVICE)'
endif

test: setup ## all tests
	$(PYTHON) -m pytest $(ARGS)

lint: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: setup
	$(PYTHON) -m mypy

check: lint types test ## lint, types, tests: what CI runs

tree: setup ## write the README's tree from the first line of every file
	$(PYTHON) -m tests.readme_tree

bench: setup ## speed as ratios against plain references, as JSON rows
	for name in extraction train_step ranking; do $(PYTHON) -m benchmarks.$$name || exit 1; done

clean: ## remove .venv, caches of tools and __pycache__; work/ stays (it may hold days of features)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
