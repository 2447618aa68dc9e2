"""A fitted model as the source of a Python module that imports ``math`` and ``bisect`` alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from nimo.export.piecewise import Piecewise
from nimo.export.terms import Kernel, Terms

HEAD = '''"""A fitted {estimator} as numbers: made by hybrid-interpretable-models.

predict(row) takes a mapping from columns' names to values; None, NaN and pandas' NA are missing.
A name that the mapping lacks is a KeyError.
"""

import math
from bisect import bisect_right

'''

BODY = '''

def _missing(value):
    # pandas' NA has no truth value, so it is known by its type
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _values(row):
    """Numbers of the columns: None where missing, numbers of levels (from 0 on)."""
    found = {}
    for j, (name, kind, codes) in COLUMNS.items():
        value = row[name]
        if _missing(value):
            value = None
        if kind == "number":
            found[j] = None if value is None else float(value)
        elif value is None or isinstance(value, (str, int, float)):
            found[j] = codes.get(value)
        else:
            # intervals and dates are kept as their text
            found[j] = codes.get(value, codes.get(str(value)))
    return found


def _polynomials(table, x):
    cuts, anchors, pieces = table
    i = bisect_right(cuts, x)
    t = x - anchors[i]
    return [a + t * (b + t * (c + t * d)) for a, b, c, d in pieces[i]]


def _factors(j, u, value):
    kind, table = FACTORS[j]
    if kind == "number":
        return [value for one in table for value in _polynomials(one, u)]
    return table[value] if value is not None else [0.0] * len(table[0])


def linear_predictor(row):
    """A list: one number, or one for each of more than two classes."""
    values = _values(row)
    eta = list(CONSTANT)
    u, inside = {}, {}
    for j, (kind, baseline, scale, low, high) in UNITS.items():
        value = values[j]
        if kind == "block":
            continue
        u[j] = 0.0 if value is None else (value - baseline) / scale
        inside[j] = min(max(u[j], low), high)

    def add(numbers, factor=1.0):
        for k, number in enumerate(numbers):
            eta[k] += factor * number

    for j, slope in SLOPES.items():
        add(slope, u[j])
    for j, table in CURVES.items():
        add(_polynomials(table, u[j]))
    for j, effects in LEVELS.items():
        if values[j] is not None:
            add(effects[values[j]])
    for j, effect in MISSING.items():
        if values[j] is None:
            add(effect)
    factors = {j: _factors(j, u.get(j), values[j]) for j in FACTORS}
    for features, coefficients in PRODUCTS:
        _add_product(add, [factors[j] for j in features], coefficients, 1.0)
    for features, own, relevance, centres, weights, at_zero in KERNELS:
        x = [inside[j] for j in features]
        if x[own] == 0.0:
            continue
        for centre, weight in zip(centres, weights):
            far = sum(r * (a - z) ** 2 for r, a, z in zip(relevance, x, centre))
            add(weight, x[own] * math.exp(-0.5 * far))
        far = sum(r * a**2 for r, a in zip(relevance, x))
        add(at_zero, -x[own] * math.exp(-0.5 * far))
    return eta


def _add_product(add, factors, coefficients, factor):
    if not factors:
        add(coefficients, factor)
        return
    for value, inner in zip(factors[0], coefficients):
        if value != 0.0:
            _add_product(add, factors[1:], inner, factor * value)

'''

IDENTITY = """
def predict(row):
    return linear_predictor(row)[0]
"""
ENDS = {
    "gaussian": IDENTITY,
    "quantile": IDENTITY,
    "gamma": """
def predict(row):
    return math.exp(min(linear_predictor(row)[0], 700.0))
""",
    "poisson": '''
def predict(row):
    """An expected count; beyond exp(30) its logarithm is no longer followed."""
    (eta,) = linear_predictor(row)
    return math.exp(min(eta, 30.0)) * (1.0 + max(eta - 30.0, 0.0))
''',
    "binomial": '''
def predict_proba(row):
    """Probabilities of CLASSES."""
    eta = linear_predictor(row)
    if len(eta) == 1:
        eta = [0.0, *eta]
    most = max(eta)
    parts = [math.exp(one - most) for one in eta]
    return [part / sum(parts) for part in parts]


def predict(row):
    eta = linear_predictor(row)
    if len(eta) == 1:
        return CLASSES[int(eta[0] > 0)]
    return CLASSES[eta.index(max(eta))]
''',
}


def source(terms: Terms, estimator: str, classes: np.ndarray | None) -> str:
    """The module's text."""
    columns = terms.table.columns
    blocks = terms.table.level_counts > 0
    content: dict[str, Any] = {
        "COLUMNS": {
            j: (columns[j].name, columns[j].kind, {v: k for k, v in enumerate(columns[j].levels)})
            for j in terms.used
        },
        "UNITS": {
            j: (
                "block" if blocks[j] else "number",
                *(float(of[j]) for of in (terms.baseline, terms.scale, terms.low, terms.high)),
            )
            for j in terms.used
        },
        "CONSTANT": terms.constant,
        "SLOPES": terms.slopes,
        "CURVES": terms.curves,
        "LEVELS": terms.levels,
        "MISSING": terms.missing,
        "FACTORS": {
            j: ("number" if isinstance(one, list) else "block", one)
            for j, one in terms.factors.items()
        },
        "PRODUCTS": terms.products,
        "KERNELS": terms.kernels,
    }
    if classes is not None:
        content["CLASSES"] = classes
    lines = [f"{name} = {_plain(value)!r}\n" for name, value in content.items()]
    return HEAD.format(estimator=estimator) + "".join(lines) + BODY + ENDS[terms.family]


def _plain(value: Any) -> Any:
    """Python's own types."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Piecewise):
        pieces = value.coefficients.transpose(0, 2, 1)
        return (value.cuts.tolist(), value.anchors.tolist(), pieces.tolist())
    if isinstance(value, Kernel):
        parts = (value.relevance, value.centres, value.weights, value.at_zero)
        return (value.features, value.own, *map(_plain, parts))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(one) for one in value)
    return value
