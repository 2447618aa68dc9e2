"""Copy this file to ``<name>.py`` and fill it in.  The contract is in ``contract.py``."""

from baselines.contract import Method


def build(task, params, seed):
    # heavy imports belong here, not at the top: listing the methods must stay cheap
    from sklearn.base import BaseEstimator

    class Example(BaseEstimator):
        """Predicts the training mean, or the more frequent class."""

        def fit(self, X, y, X_val=None, y_val=None):
            mean = y.mean()
            self.constant_ = mean if task == "regression" else int(mean > 0.5)
            return self

        def predict(self, X):
            import numpy as np

            return np.full(len(X), self.constant_)

        # Offer what the method has, leave out what it has not: coef_, intercept_, local_coef(X),
        # first_layer_weights_, selected_features_, interaction_features_, fit_info_.

    return Example(**params)


METHOD = Method(
    name="_template",
    label="Template",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",  # it looks at no validation rows; else "stops" or "chooses"
    source="where the method was published",
    grid={},
    smoke={},
    requires=("scikit-learn",),
)
