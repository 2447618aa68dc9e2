"""Whatever happens during a fit, an estimator is the old model, whole, or the new one."""

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import contextual_lasso
import nimo
from contextual_lasso import ContextualLassoClassifier, ContextualLassoRegressor
from nimo import (
    NIMOClassifier,
    NIMOPlusClassifier,
    NIMOPlusRegressor,
    NIMORegressor,
    SelectionSettings,
)
from nimo.paper.settings import Ablation
from nimo.transaction import transactional
from tests.nimo.toy import toy_rows

SHORT = SelectionSettings(groups=(1e-3,), stretches=1, distil_rows=0, steps=2)
FAST = {"max_iter": 4, "n_hidden": 4, "settings": SHORT, "random_state": 0}
PAPER = FAST | {"selection": "paper", "settings": None}
QUICK = {
    "hidden_layers": (4,),
    "n_lambdas": 3,
    "max_epochs": 20,
    "backend": "torch",
    "random_state": 0,
}
OF_A_MODEL = ("formula", "term_table", "term_kinds", "coef_interval", "marginal_effect_at_baseline")
OF_ROWS = (
    *("predict", "predict_proba", "predict_log_proba", "decision_function", "local_coef"),
    *("correction", "contributions", "local_intercept", "row_table", "row_text", "draw"),
    *("marginal_effects", "average_marginal_effects", "forward_marginal_effects"),
    "linear_predictor",
)
ROOTS = tuple(str(Path(package.__file__).parent) for package in (nimo, contextual_lasso))

ESTIMATORS = {
    "tied": NIMORegressor(**FAST),
    "relaxed": NIMORegressor(relax=True, **FAST),
    "paper": NIMORegressor(**PAPER),
    "lasso": NIMORegressor(network=Ablation(use_correction=False), **FAST),
    "tied labels": NIMOClassifier(**FAST),
    "plus": NIMOPlusRegressor(max_order=2),
    "plus labels": NIMOPlusClassifier(max_order=2),
    "contextual": ContextualLassoRegressor(**QUICK),
    "contextual labels": ContextualLassoClassifier(**QUICK),
}


#: Their fits take seconds, and go the way of the others.
LONG = ("relaxed", "tied labels")


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in ESTIMATORS
    ]
)
def estimator(request):
    return clone(ESTIMATORS[request.param])


def rows_of(estimator, seed=0, n=40):
    task = "classification" if hasattr(estimator, "predict_proba") else "regression"
    return toy_rows(n, seed=seed, task=task)


def answers(estimator, X):
    """All that a fitted estimator says, as arrays by method."""
    found = {name: value for name, value in vars(estimator).items() if name.endswith("_")}
    for name in OF_ROWS:
        if name not in ("draw", "row_table", "row_text") and hasattr(estimator, name):
            found[name] = getattr(estimator, name)(X)
    if hasattr(estimator, "formula"):
        found["formula"] = estimator.formula()
    return {
        name: value for name, value in found.items() if isinstance(value, np.ndarray | str | float)
    }


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def assert_not_fitted(estimator, X):
    called = 0
    for name in (*OF_ROWS, *OF_A_MODEL):
        if hasattr(estimator, name):
            arguments = () if name in OF_A_MODEL else (X,)
            with pytest.raises(NotFittedError):
                getattr(estimator, name)(*arguments)
            called += 1
    if hasattr(estimator, "shape"):
        with pytest.raises(NotFittedError):
            estimator.shape(0, [0.0])
    with pytest.raises(NotFittedError):
        estimator.score(X, np.arange(len(X)) % 2)
    assert called >= 4


class Interruption:
    """Raises ``error`` at the k-th call into the two packages; counts them where k is None."""

    def __init__(self, k=None, error=KeyboardInterrupt):
        self.k, self.error, self.calls = k, error, 0

    def __call__(self, frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(ROOTS):
            self.calls += 1
            if self.calls == self.k:
                raise self.error

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)


def places(estimator, X, y):
    """Calls at which to interrupt: the first ones, the last ones and some between."""
    model = clone(estimator)
    with Interruption() as count:
        model.fit(X, y)
    assert count.calls > 20
    between = np.geomspace(5, count.calls - 5, 5).astype(int).tolist()
    return sorted({1, 2, 3, *between, count.calls - 1, count.calls})


def test_an_interrupted_fit_leaves_the_old_model_or_none(estimator):
    X, y = rows_of(estimator)
    other_X, other_y = rows_of(estimator, seed=1, n=30)
    other_X = other_X[:, :2]
    fitted = clone(estimator).fit(X, y)
    expected, attributes = answers(fitted, X), dict(vars(fitted))
    assert len(expected) > 4
    for k in places(estimator, other_X, other_y):
        error = (KeyboardInterrupt, SystemExit, MemoryError)[k % 3]
        unfitted = clone(estimator)
        for model in (fitted, unfitted):
            with Interruption(k, error), pytest.raises(error):
                model.fit(other_X, other_y)
        assert_not_fitted(unfitted, X)
        assert vars(fitted) == attributes or all(
            vars(fitted)[name] is attributes[name] for name in attributes
        )
    assert_same(answers(fitted, X), expected)


