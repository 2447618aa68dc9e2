"""Reading a fitted model, more than two classes, and weights."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from nimo import NIMOClassifier, NIMOPlusRegressor, NIMORegressor
from nimo.estimators.validation_rows import split
from nimo.reading.tables import KINDS
from tests.nimo.toy import FAST, TASKS, predictor, toy_rows

MODELS = {"tied": FAST}


@pytest.fixture(params=MODELS)
def model(request, task):
    return TASKS[task](**MODELS[request.param])


@cache
def fit(name, task):
    X, y = toy_rows(120, task=task)
    return TASKS[task](**MODELS[name]).fit(X, y), X


@pytest.fixture(params=MODELS)
def fitted(request, task):
    """A fitted model and its rows, for tests that only read."""
    return fit(request.param, task)


def test_contributions_add_up_to_the_prediction(fitted):
    model, X = fitted
    at_baseline = model.intercept_ + model.baseline_ @ model.coef_
    whole = at_baseline + model.contributions(X).sum(1)
    np.testing.assert_allclose(whole, predictor(model, X), atol=1e-5)


def test_coef_is_the_numerical_derivative_at_the_baseline(fitted):
    model, X = fitted
    step = 1e-5 * np.eye(X.shape[1])
    ahead, back = (predictor(model, model.baseline_ + sign * step) for sign in (1, -1))
    np.testing.assert_allclose((ahead - back) / 2e-5, model.coef_, atol=1e-4)
    np.testing.assert_allclose(model.marginal_effect_at_baseline(), model.coef_, atol=1e-12)


def test_table_and_formula_name_the_features(model, task):
    X, y = toy_rows(120, task=task)
    frame = pd.DataFrame(X, columns=["age", "dose", "other"])
    model.fit(frame, y)
    table = model.term_table()
    assert [row["feature"] for row in table] == ["age", "dose", "other"]
    assert all(row["kind"] in KINDS for row in table)
    text = model.formula()
    for row in table:
        used = row["kind"] != "absent" or row["modulates"]
        assert (row["feature"] in text) == bool(used)
        assert (row["coef"] != 0) <= (row["kind"] != "absent")
    modulated = [row["feature"] for row in table if row["modulated_by"]]
    assert all(f"v_{name}(" in text for name in modulated)


def test_kinds_of_a_function_with_one_of_each():
    rng = np.random.default_rng(3)
    X = rng.uniform(-2, 2, (250, 5))
    y = 2 * X[:, 0] + 2 * np.abs(X[:, 1]) + X[:, 2] * (2 + np.tanh(3 * X[:, 3]))
    model = NIMOPlusRegressor(n_structures=1, baseline="zero")
    model.fit(X, y + 0.2 * rng.normal(size=250))
    assert list(model.term_kinds())[:3] == ["linear", "nonlinear", "modulated"]
    assert model.term_kinds()[4] == "absent"
    values = np.array([0.0, 1.0, -1.0])
    np.testing.assert_allclose(model.shape("x2", values)[1:], 2, atol=0.5)
    assert model.shape(1, values)[0] == 0
    assert not model.shape(0, values).any()


def test_interval_holds_the_coefficient_and_grows_with_the_level():
    X, y = toy_rows(150)
    model = NIMOPlusRegressor(n_structures=1).fit(X, y)
    narrow, wide = model.coef_interval(0.5), model.coef_interval(0.99)
    found = model.coef_ != 0
    assert (wide[found, 0] < narrow[found, 0]).all() and (
        narrow[found, 0] < model.coef_[found]
    ).all()
    assert (wide[~found] == 0).all()
    with pytest.raises(ValueError, match="level"):
        model.coef_interval(95)
    with pytest.raises(AttributeError, match="no posterior"):
        NIMORegressor(**FAST).fit(X, y).coef_interval()


def test_wrong_feature_is_named(fitted):
    model, _ = fitted
    for wrong in ("dose", 3, -1):
        with pytest.raises(ValueError, match="feature must be"):
            model.shape(wrong, [0.0])


def test_drawing_has_a_panel_for_the_coefficients_and_each_term(fitted):
    model, X = fitted
    terms = model.nonlinear_features_.sum() + model.modulated_by_.any(1).sum()
    drawn = [ax for ax in model.draw(X).axes if ax.axison]
    assert len(drawn) == 1 + terms
    assert len([ax for ax in model.draw(X, max_panels=1).axes if ax.axison]) == 1
    for ax in drawn[1:]:
        assert all(np.isfinite(line.get_ydata()).all() for line in ax.lines)
    with pytest.raises(ValueError, match="max_panels"):
        model.draw(X, max_panels=0)


# ------------------------------------------------------------------ more than two classes


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(MODELS["tied"], id="tied", marks=pytest.mark.slow),
    ],
)
def test_three_classes(options):
    X, eta = toy_rows(240)
    y = np.array(["low", "middle", "high"])[np.digitize(eta, [-2, 2])]
    model = NIMOClassifier(**options).fit(X, y)
    assert list(model.classes_) == ["high", "low", "middle"]
    assert model.coef_.shape == (3, 3) and model.intercept_.shape == (3,)
    assert model.local_coef(X).shape == (240, 3, 3)
    probability = model.predict_proba(X)
    np.testing.assert_allclose(probability.sum(1), 1)
    assert list(model.classes_[probability.argmax(1)]) == list(model.predict(X))
    assert model.score(X, y) > 0.6 > max(np.mean(y == word) for word in model.classes_)
    with pytest.raises(AttributeError, match=r"estimators_\[k\]"):
        model.formula()
    assert model.estimators_[0].formula()


# ------------------------------------------------------------------ weights


@pytest.mark.parametrize("options", MODELS.values(), ids=MODELS)
def test_rows_of_weight_zero_are_not_there(options, task):
    X, y = toy_rows(100, task=task)
    weight = np.r_[np.ones(80), np.zeros(20)]
    spoilt = X.copy()
    spoilt[80:] = 1e6
    found = TASKS[task](**options).fit(spoilt, y, sample_weight=weight)
    alone = TASKS[task](**options).fit(X[:80], y[:80])
    np.testing.assert_allclose(found.coef_, alone.coef_)


def test_equal_weights_are_no_weights_for_networks(task, fast):
    X, y = toy_rows(80, task=task)
    plain = fast.fit(X, y).coef_.copy()
    np.testing.assert_array_equal(fast.fit(X, y, sample_weight=np.full(80, 0.3)).coef_, plain)


def test_networks_repeat_rows_on_their_own_side_of_the_split(task, fast):
    X, y = toy_rows(40, task=task)
    weight = np.random.default_rng(0).integers(0, 4, 40)
    weighted = fast.fit(X, y, X_val=X, y_val=y, sample_weight=weight).coef_.copy()
    repeated = fast.fit(np.repeat(X, weight, 0), np.repeat(y, weight), X_val=X, y_val=y).coef_
    np.testing.assert_array_equal(weighted, repeated)
    rng = np.random.RandomState(0)
    rows = split(X, y, np.full(40, 2), 10, rng, stratify=task == "classification")
    assert not {tuple(row) for row in rows[0]} & {tuple(row) for row in rows[2]}


def test_weights_that_networks_cannot_have_are_refused(fast):
    X, y = toy_rows(30)
    with pytest.raises(ValueError, match="0.5 in row 3"):
        NIMORegressor(**FAST).fit(X, y, sample_weight=np.where(np.arange(30) == 3, 0.5, 1.0))
