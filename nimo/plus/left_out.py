"""Errors of rows by models of them without that row, in closed form.

Rad and Maleki, A scalable estimate of the out-of-sample prediction error via approximate
leave-one-out cross-validation, JRSS B 82, 2020.  Shapes: n rows, k predictors, p columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.plus.evidence import LEAST_NOISE, Solution
from nimo.plus.families import Family
from nimo.plus.pieces import Functions
from nimo.plus.problem import Problem
from nimo.plus.reweighting import LEAST_OPEN
from nimo.plus.terms import Key, explained

#: Rows that stand for all.
LEFT_OUT_ROWS = 2_000
#: Of a row that the other rows do not say: 1 less its leverage.
LEAST_LEFT = 1e-3


@dataclass(frozen=True)
class LeftOut:
    """Some rows, and what their errors need."""

    u: np.ndarray
    own: np.ndarray
    weight: np.ndarray
    target: np.ndarray
    y: np.ndarray
    #: Weight of all rows.
    total: float

    @staticmethod
    def of(problem: Problem, weight, target) -> LeftOut:
        n = len(problem.u)
        some = np.linspace(0, n - 1, min(n, LEFT_OUT_ROWS)).astype(int)
        return LeftOut(
            problem.u[some],
            problem.weight[some],
            weight[some],
            target[some],
            problem.y[some],
            float(problem.weight.sum()),
        )

    def designed(self, functions: Functions, pieces) -> Designed:
        """With the columns of pieces."""
        return Designed(self, functions.design(pieces, self.u))


@dataclass(frozen=True)
class Designed:
    """The rows with their design (n, p)."""

    rows: LeftOut
    design: np.ndarray

    def shares(self, at: Solution, kept: np.ndarray, here: dict[Key, np.ndarray]):
        """Of the variance of the predictor that each term explains."""
        coefficients = at.coefficients
        parts = {key: self.design[:, kept[own]] @ coefficients[own] for key, own in here.items()}
        return explained(parts, self.rows.own)

    def dispersion(self, family: Family, at: Solution, kept: np.ndarray) -> float:
        """What the loss of the rows is divided by."""
        eta, own = self.design[:, kept] @ at.coefficients, self.rows.own
        open_ = max(1 - at.determined.sum() / self.rows.total, LEAST_OPEN)
        return max(family.dispersion(eta, self.rows.y, own, open_), LEAST_NOISE)

    def error(self, family: Family, at: Solution, kept: np.ndarray) -> tuple[float, float]:
        """Mean loss of the rows, each by the model without it, and its standard error."""
        eta = self.design[:, kept] @ at.coefficients
        for c, one in enumerate(at.posteriors):
            units = self.design[:, kept[one.active]] * one.root
            spread = np.einsum("ij,ij->i", units @ one.inverse, units)
            leverage = spread * self.rows.weight[:, c] / at.noise
            residual = self.rows.target[:, c] - eta[:, c]
            eta[:, c] -= leverage / np.maximum(1 - leverage, LEAST_LEFT) * residual
        y, own = self.rows.y, self.rows.own
        loss = ((y - eta) ** 2)[:, 0] if family.has_noise else family.loss(eta, y)
        mean = float(np.average(loss, weights=own))
        spread = np.average((loss - mean) ** 2, weights=own)
        return mean, float(np.sqrt(spread / len(loss)))
