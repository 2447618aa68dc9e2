"""A fitted model as one SELECT.

Piecewise polynomials are nested CASE expressions, halved at each level.  Each stage is a common
table expression with a row number, a window function: a database that took one for a macro would
write each expression out wherever it is used.  Beside it only ``exp`` is asked for, and that by
labels, counts and modulations alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from nimo.export.terms import Kernel, Piecewise, Terms
from nimo.frames import Column

ROW = "ROW_NUMBER() OVER () AS row_of_stage"


def name(word: str) -> str:
    """A quoted identifier."""
    return '"' + word.replace('"', '""') + '"'


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


def polynomial(of: Piecewise, column: int, x: str) -> str:
    """Of one of its functions."""

    def leaf(i: int) -> str:
        a, b, c, d = (literal(one) for one in of.coefficients[i, :, column])
        if not of.coefficients[i, 1:, column].any():
            return a
        t = f"({x} - {literal(of.anchors[i])})"
        if not of.coefficients[i, 2:, column].any():
            return f"({a} + {t} * {b})"
        return f"({a} + {t} * ({b} + {t} * ({c} + {t} * {d})))"

    def tree(first: int, last: int) -> str:
        if first == last:
            return leaf(first)
        middle = (first + last) // 2
        cut = literal(of.cuts[middle])
        low, high = tree(first, middle), tree(middle + 1, last)
        return f"CASE WHEN {x} < {cut} THEN {low} ELSE {high} END"

    return tree(0, len(of.cuts))


def by_level(column: Column, values: np.ndarray, other: str = "0.0") -> str:
    """A number for each level; ``other`` for what is none of them."""
    given = name(column.name)
    cases = [
        f"WHEN {given} IS NULL THEN {literal(value)}"
        if level is None
        else f"WHEN {given} = {literal(level)} THEN {literal(value)}"
        for level, value in zip(column.levels, values, strict=True)
    ]
    return f"CASE {' '.join(cases)} ELSE {other} END"


def select(
    terms: Terms, table: str, keys: Sequence[str], classes: Sequence | None, column: str
) -> str:
    """The statement; ``keys`` are columns of the table that the result has too."""
    kept = [f"{name(key)} AS key_{i}" for i, key in enumerate(keys)]
    passed = [f"key_{i}" for i in range(len(keys))]
    inputs, ranks = _inputs(terms), _ranks(terms)
    own = list(inputs)
    etas = _predictors(terms)
    stages = [
        ("inputs", [*kept, *_named(inputs)], name(table)),
        ("ranks", [*passed, *own, *_named(ranks)], "inputs"),
        ("factors", [*passed, *own, *ranks, *_named(_factors(terms))], "ranks"),
        ("predictors", [*passed, *_named(etas)], "factors"),
    ]
    written = [
        f"{stage} AS (\nSELECT {', '.join([*chosen, ROW])}\nFROM {place})"
        for stage, chosen, place in stages
    ]
    ends = [f"key_{i} AS {name(key)}" for i, key in enumerate(keys)]
    answer = ", ".join([*ends, *_responses(terms, list(etas), classes, column)])
    return "WITH " + ",\n".join(written) + f"\nSELECT {answer}\nFROM predictors"


def _named(expressions: dict[str, str]) -> list[str]:
    return [f"{expression} AS {key}" for key, expression in expressions.items()]


def _inputs(terms: Terms) -> dict[str, str]:
    """u of numbers, and what the levels of categories and missing values are worth."""
    found = {}
    blocks, columns = terms.table.level_counts > 0, terms.table.columns
    for j in terms.used:
        column = columns[j]
        given = name(column.name)
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
        if j in terms.factors and (levels := terms.factors[j].levels) is not None:
            for a, values in enumerate(levels.T):
                found[f"f{j}_{a}"] = by_level(column, values)
        if j in terms.missing:
            known = [level for level in column.levels if level is not None]
            there = given if not known else by_level(column, np.ones(len(known)), "NULL")
            found[f"m{j}"] = f"CASE WHEN {there} IS NULL THEN 1.0 ELSE 0.0 END"
    return found


def _ranks(terms: Terms) -> dict[str, str]:
    """Ranks, and u within the training rows."""
    found = {f"r{j}": polynomial(one, 0, f"u{j}") for j, one in terms.ranks.items()}
    bounded = {j for j, one in terms.factors.items() if one.line}
    bounded |= {j for one in terms.kernels for j in one.features}
    for j in sorted(bounded):
        low, high = literal(terms.low[j]), literal(terms.high[j])
        found[f"c{j}"] = (
            f"CASE WHEN u{j} < {low} THEN {low} WHEN u{j} > {high} THEN {high} ELSE u{j} END"
        )
    return found


def _factors(terms: Terms) -> dict[str, str]:
    found = {}
    for j, one in terms.factors.items():
        if one.line:
            found[f"f{j}_0"] = f"c{j}"
        place = 1
        for table, x in ((one.curves, f"c{j}"), (one.steps, f"r{j}")):
            if table is not None:
                for column in range(table.coefficients.shape[2]):
                    found[f"f{j}_{place}"] = polynomial(table, column, x)
                    place += 1
    return found


def _predictors(terms: Terms) -> dict[str, str]:
    found = {}
    for k, constant in enumerate(terms.constant):
        parts = [literal(constant)]
        parts += [f"u{j} * {literal(slope[k])}" for j, slope in terms.slopes.items()]
        parts += [polynomial(one, k, f"u{j}") for j, one in terms.curves.items()]
        parts += [polynomial(one, k, f"r{j}") for j, one in terms.steps.items()]
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

    def bump(centre: Sequence[float]) -> str:
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


def _responses(terms: Terms, etas: list[str], classes: Sequence | None, column: str) -> list[str]:
    if classes is None:
        if terms.family == "poisson":
            count = "CASE WHEN eta0 > 30.0 THEN exp(30.0) * (eta0 - 29.0) ELSE exp(eta0) END"
            return [f"{count} AS {name(column)}"]
        return [f"eta0 AS {name(column)}"]
    if len(etas) == 1:
        etas = ["0.0", *etas]
    found = []
    for one, label in zip(etas, classes, strict=True):
        odds = total([f"exp({other} - {one})" for other in etas if other != one])
        found.append(f"1.0 / (1.0 + {odds}) AS {name(f'{column}_{label}')}")
    return found
