import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from contextual_lasso import ContextualLassoClassifier, ContextualLassoRegressor

QUICK = dict(hidden_layers=(8,), n_lambdas=5, max_epochs=150, backend="torch", random_state=0)


def rows(n, seed=0):
    """y = 2 x1 or -2 x1, by the sign of the context; x2 is noise."""
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(n, 2)), rng.uniform(-1, 1, size=(n, 1))
    y = 2 * X[:, 0] * np.sign(Z[:, 0]) + 0.1 * rng.normal(size=n)
    return X, y, Z


@pytest.fixture(scope="module")
def split():
    X, y, Z = rows(300)
    return (X[:200], y[:200], Z[:200]), (X[200:], y[200:], Z[200:])


def fit(model, split, context=True):
    (X, y, Z), (Xv, yv, Zv) = split
    extra = dict(context=Z, context_val=Zv) if context else {}
    return model.fit(X, y, X_val=Xv, y_val=yv, **extra)


REASON = (
    "coefficients are single precision, as in the original: a matrix product over fewer rows, or "
    "rows in another order, rounds differently in the seventh digit"
)
SINGLE_PRECISION = {
    "check_methods_subset_invariance": REASON,
    "check_methods_sample_order_invariance": REASON,
}


@parametrize_with_checks(
    [ContextualLassoRegressor(**QUICK | dict(n_lambdas=3))],
    expected_failed_checks=lambda estimator: SINGLE_PRECISION,
)
def test_scikit_learn_manners(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [ContextualLassoClassifier(**QUICK | dict(n_lambdas=3))],
    expected_failed_checks=lambda estimator: SINGLE_PRECISION,
)
def test_scikit_learn_manners_of_the_classifier(estimator, check):
    check(estimator)


def test_learns_from_a_context_of_its_own(split):
    quick = QUICK | dict(max_epochs=2000, intercept=False, hidden_layers=(16,))
    model = fit(ContextualLassoRegressor(**quick), split)
    X, y, Z = rows(200, seed=1)
    assert np.mean((model.predict(X, Z, selection="min") - y) ** 2) < 0.2 * y.var()
    clear = np.abs(Z[:, 0]) > 0.3
    coef = model.local_coef(X, Z, selection="min")[clear]
    assert np.median(np.abs(coef[:, 0] - 2 * np.sign(Z[clear, 0]))) < 0.4
    assert (model.local_intercept(X, Z) == 0).all()


def test_predictions_are_the_local_linear_model(split):
    model = fit(ContextualLassoRegressor(**QUICK), split)
    X, _, Z = rows(20, seed=2)
    for selection in (None, "min", "1se", 0.3):
        linear = (X * model.local_coef(X, Z, selection)).sum(1)
        linear += model.local_intercept(X, Z, selection)
        np.testing.assert_allclose(model.predict(X, Z, selection), linear, atol=1e-5)
    assert np.abs(model.local_coef(X, Z, 0.0)).sum() == 0
    assert np.abs(model.local_coef(X, Z, np.inf)).sum() > 0


def test_rules(split):
    model = fit(ContextualLassoRegressor(**QUICK | dict(n_lambdas=20)), split)
    path = model.path_
    assert path.val_loss[path.chosen["min"][0]] == path.val_loss.min()
    limit = path.val_loss.min() + path.val_loss_se[path.val_loss.argmin()]
    assert model.lambda_1se_ == path.lambdas[path.val_loss <= limit].min()
    X, _, Z = split[1]
    by_min = clone(model).set_params(selection="min")
    np.testing.assert_array_equal(
        fit(by_min, split).predict(X, Z), model.predict(X, Z, selection="min")
    )


def test_path_falls_from_lambda_max_to_zero_in_even_steps(split):
    model = fit(ContextualLassoRegressor(**QUICK), split)
    steps = np.diff(model.path_.lambdas)
    assert model.path_.lambdas[-1] == 0 and (steps < 0).all()
    np.testing.assert_allclose(steps, steps[0], rtol=1e-4)
    assert model.path_.theta[0] == 0 and model.path_.theta[-1] == np.inf
    assert model.path_.val_nonzero[0] == 2 and model.path_.val_nonzero[-1] == 0


