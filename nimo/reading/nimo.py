"""What the paper's model says once it is fitted."""

from __future__ import annotations

import numpy as np
import torch

from nimo.frames.dummy_input import PaperRows
from nimo.paper.families import FAMILIES
from nimo.paper.model import NimoModel
from nimo.reading.effects import Effects
from nimo.reading.page import Page


class PaperReading(PaperRows, Page, Effects):
    """Methods of the fitted estimators."""

    model_: NimoModel
    _scale: np.ndarray  # (d,) units of the features

    def _inner(self, X: np.ndarray) -> torch.Tensor:
        return torch.tensor((X - self.baseline_) / self._scale)

    def local_coef(self, X):
        """Coefficients of each row, on the scale of the given features.

        beta_j (1 + g_j(x_-j)).

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray; (n, K, d) with K > 2 classes
        """
        rows = self._validated(X)
        if hasattr(self, "estimators_"):
            return np.stack([one.local_coef(X) for one in self.estimators_], axis=1)
        return self._local_coef(rows)

    def _local_coef(self, X: np.ndarray) -> np.ndarray:
        return self.model_.local_coef(self._inner(X)).numpy() / self._scale

    def correction(self, X):
        """g_j(x_-j) of each row, 0 at the baseline and for features without a coefficient.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray; (n, K, d) with K > 2 classes
        """
        rows = self._validated(X)
        if hasattr(self, "estimators_"):
            return np.stack([one.correction(X) for one in self.estimators_], axis=1)
        return self.model_.correction(self._inner(rows)).numpy()

    def shape(self, feature, values):
        """Shape function of a feature: 0, as the model has none.

        Parameters
        ----------
        feature : int or str
        values : (m,)

        Returns
        -------
        (m,) ndarray

        Raises
        ------
        ValueError
            No such feature.
        """
        self._check_readable()
        self._number(feature)
        return np.zeros(len(values))

    def draw(self, X, max_panels=12):
        """Coefficients with their local spread, and modulations, as a matplotlib figure.

        Grey points are rows.  A panel of a modulation has the local coefficient along the feature
        that moves it most, and, where a second one matters too, at two values of that.

        Parameters
        ----------
        X : (n, d)
            Rows that say where the features lie; 400 of them are drawn if there are more.
        max_panels : int, default=12
            Those that move the predictor most are drawn.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            matplotlib is not installed.
        """
        from nimo.drawing.nimo import draw

        return draw(self, X, max_panels)

    def marginal_effect_at_baseline(self):
        """Derivative of the linear predictor with respect to each feature at ``baseline_``.

        There every x_j - m_j is 0, so the derivative of sum_k (x_k - m_k) beta_k (1 + g_k) is
        beta_j (1 + g_j) at the baseline: ``coef_``, unless ``zero_at_baseline=False`` (ablation).

        Returns
        -------
        (d,) ndarray
            In the response's own unit for the gaussian family, in log-odds (classifier) or
            log-rate (poisson) otherwise.
        """
        self._check_readable()
        return self._local_coef(self.baseline_[None])[0]

    def _eta(self, X):
        return self._predictor(self._validated(X))

    def _predictor(self, rows: np.ndarray) -> np.ndarray:
        return self.model_.predictor(self._inner(rows)).numpy()

    def _predicted(self, rows: np.ndarray) -> np.ndarray:
        return self._mean(self._predictor(rows))

    def _mean(self, eta: np.ndarray) -> np.ndarray:
        """Expected response, or probability of ``classes_[1]``, for a linear predictor."""
        return FAMILIES[self.family_].likelihood.mean(eta)
