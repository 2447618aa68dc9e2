"""Do two halves of the tables rank the methods alike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from benchmark.evaluation.statistics.intervals import LEVEL

DRAWS = 200


@dataclass(frozen=True)
class Halves:
    """Spearman correlation of the average ranks in two halves: of one draw, and of many.

    Attributes
    ----------
    n : int
        Tables of the smaller half.
    first : float
        Of the draw that the seed gives.
    median, lower, upper : float
        Over many draws; the ends hold 95 % of them.
    """

    n: int
    first: float
    median: float
    lower: float
    upper: float


def halves(ranks: pd.DataFrame, draws: int = DRAWS, seed: int = 0, level: float = LEVEL):
    """Cut the tables in two at random, rank the methods in each half, correlate.

    Parameters
    ----------
    ranks : DataFrame, tables x methods
        Rank of each method on each table.

    Returns
    -------
    Halves, or None with fewer than four tables or three methods
    """
    n, k = ranks.shape
    if n < 4 or k < 3:
        return None
    rng, values, found = np.random.default_rng(seed), ranks.to_numpy(dtype=float), []
    for _ in range(draws):
        order = rng.permutation(n)
        one, two = (values[part].mean(0) for part in (order[: n // 2], order[n // 2 :]))
        if np.ptp(one) > 0 and np.ptp(two) > 0:
            found.append(float(stats.spearmanr(one, two).statistic))
    if not found:
        return None
    lower, median, upper = np.quantile(found, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Halves(n // 2, found[0], float(median), float(lower), float(upper))
