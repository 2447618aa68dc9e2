"""Cells: what is known about one method on one data set, and how a reader is told."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from benchmark import metrics
from benchmark.evaluation import processors
from benchmark.evaluation.aggregates import configurations_tried
from benchmark.evaluation.published import Published
from benchmark.evaluation.statistics import bounds, mean_interval
from benchmark.evaluation.verdict import Verdict
from benchmark.tables.table import DASH, Block

SYMBOLS = {"agrees": "✓", "better": "▲", "worse": "▼"}


def dataset_label(name: str) -> str:
    """``regression1`` -> ``regression 1``."""
    return re.sub(r"(?<=[a-z])(\d+)$", r" \1", name)


def number(value: float, decimals: int | None = None) -> str:
    """Three decimals below 1, two below 10, one above; or as many as told."""
    if decimals is None:
        size = abs(value)
        decimals = 3 if size < 0.9995 else 2 if size < 9.995 else 1
    return f"{value:.{decimals}f}"


def mean_and_sd(values, decimals: int | None = None) -> str:
    """``0.123 ± 0.010``; of a single value the value."""
    if decimals is None:
        decimals = len(number(float(np.mean(values))).partition(".")[2])
    shown = number(float(np.mean(values)), decimals)
    if len(values) > 1:
        shown += f" ± {number(float(np.std(values, ddof=1)), decimals)}"
    return shown


@dataclass(frozen=True)
class Cell:
    """One quantity of one method on one data set.

    Attributes
    ----------
    dataset, method, metric : str
    values : list of float
        One per successful split that has the quantity.
    n_ok, n : int
        Successful splits, and all.
    failures : dict
        Number of splits by status, ok left out.
    implementation : str
        What made it, for a method with more than one implementation; else "".
    overlap : float
        Dependence between splits, for the interval of the mean.
    local : bool
        The quantity is a mean of local coefficients.
    comparisons : dict
        Published value and verdict (None: too few splits) by version of the paper.
    """

    dataset: str
    method: str
    metric: str
    values: list[float]
    n_ok: int
    n: int
    failures: dict[str, int]
    implementation: str = ""
    overlap: float = 0.0
    local: bool = False
    comparisons: dict[str, tuple[Published, Verdict | None]] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values)) if self.values else math.nan

    @property
    def sd(self) -> float:
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def depends_on_processor(self) -> bool:
        """Whether another processor finds another value (``benchmark.evaluation.processors``)."""
        return bool(self.values) and processors.depends(self.method, self.metric)

    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean, within the values that the metric can have."""
        return mean_interval(self.values, self.overlap, bounds=bounds(self.metric))

    def text(self, decimals: int | None = None) -> str:
        """``mean ± sd (k/n)``, with the failures; a dash for a quantity the method lacks."""
        failures = ", ".join(f"{status} {count}" for status, count in self.failures.items())
        if self.n_ok == 0:
            counts = ", ".join(f"{s} {count}/{self.n}" for s, count in self.failures.items())
            return counts if set(self.failures) == {"skipped"} else f"failed ({counts})"
        if not self.values:
            return DASH
        shown = mean_and_sd(self.values, decimals)
        shown += f" ({len(self.values)}/{self.n}{', ' if failures else ''}{failures})"
        shown += f" {processors.MARK}" if self.depends_on_processor else ""
        return shown + (" local" if self.local else "")

    def published_text(self, version: str) -> str:
        """``0.030 ✓ agrees``; empty without a published value."""
        if version not in self.comparisons:
            return ""
        published, verdict = self.comparisons[version]
        if verdict is None:
            return f"{published.text} (no verdict)"
        return f"{published.text} {SYMBOLS[verdict.word]} {verdict.word}"

    def row(self) -> dict:
        """All numbers, for the tidy CSV."""
        lower, upper = self.interval()
        return {
            "dataset": self.dataset,
            "method": self.method,
            "metric": self.metric,
            "mean": self.mean,
            "sd": self.sd,
            "lower": lower,
            "upper": upper,
            "n_values": len(self.values),
            "n_ok": self.n_ok,
            "n": self.n,
            "failures": ";".join(f"{s}:{count}" for s, count in self.failures.items()),
            "implementation": self.implementation,
        }


def make_cell(results, dataset: str, method: str, metric: str, values, **more) -> Cell:
    """A quantity over the splits of a cell.

    Parameters
    ----------
    values : sequence of float
        Of the successful splits that have the quantity.
    """
    ends = results.ends(dataset, method)
    return Cell(
        dataset=dataset,
        method=method,
        metric=metric,
        values=[float(v) for v in values],
        n_ok=len(ends.ok),
        n=ends.n,
        failures=ends.failures,
        implementation=ends.implementation,
        **more,
    )


def grid(results, datasets, methods, metric, overlap_of=None, values_of=None) -> dict:
    """Cells by (data set, method), of the methods that do the data set's task.

    Parameters
    ----------
    metric : name of a metric, or of what ``values_of`` gives
    overlap_of : callable (results, data set), optional
        Dependence between splits, for the interval of the mean.
    values_of : callable (data set, method) -> values, default those of the metric
    """
    cells = {}
    for dataset in datasets:
        overlap = overlap_of(results, dataset) if overlap_of else 0.0
        for method in methods:
            if method in results.methods(results.tasks[dataset]):
                if values_of is None:
                    values = results.values(dataset, method, metric)
                else:
                    values = values_of(dataset, method)
                cells[dataset, method] = make_cell(
                    results, dataset, method, metric, values, overlap=overlap
                )
    return cells


