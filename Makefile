# A target is one command of the program; what goes together and what is remembered is known there.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
TARGETS := help setup demo features train eval compare map corpus list forget scenes \
           sweep serve test soak browser coverage check lint types tree bench clean
.PHONY: $(TARGETS)

# Each variable with its option; `python -m pipeline all --help` says what they do.
OPTIONS := FORMAT:format BACKBONE:backbone WEIGHTS:weights TRANSFORM:transform CROPS:crops KEEP:keep \
           LAYER:layer DTYPE:dtype BATCH:batch-size ENGINE:engine RECIPE:recipe SEED:seed \
           RUN:run SAVE_EVERY:save-every SPLIT:split PROTOCOL:protocol MEASURES:measures \
           SET_MEASURE:set-measure OUT:out MAX_ERRORS:max-errors DEVICE:device WORK:work
VALUES  := DATA $(foreach pair,$(OPTIONS),$(firstword $(subst :, ,$(pair)))) ARGS FILE FROM RUNS

PYTHON  ?= .venv/bin/python
HOST    ?= python3
EXTRAS  ?=
NAMES   := $(VALUES) PYTHON HOST EXTRAS

hint  = $(or $(shell $(HOST) -m pipeline.typed.nearest '$(subst ','\'',$1)' $2 2>/dev/null),accepted: $2)

# A misspelt variable would be ignored, and something else be made than what was asked for.
UNKNOWN := $(firstword $(filter-out $(NAMES) SHELL MAKEFLAGS,$(foreach name,$(.VARIABLES),\
             $(if $(filter command,$(origin $(name))),$(name)))))
ifneq ($(UNKNOWN),)
$(error no variable $(UNKNOWN): $(call hint,$(UNKNOWN),$(NAMES)))
endif

.DEFAULT:
	$(error no target $@: $(call hint,$@,$(TARGETS)); `make` lists what they do)

# Values reach the program through the environment, as they were typed: make expands nothing in
# them, and the shell that reads "$$DATA" neither splits them nor runs what they hold.
GIVEN := $(foreach name,$(VALUES),$(if $(filter undefined,$(origin $(name))),,$(name)))
export TENCROP_FROM_ENVIRONMENT := $(strip \
  $(foreach name,$(GIVEN),$(if $(filter environment,$(origin $(name))),$(name))))
export TENCROP_ASKED_BY := make
# What is no target is told to be typed by this name; it runs the usual Python.
export TENCROP_CALLED := $(if $(filter .venv/bin/python,$(PYTHON)),bin/tencrop)
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN)

TENCROP := $(PYTHON) -m pipeline
# The options of these variables, where they are given.
options  = $(foreach pair,$(OPTIONS),$(call option,$1,$(subst :, ,$(pair))))
option   = $(if $(filter $(firstword $2),$(filter $1,$(GIVEN))),--$(lastword $2) "$$$(firstword $2)")
# ARGS is several words; quotes in it group as in a shell. Empty, it is no setting over the recipe.
args     = $(if $(ARGS),words=$$($(PYTHON) -m pipeline.typed.shell_words ARGS) && eval "set -- $$words" &&)
noargs   = $(if $(filter ARGS,$(GIVEN)),$(if $(ARGS),,--set ""))
data     = $(if $(filter DATA,$(GIVEN)),-- "$$DATA")
# What FROM begins with has its features; nothing of it is remembered.
OF_FROM := DATA FROM ARGS FORMAT RECIPE SEED RUN SAVE_EVERY MAX_ERRORS DEVICE WORK
of_from  = $(if $(filter-out $(OF_FROM),$(GIVEN)),$(error FROM takes its features as they were made: leave out $(filter-out $(OF_FROM),$(GIVEN))))
tune     = $(of_from)$(args) $(TENCROP) train --from "$$FROM" $(if $(filter DATA,$(GIVEN)),--data "$$DATA") \
           $(strip $(call options,$(OF_FROM))) "$$@"
# A run is served as it was trained.
OF_SERVE := DATA RUN FORMAT SPLIT OUT MAX_ERRORS DEVICE WORK ARGS
of_serve = $(if $(filter-out $(OF_SERVE),$(GIVEN)),$(error make serve takes a RUN as it was trained: leave out $(filter-out $(OF_SERVE),$(GIVEN))))
# A map is of a run as it was trained, too.
of_map   = $(if $(filter-out $(OF_SERVE),$(GIVEN)),$(error make map takes a RUN as it was trained: leave out $(filter-out $(OF_SERVE),$(GIVEN))))
not_from = $(if $(FROM),$(error FROM is of make train alone: leave it out))
all      = $(if $(filter-out train,$1),$(not_from))$(args) $(TENCROP) all --to $1 $(strip $(call options,%) $(noargs)) "$$@" $(data)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  Variables: $(wordlist 1,12,$(VALUES))'
	@echo '             $(wordlist 13,99,$(VALUES))'
	@echo '  Example:   make eval DATA=photos BACKBONE=mobilenet_v2 WEIGHTS=mobilenet_v2.safetensors'

setup: .venv/runtime .venv/development $(if $(EXTRAS),.venv/optional) ## make .venv and install what the project needs (EXTRAS=1: optional libraries too)

.venv/runtime: requirements.txt
	test -x .venv/bin/python || $(HOST) -m venv .venv
	.venv/bin/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/development: requirements-dev.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-dev.txt
	touch $@

.venv/browser: requirements-browser.txt requirements-optional.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-browser.txt
	touch $@

.venv/optional: requirements-optional.txt .venv/runtime
	.venv/bin/python -m pip install --quiet -r requirements-optional.txt
	touch $@

