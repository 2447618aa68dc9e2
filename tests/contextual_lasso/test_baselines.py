import json

import numpy as np
import pytest
from sklearn.base import clone

from baselines.contextual_lasso import METHOD
from baselines.contextual_lasso_sparse import METHOD as SPARSE
from benchmark import datasets


@pytest.mark.parametrize("method", [METHOD, SPARSE], ids=lambda m: m.name)
@pytest.mark.parametrize("setting", ["regression1", "classification1"])
def test_smoke(method, setting):
    X, y, _ = datasets.declared()[setting].draw(400, np.random.default_rng(5))
    params = {name: values[0] for name, values in method.smoke.items()} | {"backend": "torch"}
    task = setting[:-1] if setting != "regression1" else "regression"
    model = clone(method.build(task, params, 3))
    model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])
    info = model.fit_info_
    json.dumps(info)
    assert model.backend_["backend"] == "torch"
    assert info["selection"] == "1se" and info["lambda"] == info["lambda_1se"]
    assert info["val_loss_min"] <= info["val_loss_1se"]
    coef = model.local_coef(X[:200])
    assert info["nonzero_per_row"] == np.count_nonzero(coef) / 200
    np.testing.assert_array_equal(model.selected_features_, (coef != 0).any(0))
    assert model.coef_is_local_ and model.intercept is (method is METHOD)
    assert model.predict(X[300:], selection="min").shape == (100,)
    if task == "classification":
        assert model.predict_proba(X[300:]).shape == (100, 2)


def test_the_two_differ_in_the_intercept_alone():
    for ours, theirs in ((METHOD.grid, SPARSE.grid), (METHOD.smoke, SPARSE.smoke)):
        assert {**ours, "intercept": [False]} == theirs
    assert METHOD.grid["hidden_layers"] == [(64, 64)]
