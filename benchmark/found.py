"""What a run has found, in at most ten sentences with their numbers, losses of NIMO first.

Every sentence is made from the results: one that the run has no numbers for is left out.
"""

from __future__ import annotations

import math

import pandas as pd

from benchmark.datasets import GROUPS
from benchmark.evaluation.aggregates import Aggregate, aggregates, primary_of, seconds_of_fit
from benchmark.evaluation.comparisons import compare
from benchmark.evaluation.statistics import FEWEST, cannot_tell
from benchmark.metrics import PRIMARY
from benchmark.tables.cells import dataset_label, number

MOST = 10
ALPHA = 0.05
CLOSE = 0.05  # of the error: "nearly as good"
HEAD = (
    "Made from the results of this run by `benchmark/found.py`. Improvability: the share of a "
    "method's error that the best method on the same data set does not make, averaged over data "
    "sets; 0 % is best everywhere. Errors are means over splits."
)
NOUNS = {"synthetic": "synthetic {} data sets", "control": "linear {} controls"}


def _noun(aggregate: Aggregate) -> str:
    """``13 real regression tables``, ``one real regression table``."""
    n = len(aggregate.datasets)
    words = NOUNS.get(aggregate.group, "real {} tables").format(aggregate.task)
    return f"{n} {words}" if n != 1 else f"one {words.removesuffix('s')}"


def _over(aggregate: Aggregate) -> str:
    """``Over the 13 real regression tables``."""
    return f"{'Over' if len(aggregate.datasets) > 1 else 'On'} the {_noun(aggregate)}"


def _percent(share) -> str:
    return f"{100 * share:.1f} %"


def _join(words) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _ordinal(place) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ending}"


def _in_group(results, aggregate, group) -> list[str]:
    """The methods of an aggregate that declare a group, in the order of the run."""
    return [m for m in aggregate.errors if results.is_in(m, group)]


def _centre(results, aggregate) -> str | None:
    """The main one of ours, or the first of ours that the run has."""
    ours = _in_group(results, aggregate, "ours")
    return next(iter([*_in_group(results, aggregate, "main"), *ours]), None)


def _how_surely(results, aggregate, method, rivals) -> str:
    """On how many data sets some rival is better beyond chance, corrected for all pairs.

    Or that there are too few splits to say so.
    """
    table = compare(results, aggregate.metric.name)
    table = table[table.dataset.isin(aggregate.datasets)]
    table = table[(table.method_a == method) | (table.method_b == method)]
    found, most = set(), 0
    for row in table.itertuples():
        other = row.method_b if row.method_a == method else row.method_a
        if other not in rivals:
            continue
        most = max(most, row.n)
        errors = aggregate.errors.loc[row.dataset]
        if row.p_holm < ALPHA and errors[other] < errors[method]:
            found.add(row.dataset)
    if most < FEWEST:
        return f"; {cannot_tell(most)} how surely"
    return (
        f", on {len(found) or 'none'} of them beyond chance (p < {ALPHA}, corrected for all pairs)"
    )


def losses(results, aggregate) -> str | None:
    """Where ours is beaten by what is none of ours, how surely, and where by most."""
    method = _centre(results, aggregate)
    rivals = [m for m in aggregate.errors if not results.is_in(m, "ours")]
    if method is None or not rivals:
        return None
    label, errors = results.label(method), aggregate.errors
    best = errors[rivals].min(axis=1)
    behind = errors.index[(best < errors[method]) | (errors[method].isna() & best.notna())]
    where = f"the {_noun(aggregate)} (by {aggregate.metric.label})"
    if not len(behind):
        return f"No other method beats {label} on {where}."
    text = f"{label} is beaten on {len(behind)} of {where}"
    text += _how_surely(results, aggregate, method, rivals)
    shares = 1 - best[behind] / errors.loc[behind, method]
    if shares.notna().any():
        worst = shares.idxmax()
        winner = results.label(errors.loc[worst, rivals].idxmin())
        text += f"; most on {dataset_label(worst)}, where the error of {winner} is "
        text += f"{_percent(shares[worst])} smaller"
    return f"{text}."


def leaders(results, aggregate) -> str:
    """Who is closest to the best over the data sets of a group, and where ours stands."""
    means = aggregate.mean_improvability().dropna()
    first = [f"{results.label(m)} ({_percent(means[m])})" for m in means.index[:3]]
    text = f"{_over(aggregate)} (by {aggregate.metric.label}) the least mean improvability is "
    text += f"that of {first[0]}" + (f", before {_join(first[1:])}" if first[1:] else "")
    method = _centre(results, aggregate)
    if method in means.index and method not in means.index[:3]:
        place = list(means.index).index(method) + 1
        text += f"; {results.label(method)} is {_ordinal(place)} of {len(means)} "
        text += f"({_percent(means[method])})"
    ranking = aggregate.ranking
    if not math.isnan(ranking.critical_difference):
        average = ranking.average
        near = int((average <= average.iloc[0] + ranking.critical_difference).sum())
        count = f"all {near}" if near == len(average) else f"{near} of {len(average)}"
        text += f"; {count} methods are within the critical difference "
        text += f"{ranking.critical_difference:.1f} of the best average rank"
    return f"{text}."


