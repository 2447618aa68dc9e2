"""Whether what a worker has left is usable; what it is worth is a matter of the metrics."""

from __future__ import annotations

import numpy as np

from benchmark import outputs


class InvalidPrediction(ValueError):
    """Predictions of the wrong shape, not finite, or not class labels; or another such output."""


def refused(result) -> bool:
    """Whether a record is of a fit that ended well and whose arrays were not usable."""
    return (result["error"] or {}).get("class") == InvalidPrediction.__name__


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
    largest = np.max(np.abs(prediction.astype(float)), initial=0.0)
    with np.errstate(over="ignore"):
        if not np.isfinite(n_rows * largest**2):
            raise InvalidPrediction(
                f"predictions are as large as {largest:.3g}: their squares are not finite"
            )
    return prediction


def check(arrays, split, frame: bool = False) -> None:
    """Refuse an outcome whose arrays are not what :mod:`benchmark.outputs` declares.

    Parameters
    ----------
    arrays : dict of arrays, by name
    split : benchmark.datasets.Split
    frame : whether the method asks for the frame

    Raises
    ------
    InvalidPrediction
    """
    task, sloped = split.task, split.have_slopes(frame)
    n, n_val = len(split.arrays["X_test"]), len(split.arrays["y_val"])
    sizes = {"n": n, "n_val": n_val, "d": len(sloped)}
    check_prediction(arrays["prediction"], task, n)
    if "prediction_val" in arrays:  # not where the method was trained on these rows
        check_prediction(arrays["prediction_val"], task, n_val)
    for name, values in arrays.items():
        output = outputs.declared(name)
        if output.many:
            check_prediction(values, task, n)
        elif problem := output.problem(values, sizes, sloped):
            raise InvalidPrediction(f"{name} {problem}")


def verdict(facts, arrays, split, frame: bool = False) -> tuple[dict, dict]:
    """Status and error of an outcome, and its arrays: {} unless it is ok."""
    if facts["status"] != "ok":
        return {"status": facts["status"], "error": facts["error"]}, {}
    try:
        check(arrays, split, frame)
    except InvalidPrediction as error:
        message = {"class": type(error).__name__, "message": str(error)}
        return {"status": "error", "error": message}, {}
    return {"status": "ok", "error": None}, arrays
