"""A fitted NIMO+ as a document, as Python, as SQL: each predicts what the model predicts."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nimo import NIMOPlusClassifier, NIMOPlusRegressor
from nimo.export.document import decoded, encoded

ROWS = 10_000
LEVELS = ["a", "b", "it's", "d"]


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            'the "z"': rng.normal(size=n),
            "kind": rng.choice(LEVELS, n),
            "size": pd.Categorical(rng.choice(["s", "m", "l"], n), ["s", "m", "l"], ordered=True),
            "number": pd.Categorical(rng.integers(1, 4, n)),
            "side": rng.choice(["left", "right"], n),
            "on": rng.random(n) > 0.5,
        }
    )
    effect = frame["kind"].map(dict(zip(LEVELS, [-1.0, 0.0, 0.5, 2.0], strict=True)))
    eta = np.sin(2 * frame["x"]) + effect * (1 + frame['the "z"']) + 0.5 * frame["size"].cat.codes
    eta = eta + frame["on"] * (frame["side"] == "left") + (frame["number"] == 2)
    for place, name in enumerate(frame):
        frame[name] = frame[name].astype(object) if name == "on" else frame[name]
        frame.loc[place :: 11 + place, name] = None
    return frame, eta + frame["x"].isna()


def response(kind, eta, rng):
    if kind == "poisson":
        return rng.poisson(np.exp(0.5 * eta))
    if kind == "two":
        return np.where(eta + rng.logistic(size=len(eta)) > 0.5, "yes", "no")
    if kind == "three":
        return np.digitize(eta + rng.logistic(size=len(eta)), [0, 1.5])
    return eta + 0.2 * rng.normal(size=len(eta))


MODELS = {
    "gaussian": NIMOPlusRegressor(n_structures=1, max_order=2),
    "poisson": NIMOPlusRegressor(family="poisson", n_structures=1, max_order=1),
    "two": NIMOPlusClassifier(n_structures=1, max_order=2),
    "three": NIMOPlusClassifier(n_structures=1, max_order=1),
}


@pytest.fixture(scope="module", params=MODELS)
def fitted(request):
    """A model, rows that it has not seen with levels that it has not seen, what it says of them."""
    frame, eta = table(500)
    y = response(request.param, eta.fillna(0), np.random.default_rng(1))
    model = clone(MODELS[request.param]).fit(frame, y)
    rows, _ = table(ROWS, seed=2)
    rows["kind"], rows["x"] = rows["kind"].mask(rows.index % 13 == 0, "new"), 2 * rows["x"]
    rows["side"] = rows["side"].mask(rows.index % 17 == 0, "above")
    return model, rows, says(model, rows)


def says(model, rows):
    return model.predict_proba(rows) if hasattr(model, "predict_proba") else model.predict(rows)


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12 * np.abs(wanted).max())


def plain(rows):
    """The rows in Python's types, None where missing."""
    return rows.astype(object).where(rows.notna(), None)


def database(rows):
    connection = sqlite3.connect(":memory:")
    names = ['"' + str(name).replace('"', '""') + '"' for name in rows]
    connection.execute(f"CREATE TABLE given (id, {', '.join(names)})")
    marks = ", ".join("?" * (1 + len(names)))
    values = (
        tuple(int(v) if isinstance(v, bool | np.bool_) else v for v in row)
        for row in plain(rows).itertuples(name=None)
    )
    connection.executemany(f"INSERT INTO given VALUES ({marks})", values)
    return connection


def selected(model, rows, **options):
    statement = model.to_sql("given", keys=["id"], **options)
    found = np.array(sorted(database(rows).execute(statement).fetchall()), dtype=float)
    assert list(found[:, 0]) == list(range(len(rows)))
    return found[:, 1] if found.shape[1] == 2 else found[:, 1:]


def module(model):
    space = {}
    exec(model.to_python(), space)
    return space


def test_a_document_holds_the_whole_model(fitted):
    model, rows, wanted = fitted
    text = json.dumps(model.to_dict(posterior=True), allow_nan=False)
    again = type(model).from_dict(json.loads(text))
    same(says(again, rows), wanted)
    np.testing.assert_array_equal(again.coef_, model.coef_)
    assert again.terms_ == model.terms_ and again.levels_ == model.levels_
    assert again.get_params() == model.get_params()
    assert again.fit_info_ == model.fit_info_
    assert json.dumps(again.to_dict(posterior=True), allow_nan=False) == text
    pd.testing.assert_frame_equal(again.level_effects("kind"), model.level_effects("kind"))
    clone(again)


