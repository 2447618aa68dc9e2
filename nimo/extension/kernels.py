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
TERMS = ("linear", "amplitude", "shape")
#: What can be taken away: kind, feature, and for a single relevance the modulating feature, else -1.
Removal = tuple[str, int, int]


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

    def without(self, removal: Removal) -> Structure:
        """Without one term, one column or one relevance."""
        kind, j, k = removal
        if kind in TERMS:
            part = getattr(self, kind).copy()
            part[j] = 0
            return replace(self, **{kind: part}).tidy()
        relevance = self.relevance.copy()
        if kind == "column":
            relevance[:, j] = 0
        else:
            relevance[j, k] = 0
        return replace(self, relevance=relevance).tidy()

    def removals(self) -> list[Removal]:
        """All that can be taken away: a term, a column, one modulation of one feature."""
        found = [(part, int(j), -1) for part in TERMS for j in np.flatnonzero(getattr(self, part))]
        found += [("column", int(k), -1) for k in np.flatnonzero(self.columns)]
        present = self.relevance > 0
        # Where it is the last of its row or column, the term or the column says the same.
        several = (present.sum(0) > 1) & (present.sum(1) > 1)[:, None]
        found += [
            ("relevance", int(j), int(k))
            for j, k in zip(*np.nonzero(present & several), strict=True)
        ]
        return found

    def restricted(self, features: np.ndarray) -> Structure:
        """The same on the features with these numbers alone; the others have to be unused."""
        parts = (self.linear[features], self.amplitude[features], self.shape[features])
        return Structure(*parts, self.relevance[np.ix_(features, features)], self.noise)

    def embedded(self, features: np.ndarray, d: int) -> Structure:
        """The same on ``d`` features, of which these are the numbers (q,)."""

        def widen(values):
            whole = np.zeros(d)
            whole[features] = values
            return whole

        relevance = np.zeros((d, d))
        relevance[np.ix_(features, features)] = self.relevance
        parts = (widen(self.linear), widen(self.amplitude), widen(self.shape))
        return Structure(*parts, relevance, self.noise)

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
    between -= np.outer(np.exp(-left), np.exp(-right))
    between *= structure.amplitude[j]
    return between


def kernel(structure: Structure, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kernel of the predictor of x (n, d) and z (m, d), (n, m)."""
    total = INTERCEPT + (x * structure.linear) @ z.T
    for j in np.flatnonzero(structure.shape):
        total += structure.shape[j] * spline(x[:, j], z[:, j])
    for j in np.flatnonzero(structure.amplitude):
        part = modulated(structure, j, x, z)
        part *= x[:, j, None]
        part *= z[:, j]
        total += part
    return total
