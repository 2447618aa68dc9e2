"""The model given its structure: every linear parameter at once, from one ridge system.

beta, the modulations and the shapes all follow from one vector of dual weights on basis rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from nimo.extension.kernels import CURVES, INTERCEPT, Structure, kernel, modulated, places

# Floats of the kernel between new rows and basis rows that prediction holds at a time.
CHUNK = 4_000_000
BASIS_STEPS = 50
# Added to the diagonal of the basis rows' kernel, as a share of its mean.
BASIS_JITTER = 1e-7
BASIS_CONVERGED = 1e-8


@dataclass
class Posterior:
    """A fitted extended model on the scale of the features that the kernel sees.

    Parameters
    ----------
    structure : Structure
    basis : (m, d)
    dual : (m,)
    precision : (m, m)
        The posterior covariance of the predictor is K(a, b) - K(a, basis) precision K(basis, b).
    """

    structure: Structure
    basis: np.ndarray
    dual: np.ndarray
    precision: np.ndarray

    @staticmethod
    def of_all_rows(family, structure, x, y, weight) -> Posterior:
        total = kernel(structure, x, x)
        fit = family.fit(total, y, weight, structure.noise)
        if fit is None:
            raise ValueError("the kernel is not positive definite to rounding; are X and y finite?")
        return Posterior(structure, x, fit.dual, fit.precision)

    @staticmethod
    def of_basis(family, structure, x, y, weight, basis) -> Posterior:
        """With weights on the basis rows alone (subset of regressors; Silverman, 1985).

        The likelihood of all n rows, at the cost of n m^2.
        """
        own = kernel(structure, basis, basis)
        own.flat[:: len(basis) + 1] += BASIS_JITTER * np.trace(own) / len(basis)
        factor = np.linalg.cholesky(own)
        # Coordinates in which the prior is standard normal: no system is worse than I + something.
        design = kernel(structure, x, basis)
        design = solve_triangular(factor, design.T, lower=True, overwrite_b=True).T
        # The noise enters as a weight, so that one Newton step serves the gaussian family too.
        weight = weight / structure.noise if family.has_noise else weight
        found = np.zeros(len(basis))
        eta, before = family.start(y), np.inf
        for _ in range(BASIS_STEPS):
            second = weight * family.curvature(eta)[0]
            inner = design.T @ (second[:, None] * design)
            inner.flat[:: len(basis) + 1] += 1
            normal = cho_factor(inner, lower=True, overwrite_a=True)
            pull = second * eta + weight * (y - family.mean(eta))
            new = cho_solve(normal, design.T @ pull)
            share = 1.0
            while share > 1e-4:
                tried = found + share * (new - found)
                eta = design @ tried
                value = weight @ family.loss(eta, y) + 0.5 * tried @ tried
                if value <= before:
                    break
                share /= 2
            found = tried
            # A quadratic objective ends in one step.
            if family.has_noise or before - value < BASIS_CONVERGED * (1 + abs(value)):
                break
            before = value
        inverse = solve_triangular(factor, np.eye(len(basis)), lower=True)
        middle = np.eye(len(basis)) - cho_solve(normal, np.eye(len(basis)))
        return Posterior(structure, basis, inverse.T @ found, inverse.T @ middle @ inverse)

    # ------------------------------------------------------------ the parts of the model

    @property
    def intercept(self) -> float:
        return float(INTERCEPT * self.dual.sum())

    @property
    def coef(self) -> np.ndarray:
        """(d,) beta"""
        return self.structure.lines * (self.basis.T @ self.dual)

    @property
    def coef_variance(self) -> np.ndarray:
        """(d,) posterior variance of beta"""
        explained = np.einsum("ij,ij->j", self.basis, self.precision @ self.basis)
        lines = self.structure.lines
        return np.maximum(0, lines - lines**2 * explained)

    def modulation(self, x: np.ndarray) -> np.ndarray:
        """v_j(x_-j) of each row, (n, d)."""
        found = np.zeros_like(x)
        for rows in self._chunks(x):
            for j in places(self.structure.amplitude):
                between = modulated(self.structure, j, x[rows], self.basis)
                found[rows, j] = between @ (self.basis[:, j] * self.dual)
        return found

    def shape(self, j: int, values: np.ndarray) -> np.ndarray:
        """s_j at the given values (n,) of feature j."""
        found = np.zeros(len(values))
        for part, curve in CURVES.items():
            variance = getattr(self.structure, part)[j]
            if variance > 0:
                found += variance * (curve(values, self.basis[:, j]) @ self.dual)
        return found

    def predictor(self, x: np.ndarray) -> np.ndarray:
        """(n,)"""
        found = np.empty(len(x))
        for rows in self._chunks(x):
            found[rows] = kernel(self.structure, x[rows], self.basis) @ self.dual
        return found

    def _chunks(self, x: np.ndarray):
        size = max(1, CHUNK // len(self.basis))
        return (slice(i, i + size) for i in range(0, len(x), size))
