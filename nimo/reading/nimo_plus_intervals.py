"""Intervals of NIMO+: of curves and surfaces, of the predicted mean, of a new response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import t
from sklearn.utils.validation import check_is_fitted

from nimo.plus.model import AnchoredModel
from nimo.plus.pieces import Piece
from nimo.plus.predictive import amount_quantile, count_quantile, noisy_quantile
from nimo.reading.tables import check_level

#: Whose quantiles are sought at a time.
INTERVAL_ROWS = 10_000


class AnchoredIntervals:
    """Methods of the fitted estimators.

    All are central intervals of the posterior: what each structure leaves open, its variances
    included, and how far the structures differ; of few rows the noise is not known either, and they
    are those of Student's t.  A nonlinearity that the rows do not show is not in them.
    """

    model_: AnchoredModel
    baseline_: np.ndarray
    _freedom: float
    _validated: Callable[[Any], np.ndarray]
    _check_readable: Callable[[], None]
    _mean: Callable[[np.ndarray], np.ndarray]
    _term_rows: Callable[[Any, Any], tuple[tuple[int, ...], np.ndarray]]

    def _moments(self, X) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the linear predictor, (n,) each."""
        self._check_readable()
        mean, variance = self.model_.moments(self._validated(X))
        return mean[:, 0], np.sqrt(variance[:, 0])

    def _half(self, level: float) -> float:
        """Standard deviations on either side."""
        check_level(level)
        return float(t.ppf(0.5 + level / 2, self._freedom))

    def term_interval(self, features, values, level: float = 0.95, *, line: bool = False):
        """Interval of a curve or surface at given values, in the unit of the linear predictor.

        Parameters
        ----------
        features : int, str, or a sequence of them
            One feature for its curve, two or more for their surface.
        values : (m,) for one feature, (m, number of features)
        level : float between 0 and 1
        line : bool, default=False
            Of one feature: with its line, coef_j (x_j - baseline_j) + s_j(x_j).

        Returns
        -------
        (m, 2) ndarray; (m, 2, K) with K > 2 classes
            (0, 0) where there is no such term, and at the baseline, where each term is 0.

        Raises
        ------
        ValueError
            No such feature; values of another number of features; a level outside (0, 1); ``line``
            with several features.
        """
        check_is_fitted(self)
        half = self._half(level)
        numbers, rows = self._term_rows(features, values)
        if line and len(numbers) > 1:
            raise ValueError(f"line=True is for one feature, got {len(numbers)}")

        def chosen(piece: Piece) -> bool:
            # at these rows the lines of all other features are 0
            return line if piece.straight else piece.features == numbers

        mean, variance = self.model_.moments(rows, chosen)
        spread = half * np.sqrt(variance)
        found = np.stack([mean - spread, mean + spread], axis=1)
        return found[..., 0] if found.shape[-1] == 1 else found

    def mean_interval(self, X, level: float = 0.95) -> np.ndarray:
        """Interval of the mean response of each row: prediction, expected count or probability.

        That of the linear predictor, on the scale of the response; a probability is that of
        ``classes_[1]``.  The noise of a new response is not in it: :meth:`predict_interval`.

        Parameters
        ----------
        X : (n, d)
        level : float between 0 and 1

        Returns
        -------
        (n, 2) ndarray

        Raises
        ------
        AttributeError
            More than two classes.
        ValueError
            A level outside (0, 1).
        """
        half = self._half(level)
        mean, std = self._moments(X)
        return self._mean(np.column_stack([mean - half * std, mean + half * std]))


class ResponseIntervals:
    """Of a new response; for the regressor."""

    model_: AnchoredModel
    family_: str
    _validated: Callable[[Any], np.ndarray]

    def predict_interval(self, X, level: float = 0.95) -> np.ndarray:
        """Central interval of a new response in each row, (n, 2).

        Quantiles of the predictive distribution, the mixture over structures of noise around what
        each says: normal or t noise, a gamma distribution, or a Poisson distribution, whose
        quantiles are whole numbers, so that it holds at least ``level``.

        Parameters
        ----------
        X : (n, d)
        level : float between 0 and 1

        Raises
        ------
        ValueError
            A level outside (0, 1); family="quantile", which says nothing of other quantiles.
        """
        check_level(level)
        if self.family_ == "quantile":
            raise ValueError(
                "a model of one quantile has no interval of responses: fit one at each end, or "
                "another family"
            )
        rows = self._validated(X)
        found = np.empty((len(rows), 2))
        for first in range(0, len(rows), INTERVAL_ROWS):
            part = slice(first, first + INTERVAL_ROWS)
            _, means, variances = self.model_.by_member(rows[part])
            posterior = self.model_.members, means[..., 0], variances[..., 0]
            for side, end in enumerate((0.5 - level / 2, 0.5 + level / 2)):
                if self.family_ == "gaussian":
                    found[part, side] = noisy_quantile(*posterior, self.model_.unit, end)
                else:
                    of = count_quantile if self.family_ == "poisson" else amount_quantile
                    found[part, side] = of(*posterior, end)
        return found
