"""A fitted model as one SELECT.

The piecewise polynomials of a feature are a table of constants, a row for each piece, which is
joined by the piece's number; that is found by nested CASE expressions, halved at each level.  Each
stage is a common table expression with a row number, a window function: a database that took one
for a macro would write each expression out wherever it is used.  Beside it only ``exp`` is asked
for, and that by labels, counts and modulations alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from nimo.export.piecewise import Piecewise
from nimo.export.terms import Kernel, Terms
from nimo.frames.table import Column

#: What the first stage calls the given table.  A column that the table lacks is an error by this
#: name; SQLite takes a quoted name alone for text.
GIVEN = "given_rows"
#: Tables that one stage joins at most; SQLite takes 64.
JOINED = 40
ROW = "ROW_NUMBER() OVER () AS row_of_stage"


def name(word: str) -> str:
    """A quoted identifier."""
    return '"' + word.replace('"', '""') + '"'


def given_column(word: str) -> str:
    """A column of the given table."""
    return f"{GIVEN}.{name(word)}"


def literal(value: Any) -> str:
    """A constant."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    text = repr(float(value)).replace("e", "E")
    text = text if "." in text or "E" not in text else text.replace("E", ".0E")
    return f"({text})" if text.startswith("-") else text


def total(parts: Sequence[str]) -> str:
    """A sum that is halved: a chain of thousands would be too deep for a parser."""
    if not parts:
        return "0.0"
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({total(parts[:middle])} + {total(parts[middle:])})"


def piece(of: Piecewise, x: str) -> str:
    """Number of the piece that holds x."""

    def tree(first: int, last: int) -> str:
        if first == last:
            return str(first)
        middle = (first + last) // 2
        low, high = tree(first, middle), tree(middle + 1, last)
        return f"CASE WHEN {x} < {literal(of.cuts[middle])} THEN {low} ELSE {high} END"

    return tree(0, len(of.cuts))


def pieces(label: str, of: Piecewise) -> str:
    """The table of constants: number, anchor, four coefficients of each function."""
    q = of.coefficients.shape[2]
    columns = ["piece", "anchor", *(f"c{k}_{power}" for k in range(q) for power in range(4))]
    rows = []
    for i, anchor in enumerate(of.anchors):
        numbers = [anchor, *of.coefficients[i].T.ravel()]
        rows.append(f"({i}, {', '.join(map(literal, numbers))})")
    written = ",\n".join(rows)
    return f"{label} ({', '.join(columns)}) AS (VALUES\n{written})"


def polynomial(label: str, k: int, x: str) -> str:
    """Of one of its functions."""
    t = f"({x} - {label}.anchor)"
    a, b, c, d = (f"{label}.c{k}_{power}" for power in range(4))
    return f"{a} + {t} * ({b} + {t} * ({c} + {t} * {d}))"


def by_level(column: Column, values: np.ndarray, other: str = "0.0") -> str:
    """A number for each level; ``other`` for what is none of them."""
    given = given_column(column.name)
    cases = [
        f"WHEN {given} IS NULL THEN {literal(value)}"
        if level is None
        else f"WHEN {given} = {literal(level)} THEN {literal(value)}"
        for level, value in zip(column.levels, values, strict=True)
    ]
    return f"CASE {' '.join(cases)} ELSE {other} END"


def select(
    terms: Terms,
    table: str | Sequence[str],
    keys: str | Sequence[str],
    classes: np.ndarray | None,
    column: str,
) -> str:
    """The statement; ``keys`` are columns of the table that the result has too."""
    keys = [keys] if isinstance(keys, str) else keys
    path = [table] if isinstance(table, str) else list(table)
    if not path:
        raise ValueError(f"table must be a name, or a schema and a name, got {table!r}")
    taken = path[-1].lower()
    first_stage, second_stage, last_stage = (
        _free(label, taken) for label in ("inputs", "places", "predictors")
    )
    kept = [f"{given_column(key)} AS key_{i}" for i, key in enumerate(keys)]
    passed = [f"key_{i}" for i in range(len(keys))]
    inputs, etas = _inputs(terms), _predictors(terms)
    places, joined = _places(terms, taken), _joined(terms, taken)
    there, last = [*passed, *inputs, *places], second_stage
    source = f"FROM {'.'.join(map(name, path))} AS {GIVEN}"
    stages = [
        _stage(first_stage, [*kept, *_named(inputs)], source),
        _stage(second_stage, [*passed, *inputs, *_named(places)], f"FROM {first_stage}"),
    ]
    for first in range(0, len(joined), JOINED):
        some = dict(list(joined.items())[first : first + JOINED])
        stages += [pieces(label, of) for label, (of, _, _) in some.items()]
        tables = " CROSS JOIN ".join([last, *some])
        where = " AND ".join(f"{label}.piece = {last}.{at}" for label, (_, at, _) in some.items())
        new: dict[str, str] = {}
        for _, _, functions in some.values():
            new |= functions
        last = _free(f"functions{first // JOINED}", taken)
        stages.append(_stage(last, [*there, *_named(new)], f"FROM {tables}\nWHERE {where}"))
        there += new
    stages.append(_stage(last_stage, [*passed, *_named(etas)], f"FROM {last}"))
    ends = [f"key_{i} AS {name(key)}" for i, key in enumerate(keys)]
    answer = ", ".join([*ends, *_responses(terms, list(etas), classes, column)])
    return "WITH " + ",\n".join(stages) + f"\nSELECT {answer}\nFROM {last_stage}"


def _free(label: str, taken: str) -> str:
    """A label that is not the table's name: a stage of that name would read itself."""
    return f"{label}_" if label == taken else label


