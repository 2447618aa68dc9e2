"""What a fitted NIMO+ says: coefficients of rows, curves, surfaces, its formula, a drawing."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import check_is_fitted

from nimo.plus.model import AnchoredModel
from nimo.reading.categories import FrameReading
from nimo.reading.nimo_plus_intervals import AnchoredIntervals
from nimo.reading.nimo_plus_terms import AnchoredTerms
from nimo.reading.page import Page

#: Of a feature from the baseline, in its standard deviations.
LEAST_DISTANCE = 1e-5


class AnchoredReading(AnchoredTerms, AnchoredIntervals, Page, FrameReading):
    """Methods of the fitted estimators; they read ``model_`` and what the fit has described."""

    model_: AnchoredModel
    coef_: np.ndarray  # (d,), or (K, d) with K > 2 classes
    baseline_: np.ndarray  # (d,)
    nonlinear_features_: np.ndarray  # (d,) bool

    def _eta(self, X) -> np.ndarray:
        """(n,), or (n, K) with K > 2 classes."""
        rows = self._validated(X)
        return self._one(self.model_.predictor(rows))

    def _check_readable(self) -> None:
        check_is_fitted(self)
        if self.coef_.ndim == 2:
            raise AttributeError(
                "with more than two classes read coef_, shape and surface: there is a predictor "
                "for each class"
            )

    def _one(self, values: np.ndarray) -> np.ndarray:
        """Without the last axis where there is one predictor."""
        return values[..., 0] if values.shape[-1] == 1 else values

    def _shapes(self, rows: np.ndarray) -> np.ndarray:
        found = np.zeros(rows.shape)
        for j in np.flatnonzero(self.nonlinear_features_):
            found[:, j] = self.model_.term((int(j),), rows)[:, 0]
        return found

    def _parts(self, rows: np.ndarray) -> np.ndarray:
        """Line, curve, and an equal share of each surface; (n, d)."""
        found = self.model_.lines(rows)[:, :, 0] + self._shapes(rows)
        for features in self.model_.terms:
            if len(features) > 1:
                share = self.model_.term(features, rows)[:, 0] / len(features)
                found[:, list(features)] += share[:, None]
        return found

    def local_coef(self, X) -> np.ndarray:
        """Coefficients of each row: what a feature adds beyond its curve, per unit of its distance.

        coef_ + an equal share of each surface over x_j - baseline_j, of which it is a multiple.  At
        the baseline it is ``coef_``.  It is not the slope in the row: :meth:`marginal_effects`.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray
        """
        self._check_readable()
        return self._local_coef(self._validated(X))

    def _local_coef(self, rows: np.ndarray) -> np.ndarray:
        found = np.tile(self.coef_, (len(rows), 1))
        least = LEAST_DISTANCE * self._spread
        for j in np.flatnonzero(self.interaction_features_ & (self._table.level_counts == 0)):
            at = rows.copy()
            distance = at[:, j] - self.baseline_[j]  # NaN where missing, where surfaces are 0
            # on the baseline the ratio is a slope
            distance = np.where(np.abs(distance) < least[j], least[j], distance)
            at[:, j] = self.baseline_[j] + distance
            slope = self._share_of_surfaces(int(j), at) / distance
            found[:, j] += np.where(np.isnan(slope), 0.0, slope)
        return found

    def _share_of_surfaces(self, j: int, rows: np.ndarray) -> np.ndarray:
        """An equal share of each surface of feature j, (n,)."""
        found = np.zeros(len(rows))
        for features in self.model_.terms:
            if len(features) > 1 and j in features:
                found += self.model_.term(features, rows)[:, 0] / len(features)
        return found

    def shape(self, feature, values) -> np.ndarray:
        """s_j at given values of one feature, in the unit of the linear predictor.

        Value and slope are 0 at the baseline; 0 everywhere for a feature without a shape function.
        Of a category it is the effect of a level, whose mean is 0; at NaN, what a missing value
        does.

        Parameters
        ----------
        feature : int or str
        values : (m,), numbers or levels

        Returns
        -------
        (m,) ndarray; (m, K) with K > 2 classes

        Raises
        ------
        ValueError
            No such feature.
        """
        check_is_fitted(self)
        numbers, rows = self._term_rows(feature, values)
        return self._one(self.model_.term(numbers, rows))

    def _term_rows(self, features, values) -> tuple[tuple[int, ...], np.ndarray]:
        """Numbers of the features in order, and rows with all others at the baseline."""
        if isinstance(features, str | int | np.integer):
            features, values = [features], [[value] for value in values]
        numbers = [self._number(feature) for feature in features]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"a surface is of different features, got {list(features)!r}")
        values = np.asarray(values, dtype=None if self._table.plain else object)
        if len(values) == 0:
            values = values.reshape(0, len(numbers))
        if values.ndim != 2 or values.shape[1] != len(numbers):
            raise ValueError(
                f"values must have {len(numbers)} columns, one per feature, got shape "
                f"{values.shape}"
            )
        rows = np.tile(self.baseline_, (len(values), 1))
        for number, column in zip(numbers, values.T, strict=True):
            rows[:, number] = self._table.numbers(number, column)
        return tuple(sorted(numbers)), rows

    def surface(self, features, values) -> np.ndarray:
        """p at given values of two features or more, without their lines and curves.

        Value and gradient are 0 at the baseline; 0 everywhere where the features do not act
        together.

        Parameters
        ----------
        features : sequence of int or str
        values : (m, number of features)

        Returns
        -------
        (m,) ndarray; (m, K) with K > 2 classes

        Raises
        ------
        ValueError
            No such feature; values of another number of features.
        """
        check_is_fitted(self)
        numbers, rows = self._term_rows(list(features), values)
        return self._one(self.model_.term(numbers, rows))

    def formula(self) -> str:
        """The model as text: s are curves, p surfaces, both 0 with gradient 0 at the baseline.

        ``levels`` are the effects of a category, whose mean over the training rows is 0.

        Returns
        -------
        str
        """
        self._check_readable()
        names, parts = self._names(), [f"{self._at_baseline:.3g}"]
        for j in np.flatnonzero(self.coef_):
            x = self._from_baseline(int(j))
            if self._categories[j]:  # of two levels
                x = x.replace(names[j], f"{names[j]} = {self._table.columns[j].levels[1]}", 1)
            parts.append(f"{self.coef_[j]:.3g} {x}")
        for features in self.model_.terms:
            inside = ", ".join(names[j] for j in features)
            word = "p" if len(features) > 1 else "levels" if self._categories[features[0]] else "s"
            parts.append(f"{word}({inside})")
        return " + ".join(parts).replace("+ -", "- ")

    def term_contributions(self, X) -> dict[tuple[str, ...], np.ndarray]:
        """What each piece adds to the linear predictor of each row.

        Keys are the names of a piece's features; a feature's line and curve are one.  Together with
        the linear predictor at the baseline they add up to the row's.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        dict of (n,) ndarray
        """
        self._check_readable()
        rows, names = self._validated(X), self._names()
        own = self.model_.lines(rows)[:, :, 0] + self._shapes(rows)
        found: dict[tuple[str, ...], np.ndarray] = {}
        for j in np.flatnonzero((self.coef_ != 0) | self.nonlinear_features_):
            found[(names[j],)] = own[:, j]
        for features in self.model_.terms:
            if len(features) > 1:
                key = tuple(names[j] for j in features)
                found[key] = self.model_.term(features, rows)[:, 0]
        return found

    def draw(self, X, max_panels=12):
        """Coefficients with their intervals, curves and surfaces, as a matplotlib figure.

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
        from nimo.drawing.nimo_plus import draw

        return draw(self, X, max_panels)

    def draw_path(self):
        """Left-out error by number of terms, each with the term that goes next.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            matplotlib is not installed.
        """
        from nimo.drawing.nimo_plus import draw_path

        return draw_path(self)
