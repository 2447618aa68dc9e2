"""Expected counts from their logarithm, which a step too long may make as large as it likes."""

from __future__ import annotations

import numpy as np

# From here on, at ten million million, the exponential goes on as its parabola: what it is part of
# stays convex and finite.
LARGEST_LOG_COUNT = 30.0


def powers(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The integral of the expected count, the count, and its first two derivatives."""
    beyond = np.maximum(eta - LARGEST_LOG_COUNT, 0)
    value = np.exp(np.minimum(eta, LARGEST_LOG_COUNT))
    third = np.where(beyond > 0, 0.0, value)
    return value * (1 + beyond + 0.5 * beyond**2), value * (1 + beyond), value, third


def expected_count(eta: np.ndarray) -> np.ndarray:
    return powers(eta)[1]
