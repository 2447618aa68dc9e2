"""How good the class probabilities of a method are; scikit-learn does the computing."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.metric import ARCSINE, LOG, Metric

#: what a probability may be at most away from 0 and 1, for its logarithm
CLIP = 1e-12


def _auroc(sample):
    """How often a row of class 1 gets the larger probability; not defined for one class alone."""
    from sklearn.metrics import roc_auc_score

    if np.ptp(sample.y_test) == 0:
        return np.nan
    return roc_auc_score(sample.y_test, sample["probability"][:, 1])


def _log_loss(sample):
    """In nats."""
    from sklearn.metrics import log_loss

    p = np.clip(sample["probability"][:, 1], CLIP, 1.0 - CLIP)
    return log_loss(sample.y_test, p, labels=[0, 1])


def _brier(sample):
    """Mean squared distance of the probability of class 1 from what happened."""
    from sklearn.metrics import mean_squared_error

    return mean_squared_error(sample.y_test, sample["probability"][:, 1])


def _miscalibration(sample):
    """The part of the Brier score that a monotone recalibration of the test rows takes away.

    MCB of Dimitriadis, Gneiting and Jordan (Stable reliability diagrams for probabilistic
    classifiers, PNAS 2021): the Brier score less that of the isotonic regression of the labels on
    the probabilities.  Unlike an expected calibration error it has no bins to be chosen.  Few test
    rows make it larger than it is, for every method alike.
    """
    from sklearn.isotonic import IsotonicRegression
    from sklearn.metrics import mean_squared_error

    p, y = sample["probability"][:, 1], sample.y_test.astype(float)
    # 1 - 1e-15 and 1 are taken for one value, beyond which the larger of them would lie
    step = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    recalibrated = step.fit_transform(p, y)
    return max(_brier(sample) - mean_squared_error(y, recalibrated), 0.0)


_NEEDS = {"task": "classification", "needs": ("probability",)}

METRICS = (
    Metric("auroc", "test AUROC", _auroc, larger_is_better=True, scale=ARCSINE, **_NEEDS),
    Metric("log_loss", "test log-loss", _log_loss, scale=LOG, **_NEEDS),
    Metric("brier", "test Brier score", _brier, scale=LOG, **_NEEDS),
    Metric(
        "miscalibration", "test miscalibration (part of the Brier score)", _miscalibration, **_NEEDS
    ),
)
