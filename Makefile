# make reproduce   everything: environment, fits, tables, figures   (CORES=, CONFIG=)
# make smoke       the same on the reduced grid
# make test        environment if it is missing, then the tests of the first tier (WORKERS=)
# make test-all    the second tier too: kill, faults, SLURM, recoveries, all of scikit-learn's checks
# make test-slow   the second tier alone, or a part of it (PART=1/4)
# make lint        ruff, snakefmt on the rules, mypy on nimo
# make docs        the pages made from declarations, those that print with their pictures
# make page        the results pages of the published runs, docs/results/index.html, docs/real/index.html
# make site        the documentation as a site, site/index.html, and a check of its links
# make snapshots   everything that docs/ publishes, anew and of one commit: hours; CatBoost, TabNet and
#                  RealMLP are left out unless installed
# make verify      recompute a sample of the published snapshot in docs/results and compare
# make retry-failed  forget failed fits, then run again
PYTHON ?= python3
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
CONFIG ?= config/paper.yaml
WORKERS ?= 2
VENV := .venv
READY := $(VENV)/.ready
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# CORES and WORKERS say how much runs at once; each of it has one thread (benchmark/threads.py).
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
export NUMEXPR_NUM_THREADS := 1
export NUMBA_NUM_THREADS := 1
export JULIA_NUM_THREADS := 1

.PHONY: reproduce smoke snapshots test test-all test-slow lint docs page site verify retry-failed environment
.DEFAULT_GOAL := reproduce

environment: $(READY)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@# Snakemake loads the plugins of its environment before it opens the file given with --configfile
	echo '$(CURDIR)/workflow/plugins' > "$$($(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/workflow_plugins.pth"
	touch $(READY)

reproduce: $(READY)
	@$(RUN) python -m benchmark.check $(CONFIG)
	$(RUN) snakemake --cores $(CORES) --configfile $(CONFIG)

smoke: $(READY)
	@$(MAKE) --no-print-directory reproduce CONFIG=config/smoke.yaml

snapshots: $(READY)
	@set -e; for grid in paper real long ablation explanations; do \
	  $(MAKE) --no-print-directory reproduce CONFIG=config/$$grid.yaml; done
	$(RUN) python -m measurements.limits fit
	$(RUN) python -m tools.snapshot config/paper.yaml --to docs/results
	$(RUN) python -m tools.snapshot config/real.yaml --to docs/real
	$(RUN) python -m tools.snapshot config/long.yaml --to docs/long --tables real leaderboard
	$(RUN) python -m tools.snapshot config/ablation.yaml --to docs/ablation --tables regression first_layer
	$(RUN) python -m tools.snapshot config/explanations.yaml --to docs/explanations --explanations
	$(RUN) python -m measurements.limits page

# A file's tests stay together, for they share fits and runs; the longest files come first.
PYTEST = $(RUN) python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: $(READY)
	$(PYTEST)

test-all: $(READY)
	$(PYTEST) -m ""

test-slow: $(READY)
	$(PYTEST) -m "slow and not long" $(if $(PART),--part=$(PART))

lint: $(READY)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) snakefmt --check Snakefile workflow/rules
	$(RUN) mypy

docs: $(READY)
	$(RUN) python -m tools.docs

page: $(READY)
	$(RUN) python -m tools.results_page docs/results
	$(RUN) python -m tools.results_page docs/real

# its maintainers advertise a successor in the log
site: export NO_MKDOCS_2_WARNING := 1
site: $(READY)
	$(RUN) python -m mkdocs build --strict

verify: $(READY)
	$(RUN) python -m tools.verify

retry-failed: $(READY)
	$(RUN) python -m tools.retry_failed $(CONFIG)
	@$(MAKE) --no-print-directory reproduce CONFIG=$(CONFIG)
