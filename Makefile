# make demo | lab | test | prove: each sets up .venv by itself the first time, and is quick the second.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# JupyterLab asks this of root, which is the only user in many containers.
HIDDEN := ["solutions", "tests", "grader", "labkit", "pretraining", "build", "docs", "__pycache__"]
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help demo lab test prove timed test-fast lint format build verify bench clean

help:  ## This list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The learners from 032 on hand in labs 05 to 09 and the assessments. What they trained trains again, which takes minutes:
# make demo CLASS=tests/sample_class LIMITS=
CLASS := $(wildcard tests/sample_class/0[0-2]? tests/sample_class/03[01])
LIMITS := --timeout 12 --memory 1

demo: $(READY)  ## Grade the sample class into build/demo and print the table.
	@mkdir -p build/demo
	@$(BIN)/grader grade $(CLASS) --gradebook build/demo/gradebook.db --report build/demo $(LIMITS); \
	  status=$$?; [ $$status -le 1 ] || exit $$status
	@$(BIN)/grader scores --gradebook build/demo/gradebook.db
	@echo "Open build/demo/index.html in a browser."

lab: $(READY)  ## Open the labs in JupyterLab.
	@$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/labs --ContentsManager.hide_globs='$(HIDDEN)' $(AS_ROOT) $(LAB_OPTIONS)

# A pass leaves its report, with the seconds of every test, in build/tests; a test that hangs is not ended by it.
KEPT := build/tests
PASS = $(BIN)/python -m pytest --durations=25 --junit-xml=$(KEPT)/$(1).xml
PLAIN := not timed and not proof and not browser
TWO := -n 2 --dist loadfile
# Most of what these tests do is wait: for limits, for kills, for locks.
FOUR := -n 4 --dist loadfile --no-loadscope-reorder

test: $(READY) lint  ## Style, types, unit tests, walls, one lab from its source to a graded class and in a browser.
	@rm -rf $(KEPT) && mkdir -p $(KEPT)
	$(BIN)/grader build --check
	@# Two at once, where no seconds are counted.
	$(call PASS,labs) -m "$(PLAIN)" tests/labkit tests/solutions $(TWO)
	$(call PASS,grader) -m "$(PLAIN)" --ignore tests/labkit --ignore tests/solutions --ignore tests/grader/sandbox \
	  --ignore tests/test_sample_class.py $(FOUR)
	$(call PASS,browser) -m "browser and not timed and not proof" tests/browser -n 2 --maxschedchunk 1
	@# Alone: the sandbox, which has limits of time, and the class, graded on both cores.
	$(call PASS,alone) tests/grader/sandbox tests/test_sample_class.py
	@$(BIN)/python -m tests.minutes $(KEPT)

prove: $(READY)  ## Prove each unit whose inputs changed, and the two oldest proofs; all: ALL=1, or UNITS="04_generalisation".
	$(BIN)/python -m tests.prove $(if $(ALL),--all) $(UNITS)

timed: $(READY)  ## What counts seconds: how long a learner waits. Alone on the machine; what is too slow is tried twice.
	@mkdir -p $(KEPT)
	$(call PASS,timed) -m timed tests/labkit tests/solutions tests/browser || \
	  $(call PASS,timed_again) -m timed --last-failed --last-failed-no-failures none tests/labkit tests/solutions tests/browser

test-fast: $(READY)  ## Unit tests only.
	$(BIN)/python -m pytest -m "not slow and not timed and not proof" -n 2 --dist loadfile

lint: $(READY)  ## Style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY)  ## Mend style.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(READY)  ## Make notebooks and checks from their sources.
	$(BIN)/grader build

verify: $(READY)  ## Prove every unit by its probes alone; no more, and nothing is recorded.
	$(BIN)/grader verify

bench: $(READY)  ## Measure this grader beside nbgrader and otter: some 20 minutes. A part: make bench BENCH="ours memory".
	$(BIN)/python -m tests.bench $(BENCH)

clean:  ## Remove what make made, the environment too.
	rm -rf build $(VENV)

# Bytecode is compiled here, on all cores: without it every import of TensorFlow takes three times as long.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=python3.11 …"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV): some two minutes, once."
	@PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -q --no-compile --use-pep517 -e '.[common,test]'
	@# Aside, for the tests alone: Keras imports JAX wherever it finds it.
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -q --no-compile --no-deps --upgrade --target $(VENV)/jax jax jaxlib
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib $(VENV)/jax grader labkit || true
	@# Kept beside labkit, where a submission finds it: behind its walls it could keep nothing.
	@$(BIN)/python -c 'from labkit.data import sentences; sentences()'
	@$(BIN)/jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" 2>/dev/null
	@touch $(READY)
