"""Do four measures of importance rank features alike?  Spearman correlations, model by model."""

from __future__ import annotations

import math

import numpy as np

from benchmark.config import cells
from benchmark.figures import style
from benchmark.tables.explained import label

MEASURES = ("effect at\nbaseline", "average\neffect", "mean\n|Shapley|", "permu-\ntation")
COLUMNS = 4


def build(explained, graded, plotted):
    """Parameters: see :func:`benchmark.figures.draw_explained`."""
    panels = {"truth": _mean_of(explained, graded, None)}
    panels |= {m: _mean_of(explained, graded, m) for m in graded.methods()}
    panels = {name: found for name, found in panels.items() if found is not None}
    if not panels:
        return style.words("Nothing of this run can be ranked.")
    rows = math.ceil(len(panels) / COLUMNS)
    columns = min(COLUMNS, len(panels))
    figure = style.new(2.3 * columns, 2.1 * rows + 0.6)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    image = None
    for ax, (name, matrix) in zip(axes, panels.items(), strict=False):
        image = ax.imshow(matrix, vmin=-1, vmax=1, cmap="RdBu")
        ax.set_xticks(range(4), MEASURES, fontsize=5.5)
        ax.set_yticks(range(4), MEASURES, fontsize=5.5)
        ax.tick_params(length=0)
        ax.set_title(name if name == "truth" else label(name))
        for i in range(4):
            for k in range(4):
                shown = "–" if math.isnan(matrix[i, k]) else f"{matrix[i, k]:.2f}"
                dark = abs(matrix[i, k]) > 0.6
                colour = "white" if dark else "black"
                ax.text(k, i, shown, ha="center", va="center", fontsize=6, color=colour)
                if i < k and not math.isnan(matrix[i, k]):
                    pair = f"{MEASURES[i]} / {MEASURES[k]}".replace("\n", " ")
                    plotted.add(
                        "mean over data sets and splits", name, pair, "Spearman", matrix[i, k]
                    )
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    figure.colorbar(image, ax=axes, label="rank correlation", shrink=0.6)
    figure.suptitle(
        "Rankings of features by four measures: Spearman correlation, mean over data sets, splits",
        fontsize=9,
    )
    return figure


def _mean_of(explained, graded, method):
    found = []
    for dataset in graded.datasets():
        if method is not None and (dataset, method) not in cells(explained.config):
            continue  # of the other task
        for index in range(explained.config["splits"]):
            importance = _importance(explained, dataset, method, index)
            if importance is not None:
                found.append(_correlations(importance))
    if not found:
        return None
    found = np.array(found)
    there = ~np.isnan(found)
    total, count = np.where(there, found, 0).sum(axis=0), there.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _importance(explained, dataset, method, index):
    """(4, d) by measure, NaN for one that is not there; effects per standard deviation."""
    asked, known = explained.probes(dataset, index), explained.known(dataset, index)
    d = asked.rows.shape[1]
    rows = [np.full(d, np.nan) for _ in range(4)]
    if method is None:
        if known.gradient is None:
            return None
        rows[0] = explained.coef(dataset, None, index)
        rows[1], rows[2] = known.gradient.mean(axis=0), known.shapley
    else:
        answers = dict(explained.samples(dataset, method, index)).get("")
        if answers is None:
            return None
        coef = explained.coef(dataset, method, index)
        if coef is not None:
            rows[0] = coef
        if "gradient" in answers.outputs:
            rows[1] = answers["gradient"].mean(axis=0)
        rows[2], rows[3] = answers["shapley"], answers["permutation"]
    rows[2] = np.abs(rows[2]).mean(axis=0)
    for k in (0, 1):
        rows[k] = np.abs(rows[k]) * asked.forward
    return np.array(rows)


def _correlations(importance):
    """(4, 4) Spearman correlations; NaN where a measure is missing or ranks all features alike."""
    from scipy.stats import rankdata

    ranks = np.array([rankdata(np.round(row, 12)) for row in importance])
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    size = np.linalg.norm(ranks, axis=1)
    undefined = np.isnan(importance).any(axis=1) | (size == 0)
    size[undefined] = 1
    found = (ranks @ ranks.T) / np.outer(size, size)
    found[undefined] = np.nan
    found[:, undefined] = np.nan
    return found
