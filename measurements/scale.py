"""What a run of many fits costs the workflow itself: jobs, files, and seconds without any fit.

``python -m measurements.scale [--sizes 3x10x50 30x10x50 100x30x50]``

For each size, data sets x methods x splits, a copy of the project is made in a temporary folder,
with that many small tables and instant methods.  One cell is computed in truth; the records of all
others are hard links to its records, so that there are as many files as in a run.
Snakemake is then told that all is up to date (``--touch``), and these are measured, each in a
process of its own:

* a run with nothing to do,
* a dry run of everything, which builds the graph of all jobs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmark import ROOT
from benchmark.method_rules import RULE, RULES

PARTS = ("Snakefile", "baselines", "benchmark", "config", "contextual_lasso", "data/published")
MORE = (
    "data/reference",
    "environment.yml",
    "explainers",
    "nimo",
    "profiles",
    "pyproject.toml",
    "workflow",
)
METHOD = '''
"""Predicts the mean."""

from baselines.contract import Method


def build(task, params, seed):
    from sklearn.dummy import DummyRegressor

    class Mean(DummyRegressor):
        def fit(self, X, y, X_val=None, y_val=None):
            return super().fit(X, y)

    return Mean()


METHOD = Method(
    name="{name}", label="{name}", tasks=("regression",), build=build, source="none", random=False
)
'''
#: runs Snakemake in its own process and says at the end what that process itself has used
WRAPPER = """
import atexit, resource, sys
def say():
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(f"@@ {own.ru_utime + own.ru_stime} {own.ru_maxrss / 1024}", file=sys.stderr)
atexit.register(say)
from snakemake.cli import main
main(sys.argv[1:])
"""


class Grid:
    """A copy of the project with a grid of instant methods."""

    def __init__(self, folder: Path, datasets: int, methods: int, splits: int):
        self.folder, self.splits = folder, splits
        for part in (*PARTS, *MORE):
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, target)
        self.methods = [f"instant{i}" for i in range(methods)]
        self.datasets = [f"table{i}" for i in range(datasets)]
        for name in self.methods:
            (folder / f"baselines/{name}.py").write_text(METHOD.replace("{name}", name))
            with open(folder / RULES, "a") as rules:
                rules.write("\n\n" + RULE.format(name=name))
        rng = np.random.default_rng(0)
        for name in self.datasets:
            rows = rng.normal(size=(60, 5)).round(3)
            np.savetxt(folder / f"{name}.csv", rows, "%s", ",", header="a,b,c,d,y", comments="")
        self.config = {
            "run": "scale",
            "splits": splits,
            "csv": {
                name: {"path": f"{name}.csv", "target": "y", "task": "regression"}
                for name in self.datasets
            },
            "methods": self.methods,
        }
        (folder / "scale.yaml").write_text(json.dumps(self.config))

    @property
    def fits(self) -> int:
        return len(self.datasets) * len(self.methods) * self.splits

    def snakemake(self, *arguments) -> dict:
        """Run Snakemake; return what it said, its seconds, its own CPU seconds and memory."""
        command = [sys.executable, "-c", WRAPPER, *arguments, "--cores", "2"]
        env = os.environ | {"PYTHONPATH": str(self.folder)}
        began = time.monotonic()
        done = subprocess.run(
            [*command, "--configfile", "scale.yaml"],
            cwd=self.folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        seconds = time.monotonic() - began
        own = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("@@ ")]
        if done.returncode != 0 or not own:
            sys.exit(f"error: snakemake {' '.join(arguments)} failed:\n{done.stdout[-3000:]}")
        cpu, memory = map(float, own[-1])
        return {"text": done.stdout, "seconds": seconds, "cpu": cpu, "memory_mb": memory}

    def fill(self):
        """Compute one cell, link it into all others, and mark everything as up to date."""
        data = self.folder / "data/scale"
        data.mkdir(parents=True)
        self.snakemake(f"data/scale/{self.datasets[0]}/splits.json")
        for name in self.datasets[1:]:
            shutil.copytree(data / self.datasets[0], data / name, copy_function=os.link)
        (data / "manifest.csv").write_text("\n")
        self.snakemake("--touch", "data/scale/manifest.csv")
        cells = self.folder / "results/scale/records"
        first = cells / self.datasets[0] / self.methods[0]
        self.snakemake(str(first.relative_to(self.folder) / "manifest.json"))
        for name in self.datasets:
            for method in self.methods:
                if cells / name / method != first:
                    shutil.copytree(first, cells / name / method, copy_function=os.link)
        for name in ("fits.csv", "scores.csv", "fits.sha256", "scores.sha256"):
            (self.folder / "results/scale" / name).write_text("\n")
        self.snakemake("--touch", "results/scale/fits.csv")

    def files(self) -> tuple[int, float]:
        """Number of files of data and results, and the megabytes that they would take on a disk."""
        found = [p for f in ("data/scale", "results/scale") for p in (self.folder / f).rglob("*")]
        found = [path.stat() for path in found if path.is_file()]
        return len(found), sum(stat.st_blocks * 512 for stat in found) / 1e6


def measure(size: str) -> dict:
    """One row of the table."""
    datasets, methods, splits = map(int, size.split("x"))
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        grid = Grid(Path(folder) / "project", datasets, methods, splits)
        grid.fill()
        nothing = grid.snakemake("results/scale/fits.csv")
        if "Nothing to be done" not in nothing["text"]:
            sys.exit(f"error: there was something to do:\n{nothing['text'][-3000:]}")
        everything = grid.snakemake("--dry-run", "--forceall", "--quiet", "all")
        files, megabytes = grid.files()
        return {
            "fits": grid.fits,
            "fit jobs": datasets * methods,
            "files": files,
            "MB": megabytes,
            "no-op run, s": nothing["seconds"],
            "no-op run, CPU s": nothing["cpu"],
            "no-op run, MB": nothing["memory_mb"],
            "dry run of all, CPU s": everything["cpu"],
        }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=["3x10x50", "30x10x50", "100x30x50"])
    options = parser.parse_args(arguments)
    head = False
    for size in options.sizes:
        row = measure(size)
        if not head:
            print("| " + " | ".join(row) + " |\n|" + "--:|" * len(row), flush=True)
            head = True
        print("| " + " | ".join(f"{value:,.0f}" for value in row.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
