"""Recompute a random sample of the published cells and compare: ``make verify``.

``python -m tools.verify [--cells 5] [--seed 0] [--tolerance 0.05]``

The source is docs/results/: fits.csv (one row per fit), scores.csv and config.yaml (what made
them).  Each cell drawn is one fit: its split is made anew, the method is fitted anew in its own
process, and the primary metric is compared.  On the machine that made the snapshot the numbers
agree to all digits; elsewhere another processor may round differently, and training amplifies that,
so two values agree when they differ by at most ``--tolerance`` of the recorded one (for accuracies:
absolutely).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import baselines
from benchmark import config as configuration
from benchmark import metrics
from benchmark.datasets import splits
from benchmark.evaluation.results import read_csv
from benchmark.fitting import implementation, records
from benchmark.fitting.driver import Fits

TOLERANCE = 0.05


def read(snapshot):
    """One row per successful fit, with the primary metric and its value."""
    fits, scores = read_csv(snapshot / "fits.csv"), read_csv(snapshot / "scores.csv")
    fits = fits[fits.status == "ok"]
    fits = fits.assign(metric=fits.task.map(metrics.PRIMARY))
    return fits.merge(scores, on=["dataset", "method", "split", "metric"])


def sample(table, n_cells, seed):
    """Rows of successful fits, drawn without replacement by a fixed seed."""
    # what ran through Julia can be repeated only where Julia is
    usable = table[~table.implementation.fillna("").str.startswith("julia")]
    if usable.empty:
        raise ValueError("no successful fit to recompute")
    return usable.sample(min(n_cells, len(usable)), random_state=seed)


def recompute(config, row, root) -> float | None:
    """The primary metric of one fit, made from nothing in ``root``; None if the fit fails."""
    config = config | {"chunk_size": 1}
    asked = baselines.load(row.method).implementation
    if asked is not None:
        found = implementation.resolve(asked, row.implementation.split()[0])
        implementation.write(found, Path(root) / implementation.path_of(config["run"], asked))
    where = config["run"], row.dataset, row.split
    split = splits.make(row.dataset, row.split, config)
    splits.write(
        split, Path(root) / splits.path_of(*where), Path(root) / splits.truth_path_of(*where)
    )
    Fits(config, row.dataset, row.method, "verify.log", root).run([row.split])
    path = Path(root) / records.path_of(config["run"], row.dataset, row.method, row.split)
    record = records.read(path)
    if record["result"]["status"] != "ok":
        return None
    sample = metrics.Sample(records.read_arrays(path, record), split, split.truth)
    return float(metrics.get(row.metric).function(sample))


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
        rows = sample(read(snapshot), options.cells, options.seed)
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
