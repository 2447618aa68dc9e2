"""What a linear model explains."""

from __future__ import annotations

import numpy as np


class LinearContributions:
    """Adds contributions to an estimator with ``coef_``, ``intercept_`` and ``_means``.

    ``_means`` are the (d,) means of the training rows.
    """

    @property
    def reading_(self):
        """What a reader has to hold."""
        return {"coefficients": np.count_nonzero(self.coef_)}

    def contributions(self, X):
        """(n, d) b_j (x_j - mean of x_j over the training rows)."""
        return (np.asarray(X) - self._means) * self.coef_

    def local_intercept(self, X):
        """(n,) what is left of the prediction: the one at the means."""
        return np.full(len(X), float(self.intercept_ + self._means @ self.coef_))
