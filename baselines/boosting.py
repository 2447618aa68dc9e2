"""Gradient boosted trees on binned features (Friedman, 2001; scikit-learn's histogram boosting)."""

from baselines._search import Choice, LogNormal, NormalInteger, draws
from baselines.contract import Method

#: scikit-learn's defaults
DEFAULT = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 31,
    "max_depth": None,
    "min_samples_leaf": 20,
    "early_stopping": False,
}
#: Grinsztajn, Oyallon, Varoquaux, NeurIPS 2022, appendix; squared error alone
SEARCH = {
    "learning_rate": LogNormal(0.01, 10.0),
    "max_iter": Choice((1000,)),
    "max_leaf_nodes": NormalInteger(31, 5, low=2),
    "max_depth": Choice((None, 2, 3, 3, 3, 3, 3, 3, 3, 4)),
    "min_samples_leaf": NormalInteger(20, 2, low=1),
    "early_stopping": Choice((True,)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.utils import check_X_y

    regression = task == "regression"
    base = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier

    class Boosting(base):
        """scikit-learn's estimator; early stopping, if any, looks at the validation rows."""

        def fit(self, X, y, X_val=None, y_val=None):
            rows = {"X_val": X_val, "y_val": y_val} if self.early_stopping else {}
            X, y = check_X_y(X, y)  # trees would take a gap for a value
            super().fit(X, y, **rows)
            self.fit_info_ = {"iterations": int(self.n_iter_)}
            self.refit_params_ = {"max_iter": int(self.n_iter_), "early_stopping": False}
            return self

    return Boosting(n_iter_no_change=20, random_state=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="boosting",
    label="Boosting",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    groups=("black_box", "steps"),
    source="Friedman, Greedy function approximation: a gradient boosting machine, Annals of "
    "Statistics 2001; search space of Grinsztajn, Oyallon, Varoquaux, NeurIPS 2022",
    configurations=CONFIGURATIONS,
    smoke={"max_iter": [20]},
    requires=("scikit-learn",),
    random=False,  # nothing is drawn: the rows that stop training are given
)
