# Everything is set up by the first target that needs it, in .venv: a fresh machine needs make and Python 3.11 or newer.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready-for

.PHONY: demo test lint format bench images doc clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Lading needs Python 3.11 or newer; none was found (set PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make virtual environments here (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(READY)-use: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q src/lading && touch $@

$(READY)-test: pyproject.toml $(READY)-use
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint --group bench
	@touch $@

demo: $(READY)-use
	$(BIN)/python examples/demo.py

test: $(READY)-test lint
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(READY)-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The large real images that the benchmarks and the tests marked `big` use (root, Debian, five minutes, 3 GB).
images: .cache/images/web-oci/index.json

.cache/images/web-oci/index.json:
	tests/make-images .cache/images

bench: $(READY)-test
	$(BIN)/python benchmarks/run.py

doc: $(READY)-test
	$(BIN)/python docs/generate.py

clean:
	rm -rf .venv .cache demo report.html