def test_given_lambdas_bound_the_mean_norm(split):
    lambdas = [1.0, 0.5, 0.25]
    model = fit(ContextualLassoRegressor(**QUICK | dict(lambdas=lambdas, intercept=False)), split)
    (X, y, Z), _ = split
    np.testing.assert_array_equal(model.path_.lambdas, lambdas)
    for bound, theta in zip(lambdas, model.path_.theta, strict=True):
        coef = model.local_coef(X, Z, selection=bound)
        norm = np.abs(coef * np.sqrt((X**2).mean(0)) / np.sqrt((y**2).mean())).sum(1).mean()
        if theta:
            assert norm == pytest.approx(bound, rel=1e-3)
        else:
            assert norm < bound
    assert model.path_.theta[-1] > 0


def test_seed_decides_the_fit(split):
    first, again = (fit(ContextualLassoRegressor(**QUICK), split) for _ in range(2))
    other = fit(ContextualLassoRegressor(**QUICK | dict(random_state=1)), split)
    np.testing.assert_array_equal(first.path_.weights, again.path_.weights)
    assert (first.path_.weights != other.path_.weights).any()


def test_cold_starts_differ_from_warm_ones(split):
    warm = fit(ContextualLassoRegressor(**QUICK), split)
    cold = fit(ContextualLassoRegressor(**QUICK | dict(start="cold")), split)
    np.testing.assert_array_equal(warm.path_.weights[0], cold.path_.weights[0])
    assert (warm.path_.weights[1] != cold.path_.weights[1]).any()


def test_groups_enter_together():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 4))
    y = X[:, 0] * (1 + X[:, 3])
    groups = ["a", "b", "a", "b"]
    model = ContextualLassoRegressor(**QUICK | dict(groups=groups, lambdas=[0.5, 0.2]))
    model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    used = model.local_coef(X, selection=0.2) != 0
    assert (used[:, 0] == used[:, 2]).all() and (used[:, 1] == used[:, 3]).all()
    assert 0 < used.mean() < 1 and (used[:, 0] != used[:, 1]).any()


def test_signs_are_kept(split):
    model = fit(ContextualLassoRegressor(**QUICK | dict(sign_constraint=[1, -1])), split)
    X, _, Z = rows(100, seed=4)
    for bound in model.path_.lambdas:
        coef = model.local_coef(X, Z, selection=float(bound))
        assert (coef[:, 0] >= 0).all() and (coef[:, 1] <= 0).all()
    assert (model.local_coef(X, Z, np.inf)[:, 0] > 0).any()


def test_relaxed_fit(split):
    plain = fit(ContextualLassoRegressor(**QUICK), split)
    settings = QUICK | dict(relax=True, gammas=[0.0, 0.5, 1.0], max_epochs=1000)
    model = fit(ContextualLassoRegressor(**settings), split)
    path, (X, _, Z) = model.path_, split[1]
    assert path.relaxed_val_loss.shape == (5, 3)
    np.testing.assert_allclose(path.relaxed_val_loss[:, 0], path.val_loss, rtol=1e-5)
    assert model.gamma_min_ in (0.0, 0.5, 1.0)
    i, j = path.chosen["min"]
    assert path.relaxed_val_loss[i, j] == path.relaxed_val_loss.min() == path.loss_at((i, j))
    fixed, _ = path.coef(Z, (2, 0))
    half, _ = path.coef(Z, (2, 1))
    free, _ = path.coef(Z, (2, 2))
    np.testing.assert_allclose(half, (fixed + free) / 2, atol=1e-5)
    assert (free[fixed == 0] == 0).all() and (fixed == 0).any()
    assert plain.path_.relaxed_val_loss is None
    # the value reported for a point is that of its predictions
    y = split[1][1]
    error = np.mean((path.predict(X, Z, (2, 1)) - y) ** 2) / path.scaling.y_sd**2
    assert path.relaxed_val_loss[2, 1] == pytest.approx(error, rel=1e-3)


def test_without_early_stopping_the_last_state_is_kept(split):
    model = fit(ContextualLassoRegressor(**QUICK | dict(early_stopping=False)), split)
    # a slack bound trains on to the end: the last of 150 epochs makes no update
    assert model.path_.epochs[0] == 149


