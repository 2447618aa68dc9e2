"""Awkward data and wrong arguments: each works or is refused in plain words."""

import re

import numpy as np
import pytest
import scipy.sparse
import torch

from nimo import NetworkSettings, NIMOClassifier, NIMORegressor
from nimo.paper.settings import Ablation
from tests.nimo.toy import FAST, TASKS, toy_rows


def assert_sane(model, X):
    for values in (model.coef_, model.predict(X), model.local_coef(X), model.correction(X)):
        assert np.isfinite(values).all()


def test_one_feature(task, fast):
    X, y = toy_rows(60, d=1, task=task)
    fast.fit(X, y)
    assert_sane(fast, X)
    # g_1 sees no feature at all, so the model is linear.
    np.testing.assert_array_equal(fast.correction(X), 0)


@pytest.mark.parametrize("alpha", ["auto", 0.0])
def test_more_features_than_rows(task, fast, alpha):
    X, y = toy_rows(30, d=70, task=task)
    assert_sane(fast.set_params(alpha=alpha).fit(X, y), X)


@pytest.mark.parametrize("alpha", ["auto", 0.0])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("baseline", ["mean", "zero"])
def test_duplicate_and_constant_columns(task, fast, alpha, baseline, scale):
    X, y = toy_rows(80, task=task)
    n = len(X)
    X = np.column_stack([X, X[:, 0], np.zeros(n), np.ones(n), np.full(n, 0.1)])
    fast.set_params(alpha=alpha, baseline=baseline, scale=scale).fit(X, y)
    assert_sane(fast, X)
    assert_sane(fast, X + 1)


def test_constant_column_has_no_effect(task, fast):
    X, y = toy_rows(80, task=task)
    X[:, 2] = 1e6
    fast.fit(X, y)
    assert fast.coef_[2] == 0


def test_constant_response_and_no_signal():
    X, _ = toy_rows(60)
    model = NIMORegressor(**FAST).fit(X, np.full(60, 7.5))
    np.testing.assert_allclose(model.predict(X), 7.5)
    counts = NIMORegressor(family="poisson", **FAST).fit(X, np.zeros(60))
    assert (counts.predict(X) < 0.01).all()


def test_far_and_wide_scales():
    """Units and origin of features and response change nothing but the units of the answer."""
    X, y = toy_rows(80)
    plain = NIMORegressor(**FAST).fit(X, y)
    moved = NIMORegressor(**FAST).fit(X * [1e6, 1e-6, 1] + [1e3, -5, 1e2], y * 1e4 - 3e4)
    # The network works in single precision, so rounding differs a little.
    np.testing.assert_allclose(
        moved.predict(X * [1e6, 1e-6, 1] + [1e3, -5, 1e2]) / 1e4 + 3, plain.predict(X), atol=1e-2
    )
    np.testing.assert_allclose(moved.coef_ * [1e2, 1e-10, 1e-4], plain.coef_, atol=1e-2)


def test_float32_and_integers(task, fast):
    X, y = toy_rows(60, task=task)
    fast.fit(X.astype(np.float32), y)
    assert_sane(fast, X.astype(np.float32))
    fast.fit(np.rint(X * 10).astype(int), y)
    assert_sane(fast, np.rint(X * 10).astype(int))


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinite_values(task, fast, bad):
    X, y = toy_rows(60, task=task)
    holed = X.copy()
    holed[3, 1] = bad
    with pytest.raises(ValueError, match="infinity"):
        fast.fit(holed, y)
    with pytest.raises(ValueError, match="infinity"):
        fast.fit(X, y, X_val=holed, y_val=y)
    fast.fit(X, y)
    for method in (fast.predict, fast.local_coef, fast.correction):
        with pytest.raises(ValueError, match="infinity"):
            method(holed)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_responses_that_are_no_numbers(task, fast, bad):
    X, y = toy_rows(60, task=task)
    target = y.astype(float)
    target[0] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        fast.fit(X, target)


def test_sparse_input(task, fast):
    X, y = toy_rows(60, task=task)
    with pytest.raises(TypeError, match="dense data is required"):
        fast.fit(scipy.sparse.csr_matrix(X), y)


def test_classes():
    X, y = toy_rows(60, task="classification")
    with pytest.raises(ValueError, match="one class"):
        NIMOClassifier(**FAST).fit(X, np.ones(60, dtype=int))
    with pytest.raises(ValueError, match="continuous"):
        NIMOClassifier(**FAST).fit(X, X[:, 0])
    with pytest.raises(ValueError, match="y_val contains classes"):
        NIMOClassifier(**FAST).fit(X, y, X_val=X, y_val=y + 1)


