"""Smooth curves before steps.

Steps have slope 0 at the baseline by themselves: next to it they can follow any smooth curve, and
the line keeps the slope of the whole range.  Where a curve explains the rows about as well, its
line is the slope at the baseline, and steps would be another reading of the same function.
"""

from __future__ import annotations

import numpy as np

from nimo.plus.pieces import Piece
from nimo.plus.problem import Problem, State
from nimo.plus.search import Thresholds

#: Variance of a curve and its line where their fit begins, in units of the predictor: slope and
#: bend that nearly cancel are not reached from small ones.
CURVE_START = 0.3


def smooth_first(problem: Problem, state: State, thresholds: Thresholds, heavy: bool) -> State:
    """With a curve alone in the place of steps that gain less over it than their threshold."""
    for steps in [piece for piece in state.present if piece.kind == "steps"]:
        (j,) = steps.features
        if "curve" not in problem.functions.bases[j].kinds:
            continue
        curve = Piece("curve", (j,))
        variance = {
            piece: v for piece, v in zip(state.pieces, state.variance, strict=True) if v > 0
        }
        if variance.pop(steps, None) is None:
            continue
        line = Piece("line", (j,))
        common = any(piece.kind == "lines" and j in piece.features for piece in variance)
        for piece in (curve,) if common else (curve, line):
            variance[piece] = max(variance.get(piece, 0.0), CURVE_START * problem.unit)
        other = problem.fit(
            list(variance),
            np.array(list(variance.values())),
            state.solution.noise,
            start=state,
            heavy=heavy,
        )
        price = thresholds.of(line) if line in other.present and line not in state.present else 0.0
        if other.value + price < state.value + thresholds.of(steps):
            state = other
    return state
