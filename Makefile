# Qiao 桥. `make` alone lists the targets. Everything is set up by the targets that need it, and only once.
SHELL := /bin/bash
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help run test lint fmt bench lock messages clean setup dev

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: setup  ## set everything up and serve on http://127.0.0.1:8000, with sample data (ARGS="--port 8001")
	@scripts/system.sh --go-on fonts
	@.venv/bin/qiao setup
	@exec .venv/bin/qiao serve $(ARGS)

test: dev  ## set everything up; lint, unit, integration (SQLite and PostgreSQL), real browser, Spark
	@scripts/system.sh chromium driver postgres fonts
	@scripts/system.sh --go-on java
	@$(PY) scripts/check.py lint unit sqlite postgres e2e spark

lint: dev  ## ruff, mypy, import rules, locks, migrations
	@$(PY) scripts/check.py lint

fmt: dev  ## format the code and sort the imports
	@.venv/bin/ruff check -q --fix-only . && .venv/bin/ruff format -q . && echo "Formatted."

bench: dev  ## measure; every speed claim comes from here (needs PostgreSQL)
	@scripts/system.sh postgres
	@$(PY) scripts/postgres.py --durable $(PY) -m benchmarks $(ARGS)
	@$(PY) -m benchmarks.eligibility $(ELIGIBILITY)
	@$(PY) -m benchmarks.matching $(MATCHING)

lock: dev  ## recompile both requirement locks from pyproject.toml (needs the network)
	@$(PY) scripts/locks.py compile $(ARGS)

messages: dev  ## add new texts to the English catalogue, ready to be translated
	@$(PY) scripts/messages.py

clean:  ## remove the virtual environment and caches; var/ (your data) stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis var/test
	@find src tests scripts benchmarks -name __pycache__ -prune -exec rm -rf {} +
	@echo "Removed .venv and caches. Your data in var/ was left alone."

setup:
	@scripts/venv.sh run

dev:
	@scripts/venv.sh dev
