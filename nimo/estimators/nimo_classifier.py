"""NIMO for classes."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from nimo.estimators.classes import ClassPrediction
from nimo.estimators.former import refusing_former
from nimo.estimators.nimo_base import PaperModel
from nimo.labels import class_factors, plain_labels, two_columns
from nimo.transaction import transactional


class NIMOClassifier(ClassPrediction, PaperModel):
    """NIMO for two classes or more, with logits in place of the response.

    Parameters and attributes are those of :class:`NIMORegressor` (no ``family``: it is binomial);
    the coefficients act on the log-odds of ``classes_[1]``.  With K > 2 classes there is a model of
    each class against the rest, in ``estimators_``; ``coef_`` is (K, d), ``intercept_`` (K,), and
    ``local_coef`` gives (n, K, d).

    Parameters
    ----------
    class_weight : dict or "balanced", optional
        Factors by class (1 for those it leaves out), or "balanced", where all classes weigh the
        same.  With K > 2 classes the rest counts what it does on average.

    Attributes
    ----------
    classes_ : (K,)
    estimators_ : list of K NIMOClassifier, with K > 2

    Examples
    --------
    >>> import numpy as np
    >>> from nimo import NIMOClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, (200, 3))
    >>> logit = 3 * X[:, 0] * (1 + np.tanh(X[:, 1]))
    >>> y = np.where(logit + rng.logistic(size=200) > 0, "yes", "no")
    >>> model = NIMOClassifier(max_iter=40, baseline="zero", random_state=0).fit(X, y)
    >>> model.predict([[1.5, 0, 0], [-1.5, 0, 0]])
    array(['yes', 'no'], dtype='<U3')
    """

    @refusing_former
    def __init__(
        self,
        *,
        selection="auto",
        relax=False,
        alpha="auto",
        group_alpha="auto",
        n_hidden="auto",
        input_noise=0.2,
        learning_rate_init="auto",
        max_iter="auto",
        n_init="auto",
        validation_fraction=0.25,
        baseline="mean",
        scale=True,
        network=None,
        settings=None,
        device="cpu",
        n_jobs=None,
        verbose=False,
        random_state=None,
        class_weight=None,
    ):
        self.selection = selection
        self.relax = relax
        self.alpha = alpha
        self.group_alpha = group_alpha
        self.n_hidden = n_hidden
        self.input_noise = input_noise
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.n_init = n_init
        self.validation_fraction = validation_fraction
        self.baseline = baseline
        self.scale = scale
        self.network = network
        self.settings = settings
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state
        self.class_weight = class_weight

    @transactional
    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, number of features)
            A frame or an array, as for the regressor.
        y : (n,), two classes or more
        sample_weight : (n,), optional
            A row of weight w counts as w rows; whole numbers, or all equal.
        X_val, y_val : validation rows, optional
            Without them ``validation_fraction`` of the rows is split off.

        Raises
        ------
        ValueError
            Bad parameters or input, one class only.
        """
        self._check_parameters()
        rows, y = self._training_rows(X, plain_labels(y))
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "NIMOClassifier needs two classes or more, but the data contains only one class: "
                f"{self.classes_[0]!r}"
            )
        weight = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        factors = class_factors(self.class_weight, self.classes_, labels, weight)
        if y_val is not None:
            y_val = plain_labels(y_val, "y_val")
        val_rows, y_val = self._validation_rows(X_val, y_val)
        if y_val is not None:
            if not np.isin(y_val, self.classes_).all():
                raise ValueError("y_val contains classes that y does not")
            y_val = np.searchsorted(self.classes_, y_val).astype(np.float64)
        if len(self.classes_) > 2:
            return self._fit_each(X, labels, X_val, y_val, sample_weight, weight, factors)
        labels = labels.astype(np.float64)
        return self._fit(rows, labels, val_rows, y_val, "binomial", sample_weight, factors)

    def _fit_each(self, X, labels, X_val, y_val, sample_weight, weight, factors):
        """One class against the rest, for each; the rest counts what it does on average."""
        self.estimators_ = []
        for k in range(len(self.classes_)):
            one = clone(self)
            if factors is not None:
                rest = labels != k
                mean = np.average(factors[labels[rest]], weights=weight[rest])
                one.set_params(class_weight={0: float(mean), 1: float(factors[k])})
            of_val = None if y_val is None else (y_val == k).astype(int)
            one.fit(X, (labels == k).astype(int), sample_weight, X_val=X_val, y_val=of_val)
            self.estimators_.append(one)
        for name in ("coef_", "intercept_"):
            setattr(self, name, np.stack([getattr(one, name) for one in self.estimators_]))
        for name in ("selected_features_", "interaction_features_"):
            several = [getattr(one, name) for one in self.estimators_]
            setattr(self, name, np.any(several, axis=0))
        self.baseline_ = np.mean([one.baseline_ for one in self.estimators_], axis=0)
        self.fit_info_ = {"classes": len(self.classes_)}
        self.n_iter_ = max(getattr(one, "n_iter_", 1) for one in self.estimators_)
        return self

    def decision_function(self, X):
        """Linear predictor of each row, in log-odds.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n,) ndarray, of ``classes_[1]``; with K > 2 classes (n, K), of each class against the rest
        """
        if hasattr(self, "estimators_"):
            self._validated(X)  # one complaint, of this estimator
            return np.column_stack([one._eta(X) for one in self.estimators_])
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities; with K > 2 those of each class against the rest, over their sum.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, K) ndarray, in the order of ``classes_``
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X):
        """Logarithms of the class probabilities, finite where those are 0.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, K) ndarray, in the order of ``classes_``
        """
        score = self.decision_function(X)
        # one against the rest: with logarithms all classes may be as improbable as they like
        return log_softmax(two_columns(score) if score.ndim == 1 else log_expit(score), axis=1)
