"""Test error of every method on every data set, at a glance."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from benchmark import metrics
from benchmark.evaluation import published
from benchmark.evaluation.statistics import FEWEST, bounds, mean_interval, overlap_of
from benchmark.figures import quantities, style
from benchmark.split_counts import most_splits, splits_of
from benchmark.tables.cells import dataset_label

#: panels of a row, and of a row where there are more than MANY data sets
COLUMNS, COLUMNS_OF_MANY, MANY = 4, 6, 12
WIDE = 30.0  # a ratio of errors beyond which the axis is logarithmic


def as_error(metric):
    """How values of a metric are drawn, so that smaller is better, and what the axis then shows.

    Returns
    -------
    callable (values) -> values, label
    """
    if metric.name == "accuracy":
        return lambda values: 1 - values, "test error rate"
    if metric.larger_is_better:
        return lambda values: values, f"{metric.label} (larger is better)"
    return lambda values: values, metric.label


def floor(results, dataset, metric):
    """The error that no method can beat on average; None where nobody knows."""
    truths = [results.truth(dataset, i) for i in range(splits_of(results.config, dataset))]
    if metric.name == "accuracy":
        bayes = [truth.bayes_accuracy for truth in truths]
        return None if None in bayes else 1 - float(np.mean(bayes))
    return truths[0].noise_variance if metric.name == "mse" else None


def _scale(ax, low, high, logarithmic):
    """Limits with room for markers; plain numbers on a logarithmic axis."""
    if logarithmic:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
        room = (high / low) ** 0.06
        ax.set_xlim(low / room, high * room)
    else:
        room = 0.06 * (high - low)
        ax.set_xlim(low - room, high + room)


def _method(ax, results, dataset, method, row, metric, plotted) -> list[float]:
    """One method's mean, interval and splits; returns what the axis has to hold."""
    n = splits_of(results.config, dataset)
    shown, panel = as_error(metric)
    scores = results.values(dataset, method, metric.name).to_numpy(dtype=float)
    values = shown(scores)
    colour = style.colour(results, method)
    if len(values) < n:
        text = f"{len(values)}/{n}" if len(values) else "failed"
        ax.text(1.02, row, text, va="center", fontsize=7, transform=ax.get_yaxis_transform())
    if not len(values):
        return []
    mean = float(np.mean(values))
    ax.plot(values, np.full(len(values), row), "|", color=colour, markersize=7, alpha=0.7)
    plotted.add(dataset, method, panel, "mean", mean)
    interval = []
    if len(values) >= FEWEST:  # with two, t is 12.7: every interval would fill its panel
        ends = mean_interval(scores, overlap_of(results, dataset), bounds=bounds(metric.name))
        interval = sorted(float(shown(end)) for end in ends)
        ax.plot(interval, [row, row], color=colour, linewidth=1.8)
        plotted.add(dataset, method, panel, "lower", interval[0])
        plotted.add(dataset, method, panel, "upper", interval[1])
    ax.plot(
        mean,
        row,
        **style.mark(results, method),
    )
    return [*values, *interval]


def _panel(ax, results, dataset, metric, values_published, plotted):
    methods = results.methods(results.tasks[dataset])
    drawn, axis = as_error(metric)
    shown = []
    for row, method in enumerate(methods):
        shown += _method(ax, results, dataset, method, row, metric, plotted)
        value = quantities.published_value(values_published, dataset, method, metric.name)
        if value is not None:
            value = drawn(value)
            ax.plot(value, row, "D", markersize=5.5, zorder=5, **style.HOLLOW)
            plotted.add(dataset, method, axis, "published", value)
            shown.append(value)
    best = floor(results, dataset, metric)
    if best is not None:
        ax.axvline(best, color="black", linestyle="--", linewidth=0.9)
        plotted.add(dataset, "floor", axis, "value", best)
        shown.append(best)
    if shown and max(shown) > min(shown):
        low, high = min(shown), max(shown)
        spread = metric.scale.name == "log" and high > WIDE * low > 0
        _scale(ax, low, high, logarithmic=spread)
    ax.set_yticks(range(len(methods)), [results.label(m) for m in methods])
    style.embolden(results, ax.get_yticklabels(), methods)
    ax.set_ylim(len(methods) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.set_xlabel(axis)
    ax.set_title(dataset_label(dataset))


def build(results, plotted):
    rows = []
    columns = COLUMNS if len(results.datasets()) <= MANY else COLUMNS_OF_MANY
    for metric in map(metrics.get, results.config["metrics"]):
        datasets = [d for d in results.datasets() if metric.task in (None, results.tasks[d])]
        rows += [(metric, datasets[i : i + columns]) for i in range(0, len(datasets), columns)]
    if not rows:
        return style.words("No data set of this run has a metric that is asked for.")
    width = max(len(datasets) for _, datasets in rows)
    able = [max(len(results.methods(results.tasks[d])) for d in datasets) for _, datasets in rows]
    heights = [0.9 + 0.19 * methods for methods in able]
    figure = style.new(2.0 + 2.1 * width, 0.5 + sum(heights))
    axes = figure.subplots(len(rows), width, squeeze=False, height_ratios=heights)
    values_published = published.read()
    for line, (metric, datasets) in zip(axes, rows, strict=True):
        for place, ax in enumerate(line):
            if place >= len(datasets):
                ax.set_axis_off()
                continue
            _panel(ax, results, datasets[place], metric, values_published, plotted)
            if place:
                ax.set_yticklabels([])
    handles = [
        Line2D(
            [],
            [],
            color="#777777",
            marker="o",
            linewidth=2,
            markersize=6,
            markeredgecolor="black",
            markeredgewidth=0.5,
            label="mean"
            + ", 95 % interval" * (most_splits(results.config, results.tasks) >= FEWEST),
        ),
        Line2D(
            [],
            [],
            linestyle="",
            color="#777777",
            marker="|",
            markersize=7,
            alpha=0.7,
            label="one split",
        ),
        Line2D([], [], linestyle="", marker="D", markersize=5.5, label="published", **style.HOLLOW),
        Line2D(
            [],
            [],
            color="black",
            linestyle="--",
            linewidth=0.9,
            label="floor: noise variance, Bayes error",
        ),
    ]
    style.legend_below(figure, handles)
    return figure