def test_python_alone_predicts_the_same(fitted):
    model, rows, wanted = fitted
    space = module(model)
    given = plain(rows).to_dict("records")
    answer = space["predict_proba" if wanted.ndim > 1 else "predict"]
    same(np.array([answer(row) for row in given]), wanted)
    if wanted.ndim > 1:
        labels = [space["predict"](row) for row in given[:200]]
        assert labels == list(model.predict(rows[:200]))
    lines = model.to_python().splitlines()
    imports = [line for line in lines if line.startswith(("import", "from"))]
    assert imports == ["import math", "from bisect import bisect_right"]


def test_a_select_predicts_the_same(fitted):
    model, rows, wanted = fitted
    same(selected(model, rows), wanted)
    names = [
        one[0] for one in database(rows[:1]).execute(model.to_sql("given", column="p")).description
    ]
    classes = [f"p_{label}" for label in getattr(model, "classes_", [])]
    assert names == (classes or ["p"])


def test_curves_steps_and_far_rows():
    """An array has names x1, x2, ...; steps are splines of ranks."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.floor(2 * X[:, 0]) + X[:, 1] ** 2 + 0.1 * rng.normal(size=400)
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(X, y + 1e6)
    assert {"curve", "steps"} <= {piece.kind for piece in model.model_.parts}
    far = np.vstack([3 * rng.normal(size=(500, 2)), X, [[1e6, -1e6], [np.nan, 0.0]]])
    rows = pd.DataFrame(far, columns=["x1", "x2"])
    same(selected(model, rows), model.predict(far))
    answer = module(model)["predict"]
    same(np.array([answer(row) for row in rows.to_dict("records")]), model.predict(far))


def test_modulations_and_products_of_three():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    y = X[:, 0] * np.sin(2 * X[:, 1] + X[:, 2]) + 0.05 * rng.normal(size=200)
    model = NIMOPlusRegressor(n_structures=1, noise="normal").fit(X, y)
    assert "modulation" in {piece.kind for piece in model.model_.parts}
    rows = pd.DataFrame(rng.normal(size=(1000, 4)), columns=["x1", "x2", "x3", "x4"])
    wanted = model.predict(rows.to_numpy())
    same(selected(model, rows), wanted)
    answer = module(model)["predict"]
    same(np.array([answer(row) for row in rows.to_dict("records")]), wanted)
    again = NIMOPlusRegressor.from_dict(json.loads(json.dumps(model.to_dict())))
    same(again.predict(rows.to_numpy()), wanted)


def test_a_model_of_nothing():
    X, y = np.zeros((20, 2)), np.arange(20.0)
    model = NIMOPlusRegressor().fit(X, y)
    rows = pd.DataFrame({"x1": [0.0, 5.0], "x2": [1.0, np.nan]})
    same(selected(model, rows), [9.5, 9.5])
    assert module(model)["predict"]({}) == pytest.approx(9.5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other"}, "from_dict takes"),
        ({"version": 1}, "version 1, this package reads version 2"),
        ({"estimator": "NIMOPlusClassifier"}, "holds a NIMOPlusClassifier"),
        ({"fitted": {"model_": {"class": "Popen", "fields": {}}}}, "unknown class .*'Popen'"),
        ({"fitted": {"model_": {"class": "Column", "fields": {"name": "x"}}}}, "other fields"),
        ({"fitted": {"model_": {"array": [1], "shape": [1], "dtype": "O8i"}}}, "data type|arrays"),
        ({"fitted": {"model_": {"code": "exit()"}}}, "unknown entry"),
        ({"fitted": {"predict": 1.0}}, "'predict'"),
    ],
)
def test_a_document_of_something_else_is_refused(change, words):
    model = NIMOPlusRegressor(max_order=1).fit(np.arange(20.0)[:, None], np.arange(20.0))
    with pytest.raises((ValueError, TypeError), match=words):
        NIMOPlusRegressor.from_dict({**model.to_dict(), **change})


def test_a_family_that_cannot_be_written_is_named():
    model = NIMOPlusRegressor(max_order=1).fit(np.arange(20.0)[:, None], np.arange(20.0))
    model.family_ = "cauchy"
    for write in (model.to_python, lambda: model.to_sql("given")):
        with pytest.raises(NotImplementedError, match="not 'cauchy'"):
            write()


def test_what_a_document_cannot_hold_is_said():
    with pytest.raises(TypeError, match="function"):
        encoded(lambda: 0)
    for value in (float("nan"), float("-inf"), (1, "a"), {(0, 1): [None, True]}):
        assert repr(decoded(json.loads(json.dumps(encoded(value))))) == repr(value)


def test_without_its_posterior_a_document_is_small_and_says_what_it_lacks(fitted):
    model, rows, _ = fitted
    whole = json.dumps(model.to_dict(posterior=True))
    small = json.dumps(model.to_dict())
    assert len(small) < len(whole)
    again = type(model).from_dict(json.loads(small))
    np.testing.assert_array_equal(again._eta(rows), model._eta(rows))
    np.testing.assert_array_equal(again.coef_std_, model.coef_std_)
    for asked in (lambda: again.model_.moments(np.zeros((1, 1))), lambda: again.path_):
        with pytest.raises(AttributeError, match="posterior=True"):
            asked()


def test_sql_of_a_constant_and_with_one_key():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["a", "b"])
    model = NIMOPlusRegressor(max_order=1, n_structures=1).fit(X, X["a"])
    base = sqlite3.connect(":memory:")
    X.to_sql("t", base, index_label="id")
    assert len(base.execute(model.with_terms(0).to_sql("t")).fetchall()) == 60
    keys, found = zip(*base.execute(model.to_sql("t", keys="id")).fetchall(), strict=True)
    np.testing.assert_allclose(found, model.predict(X.iloc[list(keys)]), rtol=1e-10)


@pytest.fixture(scope="module")
def small():
    """A model of x, age and the levels c, and its rows."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=60), "age": rng.normal(40, 9, 60), "c": ["a", "b"] * 30})
    y = X["x"] + 0.1 * X["age"] + (X["c"] == "b")
    return NIMOPlusRegressor(max_order=1, n_structures=1).fit(X, y), X


