"""The adapter: conversions against a recorded stand-in, and end to end where Julia is."""

from types import SimpleNamespace

import numpy as np
import pytest

from contextual_lasso import ContextualLassoRegressor
from contextual_lasso.julia import Session, fit_path
from contextual_lasso.resolve import find_julia
from contextual_lasso.settings import Settings
from tests.contextual_lasso.strict import stand_in

FITS = [
    ("default_toy_seed0", "data_toy_seed0", True),
    ("default_toy_seed0_noint", "data_toy_seed0", False),
    ("default_setting1_seed1_noint", "data_setting1_seed1", False),
]


class Recorded(stand_in.Main):
    """Answers with a recorded fit, and only about its rows; both are dicts of arrays."""

    def __init__(self, record, data):
        super().__init__()
        self.record, self.data = record, data
        self.Flux = stand_in.flux()
        self.evaluated, self.keywords = [], None

    def seval(self, code):
        self.evaluated.append(code)

    def fitted(self, rows, keywords):
        for ours, recorded in (("x", "X"), ("y", "y"), ("x_val", "Xv"), ("y_val", "yv")):
            np.testing.assert_array_equal(rows[ours], self.data[recorded])
        self.keywords = keywords
        names = ("lambda", "theta", "train_loss", "val_loss", "val_loss_se", "val_nonzero")
        scalars = {n: float(self.record[n]) for n in ("lambda_min", "lambda_1se")}
        return SimpleNamespace(
            **{name: self.record[name] for name in names},
            **scalars,
            epochs=self.record["epochs"],
            gamma=np.linspace(0, 1, 11, dtype=np.float32),
            gamma_min=0.0,
            gamma_1se=0.0,
            val_loss_relax=np.repeat(self.record["val_loss"][:, None], 11, axis=1),
        )

    def _rule(self, keywords):
        """The rule whose lambda was asked for: only those answers are recorded."""
        (name, value), *rest = keywords.items()
        if name != "lambda" or rest or not isinstance(value, str | float):
            raise stand_in.JuliaError(f"MethodError: no method for {keywords}")
        for rule in ("min", "1se"):
            if value in (f"lambda_{rule}", self.record[f"lambda_{rule}"]):
                return rule
        raise KeyError(f"nothing recorded for lambda = {value}")

    def coefficients(self, fit, z, keywords):
        np.testing.assert_array_equal(z, self.data["Xt"])
        return self.record[f"coef_test_{self._rule(keywords)}"]

    def predictions(self, fit, x, z, keywords):
        for rows in (x, z):
            np.testing.assert_array_equal(rows, self.data["Xt"])
        return self.record[f"yhat_test_{self._rule(keywords)}"]


@pytest.fixture
def julia(recorded):
    def start(record="default_toy_seed0_noint", data="data_toy_seed0"):
        jl = Recorded(recorded(record), recorded(data))
        return jl, Session(jl, stand_in.convert)

    return start


def fit(jl, session, **settings):
    rows = [jl.data[k] for k in ("X", "X", "y", "Xv", "Xv", "yv")]
    return fit_path(*rows, Settings(**{"hidden_layers": (64, 64)} | settings), 7, julia=session)


@pytest.mark.parametrize(("record", "data", "intercept"), FITS)
def test_results_are_read(julia, record, data, intercept):
    jl, session = julia(record, data)
    path = fit(jl, session, intercept=intercept)
    for name in ("theta", "train_loss", "val_loss", "val_loss_se", "val_nonzero", "epochs"):
        np.testing.assert_array_equal(getattr(path, name), jl.record[name])
    np.testing.assert_array_equal(path.lambdas, jl.record["lambda"])
    X = jl.data["Xt"]
    for rule in ("min", "1se"):
        assert path.chosen[rule] == (jl.record[f"index_{rule}"], 0)
        assert path.loss_at(path.chosen[rule]) == jl.record["val_loss"][path.chosen[rule][0]]
        expected = jl.record[f"coef_test_{rule}"]
        coef, offset = path.coef(X, path.chosen[rule])
        np.testing.assert_array_equal(coef, expected[:, int(intercept) :])
        if intercept:
            np.testing.assert_array_equal(offset, expected[:, 0])
        else:
            assert offset is None
        predicted = path.predict(X, X, path.chosen[rule])
        np.testing.assert_array_equal(predicted, jl.record[f"yhat_test_{rule}"])


def test_the_generator_is_seeded_before_the_fit(julia):
    jl, session = julia()
    fit(jl, session)
    assert jl.evaluated == ["Random.seed!(7)"]


