"""What the coefficients and corrections mean, and what each ablation takes away."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso, LogisticRegression

from nimo import NetworkSettings, NIMOClassifier, NIMORegressor
from nimo.paper.settings import Ablation
from tests.nimo.toy import TASKS, predictor, toy_rows


def numerical_effect(model, point, step):
    """Central differences of the linear predictor at one point."""
    d = len(point)
    moves = np.eye(d) * step
    return (predictor(model, point + moves) - predictor(model, point - moves)) / (2 * step)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    d=st.integers(1, 60),
    n=st.integers(20, 60),
    seed=st.integers(0, 10**6),
    centre=st.floats(-20, 20),
    baseline=st.sampled_from(["mean", "zero"]),
    scale=st.booleans(),
    relax=st.booleans(),
    mask_self=st.booleans(),
)
def test_coef_is_the_marginal_effect_at_the_baseline(
    task, d, n, seed, centre, baseline, scale, relax, mask_self
):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * rng.uniform(0.3, 3, d) + centre * rng.normal(size=d)
    z = (X - X.mean(0)) / X.std(0)
    y = z[:, 0] * (2 + np.sin(z[:, -1])) - z[:, d // 2] + rng.normal(size=n)
    if task == "classification":
        y = y > np.median(y)
    model = TASKS[task](
        max_iter=5,
        n_hidden=8,
        alpha=1e-3,
        group_alpha=1e-4,
        baseline=baseline,
        scale=scale,
        relax=relax,
        network=Ablation(mask_self=mask_self),
        random_state=seed,
    ).fit(X, y)
    allowed = 1e-5 * max(1, np.abs(model.coef_).max())
    numerical = numerical_effect(model, model.baseline_, 1e-4)
    assert np.abs(numerical - model.coef_).max() < allowed
    assert np.abs(model.marginal_effect_at_baseline() - model.coef_).max() < allowed
    assert np.abs(model.correction(model.baseline_[None])).max() < 1e-9
    # intercept_ + x @ coef_ touches the predictor at the baseline.
    at_baseline = model.intercept_ + model.baseline_ @ model.coef_
    assert predictor(model, model.baseline_[None])[0] == pytest.approx(at_baseline)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("baseline", ["mean", "zero"])
def test_baseline_of_data_that_is_not_centred(task, baseline, scale):
    X, y = toy_rows(80, task=task)
    X = X + [10, 0, -3]
    model = TASKS[task](
        network=Ablation(use_correction=False),
        baseline=baseline,
        scale=scale,
        validation_fraction=0,
        random_state=0,
    ).fit(X, y)
    expected = X.mean(0) if baseline == "mean" else np.zeros(3)
    np.testing.assert_allclose(model.baseline_, expected)


def test_predictor_is_the_sum_of_local_effects(task, fast):
    X, y = toy_rows(80, task=task)
    for relax in (False, True):
        fast.set_params(relax=relax, alpha=1e-3, group_alpha=0.0).fit(X + 1, y)
        local, g = fast.local_coef(X), fast.correction(X)
        at_baseline = fast.intercept_ + fast.baseline_ @ fast.coef_
        np.testing.assert_allclose(
            predictor(fast, X), at_baseline + ((X - fast.baseline_) * local).sum(1)
        )
        np.testing.assert_allclose(local, fast.coef_ * (1 + g), atol=1e-12)
        low, high = (-1, 1) if task == "regression" else (-2, 2)
        assert (g >= low).all() and (g <= high).all()
        assert np.abs(g[:, fast.selected_features_]).max() > 1e-3


def test_own_feature_is_masked(task, fast):
    X, y = toy_rows(80, task=task)
    fast.set_params(alpha=1e-3, group_alpha=0.0).fit(X, y)
    for j in range(3):
        moved = X.copy()
        moved[:, j] += 1.7
        np.testing.assert_allclose(
            fast.correction(moved)[:, j], fast.correction(X)[:, j], atol=1e-12
        )


def test_attributes_agree_with_each_other(task):
    X, y = toy_rows(120, d=6, task=task)
    model = TASKS[task](n_hidden=16, alpha=0.1, group_alpha=0.05, max_iter=200, random_state=2).fit(
        X, y
    )
    np.testing.assert_array_equal(model.selected_features_, model.coef_ != 0)
    np.testing.assert_array_equal(model.interaction_features_, model.interaction_weights_ > 0)
    assert not model.selected_features_.all()
    assert (model.correction(X)[:, ~model.selected_features_] == 0).all()
    # The norms are on the scale of the standardised features.
    norms = np.linalg.norm(model.first_layer_weights_, axis=0)
    spread = model.interaction_weights_[norms > 0] / norms[norms > 0]
    assert (spread > 0.8).all() and (spread < 1.6).all()
    for j in np.flatnonzero(~model.interaction_features_):
        moved = X.copy()
        moved[:, j] += 1
        np.testing.assert_array_equal(
            np.delete(model.correction(moved), j, 1), np.delete(model.correction(X), j, 1)
        )


# ------------------------------------------------------------------------------------ the lasso


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.4])
@pytest.mark.parametrize("d", [4, 30])
def test_without_correction_it_is_the_lasso(alpha, d):
    rng = np.random.default_rng(d)
    X = rng.uniform(-2, 2, (100, d))
    y = X[:, 0] * 3 - X[:, 1] + 0.5 * X[:, 2] + 2 + 0.5 * rng.normal(size=100)
    model = NIMORegressor(
        network=Ablation(use_correction=False),
        alpha=alpha,
        baseline="zero",
        scale=False,
        validation_fraction=0,
        random_state=0,
    ).fit(X, y)
    # The penalty is for a response of unit variance.
    lasso = Lasso(alpha=alpha * y.std(), tol=1e-8).fit(X, y)
    np.testing.assert_allclose(model.coef_, lasso.coef_, atol=1e-4)
    assert model.intercept_ == pytest.approx(lasso.intercept_, abs=1e-4)
    np.testing.assert_array_equal(model.selected_features_, lasso.coef_ != 0)
    assert not model.interaction_features_.any()
    np.testing.assert_array_equal(model.local_coef(X), np.tile(model.coef_, (100, 1)))


@pytest.mark.parametrize("alpha", [0.005, 0.05])
def test_without_correction_it_is_l1_logistic_regression(alpha):
    rng = np.random.default_rng(3)
    X = rng.uniform(-2, 2, (200, 6))
    y = rng.random(200) < 1 / (1 + np.exp(-(2 * X[:, 0] - X[:, 1] + 0.5)))
    model = NIMOClassifier(
        network=Ablation(use_correction=False),
        alpha=alpha,
        baseline="zero",
        scale=False,
        validation_fraction=0,
        random_state=0,
    ).fit(X, y)
    # saga leaves the intercept out of the penalty, as NIMO does.
    logistic = LogisticRegression(
        C=1 / (alpha * 200), l1_ratio=1.0, solver="saga", tol=1e-8, max_iter=20000
    ).fit(X, y)
    np.testing.assert_allclose(model.coef_, logistic.coef_[0], atol=1e-3)
    assert model.intercept_ == pytest.approx(logistic.intercept_[0], abs=1e-3)
    np.testing.assert_array_equal(model.selected_features_, logistic.coef_[0] != 0)


def test_a_smaller_exponent_shrinks_what_is_kept_less():
    rng = np.random.default_rng(5)
    X = rng.uniform(-2, 2, (150, 5))
    y = 3 * X[:, 0] - 2 * X[:, 1] + 0.3 * rng.normal(size=150)
    settings_ = {"alpha": 0.2, "baseline": "zero", "scale": False, "random_state": 0}
    kept = [
        NIMORegressor(network=Ablation(use_correction=False, delta=delta), **settings_)
        .fit(X, y)
        .coef_
        for delta in (1.0, 0.5, 0.1)
    ]
    for coef in kept:
        np.testing.assert_array_equal(coef != 0, [True, True, False, False, False])
    shrinkage = [3 - c[0] + c[1] + 2 for c in kept]
    assert 0 < shrinkage[2] < 0.5 * shrinkage[0]
    assert shrinkage[2] < shrinkage[1] < 0.9 * shrinkage[0]


# ------------------------------------------------------------------------------------ ablations


@pytest.fixture(scope="module")
def ablated():
    """A regression fit on the toy equation for given switches, each fitted once."""
    fits = {}
    X, y = toy_rows(150, d=5)

    def fit(**switches):
        key = tuple(switches.items())
        if key not in fits:
            params = {
                "alpha": 2e-3,
                "group_alpha": 2e-3,
                "n_hidden": 16,
                "max_iter": 200,
                "baseline": "zero",
                "scale": False,
                "random_state": 0,
            }
            fits[key] = NIMORegressor(**params | switches).fit(X, y)
        return fits[key], X

    return fit


@pytest.mark.parametrize("g_range", [(-0.3, 0.3), (-0.2, 2.0)])
def test_corrections_stay_in_the_given_range(ablated, g_range):
    model, X = ablated(network=NetworkSettings(g_range=g_range))
    g = model.correction(X)
    assert g.min() >= g_range[0] and g.max() <= g_range[1]
    assert np.abs(g).max() > 0.1


def test_ablation_no_correction(ablated):
    model, X = ablated(network=Ablation(use_correction=False))
    np.testing.assert_array_equal(model.correction(X), 0)
    np.testing.assert_allclose(model.predict(X), model.intercept_ + X @ model.coef_)


def test_ablation_sees_self(ablated):
    def dependence(model, X):
        j = int(np.abs(model.coef_).argmax())
        moved = X.copy()
        moved[:, j] += 0.5
        return np.abs(model.correction(moved)[:, j] - model.correction(X)[:, j]).max()

    assert dependence(*ablated()) < 1e-12
    assert dependence(*ablated(network=Ablation(mask_self=False))) > 1e-3


def test_ablation_no_zero_point(ablated):
    zero = np.zeros((1, 5))
    model, _ = ablated()
    assert np.abs(model.correction(zero)).max() < 1e-12
    free, _ = ablated(network=Ablation(zero_at_baseline=False))
    assert np.abs(free.correction(zero)).max() > 1e-3
    # The effect at the baseline is then not coef_, and marginal_effect_at_baseline knows.
    effect = free.marginal_effect_at_baseline()
    np.testing.assert_allclose(effect, numerical_effect(free, zero[0], 1e-4), atol=1e-6)
    assert np.abs(effect - free.coef_).max() > 1e-3


def test_ablation_no_group_penalty(ablated):
    with_penalty, _ = ablated()
    without, _ = ablated(group_alpha=0.0)
    assert without.interaction_weights_.sum() > with_penalty.interaction_weights_.sum()
    assert without.interaction_features_.sum() >= with_penalty.interaction_features_.sum()


def test_ablation_no_noise(ablated):
    """Without noise small first-layer weights suffice; with it they have to stand out."""
    noisy, _ = ablated(group_alpha=0.0)
    quiet, _ = ablated(group_alpha=0.0, input_noise=0.0)
    assert quiet.interaction_weights_[:2].mean() < noisy.interaction_weights_[:2].mean()


def test_ablation_no_sparsity(ablated):
    sparse, _ = ablated()
    assert list(np.flatnonzero(sparse.selected_features_)) == [0, 1]
    dense, _ = ablated(alpha=0.0)
    assert dense.selected_features_.all()
