"""Variances and noise by the evidence, given sums over rows.

Each piece of the model is a block of coefficients that share one variance.  All that depends on
the rows is a Gram matrix; MacKay's fixed point (Bayesian interpolation, Neural Computation 4, 1992)
then costs p^3 a step, however many rows there are.  Its modern form is the update of Wood and
Fasiolo (A generalized Fellner-Schall method, Biometrics 73, 2017).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import lapack

#: Of the intercept, in that of the response; large: it is not penalised.
INTERCEPT_VARIANCE = 100.0
#: A block whose coefficients are determined to less than this many by the data is taken away.
UNDETERMINED = 0.01
#: Nats; a step that gains less is the last one.
GAINED = 0.01
#: A variance changes by this factor at most in one step.
JUMP = 1e3
#: Variance times information beyond which a coefficient is not shrunk to rounding.
DETERMINED_WHOLLY = 1e10
#: Of the sum of squares, which is taken for noise at least.
NOISE_FLOOR = 1e-9
#: Of a response that is constant, in its unit.
LEAST_NOISE = 1e-20


@dataclass
class Sums:
    """Sums over rows: ``gram`` (p, p) of Z'WZ, ``cross`` (p,) of Z'Wz, ``square`` of z'Wz.

    ``rows`` is the sum of weights of rows, that is the number that the noise is estimated from.
    """

    gram: np.ndarray
    cross: np.ndarray
    square: float
    rows: float

    def of(self, columns: np.ndarray) -> Sums:
        """The same for some of the columns."""
        return Sums(
            self.gram[np.ix_(columns, columns)], self.cross[columns], self.square, self.rows
        )


@dataclass
class Posterior:
    """Coefficients of one predictor given variances and noise.

    Attributes
    ----------
    coefficients : (p,)
    active : (q,) int, columns whose variance is not 0
    root : (q,) their prior standard deviations
    mean, inverse : (q,), (q, q), the posterior in units of the prior
    determined : (b,) number of coefficients of each block that the rows determine
    fitted : float, what the mean explains of the sum of squares
    logdet : float
    """

    coefficients: np.ndarray
    active: np.ndarray
    root: np.ndarray
    mean: np.ndarray
    inverse: np.ndarray
    determined: np.ndarray
    fitted: float
    logdet: float

    @property
    def covariance(self) -> np.ndarray:
        """(p, p), 0 for columns that are not active."""
        whole = np.zeros((len(self.coefficients), len(self.coefficients)))
        whole[np.ix_(self.active, self.active)] = self.inverse * np.outer(self.root, self.root)
        return whole


@dataclass
class Solution:
    """Variances, noise, and the posterior of each predictor.

    ``value`` is the -log evidence up to a constant, for the given working responses.
    """

    blocks: np.ndarray
    variance: np.ndarray
    noise: float
    posteriors: list[Posterior]
    value: float

    @property
    def coefficients(self) -> np.ndarray:
        """(p, k)"""
        return np.stack([one.coefficients for one in self.posteriors], axis=1)

    def at(self, coefficients: np.ndarray) -> Solution:
        """With coefficients (p, k) that were reached in place of its own."""
        posteriors = [
            replace(one, coefficients=own.copy(), mean=own[one.active] / one.root)
            for one, own in zip(self.posteriors, coefficients.T, strict=True)
        ]
        return replace(self, posteriors=posteriors)

    @property
    def determined(self) -> np.ndarray:
        """(b,)"""
        return np.sum([one.determined for one in self.posteriors], axis=0)

    @property
    def factors(self) -> np.ndarray:
        """(b,) log Bayes factors of each block against its absence; -inf where it is absent.

        Savage-Dickey ratios (Dickey, Annals of Mathematical Statistics 42, 1971): exact for a
        gaussian response with this noise.
        """
        found = np.where(self.variance > 0, 0.0, -np.inf)
        for one in self.posteriors:
            own = self.blocks[one.active]
            starts = np.flatnonzero(np.r_[True, np.diff(own) > 0])
            for first, last in zip(starts, np.r_[starts[1:], len(own)], strict=True):
                values, vectors = np.linalg.eigh(one.inverse[first:last, first:last])
                values = np.maximum(values, 1e-12)
                pull = vectors.T @ one.mean[first:last]
                found[own[first]] += 0.5 * (np.log(values).sum() + (pull**2 / values).sum())
        return found


def _posterior(sums: Sums, blocks: np.ndarray, variance: np.ndarray, noise: float) -> Posterior:
    per_column = variance[blocks]
    active = np.flatnonzero(per_column > 0)
    root = np.sqrt(per_column[active])
    matrix = sums.gram[np.ix_(active, active)] * root
    matrix *= root[:, None] / noise
    matrix.flat[:: len(active) + 1] += 1
    lower, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the Gram matrix is not positive to rounding")
    pull = root * sums.cross[active] / noise
    mean = lapack.dpotrs(lower, pull, lower=1)[0]
    logdet = 2 * np.log(lower.diagonal()).sum()
    inverse = np.tril(lapack.dpotri(lower, lower=1, overwrite_c=1)[0])
    inverse += np.tril(inverse, -1).T
    determined = np.bincount(blocks[active], 1 - inverse.diagonal(), len(variance))
    coefficients = np.zeros(len(blocks))
    coefficients[active] = root * mean
    return Posterior(
        coefficients, active, root, mean, inverse, determined, noise * float(mean @ pull), logdet
    )


def _solve(several, blocks, variance, noise, free_noise) -> Solution:
    posteriors = [_posterior(sums, blocks, variance, noise) for sums in several]
    value = 0.0
    for sums, one in zip(several, posteriors, strict=True):
        # at the mode, squared residuals over noise and |mean|^2 add up to this
        value += 0.5 * ((sums.square - one.fitted) / noise + one.logdet)
        if free_noise:
            value += 0.5 * sums.rows * np.log(noise)
    return Solution(blocks, variance, noise, posteriors, value)


def maximise(
    several: list[Sums],
    blocks: np.ndarray,
    variance: np.ndarray,
    noise: float,
    *,
    free_noise: bool,
    steps: int,
    fixed: np.ndarray,
    trust: float = 1e100,
) -> Solution:
    """The fixed point from the given variances.

    Parameters
    ----------
    several : Sums of p columns, for each predictor
    blocks : (p,) int, number of each column's block, in ascending order
    variance : (b,), which all predictors share
    noise : float
    free_noise : bool
        Whether the noise is sought; else it stays.
    steps : int
        At most.
    fixed : (b,) bool, blocks whose variance stays
    trust : float
        Factor by which variances change at most in all, unless they become 0.
    """
    largest = np.zeros(len(variance))
    for sums in several:
        np.maximum.at(largest, blocks, sums.gram.diagonal())
    ceiling = DETERMINED_WHOLLY / np.maximum(largest, 1e-300)
    smallest, most = variance / trust, variance * trust
    found = _solve(several, blocks, variance, noise, free_noise)
    for _ in range(steps):
        size = np.zeros(len(variance))
        for one in found.posteriors:
            size += np.bincount(blocks[one.active], one.mean**2, len(variance))
        change = np.clip(size / np.maximum(found.determined, 1e-12), 1 / JUMP, JUMP)
        variance = np.where(fixed, found.variance, found.variance * change)
        variance = np.clip(variance, smallest, most)
        variance = np.where(fixed, variance, np.minimum(variance, ceiling * found.noise))
        variance[(found.determined < UNDETERMINED) & ~fixed] = 0.0
        if free_noise:
            squares = [
                sums.square - one.fitted - found.noise * float(one.mean @ one.mean)
                for sums, one in zip(several, found.posteriors, strict=True)
            ]
            left = sum(sums.rows for sums in several) - found.determined.sum()
            least = NOISE_FLOOR * sum(sums.square for sums in several)
            noise = max(max(sum(squares), least) / max(left, 1.0), LEAST_NOISE)
        before = found.value
        found = _solve(several, blocks, variance, noise, free_noise)
        if abs(before - found.value) < GAINED:
            break
    return found
