"""Lasso with the penalty chosen by cross-validation (Tibshirani, 1996)."""

from baselines.contract import Method


def build(task, params, seed):
    from sklearn.linear_model import LassoCV

    from baselines._linear import LinearContributions

    class Lasso(LinearContributions, LassoCV):
        """scikit-learn's LassoCV; the validation rows are not needed, as in the NIMO paper."""

        def fit(self, X, y, X_val=None, y_val=None):
            super().fit(X, y)
            self._means = X.mean(axis=0)
            self.selected_features_ = self.coef_ != 0
            self.fit_info_ = {"alpha": float(self.alpha_)}
            return self

    return Lasso(cv=5, random_state=seed, **params)


METHOD = Method(
    name="lasso",
    label="Lasso",
    tasks=("regression",),
    build=build,
    validation="trains",
    groups=("linear",),
    source="Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 1996",
    random=False,
)
