"""The tables of a run: one small module each, with ``build(results, published) -> Table``.

To add one, write its module and put its name into the list below.
"""

from __future__ import annotations

import importlib

from benchmark import config as configuration
from benchmark.evaluation import published as paper
from benchmark.split_counts import splits_of
from benchmark.tables.table import Table

#: every table of a run, in the order of the summary; each is a module of this folder
TABLES = (
    "regression",
    "classification",
    "real",
    "leaderboard",
    "further_scores",
    "coefficients",
    "first_layer",
    "runtime",
    "differences",
    "ranks",
    "pairs",
    "fronts",
    "predictors",
    "contextual_lasso_julia",
)

#: tables of a run that explains, each a module with ``build(results) -> Table``
EXPLANATION_TABLES = ("explained_models", "explained_correctness", "explained_fidelity")


class IncompleteTable(ValueError):
    """A cell has no record for some split; the message lists what is missing."""


def require_all_records(results):
    """Every cell of the config has one row per split among the fits, failed ones included.

    Raises
    ------
    IncompleteTable
    """
    table = results.fits
    there = set(zip(table.dataset, table.method, table.split, strict=True))
    missing = [
        f"{dataset} {method} split {split}"
        for dataset, method in configuration.cells(results.config)
        for split in range(splits_of(results.config, dataset))
        if (dataset, method, split) not in there
    ]
    if missing:
        shown = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
        raise IncompleteTable(
            f"no table is made from an incomplete run: {len(missing)} records are missing ({shown})"
        )


def make(name: str, results, published=None) -> Table:
    """Make one table.

    Parameters
    ----------
    name : one of :data:`TABLES`
    results : benchmark.evaluation.results.Results
    published : list of benchmark.evaluation.published.Published, default those of data/published

    Raises
    ------
    KeyError
        There is no such table.
    IncompleteTable
        A cell has no record.
    """
    if name not in TABLES:
        raise KeyError(f"no table {name!r}; there are: {', '.join(TABLES)}")
    require_all_records(results)
    module = importlib.import_module(f"benchmark.tables.{name}")
    return module.build(results, paper.read() if published is None else published)


def make_explained(name: str, results) -> Table:
    """Make one of :data:`EXPLANATION_TABLES`.

    Parameters
    ----------
    results : benchmark.evaluation.results.Results
    """
    return importlib.import_module(f"benchmark.tables.{name}").build(results)
