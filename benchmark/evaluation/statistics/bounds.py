"""Which values a metric can have: no interval goes beyond them."""

from __future__ import annotations

import math

from benchmark import metrics

ERROR = (0.0, math.inf)
SHARE = (0.0, 1.0)
#: scores that can be below 0; all other scores, of which larger ones are better, are shares
OTHERS = {
    "r2": (-math.inf, 1.0),
    "faithfulness": (-1.0, 1.0),
    "part_correlation": (-1.0, 1.0),
}
UNKNOWN = (-math.inf, math.inf)
#: of a metric under another selection rule (``mse_lambda_min``) the metric comes first
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mb")


def bounds(name: str) -> tuple[float, float]:
    """The least and the largest value of a metric, a cost, or a metric under another rule.

    Errors, costs and spreads are at least 0; shares lie between 0 and 1; R2 is at most 1.  Of a
    name that nobody has declared nothing is known: (-inf, inf).
    """
    if name in COSTS:
        return ERROR
    declared = _declared(name)
    if declared is None:
        return UNKNOWN
    if declared.name in OTHERS:
        return OTHERS[declared.name]
    if declared.name.startswith("self_fidelity"):  # 1 - error, relative to a deviation
        return OTHERS["r2"]
    return SHARE if declared.larger_is_better else ERROR


def _declared(name):
    every = (
        *metrics.METRICS,
        *metrics.FIDELITY,
        *metrics.CORRECTNESS,
        *metrics.CORRECTNESS_OF_MODEL,
    )
    by_name = {metric.name: metric for metric in every}
    for primary in metrics.PRIMARY.values():
        if name not in by_name and name.startswith(f"{primary}_"):
            return by_name[primary]
    return by_name.get(name)
