"""How the order of the methods changes with the rows: all of a table beside at most 2000 of them.

docs/long beside docs/real, in docs/long/order.md; ``tools.snapshot`` writes it with either of them.
Both runs draw five cuts of the same tables, config/real.yaml of a sample of 2000 rows,
config/long.yaml of all.  The test rows differ with the cuts, so only means over cuts are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import baselines
from benchmark import ROOT, datasets, storage
from benchmark.evaluation.aggregates import seconds_of_fit
from benchmark.evaluation.results import read_csv
from benchmark.evaluation.statistics import FEWEST, improvability, ratio_over_tables
from benchmark.metrics import get
from benchmark.tables.cells import number
from benchmark.tables.table import Block
from benchmark.words import interval, percent

METRICS = {"regression": "mse", "classification": "auroc"}
FEWER, MORE = ROOT / "docs" / "real", ROOT / "docs" / "long"
PAGE = MORE / "order.md"
HEADER = (
    "method",
    "improvability, at most 2000 rows",
    "all rows",
    "average rank, at most 2000 rows",
    "all rows",
    "error of all rows / of at most 2000",
    "seconds of a fit, at most 2000 rows",
    "all rows",
)


@dataclass(frozen=True)
class Run:
    """Scores, fits and sizes of splits, as a snapshot keeps them."""

    scores: pd.DataFrame
    fits: pd.DataFrame
    splits: pd.DataFrame

    @classmethod
    def read(cls, folder):
        """The run of a snapshot's folder."""
        names = ("scores.csv", "fits.csv", "data_manifest.csv")
        return cls(*(read_csv(folder / name) for name in names))

    def rows(self, tables) -> pd.Series:
        """Rows of each table, in all parts of a split together."""
        chosen = self.splits[self.splits.dataset.isin(tables)].drop_duplicates("dataset")
        return chosen.set_index("dataset")[["n_train", "n_val", "n_test"]].sum(axis=1)


def errors_of(scores: pd.DataFrame, task: str) -> pd.DataFrame:
    """Mean errors of real tables, (tables, methods); linear controls are left out."""
    metric = METRICS[task]
    real = [name for name, declared in datasets.declared().items() if declared.group == "real"]
    chosen = scores[(scores.metric == metric) & scores.dataset.isin(real)]
    means = chosen.pivot_table(index="dataset", columns="method", values="value")
    return 1.0 - means if get(metric).larger_is_better else means


def block(task: str, fewer: Run, more: Run) -> Block:
    """A row per method that did all the tables in both runs, best with all rows first."""
    errors = [errors_of(run.scores, task) for run in (fewer, more)]
    tables = errors[1].index.intersection(errors[0].index)
    errors = [one.loc[tables].dropna(axis=1) for one in errors]
    methods = errors[1].columns.intersection(errors[0].columns)
    few, many = (one[methods] for one in errors)
    shares = [improvability(one).mean() for one in (few, many)]
    ranks = [one.rank(axis=1).mean() for one in (few, many)]
    rows = []
    for method in shares[1].sort_values(kind="stable").index:
        ratio, *ends = ratio_over_tables(many[method], few[method])
        rows.append(
            [
                baselines.load(method).label,
                *(percent(one[method]) for one in shares),
                *(f"{one[method]:.1f}" for one in ranks),
                f"{ratio:.2f}{interval(*ends, 1, 2) if len(tables) >= FEWEST else ''}",
                *(number(seconds_of_fit(run, tables, method)) for run in (fewer, more)),
            ]
        )
    sizes = more.rows(tables)
    agree = ranks[0].corr(ranks[1], method="spearman")
    what = "tables" if len(tables) > 1 else "table"
    title = (
        f"{task.capitalize()}, {len(tables)} {what} of {sizes.min()} to {sizes.max()} rows; "
        f"average ranks of both agree with a Spearman correlation of {agree:.2f}"
    )
    return Block(title, list(HEADER), rows)


def page(fewer: Run, more: Run) -> str:
    """The tables in Markdown."""
    blocks = [block(task, fewer, more) for task in METRICS]
    return "\n".join(f"*{one.title}.*\n\n{one.markdown()}\n" for one in blocks)


def write():
    """Make the page of the published snapshots anew."""
    storage.write_text(PAGE, page(Run.read(FEWER), Run.read(MORE)))
