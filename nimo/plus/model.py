"""A fitted model: the mean of structures as one set of coefficients, curves and surfaces.

Shapes: n rows, d features, k predictors.  Everything takes features as they were given and answers
in the unit of the linear predictor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nimo.plus.basis import at_baseline
from nimo.plus.pieces import Functions, Piece
from nimo.plus.structures import Structure

#: Rows that prediction takes at a time.
CHUNK_ROWS = 20_000


@dataclass
class AnchoredModel:
    """eta(x) = b0 + sum_j [beta_j u_j + s_j(u_j)] + products, u_j = (x_j - baseline_j) / scale_j.

    Every piece but the line has value and gradient 0 at the baseline.

    Parameters
    ----------
    functions : Functions
        With scales of 1: the coefficients have taken them in.
    intercept : (k,), at the baseline
    slope, slope_variance : (d, k)
        Coefficients of u, and their variance over and within the structures.
    parts : dict of Piece to (q, k)
        Coefficients of the other pieces.
    baseline, scale : (d,)
    centre, unit : float
        Of the response; the model is ``centre + unit`` times its inner one.
    """

    functions: Functions
    intercept: np.ndarray
    slope: np.ndarray
    slope_variance: np.ndarray
    parts: dict[Piece, np.ndarray]
    baseline: np.ndarray
    scale: np.ndarray
    centre: float
    unit: float

    @staticmethod
    def mean(
        functions: Functions,
        structures: Sequence[Structure],
        baseline: np.ndarray,
        scale: np.ndarray,
        centre: float,
        unit: float,
    ) -> AnchoredModel:
        """The mean of structures by their shares."""
        d, k = len(baseline), structures[0].state.eta.shape[1]
        intercept = np.zeros(k)
        parts: dict[Piece, np.ndarray] = {}
        slopes, within = [], []
        for one in structures:
            slope, variance = np.zeros((d, k)), np.zeros((d, k))
            intercept = intercept + one.share * one.state.solution.coefficients[0]
            own = _variances(one)
            for piece, columns in _columns(functions, one):
                found = functions.of_all(piece, one.state.solution.coefficients[columns])
                if piece.straight:
                    slope[list(piece.features)] = found
                    variance[list(piece.features)] = functions.scale[piece] ** 2 * own[columns]
                elif found.any():
                    parts[piece] = parts.get(piece, np.zeros(1)) + one.share * found
            slopes.append(slope)
            within.append(variance)
        shares = np.array([one.share for one in structures])
        slope = np.tensordot(shares, np.array(slopes), 1)
        between = np.tensordot(shares, (np.array(slopes) - slope) ** 2, 1)
        variance = np.tensordot(shares, np.array(within), 1) + between
        modulations = {p: functions.modulations[p] for p in parts if p.kind == "modulation"}
        ones = Functions(functions.bases, dict.fromkeys(parts, 1.0), modulations)
        return AnchoredModel(ones, intercept, slope, variance, parts, baseline, scale, centre, unit)

    def among(self, kept: np.ndarray, baseline: np.ndarray, scale: np.ndarray) -> AnchoredModel:
        """The same model of d features, of which it knows those numbered ``kept``."""
        if len(kept) == len(baseline):
            return self
        bases: list = [None] * len(baseline)
        for j, basis in zip(kept, self.functions.bases, strict=True):
            bases[j] = basis

        def renumbered(of: dict) -> dict:
            return {
                piece._replace(features=tuple(int(kept[j]) for j in piece.features)): value
                for piece, value in of.items()
            }

        parts, modulations = renumbered(self.parts), renumbered(self.functions.modulations)
        slope, variance = (np.zeros((len(baseline), self.slope.shape[1])) for _ in range(2))
        slope[kept], variance[kept] = self.slope, self.slope_variance
        functions = Functions(bases, dict.fromkeys(parts, 1.0), modulations)
        return replace(
            self, functions=functions, slope=slope, slope_variance=variance, parts=parts,
            baseline=baseline, scale=scale,
        )  # fmt: skip

    # ---------------------------------------------------------------- on the given scale

    @property
    def coef(self) -> np.ndarray:
        """(d, k) marginal effects at the baseline."""
        return self.unit * self.slope / self.scale[:, None] + 0.0  # no -0

    @property
    def coef_std(self) -> np.ndarray:
        """(d, k)"""
        return self.unit * np.sqrt(self.slope_variance) / self.scale[:, None]

    @property
    def at_baseline(self) -> np.ndarray:
        """(k,) the linear predictor there."""
        return self.centre + self.unit * self.intercept

    def _chunks(self, X: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for first in range(0, len(X), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            yield rows, (X[rows] - self.baseline) / self.scale

    def predictor(self, X: np.ndarray) -> np.ndarray:
        """(n, k)"""
        found = np.empty((len(X), len(self.intercept)))
        for rows, u in self._chunks(X):
            eta = self.intercept + at_baseline(u) @ self.slope
            factors: dict[int, np.ndarray] = {}
            for piece, coefficients in self.parts.items():
                eta += self.functions.raw(piece, u, factors) @ coefficients
            found[rows] = self.centre + self.unit * eta
        return found

    def lines(self, X: np.ndarray) -> np.ndarray:
        """What each feature's line adds, (n, d, k)."""
        u = at_baseline((X - self.baseline) / self.scale)
        return self.unit * u[:, :, None] * self.slope

    def term(self, features: tuple[int, ...], X: np.ndarray) -> np.ndarray:
        """The curve of one feature, or the surface of several, without lines; (n, k)."""
        found = np.zeros((len(X), len(self.intercept)))
        for rows, u in self._chunks(X):
            factors: dict[int, np.ndarray] = {}
            for piece, coefficients in self.parts.items():
                if piece.features == features:
                    found[rows] += self.functions.raw(piece, u, factors) @ coefficients
        return self.unit * found

    @property
    def terms(self) -> list[tuple[int, ...]]:
        """Features of each curve and surface."""
        return sorted({piece.features for piece in self.parts}, key=lambda f: (len(f), f))


def _columns(functions: Functions, one: Structure) -> Iterator[tuple[Piece, slice]]:
    first = 1
    for piece in one.state.pieces:
        last = first + functions.width(piece)
        yield piece, slice(first, last)
        first = last


def _variances(one: Structure) -> np.ndarray:
    """Posterior variance of each coefficient, (p, k)."""
    solution = one.state.solution
    found = np.zeros((len(solution.blocks), len(solution.posteriors)))
    for c, posterior in enumerate(solution.posteriors):
        found[posterior.active, c] = posterior.inverse.diagonal() * posterior.root**2
    return found
