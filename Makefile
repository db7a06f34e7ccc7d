# make run    install what is missing, open the dashboard on http://127.0.0.1:8501
# make test   install what tests need, run the linters and the tests
# make lint   the linters alone
# make clean  delete what was installed and computed

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test lint clean

run: .venv/.installed
	$(BIN)/streamlit run app.py

test: lint .venv/.chromium
	$(BIN)/python -m pytest

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv cache

.venv/.installed: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; give its path: make run PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing the libraries into .venv: some minutes and 6.5 GB the first time."
	$(PIP) --requirement requirements.txt
	@touch $@

.venv/.installed-test: .venv/.installed requirements-test.txt
	$(PIP) --requirement requirements-test.txt
	@touch $@

# The browser tests drive Debian's Chromium.
.venv/.chromium: .venv/.installed-test
	@command -v chromium >/dev/null || { \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$root apt-get update -q && $$root apt-get install -y -q --no-install-recommends chromium; }
	@touch $@
