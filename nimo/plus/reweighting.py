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
    found = []
    for start in _starts(problem, each, layout, coefficients):
        *reached, whole = _from(problem, each, layout, *start)
        found.append(reached)
        if whole:
            break
    value, solution, eta = min(found, key=lambda one: one[0])
    if shift := problem.family.shift(eta, problem.y, problem.weight):
        eta = eta + shift
        for one in solution.posteriors:
            one.coefficients[0] += shift
    return solution, eta, np.ones(len(problem.y)), value


def _from(problem: Problem, each: Parts, layout: Layout, eta: np.ndarray, coefficients: np.ndarray):
    """-log evidence, solution, predictor, and whether the last change was a whole step.

    From a start that is too sure of its labels least squares says next to nothing of where to go:
    steps are halved until they lead nowhere.
    """
    family, y, n = problem.family, problem.y, len(problem.y)
    variance, trust = layout.variance, TRUST
    best: tuple[float, Solution, np.ndarray, np.ndarray, bool] | None = None
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
        new, coefficients, objective, share = _damped(problem, each, eta, coefficients, solution)
        whole = share == 1
        if not whole:
            solution = solution.at(coefficients)
        value = objective + 0.5 * sum(one.logdet for one in solution.posteriors)
        value += float(problem.weight @ family.normaliser(y, noise))
        gained = np.inf if best is None else best[0] - value
        if best is not None and gained < -SETTLED:
            # the variances went further than this approximation holds
            trust = np.sqrt(trust)
            if trust < LEAST_TRUST:
                break
            _, solution, eta, coefficients, _ = best
            variance = solution.variance
            continue
        change = np.abs(new - eta).max()
        best, eta = (value, solution, new, coefficients, whole), new
        if change < SETTLED or (gained < SETTLED and whole):
            break
    assert best is not None  # of the first change
    value, solution, eta, _, whole = best
    return value, solution, eta, whole


def _starts(problem, each, layout, coefficients):
    """Predictor and coefficients: those given and the intercept alone, the better fit first.

    The better alone is enough unless no whole step leads to where it ends.
    """
    alone = np.zeros_like(coefficients)
    alone[0] = problem.family.start(problem.y, problem.weight)
    found = []
    for start in (coefficients, alone, *_opening(problem, each, layout)):
        eta = predictor(each(), start, len(problem.y))
        found.append((float(problem.weight @ problem.family.loss(eta, problem.y)), eta, start))
    found.sort(key=lambda one: one[0])
    first = 1 + next(i for i, one in enumerate(found) if one[2] is alone)
    return [one[1:] for one in found[:first]]


def _opening(problem, each, layout):
    """Coefficients by least squares for a response that the family takes for its predictor."""
    target = problem.family.opening(problem.y)
    if target is None:
        return []
    weight, rows = problem.weight, problem.weight.sum()
    several = [row_sums(each(), weight, own, rows) for own in target.T]
    square = (target - target.mean(axis=0)) ** 2
    noise = max(float(np.average(square, axis=0, weights=weight).max()), LEAST_NOISE)
    start = maximise(
        several,
        layout.blocks,
        layout.variance,
        noise,
        free_noise=True,
        steps=INNER_STEPS,
        fixed=layout.fixed,
    ).coefficients
    eta = predictor(each(), start, len(target))
    start[0] += problem.family.start(problem.y / problem.family.mean(eta), weight)
    return [start]


def _damped(problem, each, eta, coefficients, solution):
    """The step, halved until the penalised loss is no larger than before it.

    Returns
    -------
    predictor, coefficients, that loss, and the share of the step that was taken
    """
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
    return *at, after, share
