"""A drawing of NIMO+: coefficients, curves, surfaces.  Needs matplotlib."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nimo.drawing.panels import POINTS, Panel, framed, mark_rows, new_figure, written_names
from nimo.drawing.places import COEFFICIENTS, moves, seen_from_above, span, word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nimo.reading.nimo_plus import AnchoredReading


def draw(model: AnchoredReading, X: Any, max_panels: int = 12) -> Figure:
    """Coefficients with their intervals, then a panel per curve and per surface.

    Curves come with their line and its 95 % interval.  Those that move the predictor most over X
    come first; of a surface of more features the two strongest are drawn, the others at their 90 %
    quantile.  Parameters as of :func:`nimo.drawing.panels.framed`.
    """
    return framed(model, X, max_panels, lambda rows: _panels(model, rows))


def _panels(model: AnchoredReading, rows: np.ndarray) -> list[Panel]:
    names = written_names(model)
    found: list[Panel] = [partial(_coefficients, model=model, names=names)]
    for features in sorted(model.model_.terms, key=lambda one: -moves(model, one, rows)):
        if len(features) == 1 and model._table.columns[features[0]].levels:
            found.append(partial(_levels, model=model, j=features[0], names=names))
        elif len(features) == 1:
            found.append(partial(_curve, model=model, j=features[0], rows=rows, names=names))
        else:
            found.append(partial(_surface, model=model, features=features, rows=rows, names=names))
    return found


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
    _named(ax, heights, [names[j] for j in used])
    ax.set_xlabel("coefficient times standard deviation, 95 % interval")


def _levels(ax, model: AnchoredReading, j: int, names: list[str]) -> None:
    """Effects of the levels with their intervals, those that differ most from their mean."""
    column = model._table.columns[j]
    levels, codes = column.levels, np.array(column.codes)
    effects = model.coef_[j] * (codes - model.baseline_[j]) + model.shape(j, levels)
    shown = np.argsort(-np.abs(effects), kind="stable")[:COEFFICIENTS]
    # what has an order keeps it
    shown = shown[np.argsort(-effects[shown], kind="stable")] if column.category else np.sort(shown)
    heights = np.arange(len(shown))[::-1]
    if model.model_.members:
        interval = model.term_interval(j, [levels[k] for k in shown], line=True)
        ax.hlines(heights, *interval.T, color="tab:blue", lw=1.5)
    ax.plot(effects[shown], heights, "o", color="tab:blue")
    ax.axvline(0, color="0.6", lw=0.8)
    _named(ax, heights, [_word(levels[k]) for k in shown])
    sure = ", 95 % interval" if model.model_.members else ""
    ax.set_xlabel(f"levels of {names[j]}{sure}")


def _named(ax, heights: np.ndarray, words: list[str]) -> None:
    """Words at the heights, none on the frame."""
    ax.set_yticks(heights, words)
    ax.set_ylim(-0.6, len(heights) - 0.4)


def _word(level: Any) -> str:
    return word(level).replace("$", r"\$")


def _curve(ax, model: AnchoredReading, j: int, rows: np.ndarray, names: list[str]) -> None:
    values = np.linspace(*span(model, j, rows), POINTS)
    straight = model.coef_[j] * (values - model.baseline_[j])
    if model.model_.members:
        band = model.term_interval(j, values, line=True)
        ax.fill_between(values, *band.T, color="tab:blue", alpha=0.2, lw=0)
    ax.plot(values, straight + model.shape(j, values), color="tab:blue")
    ax.plot(values, straight, color="0.4", ls="--", lw=1)
    ax.axvline(model.baseline_[j], color="0.8", lw=0.8)
    mark_rows(ax, rows[:, j])
    ax.set_xlabel(names[j])
    ax.set_ylabel(f"line and curve of {names[j]}")


def _surface(ax, model: AnchoredReading, features, rows: np.ndarray, names: list[str]) -> None:
    (i, j), (x, of_x), (y, of_y), held, height = seen_from_above(model, features, rows)
    most = float(np.abs(height).max()) or 1.0
    for axis, words in ((ax.xaxis, of_x), (ax.yaxis, of_y)):
        if words:
            axis.set_ticks(range(len(words)), [_word(one) for one in words])
    x, y = (np.arange(len(at)) if words else at for at, words in ((x, of_x), (y, of_y)))
    shown = ax.pcolormesh(x, y, height, cmap="RdBu_r", vmin=-most, vmax=most, shading="auto")
    if not of_x and not of_y:
        ax.plot(rows[:, i], rows[:, j], ".", color="0.3", ms=2, alpha=0.5)
        ax.set_xlim(x[0], x[-1])
        ax.set_ylim(y[0], y[-1])
    ax.figure.colorbar(shown, ax=ax, label=f"p({', '.join(names[k] for k in features)})")
    ax.set_xlabel(names[i])
    ax.set_ylabel(names[j])
    if held:
        where = ", ".join(f"{names[k]} at {_word(place)}" for k, (_, place) in held.items())
        ax.set_title(where, fontsize="small")


def draw_path(model: AnchoredReading) -> Figure:
    """Left-out error and its standard error by number of terms; what goes next stands beside."""
    figure = new_figure(7, 4)
    ax, steps = figure.add_subplot(), model.path_
    ax.errorbar(
        [step.n_terms for step in steps],
        [step.error for step in steps],
        [step.std_error for step in steps],
        fmt="o-",
        color="tab:blue",
        capsize=2,
    )
    for step, after in zip(steps, steps[1:], strict=False):
        word = f"{after.kind} {', '.join(after.names or ())}"
        ax.annotate(
            word.replace("$", r"\$"),
            (step.n_terms, step.error),
            (4, 6),
            textcoords="offset points",
            rotation=45,
            fontsize="x-small",
        )
    ax.margins(x=0.12)  # room for the last word
    ax.set_xlabel("lines, curves and surfaces")
    ax.set_ylabel("error of rows left out")
    ax.locator_params(axis="x", integer=True)
    return figure
