"""Recompute a random sample of the published cells and compare: ``make verify``.

``python -m tools.verify [--cells 5] [--seed 0] [--tolerance 0.05]``

The source is docs/results/: records.csv (one row per fit) and config.yaml (what made it).  Each
cell drawn is one fit: its split is made anew, the method is fitted anew in its own process, and the
primary metric is compared.  On the machine that made the snapshot the numbers agree to all digits;
elsewhere another processor may round differently, and training amplifies that, so two values agree
when they differ by at most ``--tolerance`` of the recorded one (for accuracies: absolutely).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmark import config as configuration
from benchmark import metrics, storage
from benchmark.datasets import splits
from benchmark.evaluation.results import read_tidy
from benchmark.fitting import records
from benchmark.fitting.driver import Fits, backend_path

TOLERANCE = 0.05


def sample(table, n_cells, seed):
    """Rows of successful fits, drawn without replacement by a fixed seed."""
    usable = table[(table.status == "ok") & ~table.backend.fillna("").str.startswith("julia")]
    if usable.empty:
        raise ValueError("no successful fit to recompute")
    return usable.sample(min(n_cells, len(usable)), random_state=seed)


def recompute(config, row, root) -> float | None:
    """The primary metric of one fit, made from nothing in ``root``; None if the fit fails."""
    config = config | {"chunk_size": 1}
    if isinstance(row.backend, str):
        backend = Path(root) / backend_path(config["run"])
        storage.write_text(backend, json.dumps({"backend": row.backend.split()[0]}))
    path = Path(root) / splits.path_of(config["run"], row.dataset, row.split)
    splits.write(splits.make(row.dataset, row.split, config), path)
    Fits(config, row.dataset, row.method, "verify.log", root).run([row.split])
    written = records.path_of(config["run"], row.dataset, row.method, row.split)
    result = records.read(Path(root) / written)["result"]
    metric, _ = metrics.PRIMARY[result["task"]]
    return result["metrics"][metric] if result["status"] == "ok" else None


def agrees(metric, recorded, found, tolerance) -> bool:
    """The rule stated above."""
    scale = 1.0 if metric == "accuracy" else abs(recorded)
    return abs(found - recorded) <= tolerance * scale


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    parser.add_argument("--snapshot", default="docs/results")
    options = parser.parse_args(arguments)
    snapshot = Path(options.snapshot)
    try:
        config = configuration.read(snapshot / "config.yaml")
        table = read_tidy(snapshot / "records.csv")
        rows = sample(table, options.cells, options.seed)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    wrong = 0
    for row in rows.itertuples():
        with tempfile.TemporaryDirectory(prefix="verify-") as root:
            found = recompute(config, row, root)
        if found is None:
            verdict = "the fit failed"
        elif found == row.value:
            verdict = "identical"
        elif agrees(row.metric, row.value, found, options.tolerance):
            verdict = f"within {options.tolerance:g}"
        else:
            verdict = "DIFFERS"
        wrong += verdict in ("the fit failed", "DIFFERS")
        shown = "-" if found is None else f"{found:.6g}"
        print(
            f"{row.dataset} {row.method} split {row.split}: "
            f"{row.metric} {row.value:.6g} recorded, {shown} recomputed: {verdict}",
            flush=True,
        )
    print(f"{len(rows) - wrong} of {len(rows)} cells agree (tolerance {options.tolerance:g})")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
