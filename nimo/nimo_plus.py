"""NIMO+ (ours): coefficients at a baseline, curves and surfaces, as scikit-learn estimators."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data
from threadpoolctl import threadpool_limits

from nimo.counts import expected_count
from nimo.effects import two_values
from nimo.labels import class_factors, plain_labels, two_columns
from nimo.nimo_plus_reading import AnchoredReading
from nimo.plus.fit import Options, fit
from nimo.scaling import measure
from nimo.transaction import transactional


class _NIMOPlus(AnchoredReading, BaseEstimator):
    """What both estimators share; ``y`` is (n, k) numbers from ``_fit`` on."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "max_order": [Interval(Integral, 1, 3, closed="both")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "n_structures": [Interval(Integral, 1, 3, closed="both")],
        "baseline": [StrOptions({"mean", "zero"}), "array-like"],
    }

    def _baseline(self, mean: np.ndarray) -> np.ndarray:
        if isinstance(self.baseline, str):
            return mean if self.baseline == "mean" else np.zeros(len(mean))
        given = np.asarray(self.baseline, dtype=np.float64)
        if given.shape != mean.shape or not np.isfinite(given).all():
            raise ValueError(
                f"baseline must be 'mean', 'zero' or {len(mean)} finite numbers, got "
                f"{self.baseline!r}"
            )
        return given

    def _fit(self, X, y, weight, family_name, noise, centre=0.0, unit=1.0):
        kept = weight > 0
        X, y, weight = X[kept], y[kept], weight[kept]
        if len(X) < 2:
            raise ValueError(
                f"at least 2 rows with a positive weight are needed, got n_samples={len(X)}"
            )
        columns = measure(X, weight)
        self.baseline_ = self._baseline(columns.mean)
        self._spread, self._two_values = columns.spread, two_values(X)
        # Whatever a feature does later that was constant here, it is 0 in an infinite unit.
        scale = np.where(columns.constant, np.inf, columns.spread)
        options = Options(int(self.max_order), float(self.level), noise, int(self.n_structures))
        with threadpool_limits(1):
            self.model_, self.fit_info_ = fit(
                X, y, weight, family_name, self.baseline_, scale, centre, unit, options
            )
        self._describe()
        return self

    def _describe(self):
        """Attributes that a reader looks for first."""
        coef, std, at_baseline = self.model_.coef, self.model_.coef_std, self.model_.at_baseline
        if coef.shape[1] == 1:
            self.coef_, self.coef_std_ = coef[:, 0], std[:, 0]
            self._at_baseline = float(at_baseline[0])
        else:
            self.coef_, self.coef_std_ = coef.T, std.T
            self._at_baseline = at_baseline
        self.intercept_ = self._at_baseline - self.coef_ @ self.baseline_
        d = len(self.baseline_)
        self.bent_features_ = np.zeros(d, dtype=bool)
        self.modulated_by_ = np.zeros((d, d), dtype=bool)
        self.terms_ = self.model_.terms
        for features in self.terms_:
            if len(features) == 1:
                self.bent_features_[features[0]] = True
            for j in features:
                self.modulated_by_[j, [k for k in features if k != j]] = True
        self.interaction_features_ = self.modulated_by_.any(0)
        line = (coef != 0).any(1)
        self.selected_features_ = line | self.bent_features_ | self.interaction_features_