def test_rare_class_is_on_both_sides_of_the_split():
    X, _ = toy_rows(40, task="classification")
    y = np.zeros(40, dtype=int)
    y[:2] = 1
    for seed in range(10):
        model = NIMOClassifier(**FAST | {"random_state": seed, "max_iter": 2}).fit(X, y)
        assert np.isfinite(model.fit_info_["validation_loss"])
    y[1] = 0
    assert_sane(NIMOClassifier(**FAST).fit(X, y), X)


def test_separable_classes_do_not_diverge():
    X, _ = toy_rows(100)
    model = NIMOClassifier(**FAST | {"alpha": 0.0}).fit(X, X[:, 0] > 0)
    assert_sane(model, X)
    assert model.score(X, X[:, 0] > 0) > 0.95


def test_counts():
    X, _ = toy_rows(60)
    y = np.arange(60) % 4
    with pytest.raises(ValueError, match="y >= 0"):
        NIMORegressor(family="poisson", **FAST).fit(X, y - 1)
    with pytest.raises(ValueError, match="y >= 0"):
        NIMORegressor(family="poisson", **FAST).fit(X, y, X_val=X, y_val=y - 1)


def test_validation_arguments(task, fast):
    X, y = toy_rows(60, task=task)
    with pytest.raises(ValueError, match="given together"):
        fast.fit(X, y, X_val=X)
    with pytest.raises(ValueError, match="given together"):
        fast.fit(X, y, y_val=y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fast.fit(X, y, X_val=X, y_val=y[:-1])
    with pytest.raises(ValueError, match="2 features"):
        fast.fit(X, y, X_val=X[:, :2], y_val=y)


def test_without_a_validation_share_all_rows_are_fitted(task, fast):
    X, y = toy_rows(40, task=task)
    fast.set_params(validation_fraction=0).fit(X, y)
    np.testing.assert_allclose(fast.baseline_, X.mean(0))


@pytest.mark.parametrize(
    "name, value",
    [
        ("alpha", -1.0),
        ("alpha", "none"),
        ("group_alpha", np.nan),
        ("n_hidden", 0),
        ("n_hidden", 2.5),
        ("input_noise", -0.1),
        ("learning_rate_init", 0.0),
        ("learning_rate_init", np.inf),
        ("max_iter", 0),
        ("max_iter", True),
        ("n_init", 0),
        ("validation_fraction", 1.0),
        ("scale", "yes"),
        ("scale", 1),
        ("relax", "no"),
        ("baseline", "median"),
        ("baseline", [0.0, 1.0]),
        ("baseline", [0.0, np.nan, 1.0]),
        ("baseline", ["a", "b", "c"]),
        ("network", {"g_range": (-1, 1)}),
        ("device", "quantum"),
        ("device", 1.5),
    ],
)
def test_wrong_parameters_are_named(task, name, value):
    X, y = toy_rows(30, task=task)
    with pytest.raises(ValueError, match=name):
        TASKS[task](**FAST | {name: value}).fit(X, y)


@pytest.mark.parametrize(
    "name, value",
    [
        ("sine_frequency", 0.0),
        ("sine_frequency", "fast"),
        ("first_slope", -1.0),
        ("group_power", 0.0),
        ("group_power", 1.5),
        ("batch_rows", 0),
        ("batch_rows", 2.5),
        ("g_range", (-1.0, 0.0)),
        ("g_range", (-1.0, np.inf)),
        ("g_range", 2.0),
        ("g_range", "wide"),
        ("delta", 0.0),
        ("delta", 1.5),
        ("use_correction", 0),
        ("mask_self", None),
        ("zero_at_baseline", "yes"),
    ],
)
def test_wrong_numbers_of_the_network_are_named(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* got {re.escape(repr(value))}"):
        Ablation(**{name: value})


def test_a_baseline_of_ones_own(task, fast):
    X, y = toy_rows(60, task=task)
    fast.set_params(baseline=[0.5, -1.0, 0.0]).fit(X, y)
    np.testing.assert_array_equal(fast.baseline_, [0.5, -1.0, 0.0])
    assert np.abs(fast.correction(fast.baseline_[None])).max() < 1e-9


def test_unknown_family():
    X, y = toy_rows(30)
    with pytest.raises(ValueError, match="family"):
        NIMORegressor(family="gamma", **FAST).fit(X, y)


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is there")
def test_cuda_without_cuda(task):
    X, y = toy_rows(30, task=task)
    with pytest.raises(ValueError, match="device 'cuda' is not available"):
        TASKS[task](**FAST | {"device": "cuda"}).fit(X, y)


def test_rows_in_batches(task, fast):
    X, y = toy_rows(300, task=task)
    fast.set_params(network=NetworkSettings(batch_rows=50)).fit(X, y)
    assert_sane(fast, X)
