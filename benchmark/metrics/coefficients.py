"""How close a method's beta is to the true marginal effect at the mean.

A method with local coefficients alone is judged by their mean over the test rows.
"""

from __future__ import annotations

import numpy as np

from benchmark.metrics import support
from benchmark.metrics.metric import LOG, Metric


def relative_error(coef, truth) -> float:
    """||coef - truth|| / ||truth||, Euclidean."""
    return float(np.linalg.norm(coef - truth) / np.linalg.norm(truth))


def scaled_error(coef, truth) -> float:
    """The same after each is divided by its largest absolute coefficient (as the paper's Fig. 8).

    A logit's scale is not comparable between methods (shrinkage, separable classes).  Coefficients
    that are all zero stay zero: the error is then 1.
    """
    largest = np.max(np.abs(coef))
    return relative_error(coef / largest if largest > 0 else coef, truth / np.max(np.abs(truth)))


def sign_agreement(coef, truth) -> float:
    """Share of the truly non-zero coefficients with the right sign; a zero has the wrong one."""
    real = truth != 0
    return float(np.mean(np.sign(coef[real]) == np.sign(truth[real])))


def local_spread(local, truth) -> float:
    """Root mean squared distance of local coefficients from their mean, relative to ||truth||."""
    distance = np.linalg.norm(local - local.mean(axis=0), axis=1)
    return float(np.sqrt(np.mean(distance**2)) / np.linalg.norm(truth))


def _of_coef(function):
    return lambda sample: function(sample["coef"], sample.truth.coef)


def _of_support(function):
    return lambda sample: function(sample["coef"] != 0, sample.truth.coef != 0)


def _spread(sample):
    return local_spread(sample["local_coef"].astype(float), sample.truth.coef)


_NEEDS = {"needs": ("coef",), "truth": ("coef",)}
_GOOD = _NEEDS | {"larger_is_better": True}

METRICS = (
    Metric("relative_error", "relative error of β", _of_coef(relative_error), scale=LOG, **_NEEDS),
    Metric(
        "scaled_error",
        "relative error of β, divided by the largest absolute coefficient",
        _of_coef(scaled_error),
        "classification",
        scale=LOG,
        **_NEEDS,
    ),
    Metric(
        "sign_agreement",
        "sign agreement on non-zero coefficients",
        _of_coef(sign_agreement),
        **_GOOD,
    ),
    Metric("beta_precision", "support of β, precision", _of_support(support.precision), **_GOOD),
    Metric("beta_recall", "support of β, recall", _of_support(support.recall), **_GOOD),
    Metric("beta_f1", "support of β, F1", _of_support(support.f1), **_GOOD),
    Metric("beta_exact", "support of β, exactly right", _of_support(support.exact), **_GOOD),
    Metric(
        "local_spread",
        "spread of local coefficients",
        _spread,
        needs=("local_coef",),
        truth=("coef",),
        larger_is_better=None,
    ),
)
