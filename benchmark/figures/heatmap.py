"""Panel of first-layer weights: neurons x features."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D

from benchmark.figures import style
from benchmark.figures.bars import feature_ticks

MARK = "#D55E00"
EMPTY = "no interactions:\nall weights are 0"


def first_layer(ax, weights, names, interacting, vmax, plotted, panel, method):
    """Absolute weights (h, d), white for 0; true interacting features get a triangle on top.

    Parameters
    ----------
    interacting : (d,) bool or None
    """
    image = style.intensities(ax, weights, vmax)
    if not np.any(weights):
        ax.text(0.5, 0.5, EMPTY, transform=ax.transAxes, ha="center", va="center")
    ax.set_yticks([0, len(weights) - 1], ["1", str(len(weights))])
    ax.set_ylabel("neuron", labelpad=-8)
    places, labels = feature_ticks(names)
    crowded = len(places) > 6 and not names[0][-1].isdigit()
    ax.set_xticks(places, labels, rotation=90 if crowded else 0)
    if interacting is not None:
        at = np.flatnonzero(interacting)
        ax.plot(
            at,
            np.full(len(at), 1.025),
            "v",
            color=MARK,
            markersize=4,
            clip_on=False,
            transform=ax.get_xaxis_transform(),
        )
    norms = np.linalg.norm(weights, axis=0)
    for name, norm in zip(names, norms, strict=True):
        plotted.add(panel, method, name, "column norm", norm)
    return image


BAR_LABEL = "|weight|, white: 0"


def mark_handle() -> Line2D:
    """Legend entry of the triangles."""
    return Line2D(
        [],
        [],
        linestyle="",
        marker="v",
        color=MARK,
        markersize=5,
        label="true interacting feature",
    )
