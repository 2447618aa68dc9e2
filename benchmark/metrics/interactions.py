"""Are the features that modulate others' effects the true ones?"""

from __future__ import annotations

from benchmark.metrics import support
from benchmark.metrics.metric import Metric


def _of(function):
    return lambda sample: function(sample["interaction_features"], sample.truth.interacting)


_NEEDS = {
    "needs": ("interaction_features",),
    "truth": ("interacting",),
    "larger_is_better": True,
}

METRICS = (
    Metric(
        "interaction_precision", "interacting features, precision", _of(support.precision), **_NEEDS
    ),
    Metric("interaction_recall", "interacting features, recall", _of(support.recall), **_NEEDS),
    Metric("interaction_f1", "interacting features, F1", _of(support.f1), **_NEEDS),
    Metric(
        "interaction_exact", "interacting features, exactly right", _of(support.exact), **_NEEDS
    ),
)
