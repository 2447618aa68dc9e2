"""Effects, the table of a row and the drawing, on functions whose answers are known by hand."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from nimo import NIMOClassifier, NIMOPlusClassifier, NIMOPlusRegressor, NIMORegressor
from nimo.drawing.nimo import _strengths
from nimo.paper.settings import Ablation
from nimo.reading.effects import two_values
from tests.nimo.toy import FAST, TASKS, predictor, toy_rows

PLUS = {"regression": NIMOPlusRegressor, "classification": NIMOPlusClassifier}


def build(name, task):
    """An estimator of the paper's model or of NIMO+."""
    return PLUS[task]() if name == "plus" else TASKS[task](**FAST)


def straight(name, task):
    """The same without anything but lines."""
    if name == "plus":
        return PLUS[task](max_order=1, level=1e-6, n_structures=1)
    return TASKS[task](**FAST, network=Ablation(use_correction=False))


class Known(NIMORegressor):
    """1 + (x1 - 1) (2 + 3 x2 x4) - x2 + x3^2, the baseline at (1, 0, 0, 0, 0)."""

    def __init__(self, family="gaussian"):
        super().__init__(family=family)

    def set(self, X):
        self.family_, self._at_baseline = self.family, 1.0
        X, _ = self._training_rows(X, np.zeros(len(X)))
        self.coef_ = np.array([2.0, -1.0, 0.0, 0.0, 0.0])
        self.baseline_ = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
        self.modulated_by_ = np.zeros((5, 5), dtype=bool)
        self.modulated_by_[0, [1, 3]] = True
        self.nonlinear_features_ = np.arange(5) == 2
        self.selected_features_ = np.array([True, True, True, False, False])
        self.interaction_features_ = self.modulated_by_.any(0)
        self._set_scale_of_rows(X)
        return self

    def _set_scale_of_rows(self, X):
        kept = self.baseline_
        self._set_scale(X)
        self.baseline_ = kept

    def _local_coef(self, X):
        local = np.tile(self.coef_, (len(X), 1))
        local[:, 0] += 3 * X[:, 1] * X[:, 3]
        return local

    def shape(self, feature, values):
        return np.asarray(values) ** 2 if feature == 2 else np.zeros(len(values))


def slopes(X):
    """The derivative of :class:`Known`, by hand."""
    x1, x2, x3, x4, _ = X.T
    parts = [2 + 3 * x2 * x4, 3 * (x1 - 1) * x4 - 1, 2 * x3, 3 * (x1 - 1) * x2, 0 * x1]
    return np.column_stack(parts)


def value(X):
    x1, x2, x3, x4, _ = X.T
    return 1 + (x1 - 1) * (2 + 3 * x2 * x4) - x2 + x3**2


@pytest.fixture
def rows():
    X = np.random.default_rng(6).uniform(-1, 1, (50, 5))
    X[:, 3] = np.where(X[:, 3] > 0, 3.0, -1.0)
    return X


def test_derivatives_and_their_mean(rows):
    model, expected = Known().set(rows), slopes(rows)
    np.testing.assert_allclose(model.marginal_effects(rows), expected, atol=1e-8)
    average = model.average_marginal_effects(rows)
    np.testing.assert_allclose(average.effect, expected.mean(0), atol=1e-8)
    np.testing.assert_allclose(average.std_error, expected.std(0, ddof=1) / np.sqrt(50), atol=1e-8)
    # Neither the effect at the baseline nor the mean local coefficient is the mean derivative.
    assert abs(average.effect[1] - model.coef_[1]) > 0.5
    assert abs(average.effect[1] - model.local_coef(rows)[:, 1].mean()) > 0.5
    assert np.isnan(model.average_marginal_effects(rows[:1]).std_error).all()


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_the_step_of_the_derivative_follows_the_unit_of_the_feature(offset):
    rng = np.random.default_rng(0)
    X = offset + 1e3 * rng.normal(size=(60, 2))
    y = 1e-3 * X[:, 0] + rng.normal(size=60)
    model = straight("tied", "regression").fit(X, y)
    found = model.marginal_effects(X)
    np.testing.assert_allclose(found, np.tile(model.coef_, (60, 1)), rtol=1e-6, atol=1e-12)


def test_a_step_changes_what_the_function_changes(rows):
    model = Known().set(rows)
    for step in (0.5, -2, [1, 2, 3, 4, 5]):
        expected = np.column_stack(
            [value(rows + np.eye(5)[j] * np.broadcast_to(step, 5)[j]) for j in range(5)]
        )
        found = model.forward_marginal_effects(rows, step)
        np.testing.assert_allclose(found, expected - value(rows)[:, None], atol=1e-12)


def test_default_step_is_a_standard_deviation_or_the_other_value(rows):
    model = Known().set(rows)
    found = model.forward_marginal_effects(rows)
    sd = rows[:, 2].std()
    np.testing.assert_allclose(found[:, 2], 2 * rows[:, 2] * sd + sd**2)
    # from -1 to 3, also in rows that have 3 already
    np.testing.assert_allclose(found[:, 3], 3 * (rows[:, 0] - 1) * rows[:, 1] * 4)
    assert (found[:, 4] == 0).all()