def test_every_setting_reaches_the_package(julia):
    jl, session = julia()
    fit(
        jl,
        session,
        loss="logistic",
        intercept=True,
        lambdas=[2.0, 1.0],
        relax=True,
        gammas=[0.0, 1.0],
        groups=np.array([0, 0, 1]),
        signs=np.array([1, -1, 0]),
        hidden_layers=(np.int32(8),),
        dropout=0.25,
        start="cold",
        early_stopping=False,
        patience=np.int64(9),
        max_epochs=np.int32(11),
    )
    sent = jl.keywords
    arrays = {k: v.values.tolist() for k, v in sent.items() if isinstance(v, stand_in.JuliaArray)}
    assert arrays == {
        "lambda": [2.0, 1.0],
        "gamma": [0.0, 1.0],
        "group": [1, 1, 2],
        "sign_constraint": [0, 1, -1, 0],
        "hidden_layers": [8],
    }
    plain = {k: v for k, v in sent.items() if isinstance(v, bool | int | float | str)}
    assert plain == {
        "intercept": True,
        "relax": True,
        "dropout": 0.25,
        "initialise": "cold",
        "early_stop": False,
        "patience": 9,
        "epoch_max": 11,
        "verbose": False,
    }
    assert sent["loss"] is jl.Flux.logitbinarycrossentropy and sent["device"] is jl.Flux.cpu


def test_defaults_leave_out_what_is_off(julia):
    jl, session = julia()
    fit(jl, session, intercept=False)
    assert jl.keywords["lambda_n"] == 50 and jl.keywords["loss"] is jl.Flux.mse
    assert not {"lambda", "gamma", "group", "sign_constraint"} & set(jl.keywords)


def test_scattered_groups_are_refused(julia):
    with pytest.raises(ValueError, match="side by side"):
        fit(*julia(), groups=np.array([0, 1, 0]))


def naive(**changes):
    """A correct call of ``classo``, with changes as a newcomer would write them."""

    def call(jl, s):
        X, y = jl.data["X"], jl.data["y"]
        Xv, yv = jl.data["Xv"], jl.data["yv"]
        given = dict(x=X, y=y) | {k: v for k, v in changes.items() if k in ("x", "y")}
        x = s.matrix(X) if given["x"] is X else given["x"]
        y = s.vector(y) if given["y"] is y else given["y"]
        keywords = {k: v for k, v in changes.items() if k not in ("x", "y")}
        return jl.classo(x, s.matrix(X), y, s.matrix(Xv), s.matrix(Xv), s.vector(yv), **keywords)

    return call


@pytest.mark.parametrize(
    "call",
    [
        naive(x=np.ones((200, 3))),
        naive(y=np.ones((200, 1))),
        naive(hidden_layers=[64, 64]),
        naive(**{"lambda": [1.0, 0.5]}),
        naive(device=lambda x: x),
        naive(loss=lambda a, b: 0.0),
        naive(activation_fun=abs),
        naive(optimiser=object()),
        naive(patience=np.int32(30)),
        naive(patients=30),
        naive(lambda_n=1),
        lambda jl, s: s._convert(jl.Vector[jl.Float64], np.ones((200, 1))),
        lambda jl, s: jl.coef(fit(jl, s), jl.data["Xt"], **{"lambda": "lambda_min"}),
        lambda jl, s: jl.predict(fit(jl, s), jl.data["Xt"], jl.data["Xt"], **{"lambda": 0.5}),
    ],
)
def test_the_stand_in_refuses_what_the_package_refuses(julia, call):
    jl, session = julia()
    naive()(jl, session)  # the same call without the mistake
    with pytest.raises(stand_in.JuliaError):
        call(jl, session)


@pytest.mark.julia
def test_both_backends_agree_end_to_end(recorded):
    found, reason = find_julia()
    if not found:
        pytest.skip(f"Julia is not available: {reason}")
    data = recorded("data_toy_seed0")
    errors = {}
    for backend in ("julia", "torch"):
        scores = []
        for seed in range(3):
            model = ContextualLassoRegressor(
                hidden_layers=(64, 64), backend=backend, random_state=seed
            ).fit(data["X"], data["y"], X_val=data["Xv"], y_val=data["yv"])
            linear = (data["Xt"] * model.local_coef(data["Xt"])).sum(1)
            linear += model.local_intercept(data["Xt"])
            np.testing.assert_allclose(model.predict(data["Xt"]), linear, atol=1e-4)
            scores.append(np.mean((model.predict(data["Xt"]) - data["yt"]) ** 2))
        errors[backend] = np.mean(scores)
        assert model.backend_["backend"] == backend
    # recorded single fits of this split lie between 0.4 and 1.0, their standard deviation is 0.26
    assert abs(errors["julia"] - errors["torch"]) < 0.5
