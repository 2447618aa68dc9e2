"""l1-penalised logistic regression with the penalty chosen by cross-validation."""

from baselines.contract import Method


def build(task, params, seed):
    from sklearn.linear_model import LogisticRegressionCV

    class Logistic(LogisticRegressionCV):
        """scikit-learn's LogisticRegressionCV; the validation rows are not needed, as in the paper.

        The solver is liblinear, the exact one of the two that know the l1 penalty.  It penalises
        the intercept too; ``intercept_scaling`` makes that penalty negligible.
        """

        def fit(self, X, y, X_val=None, y_val=None):
            super().fit(X, y)
            self.coef_ = self.coef_.ravel()
            self.intercept_ = float(self.intercept_[0])
            self.selected_features_ = self.coef_ != 0
            self.fit_info_ = {"C": float(self.C_)}
            return self

        def decision_function(self, X):
            return X @ self.coef_ + self.intercept_

    settings = {"max_iter": 1000, "intercept_scaling": 100.0, **params}
    return Logistic(
        cv=5,
        l1_ratios=(1.0,),
        solver="liblinear",
        scoring="accuracy",
        use_legacy_attributes=False,
        random_state=seed,
        **settings,
    )


METHOD = Method(
    name="logistic",
    label="Logistic regression",
    tasks=("classification",),
    build=build,
    source="Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 1996",
)
