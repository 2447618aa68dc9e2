"""What is put into NIMO+: directions, what may act together, what has to stay."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nimo import NIMOPlusClassifier, NIMOPlusRegressor
from nimo.plus.basis import FeatureBasis
from nimo.plus.monotone import MonotoneBasis


def rising(X):
    return 2 * np.sqrt(np.maximum(X[:, 0], 0)) + np.sign(X[:, 1]) - 0.5 * X[:, 2] * (1 + X[:, 3])


def draw(n=300, seed=0, noise=0.7):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    return X, rising(X) + noise * rng.normal(size=n)


def along(model, j, at=None):
    """The linear predictor on a dense grid of one feature, far outside of the rows too."""
    rows = np.tile(model.baseline_ if at is None else at, (4001, 1))
    rows[:, j] = np.linspace(-10, 10, 4001)
    return np.diff(model._eta(rows))


@pytest.mark.parametrize(
    "parameters",
    [{}, {"n_structures": 1}, {"noise": "t"}, {"baseline": "zero"}, {"max_terms": 4}],
)
def test_monotone_is_monotone(parameters):
    X, y = draw()
    free = NIMOPlusRegressor(max_order=2, **parameters).fit(X, y)
    held = clone(free).set_params(monotonic_cst=[1, 1, 0, 0, -1]).fit(X, y)
    assert min(along(free, 0).min(), along(free, 1).min()) < -1e-6, "the rows alone do not say it"
    for model in (held, held.with_terms(3)):
        for at in (None, X[0], X[1]):
            for j, sign in ((0, 1), (1, 1), (4, -1)):
                assert (sign * along(model, j, at)).min() > -1e-10
    assert held.coef_[0] >= 0 and held.coef_[1] >= 0 and held.coef_[4] <= 0
    assert not held.modulated_by_[[0, 1, 4]].any()
    step = 1e-6 * np.eye(5)
    slope = (held.predict(held.baseline_ + step) - held.predict(held.baseline_ - step)) / 2e-6
    np.testing.assert_allclose(slope, held.coef_, atol=2e-3)
    Z = np.random.default_rng(1).normal(size=(2000, 5))
    error = [np.mean((model.predict(Z) - rising(Z)) ** 2) for model in (held, free)]
    assert error[0] < 1.1 * error[1]


def test_monotone_against_the_rows():
    X, y = draw()
    model = NIMOPlusRegressor(max_order=2, monotonic_cst={0: -1}).fit(X, y)
    assert along(model, 0).max() < 1e-10
    assert model.score(X, y) > 0.3


def test_labels_counts_and_names():
    X, y = draw()
    frame = pd.DataFrame(X, columns=list("abcde"))
    labels = NIMOPlusClassifier(max_order=2, monotonic_cst={"a": 1, "b": 1}).fit(frame, y > 1)
    counts = NIMOPlusRegressor(family="poisson", max_order=2, monotonic_cst={"a": 1, "b": 1})
    counts.fit(frame, np.random.default_rng(0).poisson(np.exp(0.5 * rising(X))))
    for model in (labels, counts):
        rows = pd.DataFrame(np.tile(model.baseline_, (2001, 1)), columns=list("abcde"))
        for name in "ab":
            at = rows.copy()
            at[name] = np.linspace(-9, 9, 2001)
            assert np.diff(model._eta(at)).min() > -1e-10
    with pytest.raises(ValueError, match="two classes"):
        NIMOPlusClassifier(monotonic_cst={0: 1}).fit(X, np.digitize(y, [0, 1]))


def test_functions_of_a_direction_have_value_and_slope_0_at_the_baseline():
    x = np.random.default_rng(0).normal(size=200)
    basis = MonotoneBasis.around(FeatureBasis.of(x, np.ones(200)), x)
    for function in (basis.curve, basis.steps_at):
        at = function(np.array([-1e-7, 0.0, 1e-7]))
        assert np.all(at[1] == 0) and np.abs(at).max() < 1e-7 * 1e-4
        far = function(np.array([8.0, 9.0, 10.0]))
        np.testing.assert_allclose(far[2] - far[1], far[1] - far[0], atol=1e-9)
    assert basis.curve(x).shape[1] == basis.curves.shape[1]
    assert basis.steps_at(x).shape[1] == basis.steps.count


def together(X):
    return X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + X[:, 0] * X[:, 2] * X[:, 4]


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("no_interactions", []),
        ([[0, 1]], [{0, 1}, {2, 3, 4}]),
        ([{2, 3}, (0, 2, 4)], [{2, 3}, {0, 2, 4}, {1}]),
    ],
)
def test_only_what_may_act_together_does(given, allowed):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    model = NIMOPlusRegressor(interaction_cst=given).fit(X, together(X) + rng.normal(size=300))
    surfaces = [set(features) for features in model.model_.terms if len(features) > 1]
    assert all(any(one <= group for group in allowed) for one in surfaces)
    assert bool(surfaces) == bool(allowed)


def test_pairs_alone():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    y = together(X) + 0.3 * rng.normal(size=300)
    assert max(map(len, NIMOPlusRegressor().fit(X, y).model_.terms)) > 2
    assert max(map(len, NIMOPlusRegressor(interaction_cst="pairwise").fit(X, y).model_.terms)) == 2


def test_features_to_keep_stay():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 6))
    y = X[:, 0] + 0.5 * rng.normal(size=200)
    model = NIMOPlusRegressor(keep=[4, 5], n_structures=1).fit(X, y)
    assert np.all(model.coef_[4:] != 0) and model.path_[-1].n_terms == 2
    # an unpenalised coefficient is that of least squares, up to what else is in the model
    design = np.column_stack([np.ones(200), X[:, [0, 4, 5]]])
    exact = np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(model.coef_[[4, 5]], exact[2:], atol=0.01)
    few = NIMOPlusRegressor(keep=[4], max_terms=2).fit(X, y)
    assert [one.features for one in few.terms_] == [(0,), (4,)]
    with pytest.raises(ValueError, match="max_terms must be at least 2"):
        NIMOPlusRegressor(keep=[4, 5], max_terms=1).fit(X, y)
    with pytest.raises(ValueError, match="n_terms must be 2 or more"):
        model.with_terms(1)
    wide = rng.normal(size=(40, 80))
    model = NIMOPlusRegressor(keep=[79], max_order=1).fit(wide, wide[:, 0] + rng.normal(size=40))
    assert model.coef_[79] != 0


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"monotonic_cst": [1, 0]}, "5 values"),
        ({"monotonic_cst": {0: 2}}, "-1, 0 or 1, got 2"),
        ({"monotonic_cst": {"age": 1}}, "'age'"),
        ({"interaction_cst": "none"}, "interaction_cst"),
        ({"interaction_cst": [0, 1]}, "a group is a list"),
        ({"interaction_cst": [[0, 9]]}, "0 to 4, got 9"),
        ({"keep": [5]}, "keep: .* got 5"),
        ({"keep": "x1"}, "keep"),
    ],
)
def test_bad_knowledge_is_named(parameters, word):
    X, y = draw(30)
    with pytest.raises(ValueError, match=word):
        NIMOPlusRegressor(**parameters).fit(X, y)


@pytest.mark.parametrize("parameter", ["baseline", "monotonic_cst"])
def test_a_series_goes_by_its_names(parameter):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=60), "age": rng.normal(40, 9, 60)})
    good = pd.Series({"x": 1, "age": 0})
    base, y = NIMOPlusRegressor(max_order=1, n_structures=1), X["x"] ** 3
    model = clone(base).set_params(**{parameter: good}).fit(X, y)
    turned = clone(base).set_params(**{parameter: good[::-1]}).fit(X, y)
    np.testing.assert_array_equal(turned.predict(X), model.predict(X))
    np.testing.assert_array_equal(turned.baseline_, model.baseline_)
    for bad, words in (
        ({"x": 1, "z": 0}, f"{parameter} has a value for 'z', which is no column"),
        ({"x": 1}, f"{parameter} has no value for the column 'age'"),
    ):
        with pytest.raises(ValueError, match=words):
            clone(base).set_params(**{parameter: pd.Series(bad)}).fit(X, y)
    # an array has no names, and a Series without names goes by position
    unnamed = clone(base).set_params(**{parameter: good}).fit(X.to_numpy(), y)
    plain = clone(base).set_params(**{parameter: good.reset_index(drop=True)}).fit(X, y)
    for other in (unnamed, plain):
        np.testing.assert_array_equal(other.baseline_, model.baseline_)


@pytest.mark.parametrize("family", ["gaussian", "gamma"])
def test_a_direction_beside_missing_values(family):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.exp(X[:, 0]) * rng.gamma(20, 0.05, 200) + (X[:, 0] < -1)
    X[X[:, 0] < -1, 0] = np.nan
    model = NIMOPlusRegressor(family=family, monotonic_cst=[1, 0]).fit(X, y)
    grid = np.column_stack([np.linspace(-3, 5, 300), np.zeros(300)])
    assert (np.diff(model.predict(grid)) >= -1e-9).all()
