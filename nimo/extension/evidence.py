"""The structure that maximises the evidence (type-II maximum likelihood; MacKay, 1992).

Variances and relevances are sought on the logarithmic scale, where those that the data do not ask
for sink at the same speed whatever their unit.  What is 0 stays 0 here: removing terms is a matter
of :mod:`nimo.extension.selection`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from nimo.extension.kernels import TERMS, Removal, Structure
from nimo.extension.likelihoods import Likelihood
from nimo.extension.training import Slope, TrainingKernel

# Bounds of variances, relevances and the noise variance for features and a response of unit size.
VARIANCE = (1e-7, 1e4)
RELEVANCE = (1e-5, 50.0)
NOISE = (1e-6, 4.0)
# Of the variance of a modulation in that of its line, in the tied model.
SHARE = (1e-7, 1.0)
# Rate, in nats per unit, of the exponential prior of a relevance. Without it a few rows can be told
# apart by relevances so large that they are remembered rather than explained.
ROUGHNESS = 0.5
# What L-BFGS-B sees where the kernel is not positive to rounding.
IMPOSSIBLE = 1e10


@dataclass
class Evidence:
    """-log evidence of structures, given rows.

    Parameters
    ----------
    family : of :mod:`nimo.extension.likelihoods`
    x : (n, d), features on the scale where the baseline is 0
    y, weight : (n,)
    allowed : (d, d) bool, optional
        Pairs (j, k) where k may modulate j; None: all but a feature itself.
    """

    family: Likelihood
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    allowed: np.ndarray | None = None

    def __post_init__(self) -> None:
        self.may = ~np.eye(self.x.shape[1], dtype=bool) if self.allowed is None else self.allowed
        self.training = TrainingKernel(self.x)
        self.dual: np.ndarray | None = (
            None  # of the last fit, where the next search for the mode starts
        )

    def _fit(self, kernel, noise, derivative):
        fit = self.family.fit(kernel, self.y, self.weight, noise, derivative, self.dual)
        if fit is not None and np.isfinite(fit.value):
            self.dual = fit.dual
        return fit

    def value(self, structure: Structure) -> float:
        return self._value_of(self.training.build(structure).total, structure)

    def _value_of(self, kernel: np.ndarray, structure: Structure) -> float:
        fit = self._fit(kernel, structure.noise, False)
        if fit is None or not np.isfinite(fit.value):
            return IMPOSSIBLE
        return fit.value + ROUGHNESS * structure.relevance.max(0).sum()

    def costs(
        self, structure: Structure, value: float, kinds: tuple[str, ...] | None = None
    ) -> dict[Removal, float]:
        """What each removal costs in nats before anything else adjusts.

        Parameters
        ----------
        value : float
            -log evidence of ``structure``.
        kinds : of removals, None: all
        """
        built, start = self.training.build(structure), self.dual
        found = {}
        for removal in structure.removals():
            if kinds is not None and removal[0] not in kinds:
                continue
            self.dual = start
            kernel = self.training.without(structure, built, removal)
            found[removal] = self._value_of(kernel, structure.without(removal)) - value
        self.dual = start
        return found

    def value_and_derivative(
        self, structure: Structure, shared: bool = False
    ) -> tuple[float, Slope | None]:
        built = self.training.build(structure)
        fit = self._fit(built.total, structure.noise, True)
        if fit is None or not np.isfinite(fit.value):
            return IMPOSSIBLE, None
        slope = self.training.derivative(structure, built, fit.slope, shared)
        slope.noise = fit.noise_slope
        relevance = structure.relevance
        if slope.relevance.ndim == 1:
            slope.relevance += ROUGHNESS * structure.columns
        else:
            # A column costs what its largest relevance costs.
            largest = (relevance == relevance.max(0)) & (relevance > 0)
            slope.relevance += ROUGHNESS * largest / np.maximum(1, largest.sum(0))
        return fit.value + ROUGHNESS * relevance.max(0).sum(), slope

    def maximise(
        self, start: Structure, steps: int, shared: bool = False, hold_noise: bool = False
    ) -> tuple[Structure, float]:
        """Maximise over all entries of ``start`` that are not 0.

        Parameters
        ----------
        steps : int
            Of L-BFGS-B, at most.
        shared : bool
            Whether a feature has the same relevance for all that it may modulate, as if one first
            layer served them all.
        hold_noise : bool
            Whether the noise stays what it is.

        Returns
        -------
        Structure, and its -log evidence
        """
        layout = _Layout(start, shared, self.family.has_noise and not hold_noise)
        if not layout.bounds:
            return start, self.value(start)

        def objective(logs):
            structure = layout.structure(logs)
            value, slope = self.value_and_derivative(structure, shared)
            if slope is None:
                return value, np.zeros_like(logs)
            return value, layout.gradient(structure, slope)

        result = minimize(
            objective,
            layout.logs(start),
            jac=True,
            method="L-BFGS-B",
            bounds=layout.bounds,
            options={"maxiter": steps, "maxcor": 20, "ftol": 1e-7},
        )
        return layout.structure(result.x), float(result.fun)


class _Layout:
    """Structures of one pattern of zeros as vectors of logarithms.

    In the tied model v_j is beta_j g_j with g_j from -1 to 1: there the variance of a modulation is
    sought as a share of its line's.
    """

    def __init__(self, pattern: Structure, shared: bool, free_noise: bool):
        self.pattern, self.shared, self.free_noise = pattern, shared, free_noise
        self.kept = {part: np.flatnonzero(getattr(pattern, part)) for part in TERMS}
        self.edges = np.nonzero(pattern.relevance)
        self.columns, self.column_of = np.unique(self.edges[1], return_inverse=True)
        relevances = len(self.columns) if shared else len(self.edges[0])
        self.has_common = pattern.common > 0
        bounds = dict.fromkeys(TERMS, VARIANCE) | ({"amplitude": SHARE} if pattern.tied else {})
        limits = [bounds[part] for part in TERMS for _ in self.kept[part]]
        limits += [RELEVANCE] * relevances
        limits += [VARIANCE] * self.has_common + [NOISE] * free_noise
        self.bounds = [(np.log(low), np.log(high)) for low, high in limits]
        self.sizes = np.cumsum([len(self.kept[part]) for part in TERMS] + [relevances])

    def logs(self, structure: Structure) -> np.ndarray:
        relevance = structure.relevance[self.edges]
        if self.shared:
            sums = np.bincount(self.column_of, relevance, len(self.columns))
            relevance = sums / np.maximum(1, np.bincount(self.column_of))
        values = {part: getattr(structure, part)[self.kept[part]] for part in TERMS}
        if structure.tied:
            values["amplitude"] = values["amplitude"] / structure.linear[self.kept["amplitude"]]
        parts = list(values.values())
        common = [[structure.common]] if self.has_common else []
        parts += [relevance, *common] + ([[structure.noise]] if self.free_noise else [])
        logs = np.log(np.concatenate(parts))
        return np.clip(logs, *np.array(self.bounds).T) if len(logs) else logs

    def structure(self, logs: np.ndarray) -> Structure:
        values = np.split(np.exp(logs), self.sizes)
        parts = {}
        for part, found in zip(TERMS, values, strict=False):
            parts[part] = np.zeros(len(self.pattern.linear))
            parts[part][self.kept[part]] = found
        if self.pattern.tied:
            parts["amplitude"] *= parts["linear"]
        relevance = np.zeros_like(self.pattern.relevance)
        relevance[self.edges] = values[-2][self.column_of] if self.shared else values[-2]
        single = iter(values[-1])
        common = float(next(single)) if self.has_common else 0.0
        noise = float(next(single)) if self.free_noise else self.pattern.noise
        return self.pattern.replace(**parts, relevance=relevance, common=common, noise=noise)

    def gradient(self, structure: Structure, slope: Slope) -> np.ndarray:
        """With respect to the logarithms."""
        products = {part: getattr(slope, part) * getattr(structure, part) for part in TERMS}
        if structure.tied:
            products["linear"] = products["linear"] + products["amplitude"]
        parts = [products[part][self.kept[part]] for part in TERMS]
        if slope.relevance.ndim == 1:
            # the derivative for all that a column modulates at once
            relevance = (slope.relevance * structure.relevance.max(0))[self.columns]
        else:
            relevance = (slope.relevance * structure.relevance)[self.edges]
            if self.shared:
                relevance = np.bincount(self.column_of, relevance, len(self.columns))
        common = [[slope.common * structure.common]] if self.has_common else []
        parts += [relevance, *common] + ([[slope.noise]] if self.free_noise else [])
        return np.concatenate(parts)
