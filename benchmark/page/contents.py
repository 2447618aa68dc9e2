"""The page's data: everything that it shows, made from a folder of results.

A run's folder and a snapshot's are read alike.  Labels, directions, intervals, published values and
verdicts come from the declarations and functions that the tables use; the page computes none.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

import baselines
from baselines.contract import FAMILIES
from benchmark import config as configuration
from benchmark import found, metrics, report
from benchmark.evaluation import processors
from benchmark.evaluation import published as paper
from benchmark.evaluation.aggregates import GROUP_LABELS, title_of
from benchmark.evaluation.comparisons import rankings
from benchmark.evaluation.results import Results, read_csv
from benchmark.evaluation.statistics import FEWEST, improvability
from benchmark.evaluation.verdict import judge
from benchmark.figures import TABLES, critical_difference, style
from benchmark.page import details as kept
from benchmark.page import identity, links, printed, standings
from benchmark.page.details import rounded
from benchmark.split_counts import most_splits, splits_of, told_splits
from benchmark.tables.cells import SYMBOLS, Cell, dataset_label, make_cell, processor_notes
from benchmark.tables.runtime import MEASURES
from benchmark.tables.scores import MEDIANS, REFERENCES, VERDICTS

SCHEMA_VERSION = 2
#: Plotly's names of the markers of the figures
SYMBOLS_OF_PLOTS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "<": "triangle-left",
    ">": "triangle-right",
    "p": "pentagon",
    "h": "hexagon",
}
DECLARED = [metric.name for metric in metrics.METRICS]
#: of the text that a record keeps of a search, and a number in a text with more digits than shown
ONE_TRIED, _LONG = "'configurations': 1,", re.compile(r"\d+\.\d{6,}(?:e-?\d+)?")
MAX_VALUES = 300_000  # numbers by split; beyond, only those of the metrics that the run compares
NOT_KEPT = (
    "This folder keeps the scores and the cost of every fit. It was made before snapshots kept "
    "more: the parameters that a fit chose, its coefficients and the log of a failure are not here."
)
THINNED = (
    "The run is large: values of single splits are kept for the metrics that it compares, means "
    "for the others."
)


def contents(folder, config, url: str = "") -> dict:
    """The page's data.

    Parameters
    ----------
    folder : path
        Holds ``fits.csv``, ``scores.csv`` and ``tables/``, and ``details.json.gz`` where it was
        kept.
    config : validated configuration of the run
    url : where ``folder`` lies beside the project root, as seen from the page; "" for a snapshot

    Returns
    -------
    dict that JSON can hold: ``methods``, ``datasets``, ``metrics`` (their declarations), ``cells``
    (of each data set and method ``status``, ``values`` by metric and split, ``stats`` with text,
    interval, ``published`` and ``mark``, ``params`` and ``chosen``, ``coef``, ``tails`` of logs),
    ``references``, ``rankings``, ``tables``, ``links``, and what stands around them

    Raises
    ------
    benchmark.storage.DamagedFile
        A table or the file of details was altered since it was written.
    """
    folder = Path(folder)
    results = Results(config, root=folder / url if url else ".", folder=folder)
    known = kept.read(folder / kept.NAME)
    names = _measured(results)
    published = paper.read()
    cells = _cells(results, names, known, published, _overlaps(results, folder, known))
    commits = _most_first(known["commits"]) if known else _provenance(folder)
    large = sum(len(values) for cell in cells for values in cell.values.values()) > MAX_VALUES
    if large:
        _keep_compared(results, cells)
    told = any(of.comparisons for cell in cells for of in cell.by_metric.values())
    judged = [VERDICTS, MEDIANS] if told and most_splits(config, results.tasks) >= FEWEST else []
    standing = standings.of_run(results)
    tables = {table["name"]: table for table in printed.read_all(folder / "tables")}
    return {
        "schema_version": SCHEMA_VERSION,
        "run": results.run,
        "title": identity.title(results),
        "facts": identity.facts(results, commits),
        "found": _found(results, folder, url),
        "reduced": config["reduced"],
        "seed": config["seed"],
        "splits": told_splits(config, results.tasks),
        "summary": report.in_short(results.fits, _primary_cells(results, cells)),
        "remarks": [NOT_KEPT] * (known is None) + [THINNED] * large,
        "legend": [*judged, *processor_notes(results, _primary_cells(results, cells))],
        "symbols": SYMBOLS,
        "default_version": paper.DEFAULT_VERSION,
        "commits": commits,
        "versions": known["versions"] if known else {},
        "kept": known is not None,
        "groups": GROUP_LABELS,
        "families": FAMILIES,
        "methods": [_method(results, name) for name in results.methods()],
        "datasets": [_dataset(results, name, known) for name in results.datasets()],
        "metrics": [_metric(results, name) for name in names],
        "cells": [_shown(results, cell, known) for cell in cells],
        "references": _references(folder),
        "standings": standing,
        "rankings": [_ranking(one) for one in _ranked(results)],
        "leaderboard": standings.in_order(tables.pop("leaderboard", None), standing),
        "tables": list(tables.values()),
        "links": links.of_folder(folder, results.run, url),
    }


# ------------------------------------------------------------------ what is shown


def _method(results, name) -> dict:
    method = baselines.load(name)
    return {
        "name": name,
        "label": results.label(name),
        "tasks": list(method.tasks),
        "source": method.source,
        "family": method.family,
        "bold": style.look(results, name).bold,
        "colour": style.colour(results, name),
        "symbol": SYMBOLS_OF_PLOTS[style.look(results, name).marker],
    }


def _dataset(results, name, known) -> dict:
    declared = results.dataset(name)
    more = known["datasets"].get(name, {}) if known else {}
    return {
        "name": name,
        "label": dataset_label(name),
        "task": declared.task,
        "group": declared.group,
        "kind": _kind(results, declared),
        "source": declared.source,
        "splits": splits_of(results.config, name),
        "features": more.get("features", []),
        "n_features": more.get("n_features"),
        "truth": more.get("truth", []),
    }


def _kind(results, declared) -> str:
    """How the rows of a table are cut: at random, by time, or with those of a group together."""
    if getattr(declared, "time", None):
        return "time"
    together = results.config["csv"].get(declared.name, {}).get("group")
    return "together" if together or getattr(declared, "same", ()) else "random"


def _found(results, folder, url) -> list[str]:
    """What was found: as a snapshot keeps it, or made anew beside the records of a run."""
    kept_at = folder / found.NAME
    if kept_at.exists():
        return found.read(kept_at.read_text(encoding="utf-8"))
    return found.sentences(results) if url else []


def _ranked(results) -> list:
    """The rankings that the figure of critical differences draws, most data sets first."""
    told = rankings(results, results.config["metrics"])
    return standings.by_size([one for one in told if len(one.ranks) >= TABLES], lambda r: r.ranks)


def _measured(results) -> list[str]:
    """Everything that a fit was given a number for: what the run compares first, costs last."""
    scored = list(dict.fromkeys(results.scores.metric))
    declared = [name for name in DECLARED if name in scored]
    first = [name for name in results.config["metrics"] if name in scored]
    others = [name for name in scored if name not in declared]
    return list(dict.fromkeys([*first, *declared, *others, *MEASURES]))


def _metric(results, name) -> dict:
    """A metric's declaration, or what is known about a number that is no declared metric."""
    shown = {
        "name": name,
        "label": name,
        "task": None,
        "larger": None,
        "paired": "difference",
        "scale": "identity",
        "kind": "score",
        "compared": name in results.config["metrics"],
    }
    if name in MEASURES:
        more = {"label": MEASURES[name][0], "larger": False, "paired": "ratio", "kind": "cost"}
        return shown | more | {"scale": "log"}
    base, rule = _base(name)
    metric = metrics.get(base) if base else None
    if metric is None:
        return shown
    return shown | {
        "label": f"{metric.label}, selected by {rule}" if rule else metric.label,
        "task": metric.task,
        "larger": metric.larger_is_better,
        "paired": metric.scale.paired,
        "scale": metric.scale.name,
    }


