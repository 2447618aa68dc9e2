"""Normal and Student-t noise.

A normal response is one problem of sums over rows.  t noise is a sequence of such problems with the
weights of its scale mixture of normals (Lange, Little and Taylor, Robust statistical modeling using
the t distribution, JASA 84, 1989), the evidence at the end by Laplace's approximation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from nimo.plus.evidence import maximise
from nimo.plus.reweighting import INNER_STEPS, REWEIGHTINGS, SETTLED
from nimo.plus.row_sums import Parts, RowSums, row_sums, spread

if TYPE_CHECKING:
    from nimo.plus.problem import Layout, Problem, State

#: Degrees of freedom of t noise.
FREEDOM = 5.0
VARIANCE_STEPS = 60
#: Median of a squared standard normal variable.
CHI2_MEDIAN = 0.4549
#: Determined coefficients, as a share of the rows, below which t weights leave out their spread.
OPEN = 0.01


def least_squares(
    problem: Problem, each: Parts, layout: Layout, noise: float, start: State | None, heavy: bool
):
    """Solution, predictor (n, 1), weights of t noise (n,) and -log evidence."""
    y, rows = problem.y[:, 0], problem.weight.sum()
    robust = np.ones(len(y))
    if heavy and start is not None:
        robust = start.robust
    elif heavy:
        # one wild response makes the variance meaningless: begin from the median's scale
        square = (y - np.median(y)) ** 2
        noise = float(np.median(square)) / CHI2_MEDIAN or noise
        robust = (FREEDOM + 1) / (FREEDOM + square / noise)
    variance, eta = layout.variance, np.empty((len(y), 1))
    sums = row_sums(each(), problem.weight * robust, y, rows)
    for _ in range(REWEIGHTINGS if heavy else 1):
        solution = maximise(
            [sums],
            layout.blocks,
            variance,
            noise,
            free_noise=True,
            steps=INNER_STEPS if heavy else VARIANCE_STEPS,
            fixed=layout.fixed,
        )
        variance, noise = solution.variance, solution.noise
        # what the rows leave open of the predictor counts little where they are many
        open_ = solution.determined.sum() > OPEN * rows
        before, again = robust.copy(), RowSums()
        for part, design in each():
            eta[part] = design @ solution.coefficients
            if heavy:
                square = (y[part] - eta[part, 0]) ** 2
                if open_:
                    square = square + spread(design, solution.posteriors[0])
                robust[part] = (FREEDOM + 1) / (FREEDOM + square / noise)
                again.add(design, problem.weight[part] * robust[part], y[part])
        if np.sqrt(np.average((robust - before) ** 2, weights=problem.weight)) < SETTLED:
            break
        sums = again.sums(rows)
    if not heavy:
        value = solution.value + 0.5 * rows * np.log(2 * np.pi)
        return solution, eta, robust, value
    one = solution.posteriors[0]
    density = (
        gammaln((FREEDOM + 1) / 2)
        - gammaln(FREEDOM / 2)
        - 0.5 * np.log(FREEDOM * np.pi * noise)
        - (FREEDOM + 1) / 2 * np.log1p((y - eta[:, 0]) ** 2 / (noise * FREEDOM))
    )
    value = -float(problem.weight @ density) + 0.5 * (float(one.mean @ one.mean) + one.logdet)
    return solution, eta, robust, value