def test_classifier(split):
    (X, y, Z), (Xv, yv, Zv) = split
    labels = np.array(["no", "yes"])
    model = ContextualLassoClassifier(**QUICK | dict(hidden_layers=(16,), max_epochs=2000))
    model.fit(
        X, labels[(y > 0) * 1], context=Z,
        X_val=Xv, y_val=labels[(yv > 0) * 1], context_val=Zv,
    )  # fmt: skip
    X, y, Z = rows(200, seed=5)
    predicted = model.predict(X, Z)
    assert np.mean(predicted == labels[(y > 0) * 1]) > 0.85
    probability = model.predict_proba(X, Z)
    np.testing.assert_allclose(probability.sum(1), 1)
    assert ((probability[:, 1] > 0.5) == (predicted == "yes")).all()
    assert model.path_.scaling.y_sd == 1


def test_without_validation_rows_some_are_held_out(split):
    (X, y, Z), _ = split
    model = ContextualLassoRegressor(**QUICK).fit(X, y, context=Z)
    assert model.predict(X, Z).shape == (200,)


def test_survives_pickling_and_keeps_names(split):
    (X, y, _), (Xv, yv, _) = split
    frames = [pd.DataFrame(part, columns=["a", "b"]) for part in (X, Xv)]
    model = ContextualLassoRegressor(**QUICK)
    model.fit(frames[0], y, X_val=frames[1], y_val=yv)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(frames[1]), model.predict(frames[1]))
    assert json.dumps(model.backend_)


def spoil(values, value=np.nan):
    values = values.copy()
    values[(3, 1)[: values.ndim]] = value
    return values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(X=spoil(d["X"])), r"Input X contains NaN \(row 3, column 1"),
        (lambda d: d.update(X=spoil(d["X"], np.inf)), r"Input X contains infinity \(row 3, col"),
        (lambda d: d.update(X_val=spoil(d["X_val"])), r"Input X_val contains NaN \(row 3, column"),
        (lambda d: d.update(y=spoil(d["y"])), r"Input y contains NaN \(row 3;"),
        (lambda d: d.update(y_val=spoil(d["y_val"])), r"Input y_val contains NaN"),
        (lambda d: d.update(context=np.full((200, 1), np.nan)), "Input context contains NaN"),
        (lambda d: d.update(context=d["context"][:5]), "context has 5 rows, expected 200"),
        (lambda d: d.pop("context_val"), "context and context_val must be given together"),
        (lambda d: d.pop("y_val"), "X_val and y_val must be given together"),
        (lambda d: d.update(context_val=d["X_val"]), "context has 1 columns and context_val 2"),
        (lambda d: d.update(y=d["y"][:7]), "X has 200 rows and y 7"),
        (lambda d: d.update(y=np.array(["a"] * 200)), "y must hold numbers"),
    ],
)
def test_bad_rows_are_refused(split, change, message):
    (X, y, Z), (Xv, yv, Zv) = split
    data = dict(X=X, y=y, context=Z, X_val=Xv, y_val=yv, context_val=Zv)
    change(data)
    with pytest.raises(ValueError, match=message):
        ContextualLassoRegressor(**QUICK).fit(**data)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (dict(n_lambdas=1), "n_lambdas must be a whole number of at least 2"),
        (dict(lambdas=[]), "lambdas must be a non-empty"),
        (dict(lambdas=[1, -1]), "lambdas must be 0 or greater"),
        (dict(lambdas=[np.nan]), "lambdas must be 0 or greater"),
        (dict(relax=True, gammas=[2]), "gammas must lie between"),
        (dict(groups=[1]), "groups needs one entry per feature, 2"),
        (dict(sign_constraint=[2, 0]), "sign_constraint must hold"),
        (dict(hidden_layers=(0,)), "hidden_layers must be a whole number"),
        (dict(dropout=1.0), "dropout must lie"),
        (dict(start="hot"), "start must be one of"),
        (dict(patience=0), "patience must be"),
        (dict(max_epochs=0), "max_epochs must be"),
        (dict(selection="best"), "selection must be one of"),
        (dict(backend="R"), "backend must be one of"),
    ],
)
def test_bad_parameters_are_refused(split, parameters, message):
    with pytest.raises(ValueError, match=message):
        fit(ContextualLassoRegressor(**QUICK | parameters), split)


