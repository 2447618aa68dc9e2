"""A drawing of a fitted model: what bends, what modulates what.  Needs matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nimo.extension.kernels import places

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nimo.estimators import _NIMO

POINTS = 121
PER_ROW = 3


def draw(model: _NIMO, X: Any, max_panels: int = 12) -> Figure:
    """Coefficients with the spread of the local ones, then a panel per bend and per modulation.

    Parameters
    ----------
    model : fitted NIMORegressor or NIMOClassifier
        For more than two classes one of ``estimators_``.
    X : (n, d)
        Rows that say where the features lie, training rows say.
    max_panels : int
        Panels at most, the coefficients included; those that move the predictor most are drawn.

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
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("drawing needs matplotlib: pip install matplotlib") from error
    if max_panels < 1:
        raise ValueError(f"max_panels must be at least 1, got {max_panels!r}")
    model._check_readable()
    rows = model._validated(X)
    panels = _panels(model, rows)[: max_panels - 1]
    columns = min(PER_ROW, 1 + len(panels))
    lines = math.ceil((1 + len(panels)) / columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    _coefficients(axes[0], model, rows)
    for ax, (_, paint, feature, modulator) in zip(axes[1:], panels, strict=False):
        paint(ax, model, rows, feature, modulator)
    for ax in axes[1 + len(panels) :]:
        ax.set_axis_off()
    return figure


def _panels(model: _NIMO, rows: np.ndarray) -> list[tuple]:
    """(how far it moves the predictor, what paints it, feature, modulator), the largest first."""
    found: list[tuple] = []
    for j in places(model.bent_features_):
        moves = float(np.std(model.shape(j, rows[:, j])))
        found.append((moves, _bend, j, -1))
    for j in places(np.any(model.modulated_by_, axis=1, keepdims=True)[:, 0]):
        strengths = {k: _strength(model, rows, j, k) for k in places(model.modulated_by_[j])}
        k = max(strengths, key=strengths.__getitem__)
        moves = strengths[k] * float(np.std(rows[:, j]))
        found.append((moves, _modulation, j, k))
    return sorted(found, key=lambda panel: -panel[0])


def _along(model: _NIMO, rows: np.ndarray, j: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Feature k over its range, all others at the baseline; the coefficient of j there."""
    low, high = np.quantile(rows[:, k], [0.01, 0.99])
    values = np.linspace(low, high, POINTS)
    line = np.tile(model.baseline_, (POINTS, 1))
    line[:, k] = values
    return values, model._local_coef(line)[:, j]


def _strength(model: _NIMO, rows: np.ndarray, j: int, k: int) -> float:
    return float(np.std(_along(model, rows, j, k)[1]))


def _coefficients(ax, model: _NIMO, rows: np.ndarray) -> None:
    names = model._names()
    used = np.flatnonzero((model.coef_ != 0) | model.modulated_by_.any(1) | model.bent_features_)
    used = used[np.argsort(-np.abs(model.coef_[used]), kind="stable")][:15]
    local = np.quantile(model._local_coef(rows)[:, used], [0.05, 0.95], axis=0)
    heights = np.arange(len(used))[::-1]
    ax.hlines(
        heights, *local, color="tab:orange", lw=5, alpha=0.5, label="local, 5 to 95 % of rows"
    )
    ax.plot(model.coef_[used], heights, "o", color="tab:blue", label="at the baseline")
    if hasattr(model, "coef_std_"):
        interval = model.coef_interval()[used]
        ax.hlines(heights, *interval.T, color="tab:blue", lw=1.5, label="95 % interval")
    ax.axvline(0, color="0.6", lw=0.8)
    ax.set_yticks(heights, [names[j] for j in used])
    ax.set_xlabel("coefficient")
    ax.legend(fontsize="x-small", loc="best")


def _bend(ax, model: _NIMO, rows: np.ndarray, j: int, _: int) -> None:
    name = model._names()[j]
    low, high = np.quantile(rows[:, j], [0.01, 0.99])
    values = np.linspace(low, high, POINTS)
    straight = model.coef_[j] * (values - model.baseline_[j])
    ax.plot(values, straight + model.shape(j, values), color="tab:blue")
    ax.plot(values, straight, color="0.6", ls="--", lw=1)
    ax.axvline(model.baseline_[j], color="0.8", lw=0.8)
    ax.set_xlabel(name)
    ax.set_ylabel(f"line and bend of {name}")


def _modulation(ax, model: _NIMO, rows: np.ndarray, j: int, k: int) -> None:
    names = model._names()
    values, local = _along(model, rows, j, k)
    ax.plot(values, local, color="tab:orange")
    ax.axhline(model.coef_[j], color="0.6", ls="--", lw=1)
    ax.axvline(model.baseline_[k], color="0.8", lw=0.8)
    ax.set_xlabel(names[k])
    ax.set_ylabel(f"coefficient of {names[j]}")
