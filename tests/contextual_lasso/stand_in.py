"""A stand-in for the Julia side, which answers with recorded data.

It refuses what the package, called through juliacall, was seen to refuse: Python arrays and lists
where Julia wants typed ones, a target with two dimensions, Python functions for the loss, the
device and the activation, an instance for the optimiser, numpy integers, unknown keywords.
"""

import numbers
import re
from types import SimpleNamespace

import numpy as np


class JuliaError(Exception):
    """What juliacall raises: MethodError, TypeError and the like."""


class JuliaArray:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values


class JuliaValue:
    def __init__(self, name):
        self.name = name


class _Parametric:
    def __init__(self, name):
        self.name = name

    def __getitem__(self, element):
        return f"{self.name}{{{element}}}"


DIMENSIONS = {"Matrix": 2, "Vector": 1}


def convert(kind, values):
    """juliacall.convert for the array types in use."""
    name, element = re.fullmatch(r"(\w+)\{(\w+)\}", kind).groups()
    array = np.asarray(values)
    if array.ndim != DIMENSIONS[name]:
        raise JuliaError(f"cannot convert {array.ndim} dimensions to {kind}")
    if element == "Int" and not all(isinstance(v, int) for v in values):
        raise JuliaError(f"cannot convert {type(values)} to {kind}")
    return JuliaArray(kind, array)


def _array(value, kind, name):
    if not isinstance(value, JuliaArray) or value.kind != kind:
        raise JuliaError(f"MethodError: {name} must be {kind}, got {type(value).__name__}")
    return value.values


def _kind(expected):
    def check(value, name):
        _array(value, expected, name)

    return check


def _one_of(*names):
    def check(value, name):
        if not isinstance(value, JuliaValue) or value.name not in names:
            raise JuliaError(f"TypeError: in keyword argument {name}, got {value!r}")

    return check


def _plain(kind, refuse=()):
    def check(value, name):
        if not isinstance(value, kind) or isinstance(value, refuse):
            raise JuliaError(f"TypeError: in keyword argument {name}, got {value!r}")

    return check


INTEGER, BOOLEAN = _plain(int, bool), _plain(bool)
KEYWORDS = {
    "loss": _one_of("mse", "logitbinarycrossentropy"),
    "intercept": BOOLEAN,
    "group": _kind("Vector{Int}"),
    "lambda": _kind("Vector{Float64}"),
    "lambda_n": INTEGER,
    "relax": BOOLEAN,
    "gamma": _kind("Vector{Float64}"),
    "device": _one_of("cpu"),
    "optimiser": _one_of("Adam"),
    "epoch_max": INTEGER,
    "early_stop": BOOLEAN,
    "patience": INTEGER,
    "hidden_layers": _kind("Vector{Int}"),
    "dropout": _plain(numbers.Real, bool),
    "initialise": _plain(str),
    "sign_constraint": _kind("Vector{Int}"),
    "verbose": BOOLEAN,
    "activation_fun": _one_of("relu"),
}


class StandIn:
    """``juliacall.Main`` with the package loaded, for one recorded fit and its rows.

    Parameters
    ----------
    record, data : dicts of arrays, a recorded fit and its rows
    """

    def __init__(self, record, data):
        self.record, self.data = record, data
        self.Matrix, self.Vector = _Parametric("Matrix"), _Parametric("Vector")
        self.Float64, self.Int = "Float64", "Int"
        names = ("cpu", "mse", "logitbinarycrossentropy", "relu", "Adam")
        self.Flux = SimpleNamespace(**{name: JuliaValue(name) for name in names})
        self.evaluated, self.keywords = [], None

    def seval(self, code):
        self.evaluated.append(code)

    def classo(self, x, z, y, x_val, z_val, y_val, **keywords):
        for name, value in dict(x=x, z=z, x_val=x_val, z_val=z_val).items():
            _array(value, "Matrix{Float64}", name)
        for name, value in dict(y=y, y_val=y_val).items():
            _array(value, "Vector{Float64}", name)
        for name, value in keywords.items():
            if name not in KEYWORDS:
                raise JuliaError(f"MethodError: unsupported keyword argument {name!r}")
            KEYWORDS[name](value, name)
        if keywords.get("lambda") is None and keywords.get("lambda_n", 50) == 1:
            raise JuliaError("ArgumentError: range(start, stop, 1) with start != stop")
        for ours, recorded in ((x, "X"), (y, "y"), (x_val, "Xv"), (y_val, "yv")):
            np.testing.assert_array_equal(ours.values, self.data[recorded])
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

    def _rule(self, fit, keywords):
        """The rule whose lambda was asked for: only those answers are recorded."""
        (name, value), *rest = keywords.items()
        if name != "lambda" or rest or not isinstance(value, str | float):
            raise JuliaError(f"MethodError: no method for {keywords}")
        for rule in ("min", "1se"):
            if value in (f"lambda_{rule}", self.record[f"lambda_{rule}"]):
                return rule
        raise KeyError(f"nothing recorded for lambda = {value}")

    def coef(self, fit, z, **keywords):
        _array(z, "Matrix{Float64}", "z")
        np.testing.assert_array_equal(z.values, self.data["Xt"])
        return self.record[f"coef_test_{self._rule(fit, keywords)}"]

    def predict(self, fit, x, z, **keywords):
        for name, value in dict(x=x, z=z).items():
            _array(value, "Matrix{Float64}", name)
            np.testing.assert_array_equal(value.values, self.data["Xt"])
        return self.record[f"yhat_test_{self._rule(fit, keywords)}"]
