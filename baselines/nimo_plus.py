"""NIMO with free amplitudes and shapes, its terms selected by the evidence (ours)."""

from baselines import nimo
from baselines.contract import Method


def build(task, params, seed):
    from nimo import NIMOClassifier, NIMORegressor

    base = NIMORegressor if task == "regression" else NIMOClassifier

    class TrainingRowsOnly(base):
        """The evidence needs no validation rows, and no method of the suite is trained on them."""

        def fit(self, X, y, X_val=None, y_val=None):
            return super().fit(X, y)

    # The priors are for features of unit size; their baseline is 0 already.  Only which rows of a
    # long table are searched, and the folds, are drawn: the same ones whatever the seed.
    settings = {"amplitude": "free", "shapes": True, "standardize": "scale", "random_state": 0}
    return TrainingRowsOnly(**{**settings, **params})


METHOD = Method(
    name="nimo_plus",
    label="NIMO+ (free amplitude, shapes)",
    tasks=("regression", "classification"),
    build=build,
    source=f"{nimo.SOURCE}; extension of this project, docs/nimo_plus.md; selection after MacKay, "
    "Bayesian Interpolation, Neural Computation 1992",
    code=("nimo", "baselines/nimo.py"),
    random=False,
)
