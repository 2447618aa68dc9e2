"""Training statistics: into the units of the fit, and back to the original scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contextual_lasso.single import lane_sum


def _mean(values):
    return lane_sum(values) / np.float32(len(values))


def _spread(values, mean):
    sd = np.sqrt(_mean(np.square(values - mean)))
    return sd if sd > 0 else np.float32(1)


@dataclass(frozen=True)
class Scaling:
    """Means and population standard deviations, float32.

    Without an intercept X and y are scaled by their root mean square and not centred; the context
    always is.  Constants get the standard deviation 1.
    """

    x_mean: np.ndarray  # (d,)
    x_sd: np.ndarray
    z_mean: np.ndarray  # (m,)
    z_sd: np.ndarray
    y_mean: float
    y_sd: float

    @classmethod
    def of(cls, X, Z, y, intercept, scale_target):
        """From training rows X (n, d), Z (n, m), y (n,)."""
        X, Z, y = (np.asarray(a, np.float32) for a in (X, Z, y))
        zero = np.float32(0)
        x_mean = [_mean(x) if intercept else zero for x in X.T]
        z_mean = [_mean(z) for z in Z.T]
        y_mean = _mean(y) if intercept and scale_target else zero
        return cls(
            # the original's zeros are double precision, and make the products with X so too
            np.array(x_mean, np.float32 if intercept else np.float64),
            np.array([_spread(x, m) for x, m in zip(X.T, x_mean, strict=True)]),
            np.array(z_mean),
            np.array([_spread(z, m) for z, m in zip(Z.T, z_mean, strict=True)]),
            float(y_mean),
            float(_spread(y, y_mean)) if scale_target else 1.0,
        )

    def standardise(self, X, Z, y):
        """The same rows in the units of the fit, float32 (X in the precision of ``x_mean``)."""
        X, y = np.asarray(X, np.float32), np.asarray(y, np.float32)
        y = (y - np.float32(self.y_mean)) / np.float32(self.y_sd)
        return (X - self.x_mean) / self.x_sd, self.standardise_context(Z), y

    def standardise_context(self, Z):
        return (np.asarray(Z, np.float32) - self.z_mean) / self.z_sd

    def restore(self, coef, intercept):
        """Coefficients (n, d) and intercepts (n,) on the scale of the original data."""
        coef = coef / self.x_sd * np.float32(self.y_sd)
        if intercept is not None:
            intercept = intercept * np.float32(self.y_sd) - coef @ self.x_mean + self.y_mean
        return coef, intercept
