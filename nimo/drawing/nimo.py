"""A drawing of the paper's model: coefficients, and what modulates what.  Needs matplotlib."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nimo.drawing.panels import POINTS, Panel, framed, mark_rows, written_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nimo.reading.fitted import FittedModel

#: Share of the strongest modulation from which a second modulator gets curves of its own.
SECOND = 0.25


def draw(model: FittedModel, X: Any, max_panels: int = 12) -> Figure:
    """Coefficients with the spread of the local ones, then a panel per modulation.

    Grey points are rows, marks on the axis their values.  A panel of a modulation has the local
    coefficient along the feature that moves it most, the others at the baseline, and, where a
    second feature matters too, with that at its 10 and 90 % quantile.  Those that move the
    predictor most come first.  Parameters as of :func:`nimo.drawing.panels.framed`.
    """
    return framed(model, X, max_panels, lambda rows: _panels(model, rows))


def _panels(model: FittedModel, rows: np.ndarray) -> list[Panel]:
    found: list[Panel] = [partial(_coefficients, model=model, rows=rows)]
    for j, by in modulations(model, rows):
        found.append(partial(_modulation, model=model, rows=rows, j=j, by=by))
    return found


def modulations(model: FittedModel, rows: np.ndarray) -> list[tuple[int, list[int]]]:
    """Modulated features, those first whose modulation moves the predictor most.

    Each with what moves its coefficient most, and a second feature where that matters too.
    """
    found: list[tuple[float, int, list[int]]] = []
    strengths = _strengths(model, rows)
    for j in np.flatnonzero(model.modulated_by_.any(axis=1)):
        by = np.flatnonzero(model.modulated_by_[j])
        order = sorted((int(k) for k in by), key=lambda k: -strengths[j, k])
        moves = float(strengths[j, order[0]] * np.std(rows[:, j]))
        second = [k for k in order[1:2] if strengths[j, k] > SECOND * strengths[j, order[0]]]
        found.append((moves, int(j), [order[0], *second]))
    return [(j, by) for _, j, by in sorted(found, key=lambda one: -one[0])]


def _strengths(model: FittedModel, rows: np.ndarray) -> np.ndarray:
    """How far k (column) moves the coefficient of j (row), (d, d) in the unit of the coefficient.

    The root of k's total effect on the variance over rows: half the mean square of what changes
    where k alone has the value of another row (Jansen 1999).  A curve along k with all others at
    the baseline would miss a product, such as a correction by x2 x3.
    """
    order = np.random.default_rng(0).permutation(len(rows))
    local, found = model._local_coef(rows), np.zeros(model.modulated_by_.shape)
    for k in np.flatnonzero(model.modulated_by_.any(axis=0)):
        other = rows.copy()
        other[:, k] = rows[order, k]
        found[:, k] = np.sqrt(np.mean((model._local_coef(other) - local) ** 2, axis=0) / 2)
    return found


def along(model: FittedModel, rows: np.ndarray, k: int, at: dict[int, float]) -> tuple:
    """Feature k over its range, all others at the baseline but those in ``at``; coefficients."""
    low, high = np.quantile(rows[:, k], [0.01, 0.99])
    values = np.linspace(low, high, POINTS)
    line = np.tile(model.baseline_, (POINTS, 1))
    for other, value in at.items():
        line[:, other] = value
    line[:, k] = values
    return values, model._local_coef(line)


def _coefficients(ax, model: FittedModel, rows: np.ndarray) -> None:
    names = written_names(model)
    used = np.flatnonzero((model.coef_ != 0) | model.modulated_by_.any(1))
    used = used[np.argsort(-np.abs(model.coef_[used]), kind="stable")][:15]
    local = np.quantile(model._local_coef(rows)[:, used], [0.05, 0.95], axis=0)
    heights = np.arange(len(used))[::-1]
    ax.hlines(
        heights, *local, color="tab:orange", lw=5, alpha=0.5, label="local, 5 to 95 % of rows"
    )
    ax.plot(model.coef_[used], heights, "o", color="tab:blue", label="at the baseline")
    ax.axvline(0, color="0.6", lw=0.8)
    ax.set_yticks(heights, [names[j] for j in used])
    ax.set_xlabel("coefficient")
    ax.legend(fontsize="x-small", loc="best")


def _modulation(ax, model: FittedModel, rows: np.ndarray, j: int, by: list[int]) -> None:
    """The local coefficient of j in each row and along its strongest modulator."""
    names, (k, *second) = written_names(model), by
    at_rows = model._local_coef(rows)[:, j]
    ax.plot(rows[:, k], at_rows, "o", color="0.6", ms=2.5, alpha=0.6, zorder=1, label="rows")
    mark_rows(ax, rows[:, k])
    for other in second:
        for share, style in ((0.1, ":"), (0.9, "--")):
            value = float(np.quantile(rows[:, other], share))
            values, local = along(model, rows, k, {other: value})
            label = f"at {names[other]} = {value:.3g}"  # what begins with "_" has no entry
            ax.plot(values, local[:, j], color="tab:orange", ls=style, label=label)
    values, local = along(model, rows, k, {})
    ax.plot(values, local[:, j], color="tab:orange", label="others at the baseline")
    ax.axhline(model.coef_[j], color="0.4", ls="--", lw=1)
    ax.axvline(model.baseline_[k], color="0.8", lw=0.8)
    ax.set_xlabel(names[k])
    ax.set_ylabel(f"coefficient of {names[j]}")
    ax.legend(fontsize="x-small", loc="best")
