"""How much do explanations change when a method is fitted again with another seed?

``python -m tools.refits CONFIG OTHER``.  Both runs must be there, on the same data: the two configs
have another ``run`` and ``refit``, and may have other data sets, methods and numbers of splits, of
which the common ones are compared.  A row per explanation: the change of the model's response on
the explained rows, of its slopes and of its parts
(:func:`benchmark.metrics.fidelity.refit_instability`), each the median over data sets and splits.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

import numpy as np

from benchmark.config import ConfigError, read
from benchmark.explanations.collect import Explained
from benchmark.metrics.fidelity import refit_instability
from benchmark.storage import DamagedFile
from benchmark.tables.explained import label
from benchmark.tables.table import DASH, Block

#: what is compared, and whether it counts from its mean over the rows, as parts do
COMPARED = {"response": True, "slope": False, "part": True}
SHOWN = 5e-4  # what three decimals show
MAY_DIFFER = {"run", "refit", "datasets", "methods", "splits"}


def changes(first, second) -> dict[tuple[str, str], dict[str, list[float]]]:
    """Changes of every explanation that both runs have, by what is compared.

    Parameters
    ----------
    first, second : benchmark.explanations.collect.Explained
    """
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


def table(first, second) -> Block:
    """A row per explanation, in the order of the run; deterministic methods are left out."""
    found, order = changes(first, second), list(first.config["methods"])
    rows = []
    for pair in sorted(found, key=lambda pair: (order.index(pair[0]), pair[1])):
        said = found[pair]
        if any(value > SHOWN for values in said.values() for value in values):
            medians = [f"{np.median(said[n]):.3f}" if said[n] else DASH for n in COMPARED]
            rows.append([label(*pair), *medians])
    return Block("Change between two fits", ["explanation", "model", "slopes", "parts"], rows)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs=2)
    try:
        configs = [read(path) for path in parser.parse_args(arguments).configs]
    except ConfigError as error:
        sys.exit(f"error: {error}")
    differ = {key for key in configs[0] if configs[0][key] != configs[1][key]}
    if differ - MAY_DIFFER or "refit" not in differ:
        named = ", ".join(sorted(differ - MAY_DIFFER))
        why = f"they differ in {named}" if named else f'both have "refit": {configs[0]["refit"]}'
        sys.exit(f"error: these are not two fits of the same rows: {why}")
    try:
        print(table(*map(Explained, configs)).markdown())
    except DamagedFile as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
