"""What the terminal shows of a run when the command ends."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmark import report
from benchmark.config import cells as cells_of
from benchmark.datasets import splits
from benchmark.evaluation.published import DEFAULT_VERSION
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.results import Results
from benchmark.evaluation.statistics import FEWEST, untested
from benchmark.fitting import records
from benchmark.means import compact
from benchmark.metrics import PRIMARY
from benchmark.split_counts import fewest_splits, most_splits, splits_of
from benchmark.tables.scores import all_scores

SHOWN = 20  # failures


def _fitting(results, scores, task, width) -> list[str]:
    """The table of a task in as few parts as fit into a terminal, side by side made one below."""
    methods = results.methods(task)
    for parts in range(1, len(methods) + 1):
        size = -(-len(methods) // parts)
        blocks = [
            compact(results, scores, task, methods=methods[start : start + size])
            for start in range(0, len(methods), size)
        ]
        if max(len(line) for block in blocks for line in block.splitlines()) <= width:
            break
    return "\n\n".join(blocks).splitlines()


def summary(
    results, wall_seconds: float | None = None, published=None, width: int | None = None
) -> str:
    """The short version for the terminal, ``width`` characters wide (None: that of this one)."""
    width = shutil.get_terminal_size((120, 40)).columns if width is None else width
    published = read_published() if published is None else published
    scores = all_scores(results, published)
    lines = [f"Run {results.run}: {report.fits_line(results.fits)}"]
    if wall_seconds is not None:
        lines[0] += f"; this command took {report.duration(wall_seconds)}"
    for task in PRIMARY:
        if results.datasets(task):
            lines += ["", *_fitting(results, scores, task, width)]
    fewest = fewest_splits(results.config, results.tasks)
    counts, few = report.verdict_counts(scores), untested(fewest)
    judged = counts and most_splits(results.config, results.tasks) >= FEWEST
    beside = "; beside the paper's value ours ✓ agrees, is ▲ better, ▼ worse" if judged else ""
    lines += ["", f"Mean over splits{beside}."] + [few] * bool(few)
    if DEFAULT_VERSION in counts:
        lines.append(report.verdict_line(DEFAULT_VERSION, counts[DEFAULT_VERSION]))
    failed = report.failures(results)
    if failed:
        lines += ["", f"{len(failed)} fits failed:"]
        lines += [f"  {line}" for line in failed[:SHOWN]]
        more = len(failed) - SHOWN
        lines += [f"  and {more} more, listed in the summary"] if more > 0 else []
    lines += [f"  {line}" for line in report.skipped(results)]
    page = results.root / "results" / results.run / "index.html"
    lines += ["", *([f"Page: results/{results.run}/index.html"] if page.exists() else [])]
    if results.config["explanations"]:
        lines.append(f"Explanations: results/{results.run}/answers.md")
    lines.append(f"Summary: results/{results.run}/README.md")
    return "\n".join(lines)


def closing(config, wall_seconds: float | None = None, root=".") -> str:
    """What the terminal shows when the command ends, whichever way it ended.

    A run whose records are not all there, or are newer than the table of fits, has no summary: the
    text says how far it got.
    """
    root = Path(root)
    gathered = root / "results" / config["run"] / "fits.csv"
    paths = [
        root / records.path_of(config["run"], dataset, method, index)
        for dataset, method in cells_of(config)
        for index in range(splits_of(config, dataset))
    ]
    there = [path for path in paths if path.exists()]
    if len(there) < len(paths):
        return f"Run {config['run']} is not finished: {len(there)} of {len(paths)} fits are there."
    changed = gathered.stat().st_mtime if gathered.exists() else 0.0
    if any(path.stat().st_mtime > changed for path in there):
        return (
            f"Run {config['run']} is not finished: all {len(paths)} fits are there, "
            "but they have not been gathered."
        )
    data = [splits.path_of(config["run"], d, 0) for d, _ in cells_of(config)]
    if not all((root / path).exists() for path in data):
        return f"Run {config['run']}: its data are not there."
    return summary(Results(config, root), wall_seconds)
