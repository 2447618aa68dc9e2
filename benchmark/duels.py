"""Ours against the others, in sentences: where it loses, and the best of either side."""

from __future__ import annotations

import baselines
from benchmark.evaluation import pairwise
from benchmark.evaluation.comparisons import compare
from benchmark.evaluation.statistics import FEWEST, cannot_tell
from benchmark.tables.cells import dataset_label
from benchmark.tables.pairs import chances
from benchmark.words import continued, count, interval, noun, over, percent

ALPHA = 0.05
NOBODY = "No method but ours beats"


def in_group(results, aggregate, group) -> list[str]:
    """The methods of an aggregate that declare a group, in the order of the run."""
    return [m for m in aggregate.errors if results.is_in(m, group)]


def ranked(results, aggregate, ours: bool) -> list[str]:
    """Ours, or the others, by mean improvability, best first; who did none of it is left out.

    The paper's algorithm is neither: whether it holds is a question of its own.
    """
    means = aggregate.mean_improvability().dropna()
    chosen = [m for m in means.index if results.is_in(m, "ours") == ours]
    return [m for m in chosen if not (ours and baselines.load(m).stands_for)]


def centre(results, aggregate) -> str | None:
    """The main one of ours, or the first of ours that the run has."""
    ours = in_group(results, aggregate, "ours")
    return next(iter([*in_group(results, aggregate, "main"), *ours]), None)


def against(results, aggregate, method, others) -> tuple[dict | None, dict | None]:
    """A method beside the best of some others, and beside the nearest one by typical error.

    Returns
    -------
    best, nearest : rows of :func:`benchmark.evaluation.pairwise.beside`
        The nearest is the one over which the method is least surely better.  None where nothing was
        compared; the nearest too where it is the best.
    """
    rows = pairwise.beside(pairwise.of_aggregate(results, aggregate), method)
    compared = [rows[other] for other in others if other in rows]
    nearest = min(compared, key=lambda row: (row["better"], -row["worse"]), default=None)
    best = rows.get(others[0]) if others else None
    return best, nearest if nearest is not best else None


def probabilities(row) -> str:
    """``smaller / practically equal / larger with probability 97 / 3 / 0 %``"""
    return f"smaller / practically equal / larger with probability {chances(row)} %"


def rivals_of(results, aggregate) -> list[str]:
    """The methods of an aggregate that are not ours, in the order of the run."""
    return [m for m in aggregate.errors if not results.is_in(m, "ours")]


def ahead(results, aggregate, method) -> list[str]:
    """Data sets on which a method that is not ours has a smaller error than one of ours."""
    errors = aggregate.errors
    best = errors[rivals_of(results, aggregate)].min(axis=1)
    return list(errors.index[(best < errors[method]) | (errors[method].isna() & best.notna())])


def typically(row) -> str:
    """``0.95 [0.94, 0.98] times as large``, or ``the score +0.5 [0.1, 0.9] points``."""
    if row["scale"] == "ratio":
        ends = interval(row["lower"], row["upper"], 1, 2)
        return f"{row['estimate']:.2f}{ends} times as large"
    ends = interval(row["lower"], row["upper"], 100, 1)
    return f"the score {100 * row['estimate']:+.1f}{ends} points"


def _pair(table, dataset, a, b):
    """The row of two methods on a data set, and whether it is told from b's side."""
    for row in table[table.dataset == dataset].itertuples():
        if {row.method_a, row.method_b} == {a, b}:
            return row, row.method_a == b
    return None, False


def _smaller(row, turned) -> str:
    """`` [38, 49]``: interval of the share by which the error of b is smaller than a's.

    Of scores that are compared by differences it is that of the difference, in points.
    """
    if row is None or row.n < FEWEST:
        return ""
    if row.scale == "ratio":
        ends = sorted((1 - v) if turned else (1 - 1 / v) for v in (row.lower, row.upper))
        return interval(*ends)
    sign = 1 if turned else -1
    ends = sorted(sign * v for v in (row.lower, row.upper))
    return f" ({100 * sign * row.estimate:+.1f}{interval(*ends, decimals=1)} points)"


def losses(results, aggregate) -> str | None:
    """Where the best of ours is beaten by what is none of ours, how surely, and where by most."""
    method = next(iter(ranked(results, aggregate, ours=True)), centre(results, aggregate))
    rivals = rivals_of(results, aggregate)
    if method is None or not rivals:
        return None
    label, errors = results.label(method), aggregate.errors
    best = errors[rivals].min(axis=1)
    behind = ahead(results, aggregate, method)
    by = f"(by {aggregate.metric.label})"
    if not len(behind):
        nearest = (best / errors[method]).min()  # infinite where ours makes no error
        return (
            f"{NOBODY} {label} on the {noun(aggregate)} {by}; the nearest error is {nearest:.2f} "
            "times as large."
        )
    n = len(errors)
    share = count(len(behind), n).partition(f" of {n}")[2]
    text = (
        f"{label} is beaten by a method that is not ours on {len(behind)} of the {noun(aggregate)}"
    )
    text += f"{share} {by}"
    table = compare(results, aggregate.metric.name)
    text += _how_surely(table, errors, method, rivals)
    shares = 1 - best[behind] / errors.loc[behind, method]
    if shares.notna().any():
        worst = shares.idxmax()
        winner = errors.loc[worst, rivals].idxmin()
        ends = _smaller(*_pair(table, worst, method, winner))
        text += f"; most on {dataset_label(worst)}, where the error of {results.label(winner)} is "
        text += f"{percent(shares[worst])}{ends} smaller"
    return f"{text}."


def _how_surely(table, errors, method, rivals) -> str:
    """On how many data sets some rival is better beyond chance, corrected for all pairs."""
    found, most = set(), 0
    for row in table[table.dataset.isin(errors.index)].itertuples():
        other = {row.method_a, row.method_b} - {method}
        if len(other) != 1 or not other <= set(rivals):
            continue
        (other,) = other
        most = max(most, row.n)
        if row.p_holm < ALPHA and errors.loc[row.dataset, other] < errors.loc[row.dataset, method]:
            found.add(row.dataset)
    if most < FEWEST:
        return f"; {cannot_tell(most)} how surely"
    shown = len(found) or "none"
    return f", on {shown} of them beyond chance (p < {ALPHA}, corrected for all pairs)"


def duels(results, found) -> str | None:
    """The best of ours against the best of the others and the nearest, task by task."""
    parts = []
    for aggregate in found:
        ours, others = (ranked(results, aggregate, side) for side in (True, False))
        best, nearest = against(results, aggregate, ours[0], others) if ours else (None, None)
        if best is None:
            continue
        label, other = results.label(ours[0]), results.label(best["method_b"])
        text = f"{over(aggregate)} the typical error of the best of ours, {label}, is beside that "
        text += f"of {other} {probabilities(best)}, {typically(best)}"
        if nearest is not None:
            rival = results.label(nearest["method_b"])
            text += f", and beside that of {rival}, the nearest rival, {chances(nearest)} %, "
            text += typically(nearest)
        parts.append(text)
    return f"{'; '.join(continued(parts))}." if parts else None
