"""Does an explanation describe the function that made the data?  Synthetic data only.

Two lists: of what an explainer says (:data:`METRICS`), and of the model itself, whatever explains
it (:data:`OF_MODEL`).  Errors are root mean squares over rows and features, relative to the root
mean square of the truth: 0 is exact, an explanation of 0 has 1.
"""

from __future__ import annotations

import numpy as np

from benchmark.metrics.fidelity import row_correlation
from benchmark.metrics.metric import LOG, Metric


def relative_rmse(found, truth) -> float:
    """RMSE(found, truth) / RMS(truth), over all entries; NaN for a truth of 0."""
    size = float(np.sqrt(np.mean(truth**2)))
    return float(np.sqrt(np.mean((found - truth) ** 2))) / size if size > 0 else float("nan")


def centred_error(found, truth) -> float:
    """The same after both are counted from their mean over the rows.

    Parts are counted from different baselines; what they say of differences between rows is not.
    """
    return relative_rmse(found - found.mean(axis=0), truth - truth.mean(axis=0))


def centred_correlation(found, truth) -> float:
    """Mean correlation within rows of parts and true parts, both counted from their means."""
    return row_correlation(found - found.mean(axis=0), truth - truth.mean(axis=0))


def matrix_error(found, truth) -> float:
    """Relative error of a matrix whose scale says nothing: both are divided by their size."""
    sizes = [np.linalg.norm(matrix) or 1.0 for matrix in (found, truth)]
    return relative_rmse(found / sizes[0], truth / sizes[1])


def sign_agreement(found, truth) -> float:
    """Share of the absolute truth that has the right sign.

    Each entry counts by the size of the truth there: where a true slope passes 0, its sign says
    nothing, and no threshold is needed to say where that is.
    """
    size = np.abs(truth)
    total = float(size.sum())
    return float(size[np.sign(found) == np.sign(truth)].sum()) / total if total else float("nan")


def _against(function, name, truth):
    return lambda sample: function(sample[name], getattr(sample.truth, truth))


METRICS = (
    Metric(
        "gradient_error",
        "error of slopes against the true gradient",
        _against(relative_rmse, "slope", "gradient"),
        needs=("slope",),
        truth=("gradient",),
        scale=LOG,
    ),
    Metric(
        "gradient_sign",
        "sign agreement of slopes with the true gradient",
        _against(sign_agreement, "slope", "gradient"),
        needs=("slope",),
        truth=("gradient",),
        larger_is_better=True,
    ),
    Metric(
        "local_coef_error",
        "error of slopes against the true local coefficients",
        _against(relative_rmse, "slope", "local_coef"),
        needs=("slope",),
        truth=("local_coef",),
        scale=LOG,
    ),
    Metric(
        "part_error",
        "error of parts against the true Shapley values",
        _against(centred_error, "part", "shapley"),
        needs=("part",),
        truth=("shapley",),
        scale=LOG,
    ),
    Metric(
        "part_correlation",
        "correlation within rows of parts and true Shapley values",
        _against(centred_correlation, "part", "shapley"),
        needs=("part",),
        truth=("shapley",),
        larger_is_better=True,
    ),
)

OF_MODEL = (
    Metric(
        "shapley_error",
        "error of the model's Shapley values against the true ones",
        _against(centred_error, "shapley", "shapley"),
        needs=("shapley",),
        truth=("shapley",),
        scale=LOG,
    ),
    Metric(
        "average_effect_error",
        "error of average marginal effects",
        lambda s: relative_rmse(s["gradient"].mean(axis=0), s.truth.gradient.mean(axis=0)),
        needs=("gradient",),
        truth=("gradient",),
        scale=LOG,
    ),
    Metric(
        "forward_effect_error",
        "error of forward marginal effects of one standard deviation",
        _against(relative_rmse, "forward", "forward"),
        needs=("forward",),
        truth=("forward",),
        scale=LOG,
    ),
    Metric(
        "model_gradient_error",
        "error of the model's gradient against the true one",
        _against(relative_rmse, "gradient", "gradient"),
        needs=("gradient",),
        truth=("gradient",),
        scale=LOG,
    ),
    Metric(
        "feature_matrix_error",
        "error of the feature matrix, the mean outer product of gradients",
        _against(matrix_error, "feature_matrix", "feature_matrix"),
        needs=("feature_matrix",),
        truth=("feature_matrix",),
        scale=LOG,
    ),
)
