"""Data sets: what a method is trained, tuned and judged on.  One declaration each, in one list."""

from __future__ import annotations

from benchmark.datasets import packaged, synthetic, tables_published, user_csv
from benchmark.datasets.dataset import GROUPS, PARTS, DataSet, Split, TableError, Truth

__all__ = [
    "GROUPS",
    "PARTS",
    "DataSet",
    "Split",
    "TableError",
    "Truth",
    "asked_for",
    "declared",
    "left_out",
    "of_run",
]

#: every built-in data set, in the order in which tables show them
DATASETS: tuple[DataSet, ...] = (
    *synthetic.DATASETS,
    *tables_published.DATASETS,
    *packaged.DATASETS,
)


def declared() -> dict[str, DataSet]:
    """The built-in data sets by name, in the order of tables."""
    return {dataset.name: dataset for dataset in DATASETS}


def asked_for(config) -> dict[str, DataSet]:
    """What a config names: the data sets under ``datasets``, then the user's other files."""
    known = declared() | {
        name: user_csv.declare(name, spec) for name, spec in config["csv"].items()
    }
    names = [*config["datasets"], *(n for n in config["csv"] if n not in config["datasets"])]
    return {name: known[name] for name in names}


def left_out(config) -> dict[str, str]:
    """Data sets that a config names and lets be left out where they cannot be had, and why."""
    if config.get("missing_data") != "skip":
        return {}
    reasons = {name: dataset.missing() for name, dataset in asked_for(config).items()}
    return {name: reason for name, reason in reasons.items() if reason}


def of_run(config) -> dict[str, DataSet]:
    """The data sets of a run by name, in the order of tables."""
    absent = left_out(config)
    return {name: d for name, d in asked_for(config).items() if name not in absent}
