"""The sentences of what a run has found, each with its numbers and their intervals.

Each function returns None where the run has no numbers for its sentence.  Of whom a sentence
speaks, the families and groups say that methods declare.
"""

from __future__ import annotations

import math

from baselines.contract import FAMILIES
from benchmark.duels import centre, in_group
from benchmark.evaluation import properties
from benchmark.evaluation.aggregates import seconds_of_fits
from benchmark.evaluation.pareto import SIZE, costs
from benchmark.evaluation.statistics import FEWEST, halves, mean_over_tables
from benchmark.tables.cells import dataset_label, number
from benchmark.words import continued, count, interval, join, measured, noun, ordinal, over

CLOSE = 0.05  # of the error: "nearly as good"
EXACT = ("beta_exact", "interaction_exact")  # metrics of whether a fit found the structure


def leaders(results, aggregate) -> str:
    """Who is closest to the best over the data sets of a group, and where ours stands."""
    means = aggregate.mean_improvability().dropna()
    first = [f"{results.label(m)} ({measured(aggregate, m)})" for m in means.index[:3]]
    text = f"{over(aggregate)} (by {aggregate.metric.label}) the least mean improvability is "
    text += f"that of {first[0]}" + (f", before {join(first[1:])}" if first[1:] else "")
    method = centre(results, aggregate)
    if method in means.index and method not in means.index[:3]:
        place = list(means.index).index(method) + 1
        text += f"; {results.label(method)} is {ordinal(place)} of {len(means)} "
        text += f"({measured(aggregate, method)})"
    ranking = aggregate.ranking
    if not math.isnan(ranking.critical_difference) and len(aggregate.datasets) >= FEWEST:
        average = ranking.average
        near = int((average <= average.iloc[0] + ranking.critical_difference).sum())
        shown = f"all {near}" if near == len(average) else f"{near} of {len(average)}"
        text += f"; {shown} methods are within the critical difference "
        text += f"{ranking.critical_difference:.1f} of the best average rank"
    return f"{text}."


def readable(results, found) -> str | None:
    """The best black box beside the best method that can be read, task by task."""
    parts = []
    for aggregate in found:
        means = aggregate.mean_improvability().dropna()
        black = [m for m in means.index if results.is_in(m, "black_box")]
        others = [m for m in means.index if m not in black]
        if not black or not others:
            continue
        box, model = black[0], others[0]
        both = aggregate.errors[[box, model]].dropna()
        wins = int((both[model] < both[box]).sum())
        shares = aggregate.improvability
        gap, lower, upper = mean_over_tables(shares[model] - shares[box])
        parts.append(
            f"{over(aggregate)} the best black box, {results.label(box)}, has a mean "
            f"improvability of {measured(aggregate, box)}, and the best method that can be read, "
            f"{results.label(model)}, of {measured(aggregate, model)} (difference "
            f"{100 * gap:+.1f}{interval(lower, upper, decimals=1)} points); the latter has the "
            f"smaller error on {count(wins, len(both))}"
        )
    return f"{'; '.join(continued(parts))}." if parts else None


def linear(results, real, control) -> str | None:
    """Where a straight line is best, or nearly."""
    close, lines, parts, any_real = 0, {}, [], False
    for group, chosen in (("real table", real), ("linear control", control)):
        names, total = [], 0
        for aggregate in chosen:
            model = in_group(results, aggregate, "linear")
            if not model:
                continue
            lines[model[0]] = results.label(model[0]).lower()
            shares = aggregate.improvability[model[0]]
            total += len(shares)
            names += [dataset_label(d) for d in shares.index[shares == 0]]
            if group == "real table":
                any_real = True
                close += int(((shares > 0) & (shares <= CLOSE)).sum())
        if total:
            listed = f" ({', '.join(names)})" if names else ""
            shown = count(len(names), total)
            head, _, tail = shown.partition(f" of {total}")
            many = "s" if total > 1 else ""
            parts.append(f"on {head} of {total} {group}{many}{tail}{listed}")
    if not parts:
        return None
    near = f"; on {close} more real tables the best error is at most {100 * CLOSE:.0f} % smaller"
    return (
        f"A linear model ({', '.join(lines.values())}) is the best method {join(parts)}"
        f"{near if any_real else ''}."
    )


