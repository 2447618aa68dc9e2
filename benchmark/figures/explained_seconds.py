"""Seconds that an explanation of one row takes, by explanation."""

from __future__ import annotations

import numpy as np

from benchmark.figures import style


def build(explained, plotted):
    """Parameters: see :func:`benchmark.figures.draw_explained`."""
    results = explained.results
    rows = results.explained
    rows = rows[(rows.explainer != "") & (rows.status == "ok")]
    seconds = rows.groupby(["method", "explainer"]).seconds
    pairs = sorted(seconds.groups, key=lambda pair: seconds.get_group(pair).median())
    if not pairs:
        return style.words("Nothing of this run was explained.")
    figure = style.new(6.5, 0.8 + 0.2 * len(pairs))
    ax = figure.add_subplot()
    for place, pair in enumerate(pairs):
        values = seconds.get_group(pair).to_numpy()
        colour = style.colour(results, pair[0])
        ax.plot(np.quantile(values, [0, 1]), [place, place], color=colour, linewidth=1)
        ax.plot(np.median(values), place, **style.mark(results, pair[0]))
        plotted.add("", results.label(*pair), "", "seconds per row, median", np.median(values))
    ax.set_yticks(range(len(pairs)), [results.label(*pair) for pair in pairs])
    ax.set_xscale("log")
    ax.grid(True, axis="x")
    ax.set_xlabel("seconds per explained row: median over data sets and splits, and range")
    return figure
