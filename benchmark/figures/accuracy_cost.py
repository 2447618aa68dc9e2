"""Accuracy against cost, seconds or size of reading: mean improvability, with the Pareto front."""

from __future__ import annotations

import math

from matplotlib.lines import Line2D

from benchmark.evaluation.aggregates import firsts
from benchmark.evaluation.pareto import SIZE, costs, front
from benchmark.figures import names, style

COLUMNS = 2
FRONT = "#555555"
#: what the axis says, and the quantity in the CSV, by the column of costs
AXES = {
    "seconds": ("seconds of a fit, median, tuning included", "fit seconds, median"),
    SIZE: ("coefficients, curves, surfaces and split points to read", "size of reading"),
}


FRONTS = {
    "seconds": "nothing is both faster and better",
    SIZE: "nothing is both shorter and better",
}


def _drawn(results, aggregate, cost):
    """The methods of a panel: those with a cost and an error, best first."""
    table = costs(results, aggregate)
    return table[table[cost].notna() & (table[cost] > 0) & table.improvability.notna()]


def _panel(ax, results, aggregate, cost, table, plotted):
    panel = f"{aggregate.task} {aggregate.group} {aggregate.metric.name}"
    points = {}
    for method, row in table.iterrows():
        points[method] = (row[cost], 100 * row.improvability)
        ax.plot(*points[method], **style.mark(results, method, 7), alpha=1.0 if row.whole else 0.35)
        plotted.add(panel, method, "", AXES[cost][1], row[cost])
        plotted.add(panel, method, "", "mean improvability", row.improvability)
    whole = {m: point for m, point in points.items() if table.whole[m]}
    best = front(whole)
    if best:
        line = zip(*(whole[m] for m in best), strict=True)
        ax.plot(*line, color=FRONT, linewidth=1, zorder=1)
    ax.margins(y=0.15)
    style.logarithmic(ax, "x", 0.15)
    ours = [m for m in whole if results.is_in(m, style.BOLD)]
    named = {results.label(m): whole[m] for m in dict.fromkeys([*best, *ours])}
    bold = [results.label(m) for m in ours]
    names.place(ax, named, list(points.values()), bold, [whole[m] for m in best])
    ax.grid(True)
    ax.set_xlabel(AXES[cost][0])
    ax.set_ylabel("mean improvability, %")
    n = len(aggregate.datasets)
    ax.set_title(f"{aggregate.title}\n{n} data set{'s' if n > 1 else ''}")


def build(results, plotted, cost):
    """Parameters: ``cost`` is a column of :func:`benchmark.evaluation.pareto.costs`."""
    panels = [(one, _drawn(results, one, cost)) for one in firsts(results)]
    panels = [(one, table) for one, table in panels if len(table)]
    if not panels:
        return style.words("No method of this run has a cost to hold its error against.")
    rows = math.ceil(len(panels) / COLUMNS)
    columns = min(COLUMNS, len(panels))
    figure = style.new(4.6 * columns, 3.4 * rows + 1.2)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (aggregate, table) in zip(axes, panels, strict=False):
        _panel(ax, results, aggregate, cost, table, plotted)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    shown = {m for _, table in panels for m in table.index}
    line = Line2D([], [], color=FRONT, linewidth=1, label=FRONTS[cost])
    style.legend(figure, results, shown, extra=[line])
    return figure
