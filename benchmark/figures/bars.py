"""Panels of coefficients: grouped bars with spread, and a strip for the truly zero ones."""

from __future__ import annotations

import numpy as np

from benchmark.figures import style

GROUP = 0.82  # share of a feature's slot that its bars fill


def _size(ax, names, series) -> float:
    """Points of a mark that is no wider than its bar."""
    inches = ax.figure.get_figwidth() * ax.get_position().width
    return float(np.clip(60 * GROUP * inches / names / max(series, 1), 2.0, 5.0))


def grouped(ax, results, names, series, truth, plotted, panel):
    """One group of bars per name: mean and standard deviation over splits.

    Parameters
    ----------
    names : (d,) names under the groups, in the order of the columns
    series : dict of method to (n_ok, d)
    truth : (d,) or None
        Black lines across the groups.
    """
    x = np.arange(len(names))
    width = GROUP / max(len(series), 1)
    for place, (method, values) in enumerate(series.items()):
        mean = values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.full(len(names), np.nan)
        at = x - GROUP / 2 + (place + 0.5) * width
        ax.bar(at, mean, width, color=style.colour(results, method), label=method, alpha=0.75)
        ax.errorbar(at, mean, sd, fmt="none", ecolor="#333333", elinewidth=0.8)
        ax.plot(at, mean, **style.mark(results, method, _size(ax, len(names), len(series))))
        for name, m, s in zip(names, mean, sd, strict=True):
            plotted.add(panel, method, name, "mean", m)
            plotted.add(panel, method, name, "sd", s)
    if truth is not None:
        ax.hlines(truth, x - GROUP / 2 - 0.03, x + GROUP / 2 + 0.03, style.TRUTH, linewidth=1.8)
        for name, value in zip(names, truth, strict=True):
            plotted.add(panel, "truth", name, "value", value)
    ax.axhline(0, color="#888888", linewidth=0.6)
    ax.set_xticks(x, names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="y")


def strip(ax, results, names, series, plotted, panel):
    """Heat map of the mean absolute coefficient over splits of features whose truth is 0.

    One row per method; beside it the share of exact zeros over features and splits.  Returns the
    image; its colour limits are the caller's to set.
    """
    methods = list(series)
    mean = np.array([np.abs(series[m]).mean(axis=0) for m in methods])
    image = style.intensities(ax, mean)
    ax.set_yticks(range(len(methods)), [results.label(m) for m in methods])
    style.embolden(results, ax.get_yticklabels(), methods)
    ax.set_xticks(*feature_ticks(names))
    for row, method in enumerate(methods):
        zeros = np.mean(series[method] == 0)
        ax.text(
            1.02,
            row,
            f"{100 * zeros:.0f} %",
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=7.5,
        )
        plotted.add(panel, method, "zero features", "share of exact zeros", zeros)
        for name, value in zip(names, mean[row], strict=True):
            plotted.add(panel, method, name, "mean absolute", value)
    return image


def feature_ticks(names, most=16) -> tuple[list[int], list[str]]:
    """Places and labels of the columns that have room for one.

    All of them, or the round numbers (x5, x10, ...), or every fifth of names without numbers.
    """
    places = list(range(len(names)))
    if len(names) > most:
        places = [p for p in places if names[p][-1] in "05"] or places[::5]
    return places, [names[p] for p in places]
