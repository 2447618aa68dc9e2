"""Labels of classes: pandas' nullable types, what each class weighs, and their predictors.

It imports NumPy alone: the classifiers of both packages use it.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np


def plain_labels(y: Any, name: str = "y") -> Any:
    """Booleans and whole numbers of pandas' nullable types as NumPy's, all else as it is.

    scikit-learn would make floats of them, and ``predict`` return 0.0 and 1.0.  Text and objects
    are checked for gaps, which NumPy cannot sort.

    Raises
    ------
    ValueError
        A label is missing; names the row.
    """
    if getattr(y, "ndim", None) == 2 and hasattr(y, "iloc") and y.shape[1] == 1:
        y = y.iloc[:, 0]
    dtype: Any = getattr(y, "dtype", None)
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, np.dtype) and kind != "O":
        return y
    values = np.asarray(y, dtype=object)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    missing = [i for i, value in enumerate(values) if _missing(value)] if values.ndim == 1 else []
    if missing:
        raise ValueError(f"Input {name} contains NaN: the label in row {missing[0]} is missing")
    return np.asarray(y, dtype=dtype.numpy_dtype) if kind in "biu" else y


def _missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(value != value)


def class_factors(
    class_weight: Any, classes: np.ndarray, labels: np.ndarray, weight: np.ndarray
) -> np.ndarray | None:
    """What the rows of each class are weighted by, beside their sample weights.

    Parameters
    ----------
    class_weight : None, "balanced" or dict
        "balanced": the total of each class is the same, and that of all rows stays what it is.
        A dict has factors by class, 1 for a class that it leaves out.
    classes : (K,)
    labels : (n,) int, numbers of the classes
    weight : (n,) sample weights

    Returns
    -------
    (K,), None without ``class_weight``

    Raises
    ------
    ValueError
        Something else as class_weight; a class that the weights leave without any.
    """
    names, total = classes.tolist(), np.bincount(labels, weight, len(classes))
    _check_present("sample_weight", names, total)
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        factor = total.sum() / (len(names) * total)
    elif isinstance(class_weight, dict):
        unknown = [name for name in class_weight if name not in names]
        if unknown:
            raise ValueError(f"class_weight has {unknown[0]!r}, the classes are {names}")
        for name, value in class_weight.items():
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and value >= 0):
                raise ValueError(
                    f"class_weight must hold numbers of at least 0, got {value!r} for {name!r}"
                )
        factor = np.array([float(class_weight.get(name, 1.0)) for name in names])
        _check_present("class_weight", names, factor)
    else:
        raise ValueError(f"class_weight must be None, 'balanced' or a dict, got {class_weight!r}")
    return factor


def _check_present(what: str, names: list, total: np.ndarray) -> None:
    gone = [name for name, size in zip(names, total, strict=True) if size == 0]
    if gone:
        left = len(names) - len(gone)
        raise ValueError(
            f"{what} leaves class {gone[0]!r} without weight"
            + ("" if left != 1 else ", and so one class only")
        )


def two_columns(eta: np.ndarray) -> np.ndarray:
    """Predictors (n, K) of a softmax; of two classes from their log-odds (n,)."""
    return np.column_stack([np.zeros_like(eta), eta]) if eta.ndim == 1 else eta
