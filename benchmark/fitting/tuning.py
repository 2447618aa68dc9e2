"""What the suite itself chooses on the validation rows: a point of a grid, or a configuration.

Nothing here sees a test row.  Nothing is chosen by rows that it was fitted on.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.fitting import given

SMALLEST_PROBABILITY = 1e-15  # of the true class, so that one sure mistake is not infinitely bad


@dataclass(frozen=True)
class Chosen:
    """The estimator that is kept.

    Attributes
    ----------
    estimator : fitted estimator
    params : mapping
        The point of the grid or the configuration that it was built from.
    seconds : float
        What its own fit took, or its share of one that several had together.
    tuning : dict or None
        For a list of configurations: how many were tried and failed, which one is kept (0 is the
        default), and by what; JSON.
    """

    estimator: Any
    params: Mapping[str, Any]
    seconds: float
    tuning: dict | None = None


def best_of_grid(method, task, grid: Sequence[Mapping], seed, data) -> Chosen:
    """Fit every point of a grid; keep the one with the smallest validation error.

    The error is the mean squared error or the misclassification rate.  A point that raises ends the
    fit.

    Raises
    ------
    ValueError
        No point has a finite validation error.
    """
    best, least = None, np.inf
    for params in grid:
        estimator, seconds = _fit(method, task, params, seed, data)
        if len(grid) == 1:
            return Chosen(estimator, params, seconds)
        error = _error(task, data["y_val"], np.asarray(estimator.predict(data["X_val"])))
        if error < least:
            best, least = Chosen(estimator, params, seconds), error
    if best is None:
        raise ValueError("no point of the grid has a finite validation loss")
    return best


def best_of_configurations(method, task, configurations, seed, data) -> Chosen:
    """Fit every configuration; keep the one with the smallest validation loss.

    The loss is the mean squared error; for labels the log-loss where the method gives
    probabilities, else the misclassification rate.  Among a hundred validation rows the latter is
    the same for many configurations, and the order of the list would decide.  Of equals the first
    is kept, so that the default gives way only to what is better.

    A configuration that raises, or whose validation loss is not finite, counts as failed.

    Raises
    ------
    Exception
        All failed: what the last one raised.
    """
    best, losses, failure, name = None, [], None, None
    fits = _fit_each(method, task, configurations, seed, data)
    for position, (params, (estimator, seconds, error)) in enumerate(
        zip(configurations, fits, strict=True)
    ):
        try:
            if error is not None:
                raise error
            name, loss = validation_loss(estimator, task, data["X_val"], data["y_val"])
            if not np.isfinite(loss):
                raise FloatingPointError(f"the validation loss is {loss}")
        except Exception as error:  # a method may fail in any way
            print(f"configuration {position} failed: {params}", flush=True)
            traceback.print_exc()
            failure = error
            losses.append(None)
            continue
        if best is None or loss < losses[best[0]]:
            best = (position, estimator, seconds)
        losses.append(loss)
    if best is None:
        raise failure
    position, estimator, seconds = best
    tuning = {
        "configurations": len(configurations),
        "failed": losses.count(None),
        "chosen": position,
        "loss": name,
        "chosen_loss": losses[position],
        "default_loss": losses[0],
    }
    return Chosen(estimator, configurations[position], seconds, tuning)


def on_all_rows(method, task, grid: Sequence[Mapping], seed, data) -> Chosen:
    """Choose on the validation rows, if there is a choice, then fit these and the training rows.

    What the validation rows have found of the chosen fit besides, its ``refit_params_`` tell.

    Raises
    ------
    Exception
        As :func:`best_of_grid` and :func:`best_of_configurations`.
    """
    params, tuning = grid[0], None
    if len(grid) > 1:
        choose = best_of_configurations if method.configurations else best_of_grid
        first = choose(method, task, grid, seed, data)
        params = {**first.params, **getattr(first.estimator, "refit_params_", {})}
        tuning = first.tuning
    estimator, seconds = _fit(method, task, params, seed, given.joined(data))
    return Chosen(estimator, params, seconds, tuning)


def validation_loss(estimator, task, X_val, y_val) -> tuple[str, float]:
    """What configurations are chosen by: its name and its value.

    Raises
    ------
    ValueError
        Predictions or probabilities of another shape than the contract's.
    """
    if task == "classification" and hasattr(estimator, "predict_proba"):
        p = np.asarray(estimator.predict_proba(X_val), dtype=float)
        if p.shape != (len(y_val), 2):
            raise ValueError(f"probabilities have shape {p.shape}, expected ({len(y_val)}, 2)")
        of_truth = p[np.arange(len(y_val)), np.asarray(y_val, dtype=int)]
        # np.maximum keeps a NaN
        return "log_loss", float(-np.mean(np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))))
    predicted = np.asarray(estimator.predict(X_val))
    if predicted.shape != np.shape(y_val):
        raise ValueError(f"predictions have shape {predicted.shape}, expected ({len(y_val)},)")
    name = "mse" if task == "regression" else "misclassification"
    return name, _error(task, y_val, predicted)


def _fit_each(method, task, configurations, seed, data) -> Iterator[tuple]:
    """(fitted estimator, its seconds, None or the exception of its fit) of each configuration."""
    if method.fit_many is not None and len(configurations) > 1:
        yield from _fit_many(method, task, configurations, seed, data)
        return
    for params in configurations:
        try:
            yield *_fit(method, task, params, seed, data), None
        except Exception as error:  # a method may fail in any way
            yield None, None, error


def _fit_many(method, task, configurations, seed, data) -> list[tuple]:
    """The same of configurations that are fitted together; their seconds are shared out evenly."""
    start = time.perf_counter()
    estimators, errors = [], {}
    for position, params in enumerate(configurations):
        try:
            estimators.append(method.build(task, params, seed))
        except Exception as error:
            errors[position] = error
    fits = method.fit_many(
        estimators, data["X_train"], data["y_train"], X_val=data["X_val"], y_val=data["y_val"]
    )
    seconds = (time.perf_counter() - start) / len(configurations)
    fitted = iter([(one, seconds, error) for one, error in zip(estimators, fits, strict=True)])
    return [
        (None, None, errors[position]) if position in errors else next(fitted)
        for position in range(len(configurations))
    ]


def _fit(method, task, params, seed, data):
    """A fitted estimator and its seconds."""
    start = time.perf_counter()
    estimator = method.build(task, params, seed)
    validation = {name: data[name] for name in ("X_val", "y_val") if name in data}
    estimator.fit(data["X_train"], data["y_train"], **validation)
    return estimator, time.perf_counter() - start


def _error(task, y, predicted) -> float:
    if task == "regression":
        return float(np.mean((y - predicted) ** 2))
    return float(np.mean(y != predicted))