def test_the_spread_is_that_of_the_training_rows_without_standardising_too():
    X, y = toy_rows(100)
    model = straight("tied", "regression")
    model.set_params(baseline="zero", scale=False, validation_fraction=0).fit(X, y)
    expected = np.broadcast_to(model.coef_ * X.std(0), (3, 3))
    np.testing.assert_allclose(model.forward_marginal_effects(np.eye(3)), expected, atol=1e-9)


def test_two_values_are_told_from_one_and_three():
    X = np.array([[0.0, 5, 1, 0], [1, 5, 1, 1], [0, 5, 7, 2]])
    np.testing.assert_array_equal(two_values(X), [[0, np.nan, 1, np.nan], [1, np.nan, 7, np.nan]])


def test_response_of_counts(rows):
    model = Known("poisson").set(rows)
    found = model.marginal_effects(rows, scale="response")
    expected = np.exp(value(rows))[:, None] * slopes(rows)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(model.marginal_effects(rows), slopes(rows), atol=1e-8)
    step = model.forward_marginal_effects(rows, 0.5, scale="response")[:, 0]
    ahead = np.exp(value(rows + [0.5, 0, 0, 0, 0]))
    np.testing.assert_allclose(step, ahead - np.exp(value(rows)))


@pytest.mark.parametrize("name", ["tied", "plus"])
def test_in_a_linear_model_all_effects_are_the_coefficients(name, task):
    X, y = toy_rows(120, task=task)
    model = straight(name, task).fit(X, y)
    assert (model.coef_ != 0).any()
    average = model.average_marginal_effects(X)
    np.testing.assert_allclose(average.effect, model.coef_, atol=1e-7)
    np.testing.assert_allclose(average.std_error, 0, atol=1e-7)
    found = model.forward_marginal_effects(X, 2)
    np.testing.assert_allclose(found, np.tile(2 * model.coef_, (120, 1)), atol=1e-9)
    if task == "classification":
        p = model.predict_proba(X)[:, 1]
        average = model.average_marginal_effects(X, scale="response")
        np.testing.assert_allclose(average.effect, np.mean(p * (1 - p)) * model.coef_, atol=1e-7)


@pytest.mark.parametrize("name", ["tied", "plus"])
def test_effects_of_fitted_models_are_those_of_their_predictions(name, task):
    X, y = toy_rows(120, task=task)
    model = build(name, task).fit(X, y)
    at_baseline = model.marginal_effects(model.baseline_[None])[0]
    # the curvature of a shape jumps there
    np.testing.assert_allclose(at_baseline, model.coef_, atol=1e-4 if name == "plus" else 1e-7)
    # slopes of NIMO+ jump at its knots, which are values of the rows: ask between them
    rows = X if name == "tied" else toy_rows(120, seed=1, task=task)[0]
    found = model.marginal_effects(rows)
    step = 1e-4 * np.eye(3)
    expected = [(predictor(model, rows + h) - predictor(model, rows - h)) / 2e-4 for h in step]
    near = np.isclose(found.T, expected, rtol=1e-3, atol=1e-4)
    assert near.all() if name == "tied" else near.mean() > 0.95
    ahead = predictor(model, X + [0, 1, 0]) - predictor(model, X)
    np.testing.assert_allclose(model.forward_marginal_effects(X, 1)[:, 1], ahead, atol=1e-7)


def test_a_product_has_no_effect_at_the_baseline_and_slopes_everywhere_else():
    rng = np.random.default_rng(8)
    X = rng.uniform(-2, 2, (250, 3))
    y = X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=250)
    model = NIMOPlusRegressor(n_structures=1, baseline="zero").fit(X, y)
    found = model.marginal_effects(X)
    assert np.abs(model.coef_).max() < 0.05
    assert np.sqrt(np.mean((found - X[:, [1, 0, 2]] * [1, 1, 0]) ** 2)) < 0.05
    average = model.average_marginal_effects(X)
    assert (np.abs(average.effect) <= 3 * average.std_error).all()
    forward = model.forward_marginal_effects(X, 1)
    inside = X[:, 0] < 1  # a surface is constant beyond the rows
    np.testing.assert_allclose(forward[inside, 0], X[inside, 1], atol=0.3)


def test_bad_arguments_are_named(rows):
    model = Known().set(rows)
    with pytest.raises(ValueError, match="scale must be 'link' or 'response', got 'logit'"):
        model.average_marginal_effects(rows, scale="logit")
    for wrong in (0, np.nan, "one", [1, 2], [1, 1, 0, 1, 1]):
        with pytest.raises(ValueError, match="step must be"):
            model.forward_marginal_effects(rows, wrong)
    with pytest.raises(ValueError, match=r"names must be 5 words.*got \['a'\]"):
        model.row_text(rows, names=["a"])


def test_each_class_is_read_by_itself():
    X, eta = toy_rows(150)
    model = NIMOClassifier(**FAST).fit(X, np.digitize(eta, [-2, 2]))
    for read in (model.marginal_effects, model.forward_marginal_effects, model.row_table):
        with pytest.raises(AttributeError, match=r"estimators_\[k\]"):
            read(X)
    one = model.estimators_[0]
    assert one.average_marginal_effects(X).effect.shape == (3,)
    assert "log-odds" in one.row_text(X[:1])


