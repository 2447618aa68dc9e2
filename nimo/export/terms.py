"""A fitted model as tables of numbers: piecewise polynomials of one feature, and their products.

Everything that is written elsewhere (Python, SQL) is made from these.  Shapes: K predictors, q
functions of one feature, m cuts between their pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nimo.export.piecewise import Piecewise, composite
from nimo.frames.table import Table
from nimo.plus.basis import FACTOR_CURVES, FACTOR_STEPS, FeatureBasis
from nimo.plus.levels import LevelBasis
from nimo.plus.model import AnchoredModel
from nimo.plus.modulation import Modulation


@dataclass
class Kernel:
    """``x_own (sum_i weights_i k(x, centres_i) - at_zero k(x, 0))``, k squared exponential."""

    features: tuple[int, ...]
    own: int
    relevance: np.ndarray  # (a,)
    centres: np.ndarray  # (m, a)
    weights: np.ndarray  # (m, K)
    at_zero: np.ndarray  # (K,)


@dataclass
class Terms:
    """The linear predictors of a model; u = (x - baseline) / scale.

    Attributes
    ----------
    table : Table
    family : str
    constant : (K,)
    baseline, scale, low, high : (d,)
        ``low`` and ``high`` bound u in kernels.
    slopes : (K,) of u, by feature
    curves : Piecewise of q = K functions of u, by feature
    levels : (L, K) by category
    missing : (K,) by feature
    factors : functions that products are made of, by feature: of u, or (L, q) of levels
    products : features, and coefficients of all products of their factors (q1, q2, ..., K)
    kernels : list of Kernel
    """

    table: Table
    family: str
    constant: np.ndarray
    baseline: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slopes: dict[int, np.ndarray] = field(default_factory=dict)
    curves: dict[int, Piecewise] = field(default_factory=dict)
    levels: dict[int, np.ndarray] = field(default_factory=dict)
    missing: dict[int, np.ndarray] = field(default_factory=dict)
    factors: dict[int, list[Piecewise] | np.ndarray] = field(default_factory=dict)
    products: list[tuple[tuple[int, ...], np.ndarray]] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)

    @property
    def used(self) -> list[int]:
        """Numbers of the features that take part."""
        found = {*self.slopes, *self.curves, *self.levels, *self.missing, *self.factors}
        return sorted(found | {j for one in self.kernels for j in one.features})


def terms_of(model: AnchoredModel, table: Table, family: str) -> Terms:
    """Everything in the unit of the linear predictor."""
    bases: list[Any] = model.functions.bases  # by the kind of a piece
    unit = model.unit
    low, high = (
        np.array([0.0 if basis is None else getattr(basis, end) for basis in bases])
        for end in ("low", "high")
    )
    found = Terms(
        table, family, model.at_baseline, model.baseline, model.scale, low, high
    )  # fmt: skip
    for number in np.flatnonzero(model.slope.any(axis=1)):
        found.slopes[int(number)] = unit * model.slope[number]
    bent: dict[int, dict[str, np.ndarray]] = {}
    for piece, own in model.parts.items():
        coefficients, j = unit * own, piece.features[0]
        if piece.kind == "modulation":
            one = model.functions.modulations[piece]
            found.kernels.append(_kernel(piece.features, one, coefficients))
        elif piece.kind == "product":
            widths = [bases[k].factor_width for k in piece.features]
            found.products.append((piece.features, coefficients.reshape(*widths, -1)))
            found.factors |= {k: _factors(bases[k]) for k in piece.features}
        elif piece.kind == "missing":
            found.missing[j] = coefficients[0]
        elif piece.kind == "levels":
            found.levels[j] = bases[j].piece("levels", _codes(bases[j])) @ coefficients
        else:
            bent.setdefault(j, {})[piece.kind] = coefficients
    for j, kinds in bent.items():
        found.curves[j] = composite(bases[j], kinds.get("curve"), kinds.get("steps"))
    return found


def _factors(basis: FeatureBasis | LevelBasis) -> list[Piecewise] | np.ndarray:
    if isinstance(basis, LevelBasis):
        return basis.factor(_codes(basis))
    few = min(FACTOR_CURVES, basis.curves.shape[1]) if basis.nonlinear else 0
    curves = np.eye(basis.curves.shape[1], 1 + few, 1) if few else None
    line = np.eye(1 + few)[0]
    # steps have twenty times as many pieces
    found = [composite(basis, curves, None, line, inside=True)]
    if basis.nonlinear:
        steps = np.eye(basis.steps.count, min(FACTOR_STEPS, basis.steps.count))
        found.append(composite(basis, None, steps, inside=True))
    return found


def _codes(basis: LevelBasis) -> np.ndarray:
    return np.arange(1.0, len(basis.place))


def _kernel(features: tuple[int, ...], of: Modulation, coefficients: np.ndarray) -> Kernel:
    weights = of.coordinates @ coefficients
    at_zero = np.exp(-0.5 * (of.centres**2 @ of.relevance)) @ weights
    return Kernel(features, of.own, of.relevance, of.centres, weights, at_zero)
