# Three stages, each from files to a file. What is there already is found by its key and reused.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo features train eval test soak coverage check lint types tree bench clean always

DATA       ?= work/scenes
FORMAT     ?= auto
BACKBONE   ?= resnet152
WEIGHTS    ?= DEFAULT
TRANSFORM  ?=
CROPS      ?= 10
KEEP       ?= mean
LAYER      ?= pooled
DTYPE      ?= float32
BATCH      ?=
RECIPE     ?= vse++w
RUN        ?=
SEED       ?= 0
SAVE_EVERY ?=
SPLIT      ?= test
OUT        ?=
MAX_ERRORS ?=
DEVICE     ?= auto
WORK       ?=
SCENES     ?=
ARGS       ?=

PYTHON     ?= .venv/bin/python
HOST       ?= python3
EXTRAS     ?=

# What features and runs are made of; whoever names none of it, but RUN, asks about that run as it is.
MAKING := DATA FORMAT BACKBONE WEIGHTS TRANSFORM CROPS KEEP LAYER DTYPE BATCH RECIPE SEED SAVE_EVERY ARGS
VALUES := $(MAKING) RUN SPLIT OUT MAX_ERRORS DEVICE WORK SCENES
NAMES  := $(VALUES) PYTHON HOST EXTRAS

# A misspelt variable would be ignored, and something else be made than what was asked for.
UNKNOWN := $(firstword $(filter-out $(NAMES) SHELL MAKEFLAGS,$(foreach name,$(.VARIABLES),\
             $(if $(filter command,$(origin $(name))),$(name)))))
ifneq ($(UNKNOWN),)
HINT := $(shell $(HOST) -m pipeline.nearest '$(subst ','\'',$(UNKNOWN))' $(NAMES) 2>/dev/null)
$(error no variable $(UNKNOWN): $(or $(HINT),accepted: $(NAMES)))
endif

# Values reach the commands through the environment, as they were typed: make expands nothing in
# them, and the shell that reads "$$DATA" neither splits them nor runs what they hold.
GIVEN := $(foreach name,$(MAKING),$(if $(filter file,$(origin $(name))),,$(name)))
$(foreach name,$(VALUES),$(eval override $(name) := $$(value $(name))))
export $(VALUES)
export TENCROP_ASKED_BY := make

define NEWLINE


endef
ifneq ($(findstring $(NEWLINE),$(WORK)),)
$(error WORK holds a line break; choose a folder without one)
endif
ifeq ($(strip $(DATA)),)
$(error DATA is empty; name a folder: DATA=photos)
endif

TENCROP := $(PYTHON) -m pipeline
option   = $(if $($1),--$2 "$$$1")
# ARGS and SCENES are several words; quotes in them group as in a shell.
spread   = $(if $($1),words=$$($(PYTHON) -m pipeline.shell_words $1) && eval "set -- $$words" &&)
# Commands put their result on the last line of stdout; all else they say goes to stderr.
last     = $1=$$(printf '%s\n' "$$$1" | tail -n 1)

SHARED   = --device "$$DEVICE" $(call option,MAX_ERRORS,max-errors) $(call option,WORK,work)
FEATURES = $(TENCROP) features --format "$$FORMAT" --backbone "$$BACKBONE" --weights "$$WEIGHTS" \
           $(call option,TRANSFORM,transform) --crops "$$CROPS" --keep "$$KEEP" --layer "$$LAYER" \
           --dtype "$$DTYPE" $(call option,BATCH,batch-size) $(SHARED)
TRAIN    = $(TENCROP) train --data "$$DATA" --format "$$FORMAT" --recipe "$$RECIPE" \
           --seed "$$SEED" $(call option,RUN,run) $(call option,SAVE_EVERY,save-every) $(SHARED)
EVALUATE = $(TENCROP) evaluate --split "$$SPLIT" $(call option,OUT,out) $(SHARED)
# What training and its evaluation would lack is found before hours of stage one.
AHEAD    = --need train --need val $(call option,RUN,into)
CACHE    = cache=$$($(FEATURES) $(AHEAD) $1 -- "$$DATA") && $(call last,cache)

