"""The Julia side of the stand-ins: its types, and ``Main`` with the package loaded.

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


def flux():
    """``Flux`` once it is imported."""
    names = ("cpu", "mse", "logitbinarycrossentropy", "relu", "Adam")
    return SimpleNamespace(**{name: JuliaValue(name) for name in names})


class Main:
    """``juliacall.Main``: refuses what the package refuses; what a fit finds says a subclass."""

    def __init__(self):
        self.Matrix, self.Vector = _Parametric("Matrix"), _Parametric("Vector")
        self.Float64, self.Int = "Float64", "Int"

    def classo(self, x, z, y, x_val, z_val, y_val, **keywords):
        rows = dict(x=x, z=z, y=y, x_val=x_val, z_val=z_val, y_val=y_val)
        for name, value in rows.items():
            kind = "Vector{Float64}" if name.startswith("y") else "Matrix{Float64}"
            rows[name] = _array(value, kind, name)
        for name, value in keywords.items():
            if name not in KEYWORDS:
                raise JuliaError(f"MethodError: unsupported keyword argument {name!r}")
            KEYWORDS[name](value, name)
        if keywords.get("lambda") is None and keywords.get("lambda_n", 50) == 1:
            raise JuliaError("ArgumentError: range(start, stop, 1) with start != stop")
        return self.fitted(rows, keywords)

    def coef(self, fit, z, **keywords):
        return self.coefficients(fit, _array(z, "Matrix{Float64}", "z"), keywords)

    def predict(self, fit, x, z, **keywords):
        x, z = (_array(v, "Matrix{Float64}", name) for v, name in ((x, "x"), (z, "z")))
        return self.predictions(fit, x, z, keywords)
