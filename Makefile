.PHONY: help setup dev check format test test-long pictures bench peers
export PYTHONDONTWRITEBYTECODE :=  # the tests start hundreds of processes, and none should compile anew
UV := .uv/uv-0.13.9
PARALLEL := -n auto --dist worksteal
SYNC := env -u VIRTUAL_ENV UV_PYTHON_DOWNLOADS=never .uv/bin/uv sync --frozen --compile-bytecode --python .uv/bin/python

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/.ready-to-work ## make .venv, with everything that development needs

dev: .venv/.ready-to-run ## start demo and production on this machine; options go in ARGS="…"
	@.venv/bin/keysteward dev $(ARGS)

check: setup ## judge format, lint, types, import contracts and documents
	.venv/bin/ruff format --check . && .venv/bin/ruff check .
	.venv/bin/mypy && .venv/bin/lint-imports --no-logo
	.venv/bin/pytest -q tests/architecture

format: setup ## put every file in shape
	.venv/bin/ruff check --fix-only . && .venv/bin/ruff format .

test: peers ## run every test but the long ones; pytest options go in ARGS="…"
	@.venv/bin/pytest $(PARALLEL) $(ARGS)
test-long: peers ## run the tests that take minutes
	@.venv/bin/pytest $(PARALLEL) -m long $(ARGS)
pictures: peers ## take a picture of every page; ARGS="…" chooses pages by words of their names
	@.venv/bin/python -m tests.browser.pictures $(ARGS)
bench: setup ## measure speed beside OpenSSL, nginx and oidc-provider; options go in ARGS="…"
	@.venv/bin/python -m bench $(ARGS)
peers: setup
	@.venv/bin/python tests/setup/install.py

.venv/.ready-to-work .venv/.ready-to-run: pyproject.toml uv.lock $(UV)
	$(SYNC) $(if $(filter %run,$@),--no-dev --inexact)
	@touch $@
$(UV):
	sh tests/setup/uv.sh $(@:.uv/uv-%=%) $(PYTHON)
	@touch $@
