"""The kernel of each kind of term: the extended model with infinitely many units.

The model is eta(x) = b0 + sum_j [x_j (beta_j + v_j(x_-j)) + s_j(x_j)] with v_j(0) = 0 and
s_j(0) = s_j'(0) = 0.  With independent normal priors on all of it, eta is a Gaussian process whose
kernel is a sum over the terms:

* linear, (tau_j + kappa) x_j x'_j: a variance of its own and one that all lines have in common,
  which is ridge regression;
* modulated, alpha_j x_j x'_j [E_j(x, x') - E_j(x, 0) E_j(0, x')], where E_j(x, x') = exp(-1/2 sum_k
  rho_jk (x_k - x'_k)^2) over k != j: the squared exponential kernel with a relevance for each
  feature (Neal, 1996), conditioned on the value 0 at the baseline;
* bent smoothly, sigma_j times the cubic spline kernel pinned at 0 (Wahba, 1990, section 1.2): the
  integral of (|x| - t)_+ (|x'| - t)_+ over t where x_j and x'_j are on the same side of 0, 0
  otherwise.  Beyond the last row it is a straight line;
* bent by steps and bumps, omega_j times the mean of squared exponential kernels of several widths,
  conditioned on value and slope 0 at the baseline.

A variance of 0 is an absent term, a relevance rho_jk of 0 says that k does not modulate j.
Shapes: n rows, d features.  All functions are exact at the baseline, whatever the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Variance of the intercept, in units of the response's; large: it is not penalised.
INTERCEPT = 100.0
# Of bumps, in standard deviations of the feature.
WIDTHS = (0.5, 0.25, 0.125)
TERMS = ("linear", "amplitude", "shape", "bump")
#: What can be taken away: kind, feature, and the modulating feature of a single relevance, else -1.
Removal = tuple[str, int, int]


def places(values: np.ndarray) -> list[int]:
    """Numbers of the entries that are not 0."""
    return [int(j) for j in np.flatnonzero(values)]


@dataclass(frozen=True)
class Structure:
    """Which terms there are, and how large they are a priori.

    Parameters
    ----------
    linear, amplitude, shape, bump : (d,)
        Variances tau, alpha, sigma, omega.
    relevance : (d, d)
        rho_jk in row j, column k; the diagonal is 0.
    noise : float
        Variance of the noise; families without one ignore it.
    tied : bool
        Whether only a feature with a line may be modulated, as in the paper's model, where v_j is
        beta_j g_j.  A product then belongs to the factor that has an effect at the baseline.
    common : float
        Variance kappa of every line beside its own.
    """

    linear: np.ndarray
    amplitude: np.ndarray
    shape: np.ndarray
    bump: np.ndarray
    relevance: np.ndarray
    noise: float
    tied: bool = False
    common: float = 0.0

    def replace(self, **parts) -> Structure:
        return replace(self, **parts)

    def tidy(self) -> Structure:
        """Without amplitudes that nothing modulates and relevances of absent amplitudes."""
        amplitude = np.where((self.relevance > 0).any(1), self.amplitude, 0.0)
        if self.tied:
            amplitude = np.where(self.linear > 0, amplitude, 0.0)
        relevance = np.where(amplitude[:, None] > 0, self.relevance, 0.0)
        return replace(self, amplitude=amplitude, relevance=relevance)

    def without(self, removal: Removal) -> Structure:
        """Without one term, one column or one relevance."""
        kind, j, k = removal
        if kind == "common":
            return replace(self, common=0.0)
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
        found += [("common", -1, -1)] * (self.common > 0)
        found += [("column", int(k), -1) for k in np.flatnonzero(self.columns)]
        present = self.relevance > 0
        # Where it is the last of its row or column, the term or the column says the same.
        several = (present.sum(0) > 1) & (present.sum(1) > 1)[:, None]
        found += [
            ("relevance", int(j), int(k))
            for j, k in zip(*np.nonzero(present & several), strict=True)
        ]
        return found

    def folded(self) -> Structure:
        """The same with the common variance in each line's own."""
        return replace(self, linear=self.lines, common=0.0)

    def restricted(self, features: np.ndarray) -> Structure:
        """The same on the features with these numbers alone; the others have to be unused."""
        parts = {part: getattr(self, part)[features] for part in TERMS}
        return replace(self, **parts, relevance=self.relevance[np.ix_(features, features)])

    def embedded(self, features: np.ndarray, d: int) -> Structure:
        """The same on ``d`` features, of which these are the numbers (q,); the others have no term.

        A common variance would give them a line: it has to be folded before.
        """

        def widen(values):
            whole = np.zeros(d)
            whole[features] = values
            return whole

        assert self.common == 0
        relevance = np.zeros((d, d))
        relevance[np.ix_(features, features)] = self.relevance
        parts = {part: widen(getattr(self, part)) for part in TERMS}
        return replace(self, **parts, relevance=relevance)

    @property
    def columns(self) -> np.ndarray:
        """(d,) bool, features that modulate another."""
        return np.asarray((self.relevance > 0).any(0))

    @property
    def lines(self) -> np.ndarray:
        """(d,) variance of each line: its own and the common one."""
        return self.linear + self.common

    @property
    def used(self) -> np.ndarray:
        """(d,) bool"""
        found = self.columns | (self.common > 0)
        for part in TERMS:
            found |= getattr(self, part) > 0
        return found

    @property
    def acting(self) -> np.ndarray:
        """(d,) bool, features with a shape or a modulation."""
        return self.bent | (self.amplitude > 0)

    @property
    def bent(self) -> np.ndarray:
        """(d,) bool, features with a shape."""
        return np.asarray((self.shape > 0) | (self.bump > 0))


def spline(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kernel of a smooth shape at x (n,) and z (m,), (n, m)."""
    left, right = np.abs(x)[:, None], np.abs(z)[None]
    least, most = np.minimum(left, right), np.maximum(left, right)
    return np.where(np.outer(x, z) > 0, least**2 * (3 * most - least) / 6, 0.0)


def bumps(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kernel of a shape with steps and bumps at x (n,) and z (m,), (n, m)."""
    product, squares = np.outer(x, z), np.subtract.outer(x, z) ** 2
    found = np.zeros_like(product)
    for width in WIDTHS:
        rho = width**-2
        at_zero = np.outer(np.exp(-0.5 * rho * x**2), np.exp(-0.5 * rho * z**2))
        found += np.exp(-0.5 * rho * squares) - at_zero * (1 + rho * product)
    return found / len(WIDTHS)


#: What a shape s_j is made of: the part of a structure, and its kernel.
CURVES = {"shape": spline, "bump": bumps}


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
    total = INTERCEPT + (x * structure.lines) @ z.T
    for part, curve in CURVES.items():
        variance = getattr(structure, part)
        for j in places(variance):
            total += variance[j] * curve(x[:, j], z[:, j])
    for j in places(structure.amplitude):
        term = modulated(structure, j, x, z)
        term *= x[:, j, None]
        term *= z[:, j]
        total += term
    return total