# The generated corpus is drawn only when it is the one that is asked for.
NEEDS = .venv/runtime
ifeq ($(DATA),work/scenes)
NEEDS += work/scenes/scenes.json
endif
# A run that is named alone is asked about its own corpus, which needs neither DATA nor features.
ALONE = $(if $(RUN),$(if $(strip $(GIVEN)),,alone))

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  Variables: $(MAKING)'
	@echo '             $(filter-out $(MAKING),$(VALUES))'
	@echo '  Example:   make eval DATA=photos BACKBONE=mobilenet_v2 WEIGHTS=mobilenet_v2.safetensors'

setup: .venv/runtime .venv/development $(if $(EXTRAS),.venv/optional) ## make .venv and install what the project needs (EXTRAS=1: optional libraries too)

.venv/runtime: requirements.txt
	test -x .venv/bin/python || $(HOST) -m venv .venv
	.venv/bin/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/development: requirements-dev.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-dev.txt
	touch $@

.venv/optional: requirements-optional.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-optional.txt
	touch $@

demo: .venv/runtime ## the whole chain on drawn pictures, in minutes, without a network
	@$(TENCROP) demo --device "$$DEVICE" $(call option,WORK,work)

work/scenes/scenes.json: $(if $(SCENES),always) | .venv/runtime
	@$(call spread,SCENES) $(TENCROP) scenes work/scenes "$$@"

features: $(NEEDS) ## stage one: cache CNN features of DATA (ARGS: more options of this command)
	@$(call spread,ARGS) $(FEATURES) "$$@" -- "$$DATA"

train: $(NEEDS) ## stage two: train RECIPE on the features, made first if they are not there
	@$(call spread,ARGS) $(call CACHE) && $(TRAIN) "$$@" -- "$$cache"

eval: $(if $(ALONE),.venv/runtime,$(NEEDS)) ## stage three: recall of the run on SPLIT, trained first if it is not there
ifneq ($(ALONE),)
	@$(EVALUATE) -- "$$RUN"
else
	@$(call spread,ARGS) $(call CACHE,--need "$$SPLIT") && \
	 run=$$($(TRAIN) "$$@" -- "$$cache") && $(if $(RUN),run=$$RUN,$(call last,run)) && \
	 $(EVALUATE) -- "$$run"
endif

# What was typed here shall not count in a make that a test calls.
PYTEST   = env $(addprefix -u ,$(VALUES) TENCROP_ASKED_BY MAKEFLAGS MAKELEVEL MFLAGS) $(PYTHON) -m pytest

test: setup ## all tests
	@$(call spread,ARGS) $(PYTEST) "$$@"

lint: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: setup
	$(PYTHON) -m mypy

# What loses work when it is wrong, and the tests that are for it alone.
COVERED = core.store train.checkpoint train.record train.settled train.states
COVERS  = $(wildcard $(addprefix tests/unit/,core/test_store*.py train/test_checkpoint*.py))

coverage: setup ## every branch of the store and of the checkpoint is taken by their own tests
	$(PYTEST) -q $(COVERS) $(addprefix --cov=,$(COVERED)) --cov-branch \
	  --cov-fail-under=100 --cov-report=term-missing:skip-covered

check: lint types test coverage ## lint, types, tests, coverage: what CI runs

soak: setup ## each fault at each operation of the stages, and pictures of 89 megapixels: an hour
	@$(call spread,ARGS) $(PYTEST) -m soak "$$@"

tree: setup ## write the README's tree from the first line of every file
	$(PYTHON) -m tests.readme_tree

bench: setup ## speed as ratios against plain references, as JSON rows
	for name in extraction train_step ranking; do $(PYTHON) -m benchmarks.$$name || exit 1; done

clean: ## remove .venv, caches of tools and __pycache__; work/ stays (it may hold days of features)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