class NIMOPlusRegressor(RegressorMixin, _NIMOPlus):
    """Coefficients at a baseline, curves and surfaces, chosen by the evidence.

    The linear predictor is b0 + sum_j [beta_j u_j + s_j(x_j)] + sum_jk p_jk(x_j, x_k) + ..., with
    u_j = x_j - baseline_j.  Every s and p has value 0 and gradient 0 at the baseline, so beta_j is
    exactly the marginal effect of feature j there, whatever else is in the model (the anchored
    functional ANOVA; Rabitz and Alis, Journal of Mathematical Chemistry 25, 1999).

    Parameters
    ----------
    family : {"gaussian", "poisson"}, default="gaussian"
        Poisson uses the logarithmic link; ``predict`` then returns expected counts.
    max_order : {1, 2, 3}, default=3
        Features of a product at most: 1 leaves lines and curves.  With 3, up to 1000 rows, features
        that act together may also modulate one another, x_j v_j(x_S) with any number of them.
    level : float in (0, 1), default=0.1
        Expected number of absent pieces of one kind that the sparsest structure takes for present.
    noise : {"auto", "normal", "t"}, default="auto"
        Of a gaussian response.  "t" has heavy tails (5 degrees of freedom); "auto" takes both, each
        by what a row says under it.
    n_structures : {1, 2, 3}, default=3
        1: one structure, the sparsest; its pieces all pass a threshold.  More: the mean with one
        where only products have to, and with one where nothing has to; the prediction is better and
        there is more to read.
    baseline : {"mean", "zero"} or (d,), default="mean"
        The point at which curves and surfaces are 0.

    Attributes
    ----------
    coef_, coef_std_ : (d,)
        Marginal effects at the baseline, and their posterior standard deviations, which include how
        far the structures differ.
    intercept_ : float
        intercept_ + x @ coef_ touches the linear predictor at the baseline.
    baseline_ : (d,)
    terms_ : list of tuple of int
        Features of each curve and surface.
    selected_features_, bent_features_, interaction_features_ : (d,) bool
        Features in the model; with a curve; in a surface.
    modulated_by_ : (d, d) bool
        Whether two features share a surface.
    fit_info_ : dict
        Rows, structures with their shares and evidence, standard deviation of the noise.

    Examples
    --------
    >>> import numpy as np
    >>> from nimo import NIMOPlusRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, (300, 3))
    >>> y = 2 * X[:, 0] + X[:, 0] * X[:, 1] + np.abs(X[:, 2]) + 0.1 * rng.standard_normal(300)
    >>> model = NIMOPlusRegressor(baseline="zero", n_structures=1).fit(X, y)
    >>> model.coef_.round(1) + 0.0
    array([2., 0., 0.])
    >>> model.terms_
    [(2,), (0, 1)]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_NIMOPlus._parameter_constraints,
        "family": [StrOptions({"gaussian", "poisson"})],
        "noise": [StrOptions({"auto", "normal", "t"})],
    }

    def __init__(
        self,
        *,
        family="gaussian",
        max_order=3,
        level=0.1,
        noise="auto",
        n_structures=3,
        baseline="mean",
    ):
        self.family = family
        self.max_order = max_order
        self.level = level
        self.noise = noise
        self.n_structures = n_structures
        self.baseline = baseline

    @transactional
    def fit(self, X, y, sample_weight=None):
        """Fit on all rows.

        Parameters
        ----------
        X : (n, d), y : (n,)
        sample_weight : (n,), optional
            Any numbers that are not negative; their scale has no effect.

        Raises
        ------
        ValueError
            Bad parameters or input; negative counts or none at all for the Poisson family.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = y.astype(np.float64)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        self.family_ = self.family
        if self.family == "poisson":
            if y.min() < 0:
                raise ValueError(f"the poisson family needs y >= 0, got {y.min()!r}")
            if y.max() == 0:
                raise ValueError("the poisson family needs a count above 0, got y = 0 throughout")
            return self._fit(X, y[:, None], weight, "poisson", "normal")
        whole = measure(y[weight > 0], weight[weight > 0])
        centre, unit = float(whole.mean), float(whole.spread)
        return self._fit(X, y[:, None], weight, "normal", self.noise, centre, unit)

    def predict(self, X):
        """Predicted response of each row, (n,)."""
        return self._mean(self._eta(X))

    def _mean(self, eta):
        return expected_count(eta) if self.family_ == "poisson" else eta


class NIMOPlusClassifier(ClassifierMixin, _NIMOPlus):
    """:class:`NIMOPlusRegressor` for two classes or more, with logits in place of the response.

    Parameters are those of the regressor without ``family`` and ``noise``, and ``class_weight``.
    The coefficients act on the log-odds of ``classes_[1]``.  K > 2 classes have one softmax, whose
    predictors share their pieces: ``coef_``, ``coef_std_`` are (K, d), ``intercept_`` is (K,).

    Parameters
    ----------
    class_weight : dict or "balanced", optional
        Factors by class; "balanced": all classes weigh the same.

    Examples
    --------
    >>> import numpy as np
    >>> from nimo import NIMOPlusClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, (300, 2))
    >>> y = np.where(3 * X[:, 0] + rng.logistic(size=300) > 0, "yes", "no")
    >>> NIMOPlusClassifier().fit(X, y).predict([[1.5, 0], [-1.5, 0]])
    array(['yes', 'no'], dtype='<U3')
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_NIMOPlus._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self, *, max_order=3, level=0.1, n_structures=3, baseline="mean", class_weight=None
    ):
        self.max_order = max_order
        self.level = level
        self.n_structures = n_structures
        self.baseline = baseline
        self.class_weight = class_weight

    @transactional
    def fit(self, X, y, sample_weight=None):
        """Fit on all rows.

        Parameters
        ----------
        X : (n, d), y : (n,), two classes or more
        sample_weight : (n,), optional
            Any numbers that are not negative; their scale has no effect.

        Raises
        ------
        ValueError
            Bad parameters or input; one class only.
        """
        self._validate_params()
        X, y = validate_data(self, X, plain_labels(y), dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "NIMOPlusClassifier needs two classes or more, but the data contains only one "
                f"class: {self.classes_[0]!r}"
            )
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        factors = class_factors(self.class_weight, self.classes_, labels, weight)
        if factors is not None:
            weight = weight * factors[labels]
        self.family_ = "binomial"
        if len(self.classes_) == 2:
            return self._fit(X, labels[:, None].astype(np.float64), weight, "binomial", "normal")
        ones = (labels[:, None] == np.arange(len(self.classes_))).astype(np.float64)
        return self._fit(X, ones, weight, "multinomial", "normal")

    def decision_function(self, X):
        """Log-odds of ``classes_[1]``, (n,); the predictors of the softmax, (n, K), with K > 2."""
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities, (n, K)."""
        return softmax(two_columns(self._eta(X)), axis=1)

    def predict_log_proba(self, X):
        """Logarithms of the class probabilities, (n, K)."""
        return log_softmax(two_columns(self._eta(X)), axis=1)

    def predict(self, X):
        """Predicted class of each row, (n,)."""
        eta = self._eta(X)
        return self.classes_[(eta > 0).astype(int) if eta.ndim == 1 else eta.argmax(1)]

    def _mean(self, eta):
        return expit(eta)
