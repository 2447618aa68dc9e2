"""What tables and figures read: the tables of a run, and behind them records and splits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import baselines
import explainers
from benchmark import datasets, storage
from benchmark.config import cells
from benchmark.datasets import DataSet, Split, Truth, splits
from benchmark.fitting import records
from benchmark.split_counts import splits_of


def _read_table(path):
    """A table of the run; one that was altered since it was written is refused."""
    recorded = path.with_suffix(".sha256")
    if recorded.exists() and recorded.read_text().strip() != storage.sha256_file(path):
        raise storage.DamagedFile(
            f"{path}: truncated or altered since it was written (sha256 differs); "
            "delete it and run the same command again"
        )
    return read_csv(path)


def read_csv(path) -> pd.DataFrame:
    """A table as it was written: only an empty cell is missing, "nan" may be a name."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def fits_path(run: str) -> str:
    """Where the table of fits lies, relative to the project root."""
    return str(Path("results") / run / "fits.csv")


@dataclass(frozen=True)
class Ends:
    """How the fits of a cell ended: the splits that are ok, and what is not, by its status."""

    ok: list[int]
    n: int
    failures: dict[str, int]
    implementation: str


def ends_of(fits: pd.DataFrame) -> Ends:
    """The ends of some rows of the table of fits."""
    ok = fits[fits.status == "ok"]
    failed = Counter(fits.status[fits.status != "ok"])
    implementation = "+".join(sorted(set(ok.implementation.dropna())))
    splits_ok = sorted(int(split) for split in ok.split)
    return Ends(splits_ok, len(fits), dict(sorted(failed.items())), implementation)


def made_at(run: dict) -> str:
    """The commit in the ``run`` part of a record, and whether files differed from it."""
    return run["commit"][:12] + (" with uncommitted changes" if run["dirty"] else "")