def metric_blocks(results, datasets, names, local=()) -> tuple[list[Block], list[Cell]]:
    """A block per metric: data sets x methods; data sets and methods without it are left out.

    Parameters
    ----------
    names : names of metrics
    local : cells (data set, method) whose quantity is a mean of local ones
    """
    blocks, found = [], []
    for name in names:
        metric = metrics.get(name)
        chosen = [d for d in datasets if metric.task in (None, results.tasks[d])]
        cells = grid(results, chosen, results.methods(), name)
        cells = {key: replace(cell, local=key in local) for key, cell in cells.items()}
        methods = used_methods(results.methods(), cells)
        if cells:
            title = metric.label[0].upper() + metric.label[1:]
            header = ["data set", *map(results.label, methods)]
            blocks.append(Block(title, header, block_rows(chosen, methods, cells), "method"))
            found.extend(cells.values())
    return blocks, found


def tidy(cells, **columns) -> pd.DataFrame:
    """One row per cell with all its numbers; ``columns``: further ones, callable (cell)."""
    rows = [c.row() | {name: of(c) for name, of in columns.items()} for c in cells]
    empty = [*Cell("", "", "", [], 0, 0, {}).row(), *columns]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else empty)


def implementation_notes(results, cells) -> list[str]:
    """What made the numbers of a method with several implementations, by cell if they differ."""
    notes = []
    by_method: dict[str, dict[str, list[str]]] = {}
    for cell in cells:
        if cell.implementation:
            seen = by_method.setdefault(cell.method, {}).setdefault(cell.implementation, [])
            if cell.dataset not in seen:
                seen.append(cell.dataset)
    for method, names in by_method.items():
        if len(names) == 1:
            where = f"{next(iter(names))} in all its cells"
        else:
            where = "; ".join(
                f"{name} on {', '.join(map(dataset_label, datasets))}"
                for name, datasets in names.items()
            )
        notes.append(f"Implementation of {results.label(method)}: {where}.")
    return notes


def configuration_notes(results, cells) -> list[str]:
    """How many configurations the suite tried for whom."""
    datasets: dict[str, list[str]] = {}
    for cell in cells:
        datasets.setdefault(cell.method, []).append(cell.dataset)
    by_number: dict[int, list[str]] = {}
    for method in results.config["methods"]:
        tried = configurations_tried(results, datasets.get(method, ()), method)
        if tried is not None:
            by_number.setdefault(tried, []).append(results.label(method))
    if not by_number:
        return []
    listed = "; ".join(f"{', '.join(names)}: {n}" for n, names in sorted(by_number.items()))
    return [
        "Configurations tried in a fit and chosen from on the validation rows by the suite: "
        f"{listed}. Each other method chooses by itself, has nothing to choose or has its default."
    ]


def processor_notes(results, cells) -> list[str]:
    """Whose values another processor changes, and by how much."""
    found, largest = {}, processors.largest()
    for cell in cells:
        if cell.depends_on_processor:
            moved = max(found.get(cell.method, 0.0), largest[cell.method, cell.metric])
            found[cell.method] = moved
    if not found:
        return []
    told = [f"{results.label(m)} up to {100 * moved:.0f} %" for m, moved in found.items()]
    return [
        f"{processors.MARK} depends on the processor: fits that were repeated with another one's "
        f"instructions moved ({', '.join(told)}); docs/reproduce.md."
    ]


def failure_notes(cells) -> list[str]:
    """A warning if any cell rests on fewer splits than it should."""
    short = {(cell.dataset, cell.method) for cell in cells if cell.failures}
    if not short:
        return []
    count = f"{len(short)} cell{'s' if len(short) > 1 else ''}"
    return [f"Not every fit succeeded: {count} of this table rest on fewer splits, marked k/n."]


def skip_notes(results, cells) -> list[str]:
    """Why fits were skipped, by method: a package that is not here, or the method's own reason."""
    skipped = {(cell.dataset, cell.method) for cell in cells if "skipped" in cell.failures}
    found: dict[tuple[str, str], list[str]] = {}
    for row in results.fits[results.fits.status == "skipped"].itertuples():
        if (row.dataset, row.method) in skipped:
            of = found.setdefault((row.method, str(row.error).partition(": ")[2]), [])
            of += [] if row.dataset in of else [row.dataset]
    return [
        f"{results.label(method)} is skipped on {', '.join(map(dataset_label, datasets))}: {why}."
        for (method, why), datasets in found.items()
    ]


def used_methods(methods, cells) -> list[str]:
    """Methods that have at least one cell in the table."""
    return [m for m in methods if any(method == m for _, method in cells)]


def block_rows(datasets, methods, cells, decimals=None) -> list[list[str]]:
    """One row of text per data set, a dash where a method does not do the task."""
    return [
        [
            dataset_label(dataset),
            *(cells[dataset, m].text(decimals) if (dataset, m) in cells else DASH for m in methods),
        ]
        for dataset in datasets
    ]
