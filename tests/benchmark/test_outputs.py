"""What a fit leaves behind, read off by its declaration."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmark import outputs

DATA = {
    "X_train": np.array([[-1.0, 5.0], [1.0, 7.0]]),
    "X_val": np.zeros((3, 2)),
    "X_test": np.ones((4, 2)),
}


def predict(X):
    return X.sum(1)


def test_an_estimator_with_nothing_but_predictions():
    found = outputs.read(SimpleNamespace(predict=predict), DATA, "regression")
    assert set(found) == {"prediction", "prediction_val"}
    assert found["prediction"].shape == (4,) and found["prediction_val"].shape == (3,)


def test_what_is_known_is_not_computed_again():
    def refuse(X):
        assert len(X) == 3, "the test rows were predicted twice"
        return predict(X)

    known = {"prediction": np.arange(4.0)}
    found = outputs.read(SimpleNamespace(predict=refuse), DATA, "regression", known)
    np.testing.assert_array_equal(found["prediction"], np.arange(4.0))


def test_everything_on_offer_is_read_in_its_shape_and_type():
    estimator = SimpleNamespace(
        predict=predict,
        coef_=[1, 2],
        intercept_=np.array([3.0]),
        local_coef=lambda X: np.tile([1.0, 2.0], (len(X), 1)),
        correction=lambda X: X * 0,
        selected_features_=[1, 0],
        first_layer_weights_=np.ones((5, 2)),
        predict_alternatives=lambda X: {"other": predict(X) + 1},
        predict_proba=lambda X: pytest.fail("a regression has no classes"),
    )
    found = outputs.read(estimator, DATA, "regression")
    assert found["intercept"].shape == () and found["coef"].dtype == float
    assert found["local_coef"].dtype == np.float32
    assert found["selected_features"].tolist() == [True, False]
    np.testing.assert_array_equal(found["alternative_other"], [3.0] * 4)
    sizes = {"n": 4, "n_val": 3, "d": 2}
    for name, values in found.items():
        assert outputs.declared(name).problem(values, sizes) is None, name


def test_local_coefficients_stand_for_global_ones_where_a_method_says_so():
    local = np.array([[1.0, 0.0], [3.0, 2.0], [2.0, 1.0], [2.0, 1.0]])
    estimator = SimpleNamespace(
        predict=predict, coef_is_local_=True, local_coef=lambda X: local[: len(X)]
    )
    found = outputs.read(estimator, DATA, "regression")
    np.testing.assert_array_equal(found["coef"], [2.0, 1.0])


def test_sweep_varies_one_feature_at_a_time():
    rows = outputs._lines(DATA)
    assert rows.shape == (2, outputs.SWEEP_POINTS, 2)
    np.testing.assert_array_equal(rows[0, :, 0], np.linspace(-1, 1, outputs.SWEEP_POINTS))
    assert not rows[0, :, 1].any() and not rows[1, :, 0].any()
    wide = {"X_train": np.zeros((2, outputs.SWEEP_MAX_FEATURES + 1))}
    assert outputs._lines(wide) is None


def test_objects_are_refused():
    estimator = SimpleNamespace(predict=lambda X: np.array([object()] * len(X)))
    with pytest.raises(TypeError, match="prediction is an array of Python objects"):
        outputs.read(estimator, DATA, "regression")


def test_an_output_that_is_not_declared_is_named():
    with pytest.raises(KeyError, match="no output 'coeff'"):
        outputs.declared("coeff")
