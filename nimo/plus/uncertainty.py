"""Posterior covariance of coefficients, kept in few directions.

What the rows say nothing of has its prior variance, so that all there is to keep are the directions
in which the covariance differs from the prior.  The variances of the pieces are estimates too:
their own uncertainty adds to that of the coefficients to first order (Kass and Steffey, Approximate
Bayesian inference in conditionally independent hierarchical models, JASA 84, 1989; Wood, Pya and
Saefken, Smoothing parameter and model selection for general smooth models, JASA 111, 2016).
Shapes: q coefficients whose variance is not 0, b pieces with one variance each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.plus.evidence import Posterior, Solution

#: Directions whose variance is within this share of the prior's are left to the prior; no variance
#: of anything is wrong by more.
FAINT = 0.01
#: Prior variance of the log of a piece's variance: its size is known to a factor of e.
LOG_VARIANCE = 4.0


@dataclass(frozen=True)
class Covariance:
    """diag(root) (I - directions diag(less) directions') diag(root).

    Parameters
    ----------
    root : (q,) prior standard deviations
    directions : (q, r), orthonormal
    less : (r,)
    """

    root: np.ndarray
    directions: np.ndarray
    less: np.ndarray

    def of(self, design: np.ndarray) -> np.ndarray:
        """Variance of design (n, q) times the coefficients, (n,)."""
        units = design * self.root
        along = units @ self.directions
        return np.maximum((units**2).sum(axis=1) - along**2 @ self.less, 0.0)

    @property
    def diagonal(self) -> np.ndarray:
        """(q,)"""
        return self.root**2 * np.maximum(1 - self.directions**2 @ self.less, 0.0)


def covariances(solution: Solution, fixed: np.ndarray, scale: np.ndarray) -> list[Covariance]:
    """Of each predictor, the uncertainty of the variances included.

    Parameters
    ----------
    solution : Solution of p columns
    fixed : (b,) bool, blocks whose variance was given
    scale : (p,) factors that coefficients are multiplied by
    """
    several = solution.posteriors
    slopes, curvature = [], np.zeros((0, 0))
    for one in several:
        slope, own = _by_log_variance(one, solution.blocks, fixed)
        slopes.append(slope)
        curvature = own if not curvature.size else curvature + own
    found = []
    for one, slope in zip(several, slopes, strict=True):
        total = one.inverse.copy()
        if slope.shape[1]:
            values, vectors = np.linalg.eigh(curvature)
            # where the evidence bends the wrong way, at the end of its range, the prior is left
            precision = np.maximum(values, 0.0) + 1 / LOG_VARIANCE
            spread = slope @ (vectors / np.sqrt(precision))
            total += spread @ spread.T
        values, vectors = np.linalg.eigh(total)
        kept = np.abs(1 - values) > FAINT
        root = one.root * scale[one.active]
        found.append(Covariance(root, vectors[:, kept], 1 - values[kept]))
    return found


def _by_log_variance(one: Posterior, blocks: np.ndarray, fixed: np.ndarray):
    """Derivative of the coefficients, in units of the prior, by the logs of the variances, (q, b);
    and the second derivative of the -log evidence by these, (b, b).
    """
    own = blocks[one.active]
    starts = np.flatnonzero(np.r_[True, np.diff(own) > 0])
    free = ~fixed[own[starts]]
    by_piece = np.add.reduceat(one.inverse * one.mean, starts, axis=1)
    pull = np.add.reduceat(by_piece * one.mean[:, None], starts, axis=0)
    square = np.add.reduceat(np.add.reduceat(one.inverse**2, starts, 0), starts, 1)
    trace = np.add.reduceat(one.inverse.diagonal(), starts)
    size = np.add.reduceat(one.mean**2, starts)
    curvature = np.diag(0.5 * (trace + size)) - 0.5 * square - pull
    return by_piece[:, free], curvature[np.ix_(free, free)]