demo: .venv/runtime ## the whole chain on drawn pictures, in minutes, without a network
	@$(TENCROP) demo $(call options,DEVICE WORK)

features: .venv/runtime ## stage one: cache CNN features of DATA
	@$(call all,features)

train: .venv/runtime ## stage two: train RECIPE on the features, made first if they are not there (FROM=RUN: its CNN too)
	@$(if $(FROM),$(tune),$(call all,train))

eval: .venv/runtime ## stage three: recall of the run on SPLIT, trained first if it is not there
	@$(call all,evaluate)

compare: .venv/runtime ## which differences between RUNS are real, and which are chance (ARGS=--json)
	@$(if $(RUNS),,$(error no RUNS: type make compare RUNS="work/runs/ONE work/runs/TWO"; quotes group words))
	@words=$$($(PYTHON) -m pipeline.typed.shell_words ARGS) && runs=$$($(PYTHON) -m pipeline.typed.shell_words RUNS) && \
	  eval "set -- $$words -- $$runs" && $(TENCROP) compare $(if $(filter DATA,$(GIVEN)),--data "$$DATA") \
	  $(strip $(call options,FORMAT SPLIT PROTOCOL MEASURES SET_MEASURE OUT MAX_ERRORS DEVICE WORK)) "$$@"

map: .venv/runtime ## draw the classes of RUN, as it reads them and as it learned them (OUT=map.png, ARGS="--by pca")
	@$(of_map)$(if $(RUN),,$(error no RUN: type make map RUN=work/runs/NAME))
	@$(args) $(TENCROP) map $(if $(filter DATA,$(GIVEN)),--data "$$DATA") \
	  $(strip $(call options,FORMAT SPLIT OUT MAX_ERRORS DEVICE WORK)) "$$@" -- "$$RUN"

serve: .venv/runtime ## a page that searches RUN, on this machine (DATA=other-pictures, ARGS="--port 8001")
	@$(of_serve)$(if $(RUN),,$(error no RUN: type make serve RUN=work/runs/NAME))
	@$(args) $(TENCROP) serve $(if $(filter DATA,$(GIVEN)),--data "$$DATA") \
	  $(strip $(call options,FORMAT SPLIT OUT MAX_ERRORS DEVICE WORK)) "$$@" -- "$$RUN"

forget: .venv/runtime ## forget what was given: these targets go on with it until then
	@$(TENCROP) forget $(call options,WORK)

corpus: .venv/runtime ## what DATA is and what to mend in it, before anything is computed
	@$(args) $(TENCROP) corpus $(call options,FORMAT BACKBONE CROPS MAX_ERRORS DEVICE WORK) "$$@" $(data)

list: .venv/runtime ## the caches and runs in WORK
	@$(TENCROP) list $(call options,WORK)

scenes: .venv/runtime ## draw generated pictures into DATA (ARGS="--train 3000 --seed 1")
	@$(args) $(TENCROP) scenes "$$@" -- "$${DATA:-work/scenes}"

sweep: .venv/runtime ## train every combination that FILE lists, and compare (ARGS="--dry-run", ARGS=--test)
	@$(if $(FILE),,$(error no FILE: type make sweep FILE=sweep.toml; `bin/tencrop sweep --help` shows such a file))
	@$(args) $(TENCROP) sweep $(call options,MAX_ERRORS DEVICE WORK) "$$@" -- "$$FILE"

# What was typed here shall not count in a make that a test calls.
PASSED   = $(VALUES) TENCROP_ASKED_BY TENCROP_CALLED TENCROP_FROM_ENVIRONMENT MAKEFLAGS MAKELEVEL MFLAGS
PYTEST   = env $(addprefix -u ,$(PASSED)) $(PYTHON) -m pytest

# A process a core, each of one thread: two that compute on both cores would hinder one another.
# One that has done its own takes of another's: else the last minute is one core's.
WORKERS  = OMP_NUM_THREADS=1 $(PYTEST) -n auto --maxprocesses=8 --dist worksteal

test: setup ## all tests
	@$(args) $(WORKERS) "$$@"

lint: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: setup
	$(PYTHON) -m mypy

# What loses work when it is wrong, and the tests that are for it alone.
COVERED = core.store train.checkpoint train.record train.settled train.states
COVERS  = $(wildcard $(addprefix tests/unit/,core/test_store*.py train/test_checkpoint*.py))

coverage: setup ## every branch of the store and of the checkpoint is taken by their own tests
	$(WORKERS) -q $(COVERS) $(addprefix --cov=,$(COVERED)) --cov-branch \
	  --cov-fail-under=100 --cov-report=term-missing:skip-covered

check: lint types coverage ## lint, types, tests, coverage: what CI runs
	@$(args) $(WORKERS) $(addprefix --ignore=,$(COVERS)) "$$@" # which coverage has run

soak: setup ## each fault at each operation of the stages, and pictures of 89 megapixels: an hour
	@$(args) $(PYTEST) -m soak "$$@"

# Asked first: without a browser nothing needs to be installed.
.PHONY: browser-at-hand
browser-at-hand:
	@$(HOST) -m tests.browser.at_hand

browser: browser-at-hand setup .venv/browser ## the pages, looked at in a Chromium that is installed
	@$(args) $(WORKERS) -m browser tests/browser "$$@"

tree: setup ## write the README's tree from the first line of every file
	$(PYTHON) -m tests.readme_tree

bench: setup ## speed as ratios against plain references, as JSON rows
	for name in extraction train_step labelled_step ranking labels intervals search; do $(PYTHON) -m benchmarks.$$name || exit 1; done

clean: ## remove .venv, caches of tools and __pycache__; work/ stays (it may hold days of features)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
