"""The kernel of each kind of term: the extended model with infinitely many units.

The model is eta(x) = b0 + sum_j [x_j (beta_j + v_j(x_-j)) + s_j(x_j)] with v_j(0) = 0 and
s_j(0) = s_j'(0) = 0.  With independent normal priors on all of it, eta is a Gaussian process whose
kernel is a sum over the terms:

* linear, tau_j x_j x'_j;
* modulated, alpha_j x_j x'_j [E_j(x, x') - E_j(x, 0) E_j(0, x')], where E_j(x, x') = exp(-1/2 sum_k
  rho_jk (x_k - x'_k)^2) over k != j: the squared exponential kernel with a relevance for each
  feature (Neal, 1996), conditioned on the value 0 at the baseline;
* bent, sigma_j times the cubic spline kernel pinned at 0 (Wahba, 1990, section 1.2): the integral
  of (|x| - t)_+ (|x'| - t)_+ over t where x_j and x'_j are on the same side of 0, 0 otherwise.
  Value and slope at the baseline are 0, and beyond the last row it is a straight line.

A variance of 0 is an absent term, a relevance rho_jk of 0 says that k does not modulate j.
Shapes: n rows, d features.  All functions are exact at the baseline, whatever the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Variance of the intercept, in units of the response's; large: it is not penalised.
INTERCEPT = 100.0


@dataclass(frozen=True)
class Structure:
    """Which terms there are, and how large they are a priori.

    Parameters
    ----------
    linear, amplitude, shape : (d,)
        Variances tau, alpha, sigma.
    relevance : (d, d)
        rho_jk in row j, column k; the diagonal is 0.
    noise : float
        Variance of the noise; families without one ignore it.
    """

    linear: np.ndarray
    amplitude: np.ndarray
    shape: np.ndarray
    relevance: np.ndarray
    noise: float

    def replace(self, **parts) -> Structure:
        return replace(self, **parts)

    def tidy(self) -> Structure:
        """Without amplitudes that nothing modulates and relevances of absent amplitudes."""
        amplitude = np.where((self.relevance > 0).any(1), self.amplitude, 0.0)
        relevance = np.where(amplitude[:, None] > 0, self.relevance, 0.0)
        return replace(self, amplitude=amplitude, relevance=relevance)

    @property
    def columns(self) -> np.ndarray:
        """(d,) bool, features that modulate another."""
        return (self.relevance > 0).any(0)

    @property
    def used(self) -> np.ndarray:
        """(d,) bool"""
        own = (self.linear > 0) | (self.amplitude > 0) | (self.shape > 0)
        return own | self.columns


def spline(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Pinned cubic spline kernel of x (n,) and z (m,), (n, m)."""
    left, right = np.abs(x)[:, None], np.abs(z)[None]
    least, most = np.minimum(left, right), np.maximum(left, right)
    same_side = np.sign(x)[:, None] * np.sign(z)[None] > 0
    return same_side * least**2 * (3 * most - least) / 6


def modulated(structure: Structure, j: int, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kernel of v_j alone, without x_j x'_j, of x (n, d) and z (m, d), (n, m)."""
    features = np.flatnonzero(structure.relevance[j])
    rho = structure.relevance[j, features]
    x, z = x[:, features], z[:, features]
    left, right = 0.5 * (x**2 @ rho), 0.5 * (z**2 @ rho)
    between = np.exp((x * rho) @ z.T - left[:, None] - right)
    return structure.amplitude[j] * (between - np.outer(np.exp(-left), np.exp(-right)))


def kernel(structure: Structure, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kernel of the predictor of x (n, d) and z (m, d), (n, m)."""
    total = INTERCEPT + (x * structure.linear) @ z.T
    for j in np.flatnonzero(structure.shape):
        total += structure.shape[j] * spline(x[:, j], z[:, j])
    for j in np.flatnonzero(structure.amplitude):
        total += np.outer(x[:, j], z[:, j]) * modulated(structure, j, x, z)
    return total


class TrainingKernel:
    """The kernel on the training rows, and the derivative of a function of it.

    Parameters
    ----------
    x : (n, d)
    """

    def __init__(self, x: np.ndarray):
        self.x, self.x2 = x, x**2
        self._splines: dict[int, np.ndarray] = {}

    def spline(self, j: int) -> np.ndarray:
        if j not in self._splines:
            self._splines[j] = spline(self.x[:, j], self.x[:, j])
        return self._splines[j]

    def build(self, structure: Structure) -> tuple[np.ndarray, list]:
        """The kernel (n, n), and what :meth:`derivative` needs."""
        x = self.x
        total = INTERCEPT + (x * structure.linear) @ x.T
        for j in np.flatnonzero(structure.shape):
            total += structure.shape[j] * self.spline(j)
        parts = []
        for j in np.flatnonzero(structure.amplitude):
            features = np.flatnonzero(structure.relevance[j])
            rho = structure.relevance[j, features]
            own, others = x[:, j], x[:, features]
            size = 0.5 * (self.x2[:, features] @ rho)
            between = (others * rho) @ others.T
            between -= size[:, None]
            between -= size
            np.exp(between, out=between)
            between *= (structure.amplitude[j] * own)[:, None]
            between *= own
            at_zero = own * np.exp(-size)
            total += between
            total -= structure.amplitude[j] * np.outer(at_zero, at_zero)
            parts.append((j, features, between, at_zero))
        return total, parts

    def derivative(self, structure: Structure, parts: list, slope: np.ndarray) -> Structure:
        """Of sum(slope * kernel) with respect to the entries that are not 0."""
        x, x2 = self.x, self.x2
        d = x.shape[1]
        amplitude, shape, relevance = np.zeros(d), np.zeros(d), np.zeros((d, d))
        linear = np.einsum("ij,ij->j", x, slope @ x)
        for j in np.flatnonzero(structure.shape):
            shape[j] = np.vdot(slope, self.spline(j))
        for j, features, between, at_zero in parts:
            product = slope * between
            pulled = slope @ at_zero
            amplitude[j] = product.sum() / structure.amplitude[j] - at_zero @ pulled
            others, others2 = x[:, features], x2[:, features]
            relevance[j, features] = (
                np.einsum("ij,ij->j", others, product @ others)
                - others2.T @ product.sum(1)
                + structure.amplitude[j] * (others2.T @ (at_zero * pulled))
            )
        return Structure(linear, amplitude, shape, relevance, 0.0)
