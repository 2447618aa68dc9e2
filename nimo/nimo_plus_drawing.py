"""A drawing of NIMO+: coefficients, curves, surfaces.  Needs matplotlib."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nimo.drawing import POINTS, Panel, framed, mark_rows, written_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nimo.nimo_plus_reading import AnchoredReading

GRID = 61
COEFFICIENTS = 15


def draw(model: AnchoredReading, X: Any, max_panels: int = 12) -> Figure:
    """Coefficients with their intervals, then a panel per curve and per surface.

    Curves come with their line.  Those that move the predictor most over X come first; of a surface
    of more features the two strongest are drawn, the others at their 90 % quantile.  Parameters as
    of :func:`nimo.drawing.framed`.
    """
    return framed(model, X, max_panels, lambda rows: _panels(model, rows))


def _panels(model: AnchoredReading, rows: np.ndarray) -> list[Panel]:
    names = written_names(model)
    found: list[Panel] = [partial(_coefficients, model=model, names=names)]
    for features in sorted(model.terms_, key=lambda one: -_moves(model, one, rows)):
        if len(features) == 1:
            found.append(partial(_curve, model=model, j=features[0], rows=rows, names=names))
        else:
            found.append(partial(_surface, model=model, features=features, rows=rows, names=names))
    return found


def _moves(model: AnchoredReading, features: tuple[int, ...], rows: np.ndarray) -> float:
    return float(np.std(model.model_.term(features, rows)[:, 0]))


def _coefficients(ax, model: AnchoredReading, names: list[str]) -> None:
    # one standard deviation of each feature: their units may differ by any factor
    spread = model._spread
    used = np.flatnonzero(model.coef_)
    used = used[np.argsort(-np.abs(model.coef_[used] * spread[used]), kind="stable")]
    used = used[:COEFFICIENTS]
    heights = np.arange(len(used))[::-1]
    interval = model.coef_interval()[used] * spread[used, None]
    ax.hlines(heights, *interval.T, color="tab:blue", lw=1.5)
    ax.plot(model.coef_[used] * spread[used], heights, "o", color="tab:blue")
    ax.axvline(0, color="0.6", lw=0.8)
    ax.set_yticks(heights, [names[j] for j in used])
    ax.set_xlabel("coefficient times standard deviation, 95 % interval")


def _range(model: AnchoredReading, j: int, rows: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(rows[:, j], [0.01, 0.99])
    return float(min(low, model.baseline_[j])), float(max(high, model.baseline_[j]))


def _curve(ax, model: AnchoredReading, j: int, rows: np.ndarray, names: list[str]) -> None:
    values = np.linspace(*_range(model, j, rows), POINTS)
    straight = model.coef_[j] * (values - model.baseline_[j])
    ax.plot(values, straight + model.shape(j, values), color="tab:blue")
    ax.plot(values, straight, color="0.4", ls="--", lw=1)
    ax.axvline(model.baseline_[j], color="0.8", lw=0.8)
    mark_rows(ax, rows[:, j])
    ax.set_xlabel(names[j])
    ax.set_ylabel(f"line and curve of {names[j]}")


def _surface(ax, model: AnchoredReading, features, rows: np.ndarray, names: list[str]) -> None:
    (i, j), others = _strongest_two(model, features, rows)
    x, y = (np.linspace(*_range(model, k, rows), GRID) for k in (i, j))
    at = np.tile(model.baseline_, (GRID * GRID, 1))
    at[:, i], at[:, j] = np.tile(x, GRID), np.repeat(y, GRID)
    # with one of its features at the baseline a surface of more than two is 0 throughout
    at[:, others] = np.quantile(rows[:, others], 0.9, axis=0)
    height = model.model_.term(tuple(features), at)[:, 0].reshape(GRID, GRID)
    most = float(np.abs(height).max()) or 1.0
    shown = ax.pcolormesh(x, y, height, cmap="RdBu_r", vmin=-most, vmax=most, shading="auto")
    ax.plot(rows[:, i], rows[:, j], ".", color="0.3", ms=2, alpha=0.5)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.figure.colorbar(shown, ax=ax)
    ax.set_xlabel(names[i])
    ax.set_ylabel(names[j])
    if others:
        held = ", ".join(names[k] for k in others)
        ax.set_title(f"{held} at the 90 % quantile", fontsize="small")


def _strongest_two(model: AnchoredReading, features, rows):
    """The two of a surface whose own change moves it most, and the others."""
    if len(features) == 2:
        return features, []
    here, moved = model.model_.term(tuple(features), rows)[:, 0], {}
    for k in features:
        other = rows.copy()
        other[:, k] = np.roll(rows[:, k], 1)
        moved[k] = float(np.mean((model.model_.term(tuple(features), other)[:, 0] - here) ** 2))
    two = sorted(sorted(features, key=lambda k: -moved[k])[:2])
    return two, [k for k in features if k not in two]
