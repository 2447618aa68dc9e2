"""The error of a model on given rows, beside that of the constant that fits these rows best."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from nimo.labels import plain_labels
from nimo.plus.responses import LEAST_RESPONSE, check_sign


def checked(model: Any, y: Any, n: int) -> np.ndarray:
    """Responses of n rows: numbers, or labels that training has seen.

    Raises
    ------
    ValueError
        Another length; missing numbers, responses that the family cannot have, an unknown class.
    """
    classes = getattr(model, "classes_", None)
    found = column_or_1d(y if classes is None else plain_labels(y))
    if len(found) != n:
        raise ValueError(f"y has {len(found)} values, X has {n} rows")
    if classes is not None:
        seen = set(classes.tolist())
        unknown = [one for one in found.tolist() if one not in seen]
        if unknown:
            raise ValueError(f"y holds the class {unknown[0]!r}, training had {classes.tolist()}")
        return found
    numbers = found.astype(np.float64)
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise ValueError(f"y must be finite numbers, got {numbers[row]} in row {row}")
    if model.family_ in LEAST_RESPONSE:
        check_sign(model.family_, numbers)
    return numbers


def errors(model: Any, y: np.ndarray, answer: np.ndarray) -> list[dict[str, Any]]:
    """Each error by name: of the model, and of a constant.  The less the better.

    Parameters
    ----------
    model : fitted estimator
    y : (n,), as :func:`checked` gives them
    answer : (n,) predictions, or (n, K) probabilities of the classes
    """
    classes = getattr(model, "classes_", None)
    if classes is not None:
        return _of_classes(np.searchsorted(classes, y), answer)
    from sklearn import metrics

    constant = np.full(len(y), np.mean(y))
    if model.family_ == "quantile":
        level = float(model.quantile)
        constant = np.full(len(y), np.quantile(y, level))
        return [
            _entry(
                "mean check loss",
                *(metrics.mean_pinball_loss(y, one, alpha=level) for one in (answer, constant)),
            )
        ]
    rmse = [metrics.mean_squared_error(y, one) ** 0.5 for one in (answer, constant)]
    mae = [metrics.mean_absolute_error(y, one) for one in (answer, np.full(len(y), np.median(y)))]
    found = [_entry("root mean squared error", *rmse), _entry("mean absolute error", *mae)]
    if model.family_ in LEAST_RESPONSE:
        of = getattr(metrics, f"mean_{model.family_}_deviance")
        # of rows without any count the constant is 0, which has no logarithm
        least = [np.maximum(one, np.finfo(np.float64).tiny) for one in (answer, constant)]
        found.insert(0, _entry("mean deviance", *(of(y, one) for one in least)))
    return found


def _of_classes(labels: np.ndarray, probability: np.ndarray) -> list[dict[str, Any]]:
    frequency = np.bincount(labels, minlength=probability.shape[1]) / len(labels)
    least = np.finfo(np.float64).tiny
    own = np.maximum(probability[np.arange(len(labels)), labels], least)
    wrong = np.mean(probability.argmax(axis=1) != labels)
    return [
        _entry("mean -log-likelihood", -np.log(own).mean(), -np.log(frequency[labels]).mean()),
        _entry("share of wrong classes", wrong, 1 - frequency.max()),
    ]


def _entry(name: str, model: float, constant: float) -> dict[str, Any]:
    return {"name": name, "model": float(model), "constant": float(constant)}