def readable(results, aggregate) -> str | None:
    """The best black box beside the best method that can be read."""
    means = aggregate.mean_improvability().dropna()
    black = [m for m in means.index if results.is_in(m, "black_box")]
    others = [m for m in means.index if m not in black]
    if not black or not others:
        return None
    box, model = black[0], others[0]
    both = aggregate.errors[[box, model]].dropna()
    wins = int((both[model] < both[box]).sum())
    return (
        f"{_over(aggregate)} the best black box, {results.label(box)}, has a mean "
        f"improvability of {_percent(means[box])}, and the best method that can be read, "
        f"{results.label(model)}, of {_percent(means[model])}; the latter has the smaller error "
        f"on {wins} of {len(both)}."
    )


def linear(results, found) -> str | None:
    """Where a straight line is best, or nearly."""
    best: dict[str, list[str]] = {"real": [], "control": []}
    close, total, lines = 0, {"real": 0, "control": 0}, {}
    for task in PRIMARY:
        for group in total:
            aggregate = primary_of(found, task, group)
            model = [] if aggregate is None else _in_group(results, aggregate, "linear")
            if not model:
                continue
            lines[model[0]] = results.label(model[0]).lower()
            shares = aggregate.improvability[model[0]]
            total[group] += len(shares)
            best[group].extend(shares.index[shares == 0])
            if group == "real":
                close += int(((shares > 0) & (shares <= CLOSE)).sum())
    if not sum(total.values()):
        return None
    parts = []
    for group, noun in (("real", "real table"), ("control", "linear control")):
        if total[group]:
            names = [dataset_label(d) for d in best[group]]
            listed = f" ({', '.join(names)})" if names else ""
            many = "s" if total[group] > 1 else ""
            parts.append(f"on {len(names) or 'none'} of {total[group]} {noun}{many}{listed}")
    near = f"; on {close} more real tables the best error is at most {100 * CLOSE:.0f} % smaller"
    return (
        f"A linear model ({', '.join(lines.values())}) is the best method {_join(parts)}"
        f"{near if total['real'] else ''}."
    )


def cost(results, found) -> str | None:
    """Seconds of ours beside those of the leader and of a linear model."""
    chosen = [a for a in found if _centre(results, a) is not None]
    if not chosen:
        return None
    aggregate = max(chosen, key=lambda a: (GROUPS.index(a.group), len(a.datasets)))
    methods = [_centre(results, aggregate), aggregate.mean_improvability().index[0]]
    methods += _in_group(results, aggregate, "linear")
    seconds = {m: seconds_of_fit(results, aggregate.datasets, m) for m in dict.fromkeys(methods)}
    texts = [f"{results.label(m)} {number(s)} s" for m, s in seconds.items() if not math.isnan(s)]
    return (
        f"On the {_noun(aggregate)} a fit takes, as a median with all that is tried: "
        f"{_join(texts)}."
        if texts
        else None
    )


def sentences(results) -> list[str]:
    """The sentences, at most ten, in the order of the page."""
    found = aggregates(results)
    real = [primary_of(found, task, "real") for task in PRIMARY]
    control = [primary_of(found, task, "control") for task in PRIMARY]
    synthetic = [primary_of(found, task, "synthetic") for task in PRIMARY]

    def each(function, chosen):
        return [function(results, aggregate) for aggregate in chosen if aggregate is not None]

    whole = each(losses, [*real, *control[:1]]) + each(leaders, real) + each(readable, real)
    whole.append(linear(results, found))
    whole.append(cost(results, found))
    if not any(real):
        whole = each(losses, synthetic) + whole + each(readable, synthetic)
    whole += each(leaders, synthetic)
    return [text for text in whole if text][:MOST]


def page(results) -> str:
    """The sentences as Markdown, with what they rest on."""
    fits = results.fits
    ok = int((fits.status == "ok").sum())
    said = sentences(results)
    lines = ["# What was found", "", HEAD, ""]
    lines += [f"{i}. {text}" for i, text in enumerate(said, start=1)]
    lines += [] if said else ["Fewer than two methods to compare: nothing."]
    rests = f"Run `{results.run}`: {ok} of {len(fits)} fits ok, {results.config['splits']} splits"
    lines += ["", f"{rests} of each of {pd.unique(fits.dataset).size} data sets."]
    return "\n".join(lines) + "\n"