def test_interrupted_at_any_line_of_the_transaction_itself():
    class Two:
        def __init__(self):
            self.fits = 0

        @transactional
        def fit(self, value):
            self.first_ = value
            self.second_ = value
            return self

    def interrupt(line):
        def trace(frame, event, argument):
            if frame.f_code.co_filename != str(Path(nimo.__file__).parent / "transaction.py"):
                return None
            if event == "line":
                seen.append(frame.f_lineno)
                if frame.f_lineno == line:
                    raise KeyboardInterrupt
            return trace

        return trace

    seen: list[int] = []
    before = sys.gettrace()
    sys.settrace(interrupt(None))
    Two().fit(1)
    sys.settrace(before)
    lines = sorted(set(seen))
    assert len(lines) >= 7
    whole = []
    for line in lines:
        model = Two().fit(1)
        sys.settrace(interrupt(line))
        with pytest.raises(KeyboardInterrupt):
            model.fit(2)
        sys.settrace(before)
        assert model.first_ == model.second_
        whole.append(model.first_)
    # the old model until the assignment, the new one after it
    assert whole == sorted(whole) and whole[0] == 1


@pytest.mark.parametrize(
    "broken", [{"X": np.inf}, {"y": None}], ids=["infinite values", "no response"]
)
def test_a_refused_fit_leaves_the_old_model(estimator, broken):
    X, y = rows_of(estimator)
    fitted = clone(estimator).fit(X, y)
    expected = answers(fitted, X)
    bad = np.full((30, 2), np.inf) if "X" in broken else X[:30, :2]
    with pytest.raises(ValueError):
        fitted.fit(bad, None if "y" in broken else y[:30])
    assert_same(answers(fitted, X), expected)


def test_a_refit_is_a_first_fit(estimator):
    X, y = rows_of(estimator)
    other_X, other_y = rows_of(estimator, seed=1, n=30)
    again = clone(estimator).fit(other_X[:, :2], other_y).fit(X, y)
    first = clone(estimator).fit(X, y)
    assert vars(again).keys() == vars(first).keys()
    assert_same(answers(again, X), answers(first, X))


def test_the_old_model_answers_while_the_new_one_is_fitted(estimator):
    X, y = rows_of(estimator)
    fitted = clone(estimator).fit(X, y)
    expected, seen = fitted.predict(X), []

    def look(frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(ROOTS):
            look.calls += 1
            if look.calls in (10, 100):
                sys.setprofile(None)
                seen.append(fitted.predict(X))
                sys.setprofile(look)

    look.calls = 0
    sys.setprofile(look)
    try:
        fitted.fit(X[:30, :2], y[:30])
    finally:
        sys.setprofile(None)
    assert fitted.n_features_in_ == 2 and len(seen) >= 1
    for found in seen:
        np.testing.assert_array_equal(found, expected)


def test_fewer_and_more_classes():
    X, y = toy_rows(90)
    three, two = np.digitize(y, [-1, 1]), np.digitize(y, [0])
    model = NIMOClassifier(**FAST).fit(X, three)
    assert model.predict_proba(X).shape == (90, 3)
    model.fit(X, two)
    plain = NIMOClassifier(**FAST).fit(X, two)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    np.testing.assert_array_equal(model.local_coef(X), plain.local_coef(X))
    assert not hasattr(model, "estimators_") and model.formula() == plain.formula()
    model.fit(X, three)
    assert model.predict_proba(X).shape == (90, 3) and len(model.estimators_) == 3


def test_attributes_of_the_other_algorithm_are_gone():
    X, y = toy_rows(90)
    labels = np.digitize(y, [-1, 1])
    model = NIMOPlusClassifier().fit(X, labels)
    assert model.coef_.shape == (3, 3)
    model.fit(X, labels > 0)
    assert model.coef_.shape == (3,) and model.coef_interval().shape == (3, 2)


def test_parameters_that_were_set_and_not_fitted_change_no_answer():
    X, y = toy_rows(40)
    model = NIMORegressor(**FAST).fit(X, y)
    expected = answers(model, X)
    model.set_params(**NIMORegressor(**PAPER, baseline="zero").get_params())
    with Interruption(60), pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert_same(answers(model, X), expected)


def test_names_of_an_earlier_fit_are_gone(estimator):
    pd = pytest.importorskip("pandas")
    X, y = rows_of(estimator)
    model = clone(estimator).fit(pd.DataFrame(X, columns=["a", "b", "c"]), y)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    model.fit(X, y)
    assert not hasattr(model, "feature_names_in_")
    model.predict(X)


def test_what_the_user_has_given_stays(estimator):
    X, y = rows_of(estimator)
    given = {"random_state": 3} if "random_state" in estimator.get_params() else {"level": 0.2}
    model = clone(estimator).set_params(**given)
    model.note = "mine"
    for _ in range(2):
        model.fit(X, y)
        assert model.note == "mine" and given.items() <= model.get_params().items()
        assert model.get_params() == clone(estimator).set_params(**given).get_params()


def test_a_subclass_may_add_to_a_fit():
    class Named(NIMORegressor):
        def fit(self, X, y):
            self.before_ = len(X)
            super().fit(X, y)
            self.after_ = self.n_features_in_
            return self

    X, y = toy_rows(40)
    model = Named(**FAST).fit(X, y)
    assert model.fit(X[:30, :2], y[:30]) is model
    assert (model.before_, model.after_) == (30, 2)


def test_a_fit_in_another_thread_is_seen_whole():
    class Slow:
        @transactional
        def fit(self, value):
            self.first_ = value
            started.set()
            go_on.wait(5)
            self.second_ = value
            return self

    started, go_on = threading.Event(), threading.Event()
    go_on.set()
    model = Slow().fit(1)
    started.clear(), go_on.clear()
    worker = threading.Thread(target=model.fit, args=(2,))
    worker.start()
    assert started.wait(5)
    assert (model.first_, model.second_) == (1, 1)
    go_on.set()
    worker.join()
    assert (model.first_, model.second_) == (2, 2)
