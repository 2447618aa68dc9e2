"""What a run consists of: its fits, and the key of each, said once.

Whoever makes a fit and whoever gathers its record ask here; what was shown to methods was written
down with the splits, so that no split is read or made for a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import baselines
from benchmark import datasets, provenance
from benchmark.config import cells
from benchmark.datasets import splits
from benchmark.fitting import implementation, records
from benchmark.fitting.key import code_sha256, grid_of, key, trains_on_all
from benchmark.seeds import derive
from benchmark.split_counts import splits_of


class Cell:
    """One method on one data set of a run, and what decides its fits.

    Parameters
    ----------
    config : validated configuration
    dataset, method : str
    root : folder that paths of data and results are relative to
    """

    def __init__(self, config, dataset: str, method: str, root="."):
        self.run, self.dataset, self.method, self.root = config["run"], dataset, method, root
        self._seed, self._refit = config["seed"], config["refit"]
        declared = baselines.load(method)
        self.frame = declared.frame
        self.all_rows = trains_on_all(config, datasets.asked_for(config)[dataset], declared)
        self.implementation = implementation.of_method(declared, self.run, root)
        params = self.implementation.params
        self.grid = grid_of(declared, config["reduced"], params, config["tuning"])
        self.code = code_sha256(method)
        self.versions = provenance.versions(method) | self.implementation.versions

    def seed(self, index) -> int:
        """Seed of one fit: no other data set, split or method has a part in it."""
        words = ("refit", self._refit) if self._refit else ("fit",)
        return derive(self._seed, *words, self.dataset, index, self.method)

    @cached_property
    def _shown(self) -> dict[int, str]:
        return splits.shown(self.run, self.dataset, self.root)

    def data_sha256(self, index) -> str:
        """sha256 of the rows of a split that methods are shown, as its data set's job noted it."""
        return self._shown[index]

    def key(self, index) -> str:
        """The key of one fit."""
        return key(
            method=self.method,
            grid=self.grid,
            code=self.code,
            data=self.data_sha256(index),
            seed=self.seed(index),
            versions=self.versions,
            all_rows=self.all_rows,
        )

    def record_path(self, index) -> Path:
        """Where the record of one fit lies."""
        return Path(self.root) / records.path_of(self.run, self.dataset, self.method, index)


def fits(config, root=".") -> Iterator[tuple[Path, str]]:
    """Path of the record and key of every fit of a run, by data set, method and split.

    Raises
    ------
    benchmark.storage.DamagedFile
        The splits of a data set have not been made.
    """
    for dataset, method in cells(config):
        cell = Cell(config, dataset, method, root)
        for index in range(splits_of(config, dataset)):
            yield cell.record_path(index), cell.key(index)
