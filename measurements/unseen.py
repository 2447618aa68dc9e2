"""Whether NIMO+ keeps its place on tables that its making never saw.

    python -m measurements.unseen    # from the scores in docs/real

Its engine was measured on ``measurements.engine.REAL`` while it was made, on other cuts than those
of docs/real; no choice of it saw the other tables.
"""

from __future__ import annotations

import pandas as pd

from benchmark import ROOT
from benchmark.evaluation.statistics import improvability, over_tables
from benchmark.tables.table import Block
from benchmark.words import interval, percent
from measurements.engine import REAL
from tools.more_rows import METRICS, errors_of

SNAPSHOT = ROOT / "docs" / "real"
OURS = "nimo_plus"


def row(task: str, which: str, errors: pd.DataFrame) -> list[str]:
    """NIMO+ and the best other on some tables: improvability with its interval, average rank."""
    measures = over_tables(errors)
    ranks = errors.rank(axis=1).mean()
    means = improvability(errors).mean().sort_values()
    best = next(method for method in means.index if method != OURS)

    def told(method):
        ends = measures.loc[method, ["improvability_lower", "improvability_upper"]]
        share = percent(measures.loc[method, "improvability"])
        return f"{share}{interval(*ends, decimals=1)}, rank {ranks[method]:.1f}"

    return [f"{task}, {which}", str(len(errors)), told(OURS), f"{best} {told(best)}"]


def page(scores: pd.DataFrame) -> str:
    """The table in Markdown."""
    rows = []
    for task in METRICS:
        errors = errors_of(scores, task)
        seen = errors.index.isin(REAL)
        rows.append(row(task, "measured on while it was made", errors[seen]))
        rows.append(row(task, "never seen", errors[~seen]))
    return Block("", ["tables", "number", "NIMO+", "best other"], rows).markdown() + "\n"


if __name__ == "__main__":
    print(page(pd.read_csv(SNAPSHOT / "scores.csv")))
