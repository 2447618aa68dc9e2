"""The published values, from data/published/*.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import baselines
from benchmark import ROOT

FOLDER = ROOT / "data" / "published"
DEFAULT_VERSION = "v1"
#: Values read off a box plot are medians of five runs, and reading has an error of its own.
MEDIAN_RUNS = 5
READING_ERROR = 0.005


@dataclass(frozen=True)
class Published:
    """One published value.

    Attributes
    ----------
    version : str
        Version of the paper; versions are never mixed.
    dataset, method, metric : str
    value : float
    text : str
        The value as it was printed.
    place : str
        Where: ``table1``, ``figure5-median``, ...
    """

    version: str
    dataset: str
    method: str
    metric: str
    value: float
    text: str
    place: str

    @property
    def is_median(self) -> bool:
        """True for a median of :data:`MEDIAN_RUNS` runs, read off a figure."""
        return self.place.endswith("-median")

    @property
    def tolerance(self) -> float:
        """How far the value may be from what is printed: rounding, or reading a figure."""
        decimals = len(self.text.partition(".")[2])
        rounding = 0.5 * 10.0**-decimals
        return max(rounding, READING_ERROR) if self.is_median else rounding


def read(folder=FOLDER) -> list[Published]:
    """All published values.

    Raises
    ------
    ValueError
        A value is given twice for one version.
    """
    found = []
    for path in sorted(Path(folder).glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found.append(
                    Published(
                        version=row["version"],
                        dataset=row["dataset"],
                        method=row["method"],
                        metric=row["metric"],
                        value=float(row["value"]),
                        text=row["value"],
                        place=row["place"],
                    )
                )
    keys = [(p.version, p.dataset, p.method, p.metric) for p in found]
    double = sorted({key for key in keys if keys.count(key) > 1})
    if double:
        raise ValueError(f"published values given twice: {double}")
    return found


def of_cell(found, dataset: str, method: str, metric: str) -> dict[str, Published]:
    """The published values of one cell by version."""
    method = baselines.load(method).stands_for or method
    return {
        p.version: p for p in found if (p.dataset, p.method, p.metric) == (dataset, method, metric)
    }
