# isotrack: `make demo` shows it, `make test` proves it.
.PHONY: help setup setup-dev demo test test-rest test-isolation test-faults lint lock messages screenshots bench advisories sbom
PORT ?= 8000

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: ## .venv with the packages that run isotrack
	@scripts/setup.sh run

setup-dev: ## .venv with the packages that test it, too
	@scripts/setup.sh dev

demo: setup ## a demonstration at http://localhost:8000 (PORT=8123 make demo for another port)
	@exec env ISOTRACK_ENV_FILE=/dev/null ISOTRACK_DEMO=1 ISOTRACK_LOG_LEVEL=$${ISOTRACK_LOG_LEVEL:-WARNING} \
		.venv/bin/python manage.py serve --port '$(PORT)'

test: setup-dev ## the tests that need no more than Python, in minutes
	@scripts/test.sh quick

test-rest: setup-dev ## the long tests, and those with PostgreSQL, Redis and a browser where they are found
	@scripts/test.sh rest

test-isolation: setup-dev ## every route as every caller: cells N leaks M, on SQLite and on PostgreSQL
	@scripts/test_isolation.sh

test-faults: setup-dev ## the failure catalogue: how many faults are survived, group by group
	@ISOTRACK_DATABASE_URL=$$(.venv/bin/python -m tests.services) .venv/bin/python -m tests.faults.catalogue

lint: setup-dev ## style, types, templates, schema, compose file
	@scripts/lint.sh

lock: setup-dev ## write the hashed locks from pyproject.toml
	@scripts/lock.sh

messages: setup-dev ## collect the words of pages, mails and papers, and build the translations (needs gettext)
	@.venv/bin/python manage.py makemessages -v0 -l de -l fr -l es -l pl --no-obsolete --no-wrap --add-location=file -e html,svg,txt,py \
		-i 'tests/*' -i 'var/*' -i '.venv/*' -i 'scripts/*' && .venv/bin/python manage.py compilemessages -v0 -i '.venv'

screenshots: setup-dev ## the pictures of the README, and all screens (desk, phone, dark) into var/screens
	@.venv/bin/python scripts/screenshots.py

advisories: setup-dev ## the locked packages against known holes, offline, with the date of what is known
	@.venv/bin/python scripts/advisories.py check

sbom: setup-dev ## the packages of a release as CycloneDX, in var/sbom.json
	@mkdir -p var && .venv/bin/python -m cyclonedx_py requirements requirements/run.txt --output-file var/sbom.json
	@.venv/bin/python -m cyclonedx_py requirements requirements/saml.txt --output-file var/sbom-saml.json

bench: setup-dev ## compare the sweep with the bare SQL statement
	@.venv/bin/python manage.py bench
