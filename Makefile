# Every line below is one command that also works by hand; on Windows, .venv\Scripts\python stands for $(PY).
PYTHON ?= python3
VENV   ?= .venv
PY     := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)/python

# A shell may say that no compiled file is to be kept; each worker would then rewrite all tests' asserts again, in every run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo quick test bench bench-quick lint dev template pictures

demo: $(VENV)/run.stamp
	$(PY) batch.py demo

# Each module goes to one worker, the long ones first (tests/conftest.py).
TRIED := $(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder

quick: dev
	$(TRIED) -m "not programs and not slow"

test: dev
	$(TRIED)

bench: dev
	$(PY) -m benchmarks.run --keep

bench-quick: dev
	$(PY) -m benchmarks.run --quick reading nights writing desk

lint: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

dev: $(VENV)/dev.stamp

# A stamp is written last, so an install that was cut short is taken up again.
$(VENV)/run.stamp: requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'KAM XL needs Python 3.11 or newer')"
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@echo installed > $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@echo installed > $@

template: $(VENV)/run.stamp
	$(PY) -m kam_xl.doors.wrappers
	$(PY) -m kam_xl.template.build

pictures: dev
	$(PY) -m docs.pictures
