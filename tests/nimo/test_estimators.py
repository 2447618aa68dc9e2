"""The scikit-learn protocol."""

import pickle
import re
import sys
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from nimo import NIMOClassifier, NIMORegressor
from nimo.estimators.former import FORMER
from nimo.paper.settings import Ablation
from tests.nimo.toy import DRAWN, FAST, TASKS, toy_rows


@parametrize_with_checks(
    [NIMORegressor(**FAST)],
    expected_failed_checks=lambda estimator: DRAWN,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [NIMOClassifier(**FAST)],
    expected_failed_checks=lambda estimator: DRAWN,
)
def test_scikit_learn_checks_of_the_classifier(estimator, check):
    check(estimator)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("relax", [False, True])
def test_scikit_learn_checks_with_the_default_search(task, relax):
    check_estimator(TASKS[task](relax=relax, max_iter=100), expected_failed_checks=DRAWN)


def test_parameters_that_have_gone_name_what_took_their_place(task):
    kind = TASKS[task]
    known = set(kind().get_params()) | {one.name for one in fields(Ablation)}
    for name, now in FORMER.items():
        assert name not in kind().get_params()
        with pytest.raises(TypeError) as caught:
            kind(**{name: 1})
        message = str(caught.value)
        assert f"{kind.__name__} has no parameter '{name}', which is now" in message
        word = now.format(name=name, kind=kind.__name__[4:])
        assert word in message
        assert known & set(re.findall(r"\w+", word)) or "NIMOPlus" in word


def test_all_former_names_stand_in_one_error():
    with pytest.raises(
        TypeError, match="'penalty', which is now alpha; 'hidden', which is now n_h"
    ):
        NIMORegressor(penalty=1e-3, random_state=0, hidden=8)


def test_pipeline_grid_search_and_cross_validation(task, fast):
    X, y = toy_rows(80, task=task)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), fast),
        {
            f"{type(fast).__name__.lower()}__alpha": [1e-3, 1e3],
            f"{type(fast).__name__.lower()}__scale": np.array([True, False]),
        },
        cv=2,
        error_score="raise",
    ).fit(X, y)
    assert search.best_params_[f"{type(fast).__name__.lower()}__alpha"] == 1e-3
    assert search.predict(X).shape == (80,)
    scores = cross_val_score(fast, X, y, cv=3, error_score="raise")
    assert np.isfinite(scores).all()


def test_pandas_columns(task, fast):
    X, y = toy_rows(60, task=task)
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(60) * 7)
    fast.fit(frame.iloc[:40], pd.Series(y[:40]), X_val=frame.iloc[40:], y_val=pd.Series(y[40:]))
    assert list(fast.feature_names_in_) == ["a", "b", "c"]
    plain = clone(fast).fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    np.testing.assert_allclose(fast.predict(frame), plain.predict(X))
    np.testing.assert_allclose(fast.local_coef(frame), plain.local_coef(X))
    with pytest.raises(ValueError, match="feature names"):
        fast.predict(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match="feature names"):
        fast.fit(frame, y, X_val=frame[["b", "a", "c"]], y_val=y)


def test_pickle_and_clone(task, fast):
    X, y = toy_rows(60, task=task)
    fast.set_params(relax=True).fit(X, y)
    again = pickle.loads(pickle.dumps(fast))
    np.testing.assert_array_equal(again.predict(X), fast.predict(X))
    np.testing.assert_array_equal(again.correction(X), fast.correction(X))
    unfitted = clone(fast)
    assert unfitted.get_params() == fast.get_params()
    assert not hasattr(unfitted, "coef_")


def test_same_seed_same_model_and_no_trace_in_the_global_generators(task, fast):
    import torch

    X, y = toy_rows(60, task=task)
    fast.set_params(relax=True)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = clone(fast).fit(X, y)
    second = clone(fast).fit(X, y)
    other = clone(fast).set_params(random_state=1).fit(X, y)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)
    np.testing.assert_array_equal(first.local_coef(X), second.local_coef(X))
    assert not np.array_equal(first.local_coef(X), other.local_coef(X))


