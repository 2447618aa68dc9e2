"""What predicts the winner: the lead of ours against properties of the data sets, a panel each."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.lines import Line2D

from baselines.contract import FAMILIES
from benchmark.evaluation import properties
from benchmark.evaluation.statistics.association import spearman
from benchmark.figures import style
from benchmark.tables.cells import dataset_label
from benchmark.tables.predictors import chosen, correlation

COLUMNS = 3
#: A larger lead, or loss, stands at the edge with its value: it would press all others into a line.
MOST = 2.0


def _family(results, methods) -> str:
    """The family whose lead is drawn: ours, or the first of a run without any of ours."""
    return next(iter(properties.families_of(results, methods)))


def _looks() -> dict[str, dict]:
    """One mark per family: that of the first place in it."""
    found = {}
    for name in FAMILIES:
        one = style.look_at(name, 0)
        found[name] = {"color": one.colour, "marker": one.marker, "markersize": 5 + one.bold}
        found[name] |= {"linestyle": "", "markeredgecolor": "black", "markeredgewidth": 0.4}
    return found


def _panel(ax, one, values, lead, won, looks, name, family, plotted):
    label, _, more = one.label.partition(": ")
    label = f"{label}:\n{more}" if more else label
    there = lead.index[np.isfinite(values) & np.isfinite(lead)]
    if not len(there):
        style.say(ax, f"{label}:\nno value")
        return
    for dataset in there:
        at = min(max(lead[dataset], 1 / MOST), MOST)
        ax.plot(values[dataset], at, **looks[won[dataset]], zorder=3)
        if at != lead[dataset]:  # it stands at the edge, with its value
            text = f"{dataset_label(dataset)} {lead[dataset]:.2g}"
            ax.annotate(
                text,
                (values[dataset], at),
                xytext=(0, 5 if at < 1 else -5),
                textcoords="offset points",
                ha="center",
                va="bottom" if at < 1 else "top",
                fontsize=6,
            )
        plotted.add(name, family, dataset, one.name, values[dataset])
        plotted.add(name, family, dataset, "lead", lead[dataset])
    ax.axhline(1, color="#888888", linewidth=0.8)
    style.logarithmic(ax, "y", 0.1)
    if one.logarithmic and np.nanmin(values) > 0:
        style.logarithmic(ax, "x", 0.1)
    ax.grid(True)
    ax.set_xlabel(label)
    rho, lower, upper, _ = spearman(values, lead)
    if not math.isnan(rho):
        plotted.add(name, family, "all data sets", f"{one.name}, Spearman", rho)
        ax.set_title(f"ρ = {correlation(rho, lower, upper)}")


def build(results, plotted):
    found = chosen(results)
    if not found:
        return style.words("Too few data sets of one kind to tell them apart.")
    lines = math.ceil(len(properties.PROPERTIES) / COLUMNS)
    figure = style.new(2.9 * COLUMNS, (2.3 * lines + 0.4) * len(found) + 0.4)
    parts = figure.subfigures(len(found), 1, squeeze=False)[:, 0]
    looks, winners = _looks(), set()
    for part, aggregate in zip(parts, found, strict=True):
        errors = aggregate.errors
        families = properties.families_of(results, errors)
        family = _family(results, errors)
        table = properties.of_aggregate(results, aggregate)
        lead = properties.advantage(errors, families[family])
        won = properties.winners(errors, families)
        winners |= set(won.dropna())
        axes = part.subplots(lines, COLUMNS, squeeze=False).ravel()
        name = f"{aggregate.task} {aggregate.group} {aggregate.metric.name}"
        for ax, one in zip(axes, properties.PROPERTIES, strict=False):
            values = table[one.name].astype(float)
            _panel(ax, one, values, lead, won, looks, name, family, plotted)
        for ax in axes[::COLUMNS]:
            ax.set_ylabel(f"lead of {FAMILIES[family]}")
        part.suptitle(
            f"{aggregate.title}, {len(errors)} data sets: error of the best other / of the best "
            f"of {FAMILIES[family]}",
            fontsize=9,
        )
    handles = [
        Line2D([], [], label=f"best: {FAMILIES[name]}", **looks[name])
        for name in FAMILIES
        if name in winners
    ]
    style.legend_below(figure, handles)
    return figure
