"""What a metric is: a declaration, and the sample of a fit that it looks at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.datasets import Split, Truth


@dataclass(frozen=True)
class Sample:
    """One successful fit beside what it is judged by.

    Attributes
    ----------
    outputs : dict of arrays, as declared in :mod:`benchmark.outputs`
    split : Split
    truth : Truth
    """

    outputs: Mapping[str, np.ndarray]
    split: Split
    truth: Truth

    @property
    def y_test(self) -> np.ndarray:
        """(n_test,) labels, which no method has seen."""
        return self.split.arrays["y_test"]

    def __getitem__(self, output: str) -> np.ndarray:
        return self.outputs[output]


@dataclass(frozen=True)
class Scale:
    """The scale on which values of a metric scatter evenly, and how a difference there is told.

    Attributes
    ----------
    name : {"log", "arcsine", "identity"}
    paired : {"ratio", "difference"}
        Two methods are compared by the ratio of their geometric means, or by the difference.
    """

    name: str
    paired: str

    def to(self, values) -> np.ndarray:
        """Values on the even scale."""
        values = np.asarray(values, dtype=float)
        if self.name == "log":
            return np.log(np.maximum(values, np.finfo(float).tiny))  # an error of 0 has no log
        if self.name == "arcsine":
            return np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0)))
        return values

    def back(self, value: float) -> float:
        """A value on the metric's own scale."""
        if self.name == "log":
            return math.exp(value)
        if self.name == "arcsine":
            return math.sin(min(max(value, 0.0), math.pi / 2)) ** 2
        return float(value)


#: errors: they span orders of magnitude, and their spread grows with their size
LOG = Scale("log", "ratio")
#: shares between 0 and 1
ARCSINE = Scale("arcsine", "difference")
#: everything else
IDENTITY = Scale("identity", "difference")


@dataclass(frozen=True)
class Metric:
    """A metric, declared.

    Parameters
    ----------
    name : str
        The word in ``scores.csv`` and in a config.
    label : str
        What readers see.
    function : callable (Sample) -> float
    task : {"regression", "classification"}, optional
        None: both.
    needs : tuple of str
        Outputs of a method without which there is no value: a dash, never a zero.
    truth : tuple of str
        Fields of :class:`benchmark.datasets.Truth` without which there is no value.
    larger_is_better : bool, optional
        None where neither is (a cost, a spread).
    scale : Scale
    """

    name: str
    label: str
    function: Callable[[Sample], float]
    task: str | None = None
    needs: tuple[str, ...] = ("prediction",)
    truth: tuple[str, ...] = ()
    larger_is_better: bool | None = False
    scale: Scale = IDENTITY

    def applies(self, sample: Sample) -> bool:
        """Whether the sample has everything that the metric looks at."""
        return (
            self.task in (None, sample.split.task)
            and all(name in sample.outputs for name in self.needs)
            and all(getattr(sample.truth, name) is not None for name in self.truth)
        )
