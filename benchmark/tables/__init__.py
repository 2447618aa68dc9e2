"""The tables of a run: one small module each, with ``build(results, published) -> Table``."""

from __future__ import annotations

import importlib
from pathlib import Path

from benchmark import config as configuration
from benchmark.evaluation import published as paper
from benchmark.tables.table import Table

FOLDER = Path(__file__).resolve().parent
NOT_TABLES = {"__init__", "table", "cells", "scores"}


def names() -> list[str]:
    """Names of all tables: the files of this folder that make one."""
    return sorted(p.stem for p in FOLDER.glob("*.py") if p.stem not in NOT_TABLES)


class IncompleteTable(ValueError):
    """A cell has no record for some split; the message lists what is missing."""


def require_all_records(results):
    """Every cell of the config has one row per split in the tidy table, failed ones included.

    Raises
    ------
    IncompleteTable
    """
    table = results.table
    there = set(zip(table.dataset, table.method, table.split, strict=True))
    missing = [
        f"{dataset} {method} split {split}"
        for dataset, method in configuration.cells(results.config)
        for split in range(results.config["splits"])
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
    name : one of :func:`names`
    results : benchmark.evaluation.results.Results
    published : list of benchmark.evaluation.published.Published, default those of data/published

    Raises
    ------
    KeyError
        There is no such table.
    IncompleteTable
        A cell has no record.
    """
    if name not in names():
        raise KeyError(f"no table {name!r}; there are: {', '.join(names())}")
    require_all_records(results)
    module = importlib.import_module(f"benchmark.tables.{name}")
    return module.build(results, paper.read() if published is None else published)
