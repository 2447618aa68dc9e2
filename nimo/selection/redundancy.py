"""Which columns say different things: what may change the effect of what.

A correction g_j that saw x_j could make a shape function of it, or a constant that carries what
belongs to other features.  Leaving column j out is not enough where another column says the same: a
copy, the complement of a dummy, another dummy of the same category.  What two columns say is read
off the rows; names and units do not matter.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Values closer than this share of a column's range are the same: a network sees single precision.
PRECISION = float(np.finfo(np.float32).eps)
# A cycle among a few rows is one among all: with many, most pairs are settled by the first.
FIRST_ROWS = 500


def may_modulate(x: np.ndarray) -> np.ndarray:
    """Pairs of columns of which one may change the effect of the other.

    Not one of these pairs:

    * Columns of repeated values where all that the rows can say of both together is a function of
      one plus a function of the other.  For two two-valued columns that is an empty cell among
      their four, as of dummies of one category, complements, and nested dummies: the product is a
      sum of the two then.  Dummies that are never on together by chance belong to them; nothing is
      lost, as no row shows what they do together.
    * A copy: a column that differs from a straight line in the other by less than neighbouring rows
      do, so that the rows cannot tell a function of one from a function of the other.
    * A constant and anything else.

    Parameters
    ----------
    x : (n, d) array

    Returns
    -------
    (d, d) bool array, symmetric, with a False diagonal
    """
    x = np.asarray(x, dtype=np.float64)
    n, d = x.shape
    constant = np.ptp(x, axis=0) == 0
    may = ~(_copies(x) | constant[:, None] | constant)
    np.fill_diagonal(may, False)
    codes = {j: code for j in range(d) if (code := _repeated(x[:, j])) is not None}
    two = np.array([j for j, code in codes.items() if code.max() == 1], dtype=int)
    may[np.ix_(two, two)] &= ~_empty_cell(np.array([codes[j] for j in two]).reshape(-1, n))
    for j, code in codes.items():
        for k, other in codes.items():
            several = code.max() > 1 or other.max() > 1
            if k < j and several and may[j, k] and _additive(code, other):
                may[j, k] = may[k, j] = False
    return may


def of_a_category(x: np.ndarray) -> np.ndarray:
    """Columns of x (n, d) with two values, or that share with another what they say, (d,) bool."""
    apart = ~may_modulate(x)
    np.fill_diagonal(apart, False)
    two = [(column == column.min()) | (column == column.max()) for column in x.T]
    return np.asarray(apart.any(1) | np.all(two, axis=1))


def _empty_cell(codes: np.ndarray) -> np.ndarray:
    """(m, m) bool, pairs of rows of ``codes`` (m, n), 0 or 1, where a combination is missing."""
    on = codes.astype(np.float64)
    found = np.zeros((len(on), len(on)), dtype=bool)
    for a in (on, 1 - on):
        for b in (on, 1 - on):
            found |= a @ b.T == 0
    return found


def _copies(x: np.ndarray) -> np.ndarray:
    """(d, d) bool, columns that differ from a line in each other by less than rows do."""
    centred = x - x.mean(0)
    size = np.sqrt(np.mean(centred**2, axis=0))
    unit = centred / np.where(size > 0, size, 1.0)
    correlation = unit.T @ unit / len(x)
    left = np.sqrt(np.maximum(1 - correlation**2, 0.0))
    gap = np.ptp(unit, axis=0) / max(1, len(x) - 1)  # mean distance of neighbouring rows
    return np.asarray(left <= np.minimum(gap[:, None], gap))


def _repeated(column: np.ndarray) -> np.ndarray | None:
    """(n,) int, numbers of the values; None where a value is unique, unless there are but two."""
    order = np.argsort(column, kind="stable")
    steps = np.diff(column[order]) > PRECISION * np.ptp(column)
    code = np.empty(len(column), dtype=int)
    code[order] = np.concatenate([[0], np.cumsum(steps)])
    counts = np.bincount(code)
    return code if len(counts) <= 2 or counts.min() > 1 else None


def _additive(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether any function of both codes (n,) is, on these rows, a sum of functions of each.

    The values of a and of b are the nodes of a graph, and those that occur together its edges.  The
    sums have as many free values as there are edges if and only if there is no cycle.
    """
    for rows in (slice(FIRST_ROWS), slice(None)):
        if _has_cycle(a[rows], b[rows]):
            return False
        if len(a) <= FIRST_ROWS:
            break
    return True


def _has_cycle(a: np.ndarray, b: np.ndarray) -> bool:
    width = int(b.max()) + 1
    together = np.unique(a * width + b)
    if len(together) > int(a.max()) + width:
        return True
    a, b = np.divmod(together, width)
    a, b = np.unique(a, return_inverse=True)[1], np.unique(b, return_inverse=True)[1]
    first, second = int(a.max()) + 1, int(b.max()) + 1
    nodes = first + second
    if len(a) >= nodes:
        return True
    edges = coo_array((np.ones(len(a)), (a, first + b)), shape=(nodes, nodes))
    parts = connected_components(edges, directed=False, return_labels=False)
    return len(a) > nodes - parts
