# Everything that a newcomer types: `make run`, `make test`. What is done is skipped.

PYTHON ?= python3
WORKERS ?= auto
export PIP_DISABLE_PIP_VERSION_CHECK = 1

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
CORE_BIN := .venv-core/Scripts
else
BIN := .venv/bin
CORE_BIN := .venv-core/bin
endif

DEPENDS := pyproject.toml constraints.txt
RUN_READY := .venv/.ready-to-run
DEV_READY := .venv/.ready-to-test
PACKAGE_READY := .venv/.ready-to-package
DOCS_READY := .venv/.ready-to-write
CORE_READY := .venv-core/.ready-to-test

SOAK := tests/ui/shell/test_soak.py
PYTEST := -m pytest -q --durations=5 -n $(WORKERS)
CORE_TESTS := tests/architecture tests/core \
	--ignore=tests/architecture/test_window.py
WINDOW_TESTS := tests/architecture/test_window.py tests/ui
# Without a window manager no window gets the keyboard: what is typed stays offscreen.
SCREEN_TESTS := tests/ui/shell/test_launch.py tests/ui/views

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run set-up test test-all lint types imports test-core test-window \
	test-slow test-screen test-browser torture format bench bench-cuda verdicts adam-study docs pictures \
	package package-test hooks clean

help: ## say what there is
	@echo "make TARGET, with TARGET one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1@\2/p' Makefile | \
		while IFS=@ read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done

run: $(RUN_READY) ## open the window; with no display, run the default experiment here
	@bash scripts/run.sh $(BIN)/optlab

set-up: $(DEV_READY) $(CORE_READY) ## install all that the checks need

test: set-up ## every check, in the order that a change has to pass them
	@sh scripts/system-libraries.sh offscreen
	@bash scripts/timed.sh $(MAKE) --no-print-directory -- \
		lint types imports test-core test-window

test-all: test test-slow test-screen ## the checks, then what is slow

lint: $(DEV_READY) ## ruff: rules, then format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV_READY) ## mypy, strict
	$(BIN)/mypy

imports: $(DEV_READY) ## who may import whom
	$(BIN)/lint-imports --no-logo

test-core: $(CORE_READY) ## tests of all but the window, where no Qt is installed
	$(CORE_BIN)/python scripts/core_env.py --check
	$(CORE_BIN)/python $(PYTEST) -m "not slow" $(CORE_TESTS)

test-window: $(DEV_READY) ## tests of the window, drawn offscreen
	QT_QPA_PLATFORM=offscreen $(BIN)/python $(PYTEST) -m "not slow" $(WINDOW_TESTS)

test-slow: $(DEV_READY) ## the tests left out above
	QT_QPA_PLATFORM=offscreen $(BIN)/python $(PYTEST) -m slow tests

test-screen: $(DEV_READY) ## draw the window on a virtual screen, too (Linux)
	@sh scripts/system-libraries.sh screen
	QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1920x1200x24" \
		$(BIN)/python $(PYTEST) -m "not slow" $(SCREEN_TESTS)

test-browser: $(DEV_READY) ## open a report in a real browser, headless Chromium (Linux)
	@sh scripts/system-libraries.sh browser
	$(BIN)/python -m pytest -q tests/browser

torture: $(DEV_READY) ## every promise of docs/reliability.md, with the full counts
	@sh scripts/system-libraries.sh offscreen
	rm -f build/torture.jsonl
	@# The soak measures frames: it gets the machine for itself.
	export OPTLAB_TORTURE=1 QT_QPA_PLATFORM=offscreen; status=0; \
		$(BIN)/python $(PYTEST) -n 0 -m promise $(SOAK) || status=1; \
		$(BIN)/python $(PYTEST) --dist worksteal -m promise tests --ignore $(SOAK) \
		|| status=1; \
		$(BIN)/python -m scripts.reliability_table || status=1; exit $$status

format: $(DEV_READY) ## mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(DEV_READY) ## compare with bare PyTorch and other baselines, and keep it
	@sh scripts/system-libraries.sh offscreen
	$(BIN)/python -m benchmarks

bench-cuda: $(DEV_READY) ## the same on a GPU: trials side by side, seeds in one go
	$(BIN)/python -m benchmarks.cuda

verdicts: $(DEV_READY) ## hold the verdict against comparisons of known truth
	$(BIN)/python -m benchmarks.verdicts

adam-study: $(DEV_READY) ## "Is Adam really better?" in less than half an hour
	$(BIN)/python scripts/adam_study.py build/adam-study-$$(date +%Y%m%d-%H%M%S)

docs: $(DOCS_READY) ## build the documentation into build/docs
	$(BIN)/python scripts/make_reference.py docs
	$(BIN)/mkdocs build --quiet

pictures: $(DEV_READY) ## draw every state of the window into docs/pictures
	@sh scripts/system-libraries.sh offscreen
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.ui.pictures docs/pictures

package: $(PACKAGE_READY) ## freeze the program into dist/optlab
	$(BIN)/pyinstaller --noconfirm --log-level WARN packaging/optlab.spec
	@$(BIN)/python packaging/smoke_test.py --size

package-test: $(PACKAGE_READY) ## start the frozen program offscreen and wait for it
	@sh scripts/system-libraries.sh offscreen
	$(BIN)/python packaging/smoke_test.py

hooks: $(DEV_READY) ## run the quick checks before every commit
	$(BIN)/pre-commit install

clean: ## remove what was installed and built here; runs stay
	rm -rf .venv .venv-core build dist .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One file per thing that is set up, so that later calls skip it.

$(RUN_READY): $(DEPENDS)
	@bash scripts/install.sh "$(PYTHON)" $(BIN) .
	@touch $@

$(DEV_READY): $(DEPENDS)
	@bash scripts/install.sh "$(PYTHON)" $(BIN) ".[dev]"
	@touch $(RUN_READY) $@

$(PACKAGE_READY): $(DEPENDS)
	@bash scripts/install.sh "$(PYTHON)" $(BIN) ".[package]"
	@touch $@

$(DOCS_READY): $(DEPENDS)
	@bash scripts/install.sh "$(PYTHON)" $(BIN) ".[docs]"
	@touch $@

$(CORE_READY): $(DEV_READY) scripts/core_env.py
	@$(BIN)/python scripts/core_env.py
	@touch $@
