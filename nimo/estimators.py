"""The scikit-learn surface: parameters, validation of input, attributes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from inspect import signature
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch
from joblib import cpu_count
from scipy.special import expit, log_expit, logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from nimo.class_weights import WeightedBinomial
from nimo.counts import expected_count
from nimo.effects import Effects, two_values
from nimo.extension.fit import fit_extension
from nimo.extension.search import CHOICES, Options
from nimo.labels import class_factors, plain_labels
from nimo.model import NimoModel
from nimo.numbers import SelectionSettings
from nimo.paper.families import FAMILIES
from nimo.paper.grid import PAPER_DEFAULTS, fit_grid
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem
from nimo.paper.state import State
from nimo.scaling import measure
from nimo.settings import Settings
from nimo.transaction import transactional

# More (row, term, unit) floats than this in one step: train on random subsets of the rows.
STEP_FLOATS = 2_000_000
#: Parameters that have no meaning where no network is trained.
NETWORK_ONLY = (
    "relax",
    "penalty",
    "group_penalty",
    "delta",
    "hidden",
    "sine_frequency",
    "noise",
    "learning_rate",
    "max_steps",
    "n_init",
    "validation_fraction",
    "use_correction",
    "g_range",
    "mask_self",
    "zero_at_baseline",
    "batch_rows",
    "device",
)


class _NIMO(Effects, BaseEstimator):
    """What both estimators share.  ``y`` is numeric from here on."""

    # What the parameters left at "auto" are, by selection.
    _AUTOMATIC: ClassVar[dict[str, dict[str, Any]]] = {
        "auto": {**PAPER_DEFAULTS, "max_steps": 600},
        "paper": PAPER_DEFAULTS,
    }

    def __init__(
        self,
        *,
        selection="auto",
        amplitude="tied",
        shapes=False,
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
    ):
        self.selection = selection
        self.amplitude = amplitude
        self.shapes = shapes
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
        flags = ("relax", "use_correction", "mask_self", "zero_at_baseline", "shapes")
        for name in flags if self.standardize == "scale" else (*flags, "standardize"):
            value = getattr(self, name)
            if not isinstance(value, bool | np.bool_):
                other = " or 'scale'" if name == "standardize" else ""
                raise ValueError(f"{name} must be True or False{other}, got {value!r}")
        if self.amplitude not in ("tied", "free"):
            raise ValueError(f"amplitude must be 'tied' or 'free', got {self.amplitude!r}")
        whole = isinstance(self.n_jobs, Integral) and not isinstance(self.n_jobs, bool)
        if self.n_jobs is not None and not (whole and self.n_jobs != 0):
            raise ValueError(f"n_jobs must be None or an integer but 0, got {self.n_jobs!r}")
        self._check_extension()
        if self.relax and self.selection == "paper":
            raise ValueError(
                "relax=True is not part of the paper's algorithm: it needs selection='auto', got "
                "selection='paper'"
            )

    def _check_extension(self) -> None:
        """What belongs to one of the two models only."""
        free = self.amplitude == "free"
        choices = CHOICES if free else ("auto", "paper")
        if not (isinstance(self.selection, str) and self.selection in choices):
            *others, last = map(repr, choices)
            raise ValueError(
                f"selection must be {', '.join(others)} or {last} with "
                f"amplitude={self.amplitude!r}, got {self.selection!r}"
            )
        if not (self.settings is None or isinstance(self.settings, SelectionSettings)):
            raise ValueError(f"settings must be SelectionSettings or None, got {self.settings!r}")
        if not free and self.shapes:
            raise ValueError("shapes=True needs amplitude='free', got amplitude='tied'")
        if self.selection == "paper" and self.settings is not None:
            raise ValueError(
                "settings are those of our selection: selection='paper' has none, got "
                f"{self.settings!r}"
            )
        defaults = {name: p.default for name, p in signature(type(self)).parameters.items()}
        for name in NETWORK_ONLY if free else ():
            if getattr(self, name) != defaults[name]:
                raise ValueError(
                    f"{name} belongs to the network: amplitude='free' has none, got "
                    f"{getattr(self, name)!r}"
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

    def _repetitions(self, X, sample_weight) -> np.ndarray:
        """How often each row counts, (n,) int; networks are trained on whole rows."""
        if sample_weight is None:
            return np.ones(len(X), dtype=int)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if np.all(weight == weight[0]) and weight[0] > 0:
            return np.ones(len(X), dtype=int)
        broken = np.flatnonzero(weight != np.round(weight))
        if len(broken):
            raise ValueError(
                "amplitude='tied' repeats rows and needs whole numbers as sample_weight, got "
                f"{float(weight[broken[0]])} in row {broken[0]}; amplitude='free' takes any"
            )
        if weight.sum() < 2:
            raise ValueError("at least 2 rows with a positive weight are needed")
        return weight.astype(int)

    def _split(self, X, y, times, rng, stratify):
        """Training and validation rows; without any, training rows serve as both.

        Rows are repeated after they were divided, so that both sides share none.
        """

        def repeated(rows):
            return np.repeat(X[rows], times[rows], axis=0), np.repeat(y[rows], times[rows])

        n = len(X)
        n_val = int(round(self.validation_fraction * n))
        if n_val == 0 or n - n_val < 2:
            return *repeated(slice(None)), *repeated(slice(None))
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
        return *repeated(~val), *repeated(val)

    def _set_scale(self, X, weight=None):
        """The baseline, and the unit of each feature."""
        columns = measure(X, weight)
        centred = bool(self.standardize) and self.standardize != "scale"
        self.baseline_ = columns.mean if centred else np.zeros(X.shape[1])
        self._spread = columns.spread
        unit = columns.spread if self.standardize else np.ones(X.shape[1])
        # Whatever a feature does later that was constant here, it is 0 in an infinite unit.
        self._scale = np.where(columns.constant, np.inf, unit)
        self._two_values = two_values(X)

    def _fit(self, X, y, X_val, y_val, family_name, sample_weight, factors=None):
        """Fit with as many threads as asked for: small products do not gain from more."""
        # What is read later is the fitted model's, whatever the parameter has become.
        self._amplitude = self.amplitude
        before, threads = torch.get_num_threads(), _threads(self.n_jobs)
        with threadpool_limits(threads):
            try:
                torch.set_num_threads(threads)
                way = self._fit_extension if self.amplitude == "free" else self._fit_networks
                return way(X, y, X_val, y_val, family_name, sample_weight, factors)
            finally:
                torch.set_num_threads(before)

    def _fit_extension(self, X, y, X_val, y_val, family_name, sample_weight, factors):
        """The evidence needs no rows of its own: those for validation are fitted too."""
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if X_val is not None:
            X, y = np.vstack([X, X_val]), np.concatenate([y, y_val])
            weight = np.concatenate([weight, np.ones(len(X_val))])
        if factors is not None:
            weight = weight * factors[y.astype(int)]
        X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        if len(y) < 2:
            raise ValueError(
                f"at least 2 rows with a positive weight are needed, got n_samples={len(y)}"
            )
        self._set_scale(X, weight)
        options = Options(
            selection=self.selection,
            shapes=bool(self.shapes),
            settings=self.settings or SelectionSettings(),
        )
        rng = check_random_state(self.random_state)
        self.model_, info = fit_extension(
            X, y, weight, family_name, self.baseline_, self._scale, options, rng
        )
        self.fit_info_ = {"selection": self.selection, "rows": len(y), **info}
        self.coef_, self.coef_std_ = self.model_.coef, self.model_.coef_std
        self._at_baseline = self.model_.at_baseline
        self.first_layer_weights_ = self.model_.first_layer
        structure = self.model_.structure
        self.interaction_weights_ = np.sqrt(structure.relevance.max(0, initial=0.0))
        self.selected_features_ = structure.used
        self.interaction_features_ = structure.columns
        self.modulated_by_ = structure.relevance > 0
        self.bent_features_ = structure.bent
        self.noise_std_ = info.get("noise_std")
        return self._finish(family_name)

    def _finish(self, family_name):
        self.family_ = family_name
        self.intercept_ = float(self._at_baseline - self.baseline_ @ self.coef_)
        return self

    def _fit_networks(self, X, y, X_val, y_val, family_name, sample_weight, factors):
        family = FAMILIES[family_name]
        device = self._check_device()
        rng = check_random_state(self.random_state)
        times = self._repetitions(X, sample_weight)
        X, y, times = X[times > 0], y[times > 0], times[times > 0]
        if factors is not None:
            zero, one = factors / np.average(factors[y.astype(int)], weights=times)
            family = WeightedBinomial(family.name, family.g_range, (float(zero), float(one)))
        if X_val is None:
            X, y, X_val, y_val = self._split(X, y, times, rng, family_name == "binomial")
        else:
            X, y = np.repeat(X, times, axis=0), np.repeat(y, times)
        d = X.shape[1]
        self._set_scale(X)
        unit = 1.0
        if family_name == "gaussian":
            unit = float(measure(y).spread)

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
            state, info = self._fitter()(problem, self._settings(), progress)
        network = problem.network if self.use_correction else None
        self.model_ = NimoModel.from_state(network, state, unit)
        # A loss with a unit, that of the gaussian family, has it squared.
        info["validation_loss"] *= unit * unit
        self.fit_info_ = {"selection": self.selection, **info}
        self.coef_ = self.model_.coef.numpy() / self._scale + 0.0  # no -0
        self._at_baseline = float(self.model_.intercept)
        self.first_layer_weights_ = self.model_.first_layer.numpy() / self._scale
        norm = np.linalg.norm(self.model_.first_layer.numpy(), axis=0)
        self.interaction_weights_ = np.where(np.isfinite(self._scale), norm, 0.0)
        self.selected_features_ = self.coef_ != 0
        self.interaction_features_ = self.interaction_weights_ > 0
        self.modulated_by_ = self.selected_features_[:, None] & self.interaction_features_
        np.fill_diagonal(self.modulated_by_, False)
        if network is not None and network.unseen is not None:
            self.modulated_by_[tuple(network.unseen.cpu().numpy().T)] = False
        self.bent_features_ = np.zeros(d, dtype=bool)
        self.n_iter_ = int(self.fit_info_["steps"])
        return self._finish(family_name)

    def _fitter(self) -> Callable[..., tuple[State, dict]]:
        if self.selection == "paper":
            return fit_grid
        # Only here, so that the paper's algorithm is seen to need none of it.
        if not self.use_correction:
            from nimo.selection.linear import fit_lasso

            return fit_lasso
        from nimo.selection.training import fit_on_evidence

        return partial(fit_on_evidence, numbers=self.settings or SelectionSettings())

    # ---------------------------------------------------------------- reading the model

    def _validated(self, X):
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, reset=False)

    def _inner(self, X: np.ndarray) -> torch.Tensor:
        return torch.tensor((X - self.baseline_) / self._scale)

    def local_coef(self, X):
        """Coefficients of each row, on the scale of the given features.

        beta_j (1 + g_j(x_-j)) in the paper's model, beta_j + v_j(x_-j) with amplitude="free".

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray; (n, K, d) with K > 2 classes
        """
        X = self._validated(X)
        if hasattr(self, "estimators_"):
            return np.stack([one.local_coef(X) for one in self.estimators_], axis=1)
        return self._local_coef(X)

    def _local_coef(self, X: np.ndarray) -> np.ndarray:
        if self._amplitude == "free":
            return self.model_.local_coef(X)
        return self.model_.local_coef(self._inner(X)).numpy() / self._scale

    def correction(self, X):
        """g_j(x_-j) of each row, 0 at the baseline and for features without a coefficient.

        With amplitude="free" it is v_j(x_-j) / beta_j, and says nothing of a feature whose
        coefficient is 0: see :meth:`local_coef`.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray; (n, K, d) with K > 2 classes
        """
        X = self._validated(X)
        if hasattr(self, "estimators_"):
            return np.stack([one.correction(X) for one in self.estimators_], axis=1)
        if self._amplitude == "free":
            safe = np.where(self.coef_ == 0, 1.0, self.coef_)
            return np.where(self.coef_ == 0, 0.0, self._local_coef(X) / safe - 1)
        return self.model_.correction(self._inner(X)).numpy()

    def shape(self, feature, values):
        """s_j at the given values of one feature, in the unit of the linear predictor.

        Value and slope are 0 at the baseline; 0 everywhere for a feature that does not bend.

        Parameters
        ----------
        feature : int or str
        values : (n,)

        Returns
        -------
        (n,) ndarray
        """
        self._check_readable()
        number, values = self._number(feature), np.asarray(values, dtype=np.float64)
        if self._amplitude == "tied":
            return np.zeros(len(values))
        return self.model_.shape(number, values)

    def draw(self, X, max_panels=12):
        """Coefficients with their local spread, bends and modulations, as a matplotlib figure.

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
        from nimo.drawing import draw

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
        X = self._validated(X)
        if self._amplitude == "free":
            return self.model_.predictor(X)
        return self.model_.predictor(self._inner(X)).numpy()

    def _mean(self, eta: np.ndarray) -> np.ndarray:
        """Expected response, or probability of ``classes_[1]``, for a linear predictor."""
        if self.family_ == "poisson":
            return expected_count(eta)
        return eta if self.family_ == "gaussian" else expit(eta)


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
        nothing else (:mod:`nimo.paper.grid`).  "auto": ours (:mod:`nimo.selection`).  Supports are
        chosen by the evidence of a model whose functions are integrated out, so that they hold at
        much noise too; networks are trained on them by the paper's algorithm, on what that model
        expects of the rows.  Without g it is the lasso.  With amplitude="free": {"auto", "linear",
        "sparse", "dense"}; "auto" is linear or sparse, whichever the evidence prefers once each
        term has paid for having been chosen; "dense" keeps all terms, shrunken.
    amplitude : {"tied", "free"}, default="tied"
        "tied": the paper's model, beta_j (1 + g_j).  "free": beta_j + v_j(x_-j), v_j = 0 at the
        baseline and of any size, so that a feature whose coefficient is 0 may act as well.  The
        v_j are what networks of infinitely many units give, and their terms are selected by the
        evidence (ours, :mod:`nimo.extension`); parameters of the network have no meaning then.
    shapes : bool, default=False
        With amplitude="free": features may bend, by s_j(x_j) with s_j = s_j' = 0 at the baseline.
    relax : bool, default=False
        After the sparse fit, train on the features it selected without the strong penalties (ours,
        not the paper's).  The model is then the mean of relaxed and sparse networks with the
        smallest loss on the validation rows.
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
        Gradient steps of one full training; "auto" is 600, of which each stretch of the sparse
        phase takes half, and 300 with selection="paper".
    n_init : int or "auto", default="auto"
        With selection="paper" initialisations per pair of penalties, else fresh
        networks of the relaxed phase; "auto" is 1.
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
    settings : SelectionSettings, optional
        The numbers of our selection.
    device : str, default="cpu"
        Where to train; the fitted model is on the CPU.
    n_jobs : int, optional
        Threads of the linear algebra while fitting; None: one, -1: all processors, -2: all but one.
        The products are small, and more threads on a busy machine make a fit several times slower.
    verbose : bool, default=False
        Show a progress bar of the networks' training (needs ``tqdm``).  amplitude="free" trains
        none and shows nothing.
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
    modulated_by_ : (d, d) bool
        Whether feature j (row) is modulated by k (column).
    bent_features_ : (d,) bool
        Features with a shape.
    coef_std_ : (d,)
        With amplitude="free": posterior standard deviations of ``coef_``, see
        :meth:`coef_interval`.
    noise_std_ : float or None
        With amplitude="free": estimated standard deviation of the noise (gaussian).
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

    A product without any effect at the baseline, and a bend:

    >>> y = X[:, 0] * X[:, 1] + np.abs(X[:, 2])
    >>> model = NIMORegressor(amplitude="free", shapes=True, standardize="scale").fit(X, y)
    >>> model.bent_features_, model.coef_ != 0
    (array([False, False,  True]), array([False, False, False]))
    """

    def __init__(
        self,
        *,
        family="gaussian",
        selection="auto",
        amplitude="tied",
        shapes=False,
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
    ):
        super().__init__(
            selection=selection,
            amplitude=amplitude,
            shapes=shapes,
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
            settings=settings,
            device=device,
            n_jobs=n_jobs,
            verbose=verbose,
            random_state=random_state,
        )
        self.family = family

    @transactional
    def fit(self, X, y, X_val=None, y_val=None, sample_weight=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, d), y : (n,)
        X_val : (n_val, d), y_val : (n_val,), optional
            Without them ``validation_fraction`` of the rows is split off.  With amplitude="free"
            nothing is chosen on them: they are fitted like the others.
        sample_weight : (n,), optional
            A row of weight w counts as w rows.  With amplitude="tied" whole numbers, or all equal.

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
        return self._fit(X, y, X_val, y_val, self.family, sample_weight)

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
        return self._mean(self._eta(X))


class NIMOClassifier(ClassifierMixin, _NIMO):
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

    def __init__(
        self,
        *,
        selection="auto",
        amplitude="tied",
        shapes=False,
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
        super().__init__(
            selection=selection,
            amplitude=amplitude,
            shapes=shapes,
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
            settings=settings,
            device=device,
            n_jobs=n_jobs,
            verbose=verbose,
            random_state=random_state,
        )
        self.class_weight = class_weight

    @transactional
    def fit(self, X, y, X_val=None, y_val=None, sample_weight=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, d), y : (n,), two classes or more
        X_val : (n_val, d), y_val : (n_val,), optional
            Without them ``validation_fraction`` of the rows is split off.  With amplitude="free"
            nothing is chosen on them: they are fitted like the others.
        sample_weight : (n,), optional
            A row of weight w counts as w rows.  With amplitude="tied" whole numbers, or all equal.

        Raises
        ------
        ValueError
            Bad parameters or input, one class only.
        """
        self._check_parameters()
        X, y = validate_data(self, X, plain_labels(y), dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "NIMOClassifier needs two classes or more, but the data contains only one class: "
                f"{self.classes_[0]!r}"
            )
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        factors = class_factors(self.class_weight, self.classes_, labels, weight)
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val must be given together")
        if X_val is not None:
            y_val = plain_labels(y_val, "y_val")
            X_val, y_val = validate_data(self, X_val, y_val, dtype=np.float64, reset=False)
            if not np.isin(y_val, self.classes_).all():
                raise ValueError("y_val contains classes that y does not")
            y_val = np.searchsorted(self.classes_, y_val).astype(np.float64)
        if len(self.classes_) > 2:
            return self._fit_each(X, labels, X_val, y_val, sample_weight, weight, factors)
        labels = labels.astype(np.float64)
        return self._fit(X, labels, X_val, y_val, "binomial", sample_weight, factors)

    def _fit_each(self, X, labels, X_val, y_val, sample_weight, weight, factors):
        """One class against the rest, for each; the rest counts what it does on average."""
        names = getattr(self, "feature_names_in_", None)
        self.estimators_ = []
        for k in range(len(self.classes_)):
            one = clone(self)
            if factors is not None:
                rest = labels != k
                mean = np.average(factors[labels[rest]], weights=weight[rest])
                one.set_params(class_weight={0: float(mean), 1: float(factors[k])})
            of_val = None if y_val is None else (y_val == k).astype(int)
            one.fit(X, (labels == k).astype(int), X_val, of_val, sample_weight)
            if names is not None:
                one.feature_names_in_ = names
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
            X = self._validated(X)
            return np.column_stack([one._eta(X) for one in self.estimators_])
        return self._eta(X)

    def predict_proba(self, X):
        """Class probabilities, (n, K); with K > 2 those of each class against the rest, scaled."""
        score = self.decision_function(X)
        if score.ndim == 1:
            p = expit(score)
            return np.column_stack([1 - p, p])
        return np.exp(self._log_shares(score))

    def predict_log_proba(self, X):
        """Logarithms of the class probabilities, (n, K), finite where those are 0."""
        score = self.decision_function(X)
        if score.ndim == 1:
            return log_expit(np.column_stack([-score, score]))
        return self._log_shares(score)

    @staticmethod
    def _log_shares(score):
        """With logarithms all classes may be as improbable as they like."""
        log = log_expit(score)
        return log - logsumexp(log, axis=1, keepdims=True)

    def predict(self, X):
        """Predicted class of each row, (n,)."""
        score = self.decision_function(X)
        return self.classes_[score.argmax(1) if score.ndim == 2 else (score > 0).astype(int)]


def _threads(n_jobs: int | None) -> int:
    """Threads that are asked for; as in scikit-learn -1 is all processors, -2 all but one."""
    if n_jobs is None:
        return 1
    return int(n_jobs) if n_jobs > 0 else max(1, int(cpu_count() + 1 + n_jobs))


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
