"""Where the curves and surfaces of NIMO+ are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.stats import mode

if TYPE_CHECKING:
    from nimo.reading.nimo_plus import AnchoredReading

GRID = 61
#: Coefficients, or levels of a category, that are shown.
COEFFICIENTS = 15


def moves(model: AnchoredReading, features: tuple[int, ...], rows: np.ndarray) -> float:
    """How much a curve or a surface moves the predictor: its standard deviation over the rows."""
    return float(np.std(model.model_.term(features, rows)[:, 0]))


def word(level: Any) -> str:
    """A level as it is written."""
    return "missing" if level is None else str(level)


def span(model: AnchoredReading, j: int, rows: np.ndarray) -> tuple[float, float]:
    """Between the 1 and 99 % quantiles of a feature, its baseline included."""
    there = rows[~np.isnan(rows[:, j]), j]
    if not len(there):
        there = model.baseline_[j] + model._spread[j] * np.array([-1.0, 1.0])
    low, high = np.quantile(there, [0.01, 0.99])
    return float(min(low, model.baseline_[j])), float(max(high, model.baseline_[j]))


def _stops(
    model: AnchoredReading, k: int, rows: np.ndarray, grid: int
) -> tuple[np.ndarray, list[str]]:
    """Values of a surface's feature; their words where they are few, so that none lies between.

    Those are the most frequent levels of a category, and the values of a feature that has two.
    """
    if model._categories[k]:
        column = model._table.columns[k]
        codes = np.array(column.codes)
        counts = (rows[:, k, None] == codes).sum(axis=0)
        codes = codes[np.sort(np.argsort(-counts, kind="stable")[:COEFFICIENTS])]
        return codes, [word(column.level(code)) for code in codes]
    two = model._two_values[:, k]
    if np.isfinite(two).all():
        return two, [f"{value:.4g}" for value in two]
    return np.linspace(*span(model, k, rows), grid), []


def _held(model: AnchoredReading, k: int, rows: np.ndarray) -> tuple[float, str]:
    """Where a surface's further feature is held: with one at the baseline it is 0 throughout."""
    if not model._categories[k]:
        return float(np.nanquantile(rows[:, k], 0.9)), "the 90 % quantile"
    code = float(mode(rows[:, k]).mode)
    return code, word(model._table.columns[k].level(code))


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


class FromAbove(NamedTuple):
    """A surface over its two strongest features.

    Attributes
    ----------
    pair : (i, j) numbers of the features
    x, y : values of each on the way, and their words where there is nothing between them
    held : value and word of the place of each further feature
    height : (values of y, values of x)
    """

    pair: tuple[int, int]
    x: tuple[np.ndarray, list[str]]
    y: tuple[np.ndarray, list[str]]
    held: dict[int, tuple[float, str]]
    height: np.ndarray


def seen_from_above(
    model: AnchoredReading, features: tuple[int, ...], rows: np.ndarray, grid: int = GRID
) -> FromAbove:
    """Of a surface of two features or more, (n, d) rows saying where they lie."""
    (i, j), others = _strongest_two(model, features, rows)
    x, y = (_stops(model, k, rows, grid) for k in (i, j))
    at = np.tile(model.baseline_, (len(x[0]) * len(y[0]), 1))
    at[:, i], at[:, j] = np.tile(x[0], len(y[0])), np.repeat(y[0], len(x[0]))
    held = {k: _held(model, k, rows) for k in others}
    for k, (value, _) in held.items():
        at[:, k] = value
    height = model.model_.term(tuple(features), at)[:, 0].reshape(len(y[0]), len(x[0]))
    return FromAbove((i, j), x, y, held, height)
