"""The port follows what the Julia package did, epoch by epoch."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from contextual_lasso.path import TorchPath, _Fitter, fit_path
from contextual_lasso.projection import L1Ball
from contextual_lasso.scaling import Scaling
from contextual_lasso.selection import select
from contextual_lasso.settings import Settings
from contextual_lasso.training import Batch

INTERCEPTS = [("", True), ("_noint", False)]
DEFAULTS = [
    (f"default_{data}{suffix}", f"data_{data}", intercept)
    for data in ("toy_seed0", "setting1_seed1")
    for suffix, intercept in INTERCEPTS
]


#: kernels of OpenBLAS that round like those of the recorded fits, which ran with AVX-512
LIKE_RECORDED = {"SkylakeX", "Cooperlake", "SapphireRapids"}
KERNELS = {info.get("architecture") for info in threadpool_info() if "numpy" in info["filepath"]}
#: epochs before the roundings of other kernels have grown to something that counts
COMMON_EPOCHS = 60


def scaling(record, intercept):
    return Scaling(
        record["x_mean"].astype(np.float32 if intercept else np.float64),
        record["x_sd"],
        record["z_mean"],
        record["z_sd"],
        float(record["y_mean"]),
        float(record["y_sd"]),
    )


def recorded_path(record, settings):
    """A path with the recorded weights."""
    columns = ("train_loss", "val_loss", "val_loss_se", "val_nonzero", "epochs")
    return TorchPath(
        lambdas=record["lambda"],
        theta=record["theta"],
        **{name: record[name] for name in columns},
        gammas=np.zeros(1),
        chosen=select(
            record["val_loss"][:, None], record["val_loss_se"][:, None], record["lambda"], [0.0]
        ),
        relaxed_val_loss=None,
        weights=record["weights"],
        relaxed_weights=None,
        scaling=scaling(record, settings.intercept),
        settings=settings,
    )


def with_intercept_first(coef, offset):
    return coef if offset is None else np.column_stack((offset, coef))


@pytest.mark.parametrize(("suffix", "intercept"), INTERCEPTS)
@pytest.mark.parametrize("i", [pytest.param(0, marks=pytest.mark.slow), 1, 2, 3, 4])
def test_every_epoch(recorded, suffix, intercept, i):
    data, record = recorded("data_toy_seed0"), recorded(f"trace{suffix}")
    scale = scaling(record, intercept)
    rows = zip(
        scale.standardise(data["X"], data["X"], data["y"]),
        scale.standardise(data["Xv"], data["Xv"], data["yv"]),
        strict=True,
    )
    batch = Batch(*(torch.from_numpy(np.concatenate(pair)) for pair in rows), n_train=200)
    fitter = _Fitter(batch, Settings(intercept=intercept, hidden_layers=(8,)), seed=0)
    ball = L1Ball(record[f"lambda{i}"], 200)

    network = fitter.network.load(record[f"start{i}"])
    objective = fitter._objective(network, ball)
    objective.evaluate()
    objective.backpropagate()
    np.testing.assert_allclose(
        network.gradient.numpy(),
        record[f"gradients{i}"][0],
        rtol=1e-5,
        atol=1e-5 * np.abs(record[f"gradients{i}"][0]).max(),
    )

    history = []
    result = fitter._train(network, ball, history)
    early = np.transpose(history)[:, :COMMON_EPOCHS], record[f"history{i}"][:, :COMMON_EPOCHS]
    np.testing.assert_allclose(*early, rtol=1e-5)
    if not KERNELS & LIKE_RECORDED:
        pytest.skip(f"later epochs need the recorded fits' roundings, here are {KERNELS}")
    assert result.epochs == record["epochs"][i]
    np.testing.assert_allclose(np.transpose(history), record[f"history{i}"], rtol=1e-4)
    np.testing.assert_allclose(result.weights, record["weights"][i], rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(
    not KERNELS & LIKE_RECORDED, reason=f"needs the recorded fits' roundings, here are {KERNELS}"
)
@pytest.mark.parametrize(("suffix", "intercept"), INTERCEPTS)
def test_whole_path_from_the_start_weights(recorded, suffix, intercept):
    data, record = recorded("data_toy_seed0"), recorded(f"trace{suffix}")
    path = fit_path(
        *(data[k] for k in ("X", "X", "y", "Xv", "Xv", "yv")),
        Settings(intercept=intercept, hidden_layers=(8,), n_lambdas=5),
        seed=0,
        start_weights=record["start"],
    )
    # five warm-started fits in a row: rounding has room to grow
    np.testing.assert_allclose(path.lambdas, record["lambda"], rtol=1e-2)
    np.testing.assert_allclose(path.val_loss, record["val_loss"], rtol=5e-2)
    assert path.chosen["min"] == (record["index_min"], 0)
    assert path.chosen["1se"] == (record["index_1se"], 0)


@pytest.mark.parametrize("name", ["trace", "logistic"])
@pytest.mark.parametrize(("suffix", "intercept"), INTERCEPTS)
def test_results_of_the_recorded_weights(recorded, name, suffix, intercept):
    data, record = recorded("data_toy_seed0"), recorded(f"{name}{suffix}")
    loss = "logistic" if name == "logistic" else "squared"
    path = recorded_path(record, Settings(loss=loss, intercept=intercept, hidden_layers=(8,)))
    for rule in ("min", "1se"):
        assert path.chosen[rule] == (record[f"index_{rule}"], 0)
        coef = with_intercept_first(*path.coef(data["Xt"], path.chosen[rule]))
        expected = record[f"coef_test_{rule}"]
        assert ((coef != 0) == (expected != 0)).all()
        np.testing.assert_allclose(coef, expected, rtol=1e-4, atol=1e-4)
        predicted = path.predict(data["Xt"], data["Xt"], path.chosen[rule])
        np.testing.assert_allclose(predicted, record[f"yhat_test_{rule}"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "data", "intercept"), DEFAULTS)
def test_default_fits(recorded, name, data, intercept):
    data, record = recorded(data), recorded(name)
    kept = record["kept"]
    settings = Settings(intercept=intercept, hidden_layers=(64, 64))
    full = dict(record)
    full["weights"] = dict(zip(kept.tolist(), record["weights"], strict=True))
    path = recorded_path(full, settings)
    for rule in ("min", "1se"):
        assert path.chosen[rule] == (record[f"index_{rule}"], 0)
        predicted = path.predict(data["Xt"], data["Xt"], path.chosen[rule])
        np.testing.assert_allclose(predicted, record[f"yhat_test_{rule}"], rtol=1e-4, atol=1e-4)
    for i, expected in zip(kept, record["coef_test_path"], strict=True):
        coef = with_intercept_first(*path.coef(data["Xt"], (i, 0)))
        assert ((coef != 0) == (expected != 0)).all()
        np.testing.assert_allclose(coef, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "data", "intercept"), DEFAULTS)
def test_training_statistics(recorded, name, data, intercept):
    data, record = recorded(data), recorded(name)
    ours = Scaling.of(data["X"], data["X"], data["y"], intercept, scale_target=True)
    for field in ("x_mean", "x_sd", "z_mean", "z_sd", "y_mean", "y_sd"):
        np.testing.assert_allclose(getattr(ours, field), record[field], rtol=1e-6, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "intercept"), INTERCEPTS)
def test_whole_logistic_path_from_the_start_weights(recorded, suffix, intercept):
    data, record = recorded("data_toy_seed0"), recorded(f"logistic{suffix}")
    rows = [data[k] for k in ("X", "X", "y", "Xv", "Xv", "yv")]
    rows[2], rows[5] = rows[2] > 0, rows[5] > 0
    path = fit_path(
        *rows,
        Settings(loss="logistic", intercept=intercept, hidden_layers=(8,), n_lambdas=5),
        seed=0,
        start_weights=record["start"],
    )
    np.testing.assert_allclose(path.lambdas, record["lambda"], rtol=0.05)
    np.testing.assert_allclose(path.val_loss, record["val_loss"], rtol=0.1)
