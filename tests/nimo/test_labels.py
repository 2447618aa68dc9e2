"""Labels of any type, and what the classes weigh."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from nimo import NIMOClassifier, NIMOPlusClassifier, SelectionSettings
from nimo.paper.settings import Ablation
from tests.nimo.toy import toy_rows

SHORT = SelectionSettings(groups=(1e-3,), stretches=1, distil_rows=0, steps=4)
MODELS = {
    "tied": NIMOClassifier(max_iter=10, n_hidden=4, settings=SHORT, random_state=0),
    "paper": NIMOClassifier(max_iter=10, n_hidden=4, selection="paper", random_state=0),
    "lasso": NIMOClassifier(network=Ablation(use_correction=False), random_state=0),
    "plus": NIMOPlusClassifier(),
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=[] if name == "tied" else [pytest.mark.slow]) for name in MODELS
    ]
)
def model(request):
    return clone(MODELS[request.param])


def labelled(n=80, K=2):
    X, _ = toy_rows(n)
    rng = np.random.default_rng(2)
    return X, np.digitize(X[:, 0] + rng.logistic(size=n) / 3, np.linspace(-1, 1, K + 1)[1:-1])


# ------------------------------------------------------------------------------ types


@pytest.mark.parametrize(
    ("dtype", "kind", "classes"),
    [
        ("boolean", "b", [False, True]),
        ("Int64", "i", [0, 1]),
        ("UInt8", "u", [0, 1]),
        ("bool", "b", [False, True]),
        ("int8", "i", [0, 1]),
    ],
)
@pytest.mark.parametrize(
    "shape",
    ["series", *(pytest.param(name, marks=pytest.mark.slow) for name in ("array", "frame"))],
)
@pytest.mark.parametrize("name", ["lasso", "plus"])
def test_labels_come_back_as_they_were(name, dtype, kind, classes, shape):
    X, y = labelled()
    plain = clone(MODELS[name]).fit(X, y)
    series = pd.Series(y).astype(dtype)
    given = {"series": series, "array": series.array, "frame": series.to_frame("y")}[shape]
    if shape == "frame" and kind == series.to_numpy().dtype.kind and dtype in ("bool", "int8"):
        given = series  # of NumPy's own types scikit-learn warns of a column, as it should
    model = clone(MODELS[name]).fit(X, given)
    assert model.predict(X).dtype.kind == kind and model.classes_.tolist() == classes
    assert model.score(X, series) == plain.score(X, y)
    if name == "lasso":
        model.fit(X, given, X_val=X[:9], y_val=given[:9])
        assert model.predict(X).dtype.kind == kind


def test_a_missing_label_is_named():
    X, y = labelled()
    for dtype in ("boolean", "Int64"):
        holed = pd.Series(y).astype(dtype)
        holed[7] = pd.NA
        with pytest.raises(ValueError, match="Input y contains NaN: the label in row 7 is missing"):
            clone(MODELS["plus"]).fit(X, holed)
        with pytest.raises(ValueError, match="Input y_val contains NaN: the label in row 7"):
            clone(MODELS["lasso"]).fit(X, y, X_val=X, y_val=holed)


@pytest.mark.parametrize("form", [list, np.array, pd.Series, pd.DataFrame, "string", "category"])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_label_among_words_is_named(form, missing):
    X, y = labelled()
    words = np.array(["no", "yes"], dtype=object)[y]
    words[7] = missing
    given = pd.Series(words).astype(form) if isinstance(form, str) else form(words)
    with pytest.raises(ValueError, match="Input y contains NaN: the label in row 7 is missing"):
        clone(MODELS["plus"]).fit(X, given)


# ------------------------------------------------------------------------------ weights


@pytest.mark.parametrize("K", [2, 3])
def test_weights_that_remove_a_class_are_refused(model, K):
    X, y = labelled(K=K)
    names = np.array(["no", "maybe", "yes"])[:K]
    for gone in range(K):
        weight = np.where(y == gone, 0.0, 1.0)
        message = f"sample_weight leaves class '{names[gone]}' without weight"
        with pytest.raises(ValueError, match=message):
            model.fit(X, names[y], sample_weight=weight)
        with pytest.raises(ValueError, match=message.replace("sample", "class")):
            clone(model).set_params(class_weight={names[gone]: 0}).fit(X, names[y])


def test_class_weights_move_the_probabilities(model):
    """By what they say: the log-odds of a linear truth rise by the log of the ratio."""
    X, y = labelled(300)
    plain = clone(model).fit(X, y)
    heavy = clone(model).set_params(class_weight={1: 20.0}).fit(X, y)
    moved = heavy.decision_function(X) - plain.decision_function(X)
    assert np.median(moved) == pytest.approx(np.log(20), abs=0.8)
    same = clone(model).set_params(class_weight={0: 3.0, 1: 3.0}).fit(X, y)
    np.testing.assert_allclose(same.predict_proba(X), plain.predict_proba(X), atol=1e-2)


def test_balanced_classes(model):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = (X[:, 0] * 1.5 - 3.5 + rng.logistic(size=400) > 0).astype(int)
    assert 0.03 < y.mean() < 0.15
    plain = clone(model).fit(X, y)
    balanced = clone(model).set_params(class_weight="balanced").fit(X, y)
    linear = LogisticRegression(class_weight="balanced").fit(X, y)
    score = balanced_accuracy_score(y, balanced.predict(X))
    assert score > balanced_accuracy_score(y, plain.predict(X)) + 0.1
    assert score > balanced_accuracy_score(y, linear.predict(X)) - 0.06


def test_class_weights_with_three_classes(model):
    X, y = labelled(150, K=3)
    plain = clone(model).fit(X, y)
    heavy = clone(model).set_params(class_weight={0: 1000.0, 1: 1e-4, 2: 1e-4}).fit(X, y)
    assert np.mean(heavy.predict(X) == 0) > 0.9 > np.mean(plain.predict(X) == 0)
    assert clone(model).set_params(class_weight="balanced").fit(X, y).score(X, y) > 0.5


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("equal", "class_weight must be None, 'balanced' or a dict, got 'equal'"),
        (2.0, "class_weight must be None, 'balanced' or a dict, got 2.0"),
        ({2: 1.0}, r"class_weight has 2, the classes are \[0, 1\]"),
        ({1: -1.0}, "class_weight must hold numbers of at least 0, got -1.0 for 1"),
        ({1: np.inf}, "class_weight must hold numbers of at least 0, got inf for 1"),
        ({1: "much"}, "class_weight must hold numbers of at least 0, got 'much' for 1"),
    ],
)
def test_other_class_weights_are_refused(value, message):
    X, y = labelled()
    with pytest.raises(ValueError, match=message):
        clone(MODELS["lasso"]).set_params(class_weight=value).fit(X, y)
    if isinstance(value, dict):
        with pytest.raises(ValueError, match=message):
            clone(MODELS["plus"]).set_params(class_weight=value).fit(X, y)


# ------------------------------------------------------------------------------ logarithms


@pytest.mark.parametrize("K", [2, 3])
def test_log_probabilities(K):
    X, y = labelled(K=K)
    model = clone(MODELS["lasso"]).fit(X, y)
    log = model.predict_log_proba(X)
    assert log.shape == (len(X), K)
    np.testing.assert_allclose(np.exp(log), model.predict_proba(X), atol=1e-12)
    far = model.predict_proba(X * 1e4)
    np.testing.assert_allclose(far.sum(1), 1)
    assert np.isfinite(model.predict_log_proba(X * 1e4)).all()


# ------------------------------------------------------------------------------ threads, progress


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [-1, -2, -1000, np.int64(2)])
def test_n_jobs_as_in_scikit_learn(n_jobs, monkeypatch):
    asked, model = [], clone(MODELS["lasso"])
    monkeypatch.setattr("nimo.estimators.runtime.cpu_count", lambda: 2)
    monkeypatch.setattr("nimo.estimators.runtime.torch.set_num_threads", asked.append)
    X, y = labelled(60)
    model.set_params(n_jobs=n_jobs).fit(X, y)
    assert asked[0] == {-1: 2, -2: 1, -1000: 1, 2: 2}[int(n_jobs)]


@pytest.mark.parametrize("n_jobs", [0, 1.5, "all", True])
def test_other_n_jobs_are_refused(n_jobs):
    X, y = labelled(60)
    with pytest.raises(ValueError, match="n_jobs must be None or an integer but 0"):
        clone(MODELS["lasso"]).set_params(n_jobs=n_jobs).fit(X, y)


def test_verbose_changes_nothing():
    X, y = labelled(60)
    model = clone(MODELS["tied"])
    loud = clone(model).set_params(verbose=True).fit(X, y)
    np.testing.assert_array_equal(loud.predict_proba(X), model.fit(X, y).predict_proba(X))
