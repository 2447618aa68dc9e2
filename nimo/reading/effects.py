"""Effects of each feature on the predictions of given rows: slopes, their mean, finite steps.

In a nonlinear model with interactions no feature has a single effect.  Each number answers a
question:

* ``coef_``: the slope at one point, the baseline (the marginal effect at the mean);
* the mean of :meth:`Effects.marginal_effects`: the slope of a row, on average over rows;
* :meth:`Effects.forward_marginal_effects`: what a step of a stated size changes.

Scholbeck, Casalicchio, Molnar, Bischl and Heumann, Marginal effects for non-linear prediction
functions, Data Mining and Knowledge Discovery 38, 2024 (arXiv 2201.08837).
Shapes: n rows, d features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from nimo.reading.tables import Reading

# Of a central difference, in standard deviations of the feature: with the cube root of the rounding
# unit, 6e-6, what is cut off (step^2) and what is rounded (unit / step) are of one size.
# (Autograd is no way: the networks' forward pass writes in place, and NIMO+ is in NumPy.)
DERIVATIVE_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
SCALES = ("link", "response")


class AverageEffects(NamedTuple):
    """Average marginal effects, (d,) each."""

    effect: np.ndarray
    std_error: np.ndarray


def two_values(X: np.ndarray) -> np.ndarray:
    """Smaller and larger value of each feature that has two, NaN for all others; (2, d)."""
    low, high = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)  # of what is there
    two = (low < high) & ((X == low) | (X == high) | np.isnan(X)).all(0)
    return np.where(two, [low, high], np.nan)


class Effects(Reading):
    """Methods that an estimator has once it is fitted."""

    def marginal_effects(self, X, scale="link") -> np.ndarray:
        """Derivative of the prediction with respect to each feature, in each row.

        It is not the local coefficient, which is the slope within the feature's own term: the
        derivative also has the slope of its shape, and what the feature changes in the coefficients
        of others, sum_k (x_k - m_k) d v_k / d x_j.  At the baseline both are ``coef_``.

        Central differences of 6e-6 training standard deviations.  At the baseline, where the
        curvature of a shape may jump, the error is of that order; elsewhere far smaller.

        Parameters
        ----------
        X : (n, d)
        scale : {"link", "response"}, default="link"
            Of the linear predictor, or of the mean response: a probability (of ``classes_[1]``), an
            expected count.  For the gaussian family they are the same.

        Returns
        -------
        (n, d) ndarray

        Raises
        ------
        ValueError
            An unknown scale.
        """
        rows, of = self._rows_and_scale(X, scale)
        found = self._without_effects(rows)
        for j in self._acting():
            ahead, back = rows.copy(), rows.copy()
            ahead[:, j] += DERIVATIVE_STEP * self._spread[j]
            back[:, j] -= DERIVATIVE_STEP * self._spread[j]
            # The step that was made: far from 0 the one asked for is rounded.
            found[:, j] = (of(ahead) - of(back)) / (ahead[:, j] - back[:, j])
        return found

    def average_marginal_effects(self, X, scale="link") -> AverageEffects:
        """Mean over rows of the derivative of the prediction with respect to each feature.

        ``coef_`` is the derivative at one point, the baseline; this is its mean over the rows, and
        depends on where they lie.  The mean of :meth:`local_coef` leaves out the shapes and what
        the feature changes in the coefficients of others, see :meth:`marginal_effects`.

        Slopes of both signs cancel: the average of x1^2 or x1 x2 over symmetric rows is 0.  For a
        feature with two values take :meth:`forward_marginal_effects`.

        Parameters
        ----------
        X : (n, d)
        scale : {"link", "response"}, default="link"
            As for :meth:`marginal_effects`.

        Returns
        -------
        AverageEffects
            A named tuple of ``effect`` (d,) and ``std_error`` (d,), the standard deviation over
            rows by the root of n: how well the rows determine the mean of this fitted model.  That
            the model was fitted is not in it.  NaN for a single row.
        """
        slopes = self.marginal_effects(X, scale)
        there = ~np.isnan(slopes)
        rows = there.sum(0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(there, slopes, 0.0).sum(0) / rows
            square = np.where(there, (slopes - mean) ** 2, 0.0).sum(0) / (rows - 1)
            error = np.where(rows > 1, np.sqrt(square / rows), np.nan)
        return AverageEffects(mean, error)

    def forward_marginal_effects(self, X, step=None, scale="link") -> np.ndarray:
        """What a step in one feature changes in the prediction of each row, the others held.

        f(x + h e_j) - f(x), without a linear approximation (Scholbeck et al. 2024, Marginal effects
        for non-linear prediction functions).  The step may lead to where no training row was: check
        that x_j + h is a value that occurs.

        Parameters
        ----------
        X : (n, d)
        step : float or (d,), optional
            h, in the unit of the feature; not 0, may be negative.  None: one standard deviation of
            the training rows, which is a common distance; for a feature with two values in the
            training rows the change from the smaller to the larger, whichever of them a row has,
            because between and beyond them nothing was seen.
        scale : {"link", "response"}, default="link"
            As for :meth:`marginal_effects`.

        Returns
        -------
        (n, d) ndarray

        Raises
        ------
        ValueError
            An unknown scale; a step that is 0, not finite, or of another length than d.
        """
        rows, of = self._rows_and_scale(X, scale)
        steps = self._spread if step is None else self._checked_step(step)
        here, found = of(rows), self._without_effects(rows)
        for j in self._acting():
            ahead = rows.copy()
            if step is None and np.isfinite(self._two_values[0, j]):
                back = rows.copy()
                back[:, j], ahead[:, j] = self._two_values[:, j]
                found[:, j] = of(ahead) - of(back)
            else:
                ahead[:, j] += steps[j]
                found[:, j] = np.where(np.isnan(rows[:, j]), np.nan, of(ahead) - here)
        return found

    def _without_effects(self, rows: np.ndarray) -> np.ndarray:
        """What features that the prediction does not depend on have, (n, d)."""
        return np.zeros(rows.shape)

    def _acting(self) -> Iterator[int]:
        """Numbers of the features that the prediction depends on."""
        acting = self.selected_features_ | self.interaction_features_ | self.nonlinear_features_
        return (int(j) for j in np.flatnonzero(acting))

    def _rows_and_scale(self, X: Any, scale: str) -> tuple[np.ndarray, Callable]:
        self._check_readable()
        if not (isinstance(scale, str) and scale in SCALES):
            raise ValueError(f"scale must be 'link' or 'response', got {scale!r}")

        def of(rows):
            # Not ``predict``: what the parts add up to has the digits that differences need.
            eta = self._at_baseline + self._parts(rows).sum(1)
            return eta if scale == "link" else self._mean(eta)

        return self._validated(X), of

    def _checked_step(self, step: Any) -> np.ndarray:
        d = len(self.coef_)
        try:
            steps = np.asarray(step, dtype=np.float64)
        except (TypeError, ValueError):
            steps = np.full(0, np.nan)
        usable = steps.shape in ((), (d,)) and np.isfinite(steps).all() and (steps != 0).all()
        if not usable:
            raise ValueError(
                f"step must be a finite number other than 0, or {d} of them, got {step!r}"
            )
        return np.broadcast_to(steps, (d,))
