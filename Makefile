# Everything a person runs here. Needs only make and Python 3.11 or newer; the rest goes into .venv.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SEEDS ?= 2000
ARGS ?=

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml scripts/setup
	@PYTHON='$(PYTHON)' scripts/setup $(VENV)
	@touch $(READY)

.PHONY: setup
setup: $(READY) ## Make .venv with Conductor and its development tools

.PHONY: demo
demo: $(READY) ## Start a server, run the sample workflows for real, show every step
	@$(BIN)/conductor demo $(ARGS)

.PHONY: dev
dev: $(READY) ## Run the development server (ARGS='--port 3001 …')
	@$(BIN)/conductor dev $(ARGS)

.PHONY: test
test: $(READY) lint ## Check style, types and imports, then run every test
	@scripts/chromium
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

.PHONY: console
console: $(READY) ## Check, test and build the web console (Node 20 or newer)
	@scripts/console $(BIN)/python

.PHONY: screenshots
screenshots: $(READY) ## Take the README's pictures of the console (ARGS=--all: every page, into build/screenshots)
	@$(BIN)/python -m tests.console.screenshots $(ARGS)

.PHONY: lint
lint: $(READY) ## Check style, types and who imports whom
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >.venv/imports.log 2>&1 || { cat .venv/imports.log; exit 1; }

.PHONY: format
format: $(READY) ## Rewrite the code in house style
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

.PHONY: coverage
coverage: $(READY) ## Run unit and property tests and show the lines they miss
	@$(BIN)/coverage run -m pytest tests/unit tests/property $(ARGS)
	@$(BIN)/coverage report

.PHONY: conformance
conformance: $(READY) ## Replay what AWS answered, where the recordings are present; a table and every difference
	@$(BIN)/python -m tests.conformance.replay $(ARGS)

.PHONY: sim
sim: $(READY) ## Run the crash simulator (SEEDS=2000; a failing seed prints how to replay it)
	@$(BIN)/python -m conductor_local.testing.simulator --seeds $(SEEDS) $(ARGS)

.PHONY: chaos
chaos: $(READY) ## Kill and restart workers, Redis and Kafka for two minutes; check that nothing is lost or doubled
	@CONDUCTOR_CHAOS=long $(BIN)/pytest -p no:xdist tests/chaos $(ARGS)

.PHONY: bench
bench: $(READY) ## Measure speed beside a bare probe, in one run; writes benchmarks/results.json
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: services
services: ## Bring up real Redis and Kafka on this machine and say where (ARGS='--kafka-port 9192 …')
	@$(PYTHON) -m scripts.services up $(ARGS)

.PHONY: services-stop
services-stop: ## Stop them; what they hold stays in .services
	@$(PYTHON) -m scripts.services stop

.PHONY: clean
clean: ## Remove what the other targets made
	@rm -rf $(VENV) console/node_modules src/conductor_local/console_files .mypy_cache .ruff_cache .coverage build dist benchmarks/results.json .conductor
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
