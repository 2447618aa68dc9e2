"""Parameters that say what is known of the features, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from nimo.plus.knowledge import Knowledge


def knowledge(
    monotonic_cst: Any, interaction_cst: Any, keep: Any, names: list[str], categories: np.ndarray
) -> Knowledge:
    """
    Parameters
    ----------
    monotonic_cst, interaction_cst, keep
        As given to the estimators.
    names : d str
    categories : (d,) bool, features that have no line

    Raises
    ------
    ValueError
        What cannot be used, with the parameter and the value.
    """
    groups, pairwise = _groups(interaction_cst, names)
    kept = [] if keep is None else _numbers("keep", keep, names)
    directions = _directions(monotonic_cst, names)
    for parameter, chosen in (("monotonic_cst", np.flatnonzero(directions)), ("keep", kept)):
        for j in chosen:
            if categories[j]:
                raise ValueError(
                    f"{parameter} is for numbers and ordered levels, {names[j]!r} is a category"
                )
    return Knowledge(directions, groups, pairwise, frozenset(kept))


def _number(parameter: str, feature: Any, names: list[str]) -> int:
    if isinstance(feature, str) and feature in names:
        return names.index(feature)
    whole = isinstance(feature, int | np.integer) and not isinstance(feature, bool)
    if whole and str(feature) in names and names.index(str(feature)) != feature:
        raise ValueError(
            f"{parameter}: {feature} is the name of a column at another place; give a name as "
            f"text, {str(feature)!r}"
        )
    if whole and 0 <= feature < len(names):
        return int(feature)
    raise ValueError(
        f"{parameter}: a feature is a name or a number from 0 to {len(names) - 1}, got {feature!r}"
    )


def _numbers(parameter: str, features: Any, names: list[str]) -> list[int]:
    if isinstance(features, str) or not hasattr(features, "__iter__"):
        raise ValueError(f"{parameter} must list features, got {features!r}")
    return [_number(parameter, feature, names) for feature in features]


def _directions(given: Any, names: list[str]) -> np.ndarray:
    found = np.zeros(len(names), dtype=int)
    if given is None:
        return found
    if isinstance(given, Mapping):
        pairs = [(_number("monotonic_cst", j, names), value) for j, value in given.items()]
    else:
        if np.shape(given) != (len(names),):
            raise ValueError(
                f"monotonic_cst must have {len(names)} values, one per feature, or be a dict of "
                f"features, got {given!r}"
            )
        pairs = list(enumerate(given))
    for j, value in pairs:
        if value not in (-1, 0, 1):
            raise ValueError(f"monotonic_cst must be -1, 0 or 1, got {value!r} for {names[j]!r}")
        found[j] = int(value)
    return found


def _groups(given: Any, names: list[str]) -> tuple[tuple[frozenset[int], ...] | None, bool]:
    if given is None or (isinstance(given, str) and given == "pairwise"):
        return None, given is not None
    if isinstance(given, str) and given == "no_interactions":
        return (), False
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise ValueError(
            "interaction_cst must be 'pairwise', 'no_interactions' or a list of groups of "
            f"features, got {given!r}"
        )
    groups = []
    for group in given:
        if not isinstance(group, Set | list | tuple):
            raise ValueError(f"interaction_cst: a group is a list of features, got {group!r}")
        groups.append(frozenset(_numbers("interaction_cst", group, names)))
    rest = frozenset(range(len(names))) - frozenset().union(*groups)
    return (*groups, rest), False
