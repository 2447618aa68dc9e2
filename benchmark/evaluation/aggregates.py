"""What a run says over several data sets: never over two tasks, and never over two groups.

A group of data sets (``benchmark.datasets.GROUPS``) is synthetic, linear controls or real: a mean
over two of them would answer no question that anybody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

import baselines
from benchmark import metrics
from benchmark.evaluation.comparisons import rankings
from benchmark.evaluation.statistics import Ranking, improvability, over_tables
from benchmark.fitting.key import grid_of

GROUP_LABELS = {
    "synthetic": "synthetic data",
    "control": "linear controls",
    "real": "real tables",
}


@dataclass(frozen=True)
class Aggregate:
    """The methods of a run on the data sets of one task and group, by one metric.

    Attributes
    ----------
    ranking : Ranking
        Says task, group and metric.
    errors : DataFrame, data sets x methods
        Mean over splits; of a metric whose larger values are better, what is missing to 1.
    improvability : DataFrame, data sets x methods
    """

    ranking: Ranking
    errors: pd.DataFrame
    improvability: pd.DataFrame

    @property
    def task(self) -> str:
        return self.ranking.task

    @property
    def group(self) -> str:
        return self.ranking.group

    @property
    def metric(self) -> metrics.Metric:
        return metrics.get(self.ranking.metric)

    @property
    def datasets(self) -> list[str]:
        return list(self.errors.index)

    @property
    def title(self) -> str:
        """``Regression, real tables, by test MSE``."""
        return title_of(self.ranking)

    @property
    def heading(self) -> str:
        """``Regression, real tables, by test MSE, 29 data sets``."""
        n = len(self.errors)
        return f"{self.title}, {n} data set{'s' if n > 1 else ''}"

    def mean_improvability(self) -> pd.Series:
        """By method, best first; those that lack a data set come last, however good elsewhere."""
        mean, has = self.improvability.mean(), self.improvability.notna().sum()
        table = pd.DataFrame({"mean": mean, "lacks": len(self.errors) - has})
        return table.sort_values(["lacks", "mean"], kind="stable")["mean"]

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Improvability, Elo and win rate by method, with bootstrap intervals over data sets."""
        return over_tables(self.errors)

    def wins(self) -> pd.Series:
        """On how many data sets a method has the least error, by method; ties count for each."""
        return self.errors.eq(self.errors.min(axis=1), axis=0).sum()


def title_of(ranking: Ranking) -> str:
    """``Regression, real tables, by test MSE``."""
    where = f"{ranking.task.capitalize()}, {GROUP_LABELS[ranking.group]}"
    return f"{where}, by {metrics.get(ranking.metric).label}"


def errors_of(ranking: Ranking) -> pd.DataFrame:
    """Errors, at least 0: what is missing to 1 of a metric whose larger values are better."""
    metric = metrics.get(ranking.metric)
    return 1.0 + ranking.scores if metric.larger_is_better else ranking.scores


def aggregates(results, chosen=None) -> list[Aggregate]:
    """One per metric, task and group of the run that has two methods or more.

    Parameters
    ----------
    chosen : names of metrics, default those of the config
    """
    found = []
    for ranking in rankings(results, chosen or results.config["metrics"]):
        errors = errors_of(ranking)
        found.append(Aggregate(ranking, errors, improvability(errors)))
    return found


def primary_of(found: list[Aggregate], task: str, group: str) -> Aggregate | None:
    """The aggregate of a task and group by the first metric of the config that has one."""
    for aggregate in found:
        if (aggregate.task, aggregate.group) == (task, group):
            return aggregate
    return None


def firsts(results) -> list[Aggregate]:
    """One aggregate per task and group, by the first metric of the config for the task."""
    found: dict[tuple[str, str], Aggregate] = {}
    for aggregate in aggregates(results):
        found.setdefault((aggregate.task, aggregate.group), aggregate)
    return list(found.values())


def seconds_of_fits(results, datasets, method) -> pd.Series:
    """Median seconds of the successful fits of each data set that has any, all tried included."""
    fits = results.fits
    rows = fits[(fits.method == method) & fits.dataset.isin(datasets) & (fits.status == "ok")]
    return rows.groupby("dataset").fit_seconds.median()


def seconds_of_fit(results, datasets, method) -> float:
    """Median of :func:`seconds_of_fits`: a data set of more splits does not count more."""
    return float(seconds_of_fits(results, datasets, method).median())


def configurations_tried(results, datasets, method) -> int | None:
    """How many configurations the suite tried in a fit; None for a method that selects by itself.

    A method with a list of configurations has it in its records; a grid is tried as a whole.
    """
    for dataset in datasets:
        for index in results.ok(dataset, method):
            tuning = results.record(dataset, method, index)["info"].get("tuning")
            if isinstance(tuning, dict) and "configurations" in tuning:
                return int(tuning["configurations"])
            points = len(grid_of(baselines.load(method), results.config["reduced"]))
            return points if points > 1 else None
    return None
