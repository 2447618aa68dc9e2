"""The paper's model on frames, and its intervals of new responses."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from nimo import NIMOClassifier, NIMORegressor
from nimo.paper.settings import Ablation
from nimo.selection.redundancy import may_modulate
from tests.nimo.test_frames import EFFECTS, SIZES, table

FITTED = {"max_iter": 40, "n_hidden": 16, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    frame, y = table()
    y = y + 0.1 * np.random.default_rng(1).normal(size=len(y))
    return NIMORegressor(**FITTED).fit(frame, y), frame, y


def test_levels_and_gaps_are_columns_of_their_own(fitted):
    model, frame, y = fitted
    assert list(model.feature_names_in_) == list(frame.columns)
    assert model.n_features_in_ == len(frame.columns)
    assert frame["colour"].mode()[0] == "red" and frame["side"].mode()[0] == "right"
    levels = ["colour = blue", "colour = green", "colour = grey"]
    rest = ["size", "on", "side = left", "age", "age is missing"]
    assert model.column_names_ == ["x", *levels, *rest]
    coef = dict(zip(model.column_names_, model.coef_, strict=True))
    for level in ("blue", "green", "grey"):  # beside the most frequent one
        assert coef[f"colour = {level}"] == pytest.approx(EFFECTS[level] - EFFECTS["red"], abs=0.2)
    assert coef["side = left"] == pytest.approx(-1.2, abs=0.1)
    assert coef["age"] == pytest.approx(0.1, abs=0.02)
    assert model.score(frame, y) > 0.97
    assert model.levels_["colour"] == sorted(EFFECTS)


def test_what_is_missing_is_at_the_baseline_and_has_an_effect(fitted):
    model, frame, _ = fitted
    row = frame.iloc[[int(np.flatnonzero(frame["age"].isna())[0])]]
    values = {cell["feature"]: cell for cell in model.row_table(row)}
    age = model.column_names_.index("age")
    assert values["age"]["value"] == model.baseline_[age] and values["age"]["contribution"] == 0
    assert values["age is missing"]["value"] == 1
    assert values["age is missing"]["coef"] == pytest.approx(2.0, abs=0.4)


def test_a_level_or_a_gap_that_is_new_is_at_the_baseline(fitted):
    model, frame, _ = fitted
    new = frame.iloc[:5].assign(colour="violet", x=np.nan)
    parts = dict(zip(model.column_names_, model.contributions(new).T, strict=True))
    for name in ("x", "colour = blue", "colour = green", "colour = grey"):
        np.testing.assert_array_equal(parts[name], 0)
    assert np.isfinite(model.predict(new)).all()


def test_polars_and_validation_rows(fitted):
    model, frame, y = fitted
    other = pl.DataFrame({name: frame[name].to_list() for name in frame})
    other = other.with_columns(pl.col("size").cast(pl.Enum(SIZES)))
    np.testing.assert_array_equal(model.predict(other), model.predict(frame))
    found = []
    for whole in (frame.drop(columns="size"), other.drop("size")):
        one = clone(model).fit(whole[:200], y[:200], X_val=whole[200:], y_val=y[200:])
        found.append(one.coef_)
    np.testing.assert_array_equal(*found)


def test_the_tables_are_plain(fitted):
    model, frame, _ = fitted
    rows = json.loads(json.dumps(model.term_table()))
    assert pd.DataFrame(rows)["feature"].tolist() == model.column_names_
    json.dumps(model.row_table(frame[:2]))
    assert "colour = grey" in model.formula() and "colour = grey" in model.row_text(frame[:1])
    assert len(model.draw(frame).axes) >= 1


def test_levels_of_a_category_do_not_modulate_each_other(fitted):
    model, frame, _ = fitted
    levels = [name.startswith("colour = ") for name in model.column_names_]
    pairs = may_modulate(model._validated(frame))[np.ix_(levels, levels)]
    assert len(pairs) == 3 and not pairs.any()
    assert not model.modulated_by_[np.ix_(levels, levels)].any()


def test_classes_of_a_frame(fitted):
    _, frame, y = fitted
    several = pd.cut(y, [-99, -1, 1, 99], labels=["low", "middle", "high"]).astype(str)
    model = NIMOClassifier(**FITTED, network=Ablation(use_correction=False))
    model.fit(frame[:150], several[:150])
    assert model.coef_.shape == (3, 9) and model.local_coef(frame).shape == (300, 3, 9)
    assert model.score(frame, several) > 0.9
    assert model.estimators_[0].column_names_ == model.column_names_


def test_missing_values_of_an_array():
    X = np.random.default_rng(0).normal(size=(120, 3))
    X[::4, 2] = np.nan
    model = NIMORegressor(**FITTED).fit(X, 2.0 * X[:, 0] + 3.0 * np.isnan(X[:, 2]))
    assert model.column_names_ == ["x1", "x2", "x3", "x3 is missing"]
    np.testing.assert_allclose(model.coef_, [2, 0, 0, 3], atol=0.1)


def test_what_cannot_be_used_is_named():
    with pytest.raises(ValueError, match="'when' holds dates"):
        NIMORegressor().fit(pd.DataFrame({"when": pd.date_range("2020", periods=9)}), range(9))
    with pytest.raises(ValueError, match="one level: 'a', 'b'"):
        NIMORegressor().fit(pd.DataFrame({"a": ["one"] * 9, "b": ["two"] * 9}), range(9))
    twice = pd.DataFrame({"a": [np.nan, 1.0, 2.0] * 3, "a is missing": range(9)})
    with pytest.raises(ValueError, match="2 columns of the model would have the name 'a is miss"):
        NIMORegressor().fit(twice, range(9))
    model = NIMORegressor(**FITTED).fit(pd.DataFrame({"a": [0.0, 1, 2, 3] * 5}), list(range(4)) * 5)
    with pytest.raises(ValueError, match="'a' held numbers in training, got 'one'"):
        model.predict(pd.DataFrame({"a": ["one"]}))


def rows(n, rng, family):
    X = rng.normal(size=(n, 3))
    if family == "poisson":
        return X, rng.poisson(np.exp(1.5 + 0.5 * X[:, 0])).astype(float)
    return X, X[:, 0] - X[:, 1] + rng.exponential(size=n)


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_intervals_hold_their_share_of_new_responses(family):
    """Of five fits with 100 rows kept apart the mean share has standard deviation 0.022, 0.013."""
    rng, held = np.random.default_rng(0), []
    for seed in range(5):
        X, y = rows(400, rng, family)
        model = NIMORegressor(
            family=family, network=Ablation(use_correction=False), random_state=seed
        ).fit(X, y)
        X, y = rows(2000, rng, family)
        held.append([])
        for level in (0.5, 0.9):
            low, high = model.predict_interval(X, level).T
            held[-1].append(np.mean((low <= y) & (y <= high)))
            assert (low < high).all() and (family == "gaussian" or low.min() >= 0)
    half, most = np.mean(held, axis=0)
    assert half == pytest.approx(0.5, abs=0.06) and most == pytest.approx(0.9, abs=0.035)


def test_intervals_need_rows_kept_apart():
    X, y = rows(40, np.random.default_rng(0), "gaussian")
    model = NIMORegressor(network=Ablation(use_correction=False), random_state=0).fit(X, y)
    assert np.isfinite(model.predict_interval(X, 0.9)).all()
    assert np.isinf(model.predict_interval(X, 0.95)).all()  # of ten rows
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        model.predict_interval(X, 1.0)
    with pytest.raises(AttributeError, match="no rows were kept apart"):
        clone(model).set_params(validation_fraction=0).fit(X, y).predict_interval(X)
