"""What the model itself says: its local coefficients, and its parts of the prediction."""

from explainers.contract import Explainer, Explanation


def applies(model):
    return any(hasattr(model.estimator, name) for name in ("local_coef", "contributions", "coef_"))


def explain(model, rows, rng):
    """Local coefficients, else the global ones in every row; parts as given, else slope times x."""
    import numpy as np

    estimator = model.estimator
    slope = part = None
    if hasattr(estimator, "local_coef"):
        slope = np.asarray(estimator.local_coef(rows), dtype=float)
    elif hasattr(estimator, "coef_"):
        slope = np.tile(np.asarray(estimator.coef_, dtype=float).ravel(), (len(rows), 1))
    if hasattr(estimator, "contributions"):
        part = np.asarray(estimator.contributions(rows), dtype=float)
    elif slope is not None:
        part = slope * rows
    return Explanation(slope, part)


EXPLAINER = Explainer(
    name="own",
    label="built in",
    built_in=True,
    applies=applies,
    explain=explain,
    source="the model's own publication",
)
