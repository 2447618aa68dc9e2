"""LassoNet (Lemhadri, Ruan, Abraham, Tibshirani, JMLR 2021), through the package ``lassonet``."""

from __future__ import annotations

import numpy as np

from baselines.contract import Method

# Chosen by validation loss on development splits: docs/appendix/methods.md.
SETTINGS = {
    "hidden_dims": (64, 64),
    "M": 10.0,
    "batch_size": 64,
    # Initial (dense) training, then each point of the path.
    "n_iters": (2000, 100),
    "patience": (200, 10),
    "learning_rate": (1e-2, 1e-2),
    "momentum": 0.9,
    "backtrack": True,
    # A given start saves the package's search for one, which takes longer than the dense training.
    "lambda_start": 3.0,
    "path_multiplier": 1.1,
}


def _package_arguments(learning_rate, momentum, hidden_dims, **rest):
    """``optim`` from plain numbers: Adam, then SGD along the path, as the package has them."""
    from functools import partial

    from torch.optim import SGD, Adam

    return {
        "optim": (
            partial(Adam, lr=learning_rate[0]),
            partial(SGD, lr=learning_rate[1], momentum=momentum),
        ),
        "hidden_dims": tuple(hidden_dims),
        **rest,
    }


class LassoNetPath:
    """The model of a LassoNet path that has the smallest validation loss.

    Parameters
    ----------
    task : {"regression", "classification"}
    seed : int
        Seeds the weights and the batches.
    **settings
        ``learning_rate`` (of the dense training, along the path), ``momentum``, ``hidden_dims`` and
        any further argument of ``lassonet.LassoNetRegressor`` or ``LassoNetClassifier``.

    Attributes
    ----------
    coef_ : (d,) array
        The skip connection theta: the linear part of the model on the scale of the given features
        and target (in classification of the logit of class 1).  The network beside it has an
        effect of its own, so this is not the marginal effect.
    first_layer_weights_ : (h, d) array
    selected_features_ : (d,) bool array
        Features with a non-zero skip weight; the hierarchy makes the others' network weights zero.
    fit_info_ : dict
        The chosen lambda, the length of the path and the number of selected features.
    """

    def __init__(self, task="regression", *, seed=0, **settings):
        self.task = task
        self.seed = seed
        self.settings = settings

    def fit(self, X, y, X_val, y_val):
        """Compute the path on (X, y) and choose by (X_val, y_val).

        A real target is standardised with training moments inside and put back in ``predict``.
        """
        import torch
        from lassonet import LassoNetClassifier, LassoNetRegressor
        from lassonet.interfaces import NonFiniteLossError
        from sklearn.utils import check_X_y

        # the package would train on NaN, or on the first rows of the longer of the two
        check_X_y(X, y)
        check_X_y(X_val, y_val)
        torch.set_num_threads(1)
        if self.task == "regression":
            estimator, self._center, self._scale = LassoNetRegressor, np.mean(y), np.std(y) or 1.0
        else:
            estimator, self._center, self._scale = LassoNetClassifier, 0, 1
        self._net = estimator(
            **_package_arguments(**self.settings),
            device=torch.device("cpu"),
            verbose=0,
            random_state=self.seed,
            torch_seed=self.seed,
        )
        X_val = np.asarray(X_val, dtype=np.float32)
        target_val = self._target(y_val)
        path = []
        with torch.random.fork_rng(devices=[]):
            try:
                self._net.path(
                    np.asarray(X, dtype=np.float32),
                    self._target(y),
                    X_val=X_val,
                    y_val=target_val,
                    return_state_dicts=True,
                    disable_lambda_warning=True,
                    callback=lambda _, history: path.extend(history[len(path) :]),
                )
            except NonFiniteLossError:
                # A path that breaks off later still has its models up to there.
                if not path:
                    raise
        losses = [self._loss(item, X_val, target_val) for item in path]
        best = int(np.nanargmin(losses))
        self._net.load(path[best])
        self._net.model.eval()

        skip = self._net.model.skip.weight.detach().double().numpy()
        # Two logits in classification: their difference is the logit of class 1.
        self.coef_ = skip[0] * self._scale if self.task == "regression" else skip[1] - skip[0]
        self.first_layer_weights_ = self._net.model.layers[0].weight.detach().double().numpy()
        self.selected_features_ = np.any(skip != 0, axis=0)
        self.fit_info_ = {
            "M": float(self._net.M),
            "lambda": float(path[best].lambda_),
            "path_length": len(path),
            "path_index": best,
            "path_complete": not path[-1].selected.any().item(),
            "n_selected": int(self.selected_features_.sum()),
            "validation_loss": losses[best],
        }
        return self

    def _target(self, y):
        if self.task == "classification":
            return np.asarray(y, dtype=np.int64)
        return ((np.asarray(y) - self._center) / self._scale).astype(np.float32)

    def _loss(self, item, X, y):
        """Validation loss of one model of the path, without any penalty."""
        import torch

        net = self._net.load(item)
        net.model.eval()
        with torch.no_grad():
            X, y = net._cast_input(X, y)
            return float(net.criterion(net.model(X), y))

    def predict(self, X):
        """(n,) predicted values, or labels 0/1."""
        prediction = self._net.predict(np.asarray(X, dtype=np.float32))
        if self.task == "classification":
            return np.asarray(prediction, dtype=np.int64).ravel()
        return np.asarray(prediction, dtype=float).ravel() * self._scale + self._center

    def predict_proba(self, X):
        """(n, 2) class probabilities; classification only."""
        if self.task != "classification":
            raise AttributeError("predict_proba is there for classification only")
        return np.asarray(self._net.predict_proba(np.asarray(X, dtype=np.float32)), dtype=float)


def build(task, params, seed):
    import lassonet  # noqa: F401  (takes seconds; not part of the time of a fit)

    return LassoNetPath(task, seed=seed, **{**SETTINGS, **params})


METHOD = Method(
    name="lassonet",
    label="LassoNet",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    groups=("black_box", "smooth"),  # it selects features, and a network does the rest
    source="Lemhadri, Ruan, Abraham, Tibshirani, LassoNet, JMLR 22(127), 2021; package lassonet",
    smoke={"n_iters": [(100, 10)], "path_multiplier": [1.5]},
    requires=("lassonet",),
    extra="lassonet",
)
