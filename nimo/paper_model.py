"""The paper's model as an estimator: parameters, rows, what its fit says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight

from nimo.base import available_device, limited_threads, progress_bar
from nimo.class_weights import WeightedBinomial
from nimo.conformal import scores
from nimo.effects import two_values
from nimo.frames import units
from nimo.model import NimoModel
from nimo.numbers import SelectionSettings
from nimo.paper.families import FAMILIES
from nimo.paper.grid import PAPER_DEFAULTS, fit_grid
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem
from nimo.paper.state import State
from nimo.paper_reading import PaperReading
from nimo.scaling import measure
from nimo.settings import Settings

# More (row, term, unit) floats than this in one step: train on random subsets of the rows.
STEP_FLOATS = 2_000_000
AUTO = StrOptions({"auto"})
NOT_NEGATIVE = Interval(Real, 0, np.inf, closed="left")
POSITIVE = Interval(Real, 0, np.inf, closed="neither")
COUNT = Interval(Integral, 1, None, closed="left")


class PaperModel(PaperReading, BaseEstimator):
    """What both estimators share.  ``y`` is numeric in ``_fit``."""

    # What the parameters left at "auto" are, by selection.
    _AUTOMATIC: ClassVar[dict[str, dict[str, Any]]] = {
        "auto": {**PAPER_DEFAULTS, "max_steps": 600},
        "paper": PAPER_DEFAULTS,
    }
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "selection": [StrOptions({"auto", "paper"})],
        "relax": ["boolean"],
        "penalty": [AUTO, NOT_NEGATIVE],
        "group_penalty": [AUTO, NOT_NEGATIVE],
        "delta": [Interval(Real, 0, 1, closed="right")],
        "hidden": [AUTO, COUNT],
        "sine_frequency": [AUTO, POSITIVE],
        "noise": [NOT_NEGATIVE],
        "learning_rate": [AUTO, POSITIVE],
        "max_steps": [AUTO, COUNT],
        "n_init": [AUTO, COUNT],
        "validation_fraction": [Interval(Real, 0, 0.9, closed="both")],
        "standardize": ["boolean", StrOptions({"scale"})],
        "use_correction": ["boolean"],
        "mask_self": ["boolean"],
        "zero_at_baseline": ["boolean"],
        "batch_rows": [AUTO, COUNT, None],
        "settings": [SelectionSettings, None],
        "verbose": ["verbose"],
    }

    # ---------------------------------------------------------------- parameters

    def _check_parameters(self):
        """
        Raises
        ------
        ValueError
            Names the parameter.
        """
        self._validate_params()
        for name in ("hidden", "max_steps", "n_init", "batch_rows"):
            if isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(f"{name} must be an integer, got {getattr(self, name)!r}")
        whole = isinstance(self.n_jobs, Integral) and not isinstance(self.n_jobs, bool)
        if self.n_jobs is not None and not (whole and self.n_jobs != 0):
            raise ValueError(f"n_jobs must be None or an integer but 0, got {self.n_jobs!r}")
        self._check_range()
        if self.selection == "paper" and self.relax:
            raise ValueError(
                "relax=True is not part of the paper's algorithm: it needs selection='auto', got "
                "selection='paper'"
            )
        if self.selection == "paper" and self.settings is not None:
            raise ValueError(
                "settings are those of our selection: selection='paper' has none, got "
                f"{self.settings!r}"
            )

    def _is_auto(self, name: str) -> bool:
        value = getattr(self, name)
        return isinstance(value, str) and value == "auto"

    def _value(self, name: str) -> Any:
        """The parameter, or what "auto" stands for."""
        if self._is_auto(name):
            return self._AUTOMATIC[self.selection][name]
        return getattr(self, name)

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
                "networks repeat rows and need whole numbers as sample_weight, got "
                f"{float(weight[broken[0]])} in row {broken[0]}; NIMOPlusRegressor and "
                "NIMOPlusClassifier take any"
            )
        if weight.sum() < 2:
            raise ValueError("at least 2 rows with a positive weight are needed")
        return weight.astype(int)

    def _rows_split_off(self, n: int) -> int:
        n_val = int(round(self.validation_fraction * n))
        return n_val if n - n_val >= 2 else 0

    def _split(self, X, y, times, rng, stratify):
        """Training and validation rows; without any, training rows serve as both.

        Rows are repeated after they were divided, so that both sides share none.
        """

        def repeated(rows):
            return np.repeat(X[rows], times[rows], axis=0), np.repeat(y[rows], times[rows])

        n, n_val = len(X), self._rows_split_off(len(X))
        if n_val == 0:
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

    def _set_scale(self, X):
        """The baseline, and the unit of each feature, of what is there."""
        gaps = np.isnan(X).any()
        none = np.zeros(X.shape[1], dtype=bool)
        columns = units(X, np.ones(len(X)), none) if gaps else measure(X)
        centred = bool(self.standardize) and self.standardize != "scale"
        self.baseline_ = columns.mean if centred else np.zeros(X.shape[1])
        self._spread = columns.spread
        unit = columns.spread if self.standardize else np.ones(X.shape[1])
        # Whatever a feature does later that was constant here, it is 0 in an infinite unit.
        self._scale = np.where(columns.constant, np.inf, unit)
        self._two_values = two_values(X)

    def _fit(self, X, y, X_val, y_val, family_name, sample_weight, factors=None):
        with limited_threads(self.n_jobs):
            return self._trained(X, y, X_val, y_val, family_name, sample_weight, factors)

    def _trained(self, X, y, X_val, y_val, family_name, sample_weight, factors):
        family = FAMILIES[family_name]
        device = available_device(self.device)
        rng = check_random_state(self.random_state)
        times = self._repetitions(X, sample_weight)
        X, y, times = X[times > 0], y[times > 0], times[times > 0]
        if factors is not None:
            zero, one = factors / np.average(factors[y.astype(int)], weights=times)
            family = WeightedBinomial(family.name, family.g_range, (float(zero), float(one)))
        apart = X_val is not None or self._rows_split_off(len(X)) > 0
        if X_val is None:
            X, y, X_val, y_val = self._split(X, y, times, rng, family_name == "binomial")
        else:
            X, y = np.repeat(X, times, axis=0), np.repeat(y, times)
        d = X.shape[1]
        self._set_scale(X)
        X, X_val = self._filled(X), self._filled(X_val)
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
        with torch.no_grad(), progress_bar(self.verbose, type(self).__name__) as progress:
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
        self.family_ = family_name
        self.intercept_ = float(self._at_baseline - self.baseline_ @ self.coef_)
        self._errors_apart = None
        if apart and family_name != "binomial":
            self._errors_apart = scores(y_val, self._predicted(X_val), family_name)
        return self

    def _fitter(self) -> Callable[..., tuple[State, dict]]:
        if self.selection == "paper":
            return fit_grid
        # Only here, so that the paper's algorithm is seen to need none of it.
        if not self.use_correction:
            from nimo.selection.linear import fit_lasso

            return fit_lasso
        from nimo.selection.training import fit_on_evidence

        return partial(fit_on_evidence, numbers=self.settings or SelectionSettings())