# ------------------------------------------------------------------ one row


def test_table_of_a_row_by_hand(rows):
    model = Known().set(rows)
    table = model.row_table([[0.0, 2.0, 3.0, 1.0, 9.0]])
    assert [row["contribution"] for row in table] == [-8.0, -2.0, 9.0, 0.0, 0.0]
    assert table[0] == {
        "row": 0,
        "feature": "x1",
        "value": 0.0,
        "baseline": 1.0,
        "coef": 2.0,
        "local_coef": 8.0,
        "shape": 0.0,
        "contribution": -8.0,
    }
    assert table[2]["shape"] == 9.0
    lines = model.row_text([[0.0, 2.0, 3.0, 1.0, 9.0]]).splitlines()
    assert lines[0].split() == "row 0 value baseline coef local_coef shape contribution".split()
    assert [line.split()[0] for line in lines[1:5]] == ["x3", "x1", "x2", "x4"]
    assert lines[5].split() == "prediction at the baseline 1".split()
    assert lines[6].split() == "prediction 0".split()
    assert lines[7] == "1 of 5 features are not in the model"
    assert len({len(line) for line in lines[:7]}) == 1


@pytest.mark.parametrize("name", ["tied", "plus"])
def test_table_of_rows_adds_up_to_the_prediction(name, task):
    X, y = toy_rows(120, task=task)
    frame = pd.DataFrame(X, columns=["age", "dose", "other"])
    model = build(name, task).fit(frame, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as that names are missing
        table = pd.DataFrame(model.row_table(frame))
        text = model.row_text(frame[:2])
        model.forward_marginal_effects(frame)
    assert list(table.feature[:3]) == ["age", "dose", "other"]
    parts = (table.value - table.baseline) * table.local_coef + table["shape"]
    np.testing.assert_allclose(table.contribution, parts, atol=1e-12)
    total = table.groupby("row").contribution.sum() + model.local_intercept(frame)
    np.testing.assert_allclose(total, predictor(model, frame), atol=1e-7)
    assert text.count("\n\nrow 1") == 1
    if task == "classification":
        said = float(text.split("probability")[1].split()[0])
        assert said == pytest.approx(model.predict_proba(frame)[0, 1], abs=1e-3)
    renamed = model.row_text(frame[:1], names=["a", "b", "c"])
    assert "age" not in renamed and renamed.split("\n")[1][0] in "abc"


# ------------------------------------------------------------------ the drawing


def test_strength_of_a_modulation_sees_a_product():
    X = np.random.default_rng(0).uniform(-1, 1, (20000, 5))
    strengths = _strengths(Known().set(X), X)
    # 3 x2 x4: the total effect of either is all of its variance, 9 / 9
    np.testing.assert_allclose(strengths[0, [1, 3]], 1, atol=0.05)
    assert strengths.sum() == strengths[0, [1, 3]].sum()


def test_drawing_shows_the_rows_and_a_second_modulator(rows):
    model = Known().set(rows)
    _, *panels = model.draw(rows).axes
    (modulation,) = [ax for ax in panels if ax.get_ylabel() == "coefficient of x1"]
    by = modulation.get_xlabel()
    drawn = {line.get_label(): line for line in modulation.lines}
    column = {"x2": 1, "x4": 3}[by]
    np.testing.assert_array_equal(drawn["rows"].get_xdata(), rows[:, column])
    np.testing.assert_array_equal(drawn["rows"].get_ydata(), model.local_coef(rows)[:, 0])
    other = 4 - column
    for share in (0.1, 0.9):
        value = np.quantile(rows[:, other], share)
        line = drawn[f"at x{other + 1} = {value:.3g}"]
        np.testing.assert_allclose(line.get_ydata(), 2 + 3 * value * line.get_xdata())
    np.testing.assert_allclose(drawn["others at the baseline"].get_ydata(), 2)


def test_names_are_drawn_as_they_are(rows):
    """Not as formulas, which stand between dollars, nor left out as what begins with _ would be."""
    names = ["$x$", "_price in $", "$", "_$y$", "plain"]
    frame = pd.DataFrame(rows, columns=names)
    model = Known().set(frame)
    figure = model.draw(frame)
    figure.savefig(io.BytesIO(), format="svg")  # a formula that is none would be refused
    shown = []
    for text in figure.findobj(Text):
        # what matplotlib itself asks of a text: an even number of dollars that are not escaped
        word, formula = text._preprocess_math(text.get_text())
        assert formula is False
        shown.append(word)
    assert {"$x$", "_price in $", "coefficient of $x$"} <= set(shown)
    assert sum(word.startswith(("at _price in $ = ", "at _$y$ = ")) for word in shown) == 2


def test_many_rows_are_thinned_out():
    X = np.random.default_rng(0).uniform(-1, 1, (5000, 5))
    panels = Known().set(X).draw(X).axes[1:]
    assert all(len(line.get_xdata()) <= 400 for ax in panels for line in ax.lines)
