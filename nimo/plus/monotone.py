"""Features with a direction: their functions, and coefficients under the constraint.

The slope of each function is piecewise linear between nodes and constant beyond them (quadratic
splines; Ramsay, Monotone regression splines in action, Statistical Science 3, 1988).  So a sum of
them and of the line rises everywhere if and only if its slope at the nodes is not negative.  Given
variances and noise the coefficients are the most probable ones under that constraint: a problem of
nonnegative least squares in its multipliers (Lawson and Hanson, Solving Least Squares Problems,
1974).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.interpolate import PPoly
from scipy.optimize import nnls

from nimo.plus.basis import KNOTS, FeatureBasis, Steps, at_baseline, straight_beyond
from nimo.plus.evidence import Posterior, Solution
from nimo.plus.pieces import Functions, Piece
from nimo.plus.structures import Structure


@dataclass(frozen=True)
class MonotoneBasis(FeatureBasis):
    """In place of a :class:`FeatureBasis`.

    Parameters
    ----------
    nodes : (m,), the baseline among them
    curve_slopes, step_slopes : (m, q)
        Slopes of the functions at the nodes; 0 at the baseline, those of steps at both ends too.
    """

    nodes: np.ndarray
    curve_slopes: np.ndarray
    step_slopes: np.ndarray

    @staticmethod
    def around(basis: FeatureBasis, x: np.ndarray) -> FeatureBasis:
        """From training values (n,) and what a feature without direction would have."""
        if not basis.nonlinear:
            return basis
        there = x[~np.isnan(x)]
        nodes = np.unique(np.r_[0.0, np.quantile(there, np.linspace(0, 1, KNOTS))])
        zero = int(np.searchsorted(nodes, 0.0))
        curves, steps = [], []
        for outward in (np.arange(zero, len(nodes)), np.arange(zero, -1, -1)):
            gaps = np.abs(np.diff(nodes[outward]))
            for i, gap in enumerate(gaps, 1):
                # slopes that wander away from that at the baseline, as of a cubic spline
                wander = np.zeros(len(nodes))
                wander[outward[i:]] = np.sqrt(gap)
                curves.append(wander)
                if i < len(gaps):
                    # and slopes that have nothing to do with their neighbours
                    jump = np.zeros(len(nodes))
                    jump[outward[i]] = 1 / np.sqrt(gap + gaps[i])
                    steps.append(jump)
        curve, step = (np.array(part).reshape(-1, len(nodes)).T for part in (curves, steps))
        return MonotoneBasis(
            **{
                **{name: getattr(basis, name) for name in FeatureBasis.__dataclass_fields__},
                "curves": np.eye(curve.shape[1]),
                "steps": Steps(
                    basis.origin, np.zeros(0), np.zeros((0, step.shape[1])), (None, None)
                ),
            },
            nodes=nodes,
            curve_slopes=curve,
            step_slopes=step,
        )

    def _integral(self, slopes: np.ndarray) -> PPoly:
        """Functions with these slopes at the nodes and the value 0 at the baseline."""
        gaps = np.diff(self.nodes)[:, None]
        found = PPoly(np.array([np.diff(slopes, axis=0) / gaps, slopes[:-1]]), self.nodes)
        found = found.antiderivative()
        found.c[-1] -= found(0.0)
        return found

    @cached_property
    def smooth(self) -> PPoly:
        return self._integral(self.curve_slopes)

    @cached_property
    def stepped(self) -> PPoly:
        """The steps, as functions of the feature."""
        return self._integral(self.step_slopes)

    def steps_at(self, x: np.ndarray, count: int | None = None) -> np.ndarray:
        return straight_beyond(self.stepped, at_baseline(x), count)


def constraints(functions: Functions, pieces: list[Piece], direction: np.ndarray) -> np.ndarray:
    """What may not be negative, as rows (r, 1 + p) that coefficients are multiplied with.

    The slope of each feature with a direction, times the direction, at its nodes.
    """
    own = [int(j) for j in np.flatnonzero(direction)]
    nodes = [getattr(functions.bases[j], "nodes", np.zeros(1)) for j in own]
    firsts = np.cumsum([0, *map(len, nodes)])
    found = np.zeros((firsts[-1], 1 + sum(map(functions.width, pieces))))
    place = {j: slice(*firsts[i : i + 2]) for i, j in enumerate(own)}
    for piece, columns in functions.places(pieces):
        for k, j in enumerate(piece.features):
            if j not in place:
                continue
            scale = direction[j] * functions.scale[piece]
            if piece.straight:
                found[place[j], columns.start + k] = scale
            elif piece.kind in ("curve", "steps") and isinstance(
                basis := functions.bases[j], MonotoneBasis
            ):
                slopes = basis.curve_slopes if piece.kind == "curve" else basis.step_slopes
                found[place[j], columns] = scale * slopes
    return found


def constrained(solution: Solution, rows: np.ndarray) -> Solution:
    """With the most probable coefficients for which rows (r, p) times them are not negative."""
    if not len(rows):
        return solution
    return replace(solution, posteriors=[_constrained(one, rows) for one in solution.posteriors])


def _constrained(one: Posterior, rows: np.ndarray) -> Posterior:
    if (rows @ one.coefficients >= 0).all():
        return one
    # in units of the prior
    units = rows[:, one.active] * one.root
    size = np.sqrt(np.einsum("ij,jk,ik->i", units, one.inverse, units))
    units = units[size > 0] / size[size > 0, None]
    lower = np.linalg.cholesky(one.inverse)
    multipliers, _ = nnls((units @ lower).T, -np.linalg.solve(lower, one.mean))
    mean = one.mean + one.inverse @ (units.T @ multipliers)
    coefficients = np.zeros(len(one.coefficients))
    coefficients[one.active] = one.root * mean
    # what is on the boundary is there to rounding: a slope at the baseline can be put there exactly
    alone = rows[(rows != 0).sum(axis=1) == 1]
    coefficients[(alone * coefficients < 0).any(axis=0)] = 0.0
    return replace(one, coefficients=coefficients)


def directed(functions: Functions, one: Structure, direction: np.ndarray) -> Structure:
    """The structure with coefficients that keep to the directions."""
    rows = constraints(functions, one.state.pieces, direction)
    state = replace(one.state, solution=constrained(one.state.solution, rows))
    return replace(one, state=state)
