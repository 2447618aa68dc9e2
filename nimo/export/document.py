"""A fitted estimator as a document of JSON's types, and back.

What may stand in it is written here: numbers, text, arrays, and the fields of a few classes.  So a
document cannot name code to run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from nimo.frames.table import Column, Table
from nimo.plus.basis import FeatureBasis, Steps
from nimo.plus.levels import LevelBasis
from nimo.plus.members import Member
from nimo.plus.model import AnchoredModel
from nimo.plus.modulation import Modulation
from nimo.plus.monotone import MonotoneBasis
from nimo.plus.path import Step
from nimo.plus.pieces import Functions, Piece
from nimo.plus.terms import Term, Worth
from nimo.plus.uncertainty import Covariance

FORMAT, VERSION = "nimo", 2
CLASSES = (
    *(AnchoredModel, Functions, FeatureBasis, LevelBasis, MonotoneBasis, Modulation),
    *(Member, Covariance, Step, Column, Table),
)
NAMED_TUPLES = (Piece, Term, Worth)
#: Kinds of NumPy's types that an array may have.
KINDS_OF_ARRAYS = "biufUO"


def encoded(value: Any) -> Any:
    """A value in JSON's types.

    Raises
    ------
    TypeError
        A value of a type that a document does not know.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, list):
        return [encoded(one) for one in value]
    if not isinstance(value, np.ndarray | type) and hasattr(value, "__array__"):
        value = np.asarray(value)  # a Series, an Index
    if isinstance(value, np.ndarray):
        flat = [encoded(one) for one in value.ravel().tolist()]
        return {"array": flat, "shape": list(value.shape), "dtype": value.dtype.str}
    if isinstance(value, NAMED_TUPLES):
        return {"named": [type(value).__name__, *map(encoded, value)]}
    if isinstance(value, tuple | set | frozenset):
        word = "tuple" if isinstance(value, tuple) else "set"
        items = value if word == "tuple" else sorted(value, key=lambda v: (isinstance(v, str), v))
        return {word: [encoded(one) for one in items]}
    if isinstance(value, dict):
        return {"dict": [[encoded(key), encoded(one)] for key, one in value.items()]}
    if isinstance(value, Steps):
        return {"steps": [encoded(one) for one in (value.origin, value.knots, value.turn)]}
    if isinstance(value, CLASSES):
        if isinstance(value, Functions):
            value = _without_idle(value)
        content = {one.name: encoded(getattr(value, one.name)) for one in fields(value)}
        return {"class": type(value).__name__, "fields": content}
    raise TypeError(f"a document cannot hold {type(value).__name__} objects, got {value!r}")


def decoded(value: Any) -> Any:
    """The inverse.

    Raises
    ------
    ValueError
        Something that :func:`encoded` does not write.
    """
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"class", "fields"}:
        return _instance(value["class"], value["fields"])
    if set(value) == {"array", "shape", "dtype"}:
        dtype = np.dtype(str(value["dtype"]))
        if dtype.kind not in KINDS_OF_ARRAYS:
            raise ValueError(f"a document has no arrays of the type {value['dtype']!r}")
        return np.array([decoded(one) for one in value["array"]], dtype).reshape(value["shape"])
    if len(value) == 1:
        ((word, content),) = value.items()
        if word in READERS:
            return READERS[word](content)
    raise ValueError(f"unknown entry in the document: {sorted(map(str, value))[:3]}")


def _dict(pairs: list) -> dict:
    return {decoded(key): decoded(one) for key, one in pairs}


READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "tuple": lambda items: tuple(map(decoded, items)),
    "set": lambda items: frozenset(map(decoded, items)),
    "dict": _dict,
    "named": lambda items: _named(*map(decoded, items)),
    "steps": lambda items: Steps.turned(*map(decoded, items)),
}


def _named(name: str, *items: Any) -> Any:
    for one in NAMED_TUPLES:
        if one.__name__ == name:
            return one(*items)
    raise ValueError(f"unknown tuple in the document: {name!r}")


def _instance(name: str, content: dict) -> Any:
    known = {one.__name__: one for one in CLASSES}
    if name not in known:
        raise ValueError(f"unknown class in the document: {name!r}")
    wanted = {one.name for one in fields(known[name])}
    if set(content) != wanted:
        other = sorted(wanted ^ set(content))
        raise ValueError(f"{name} in the document has other fields than here: {other[0]!r}")
    return known[name](**{key: decoded(one) for key, one in content.items()})


def _without_idle(functions: Functions) -> Functions:
    """Without the functions of features that no piece has."""
    used = {j for piece in functions.scale for j in piece.features}
    bases: list = [one if j in used else None for j, one in enumerate(functions.bases)]
    return replace(functions, bases=bases)
