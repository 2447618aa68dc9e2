"""Compare two runs: ``python -m tools.compare HERE THERE``.

Two folders of results (``results/<run>``, or a snapshot): are their numbers the same?  Compared are
the arrays of the records and the scores that both have, up to ``--tolerance``; what only one has is
counted.  The exit code says whether all is the same.

Two configs of runs with explanations: how alike are these?  With the same rows and another
``refit``: how far the explanations of each fit move.  With another ``seed``, so on fresh data: how
alike they rank.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmark import ROOT, metrics, storage
from benchmark.config import ConfigError, read
from benchmark.evaluation.grades import Explained
from benchmark.evaluation.importance import correlations
from benchmark.evaluation.results import Results, read_csv
from benchmark.metrics.fidelity import refit_instability
from benchmark.tables.explained import average_ranks, models
from benchmark.tables.table import DASH, Block

#: what is compared of two fits, and whether it counts from its mean over the rows, as parts do
COMPARED = {"response": True, "slope": False, "part": True}
SHOWN = 5e-4  # what three decimals show
#: in what the configs of two fits of the same rows may differ
MAY_DIFFER = {"run", "refit", "datasets", "methods", "splits", "more_splits", "labels"}


def scores(folder: Path):
    """Values by data set, method, split and metric."""
    cell = ["dataset", "method", "split", "metric"]
    return read_csv(folder / "scores.csv").set_index(cell).value


def arrays(folder: Path) -> dict[str, Path]:
    """Files of arrays by data set, method and split."""
    found = (folder / "records").rglob("split*.npz")
    return {str(path.relative_to(folder / "records")): path for path in found}


def same(one, other, tolerance: float) -> bool:
    """Equal shapes, values that differ by at most a share of the larger, NaN in the same places."""
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind not in "fc":
        return np.array_equal(one, other)
    return np.allclose(one, other, rtol=tolerance, atol=0, equal_nan=True)


def numbers(here: Path, there: Path, tolerance: float = 0.0) -> tuple[list[str], list[str]]:
    """What was compared, and what differs, in words."""
    wrong, names = [], 0
    ours, theirs = arrays(here), arrays(there)
    both = sorted(ours.keys() & theirs.keys())
    for path in both:
        a, b = storage.read_arrays(ours[path]), storage.read_arrays(theirs[path])
        common = sorted(a.keys() & b.keys())
        names += len(common)
        wrong += [f"{path}: {n}" for n in common if not same(a[n], b[n], tolerance)]
    a, b = scores(here), scores(there)
    common = a.index.intersection(b.index)
    limit = tolerance * np.maximum(a[common].abs(), b[common].abs())
    differ = (a[common] - b[common]).abs() > limit
    wrong += [f"scores: {' '.join(map(str, cell))}" for cell in common[differ]]
    return [
        f"{names} arrays of {len(both)} fits ({len(ours) - len(both)} fits in the first alone, "
        f"{len(theirs) - len(both)} in the second)",
        f"{len(common)} scores ({len(a) - len(common)} in the first alone, "
        f"{len(b) - len(common)} in the second)",
    ], wrong


def agreement(first, second, metric, task, pairs) -> tuple[float, int]:
    """(Spearman's correlation, number of explanations ranked in both); NaN below three."""
    ranks = [average_ranks(results, pairs, metric, task) for results in (first, second)]
    common = [pair for pair in ranks[0] if pair in ranks[1]]
    if len(common) < 3:
        return float("nan"), len(common)
    orders = np.array([[rank[pair] for pair in common] for rank in ranks])
    return float(correlations(orders)[0, 1]), len(common)


def ranks(first, second) -> Block:
    """Whether two runs on fresh data rank explanations alike; a row per measure.

    Raises
    ------
    ValueError
        One of the runs has explanations that the other lacks.
    """
    if missing := set(first.explanations()) ^ set(second.explanations()):
        named = ", ".join(sorted(first.label(*pair) for pair in missing))
        raise ValueError(f"only one of the runs has {named}")
    rows = []
    for pairs, declared in (
        (models(first), metrics.CORRECTNESS_OF_MODEL),
        (first.explanations(), metrics.CORRECTNESS),
        (first.explanations(), metrics.FIDELITY),
    ):
        for metric in declared:
            cells = []
            for task in ("regression", "classification"):
                found, n = agreement(first, second, metric, task, pairs)
                cells.append(DASH if np.isnan(found) else f"{found:.2f} ({n})")
            rows.append([metric.name.replace("_", " "), *cells])
    header = ["Spearman (explanations ranked)", "regression", "classification"]
    return Block("Agreement of two runs on fresh data", header, rows)


def changes(first, second) -> dict[tuple[str, str], dict[str, list[float]]]:
    """Changes of every explanation that two fits of the same rows have, by what is compared."""
    found = defaultdict(lambda: defaultdict(list))
    common = set(second.splits())
    for where in filter(common.__contains__, first.splits()):
        model, other = ({name: s for name, s in run.samples(*where)} for run in (first, second))
        for explainer in model.keys() & other.keys() - {""}:
            said = found[where[1], explainer]
            for name, centred in COMPARED.items():
                of = "" if name == "response" else explainer
                if name in model[of].outputs and name in other[of].outputs:
                    pair = [run[of][name] for run in (model, other)]
                    pair = [values - centred * values.mean(axis=0) for values in pair]
                    said[name].append(refit_instability(*pair))
    return found


def refits(first, second) -> Block:
    """How far explanations move, medians over data sets and splits; those that do not have no row.

    :func:`benchmark.metrics.fidelity.refit_instability` of the model's response on the explained
    rows, of slopes, and of parts.
    """
    found, order = changes(first, second), list(first.config["methods"])
    rows = []
    for pair in sorted(found, key=lambda pair: (order.index(pair[0]), pair[1])):
        said = found[pair]
        if any(value > SHOWN for values in said.values() for value in values):
            medians = [f"{np.median(said[n]):.3f}" if said[n] else DASH for n in COMPARED]
            rows.append([first.results.label(*pair), *medians])
    return Block("Change between two fits", ["explanation", "model", "slopes", "parts"], rows)


def explanations(here, there) -> Block:
    """What is to be said of the explanations of two runs, by what their configs differ in.

    Raises
    ------
    ValueError
        They are neither two fits of the same rows nor two runs on fresh data.
    """
    first, second = read(here), read(there)
    differ = {key for key in first if first[key] != second[key]}
    if "seed" in differ:
        return ranks(Results(first, ROOT), Results(second, ROOT))
    if "refit" in differ and not differ - MAY_DIFFER:
        return refits(Explained(Results(first)), Explained(Results(second)))
    named = ", ".join(sorted(differ - MAY_DIFFER))
    why = f"they differ in {named}" if named else f'both have "refit": {first["refit"]}'
    raise ValueError(f"these are not two fits of the same rows, nor have they two seeds: {why}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("here", type=Path)
    parser.add_argument("there", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.0, help="a share of the value")
    options = parser.parse_args(arguments)
    try:
        if not (options.here.is_dir() or options.there.is_dir()):
            print(explanations(options.here, options.there).markdown())
            return
        said, wrong = numbers(options.here, options.there, options.tolerance)
    except (OSError, ValueError, ConfigError) as error:
        sys.exit(f"error: {error}")
    print("compared: " + "; ".join(said))
    for line in wrong[:50]:
        print(f"differs: {line}")
    print(f"{len(wrong)} differ")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
