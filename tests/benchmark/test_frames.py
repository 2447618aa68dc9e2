"""The frame that a method may ask for: what is in it, what it rests on, what a fit makes of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import baselines
from baselines._rows import column_kinds, stacked
from benchmark import config, frames, provenance
from benchmark.datasets import splits
from benchmark.datasets.encoding import Column
from benchmark.datasets.tabular import Table, Tabular, rows_of
from benchmark.explanations import explaining
from benchmark.fitting import driver, given, records
from benchmark.page import details

N = 120
SETTINGS = {"seed": 0, "rows": {}, "splits": 1}


def columns():
    rng = np.random.default_rng(0)
    kind = np.array(["a", "b", "c", "d"])[rng.integers(4, size=N)]
    kind[:10] = ""
    size = np.array(["low", "mid", "high"])[rng.integers(3, size=N)]
    age = rng.normal(40, 10, N)
    age[20:30] = np.nan
    return [
        Column("kind", kind),
        Column("size", size, ("low", "mid", "high")),
        Column("age", age),
        Column("x", rng.normal(size=N)),
    ]


def target(found):
    kind, size, age, x = (column.values for column in found)
    return (kind == "a") * 2.0 + (size == "high") + np.nan_to_num(age, nan=40) / 10 + x


def mine(table):
    return Tabular("mine", "regression", "real", "", lambda: table)


def cut(found):
    return mine(Table(found, np.arange(float(N)))).split(0, SETTINGS)


def parts(split, frame=True):
    return given.to_method(split.shown_to_methods(), frame)


def test_a_frame_has_the_rows_of_the_matrix_and_what_was_read():
    split = cut(columns())
    data = parts(split)
    X = stacked(stacked(data["X_train"], data["X_val"]), data["X_test"])
    matrix = np.vstack([split.arrays[f"X_{part}"] for part in ("train", "val", "test")])
    assert list(X.columns) == ["kind", "size", "age", "x"]
    assert column_kinds(X) == ["text", "ordered", "number", "number"]
    assert list(X["size"].cat.categories) == ["low", "mid", "high"] and X["size"].cat.ordered
    names = split.feature_names
    for level in "abcd":
        one = matrix[:, names.index(f"kind: {level}")]
        np.testing.assert_array_equal(X["kind"] == level, one == one.max())
    missing = matrix[:, names.index("kind: missing")]
    np.testing.assert_array_equal([k is None for k in X["kind"]], missing == missing.max())
    marked = matrix[:, names.index("age missing")]
    np.testing.assert_array_equal(X["age"].isna(), marked == marked.max())
    np.testing.assert_allclose(X["x"], matrix[:, names.index("x")], atol=1e-12)
    np.testing.assert_allclose(data["X_train"][["age", "x"]].mean(), 0, atol=1e-12)
    assert "y_test" not in data


def test_a_method_that_does_not_ask_has_the_matrix():
    split = cut(columns())
    data = parts(split, frame=False)
    assert set(data) == {"X_train", "y_train", "X_val", "y_val", "X_test"}
    np.testing.assert_array_equal(data["X_train"], split.arrays["X_train"])


def test_numbers_without_gaps_are_the_matrix_for_every_method():
    numbers = columns()[3:]
    split = cut([*numbers, Column("z", np.arange(float(N)))])
    assert split.frame == {} and set(split.shown_to_methods()) == set(parts(split))
    np.testing.assert_array_equal(parts(split)["X_train"], split.arrays["X_train"])


def test_test_rows_decide_nothing_of_the_others():
    found = columns()
    table = Table(found, np.arange(float(N)))
    order, sizes, _ = rows_of(mine(table), 0, SETTINGS, table)
    tested, changed = order[-sizes[2] :], []
    for column in found:
        values = column.values.copy()
        if column.numeric:
            values[tested] *= 100
        else:
            values[tested] = "high" if column.levels else "z"
        changed.append(replace(column, values=values))
    before, after = parts(cut(found)), parts(cut(changed))
    for part in ("X_train", "X_val"):
        pd.testing.assert_frame_equal(before[part], after[part])
    assert set(before["X_test"]["kind"]) != set(after["X_test"]["kind"]) == {"z"}


def test_what_was_shown_has_another_hash_where_the_frame_differs():
    found = columns()
    rare = found[0].values.copy()
    rare[60:62] = "rare"
    other = np.where(rare == "rare", "seldom", rare)
    one, two = (cut([replace(found[0], values=v), *found[1:]]) for v in (rare, other))
    np.testing.assert_array_equal(one.arrays["X_train"], two.arrays["X_train"])
    assert splits.shown_sha256(one) != splits.shown_sha256(two)


METHODS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            bool(provenance.missing(baselines.load(name))), reason="its package is not here"
        ),
    )
    for name in baselines.names()
    if baselines.load(name).frame
]


def built(name, task="regression"):
    method = baselines.load(name)
    return method.build(task, {key: values[0] for key, values in method.smoke.items()}, 0)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_method_that_asks_learns_levels_and_takes_new_ones(name, task):
    found = columns()
    y = target(found)
    y = y if task == "regression" else (y > np.median(y)).astype(int)
    frame = frames.frame(frames.pack(found, np.arange(N), 72), slice(None))
    rows = frame[:72], frame[72:96], frame[96:].copy()
    model = built(name, task).fit(rows[0], y[:72], X_val=rows[1], y_val=y[72:96])
    rows[2].loc[96, "kind"] = "new"
    rows[2].loc[97, ["kind", "size", "age"]] = None
    score = model.predict if task == "regression" else model.decision_function
    assert np.isfinite(score(rows[2])).all()
    # the level counts, and a row is what it is beside any other
    as_a, as_b = rows[2].assign(kind="a"), rows[2].assign(kind="b")
    assert np.mean(score(as_a) - score(as_b)) > 0.1
    np.testing.assert_allclose(score(rows[2][:3]), score(rows[2])[:3], atol=1e-6)
    total = model.contributions(rows[2]).sum(axis=1) + model.local_intercept(rows[2])
    assert model.contributions(rows[2]).shape == (24, 4)
    np.testing.assert_allclose(total, score(rows[2]), atol=1e-6)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Fits of NIMO+ and the lasso on a user's file with text, in worker processes."""
    root = tmp_path_factory.mktemp("frames")
    found = columns()
    table = pd.DataFrame({column.name: column.values for column in found}).assign(y=target(found))
    table.to_csv(root / "mine.csv", index=False)
    spec = {"path": str(root / "mine.csv"), "target": "y", "task": "regression"}
    spec["ordered"] = {"size": ["low", "mid", "high"]}
    settings = config.validate(
        {
            "run": "r",
            "csv": {"mine": spec},
            "methods": ["lasso", "nimo_plus"],
            "splits": 1,
            "reduced": True,
            "explanations": {"rows": 10},
        }
    )
    split = splits.make("mine", 0, settings)
    splits.write_all([split], settings, root)
    for method in settings["methods"]:
        driver.Fits(settings, "mine", method, "logs/x.log", root).run([0])
    return root, settings, split


