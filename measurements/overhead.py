"""What a run costs beside its fits: its wall clock against its fits' seconds over the cores.

``python -m measurements.overhead [--config config/smoke.yaml] [--cores 2] [--ways fork scratch]``

The grid is run once for each way, in this checkout, under names of their own: with workers that are
forked from a process which has the heavy libraries (``fork``, the default of a run), and with
workers that are processes from scratch (``scratch``).  The ratios mean something only where nothing
else is at work.  The records of both ways must be the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import pandas as pd

from benchmark.evaluation.results import fits_path
from benchmark.fingerprint import differences, fingerprint
from benchmark.fitting import forks
from tests.drivers.runs import clean, finish, read_config, start


def measure(config, cores, log) -> dict:
    """Run a grid from nothing; return a row of the table."""
    run = config["run"]
    clean(run)
    began = time.time()
    finish(start(config, ["--cores", str(cores)], log).wait(), run, log)
    ended = time.time()
    fits = pd.read_csv(fits_path(run))
    data = Path(f"data/{run}/manifest.csv").stat().st_mtime
    gathered = Path(fits_path(run)).stat().st_mtime
    share = fits.fit_seconds.sum() / cores
    return {
        "fits": len(fits),
        "jobs of fits": fits.groupby(["dataset", "method"]).ngroups,
        "wall, s": ended - began,
        "until all data sets are there, s": data - began,
        "fits, s": gathered - data,
        "tables, figures, pages, s": ended - gathered,
        "seconds in fits / cores": share,
        "wall / (seconds in fits / cores)": (ended - began) / share,
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config/smoke.yaml")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--ways", nargs="+", default=["fork", "scratch"])
    options = parser.parse_args(arguments)
    config = read_config(options.config)
    os.makedirs("logs", exist_ok=True)
    expected = None
    with open(f"logs/overhead_{config['run']}.log", "wb") as log:
        for way in options.ways:
            run = f"{config['run']}-{way}"
            os.environ.pop(forks.FOLDER, None)
            if way == "scratch":
                os.environ[forks.FOLDER] = "off"
            row = measure(config | {"run": run}, options.cores, log)
            if expected is None:
                print("| | " + " | ".join(row) + " |\n|--" + "|--:" * len(row) + "|")
            values = " | ".join(f"{v:,.2f}" if "/ (" in k else f"{v:,.0f}" for k, v in row.items())
            print(f"| {way} | {values} |", flush=True)
            found = fingerprint(run)
            expected = expected or found
            wrong = differences(expected, found)
            clean(run)
            if wrong:
                sys.exit(f"error: the ways differ in {', '.join(wrong[:5])}")


if __name__ == "__main__":
    main()
