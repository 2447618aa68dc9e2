"""A CSV file of the user's own: read strictly, refuse with the column and the value."""

from __future__ import annotations

import csv
from functools import cache, partial
from pathlib import Path

import numpy as np

from benchmark.datasets.dataset import TableError
from benchmark.datasets.encoding import Column
from benchmark.datasets.tabular import Table, Tabular

MIN_ROWS = 30
MIN_CLASS_ROWS = 10  # so that each part of a split has both classes
MISSING = {"", "na", "nan", "null", "none", "?"}


def declare(name: str, spec) -> Tabular:
    """The data set of one entry under ``csv:`` in a config; the file is read when it is needed."""
    options = {key: _frozen(value) for key, value in spec.items()}
    load = partial(_load, tuple(sorted(options.items())))
    return Tabular(name, spec["task"], "real", f"the user's file {spec['path']}", load)


def _frozen(value):
    """Lists and mappings as tuples, so that one reading of a file can be kept."""
    if isinstance(value, dict):
        return tuple((key, tuple(levels)) for key, levels in value.items())
    return tuple(value) if isinstance(value, list) else value


def _load(options) -> Table:
    path = Path(dict(options)["path"])
    stamp = path.stat().st_mtime_ns if path.exists() else None
    return _read_once(options, path.resolve(), stamp)


@cache
def _read_once(options, path, stamp) -> Table:
    """One reading serves all splits, until the file is another or has changed."""
    return read(**dict(options))


def read(path, target, task, drop=(), categorical=(), ordered=(), group=None) -> Table:
    """Read a CSV file with a header.

    A column of numbers is numeric, any other an unordered category; "", NA, nan, null, none and ?
    are missing.  Rows without a target are left out.

    Parameters
    ----------
    path : path of the file
    target : name of the target column
    task : "regression" or "classification" (two classes, of any spelling; sorted, they become 0, 1)
    drop : names of columns to leave out
    categorical : names of columns whose numbers are codes of unordered categories
    ordered : pairs of a column's name and its levels from low to high
    group : name of a column whose equal values stay in one part of a split; no feature

    Raises
    ------
    TableError
        No such file, no header, fewer than 30 rows, a named column that is absent, an infinite
        value, a column that is nearly all numbers but not quite, or text that differs from row to
        row, constant or identical columns, a level that was not named, a target that does not fit
        the task.
    """
    path, ordered = Path(path), dict(ordered)
    header, body = _read_cells(path)
    named = (target, *drop, *categorical, *ordered, *([group] if group else []))
    for name in named:
        if name not in header:
            raise TableError(f'{path}: no column "{name}"; there are: {", ".join(header)}')
    place = header.index(target)
    lines = [i for i, row in enumerate(body) if not _is_missing(row[place])]
    notes = []
    if len(lines) < len(body):
        notes.append(f"{len(body) - len(lines)} rows without {target} left out")
    if len(lines) < MIN_ROWS:
        raise TableError(f"{path}: {len(lines)} rows; at least {MIN_ROWS} are needed to split them")
    cells = {name: [body[i][j].strip() for i in lines] for j, name in enumerate(header)}
    reader = _Reader(path, [i + 2 for i in lines])
    names = [name for name in header if name not in (target, group) and name not in drop]
    if not names:
        raise TableError(f"{path}: no feature is left beside the target")
    columns = [
        reader.feature(name, cells[name], name in categorical, ordered.get(name)) for name in names
    ]
    reader.refuse_doubles(columns)
    if task == "classification":
        y = reader.classes(target, cells[target])
    else:
        y = reader.response(target, cells[target])
    groups = np.array(cells[group]) if group else None
    return Table(columns, y, groups, tuple(notes))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _read_cells(path: Path):
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except FileNotFoundError:
        raise TableError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read as a CSV file: {error}") from None
    if not rows:
        raise TableError(f"{path}: the file is empty")
    header, body = [name.strip() for name in rows[0]], rows[1:]
    if all(_number(name) is not None for name in header):
        raise TableError(f"{path}: the first line holds numbers only; a header is needed")
    for name in header:
        if not name:
            raise TableError(f"{path}: column {header.index(name) + 1} has no name")
        if header.count(name) > 1:
            raise TableError(f'{path}: two columns are named "{name}"')
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise TableError(
                f"{path}, line {number}: {len(row)} cells, but the header has {len(header)}"
            )
    return header, body


