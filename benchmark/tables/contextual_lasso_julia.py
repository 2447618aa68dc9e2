"""The Contextual Lasso of a run beside the original in Julia, on the same splits.

The fits of the original are kept in data/reference/contextual_lasso/, recorded by the suite on a
machine with Julia: the default grid with base seed 0.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd

from benchmark import ROOT, metrics
from benchmark import config as configuration
from benchmark.evaluation.statistics import holm, overlap_of, paired_difference, untested
from benchmark.tables.cells import (
    SYMBOLS,
    dataset_label,
    failure_notes,
    implementation_notes,
    make_cell,
    number,
)
from benchmark.tables.table import DASH, Block, Table

NAME = "contextual_lasso_julia"
TITLE = "The Contextual Lasso beside the original in Julia, same splits"
RECORDED = ROOT / "data" / "reference" / "contextual_lasso" / "grid_julia.csv"
#: settings of a run that decide its splits and grids, as they were when Julia's fits were recorded
MADE_WITH = {"seed": 0, "rows": {"train": 200, "val": 100, "test": 100}, "reduced": False}
ALPHA = 0.05
RECORDS = (
    "Julia: fits of the original package with the same settings, recorded by this suite on another "
    "machine; {starts}. Both columns are means over the splits that both have."
)
#: how the start weights of this run are related to those of the recorded fits, by what ran here:
#: the port alone, Julia alone, both
STARTS = {
    (False,): "start weights differ",
    (True,): "this run is Julia too, with the same seeds and so the same start weights",
    (False, True): "start weights differ where this run used the port, not where it is Julia too",
}
INTERVALS = (
    "This run against Julia: MSE as a ratio of geometric means, accuracy as a difference in "
    "percentage points, with 95 % interval."
)
TESTED = (
    "p: two-sided paired t test, corrected for overlapping "
    f"splits of one real table and by Holm for all cells of this table; differs: p < {ALPHA:g}."
)
COLUMNS = ["dataset", "method", "metric", "implementation", "n", "mean", "mean_julia", "scale"]
COLUMNS += ["estimate", "lower", "upper", "p", "p_holm", "verdict"]


@cache
def recorded() -> pd.DataFrame:
    """Fits of the original: dataset, method, split, metric, value, r2 (regression), backend."""
    table = pd.read_csv(RECORDED)
    return table[table.status == "ok"]


def other_settings(results) -> list[str]:
    """How a run's splits and grids differ from those that Julia was recorded on; [] if not."""
    given = {name: results.config[name] for name in MADE_WITH}
    return [f"{k}: {given[k]}, not {v}" for k, v in MADE_WITH.items() if given[k] != v]


def same_rows(results, dataset, index, julia) -> bool:
    """Whether a regression split has the test targets that Julia's scores were computed on.

    MSE / (1 - R2) is their variance.  Accuracies do not tell: there the settings have to do.
    """
    if results.tasks[dataset] != "regression":
        return True
    variance = np.var(results.split(dataset, index).arrays["y_test"])
    return bool(np.isclose(julia.value / (1 - julia.r2), variance, rtol=1e-6).all())


def compare(results) -> pd.DataFrame:
    """Paired comparison of every cell that both have, corrected over all of them by Holm.

    Returns
    -------
    DataFrame with :data:`COLUMNS`; ``estimate`` as in
    :class:`benchmark.evaluation.statistics.Difference`, this run against Julia, over the ``n``
    splits that both have.  A cell whose splits have other rows than Julia's is left out.
    """
    rows = []
    for (dataset, method), julia in recorded().groupby(["dataset", "method"], sort=False):
        if dataset not in results.tasks or method not in results.methods(results.tasks[dataset]):
            continue
        metric = julia.metric.iloc[0]
        ours = results.values(dataset, method, metric)
        julia = julia.set_index("split")
        common = ours.index.intersection(julia.index)
        if common.empty or not all(same_rows(results, dataset, i, julia.loc[[i]]) for i in common):
            continue
        theirs = julia.value[common]
        found = paired_difference(ours[common], theirs, metric, overlap_of(results, dataset))
        rows.append(
            {
                "dataset": dataset,
                "method": method,
                "metric": metric,
                "implementation": make_cell(results, dataset, method, metric, ()).implementation,
                "mean": ours[common].mean(),
                "mean_julia": theirs.mean(),
                "scale": metrics.get(metric).scale.paired,
                **vars(found),
            }
        )
    for row, adjusted in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
        row["verdict"] = "differs" if adjusted < ALPHA else "agrees"
        if math.isnan(adjusted):
            row["verdict"] = None
    return pd.DataFrame(rows, columns=COLUMNS)


