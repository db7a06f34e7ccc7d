# make run    install what is missing, open the dashboard on http://127.0.0.1:8501
# make check  install what tests need, run the linters and the quick tests
# make test   the linters and all tests, those that train and those in a browser too
# make test-faults  the whole campaign of kills, full disks, damaged files, bad inputs, 20 sessions: hours
# make test-cluster  workers, stores and a cut network, on a Postgres server of its own; as root three hosts too: minutes
# make lint   the linters alone: style, types, and which layer imports which
# make clean  delete what was installed and computed

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Install a package of Debian's, or say what to do where that cannot be done from here.
define debian
{ [ "$$(id -u)" = 0 ] || command -v sudo >/dev/null; } && command -v apt-get >/dev/null || \
  { echo "Please install $(1), and start again."; exit 1; }; \
as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
$$as_root apt-get update -q && $$as_root apt-get install -y -q --no-install-recommends $(1)
endef

.PHONY: run check test test-faults test-cluster lint clean

run: .venv/.installed
	$(BIN)/streamlit run app.py

check: lint
	$(BIN)/python -m pytest

test: lint .venv/.chromium
	$(BIN)/python -m pytest -m ""

# A part of it: make test-faults PART=kills; a tenth: SHARE=0.1. See CONTRIBUTING.md.
test-faults: .venv/.installed-test
	FACTORSCOPE_FAULTS=$(or $(SHARE),1) $(BIN)/python -m pytest -n0 -s -o faulthandler_timeout=0 -m faults tests/faults$(if $(PART),/test_$(PART).py)

# The tests start servers of their own, from Debian's package and requirements-test-cluster.txt. Two files at a time, since
# much of a test is waiting.
test-cluster: .venv/.installed-cluster
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	  { $(call debian,postgresql); }
	@[ "$$(id -u)" != 0 ] || command -v ip >/dev/null || { $(call debian,iproute2); }
	@[ "$$(id -u)" != 0 ] || command -v nginx >/dev/null || { $(call debian,nginx-light); }
	FACTORSCOPE_HOSTS=1 $(BIN)/python -m pytest -n2 --no-loadscope-reorder -o faulthandler_timeout=0 -m cluster tests/cluster

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

clean:
	rm -rf .venv .venv-benchmarks
	find cache -mindepth 1 ! -name .gitignore -delete

.venv/.installed: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; give its path: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv; } || \
	  { rm -rf .venv; $(call debian,python3-venv) && $(PYTHON) -m venv .venv; }
	@echo "Installing the libraries into .venv: some minutes and 6.5 GB the first time."
	$(PIP) --requirement requirements.txt
	@touch $@

.venv/.installed-test: .venv/.installed requirements-test.txt requirements-excel.txt
	$(PIP) --requirement requirements-test.txt
	@touch $@

# What several machines need, and a server that speaks S3.
.venv/.installed-cluster: .venv/.installed-test requirements-cluster.txt requirements-test-cluster.txt
	$(PIP) --requirement requirements-test-cluster.txt
	@touch $@

# The browser tests drive Debian's Chromium.
.venv/.chromium: .venv/.installed-test
	@command -v chromium >/dev/null || { $(call debian,chromium); }
	@touch $@