def _stage(label: str, chosen: Sequence[str], source: str) -> str:
    # each stage has its own name for the number of its rows
    return f"{label} AS (\nSELECT {', '.join([*chosen, ROW])}\n{source})"


def _named(expressions: dict[str, str]) -> list[str]:
    return [f"{expression} AS {key}" for key, expression in expressions.items()]


def _inputs(terms: Terms) -> dict[str, str]:
    """u of numbers, and what the levels of categories and missing values are worth."""
    found = {}
    blocks, columns = terms.table.level_counts > 0, terms.table.columns
    for j in terms.used:
        column = columns[j]
        given = given_column(column.name)
        if not blocks[j]:
            unit = f"- {literal(terms.baseline[j])}) / {literal(terms.scale[j])}"
            if column.kind == "number":
                u = f"CASE WHEN {given} IS NULL THEN 0.0 ELSE ({given} {unit} END"
            else:
                codes = (np.array(column.codes) - terms.baseline[j]) / terms.scale[j]
                u = by_level(column, codes)
            found[f"u{j}"] = u
        if j in terms.levels:
            for k, effects in enumerate(terms.levels[j].T):
                found[f"l{j}_{k}"] = by_level(column, effects)
        factors = terms.factors.get(j)
        if isinstance(factors, np.ndarray):
            for a, values in enumerate(factors.T):
                found[f"f{j}_{a}"] = by_level(column, values)
        if j in terms.missing:
            known = [level for level in column.levels if level is not None]
            there = given if not known else by_level(column, np.ones(len(known)), "NULL")
            found[f"m{j}"] = f"CASE WHEN {there} IS NULL THEN 1.0 ELSE 0.0 END"
    return found


def _places(terms: Terms, taken: str) -> dict[str, str]:
    """Numbers of pieces, and u within the training rows."""
    found = {
        at: piece(of, f"u{label[2:].split('_')[0]}")
        for label, (of, at, _) in _joined(terms, taken).items()
    }
    for j in sorted({j for one in terms.kernels for j in one.features}):
        low, high = literal(terms.low[j]), literal(terms.high[j])
        found[f"c{j}"] = (
            f"CASE WHEN u{j} < {low} THEN {low} WHEN u{j} > {high} THEN {high} ELSE u{j} END"
        )
    return found


def _joined(terms: Terms, taken: str) -> dict[str, tuple[Piecewise, str, dict[str, str]]]:
    """By name: a table of polynomials, the column of the piece's number, the functions it gives."""
    found = {}
    curves = {j: [one] for j, one in terms.curves.items()}
    for letter, tables in (("s", curves), ("f", terms.factors)):
        for j, several in tables.items():
            place = 0
            for number, of in enumerate(several if isinstance(several, list) else ()):
                label, functions = _free(f"t{letter}{j}_{number}", taken), {}
                for k in range(of.coefficients.shape[2]):
                    functions[f"{letter}{j}_{place}"] = polynomial(label, k, f"u{j}")
                    place += 1
                found[label] = of, f"p{letter}{j}_{number}", functions
    return found


def _predictors(terms: Terms) -> dict[str, str]:
    found = {}
    for k, constant in enumerate(terms.constant):
        parts = [literal(constant)]
        parts += [f"u{j} * {literal(slope[k])}" for j, slope in terms.slopes.items()]
        parts += [f"s{j}_{k}" for j in terms.curves]
        parts += [f"l{j}_{k}" for j in terms.levels]
        parts += [f"m{j} * {literal(effect[k])}" for j, effect in terms.missing.items()]
        for features, coefficients in terms.products:
            for place in product(*map(range, coefficients.shape[:-1])):
                factors = [f"f{j}_{a}" for j, a in zip(features, place, strict=True)]
                parts.append(" * ".join([*factors, literal(coefficients[*place, k])]))
        parts += [_kernel(one, k) for one in terms.kernels]
        found[f"eta{k}"] = total(parts)
    return found


def _kernel(one: Kernel, k: int) -> str:
    x = [f"c{j}" for j in one.features]

    def bump(centre: np.ndarray) -> str:
        parts = []
        for relevance, at, z in zip(one.relevance, x, centre, strict=True):
            if relevance > 0:
                far = at if z == 0 else f"({at} - {literal(z)})"
                parts.append(f"{literal(-0.5 * relevance)} * {far} * {far}")
        return f"exp({total(parts)})"

    terms = [
        f"{literal(weight)} * {bump(centre)}"
        for centre, weight in zip(one.centres, one.weights[:, k], strict=True)
    ]
    terms.append(f"{literal(-one.at_zero[k])} * {bump(np.zeros(len(x)))}")
    return f"{x[one.own]} * {total(terms)}"


def _responses(terms: Terms, etas: list[str], classes: np.ndarray | None, column: str) -> list[str]:
    if classes is None:
        if terms.family == "poisson":
            count = "CASE WHEN eta0 > 30.0 THEN exp(30.0) * (eta0 - 29.0) ELSE exp(eta0) END"
            return [f"{count} AS {name(column)}"]
        if terms.family == "gamma":
            amount = "exp(CASE WHEN eta0 > 700.0 THEN 700.0 ELSE eta0 END)"
            return [f"{amount} AS {name(column)}"]
        return [f"eta0 AS {name(column)}"]
    if len(etas) == 1:
        etas = ["0.0", *etas]
    found = []
    for one, label in zip(etas, classes, strict=True):
        odds = total([f"exp({other} - {one})" for other in etas if other != one])
        found.append(f"1.0 / (1.0 + {odds}) AS {name(f'{column}_{label}')}")
    return found