class _Reader:
    """Columns of one file; ``lines`` are the line numbers of its rows."""

    def __init__(self, path, lines):
        self.path, self.lines = path, lines

    def feature(self, name, cells, categorical, levels) -> Column:
        """One feature, or the error that its cells amount to."""
        here = [i for i, cell in enumerate(cells) if not _is_missing(cell)]
        if not here:
            raise TableError(f'{self.path}: column "{name}" is empty; drop it')
        numbers = {i: _number(cells[i]) for i in here}
        if levels is not None:
            column = self._ordered(name, cells, here, levels)
        elif categorical or all(number is None for number in numbers.values()):
            column = self._categories(name, cells, here, categorical)
        else:
            column = self._numbers(name, cells, numbers)
        values = column.values[here]
        if len(here) == len(cells) and np.all(values == values[0]):
            shown = f"{values[0]:g}" if column.numeric else values[0]
            raise TableError(f'{self.path}: column "{name}" is constant ({shown}); drop it')
        return column

    def _numbers(self, name, cells, numbers) -> Column:
        values = np.full(len(cells), np.nan)
        for i, number in numbers.items():
            if number is None:
                raise TableError(
                    f'{self.path}: column "{name}" holds numbers, but "{cells[i]}" in line '
                    f'{self.lines[i]}; mend it, drop the column, or name it under "categorical"'
                )
            if not np.isfinite(number):
                raise TableError(
                    f'{self.path}: column "{name}" has an infinite value in line {self.lines[i]}'
                )
            values[i] = number
        return Column(name, values)

    def _categories(self, name, cells, here, categorical) -> Column:
        if not categorical and len({cells[i] for i in here}) > len(here) / 2:
            raise TableError(
                f'{self.path}: column "{name}" holds text that differs from row to row '
                f'("{cells[here[0]]}" in line {self.lines[here[0]]}); drop it'
            )
        return Column(name, np.array(["" if _is_missing(cell) else cell for cell in cells]))

    def _ordered(self, name, cells, here, levels) -> Column:
        levels = tuple(map(str, levels))
        for i in here:
            if cells[i] not in levels:
                raise TableError(
                    f'{self.path}: column "{name}" has "{cells[i]}" in line {self.lines[i]}, '
                    f"which is none of its levels {', '.join(levels)}"
                )
        column = self._categories(name, cells, here, True)
        return Column(name, column.values, levels)

    def refuse_doubles(self, columns):
        """No two columns may hold the same."""
        seen: dict[bytes, str] = {}
        for column in columns:
            first = seen.setdefault(column.rows().tobytes(), column.name)
            if first != column.name:
                raise TableError(
                    f'{self.path}: columns "{first}" and "{column.name}" are identical; drop one'
                )

    def response(self, name, cells) -> np.ndarray:
        """The target of a regression, (n,) float64."""
        for i, cell in enumerate(cells):
            if _number(cell) is None:
                raise TableError(
                    f'{self.path}: target "{name}" holds text ("{cell}" in line {self.lines[i]}); '
                    "a regression needs numbers"
                )
        y = self._numbers(name, cells, {i: _number(cell) for i, cell in enumerate(cells)}).values
        if np.ptp(y) == 0:
            raise TableError(f'{self.path}: target "{name}" is constant ({y[0]:g})')
        if len(np.unique(y)) == 2:
            raise TableError(
                f'{self.path}: target "{name}" has two values only; use the task classification'
            )
        return y

    def classes(self, name, labels) -> np.ndarray:
        """The target of a classification, (n,) 0/1 int64."""
        numbers = [_number(label) for label in labels]
        values = numbers if None not in numbers else labels
        classes = sorted(set(values))
        if len(classes) != 2:
            shown = ", ".join(map(str, classes[:5])) + (", ..." if len(classes) > 5 else "")
            raise TableError(
                f'{self.path}: target "{name}" has {len(classes)} classes ({shown}); '
                "the task classification needs exactly two"
            )
        for label in classes:
            if (count := values.count(label)) < MIN_CLASS_ROWS:
                shown = f"{label:g}" if isinstance(label, float) else label
                raise TableError(
                    f'{self.path}: target "{name}" has {count} rows of class {shown}; '
                    f"at least {MIN_CLASS_ROWS} of each class are needed"
                )
        return np.array([classes.index(value) for value in values], dtype=np.int64)
