"""True against explained local coefficients: one panel per explanation, one colour per feature."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.lines import Line2D

from benchmark.figures import style
from benchmark.split_counts import splits_of
from benchmark.tables.cells import dataset_label
from benchmark.tables.explained import two_lines

PREFERRED = "regression2"
COLUMNS = 4


def build(explained, plotted):
    """Parameters: see :func:`benchmark.figures.draw_explained`."""
    dataset = _chosen(explained)
    if dataset is None:
        return style.words("No data set of this run has known local coefficients.")
    points = {
        pair: _points(explained, dataset, *pair) for pair in explained.results.explanations(dataset)
    }
    points = {pair: found for pair, found in points.items() if found is not None}
    if not points:
        return style.words("No explanation of this run gives slopes.")
    names = explained.results.split(dataset, 0).feature_names
    active = np.flatnonzero(np.any(explained.known(dataset, 0).local_coef != 0, axis=0))
    rows = math.ceil(len(points) / COLUMNS)
    figure = style.new(2.3 * min(COLUMNS, len(points)), 2.1 * rows + 1)
    axes = figure.subplots(rows, min(COLUMNS, len(points)), squeeze=False).ravel()
    limit = 1.15 * max(np.abs(true[:, active]).max() for true, _ in points.values())
    for ax, (pair, (true, said)) in zip(axes, points.items(), strict=False):
        ax.plot([-limit, limit], [-limit, limit], color=style.TRUTH, linewidth=0.7)
        for k, j in enumerate(active):
            shown = np.clip(said[:, j], -limit, limit)
            ax.plot(true[:, j], shown, ".", color=_colour(k), markersize=2.5, alpha=0.6)
        error = float(np.sqrt(np.mean((said - true) ** 2) / np.mean(true**2)))
        plotted.add(dataset, explained.results.label(*pair), "", "relative rmse, all splits", error)
        for j in active:
            spread = float(np.sqrt(np.mean((said[:, j] - true[:, j]) ** 2)))
            plotted.add(dataset, explained.results.label(*pair), names[j], "rmse", spread)
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        ax.set_title(f"{two_lines(explained.results, *pair)}\nerror {error:.2f}")
        ax.set_xlabel("true")
    for ax in axes[len(points) :]:
        ax.set_axis_off()
    for ax in axes[:: min(COLUMNS, len(points))]:
        ax.set_ylabel("explained")
    figure.suptitle(
        f"{dataset_label(dataset).capitalize()}: explained slopes against true local coefficients, "
        "all splits; points outside are drawn on the edge",
        fontsize=9,
    )
    handles = [
        Line2D([], [], linestyle="", marker="o", color=_colour(k), label=names[j])
        for k, j in enumerate(active)
    ]
    style.legend_below(figure, handles)
    return figure


def _colour(k):
    return style.CYCLE[(3 * k) % len(style.CYCLE)]


def _chosen(explained):
    known = [
        d for d in explained.results.datasets() if explained.known(d, 0).local_coef is not None
    ]
    return PREFERRED if PREFERRED in known else next(iter(known), None)


def _points(explained, dataset, method, explainer):
    """(true, explained) slopes of all splits, rows below one another; None if it gives none."""
    true, said = [], []
    for index in range(splits_of(explained.config, dataset)):
        for name, sample in explained.samples(dataset, method, index):
            if name == explainer and "slope" in sample.outputs:
                true.append(explained.known(dataset, index).local_coef)
                said.append(sample["slope"])
    return (np.vstack(true), np.vstack(said)) if said else None
