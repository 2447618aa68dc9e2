"""How much smaller a method's error could be, going by the best method on each data set.

Improvability is the measure of TabArena (Erickson et al., TabArena: a living benchmark for machine
learning on tabular data, NeurIPS 2025): 1 - best error / error.  Unlike a rank it says by how much
a method loses, and unlike a mean of errors it does not weigh the data sets by the size of theirs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def improvability(errors: pd.DataFrame) -> pd.DataFrame:
    """The share of a method's error that the best method does not make.

    Parameters
    ----------
    errors : DataFrame, data sets x methods
        At least 0, smaller is better; nan where a method has no value.

    Returns
    -------
    DataFrame of the same shape : 0 for the best method of a data set, up to 1; nan stays nan.
    """
    best = errors.min(axis=1).to_numpy()[:, None]
    values = errors.to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = 1.0 - best / values
    shares[(values == best) & ~np.isnan(values)] = 0.0  # an error of 0 included
    return pd.DataFrame(shares, index=errors.index, columns=errors.columns)