def _text(row) -> list[str]:
    """The cells of a row after its data set's."""
    if row.scale == "ratio":
        shown, ends = f"{row.estimate:.2f}", f"{row.lower:.2f} to {row.upper:.2f}"
    else:
        shown = f"{100 * row.estimate:+.1f}"
        ends = f"{100 * row.lower:+.1f} to {100 * row.upper:+.1f}"
    difference, p = f"{shown} ({ends})", f"{row.p_holm:.2g}"
    if math.isnan(row.lower):
        difference = DASH if math.isnan(row.estimate) else shown
    if math.isnan(row.p_holm):
        p = DASH
    means = (number(row.mean), number(row.mean_julia))
    verdict = f"{SYMBOLS.get(row.verdict, '')} {row.verdict or 'no verdict'}".strip()
    return [*means, difference, p, verdict]


def _counted(table) -> str:
    """``19 of 20 cells agree``, of those that have a verdict."""
    judged, open_ = table.verdict.notna().sum(), table.verdict.isna().sum()
    without = f"{open_} {'cells' if open_ > 1 else 'cell'} without a verdict (too few splits)"
    if not judged:
        return without
    counted = f"{(table.verdict == 'agrees').sum()} of {judged} cells agree"
    return f"{counted}, {without}" if open_ else counted


def _starts(table) -> str:
    """What is said about start weights: Julia repeats the recorded ones, the port has others."""
    made_by = {name for names in table.implementation for name in names.split("+")}
    return STARTS[tuple(sorted({name.startswith("julia") for name in made_by}))]


def note(results, cells) -> list[str]:
    """A sentence for another table that shows some of these cells; [] if it shows none."""
    if other_settings(results):
        return []
    table, shown = compare(results), {(cell.dataset, cell.method) for cell in cells}
    table = table[[cell in shown for cell in zip(table.dataset, table.method, strict=True)]]
    if table.empty:
        return []
    return [
        "The original Contextual Lasso in Julia has fitted the same splits: "
        f"{_counted(table)} (table {NAME})."
    ]


def build(results, published):
    known = set(zip(recorded().dataset, recorded().method, strict=True))
    both = [c for c in configuration.cells(results.config) if c in known]
    different = other_settings(results)
    table = compare(results) if both and not different else pd.DataFrame(columns=COLUMNS)
    if not both:
        return Table(NAME, TITLE, table, [])
    if table.empty:
        reason = "; ".join(different) or "the rows are others, or no fit succeeded"
        nothing = f"No comparison: the recorded fits of Julia are not of these splits ({reason})."
        return Table(NAME, TITLE, table, [], nothing=nothing)
    blocks = []
    for method in table.method.unique():
        of_one = table[table.method == method]
        rows = [[dataset_label(row.dataset), *_text(row)] for row in of_one.itertuples()]
        header = ["data set", "this run", "Julia", "this run against Julia", "p", "verdict"]
        blocks.append(Block(results.label(method), header, rows))
    cells = [make_cell(results, r.dataset, r.method, r.metric, ()) for r in table.itertuples()]
    counted = _counted(table)
    tested = untested(int(table.n.max())) or TESTED
    records = RECORDS.format(starts=_starts(table))
    notes = [f"{counted[0].upper()}{counted[1:]}.", records, INTERVALS, tested]
    notes += failure_notes(cells) + implementation_notes(results, cells)
    notes.append(f"The recorded fits: {', '.join(recorded().backend.unique())}.")
    compared = set(zip(table.dataset, table.method, strict=True))
    if left_out := [cell for cell in both if cell not in compared]:
        named = ", ".join(f"{results.label(m)} on {dataset_label(d)}" for d, m in left_out)
        notes.append(f"Not compared (other rows than Julia's, or no fit of this run): {named}.")
    return Table(NAME, TITLE, table, blocks, notes)
