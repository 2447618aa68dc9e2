"""A table of the user's own: read strictly, refuse with the column and the value."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

MIN_ROWS = 30
MIN_CLASS_ROWS = 10  # so that each part of a split has both classes


class TableError(ValueError):
    """A CSV file that cannot be used; the message names the file, the column and the value."""


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


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


def _feature(path, name, cells):
    values = np.empty(len(cells))
    for i, cell in enumerate(cells):
        cell = cell.strip()
        if cell == "" or cell.lower() in {"na", "nan", "null", "none", "?"}:
            raise TableError(
                f'{path}: column "{name}" has a missing value in line {i + 2}; '
                "fill it in or drop the column"
            )
        value = _number(cell)
        if value is None:
            raise TableError(
                f'{path}: column "{name}" holds text ("{cell}" in line {i + 2}); '
                "encode it as numbers or drop the column"
            )
        if not np.isfinite(value):
            raise TableError(f'{path}: column "{name}" has an infinite value in line {i + 2}')
        values[i] = value
    return values


def _class_target(path, name, cells):
    labels = [cell.strip() for cell in cells]
    missing = [i for i, label in enumerate(labels) if label == "" or label.lower() in {"na", "nan"}]
    if missing:
        raise TableError(f'{path}: target "{name}" has a missing value in line {missing[0] + 2}')
    numbers = [_number(label) for label in labels]
    values = numbers if None not in numbers else labels
    classes = sorted(set(values))
    if len(classes) != 2:
        shown = ", ".join(map(str, classes[:5])) + (", ..." if len(classes) > 5 else "")
        raise TableError(
            f'{path}: target "{name}" has {len(classes)} classes ({shown}); '
            "the task classification needs exactly two"
        )
    for label in classes:
        if (count := values.count(label)) < MIN_CLASS_ROWS:
            shown = f"{label:g}" if isinstance(label, float) else label
            raise TableError(
                f'{path}: target "{name}" has {count} rows of class {shown}; '
                f"at least {MIN_CLASS_ROWS} of each class are needed"
            )
    return np.array([classes.index(v) for v in values], dtype=np.int64)


def read(path, target: str, task: str, drop=()):
    """Read a CSV file with a header.

    Parameters
    ----------
    path : path of the file
    target : name of the target column
    task : "regression" or "classification" (two classes, of any spelling; sorted, they become 0, 1)
    drop : names of columns to leave out

    Returns
    -------
    X : (n, d) float64, y : (n,) float64 or 0/1 int64, names : list of d str

    Raises
    ------
    TableError
        No such file, no header, fewer than 30 rows, target or dropped column absent, missing,
        infinite or text values, constant or identical columns, a target that does not fit the task.
    """
    path = Path(path)
    header, body = _read_cells(path)
    for name in (target, *drop):
        if name not in header:
            raise TableError(f'{path}: no column "{name}"; there are: {", ".join(header)}')
    if len(body) < MIN_ROWS:
        raise TableError(f"{path}: {len(body)} rows; at least {MIN_ROWS} are needed to split them")
    columns = dict(zip(header, zip(*body, strict=True), strict=True))
    names = [name for name in header if name != target and name not in drop]
    if not names:
        raise TableError(f"{path}: no feature is left beside the target")
    features = {name: _feature(path, name, columns[name]) for name in names}
    seen: dict[bytes, str] = {}
    for name, values in features.items():
        if np.ptp(values) == 0:
            raise TableError(f'{path}: column "{name}" is constant ({values[0]:g})')
        first = seen.setdefault(values.tobytes(), name)
        if first != name:
            raise TableError(f'{path}: columns "{first}" and "{name}" are identical; drop one')
    if task == "classification":
        y = _class_target(path, target, columns[target])
    else:
        y = _feature(path, target, columns[target])
        if np.ptp(y) == 0:
            raise TableError(f'{path}: target "{target}" is constant ({y[0]:g})')
        if len(np.unique(y)) == 2:
            raise TableError(
                f'{path}: target "{target}" has two values only; use the task classification'
            )
    return np.column_stack(list(features.values())), y, names
