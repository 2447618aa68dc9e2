"""NIMO+ on frames as users have them: what columns are, and what a model says of them."""

import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from nimo import NIMOPlusClassifier, NIMOPlusRegressor, NIMORegressor

EFFECTS = {"red": -2.0, "green": -0.5, "blue": 0.5, "grey": 2.0}
SIZES = ["small", "middle", "large"]


def table(n=300, seed=0):
    """A frame with columns of each kind, and a response without noise."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "colour": rng.choice(list(EFFECTS), n, p=[0.5, 0.2, 0.2, 0.1]),
            "size": pd.Categorical(rng.choice(SIZES, n), SIZES, ordered=True),
            "on": rng.random(n) > 0.5,
            "side": rng.choice(["left", "right"], n),
            "age": rng.normal(40, 10, size=n),
        }
    )
    y = frame["x"] + frame["colour"].map(EFFECTS) + 0.5 * frame["size"].cat.codes
    y = y + 0.7 * frame["on"] + 1.2 * (frame["side"] == "right")
    frame.loc[rng.random(n) < 0.2, "age"] = np.nan
    return frame, y + (0.1 * (frame["age"] - 40)).fillna(2.0)


@pytest.fixture(scope="module")
def fitted():
    frame, y = table()
    y = y + 0.1 * np.random.default_rng(1).normal(size=len(y))
    return NIMOPlusRegressor(n_structures=1, max_order=2).fit(frame, y), frame, y


def test_every_kind_of_column_is_read(fitted):
    model, frame, y = fitted
    assert model.score(frame, y) > 0.97
    assert list(model.feature_names_in_) == list(frame.columns)
    assert model.n_features_in_ == 6
    assert model.levels_ == {
        "colour": sorted(EFFECTS),
        "size": SIZES,
        "side": ["left", "right"],
    }
    coef = dict(zip(frame.columns, model.coef_, strict=True))
    wanted = {"x": 1, "size": 0.5, "on": 0.7, "side": 1.2, "age": 0.1, "colour": 0}
    assert coef == pytest.approx(wanted, abs=0.1)


def test_levels_have_mean_0_over_the_rows_and_an_unseen_one_is_there(fitted):
    model, frame, _ = fitted
    found = model.level_effects("colour").set_index("level")["effect"]
    truth = pd.Series(EFFECTS) - frame["colour"].map(EFFECTS).mean()
    pd.testing.assert_series_equal(
        found, truth[found.index], atol=0.1, rtol=0, check_names=False, check_index_type=False
    )
    assert frame["colour"].map(found).mean() == pytest.approx(0, abs=1e-12)
    assert list(found.index) == ["grey", "blue", "green", "red"]
    np.testing.assert_allclose(model.shape("colour", ["violet", "red"]), [0, found["red"]])
    sides = model.level_effects("side").set_index("level")["effect"]
    assert sides["right"] - sides["left"] == pytest.approx(model.coef_[4])
    other = frame.assign(colour="violet", side="middle")
    assert np.isfinite(model.predict(other)).all()
    with pytest.raises(ValueError, match="'x' is no category"):
        model.level_effects("x")


def test_a_missing_number_has_an_effect_of_its_own(fitted):
    model, frame, y = fitted
    (effect,) = model.shape("age", [np.nan])
    assert effect == pytest.approx(2 - 0.1 * (frame["age"].mean() - 40), abs=0.1)
    # the effect is beside the baseline value: all else is what a row there has
    there = model.predict(frame.assign(age=model.baseline_[5]))
    np.testing.assert_allclose(model.predict(frame.assign(age=np.nan)), there + effect)


def test_what_is_missing_in_prediction_alone_is_at_the_baseline(fitted):
    model, frame, _ = fitted
    at_baseline = model.predict(frame.assign(x=model.baseline_[0]))
    np.testing.assert_allclose(model.predict(frame.assign(x=np.nan)), at_baseline)
    sized = frame.assign(size=pd.Categorical([None] * len(frame), SIZES, ordered=True))
    at_baseline = frame["size"].cat.codes.map(lambda code: model.baseline_[2] - code)
    change = model.predict(sized) - model.predict(frame)
    if (2,) not in model.model_.terms and not model.interaction_features_[2]:
        np.testing.assert_allclose(change, model.coef_[2] * at_baseline)


def test_a_missing_category_is_a_level():
    frame, _ = table()
    frame.loc[frame["colour"] == "grey", "colour"] = None
    y = frame["colour"].map(EFFECTS).fillna(3.0) + 0.1 * frame["x"]
    model = NIMOPlusRegressor(n_structures=1).fit(frame, y)
    assert model.levels_["colour"] == ["blue", "green", "red", None]
    assert model.predict(frame[frame["colour"].isna()]).mean() == pytest.approx(3.0, abs=0.2)
    top = model.level_effects("colour").iloc[0]
    assert top["level"] is None and top["effect"] > 2


def test_a_category_can_act_with_a_number():
    frame, _ = table(400)
    slope = frame["colour"].map({"red": 1.0, "green": -1.0, "blue": 2.0, "grey": 0.0})
    y = slope * frame["x"] + 0.1 * np.random.default_rng(2).normal(size=400)
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(frame, y)
    assert (0, 1) in model.model_.terms
    other, _ = table(400, seed=5)
    truth = other["colour"].map({"red": 1.0, "green": -1.0, "blue": 2.0, "grey": 0.0}) * other["x"]
    assert np.corrcoef(model.predict(other), truth)[0, 1] > 0.97
    # nothing of the surface is in the coefficient, the slope at the mean of the rows' levels
    assert model.coef_[0] == pytest.approx(slope.mean(), abs=0.15)
    surface = model.surface(["x", "colour"], [[1.0, "violet"], [model.baseline_[0], "red"]])
    np.testing.assert_allclose(surface, 0, atol=1e-12)
    assert "p(x, colour)" in model.formula()


def test_coefficients_are_the_gradient_at_the_baseline_of_a_frame():
    frame, y = table(400)
    slope = frame["colour"].map({"red": 1.0, "green": -1.0, "blue": 2.0, "grey": 0.0})
    y = y + slope * frame["x"] + frame["x"] ** 2 + 0.1 * np.random.default_rng(0).normal(size=400)
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(frame, y)
    assert (0, 1) in model.model_.terms and (0,) in model.model_.terms
    there = pd.DataFrame({"x": [model.baseline_[0]] * 3, "colour": "violet", "age": np.nan})
    there["age"] = model.baseline_[5]
    there["size"] = pd.Categorical([None] * 3, SIZES, ordered=True)
    there["side"], there["on"] = None, [None] * 3  # neither of the two: at their mean
    there = there[list(frame)].astype({"on": "boolean"})
    assert model.predict(there[:1])[0] == pytest.approx(model._at_baseline)
    step = 1e-4
    for name in ("x", "age"):
        j = list(frame).index(name)
        there[name] = model.baseline_[j] + np.array([-step, 0, step])
        low, _, high = model.predict(there)
        assert (high - low) / (2 * step) == pytest.approx(model.coef_[j], abs=1e-3)
        there[name] = model.baseline_[j]


def test_pieces_add_up_with_categories_and_gaps(fitted):
    model, frame, _ = fitted
    total = model._at_baseline + sum(model.term_contributions(frame).values())
    np.testing.assert_allclose(total, model.predict(frame), atol=1e-9)
    by_feature = model.contributions(frame).sum(1) + model.local_intercept(frame)
    np.testing.assert_allclose(by_feature, model.predict(frame), atol=1e-9)
    rows = {row["feature"]: row for row in model.row_table(frame[:1])}
    assert rows["colour"]["value"] == frame["colour"][0]
    assert frame["colour"][0] in model.row_text(frame[:1])
    kinds = dict(zip(frame.columns, model.term_kinds(), strict=True))
    assert kinds["colour"] == "levels" and kinds["x"] == "linear"
    assert "levels(colour)" in model.formula() and "(side = right" in model.formula()


def test_effects_of_categories_are_differences_not_slopes(fitted):
    model, frame, _ = fitted
    slopes, steps = model.marginal_effects(frame), model.forward_marginal_effects(frame)
    assert np.isnan(slopes[:, 1]).all() and np.isnan(steps[:, 1]).all()
    np.testing.assert_allclose(steps[:, 4], model.coef_[4])  # from the left side to the right
    gone = frame["age"].isna()
    np.testing.assert_array_equal(np.isnan(slopes[:, 5]), gone)
    assert model.average_marginal_effects(frame).effect[5] == pytest.approx(0.1, abs=0.02)


def test_a_drawing_has_the_levels():
    pytest.importorskip("matplotlib")
    frame, y = table(200)
    y = y + frame["x"] * (frame["colour"] == "red") * 2
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(frame, y)
    figure = model.draw(frame)
    words = {text.get_text() for ax in figure.axes for text in ax.get_yticklabels()}
    assert set(EFFECTS) <= words
    (ax,) = [ax for ax in figure.axes if ax.get_xlabel() == "levels of colour, 95 % interval"]
    ends = np.array(ax.collections[0].get_segments())[:, :, 0]
    levels = [text.get_text() for text in ax.get_yticklabels()]
    np.testing.assert_allclose(ends, model.term_interval("colour", levels))


def test_an_ordered_category_is_drawn_level_by_level_in_its_order():
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(3)
    sizes = ["S", "M", "L"]
    size = pd.Categorical(rng.choice(sizes, 300), sizes, ordered=True)
    X = pd.DataFrame({"size": size, "z": rng.uniform(-2, 2, 300)})
    y = 3.0 * (size == "L") + X.z + 0.2 * rng.normal(size=300)
    model = NIMOPlusRegressor(n_structures=1).fit(X, y)
    assert model.nonlinear_features_[0]
    (panel,) = [ax for ax in model.draw(X).axes if ax.get_xlabel().startswith("levels of size")]
    assert [tick.get_text() for tick in panel.get_yticklabels()] == sizes
    drawn = panel.lines[0].get_xdata()
    at = pd.DataFrame({"size": pd.Categorical(sizes, sizes, ordered=True), "z": 0.0})
    np.testing.assert_allclose(np.diff(drawn), np.diff(model.predict(at)))


def test_a_feature_of_two_values_is_drawn_at_those():
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(size=300), "sex": rng.choice([1.0, 2.0], 300)})
    y = frame["age"] * (2 * frame["sex"] - 3) + 0.1 * rng.normal(size=300)
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(frame, y)
    (surface,) = [ax for ax in model.draw(frame).axes if ax.get_xlabel() == "age"]
    assert [text.get_text() for text in surface.get_yticklabels()] == ["1", "2"]
    assert surface.collections[0].get_array().shape[0] == 2


def test_thousands_of_levels_cost_no_column_each():
    rng = np.random.default_rng(0)
    code = rng.integers(0, 3000, size=4000)
    code[:2000] = rng.integers(0, 5, size=2000)
    effect = rng.normal(size=3000)
    frame = pd.DataFrame({"id": code.astype(str), "x": rng.normal(size=4000)})
    y = frame["x"] + effect[code]
    model = NIMOPlusRegressor(n_structures=1, max_order=1, noise="normal").fit(frame, y)
    assert len(model.level_effects("id")) == len(set(code))
    assert model.model_.functions.bases[0].count <= 251
    often = frame[:2000]
    assert np.corrcoef(model.predict(often), y[:2000])[0, 1] > 0.98


def test_classes_of_a_frame():
    frame, y = table()
    model = NIMOPlusClassifier(n_structures=1, max_order=1).fit(frame, np.digitize(y, [0, 2]))
    assert model.score(frame, np.digitize(y, [0, 2])) > 0.85
    effects = model.level_effects("colour")
    assert list(effects.columns) == ["level", 0, 1, 2]
    pd.testing.assert_series_equal(
        effects[0], pd.Series(model.shape("colour", effects["level"])[:, 0]), check_names=False
    )


# ---------------------------------------------------------------- forms of the same table


def test_polars_and_pandas_are_the_same_model(fitted):
    pl = pytest.importorskip("polars")
    model, frame, y = fitted
    there = frame.drop(columns="size").assign(size=frame["size"].cat.codes)
    other = pl.DataFrame({name: there[name].to_numpy() for name in there if name != "colour"})
    for kind in (pl.String, pl.Categorical, pl.Enum(sorted(EFFECTS))):
        colour = pl.Series("colour", list(there["colour"]), dtype=kind)
        same = other.with_columns(colour, pl.col("age").fill_nan(None)).select(list(there))
        ours = clone(model).fit(same, y)
        np.testing.assert_allclose(ours.predict(same), model.predict(frame), atol=1e-8)
        np.testing.assert_allclose(ours.predict(same), ours.predict(there), atol=1e-12)


def test_the_form_of_a_column_does_not_matter(fitted):
    model, frame, y = fitted
    forms = frame.assign(
        colour=frame["colour"].astype("category"),
        on=frame["on"].astype("boolean"),
        age=frame["age"].astype("Float64"),
        side=frame["side"].astype(object),
        x=frame["x"].astype(object),
    )
    np.testing.assert_allclose(
        clone(model).fit(forms, y).predict(forms), model.predict(frame), atol=1e-9
    )
    with pytest.warns(UserWarning, match="feature names"):
        np.testing.assert_array_equal(
            model.predict(frame.to_numpy(dtype=object)), model.predict(frame)
        )


def test_order_of_rows_and_names_of_levels_do_not_matter(fitted):
    model, frame, y = fitted
    order = np.random.default_rng(0).permutation(len(frame))
    mixed = clone(model).fit(frame.iloc[order], y.iloc[order])
    np.testing.assert_allclose(mixed.predict(frame), model.predict(frame), atol=1e-7)
    words = dict(zip(EFFECTS, "dbca", strict=True))
    renamed = frame.assign(colour=frame["colour"].map(words))
    other = clone(model).fit(renamed, y)
    np.testing.assert_allclose(other.predict(renamed), model.predict(frame), atol=1e-7)


def test_gaps_in_an_array():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = X[:, 0] + 0.1 * rng.normal(size=300)
    X[::5, 0], y[::5] = np.nan, 2.0
    model = NIMOPlusRegressor(n_structures=1).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.predict([[np.nan, 0, 0]])[0] == pytest.approx(2, abs=0.1)
    with pytest.raises(ValueError, match="infinity"):
        model.predict([[np.inf, 0, 0]])


def test_an_array_of_objects_is_a_frame_without_names(fitted):
    """Bagging and stacking make one of a frame."""
    model, frame, y = fitted
    names = [name for name in frame if name != "size"]  # without an order it is text
    few = clone(model).set_params(max_order=1, noise="normal")
    other = clone(few).fit(frame[names].to_numpy(dtype=object), y)
    assert list(other.levels_) == ["x2", "x4"]
    np.testing.assert_allclose(
        other.predict(frame[names].to_numpy(dtype=object)),
        few.fit(frame[names], y).predict(frame[names]),
    )
    many = BaggingRegressor(few, 3, random_state=0).fit(frame[names], y)
    assert many.score(frame[names], y) > 0.8


@pytest.mark.parametrize("values", [["a"] * 50, [None] * 50, [f"a{i}" for i in range(50)]])
def test_a_category_that_says_nothing_has_no_effect(values):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=50), "z": rng.normal(size=50), "c": values})
    model = NIMOPlusRegressor(max_order=2).fit(frame, frame["x"] + 0.1 * rng.normal(size=50))
    assert not model.selected_features_[2]
    np.testing.assert_array_equal(model.predict(frame), model.predict(frame.assign(c="new")))


# ---------------------------------------------------------------- what cannot be used


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pd.date_range("2024-01-01", periods=20), "'odd' holds dates"),
        (pd.timedelta_range("1h", periods=20), "'odd' holds dates"),
        ([datetime.date(2024, 1, 1)] * 20, "'odd' holds dates"),
        ([[1, 2]] * 20, "'odd' holds list objects"),
        (np.r_[np.inf, np.zeros(19)], "infinity: column 'odd'"),
        (pd.period_range("2024-01", periods=20, freq="M"), "'odd'"),
        (np.arange(20) * 1j, "'odd'"),
    ],
)
def test_a_column_that_cannot_be_used_is_named(values, words):
    frame = pd.DataFrame({"x": np.arange(20.0), "odd": values})
    with pytest.raises(ValueError, match=words) as caught:
        NIMOPlusRegressor().fit(frame, np.arange(20.0))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "dates",
    [
        pd.date_range("2024-01-01", periods=20),
        pd.Series(pd.date_range("2024-01-01", periods=20, tz="UTC")),
        pd.timedelta_range("1h", periods=20),
        [datetime.date(2024, 1, 1)] * 20,
    ],
)
def test_dates_are_no_response(dates):
    X = np.arange(20.0)[:, None]
    for model in (NIMOPlusRegressor(), NIMORegressor(max_iter=2)):
        with pytest.raises(ValueError, match="y holds dates or times"):
            model.fit(X, dates)
    with pytest.raises(ValueError, match="y_val holds dates or times"):
        model.fit(X, X[:, 0], X_val=X, y_val=dates)


def test_columns_that_have_changed_are_named(fitted):
    model, frame, _ = fitted
    with pytest.raises(ValueError, match="'x' held numbers in training, got 'a'"):
        model.predict(frame.assign(x="a"))
    with pytest.raises(ValueError, match="'colour' held the levels .* got 1"):
        model.predict(frame.assign(colour=1.0))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"x": "z"}))
    twice = pd.concat([frame, frame[["x"]]], axis=1)
    with pytest.raises(ValueError, match="more than one column 'x'"):
        NIMOPlusRegressor().fit(twice, np.arange(len(frame)))
    pl = pytest.importorskip("polars")
    with pytest.raises(TypeError, match="lazy frame"):
        NIMOPlusRegressor().fit(pl.LazyFrame({"x": [1.0, 2.0]}), [1.0, 2.0])


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan")])
def test_rows_whose_number_is_nothing_at_all_are_at_the_baseline(fitted, missing):
    """A frame of JSON's rows has a column of objects then."""
    model, frame, _ = fitted
    wanted = model.predict(frame[:2].assign(x=np.nan))
    rows = frame[:2].assign(x=pd.Series([missing, missing], dtype=object))
    np.testing.assert_allclose(model.predict(rows), wanted)
    np.testing.assert_allclose(model.predict(rows[:1]), wanted[:1])
    with pytest.raises(ValueError, match="'x' held numbers in training, got 'a'"):
        model.predict(frame[:3].assign(x=[missing, 1.0, "a"]))


