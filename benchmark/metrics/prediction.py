"""How well a method predicts."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.metric import ARCSINE, LOG, Metric


def _mse(sample):
    return np.mean((sample.y_test - sample["prediction"]) ** 2)


def _r2(sample):
    from sklearn.metrics import r2_score

    # of labels that are all equal no share is explained
    return r2_score(sample.y_test, sample["prediction"]) if np.ptp(sample.y_test) > 0 else np.nan


def _accuracy(sample):
    return np.mean(sample.y_test == sample["prediction"])


def _validation_mse(sample):
    return np.mean((sample.split.arrays["y_val"] - sample["prediction_val"]) ** 2)


def _validation_accuracy(sample):
    return np.mean(sample.split.arrays["y_val"] == sample["prediction_val"])


METRICS = (
    Metric("mse", "test MSE", _mse, "regression", scale=LOG),
    Metric("r2", "test R²", _r2, "regression", larger_is_better=True),
    Metric(
        "accuracy",
        "test accuracy",
        _accuracy,
        "classification",
        larger_is_better=True,
        scale=ARCSINE,
    ),
    Metric(
        "validation_mse",
        "validation MSE",
        _validation_mse,
        "regression",
        needs=("prediction_val",),
        scale=LOG,
    ),
    Metric(
        "validation_accuracy",
        "validation accuracy",
        _validation_accuracy,
        "classification",
        needs=("prediction_val",),
        larger_is_better=True,
        scale=ARCSINE,
    ),
)
