"""Data sets: what a method is trained, tuned and judged on.  One declaration each, in one list."""

from __future__ import annotations

from benchmark.datasets import packaged, synthetic, user_csv
from benchmark.datasets.dataset import GROUPS, PARTS, DataSet, Split, Truth
from benchmark.datasets.user_csv import TableError

__all__ = ["GROUPS", "PARTS", "DataSet", "Split", "TableError", "Truth", "declared", "of_run"]

#: every built-in data set, in the order in which tables show them
DATASETS: tuple[DataSet, ...] = (*synthetic.DATASETS, *packaged.DATASETS)


def declared() -> dict[str, DataSet]:
    """The built-in data sets by name, in the order of tables."""
    return {dataset.name: dataset for dataset in DATASETS}


def of_run(config) -> dict[str, DataSet]:
    """The data sets of a run by name: those under ``datasets``, then the user's other files."""
    known = declared() | {
        name: user_csv.declare(name, spec) for name, spec in config["csv"].items()
    }
    names = [*config["datasets"], *(n for n in config["csv"] if n not in config["datasets"])]
    return {name: known[name] for name in names}
