"""Labels, counts, amounts, quantiles: least squares with weights that follow the predictor.

Each change of the weights is a problem of sums over rows; the evidence at the end is Laplace's
approximation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nimo.plus.evidence import LEAST_NOISE, Solution, maximise
from nimo.plus.row_sums import Parts, predictor, row_sums

if TYPE_CHECKING:
    from nimo.plus.problem import Layout, Problem

#: Of the variances between two changes of the weights.
INNER_STEPS = 6
REWEIGHTINGS = 20
#: A change of the predictor, in units of the noise or of the link, or of the evidence, in nats,
#: that is the last one.
SETTLED = 0.02
STEP_HALVINGS = 12
#: A factor by which variances change at most between two changes of the weights of labels and
#: counts; its root after each change that made the fit worse, down to the last.
TRUST, LEAST_TRUST = 10.0, 1.1
#: Rows not used up by the fit, as a share, below which dispersions do not grow any more.
LEAST_OPEN = 0.1


def reweighted(problem: Problem, each: Parts, layout: Layout, coefficients: np.ndarray):
    """Solution, predictor (n, k), ones (n,) and -log evidence."""
    family, y, n = problem.family, problem.y, len(problem.y)
    eta, coefficients = _better_start(problem, each, coefficients)
    variance, trust = layout.variance, TRUST
    best: tuple[float, Solution, np.ndarray, np.ndarray] | None = None
    noise, open_ = 1.0, 1.0
    for _ in range(REWEIGHTINGS):
        curve = family.curvature(eta, y)
        if family.dispersed:
            noise = max(family.dispersion(eta, y, problem.weight, open_), LEAST_NOISE)
        target = eta + family.score(eta, y) / curve
        several = [
            row_sums(each(), problem.weight * curve[:, c], target[:, c], problem.weight.sum())
            for c in range(y.shape[1])
        ]
        solution = maximise(
            several,
            layout.blocks,
            variance,
            noise,
            free_noise=False,
            steps=INNER_STEPS,
            fixed=layout.fixed,
            trust=trust,
        )
        variance = solution.variance
        open_ = max(1 - solution.determined.sum() / problem.weight.sum(), LEAST_OPEN)
        gone = variance[layout.blocks] == 0
        if coefficients[gone].any():
            coefficients = np.where(gone[:, None], 0.0, coefficients)
            eta = predictor(each(), coefficients, n)
        new, coefficients, objective = _damped(problem, each, eta, coefficients, solution)
        value = objective + 0.5 * sum(one.logdet for one in solution.posteriors)
        value += float(problem.weight @ family.normaliser(y, noise))
        gained = np.inf if best is None else best[0] - value
        if best is not None and gained < -SETTLED:
            # the variances went further than this approximation holds
            trust = np.sqrt(trust)
            if trust < LEAST_TRUST:
                break
            _, solution, eta, coefficients = best
            variance = solution.variance
            continue
        change = np.abs(new - eta).max()
        best, eta = (value, solution, new, coefficients), new
        if change < SETTLED or gained < SETTLED:
            break
    assert best is not None  # of the first change
    value, solution, eta, _ = best
    if shift := family.shift(eta, y, problem.weight):
        eta = eta + shift
        for one in solution.posteriors:
            one.coefficients[0] += shift
    return solution, eta, np.ones(n), value


def _better_start(problem, each, coefficients):
    """The given coefficients, or the intercept alone where it explains more."""
    alone = np.zeros_like(coefficients)
    alone[0] = problem.family.start(problem.y, problem.weight)
    found = []
    for start in (coefficients, alone):
        eta = predictor(each(), start, len(problem.y))
        found.append((float(problem.weight @ problem.family.loss(eta, problem.y)), eta, start))
    return min(found, key=lambda one: one[0])[1:]


def _damped(problem, each, eta, coefficients, solution):
    """The step, halved until the penalised loss is no larger than before it; that loss."""
    per_column = solution.variance[solution.blocks]
    kept = per_column > 0
    inverse = 1 / per_column[kept, None]

    def objective(at_rows, at):
        penalty = float((at[kept] ** 2 * inverse).sum())
        loss = float(problem.weight @ problem.family.loss(at_rows, problem.y))
        return loss / solution.noise + 0.5 * penalty

    aim = solution.coefficients
    target = predictor(each(), aim, len(problem.y))
    before, share = objective(eta, coefficients), 1.0
    for _ in range(STEP_HALVINGS):
        at = eta + share * (target - eta), coefficients + share * (aim - coefficients)
        after = objective(*at)
        if after <= before + 1e-9 * abs(before):
            break
        share /= 2
    return *at, after