def test_sql_of_a_column_that_the_table_lacks_is_an_error(small):
    """SQLite takes an unknown quoted name for text, unless it is said of which table it is."""
    model, X = small
    base = sqlite3.connect(":memory:")
    X.drop(columns="age").to_sql("t", base)
    X.to_sql("whole", base)
    for statement in (model.to_sql("t"), model.to_sql("whole", keys=["id"])):
        with pytest.raises(sqlite3.OperationalError, match="no such column"):
            base.execute(statement)


@pytest.mark.parametrize("table", ["inputs", "Places", "PREDICTORS", "functions0", "ts0_0"])
def test_a_table_may_have_the_name_of_a_stage_and_a_schema(table):
    X = pd.DataFrame({"x": np.linspace(-2, 2, 80)})
    model = NIMOPlusRegressor(max_order=1, n_structures=1).fit(X, np.sin(2 * X["x"]))
    assert "ts0_0" in model.to_sql("t")
    base = sqlite3.connect(":memory:")
    X.to_sql(table, base, index_label="id")
    for given in (table, ("main", table)):
        found = sorted(base.execute(model.to_sql(given, keys="id")).fetchall())
        np.testing.assert_allclose([p for _, p in found], model.predict(X), rtol=1e-10)


def test_a_row_of_python_names_all_columns_and_may_have_missing_values(small):
    model, X = small
    answer = module(model)["predict"]
    row = {"x": 0.5, "age": 50.0, "c": "b"}
    for lacking in row:
        with pytest.raises(KeyError, match=lacking):
            answer({key: value for key, value in row.items() if key != lacking})
    for name in row:
        wanted = model.predict(pd.DataFrame([row | {name: None}]))[0]
        for missing in (None, float("nan"), np.float32("nan"), pd.NA, pd.NaT):
            assert answer(row | {name: missing}) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("ordered", [True, False])
def test_levels_that_are_intervals_or_dates_are_known_by_their_text(ordered):
    rng = np.random.default_rng(0)
    bins = pd.cut(rng.uniform(0, 3, 90), [0, 1, 2, 3])
    days = pd.Categorical(rng.choice(pd.to_datetime(["2024-01-01", "2024-01-02"]), 90))
    X = pd.DataFrame({"b": pd.Categorical(bins, ordered=ordered), "day": days})
    y = 2.0 * X["b"].cat.codes.to_numpy() ** 2 + X["day"].cat.codes
    model = NIMOPlusRegressor(max_order=1, n_structures=1).fit(X, y)
    answer = module(model)["predict"]
    same(np.array([answer(row) for row in X.to_dict("records")]), model.predict(X))
    intervals = list(X["b"].cat.categories)
    effects = model.shape("b", list(map(str, intervals)))
    assert np.ptp(effects) > 0.1
    np.testing.assert_array_equal(model.shape("b", intervals), effects)


def test_a_document_holds_the_parameters_that_fit_takes(small):
    _, X = small
    X, y = X[["x", "age"]], X["x"]
    model = NIMOPlusRegressor(
        max_order=2,
        n_structures=1,
        baseline=X.median()[::-1],
        keep=X.columns[:1],
        monotonic_cst=pd.Series({"age": 0, "x": 1}),
        interaction_cst=[{0, "age"}],
    ).fit(X, y)
    np.testing.assert_allclose(model.baseline_, X.median())
    again = NIMOPlusRegressor.from_dict(json.loads(json.dumps(model.to_dict())))
    same(again.predict(X), model.predict(X))
    np.testing.assert_allclose(again.baseline, X.median())
    assert list(again.monotonic_cst) == [1, 0] and list(again.keep) == ["x"]
    same(clone(again).fit(X, y).predict(X), model.predict(X))
