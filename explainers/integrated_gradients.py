"""Integrated gradients: the gradient's mean on the way from the training mean, times the way."""

from __future__ import annotations

import warnings

import numpy as np

from explainers.contract import Explainer, Explanation

# Completeness: how far a row's parts may sum beside f(x) - f(baseline), in standard deviations of
# the response over the training rows.
TOLERANCE = 1e-3
FEWEST, MOST = 8, 4096  # steps on the way; doubled for the rows that are not yet within tolerance
BLOCK = 65536  # gradients at once


def integrated(model, rows, baseline, tolerance):
    """(m, d) parts by the Gauss-Legendre rule, and (m,) what is missing from completeness.

    With n steps the rule is exact for a gradient that is a polynomial of degree 2 n - 1 along the
    way.  Where it has jumps, as rectified linear units have, the error falls with 1 / n, which is
    why n is chosen for each row: the smallest of 8, 16, ..., 4096 that meets the tolerance.

    Parameters
    ----------
    model : explainers.model.Model
    rows : (m, d) array
    baseline : (d,) array
    tolerance : float
        In units of the response.
    """
    way = rows - baseline
    due = model.response(rows) - model.response(baseline[None])
    parts, missing = np.zeros_like(way), np.full(len(rows), np.inf)
    steps, open_ = FEWEST, np.arange(len(rows))
    while len(open_) and steps <= MOST:
        at, weights = np.polynomial.legendre.leggauss(steps)
        at, weights = (at + 1) / 2, weights / 2
        some = max(1, BLOCK // steps)
        for first in range(0, len(open_), some):
            now = open_[first : first + some]
            points = baseline + at[:, None, None] * way[now]
            slopes = model.gradient(points.reshape(-1, way.shape[1])).reshape(points.shape)
            parts[now] = np.tensordot(weights, slopes, 1) * way[now]
        missing[open_] = due[open_] - parts[open_].sum(axis=1)
        open_ = open_[np.abs(missing[open_]) > tolerance]
        steps *= 2
    return parts, missing


def explain(model, rows, rng):
    rows = np.asarray(rows, dtype=float)
    spread = float(np.std(model.response(model.X))) or 1.0
    parts, missing = integrated(model, rows, model.X.mean(axis=0), TOLERANCE * spread)
    late = np.abs(missing) > TOLERANCE * spread
    if late.any():
        worst = np.abs(missing).max() / spread
        warnings.warn(
            f"integrated gradients: {late.sum()} of {len(rows)} rows miss completeness by more "
            f"than {TOLERANCE:g} standard deviations at {MOST} steps, the worst by {worst:.2g}",
            RuntimeWarning,
            stacklevel=2,
        )
    return Explanation(part=parts)


EXPLAINER = Explainer(
    name="integrated_gradients",
    label="integrated gradients",
    built_in=False,
    applies=lambda model: model.smooth,
    explain=explain,
    source="Sundararajan, Taly, Yan, Axiomatic attribution for deep networks, ICML 2017",
)
