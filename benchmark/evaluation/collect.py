"""From records to two tables: what became of every fit, and what every metric says of it.

Nothing is left out and nothing is filled in: a fit that failed is a row of the first table with its
status, and has no row in the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmark import metrics, storage
from benchmark.config import dataset_tasks
from benchmark.datasets import splits
from benchmark.fitting import plan, records
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


class IncompleteRun(storage.DamagedFile):
    """Records are missing, damaged or foreign; the message lists them."""


def read_all(config, root=".") -> Iterator[tuple[dict, dict]]:
    """Check every record of a run; then read them in the order of data sets, methods and splits.

    Yields
    ------
    record, arrays

    Raises
    ------
    IncompleteRun
        A split or record is missing, damaged, or was made by other code, data or settings than
        this run's.  The message names each file and how to mend it.
    """
    indices, problems = range(config["splits"]), []
    for dataset in dataset_tasks(config):
        problems += splits.problems(dataset, config, indices, root)
    _refuse(problems, "splits")
    found = []
    for fit in plan.fits(config, root):
        try:
            record = records.read(fit.record)
            arrays = records.arrays_path(fit.record)
            storage.read_bytes(arrays, record["result"]["arrays_sha256"])  # not unpacked yet
        except storage.DamagedFile as error:
            problems.append(str(error))
            continue
        if record["result"]["key"] != fit.key:
            problems.append(f"{fit.record}: made by other code, data or settings than this run's")
            continue
        found.append(fit.record)
    _refuse(problems, "records")
    for path in found:  # read again: all at once may not fit into memory
        record = records.read(path)
        yield record, records.read_arrays(path, record)


def _refuse(problems, what):
    if problems:
        shown = "\n  ".join(problems[:20])
        more = f"\n  and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise IncompleteRun(
            f"{len(problems)} {what} cannot be used:\n  {shown}{more}\n"
            "Delete them and run the same command again; nothing else is made anew."
        )


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


def gather(config, root=".") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables of a run, ``fits`` and ``scores``.

    Raises
    ------
    IncompleteRun
        See :func:`read_all`.
    """
    root, run = Path(root), config["run"]
    fits, scores, known = [], [], {}
    for record, arrays in read_all(config, root):
        result = record["result"]
        where = result["dataset"], result["split"]
        if where not in known:
            known[where] = (
                splits.read(root / splits.path_of(run, *where)),
                splits.read_truth(root / splits.truth_path_of(run, *where)),
            )
        fits.append(fit_row(record))
        scores.extend(score_rows(record, arrays, *known[where]))
    return pd.DataFrame(fits, columns=FITS), pd.DataFrame(scores, columns=SCORES)
