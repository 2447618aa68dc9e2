"""Counterparts of the paper's Fig. 5 and 6, real data: test error, coefficients, first layer."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.lines import Line2D

from benchmark.evaluation import published
from benchmark.figures import bars, heatmap, quantities, style
from benchmark.split_counts import splits_of

TITLE = 16  # characters of a line over a first layer
WIDE = 20.0  # a ratio of errors beyond which the axis is logarithmic


def _boxes(ax, results, dataset, plotted):
    """Box plot of the test MSE, one row per method, every split as a point."""
    values_published = published.read()
    methods = quantities.methods_of(results, dataset)
    n = splits_of(results.config, dataset)
    labels, drawn = [], []
    for row, method in enumerate(methods):
        values = results.values(dataset, method, "mse").to_numpy(dtype=float)
        labels.append(results.label(method) + (f" ({len(values)}/{n})" if len(values) < n else ""))
        value = quantities.published_value(values_published, dataset, method, "mse")
        if value is not None:
            ax.plot(value, row, "D", markersize=6, zorder=4, **style.HOLLOW)
            plotted.add("test MSE", method, "published", "value", value)
            drawn.append(value)
        if not len(values):
            continue
        colour = style.colour(results, method)
        ax.boxplot(
            values,
            positions=[row],
            orientation="horizontal",
            widths=0.6,
            showfliers=False,
            patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": colour, "alpha": 0.45, "linewidth": 0.8},
            medianprops={"color": "black", "linewidth": 1.4},
        )
        offset = np.linspace(-0.14, 0.14, len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(values, row + offset, **style.mark(results, method, 3))
        drawn.extend(values)
        plotted.add("test MSE", method, "all splits", "median", np.median(values))
        for index, value in zip(results.ok(dataset, method), values, strict=True):
            plotted.add("test MSE", method, f"split {index}", "value", value)
    if drawn and max(drawn) > WIDE * min(drawn) > 0:
        ax.set_xscale("log")
    ax.set_yticks(range(len(methods)), labels)
    style.embolden(results, ax.get_yticklabels(), methods)
    ax.set_ylim(len(methods) - 0.4, -0.6)
    ax.grid(axis="x")
    ax.set_xlabel("test MSE (target standardised)")
    ax.set_title("Test error: median, quartiles, every split")


def build(results, plotted, dataset):
    names = quantities.feature_names(results, dataset)
    series = quantities.coefficients(results, dataset)
    layered = quantities.with_array(results, dataset, "first_layer_weights", "interaction_features")
    width = 1.1 if len(names) > 10 else 0.9
    figure = style.new(max(10.0, 6.2 + 1.5 * len(layered)), 6.2)
    grid = figure.add_gridspec(
        2, 1 + max(len(layered), 1), width_ratios=[2.0] + [width] * max(len(layered), 1)
    )
    _boxes(figure.add_subplot(grid[0, 0]), results, dataset, plotted)
    if not layered:
        style.say(figure.add_subplot(grid[0, 1]), "no fit of this run has a first layer")
    for place, method in enumerate(layered, start=1):
        index, weights = quantities.first_layer(results, dataset, method)
        ax = figure.add_subplot(grid[0, place])
        image = heatmap.first_layer(ax, weights, names, None, None, plotted, "first layer", method)
        label = textwrap.fill(results.label(method), TITLE)
        ax.set_title(f"{label}:\nfirst layer, split {index}", fontsize=7.5)
        bar = figure.colorbar(
            image, ax=ax, label=heatmap.BAR_LABEL, location="bottom", pad=0.02, aspect=25
        )
        # It keeps its place, so that the panels stay of one size.
        bar.ax.set_visible(bool(np.any(weights)))
    ax = figure.add_subplot(grid[1, :])
    if series:
        bars.grouped(ax, results, names, series, None, plotted, "coefficients")
        ax.set_ylabel("coefficient")
        local = [results.label(m) for m in series if results.is_local(dataset, m)]
        ax.set_title(
            style.panel_title(
                "Coefficients (features and target standardised), mean ± sd over splits",
                style.shortfall(results, dataset, series),
                f"{', '.join(local)}: mean of local ones" if local else "",
            )
        )
    else:
        style.say(ax, "no fit of this run has coefficients")
    mark = Line2D(
        [], [], linestyle="", marker="D", markersize=6, label="published median", **style.HOLLOW
    )
    figure.suptitle(f"{dataset.capitalize()}", fontsize=10)
    style.legend(figure, results, quantities.methods_of(results, dataset), extra=[mark])
    return figure
