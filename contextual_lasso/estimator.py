"""scikit-learn estimators of the contextual lasso."""

from __future__ import annotations

import numbers
import warnings

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from contextual_lasso.resolve import load, resolve
from contextual_lasso.settings import Settings, per_feature
from contextual_lasso.units import AllUnits
from nimo.labels import plain_labels
from nimo.transaction import transactional

RULES = ("1se", "min")


class _ContextualLasso(BaseEstimator):
    """y = b0(z) + x' b(z): a network of the context z gives sparse coefficients of x.

    The mean l1 norm of the rows of b is bounded by lambda, along a path of warm-started fits from
    no bound down to 0, each stopped early on the validation rows.  Parameters and defaults are
    those of the Julia package (Thompson, Dezfouli & Kohn, NeurIPS 2023).

    Parameters
    ----------
    intercept : bool
        Whether the network also gives b0(z).  It is not penalised: with the features as their own
        context it can fit everything alone; only without it does sparsity mean something.
    lambdas : sequence of float, optional
        The bounds, in the order of the path; otherwise ``n_lambdas`` even steps from the mean l1
        norm of an unbounded fit to 0.
    n_lambdas : int, at least 2
    relax : bool
        Also refit without bound on the support of every fit, and blend by ``gammas``.
    gammas : sequence of float in [0, 1], 0 the original and 1 the relaxed fit
    groups : (d,) labels, optional
        Features of one label enter a row together.
    sign_constraint : (d,) of -1, 0 and 1, optional
        Sign that the coefficients of a feature must have; 0 leaves it free.
    hidden_layers : sequence of int
    dropout : float
    start : {"warm", "cold"}
    early_stopping : bool
    patience, max_epochs : int
    selection : {"1se", "min"}
        The rule that ``predict`` and the coefficients follow: the smallest lambda within one
        standard error of the least validation loss, or the least.
    validation_fraction : float
        Share of rows held out if ``fit`` gets no validation rows.
    random_state : int, RandomState or None
    backend : {"auto", "julia", "torch"}
        The original package, this port, or the original where it is installed.

    Attributes
    ----------
    path_ : Path, everything along the path; ``path_.chosen`` has the points of both rules.  It
        knows numbers that single precision holds: rows far from 0 or of an unusual size enter in
        other units (:mod:`contextual_lasso.units`).  The methods here take rows as they are.
    lambda_min_, lambda_1se_ : float
        Bounds on the mean l1 norm of a training row's coefficients, in the path's units.
    gamma_min_, gamma_1se_ : float
        Shares of the relaxed fit.
    backend_ : dict, which backend made the fit and why
    n_features_in_, feature_names_in_ : as in scikit-learn
    has_context_ : bool, whether the fit had a context of its own
    n_context_ : int, columns of the context
    classes_ : (2,) array of the labels; classifier only
    context_names_in_ : (m,) the columns of the context, where it was a data frame
    """

    def __init__(
        self,
        *,
        intercept=True,
        lambdas=None,
        n_lambdas=50,
        relax=False,
        gammas=Settings.gammas,
        groups=None,
        sign_constraint=None,
        hidden_layers=Settings.hidden_layers,
        dropout=0.0,
        start="warm",
        early_stopping=True,
        patience=30,
        max_epochs=10000,
        selection="1se",
        validation_fraction=0.2,
        random_state=None,
        backend="auto",
    ):
        self.intercept = intercept
        self.lambdas = lambdas
        self.n_lambdas = n_lambdas
        self.relax = relax
        self.gammas = gammas
        self.groups = groups
        self.sign_constraint = sign_constraint
        self.hidden_layers = hidden_layers
        self.dropout = dropout
        self.start = start
        self.early_stopping = early_stopping
        self.patience = patience
        self.max_epochs = max_epochs
        self.selection = selection
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.backend = backend

    @transactional
    def fit(self, X, y, context=None, X_val=None, y_val=None, context_val=None):
        """Fit the path and choose a point of it.

        Parameters
        ----------
        X : (n, d) explanatory features
        y : (n,) targets
        context : (n, m) contextual features; ``X`` where not given
            Columns of a data frame are matched by their names from then on, in any order.  A column
            that is constant here has no effect, whatever it becomes later; the same holds for ``X``
            (without ``intercept`` only where it is 0).
        X_val, y_val, context_val : validation rows, likewise
            For early stopping and the choice of lambda.  Where not given,
            ``validation_fraction`` of the rows is split off.

        Raises
        ------
        ValueError
            For missing or infinite values (naming row and column), shapes that do not fit, columns
            of ``context_val`` that are not those of ``context`` (naming them), or parameters out of
            range.
        RuntimeError
            If ``backend="julia"`` and Julia is not to be had, or if Julia would have to run in
            another thread than the main one; says how to mend that.

        Returns
        -------
        self
        """
        if self.selection not in RULES:
            raise ValueError(f"selection must be one of {RULES}, got {self.selection!r}")
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val must be given together")
        own_context = context is not None
        if own_context:
            names = _column_names("context", context)
            if names is not None:
                self.context_names_in_ = np.array(names, dtype=object)
        X, y, Z = self._check_rows("", X, y, context, reset=True)
        if X_val is None:
            X, X_val, y, y_val, Z, Z_val = self._hold_out(X, y, Z)
        elif own_context != (context_val is not None):
            raise ValueError("context and context_val must be given together")
        else:
            X_val, y_val, Z_val = self._check_rows("_val", X_val, y_val, context_val)
            if Z_val.shape[1] != Z.shape[1]:
                raise ValueError(
                    f"context has {Z.shape[1]} columns and context_val {Z_val.shape[1]}"
                )
        settings = self._settings(X.shape[1])
        self.backend_ = resolve(self.backend)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        units = self._units = AllUnits.of(X, Z, y, settings.intercept, self._loss == "squared")
        X, X_val, y, y_val = (
            unit.into(values)
            for unit, values in ((units.x, X), (units.x, X_val), (units.y, y), (units.y, y_val))
        )
        Z, Z_val = units.z.into(Z), units.z.into(Z_val)
        self.path_ = load(self.backend_["backend"])(X, Z, y, X_val, Z_val, y_val, settings, seed)
        self.has_context_, self.n_context_ = own_context, Z.shape[1]
        for rule, (i, j) in self.path_.chosen.items():
            setattr(self, f"lambda_{rule}_", float(self.path_.lambdas[i]))
            setattr(self, f"gamma_{rule}_", float(self.path_.gammas[j]))
        return self

    def _check_rows(self, suffix, X, y, context, reset=False):
        """Validated X, y as the loss wants it, and context, of the rows called ``suffix``."""
        X = validate_data(self, X, reset=reset, ensure_all_finite=False, dtype=np.float64)
        if y is None:
            raise ValueError(f"requires y{suffix} to be passed, but the target y is None")
        if isinstance(self, ClassifierMixin):
            y = plain_labels(y, f"y{suffix}")
        y = column_or_1d(y, warn=True)
        if len(y) != len(X):
            raise ValueError(f"X{suffix} has {len(X)} rows and y{suffix} {len(y)}")
        y = self._encode(y, f"y{suffix}", reset)
        _check_finite(f"X{suffix}", X)
        Z = X if context is None else self._context(f"context{suffix}", context, len(X))
        return X, y, Z

    def _context(self, name, values, n_rows):
        """Validated context, its columns in the order of ``fit``."""
        values = _in_order(name, values, getattr(self, "context_names_in_", None))
        values = check_array(values, ensure_all_finite=False, dtype=np.float64, input_name=name)
        if len(values) != n_rows:
            raise ValueError(f"{name} has {len(values)} rows, expected {n_rows}")
        _check_finite(name, values)
        return values

    def _hold_out(self, X, y, Z):
        stratify = y if isinstance(self, ClassifierMixin) and np.bincount(y).min() > 1 else None
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        parts = train_test_split(
            X, y, Z, test_size=self.validation_fraction, random_state=seed, stratify=stratify
        )
        return parts

    def _settings(self, n_features):
        groups = per_feature("groups", self.groups, n_features)
        signs = per_feature("sign_constraint", self.sign_constraint, n_features)
        if signs is not None and not np.isin(signs, (-1, 0, 1)).all():
            raise ValueError(f"sign_constraint must hold -1, 0 or 1, got {self.sign_constraint!r}")
        return Settings(
            loss=self._loss,
            intercept=bool(self.intercept),
            lambdas=self.lambdas,
            n_lambdas=self.n_lambdas,
            relax=bool(self.relax),
            gammas=self.gammas,
            groups=None if groups is None else np.unique(groups, return_inverse=True)[1],
            signs=signs,
            hidden_layers=tuple(self.hidden_layers),
            dropout=self.dropout,
            start=self.start,
            early_stopping=self.early_stopping,
            patience=self.patience,
            max_epochs=self.max_epochs,
        )

    def _point(self, selection):
        """The pair of indices that a rule, or the nearest lambda to a number, stands for."""
        selection = self.selection if selection is None else selection
        if isinstance(selection, numbers.Real):
            return int(np.abs(self.path_.lambdas - selection).argmin()), 0
        if selection not in RULES:
            raise ValueError(f"selection must be a lambda or one of {RULES}, got {selection!r}")
        return self.path_.chosen[selection]

    def _rows(self, X, context):
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite=False, dtype=np.float64)
        _check_finite("X", X)
        if (context is not None) != self.has_context_:
            needed = "needs" if self.has_context_ else "does not take"
            raise ValueError(f"this estimator {needed} a context: it was fitted so")
        Z = X if context is None else self._context("context", context, len(X))
        if Z.shape[1] != self.n_context_:
            raise ValueError(f"context has {Z.shape[1]} columns, expected {self.n_context_}")
        return X, Z

    def linear_predictor(self, X, context=None, selection=None):
        """x' b(z) with the intercept.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            A rule, or the value of lambda whose nearest point of the path is taken; None is that of
            the estimator.

        Returns
        -------
        (n,) array, in the units of y; log-odds for labels

        Raises
        ------
        ValueError
            Missing or infinite values, columns that are not those of the fit, a context where the
            fit had none or none where it had one, an unknown selection.
        """
        X, Z = self._rows(X, context)
        units = self._units
        inner = self.path_.predict(units.x.into(X), units.z.into(Z), self._point(selection))
        return inner * units.y.unit + units.y.offset

    def local_coef(self, X, context=None, selection=None):
        """Coefficients of each row.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n, d) array, in units of y (log-odds for labels) per unit of X

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        return self._local(X, context, selection)[0]

    def local_intercept(self, X, context=None, selection=None):
        """Intercepts of each row.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n,) array, in units of y (log-odds for labels); zero without ``intercept``

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        return self._local(X, context, selection)[1]

    def _local(self, X, context, selection):
        _, Z = self._rows(X, context)
        found = self.path_.coef(self._units.z.into(Z), self._point(selection))
        return self._units.restore(*found)


