"""NIMO+ for classes, with logits in place of the response."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets

from nimo.estimators.classes import ClassPrediction
from nimo.estimators.nimo_plus_base import AnchoredEstimator
from nimo.labels import class_factors, plain_labels, two_columns
from nimo.plus.families import RESPONSES
from nimo.transaction import transactional


class NIMOPlusClassifier(ClassPrediction, AnchoredEstimator):
    """:class:`NIMOPlusRegressor` for two classes or more, with logits in place of the response.

    Parameters are those of the regressor without ``family`` and ``noise``, and ``class_weight``.
    The coefficients act on the log-odds of ``classes_[1]``.  K > 2 classes have one softmax, whose
    predictors share their pieces: ``coef_``, ``coef_std_`` are (K, d), ``intercept_`` is (K,).

    Parameters
    ----------
    class_weight : dict or "balanced", optional
        Factors by class (1 for those it leaves out); "balanced": all classes weigh the same.

    Attributes
    ----------
    classes_ : (K,)

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
        **AnchoredEstimator._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        *,
        max_order=3,
        level=0.1,
        n_structures=3,
        max_terms=None,
        monotonic_cst=None,
        interaction_cst=None,
        keep=None,
        baseline="mean",
        class_weight=None,
    ):
        self.max_order = max_order
        self.level = level
        self.n_structures = n_structures
        self.max_terms = max_terms
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.keep = keep
        self.baseline = baseline
        self.class_weight = class_weight

    @transactional
    def fit(self, X, y, sample_weight=None):
        """Fit on all rows.

        Parameters
        ----------
        X : (n, d)
            A frame or an array, as for the regressor.
        y : (n,), two classes or more
        sample_weight : (n,), optional
            Any numbers that are not negative; their scale has no effect.

        Raises
        ------
        ValueError
            Bad parameters or input; a missing label; one class only.
        """
        self._validate_params()
        X, y = self._read(X, plain_labels(y))
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "NIMOPlusClassifier needs two classes or more, but the data contains only one "
                f"class: {self.classes_[0]!r}"
            )
        if len(self.classes_) > 2 and self.monotonic_cst is not None:
            raise ValueError("monotonic_cst is for two classes, got more")
        weight = self._weight(sample_weight, X)
        factors = class_factors(self.class_weight, self.classes_, labels, weight)
        if factors is not None:
            weight = weight * factors[labels]
        self.family_ = "binomial"
        if len(self.classes_) == 2:
            return self._fit(X, labels[:, None].astype(np.float64), weight, RESPONSES["binomial"])
        ones = (labels[:, None] == np.arange(len(self.classes_))).astype(np.float64)
        return self._fit(X, ones, weight, RESPONSES["multinomial"])

    def decision_function(self, X):
        """Linear predictor of each row, in log-odds.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n,) ndarray, of ``classes_[1]``; with K > 2 classes (n, K), the predictors of the softmax
        """
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, K) ndarray, in the order of ``classes_``
        """
        return softmax(two_columns(self._eta(X)), axis=1)

    def predict_log_proba(self, X):
        """Logarithms of the class probabilities.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, K) ndarray, in the order of ``classes_``
        """
        return log_softmax(two_columns(self._eta(X)), axis=1)

    def _mean(self, eta):
        return RESPONSES["binomial"].mean(eta)
