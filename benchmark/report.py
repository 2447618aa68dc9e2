"""The summary of a run: for a reader as Markdown, for the terminal in short."""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from importlib import metadata
from pathlib import Path

from baselines.contract import NOT_DONE
from benchmark import found, provenance
from benchmark.config import cells as cells_of
from benchmark.datasets import left_out, splits
from benchmark.evaluation import processors
from benchmark.evaluation.published import DEFAULT_VERSION
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.results import Results, made_at
from benchmark.evaluation.statistics import untested
from benchmark.fitting import records
from benchmark.headline import reproduces
from benchmark.metrics import PRIMARY, primary
from benchmark.tables import EXPLANATION_TABLES, TABLES, make
from benchmark.tables.cells import SYMBOLS, dataset_label, number
from benchmark.tables.scores import score_cells
from benchmark.tables.table import DASH, Block

MAIN_TABLES = ("leaderboard", "regression", "classification", "real")
PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "torch", "snakemake")
SHOWN_IN_TERMINAL = 20


def duration(seconds: float) -> str:
    """``3 h 05 min``, ``5 min 12 s`` or ``12.3 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def failures(results) -> list[str]:
    """One line per failed fit: cell, status, reason, log.

    A fit that was skipped because the config allows it, or because the method does not do such
    data, is no failure; :func:`skipped` counts it.
    """
    lines = []
    allowed = results.config["missing_packages"] == "skip"
    for row in results.fits[results.fits.status != "ok"].itertuples():
        if row.status == "skipped" and (allowed or str(row.error).startswith(f"{NOT_DONE}: ")):
            continue
        reason = str(row.error).splitlines()[0] if isinstance(row.error, str) else "no reason given"
        reason = reason.removeprefix(f"{row.status}: ")  # a limit is its own error class
        lines.append(
            f"{row.dataset} {row.method} split {row.split}: {row.status}: {reason} (log: {row.log})"
        )
    return lines


def skipped(results) -> list[str]:
    """One line per method and reason: how many fits, and what it needs or does not do.

    And one per data set that the config lets be left out where it cannot be had.
    """
    fits = results.fits[results.fits.status == "skipped"]
    lines = [
        f"{method}: {len(rows)} fits skipped, {error.partition(': ')[2]}"
        for (method, error), rows in fits.groupby(["method", "error"], sort=False)
    ]
    absent = left_out(results.config)
    return lines + [f"{name}: data set left out, it {why}" for name, why in absent.items()]


def all_scores(results, published) -> list:
    """The score cells of all data sets."""
    return [
        cell
        for task in PRIMARY
        for cell in score_cells(results, results.datasets(task), task, published).values()
    ]


def departures(results, scores) -> list[str]:
    """One line per cell whose published value lies outside the prediction interval."""
    lines = []
    for cell in scores:
        for version, (published, verdict) in sorted(cell.comparisons.items()):
            if verdict is None or verdict.word == "agrees":
                continue
            lines.append(
                f"{SYMBOLS[verdict.word]} {verdict.word}: {dataset_label(cell.dataset)}, "
                f"{results.label(cell.method)}: {cell.metric} {cell.text()}, paper {version} "
                f"{published.text}, expected between {number(verdict.lower)} and "
                f"{number(verdict.upper)}"
            )
    return lines


def verdict_counts(scores) -> dict[str, Counter]:
    """How many published cells agree, are better, are worse in ours, by version of the paper.

    A value of the paper's algorithm is held against that, and not against our selection around it.
    """
    counts: dict[str, Counter] = {}
    for cell in scores:
        if not reproduces(cell.method):
            continue
        for version, (_, verdict) in sorted(cell.comparisons.items()):
            word = verdict.word if verdict else "none"
            counts.setdefault(version, Counter())[word] += 1
    return counts


def _verdict_line(version, counts) -> str:
    words = {"agrees": "agree", "better": "better", "worse": "worse", "none": "without verdict"}
    parts = [f"{counts[word]} {shown}" for word, shown in words.items() if counts[word]]
    return f"Against the paper ({version}), {sum(counts.values())} cells: {', '.join(parts)}."


def means(results, published=None) -> str:
    """A table of means per task in Markdown, with the verdict against the paper as a mark."""
    published = read_published() if published is None else published
    scores = all_scores(results, published)
    parts = [
        _compact(results, scores, task, results.label) for task in PRIMARY if results.datasets(task)
    ]
    return "\n\n".join(parts) + "\n"


def _fits_line(table) -> str:
    n_ok = int((table.status == "ok").sum())
    failed = Counter(table.status[table.status != "ok"])
    more = "".join(f", {count} {status}" for status, count in sorted(failed.items()))
    spent = table.fit_seconds.sum() + table.predict_seconds.sum()
    return f"{len(table)} fits, {n_ok} ok{more}; {duration(spent)} in successful fits"


def in_short(fits, scores) -> list[str]:
    """How many fits there are and how they ended, and the count of verdicts, a sentence each.

    With too few splits for any verdict or test that is said too.
    """
    counts = verdict_counts(scores).items()
    few = untested(fits.split.nunique())
    verdicts = [_verdict_line(*counted) for counted in counts]
    return [f"{_fits_line(fits)}.", *([few] if few else []), *verdicts]


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _commits(results) -> str:
    made = sorted(results.commits().items())
    return ", ".join(f"{commit} ({count} fits)" for commit, count in made)


def _commit_now() -> str:
    commit, dirty = provenance.commit()
    return made_at({"commit": commit, "dirty": dirty})


def _where_explanations_are(config) -> list[str]:
    """Rows of the table of files, for a run that explains its fits."""
    if not config["explanations"]:
        return []
    run = config["run"]
    return [
        f"| `results/{run}/answers.md` | what explanations are worth, in four answers |",
        f"| `results/{run}/tables/explained_*` | {', '.join(EXPLANATION_TABLES)} |",
        f"| `results/{run}/graded.csv`, `explained.csv` | one row per explanation and measure |",
    ]


def summary(results, wall_seconds: float | None = None, published=None) -> str:
    """The run's README in Markdown.

    Parameters
    ----------
    results : benchmark.evaluation.results.Results
    wall_seconds : how long the command has taken so far, if known
    """
    published = read_published() if published is None else published
    table, run = results.fits, results.run
    scores = all_scores(results, published)
    tables = {name: make(name, results, published) for name in MAIN_TABLES}
    failed, differing = failures(results), departures(results, scores)
    counted, *verdicts = in_short(table, scores)
    lines = [f"# Run {run}", "", counted, ""]
    if results.config["reduced"]:
        lines += ["This is a reduced run: its numbers say that everything works, not more.", ""]
    for verdict in verdicts:
        lines += [verdict, ""]
    lines += ["Sorted, filtered and down to single fits: [the results page](index.html).", ""]
    if said := found.sentences(results):
        lines += ["## What was found", "", *(f"* {line}" for line in said), ""]
    for made in tables.values():
        if made.blocks:
            lines += [f"## {made.title}", "", made.body()]
    if verdict_counts(scores):
        lines += ["## Cells that differ from the paper", ""]
        nothing = untested(results.config["splits"]) or "None."
        lines += [*(f"* {line}" for line in differing), ""] if differing else [nothing, ""]
    lines += ["## Failures", ""]
    lines += [f"* {line}" for line in failed] or ["None."]
    if left_out := skipped(results):
        lines += ["", "## Skipped", "", *(f"* {line}" for line in left_out)]
    lines += ["", "## Where things are", "", "| where | what |", "|---|---|"]
    lines += [
        f"| `results/{run}/index.html` | the results page; opens from disk without a network |",
        f"| `results/{run}/tables/` | {', '.join(TABLES)}: CSV, Markdown, LaTeX |",
        f"| `figures/{run}/` | figures: PDF and PNG |",
        f"| `results/{run}/fits.csv` | one row per data set, split and method: status, cost |",
        f"| `results/{run}/scores.csv` | one row per fit and metric |",
        f"| `results/{run}/records/` | records, with predictions and coefficients beside them |",
        *_where_explanations_are(results.config),
        f"| `data/{run}/` | the splits, with `manifest.csv` |",
        f"| `logs/{run}/` | what each method printed |",
    ]
    lines += ["", "## What made it", ""]
    if wall_seconds is not None:
        lines += [
            f"* The command that wrote this took {duration(wall_seconds)} up to here; fits that "
            "were there already were not repeated."
        ]
    lines += [
        f"* Seed {results.config['seed']}, {results.config['splits']} splits.",
        f"* Fits at commit {_commits(results)}; tables at commit {_commit_now()}.",
        f"* {_versions()}, {platform.system()} {platform.machine()}.",
    ]
    return "\n".join(lines) + "\n"


def _compact(results, cells, task, label=str, methods=None) -> str:
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


def _fitting(results, scores, task, width) -> list[str]:
    """The table of a task in as few parts as fit into a terminal, side by side made one below."""
    methods = results.methods(task)
    for parts in range(1, len(methods) + 1):
        size = -(-len(methods) // parts)
        blocks = [
            _compact(results, scores, task, methods=methods[start : start + size])
            for start in range(0, len(methods), size)
        ]
        if max(len(line) for block in blocks for line in block.splitlines()) <= width:
            break
    return "\n\n".join(blocks).splitlines()


def terminal(
    results, wall_seconds: float | None = None, published=None, width: int | None = None
) -> str:
    """The short version for the terminal, ``width`` characters wide (None: that of this one)."""
    width = shutil.get_terminal_size((120, 40)).columns if width is None else width
    published = read_published() if published is None else published
    scores = all_scores(results, published)
    lines = [f"Run {results.run}: {_fits_line(results.fits)}"]
    if wall_seconds is not None:
        lines[0] += f"; this command took {duration(wall_seconds)}"
    for task in PRIMARY:
        if results.datasets(task):
            lines += ["", *_fitting(results, scores, task, width)]
    counts, few = verdict_counts(scores), untested(results.config["splits"])
    judged = counts and not few
    beside = "; beside the paper's value ours ✓ agrees, is ▲ better, ▼ worse" if judged else ""
    lines += ["", f"Mean over splits{beside}."] + [few] * bool(few)
    if DEFAULT_VERSION in counts:
        lines.append(_verdict_line(DEFAULT_VERSION, counts[DEFAULT_VERSION]))
    failed = failures(results)
    if failed:
        lines += ["", f"{len(failed)} fits failed:"]
        lines += [f"  {line}" for line in failed[:SHOWN_IN_TERMINAL]]
        more = len(failed) - SHOWN_IN_TERMINAL
        lines += [f"  and {more} more, listed in the summary"] if more > 0 else []
    lines += [f"  {line}" for line in skipped(results)]
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
        for index in range(config["splits"])
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
    return terminal(Results(config, root), wall_seconds)
