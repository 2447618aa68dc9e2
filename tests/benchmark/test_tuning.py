"""What the suite chooses on the validation rows, and what it says about it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import baselines
from baselines.contract import Method
from benchmark import config
from benchmark.config import ConfigError
from benchmark.datasets import splits
from benchmark.fitting import driver, plan, records, tuning
from benchmark.fitting.key import grid_of


class Constant:
    """Predicts its parameter; labels by probabilities if it has any."""

    def __init__(self, value, proba=None, raises=None):
        self.value, self.raises = value, raises
        if proba is not None:
            self.predict_proba = lambda X: np.tile([1 - proba, proba], (len(X), 1))

    def fit(self, X, y, X_val, y_val):
        if self.raises:
            raise self.raises
        return self

    def predict(self, X):
        return np.full(len(X), self.value)


class Fake:
    fit_many = None

    @staticmethod
    def build(task, params, seed):
        return Constant(**params)


def rows(y_val):
    return {
        "X_train": np.zeros((4, 1)),
        "y_train": np.full(4, 1.0),
        "X_val": np.zeros((len(y_val), 1)),
        "y_val": np.asarray(y_val),
    }


REAL = rows([2.0, 2.0, 2.0, 2.0])
grid = partial(tuning.best_of_grid, Fake)
configurations = partial(tuning.best_of_configurations, Fake)


def test_grid_is_chosen_on_validation_rows():
    values = [{"value": v} for v in (1.0, 2.0, float("nan"), 3.0)]
    chosen = grid("regression", values, 0, REAL)
    assert chosen.params == {"value": 2.0} and chosen.tuning is None
    with pytest.raises(ValueError, match="no point of the grid has a finite validation loss"):
        grid("regression", [{"value": float("nan")}] * 2, 0, REAL)


def test_a_point_of_a_grid_that_raises_ends_the_fit():
    with pytest.raises(RuntimeError, match="broken"):
        grid("regression", [{"value": 1}, {"value": 1, "raises": RuntimeError("broken")}], 0, REAL)


def test_configuration_is_chosen_on_validation_rows_and_described():
    tried = [{"value": v} for v in (3.5, 1.0, 2.5, 1.5)]
    chosen = configurations("regression", tried, 0, REAL)
    assert chosen.params == {"value": 2.5} and chosen.seconds >= 0
    assert chosen.tuning == {
        "configurations": 4,
        "failed": 0,
        "chosen": 2,
        "loss": "mse",
        "chosen_loss": 0.25,
        "default_loss": 2.25,
    }


def test_of_equals_the_first_is_kept():
    tried = [{"value": 1.0}, {"value": 3.0}]
    assert configurations("regression", tried, 0, REAL).tuning["chosen"] == 0


def test_what_fails_is_counted_and_does_not_end_the_fit():
    tried = [
        {"value": 2.0, "raises": ValueError("broken")},
        {"value": float("nan")},
        {"value": 5.0},
        {"value": 2.0, "raises": MemoryError()},
    ]
    found = configurations("regression", tried, 0, REAL).tuning
    assert (found["failed"], found["chosen"], found["default_loss"]) == (3, 2, None)


def test_configurations_may_be_fitted_together():
    class Together(Fake):
        @staticmethod
        def fit_many(estimators, X, y, X_val, y_val):
            assert (len(X), len(X_val)) == (4, 4)
            return [estimator.raises for estimator in estimators]

    tried = [
        {"value": 2.0, "raises": ValueError("broken")},
        {"value": 5.0},
        {"wrong": 1.0},  # cannot even be built
        {"value": 3.0},
    ]
    one, other = (
        tuning.best_of_configurations(kind, "regression", tried, 0, REAL)
        for kind in (Together, Fake)
    )
    assert one.tuning == other.tuning and one.params == other.params == {"value": 3.0}
    assert (one.tuning["failed"], one.tuning["chosen"]) == (2, 3)


def test_when_all_fail_the_last_error_is_reported():
    tried = [{"value": float("inf")}, {"value": 0.0, "raises": KeyError("last")}]
    with pytest.raises(KeyError, match="last"):
        configurations("regression", tried, 0, REAL)
    with pytest.raises(FloatingPointError, match="the validation loss is inf"):
        configurations("regression", tried[::-1], 0, REAL)


def test_labels_are_chosen_by_log_loss_where_there_are_probabilities():
    labels = rows([1, 1, 1, 0])
    # all are right three times in four
    tried = [{"value": 1, "proba": p} for p in (0.55, 0.99, 0.75, 1.0)]
    found = configurations("classification", tried, 0, labels).tuning
    assert (found["chosen"], found["loss"]) == (2, "log_loss")
    assert found["chosen_loss"] == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    sure = configurations("classification", tried[3:], 0, labels).tuning
    assert sure["chosen_loss"] == pytest.approx(-0.25 * np.log(tuning.SMALLEST_PROBABILITY))


def test_labels_without_probabilities_are_chosen_by_mistakes():
    found = configurations(
        "classification", [{"value": 0}, {"value": 1}], 0, rows([1, 1, 1, 0])
    ).tuning
    assert (found["chosen"], found["loss"], found["chosen_loss"]) == (1, "misclassification", 0.25)


def test_a_column_is_no_list_of_predictions():
    class Column(Constant):
        def predict(self, X):
            return super().predict(X)[:, None]

    with pytest.raises(ValueError, match=r"predictions have shape \(4, 1\), expected \(4,\)"):
        tuning.validation_loss(Column(2.0), "regression", REAL["X_val"], REAL["y_val"])


LISTED = Method(
    "m",
    "M",
    ("regression",),
    None,
    "",
    configurations=({"a": 1, "b": 1}, {"a": 2, "b": 2}, {"a": 3, "b": 3}),
    smoke={"b": [0]},
)


def test_the_budget_takes_the_beginning_of_the_list():
    assert grid_of(LISTED, False) == [{"a": 1, "b": 1}]
    assert grid_of(LISTED, False, tuning=2) == [{"a": 1, "b": 1}, {"a": 2, "b": 2}]
    assert grid_of(LISTED, True, {"c": 7}, tuning=2) == [
        {"a": 1, "b": 0, "c": 7},
        {"a": 2, "b": 0, "c": 7},
    ]
    gridded = replace(LISTED, configurations=(), grid={"a": [1, 2]})
    assert grid_of(gridded, False, tuning=1) == grid_of(gridded, False, tuning=9)


SETTINGS = {
    "run": "r",
    "datasets": ["toy"],
    "methods": ["nam", "lasso"],
    "splits": 1,
    "rows": {"train": 30, "val": 10, "test": 12},
}


@pytest.mark.parametrize(
    "value, message",
    [
        (0, '"tuning": 0 is less than the minimum of 1'),
        (2.0, '"tuning": expected integer, got 2.0'),
        (21, '"tuning": 21 configurations, but nam has 20'),
    ],
)
def test_a_wrong_budget_is_refused(value, message):
    with pytest.raises(ConfigError) as refused:
        config.validate(SETTINGS | {"tuning": value})
    assert str(refused.value) == message


def test_the_budget_concerns_the_methods_with_a_list_alone(tmp_path):
    settings = config.validate(SETTINGS)
    splits.write_all([splits.make("toy", 0, settings)], settings, tmp_path)

    def key(method, tuning):
        return plan.Cell(settings | {"tuning": tuning}, "toy", method, tmp_path).key(0)

    assert key("lasso", 1) == key("lasso", 3)
    assert key("nam", 1) != key("nam", 3)


def test_a_record_says_how_many_and_how_long(tmp_path):
    settings = config.validate(SETTINGS | {"tuning": 2, "reduced": True})
    splits.write_all([splits.make("toy", 0, settings)], settings, tmp_path)
    driver.Fits(settings, "toy", "nam", "log", tmp_path).run([0])
    record = records.read(tmp_path / records.path_of("r", "toy", "nam", 0))
    found = record["result"]["info"]["tuning"]
    assert (found["configurations"], found["failed"], found["loss"]) == (2, 0, "mse")
    assert found["chosen_loss"] <= found["default_loss"]
    kept = baselines.load("nam").configurations[found["chosen"]]
    assert record["result"]["params"] == {**kept, "hidden": list(kept["hidden"]), "epochs": 60}
    assert 0 < record["run"]["chosen_fit_seconds"] < record["run"]["fit_seconds"]
