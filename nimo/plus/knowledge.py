"""What is known before the rows are seen: directions, what may act together, what has to stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Knowledge:
    """
    Parameters
    ----------
    direction : (d,) int
        1 and -1 where the response rises and falls with the feature, else 0.
    groups : tuple of frozenset of int, optional
        Features of one group may act together; None: all may.
    pairwise : bool
        Whether no more than two may.
    kept : frozenset of int
        Features whose line stays.
    """

    direction: np.ndarray
    groups: tuple[frozenset[int], ...] | None = None
    pairwise: bool = False
    kept: frozenset[int] = frozenset()

    @staticmethod
    def none(d: int) -> Knowledge:
        return Knowledge(np.zeros(d, dtype=int))

    def may(self, features: tuple[int, ...]) -> bool:
        """Whether a surface of these features may be.

        A surface would bend a feature differently at each value of another, so that one with a
        direction takes part in none.
        """
        if len(features) < 2:
            return True
        if self.direction[list(features)].any() or (self.pairwise and len(features) > 2):
            return False
        return self.groups is None or any(group.issuperset(features) for group in self.groups)

    def among(self, chosen: np.ndarray) -> Knowledge:
        """Of the features numbered ``chosen``, in that order."""
        new = {int(j): i for i, j in enumerate(chosen)}

        def renumbered(group):
            return frozenset(new[j] for j in group if j in new)

        groups = None if self.groups is None else tuple(map(renumbered, self.groups))
        return Knowledge(self.direction[chosen], groups, self.pairwise, renumbered(self.kept))
