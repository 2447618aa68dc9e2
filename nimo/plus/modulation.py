"""One feature's slope as a function of others, x_j v_j(x_S), where products have found structure.

v_j has the squared exponential kernel with a relevance for each feature of S (Neal, Bayesian
learning for neural networks, 1996), conditioned on the value 0 at the baseline, so that x_j v_j has
value and gradient 0 there.  Products have a fixed resolution and three factors at most; this has
neither limit, but its relevances have to be sought: here those of a few features that act together,
by the evidence of a Gaussian process.  What is found is one more block, with the eigenfunctions of
the kernel that the rows can tell from 0 (Williams and Seeger, Using the Nystrom method to speed up
kernel machines, 2001).  Shapes: n rows, a features, k predictors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from nimo.plus.evidence import INTERCEPT_VARIANCE

#: Bounds of variances in units of the predictor, of relevances, and of factors of the noise.
VARIANCE_BOUNDS, RELEVANCE_BOUNDS, NOISE_BOUNDS = (1e-7, 1e4), (1e-5, 50.0), (1e-6, 10.0)
#: Rate, in nats per unit, of the exponential prior of a relevance.  Without it a few rows can be
#: told apart by relevances so large that they are remembered rather than explained.
ROUGHNESS_PRICE = 0.5
CENTRES = 150
#: Variance in units of the noise below which an eigenfunction is left out.
UNSEEN = 1e-3
NOT_POSITIVE = 1e10


def pinned(x: np.ndarray, z: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """Kernel of v at x (n, a) and z (m, a), with relevances (a,); (n, m)."""
    left, right = 0.5 * (x**2 @ relevance), 0.5 * (z**2 @ relevance)
    found = np.exp((x * relevance) @ z.T - left[:, None] - right)
    found -= np.outer(np.exp(-left), np.exp(-right))
    return found


@dataclass(frozen=True)
class Modulation:
    """Columns x_j v_j(x_S) of a features.

    Parameters
    ----------
    own : int
        Place of j among the features.
    relevance : (a,), 0 for its own
    centres : (m, a)
    coordinates : (m, q)
        What turns values of the kernel at the centres into eigenfunctions.
    """

    own: int
    relevance: np.ndarray
    centres: np.ndarray
    coordinates: np.ndarray

    @staticmethod
    def of(x: np.ndarray, own: int, relevance: np.ndarray, precision: np.ndarray) -> Modulation:
        """Of rows (n, a); ``precision`` (n,) is the variance of v in units of their noise."""
        factor = x[:, own]
        kernel = pinned(x, x, relevance) * np.outer(factor, factor)
        # pivots of the Cholesky decomposition are the rows that say most of the others
        _, pivots, rank, _ = lapack.dpstrf(kernel, lower=1, tol=1e-9 * kernel.diagonal().max())
        centres = x[pivots[: min(rank, CENTRES)] - 1]
        values, vectors = np.linalg.eigh(pinned(centres, centres, relevance))
        kept = values > 1e-10 * values[-1]
        coordinates = vectors[:, kept] / np.sqrt(values[kept])
        columns = factor[:, None] * (pinned(x, centres, relevance) @ coordinates)
        values, vectors = np.linalg.eigh((columns.T * precision) @ columns)
        return Modulation(own, relevance, centres, coordinates @ vectors[:, values > UNSEEN])

    @property
    def width(self) -> int:
        return self.coordinates.shape[1]

    def columns(self, x: np.ndarray) -> np.ndarray:
        """(n, q)"""
        return x[:, [self.own]] * (pinned(x, self.centres, self.relevance) @ self.coordinates)


@dataclass
class Rows:
    """What the evidence is of.

    Parameters
    ----------
    x : (n, a)
    base : (n, p), columns of all that is not modulated, the intercept among them
    blocks : (p,), number of each column's block; -1 for the intercept
    unit : float
        Size of the predictor.
    target, spread : (n, k)
        Working response, and its variance in units of the noise.
    has_noise : bool
        Whether the noise is sought too.
    """

    x: np.ndarray
    base: np.ndarray
    blocks: np.ndarray
    unit: float
    target: np.ndarray
    spread: np.ndarray
    has_noise: bool = True


@dataclass(frozen=True)
class Tuned:
    """Variances alpha (a,) of modulations, relevances (a, a), variances of blocks (b,), noise."""

    alpha: np.ndarray
    relevance: np.ndarray
    variance: np.ndarray
    noise: float


def negative_evidence(rows: Rows, at: Tuned, derivative: bool = True) -> tuple[float, Tuned | None]:
    """-log evidence, and its derivative by the logarithm of each part; None where there is none."""
    x, base = rows.x, rows.base
    per_column = np.where(
        rows.blocks < 0, INTERCEPT_VARIANCE * rows.unit, np.r_[at.variance, 0.0][rows.blocks]
    )
    total = (base * per_column) @ base.T
    terms = [int(j) for j in np.flatnonzero(at.alpha)]
    between, at_zero = [], []
    for j in terms:
        rho = at.relevance[j]
        half = 0.5 * (x**2 @ rho)
        found = (x * rho) @ x.T
        found -= half[:, None]
        found -= half
        np.exp(found, out=found)
        found *= (at.alpha[j] * x[:, j])[:, None]
        found *= x[:, j]
        total += found
        between.append(found)
        at_zero.append(x[:, j] * np.exp(-half))
    if terms:
        zero = np.array(at_zero)
        total -= (zero.T * at.alpha[terms]) @ zero
    value, by_noise = ROUGHNESS_PRICE * at.relevance.sum(), 0.0
    slope = np.zeros_like(total) if derivative else None
    for target, spread in zip(rows.target.T, rows.spread.T, strict=True):
        matrix = total.copy()
        matrix.flat[:: len(x) + 1] += at.noise * spread
        lower, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
        if failed:
            return NOT_POSITIVE, None
        dual = lapack.dpotrs(lower, target, lower=1)[0]
        value += np.log(lower.diagonal()).sum() + 0.5 * float(dual @ target)
        if slope is None:
            continue
        inverse = np.tril(lapack.dpotri(lower, lower=1, overwrite_c=1)[0])
        inverse += np.tril(inverse, -1).T
        inverse -= np.outer(dual, dual)
        by_noise += 0.5 * at.noise * float(inverse.diagonal() @ spread)
        slope += 0.5 * inverse
    if slope is None:
        return value, None
    by_column = np.einsum("ij,ij->j", base, slope @ base) * per_column
    inside = rows.blocks >= 0
    variance = np.bincount(rows.blocks[inside], by_column[inside], len(at.variance))
    alpha, relevance = np.zeros(len(at.alpha)), np.zeros_like(at.relevance)
    for j, own, zero in zip(terms, between, at_zero, strict=True):
        own *= slope
        sums, tied = own.sum(axis=1), at.alpha[j] * zero * (slope @ zero)
        alpha[j] = sums.sum() - tied.sum()
        relevance[j] = np.einsum("ij,ij->j", x, own @ x) + (x**2).T @ (tied - sums)
    relevance = (relevance + ROUGHNESS_PRICE) * at.relevance
    return value, Tuned(alpha, relevance, variance, by_noise)


def tune(rows: Rows, start: Tuned, steps: int) -> tuple[Tuned, float]:
    """What maximises the evidence among all that is not 0 in ``start``, and its -log evidence."""
    terms, edges = np.flatnonzero(start.alpha), np.nonzero(start.relevance)
    sizes = np.cumsum([len(terms), len(edges[0]), len(start.variance)])
    of_variance = (VARIANCE_BOUNDS[0] * rows.unit, VARIANCE_BOUNDS[1] * rows.unit)
    limits = [of_variance] * len(terms) + [RELEVANCE_BOUNDS] * len(edges[0])
    limits += [of_variance] * len(start.variance)
    limits += [(NOISE_BOUNDS[0] * start.noise, NOISE_BOUNDS[1] * start.noise)] * rows.has_noise
    bounds = np.log(limits)

    def parts(of: Tuned) -> np.ndarray:
        noise = [of.noise] if rows.has_noise else []
        return np.concatenate([of.alpha[terms], of.relevance[edges], of.variance, noise])

    def there(logs) -> Tuned:
        some, rho, variance, noise = np.split(np.exp(logs), sizes)
        alpha, relevance = np.zeros_like(start.alpha), np.zeros_like(start.relevance)
        alpha[terms], relevance[edges] = some, rho
        return Tuned(alpha, relevance, variance, float(noise[0]) if len(noise) else start.noise)

    def objective(logs):
        value, slope = negative_evidence(rows, there(logs))
        return value, np.zeros_like(logs) if slope is None else parts(slope)

    first = np.clip(np.log(parts(start)), *bounds.T)
    options = {"maxiter": steps, "maxcor": 20, "ftol": 1e-7}
    found = minimize(
        objective, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )  # fmt: skip
    return there(found.x), float(found.fun)