def test_context_is_asked_for_as_in_fit(split):
    model = fit(ContextualLassoRegressor(**QUICK), split)
    X, _, Z = split[1]
    with pytest.raises(ValueError, match="needs a context"):
        model.predict(X)
    with pytest.raises(ValueError, match="context has 2 columns, expected 1"):
        model.predict(X, X)
    with pytest.raises(ValueError, match="selection must be a lambda or one of"):
        model.predict(X, Z, selection="best")
    own = fit(ContextualLassoRegressor(**QUICK), split, context=False)
    with pytest.raises(ValueError, match="does not take a context"):
        own.predict(X, Z)


def test_three_classes_and_unknown_labels_are_refused(split):
    (X, y, _), (Xv, yv, _) = split
    model = ContextualLassoClassifier(**QUICK)
    with pytest.raises(ValueError, match="3 class"):
        model.fit(X, np.arange(200) % 3)
    with pytest.raises(ValueError, match="y_val has classes that y has not"):
        model.fit(X, np.arange(200) % 2, X_val=Xv, y_val=np.arange(100) % 3)


# ------------------------------------------------------------------------------ units


SIGNAL = QUICK | dict(hidden_layers=(16,), max_epochs=1000)


def quality(model, X, y, Z):
    found = model.predict(X, Z, selection="min")
    return 1 - np.mean(((found - y) / y.std()) ** 2)


@pytest.mark.parametrize("factor", [1e-300, 1e-30, 1e-13, 1e13, 1e30, 1e300])
def test_units_of_the_response_change_nothing_but_the_answers_unit(split, factor):
    (X, y, Z), (Xv, yv, Zv) = split
    plain = fit(ContextualLassoRegressor(**QUICK), split)
    model = ContextualLassoRegressor(**QUICK)
    model.fit(X, y * factor, context=Z, X_val=Xv, y_val=yv * factor, context_val=Zv)
    for name in ("predict", "local_coef", "local_intercept"):
        found = getattr(model, name)(Xv, Zv) / factor
        np.testing.assert_allclose(found, getattr(plain, name)(Xv, Zv), atol=1e-2)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("factor", [1e-30, 1e-13, 1e13, 1e30])
def test_units_of_features_and_contexts(split, factor, intercept):
    (X, y, Z), (Xv, yv, Zv) = split
    plain = fit(ContextualLassoRegressor(**QUICK, intercept=intercept), split)
    units = [1, factor]
    model = ContextualLassoRegressor(**QUICK, intercept=intercept)
    model.fit(X * units, y, context=Z * factor, X_val=Xv * units, y_val=yv, context_val=Zv * factor)
    expected = plain.predict(Xv, Zv)
    np.testing.assert_allclose(model.predict(Xv * units, Zv * factor), expected, atol=1e-2)
    coef = model.local_coef(Xv * units, Zv * factor) * units
    np.testing.assert_allclose(coef, plain.local_coef(Xv, Zv), atol=1e-2)


@pytest.mark.parametrize("far", ["response", "features", "context"])
def test_numbers_far_from_zero(split, far):
    move = dict.fromkeys(("features", "response", "context"), 0.0) | {far: 1e8}
    moved = [(X + move["features"], y + move["response"], Z + move["context"]) for X, y, Z in split]
    plain = fit(ContextualLassoRegressor(**SIGNAL), split)
    model = fit(ContextualLassoRegressor(**SIGNAL), moved)
    X, y, Z = moved[1]
    expected = quality(plain, *split[1])
    assert expected > 0.8 and quality(model, X, y, Z) == pytest.approx(expected, abs=0.03)
    linear = model.local_intercept(X, Z) + (X * model.local_coef(X, Z)).sum(1)
    np.testing.assert_allclose(linear, model.predict(X, Z), rtol=1e-6, atol=1e-4)


def test_labels_with_features_of_unusual_units(split):
    (X, y, Z), (Xv, yv, Zv) = split
    plain, model = (ContextualLassoClassifier(**QUICK) for _ in range(2))
    plain.fit(X, y > 0, context=Z, X_val=Xv, y_val=yv > 0, context_val=Zv)
    rows = [(X * 1e-13 + 1e-8, Z * 1e13 + 1e19), (Xv * 1e-13 + 1e-8, Zv * 1e13 + 1e19)]
    (X, Z), (Xv, Zv) = rows
    model.fit(X, y > 0, context=Z, X_val=Xv, y_val=yv > 0, context_val=Zv)
    probability = plain.predict_proba(*(part for part in (split[1][0], split[1][2])))
    np.testing.assert_allclose(model.predict_proba(Xv, Zv), probability, atol=0.05)