def _base(name) -> tuple[str | None, str]:
    """The metric behind a name, and the selection rule in it: see ``scoring.score_rows``."""
    if name in DECLARED:
        return name, ""
    for primary in metrics.PRIMARY.values():
        if name.startswith(f"{primary}_"):
            return primary, name.removeprefix(f"{primary}_").replace("_", " ")
    return None, ""


# ------------------------------------------------------------------ cells


class _Measured:
    """A cell of the run with one :class:`Cell` per metric, and its rows of ``fits.csv``."""

    def __init__(self, base: Cell, rows: pd.DataFrame):
        self.base, self.rows = base, rows
        self.by_metric: dict[str, Cell] = {}
        self.values: dict[str, pd.Series] = {}
        self.shares: dict[str, float] = {}


def _cells(results, names, known, published, overlaps) -> list[_Measured]:
    by_cell = {key: rows for key, rows in results.fits.groupby(["dataset", "method"], sort=False)}
    cells = []
    for dataset, method in configuration.cells(results.config):
        rows = by_cell[dataset, method].sort_values("split")
        cell = _Measured(make_cell(results, dataset, method, "", ()), rows)
        local = bool(known) and known["cells"][dataset][method]["local"]
        for name in names:
            if name in MEASURES:
                values = rows[rows.status == "ok"].set_index("split")[name].dropna()
            else:
                values = results.values(dataset, method, name)
            if not len(values):
                continue
            told = paper.of_cell(published, dataset, method, name)
            cell.values[name] = values
            cell.by_metric[name] = replace(
                cell.base,
                metric=name,
                values=[float(v) for v in values],
                overlap=overlaps[dataset],
                local=local and name not in MEASURES and "coef" in _needs(name),
                comparisons={v: (p, judge(list(values), p)) for v, p in sorted(told.items())},
            )
        cells.append(cell)
    _add_shares(cells)
    return cells


