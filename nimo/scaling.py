"""Centre and unit of columns: the one place that says what a unit is, and what is constant.

It imports NumPy alone: the estimators of both packages use it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# A column whose standard deviation is below this share of its largest value is constant but for
# rounding (the unit of which is 2e-16), whatever unit it has.
CONSTANT = 1e-13


class Columns(NamedTuple):
    """Mean, standard deviation (1 where constant) and whether constant, (d,) or scalars."""

    mean: np.ndarray
    spread: np.ndarray
    constant: np.ndarray


def measure(values: np.ndarray, weight: np.ndarray | None = None) -> Columns:
    """Mean and standard deviation of each column, for values of any size.

    Parameters
    ----------
    values : (n, d) or (n,), finite
    weight : (n,), optional

    Returns
    -------
    Columns
    """
    # In units of a power of two nothing is rounded, and no square overflows or vanishes.
    exponent = np.frexp(np.abs(values).max(0))[1] - 1
    inner = np.ldexp(values, -exponent)
    mean = np.average(inner, axis=0, weights=weight)
    spread = np.sqrt(np.average((inner - mean) ** 2, axis=0, weights=weight))
    constant = spread <= CONSTANT
    spread = np.where(constant, 1.0, np.ldexp(spread, exponent))
    return Columns(np.ldexp(mean, exponent), spread, constant)


def units(X: np.ndarray, weight: np.ndarray, blocks: np.ndarray) -> Columns:
    """Mean, standard deviation and constancy of columns of numbers, over what is there.

    The columns of ``blocks`` (d,) bool have mean 0 and unit 1: codes stay what they are.
    """
    gaps = np.isnan(X).any(axis=0) | blocks
    mean, spread, constant = np.zeros(X.shape[1]), np.ones(X.shape[1]), ~blocks
    if not gaps.all():
        mean[~gaps], spread[~gaps], constant[~gaps] = measure(X[:, ~gaps], weight)
    for j in np.flatnonzero(gaps & ~blocks):
        there = ~np.isnan(X[:, j])
        if there.any():
            mean[j], spread[j], constant[j] = measure(X[there, j], weight[there])
    return Columns(mean, spread, constant)