def test_ordinary_numbers_are_left_to_the_last_bit(split):
    model = fit(ContextualLassoRegressor(**QUICK), split)
    X, _, Z = split[1]
    point = model.path_.chosen["1se"]
    np.testing.assert_array_equal(model.predict(X, Z), model.path_.predict(X, Z, point))
    np.testing.assert_array_equal(model.local_coef(X, Z), model.path_.coef(Z, point)[0])


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
@pytest.mark.parametrize("intercept", [True, False])
def test_a_context_that_was_constant_has_no_effect(split, value, intercept):
    model = ContextualLassoRegressor(**QUICK, intercept=intercept)
    split = [(X, y, np.column_stack([Z, np.full(len(Z), value)])) for X, y, Z in split]
    fit(model, split)
    X, _, Z = split[1]
    expected = model.predict(X, Z)
    assert expected.std() > 0
    for change in (1.0, -5.0, 1e6, 1e30):
        moved = Z + [0, change]
        np.testing.assert_array_equal(model.predict(X, moved), expected)
        np.testing.assert_array_equal(model.local_coef(X, moved), model.local_coef(X, Z))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_a_feature_that_was_constant_has_no_effect(split, value):
    split = [(np.column_stack([X, np.full(len(X), value)]), y, Z) for X, y, Z in split]
    for context in (True, False):
        model = fit(ContextualLassoRegressor(**QUICK), split, context=context)
        X, _, Z = split[1]
        Z = Z if context else None
        expected = model.predict(X, Z)
        for change in (1.0, -5.0, 1e6):
            np.testing.assert_array_equal(model.predict(X + [0, 0, change], Z), expected)
        assert (model.local_coef(X, Z)[:, 2] == 0).all()


def test_a_constant_response_is_predicted(split):
    for value in (0.0, 7.5, 1e9):
        moved = [(X, np.full(len(y), value), Z) for X, y, Z in split]
        model = fit(ContextualLassoRegressor(**QUICK), moved)
        # the network starts at random, and stops where nothing gets better
        np.testing.assert_allclose(model.predict(*split[1][::2]), value, atol=0.2)


# ------------------------------------------------------------------------------ names and metadata


@pytest.fixture(scope="module")
def named(split):
    """The rows with contexts as data frames of two columns, and a fit of them."""
    rng = np.random.default_rng(9)
    named = [
        (X, y, pd.DataFrame({"a": Z[:, 0], "b": rng.uniform(-1, 1, len(Z))})) for X, y, Z in split
    ]
    return named, fit(ContextualLassoRegressor(**QUICK), named)


def test_columns_of_a_context_are_matched_by_name(named):
    named, model = named
    X, y, Z = named[1]
    assert model.context_names_in_.tolist() == ["a", "b"]
    expected = model.predict(X, Z)
    np.testing.assert_array_equal(model.predict(X, Z[["b", "a"]]), expected)
    np.testing.assert_array_equal(model.local_coef(X, Z[["b", "a"]]), model.local_coef(X, Z))
    crossed = [named[0], (X, y, Z[["b", "a"]])]
    again = fit(ContextualLassoRegressor(**QUICK), crossed)
    np.testing.assert_array_equal(again.predict(X, Z), expected)
    numbered = [(X, y, Z.set_axis([3, 7], axis=1)) for X, y, Z in named]
    again = fit(ContextualLassoRegressor(**QUICK), numbered)
    np.testing.assert_array_equal(again.predict(X, numbered[1][2][[7, 3]]), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda Z: Z[["a"]], r"columns of context are not those of fit: \['b'\] missing$"),
        (lambda Z: Z.assign(c=0), r"context are not those of fit: \['c'\] unexpected$"),
        (lambda Z: Z.rename(columns={"b": "B"}), r"\['b'\] missing, \['B'\] unexpected$"),
        (lambda Z: Z.set_axis(["a", "a"], axis=1), "context has the column 'a' more than once"),
    ],
)
def test_other_columns_of_a_context_are_named(named, change, message):
    named, model = named
    X, y, Z = named[1]
    for method in ("predict", "local_coef", "local_intercept", "linear_predictor"):
        with pytest.raises(ValueError, match=message):
            getattr(model, method)(X, change(Z))
    with pytest.raises(ValueError, match=message.replace("of context", "of context_val")[-30:]):
        fit(ContextualLassoRegressor(**QUICK), [named[0], (X, y, change(Z))])


