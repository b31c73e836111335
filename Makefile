# make run           serve the Zoo on http://127.0.0.1:8501 (PORT=8502 make run, HOST=0.0.0.0 make run)
# make test          install what training and the tests need, and run the tests (ARGS="-k ink" goes to pytest)
# make train-tools   install what training needs, including PyTorch (then: zoo train mnist-cnn)
# make zoo           train the shipped models and write their checkpoints into models/checkpoints (hours)
# make readme        write the generated parts of README.md and docs/
# make lint          check style with ruff
# make clean         remove .venv and everything built
#
# On Linux without an NVIDIA driver, PyTorch comes from its index of CPU builds (about 200 MB to download); if that
# index cannot be reached, and everywhere else, from pip's default index (up to 3 GB). TORCH_INDEX sets another index.

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
CPU_INDEX := https://download.pytorch.org/whl/cpu

.PHONY: run test train-tools zoo readme lint clean help

run: .venv/.serving
	@exec $(PY) -m app.server

test: .venv/.testing
	$(PY) -m pytest $(ARGS)

train-tools: .venv/.training

zoo: .venv/.training
	$(PY) -m training zoo $(ARGS)

readme: .venv/.serving
	$(PY) docs/readme.py && $(PY) docs/architecture.py

lint: .venv/.testing
	$(PY) -m ruff check . && $(PY) -m ruff format --check .

clean:
	rm -rf .venv .pytest_cache .ruff_cache build *.egg-info

help:
	@sed -n '/^#/s/^# \{0,1\}//p;/^$$/q' Makefile

# On macOS and Windows the default builds are for the CPU anyway.
NO_NVIDIA = [ "$$(uname -s)" = Linux ] && [ ! -e /proc/driver/nvidia/version ] && ! command -v nvidia-smi >/dev/null
# pip makes the request, because it knows this machine's proxy and certificates. The limits are short here, so that the install can
# keep the usual ones.
CPU_BUILDS_REACHABLE = timeout 20 $(PY) -m pip --timeout 5 --retries 0 index versions torch --index-url $(CPU_INDEX) \
	2>/dev/null | grep -qF "$$(sed -n 's/^torch==//p' requirements-train.txt)+cpu"

# Each stamp marks a finished install; it is renewed only when a file it depends on changes.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The Zoo needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) --version 2>&1`. Choose another: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.serving: requirements.txt pyproject.toml | $(PY)
	@echo "Installing what serving needs into .venv (about 600 MB on disk, once) ..."
	$(PIP) -r requirements.txt --editable .
	@touch $@

.venv/.torch: requirements-train.txt | $(PY)
	@index='$(TORCH_INDEX)'; \
	if [ -z "$$index" ] && $(NO_NVIDIA) && $(CPU_BUILDS_REACHABLE); then index=$(CPU_INDEX); fi; \
	echo "Installing PyTorch into .venv from $${index:-the default index of pip} (once) ..."; \
	$(PIP) $${index:+--index-url "$$index"} $$(grep '^torch' requirements-train.txt)
	@touch $@

.venv/.training: requirements.txt requirements-train.txt .venv/.torch .venv/.serving
	$(PIP) -r requirements-train.txt
	@touch $@

.venv/.testing: requirements-test.txt requirements-scale.txt .venv/.training
	$(PIP) -r requirements-test.txt
	@touch $@
