"""Do four measures of importance rank features alike?  Spearman correlations, model by model."""

from __future__ import annotations

import math

from benchmark.evaluation.importance import MEASURES, mean_correlations
from benchmark.figures import style
from benchmark.tables.explained import models, wrapped

SHOWN = ("effect at\nbaseline", "average\neffect", "mean\n|Shapley|", "permu-\ntation")
COLUMNS = 4


def build(explained, plotted):
    """Parameters: see :func:`benchmark.figures.draw_explained`."""
    panels = {"truth": mean_correlations(explained, None)}
    panels |= {m: mean_correlations(explained, m) for m, _ in models(explained.results)}
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
        ax.set_xticks(range(4), SHOWN, fontsize=5.5)
        ax.set_yticks(range(4), SHOWN, fontsize=5.5)
        ax.tick_params(length=0)
        ax.set_title(name if name == "truth" else wrapped(explained.results, name))
        for i in range(4):
            for k in range(4):
                shown = "–" if math.isnan(matrix[i, k]) else f"{matrix[i, k]:.2f}"
                dark = abs(matrix[i, k]) > 0.6
                colour = "white" if dark else "black"
                ax.text(k, i, shown, ha="center", va="center", fontsize=6, color=colour)
                if i < k and not math.isnan(matrix[i, k]):
                    pair = f"{MEASURES[i]} / {MEASURES[k]}"
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
