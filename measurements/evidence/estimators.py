"""The scikit-learn surface of the extended model."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from measurements.evidence.evidence import Evidence
from measurements.evidence.likelihoods import FAMILIES
from measurements.evidence.posterior import Posterior
from measurements.evidence.selection import (
    Candidate,
    SelectionSettings,
    choose,
    dense_candidate,
    linear_candidate,
    sparse_candidate,
)

CHOICES = ("auto", "linear", "sparse", "dense")


class _Extended(BaseEstimator):
    """What both estimators share."""

    def __init__(
        self,
        *,
        selection="auto",
        modulate=True,
        shapes=True,
        standardize=True,
        max_basis=1500,
        settings=None,
        random_state=None,
    ):
        self.selection = selection
        self.modulate = modulate
        self.shapes = shapes
        self.standardize = standardize
        self.max_basis = max_basis
        self.settings = settings
        self.random_state = random_state

    def _check_parameters(self):
        if self.selection not in CHOICES:
            raise ValueError(f"selection must be one of {CHOICES}, got {self.selection!r}")
        for name in ("modulate", "shapes"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(f"{name} must be True or False, got {getattr(self, name)!r}")
        if not (self.standardize in (True, False) or self.standardize == "scale"):
            raise ValueError(
                f"standardize must be True, False or 'scale', got {self.standardize!r}"
            )
        if not isinstance(self.max_basis, int | np.integer) or self.max_basis < 1:
            raise ValueError(f"max_basis must be an integer of at least 1, got {self.max_basis!r}")
        if not (self.settings is None or isinstance(self.settings, SelectionSettings)):
            raise ValueError(f"settings must be SelectionSettings or None, got {self.settings!r}")

    def _fit(self, X, y, sample_weight, family_name):
        family = FAMILIES[family_name]
        settings = self.settings or SelectionSettings()
        rng = check_random_state(self.random_state)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        if len(y) < 2:
            raise ValueError(f"at least 2 rows with a positive weight are needed, got {len(y)}")
        self._set_scale(X, weight)
        x = (X - self.baseline_) / self._scale
        self._centre, self._unit = 0.0, 1.0
        if family_name == "gaussian":
            self._centre = float(np.average(y, weights=weight))
            spread = float(np.sqrt(np.average((y - self._centre) ** 2, weights=weight)))
            self._unit = spread if spread > 1e-12 * max(1.0, np.abs(y).max()) else 1.0
            y = (y - self._centre) / self._unit
        order = rng.permutation(len(y))
        seen = np.sort(order[: settings.max_rows])
        evidence = Evidence(family, x[seen], y[seen], weight[seen])
        chosen, losses = self._select(evidence, settings, rng)
        structure = chosen.structure
        if len(y) <= self.max_basis:
            self.posterior_ = Posterior.of_all_rows(family, structure, x, y, weight)
        else:
            basis = x[np.sort(order[: self.max_basis])]
            self.posterior_ = Posterior.of_basis(family, structure, x, y, weight, basis)
        self.family_, self.structure_ = family_name, structure
        self.coef_ = self.posterior_.coef * self._unit / self._scale
        self.coef_std_ = np.sqrt(self.posterior_.coef_variance) * self._unit / self._scale
        at_baseline = self._centre + self._unit * self.posterior_.intercept
        self.intercept_ = float(at_baseline - self.baseline_ @ self.coef_)
        self.selected_features_ = structure.used
        self.interaction_features_ = structure.columns
        self.modulated_by_ = structure.relevance > 0
        self.noise_std_ = self._unit * structure.noise**0.5 if family.has_noise else None
        self.fit_info_ = {"structure": chosen.name, "evidence": -chosen.value, "loss": losses}
        return self

    def _set_scale(self, X, weight):
        d = X.shape[1]
        mean = np.average(X, axis=0, weights=weight)
        spread = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))
        constant = spread <= 1e-10 * np.maximum(1.0, np.abs(X).max(0))
        self.baseline_ = mean if self.standardize is True else np.zeros(d)
        self._scale = np.where(constant, 1.0, spread) if self.standardize else np.ones(d)

    def _select(self, evidence, settings, rng) -> tuple[Candidate, dict]:
        candidates = []
        if self.selection in ("auto", "linear"):
            candidates.append(linear_candidate(evidence, settings))
        if self.selection != "linear":
            # A curve needs three values at least.
            bends = np.array([len(np.unique(column)) > 2 for column in evidence.x.T])
            dense = dense_candidate(
                evidence, settings, bool(self.modulate), bends & bool(self.shapes)
            )
            if self.selection in ("auto", "sparse"):
                candidates.append(sparse_candidate(evidence, dense, settings))
            if self.selection in ("auto", "dense"):
                candidates.append(dense)
        return choose(evidence, candidates, settings, rng)

    # ---------------------------------------------------------------- reading the model

    def _rows(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return (X - self.baseline_) / self._scale

    def _eta(self, X):
        return self._centre + self._unit * self.posterior_.predictor(self._rows(X))

    def local_coef(self, X):
        """beta_j + v_j(x_-j) of each row, without the shapes, (n, d), on the features' scale."""
        modulation = self.posterior_.modulation(self._rows(X))
        return self.coef_ + modulation * self._unit / self._scale

    def shape(self, feature, values):
        """s_j at the given values (n,) of one feature, in the unit of the linear predictor.

        Parameters
        ----------
        feature : int
        values : (n,)
        """
        check_is_fitted(self)
        if not 0 <= feature < len(self.coef_):
            raise ValueError(f"feature must be from 0 to {len(self.coef_) - 1}, got {feature!r}")
        values = np.asarray(values, dtype=np.float64)
        inner = (values - self.baseline_[feature]) / self._scale[feature]
        return self._unit * self.posterior_.shape(feature, inner)

    def coef_interval(self, level=0.95):
        """Central posterior interval of each coefficient, (d, 2), given the structure.

        That the structure was chosen is not in it.  A coefficient that was left out has (0, 0).
        """
        check_is_fitted(self)
        half = norm.ppf(0.5 + level / 2) * self.coef_std_
        return np.column_stack([self.coef_ - half, self.coef_ + half])

    def _names(self):
        names = getattr(self, "feature_names_in_", None)
        return [f"x{j + 1}" for j in range(len(self.coef_))] if names is None else list(names)

    def table(self):
        """What each feature does, one dict per feature.

        Keys: feature; kind ("absent", "linear", "bent", "modulated", "both"); coef and its std;
        modulated_by, modulates: lists of names.  A feature whose kind is absent may modulate.
        """
        check_is_fitted(self)
        names, rows = np.array(self._names(), dtype=object), []
        for j, name in enumerate(names):
            bent, modulated = self.structure_.shape[j] > 0, self.structure_.amplitude[j] > 0
            linear = self.structure_.linear[j] > 0
            kind = "both" if bent and modulated else "bent" if bent else "modulated"
            if not (bent or modulated):
                kind = "linear" if linear else "absent"
            rows.append(
                {
                    "feature": name,
                    "kind": kind,
                    "coef": float(self.coef_[j]),
                    "std": float(self.coef_std_[j]),
                    "modulated_by": list(names[self.modulated_by_[j]]),
                    "modulates": list(names[self.modulated_by_[:, j]]),
                }
            )
        return rows

    def formula(self):
        """The model as text; v_j are modulations, s_j shapes, both 0 at the baseline."""
        check_is_fitted(self)
        names, parts = (
            self._names(),
            [f"{self.posterior_.intercept * self._unit + self._centre:.3g}"],
        )
        for j, row in enumerate(self.table()):
            name, base = names[j], self.baseline_[j]
            shift = "" if base == 0 else f" {'-' if base > 0 else '+'} {abs(base):.3g}"
            x = f"({name}{shift})" if shift else name
            inner = [f"{self.coef_[j]:.3g}"] if self.coef_[j] != 0 else []
            if row["modulated_by"]:
                inner.append(f"v_{name}({', '.join(row['modulated_by'])})")
            if inner:
                factor = inner[0] if len(inner) == 1 else f"[{' + '.join(inner)}]"
                parts.append(f"{factor} {x}")
            if self.structure_.shape[j] > 0:
                parts.append(f"s_{name}({name})")
        return " + ".join(parts).replace("+ -", "- ")


