"""What a method is given of a split: its matrix or its frame, validation rows apart or not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from baselines._rows import stacked
from benchmark import frames


def to_method(data: Mapping[str, np.ndarray], frame: bool) -> dict:
    """The rows as a method asks for them.

    Parameters
    ----------
    data : X_train, y_train, X_val, y_val, X_test, and the packed frame where the split has one
    frame : whether the method asks for the frame

    Returns
    -------
    dict of X_train, y_train, X_val, y_val, X_test
        X are (n, d) float64, or pandas.DataFrame where there is a frame and it is asked for.
    """
    packed = frames.of(data)
    given = {name: values for name, values in data.items() if name not in packed}
    if not (frame and packed):
        return given
    n_train = len(data["y_train"])
    n_fit = n_train + len(data["y_val"])
    rows = {"train": slice(n_train), "val": slice(n_train, n_fit), "test": slice(n_fit, None)}
    return given | {f"X_{part}": frames.frame(packed, where) for part, where in rows.items()}


def joined(data: Mapping) -> dict:
    """The validation rows are training rows too, and none are left: no X_val, no y_val."""
    X = stacked(data["X_train"], data["X_val"])
    y = np.concatenate([data["y_train"], data["y_val"]])
    return {"X_train": X, "y_train": y, "X_test": data["X_test"]}
