"""What predicts the winner, and the fronts: from frames with names of nobody in particular."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmark import outputs, tables
from benchmark.evaluation import pareto, properties
from benchmark.evaluation.aggregates import aggregates
from benchmark.metrics import get

ERRORS = pd.DataFrame(
    {"line": [0.5, 0.2, 1.0], "tree": [0.25, 0.4, 0.9], "net": [0.5, 0.1, 1.1]},
    index=["x", "y", "z"],
)


def test_noise_linearity_and_steps_are_read_off_the_errors():
    constant = pd.Series(1.0, index=ERRORS.index)
    found = properties.measured(ERRORS, constant, ["line"], ["tree"], ["net"])
    np.testing.assert_allclose(found.noise, [0.25, 0.1, 0.9])
    np.testing.assert_allclose(found.linearity, [0.5 / 0.75, 0.8 / 0.9, 0.0])
    np.testing.assert_allclose(found.steps, [2.0, 0.25, 1.1 / 0.9])
    none = properties.measured(ERRORS, constant, [], ["tree"], [])
    assert none[["linearity", "steps"]].isna().all(axis=None)
    beaten = properties.measured(ERRORS, 0.2 * constant, ["line"], ["tree"], ["net"])
    assert math.isnan(beaten.linearity["z"])  # nobody gains on the constant


def test_the_lead_of_a_family_and_who_wins():
    families = {"one": ["line", "net"], "two": ["tree"]}
    assert properties.winners(ERRORS, families).to_list() == ["two", "one", "two"]
    lead = properties.advantage(ERRORS, families["one"])
    np.testing.assert_allclose(lead, [0.5, 4.0, 0.9])
    np.testing.assert_allclose(properties.advantage(ERRORS, ["tree"]), 1 / lead)


def test_associations_find_the_property_that_decides():
    n = 12
    rng = np.random.default_rng(0)
    steps = np.linspace(0.5, 2, n)
    errors = pd.DataFrame({"tree": 1 / steps, "net": np.ones(n)})
    table = pd.DataFrame({one.name: rng.random(n) for one in properties.PROPERTIES})
    table["steps"], table["rows"] = steps, 200
    found = properties.associations(table, errors, {"a": ["tree"], "b": ["net"]})
    by = found.set_index(["property", "family"])
    assert by.correlation["steps", "a"] == pytest.approx(1)
    assert by.correlation["steps", "b"] == pytest.approx(-1)
    assert math.isnan(by.correlation["rows", "a"]) and by.n_tables["rows", "a"] == n
    assert properties.associations(table, errors, {"a": ["tree", "net"]}).empty


def test_the_error_of_a_constant(make_run):
    results = make_run({"diabetes": {"lasso": [0.5]}, "classification1": {"logistic": [0.8]}})
    split = results.split("diabetes", 0).arrays
    expected = np.mean((split["y_test"] - split["y_train"].mean()) ** 2)
    assert properties.constant_error(results, "diabetes", get("mse")) == pytest.approx(expected)
    split = results.split("classification1", 0).arrays
    larger = int(split["y_train"].mean() > 0.5)
    expected = np.mean(split["y_test"] != larger)
    found = properties.constant_error(results, "classification1", get("accuracy"))
    assert found == pytest.approx(expected)
    assert properties.constant_error(results, "classification1", get("auroc")) == 0.5


def test_the_front_is_what_no_other_beats_in_both():
    points = {"a": (1, 5), "b": (2, 3), "c": (3, 3), "d": (2, 6), "e": (9, 1)}
    assert pareto.front(points) == ["a", "b", "e"]
    assert pareto.front({}) == []


SIZES = {"lasso": [3, 0, 0, 0], "nam": [0, 8, 0, 0], "nimo": [2, 4, 1, 0]}


def sized(split, method):
    return {"reading": np.array(SIZES[method])} if method in SIZES else {}


def test_fronts_of_reading_and_of_seconds(make_run):
    values = {"lasso": [0.5], "mlp": [0.2], "nam": [0.4], "nimo": [0.3]}
    results = make_run({"auto": values, "diabetes": values}, arrays=sized)
    seconds = {"lasso": 0.1, "mlp": 2.0, "nam": 3.0, "nimo": 9.0}
    results.fits["fit_seconds"] = results.fits.method.map(seconds)
    (aggregate,) = aggregates(results)
    table = pareto.costs(results, aggregate)
    assert table.reading_size.drop("mlp").to_dict() == {"nimo": 7.0, "nam": 8.0, "lasso": 3.0}
    assert math.isnan(table.reading_size["mlp"])
    assert set(table.index[table.on_reading]) == {"lasso", "nimo"}
    assert set(table.index[table.on_seconds]) == {"lasso", "mlp"}
    made = tables.make("fronts", results)
    on = {row[0]: row[-1] for block in made.blocks for row in block.rows}
    assert on == {"MLP": "seconds", "NIMO": "reading", "NAM": "", "Lasso": "both"}


def test_what_predicts_needs_five_data_sets(make_run):
    names = ("diabetes", "auto", "hitters", "college", "wage")
    rng = np.random.default_rng(0)
    scores = {
        d: {
            m: [float(v)]
            for m, v in zip(("lasso", "mlp", "nimo"), rng.uniform(0.2, 0.9, 3), strict=True)
        }
        for d in names
    }
    results = make_run(scores)
    table = tables.make("predictors", results)
    assert set(table.tidy.family) == {"ours", "linear", "black_box"}
    assert set(table.tidy.property) == {one.name for one in properties.PROPERTIES}
    listed = next(block for block in table.blocks if block.header[0] == "data set")
    rows = {row[0]: row for row in listed.rows}
    assert rows["auto"][1] == str(len(results.split("auto", 0).arrays["X_train"]))
    assert {row[-1] for row in listed.rows} <= {"ours", "linear", "black box"}
    few = make_run({d: scores[d] for d in names[:4]})
    assert "not 5 data sets" in tables.make("predictors", few).markdown()


class Readable:
    reading_ = {"coefficients": 2, "split_points": 5}


def test_a_reading_is_read_in_its_order_and_a_strange_word_refused():
    declared = outputs.declared("reading")
    assert declared.read(Readable(), {}) == [2, 0, 0, 5]
    assert declared.read(object(), {}) is None

    class Strange:
        reading_ = {"pages": 3}

    with pytest.raises(ValueError, match="reading_ has 'pages'; there are: coefficients"):
        declared.read(Strange(), {})
