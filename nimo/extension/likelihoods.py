"""The evidence of a kernel for each family of responses, and its derivative.

With a latent predictor eta ~ N(0, K) the evidence is the integral of exp(-sum_i w_i loss(eta_i,
y_i)) over eta.  For the squared error it is exact; the other families take Laplace's approximation
at the mode (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithms 3.1
and 5.1).  Shapes: n rows; everything in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, lapack
from scipy.special import expit

from nimo.counts import expected_count, powers

# Added to the diagonal, as a share of its mean, so that rounding leaves the matrix positive.
KERNEL_JITTER = 1e-9
MODE_STEPS = 50
HALVINGS = 12
# A Newton step that gains less than this many nats is the last one: the next would gain about the
# square of that.
MODE_CONVERGED = 1e-7


@dataclass
class Fit:
    """One kernel's fit to the response.

    ``slope`` is the symmetric matrix A with d(-log evidence) = sum(A * dK); None if not asked for.
    The posterior mean of the predictor at new rows is K(new, rows) @ ``dual``, its variance
    K(new, new) - K(new, rows) @ ``precision`` @ K(rows, new).
    """

    value: float  # -log evidence, up to a constant
    dual: np.ndarray  # (n,)
    precision: np.ndarray | None  # (n, n)
    slope: np.ndarray | None  # (n, n)
    noise_slope: float = 0.0  # derivative with respect to the log of the noise variance


def _inverse(factor: np.ndarray) -> np.ndarray:
    """From a factor whose upper triangle is 0, in its place."""
    lower = lapack.dpotri(factor, lower=1, overwrite_c=1)[0]
    whole = lower + lower.T
    whole.flat[:: len(whole) + 1] *= 0.5
    return whole


def _cholesky(matrix: np.ndarray) -> np.ndarray | None:
    # The transpose is laid out as LAPACK wants it, so that nothing is copied; both are the same.
    factor, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
    return None if failed else factor


def _weighted(kernel: np.ndarray, root: np.ndarray) -> np.ndarray:
    """I + W^1/2 K W^1/2, the root (n,) that of the diagonal of W."""
    found = kernel * root
    found *= root[:, None]
    found.flat[:: len(root) + 1] += 1
    return found


class Likelihood:
    """A family of responses with its canonical link."""

    name: str
    has_noise: bool

    def mean(self, eta: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def loss(self, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Negative log-likelihood of each row, up to a constant."""
        raise NotImplementedError

    def curvature(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Second and third derivative of ``loss``."""
        raise NotImplementedError

    def start(self, y: np.ndarray) -> np.ndarray:
        """Predictor (n,) from which the first Newton step is made, 0 unless it has to be near."""
        return np.zeros(len(y))

    def fit(self, kernel, y, weight, noise, derivative=True, start=None) -> Fit | None:
        raise NotImplementedError


class Gaussian(Likelihood):
    """Squared error with an unknown noise variance."""

    name = "gaussian"
    has_noise = True

    def mean(self, eta: np.ndarray) -> np.ndarray:
        return eta

    def loss(self, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.5 * (y - eta) ** 2

    def curvature(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Second and third derivative of ``loss``."""
        return np.ones_like(eta), np.zeros_like(eta)

    def fit(self, kernel, y, weight, noise, derivative=True, start=None) -> Fit | None:
        """
        Parameters
        ----------
        kernel : (n, n)
        y, weight : (n,)
            A row of weight w counts as w rows: its noise variance is ``noise`` / w, and each of
            the rows beyond the first says once more how large the noise is.
        noise : float

        Returns
        -------
        Fit, or None where the kernel is not positive to rounding
        """
        matrix = kernel.copy()
        diagonal = noise / weight
        matrix.flat[:: len(y) + 1] += diagonal + KERNEL_JITTER * np.trace(kernel) / len(y)
        factor = _cholesky(matrix)
        if factor is None:
            return None
        dual = cho_solve((factor, True), y, check_finite=False)
        more = 0.5 * (weight.sum() - len(y))
        value = 0.5 * y @ dual + np.log(factor.diagonal()).sum() + more * np.log(noise)
        if not derivative:
            return Fit(value, dual, None, None)
        precision = _inverse(factor)
        slope = 0.5 * (precision - np.outer(dual, dual))
        return Fit(value, dual, precision, slope, float(diagonal @ slope.diagonal()) + more)


class _Laplace(Likelihood):
    """A log-concave likelihood with its canonical link, dispersion 1."""

    has_noise = False

    def fit(self, kernel, y, weight, noise, derivative=True, start=None) -> Fit | None:
        """As :meth:`Gaussian.fit`; ``noise`` is not used, ``start`` (n,) are dual weights."""
        n = len(y)
        kernel = kernel.copy()
        kernel.flat[:: n + 1] += KERNEL_JITTER * np.trace(kernel) / n

        def objective(dual, eta):
            return weight @ self.loss(eta, y) + 0.5 * dual @ eta

        # The first Newton step, from a predictor that no dual weights give, is taken as it is.
        dual, eta, value = np.zeros(n), self.start(y), np.inf
        near = not eta.any()
        if start is not None:
            moved = kernel @ start
            found = objective(start, moved)
            # Dual weights of another kernel may predict counts that are beyond all measure.
            if near or found <= objective(dual, dual):
                dual, eta, value = start, moved, found
        for _ in range(MODE_STEPS):
            second = weight * self.curvature(eta)[0]
            root = np.sqrt(second)
            factor = _cholesky(_weighted(kernel, root))
            if factor is None:
                return None
            pull = second * eta + weight * (y - self.mean(eta))
            new = pull - root * cho_solve((factor, True), root * (kernel @ pull))
            share = 1.0
            for _ in range(HALVINGS):
                tried = dual + share * (new - dual)
                tried_eta = kernel @ tried
                tried_value = objective(tried, tried_eta)
                if tried_value <= value:
                    break
                share /= 2
            else:
                break
            gain, dual, eta, value = value - tried_value, tried, tried_eta, tried_value
            if gain < MODE_CONVERGED:
                break
        second, third = (weight * c for c in self.curvature(eta))
        root = np.sqrt(second)
        factor = _cholesky(_weighted(kernel, root))
        if factor is None:
            return None
        value += np.log(factor.diagonal()).sum()
        if not derivative:
            return Fit(value, dual, None, None)
        precision = _inverse(factor)
        # The posterior variance times the second derivative: no product of matrices is needed.
        informed = 1 - precision.diagonal()
        precision *= root[:, None]
        precision *= root
        # The mode moves with the kernel: the implicit part of the derivative.
        ratio = np.divide(third, second, out=np.zeros(n), where=second > 0)
        implicit = 0.5 * informed * ratio
        implicit = implicit - precision @ (kernel @ implicit)
        cross = np.outer(implicit, dual)
        slope = 0.5 * (precision - np.outer(dual, dual)) + 0.5 * (cross + cross.T)
        return Fit(value, dual, precision, slope)


class Binomial(_Laplace):
    """Labels 0/1 with logits."""

    name = "binomial"

    def mean(self, eta):
        return expit(eta)

    def loss(self, eta, y):
        return np.logaddexp(0, eta) - y * eta

    def curvature(self, eta):
        p = expit(eta)
        return p * (1 - p), p * (1 - p) * (1 - 2 * p)


class Poisson(_Laplace):
    """Counts with the logarithmic link."""

    name = "poisson"

    def mean(self, eta):
        return expected_count(eta)

    def start(self, y):
        # As in generalised linear models.  From 0 a step of 1e6 would be made for such counts.
        return np.log(y + 0.5)

    def loss(self, eta, y):
        return powers(eta)[0] - y * eta

    def curvature(self, eta):
        return powers(eta)[2:]


LIKELIHOODS: dict[str, Likelihood] = {
    family.name: family for family in (Gaussian(), Binomial(), Poisson())
}
