"""interpret-core's explainable boosting machine in the suite's manner."""

from __future__ import annotations

import warnings

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

from baselines._rows import checked, column_kinds, is_frame, stacked
from baselines._score import ScoreModel

#: what the package calls the columns of a frame
TYPES = {"number": "continuous", "ordered": "ordinal", "text": "nominal"}


class EBM(ScoreModel):
    """A sum of step functions of one and of two features.

    In a frame a level has a step of its own, and so has a gap; a level that training has not seen
    adds nothing.  Every column of a matrix is a number.

    Parameters
    ----------
    task : {"regression", "classification"}
    outer_bags : int
        Models that are averaged.
    max_rounds : int
        Where there is next to no noise, the validation loss falls for ever.
    rows : {"training", "stopping", "all"}
        What is made of the validation rows.  "training": nothing, each bag stops by rows of its own
        that it takes from the training rows.  "stopping": they stop every bag, and all training
        rows are fitted.  "all": they are training rows.
    seed : int
    **settings
        Arguments of the package's estimator; None stands for the package's default.

    Attributes
    ----------
    pairs_ : list of (int, int)
        Pairs of features that have a term.
    feature_importances_ : (d,) array
        Mean absolute contribution over the training rows.
    selected_features_, interaction_features_ : (d,) bool arrays
        Features with a term, and with a term of two, that is not 0 throughout.
    """

    def __init__(
        self,
        task="regression",
        *,
        max_leaves=2,
        smoothing_rounds=None,
        learning_rate=None,
        interactions=None,
        interaction_smoothing_rounds=None,
        min_hessian=None,
        min_samples_leaf=4,
        gain_scale=5.0,
        outer_bags=1,
        max_rounds=5000,
        rows="stopping",
        seed=0,
    ):
        self.task = task
        self.max_leaves = max_leaves
        self.smoothing_rounds = smoothing_rounds
        self.learning_rate = learning_rate
        self.interactions = interactions
        self.interaction_smoothing_rounds = interaction_smoothing_rounds
        self.min_hessian = min_hessian
        self.min_samples_leaf = min_samples_leaf
        self.gain_scale = gain_scale
        self.outer_bags = outer_bags
        self.max_rounds = max_rounds
        self.rows = rows
        self.seed = seed

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y); what the validation rows are for, ``rows`` says.

        Raises
        ------
        ValueError
            NaN or infinite values in a matrix, rows of X and y that do not match, an unknown
            ``rows``, or no validation rows where they are needed.
        """
        if self.rows not in ("training", "stopping", "all"):
            raise ValueError(f"rows must be training, stopping or all, got {self.rows!r}")
        X, y = checked(X, y)
        if self.rows != "training" and X_val is None:
            raise ValueError(f"rows={self.rows!r} needs validation rows (X_val, y_val)")
        regression = self.task == "regression"
        base = ExplainableBoostingRegressor if regression else ExplainableBoostingClassifier
        settings = self.get_params()
        for name in ("task", "rows", "seed"):
            del settings[name]
        self._model = base(
            feature_types=_types(X),
            n_jobs=1,
            random_state=self.seed,
            **{name: value for name, value in settings.items() if value is not None},
        )
        rows, target, bags = X, y, None
        if self.rows != "training":
            X_val, y_val = checked(X_val, y_val)
            if self.rows == "stopping":
                use = np.r_[np.ones(len(X)), -np.ones(len(X_val))].astype(np.int8)
                bags = np.tile(use[:, None], self.outer_bags)
            rows, target = stacked(X, X_val), np.concatenate([y, y_val])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Missing values detected", UserWarning)
            self._model.fit(rows, target, bags=bags)
        self._describe(X)
        return self

    def _describe(self, X):
        terms = self._model.term_features_
        alive = [np.any(scores != 0) for scores in self._model.term_scores_]
        self.pairs_ = [tuple(map(int, term)) for term in terms if len(term) == 2]
        self.selected_features_ = np.zeros(X.shape[1], dtype=bool)
        self.interaction_features_ = np.zeros(X.shape[1], dtype=bool)
        for term, alive_term in zip(terms, alive, strict=True):
            if alive_term:
                self.selected_features_[list(term)] = True
                if len(term) > 1:
                    self.interaction_features_[list(term)] = True
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)

    def _terms(self, X, order=None):
        """(n, d) sum of each feature's terms; a term of two is split half and half."""
        X = X if is_frame(X) else np.asarray(X)
        values = self._model.eval_terms(X)
        parts = np.zeros((len(X), X.shape[1]))
        for term, column in zip(self._model.term_features_, values.T, strict=True):
            if order in (None, len(term)):
                for k in term:
                    parts[:, k] += column / len(term)
        return parts

    def contributions(self, X):
        """(n, d) part of each feature in the prediction, or in the logit."""
        return self._terms(X)

    def main_effects(self, X):
        """(n, d) the same without the terms of two features: each column is a curve in its x_j."""
        return self._terms(X, order=1)

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        return np.full(len(X), np.ravel(self._model.intercept_)[0])

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        regression = self.task == "regression"
        return self._model.predict(X) if regression else self._model.decision_function(X)

    def _probabilities(self, X):
        return self._model.predict_proba(X)

    @property
    def reading_(self):
        """What a reader has to hold: a step function is looked at as a whole."""
        scores = zip(self._model.term_features_, self._model.term_scores_, strict=True)
        orders = [len(term) for term, values in scores if np.any(values != 0)]
        return {"curves": orders.count(1), "surfaces": orders.count(2)}

    @property
    def fit_info_(self):
        """Pairs, and updates of a term in the mean bag: of single features, of pairs."""
        updates = np.atleast_2d(self._model.best_iteration_).mean(axis=1)
        info = {"pairs": len(self.pairs_), "updates": float(updates[0])}
        return info | ({"pair_updates": float(updates[1])} if len(updates) > 1 else {})


def _types(X) -> list[str]:
    if not is_frame(X):
        return ["continuous"] * X.shape[1]
    return [TYPES[kind] for kind in column_kinds(X)]
