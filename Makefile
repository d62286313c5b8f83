# Needs Python 3.11 or later and make; everything else goes into .venv.
#   make demo     a bake-off of the reference PRMs and two foreign engines, as PDF, HTML and JSON in out/demo
#   make test     the whole test suite, in parallel
#   make newcomer the how-to page on the sandbox followed to the letter: jsforce, sf (half a gigabyte from npm), Python
#   make lint     ruff: rules and format          make types    mypy --strict
#   make arrows   which part may import which     make check    all of the above
#   make bench    hot paths beside their peers and raw limits, as a table
#   make docs     the generated pages of docs/    make clean    remove what make made
#   make kill-matrix   every check against every defect that it has to catch, as docs/reference/kill-matrix.md
#   make kill-matrix-check   the same runs, held against that page        make seeds   the mirror under 20 seeds, others under a few, and with xdist
.POSIX:
.SUFFIXES:
PYTHON ?= python3
BIN = .venv/bin
READY = .venv/ready

demo: $(READY) pdf engines
	$(BIN)/prm-harness demo

test: $(READY)
	$(BIN)/python -m pytest -n auto tests --ignore tests/newcomer --ignore tests/seeds

seeds: $(READY)
	$(BIN)/python -m pytest -n auto tests/seeds

newcomer: $(READY)
	$(BIN)/python -m pytest tests/newcomer

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

arrows: $(READY)
	$(BIN)/lint-imports

check: lint types arrows test

bench: $(READY)
	$(BIN)/python -m bench

docs: $(READY)
	$(BIN)/python tools/write_reference.py

kill-matrix: $(READY)
	$(BIN)/python tools/kill_matrix.py

kill-matrix-check: $(READY)
	$(BIN)/python tools/kill_matrix.py --compare

# The PDF's system libraries: found, installed where that needs no password, or the command is printed. Without them
# there is still HTML and JSON, so this never stops the rest.
pdf: $(READY)
	@$(BIN)/prm-harness doctor --fix || true

# The engines of examples/, from PyPI and npm. What cannot be had is left out of the demo, which says so.
TAP = examples/singer-portal/.venv
engines:
	@test -x $(TAP)/bin/tap-salesforce || { $(PYTHON) -m venv $(TAP) && $(TAP)/bin/python -m pip install --quiet \
	    --disable-pip-version-check -r examples/singer-portal/requirements.txt; } || \
	    echo "tap-salesforce could not be installed from PyPI"
	@test -d examples/node-portal/node_modules/jsforce || { cd examples/node-portal && \
	    npm install --no-audit --no-fund --no-package-lock --ignore-scripts --silent; } || \
	    echo "jsforce could not be installed from npm"

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or later is needed; name one: make PYTHON=python3.12"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv examples/*/.venv examples/*/node_modules out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: demo test seeds newcomer lint types arrows check bench docs kill-matrix kill-matrix-check pdf engines clean
