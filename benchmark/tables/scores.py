"""What the tables of test scores share: means, published values, verdicts, reference columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmark import metrics
from benchmark.evaluation.published import DEFAULT_VERSION, of_cell
from benchmark.evaluation.statistics import FEWEST, overlap_of, untested
from benchmark.evaluation.verdict import judge
from benchmark.metrics import PRIMARY
from benchmark.split_counts import fewest_splits, most_splits, splits_of
from benchmark.tables.cells import (
    Cell,
    block_rows,
    configuration_notes,
    dataset_label,
    failure_notes,
    grid,
    implementation_notes,
    processor_notes,
    skip_notes,
    used_methods,
)
from benchmark.tables.contextual_lasso_julia import note as julia_note
from benchmark.tables.table import DASH, Block, Table

COLUMNS = [
    "dataset",
    "method",
    "metric",
    "mean",
    "sd",
    "lower",
    "upper",
    "n_values",
    "n_ok",
    "n",
    "failures",
    "implementation",
    "published",
    "verdict",
    "predicted_lower",
    "predicted_upper",
    "place",
]
LEGEND = "Cell: mean ± standard deviation over splits (successful splits / all splits)."
VERDICTS = (
    "Paper: its value rests on one data set; ✓ agrees if it lies where one more split of ours "
    "would be expected (95 % prediction interval), else ours is ▲ better or ▼ worse."
)
MEDIANS = (
    "Paper: medians of five runs, read off its box plots; ✓ agrees if the value lies where such a "
    "median of ours would be expected (95 % prediction interval), else ours is ▲ better or ▼ worse."
)


def _constant(split, truth, metric) -> float:
    """The training mean, or the more frequent class, for every row."""
    mean = np.mean(split.arrays["y_train"])
    value = mean if split.task == "regression" else int(mean > 0.5)
    prediction = np.full(len(split.arrays["y_test"]), value)
    return float(metric.function(metrics.Sample({"prediction": prediction}, split, truth)))


#: reference columns: name, (label, the value of one split, None where nobody knows it)
REFERENCES = {
    "noise_floor": ("noise floor", lambda split, truth, metric: truth.noise_variance),
    "bayes": ("Bayes rule", lambda split, truth, metric: truth.bayes_accuracy),
    "constant": ("constant", _constant),
}


def _reference_cells(results, datasets, metric) -> dict[str, dict[str, Cell]]:
    """Reference columns that have a value somewhere, by name and data set."""
    found = {}
    for name, (_, value_of) in REFERENCES.items():
        cells = {}
        for dataset in datasets:
            n = splits_of(results.config, dataset)
            values = [
                value_of(results.split(dataset, i), results.truth(dataset, i), metric)
                for i in range(n)
            ]
            if None not in values:
                overlap = overlap_of(results, dataset)
                cells[dataset] = Cell(dataset, name, metric.name, values, n, n, {}, overlap=overlap)
        if cells:
            found[name] = cells
    return found


def _reference_text(cell: Cell) -> str:
    """A reference never fails, so that k/n would say nothing."""
    if np.ptp(cell.values) == 0:
        return cell.text().partition(" ")[0]
    return cell.text().rpartition(" (")[0]


def score_cells(results, datasets, task: str, published) -> dict[tuple[str, str], Cell]:
    """Test scores of every method on the data sets of one task, with verdicts."""
    metric = metrics.PRIMARY[task]
    cells = grid(results, datasets, results.methods(task), metric, overlap_of)
    for key, cell in cells.items():
        values = of_cell(published, cell.dataset, cell.method, metric)
        judged = {version: (p, judge(cell.values, p)) for version, p in values.items()}
        cells[key] = replace(cell, comparisons=judged)
    return cells


def all_scores(results, published) -> list[Cell]:
    """The score cells of all data sets."""
    return [
        cell
        for task in PRIMARY
        for cell in score_cells(results, results.datasets(task), task, published).values()
    ]


def _tidy(cells, references) -> pd.DataFrame:
    rows = []
    for cell in cells:
        row = cell.row()
        for v, (published, verdict) in sorted(cell.comparisons.items()):
            end = "" if v == DEFAULT_VERSION else f"_{v}"
            row[f"published{end}"] = published.value
            row[f"verdict{end}"] = verdict.word if verdict else None
            row[f"predicted_lower{end}"] = verdict.lower if verdict else None
            row[f"predicted_upper{end}"] = verdict.upper if verdict else None
            row[f"place{end}"] = published.place
        rows.append(row)
    for by_dataset in references.values():
        rows += [cell.row() for cell in by_dataset.values()]
    others = sorted({key for row in rows for key in row} - set(COLUMNS))
    return pd.DataFrame(rows, columns=COLUMNS + others)


def _block(results, title, datasets, methods, cells, references, versions) -> Block:
    header = ["data set", *map(results.label, methods)]
    header += [REFERENCES[name][0] for name in references]
    rows, below = [], []
    for dataset, row in zip(datasets, block_rows(datasets, methods, cells), strict=True):
        for by_dataset in references.values():
            row.append(_reference_text(by_dataset[dataset]) if dataset in by_dataset else DASH)
        rows.append(row)
        for version in versions:
            texts = [
                cells[dataset, m].published_text(version) if (dataset, m) in cells else ""
                for m in methods
            ]
            if any(texts):
                below.append(len(rows))
                rows.append([f"paper {version}", *texts, *[""] * len(references)])
    return Block(title or dataset_label(datasets[0]), header, rows, "method", tuple(below))


def score_table(results, published, name, title, groups) -> Table:
    """A table of test scores.

    Parameters
    ----------
    groups : list of (block title, task, data sets)
        One block each; empty ones are left out.
    """
    blocks, all_cells, all_references = [], [], {}
    for block_title, task, datasets in groups:
        if not datasets:
            continue
        metric = metrics.primary(task)
        cells = score_cells(results, datasets, task, published)
        references = _reference_cells(results, datasets, metric)
        versions = sorted({v for cell in cells.values() for v in cell.comparisons})
        methods = used_methods(results.methods(task), cells)
        blocks.append(_block(results, block_title, datasets, methods, cells, references, versions))
        all_cells += cells.values()
        for reference, by_dataset in references.items():
            all_references.setdefault(reference, {}).update(by_dataset)
    notes = [LEGEND]
    places = {p.is_median for cell in all_cells for p, _ in cell.comparisons.values()}
    of = [dataset for _, _, datasets in groups for dataset in datasets] or results.datasets()
    few = untested(fewest_splits(results.config, of))
    notes += [few] * bool(few)
    if most_splits(results.config, of) >= FEWEST:
        notes += [VERDICTS] * (False in places) + [MEDIANS] * (True in places)
    notes += processor_notes(results, all_cells)
    notes += failure_notes(all_cells) + skip_notes(results, all_cells)
    notes += implementation_notes(results, all_cells)
    notes += julia_note(results, all_cells) + configuration_notes(results, all_cells)
    return Table(name, title, _tidy(all_cells, all_references), blocks, notes)
