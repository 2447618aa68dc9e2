"""Contextual lasso with the original's defaults, the network's intercept included."""

from baselines.contract import Method

STRUCTURE = {"hidden_layers": [(64, 64)]}


def build(task, params, seed):
    if params.get("backend") == "julia":
        from contextual_lasso.julia import warm_up

        # before anything could import torch; a fit's seconds are then those of a fit
        loss = "squared" if task == "regression" else "logistic"
        warm_up(loss, params.get("intercept", True), len(params["hidden_layers"]))
    elif params.get("backend") == "torch":
        import contextual_lasso.path  # noqa: F401

    import numpy as np

    from contextual_lasso import ContextualLassoClassifier, ContextualLassoRegressor

    base = ContextualLassoRegressor if task == "regression" else ContextualLassoClassifier

    class ContextualLasso(base):
        """Adds what the suite records."""

        coef_is_local_ = True

        def fit(self, X, y, X_val=None, y_val=None):
            super().fit(X, y, X_val=X_val, y_val=y_val)
            path = self.path_
            chosen = path.chosen[self.selection]
            coef = self.local_coef(X)
            self.selected_features_ = (coef != 0).any(axis=0)
            self.fit_info_ = {
                "selection": self.selection,
                "lambda": float(path.lambdas[chosen[0]]),
                "nonzero_per_row": float(np.count_nonzero(coef) / len(coef)),
            }
            for rule, point in path.chosen.items():
                self.fit_info_[f"lambda_{rule}"] = float(path.lambdas[point[0]])
                self.fit_info_[f"val_loss_{rule}"] = path.loss_at(point)
            return self

        def predict_alternatives(self, X):
            return {"lambda_min": self.predict(X, selection="min")}

    return ContextualLasso(random_state=seed, **params)


METHOD = Method(
    name="contextual_lasso",
    label="Contextual Lasso",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    source="Thompson, Dezfouli & Kohn, The contextual lasso, NeurIPS 2023 (arXiv 2302.00878)",
    grid=STRUCTURE,
    smoke={**STRUCTURE, "n_lambdas": [5], "max_epochs": [200]},
    requires=("scikit-learn",),  # torch or juliacall besides: what the implementation needs
    code=("contextual_lasso/juliapkg.json",),
    implementation="baselines._contextual_lasso",
)
