"""How far does a fit move on another processor?  ``python -m measurements.processors METHOD ...``

Fits of docs/results are repeated with the vector instructions of an older processor (SSE4: the
kernels of OpenBLAS for Nehalem, torch without AVX, oneDNN and MKL likewise), which round sums in
another order.  One row per fit goes to data/reference/processors.csv: what the snapshot has, and
what came out.  Run it where the snapshot is repeated to the last digit, and where the method's code
is still that of the snapshot; ``python -m tools.verify`` says so.  Fits that are there already are
left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import pandas as pd

from benchmark import config as configuration
from benchmark import storage
from benchmark.evaluation.processors import COLUMNS, PATH, read
from tools import verify

SNAPSHOT = Path("docs/results")
#: what makes the libraries use SSE4 alone; their own variables
SSE = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="+")
    parser.add_argument("--datasets", nargs="+")
    parser.add_argument("--splits", type=int, nargs="+", default=[0])
    options = parser.parse_args(arguments)
    config, table = configuration.read(SNAPSHOT / "config.yaml"), verify.read(SNAPSHOT)
    table = table[table.method.isin(options.methods) & table.split.isin(options.splits)]
    if options.datasets:
        table = table[table.dataset.isin(options.datasets)]
    os.environ.update(SSE)  # of the workers; this process has loaded its libraries
    for row in table.itertuples():
        known = read()
        if (known[COLUMNS[:3]] == [row.dataset, row.method, row.split]).all(axis=1).any():
            continue
        with tempfile.TemporaryDirectory(prefix="processors-") as root:
            other = verify.recompute(config, row, root)
        fit = [row.dataset, row.method, row.split, row.metric, row.value, other]
        new = pd.DataFrame([fit], columns=COLUMNS)
        found = pd.concat([known, new]).sort_values(COLUMNS[:3], kind="stable")
        storage.write_text(PATH, found.to_csv(index=False))
        print(f"{row.dataset} {row.method} split {row.split}: {row.value:.6g}, {other:.6g}")


if __name__ == "__main__":
    main()
