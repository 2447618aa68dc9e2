"""What a fit leaves behind: one declaration per output, in one list.

The worker reads outputs off an estimator by it, the judge checks their shapes by it, and the
contract test and the contract's page (docs/contract.md) are made from it.  To add an output, add it
to the list: what an estimator does not offer is left out of its record, and a dash in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from baselines._rows import column_kinds, is_frame

SWEEP_POINTS = 61
SWEEP_MAX_FEATURES = 13  # learned corrections are drawn for small data sets only


@dataclass(frozen=True)
class Output:
    """An output, declared.

    Parameters
    ----------
    name : str
        Its name in a record's arrays.
    offers : str
        What an estimator must have for it, as a method's author writes it; "" for what every
        estimator must have.
    shape : tuple of str or int
        "n" test rows, "n_val" validation rows, "d" features, "any" whatever it is.
    dtype : numpy type
    meaning : str
    read : callable (estimator, data) -> array or None
        ``data`` holds X_train, y_train, X_val, y_val and X_test as the method was given them: X a
        frame perhaps, no validation rows perhaps.  None: not offered here.
    task : {"regression", "classification"}, optional
        None: both.
    many : bool
        ``read`` returns a dictionary of such arrays; their names are put behind this one's.
    slopes : bool
        Its last side are slopes of features.  A category of a frame has none: NaN there.
    """

    name: str
    offers: str
    shape: tuple[str | int, ...]
    dtype: type
    meaning: str
    read: Callable[[Any, Mapping[str, np.ndarray]], Any]
    task: str | None = None
    many: bool = False
    slopes: bool = False

    def problem(
        self, values: np.ndarray, sizes: Mapping[str, int], numbers: np.ndarray | None = None
    ) -> str | None:
        """What is wrong with values that a fit has left, in words; None if nothing is.

        Parameters
        ----------
        values : the array
        sizes : what the letters of ``shape`` stand for
        numbers : (d,) bool, which features are numbers; None: all
        """
        expected = tuple(sizes.get(side, side) for side in self.shape)
        fits = len(expected) == values.ndim and all(
            side in ("any", size) for side, size in zip(expected, values.shape, strict=True)
        )
        if not fits:
            shape = ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "")
            return f"has shape {values.shape}, expected ({shape})"
        if self.slopes and numbers is not None:
            values = values[..., numbers]
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            return "is not finite"
        return None


def _attribute(name):
    return lambda estimator, data: getattr(estimator, name, None)


def _call(name, rows="X_test"):
    def read(estimator, data):
        method = getattr(estimator, name, None)
        return None if method is None or rows not in data else method(data[rows])

    return read


def _coef(estimator, data):
    """Global coefficients; the mean of the local ones where a method says that it has no others."""
    if getattr(estimator, "coef_is_local_", False):
        return np.asarray(estimator.local_coef(data["X_test"]), np.float32).astype(float).mean(0)
    return getattr(estimator, "coef_", None)


def _intercept(estimator, data):
    value = getattr(estimator, "intercept_", None)
    return None if value is None else np.reshape(value, -1)[0]


def _lines(data):
    """For each feature a line through the baseline 0: (d, points, d) rows; None for wide data."""
    X = data["X_train"]
    d = X.shape[1]
    if d > SWEEP_MAX_FEATURES or is_frame(X):
        return None
    rows = np.zeros((d, SWEEP_POINTS, d))
    for k in range(d):
        rows[k, :, k] = np.linspace(X[:, k].min(), X[:, k].max(), SWEEP_POINTS)
    return rows


#: what a reader of a model has to hold
READING = ("coefficients", "curves", "surfaces", "split_points")


def _reading(estimator, data):
    """Numbers of pieces in the order of READING; a word that is not there is refused."""
    found = getattr(estimator, "reading_", None)
    if found is None:
        return None
    if strange := sorted(set(found) - set(READING)):
        raise ValueError(f"reading_ has {strange[0]!r}; there are: {', '.join(READING)}")
    return [found.get(name, 0) for name in READING]


def _correction_sweep(estimator, data):
    rows = _lines(data)
    if rows is None or not hasattr(estimator, "correction"):
        return None
    return np.reshape(estimator.correction(rows.reshape(-1, rows.shape[2])), rows.shape)


def _sweep_points(estimator, data):
    rows = _lines(data)
    if rows is None or not hasattr(estimator, "correction"):
        return None
    return np.stack([rows[k, :, k] for k in range(len(rows))])


OUTPUTS: tuple[Output, ...] = (
    Output("prediction", "", ("n",), None, "predictions of the test rows", _call("predict")),
    Output(
        "prediction_val",
        "",
        ("n_val",),
        None,
        "predictions of the validation rows; none of a fit that was trained on them",
        _call("predict", "X_val"),
    ),
    Output(
        "probability",
        "predict_proba(X)",
        ("n", 2),
        float,
        "class probabilities",
        _call("predict_proba"),
        task="classification",
    ),
    Output(
        "alternative",
        "predict_alternatives(X)",
        ("n",),
        None,
        "predictions under other selection rules of the same fit, a dictionary by their names; "
        "scored beside the main result",
        _call("predict_alternatives"),
        many=True,
    ),
    Output(
        "coef",
        "coef_",
        ("d",),
        float,
        "global coefficients on the scale of the given features",
        _coef,
        slopes=True,
    ),
    Output("intercept", "intercept_", (), float, "intercept on the same scale", _intercept),
    Output(
        "local_coef",
        "local_coef(X)",
        ("n", "d"),
        np.float32,
        "coefficients of each row",
        _call("local_coef"),
        slopes=True,
    ),
    Output(
        "contribution",
        "contributions(X)",
        ("n", "d"),
        np.float32,
        "part of each feature in each row's prediction, or in its logit; that of a pair is split "
        "half and half",
        _call("contributions"),
    ),
    Output(
        "local_intercept",
        "local_intercept(X)",
        ("n",),
        np.float32,
        "what is left of each row's prediction, or logit, without the contributions",
        _call("local_intercept"),
    ),
    Output(
        "correction",
        "correction(X)",
        ("n", "d"),
        np.float32,
        "g_j(x_-j), what multiplies a coefficient, less 1",
        _call("correction"),
    ),
    Output(
        "correction_sweep",
        "correction(X)",
        ("d", SWEEP_POINTS, "d"),
        np.float32,
        f"the same along a line through 0 for each feature, up to {SWEEP_MAX_FEATURES} features",
        _correction_sweep,
    ),
    Output(
        "sweep_points",
        "correction(X)",
        ("d", SWEEP_POINTS),
        float,
        "the points of those lines",
        _sweep_points,
    ),
    Output(
        "first_layer_weights",
        "first_layer_weights_",
        ("any", "d"),
        float,
        "weights of the first hidden layer on the features",
        _attribute("first_layer_weights_"),
    ),
    Output(
        "selected_features",
        "selected_features_",
        ("d",),
        bool,
        "features the model uses (global sparsity)",
        _attribute("selected_features_"),
    ),
    Output(
        "interaction_features",
        "interaction_features_",
        ("d",),
        bool,
        "features that modulate the effect of another feature",
        _attribute("interaction_features_"),
    ),
    Output(
        "reading",
        "reading_",
        (len(READING),),
        np.int64,
        "what a reader of the whole model has to hold, a dictionary of how many: "
        f"{', '.join(READING)}",
        _reading,
    ),
)


def read(estimator, data, task: str, known=()) -> dict[str, np.ndarray]:
    """Everything that a fitted estimator offers, by name.

    Parameters
    ----------
    known : mapping of names to arrays that have been read already

    Raises
    ------
    TypeError
        An array of Python objects.
    """
    found = {}
    numbers = None
    if is_frame(data["X_test"]):
        numbers = [kind == "number" for kind in column_kinds(data["X_test"])]
    for output in OUTPUTS:
        if output.task not in (None, task):
            continue
        values = known[output.name] if output.name in known else output.read(estimator, data)
        if values is None:
            continue
        several = values if output.many else {"": values}
        for ending, array in several.items():
            name = f"{output.name}_{ending}" if output.many else output.name
            array = np.asarray(array) if output.dtype is None else np.asarray(array, output.dtype)
            if array.dtype.hasobject:
                raise TypeError(f"{name} is an array of Python objects, expected numbers")
            if output.slopes and numbers is not None:
                array = np.where(numbers, array, np.nan).astype(array.dtype)
            found[name] = array
    return found


def declared(name: str) -> Output:
    """The declaration behind a name in a record.

    Raises
    ------
    KeyError
        No output has this name.
    """
    for output in OUTPUTS:
        if name == output.name or (output.many and name.startswith(f"{output.name}_")):
            return output
    raise KeyError(f"no output {name!r}; there are: {', '.join(o.name for o in OUTPUTS)}")


def page() -> str:
    """The table of what an estimator may offer, in Markdown."""
    lines = ["| an estimator offers | shape | what it is |", "|---|---|---|"]
    for output in OUTPUTS:
        if output.offers and not output.name.startswith(("correction_", "sweep_")):
            shape = ", ".join(map(str, output.shape))
            shape = f"({shape},)" if len(output.shape) == 1 else f"({shape})"
            shape = "a number" if not output.shape else shape
            lines.append(f"| `{output.offers}` | {shape} | {output.meaning} |")
    return "\n".join(lines) + "\n"
