"""Differences that are rounding, and how few splits are too few to say anything.

The same number reached by two ways of adding differs in its last digits.  A test that takes such a
difference for one finds it highly significant, since it hardly scatters.
"""

from __future__ import annotations

import math

import numpy as np

from benchmark.evaluation.statistics.bounds import bounds

#: values that differ by no more than this share of their size are equal
TIE = 1e-9
#: with fewer splits nothing is tested and nothing gets a verdict
FEWEST = 5
WORDS = ("no", "one", "two", "three", "four", "five")


def cannot_tell(n: int) -> str:
    """``two cuts cannot tell``, for fewer than :data:`FEWEST` splits."""
    return "no cut can tell" if n == 0 else f"{WORDS[n]} cut{'s' if n > 1 else ''} cannot tell"


def untested(n: int) -> str:
    """Why a run of n splits holds no test; "" where it does."""
    if n >= FEWEST:
        return ""
    few = f"{cannot_tell(n)}: below {WORDS[FEWEST]} splits nothing is tested or judged."
    return few[0].upper() + few[1:]


def rounding(a, b, metric: str) -> np.ndarray:
    """What two values of a metric may differ by and still be equal.

    A share of the larger of the two.  A score that is bounded, such as an R2, comes from a
    subtraction, so that its rounding has the size of its bound, also where the score is near 0.
    """
    size = np.maximum(np.abs(np.asarray(a, dtype=float)), np.abs(np.asarray(b, dtype=float)))
    sizes = [abs(bound) for bound in bounds(metric) if math.isfinite(bound)]
    return TIE * np.maximum(size, max(sizes, default=0.0))


def merged(values, metric: str) -> np.ndarray:
    """Values of a metric, those that are equal but for rounding made exactly equal.

    Parameters
    ----------
    values : (k,) floats; nan stays nan

    Returns
    -------
    (k,) array : from the least on, all that differ from one by rounding have its value
    """
    values = np.array(values, dtype=float)
    order = np.argsort(values)  # nan last
    for before, after in zip(order, order[1:], strict=False):
        if values[after] - values[before] <= rounding(values[before], values[after], metric):
            values[after] = values[before]
    return values
