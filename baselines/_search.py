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
class LogInteger:
    """An integer of low, ..., high, both ends included, whose logarithm is about uniform."""

    low: int
    high: int

    def __post_init__(self):
        if self.low < 1:
            raise ValueError(f"LogInteger needs a low of at least 1, got {self.low}")
        _check_interval(self)

    def draw(self, rng) -> int:
        # each integer owns the interval of half a unit to both sides
        drawn = math.exp(rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5)))
        return min(max(round(drawn), self.low), self.high)


@dataclass(frozen=True)
class LogNormal:
    """A positive real number whose logarithm is normal.

    Parameters
    ----------
    median : float
    factor : float
        exp of the logarithm's standard deviation.
    """

    median: float
    factor: float

    def __post_init__(self):
        if self.median <= 0 or self.factor <= 1:
            raise ValueError(f"LogNormal needs median > 0 and factor > 1, got {self}")

    def draw(self, rng) -> float:
        return float(self.median * self.factor ** rng.normal())


@dataclass(frozen=True)
class NormalInteger:
    """A normal number, rounded, and not below ``low``."""

    mean: float
    deviation: float
    low: int

    def draw(self, rng) -> int:
        return max(int(round(rng.normal(self.mean, self.deviation))), self.low)


@dataclass(frozen=True)
class Choice:
    """One of the given values, each equally likely; one named twice has twice the chance."""

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
    """The default, then ``count - 1`` random configurations, all different.

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
        A name of the space that the default does not have, a count below 1, or a space that has
        not so many.
    """
    unknown = [name for name in space if name not in default]
    if unknown:
        raise ValueError(f"the default has no {unknown[0]!r}; it has: {', '.join(default)}")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    rng = np.random.default_rng(seed)
    found = [dict(default)]
    for _ in range(100 * count):
        if len(found) == count:
            return tuple(found)
        drawn = {**default, **{name: space[name].draw(rng) for name in space}}
        if drawn not in found:
            found.append(drawn)
    raise ValueError(f"the space has not {count} different configurations")
