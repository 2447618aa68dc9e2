"""Data sets that are one table: every split is another cut of the same rows.

60/20/20, encoded and standardised with what the training rows say; the target of a regression too.
Rows that repeat each other's features stay together, since a method that has seen one would know
the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmark import frames
from benchmark.datasets.dataset import PARTS, DataSet, Split, TableError, cut
from benchmark.datasets.encoding import Column, encode

SHARES = (0.6, 0.2, 0.2)
#: share of a temporal table's rows that one split takes
WINDOW = 0.8
#: of the parts of a split, in messages
USES = dict(zip(PARTS, ("train", "validate", "test"), strict=True))


@dataclass(frozen=True)
class Table:
    """Features and target of a table, before any split.

    Attributes
    ----------
    columns : sequence of Column
    y : (n,) float64, or 0/1 int64
    groups : (n,) labels, optional
        Rows of one label stay in one part of a split.
    notes : what was done on reading
    rare_share : see :func:`benchmark.datasets.encoding.encode`
    time : (n,) values that grow with time, optional
        The training rows of a split come before its validation rows, and these before its test
        rows; ``groups`` have no say then.
    """

    columns: Sequence[Column]
    y: np.ndarray
    groups: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    rare_share: float | None = None
    time: np.ndarray | None = None

    @staticmethod
    def of(X, y, names, **more) -> Table:
        """A table of numbers: X (n, d), y (n,), d names."""
        columns = [Column(name, X[:, j]) for j, name in enumerate(names)]
        return Table(columns, y, **more)

    @cached_property
    def together(self) -> np.ndarray:
        """(n,) number of each row's group: rows with the same features or the same given label."""
        features = np.column_stack([column.rows() for column in self.columns])
        features[np.isnan(features)] = -np.inf  # two missing values are equal
        same = np.unique(features, axis=0, return_inverse=True)[1].ravel()
        if self.groups is None:
            return same
        # rows that share a label or their features are joined, and so are those that these join
        given = np.unique(self.groups, return_inverse=True)[1].ravel()
        while True:
            joined = _least_by(given, _least_by(same, given))
            if np.array_equal(joined, given):
                return np.unique(given, return_inverse=True)[1]
            given = joined


@dataclass(frozen=True)
class OneTable(DataSet):
    """A data set whose splits are cuts of one table."""

    def table(self) -> Table:
        """The table.  Every split asks for it, so it should keep what it has read."""
        raise NotImplementedError

    def split(self, index, config):
        """Cut, encode and standardise."""
        return make_split(self, index, config, self.table())


@dataclass(frozen=True)
class Tabular(OneTable):
    """A table with a way to load it.

    Parameters
    ----------
    load : callable without arguments, returns a :class:`Table`
        Every split asks for it, so it should keep what it has read.
    """

    load: Callable[[], Table]

    def table(self):
        """What ``load`` returns."""
        return self.load()


def _sizes(n):
    train = int(round(SHARES[0] * n))
    val = int(round(SHARES[1] * n))
    return [train, val, n - train - val]


def _order(y, task, rng):
    """Row order of a split; in classification each part has its share of both classes."""
    order = rng.permutation(len(y))
    if task == "regression":
        return order
    ones, zeros = order[y[order] == 1], order[y[order] == 0]
    n_ones = np.array(_sizes(len(ones)))
    n_zeros = np.array(_sizes(len(y))) - n_ones
    parts = zip(
        np.split(ones, np.cumsum(n_ones)[:-1]),
        np.split(zeros, np.cumsum(n_zeros)[:-1]),
        strict=True,
    )
    return np.concatenate([rng.permutation(np.concatenate(part)) for part in parts])


def _least_by(groups, values):
    """(n,) the least value within each row's group."""
    least = np.full(groups.max() + 1, values.max())
    np.minimum.at(least, groups, values)
    return least[groups]


def _grouped_order(y, task, groups, rng):
    """Order and part sizes where groups of rows stay together.

    Whole groups are dealt out, in a random order and (classification) for each class apart, to the
    part that lacks most of its share.
    """
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    first = np.array([y[rows[0]] if task == "classification" else 0 for rows in members])
    parts: list[list[int]] = [[] for _ in PARTS]
    for value in np.unique(first):
        which = np.flatnonzero(first == value)
        total = sum(len(members[g]) for g in which)
        wanted = np.array(SHARES) * total
        for g in rng.permutation(which):
            part = int(np.argmax(wanted))
            wanted[part] -= len(members[g])
            parts[part].extend(members[g].tolist())
    order = np.concatenate([rng.permutation(np.array(part, dtype=int)) for part in parts])
    return order, [len(part) for part in parts]


