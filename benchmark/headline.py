"""The run in a few lines: reproduced, ours on the paper's data, ours on real tables."""

from __future__ import annotations

from collections import Counter

import pandas as pd

import baselines
from benchmark.duels import against, ahead, probabilities, ranked
from benchmark.evaluation.aggregates import aggregates, primary_of
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.statistics import FEWEST, ratio_over_tables, untested
from benchmark.evaluation.verdict import LEVEL
from benchmark.metrics import PRIMARY
from benchmark.split_counts import fewest_splits
from benchmark.tables.pairs import chances
from benchmark.tables.scores import all_scores
from benchmark.words import count, interval, measured, noun

IMPROVABILITY = "the share of its error that the best method on a table would have saved"
#: of one cell, and of several
VERDICTS = {
    "agrees": ("agrees", "agree"),
    "better": ("is better in ours", "are better in ours"),
    "worse": ("is worse in ours", "are worse in ours"),
    "none": ("has no verdict", "have no verdict"),
}


def judged(cells) -> Counter:
    """Verdicts of all published values of some cells, by word, over all versions of the paper."""
    found: Counter = Counter()
    for cell in cells:
        for _, verdict in cell.comparisons.values():
            found[verdict.word if verdict else "none"] += 1
    return found


def reproduces(method: str) -> bool:
    """Whether a method is a published one: not our selection around it, nor another reading of it.

    A column with parameters of its own answers a question of its own.
    """
    one = baselines.load(method)
    published = one.stands_for is not None or "ours" not in one.groups
    return published and not baselines.parse(method)[1]


def _counted(verdicts: Counter) -> str:
    """``of 56 published cells 48 agree (86 % [74, 93]), 1 is ...``; "" without any."""
    total = sum(verdicts.values())
    told = total - verdicts["none"]
    parts = [
        f"{verdicts[word]} {shown[verdicts[word] > 1]}"
        for word, shown in VERDICTS.items()
        if verdicts[word]
    ]
    if not parts:
        return ""
    if told >= FEWEST and verdicts["agrees"]:
        share = count(verdicts["agrees"], told).partition(f" of {told} ")[2]
        parts[0] = f"{parts[0]} {share}"
    return f"of {total} published cells {', '.join(parts)}"


def _errors(results, datasets) -> pd.DataFrame:
    """Mean errors by the primary metric of each task, data sets x methods of the run."""
    rows = {}
    for dataset in datasets:
        task = results.tasks[dataset]
        name = PRIMARY[task]
        means = {m: results.values(dataset, m, name).mean() for m in results.methods(task)}
        rows[dataset] = {m: 1 - v if name == "accuracy" else v for m, v in means.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _against(errors, a, b) -> str:
    """``0.62 [0.45, 0.83]``, a geometric mean over the data sets that both do; "" without any."""
    both = errors[[a, b]].dropna()
    both = both[(both > 0).all(axis=1)]
    if both.empty:
        return ""
    ratio, lower, upper = ratio_over_tables(both[a], both[b])
    return f"{ratio:.2f}{interval(lower, upper, 1, 2)}"


def _reproduced(results, cells) -> str:
    chosen = [cell for cell in cells if reproduces(cell.method)]
    counted = _counted(judged(chosen))
    if not counted:
        return ""
    few = untested(fewest_splits(results.config, {c.dataset for c in chosen if c.comparisons}))
    more = f". {few}" if few else f"; if all truly agreed, {100 * LEVEL:.0f} % would be found to."
    for method in dict.fromkeys(cell.method for cell in cells):
        own = judged([cell for cell in cells if cell.method == method])
        if baselines.parse(method)[1] and (apart := _counted(own)):
            more += f" {results.label(method)}, counted apart: {apart}."
    return f"**Reproduced** (the paper's algorithm and its rivals): {counted}{more}"


def _ours_on_the_papers(results, cells, published) -> str:
    datasets = [d for d in results.datasets() if d in {value.dataset for value in published}]
    errors = _errors(results, datasets)
    standing = [m for m in errors if baselines.load(m).stands_for]
    ours = [m for m in errors if results.is_in(m, "ours") and m not in standing]
    ratios, counts = [], []
    for method in ours:
        if standing and (ratio := _against(errors, method, standing[0])):
            ratios.append(f"{results.label(method)} {ratio}")
        if counted := _counted(judged([cell for cell in cells if cell.method == method])):
            counts.append(f"{results.label(method)}: {counted}")
    if not ratios and not counts:
        return ""
    parts = [*([", ".join(ratios)] if ratios else []), *counts]
    told = f", error relative to {results.label(standing[0])}" if ratios else ""
    where = f" ({len(datasets)} data sets){told}"
    return f"**Ours on the paper's data**{where}: {'; '.join(parts)}."


def _ours_on_real(results) -> list[str]:
    """A line per task, the losses first."""
    found, lines = aggregates(results), []
    for task in PRIMARY:
        aggregate = primary_of(found, task, "real")
        if aggregate is None or len(aggregate.datasets) < FEWEST:
            continue
        ours, others = (ranked(results, aggregate, side) for side in (True, False))
        if not ours or not others:
            continue
        label, other = results.label(ours[0]), results.label(others[0])
        meaning = "" if lines else f" ({IMPROVABILITY})"
        text = f"**Ours on {noun(aggregate)}**: a method that is not ours has a smaller error than "
        text += f"{label} on {len(ahead(results, aggregate, ours[0])) or 'none'}. "
        text += f"Mean improvability{meaning}: {label} {measured(aggregate, ours[0])}, "
        text += f"the best other, {other}, {measured(aggregate, others[0])}."
        best, nearest = against(results, aggregate, ours[0], others)
        if best is not None:
            text += f" Beside that of {other} the typical error of {label} is {probabilities(best)}"
            if nearest is not None:
                rival = results.label(nearest["method_b"])
                text += f", beside that of {rival}, the nearest rival, {chances(nearest)} %"
            text += "."
        few = untested(fewest_splits(results.config, aggregate.datasets))
        lines.append(f"{text} {few}" if few else text)
    return lines


def headline(results, published=None) -> str:
    """The run in up to four lines of Markdown, for the top of the project's README.

    In brackets stand 95 % intervals: Wilson's of a share of cells, of a bootstrap over data sets.
    """
    published = read_published() if published is None else published
    cells = all_scores(results, published)
    lines = [
        _reproduced(results, cells),
        _ours_on_the_papers(results, cells, published),
        *_ours_on_real(results),
    ]
    return "".join(f"* {line}\n" for line in lines if line)
