"""What a category can do: an effect of each level, all with one variance.

Random effects (Searle, Casella and McCulloch, Variance Components, 1992).  Each column is that of a
level less its mean over the training rows, so that the effects have mean 0 over these rows: that is
the baseline, where a level is that training has not seen.  In products a category has its levels of
most weight as functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

#: Levels with an effect of their own at most; the others share one.
LEVELS = 250
#: Levels that take part in products.
FACTOR_LEVELS = 8
#: Rows of a level from which its effect can be told from the noise.
OWN_ROWS = 2


@dataclass(frozen=True)
class LevelBasis:
    """The functions of one category, whose values are codes: 1, 2, ..., and 0 for none of them.

    Parameters
    ----------
    place : (1 + L,) int
        Column of each code's effect; -1 where it has none.
    share : (q,)
        Of the training rows' weight, for each column.
    leading : (q,) int
        Columns of the levels that take part in products.
    """

    place: np.ndarray
    share: np.ndarray
    leading: np.ndarray

    #: A category has no line, and nothing of it is missing: that is a level.
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 0.0
    nonlinear: ClassVar[bool] = False

    @staticmethod
    def of(codes: np.ndarray, weight: np.ndarray, levels: int) -> LevelBasis:
        """Of training codes (n,) among ``levels``, with weights (n,)."""
        known = codes > 0
        inside = codes[known].astype(int)
        rows = np.bincount(inside, minlength=1 + levels)
        mass = np.bincount(inside, weight[known], 1 + levels)
        place = np.full(1 + levels, -1)
        order = np.argsort(-mass, kind="stable")
        own = order[rows[order] >= OWN_ROWS][:LEVELS]
        rest = np.setdiff1d(order[rows[order] > 0], own)
        place[own] = np.arange(len(own))
        count = len(own)
        if rows[rest].sum() >= OWN_ROWS:
            place[rest] = count
            count += 1
        if count < 2:  # the same in every row
            return LevelBasis(np.full(1 + levels, -1), np.zeros(0), np.zeros(0, dtype=int))
        there = place >= 0
        share = np.bincount(place[there], mass[there], count) / mass.sum()
        return LevelBasis(place, share, np.arange(min(len(own), FACTOR_LEVELS)))

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.share)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the pieces that the feature can have."""
        return ("levels",) if self.count else ()

    def width(self, kind: str) -> int:
        """Number of columns of a piece."""
        return self.count

    @property
    def factor_width(self) -> int:
        """Number of functions of :meth:`factor`; where there is nothing to tell, one that is 0."""
        return max(1, len(self.leading))

    def _columns(self, codes: np.ndarray, which: np.ndarray) -> np.ndarray:
        own = self.place[codes.astype(int)]
        found = (own[:, None] == which) - self.share[which]
        found[own < 0] = 0.0
        return found

    def piece(self, kind: str, codes: np.ndarray) -> np.ndarray:
        """(n, count)"""
        return self._columns(codes, np.arange(self.count))

    def factor(self, codes: np.ndarray) -> np.ndarray:
        """(n, factor_width)"""
        if not self.count:
            return np.zeros((len(codes), 1))
        return self._columns(codes, self.leading)
