"""Accuracy against cost: mean improvability and the seconds of a fit, with the Pareto front."""

from __future__ import annotations

import math

from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from benchmark.evaluation.aggregates import aggregates, primary_of, seconds_of_fit
from benchmark.figures import style

COLUMNS = 2
FRONT = "#555555"
DECADE = 20.0
# of a name beside a point, in shares of a panel: a character, a line, the space before it; half of
# the width of a mark, which is twice as high in these shares
CHARACTER, LINE, SPACE, MARK = 0.0165, 0.05, 0.018, 0.012


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


def _names(ax, points, marks):
    """Names beside their points, as far as they have room; the legend has all of them.

    Parameters
    ----------
    points : mapping of name to point
    marks : points of all marks of the panel, on which no name may lie
    """
    to_axes = ax.transData + ax.transAxes.inverted()
    ax.autoscale_view()
    taken = []
    for x, y in map(to_axes.transform, marks):
        taken.append((x - MARK, y - 2 * MARK, x + MARK, y + 2 * MARK))
    for name, point in points.items():
        x, y = to_axes.transform(point)
        width = len(name) * CHARACTER
        for up, right in ((True, True), (True, False), (False, True), (False, False)):
            left = x + SPACE if right else x - SPACE - width
            low = y + MARK if up else y - MARK - LINE
            box = (left, low, left + width, low + LINE)
            inside = left >= 0 and left + width <= 1 and low >= 0 and low + LINE <= 1
            if inside and not any(_overlap(box, other) for other in taken):
                break
        else:
            continue
        taken.append(box)
        ax.annotate(
            name,
            point,
            xytext=(5 if right else -5, 4 if up else -4),
            textcoords="offset points",
            ha="left" if right else "right",
            va="bottom" if up else "top",
            fontsize=7,
        )


def _overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _panel(ax, results, aggregate, plotted):
    means = aggregate.mean_improvability()
    whole = aggregate.errors.notna().all()
    points, marks = {}, []
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
        marks.append((seconds, 100 * mean))
        panel = f"{aggregate.task} {aggregate.group} {aggregate.metric.name}"
        plotted.add(panel, method, "", "fit seconds, median", seconds)
        plotted.add(panel, method, "", "mean improvability", mean)
        if whole[method]:
            points[method] = (seconds, 100 * mean)
    front = pareto(points)
    if front:
        ax.plot(*zip(*(points[m] for m in front), strict=True), color=FRONT, linewidth=1, zorder=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.margins(x=0.15, y=0.15)
    low, high = ax.get_xlim()
    # within a decade the powers of ten are not enough to read by
    ax.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    ax.xaxis.set_minor_formatter("{x:g}" if high < DECADE * low else NullFormatter())
    named = dict.fromkeys([*front, *(m for m in points if results.is_in(m, "ours"))])
    _names(ax, {results.label(m): points[m] for m in named}, marks)
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