def test_fit_and_predict_leave_their_input_alone(task, fast):
    X, y = toy_rows(60, task=task)
    X.setflags(write=False)
    fast.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    fast.predict(X)
    fast.local_coef(X)


@pytest.mark.slow
def test_progress_bar_changes_nothing(task, fast, capsys):
    X, y = toy_rows(60, task=task)
    silent = clone(fast).set_params(relax=True).fit(X, y)
    assert capsys.readouterr() == ("", "")
    loud = clone(fast).set_params(relax=True, verbose=True).fit(X, y)
    assert type(fast).__name__ in capsys.readouterr().err
    np.testing.assert_array_equal(silent.predict(X), loud.predict(X))


def test_progress_bar_without_tqdm_names_the_extra(task, fast, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    X, y = toy_rows(60, task=task)
    with pytest.raises(ImportError, match=r"verbose=True needs tqdm: pip install .*\[progress\]"):
        clone(fast).set_params(verbose=True).fit(X, y)


def test_validation_rows_given_are_the_ones_used(task, fast):
    X, y = toy_rows(80, task=task)
    fast.fit(X[:50], y[:50], X_val=X[50:], y_val=y[50:])
    np.testing.assert_allclose(fast.baseline_, X[:50].mean(0))
    flipped = clone(fast).fit(X[:50], y[:50], X_val=X[50:], y_val=y[50:][::-1])
    assert flipped.fit_info_["validation_loss"] > fast.fit_info_["validation_loss"]


def test_string_and_boolean_labels():
    X, y = toy_rows(80, task="classification")
    plain = NIMOClassifier(**FAST).fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
    for names in (np.array(["no", "yes"]), np.array([False, True]), np.array([3, 7])):
        named = NIMOClassifier(**FAST).fit(X[:60], names[y[:60]], X_val=X[60:], y_val=names[y[60:]])
        np.testing.assert_array_equal(named.classes_, names)
        np.testing.assert_array_equal(named.predict(X), names[plain.predict(X)])


def test_probabilities_follow_the_decision_function():
    X, y = toy_rows(80, task="classification")
    model = NIMOClassifier(**FAST).fit(X, y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(1), 1)
    np.testing.assert_allclose(np.log(p[:, 1] / p[:, 0]), model.decision_function(X), rtol=1e-6)
    np.testing.assert_array_equal(model.predict(X), p[:, 1] > 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("relax", [False, True])
def test_large_counts_whose_loss_is_negative(relax):
    """mean - y eta is far below 0 then; shares of a loss have to be shares of its size."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (120, 3))
    y = rng.poisson(np.exp(4 + X[:, 0] * (1 + np.tanh(2 * X[:, 1]))))
    model = NIMORegressor(
        family="poisson", relax=relax, max_iter=60, n_hidden=8, random_state=0
    ).fit(X, y)
    assert model.fit_info_["validation_loss"] < 0
    assert model.coef_[0] == pytest.approx(1.0, abs=0.3)
    assert not model.selected_features_[2]


@pytest.mark.slow
def test_poisson_recovers_a_known_rate():
    """On average over three draws of 300 counts: one of them says little about one coefficient."""
    found = []
    for seed in (1000, 1001, 1002):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-1, 1, (400, 3))
        rate = np.exp(0.5 + X[:, 0] * (1 + np.tanh(2 * X[:, 1])))
        y = rng.poisson(rate)
        model = NIMORegressor(
            family="poisson", alpha=1e-3, group_alpha=1e-3, n_hidden=16, random_state=0
        ).fit(X[:300], y[:300])
        predicted = model.predict(X[300:])
        assert (predicted > 0).all()
        constant = np.mean((y[:300].mean() - rate[300:]) ** 2)
        error = np.mean((predicted - rate[300:]) ** 2) / constant
        found.append([error, model.coef_[0], model.intercept_])
    error, coef, intercept = np.mean(found, axis=0)
    assert error < 0.2
    assert coef == pytest.approx(1.0, abs=0.12)
    assert intercept == pytest.approx(0.5, abs=0.1)