class ExtendedNIMORegressor(RegressorMixin, _Extended):
    """NIMO with free amplitudes and shapes, for a real-valued or a count response.

    eta(x) = b0 + sum_j [(x_j - m_j) (beta_j + v_j(x_-j)) + s_j(x_j)], v_j and s_j 0 at the baseline
    m, s_j with slope 0 there: beta_j is exactly the marginal effect at the baseline.  v_j is what a
    network of infinitely many units gives, see :mod:`measurements.evidence.kernels`.

    Parameters
    ----------
    family : {"gaussian", "poisson"}, default="gaussian"
    selection : {"auto", "linear", "sparse", "dense"}, default="auto"
        "auto": the simplest that predicts left-out rows as well as the best, to two errors.
    modulate, shapes : bool, default=True
        Whether features may modulate each other; whether they may bend.
    standardize : {True, False, "scale"}, default=True
        True: baseline at the means, unit variance.  "scale": unit variance, baseline at 0.  False:
        features as given, baseline at 0.
    max_basis : int, default=1500
        With more rows than this, the functions are spanned by that many of them.
    settings : SelectionSettings, optional
    random_state : int, RandomState or None

    Attributes
    ----------
    coef_, coef_std_ : (d,)
        Marginal effects at the baseline, and their posterior standard deviations.
    intercept_ : float
        Of the tangent plane at the baseline.
    baseline_ : (d,)
    structure_ : Structure
    selected_features_, interaction_features_ : (d,) bool
        Features that are used at all; that modulate another.
    modulated_by_ : (d, d) bool
        Whether feature j (row) is modulated by k (column).
    noise_std_ : float or None
        Estimated standard deviation of the noise (gaussian).
    fit_info_ : dict
    """

    def __init__(
        self,
        *,
        family="gaussian",
        selection="auto",
        modulate=True,
        shapes=True,
        standardize=True,
        max_basis=1500,
        settings=None,
        random_state=None,
    ):
        super().__init__(
            selection=selection,
            modulate=modulate,
            shapes=shapes,
            standardize=standardize,
            max_basis=max_basis,
            settings=settings,
            random_state=random_state,
        )
        self.family = family

    def fit(self, X, y, sample_weight=None):
        """Fit; a row of weight w counts as w rows.

        Parameters
        ----------
        X : (n, d), y : (n,)
        sample_weight : (n,), optional

        Raises
        ------
        ValueError
            Bad parameters or input; negative counts for the Poisson family.
        """
        self._check_parameters()
        if self.family not in ("gaussian", "poisson"):
            raise ValueError(f"family must be 'gaussian' or 'poisson', got {self.family!r}")
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        y = y.astype(np.float64)
        if self.family == "poisson" and y.min() < 0:
            raise ValueError("the poisson family needs y >= 0")
        return self._fit(X, y, sample_weight, self.family)

    def predict(self, X):
        """Predicted response of each row, (n,)."""
        return FAMILIES[self.family].mean(self._eta(X))


class ExtendedNIMOClassifier(ClassifierMixin, _Extended):
    """NIMO with free amplitudes and shapes for two classes.

    Parameters and attributes are those of :class:`ExtendedNIMORegressor`; the coefficients act on
    the log-odds of ``classes_[1]``.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X, y, sample_weight=None):
        """As :meth:`ExtendedNIMORegressor.fit`, with two classes."""
        self._check_parameters()
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        if type_of_target(y, input_name="y") != "binary":
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}."
            )
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "ExtendedNIMOClassifier needs two classes, but the data contains only one class: "
                f"{self.classes_[0]!r}"
            )
        return self._fit(X, labels.astype(np.float64), sample_weight, "binomial")

    def decision_function(self, X):
        """Log-odds of ``classes_[1]``, (n,)."""
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities, (n, 2)."""
        p = expit(self._eta(X))
        return np.column_stack([1 - p, p])

    def predict(self, X):
        """Predicted class of each row, (n,)."""
        return self.classes_[(self._eta(X) > 0).astype(int)]
