"""Columns as users have them: numbers, booleans, categories with an order or without, gaps.

What a column is, is learned in training.  A frame (pandas, polars, whatever narwhals reads) then
becomes a matrix of floats: a number is itself, an ordered category its place in the order, each NaN
where missing; an unordered category is the number of its level, from 1 on, and 0 for a level that
training has not seen.  One of two levels is a number, 0 or 1, NaN for another.  Missing is a level
of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

Level = str | bool | int | float | None
UNSEEN_LEVEL = 0.0
DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


class _Read(NamedTuple):
    """A column as it came: ``kind`` is "number", "ordered", "category", or "text" where the values
    alone say what it is."""

    kind: str
    values: np.ndarray | list
    order: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Column:
    """What training has learned of one column.

    Parameters
    ----------
    name : str
    kind : "number", "ordered" or "category"
    levels : of a category: seen in training, None where missing; if ordered, all, from low to high
    """

    name: str
    kind: str = "number"
    levels: tuple[Level, ...] = ()

    @staticmethod
    def of(name: str, read: _Read) -> Column:
        if read.kind == "ordered":
            return Column(name, "ordered", read.order)
        values = read.values
        if read.kind == "number" or (read.kind == "text" and _numbers(values)):
            return Column(name)
        if read.kind == "text":
            _check_text(name, values)
        seen = set(values)
        levels = sorted(seen - {None}, key=lambda level: (isinstance(level, str), level))
        return Column(name, "category", (*levels, None) if None in seen else tuple(levels))

    def numbers(self, read: _Read) -> np.ndarray:
        """(n,) float

        Raises
        ------
        ValueError
            Text where there were numbers or levels that are numbers, numbers where there was text,
            an infinite number.
        """
        if self.kind == "number":
            # a column in which all is missing holds no numbers either, and may be used
            other = [] if read.kind == "number" else _others(read.values, Real)
            if other:
                raise ValueError(f"column {self.name!r} held numbers in training, got {other[0]!r}")
            found = np.array(read.values, dtype=np.float64)  # None becomes NaN
            if np.isinf(found).any():
                raise ValueError(f"Input X contains infinity: column {self.name!r}")
            return found
        values: Iterable = read.values
        if isinstance(values, np.ndarray):
            values = [None if value != value else value for value in values.tolist()]
        words = [level for level in self.levels if level is not None]
        for kind in (str, Real):
            # each value of another type would be a level that training has not seen
            other = [] if not words or _others(words, kind) else _others(values, kind)
            if other:
                raise ValueError(
                    f"column {self.name!r} held the levels {_some(words)} in training, got "
                    f"{other[0]!r}"
                )
        absent = UNSEEN_LEVEL if self.block else np.nan
        codes = dict(zip(self.levels, self.codes, strict=True))
        return np.array([codes.get(value, absent) for value in values], dtype=np.float64)

    @property
    def category(self) -> bool:
        """Whether it has levels without an order."""
        return self.kind == "category"

    @property
    def block(self) -> bool:
        """Whether its levels have an effect each; of two one says what the other does."""
        return self.category and len(self.levels) != 2

    @property
    def codes(self) -> list[float]:
        """Numbers of the levels."""
        return [float(k + self.block) for k in range(len(self.levels))]

    def level(self, code: float) -> Level:
        """Of a code; None where missing, or a level that training has not seen."""
        return dict(zip(self.codes, self.levels, strict=True)).get(code)


@dataclass(frozen=True)
class Table:
    """The columns of a training table."""

    columns: tuple[Column, ...]

    @staticmethod
    def learned(X: Any) -> Table:
        """Of a frame, or of a 2-D array of objects, whose columns are x1, x2, ...

        Raises
        ------
        ValueError
            A column that cannot be used; names it.
        """
        reads = _of_frame(X) if is_frame(X) else _numbered(_of_array(X))
        return Table(tuple(Column.of(name, read) for name, read in reads))

    @staticmethod
    def numeric(names: Sequence[str]) -> Table:
        return Table(tuple(map(Column, names)))

    @property
    def names(self) -> list[str]:
        """Names of the columns, as text."""
        return [column.name for column in self.columns]

    @property
    def level_counts(self) -> np.ndarray:
        """(d,) int: of categories with an effect of each level their number, 0 for all others."""
        return np.array([len(c.levels) if c.block else 0 for c in self.columns], dtype=int)

    @property
    def categories(self) -> np.ndarray:
        """(d,) bool, whether without an order"""
        return np.array([column.category for column in self.columns], dtype=bool)

    @property
    def plain(self) -> bool:
        """Whether all columns hold numbers."""
        return all(column.kind == "number" for column in self.columns)

    def matrix(self, X: Any) -> np.ndarray:
        """(n, d) float of a frame, or of a 2-D array whose columns are in the same order."""
        reads = [read for _, read in _of_frame(X)] if is_frame(X) else _of_array(X)
        if len(reads) != len(self.columns):
            raise ValueError(f"X has {len(reads)} features, expected {len(self.columns)}")
        if not reads:
            return np.zeros((len(X), 0))
        pairs = zip(self.columns, reads, strict=True)
        return np.column_stack([column.numbers(read) for column, read in pairs])

    def numbers(self, j: int, values: Any) -> np.ndarray:
        """(m,) float of given values of one column: numbers, or levels."""
        column = self.columns[j]
        if column.kind == "number":
            return np.asarray(values, dtype=np.float64)
        read = _of_objects(values)
        # levels that are intervals or dates are kept as their text
        held = [
            str(v) if not isinstance(v, str | Real | None) and str(v) in column.levels else v
            for v in read.values
        ]
        return column.numbers(read._replace(values=held))


def is_frame(X: Any) -> bool:
    """Whether it has columns of their own types.

    Raises
    ------
    TypeError
        A lazy frame.
    """
    if nw.dependencies.is_polars_lazyframe(X):
        raise TypeError("X is a lazy frame, of which nothing is known yet: give X.collect()")
    return bool(nw.dependencies.is_into_dataframe(X))


def _of_frame(X: Any) -> list[tuple[str, _Read]]:
    names = list(getattr(X, "columns", ()))
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise ValueError(f"X has more than one column {twice[0]!r}")
    frame = nw.from_native(X, eager_only=True)
    return [(str(one.name), _of_series(str(one.name), one)) for one in frame.iter_columns()]


def _of_series(name: str, series: Any) -> _Read:
    dtype = series.dtype
    if dtype.is_numeric() or dtype == nw.Boolean:
        gaps = series.is_null()
        if gaps.any():
            found = np.full(len(series), np.nan)
            there = ~gaps.to_numpy().astype(bool)
            found[there] = series.filter(~gaps).to_numpy().astype(np.float64)
            return _Read("number", found)
        return _Read("number", series.to_numpy().astype(np.float64))
    if dtype.is_temporal():
        raise ValueError(_date(name))
    if dtype in (nw.Categorical, nw.Enum):
        native = series.to_native()
        values = [_level(value, str) for value in series.to_list()]
        # polars' enumerations are names, pandas says whether there is an order
        if getattr(native.dtype, "ordered", False):
            return _Read("ordered", values, tuple(_level(v, str) for v in native.dtype.categories))
        return _Read("category", values)
    if dtype in (nw.String, nw.Object) or series.is_null().all():
        return _of_objects(series.to_list())
    raise ValueError(
        f"column {name!r} has the type {series.to_native().dtype}; numbers, booleans, text and "
        "categories can be used"
    )


def _of_array(X: Any) -> list[_Read]:
    values = np.asarray(X)
    if values.ndim != 2:
        raise ValueError(f"Expected 2D array, got an array of shape {values.shape} instead")
    if values.dtype.kind in "biuf":
        return [_Read("number", column) for column in values.T.astype(np.float64)]
    return [_of_objects(column) for column in values.T]


def _numbered(reads: list[_Read]) -> list[tuple[str, _Read]]:
    return [(f"x{j + 1}", read) for j, read in enumerate(reads)]


def _of_objects(values: Any) -> _Read:
    return _Read("text", [_level(value) for value in np.asarray(values, dtype=object).tolist()])


def _level(value: Any, other: Any = None) -> Any:
    """A value in Python's types, None where missing; ``other`` of what is none of these."""
    if isinstance(value, np.generic) and not isinstance(value, DATES):
        value = value.item()
    if isinstance(value, Decimal):
        value = float(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if type(value).__name__ in ("NAType", "NaTType") or (
        isinstance(value, float) and value != value
    ):
        return None
    return value if isinstance(value, float) or other is None else other(value)


def _numbers(values: Any) -> bool:
    """Whether all that is there is a number, and something is."""
    if isinstance(values, np.ndarray):
        return True
    there = [value for value in values if value is not None]
    return bool(there) and all(isinstance(value, Real) for value in there)


def _others(values: Iterable, kind: Any) -> list:
    """Of what is there, all that is of another type."""
    return [value for value in values if value is not None and not isinstance(value, kind)]


def _check_text(name: str, values: Iterable) -> None:
    for value in values:
        if isinstance(value, DATES):
            raise ValueError(_date(name))
        if value is not None and not isinstance(value, str | Real):
            raise ValueError(
                f"column {name!r} holds {type(value).__name__} objects; numbers, booleans, text "
                "and categories can be used"
            )


def _date(name: str) -> str:
    return (
        f"column {name!r} holds dates or times; give numbers in its place, such as days since a "
        "date, the month, the hour"
    )


def _some(levels: list) -> str:
    shown = ", ".join(repr(level) for level in levels[:3])
    return shown if len(levels) <= 3 else f"{shown}, ..."
