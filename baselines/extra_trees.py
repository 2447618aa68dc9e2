"""Extremely randomised trees (Geurts, Ernst, Wehenkel, 2006): the black box of many trees."""

from baselines._search import Choice, LogInteger, draws
from baselines.contract import Method

#: scikit-learn's defaults; None: its own for the task, as in the paper
DEFAULT = {
    "n_estimators": 100,
    "max_features": None,
    "min_samples_split": 2,
    "min_impurity_decrease": 0.0,
}
#: TabArena (Erickson et al., NeurIPS 2025), but for its number of trees, 50
SEARCH = {
    "max_features": Choice(("sqrt", 0.5, 0.75, 1.0)),
    "min_samples_split": LogInteger(2, 32),
    "min_impurity_decrease": Choice((0.0, 0.0, 0.0, 0.0, 0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.utils import check_X_y

    regression = task == "regression"
    base = ExtraTreesRegressor if regression else ExtraTreesClassifier

    class ExtraTrees(base):
        """scikit-learn's estimator; the validation rows choose a configuration, no tree."""

        def fit(self, X, y, X_val=None, y_val=None):
            X, y = check_X_y(X, y)  # trees would take a gap for a value
            return super().fit(X, y)

    settings = {**DEFAULT, **params}
    if settings["max_features"] is None:
        settings["max_features"] = 1.0 if regression else "sqrt"
    return ExtraTrees(n_jobs=1, random_state=seed, **settings)


METHOD = Method(
    name="extra_trees",
    label="Extra trees",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    groups=("black_box", "steps"),
    source="Geurts, Ernst, Wehenkel, Extremely randomized trees, Machine Learning 2006; search "
    "space of Erickson et al., TabArena, NeurIPS 2025",
    configurations=CONFIGURATIONS,
    smoke={"n_estimators": [20]},
    requires=("scikit-learn",),
)
