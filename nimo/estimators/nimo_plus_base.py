"""What the regressor and the classifier of NIMO+ share: parameters, and from rows to a model."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight
from threadpoolctl import threadpool_limits

from nimo.estimators.base import NimoEstimator
from nimo.estimators.constraints import knowledge
from nimo.export.exporting import Exporting
from nimo.plus.fit import Options, fit
from nimo.plus.terms import described
from nimo.reading.nimo_plus import AnchoredReading
from nimo.scaling import units


class AnchoredEstimator(Exporting, AnchoredReading, NimoEstimator):
    """What both estimators share; ``y`` is (n, k) numbers from ``_fit`` on."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **NimoEstimator._parameter_constraints,
        "max_order": [Interval(Integral, 1, 3, closed="both")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "n_structures": [Interval(Integral, 1, 3, closed="both")],
        "max_terms": [Interval(Integral, 1, None, closed="left"), None],
        "monotonic_cst": ["array-like", dict, None],
        "interaction_cst": [StrOptions({"pairwise", "no_interactions"}), list, tuple, set, None],
        "keep": ["array-like", set, None],
    }

    def _weight(self, sample_weight, X) -> np.ndarray:
        """Weights (n,), 1 at most: no sum of them overflows."""
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return weight / (weight.max() or 1.0)

    def _fit(self, X, y, weight, family, noise="normal", centre=0.0, unit=1.0):
        kept = weight > 0
        X, y, weight = X[kept], y[kept], weight[kept]
        if len(X) < 2:
            raise ValueError(
                f"at least 2 rows with a positive weight are needed, got n_samples={len(X)}"
            )
        levels = self._table.level_counts
        columns = units(X, weight, levels > 0)
        scale = self._learn_columns(X, columns, levels > 0)
        options = Options(
            int(self.max_order),
            float(self.level),
            noise,
            int(self.n_structures),
            None if self.max_terms is None else int(self.max_terms),
            knowledge(
                self._by_name("monotonic_cst"),
                self.interaction_cst,
                self.keep,
                self._names(),
                levels > 0,
            ),
        )
        with threadpool_limits(1):
            found = fit(X, y, weight, family, self.baseline_, scale, centre, unit, options, levels)
        self.fit_info_, self._origin, self._path = found.info, found.origin, None
        self._describe(found.model, found.worth)
        return self

    def _describe(self, model, worth):
        """Attributes that a reader looks for first."""
        self.model_, self._freedom = model, model.freedom
        coef, std, at_baseline = self.model_.coef, self.model_.coef_std, self.model_.at_baseline
        if coef.shape[1] == 1:
            self.coef_, self.coef_std_ = coef[:, 0], std[:, 0]
            self._at_baseline = float(at_baseline[0])
        else:
            self.coef_, self.coef_std_ = coef.T, std.T
            self._at_baseline = at_baseline
        self.intercept_ = self._at_baseline - self.coef_ @ self.baseline_
        d = len(self.baseline_)
        self.nonlinear_features_ = np.zeros(d, dtype=bool)
        self.modulated_by_ = np.zeros((d, d), dtype=bool)
        self.terms_ = described(worth, self._names())
        for features in model.terms:
            if len(features) == 1:
                self.nonlinear_features_[features[0]] = True
            for j in features:
                self.modulated_by_[j, [k for k in features if k != j]] = True
        self.interaction_features_ = self.modulated_by_.any(0)
        line = (coef != 0).any(1)
        self.selected_features_ = line | self.nonlinear_features_ | self.interaction_features_
