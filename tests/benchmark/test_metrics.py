"""Metrics of predictions, on samples whose value is known."""

import numpy as np
import pytest

from benchmark import metrics
from benchmark.datasets import Split, Truth
from benchmark.metrics import Sample


def scores(y, p=None, prediction=None, task="classification"):
    split = Split("mine", task, 0, ["a"], {"y_test": np.asarray(y)})
    outputs = {} if p is None else {"probability": np.column_stack([1 - np.asarray(p), p])}
    if prediction is not None:
        outputs["prediction"] = np.asarray(prediction)
    return metrics.scores(Sample(outputs, split, Truth()))


def test_probabilities_that_rank_are_told_from_probabilities_that_are_right():
    y = np.array([0, 0, 1, 1] * 25)
    sure = scores(y, np.where(y == 1, 0.9, 0.1))
    assert sure["auroc"] == 1.0
    assert sure["log_loss"] == pytest.approx(-np.log(0.9))
    # sorted rightly but far too timid: all of its Brier score is miscalibration
    assert sure["brier"] == sure["miscalibration"] == pytest.approx(0.01)
    constant = scores(y, np.full(100, 0.5))
    assert constant["auroc"] == 0.5 and constant["miscalibration"] == pytest.approx(0.0)
    assert constant["brier"] == pytest.approx(0.25)


def test_a_calibrated_method_has_a_small_miscalibration_and_a_boastful_one_a_large():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.8, size=2000)
    y = (rng.uniform(size=2000) < p).astype(int)
    honest, boastful = scores(y, p), scores(y, np.where(p > 0.5, 0.99, 0.01))
    assert honest["miscalibration"] < 0.01 < 0.05 < boastful["miscalibration"]
    inverted = scores(y, 1 - p)
    assert inverted["auroc"] == pytest.approx(1 - honest["auroc"])
    assert inverted["miscalibration"] > 5 * honest["miscalibration"]


def test_probabilities_that_differ_by_rounding_have_a_miscalibration():
    found = scores([0, 1, 1], [3.355781723354282e-06, 0.9999999999999991, 1.0])
    assert found["miscalibration"] == pytest.approx(0.0, abs=1e-9)


def test_a_certain_mistake_costs_much_and_not_infinitely_much():
    assert scores([0, 1], [1.0, 1.0])["log_loss"] == pytest.approx(-np.log(1e-12) / 2)


def test_without_probabilities_there_is_no_value():
    found = scores([0, 1, 1], prediction=[0, 1, 0])
    assert found == {"accuracy": pytest.approx(2 / 3)}


def test_one_class_alone_has_no_ranking():
    found = scores([1, 1], [0.5, 0.6])
    assert "auroc" not in found and "log_loss" in found


def test_r2_is_the_share_of_variance_and_has_no_value_without_one():
    y = np.array([0.0, 1.0, 2.0, 3.0])
    found = scores(y, prediction=np.full(4, 1.5), task="regression")
    assert found == {"mse": 1.25, "r2": 0.0}
    assert scores(y, prediction=y, task="regression")["r2"] == 1.0
    assert "r2" not in scores(np.ones(3), prediction=np.ones(3), task="regression")
