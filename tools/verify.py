"""Recompute a random sample of the published cells and compare: ``make verify``.

``python -m tools.verify [--cells 5] [--seed 0] [--tolerance 0.05]``

The source is docs/results/: fits.csv (one row per fit), scores.csv and config.yaml (what made
them).  Each cell drawn is one fit: its split is made anew, the method is fitted anew in its own
process, and the primary metric is compared.  On the machine that made the snapshot the numbers
agree to all digits.  Another processor adds in another order.  For most methods that changes the
last digits, and two values agree when the larger error exceeds the other by at most a share of
``--tolerance`` (accuracies: when they differ by at most that).  Some trainings amplify the last
digit, as was measured (:mod:`benchmark.evaluation.processors`): repeating them elsewhere is like
another seed.  Of such a method two values agree when they differ by no more than two fits of that
cell do: the 97.5 % point of t times sqrt(2) times the standard deviation over the cell's splits,
where errors are logarithms.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

import baselines
from benchmark import config as configuration
from benchmark import metrics
from benchmark.datasets import splits
from benchmark.evaluation import processors
from benchmark.evaluation.results import read_csv
from benchmark.evaluation.statistics import FEWEST
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
    split = splits.make(row.dataset, row.split, config)
    splits.write_all([split], config, root)
    Fits(config, row.dataset, row.method, "verify.log", root).run([row.split])
    path = Path(root) / records.path_of(config["run"], row.dataset, row.method, row.split)
    record = records.read(path)
    if record["result"]["status"] != "ok":
        return None
    sample = metrics.Sample(records.read_arrays(path, record), split, split.truth)
    return float(metrics.get(row.metric).function(sample))


def allowed(row, table, tolerance) -> tuple[float, str]:
    """How far a fit may be from the recorded one on the metric's even scale, and in words.

    Parameters
    ----------
    row : of the fit
    table : all rows of the snapshot
    """
    scale = metrics.get(row.metric).scale
    ratio = scale.paired == "ratio"
    plain = math.log1p(tolerance) if ratio else tolerance
    if not processors.depends(row.method, row.metric):
        return plain, f"within {tolerance:g}"
    cell = table[(table.dataset == row.dataset) & (table.method == row.method)]
    values = scale.to(cell.value) if ratio else cell.value.to_numpy(dtype=float)
    n = len(values)
    if n < FEWEST:
        return plain, f"within {tolerance:g}"
    spread = float(stats.t.ppf(0.975, n - 1) * math.sqrt(2) * np.std(values, ddof=1))
    shown = f"a factor of {math.exp(spread):.2f}" if ratio else f"{spread:.2f}"
    return max(plain, spread), f"within the spread over splits ({shown})"


def distance(metric, recorded, found) -> float:
    """How far two values are apart on the metric's even scale."""
    scale = metrics.get(metric).scale
    if scale.paired == "ratio":
        return float(abs(np.subtract(*scale.to([recorded, found]))))
    return abs(found - recorded)


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
        table = read(snapshot)
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
        else:
            limit, verdict = allowed(row, table, options.tolerance)
            if distance(row.metric, row.value, found) > limit * (1 + 1e-9):
                verdict = f"DIFFERS, is not {verdict}"
        wrong += verdict.startswith(("the fit failed", "DIFFERS"))
        shown = "-" if found is None else f"{found:.6g}"
        print(
            f"{row.dataset} {row.method} split {row.split}: "
            f"{row.metric} {row.value:.6g} recorded, {shown} recomputed: {verdict}",
            flush=True,
        )
    print(f"{len(rows) - wrong} of {len(rows)} cells agree")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