def predictors(results, found) -> str | None:
    """The property of data sets that goes most clearly with the lead of ours, task by task."""
    parts = []
    for aggregate in found:
        if len(aggregate.datasets) < FEWEST or aggregate.group == "synthetic":
            continue
        families = properties.families_of(results, aggregate.errors)
        name = next(iter(families))
        table = properties.of_aggregate(results, aggregate)
        rows = properties.associations(table, aggregate.errors, {name: families[name]})
        rows = rows.dropna()
        if rows.empty:
            continue
        row = rows.loc[rows.correlation.abs().idxmax()]
        clear = row.lower > 0 or row.upper < 0
        parts.append(
            f"{over(aggregate)} the lead of {FAMILIES[name]} goes most with {row.property} "
            f"(Spearman {row.correlation:+.2f}{interval(row.lower, row.upper, 1, 2)}"
            f"{'' if clear else ', which may be chance'})"
        )
    return f"{'; '.join(continued(parts))}." if parts else None


def alike(found) -> str | None:
    """Whether two halves of the data sets rank the methods alike, task by task."""
    parts = []
    for aggregate in found:
        if half := halves(aggregate.ranking.ranks):
            parts.append(
                f"two halves of the {noun(aggregate)} rank the methods with a Spearman "
                f"correlation of {half.median:.2f}{interval(half.lower, half.upper, 1, 2)}"
            )
    text = "; ".join(parts)
    return (
        f"{text[0].upper()}{text[1:]} (median and range of 95 % of random halves)."
        if text
        else None
    )


def fronts(results, found) -> str | None:
    """Who is on the fronts of reading and of seconds, task by task."""
    parts = []
    for aggregate in found:
        table = costs(results, aggregate)
        both = table.index[table.on_reading & table.on_seconds]
        names = [
            f"{results.label(m)} (size {table[SIZE][m]:.0f}, {number(table.seconds[m])} s, "
            f"{measured(aggregate, m)})"
            for m in both
        ]
        if table.on_reading.any():
            shown = join(names) if names else "no method"
            what = "is on both fronts" if len(names) < 2 else "are on both fronts"
            parts.append(
                f"{over(aggregate)} {shown} {what}, error against size of reading and against "
                "seconds"
            )
    return f"{'; '.join(continued(parts))}." if parts else None


def cost(results, aggregate) -> str | None:
    """Seconds of ours beside those of the leader and of a linear model, with their quartiles."""
    methods = [centre(results, aggregate), aggregate.mean_improvability().index[0]]
    methods += in_group(results, aggregate, "linear")
    texts = []
    for method in dict.fromkeys(methods):
        seconds = seconds_of_fits(results, aggregate.datasets, method)
        if len(seconds):
            low, middle, high = seconds.quantile([0.25, 0.5, 0.75])
            ends = f" [{number(low)}, {number(high)}]"
            texts.append(f"{results.label(method)} {number(middle)}{ends} s")
    if not texts:
        return None
    return (
        f"On the {noun(aggregate)} the median fit takes, with all that is tried and as a median "
        f"over data sets (in brackets the quartiles): {join(texts)}."
    )


def structure(results) -> str | None:
    """How often ours find exactly the features that act, and exactly those that interact."""
    datasets = [
        d
        for d in results.datasets("regression", "synthetic")
        if results.truth(d).interacting is not None
    ]
    texts = []
    for method in results.methods("regression"):
        found = [[v for d in datasets for v in results.values(d, method, name)] for name in EXACT]
        if results.is_in(method, "ours") and all(found):
            shown = [count(int(sum(values)), len(values)) for values in found]
            texts.append(f"{results.label(method)} {shown[0]}, {shown[1]}")
    if not texts:
        return None
    where = ", ".join(map(dataset_label, datasets))
    return (
        f"Fits on {where} that find exactly the features with a coefficient, and exactly those "
        f"that interact: {'; '.join(texts)}."
    )
