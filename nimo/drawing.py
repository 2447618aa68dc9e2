"""A drawing of a fitted model: what bends, what modulates what.  Needs matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nimo.extension.kernels import places

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nimo.estimators import _NIMO
    from nimo.reading import Reading

POINTS = 121
PER_ROW = 3
DRAWN_ROWS = 400  # drawn, and looked at for the strength of a modulation
#: Share of the strongest modulation from which a second modulator gets curves of its own.
SECOND = 0.25


def draw(model: _NIMO, X: Any, max_panels: int = 12) -> Figure:
    """Coefficients with the spread of the local ones, then a panel per bend and per modulation.

    Grey points are rows, marks on the axis their values.  A panel of a modulation has the local
    coefficient along the feature that moves it most, the others at the baseline, and, where a
    second feature matters too, with that at its 10 and 90 % quantile.

    Parameters
    ----------
    model : fitted NIMORegressor or NIMOClassifier
        For more than two classes one of ``estimators_``.
    X : (n, d)
        Rows that say where the features lie, training rows say; 400 of them if there are more.
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
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), DRAWN_ROWS)).astype(int)]
    panels = _panels(model, some)[: max_panels - 1]
    columns = min(PER_ROW, 1 + len(panels))
    lines = math.ceil((1 + len(panels)) / columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    _coefficients(axes[0], model, rows)
    for ax, (_, paint, feature, modulators) in zip(axes[1:], panels, strict=False):
        paint(ax, model, some, feature, modulators)
    for ax in axes[1 + len(panels) :]:
        ax.set_axis_off()
    return figure


def written_names(model: Reading) -> list[str]:
    """Names as they are written: matplotlib would set what stands between dollars as a formula."""
    return [name.replace("$", r"\$") for name in model._names()]


def _panels(model: _NIMO, rows: np.ndarray) -> list[tuple]:
    """(how far it moves the predictor, what paints it, feature, modulators), the largest first."""
    found: list[tuple] = []
    for j in places(model.bent_features_):
        moves = float(np.std(model.shape(j, rows[:, j])))
        found.append((moves, _bend, j, []))
    strengths = _strengths(model, rows)
    for j in places(np.any(model.modulated_by_, axis=1, keepdims=True)[:, 0]):
        order = sorted(places(model.modulated_by_[j]), key=lambda k: -strengths[j, k])
        moves = float(strengths[j, order[0]] * np.std(rows[:, j]))
        second = [k for k in order[1:2] if strengths[j, k] > SECOND * strengths[j, order[0]]]
        found.append((moves, _modulation, j, [order[0], *second]))
    return sorted(found, key=lambda panel: -panel[0])


def _strengths(model: _NIMO, rows: np.ndarray) -> np.ndarray:
    """How far k (column) moves the coefficient of j (row), (d, d) in the unit of the coefficient.

    The root of k's total effect on the variance over rows: half the mean square of what changes
    where k alone has the value of another row (Jansen 1999).  A curve along k with all others at
    the baseline would miss a product, such as a correction by x2 x3.
    """
    order = np.random.default_rng(0).permutation(len(rows))
    local, found = model._local_coef(rows), np.zeros(model.modulated_by_.shape)
    for k in places(np.any(model.modulated_by_, axis=0, keepdims=True)[0]):
        other = rows.copy()
        other[:, k] = rows[order, k]
        found[:, k] = np.sqrt(np.mean((model._local_coef(other) - local) ** 2, axis=0) / 2)
    return found


def _along(model: _NIMO, rows: np.ndarray, k: int, at: dict[int, float]) -> tuple:
    """Feature k over its range, all others at the baseline but those in ``at``; coefficients."""
    low, high = np.quantile(rows[:, k], [0.01, 0.99])
    values = np.linspace(low, high, POINTS)
    line = np.tile(model.baseline_, (POINTS, 1))
    for other, value in at.items():
        line[:, other] = value
    line[:, k] = values
    return values, model._local_coef(line)


def _coefficients(ax, model: _NIMO, rows: np.ndarray) -> None:
    names = written_names(model)
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


def _bend(ax, model: _NIMO, rows: np.ndarray, j: int, _: list[int]) -> None:
    name = written_names(model)[j]
    low, high = np.quantile(rows[:, j], [0.01, 0.99])
    values = np.linspace(low, high, POINTS)
    straight = model.coef_[j] * (values - model.baseline_[j])
    _points(ax, rows[:, j], model._parts(rows)[:, j])
    ax.plot(values, straight + model.shape(j, values), color="tab:blue")
    ax.plot(values, straight, color="0.4", ls="--", lw=1)
    ax.axvline(model.baseline_[j], color="0.8", lw=0.8)
    ax.set_xlabel(name)
    ax.set_ylabel(f"line and bend of {name}")


def _modulation(ax, model: _NIMO, rows: np.ndarray, j: int, by: list[int]) -> None:
    """The local coefficient of j in each row and along its strongest modulator."""
    names, (k, *second) = written_names(model), by
    _points(ax, rows[:, k], model._local_coef(rows)[:, j], label="rows")
    for other in second:
        for share, style in ((0.1, ":"), (0.9, "--")):
            value = float(np.quantile(rows[:, other], share))
            values, local = _along(model, rows, k, {other: value})
            label = f"at {names[other]} = {value:.3g}"  # what begins with "_" has no entry
            ax.plot(values, local[:, j], color="tab:orange", ls=style, label=label)
    values, local = _along(model, rows, k, {})
    ax.plot(values, local[:, j], color="tab:orange", label="others at the baseline")
    ax.axhline(model.coef_[j], color="0.4", ls="--", lw=1)
    ax.axvline(model.baseline_[k], color="0.8", lw=0.8)
    ax.set_xlabel(names[k])
    ax.set_ylabel(f"coefficient of {names[j]}")
    ax.legend(fontsize="x-small", loc="best")


def _points(ax, x: np.ndarray, y: np.ndarray, label: str | None = None) -> None:
    """Where the rows lie: their values, and marks on the axis."""
    ax.plot(x, y, "o", color="0.6", ms=2.5, alpha=0.6, zorder=1, label=label)
    ax.plot(x, np.zeros(len(x)), "|", color="0.4", ms=5, lw=0, transform=ax.get_xaxis_transform())
