"""A CSV file of the user's own: read strictly, refuse with the column and the value."""

from __future__ import annotations

import math
from functools import cache, partial
from pathlib import Path

import numpy as np

from benchmark import ROOT
from benchmark.datasets import delimited
from benchmark.datasets.copies import refuse_copies
from benchmark.datasets.dataset import TableError
from benchmark.datasets.encoding import Column
from benchmark.datasets.tabular import Table, Tabular
from benchmark.datasets.text_cells import (
    COMMA,
    POINT,
    TRUTH_VALUES,
    are_codes,
    dress,
    has_decimal,
    is_date,
    is_missing,
    is_word_of_infinity,
    number,
)

MIN_ROWS = 30
MIN_CLASS_ROWS = 10  # so that each part of a split has both classes, where no rows stay together
JUDGED = 200  # cells by which a column of text is judged
DECIMALS = {POINT: "point", COMMA: "comma"}


def declare(name: str, spec) -> Tabular:
    """The data set of one entry under ``csv:`` in a config; the file is read when it is needed."""
    options = {key: _frozen(value) for key, value in spec.items()}
    load = partial(_load, tuple(sorted(options.items())))
    return Tabular(name, spec["task"], "real", f"the user's file {spec['path']}", load)


def path_of(spec) -> Path:
    """The file of such an entry; a relative path starts in the folder of the Snakefile."""
    return ROOT / spec["path"]


def _frozen(value):
    """Lists and mappings as tuples, so that one reading of a file can be kept."""
    if isinstance(value, dict):
        return tuple((key, tuple(levels)) for key, levels in value.items())
    return tuple(value) if isinstance(value, list) else value


def _load(options) -> Table:
    path = path_of(dict(options))
    stamp = path.stat().st_mtime_ns if path.exists() else None
    return _read_once(options, path.resolve(), stamp)


@cache
def _read_once(options, path, stamp) -> Table:
    """One reading serves all splits, until the file is another or has changed."""
    return read(**dict(options), root=ROOT)


def read(path, target, task, drop=(), categorical=(), ordered=(), group=None, root=".") -> Table:
    """Read a CSV file with a header.

    A column of numbers is numeric, any other an unordered category; what is missing is said in
    :data:`benchmark.datasets.text_cells.MISSING`.  Rows without a target are left out.  Separator,
    decimal sign and encoding are found.

    Parameters
    ----------
    path : path of the file
    target : name of the target column
    task : "regression" or "classification" (two classes, of any spelling; sorted, they become 0, 1)
    drop : names of columns to leave out
    categorical : names of columns whose numbers are codes of unordered categories
    ordered : pairs of a column's name and its levels from low to high
    group : name of a column whose equal values stay in one part of a split; no feature
    root : folder that a relative path starts in

    Raises
    ------
    TableError
        No such file, no header, fewer than 30 rows, a named column that is absent, an infinite
        value, a column that is nearly all numbers but not quite, of dates, of numbers in a spelling
        that is not clear (percentages, thousands), or of text that differs from row to row,
        constant or identical columns, a copy of the target, a level that was not named, a target
        that does not fit the task, or that is the group.
    """
    shown, ordered = str(path), dict(ordered)
    where = Path(root) / path
    if not where.exists() and not Path(path).is_absolute():
        raise TableError(f"{shown}: no such file in {where.parent.resolve()}")
    found = delimited.read(where, shown)
    _check_header(shown, found)
    header = found.header
    for name in (target, *drop, *categorical, *ordered, *([group] if group else [])):
        if name not in header:
            raise TableError(f'{shown}: no column "{name}"; {_columns_in_words(found)}')
    place = header.index(target)
    rows = [i for i, row in enumerate(found.rows) if not is_missing(row[place])]
    if len(rows) < MIN_ROWS:
        without = len(found.rows) - len(rows)
        more = f" with {target}, and {without} without" if without else ""
        raise TableError(
            f"{shown}: {len(rows)} rows{more}; at least {MIN_ROWS} are needed to split them"
        )
    if group == target:
        raise TableError(f'{shown}: "{group}" is the target, and cannot be the group too')
    names = [name for name in header if name not in (target, group) and name not in drop]
    if not names:
        raise TableError(f"{shown}: no feature is left beside the target")
    cells = {name: [found.rows[i][j] for i in rows] for j, name in enumerate(header)}
    lines = [found.lines[i] for i in rows]
    measured = [name for name in names if name not in categorical and name not in ordered]
    decimal, signs = _decimal_of(cells, [*measured, target], lines)
    reader = _Reader(shown, lines, decimal, signs)
    columns = [
        reader.feature(name, cells[name], name in categorical, ordered.get(name)) for name in names
    ]
    reader.refuse_doubles(columns)
    if task == "classification":
        words = {row[place] for row in found.rows if is_missing(row[place])} - {""}
        y = reader.classes(target, cells[target], words)
    else:
        y = reader.response(target, cells[target])
    refuse_copies(columns, target, y, shown)
    notes = [f"file in {found.encoding}, separator: {found.separator}, decimal {DECIMALS[decimal]}"]
    if found.comments:
        notes.append(f"{found.comments} lines of comment left out")
    if len(rows) < len(found.rows):
        notes.append(f"{len(found.rows) - len(rows)} rows without {target} left out")
    groups = np.array(cells[group]) if group else None
    return Table(columns, y, groups, (*notes, *reader.notes))


