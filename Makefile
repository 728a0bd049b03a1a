# meterd's commands. Everything is installed into .venv and nowhere else, but for the
# Debian programs in requirements/debian.list, which only root can add.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)

# A test takes nothing that another one might have: folders, ports and stores are its own. Half
# of them wait for something, so three share two cores. One that hangs tells where, and fails.
TEST   := $(BIN)/python -m pytest --numprocesses=$(or $(JOBS),3) --dist=worksteal \
          -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true
UNIT   := -m 'not process and not long' $(addprefix --ignore=tests/,cli daemon fuzz house laws \
          readers system web)

ENDURED := killed broker_dies reload_storm half_open wrong_clock limits read_only_disk full_disk \
          watchdog memory silent_lines

# What is compiled once, pytest's own work on the tests too, is kept: half of a run else.
unexport PYTHONDONTWRITEBYTECODE

# A stamp is named by what it stands for: other requirements, other stamp, install again.
key = $(shell cat $(1) pyproject.toml | sha256sum | cut -c 1-12)
RUN := requirements/run.txt requirements/build.txt
DEV := requirements/dev.txt
RUN_STAMP := $(VENV)/run-$(call key,$(RUN)).stamp
DEV_STAMP := $(VENV)/dev-$(call key,$(RUN) $(DEV)).stamp

.DEFAULT_GOAL := help
.PHONY: help demo test unit check format lint types layers house fix bench coverage power-cuts laws \
        long-life mutants reliability-report seeded-bugs fuzz endurance sbom audit \
        budgets-tighten devices lock debian clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(RUN_STAMP)  ## a simulated site, live: devices, readings, records, bills
	@$(BIN)/meterd demo

test: $(DEV_STAMP) debian  ## every test but the house rules, JOBS=3 at a time
	$(TEST) --ignore=tests/house

unit: $(DEV_STAMP)  ## the tests of what computes and keeps, in a minute: no process, no line, no page
	$(TEST) $(UNIT)

check: format lint types layers house  ## the house rules; changes nothing

format: $(DEV_STAMP)
	$(BIN)/ruff format --check .

lint: $(DEV_STAMP)
	$(BIN)/ruff check .

types: $(DEV_STAMP)
	$(BIN)/mypy

layers: $(DEV_STAMP)
	$(BIN)/lint-imports

house: $(DEV_STAMP) debian
	$(TEST) tests/house

fix: $(DEV_STAMP)  ## format, and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

power-cuts: $(DEV_STAMP)  ## a store under CUTS=20000 power cuts, from SEED=1
	$(BIN)/python -m tests.laws.campaign cuts --cuts $(or $(CUTS),20000) --seed $(or $(SEED),1)

laws: $(DEV_STAMP)  ## SEEDS=200 lives of DAYS=30 under random faults, from SEED=1
	$(BIN)/python -m tests.laws.campaign laws --seeds $(or $(SEEDS),200) \
	    --days $(or $(DAYS),30) --seed $(or $(SEED),1)

seeded-bugs: $(DEV_STAMP)  ## puts every seeded bug in, and shows which law catches it
	$(BIN)/python -m tests.laws.campaign bugs

long-life: $(DEV_STAMP)  ## one life of YEARS=30 under every fault, a poll every POLL=3600 seconds
	$(BIN)/python -m tests.laws.campaign age --years $(or $(YEARS),30) \
	    --poll $(or $(POLL),3600) --seed $(or $(SEED),1)

mutants: $(DEV_STAMP)  ## small wrongs in the code of money, MOST of them: which no test sees
	$(BIN)/python -m tests.laws.mutants $(if $(MOST),--most $(MOST)) $(MODULES)

reliability-report: $(DEV_STAMP)  ## all of these but mutants, and docs/reliability-report.md
	-@$(MAKE) --no-print-directory laws
	-@$(MAKE) --no-print-directory power-cuts
	-@$(MAKE) --no-print-directory long-life
	-@$(MAKE) --no-print-directory seeded-bugs
	@$(BIN)/python -m tests.laws.report

fuzz: $(DEV_STAMP)  ## hostile input by CI's budgets; NIGHTLY=1, ONLY=modbus, CASES= of each, SEED=
	$(BIN)/python -m tests.fuzz.campaign $(if $(NIGHTLY),--nightly) $(if $(ONLY),--only "$(ONLY)") \
	    $(if $(CASES),--cases $(CASES)) --seed $(or $(SEED),1)

endurance: $(DEV_STAMP) debian  ## what is done to the real daemon, many times: about an hour
	METERD_ENDURANCE=1 $(BIN)/python -m pytest --durations=0 $(ENDURED:%=tests/system/test_%.py)

sbom: $(DEV_STAMP)  ## what a release is made of, as CycloneDX, in meterd.cdx.json
	$(BIN)/python -m tests.house.sbom > meterd.cdx.json

audit: $(DEV_STAMP)  ## known vulnerabilities of what is locked; SERVICE=osv; fails if it cannot tell
	@$(PIP) install uv
	@requirements/audit.sh $(BIN)/uv $(SERVICE)

bench: $(DEV_STAMP)  ## the benchmarks, each as a ratio
	@for bench in bench/[a-z]*.py; do \
	    echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

# All but the long lives of the laws, which would be watched for an hour.
coverage: $(DEV_STAMP) debian  ## branches no test takes
	$(BIN)/python -m coverage run -m pytest -m 'not (long and law)' --ignore=tests/house
	$(BIN)/python -m coverage report --show-missing --skip-covered

budgets-tighten: $(DEV_STAMP)  ## lower tests/house/budgets.toml to what the code needs now
	$(BIN)/python -m tests.house.budgets

devices: $(DEV_STAMP)  ## write docs/reference/devices.md from the packaged profiles
	$(BIN)/python -m tests.house.devices

lock: $(BIN)/pip  ## compile requirements/*.txt from pyproject.toml (UPGRADE=--upgrade)
	$(PIP) install uv
	$(LOCK) pyproject.toml --all-extras --group dev --group build -o requirements/dev.txt
	$(LOCK) pyproject.toml --all-extras -c requirements/dev.txt -o requirements/run.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt

debian:
	@requirements/debian.sh

clean:  ## remove .venv and every cache
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	       .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "meterd needs Python 3.11 or newer. Name one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || requirements/debian.sh python3-venv
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(BIN)/pip
	@echo "Installing meterd into $(VENV): some 40 packages, a minute or so."
	@rm -f $(VENV)/*.stamp
	@$(PIP) install --require-hashes $(RUN:%=-r %)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo "Installing the tools of the tests into $(VENV)."
	@$(PIP) install --require-hashes -r $(DEV)
	@touch $@
