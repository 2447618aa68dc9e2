"""Sums over rows whose design comes in parts.

Shapes: n rows, p columns, k predictors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from nimo.plus.evidence import Posterior, Sums

#: Gives rows and their design, part by part.
Parts = Callable[[], Iterable[tuple[slice, np.ndarray]]]


class RowSums:
    """Sums over rows that come in parts."""

    def __init__(self) -> None:
        self.gram: np.ndarray | float = 0.0
        self.cross: np.ndarray | float = 0.0
        self.square = 0.0

    def add(self, design: np.ndarray, weight: np.ndarray, target: np.ndarray) -> None:
        weighted = design * weight[:, None]
        self.gram = self.gram + weighted.T @ design
        self.cross = self.cross + weighted.T @ target
        self.square += float(weight @ target**2)

    def sums(self, rows: float) -> Sums:
        return Sums(np.asarray(self.gram), np.asarray(self.cross), self.square, float(rows))


def row_sums(designs, weight, target, rows) -> Sums:
    found = RowSums()
    for part, design in designs:
        found.add(design, weight[part], target[part])
    return found.sums(rows)


def predictor(designs, coefficients, n) -> np.ndarray:
    eta = np.empty((n, coefficients.shape[1]))
    for part, design in designs:
        eta[part] = design @ coefficients
    return eta


def spread(design: np.ndarray, posterior: Posterior) -> np.ndarray:
    """Posterior variance of the predictor, (n,)."""
    units = design[:, posterior.active] * posterior.root
    return np.einsum("ij,ij->i", units @ posterior.inverse, units)
