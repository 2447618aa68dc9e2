"""Coefficient recovery: how close a method's beta is to the true marginal effect at the mean."""

from __future__ import annotations

from benchmark.tables.cells import (
    block_rows,
    failure_notes,
    grid,
    implementation_notes,
    metric_blocks,
    tidy,
    used_methods,
)
from benchmark.tables.table import Block, Table

TITLE = "Recovery of the coefficients (marginal effects at the mean)"
METRICS = (
    "relative_error",
    "scaled_error",
    "sign_agreement",
    "beta_precision",
    "beta_recall",
    "beta_f1",
    "beta_exact",
)
NOTES = [
    "Cell: mean ± standard deviation over splits (successful splits / all splits). A dash: the "
    "method does not do the task or has no coefficients.",
    "Relative error: Euclidean norm of β minus truth, divided by that of the truth. Truth: the "
    "derivative at the baseline 0. Support: coefficients that are not exactly 0. Exactly right: "
    "share of splits.",
    "Sign agreement: share of the truly non-zero coefficients with the right sign.",
]
LOCAL = (
    "local: the method has no global β; the mean of its local coefficients over the test rows is "
    "shown, their spread around it (same unit as the relative error) in a block of its own."
)


def build(results, published):
    datasets = [d for d in results.datasets() if results.truth(d).coef is not None]
    local = {(d, m) for d in datasets for m in results.methods() if results.is_local(d, m)}
    blocks, found = metric_blocks(results, datasets, METRICS, local)
    if local:
        spread = grid(results, datasets, results.methods(), "local_spread")
        spread = {key: cell for key, cell in spread.items() if key in local}
        methods = used_methods(results.methods(), spread)
        header = ["data set", *map(results.label, methods)]
        rows = block_rows(datasets, methods, spread)
        blocks.append(Block("Spread of local coefficients", header, rows))
        found.extend(spread.values())
    notes = NOTES + [LOCAL] * bool(local)
    notes += failure_notes(found) + implementation_notes(results, found)
    return Table("coefficients", TITLE, tidy(found, local=lambda cell: cell.local), blocks, notes)
