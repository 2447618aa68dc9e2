"""From records to one tidy table; nothing is left out and nothing is filled in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmark import metrics, storage
from benchmark.config import cells, dataset_tasks
from benchmark.datasets import splits
from benchmark.fitting import records
from benchmark.fitting.driver import Fits


class IncompleteRun(storage.DamagedFile):
    """Records are missing, damaged or foreign; the message lists them."""


def read_all(config, root=".") -> list[dict]:
    """Read every record of a run, in the order of data sets, methods and splits.

    Raises
    ------
    IncompleteRun
        A split or record is missing, damaged, or was made by other code, data or settings than
        this run's.
        The message names each file and how to mend it.
    """
    found, problems = [], []
    for dataset in dataset_tasks(config):
        for index in range(config["splits"]):
            path = Path(root) / splits.path_of(config["run"], dataset, index)
            try:
                splits.verify(path, dataset, index, config)
            except storage.DamagedFile as error:
                problems.append(str(error))
    _refuse(problems, "splits")
    for dataset, method in cells(config):
        fits = Fits(config, dataset, method, log="", root=root)
        for index in range(config["splits"]):
            path = Path(root) / records.path_of(config["run"], dataset, method, index)
            try:
                record = records.read(path)
                records.read_arrays(path, record)
            except storage.DamagedFile as error:
                problems.append(str(error))
                continue
            if record["result"]["key"] != fits.key(index):
                problems.append(f"{path}: made by other code, data or settings than this run's")
                continue
            found.append(record)
    _refuse(problems, "records")
    return found


def _refuse(problems, what):
    if problems:
        shown = "\n  ".join(problems[:20])
        more = f"\n  and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise IncompleteRun(
            f"{len(problems)} {what} cannot be used:\n  {shown}{more}\n"
            "Delete them and run the same command again; finished fits are not repeated."
        )


def tidy(found) -> pd.DataFrame:
    """One row per record: what was run, how it ended, its primary metric, its cost.

    Columns: dataset, task, method, split, status, backend, metric, value, validation, the metric
    under other selections (``value_<name>``), log_loss, r2, n_selected, fit_seconds,
    predict_seconds, peak_memory_mb, error, log.  A metric of a failed fit is empty.
    """
    rows = []
    for record in found:
        result, run = record["result"], record["run"]
        metric, _ = metrics.PRIMARY[result["task"]]
        scores, validation = result["metrics"] or {}, result["validation"] or {}
        error = result["error"]
        row = {
            "dataset": result["dataset"],
            "task": result["task"],
            "method": result["method"],
            "split": result["split"],
            "status": result["status"],
            "backend": result["backend"],
            "metric": metric,
            "value": scores.get(metric),
            "validation": validation.get(metric),
            "log_loss": scores.get("log_loss"),
            "r2": scores.get("r2"),
            "fit_seconds": run["fit_seconds"],
            "predict_seconds": run["predict_seconds"],
            "peak_memory_mb": run["peak_memory_mb"],
            "error": f"{error['class']}: {error['message']}" if error else None,
            "log": run["log"],
        }
        for name, others in sorted(result["alternatives"].items()):
            row[f"value_{name}"] = others[metric]
        rows.append(row)
    return pd.DataFrame(rows)
