# make run    serve the zoo on http://127.0.0.1:8501 (PORT=8502 make run, HOST=0.0.0.0 make run)
# make test   run the tests, training's packages included (ARGS="-k ink" goes to pytest)
# make train-tools   install what training needs, PyTorch above all (then: zoo train mnist-cnn)
# make zoo    train every model of the zoo again and write its checkpoint into models/checkpoints
# make readme write the table of the zoo in README.md from the checkpoints
# make lint   ruff, the linter and formatter
# make clean  remove .venv and what was built
#
# TORCH_INDEX names another pip index for torch, for instance one that holds CPU wheels (the default wheels take 5 GB).

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: run test train-tools zoo readme lint clean help

run: .venv/.serving
	@exec $(PY) -m app.server

test: .venv/.testing
	$(PY) -m pytest $(ARGS)

train-tools: .venv/.training

zoo: .venv/.training
	$(PY) -m training zoo $(ARGS)

readme: .venv/.serving
	$(PY) docs/readme.py

lint: .venv/.testing
	$(PY) -m ruff check . && $(PY) -m ruff format --check .

clean:
	rm -rf .venv .pytest_cache .ruff_cache build *.egg-info

help:
	@sed -n '/^#/s/^# \{0,1\}//p;/^$$/q' Makefile

# Each stamp stands for a finished install; it is made again only when a file it came from changes.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The Zoo needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.serving: requirements.txt pyproject.toml | $(PY)
	@echo "Installing what serving needs into .venv (about 700 MB, once) ..."
	$(PIP) -r requirements.txt --editable .
	@touch $@

.venv/.torch: requirements-train.txt | $(PY)
	@echo "Installing torch into .venv (once) ..."
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(shell grep '^torch' requirements-train.txt)
	@touch $@

.venv/.training: requirements.txt requirements-train.txt .venv/.torch .venv/.serving
	$(PIP) -r requirements-train.txt
	@touch $@

.venv/.testing: requirements-test.txt .venv/.training
	$(PIP) -r requirements-test.txt
	@touch $@
