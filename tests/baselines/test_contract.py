"""The contract, for every file of ``baselines/``; a new one is tested without a change here."""

import ast
import inspect
from functools import cache

import numpy as np
import pytest

import baselines
from baselines.contract import TASKS, Method
from benchmark import ROOT, datasets, provenance

DATASETS = {"regression": "toy", "classification": "classification1"}
CASES = [(name, task) for name in baselines.names() for task in baselines.load(name).tasks]
N_TRAIN, N_VAL, N_TEST = 60, 30, 20


@cache
def data(task):
    n = N_TRAIN + N_VAL + N_TEST
    X, y, _ = datasets.declared()[DATASETS[task]].draw(n, np.random.default_rng(2000))
    return np.split(X, [N_TRAIN, N_TRAIN + N_VAL]), np.split(y, [N_TRAIN, N_TRAIN + N_VAL])


def build(name, task, seed=0):
    method = baselines.load(name)
    missing = provenance.missing(method)
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    params = {key: values[0] for key, values in method.smoke.items()}
    if method.implementation:
        params["backend"] = "torch"
    return method.build(task, params, seed)


def fit(name, task, seed=0, X=None, y=None):
    (X_train, X_val, _), (y_train, y_val, _) = data(task)
    X_train = X_train if X is None else X
    y_train = y_train if y is None else y
    return build(name, task, seed).fit(X_train, y_train, X_val=X_val, y_val=y_val)


@cache
def fitted(name, task):
    return fit(name, task)


def scores(estimator, task, X):
    """What a seed can change: probabilities where there are any, else predictions."""
    if task == "classification" and hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X)
    return estimator.predict(X)


@pytest.mark.parametrize("name", baselines.names())
class TestDeclaration:
    def test_it_is_a_method_named_as_its_file(self, name):
        method = baselines.load(name)
        assert isinstance(method, Method) and method.name == name
        assert method.tasks and set(method.tasks) <= set(TASKS)

    def test_readers_are_told_what_it_is(self, name):
        method = baselines.load(name)
        assert method.label and len(method.source) > 10
        assert [m for m in baselines.names() if baselines.load(m).label == method.label] == [name]

    def test_files_that_decide_its_result_exist(self, name):
        for entry in baselines.load(name).code:
            assert (ROOT / entry).exists(), entry

    def test_there_is_a_rule_of_its_name(self, name):
        rules = (ROOT / "workflow/rules/methods.smk").read_text()
        assert f'use rule fit as {name} with:\n    input:\n        **needs("{name}"' in rules


