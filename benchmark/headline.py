"""A run in a few lines and one table of means, as the project's README shows the published one."""

from __future__ import annotations

from collections import Counter

import pandas as pd

import baselines
from benchmark import report
from benchmark.evaluation import processors
from benchmark.evaluation.published import DEFAULT_VERSION
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.statistics import untested
from benchmark.metrics import PRIMARY, primary
from benchmark.tables.cells import SYMBOLS, dataset_label, number
from benchmark.tables.table import DASH, Block


def _counted(scores, method=None) -> str:
    """``of 44 published cells 37 agree, ...``, over all versions of the paper; "" without any."""
    total = sum(report.verdict_counts(scores, method).values(), Counter())
    words = {"agrees": "agree", "better": "are better in ours", "worse": "are worse in ours"}
    words["none"] = "have no verdict"
    parts = [f"{total[word]} {shown}" for word, shown in words.items() if total[word]]
    return f"of {sum(total.values())} published cells {', '.join(parts)}" if parts else ""


def _exact(results, method) -> str:
    """How often a method finds exactly the true features, where some interact; "" if it cannot."""
    datasets = [
        d
        for d in results.datasets("regression", "synthetic")
        if results.truth(d).interacting is not None and results.truth(d).interacting.any()
    ]
    found = []
    for metric in ("beta_exact", "interaction_exact"):
        values = pd.concat([results.values(d, method, metric) for d in datasets] or [pd.Series()])
        if not len(values):
            return ""
        found.append(f"{int(values.sum())} of {len(values)}")
    return f"{results.label(method)} {found[0]}, {found[1]}"


def headline(results, published=None) -> str:
    """The run in a few lines of Markdown, for the top of the project's README."""
    published = read_published() if published is None else published
    scores = report.all_scores(results, published)
    lines = []
    if counted := _counted(scores):
        lines.append(f"**Against the paper:** {counted}.")
    for method in results.methods():
        if not baselines.load(method).stands_for:
            continue
        if counted := _counted(scores, method):
            lines.append(f"**{results.label(method)}:** {counted}.")
    supports = [_exact(results, m) for m in results.methods() if results.is_in(m, "ours")]
    if supports := [text for text in supports if text]:
        lines.append(
            "**Structure** (toy, regression 1 to 3), fits that find exactly the features with a "
            f"coefficient, and exactly those that interact: {'; '.join(supports)}."
        )
    if few := untested(results.config["splits"]):
        lines.append(f"**{few.replace(':', ':**', 1)}")
    fits = report.fits_line(results.fits)
    lines.append(f"**Every cell is accounted for:** {fits}.")
    return "\n".join(f"* {line}" for line in lines) + "\n"


def means(results, published=None) -> str:
    """A table of means per task in Markdown, with the verdict against the paper as a mark."""
    published = read_published() if published is None else published
    scores = report.all_scores(results, published)
    parts = [
        compact(results, scores, task, results.label) for task in PRIMARY if results.datasets(task)
    ]
    return "\n\n".join(parts) + "\n"


def compact(results, cells, task, label=str, methods=None) -> str:
    """One row per data set, ``mean symbol`` per method (None: all); failures as k/n.

    Turned if too wide.
    """

    def text(cell):
        if cell is None:
            return DASH
        if not cell.values:
            return "skipped" if set(cell.failures) == {"skipped"} else "failed"
        shown = number(cell.mean) + (processors.MARK if cell.depends_on_processor else "")
        _, verdict = cell.comparisons.get(DEFAULT_VERSION, (None, None))
        shown += f" {SYMBOLS[verdict.word]}" if verdict else ""
        return shown + (f" {cell.n_ok}/{cell.n}" if cell.failures else "")

    by_key = {(cell.dataset, cell.method): cell for cell in cells}
    methods = results.methods(task) if methods is None else methods
    datasets = results.datasets(task)
    rows = [[dataset_label(d), *(text(by_key.get((d, m))) for m in methods)] for d in datasets]
    metric = primary(task)
    corner = f"{metric.name} ({'larger' if metric.larger_is_better else 'smaller'} is better)"
    block = Block("", [corner, *map(label, methods)], rows, corner)
    return "\n\n".join(piece.markdown() for piece in block.pieces())
