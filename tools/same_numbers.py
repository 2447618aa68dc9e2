"""Compare the numbers of two runs that may have been written by different versions of the suite.

``python -m tools.same_numbers OLD NEW [--tolerance 0]``

OLD and NEW are folders of results (``results/<run>``, or a snapshot).  Compared by name are the
arrays of the records that both have, and the scores: scores.csv, or the table records.csv of older
versions.  What only one of the two has is counted, not compared.  The exit code says whether all
that both have is the same.  (Two runs of one version are compared byte by byte by
``tools.fingerprint``.)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark import storage
from benchmark.evaluation.results import read_csv

CELL = ["dataset", "method", "split", "metric"]


def scores(folder: Path) -> pd.Series:
    """Values by data set, method, split and metric."""
    if (folder / "scores.csv").exists():
        return read_csv(folder / "scores.csv").set_index(CELL).value
    old = read_csv(folder / "records.csv")
    old = old[old.status == "ok"]
    parts = [old[[*CELL, "value"]]]
    for column in ("log_loss", "r2"):
        parts.append(old.assign(metric=column, value=old[column])[[*CELL, "value"]])
    parts.append(
        old.assign(metric="validation_" + old.metric, value=old.validation)[[*CELL, "value"]]
    )
    return pd.concat(parts).dropna().set_index(CELL).value


def arrays(folder: Path) -> dict[str, Path]:
    """Files of arrays by data set, method and split."""
    found = (folder / "records").rglob("split*.npz")
    return {str(path.relative_to(folder / "records")): path for path in found}


def same(one, other, tolerance: float) -> bool:
    """Equal shapes, and values that differ by at most a share of the larger."""
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if tolerance == 0 or one.dtype.kind not in "fc":
        return np.array_equal(one, other)
    return np.allclose(one, other, rtol=tolerance, atol=0)


def compare(old: Path, new: Path, tolerance: float = 0.0) -> tuple[list[str], list[str]]:
    """What was compared, and what differs, in words."""
    said, wrong = [], []
    ours, theirs = arrays(old), arrays(new)
    both, names = sorted(ours.keys() & theirs.keys()), 0
    for path in both:
        a, b = storage.read_arrays(ours[path]), storage.read_arrays(theirs[path])
        common = sorted(a.keys() & b.keys())
        names += len(common)
        wrong += [f"{path}: {n}" for n in common if not same(a[n], b[n], tolerance)]
    said.append(
        f"{names} arrays of {len(both)} fits ({len(ours) - len(both)} fits in the first alone, "
        f"{len(theirs) - len(both)} in the second)"
    )
    a, b = scores(old), scores(new)
    common = a.index.intersection(b.index)
    limit = tolerance * np.maximum(a[common].abs(), b[common].abs())
    differ = (a[common] - b[common]).abs() > limit
    wrong += [f"scores: {' '.join(map(str, cell))}" for cell in common[differ]]
    said.append(
        f"{len(common)} scores ({len(a) - len(common)} in the first alone, "
        f"{len(b) - len(common)} in the second)"
    )
    return said, wrong


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.0, help="a share of the value")
    options = parser.parse_args(arguments)
    try:
        said, wrong = compare(options.old, options.new, options.tolerance)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print("compared: " + "; ".join(said))
    for line in wrong[:50]:
        print(f"differs: {line}")
    print(f"{len(wrong)} differ")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
