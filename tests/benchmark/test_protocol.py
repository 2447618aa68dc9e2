"""What becomes of validation rows: the paper's protocol, and that of practice."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import baselines
from baselines.contract import Method
from benchmark import config, datasets, report, storage
from benchmark.datasets import splits
from benchmark.fitting import driver, judge, key, records, tuning, worker

PROTOCOLS = ("paper", "practice")
ROWS = {
    "X_train": np.zeros((6, 1)),
    "y_train": np.arange(6.0),
    "X_val": np.ones((2, 1)),
    "y_val": np.array([8.0, 8.0]),
    "X_test": np.zeros((3, 1)),
}


class Recorder:
    """Predicts its parameter, and remembers what it was fitted on."""

    fits: list = []

    def __init__(self, value, rounds=None):
        self.value, self.rounds = value, rounds

    def fit(self, X, y, X_val=None, y_val=None):
        self.fits.append((self.value, self.rounds, len(X), X_val is None))
        if X_val is not None:
            self.refit_params_ = {"rounds": 7}
        return self

    def predict(self, X):
        return np.full(len(X), self.value)


def method(**changes):
    Recorder.fits = []
    return Method(
        "m",
        "M",
        ("regression",),
        lambda task, params, seed: Recorder(**params),
        "nobody, nowhere",
        **({"validation": "trains"} | changes),
    )


def test_what_needs_no_choice_is_fitted_once_on_all_rows():
    chosen = tuning.on_all_rows(method(), "regression", [{"value": 1.0}], 0, ROWS)
    assert Recorder.fits == [(1.0, None, 8, True)]
    assert chosen.tuning is None and chosen.params == {"value": 1.0}


@pytest.mark.parametrize("listed", [True, False])
def test_what_was_chosen_is_fitted_again_with_what_the_validation_rows_have_found(listed):
    tried = [{"value": v} for v in (1.0, 7.0, 3.0)]
    one = method(configurations=tuple(tried)) if listed else method()
    chosen = tuning.on_all_rows(one, "regression", tried, 0, ROWS)
    assert Recorder.fits == [(v, None, 6, False) for v in (1.0, 7.0, 3.0)] + [(7.0, 7, 8, True)]
    assert chosen.params == {"value": 7.0, "rounds": 7}
    assert (chosen.tuning is not None) is listed


@pytest.mark.parametrize("all_rows", [False, True])
def test_validation_rows_that_were_trained_on_judge_nothing(tmp_path, all_rows):
    storage.write_arrays(tmp_path / "data.npz", ROWS)
    job = {"task": "regression", "seed": 0, "data": tmp_path / "data.npz"}
    facts, arrays, _ = worker._fit_one(method(), job, [{"value": 1.0}], all_rows)
    assert ("prediction_val" in arrays) is not all_rows
    assert facts["info"] == ({"validation_rows": "trained on"} if all_rows else {})
    split = datasets.Split("d", "regression", 0, ["a"], ROWS | {"y_test": np.zeros(3)})
    assert judge.verdict(facts, arrays, split)[0]["status"] == "ok"


def settings(protocol, **more):
    return config.validate(
        {
            "run": "r",
            "datasets": ["toy", "hitters"],
            "methods": ["lasso", "mlp", "nimo_plus"],
            "splits": 1,
            "reduced": True,
            "protocol": protocol,
        }
        | more
    )


@pytest.mark.parametrize(
    "dataset, name, trained",
    [("hitters", "lasso", True), ("hitters", "mlp", False), ("toy", "lasso", False)],
)
def test_in_practice_a_method_that_needs_none_is_trained_on_all_rows_of_a_table(
    dataset, name, trained
):
    one, declared = baselines.load(name), datasets.declared()[dataset]
    assert key.trains_on_all(settings("practice"), declared, one) is trained
    assert not key.trains_on_all(settings("paper"), declared, one)


def test_the_key_says_what_was_trained_on():
    same = {"method": "m", "grid": [], "code": "", "data": "", "seed": 0, "versions": {}}
    assert key.key(**same) != key.key(**same, all_rows=True)


def test_a_run_in_practice_has_the_same_test_rows_and_more_to_train_on(tmp_path):
    found = {}
    for protocol in PROTOCOLS:
        run = settings(protocol, run=protocol)
        split = splits.make("hitters", 0, run)
        splits.write_all([split], run, tmp_path)
        driver.Fits(run, "hitters", "lasso", "x.log", tmp_path).run([0])
        path = tmp_path / records.path_of(protocol, "hitters", "lasso", 0)
        found[protocol] = records.read(path), records.read_arrays(path, records.read(path))
    arrays = split.arrays
    X = np.vstack([arrays["X_train"], arrays["X_val"]])
    y = np.r_[arrays["y_train"], arrays["y_val"]]
    seed = found["practice"][0]["result"]["seed"]
    here = baselines.load("lasso").build("regression", {}, seed).fit(X, y)
    predicted = found["practice"][1]["prediction"]
    np.testing.assert_allclose(predicted, here.predict(arrays["X_test"]), rtol=1e-9)
    assert not np.allclose(predicted, found["paper"][1]["prediction"])
    shown = {name: record["result"]["data_sha256"] for name, (record, _) in found.items()}
    assert shown["paper"] == shown["practice"]


def test_an_unknown_use_or_protocol_is_refused():
    with pytest.raises(ValueError, match="validation must be among .*, got 'ignores'"):
        replace(baselines.load("lasso"), validation="ignores")
    with pytest.raises(config.ConfigError, match='"protocol": unknown value "practise"'):
        settings("practise")


def test_the_summary_of_a_run_says_what_was_trained_on():
    told = {p: report._trained_on(SimpleNamespace(config={"protocol": p})) for p in PROTOCOLS}
    assert told["paper"] == [] and "were trained on them" in told["practice"][0]