@pytest.mark.parametrize("name, task", CASES)
class TestFit:
    def test_predictions(self, name, task):
        (_, _, X), _ = data(task)
        predicted = np.asarray(fitted(name, task).predict(X))
        assert predicted.shape == (N_TEST,) and np.isfinite(predicted).all()
        if task == "classification":
            assert set(np.unique(predicted)) <= {0, 1}

    def test_probabilities(self, name, task):
        (_, _, X), _ = data(task)
        estimator = fitted(name, task)
        if task == "regression" or not hasattr(estimator, "predict_proba"):
            pytest.skip("gives no probabilities for this task")
        p = np.asarray(estimator.predict_proba(X))
        assert p.shape == (N_TEST, 2)
        assert (p >= 0).all()
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-6)
        sure = np.abs(p[:, 1] - 0.5) > 1e-6
        np.testing.assert_array_equal(estimator.predict(X)[sure], (p[sure, 1] > 0.5))

    def test_explanations_have_the_shapes_of_the_contract(self, name, task):
        (X_train, _, X), _ = data(task)
        estimator, d = fitted(name, task), X.shape[1]
        for attribute in ("coef_", "selected_features_", "interaction_features_"):
            if getattr(estimator, attribute, None) is not None:
                assert np.asarray(getattr(estimator, attribute)).shape == (d,), attribute
        for attribute in ("local_coef", "correction", "contributions"):
            if hasattr(estimator, attribute):
                values = np.asarray(getattr(estimator, attribute)(X))
                assert values.shape == X.shape and np.isfinite(values).all(), attribute
        if getattr(estimator, "coef_is_local_", False):
            assert hasattr(estimator, "local_coef")
        weights = getattr(estimator, "first_layer_weights_", None)
        if weights is not None:
            assert np.asarray(weights).ndim == 2 and np.asarray(weights).shape[1] == d

    def test_contributions_and_intercept_are_the_prediction(self, name, task):
        (_, _, X), _ = data(task)
        estimator = fitted(name, task)
        if not hasattr(estimator, "contributions"):
            pytest.skip("gives no contributions")
        total = estimator.contributions(X).sum(axis=1) + estimator.local_intercept(X)
        score = estimator.predict if task == "regression" else estimator.decision_function
        np.testing.assert_allclose(total, score(X), rtol=1e-9, atol=1e-9)

    def test_rows_are_predicted_each_for_itself(self, name, task):
        """A prediction that changes with the rows beside it has learned from test rows."""
        (_, _, X), _ = data(task)
        estimator = fitted(name, task)
        together = scores(estimator, task, X)
        np.testing.assert_allclose(
            scores(estimator, task, X[:5]), together[:5], rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(
            scores(estimator, task, X[::-1].copy())[::-1], together, rtol=1e-4, atol=1e-6
        )

    def test_fit_takes_training_and_validation_rows_only(self, name, task):
        parameters = inspect.signature(build(name, task).fit).parameters
        assert not [p for p in parameters if "test" in p.lower()]

    def test_a_method_that_trains_on_validation_rows_needs_none(self, name, task):
        if baselines.load(name).validation != "trains":
            pytest.skip("validation rows stop it, or choose")
        (X, _, X_test), (y, _, _) = data(task)
        model = build(name, task).fit(X, y)
        assert np.isfinite(scores(model, task, X_test)).all()

    def test_same_seed_same_numbers_whatever_came_before(self, name, task):
        (_, _, X), _ = data(task)
        first = scores(fitted(name, task), task, X)
        np.random.seed(77)
        np.random.random(10)
        np.testing.assert_array_equal(scores(fit(name, task), task, X), first)

    def test_other_seed_other_numbers_or_no_randomness(self, name, task):
        (_, _, X), _ = data(task)
        same = np.array_equal(
            scores(fitted(name, task), task, X), scores(fit(name, task, seed=1), task, X)
        )
        assert same == (not baselines.load(name).random)

    def test_input_is_left_alone(self, name, task):
        (X, X_val, _), (y, y_val, _) = data(task)
        before = [a.copy() for a in (X, X_val, y, y_val)]
        fitted(name, task)
        for old, new in zip(before, (X, X_val, y, y_val), strict=True):
            np.testing.assert_array_equal(old, new)

    def test_nan_is_refused(self, name, task):
        (X, _, _), _ = data(task)
        spoilt = X.copy()
        spoilt[3, 1] = np.nan
        with pytest.raises((ValueError, ArithmeticError)):
            fit(name, task, X=spoilt)

    def test_rows_that_do_not_match_are_refused(self, name, task):
        (X, _, _), _ = data(task)
        with pytest.raises((ValueError, IndexError, RuntimeError)):
            fit(name, task, X=X[:-1])

    def test_wrong_number_of_features_is_refused(self, name, task):
        (_, _, X), _ = data(task)
        with pytest.raises((ValueError, RuntimeError)):
            fitted(name, task).predict(X[:, :-1])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"tasks": ("ranking",)}, "tasks must be among"),
        ({"tasks": ()}, "tasks must be among"),
        ({"grid": {"alpha": 1.0}}, "alpha must be a list of values, got 1.0"),
        ({"smoke": {"alpha": []}}, r"alpha must be a list of values, got \[\]"),
        ({"grid": {"a": [1]}, "configurations": ({"a": 1},)}, "give a grid or configurations"),
        ({"groups": ("best",)}, "groups must be among .*, got 'best'"),
        ({"smoke": {"a": [1, 2]}, "configurations": ({"a": 1},)}, "one value each; a has 2"),
    ],
)
def test_wrong_declaration_is_refused(changes, message):
    good = {"name": "m", "label": "M", "tasks": ("regression",), "build": None, "source": "s"}
    with pytest.raises(ValueError, match=message):
        Method(**(good | changes))


def test_unknown_method_is_refused():
    with pytest.raises(KeyError, match="no method 'laso'; there are: "):
        baselines.load("laso")


def test_general_code_knows_no_method_by_name():
    names, found = set(baselines.names()), []
    for path in sorted((ROOT / "benchmark").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in names:
                if node.value not in provenance.CODE_FOLDERS:
                    found.append(f"{path.name}: {node.value}")
    assert found == []