def _add_shares(cells):
    """Improvability of every cell by every metric with a best value."""
    for name in dict.fromkeys(name for cell in cells for name in cell.by_metric):
        if name not in DECLARED or metrics.get(name).larger_is_better is None:
            continue
        means = {
            (cell.base.dataset, cell.base.method): cell.by_metric[name].mean
            for cell in cells
            if name in cell.by_metric
        }
        table = pd.Series(means).unstack()
        shares = improvability(1 - table if metrics.get(name).larger_is_better else table)
        for cell in cells:
            if name in cell.by_metric:
                cell.shares[name] = float(shares.loc[cell.base.dataset, cell.base.method])


def _needs(name) -> tuple[str, ...]:
    base, _ = _base(name)
    return metrics.get(base).needs if base else ()


def _primary_cells(results, cells) -> list[Cell]:
    """Each cell's own by the primary metric of its task, one without a value too."""
    found = []
    for cell in cells:
        name = metrics.PRIMARY[results.tasks[cell.base.dataset]]
        found.append(cell.by_metric.get(name, replace(cell.base, metric=name)))
    return found


def _overlaps(results, folder, known) -> dict[str, float]:
    """Dependence between splits, by data set: noted with the details, or from the manifest."""
    if known:
        return {name: known["datasets"][name]["overlap"] for name in results.datasets()}
    path = folder / "data_manifest.csv"
    if not path.exists():
        return dict.fromkeys(results.datasets(), math.nan)
    sizes = read_csv(path).drop_duplicates("dataset").set_index("dataset")
    return {
        name: 0.0
        if results.dataset(name).independent
        else float(sizes.n_test[name] / sizes.n_train[name])
        for name in results.datasets()
    }


def _keep_compared(results, cells):
    """Drop the values of single splits, but for the metrics that the run compares."""
    chosen = {*results.config["metrics"], *metrics.PRIMARY.values(), "fit_seconds"}
    for cell in cells:
        cell.values = {name: of for name, of in cell.values.items() if name in chosen}