def record(root, method):
    path = root / records.path_of("r", "mine", method, 0)
    read = records.read(path)
    return read["result"], records.read_arrays(path, read)


def test_a_worker_has_the_same_frame(run):
    root, _, split = run
    data = parts(split)
    here = built("nimo_plus").fit(data["X_train"], data["y_train"])
    result, arrays = record(root, "nimo_plus")
    assert (result["status"], result["n_features"]) == ("ok", 4)
    np.testing.assert_allclose(arrays["prediction"], here.predict(data["X_test"]), rtol=1e-9)
    assert arrays["contribution"].shape == (24, 4)
    np.testing.assert_array_equal(np.isnan(arrays["coef"]), [True, True, False, False])
    np.testing.assert_array_equal(
        np.isnan(arrays["local_coef"]).all(axis=0), [True, True, False, False]
    )
    assert record(root, "lasso")[0]["n_features"] == len(split.feature_names)


def test_coefficients_of_numbers_stand_beside_those_of_the_matrix(run):
    _, _, split = run
    names = split.feature_names
    placed = details._at(names, split, True, np.array([np.nan, np.nan, 3.0, 4.0]))
    there = {name: value for name, value in zip(names, placed, strict=True) if value == value}
    assert there == {"age": 3.0, "x": 4.0}
    placed = details._at(names, split, False, np.arange(float(len(names))))
    np.testing.assert_array_equal(placed, np.arange(len(names)))


def test_a_fit_of_a_frame_is_not_explained_and_says_why(run):
    root, settings, _ = run
    for method in settings["methods"]:
        explaining.Explanations(settings, "mine", method, "logs/e.log", root).run([0])
    told = {
        method: explaining.read(root / explaining.folder_of("r", "mine", method) / "split0.json")[
            0
        ]["facts"]
        for method in settings["methods"]
    }
    assert told["lasso"]["status"] == "ok"
    assert told["nimo_plus"]["status"] == "skipped"
    assert "probes move numbers" in told["nimo_plus"]["error"]["message"]
