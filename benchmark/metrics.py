"""Metrics of the comparison; only the judge computes them."""

from __future__ import annotations

import numpy as np

#: the metric that the tables show, and whether larger is better
PRIMARY = {"regression": ("mse", False), "classification": ("accuracy", True)}


class InvalidPrediction(ValueError):
    """Predictions of the wrong shape, not finite, or not class labels."""


def check_prediction(prediction, task: str, n_rows: int) -> np.ndarray:
    """Return the predictions as (n_rows,), or say what is wrong with them.

    Raises
    ------
    InvalidPrediction
    """
    prediction = np.asarray(prediction)
    if prediction.shape != (n_rows,):
        raise InvalidPrediction(f"predictions have shape {prediction.shape}, expected ({n_rows},)")
    if prediction.dtype.kind not in "fiub":
        raise InvalidPrediction(f"predictions are of type {prediction.dtype}, expected numbers")
    bad = int(np.sum(~np.isfinite(prediction.astype(float))))
    if bad:
        raise InvalidPrediction(f"{bad} of {n_rows} predictions are not finite")
    if task == "classification" and not np.isin(prediction, (0, 1)).all():
        value = prediction[~np.isin(prediction, (0, 1))][0]
        raise InvalidPrediction(f"predictions must be class labels 0 or 1, found {value}")
    return prediction


def score(task: str, y, prediction, probability=None) -> dict[str, float]:
    """Test metrics of valid predictions.

    Regression: ``mse``, ``r2``.  Classification: ``accuracy`` and, given ``probability`` (n, 2),
    ``log_loss`` in nats (probabilities clipped at 1e-12).
    """
    if task == "regression":
        mse = float(np.mean((y - prediction) ** 2))
        return {"mse": mse, "r2": 1.0 - mse / float(np.var(y))}
    scores = {"accuracy": float(np.mean(y == prediction))}
    if probability is not None:
        p = np.clip(np.asarray(probability)[np.arange(len(y)), y], 1e-12, 1.0)
        scores["log_loss"] = float(-np.mean(np.log(p)))
    return scores


def constant_score(task: str, y_train, y_test) -> float:
    """Primary metric of the constant predictor: training mean, or the more frequent class."""
    if task == "regression":
        return float(np.mean((y_test - np.mean(y_train)) ** 2))
    return float(np.mean(y_test == int(np.mean(y_train) > 0.5)))