def _shown(results, cell, known) -> dict:
    """One cell: how its splits ended, all its numbers, what the details tell."""
    base, rows, n = cell.base, cell.rows, cell.base.n
    failed = rows[rows.status != "ok"]
    shown = {
        "dataset": base.dataset,
        "method": base.method,
        "n_ok": base.n_ok,
        "n": base.n,
        "text": base.text(),
        "status": list(rows.status),
        "failures": base.failures,
        "implementation": base.implementation,
        # a limit is its own error class
        "errors": {
            str(row.split): str(row.error).removeprefix(f"{row.status}: ")
            for row in failed.itertuples()
        },
        "log": str(rows.log.iloc[0]),
        "values": {name: _by_split(values, n) for name, values in cell.values.items()},
        "stats": {name: _stats(of, cell.shares.get(name)) for name, of in cell.by_metric.items()},
    }
    more = known["cells"][base.dataset][base.method] if known else {}
    if "info" in more:
        more = more | {"info": _noted(more["info"])}
    return shown | {key: value for key, value in more.items() if value}


def _noted(info) -> dict:
    """What fits noted, by name and split: what is the same in all splits once, digits cut in texts.

    Of the only configuration that was tried nothing was chosen.
    """
    found = {}
    for name, values in info.items():
        if name == "tuning" and all(ONE_TRIED in str(value) for value in values):
            continue
        values = [_LONG.sub(_cut, v) if isinstance(v, str) else v for v in values]
        found[name] = values[:1] if all(value == values[0] for value in values) else values
    return found


def _cut(match) -> str:
    return str(rounded(float(match[0])))


def _by_split(values, n) -> list:
    there = {int(k): rounded(float(v)) for k, v in values.items()}
    return [there.get(index) for index in range(n)]


def _finite(value, digits=6):
    return None if value is None or math.isnan(value) else rounded(float(value), digits)


def _stats(cell: Cell, share: float | None) -> dict:
    lower, upper = cell.interval()
    shown = {
        "mean": _finite(cell.mean),
        "sd": _finite(cell.sd),
        "lower": _finite(lower),
        "upper": _finite(upper),
        "n": len(cell.values),
        "text": cell.text(MEASURES[cell.metric][1] if cell.metric in MEASURES else None),
    }
    if share is not None:
        shown["share"] = _finite(share)
    if cell.depends_on_processor:
        shown["mark"] = processors.MARK
    if cell.comparisons:
        shown["published"] = [_comparison(cell, version) for version in cell.comparisons]
    return shown


def _comparison(cell, version) -> dict:
    told, verdict = cell.comparisons[version]
    return {
        "version": version,
        "text": told.text,
        "value": told.value,
        "place": told.place,
        "word": verdict.word if verdict else None,
        "lower": _finite(verdict.lower) if verdict else None,
        "upper": _finite(verdict.upper) if verdict else None,
    }


# ------------------------------------------------------------------ beside the cells


def _references(folder) -> list[dict]:
    """Noise floor, Bayes rule, constant prediction: the rows of the tables that no method made."""
    found = []
    for path in sorted((folder / "tables").glob("*.csv")):
        table = read_csv(path)
        if not {"dataset", "method", "metric", "mean"} <= set(table.columns):
            continue
        for row in table[table.method.isin(list(REFERENCES))].itertuples():
            found.append(
                {
                    "dataset": row.dataset,
                    "metric": row.metric,
                    "name": row.method,
                    "label": REFERENCES[row.method][0],
                    "mean": _finite(row.mean),
                }
            )
    return found


def _ranking(ranking) -> dict:
    distance = ranking.critical_difference
    average = ranking.average.to_list()
    return {
        "group": ranking.group,
        "metric": ranking.metric,
        "title": title_of(ranking),
        "critical_difference": _finite(distance),
        "friedman_p": _finite(ranking.friedman_p),
        "methods": list(ranking.average.index),
        "average": [_finite(rank) for rank in average],
        "datasets": list(ranking.ranks.index),
        "ranks": [[float(v) for v in ranking.ranks[m]] for m in ranking.average.index],
        "joined": [] if math.isnan(distance) else critical_difference.groups(average, distance),
        "failed": [list(cell) for cell in ranking.failed],
    }


def _most_first(commits) -> dict:
    """Commits and their numbers of fits, the one with most of them first."""
    return dict(sorted(commits.items(), key=lambda item: -item[1]))


def _provenance(folder) -> dict:
    """Commits from the ``provenance.json`` of a snapshot, which does not count their fits."""
    path = folder / "provenance.json"
    if not path.exists():
        return {}
    made = pd.read_json(path, typ="series")
    return dict.fromkeys([commit[:12] for commit in made["commits"]], None)
