"""Coefficient recovery: how close a method's beta is to the true marginal effect at the mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmark.datasets import synthetic
from benchmark.tables.cells import (
    backend_notes,
    block_rows,
    failure_notes,
    grid,
    used_methods,
)
from benchmark.tables.table import Block, Table

TITLE = "Recovery of the coefficients (marginal effects at the mean)"


def relative_error(coef, truth) -> float:
    """||coef - truth|| / ||truth||, Euclidean."""
    return float(np.linalg.norm(coef - truth) / np.linalg.norm(truth))


def scaled_error(coef, truth) -> float:
    """The same after each is divided by its largest absolute coefficient (as the paper's Fig. 8).

    A logit's scale is not comparable between methods (shrinkage, separable classes).  Coefficients
    that are all zero stay zero: the error is then 1.
    """
    largest = np.max(np.abs(coef))
    return relative_error(coef / largest if largest > 0 else coef, truth / np.max(np.abs(truth)))


def sign_agreement(coef, truth) -> float:
    """Share of the truly non-zero coefficients with the right sign; a zero has the wrong one."""
    real = truth != 0
    return float(np.mean(np.sign(coef[real]) == np.sign(truth[real])))


def precision_recall_f1(found, truth) -> tuple[float, float, float]:
    """Support recovery.

    ``found`` and ``truth`` are (d,) bool.  Nothing found is precise (1), nothing to be found is
    recalled (1); F1 is the harmonic mean of the two, 0 if both are 0.
    """
    hits = int(np.sum(found & truth))
    precision = hits / found.sum() if found.any() else 1.0
    recall = hits / truth.sum() if truth.any() else 1.0
    total = precision + recall
    return float(precision), float(recall), float(2 * precision * recall / total if total else 0.0)


def coefficients_of(results, dataset, method, index):
    """A fit's coefficients (d,), or the mean of its local ones over the test rows; None if neither.

    Returns
    -------
    coef : (d,) array or None
    local : (n, d) array or None
        Given only if ``coef`` is a mean of it.
    """
    arrays = results.arrays(dataset, method, index)
    if results.record(dataset, method, index)["coef_is_local"] and "local_coef" in arrays:
        local = arrays["local_coef"].astype(float)
        return local.mean(axis=0), local
    return arrays.get("coef"), None


def _spread(local, truth) -> float:
    """Root mean squared distance of local coefficients from their mean, relative to ||truth||."""
    distance = np.linalg.norm(local - local.mean(axis=0), axis=1)
    return float(np.sqrt(np.mean(distance**2)) / np.linalg.norm(truth))


#: metric: (title, task or None for both, needs local coefficients, function)
MEASURES = {
    "relative_error": ("Relative error of β", None, relative_error),
    "scaled_error": (
        "Relative error of β, divided by the largest absolute coefficient",
        "classification",
        scaled_error,
    ),
    "sign_agreement": ("Sign agreement on non-zero coefficients", None, sign_agreement),
    "precision": (
        "Support of β, precision",
        None,
        lambda b, t: precision_recall_f1(b != 0, t != 0)[0],
    ),
    "recall": ("Support of β, recall", None, lambda b, t: precision_recall_f1(b != 0, t != 0)[1]),
    "f1": ("Support of β, F1", None, lambda b, t: precision_recall_f1(b != 0, t != 0)[2]),
}
NOTES = [
    "Cell: mean ± standard deviation over splits (successful splits / all splits). A dash: the "
    "method does not do the task or has no coefficients.",
    "Relative error: Euclidean norm of β minus truth, divided by that of the truth. Truth: the "
    "derivative at the baseline 0. Support: coefficients that are not exactly 0.",
    "Sign agreement: share of the truly non-zero coefficients with the right sign.",
]
LOCAL = (
    "local: the method has no global β; the mean of its local coefficients over the test rows is "
    "shown, their spread around it (same unit as the relative error) in a block of its own."
)


def _cells(results, datasets, metric, function, of_local=False):
    def value_of(row):
        coef, local = coefficients_of(results, row.dataset, row.method, row.split)
        truth = results.split(row.dataset, row.split).coef
        if of_local:
            return None if local is None else function(local, truth)
        return None if coef is None else function(np.asarray(coef, dtype=float), truth)

    cells = grid(results, datasets, results.methods(), metric, value_of)
    for key, cell in cells.items():
        ok = results.ok(*key)
        local = any(coefficients_of(results, *key, index)[1] is not None for index in ok)
        cells[key] = replace(cell, local=local)
    return cells


def build(results, published):
    blocks, found = [], []
    datasets = [d for d in results.datasets() if d in synthetic.EQUATIONS]

    def add(title, metric, chosen, function, of_local=False):
        cells = _cells(results, chosen, metric, function, of_local)
        methods = used_methods(results.methods(), cells)
        header = ["data set", *map(results.label, methods)]
        if any(cell.values for cell in cells.values()) or not of_local:
            blocks.append(Block(title, header, block_rows(chosen, methods, cells)))
            found.extend(cells.values())

    for metric, (title, task, function) in MEASURES.items():
        chosen = [d for d in datasets if task in (None, results.tasks[d])]
        if chosen:
            add(title, metric, chosen, function)
    if datasets:
        add("Spread of local coefficients", "local_spread", datasets, _spread, of_local=True)
    notes = list(NOTES)
    notes += [LOCAL] if any(cell.local for cell in found) else []
    notes += failure_notes(found) + backend_notes(results, found)
    rows = [cell.row() | {"local": cell.local} for cell in found]
    columns = list(rows[0]) if rows else ["dataset", "method", "metric", "mean", "n_ok", "n"]
    return Table("coefficients", TITLE, pd.DataFrame(rows, columns=columns), blocks, notes)
