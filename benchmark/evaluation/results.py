"""What tables and figures read: the tidy table of a run, and behind it records and splits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

import baselines
from benchmark import storage
from benchmark.config import dataset_tasks
from benchmark.datasets import splits
from benchmark.fitting import records


def _read_table(path):
    """The tidy table; one that was altered since it was written is refused."""
    recorded = path.with_suffix(".sha256")
    if recorded.exists() and recorded.read_text().strip() != storage.sha256_file(path):
        raise storage.DamagedFile(
            f"{path}: truncated or altered since it was written (sha256 differs); "
            "delete it and run the same command again"
        )
    return read_tidy(path)


def read_tidy(path):
    """A tidy table as it was written: only an empty cell is missing, "nan" may be a name."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


class Results:
    """The results of a run, read lazily.

    Parameters
    ----------
    config : validated configuration
    root : project root

    Raises
    ------
    benchmark.storage.DamagedFile
        The tidy table was altered since it was written.
    """

    def __init__(self, config, root="."):
        self.config, self.root, self.run = config, Path(root), config["run"]
        self.table = _read_table(self.root / "results" / self.run / "records.csv")
        self.tasks = dataset_tasks(config)

    def datasets(self, task: str | None = None) -> list[str]:
        """Data sets of the run, in table order."""
        return [name for name, t in self.tasks.items() if task in (None, t)]

    def methods(self, task: str | None = None) -> list[str]:
        """Methods of the run that do a task, in the order of the config."""
        return [
            m for m in self.config["methods"] if task is None or task in baselines.load(m).tasks
        ]

    @staticmethod
    def label(method: str) -> str:
        """The name of a method for readers."""
        return baselines.load(method).label

    @cache  # noqa: B019 (one object per job)
    def record(self, dataset: str, method: str, index: int) -> dict:
        """The ``result`` part of a record."""
        return self._document(dataset, method, index)["result"]

    @cache  # noqa: B019
    def arrays(self, dataset: str, method: str, index: int) -> dict:
        """Predictions and explanations of a fit; {} if it failed."""
        document = self._document(dataset, method, index)
        return records.read_arrays(self._path(dataset, method, index), document)

    @cache  # noqa: B019
    def split(self, dataset: str, index: int) -> splits.Split:
        """Data and truth of a split."""
        return splits.read(self.root / splits.path_of(self.run, dataset, index))

    def ok(self, dataset: str, method: str) -> list[int]:
        """Splits on which the fit succeeded."""
        t = self.table
        rows = t[(t.dataset == dataset) & (t.method == method) & (t.status == "ok")]
        return sorted(int(s) for s in rows.split)

    def _path(self, dataset, method, index):
        return self.root / records.path_of(self.run, dataset, method, index)

    def _document(self, dataset, method, index):
        return records.read(self._path(dataset, method, index))
