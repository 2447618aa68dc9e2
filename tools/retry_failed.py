"""Forget what failed in a run, so that the next start of the workflow repeats it.

``python -m tools.retry_failed [CONFIG]`` (``make retry-failed`` runs the workflow after it).  Fits,
and explanations of fits; what succeeded is never touched.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmark import config as configuration
from benchmark import storage
from benchmark.evaluation.results import fits_path
from benchmark.explanations import explaining
from benchmark.fitting import records
from benchmark.split_counts import splits_of

#: how an explanation ends that may end otherwise another time
FAILED = {"error", "timeout", "memory"}


def forget(config, root=".") -> list[str]:
    """Delete failed records of a run; return their paths.

    A damaged record is deleted too: it cannot be told from a failed one.
    """
    forgotten = []
    for dataset, method in configuration.cells(config):
        for index in range(splits_of(config, dataset)):
            path = Path(root) / records.path_of(config["run"], dataset, method, index)
            if not path.exists():
                continue
            try:
                if records.read(path)["result"]["status"] == "ok":
                    continue
            except storage.DamagedFile:
                pass
            _delete(path)
            forgotten.append(str(path))
    if forgotten:
        # what rests on the records is made anew; Snakemake would not miss them otherwise
        (Path(root) / fits_path(config["run"])).unlink(missing_ok=True)
    return forgotten


def forget_explanations(config, root=".") -> list[str]:
    """Delete explanations that failed, a damaged one too; return their paths."""
    forgotten = []
    for dataset, method in configuration.cells(config) if config["explanations"] else []:
        folder = Path(root) / explaining.folder_of(config["run"], dataset, method)
        for path in sorted(folder.glob("split*.json")):
            try:
                facts = explaining.read(path)[0]["facts"]
                ends = [facts["status"], *(one["status"] for one in facts["explainers"].values())]
                if not FAILED & {*ends}:
                    continue
            except storage.DamagedFile:
                pass
            _delete(path)
            forgotten.append(str(path))
    return forgotten


def _delete(path: Path):
    """Delete a document, its arrays, and the manifest that stands for them."""
    path.unlink()
    path.with_suffix(".npz").unlink(missing_ok=True)
    (path.parent / "manifest.json").unlink(missing_ok=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", default="config/paper.yaml")
    path = parser.parse_args(arguments).config
    try:
        config = configuration.read(path)
        fits, explanations = forget(config), forget_explanations(config)
    except (configuration.ConfigError, OSError) as error:
        sys.exit(f"error: {error}")
    for file in fits + explanations:
        print(file)
    told = f" and {len(explanations)} failed explanations" if config["explanations"] else ""
    print(f"{len(fits)} failed fits{told} forgotten; the next run repeats them")


if __name__ == "__main__":
    main()