def _temporal_order(time, rng):
    """Order and part sizes of a stretch of ``WINDOW`` of the rows, drawn at random.

    Rows of one time are never parted: a part begins with all rows of its first time.
    """
    order = np.argsort(time, kind="stable")
    sorted_time = time[order]
    length = int(round(WINDOW * len(time)))
    start = int(rng.integers(len(time) - length + 1))
    shares = np.cumsum((0.0, *SHARES))
    ends = [min(start + int(round(share * length)), len(time) - 1) for share in shares]
    starts = np.searchsorted(sorted_time, sorted_time[ends])
    if ends[-1] == len(time) - 1:  # the table's last time is in
        starts[-1] = len(time)
    sizes = np.diff(starts)
    if (sizes <= 0).any():
        raise ValueError("too few different times for a training, a validation and a test part")
    parts = [order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)]
    return np.concatenate([rng.permutation(part) for part in parts]), sizes.tolist()


def rows_of(
    dataset: DataSet, index: int, config, table: Table
) -> tuple[np.ndarray, list[int], list[str]]:
    """Row order of a split, the sizes of its parts, and notes.

    Raises
    ------
    TableError
        A part has no rows, or no rows of a class, since whole groups have to stay together.
    """
    rng = dataset.generator(index, config)
    if table.time is not None:
        order, sizes = _temporal_order(np.asarray(table.time), rng)
        share = f"{len(order)} of {len(table.y)} rows"
        return order, sizes, [f"{share} that follow one another; training before test"]
    groups = table.together
    n, n_groups = len(table.y), int(groups.max()) + 1
    if n_groups == n:
        return _order(table.y, dataset.task, rng), _sizes(n), []
    order, sizes = _grouped_order(table.y, dataset.task, groups, rng)
    classes = set(table.y) if dataset.task == "classification" else set()
    for part, rows in zip(PARTS, np.split(order, np.cumsum(sizes)[:-1]), strict=True):
        absent = sorted(classes - set(table.y[rows]))
        if not len(rows) or absent:
            lacks = f"no rows of class {absent[0]}" if len(rows) else "no rows"
            raise TableError(
                f"split {index} has {lacks} to {USES[part]} with: rows of one group, and rows with "
                f"the same features, stay together, and there are {n_groups} such groups"
            )
    return order, sizes, [f"{n} rows in {n_groups} groups that stay together"]


def make_split(dataset: DataSet, index: int, config, table: Table) -> Split:
    """Cut a table at random, encode and standardise it with what the training rows say."""
    y, task = table.y, dataset.task
    order, sizes, grouped = rows_of(dataset, index, config, table)
    notes = [*table.notes, *grouped]
    X, names, encoded = encode(table.columns, order[: sizes[0]], table.rare_share)
    arrays = cut(X[order], y[order], sizes)
    mean, sd = arrays["X_train"].mean(0), arrays["X_train"].std(0)
    # constant among the training rows only; the deviation of such a column is not always exactly 0
    constant = np.ptp(arrays["X_train"], axis=0) == 0
    mean[constant], sd[constant] = arrays["X_train"][0, constant], 1.0
    for part in PARTS:
        arrays[f"X_{part}"] = (arrays[f"X_{part}"] - mean) / sd
    notes += [*encoded, "features standardised with training moments"]
    if task == "regression":
        if np.ptp(arrays["y_train"]) == 0:
            value = arrays["y_train"][0]
            raise TableError(f"split {index}: the target of all training rows is {value:g}")
        y_mean, y_sd = arrays["y_train"].mean(), arrays["y_train"].std()
        for part in PARTS:
            arrays[f"y_{part}"] = (arrays[f"y_{part}"] - y_mean) / y_sd
        notes[-1] = "features and target standardised with training moments"
    frame = frames.pack(table.columns, order, sizes[0])
    return Split(dataset.name, task, index, names, arrays, notes, frame=frame)
