"""The frame of a drawing: coefficients, then a panel for each piece.  Needs matplotlib."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nimo.reading.fitted import FittedModel

Panel = Callable[["Axes"], None]
POINTS = 121
PER_ROW = 3
DRAWN_ROWS = 400  # drawn, and looked at for the strength of a piece


def framed(
    model: FittedModel, X: Any, max_panels: int, panels: Callable[[np.ndarray], list[Panel]]
) -> Figure:
    """The first of the panels that are made of the rows.

    Parameters
    ----------
    model : fitted estimator
    X : (n, d)
        Rows that say where the features lie; 400 of them if there are more.
    max_panels : int
    panels : callable
        Takes rows, gives what paints each panel, the most important first.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown, and known to no window: ``figure.savefig(...)``, or the last line of a cell.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        ``max_panels`` below 1.
    """
    if max_panels < 1:
        raise ValueError(f"max_panels must be at least 1, got {max_panels!r}")
    model._check_readable()
    rows = model._validated(X)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), DRAWN_ROWS)).astype(int)]
    drawn = panels(rows)[:max_panels]
    lines = math.ceil(len(drawn) / PER_ROW)
    columns = math.ceil(len(drawn) / lines)  # four panels are two by two
    figure = new_figure(4.2 * columns, 3.3 * lines)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for ax, paint in zip(axes, drawn, strict=False):
        paint(ax)
    for ax in axes[len(drawn) :]:
        ax.set_axis_off()
    return figure


def new_figure(width: float, height: float) -> Figure:
    """In inches; ImportError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("drawing needs matplotlib: pip install matplotlib") from error
    return Figure(figsize=(width, height), layout="constrained")


def written_names(model: FittedModel) -> list[str]:
    """Names as they are written: matplotlib would set what stands between dollars as a formula."""
    return [name.replace("$", r"\$") for name in model._names()]


def mark_rows(ax: Axes, column: np.ndarray) -> None:
    """Marks on the axis where the rows lie."""
    at = ax.get_xaxis_transform()
    ax.plot(column, np.zeros(len(column)), "|", color="0.4", ms=5, lw=0, transform=at)