def test_a_column_of_polars_without_type_is_missing(fitted):
    pl = pytest.importorskip("polars")
    _, frame, y = fitted
    numbers = frame[["x", "age"]]
    model = NIMOPlusRegressor(n_structures=1, max_order=1, noise="normal").fit(numbers, y)
    row = pl.DataFrame({"x": [None], "age": [40.0]})
    wanted = model.predict(pd.DataFrame({"x": [np.nan], "age": [40.0]}))
    np.testing.assert_array_equal(model.predict(row), wanted)


def test_text_where_the_levels_were_numbers_is_named():
    codes = np.tile([1, 2, 3], 20)
    frame = pd.DataFrame({"x": np.linspace(0, 1, 60), "c": pd.Categorical(codes)})
    model = NIMOPlusRegressor(n_structures=1, max_order=1, noise="normal").fit(frame, codes**2)
    for text in (frame["c"].astype(str), frame["c"].astype(str).astype("category")):
        with pytest.raises(ValueError, match="'c' held the levels 1, 2, 3 in training, got '1'"):
            model.predict(frame.assign(c=text))
    np.testing.assert_array_equal(
        model.predict(frame.assign(c=codes)), model.predict(frame.assign(c=codes.astype(float)))
    )


@pytest.mark.filterwarnings("ignore:X has feature names")
def test_columns_whose_names_are_integers():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({1: rng.normal(size=60), 2: rng.normal(size=60), 3: ["a", "b", "c"] * 20})
    y = X[1] - 2 * X[2] + (X[3] == "b")
    base = NIMOPlusRegressor(n_structures=1, max_order=1, noise="normal")
    model = clone(base).fit(X, y)
    assert list(model.levels_) == ["3"] and "levels(3)" in model.formula()
    assert [row["feature"] for row in model.term_table()] == ["1", "2", "3"]
    assert len(model.level_effects("3")) == 3
    wanted = model.predict(X)
    np.testing.assert_array_equal(model.predict(X.set_axis(list("123"), axis=1)), wanted)
    np.testing.assert_array_equal(model.predict(X.to_numpy()), wanted)
    with pytest.raises(ValueError, match="got 2 in place of 1"):
        model.predict(X[[2, 1, 3]])
    with pytest.raises(ValueError, match="got 0 in place of 1"):
        model.predict(X.set_axis(range(3), axis=1))
    with pytest.raises(ValueError, match="monotonic_cst: 1 is the name .* as text, '1'"):
        clone(base).set_params(monotonic_cst={1: -1}).fit(X, y)
    held = clone(base).set_params(monotonic_cst={"1": -1}).fit(X, y)
    assert abs(held.coef_[0]) < 1e-6 and held.coef_[1] < -1
    turned = clone(base).set_params(baseline=pd.Series({2: 2.0, 3: 0.0, 1: 1.0})).fit(X, y)
    np.testing.assert_array_equal(turned.baseline_, [1, 2, 0])
    array = clone(base).fit(X[[1, 2]].to_numpy(), y)
    # rows of an array that lie in memory as those of a frame are read; others may round otherwise
    rows = np.ascontiguousarray(X[[1, 2]])
    np.testing.assert_array_equal(array.predict(X[[1, 2]]), array.predict(rows))


