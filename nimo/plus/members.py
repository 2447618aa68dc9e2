"""A structure as the fitted model keeps it: what it says at given features, and how surely.

Shapes: n rows, p columns, k predictors.  Features are on the inner scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nimo.plus.evidence import Solution
from nimo.plus.pieces import DESIGN_FLOATS, Functions, Piece
from nimo.plus.problem import Problem
from nimo.plus.structures import Structure
from nimo.plus.uncertainty import Covariance, covariances


@dataclass(frozen=True)
class Member:
    """
    Parameters
    ----------
    share : float
        In the mean.
    heavy : bool
        Whether its noise is Student's t.
    noise : float
        Variance of normal noise, squared scale of t noise; 1 where the response has none.
    pieces : list of Piece
        Those whose variance is not 0.
    coefficients : (1 + p, k), the intercept first
    covariance : Covariance of all of them, for each predictor
    freedom : float
        Rows that the noise is estimated from, less what the coefficients take of them; infinite
        where there is no noise to estimate.
    """

    share: float
    heavy: bool
    noise: float
    pieces: list[Piece]
    coefficients: np.ndarray
    covariance: list[Covariance]
    freedom: float

    @staticmethod
    def of(problem: Problem, one: Structure) -> Member:
        """Coefficients of functions with a scale of 1."""
        state, functions = one.state, problem.functions
        rows = float(problem.weight.sum()) if problem.family.has_noise else np.inf
        widths = [functions.width(piece) for piece in state.pieces]
        scales = [functions.scale[piece] for piece in state.pieces]
        scale = np.r_[1.0, np.repeat(scales, widths)]
        return Member.of_solution(state.solution, state.present, scale, one.share, one.heavy, rows)

    @staticmethod
    def of_solution(
        solution: Solution,
        pieces: list[Piece],
        scale: np.ndarray,
        share: float,
        heavy: bool,
        rows: float,
    ) -> Member:
        """With factors ``scale`` (p,) of the coefficients; the pieces are those that are there.

        ``rows`` are those that the noise is estimated from.
        """
        active = np.flatnonzero(solution.variance[solution.blocks] > 0)
        fixed = np.arange(len(solution.variance)) == 0
        return Member(
            share,
            heavy,
            solution.noise,
            pieces,
            (solution.coefficients * scale[:, None])[active],
            covariances(solution, fixed, scale),
            max(rows - float(solution.determined.sum()), 1.0),
        )

    def renumbered(self, pieces: Callable[[Piece], Piece]) -> Member:
        return replace(self, pieces=[pieces(piece) for piece in self.pieces])

    def slopes(self, functions: Functions, d: int) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of the features and their variances, (d, k) each."""
        k = self.coefficients.shape[1]
        slope, variance = np.zeros((d, k)), np.zeros((d, k))
        own = np.stack([one.diagonal for one in self.covariance], axis=1)
        for piece, columns in functions.places(self.pieces):
            if piece.straight:
                slope[list(piece.features)] = self.coefficients[columns]
                variance[list(piece.features)] = own[columns]
        return slope, variance

    def moments(
        self, functions: Functions, u: np.ndarray, chosen: Callable[[Piece], bool] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the predictor, or of some pieces alone; (n, k) each."""
        n, (p, k) = len(u), self.coefficients.shape
        mean, variance = np.zeros((n, k)), np.zeros((n, k))
        step = max(1, DESIGN_FLOATS // p)
        for first in range(0, n, step):
            rows = slice(first, first + step)
            factors: dict[int, np.ndarray] = {}
            design = np.zeros((len(u[rows]), p))
            if chosen is None:
                design[:, 0] = 1.0
            for piece, columns in functions.places(self.pieces):
                if chosen is None or chosen(piece):
                    design[:, columns] = functions.unscaled(piece, u[rows], factors)
            mean[rows] = design @ self.coefficients
            for c, one in enumerate(self.covariance):
                variance[rows, c] = one.of(design)
        return mean, variance


def mixed(shares: np.ndarray, means: np.ndarray, variances: np.ndarray):
    """Mean and variance of a mixture, over the first axis."""
    mean = np.tensordot(shares, means, 1)
    return mean, np.tensordot(shares, variances + (means - mean) ** 2, 1)
