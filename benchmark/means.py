"""One table of means per task, as the project's README shows the published one."""

from __future__ import annotations

from benchmark.evaluation import processors
from benchmark.evaluation.published import read as read_published
from benchmark.metrics import PRIMARY, primary
from benchmark.tables.cells import SYMBOLS, dataset_label, number
from benchmark.tables.scores import all_scores
from benchmark.tables.table import DASH, Block


def means(results, published=None) -> str:
    """A table of means per task in Markdown; in brackets the paper's value and the verdict."""
    published = read_published() if published is None else published
    scores = all_scores(results, published)
    parts = [
        compact(results, scores, task, results.label) for task in PRIMARY if results.datasets(task)
    ]
    return "\n\n".join(parts) + "\n"


def compact(results, cells, task, label=str, methods=None) -> str:
    """One row per data set, ``mean (published symbol)`` per method (None: all); failures as k/n.

    Turned if too wide.
    """

    def text(cell):
        if cell is None:
            return DASH
        if not cell.values:
            return "skipped" if set(cell.failures) == {"skipped"} else "failed"
        shown = number(cell.mean) + (processors.MARK if cell.depends_on_processor else "")
        # of a value in both versions of the paper, that of the first
        for _, (published, verdict) in sorted(cell.comparisons.items())[:1]:
            shown += f" ({published.text} {SYMBOLS[verdict.word]})" if verdict else ""
        return shown + (f" {cell.n_ok}/{cell.n}" if cell.failures else "")

    by_key = {(cell.dataset, cell.method): cell for cell in cells}
    methods = results.methods(task) if methods is None else methods
    datasets = results.datasets(task)
    rows = [[dataset_label(d), *(text(by_key.get((d, m))) for m in methods)] for d in datasets]
    metric = primary(task)
    corner = f"{metric.name} ({'larger' if metric.larger_is_better else 'smaller'} is better)"
    block = Block("", [corner, *map(label, methods)], rows, corner)
    return "\n\n".join(piece.markdown() for piece in block.pieces())
