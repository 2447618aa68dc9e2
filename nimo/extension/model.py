"""A fitted extended model, on the scale of the features as they were given.

Shapes: n rows, d features.  ``coef`` is the derivative of the linear predictor at the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.extension.kernels import Structure
from nimo.extension.posterior import Posterior


@dataclass
class ExtendedModel:
    """
    Parameters
    ----------
    posterior : Posterior
        On the features in ``features`` only, divided by their scale.
    features : (q,) int
    baseline, scale : (d,)
    centre, unit : float
        Of the response.
    """

    posterior: Posterior
    features: np.ndarray
    baseline: np.ndarray
    scale: np.ndarray
    centre: float
    unit: float

    @property
    def structure(self) -> Structure:
        """On all d features."""
        return self.posterior.structure.embedded(self.features, len(self.baseline))

    def _inner(self, X: np.ndarray) -> np.ndarray:
        kept = self.features
        return (X[:, kept] - self.baseline[kept]) / self.scale[kept]

    def _widen(self, values: np.ndarray) -> np.ndarray:
        """(..., q) on the inner scale to (..., d) slopes on the scale of the features."""
        whole = np.zeros((*values.shape[:-1], len(self.baseline)))
        whole[..., self.features] = values * self.unit / self.scale[self.features] + 0.0  # no -0
        return whole

    @property
    def coef(self) -> np.ndarray:
        """(d,)"""
        return self._widen(self.posterior.coef)

    @property
    def coef_std(self) -> np.ndarray:
        """(d,) posterior standard deviations, given the structure"""
        return self._widen(np.sqrt(self.posterior.coef_variance))

    @property
    def at_baseline(self) -> float:
        """Linear predictor at the baseline."""
        return float(self.centre + self.unit * self.posterior.intercept)

    @property
    def first_layer(self) -> np.ndarray:
        """(q, d) square roots of the relevances, a row for each feature that is modulated.

        A network of infinitely many units that has this kernel has normal weights of these
        standard deviations in its first layer.
        """
        whole = np.zeros((len(self.features), len(self.baseline)))
        root = np.sqrt(self.posterior.structure.relevance)
        whole[:, self.features] = root / self.scale[self.features]
        return whole

    def local_coef(self, X: np.ndarray) -> np.ndarray:
        """beta_j + v_j(x_-j) of each row, (n, d)."""
        return self.coef + self._widen(self.posterior.modulation(self._inner(X)))

    def shape(self, feature: int, values: np.ndarray) -> np.ndarray:
        """s_j at the given values (n,) of one feature."""
        at = np.flatnonzero(self.features == feature)
        if len(at) == 0:
            return np.zeros(len(values))
        inner = (values - self.baseline[feature]) / self.scale[feature]
        return self.unit * self.posterior.shape(int(at[0]), inner)

    def predictor(self, X: np.ndarray) -> np.ndarray:
        """(n,)"""
        return self.centre + self.unit * self.posterior.predictor(self._inner(X))
