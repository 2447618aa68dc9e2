"""What fits are expected to cost: where the scheduler starts, and what a batch system is asked for.

``workflow/costs.csv`` holds what was measured, one row per data set and method: median seconds of a
fit, largest memory.  ``python -m tools.costs`` writes it.  Costs decide the order and the resources
of jobs, and no number of any table.
"""

from __future__ import annotations

import csv
import math
import statistics

import baselines
from benchmark import ROOT
from benchmark.split_counts import most_splits, splits_of

TABLE = ROOT / "workflow" / "costs.csv"
COLUMNS = ("dataset", "method", "seconds", "memory_mb")
#: seconds of a fit of a method that has not been measured
DEFAULT_SECONDS = 60.0
#: a job is given this many times the seconds that are expected of its fits ...
HEADROOM_SECONDS = 4.0
#: ... and a method this many times the memory that it was seen to take
HEADROOM_MEMORY = 1.5
#: seconds that a job takes on a slow file system before its first fit
START_SECONDS = 300.0
#: memory of what stands around a fit: Snakemake twice, and the process that watches the fit
AROUND_MB = 800


def read(path=TABLE) -> list[dict]:
    """The rows of the table of costs, numbers as numbers.

    Raises
    ------
    ValueError
        It is not such a table.
    """
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return [
            {"dataset": row["dataset"], "method": row["method"]}
            | {name: float(row[name]) for name in ("seconds", "memory_mb")}
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not a table of costs: {error}") from None


def measured(fits) -> list[dict]:
    """The table of costs of a table of fits.

    Parameters
    ----------
    fits : rows of ``fits.csv`` as mappings of text; only successful fits count
    """
    cells: dict[tuple[str, str], list] = {}
    for row in fits:
        if row["status"] == "ok":
            cells.setdefault((row["dataset"], row["method"]), []).append(row)
    return [
        {
            "dataset": dataset,
            "method": method,
            "seconds": statistics.median(
                float(row["fit_seconds"]) + float(row["predict_seconds"]) for row in rows
            ),
            "memory_mb": max(float(row["peak_memory_mb"]) for row in rows),
        }
        for (dataset, method), rows in cells.items()
    ]


class Costs:
    """Expected costs of the jobs of a run; a job is one method on all splits of one data set.

    Parameters
    ----------
    config : validated configuration
    cells : (data set, method) pairs of the run
    rows : rows of a table of costs
    """

    def __init__(self, config, cells, rows):
        self._config, self.limits = config, config["limits"]
        self._seconds, self._memory = {}, {}
        for row in rows:
            self._seconds[row["dataset"], row["method"]] = row["seconds"]
            known = self._memory.get(row["method"], 0.0)
            self._memory[row["method"]] = max(known, row["memory_mb"])
        self._longest = {}
        for (_, method), seconds in self._seconds.items():
            self._longest[method] = max(seconds, self._longest.get(method, 0.0))
        self._datasets: dict[str, list[str]] = {}
        for dataset, method in cells:
            self._datasets.setdefault(baselines.base(method), []).append(dataset)

    def seconds(self, dataset: str, method: str) -> float:
        """Expected seconds of a job.

        A data set that the method was not measured on is taken for the slowest of those it was.
        Parameters that a name sets are taken to cost nothing.
        """
        method = baselines.base(method)
        default = self._longest.get(method, DEFAULT_SECONDS)
        fit = min(self._seconds.get((dataset, method), default), self.limits["seconds"])
        return splits_of(self._config, dataset) * fit

    def priority(self, dataset: str, method: str) -> int:
        """Order of jobs: the longest first, so that no core is left alone with one at the end."""
        return round(10 * self.seconds(dataset, method))

    def runtime(self, method: str, attempt: int) -> int:
        """Minutes that a job of a method is given, the same for all data sets of the run.

        (The tasks of a SLURM array share one request.)  Another attempt is given the time of 1, 3,
        7, ... more fits that run into their limit.  What an earlier attempt has finished is kept:
        every attempt gets further.  No job is given more than all its fits can take.
        """
        limit = self.limits["seconds"]
        datasets = self._datasets.get(method, [""])
        expected = max(self.seconds(d, method) for d in datasets)
        most = most_splits(self._config, datasets) * limit
        seconds = HEADROOM_SECONDS * expected + (2 ** (attempt - 1) - 1) * limit
        return math.ceil((START_SECONDS + min(seconds, most)) / 60)

    def explaining_runtime(self, attempt: int) -> int:
        """Minutes that a job which explains is given: its seconds are not measured.

        The limit of 1, 3, 7, ... splits, and no more than all of them can take.
        """
        datasets = {dataset for some in self._datasets.values() for dataset in some}
        splits = min(2**attempt - 1, most_splits(self._config, datasets))
        return math.ceil((START_SECONDS + splits * self.limits["seconds"]) / 60)

    def memory(self, method: str, attempt: int) -> int:
        """Megabytes of a job: at first what was measured, later all that a fit may take."""
        limit = self.limits["memory_mb"]
        known = self._memory.get(method)
        if known is not None and attempt == 1:
            limit = min(limit, HEADROOM_MEMORY * known)
        return math.ceil(AROUND_MB + limit)
