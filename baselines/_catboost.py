"""The package catboost in the suite's manner."""

from __future__ import annotations

import numpy as np
from catboost import CatBoostClassifier, CatBoostRegressor, Pool

from baselines._rows import checked, column_kinds, is_frame
from baselines._score import ScoreModel


class CatBoost(ScoreModel):
    """Gradient boosting with oblivious trees.

    With ``early_stopping_rounds`` the validation rows stop it, and the best number of trees is
    kept; else they are not looked at.  The text of a frame is categories, a missing one a level of
    its own; ordered categories are their places; a missing number is the package's business.

    Parameters
    ----------
    task : {"regression", "classification"}
    seed : int
    **settings
        Arguments of the package's estimator; None stands for the package's choice.
    """

    def __init__(
        self,
        task="regression",
        *,
        iterations=1000,
        learning_rate=None,
        depth=6,
        l2_leaf_reg=3.0,
        bagging_temperature=1.0,
        leaf_estimation_iterations=None,
        early_stopping_rounds=None,
        seed=0,
    ):
        self.task = task
        self.iterations = iterations
        self.learning_rate = learning_rate
        self.depth = depth
        self.l2_leaf_reg = l2_leaf_reg
        self.bagging_temperature = bagging_temperature
        self.leaf_estimation_iterations = leaf_estimation_iterations
        self.early_stopping_rounds = early_stopping_rounds
        self.seed = seed

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y).

        Raises
        ------
        ValueError
            NaN or infinite values in a matrix, or rows of X and y that do not match.
        """
        X, y = checked(X, y)
        self.n_features_in_ = X.shape[1]
        settings = self.get_params()
        for name in ("task", "seed"):
            del settings[name]
        base = CatBoostRegressor if self.task == "regression" else CatBoostClassifier
        self._model = base(
            random_seed=self.seed,
            thread_count=1,
            allow_writing_files=False,
            verbose=False,
            # the one to which a bagging temperature belongs; for labels it is the default anyway
            bootstrap_type="Bayesian",
            **{name: value for name, value in settings.items() if value is not None},
        )
        stops = self.early_stopping_rounds is not None
        self._model.fit(_pool(X, y), eval_set=_pool(X_val, y_val) if stops else None)
        trees = int(self._model.tree_count_)
        self.fit_info_ = {"trees": trees}
        self.refit_params_ = {"iterations": trees, "early_stopping_rounds": None}
        return self

    def _shapley(self, X):
        return self._model.get_feature_importance(_pool(self._checked(X)), type="ShapValues")

    def contributions(self, X):
        """(n, d) Shapley values of the trees (Lundberg et al., 2020), of the logit for labels."""
        return self._shapley(X)[:, :-1]

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        return self._shapley(X)[:, -1]

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        pool = _pool(self._checked(X))
        return np.ravel(self._model.predict(pool, prediction_type="RawFormulaVal"))

    def _probabilities(self, X):
        return self._model.predict_proba(_pool(self._checked(X)))


def _pool(X, y=None) -> Pool:
    """Rows as the package takes them: no missing category, and an ordered one as its place."""
    if not is_frame(X):
        return Pool(X, y)
    X, kinds = X.copy(), column_kinds(X)
    for j, kind in enumerate(kinds):
        if kind == "text":
            X.isetitem(j, X.iloc[:, j].fillna("").astype(str))
        elif kind == "ordered":
            codes = X.iloc[:, j].cat.codes
            X.isetitem(j, codes.where(codes >= 0).astype(float))
    return Pool(X, y, cat_features=[j for j, kind in enumerate(kinds) if kind == "text"])
