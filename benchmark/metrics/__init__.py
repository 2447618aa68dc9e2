"""Metrics of the comparison, one declaration each, in one list; only the judge computes them.

To add one, write a module beside these with ``METRICS = (Metric(...), ...)`` and add it to the list
below.  It is computed from what fits have left: nothing is fitted again.
"""

from __future__ import annotations

import numpy as np

from benchmark.metrics import (
    coefficients,
    correctness,
    fidelity,
    interactions,
    prediction,
    probability,
    reading,
)
from benchmark.metrics.metric import Metric, Sample, Scale

__all__ = [
    "CORRECTNESS",
    "CORRECTNESS_OF_MODEL",
    "FIDELITY",
    "METRICS",
    "PRIMARY",
    "Metric",
    "Sample",
    "Scale",
    "get",
    "primary",
    "scores",
]

METRICS: tuple[Metric, ...] = (
    *prediction.METRICS,
    *probability.METRICS,
    *coefficients.METRICS,
    *interactions.METRICS,
    *reading.METRICS,
)

#: what explanations are graded by: two questions that are never mixed, one list each
FIDELITY: tuple[Metric, ...] = fidelity.METRICS
CORRECTNESS: tuple[Metric, ...] = correctness.METRICS
#: and what is asked of the model itself, whatever explains it
CORRECTNESS_OF_MODEL: tuple[Metric, ...] = correctness.OF_MODEL

#: the metric of each task that the main tables show, and in which the paper reports
PRIMARY = {"regression": "mse", "classification": "accuracy"}


def get(name: str) -> Metric:
    """A metric by name.

    Raises
    ------
    KeyError
        There is none of that name.
    """
    for metric in METRICS:
        if metric.name == name:
            return metric
    raise KeyError(f"no metric {name!r}; there are: {', '.join(m.name for m in METRICS)}")


def primary(task: str) -> Metric:
    """The metric that stands for a task."""
    return get(PRIMARY[task])


def scores(sample: Sample) -> dict[str, float]:
    """Every metric that applies to a fit, by name; one that is not defined there is left out."""
    values = {m.name: float(m.function(sample)) for m in METRICS if m.applies(sample)}
    return {name: value for name, value in values.items() if np.isfinite(value)}
