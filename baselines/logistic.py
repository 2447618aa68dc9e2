"""l1-penalised logistic regression with the penalty chosen by cross-validation."""

from baselines.contract import Method


def build(task, params, seed):
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

    from baselines._linear import LinearContributions

    # liblinear penalises the intercept too; this makes that penalty negligible.
    common = {"solver": "liblinear", "intercept_scaling": 1e4, "random_state": seed}

    class Logistic(LinearContributions, LogisticRegressionCV):
        """scikit-learn's LogisticRegressionCV; the validation rows are not needed, as in the paper.

        Its own final fit drops ``intercept_scaling``, so the chosen penalty is fitted again.
        """

        def fit(self, X, y, X_val=None, y_val=None):
            super().fit(X, y)
            C = float(self.C_)
            final = LogisticRegression(C=C, l1_ratio=1.0, tol=1e-6, max_iter=1000, **common)
            final.fit(X, y)
            self.coef_, self.intercept_ = final.coef_.ravel(), float(final.intercept_[0])
            self._means = X.mean(axis=0)
            self.selected_features_ = self.coef_ != 0
            self.fit_info_ = {"C": C}
            return self

        def decision_function(self, X):
            return X @ self.coef_ + self.intercept_

    return Logistic(
        cv=5,
        l1_ratios=(1.0,),
        scoring="accuracy",
        use_legacy_attributes=False,
        **{**common, **params},
    )


METHOD = Method(
    name="logistic",
    label="Logistic regression",
    tasks=("classification",),
    build=build,
    validation="trains",
    groups=("linear",),
    source="Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 1996",
)
