"""Run one grid in several ways, and see that the results are the same bytes.

``python -m tests.drivers.same_result [--config config/smoke.yaml] [--seed 0]``

The grid is computed with one, two and eight cores, with one fit per process and with all splits in
one, and with its records asked for in a random order; every run starts from nothing.  The
comparable outputs of all runs (:mod:`benchmark.fingerprint`) must agree.  The exit code says
whether they do.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time

from benchmark import config as configuration
from benchmark.fingerprint import differences, fingerprint
from benchmark.fitting import records
from tests.drivers.runs import clean, finish, read_config, start

GROUPS = 4  # calls in which the records are asked for in random order


def ways(splits: int) -> dict[str, dict]:
    """Name of each way to run the grid: cores, fits per process, whether in random order."""
    return {
        "1-core": {"cores": 1, "chunk_size": 1},
        "2-cores": {"cores": 2, "chunk_size": splits},
        "8-cores": {"cores": 8, "chunk_size": 1},
        "shuffled": {"cores": 2, "chunk_size": 1, "shuffled": True},
    }


def targets(config: dict, run: str, rng: random.Random) -> list[list[str]]:
    """The records of each cell in random order, in a few groups."""
    cells = configuration.cells(config)
    rng.shuffle(cells)
    manifests = [records.manifest_path_of(run, *cell) for cell in cells]
    return [group for i in range(GROUPS) if (group := manifests[i::GROUPS])]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config/smoke.yaml")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random order")
    parser.add_argument("--target", default="all", help="what to make")
    parser.add_argument("--keep", action="store_true", help="keep the runs' files")
    options = parser.parse_args(arguments)
    config = read_config(options.config)
    base = config["run"]
    os.makedirs("logs", exist_ok=True)
    expected, wrong = None, []
    with open(f"logs/same_result_{base}.log", "wb") as log:
        for way, how in ways(config["splits"]).items():
            run = f"{base}-{way}"
            clean(run)
            changed = config | {"run": run, "chunk_size": how["chunk_size"]}
            calls = targets(changed, run, random.Random(options.seed)) if "shuffled" in how else []
            began = time.monotonic()
            for call in [*calls, [options.target.replace("<run>", run)]]:
                process = start(changed, [*call, "--cores", str(how["cores"])], log)
                finish(process.wait(), run, log)
            found = fingerprint(run)
            expected = expected or found
            changes = differences(expected, found)
            wrong += [f"{run}: {output}" for output in changes]
            seconds = time.monotonic() - began
            print(
                f"{run}: {len(found)} outputs, {len(changes)} differ ({seconds:.0f} s)", flush=True
            )
            if not options.keep:
                clean(run)
    print(json.dumps({"outputs": len(expected), "ways": len(ways(1)), "differ": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