class ContextualLassoRegressor(RegressorMixin, _ContextualLasso):
    """Contextual lasso with squared loss.

    %(shared)s

    Examples
    --------
    The sign of z decides which feature counts, and how much.

    >>> import numpy as np
    >>> from contextual_lasso import ContextualLassoRegressor
    >>> rng = np.random.default_rng(0)
    >>> X, z = rng.standard_normal((200, 3)), rng.uniform(-1, 1, (200, 1))
    >>> y = np.where(z[:, 0] > 0, 2 * X[:, 0], -2 * X[:, 1])
    >>> model = ContextualLassoRegressor(
    ...     n_lambdas=5, hidden_layers=(16,), max_epochs=300, backend="torch", random_state=0
    ... )
    >>> model.fit(X, y, context=z).local_coef(X[:2], context=[[-0.5], [0.5]]) != 0
    array([[False,  True, False],
           [ True, False, False]])
    """

    __doc__ = __doc__.replace("%(shared)s", _ContextualLasso.__doc__.strip())
    _loss = "squared"

    def _encode(self, y, name, reset):
        try:
            y = np.asarray(y, np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must hold numbers: {error}") from None
        _check_finite(name, y)
        return y

    def predict(self, X, context=None, selection=None):
        """Predictions.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n,) array, in the units of y

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        return self.linear_predictor(X, context, selection)

    def score(self, X, y, sample_weight=None, context=None, selection=None):
        """R^2 of the predictions, as in scikit-learn.

        Parameters
        ----------
        X : (n, d) explanatory features
        y : (n,) targets
        sample_weight : (n,) weights of the rows
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        return r2_score(y, self.predict(X, context, selection), sample_weight=sample_weight)


class ContextualLassoClassifier(ClassifierMixin, _ContextualLasso):
    """Contextual lasso with logistic loss for two classes.

    %(shared)s

    Examples
    --------
    >>> import numpy as np
    >>> from contextual_lasso import ContextualLassoClassifier
    >>> rng = np.random.default_rng(0)
    >>> X, z = rng.standard_normal((200, 3)), rng.uniform(-1, 1, (200, 1))
    >>> logit = 4 * np.where(z[:, 0] > 0, X[:, 0], -X[:, 1])
    >>> y = np.where(logit + rng.logistic(size=200) > 0, "yes", "no")
    >>> model = ContextualLassoClassifier(
    ...     n_lambdas=5, hidden_layers=(16,), max_epochs=300, backend="torch", random_state=0
    ... )
    >>> model.fit(X, y, context=z).predict([[2, 0, 0], [-2, 0, 0]], context=[[0.5], [0.5]])
    array(['yes', 'no'], dtype='<U3')
    """

    __doc__ = __doc__.replace("%(shared)s", _ContextualLasso.__doc__.strip())
    _loss = "logistic"

    def _encode(self, y, name, reset):
        if y.dtype.kind == "f":
            _check_finite(name, y)
        check_classification_targets(y)
        if reset:
            self.classes_ = np.unique(y)
            if len(self.classes_) != 2:
                raise ValueError(
                    f"Only binary classification is supported: y has {len(self.classes_)} "
                    f"class(es), the type of the target is {type_of_target(y)}"
                )
        unknown = sorted(set(np.unique(y).tolist()) - set(self.classes_.tolist()))
        if unknown:
            raise ValueError(f"{name} has classes that y has not: {unknown}")
        return (y == self.classes_[1]).astype(np.int64)

    def decision_function(self, X, context=None, selection=None):
        """Log-odds of the second class.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n,) array

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        return self.linear_predictor(X, context, selection)

    def predict_proba(self, X, context=None, selection=None):
        """Class probabilities.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n, 2) array, in the order of ``classes_``

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        second = expit(self.decision_function(X, context, selection))
        return np.column_stack((1 - second, second))

    def predict(self, X, context=None, selection=None):
        """Class labels.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n,) array of the labels given to ``fit``

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        second = self.decision_function(X, context, selection) > 0
        return self.classes_[second.astype(int)]

    def predict_log_proba(self, X, context=None, selection=None):
        """Logarithms of the class probabilities, finite where those are 0.

        Parameters
        ----------
        X : (n, d) explanatory features
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        (n, 2) array, in the order of ``classes_``

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        eta = self.decision_function(X, context, selection)
        return -np.logaddexp(0, np.column_stack((eta, -eta)))

    def score(self, X, y, sample_weight=None, context=None, selection=None):
        """Accuracy of the predictions, as in scikit-learn.

        Parameters
        ----------
        X : (n, d) explanatory features
        y : (n,) targets
        sample_weight : (n,) weights of the rows
        context : (n, m) contextual features, if the fit had some
        selection : {"1se", "min"} or float, default=None
            As in :meth:`linear_predictor`.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            As in :meth:`linear_predictor`.
        """
        found = self.predict(X, context, selection)
        return accuracy_score(plain_labels(y), found, sample_weight=sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _column_names(name, values):
    """The names of a data frame's columns as a list, None for anything else."""
    columns = getattr(values, "columns", None)
    if columns is None:
        return None
    names = list(columns)
    twice = [column for i, column in enumerate(names) if column in names[:i]]
    if twice:
        raise ValueError(f"{name} has the column {twice[0]!r} more than once")
    return names


def _in_order(name, values, expected):
    """A data frame's columns in the order of the expected names (m,), None: there were none."""
    names = _column_names(name, values)
    if names is None or expected is None:
        if (names is None) != (expected is None):
            had, has = ("names", "none") if names is None else ("no names", "some")
            warnings.warn(
                f"{name} was fitted with {had} of columns and has {has}: they are taken in order",
                UserWarning,
                stacklevel=5,
            )
        return values
    missing = [column for column in expected if column not in names]
    unexpected = [column for column in names if column not in expected]
    if missing or unexpected:
        told = [f"{missing} missing"] * bool(missing) + [f"{unexpected} unexpected"] * bool(
            unexpected
        )
        raise ValueError(f"the columns of {name} are not those of fit: {', '.join(told)}")
    return values[list(expected)]


def _check_finite(name, values):
    """Refuse NaN and infinity, saying where the first one is."""
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        where = dict(zip(("row", "column"), bad[0].tolist(), strict=False))
        value = "NaN" if np.isnan(values[tuple(bad[0])]) else "infinity"
        place = ", ".join(f"{axis} {index}" for axis, index in where.items())
        raise ValueError(f"Input {name} contains {value} ({place}; {len(bad)} in all)")
