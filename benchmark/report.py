"""The summary of a run as Markdown, and the sentences that others share with it."""

from __future__ import annotations

import platform
from collections import Counter
from importlib import metadata

from baselines.contract import NOT_DONE
from benchmark import found, provenance
from benchmark.datasets import left_out
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.results import made_at
from benchmark.evaluation.statistics import untested
from benchmark.headline import reproduces
from benchmark.split_counts import fewest_splits, told_splits
from benchmark.tables import EXPLANATION_TABLES, TABLES, make
from benchmark.tables.cells import SYMBOLS, dataset_label, number
from benchmark.tables.scores import all_scores

MAIN_TABLES = ("leaderboard", "regression", "classification", "real")
PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "torch", "snakemake")
#: what a run's summary says of its page; a snapshot's says how to build it
SORTED = "Sorted, filtered and down to single fits:"
PAGE = f"{SORTED} [the results page](index.html)."


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


def verdict_line(version, counts) -> str:
    """A sentence for the counts of one version."""
    words = {"agrees": "agree", "better": "better", "worse": "worse", "none": "without verdict"}
    parts = [f"{counts[word]} {shown}" for word, shown in words.items() if counts[word]]
    return f"Against the paper ({version}), {sum(counts.values())} cells: {', '.join(parts)}."


def fits_line(table) -> str:
    """How many fits there are, how they ended, and their seconds."""
    n_ok = int((table.status == "ok").sum())
    failed = Counter(table.status[table.status != "ok"])
    more = "".join(f", {count} {status}" for status, count in sorted(failed.items()))
    spent = table.fit_seconds.sum() + table.predict_seconds.sum()
    return f"{len(table)} fits, {n_ok} ok{more}; {duration(spent)} in successful fits"


def in_short(fits, scores) -> list[str]:
    """How many fits there are and how they ended, and the count of verdicts, a sentence each.

    With too few splits of a data set for any verdict or test of it that is said too.
    """
    counts = verdict_counts(scores).items()
    few = untested(fits.groupby("dataset").split.nunique().min())
    verdicts = [verdict_line(*counted) for counted in counts]
    return [f"{fits_line(fits)}.", *([few] if few else []), *verdicts]


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


def _trained_on(results) -> list[str]:
    if results.config["protocol"] == "paper":
        return []
    return ["* Methods that need no validation rows of a real table were trained on them."]


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
    lines += [PAGE, ""]
    if said := found.sentences(results):
        lines += ["## What was found", "", *(f"* {line}" for line in said), ""]
    for made in tables.values():
        if made.blocks:
            lines += [f"## {made.title}", "", made.body()]
    if verdict_counts(scores):
        lines += ["## Cells that differ from the paper", ""]
        told = {cell.dataset for cell in scores if cell.comparisons}
        nothing = untested(fewest_splits(results.config, told)) or "None."
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
        f"* Seed {results.config['seed']}, {told_splits(results.config, results.tasks)}.",
        *_trained_on(results),
        f"* Fits at commit {_commits(results)}; tables at commit {_commit_now()}.",
        f"* {_versions()}, {platform.system()} {platform.machine()}.",
    ]
    return "\n".join(lines) + "\n"