# ---------------------------------------------------------------- scikit-learn


def test_pipelines_searches_and_inspection(fitted):
    model, frame, y = fitted
    base = clone(model).set_params(max_order=1, noise="normal")
    search = GridSearchCV(base, {"level": [0.1, 0.5]}, cv=2).fit(frame, y)
    assert search.best_score_ > 0.9
    shifted = FunctionTransformer(lambda one: one.assign(age=one["age"] - 40))
    assert make_pipeline(shifted, clone(base)).fit(frame, y).score(frame, y) > 0.97
    found = partial_dependence(model, frame, ["colour"], categorical_features=["colour"])
    effects = model.level_effects("colour").set_index("level")["effect"]
    own = found["average"][0]
    levels = found["grid_values"][0]
    if not model.interaction_features_[1]:
        np.testing.assert_allclose(own - own[0], effects[levels] - effects[levels[0]], atol=1e-9)
    importance = permutation_importance(model, frame, y, n_repeats=1, random_state=0)
    assert importance.importances_mean[1] > 0.3


def test_a_transformer_that_gives_frames_comes_before():
    frame, y = table()
    numbers = frame[["x", "age"]]
    steps = make_pipeline(StandardScaler(), NIMOPlusRegressor(n_structures=1, max_order=1))
    steps.set_output(transform="pandas").fit(numbers, y)
    assert list(steps[-1].feature_names_in_) == ["x", "age"]
    assert np.isfinite(steps.predict(numbers)).all()


@pytest.mark.slow
def test_shapley_values_of_a_frame():
    """SHAP compares values by their difference, so text is not among them."""
    shap = pytest.importorskip("shap")
    frame, y = table(200)
    numbers = frame[["x", "on", "age"]].astype(float)
    model = NIMOPlusRegressor(n_structures=1, max_order=1).fit(numbers, y)
    values = shap.Explainer(model.predict, numbers[:20], algorithm="exact")(numbers[:5])
    total = values.values.sum(1) + values.base_values
    np.testing.assert_allclose(total, model.predict(numbers[:5]), atol=1e-8)
