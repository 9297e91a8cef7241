# Every target builds the environment it needs; a machine with python3 (3.11 or newer), make and git is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NAME ?=
# A suite that starts hundreds of processes keeps what they compile, whatever the shell says; it is under .gitignore.
unexport PYTHONDONTWRITEBYTECODE
EXPORT := --no-emit-project --format requirements-txt --no-header

.PHONY: env env-cluster demo test test-slow coverage check bench clean lock

env: $(READY)

$(READY): requirements.lock pyproject.toml tools/make-env
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/make-env
	@touch $(READY)

env-cluster: env  ## add Spark and Sail, half a gigabyte, for the tests and benchmarks of clusters; Spark needs Java 17 beside it
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-cluster.lock

demo: env  ## simulate a company's day with an intrusion in it and hunt through it
	@$(BIN)/bartizan demo --out demo-out

test: env  ## the fast suite
	@$(BIN)/python -m pytest -n 2 -m "not slow"

coverage: env  ## the fast suite again, measuring which branches it takes: it takes half as long again
	@$(BIN)/python -m pytest -n 2 -m "not slow" --cov --cov-report=term

test-slow: env  ## the slow suite: field data, memory, hostile input, a real browser
	@$(BIN)/python -m pytest -m slow

check: env  ## lint, types, import contracts, docstrings
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/interrogate -q src

bench: env  ## every figure the README quotes; NAME=x for one
	@$(BIN)/python -m benchmarks $(NAME)

lock:  ## write requirements.lock and requirements-cluster.lock anew from pyproject.toml (needs uv)
	uv lock -q
	uv export -q --all-groups --no-group cluster --all-extras --no-extra spark --no-extra sail $(EXPORT) -o requirements.lock
	uv export -q --only-group cluster $(EXPORT) -o requirements-cluster.lock

clean:
	rm -rf $(VENV) demo-out out build dist .import_linter_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
