"""Columns of numbers alone, made of what a table's columns are: categories as 0 and 1, and gaps.

An ordinary coding, for a model that knows no categories: each level but the most frequent one has a
column, and so has the absence of a number.  Dummies of one category do not modulate each other
(:mod:`nimo.selection.redundancy`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from nimo.frames.table import Table


@dataclass(frozen=True)
class Source:
    """Where one column of numbers comes from.

    Parameters
    ----------
    name : str
    column : int, of the table
    code : of the level that is 1, None of a number
    codes : of all levels that training has seen
    gap : whether it is 1 where the column is missing
    """

    name: str
    column: int
    code: float | None = None
    codes: tuple[float, ...] = ()
    gap: bool = False

    def numbers(self, coded: np.ndarray) -> np.ndarray:
        """(n,) float; NaN where a number is missing, or a level that training has not seen."""
        values = coded[:, self.column]
        if self.gap:
            return np.isnan(values).astype(np.float64)
        if self.code is None:
            return values
        return np.where(np.isin(values, self.codes), values == self.code, np.nan)


@dataclass(frozen=True)
class NumberColumns:
    """The columns of numbers, d of them."""

    sources: tuple[Source, ...]

    @staticmethod
    def learned(table: Table, coded: np.ndarray) -> NumberColumns:
        """Of training rows as the table reads them.

        Raises
        ------
        ValueError
            No column says anything: each is a category of one level.  Two would share a name, such
            as "a is missing" of a column ``a`` and a column that is called so.
        """
        found = []
        for j, column in enumerate(table.columns):
            values = coded[:, j]
            if not column.category:
                found.append(Source(column.name, j))
                if np.isnan(values).any():
                    found.append(Source(f"{column.name} is missing", j, gap=True))
                continue
            codes = tuple(column.codes)
            usual = max(codes, key=lambda code: np.count_nonzero(values == code))
            for code, level in zip(codes, column.levels, strict=True):
                says = "is missing" if level is None else f"= {level}"
                if code != usual:
                    found.append(Source(f"{column.name} {says}", j, code, codes))
        if not found:
            names = ", ".join(repr(column.name) for column in table.columns)
            raise ValueError(f"every column is a category of one level: {names}")
        name, times = Counter(source.name for source in found).most_common(1)[0]
        if times > 1:
            raise ValueError(f"{times} columns of the model would have the name {name!r}")
        return NumberColumns(tuple(found))

    @property
    def names(self) -> list[str]:
        return [source.name for source in self.sources]

    def matrix(self, coded: np.ndarray) -> np.ndarray:
        """(n, d) float of rows as the table reads them."""
        return np.column_stack([source.numbers(coded) for source in self.sources])
