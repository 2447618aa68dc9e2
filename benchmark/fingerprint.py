"""What has to be byte-identical between two runs of the same thing, and its sha256 sums.

Compared are the splits, the ``result`` part of every record and its arrays, the table of fits
without its columns of cost, the scores, and the tables and figures that do not show seconds,
figures as pictures (a PDF states when it was made).  Not compared: seconds, memory, commit, logs,
the summary, the name of the run.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from benchmark import storage
from benchmark.fitting import records

COST = ["fit_seconds", "predict_seconds", "peak_memory_mb", "log"]
#: tables and figures that show seconds
NOT_COMPARED = {"runtime", "leaderboard", "fronts", "accuracy_cost", "explained_seconds"}


def _without_cost(path) -> str:
    table = pd.read_csv(path, dtype=str).drop(columns=COST)
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def fingerprint(run: str, root=".") -> dict[str, str]:
    """sha256 of every comparable output of a run by its name, which is without the run's.

    Raises
    ------
    benchmark.storage.DamagedFile
        A record is damaged.
    """
    root = Path(root)
    results, data, figures = root / "results" / run, root / "data" / run, root / "figures" / run
    found = {}
    for path in sorted((results / "records").rglob("split*.json")):
        found[str(path.relative_to(results))] = storage.sha256_of(records.read(path)["result"])
    for path in sorted((results / "records").rglob("split*.npz")):
        found[str(path.relative_to(results))] = storage.sha256_file(path)
    if (results / "fits.csv").exists():
        found["fits.csv"] = _without_cost(results / "fits.csv")
    if (results / "scores.csv").exists():
        found["scores.csv"] = storage.sha256_file(results / "scores.csv")
    for path in sorted((results / "tables").glob("*")):
        if path.stem not in NOT_COMPARED:
            found[str(path.relative_to(results))] = storage.sha256_file(path)
    for path in sorted(data.rglob("*.npz")):
        found[f"data/{path.relative_to(data)}"] = storage.sha256_file(path)
    for path in sorted(figures.glob("*")):
        if path.suffix != ".pdf" and path.stem not in NOT_COMPARED:
            found[f"figures/{path.name}"] = storage.sha256_file(path)
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names whose sums differ or that only one of the two has."""
    return sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))
