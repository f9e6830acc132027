# Everything a person does with this project. Needs GNU make, a POSIX shell and Python >= 3.11 with venv; the rest
# comes from the package registries. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
HOME_DIR ?= data/var
JOBS ?= 2
VALIDATOR_PYTHON ?=

BIN := $(abspath $(VENV))/bin
VENDOR := server/portal/static/vendor
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest

# Some images set it. Every command and every worker that the tests start would compile the modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo serve test tests check lint types units chromium validators docs screenshots bench lock clean
.DELETE_ON_ERROR:

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo
	@echo "  Variables: PORT=$(PORT)  HOME_DIR=$(HOME_DIR)  PYTHON=$(PYTHON)  VENV=$(VENV)  JOBS=$(JOBS)  VALIDATOR_PYTHON=$(VALIDATOR_PYTHON)"

demo: install ## Make sample holdings, publish them and serve them on PORT
	@PATH="$(BIN):$$PATH" exec sh scripts/demo.sh "$(HOME_DIR)" "$(PORT)"

serve: install ## Serve what is in HOME_DIR on PORT
	@VITRINE_HOME_DIR="$(HOME_DIR)" VITRINE_PORT="$(PORT)" exec "$(BIN)/vitrine" serve

# mypy works on one core: while it does, the tests have the others.
test: install chromium validators lint ## Run every check and every test; the last lines say what was not run
	@$(MAKE) --no-print-directory -j 2 types tests

tests: install
	$(PYTEST) -n $(JOBS) --dist loadscope --no-loadscope-reorder

check: install lint types units ## Lint, types and unit tests: about a minute

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: install
	$(BIN)/mypy

# The fast loop: databases in SQLite only, and without the drawing of sample documents. `make test` leaves nothing out.
units: install
	$(PYTEST) -q -n $(JOBS) --dist loadscope --no-loadscope-reorder tests/unit --ignore tests/unit/data -k "not postgresql"

docs: install ## Write the reference of settings and commands anew
	$(BIN)/python -m scripts.reference

screenshots: install chromium ## Take the pictures of the pages for the documentation anew, of the holdings in HOME_DIR
	@PATH="$(BIN):$$PATH" $(BIN)/python -m scripts.screenshots "$(HOME_DIR)"

bench: install ## Measure what the documentation promises, beside its peers: BENCH="--quick" or "--write"
	@PATH="$(BIN):$$PATH" sh scripts/bench.sh $(BENCH)

# Chromium is the one thing that no wheel holds: installed by apt where the user may, else its tests are not run.
chromium:
	@sh scripts/chromium.sh

# The validators of the Image API, in environments of their own; one needs a Python >= 3.12, which VALIDATOR_PYTHON may name.
validators: install
	@VALIDATOR_PYTHON="$(VALIDATOR_PYTHON)" $(BIN)/python -m scripts.validators

# --- installation: each step once, and again when what it reads has changed ---

install: $(VENV)/.project $(VENDOR)/.complete ## Install what is missing, and nothing else

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Vitrine needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "'$(PYTHON)' cannot make virtual environments; install its venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv "$(VENV)"
	@touch $@

# What builds the packages that come as source is installed first, with hashes like the rest.
$(VENV)/.locked: requirements-build.lock requirements-dev.lock $(VENV)/.created
	$(PIP) install --quiet --require-hashes -r requirements-build.lock
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements-dev.lock
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.locked
	$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

node_modules/.complete: package-lock.json $(VENV)/.locked
	$(BIN)/python -m scripts.vendor install
	@touch $@

$(VENDOR)/.complete: scripts/vendor.py node_modules/.complete
	$(BIN)/python -m scripts.vendor place
	@touch $@

lock: ## Resolve the dependencies anew and write the lock files
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	build/lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 pyproject.toml --output-file requirements.lock
	build/lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --all-extras --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock
	printf '%s\n' hatchling editables setuptools setuptools-scm | build/lock/bin/uv pip compile --quiet --universal --generate-hashes \
	  --no-emit-index-url --no-header --python-version 3.11 --constraint requirements-dev.lock - \
	  --output-file requirements-build.lock
	echo iiif-validator | build/lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --constraint requirements-dev.lock - --output-file requirements-validator.lock
	printf '%s\n' iiif-validator-ng pyvips-binary | build/lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-python-downloads --python-version 3.12 --constraint requirements-dev.lock - \
	  --output-file requirements-validator-ng.lock
	rm -rf build/lock

clean: ## Remove what make made; your data in HOME_DIR stays
	rm -rf "$(VENV)" node_modules "$(VENDOR)" build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
