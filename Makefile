# `make run` and `make test` are the two commands; docs/contributing.md says what the others are for.
.DEFAULT_GOAL := help
.PHONY: help run dev install test test-matrix test-feedserver test-previews test-slow coverage alone lint format messages e2e screenshots hosted conformance conformance-server upgrade bench bench-checks

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp
BENCHMARKS := $(VENV)/benchmarks.stamp
CLIENT := tests/conformance/javascript/node_modules/.package-lock.json
STATIC := staticfiles/staticfiles.json
# Apps that other projects may take by themselves.
ALONE := feedserver feeds notifications messaging previews transactions rate_limits long_commands
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n auto --dist worksteal

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-18s %s\n", $$1, $$2}'

run: $(RUNTIME) .env $(STATIC) ## Install, prepare and start the site at http://127.0.0.1:8000 (PORT=… to change)
	@$(BIN)/python manage.py start

dev: $(RUNTIME) .env ## The same with autoreload and DEBUG
	@DEBUG=True $(BIN)/python manage.py start --procfile Procfile.dev

test: $(DEVELOPMENT) .env ## Run the unit tests of the site on SQLite (another database by DATABASE_URL)
	$(PYTEST) $(PARALLEL)

test-matrix: $(DEVELOPMENT) .env ## Run the access matrix: each role against each URL
	$(PYTEST) tests/test_access_matrix.py -m matrix $(PARALLEL)

test-feedserver: $(DEVELOPMENT) .env ## Run the unit tests of the feed server
	$(PYTEST) feedserver $(PARALLEL)

test-previews: $(DEVELOPMENT) .env ## Run the unit tests of link previews
	$(PYTEST) previews $(PARALLEL)

test-slow: SEED ?= $(shell date +%Y%m%d)
test-slow: SLOW_SHARE ?= 1
test-slow: $(DEVELOPMENT) .env ## Run the random, racing and growing tests (SLOW_SHARE=0.2 SEED=20261130 for a random fifth of them)
	SLOW_SHARE=$(SLOW_SHARE) SEED=$(SEED) $(PYTEST) . -m slow $(PARALLEL) --randomly-seed $(SEED) --hypothesis-seed $(SEED) --hypothesis-profile default

coverage: $(DEVELOPMENT) .env ## Measure the lines and branches that all unit tests and the matrix run
	$(PYTEST) . -m 'not slow' $(PARALLEL) --cov --cov-report term:skip-covered

alone: $(DEVELOPMENT) ## Migrate, check and test apps in a bare project of their own, each by itself
	@for app in $(ALONE); do \
		echo "== $$app alone" && export APP=$$app DJANGO_SETTINGS_MODULE=tests.alone.settings && \
		rm -f var/alone-$$app.sqlite3 && \
		$(BIN)/python manage.py migrate --verbosity 0 && \
		$(BIN)/python manage.py check --fail-level WARNING && \
		$(PYTEST) $$app -q $(PARALLEL) --ds tests.alone.settings || exit 1; \
	done

lint: $(DEVELOPMENT) .env ## Check style, imports between apps, migrations and production settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djlint --check --lint --quiet templates
	$(BIN)/lint-imports
	$(PYTEST) tests/test_imports.py -q -m slow
	$(BIN)/python manage.py makemigrations --check --dry-run
	SITE_URL=https://links.example.org CONTACT_EMAIL=keeper@example.org EMAIL_URL=smtp+tls://mail.example.org:587 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(DEVELOPMENT) ## Format code and templates
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint --reformat --quiet templates

messages: $(DEVELOPMENT) .env ## Gather the texts to translate into locale/, and compile them (needs gettext)
	$(BIN)/python manage.py makemessages --all --no-obsolete --no-wrap --add-location file \
		--ignore tests --ignore benchmarks --ignore compat --ignore var
	$(BIN)/python manage.py compilemessages --ignore .venv

e2e: $(DEVELOPMENT) .env $(STATIC) ## Run the browser tests against the site, started as `make run` starts it
	$(PYTEST) tests/e2e --browser chromium

screenshots: $(DEVELOPMENT) .env $(STATIC) ## Renew docs/screenshots with Chromium, from a demo of its own
	$(BIN)/python -m tests.e2e.screenshots

hosted: $(DEVELOPMENT) .env ## Run the site against a feed server in another process, over HTTP that fails in every way
	$(PYTEST) tests/hosted -n auto --ds tests.hosted.settings

conformance: $(DEVELOPMENT) $(CLIENT) .env ## Run the official Python and JavaScript clients against the feed server
	$(PYTEST) tests/conformance -p no:randomly

# An empty database of its own, unless DATABASE_URL names one.
conformance-server: $(RUNTIME) ## Start the feed server for suites of clients (PORT, FEEDSERVER_API_KEY, FEEDSERVER_API_SECRET, DATABASE_URL)
	@export DATABASE_URL="$${DATABASE_URL:-sqlite:///$$(mktemp -d)/feeds.sqlite3}" && \
	exec $(BIN)/python manage.py feedserver --migrate --port "$${PORT:-8000}" --settings tests.conformance.settings

upgrade: $(DEVELOPMENT) .env ## Upgrade databases that an earlier release made (RELEASE=…)
	$(BIN)/python -m tests.upgrade $(if $(RELEASE),--release $(RELEASE))

bench: $(BENCHMARKS) $(DEVELOPMENT) .env $(STATIC) bench-checks ## Measure feeds, polls, the admin, the search, pages, imports and outages on SQLite and PostgreSQL (about 90 minutes)
	$(BIN)/python -m benchmarks.fanout
	$(BIN)/python -m benchmarks.deletion
	$(BIN)/python -m benchmarks.suspension
	$(BIN)/python -m benchmarks.backfill
	$(BIN)/python -m benchmarks.following
	$(BIN)/python -m benchmarks.drain
	$(BIN)/python -m benchmarks.timeline
	$(BIN)/python -m benchmarks.feedserver
	$(BIN)/python -m benchmarks.poll
	$(BIN)/python -m benchmarks.admin
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.paint
	$(BIN)/python -m benchmarks.importing

bench-checks: $(BENCHMARKS) $(DEVELOPMENT) .env $(STATIC) ## Run the benchmarks that fail where something is lost, wrong or out of reach
	$(BIN)/python -m benchmarks.malformed
	$(BIN)/python -m benchmarks.crashes
	$(BIN)/python -m benchmarks.outage
	$(BIN)/python -m benchmarks.outage --postgresql

install: $(RUNTIME) ## Make the virtual environment and install what the site runs on

# Stamps: each `pip install -r` would rebuild the compat wheel, which takes seconds.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt $(wildcard compat/stream-django/*.*) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(BENCHMARKS): requirements-bench.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(CLIENT): tests/conformance/javascript/package-lock.json
	npm ci --prefix tests/conformance/javascript --no-audit --no-fund --loglevel error
	@touch $@

.env: | $(BIN)/python
	@$(BIN)/python -m socialnet.environment

$(STATIC): $(RUNTIME) $(shell find static */static -type f 2>/dev/null) | .env
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
