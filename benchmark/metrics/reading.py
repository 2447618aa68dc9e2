"""How much there is to read in a model."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.metric import LOG, Metric


def _size(sample):
    return np.sum(sample["reading"])


METRICS = (
    Metric(
        "reading_size",
        "size of reading: coefficients, curves, surfaces and split points",
        _size,
        needs=("reading",),
        scale=LOG,
    ),
)
