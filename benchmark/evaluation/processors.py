"""Whose numbers depend on the processor, going by what was measured.

Libraries add in another order on another processor.  Most methods then find the same to many
digits; long trainings can amplify the last digit until it is as large as a change of the seed.
data/reference/processors.csv has fits that were repeated with the instructions of an older
processor (``measurements/processors.py``).  A method is taken to depend on the processor, for a
metric, if any of its fits moved by more than :data:`MOVED`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from benchmark import ROOT, metrics

PATH = ROOT / "data" / "reference" / "processors.csv"
COLUMNS = ["dataset", "method", "split", "metric", "value", "other"]
#: of an error, or in a score: far above rounding, and below one label of a hundred
MOVED = 1e-3
MARK = "≈"


def read(path: Path = PATH) -> pd.DataFrame:
    """One row per repeated fit: the metric on the snapshot's processor, and on the other."""
    return pd.read_csv(path)


def moved(metric: str, value: float, other: float) -> float:
    """How far a fit moved: a share of an error, a difference of a score."""
    size = abs(value) if metrics.get(metric).scale.paired == "ratio" else 1.0
    return abs(other - value) / size if size else float(other != value)


@cache
def largest() -> dict[tuple[str, str], float]:
    """How far the fits of a method moved at most, by method and metric."""
    found: dict[tuple[str, str], float] = {}
    for row in read().itertuples():
        key = row.method, row.metric
        found[key] = max(found.get(key, 0.0), moved(row.metric, row.value, row.other))
    return found


def depends(method: str, metric: str) -> bool:
    """Whether a method's values of a metric depend on the processor; False if never measured."""
    return largest().get((method, metric), 0.0) > MOVED
