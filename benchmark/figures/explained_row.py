"""One row explained by every explanation side by side, beside the true Shapley values."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmark.figures import style
from benchmark.tables.cells import dataset_label
from benchmark.tables.explained import two_lines

PREFERRED = "regression2"
COLUMNS = 4
MOST = 8  # features shown: those that are largest in the truth, then in any explanation


def build(explained, plotted):
    """Parameters: see :func:`benchmark.figures.draw_explained`."""
    known = [d for d in explained.results.datasets() if explained.known(d, 0).shapley is not None]
    if not known:
        return style.words("No data set of this run has a known function.")
    dataset = PREFERRED if PREFERRED in known else known[0]
    parts = {}
    for pair in explained.results.explanations(dataset):
        for name, sample in explained.samples(dataset, pair[0], 0):
            if name == pair[1] and "part" in sample.outputs:
                parts[pair] = sample["part"] - sample["part"].mean(axis=0)
    if not parts:
        return style.words("No explanation of this run gives parts.")
    true = explained.known(dataset, 0).shapley
    true = true - true.mean(axis=0)
    row = int(np.argsort(np.linalg.norm(true, axis=1))[len(true) // 2])  # neither tame nor extreme
    names = explained.results.split(dataset, 0).feature_names
    largest = np.max([np.abs(part[row]) for part in parts.values()], axis=0)
    order = np.lexsort((-largest, -np.abs(true[row])))[:MOST]
    rows = math.ceil(len(parts) / COLUMNS)
    figure = style.new(2.4 * min(COLUMNS, len(parts)), (0.5 + 0.19 * len(order)) * rows + 1.2)
    shape = rows, min(COLUMNS, len(parts))
    axes = figure.subplots(*shape, squeeze=False, sharex=True, sharey=True).ravel()
    places = np.arange(len(order))[::-1]
    for ax, (pair, part) in zip(axes, parts.items(), strict=False):
        said = part[row, order]
        colours = [style.CYCLE[2] if value >= 0 else style.CYCLE[8] for value in said]
        ax.barh(places, said, color=colours, height=0.7)
        ax.plot(true[row, order], places, "|", color=style.TRUTH, markersize=8, mew=1.8)
        ax.axvline(0, color="#888888", linewidth=0.6)
        ax.set_yticks(places, [names[j] for j in order])
        ax.set_title(two_lines(explained.results, *pair))
        for j, value in zip(order, said, strict=True):
            plotted.add(dataset, explained.results.label(*pair), names[j], "part", value)
    for j in order:
        plotted.add(dataset, "truth", names[j], "Shapley value", true[row, j])
    for ax in axes[len(parts) :]:
        ax.set_axis_off()
    for ax in axes[: len(parts)][-shape[1] :]:  # the lowest of each column
        ax.tick_params(labelbottom=True)
    x = explained.probes(dataset, 0).rows[row]
    values = ", ".join(f"{names[j]} = {x[j]:.2f}" for j in order[:5])
    figure.suptitle(
        f"{dataset_label(dataset).capitalize()}: one test row ({values}); "
        "parts of the response, from their mean",
        fontsize=9,
    )
    mark = Line2D([], [], linestyle="", marker="|", color=style.TRUTH, markersize=8, mew=1.8)
    mark.set_label("true Shapley value")
    handles = [
        Patch(facecolor=style.CYCLE[2], label="raises"),
        Patch(facecolor=style.CYCLE[8], label="lowers"),
        mark,
    ]
    style.legend_below(figure, handles)
    return figure
