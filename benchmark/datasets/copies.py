"""A feature that is the target under another name: with it, every method is perfect."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.dataset import TableError

#: rounded digits of a copy, in standard deviations of the target
ROUNDING = 1e-4


def refuse_copies(columns, target: str, y: np.ndarray, shown: str):
    """Refuse a feature that tells the target exactly.

    That is a linear function of it, and where the target or the feature has few values, the same
    under other labels.  Rows without a value do not make a copy another feature.

    Parameters
    ----------
    columns : sequence of benchmark.datasets.encoding.Column
    target : its name
    y : (n,), its values
    shown : how the message names the file

    Raises
    ------
    TableError
    """
    for column in columns:
        if (how := _how(column, y)) is not None:
            raise TableError(
                f'{shown}: column "{column.name}" is a copy of the target "{target}"{how}; drop it'
            )


def _how(column, y) -> str | None:
    """In which way a column is a copy of the target, in words; None if it is none."""
    few = y.dtype.kind == "i"  # classes
    if column.numeric:
        here, codes = ~np.isnan(column.values), column.values
        numbers = column.values
    else:
        here, codes = column.values != "", column.rows()
        numbers = _as_numbers(column.values, here)
    if 2 * here.sum() < len(y):
        here = np.ones(len(y), dtype=bool)  # that it is missing may tell the class
        numbers = None
    if np.array_equal(codes, y):
        return ""
    if not few and numbers is not None and (line := _line(numbers[here], y[here])):
        return line
    if few or not column.numeric:
        codes = np.where(np.isnan(codes), np.inf, codes)
        everywhere = np.ones(len(y), dtype=bool)
        if _relabelled(codes[here], y[here]) or _relabelled(codes[everywhere], y):
            return " under other labels"
    return None


def _as_numbers(values, here) -> np.ndarray | None:
    """Categories that are spelled as numbers, as numbers."""
    numbers = np.full(len(values), np.nan)
    try:
        numbers[here] = values[here].astype(float)
    except ValueError:
        return None
    return numbers


def _line(x, y) -> str | None:
    """The linear function of y that x is, in words; None if it is none."""
    scale = np.abs(x).max()
    x_centred = x / scale - np.mean(x / scale) if scale else x
    y_centred = y - y.mean()
    if not x_centred.any() or not y_centred.any():
        return None
    slope = x_centred @ y_centred / (y_centred @ y_centred)
    rest = x_centred - slope * y_centred
    if np.std(rest) > ROUNDING * np.std(x_centred):
        return None
    times = slope * scale
    plus = x.mean() - times * y.mean()
    plus = plus if abs(plus) > 1e-9 * scale else 0.0
    return f" (times {times:.4g}, plus {plus:.4g})"


def _relabelled(x, y) -> bool:
    """Whether each value of one stands for one value of the other, and each often."""
    x = np.unique(x, return_inverse=True)[1]
    y = np.unique(y, return_inverse=True)[1]
    n_values = x.max() + 1
    pairs = len(np.unique(np.column_stack([x, y]), axis=0))
    return pairs == n_values == y.max() + 1 and 1 < n_values <= len(y) / 2
