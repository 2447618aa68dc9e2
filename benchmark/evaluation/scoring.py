"""From one record to its rows: what became of the fit, and what every metric says of it.

Published rows stand beside new ones as long as this and the metrics are the same
(``tools.renew``).
"""

from __future__ import annotations

from benchmark import metrics
from benchmark.metrics import Sample

FITS = [
    "dataset",
    "task",
    "method",
    "split",
    "status",
    "implementation",
    "n_features",
    "fit_seconds",
    "predict_seconds",
    "peak_memory_mb",
    "error",
    "log",
]
SCORES = ["dataset", "method", "split", "metric", "value"]


def fit_row(record) -> dict:
    """The row of a record in ``fits.csv``: what was run, how it ended, its cost."""
    result, run = record["result"], record["run"]
    error = result["error"]
    row = result | run | {"error": f"{error['class']}: {error['message']}" if error else None}
    row["implementation"] = result["implementation"] or None
    return {name: row[name] for name in FITS}


def score_rows(record, arrays, split, truth) -> list[dict]:
    """The rows of a record in ``scores.csv``: every metric that applies, none for a failed fit.

    Predictions under another selection rule are scored by the task's primary metric, named
    ``<metric>_<rule>``.
    """
    result = record["result"]
    if result["status"] != "ok":
        return []
    found = metrics.scores(Sample(arrays, split, truth))
    primary = metrics.primary(result["task"])
    for name, prediction in arrays.items():
        if name.startswith("alternative_"):
            other = Sample({"prediction": prediction}, split, truth)
            rule = name.removeprefix("alternative_")
            found[f"{primary.name}_{rule}"] = float(primary.function(other))
    where = {name: result[name] for name in ("dataset", "method", "split")}
    return [where | {"metric": name, "value": value} for name, value in found.items()]
