"""NIMO for classes."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.base import ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from nimo.base import refusing_former
from nimo.labels import class_factors, plain_labels, two_columns
from nimo.paper_model import PaperModel
from nimo.transaction import transactional


class NIMOClassifier(ClassifierMixin, PaperModel):
    """NIMO for two classes or more, with logits in place of the response.

    Parameters and attributes are those of :class:`NIMORegressor` (no ``family``: it is binomial);
    the coefficients act on the log-odds of ``classes_[1]``.  With K > 2 classes there is a model of
    each class against the rest, in ``estimators_``; ``coef_`` is (K, d), ``intercept_`` (K,), and
    ``local_coef`` gives (n, K, d).

    ``class_weight`` is a dict of factors by class (1 for those it leaves out), or "balanced", where
    all classes weigh the same.  With K > 2 classes the rest counts what it does on average.

    Examples
    --------
    >>> import numpy as np
    >>> from nimo import NIMOClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, (200, 3))
    >>> logit = 3 * X[:, 0] * (1 + np.tanh(X[:, 1]))
    >>> y = np.where(logit + rng.logistic(size=200) > 0, "yes", "no")
    >>> model = NIMOClassifier(max_steps=40, standardize=False, random_state=0).fit(X, y)
    >>> model.predict([[1.5, 0, 0], [-1.5, 0, 0]])
    array(['yes', 'no'], dtype='<U3')
    """

    @refusing_former
    def __init__(
        self,
        *,
        selection="auto",
        relax=False,
        penalty="auto",
        group_penalty="auto",
        delta=1.0,
        hidden="auto",
        sine_frequency="auto",
        noise=0.2,
        learning_rate="auto",
        max_steps="auto",
        n_init="auto",
        validation_fraction=0.25,
        standardize=True,
        use_correction=True,
        g_range="auto",
        mask_self=True,
        zero_at_baseline=True,
        batch_rows="auto",
        settings=None,
        device="cpu",
        n_jobs=None,
        verbose=False,
        random_state=None,
        class_weight=None,
    ):
        self.selection = selection
        self.relax = relax
        self.penalty = penalty
        self.group_penalty = group_penalty
        self.delta = delta
        self.hidden = hidden
        self.sine_frequency = sine_frequency
        self.noise = noise
        self.learning_rate = learning_rate
        self.max_steps = max_steps
        self.n_init = n_init
        self.validation_fraction = validation_fraction
        self.standardize = standardize
        self.use_correction = use_correction
        self.g_range = g_range
        self.mask_self = mask_self
        self.zero_at_baseline = zero_at_baseline
        self.batch_rows = batch_rows
        self.settings = settings
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state
        self.class_weight = class_weight

    @transactional
    def fit(self, X, y, X_val=None, y_val=None, sample_weight=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, number of features)
            A frame or an array, as for the regressor.
        y : (n,), two classes or more
        X_val, y_val : validation rows, optional
            Without them ``validation_fraction`` of the rows is split off.
        sample_weight : (n,), optional
            A row of weight w counts as w rows; whole numbers, or all equal.

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
            one.fit(X, (labels == k).astype(int), X_val, of_val, sample_weight)
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
        """Log-odds of ``classes_[1]``, (n,); of each class against the rest, (n, K), with K > 2."""
        if hasattr(self, "estimators_"):
            self._validated(X)  # one complaint, of this estimator
            return np.column_stack([one._eta(X) for one in self.estimators_])
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities, (n, K); with K > 2 those of each class against the rest, scaled."""
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X):
        """Logarithms of the class probabilities, (n, K), finite where those are 0."""
        score = self.decision_function(X)
        # one against the rest: with logarithms all classes may be as improbable as they like
        return log_softmax(two_columns(score) if score.ndim == 1 else log_expit(score), axis=1)

    def predict(self, X):
        """Predicted class of each row, (n,)."""
        score = self.decision_function(X)
        return self.classes_[score.argmax(1) if score.ndim == 2 else (score > 0).astype(int)]