def test_a_context_with_names_on_one_side_only_is_taken_in_order(named, split):
    named, model = named
    X, _, Z = named[1]
    with pytest.warns(UserWarning, match="context was fitted with names of columns and has none"):
        np.testing.assert_array_equal(model.predict(X, Z.to_numpy()), model.predict(X, Z))
    plain = fit(ContextualLassoRegressor(**QUICK), split)
    frame = pd.DataFrame(split[1][2], columns=["a"])
    with pytest.warns(UserWarning, match="context was fitted with no names of columns"):
        np.testing.assert_array_equal(plain.predict(X, frame), plain.predict(X, split[1][2]))


@pytest.mark.parametrize("cls", [ContextualLassoRegressor, ContextualLassoClassifier])
def test_score_takes_a_context_and_weights(split, cls):
    (X, y, Z), (Xv, yv, Zv) = split
    if cls is ContextualLassoClassifier:
        y, yv = y > 0, yv > 0
    model = cls(**QUICK).fit(X, y, context=Z, X_val=Xv, y_val=yv, context_val=Zv)
    measure = accuracy_score if cls is ContextualLassoClassifier else r2_score
    found = model.predict(Xv, Zv)
    assert model.score(Xv, yv, context=Zv) == measure(yv, found)
    weight = np.arange(len(yv)) % 3
    expected = measure(yv, found, sample_weight=weight)
    assert model.score(Xv, yv, sample_weight=weight, context=Zv) == expected
    assert model.score(Xv, yv, weight, Zv) == expected != measure(yv, found)
    by_min = measure(yv, model.predict(Xv, Zv, selection="min"))
    assert model.score(Xv, yv, context=Zv, selection="min") == by_min
    with pytest.raises(ValueError, match="needs a context"):
        model.score(Xv, yv)


@pytest.mark.parametrize("frame", [False, True])
def test_cross_validation_with_a_context(split, frame):
    (X, y, Z), _ = split
    Z = pd.DataFrame(Z, columns=["z"]) if frame else Z
    with config_context(enable_metadata_routing=True):
        model = ContextualLassoRegressor(**SIGNAL, selection="min")
        model.set_fit_request(context=True).set_score_request(context=True, sample_weight=True)
        given = {"context": Z, "sample_weight": np.ones(len(y))}
        scores = cross_val_score(model, X, y, params=given, cv=2)
        assert (scores > 0.5).all()
        search = GridSearchCV(model, {"selection": ["min", "1se"]}, cv=2)
        search.fit(X, y, **given)
        assert search.best_score_ > 0.5
        # what was asked for survives a fit, and a clone
        assert clone(model.fit(X, y, context=Z)).get_metadata_routing().fit.requests["context"]


def test_log_probabilities_and_nullable_labels(split):
    (X, y, Z), (Xv, yv, Zv) = split
    plain = ContextualLassoClassifier(**QUICK)
    plain.fit(X, y > 0, context=Z, X_val=Xv, y_val=yv > 0, context_val=Zv)
    log = plain.predict_log_proba(Xv, Zv)
    np.testing.assert_allclose(np.exp(log), plain.predict_proba(Xv, Zv), atol=1e-12)
    assert np.isfinite(plain.predict_log_proba(Xv * 1e6, Zv)).all()
    series, held_out = (pd.Series(values > 0, dtype="boolean") for values in (y, yv))
    model = ContextualLassoClassifier(**QUICK)
    model.fit(X, series, context=Z, X_val=Xv, y_val=held_out, context_val=Zv)
    assert model.predict(Xv, Zv).dtype == bool and model.classes_.tolist() == [False, True]
    np.testing.assert_array_equal(model.predict(Xv, Zv), plain.predict(Xv, Zv))
    assert model.score(Xv, held_out, context=Zv) == plain.score(Xv, yv > 0, context=Zv)
    series[3] = pd.NA
    with pytest.raises(ValueError, match="Input y contains NaN: the label in row 3 is missing"):
        model.fit(X, series, context=Z)
