"""Correction for looking at many comparisons at once.

Written here, because SciPy has no step-down correction and statsmodels, a large dependency for these
lines, does not know tests that could not be made (nan).
"""

from __future__ import annotations

import numpy as np


def holm(p_values) -> np.ndarray:
    """Holm's step-down adjusted p-values (Scandinavian Journal of Statistics, 1979).

    Parameters
    ----------
    p_values : (m,) p-values of one family; nan where a test could not be made

    Returns
    -------
    (m,) array : adjusted p-values; nan stays nan and does not count as a test
    """
    p_values = np.asarray(p_values, dtype=float)
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    m = len(order)
    scaled = p_values[order] * (m - np.arange(m))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted
