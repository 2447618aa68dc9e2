"""What the figures read from records."""

from __future__ import annotations

import numpy as np

from benchmark.evaluation.published import DEFAULT_VERSION, of_cell


def methods_of(results, dataset) -> list[str]:
    """Methods of the run that do the data set's task."""
    return results.methods(results.tasks[dataset])


def feature_names(results, dataset) -> list[str]:
    """(d,) names, in the order of every array's columns."""
    return results.split(dataset, 0).feature_names


def coefficients(results, dataset) -> dict[str, np.ndarray]:
    """Coefficients (n_ok, d) on the scale of the given features, of each method that has them."""
    found = {}
    for method in methods_of(results, dataset):
        rows = [results.arrays(dataset, method, i).get("coef") for i in results.ok(dataset, method)]
        rows = [row for row in rows if row is not None]
        if rows:
            found[method] = np.array(rows, dtype=float)
    return found


def scaled_with_intercept(results, dataset) -> dict[str, np.ndarray]:
    """b0 and coefficients (n_ok, 1 + d) of each fit, divided by its largest absolute coefficient.

    b0 takes no part in that maximum; it is nan for a method that does not tell it.  A fit without
    any non-zero coefficient stays as it is.
    """
    found = {}
    for method, coef in coefficients(results, dataset).items():
        b0 = [
            float(results.arrays(dataset, method, i).get("intercept", np.nan))
            for i in results.ok(dataset, method)
        ]
        found[method] = scale(np.column_stack([b0, coef]))
    return found


def scale(b0_and_coef) -> np.ndarray:
    """Divide each row by the largest absolute value among its columns from 1 on."""
    largest = np.abs(b0_and_coef[:, 1:]).max(axis=1, keepdims=True)
    return b0_and_coef / np.where(largest > 0, largest, 1.0)


def published_value(found, dataset, method, metric) -> float | None:
    """The published value of a cell: of the paper's first version, else of the newest; or None."""
    by_version = of_cell(found, dataset, method, metric)
    if not by_version:
        return None
    return by_version.get(DEFAULT_VERSION, by_version[max(by_version)]).value


def with_array(results, dataset, *names) -> list[str]:
    """Methods with a successful fit on the data set that has all the named arrays."""
    found = []
    for method in methods_of(results, dataset):
        ok = results.ok(dataset, method)
        if ok and all(name in results.arrays(dataset, method, ok[0]) for name in names):
            found.append(method)
    return found


def first_layer(results, dataset, method) -> tuple[int, np.ndarray]:
    """The first successful split and its absolute first-layer weights (h, d), strongest on top."""
    index = results.ok(dataset, method)[0]
    weights = np.abs(results.arrays(dataset, method, index)["first_layer_weights"])
    order = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
    return index, weights[order]
