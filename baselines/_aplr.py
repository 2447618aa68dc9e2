"""The package aplr in the suite's manner."""

from __future__ import annotations

import numpy as np
from aplr import APLRRegressor

from baselines._score import ScoreModel, with_validation


class APLR(ScoreModel):
    """Boosted piecewise linear terms: hinges of one feature, also times another feature's part.

    All training rows are fitted and the validation rows choose the number of steps.  The package
    by itself averages five models, each stopped by a fifth of the training rows.  Labels are
    fitted as by the package's classifier: one model of the logit of label 1.

    Parameters
    ----------
    task : {"regression", "classification"}
    **settings
        Arguments of the package's estimator.

    Attributes
    ----------
    feature_importances_ : (d,) array
        Mean absolute contribution over the training rows.
    selected_features_, interaction_features_ : (d,) bool arrays
        Features in a term, and in a term with another feature.
    """

    def __init__(
        self,
        task="regression",
        *,
        m=3000,
        v=0.5,
        max_interaction_level=1,
        penalty_for_interactions=0.5,
        min_observations_in_split=0.3,
        ridge_penalty=1e-4,
    ):
        self.task = task
        self.m = m
        self.v = v
        self.max_interaction_level = max_interaction_level
        self.penalty_for_interactions = penalty_for_interactions
        self.min_observations_in_split = min_observations_in_split
        self.ridge_penalty = ridge_penalty

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit (X, y), stop by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or no validation rows.
        """
        X, y, X_val, y_val = with_validation("APLR", X, y, X_val, y_val)
        self.n_features_in_ = X.shape[1]
        settings = self.get_params()
        del settings["task"]
        if self.task == "classification":
            settings |= {"loss_function": "binomial", "link_function": "logit"}
        self._model = APLRRegressor(n_jobs=1, preprocess=False, **settings)
        use = np.r_[np.ones(len(X)), -np.ones(len(X_val))]
        both = np.concatenate([y, y_val]).astype(float)
        self._model.fit(np.vstack([X, X_val]), both, cv_observations=use[:, None])
        self._describe(X)
        return self

    def _describe(self, X):
        # the features of each group of terms, in the order of the groups' contributions
        self._groups = self._model.get_base_predictors_in_each_unique_term_affiliation()
        self.selected_features_ = np.zeros(X.shape[1], dtype=bool)
        self.interaction_features_ = np.zeros(X.shape[1], dtype=bool)
        for group in self._groups:
            self.selected_features_[group] = True
            if len(group) > 1:
                self.interaction_features_[group] = True
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)
        self.fit_info_ = {
            "steps": int(self._model.get_optimal_m()),
            "terms": int(np.count_nonzero(self._model.get_term_coefficients()[1:])),
        }

    @property
    def reading_(self):
        """What a reader has to hold: the terms of the same features are looked at as one."""
        orders = [len(group) for group in self._groups]
        return {"curves": orders.count(1), "surfaces": len(orders) - orders.count(1)}

    def contributions(self, X):
        """(n, d) part of each feature in the prediction, or in the logit.

        What features have together is shared equally.
        """
        X = self._checked(X)
        values = self._model.calculate_local_feature_contribution(X)
        parts = np.zeros(X.shape)
        for group, column in zip(self._groups, values.T, strict=True):
            for j in group:
                parts[:, j] += column / len(group)
        return parts

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        return np.full(len(X), self._model.get_intercept())

    def decision_function(self, X):
        """(n,) predicted values, or logits; not cut to the range of the training rows."""
        return self.contributions(X).sum(axis=1) + self._model.get_intercept()
