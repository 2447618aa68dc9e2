"""The paper's model as an estimator: parameters, rows, what its fit says of itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from nimo.estimators.base import NimoEstimator
from nimo.estimators.class_weights import WeightedBinomial
from nimo.estimators.conformal import scores
from nimo.estimators.runtime import available_device, limited_threads, progress_bar
from nimo.estimators.validation_rows import count_split_off, repetitions, split
from nimo.paper.families import FAMILIES, Family
from nimo.paper.grid import PAPER_DEFAULTS, fit_grid
from nimo.paper.model import NimoModel
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem
from nimo.paper.settings import Ablation, NetworkSettings, Settings
from nimo.paper.state import State
from nimo.reading.nimo import PaperReading
from nimo.scaling import measure, units
from nimo.selection_settings import SelectionSettings

# More (row, term, unit) floats than this in one step: train on random subsets of the rows.
STEP_FLOATS = 2_000_000
AUTO = StrOptions({"auto"})
NOT_NEGATIVE = Interval(Real, 0, np.inf, closed="left")
POSITIVE = Interval(Real, 0, np.inf, closed="neither")
COUNT = Interval(Integral, 1, None, closed="left")


class PaperModel(PaperReading, NimoEstimator):
    """What both estimators share.  ``y`` is numeric in ``_fit``."""

    # What the parameters left at "auto" are, by selection.
    _AUTOMATIC: ClassVar[dict[str, dict[str, Any]]] = {
        "auto": {**PAPER_DEFAULTS, "max_iter": 600},
        "paper": PAPER_DEFAULTS,
    }
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **NimoEstimator._parameter_constraints,
        "selection": [StrOptions({"auto", "paper"})],
        "relax": ["boolean"],
        "alpha": [AUTO, NOT_NEGATIVE],
        "group_alpha": [AUTO, NOT_NEGATIVE],
        "n_hidden": [AUTO, COUNT],
        "input_noise": [NOT_NEGATIVE],
        "learning_rate_init": [AUTO, POSITIVE],
        "max_iter": [AUTO, COUNT],
        "n_init": [AUTO, COUNT],
        "validation_fraction": [Interval(Real, 0, 0.9, closed="both")],
        "scale": ["boolean"],
        "network": [NetworkSettings, None],
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
        for name in ("n_hidden", "max_iter", "n_init"):
            if isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(f"{name} must be an integer, got {getattr(self, name)!r}")
        whole = isinstance(self.n_jobs, Integral) and not isinstance(self.n_jobs, bool)
        if self.n_jobs is not None and not (whole and self.n_jobs != 0):
            raise ValueError(f"n_jobs must be None or an integer but 0, got {self.n_jobs!r}")
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

    def _value(self, name: str) -> Any:
        """The parameter, or what "auto" stands for."""
        value = getattr(self, name)
        if isinstance(value, str) and value == "auto":
            return self._AUTOMATIC[self.selection][name]
        return value

    @property
    def _network(self) -> Ablation:
        return Ablation.of(self.network)

    def _settings(self) -> Settings:
        return Settings(
            alpha=self.alpha,
            group_alpha=self.group_alpha,
            delta=self._network.delta,
            group_power=self._network.group_power,
            n_hidden=self._value("n_hidden"),
            input_noise=self.input_noise,
            learning_rate_init=self._value("learning_rate_init"),
            max_iter=self._value("max_iter"),
            n_init=self._value("n_init"),
            use_correction=self._network.use_correction,
        )

    # ---------------------------------------------------------------- fitting

    def _fit(self, X, y, X_val, y_val, family_name, sample_weight, factors=None):
        with limited_threads(self.n_jobs):
            return self._trained(X, y, X_val, y_val, family_name, sample_weight, factors)

    def _trained(self, X, y, X_val, y_val, family_name, sample_weight, factors):
        family = FAMILIES[family_name]
        device = available_device(self.device)
        rng = check_random_state(self.random_state)
        times = repetitions(X, sample_weight)
        X, y, times = X[times > 0], y[times > 0], times[times > 0]
        if factors is not None:
            zero, one = factors / np.average(factors[y.astype(int)], weights=times)
            family = WeightedBinomial(family.name, family.g_range, (float(zero), float(one)))
        n_val = count_split_off(len(X), self.validation_fraction)
        apart = X_val is not None or n_val > 0
        if X_val is None:
            X, y, X_val, y_val = split(X, y, times, n_val, rng, family_name == "binomial")
        else:
            X, y = np.repeat(X, times, axis=0), np.repeat(y, times)
        self._set_scale(X)
        problem, unit = self._problem(
            self._filled(X), y, self._filled(X_val), y_val, family, device, rng
        )
        with torch.no_grad(), progress_bar(self.verbose, type(self).__name__) as progress:
            state, info = self._fitter()(problem, self._settings(), progress)
        # A loss with a unit, that of the gaussian family, has it squared.
        info["validation_loss"] *= unit * unit
        self.fit_info_ = {"selection": self.selection, **info}
        self.family_ = family_name
        network = problem.network if self._network.use_correction else None
        self._describe(NimoModel.from_state(network, state, unit))
        self._errors_apart = None
        if apart and family_name != "binomial":
            self._errors_apart = scores(y_val, self._predicted(self._filled(X_val)), family_name)
        return self

    def _set_scale(self, X: np.ndarray) -> None:
        """The baseline, and the unit of each feature, of what is there in X (n, d)."""
        none = np.zeros(X.shape[1], dtype=bool)
        columns = units(X, np.ones(len(X)), none) if np.isnan(X).any() else measure(X)
        unit = self._learn_columns(X, columns)
        self._scale = unit if self.scale else np.where(columns.constant, np.inf, 1.0)

    def _problem(
        self,
        X: np.ndarray,
        y: np.ndarray,
        X_val: np.ndarray,
        y_val: np.ndarray,
        family: Family,
        device: torch.device,
        rng: np.random.RandomState,
    ) -> tuple[Problem, float]:
        """Rows in their units, family and network; and the unit of the response."""
        n, d = X.shape
        unit = float(measure(y).spread) if family.name == "gaussian" else 1.0
        own = self._network
        low, high = family.g_range if isinstance(own.g_range, str) else own.g_range
        network = Network(
            positional_code(d).to(device),
            (float(low), float(high)),
            float(own.sine_frequency),
            own.mask_self,
            own.zero_at_baseline,
            first_slope=float(own.first_slope),
        )

        def rows(a):
            return torch.tensor((a - self.baseline_) / self._scale, device=device)

        if isinstance(own.batch_rows, str):
            fitting = max(512, STEP_FLOATS // (min(d, 64) * self._value("n_hidden")))
            batch = None if n <= 2 * fitting else fitting
        else:
            batch = own.batch_rows
        problem = Problem(
            x=rows(X).float(),
            y=torch.tensor(y / unit, dtype=torch.float64, device=device),
            x_val=rows(X_val).float(),
            y_val=torch.tensor(y_val / unit, dtype=torch.float64, device=device),
            family=family,
            # Without g, "auto" solves a linear problem; "paper" trains with every column closed.
            network=network if own.use_correction or self.selection == "paper" else None,
            generator=torch.Generator().manual_seed(int(rng.randint(2**31 - 1))),
            batch_rows=batch,
        )
        return problem, unit

    def _describe(self, model: NimoModel) -> None:
        """Attributes that a reader looks for first."""
        self.model_ = model
        self.coef_ = model.coef.numpy() / self._scale + 0.0  # no -0
        self._at_baseline = float(model.intercept)
        self.first_layer_weights_ = model.first_layer.numpy() / self._scale
        norm = np.linalg.norm(model.first_layer.numpy(), axis=0)
        self.interaction_weights_ = np.where(np.isfinite(self._scale), norm, 0.0)
        self.selected_features_ = self.coef_ != 0
        self.interaction_features_ = self.interaction_weights_ > 0
        self.modulated_by_ = self.selected_features_[:, None] & self.interaction_features_
        np.fill_diagonal(self.modulated_by_, False)
        network = model.network
        if network is not None and network.unseen is not None:
            self.modulated_by_[tuple(network.unseen.cpu().numpy().T)] = False
        self.nonlinear_features_ = np.zeros(len(self.coef_), dtype=bool)
        self.n_iter_ = int(self.fit_info_["steps"])
        self.intercept_ = float(self._at_baseline - self.baseline_ @ self.coef_)

    def _fitter(self) -> Callable[..., tuple[State, dict]]:
        if self.selection == "paper":
            return fit_grid
        # Only here, so that the paper's algorithm is seen to need none of it.
        if not self._network.use_correction:
            from nimo.selection.linear import fit_lasso

            return partial(fit_lasso, relax=self.relax)
        from nimo.selection.training import fit_on_evidence

        numbers = self.settings or SelectionSettings()
        return partial(fit_on_evidence, numbers=numbers, relax=self.relax)
