"""All that the page of a fitted model says, as a dictionary of plain numbers and words.

Shapes: n rows, d features, m rows that can be taken apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from nimo.drawing.places import word
from nimo.reading.tables import QUANTITIES
from nimo.report.cautions import cautions, disagreement, outside, weights
from nimo.report.errors import checked, errors
from nimo.report.panels import panels
from nimo.report.parts import Part, anchored, parts_of

#: That can be taken apart: the numbers of each are in the file.
KEPT_ROWS = 200


def contents(model: Any, X: Any, y: Any) -> dict[str, Any]:
    """
    Parameters
    ----------
    model : fitted estimator
    X : (n, d)
    y : (n,)

    Returns
    -------
    dict
        ``parts`` has the terms, coefficients, panels and contributions of each predictor: one, or
        one for each of more than two classes.  ``rows`` are those taken apart, by prediction.

    Raises
    ------
    ValueError
        y of another length, or with values that the model cannot have.
    """
    check_is_fitted(model)
    parts = parts_of(model)
    first = parts[0].model
    rows = first._validated(X)
    y = checked(model, y, len(rows))
    classes = getattr(model, "classes_", None)
    answer = model.predict(X) if classes is None else model.predict_proba(X)
    used = _used(parts)
    kept = _spread_over(answer)
    found_errors = errors(model, y, answer)
    quantity, response = QUANTITIES[first.family_]
    if len(parts) > 1:
        quantity = "predictor of the softmax" if anchored(first) else "log-odds against the rest"
    return {
        "model": type(model).__name__,
        "family": first.family_,
        "quantity": quantity,
        "response": response,
        "intervals": hasattr(first, "coef_std_"),
        "classes": None if classes is None else [str(one) for one in classes],
        "n_rows": len(rows),
        "n_training_rows": int(first._n_rows),
        "n_features": rows.shape[1],
        "features": [first._names()[j] for j in used],
        "errors": found_errors,
        "cautions": cautions(parts, rows, used, found_errors),
        "structures": first.fit_info_.get("structures", []),
        "parts": [_part(one, X, rows, used, kept) for one in parts],
        "rows": _rows(first, rows, used, kept, outside(parts, rows), y, answer),
        "numbers": rows[np.ix_(kept, used)].tolist(),
    }


def _used(parts: list[Part]) -> np.ndarray:
    """Numbers of the features that are in some part of the model."""
    found = np.zeros(len(parts[0].model.coef_), dtype=bool)
    for _, model in parts:
        found |= model.selected_features_ | model.nonlinear_features_ | model.modulated_by_.any(0)
    return np.flatnonzero(found)


def _spread_over(answer: np.ndarray) -> np.ndarray:
    """Numbers of rows that are spread over the predictions, the lowest first."""
    if answer.ndim == 2:
        two = answer.shape[1] == 2
        answer = answer[:, 1] if two else answer.argmax(axis=1) + answer.max(axis=1)
    order = np.argsort(answer, kind="stable")
    return order[np.linspace(0, len(order) - 1, min(len(order), KEPT_ROWS)).astype(int)]


def _part(one: Part, X: Any, rows: np.ndarray, used: np.ndarray, kept: np.ndarray):
    """What one predictor says."""
    model = one.model
    pieces = _pieces(model, X, used)
    drawn, left_out = panels(model, rows)
    local = model._local_coef(rows)
    interval = None
    if anchored(model) and model.model_.members:
        mean, variance = (part[:, 0] for part in model.model_.moments(rows[kept]))
        half = model._half(0.95) * np.sqrt(variance)
        interval = np.column_stack([mean - half, mean + half]).tolist()
    order = sorted(pieces, key=lambda key: -float(np.abs(pieces[key]).mean()))
    return {
        "label": one.label,
        "formula": model.formula(),
        "at_baseline": float(model._at_baseline),
        "terms": [_term(model, key, pieces[key]) for key in order],
        "coefficients": _coefficients(model, used, local),
        "disagreement": disagreement(model, rows),
        "panels": drawn,
        "panels_left_out": left_out,
        "contributions": np.array([pieces[key][kept] for key in order]).T.tolist(),
        "predictor": model._eta(X)[kept].tolist(),
        "interval": interval,
        "local": local[np.ix_(kept, used)].tolist(),
    }


def _pieces(model: Any, X: Any, used: np.ndarray) -> dict[tuple[str, ...], np.ndarray]:
    """What is added to the predictor of each row, (n,) each, by the names of the features."""
    if anchored(model):
        return model.term_contributions(X)
    names, parts = model._names(), model.contributions(X)
    return {(names[j],): parts[:, j] for j in used if model.selected_features_[j]}


def _term(model: Any, names: tuple[str, ...], values: np.ndarray) -> dict[str, Any]:
    """A piece with its size over the rows, and what the fit says of its line, curve or surface."""
    found: dict[str, Any] = {"features": list(names), "size": float(np.abs(values).mean())}
    own = weights(model)
    found["of"] = [
        {
            "kind": term.kind,
            "share": float(term.share),
            "log_bayes_factor": float(term.log_bayes_factor),
            "weight": own.get((term.kind, term.features)),
        }
        for term in getattr(model, "terms_", ())
        if term.names == names
    ]
    return found


def _coefficients(model: Any, used: np.ndarray, local: np.ndarray) -> list[dict[str, Any]]:
    """Of the features in the model, those first that one standard deviation moves most."""
    table = model.term_table()
    interval = model.coef_interval().tolist() if hasattr(model, "coef_std_") else None
    ends = np.quantile(local, [0.05, 0.95], axis=0)
    levels = model._table.level_counts if anchored(model) else np.zeros(len(model.coef_))
    order = sorted(used, key=lambda j: -abs(model.coef_[j] * model._spread[j]))
    return [
        {
            **{key: table[j][key] for key in ("feature", "kind", "coef", "modulated_by")},
            "interval": None if interval is None else interval[j],
            "by_level": bool(levels[j]),
            "local": ends[:, j].tolist(),
            "baseline": float(model.baseline_[j]),
            "spread": float(model._spread[j]),
        }
        for j in map(int, order)
    ]


def _rows(model, rows, used, kept, beyond, y, answer) -> list[dict[str, Any]]:
    """Number, values as words, what lies outside, observed and predicted of each kept row."""
    names, found = model._names(), []
    for i in map(int, kept):
        found.append(
            {
                "number": i,
                "values": [_value(model, j, rows[i, j]) for j in used],
                "outside": [names[j] for j in used if beyond[i, j]],
                "observed": float(y[i]) if answer.ndim == 1 else str(y[i]),
                "predicted": answer[i].tolist(),
            }
        )
    return found


def _value(model: Any, j: int, value: float) -> str:
    """As it is written; a category's level."""
    if anchored(model) and (column := model._table.columns[j]).levels:
        level = column.level(value)
        return "new level" if level is None and None not in column.levels else word(level)
    return "missing" if np.isnan(value) else f"{value:.5g}"
