"""What is drawn: curves, levels, surfaces, modulations, each with where the rows lie.

Everything is in the unit of the linear predictor, and plain: lists, numbers, words.
Shapes: n rows, d features.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nimo.drawing.nimo import along, modulations
from nimo.drawing.panels import DRAWN_ROWS
from nimo.drawing.places import moves, seen_from_above, span, word
from nimo.report.parts import anchored

BINS = 24
CURVE_POINTS = 81
SURFACE_GRID = 25
#: Levels of a category that are shown, those that differ most.
SHOWN_LEVELS = 30
#: Of a page; the weaker ones are counted.
MOST_PANELS = 30


def panels(model: Any, rows: np.ndarray) -> tuple[list[dict[str, Any]], int]:
    """The strongest panels first, and how many were left out.

    Parameters
    ----------
    model : fitted estimator of one predictor
    rows : (n, d), validated
    """
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), DRAWN_ROWS)).astype(int)]
    if not anchored(model):
        found = modulations(model, some)
        drawn = [_modulation(model, j, by, some, rows) for j, by in found[:MOST_PANELS]]
        return drawn, max(0, len(found) - MOST_PANELS)
    own = np.std(model.model_.lines(some)[:, :, 0] + model._shapes(some), axis=0)
    own = np.where((model.coef_ != 0) | model.nonlinear_features_, own, -1.0)
    strengths = {(int(j),): float(own[j]) for j in np.flatnonzero(own >= 0)}
    strengths |= {
        features: moves(model, features, some)
        for features in model.model_.terms
        if len(features) > 1
    }
    order = sorted(strengths, key=lambda features: -strengths[features])
    drawn = [_panel(model, features, some, rows) for features in order[:MOST_PANELS]]
    return drawn, max(0, len(order) - MOST_PANELS)


def _panel(model: Any, features: tuple[int, ...], some: np.ndarray, rows: np.ndarray):
    if len(features) > 1:
        return _surface(model, features, some)
    (j,) = features
    if model._table.columns[j].levels:
        column = model._table.columns[j]
        return _levels(model, j, rows, list(column.levels), column.codes, list(column.levels))
    two = model._two_values[:, j]
    if np.isfinite(two).all():
        return _levels(model, j, rows, two.tolist(), two.tolist(), [f"{v:.4g}" for v in two])
    return _curve(model, j, rows)


def _interval(model: Any, j: int, values: Any) -> list | None:
    if not model.model_.members:
        return None
    return model.term_interval(j, values, line=True).tolist()


def histogram(column: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """Rows of a feature by value: counts, their edges, how many lie beyond and how many miss it."""
    there = column[~np.isnan(column)]
    counts, edges = np.histogram(there, BINS, (low, high))
    return {
        "counts": counts.tolist(),
        "edges": edges.tolist(),
        "beyond": int(len(there) - counts.sum()),
        "missing": int(len(column) - len(there)),
    }


def _curve(model: Any, j: int, rows: np.ndarray) -> dict[str, Any]:
    low, high = span(model, j, rows)
    values = np.linspace(low, high, CURVE_POINTS)
    line = model.coef_[j] * (values - model.baseline_[j])
    gaps = np.isnan(rows[:, j]).any()
    return {
        "type": "curve",
        "feature": model._names()[j],
        "curved": bool(model.nonlinear_features_[j]),
        "x": values.tolist(),
        "y": (line + model.shape(j, values)).tolist(),
        "line": line.tolist(),
        "interval": _interval(model, j, values),
        "baseline": float(model.baseline_[j]),
        "rows": histogram(rows[:, j], low, high),
        "at_missing": float(model.shape(j, [np.nan])[0]) if gaps else None,
    }


def _levels(model: Any, j: int, rows: np.ndarray, values: list, codes: list, levels: list):
    """Effects of a feature's levels, line and curve, with how many rows have them."""
    codes_ = np.array(codes)
    effects = model.coef_[j] * (codes_ - model.baseline_[j]) + model.shape(j, values)
    shown = np.argsort(-np.abs(effects), kind="stable")[:SHOWN_LEVELS]
    if model._table.columns[j].category:
        shown = shown[np.argsort(-effects[shown], kind="stable")]
    else:
        shown = np.sort(shown)
    counts = (rows[:, j, None] == codes_[shown]).sum(axis=0)
    return {
        "type": "levels",
        "feature": model._names()[j],
        "levels": [word(levels[k]) for k in shown],
        "codes": codes_[shown].tolist(),
        "y": effects[shown].tolist(),
        "interval": _interval(model, j, [values[k] for k in shown]),
        "counts": counts.tolist(),
        "left_out": len(codes) - len(shown),
    }


def _surface(model: Any, features: tuple[int, ...], some: np.ndarray) -> dict[str, Any]:
    names = model._names()
    found = seen_from_above(model, features, some, SURFACE_GRID)
    (x, of_x), (y, of_y) = found.x, found.y
    return {
        "type": "surface",
        "features": [names[k] for k in features],
        "pair": [names[k] for k in found.pair],
        "x": x.tolist(),
        "y": y.tolist(),
        "words_x": of_x,
        "words_y": of_y,
        "held": {names[k]: place for k, (_, place) in found.held.items()},
        "height": found.height.tolist(),
    }


def _modulation(model: Any, j: int, by: list[int], some: np.ndarray, rows: np.ndarray):
    """The coefficient of j along what moves it most, with a second modulator at two values."""
    names, (k, *second) = model._names(), by
    curves = []
    for other in second:
        for share in (0.1, 0.9):
            value = float(np.quantile(some[:, other], share))
            x, local = along(model, some, k, {other: value})
            label = f"{names[other]} = {value:.3g}"
            curves.append({"label": label, "x": x.tolist(), "y": local[:, j].tolist()})
    x, local = along(model, some, k, {})
    curves.append({"label": "others at the baseline", "x": x.tolist(), "y": local[:, j].tolist()})
    return {
        "type": "modulation",
        "feature": names[j],
        "by": names[k],
        "curves": curves,
        "coef": float(model.coef_[j]),
        "baseline": float(model.baseline_[k]),
        "rows": histogram(rows[:, k], float(x[0]), float(x[-1])),
    }
