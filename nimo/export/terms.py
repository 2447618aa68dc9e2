"""A fitted model as tables of numbers: piecewise polynomials of one feature, and their products.

Everything that is written elsewhere (Python, SQL) is made from these.  Shapes: K predictors, q
functions of one feature, m cuts between pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nimo.frames import Table
from nimo.plus.basis import FACTOR_CURVES, FACTOR_STEPS, FeatureBasis, Steps, spline_kernel
from nimo.plus.levels import LevelBasis
from nimo.plus.model import AnchoredModel
from nimo.plus.modulation import Modulation


@dataclass(frozen=True)
class Piecewise:
    """Cubic polynomials of ``x - anchors[i]`` between ``cuts[i - 1]`` and ``cuts[i]``.

    Parameters
    ----------
    cuts : (m,)
    anchors : (m + 1,)
    coefficients : (m + 1, 4, q), of the powers 0 to 3
    """

    cuts: np.ndarray
    anchors: np.ndarray
    coefficients: np.ndarray

    @staticmethod
    def joined(nodes: np.ndarray, inner: np.ndarray, below: np.ndarray, above: np.ndarray):
        """Of polynomials (nodes - 1, 4, q) and what is beyond the nodes, (4, q) each."""
        anchors = np.r_[nodes[0], nodes]
        return Piecewise(nodes, anchors, np.concatenate([below[None], inner, above[None]]))

    def __matmul__(self, coefficients: np.ndarray) -> Piecewise:
        return Piecewise(self.cuts, self.anchors, self.coefficients @ coefficients)


@dataclass
class Factors:
    """Functions of one feature that products are made of, in their order: of the feature itself,
    kept within the training rows, of its rank, of its level."""

    line: bool = False
    curves: Piecewise | None = None
    steps: Piecewise | None = None
    levels: np.ndarray | None = None  # (L, q)


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
        ``low`` and ``high`` bound u in products and kernels.
    slopes : (K,) of u, by feature
    curves, steps : Piecewise of q = K functions of u, and of its rank
    ranks : Piecewise of u
    levels : (L, K) by category
    missing : (K,) by feature
    factors : by feature
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
    steps: dict[int, Piecewise] = field(default_factory=dict)
    ranks: dict[int, Piecewise] = field(default_factory=dict)
    levels: dict[int, np.ndarray] = field(default_factory=dict)
    missing: dict[int, np.ndarray] = field(default_factory=dict)
    factors: dict[int, Factors] = field(default_factory=dict)
    products: list[tuple[tuple[int, ...], np.ndarray]] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)

    @property
    def used(self) -> list[int]:
        """Numbers of the features that take part."""
        found = {*self.slopes, *self.curves, *self.steps, *self.levels, *self.missing}
        found |= {*self.factors, *(j for one in self.kernels for j in one.features)}
        return sorted(found)


def terms_of(model: AnchoredModel, table: Table, family: str) -> Terms:
    """Everything in the unit of the linear predictor."""
    bases, unit = model.functions.bases, model.unit
    low, high = (
        np.array([0.0 if basis is None else getattr(basis, end) for basis in bases])
        for end in ("low", "high")
    )
    found = Terms(
        table, family, model.at_baseline, model.baseline, model.scale, low, high
    )  # fmt: skip
    for j in np.flatnonzero(model.slope.any(axis=1)):
        found.slopes[int(j)] = unit * model.slope[j]
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
            found.levels[j] = _by_level(bases[j], bases[j].count) @ coefficients
        elif piece.kind == "curve":
            found.curves[j] = _curve(bases[j].knots, bases[j].curves) @ coefficients
        else:
            found.steps[j] = _steps(bases[j].steps) @ coefficients
    ranked = [j for j, one in found.factors.items() if one.steps is not None]
    for j in {*found.steps, *ranked}:
        found.ranks[j] = _rank(bases[j])
    return found


def _factors(basis: FeatureBasis | LevelBasis) -> Factors:
    if isinstance(basis, LevelBasis):
        return Factors(levels=_by_level(basis, basis.factor_width, factor=True))
    found = Factors(line=True)
    if basis.bends:
        if basis.curves.size:
            found.curves = _curve(basis.knots, basis.curves[:, :FACTOR_CURVES])
        few = np.eye(basis.steps.count)[:, :FACTOR_STEPS]
        found.steps = _steps(basis.steps) @ few
    return found


def _by_level(basis: LevelBasis, width: int, factor: bool = False) -> np.ndarray:
    codes = np.arange(1.0, len(basis.place))
    return basis.factor(codes) if factor else basis.piece("levels", codes)


def _curve(knots: np.ndarray, curves: np.ndarray) -> Piecewise:
    """Of the spline kernel: cubic between knots, straight beyond them and from 0 on."""
    nodes = np.unique(np.r_[knots, 0.0])
    value = spline_kernel(nodes, knots) @ curves
    slope = _slope(nodes, knots) @ curves
    width = np.diff(nodes)[:, None]
    rise = np.diff(value, axis=0) / width
    second = (3 * rise - 2 * slope[:-1] - slope[1:]) / width
    third = (slope[:-1] + slope[1:] - 2 * rise) / width**2
    inner = np.stack([value[:-1], slope[:-1], second, third], axis=1)
    none = np.zeros_like(value[0])
    ends = [np.stack([value[i], slope[i], none, none]) for i in (0, -1)]
    return Piecewise.joined(nodes, inner, *ends)


def _slope(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Derivative of the spline kernel with respect to x; (n, m)."""
    size, knot = np.abs(x)[:, None], np.abs(knots)[None]
    low = np.minimum(size, knot)
    found = low * (2 * knot - low) / 2
    return np.where(np.outer(x, knots) > 0, np.sign(x)[:, None] * found, 0.0)


def _steps(steps: Steps) -> Piecewise:
    """Of ranks; 0 at the origin, constant beyond the splines."""
    q = steps.count
    nodes, inner = [np.array([steps.origin])], [np.zeros((0, 4, q))]
    left, right = steps.sides
    if left is not None:
        nodes.insert(0, left.x[:-1])
        inner.insert(0, left.c[::-1].transpose(1, 0, 2))
    if right is not None:
        nodes.append(right.x[1:])
        inner.append(right.c[::-1].transpose(1, 0, 2))
    ends = []
    for spline, place in ((left, 0), (right, -1)):
        end = np.zeros((4, q))
        if spline is not None:
            end[0] = spline(spline.x[place])
        ends.append(end)
    return Piecewise.joined(np.concatenate(nodes), np.concatenate(inner), *ends)


def _rank(basis: FeatureBasis) -> Piecewise:
    values, ranks = basis.values, basis.ranks
    rise = np.diff(ranks) / np.diff(values)
    none = np.zeros_like(rise)
    inner = np.stack([ranks[:-1], rise, none, none], axis=1)[:, :, None]
    ends = [np.array([ranks[i], 0.0, 0.0, 0.0])[:, None] for i in (0, -1)]
    return Piecewise.joined(values, inner, *ends)


def _kernel(features: tuple[int, ...], of: Modulation, coefficients: np.ndarray) -> Kernel:
    weights = of.coordinates @ coefficients
    at_zero = np.exp(-0.5 * (of.centres**2 @ of.relevance)) @ weights
    return Kernel(features, of.own, of.relevance, of.centres, weights, at_zero)