def _check_header(shown, found):
    header = found.header
    if all(any(number(name, sign) is not None for sign in DECIMALS) for name in header):
        which = "the first line" if found.header_line == 1 else f"line {found.header_line}"
        raise TableError(f"{shown}: {which} holds numbers only; a header is needed")
    for name in header:
        if not name:
            raise TableError(f"{shown}: column {header.index(name) + 1} has no name")
        if header.count(name) > 1:
            raise TableError(f'{shown}: two columns are named "{name}"')


def _columns_in_words(found) -> str:
    if len(found.header) > 1:
        return f"there are (separator: {found.separator}): {', '.join(found.header)}"
    words = ", ".join(delimited.SEPARATORS.values())
    return f'the header is one cell, "{found.header[0]}", with no separator in it ({words})'


def _decimal_of(cells, names, lines) -> tuple[str, str]:
    """The decimal sign of a file, and in words where both are in use.

    It is a comma if a number has one in which it can be nothing else, and none has a point.
    """
    seen = {}
    for sign in (COMMA, POINT):
        for name in names:
            i = next((i for i, cell in enumerate(cells[name]) if has_decimal(cell, sign)), None)
            if i is not None:
                seen[sign] = f'"{cells[name][i]}" in line {lines[i]} of "{name}"'
                break
    if len(seen) == 2:
        return POINT, f"; the file has decimal points too ({seen[POINT]})"
    return next(iter(seen), POINT), ""


