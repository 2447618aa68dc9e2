"""Into numbers that single precision holds, before anything is fitted, and back.

Both backends compute in single precision, the original as the port.  There 1e8 + x loses x, and the
square of 1e30 is infinite.  What single precision holds is left as it is, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.scaling import measure

# A mean that is further from 0, in standard deviations, is taken off: three digits are lost here.
FARTHEST = 1e3
# Standard deviations outside of these get a unit near their own.
SMALLEST, LARGEST = 1e-6, 1e6


@dataclass(frozen=True)
class Units:
    """Offsets and units (d,) of columns, or scalars of a response.

    The unit of a column that was constant is infinite, so that it is 0 whatever it becomes later.
    """

    offset: np.ndarray
    unit: np.ndarray

    @classmethod
    def of(cls, values, centred=True):
        """Of training rows (n, d) or a response (n,), whose zero stays where not ``centred``."""
        mean, spread, constant = measure(values)
        if not centred:
            # what is not centred has its root mean square as unit, and is 0 or not constant
            size = np.hypot(mean, np.where(constant, 0.0, spread))
            constant = size == 0
            mean, spread = np.zeros_like(mean), np.where(constant, 1.0, size)
        fits = (spread >= SMALLEST) & (spread <= LARGEST)
        # a power of two rounds nothing
        unit = np.where(fits, 1.0, np.ldexp(1.0, np.frexp(spread)[1] - 1))
        unit = np.where(constant, np.inf, unit)
        far = constant | (np.abs(mean) > FARTHEST * spread)
        return cls(np.where(far, mean, 0.0), unit)

    @classmethod
    def of_response(cls, y, centred):
        found = cls.of(y, centred)
        return cls(found.offset, np.where(np.isinf(found.unit), 1.0, found.unit))

    def into(self, values):
        return (values - self.offset) / self.unit


@dataclass(frozen=True)
class AllUnits:
    """Units of the features, the context and the response of a fit."""

    x: Units
    z: Units
    y: Units

    @classmethod
    def of(cls, X, Z, y, intercept, scale_target):
        """From training rows; without an intercept features and response keep their zero."""
        none = Units(np.zeros(()), np.ones(()))
        return cls(
            Units.of(X, intercept),
            Units.of(Z),
            Units.of_response(y, intercept) if scale_target else none,
        )

    def restore(self, coef, intercept):
        """Coefficients (n, d) and intercepts (n,) or None on the scale of the given data."""
        coef = np.asarray(coef, np.float64) * self.y.unit / self.x.unit + 0.0  # no -0
        if intercept is None:
            return coef, np.zeros(len(coef))
        intercept = np.asarray(intercept, np.float64) * self.y.unit + self.y.offset
        return coef, intercept - coef @ self.x.offset
