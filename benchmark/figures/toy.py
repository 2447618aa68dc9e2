"""Counterpart of the paper's Fig. 3: the toy example, its coefficients and learned corrections."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D

from benchmark.figures import bars, heatmap, quantities, style

DATASET = "toy"
#: (j, k, name, g_j as a function of x_k), features numbered from 0; all else in g_j is 0
TRUE_CORRECTIONS = (
    (0, 1, "tanh(10 x₂)", lambda x: np.tanh(10 * x)),
    (1, 0, "sin(−2 x₁)", lambda x: np.sin(-2 * x)),
)
SUBSCRIPTS = "₁₂₃"


def _median(points, curves):
    """Median curve on the part of the axis that every split covers."""
    low, high = max(p[0] for p in points), min(p[-1] for p in points)
    x = np.linspace(low, high, len(points[0]))
    return x, np.median([np.interp(x, p, c) for p, c in zip(points, curves, strict=True)], axis=0)


def _corrections(axes, results, method, plotted):
    """g_1 against x_2 and g_2 against x_1, the other features at 0; one line per split."""
    indices = results.ok(DATASET, method)
    arrays = [results.arrays(DATASET, method, i) for i in indices]
    colour = style.colour(results, method)
    for ax, (j, k, name, true) in zip(axes, TRUE_CORRECTIONS, strict=True):
        points = [a["sweep_points"][k].astype(float) for a in arrays]
        curves = [a["correction_sweep"][k, :, j].astype(float) for a in arrays]
        for p, c in zip(points, curves, strict=True):
            ax.plot(p, c, color=colour, linewidth=0.7, alpha=0.45)
        x, middle = _median(points, curves)
        ax.plot(x, middle, color=colour, linewidth=2)
        dense = np.linspace(-2, 2, 401)
        ax.plot(dense, true(dense), color=style.TRUTH, linewidth=1.2, linestyle="--")
        low, high = min(c.min() for c in curves), max(c.max() for c in curves)
        ax.set_ylim(min(-1.3, 1.1 * low), max(1.3, 1.1 * high))
        ax.grid()
        term, line = f"g{SUBSCRIPTS[j]}", f"x{SUBSCRIPTS[k]}"
        ax.set_xlabel(line)
        ax.set_title(f"{results.label(method)}:\n{term}, truth {name}")
        panel = f"{term} on {line}"
        for value, m in zip(x, middle, strict=True):
            plotted.add(panel, method, f"{value:.6g}", "median", m)


def build(results, plotted):
    names = quantities.feature_names(results, DATASET)
    series = quantities.coefficients(results, DATASET)
    curved = quantities.with_array(results, DATASET, "correction_sweep", "first_layer_weights")
    truth = results.truth(DATASET)

    heights = [1] * len(curved) or [0.3]
    figure = style.new(9.5, 2.6 + 2.25 * sum(heights))
    rows = figure.add_gridspec(1 + len(heights), 3, height_ratios=[1.1, *heights])
    ax = figure.add_subplot(rows[0, :])
    bars.grouped(ax, results, names, series, truth.coef, plotted, "coefficients")
    ax.set_ylabel("coefficient")
    short = style.shortfall(results, DATASET, quantities.methods_of(results, DATASET))
    ax.set_title(style.panel_title("Toy example: coefficients, mean ± sd over splits", short))
    extra = []
    if curved:
        extra = [
            Line2D([], [], color="#777777", linewidth=0.7, label="g, one split"),
            Line2D([], [], color="#777777", linewidth=2, label="g, median"),
            Line2D([], [], color="black", linewidth=1.2, linestyle="--", label="g, truth"),
            heatmap.mark_handle(),
        ]
    else:
        say = figure.add_subplot(rows[1, :])
        style.say(say, "No fit of this run has learned corrections g.")
    for place, method in enumerate(curved, start=1):
        axes = [figure.add_subplot(rows[place, i]) for i in range(3)]
        _corrections(axes[:2], results, method, plotted)
        index, weights = quantities.first_layer(results, DATASET, method)
        image = heatmap.first_layer(
            axes[2], weights, names, truth.interacting, None, plotted, "first layer", method
        )
        axes[2].set_title(f"{results.label(method)}:\nfirst layer, split {index}", pad=10)
        figure.colorbar(image, ax=axes[2], label=heatmap.BAR_LABEL, pad=0.02)
    style.legend(figure, results, series, truth=True, extra=extra)
    return figure
