"""Accuracy against cost: mean improvability and the seconds of a fit, with the Pareto front."""

from __future__ import annotations

import math

from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from benchmark.evaluation.aggregates import aggregates, primary_of, seconds_of_fit
from benchmark.figures import style

COLUMNS = 2
FRONT = "#555555"


def pareto(points) -> list:
    """Names of the points that no other beats in both: least error for its cost.

    Parameters
    ----------
    points : mapping of name to (cost, error), both smaller is better

    Returns
    -------
    list of names, by rising cost
    """
    front, least = [], math.inf
    for name, (_, error) in sorted(points.items(), key=lambda item: item[1]):
        if error < least:
            front.append(name)
            least = error
    return front


def _chosen(results):
    """One aggregate per task and group, by the first metric of the config for the task."""
    found = aggregates(results)
    pairs = dict.fromkeys((aggregate.task, aggregate.group) for aggregate in found)
    return [primary_of(found, *pair) for pair in pairs]


def _panel(ax, results, aggregate, plotted):
    means = aggregate.mean_improvability()
    whole = aggregate.errors.notna().all()
    points = {}
    for method, mean in means.items():
        seconds = seconds_of_fit(results, aggregate.datasets, method)
        if math.isnan(seconds) or math.isnan(mean):
            continue
        ax.plot(
            seconds,
            100 * mean,
            style.marker(results, method),
            color=style.colour(results, method),
            markersize=7,
            markeredgecolor="black",
            markeredgewidth=0.5,
            alpha=1.0 if whole[method] else 0.35,
            zorder=3,
        )
        panel = f"{aggregate.task} {aggregate.group} {aggregate.metric.name}"
        plotted.add(panel, method, "", "fit seconds, median", seconds)
        plotted.add(panel, method, "", "mean improvability", mean)
        if whole[method]:
            points[method] = (seconds, 100 * mean)
    front = pareto(points)
    if front:
        ax.plot(*zip(*(points[m] for m in front), strict=True), color=FRONT, linewidth=1, zorder=1)
    for method in dict.fromkeys([*front, *(m for m in points if m.startswith("nimo"))]):
        ax.annotate(
            results.label(method),
            points[method],
            xytext=(5, 5),
            textcoords="offset points",
            fontsize=7,
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(x=0.15, y=0.12)
    ax.grid(True)
    ax.set_xlabel("seconds of a fit, median, tuning included")
    ax.set_ylabel("mean improvability, %")
    n = len(aggregate.datasets)
    ax.set_title(f"{aggregate.title}\n{n} data set{'s' if n > 1 else ''}")


def build(results, plotted):
    chosen = _chosen(results)
    if not chosen:
        return style.words("Fewer than two methods to compare in this run.")
    rows = math.ceil(len(chosen) / COLUMNS)
    columns = min(COLUMNS, len(chosen))
    figure = style.new(4.6 * columns, 3.4 * rows + 1.2)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, aggregate in zip(axes, chosen, strict=False):
        _panel(ax, results, aggregate, plotted)
    for ax in axes[len(chosen) :]:
        ax.set_axis_off()
    shown = {m for aggregate in chosen for m in aggregate.errors}
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=style.marker(results, m),
            color=style.colour(results, m),
            markersize=6,
            markeredgecolor="black",
            markeredgewidth=0.5,
            label=results.label(m),
        )
        for m in results.config["methods"]
        if m in shown
    ]
    handles.append(
        Line2D([], [], color=FRONT, linewidth=1, label="nothing is both cheaper and better")
    )
    style.legend_below(figure, handles)
    return figure
