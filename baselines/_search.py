"""Configurations to be tried: a published default, then seeded draws from a search space.

A method states its space as data, ``SEARCH = {name: distribution}``, and its list of configurations
as ``draws(DEFAULT, SEARCH, count, seed)``.  A shorter list is the beginning of a longer one, so
that a smaller budget tries a part of what a larger one tries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Uniform:
    """A real number, uniform on [low, high)."""

    low: float
    high: float

    def __post_init__(self):
        _check_interval(self)

    def draw(self, rng) -> float:
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform:
    """A positive real number whose logarithm is uniform on [log low, log high)."""

    low: float
    high: float

    def __post_init__(self):
        if self.low <= 0:
            raise ValueError(f"LogUniform needs a positive low, got {self.low}")
        _check_interval(self)

    def draw(self, rng) -> float:
        return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))


@dataclass(frozen=True)
class Integer:
    """An integer, uniform on low, ..., high, both ends included."""

    low: int
    high: int

    def __post_init__(self):
        _check_interval(self)

    def draw(self, rng) -> int:
        return int(rng.integers(self.low, self.high, endpoint=True))


@dataclass(frozen=True)
class Choice:
    """One of the given values, each equally likely."""

    values: tuple

    def __post_init__(self):
        if not self.values:
            raise ValueError("Choice needs at least one value")

    def draw(self, rng) -> Any:
        return self.values[int(rng.integers(len(self.values)))]


def _check_interval(distribution):
    if not distribution.low < distribution.high:
        raise ValueError(
            f"{type(distribution).__name__} needs low < high, "
            f"got {distribution.low} and {distribution.high}"
        )


def draws(
    default: Mapping[str, Any], space: Mapping[str, Any], count: int, seed: int = 0
) -> tuple[dict, ...]:
    """The default, then ``count - 1`` random configurations.

    Parameters
    ----------
    default : mapping
        The published configuration.  What the space does not name keeps its value from here.
    space : mapping of str to distribution
        Drawn in the order in which it is written.
    count : int
        Length of the list, the default included.
    seed : int

    Returns
    -------
    tuple of dict
        The first ``k`` entries do not depend on ``count``.

    Raises
    ------
    ValueError
        A name of the space that the default does not have, or a count below 1.
    """
    unknown = [name for name in space if name not in default]
    if unknown:
        raise ValueError(f"the default has no {unknown[0]!r}; it has: {', '.join(default)}")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    rng = np.random.default_rng(seed)
    drawn = [{name: space[name].draw(rng) for name in space} for _ in range(count - 1)]
    return (dict(default), *({**default, **params} for params in drawn))
