"""What a fitted model has to say for itself, so that it can be read, drawn and taken apart."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class FittedModel(Protocol):
    """A fitted model of d features, of either kind: what reading, effects and drawing take.

    Its linear predictor is that at the baseline m, plus sum_j (x_j - m_j) local_coef_j(x) +
    shape_j(x_j), where local_coef_j(m) = coef_j, and shape_j has value and slope 0 at m_j.

    Attributes
    ----------
    coef_, baseline_ : (d,)
    selected_features_, nonlinear_features_, interaction_features_ : (d,) bool
        Features with an effect; with a shape function; that change the effect of others.
    modulated_by_ : (d, d) bool
        Whether feature j (row) is modulated by k (column).
    family_ : str
        Of the response.
    """

    coef_: np.ndarray
    baseline_: np.ndarray
    selected_features_: np.ndarray
    nonlinear_features_: np.ndarray
    interaction_features_: np.ndarray
    modulated_by_: np.ndarray
    family_: str
    _at_baseline: float  # linear predictor at the baseline
    _spread: np.ndarray  # (d,) standard deviations of the training rows, 1 for a constant
    _n_rows: int  # that it was trained on
    _range: np.ndarray  # (2, d) of the training rows, NaN where nothing was there
    _two_values: np.ndarray  # (2, d) of the training rows, see :func:`.effects.two_values`

    def local_coef(self, X: Any) -> np.ndarray:
        """Coefficients of each row, (n, d)."""
        ...

    def shape(self, feature: int | str, values: Any) -> np.ndarray:
        """Shape function of one feature at values (m,), (m,)."""
        ...

    def _eta(self, X: Any) -> np.ndarray:
        """Linear predictor of each row, (n,)."""
        ...

    def _mean(self, eta: np.ndarray) -> np.ndarray:
        """Mean response, or probability of the second class, of linear predictors."""
        ...

    def _validated(self, X: Any) -> np.ndarray:
        """Rows (n, d) of floats; raises what scikit-learn raises of rows that do not fit."""
        ...

    def _local_coef(self, rows: np.ndarray) -> np.ndarray:
        """:meth:`local_coef` of validated rows."""
        ...

    def _names(self) -> list[str]:
        """Names of the d features."""
        ...

    def _check_readable(self) -> None:
        """AttributeError where there is a model for each class."""
        ...