class _Reader:
    """Columns of one file.

    Parameters
    ----------
    shown : how messages name the file
    lines : the line numbers of its rows
    decimal : the decimal sign
    signs : in words, where there are two
    """

    def __init__(self, shown, lines, decimal, signs):
        self.shown, self.lines, self.decimal, self.signs = shown, lines, decimal, signs
        self.notes: list[str] = []

    def _at(self, cells, i) -> str:
        return f'"{cells[i]}" in line {self.lines[i]}'

    def feature(self, name, cells, categorical, levels) -> Column:
        """One feature, or the error that its cells amount to."""
        here = [i for i, cell in enumerate(cells) if not is_missing(cell)]
        if not here:
            raise TableError(f'{self.shown}: column "{name}" is empty; drop it')
        if levels is not None:
            column = self._ordered(name, cells, here, levels)
        elif categorical:
            column = self._categories(name, cells, here, True)
        else:
            numbers = {i: number(cells[i], self.decimal) for i in here}
            if self._is_text(name, cells, numbers):
                column = self._categories(name, cells, here, False)
            else:
                column = self._numbers(name, cells, numbers)
        values = column.values[here]
        if len(here) == len(cells) and np.all(values == values[0]):
            said = f"{values[0]:g}" if column.numeric else values[0]
            raise TableError(f'{self.shown}: column "{name}" is constant ({said}); drop it')
        return column

    def _is_text(self, name, cells, numbers) -> bool:
        """Whether a column holds text that may be categories.

        Raises
        ------
        TableError
            It holds dates, or numbers in a spelling that is not clear.
        """
        here = list(numbers)
        words = [i for i in here if numbers[i] is None]
        text = bool(words) and all(
            numbers[i] is None or is_word_of_infinity(cells[i]) for i in here
        )
        if codes := not words and are_codes([cells[i] for i in here]):
            self.notes.append(f"{name}: codes with leading zeros, taken for categories")
        if not (text or codes or not words):
            return False  # most are numbers, and one is not: the message about that is better
        judged = here[:JUDGED]
        if text:
            dates = [i for i in judged if is_date(cells[i])]
        else:  # numbers such as 20201231, all of them
            dates = judged if all(is_date(cells[i]) for i in here) else []
        if 2 * len(dates) > len(judged):
            raise TableError(
                f'{self.shown}: column "{name}" holds dates ({self._at(cells, dates[0])}); '
                "drop it, put numbers made of them in its place (the year, days since the first), "
                'or name it under "categorical"'
            )
        dressed = [i for i in judged if text and dress(cells[i])]
        if 2 * len(dressed) > len(judged):
            first = dressed[0]
            raise TableError(
                f'{self.shown}: column "{name}" holds {dress(cells[first])} '
                f"({self._at(cells, first)}){self._signs(cells[first])}; write plain numbers, "
                'drop the column, or name it under "categorical"'
            )
        return text or codes

    def _signs(self, cell) -> str:
        return self.signs if COMMA in cell else ""

    def _numbers(self, name, cells, numbers) -> Column:
        values = np.full(len(cells), np.nan)
        for i, value in numbers.items():
            if value is None:
                raise TableError(
                    f'{self.shown}: column "{name}" holds numbers, but {self._at(cells, i)}'
                    f"{self._signs(cells[i])}; mend it, drop the column, or name it under "
                    '"categorical"'
                )
            if not math.isfinite(value):
                raise TableError(
                    f'{self.shown}: column "{name}" has an infinite value in line {self.lines[i]}'
                )
            values[i] = value
        return Column(name, values)

    def _categories(self, name, cells, here, categorical) -> Column:
        given = {cells[i] for i in here}
        if {cell.lower() for cell in given} <= TRUTH_VALUES:
            cells = [cell.lower() for cell in cells]
        elif not categorical and len(given) > len(here) / 2:
            raise TableError(
                f'{self.shown}: column "{name}" holds text that differs from row to row '
                f"({self._at(cells, here[0])}); drop it"
            )
        return Column(name, np.array(["" if is_missing(cell) else cell for cell in cells]))

    def _ordered(self, name, cells, here, levels) -> Column:
        levels = tuple(map(str, levels))
        for i in here:
            if cells[i] not in levels:
                raise TableError(
                    f'{self.shown}: column "{name}" has {self._at(cells, i)}, '
                    f"which is none of its levels {', '.join(levels)}"
                )
        values = np.array(["" if is_missing(cell) else cell for cell in cells])
        return Column(name, values, levels)

    def refuse_doubles(self, columns):
        """No two columns may hold the same."""
        seen: dict[bytes, str] = {}
        for column in columns:
            first = seen.setdefault(column.rows().tobytes(), column.name)
            if first != column.name:
                raise TableError(
                    f'{self.shown}: columns "{first}" and "{column.name}" are identical; drop one'
                )

    def response(self, name, cells) -> np.ndarray:
        """The target of a regression, (n,) float64."""
        numbers = {i: number(cell, self.decimal) for i, cell in enumerate(cells)}
        for i, cell in enumerate(cells):
            if numbers[i] is None:
                kind = "dates" if is_date(cell) else dress(cell) or "text"
                raise TableError(
                    f'{self.shown}: target "{name}" holds {kind} ({self._at(cells, i)})'
                    f"{self._signs(cell)}; a regression needs numbers"
                )
        y = self._numbers(name, cells, numbers).values
        if np.ptp(y) == 0:
            raise TableError(f'{self.shown}: target "{name}" is constant ({y[0]:g})')
        if len(np.unique(y)) == 2:
            raise TableError(
                f'{self.shown}: target "{name}" has two values only; use the task classification'
            )
        return y

    def classes(self, name, labels, words=()) -> np.ndarray:
        """The target of a classification, (n,) 0/1 int64; ``words`` stand where it is missing."""
        if {label.lower() for label in labels} <= TRUTH_VALUES:
            labels = [label.lower() for label in labels]
        numbers = [number(label, self.decimal) for label in labels]
        values = labels if None in numbers or are_codes(labels) else numbers
        classes = sorted(set(values))
        if len(classes) != 2:
            said = ", ".join(map(str, classes[:5])) + (", ..." if len(classes) > 5 else "")
            raise TableError(
                f'{self.shown}: target "{name}" has {len(classes)} classes ({said}); '
                "the task classification needs exactly two"
                + (f' ("{min(words)}" means missing)' if words else "")
            )
        for label in classes:
            if (count := values.count(label)) < MIN_CLASS_ROWS:
                said = f"{label:g}" if isinstance(label, float) else label
                raise TableError(
                    f'{self.shown}: target "{name}" has {count} rows of class {said}; '
                    f"at least {MIN_CLASS_ROWS} of each class are needed"
                )
        return np.array([classes.index(value) for value in values], dtype=np.int64)