class Results:
    """The results of a run, read lazily.

    Parameters
    ----------
    config : validated configuration
    root : project root
    folder : where the tables lie, if not in the run's own folder: a snapshot

    A table that was altered since it was written is a :class:`benchmark.storage.DamagedFile` to
    whoever asks for it.
    """

    def __init__(self, config, root=".", folder=None):
        self.config, self.root, self.run = config, Path(root), config["run"]
        self.folder = self.root / "results" / self.run if folder is None else Path(folder)
        self._declared = datasets.of_run(config)
        self.tasks = {name: dataset.task for name, dataset in self._declared.items()}

    @cached_property
    def fits(self) -> pd.DataFrame:
        """What became of every fit, one row each."""
        return _read_table(self.folder / "fits.csv")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per fit and metric."""
        return _read_table(self.folder / "scores.csv")

    @cached_property
    def explained(self) -> pd.DataFrame:
        """What became of every explanation; the explainer "" is the model itself."""
        return _read_table(self.folder / "explained.csv").fillna({"explainer": ""})

    @cached_property
    def graded(self) -> pd.DataFrame:
        """One row per explanation and measure."""
        return _read_table(self.folder / "graded.csv").fillna({"explainer": ""})

    def dataset(self, name: str) -> DataSet:
        """The declaration of a data set."""
        return self._declared[name]

    def datasets(self, task: str | None = None, group: str | None = None) -> list[str]:
        """Data sets of the run, in table order."""
        return [
            name
            for name, dataset in self._declared.items()
            if task in (None, dataset.task) and group in (None, dataset.group)
        ]

    def methods(self, task: str | None = None) -> list[str]:
        """Methods of the run that do a task, in the order of the config."""
        return [
            m for m in self.config["methods"] if task is None or task in baselines.load(m).tasks
        ]

    @staticmethod
    def is_in(method: str, group: str) -> bool:
        """Whether a method declares a group (``baselines.contract.GROUPS``)."""
        return group in baselines.load(method).groups

    @staticmethod
    def family(method: str) -> str:
        """The family of a method (``baselines.contract.FAMILIES``)."""
        return baselines.load(method).family

    def label(self, method: str, explainer: str = "") -> str:
        """The name of a method for readers, the config's if it gives one.

        With an explainer that of an explanation, ``NIMO, built in``.
        """
        # a snapshot of an older run knows no labels
        name = self.config.get("labels", {}).get(method) or baselines.load(method).label
        return f"{name}, {explainers.load(explainer).label}" if explainer else name

    @cached_property
    def _by_cell(self) -> dict:
        grouped = self.scores.groupby(["dataset", "method", "metric"], sort=False)
        return {key: of_one.set_index("split").value for key, of_one in grouped}

    def values(self, dataset: str, method: str, metric: str) -> pd.Series:
        """A metric by split, in the order of splits; empty where the method has none."""
        found = self._by_cell.get((dataset, method, metric))
        return pd.Series(dtype=float) if found is None else found.sort_index()

    @cached_property
    def _by_explanation(self) -> dict:
        grouped = self.graded.groupby(["dataset", "method", "explainer", "metric"], sort=False)
        return {key: rows.sort_values("split").value.to_numpy() for key, rows in grouped}

    def grades(self, dataset: str, method: str, explainer: str, metric: str) -> np.ndarray:
        """A measure of an explanation by split; of the model itself ("") any score too."""
        found = self._by_explanation.get((dataset, method, explainer, metric))
        if found is None and not explainer:
            found = self.values(dataset, method, metric).to_numpy()
        return np.empty(0) if found is None else found

    def explanations(self, dataset: str | None = None) -> list[tuple[str, str]]:
        """(method, explainer) of all explanations that are there, in the order of the run."""
        rows = self.explained
        rows = rows[(rows.explainer != "") & (rows.status == "ok")]
        rows = rows[rows.dataset.isin(self.datasets() if dataset is None else [dataset])]
        found = dict.fromkeys(zip(rows.method, rows.explainer, strict=True))
        return sorted(found, key=lambda pair: self.config["methods"].index(pair[0]))

    @cached_property
    def _ends(self) -> dict:
        grouped = self.fits.groupby(["dataset", "method"], sort=False)
        return {key: ends_of(rows) for key, rows in grouped}

    def ends(self, dataset: str, method: str) -> Ends:
        """How the fits of a cell ended."""
        return self._ends.get((dataset, method), Ends([], 0, {}, ""))

    def ok(self, dataset: str, method: str) -> list[int]:
        """Splits on which the fit succeeded."""
        return self.ends(dataset, method).ok

    def is_local(self, dataset: str, method: str) -> bool:
        """Whether the method's coefficients are means of local ones."""
        ok = self.ok(dataset, method)
        return bool(ok) and self.record(dataset, method, ok[0])["coef_is_local"]

    @cache  # noqa: B019 (one object per job)
    def record(self, dataset: str, method: str, index: int) -> dict:
        """The ``result`` part of a record."""
        return self._document(dataset, method, index)["result"]

    def commits(self) -> Counter:
        """The commits that the fits were made at, by number of fits."""
        return Counter(
            made_at(self._document(dataset, method, index)["run"])
            for dataset, method in cells(self.config)
            for index in range(splits_of(self.config, dataset))
        )

    @cache  # noqa: B019
    def arrays(self, dataset: str, method: str, index: int) -> dict:
        """Predictions and explanations of a fit; {} if it failed."""
        document = self._document(dataset, method, index)
        return records.read_arrays(self._path(dataset, method, index), document)

    @cache  # noqa: B019
    def split(self, dataset: str, index: int) -> Split:
        """The rows of a split."""
        return splits.read(self.root / splits.path_of(self.run, dataset, index))

    @cache  # noqa: B019
    def truth(self, dataset: str, index: int = 0) -> Truth:
        """What is known about a split."""
        return splits.read_truth(self.root / splits.truth_path_of(self.run, dataset, index))

    def _path(self, dataset, method, index):
        return self.root / records.path_of(self.run, dataset, method, index)

    def _document(self, dataset, method, index):
        return records.read(self._path(dataset, method, index))
