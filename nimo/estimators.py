"""The scikit-learn surface: parameters, validation of input, attributes."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from nimo.model import NimoModel
from nimo.paper.families import FAMILIES
from nimo.paper.grid import PAPER_DEFAULTS, fit_grid
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem
from nimo.paper.state import State
from nimo.settings import Settings

# More (row, term, unit) floats than this in one step: train on random subsets of the rows.
STEP_FLOATS = 2_000_000


class _NIMO(BaseEstimator):
    """What both estimators share.  ``y`` is numeric from here on."""

    # What the parameters left at "auto" are, by selection.
    _AUTOMATIC: ClassVar[dict[str, dict[str, Any]]]

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
        device="cpu",
        verbose=False,
        random_state=None,
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
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    # ---------------------------------------------------------------- parameters

    def _check_parameters(self):
        def number(name, low, high=math.inf, kind=Real, open_low=False):
            value = getattr(self, name)
            inside = isinstance(value, kind) and not isinstance(value, bool | np.bool_)
            inside = inside and low <= value <= high and math.isfinite(value)
            if not inside or (open_low and value == low):
                raise ValueError(
                    f"{name} must be {'an integer' if kind is Integral else 'a number'} "
                    f"{'above' if open_low else 'of at least'} {low}"
                    f"{'' if high == math.inf else f' and at most {high}'}, got {value!r}"
                )

        for name in ("penalty", "group_penalty"):
            if getattr(self, name) != "auto":
                number(name, 0.0)
        number("delta", 0.0, 1.0, open_low=True)
        number("noise", 0.0)
        for name in ("sine_frequency", "learning_rate"):
            if not self._is_auto(name):
                number(name, 0.0, open_low=True)
        for name in ("hidden", "max_steps", "n_init"):
            if not self._is_auto(name):
                number(name, 1, kind=Integral)
        number("validation_fraction", 0.0, 0.9)
        if self.batch_rows not in ("auto", None):
            number("batch_rows", 1, kind=Integral)
        self._check_range()
        flags = ("relax", "use_correction", "mask_self", "zero_at_baseline")
        for name in flags if self.standardize == "scale" else (*flags, "standardize"):
            value = getattr(self, name)
            if not isinstance(value, bool | np.bool_):
                other = " or 'scale'" if name == "standardize" else ""
                raise ValueError(f"{name} must be True or False{other}, got {value!r}")
        if not (isinstance(self.selection, str) and self.selection in ("auto", "paper")):
            raise ValueError(f"selection must be 'auto' or 'paper', got {self.selection!r}")
        if self.relax and self.selection == "paper":
            raise ValueError(
                "relax=True is not part of the paper's algorithm: it needs selection='auto', got "
                "selection='paper'"
            )

    def _is_auto(self, name: str) -> bool:
        value = getattr(self, name)
        return isinstance(value, str) and value == "auto"

    def _value(self, name: str) -> Any:
        """The parameter, or what "auto" stands for."""
        if self._is_auto(name):
            return self._AUTOMATIC[self.selection][name]
        return getattr(self, name)

    def _check_device(self) -> torch.device:
        try:
            device = torch.device(self.device)
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
            raise ValueError(f"device {self.device!r} is not available: {error}") from error
        return device

    def _check_range(self) -> None:
        if self._is_auto("g_range"):
            return
        try:
            low, high = (float(end) for end in self.g_range)
        except (TypeError, ValueError):
            low = high = 0.0
        if not -math.inf < low < 0 < high < math.inf:
            raise ValueError(
                "g_range must be 'auto' or two numbers (low, high) with low < 0 < high, got "
                f"{self.g_range!r}"
            )

    def _range(self, family) -> tuple[float, float]:
        if self._is_auto("g_range"):
            return family.g_range
        low, high = self.g_range
        return float(low), float(high)

    def _settings(self) -> Settings:
        return Settings(
            penalty=self.penalty,
            group_penalty=self.group_penalty,
            delta=self.delta,
            relax=self.relax,
            hidden=self._value("hidden"),
            noise=self.noise,
            learning_rate=self._value("learning_rate"),
            max_steps=self._value("max_steps"),
            n_init=self._value("n_init"),
            use_correction=bool(self.use_correction),
        )

    # ---------------------------------------------------------------- fitting

    def _split(self, X, y, X_val, y_val, rng, stratify):
        """Training and validation rows; without any, training rows serve as both."""
        if X_val is not None:
            return X, y, X_val, y_val
        n = len(X)
        n_val = int(round(self.validation_fraction * n))
        if n_val == 0 or n - n_val < 2:
            return X, y, X, y
        order = rng.permutation(n)
        if stratify:
            # Alternate the classes in a fixed proportion, so that both sides hold every class.
            rank = np.empty(n)
            for value in np.unique(y):
                rows = order[y[order] == value]
                rank[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
            order = order[np.argsort(rank[order], kind="stable")]
            val = np.zeros(n, dtype=bool)
            val[order[np.linspace(0, n - 1, n_val).round().astype(int)]] = True
            for value in np.unique(y):
                if val[y == value].all():
                    val[np.flatnonzero(y == value)[0]] = False
        else:
            val = np.zeros(n, dtype=bool)
            val[order[:n_val]] = True
        return X[~val], y[~val], X[val], y[val]

    def _fit(self, X, y, X_val, y_val, family_name):
        family = FAMILIES[family_name]
        device = self._check_device()
        rng = check_random_state(self.random_state)
        X, y, X_val, y_val = self._split(X, y, X_val, y_val, rng, family_name == "binomial")
        d = X.shape[1]
        centred = bool(self.standardize) and self.standardize != "scale"
        self.baseline_ = X.mean(0) if centred else np.zeros(d)
        self._scale = np.ones(d)
        if self.standardize:
            spread = X.std(0)
            # A constant column has no scale of its own; rounding must not give it one.
            constant = spread <= 1e-10 * np.maximum(1.0, np.abs(X).max(0))
            self._scale = np.where(constant, 1.0, spread)
        unit = 1.0
        if family_name == "gaussian" and y.std() > 1e-12 * max(1.0, np.abs(y).max()):
            unit = float(y.std())

        network = Network(
            positional_code(d).to(device),
            self._range(family),
            float(self._value("sine_frequency")),
            bool(self.mask_self),
            bool(self.zero_at_baseline),
        )

        def rows(a):
            return torch.tensor((a - self.baseline_) / self._scale, device=device)

        n = len(X)
        batch = self.batch_rows
        if batch == "auto":
            fitting = max(512, STEP_FLOATS // (min(d, 64) * self._value("hidden")))
            batch = None if n <= 2 * fitting else fitting
        problem = Problem(
            x=rows(X).float(),
            y=torch.tensor(y / unit, dtype=torch.float64, device=device),
            x_val=rows(X_val).float(),
            y_val=torch.tensor(y_val / unit, dtype=torch.float64, device=device),
            family=family,
            # Without g, "auto" solves a linear problem; "paper" trains with every column closed.
            network=network if self.use_correction or self.selection == "paper" else None,
            generator=torch.Generator().manual_seed(int(rng.randint(2**31 - 1))),
            batch_rows=batch,
        )
        with torch.no_grad(), _progress(self.verbose, type(self).__name__) as progress:
            state, info = self._fitter(family_name)(problem, self._settings(), progress)
        self.model_ = NimoModel.from_state(network if self.use_correction else None, state, unit)
        # A loss with a unit, that of the gaussian family, has it squared.
        info["validation_loss"] *= unit**2
        self.fit_info_ = {"selection": self.selection, **info}
        self.family_ = family_name
        self.coef_ = self.model_.coef.numpy() / self._scale
        self.intercept_ = float(self.model_.intercept - self.baseline_ @ self.coef_)
        self.first_layer_weights_ = self.model_.first_layer.numpy() / self._scale
        self.interaction_weights_ = np.linalg.norm(self.model_.first_layer.numpy(), axis=0)
        self.selected_features_ = self.coef_ != 0
        self.interaction_features_ = self.interaction_weights_ > 0
        self.n_iter_ = int(self.fit_info_["steps"])
        return self

    def _fitter(self, family_name: str) -> Callable[..., tuple[State, dict]]:
        if self.selection == "paper":
            return fit_grid
        # Only here, so that the paper's algorithm is seen to need none of it.
        from nimo.selection.choice import fit_model
        from nimo.selection.classification import fit_classifier

        return fit_classifier if family_name == "binomial" and self.use_correction else fit_model

    # ---------------------------------------------------------------- reading the model

    def _rows(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return torch.tensor((X - self.baseline_) / self._scale)

    def local_coef(self, X):
        """Coefficients of each row, beta_j (1 + g_j(x_-j)), on the scale of the given features.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray
        """
        rows = self._rows(X)
        return self.model_.local_coef(rows).numpy() / self._scale

    def correction(self, X):
        """g_j(x_-j) of each row, 0 at the baseline and for features that are not selected.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray
        """
        rows = self._rows(X)
        return self.model_.correction(rows).numpy()

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
        check_is_fitted(self)
        baseline = torch.zeros(1, len(self.baseline_), dtype=torch.float64)
        return self.model_.local_coef(baseline)[0].numpy() / self._scale

    def _eta(self, X):
        rows = self._rows(X)
        return self.model_.predictor(rows).numpy()


class NIMORegressor(RegressorMixin, _NIMO):
    """NIMO for a real-valued or a count response (arXiv 2506.05059).

    The model is eta(x) = b0 + sum_j (x_j - m_j) beta_j (1 + g_j(x_-j)) with g_j = 0 at the baseline
    m, so beta_j is exactly the marginal effect of feature j at the baseline, and beta_j (1 + g_j)
    its coefficient in one row.  One small network gives all g_j; it never sees x_j itself.

    Parameters
    ----------
    family : {"gaussian", "poisson"}, default="gaussian"
        Poisson uses the logarithmic link; ``predict`` then returns expected counts.
    selection : {"auto", "paper"}, default="auto"
        "paper": the paper's algorithm and a grid of its penalties, the best validation loss,
        nothing else (:mod:`nimo.paper.grid`).  "auto": our selection around it
        (:mod:`nimo.selection`).
    relax : bool, default=False
        After the sparse fit, train on the features it selected without the strong penalties (ours,
        not the paper's).  Regression: the model is then a mean of relaxed and sparse networks
        whose losses on the validation rows are close to the smallest.  Classification: the relaxed
        networks replace the sparse ones unless they score visibly worse on the validation rows.
    penalty : float or "auto", default="auto"
        Lasso penalty on beta, on the scale of scikit-learn's ``Lasso(alpha)`` for a response of
        unit variance.  0: no sparsity.  "auto": chosen on the validation rows.
    group_penalty : float or "auto", default="auto"
        Penalty on the norms of the columns of the first layer (eq. 6).
    delta : float in (0, 1], default=1.0
        Exponent of the sub-l1 penalty sum_j c_j^(2 delta) (appendix B.3); 1 is the lasso.
    hidden : int or "auto", default="auto"
        Units of each of the two hidden layers; "auto" is 64.
    sine_frequency : float or "auto", default="auto"
        w0 in sin(w0 z), the activation of the second layer; "auto" is 3.
    noise : float, default=0.2
        Standard deviation of the noise on the first layer during the sparse phase.
    learning_rate : float or "auto", default="auto"
        Of Adam; "auto" is 2e-2.
    max_steps : int or "auto", default="auto"
        Gradient steps of one full training; "auto" is 600, of which the search takes half, and 300
        with selection="paper".
    n_init : int or "auto", default="auto"
        Initialisations per pair of penalties; "auto" is 1.
    validation_fraction : float, default=0.25
        Share of the rows split off when ``fit`` gets no validation rows; 0: selection looks at the
        training rows.
    standardize : {True, False, "scale"}, default=True
        True: baseline at the training means, unit variance.  "scale": unit variance, baseline at 0.
        False: features as given, baseline at 0.  Centre only data whose baseline is the mean.
    g_range : (float, float) or "auto", default="auto"
        Range of g, with low < 0 < high; from -1 on, no local coefficient changes its sign.  "auto":
        [-1, 1] for regression, [-2, 2] for classification, see :mod:`nimo.paper.families`.
    use_correction, mask_self, zero_at_baseline : bool, default=True
        Ablations: without g; g_j sees x_j; g_j is not 0 at the baseline.
    batch_rows : int, None or "auto", default="auto"
        Rows drawn for each step; None: all.  "auto": all, unless there are very many.
    device : str, default="cpu"
        Where to train; the fitted model is on the CPU.
    verbose : bool, default=False
        Show a progress bar (needs ``tqdm``).
    random_state : int, RandomState or None

    Attributes
    ----------
    coef_ : (d,), intercept_ : float
        Marginal effects at the baseline and the intercept of that tangent plane, on the scale of
        the given features: intercept_ + x @ coef_ touches the linear predictor at ``baseline_``.
        (With ``zero_at_baseline=False`` coef_ is beta only, see
        :meth:`marginal_effect_at_baseline`.)
    baseline_ : (d,)
        The point m, on the scale of the given features, at which all corrections are 0: the
        means of the training rows (without the rows split off for validation) if ``standardize``
        is True, 0 otherwise.  With X that is not centred, 0 may lie far from the data; the model
        is as flexible, but coef_ then describes that far point.
    first_layer_weights_ : (h, d)
        On the scale of the given features; several members are stacked.
    interaction_weights_ : (d,)
        Norms of the first layer's columns, on the scale that the network sees.
    selected_features_, interaction_features_ : (d,) bool
        Features with a coefficient; features that modulate the effect of another.
    fit_info_ : dict
        What was chosen.

    Examples
    --------
    The effect of the first feature depends on the second.

    >>> import numpy as np
    >>> from nimo import NIMORegressor
    >>> X = np.random.default_rng(0).uniform(-2, 2, (200, 3))
    >>> y = 3 * X[:, 0] * (1 + np.tanh(X[:, 1])) - 2 * X[:, 1]
    >>> model = NIMORegressor(max_steps=60, standardize=False, random_state=0).fit(X, y)
    >>> model.selected_features_, model.interaction_features_
    (array([ True,  True, False]), array([False,  True, False]))
    >>> bool(np.allclose(model.coef_, [3, -2, 0], atol=0.2))
    True
    >>> local = model.local_coef([[0, 2, 0]])  # there the truth is 3 (1 + tanh(2)) = 5.9
    >>> bool(5 < local[0, 0] < 7)
    True

    The paper's algorithm alone:

    >>> paper = model.set_params(selection="paper").fit(X, y)
    >>> bool(np.allclose(paper.coef_, [3, -2, 0], atol=0.5))
    True
    """

    _AUTOMATIC: ClassVar = {
        "auto": {
            "hidden": 64,
            "sine_frequency": 3.0,
            "learning_rate": 2e-2,
            "max_steps": 600,
            "n_init": 1,
        },
        "paper": PAPER_DEFAULTS,
    }

    def __init__(
        self,
        *,
        family="gaussian",
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
        device="cpu",
        verbose=False,
        random_state=None,
    ):
        super().__init__(
            selection=selection,
            relax=relax,
            penalty=penalty,
            group_penalty=group_penalty,
            delta=delta,
            hidden=hidden,
            sine_frequency=sine_frequency,
            noise=noise,
            learning_rate=learning_rate,
            max_steps=max_steps,
            n_init=n_init,
            validation_fraction=validation_fraction,
            standardize=standardize,
            use_correction=use_correction,
            g_range=g_range,
            mask_self=mask_self,
            zero_at_baseline=zero_at_baseline,
            batch_rows=batch_rows,
            device=device,
            verbose=verbose,
            random_state=random_state,
        )
        self.family = family

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, d), y : (n,)
        X_val : (n_val, d), y_val : (n_val,), optional
            Without them ``validation_fraction`` of the rows is split off.

        Raises
        ------
        ValueError
            Bad parameters or input; negative counts for the Poisson family.
        """
        self._check_parameters()
        if self.family not in ("gaussian", "poisson"):
            raise ValueError(f"family must be 'gaussian' or 'poisson', got {self.family!r}")
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = y.astype(np.float64)
        X_val, y_val = self._validation_rows(X_val, y_val)
        if self.family == "poisson" and (y.min() < 0 or (y_val is not None and y_val.min() < 0)):
            raise ValueError("the poisson family needs y >= 0")
        return self._fit(X, y, X_val, y_val, self.family)

    def _validation_rows(self, X_val, y_val):
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val must be given together")
        if X_val is None:
            return None, None
        X_val, y_val = validate_data(
            self, X_val, y_val, dtype=np.float64, y_numeric=True, reset=False
        )
        return X_val, y_val.astype(np.float64)

    def predict(self, X):
        """Predicted response of each row, (n,)."""
        eta = self._eta(X)
        return eta if self.family_ == "gaussian" else np.exp(np.minimum(eta, 30.0))


class NIMOClassifier(ClassifierMixin, _NIMO):
    """NIMO for two classes, with logits in place of the response.

    Parameters and attributes are those of :class:`NIMORegressor` (no ``family``: it is binomial);
    the coefficients act on the log-odds of ``classes_[1]``.  The model is the mean of ``n_init``
    members (more if ``relax``) that share their supports, see
    :mod:`nimo.selection.classification`; with a penalty at "auto" a fixed value is used, and the
    validation rows choose the supports.  "auto" stands for 20 hidden units, a sine frequency of 5,
    a learning rate of 5e-3, 400 steps and 4 initialisations; with selection="paper" for what it
    does in regression.

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

    _AUTOMATIC: ClassVar = {
        "auto": {
            "hidden": 20,
            "sine_frequency": 5.0,
            "learning_rate": 5e-3,
            "max_steps": 400,
            "n_init": 4,
        },
        "paper": PAPER_DEFAULTS,
    }

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
        device="cpu",
        verbose=False,
        random_state=None,
    ):
        super().__init__(
            selection=selection,
            relax=relax,
            penalty=penalty,
            group_penalty=group_penalty,
            delta=delta,
            hidden=hidden,
            sine_frequency=sine_frequency,
            noise=noise,
            learning_rate=learning_rate,
            max_steps=max_steps,
            n_init=n_init,
            validation_fraction=validation_fraction,
            standardize=standardize,
            use_correction=use_correction,
            g_range=g_range,
            mask_self=mask_self,
            zero_at_baseline=zero_at_baseline,
            batch_rows=batch_rows,
            device=device,
            verbose=verbose,
            random_state=random_state,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, d), y : (n,), two classes
        X_val : (n_val, d), y_val : (n_val,), optional
            Without them ``validation_fraction`` of the rows is split off.

        Raises
        ------
        ValueError
            Bad parameters or input, one class only, more than two classes.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        if type_of_target(y, input_name="y") not in ("binary",):
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}."
            )
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "NIMOClassifier needs two classes, but the data contains only one class: "
                f"{self.classes_[0]!r}"
            )
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val must be given together")
        if X_val is not None:
            X_val, y_val = validate_data(self, X_val, y_val, dtype=np.float64, reset=False)
            if not np.isin(y_val, self.classes_).all():
                raise ValueError("y_val contains classes that y does not")
            y_val = np.searchsorted(self.classes_, y_val).astype(np.float64)
        return self._fit(X, labels.astype(np.float64), X_val, y_val, "binomial")

    def decision_function(self, X):
        """Log-odds of ``classes_[1]``, (n,)."""
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities, (n, 2)."""
        p = torch.sigmoid(torch.tensor(self._eta(X))).numpy()
        return np.column_stack([1 - p, p])

    def predict(self, X):
        """Predicted class of each row, (n,)."""
        above = self._eta(X) > 0
        return self.classes_[above.astype(int)]


class _progress:
    """A progress bar, or nothing, as the callback of the training loop."""

    def __init__(self, verbose: bool, label: str):
        self.bar = None
        if verbose:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                raise ImportError(
                    "verbose=True needs tqdm: "
                    'pip install "hybrid-interpretable-models[progress]", or verbose=False'
                ) from None
            self.bar = tqdm(desc=label, unit="step")

    def __enter__(self):
        return self._advance if self.bar is not None else None

    def __exit__(self, *exc):
        if self.bar is not None:
            self.bar.close()

    def _advance(self, steps, loss):
        self.bar.update(steps)
        if loss is not None:
            self.bar.set_postfix(validation=f"{float(loss.min()):.4g}")
