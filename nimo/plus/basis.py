"""What one feature can do, as a few functions each: a line, smooth curves, steps; and products.

All functions live on the inner scale, where the baseline is 0, and all but the line have value and
slope 0 there.  So has every product of two or more factors, since each factor is 0 at the baseline.
Hence the line's coefficient is the slope of the whole model at the baseline.

Smooth curves are the leading eigenfunctions of the cubic spline kernel pinned at 0 (Wahba, Spline
Models for Observational Data, 1990, section 1.2); beyond the last knot they are straight.  Steps
are those of squared exponential kernels of several widths on the scale of ranks, conditioned on
value and slope 0 at the baseline; ranks are bounded, so that nothing runs away outside the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicHermiteSpline, CubicSpline, PPoly

KNOTS, CURVE_COUNT = 24, 8
STEP_KNOTS, STEP_COUNT = 48, 24
#: Of steps, as shares of the rows.
STEP_WIDTHS = (0.3, 0.1, 0.04)
RANKS = 129
#: Distance of the nodes of splines, as a share of the rows; a tenth of the smallest width.
NODE = 0.004
#: Of a factor of a product: smooth curves and steps beside the line.
FACTOR_CURVES, FACTOR_STEPS = 2, 4
KEEP = 1e-4
#: Standard deviations; a product of features with heavy tails would be that of a few rows.
FAR = 4.0


def spline_kernel(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Integral of (|x| - t)_+ (|z| - t)_+ over t where both are on one side of 0; (n, m)."""
    left, right = np.abs(x)[:, None], np.abs(z)[None]
    low, high = np.minimum(left, right), np.maximum(left, right)
    return np.where(np.outer(x, z) > 0, low**2 * (3 * high - low) / 6, 0.0)


def spline_slope(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Derivative of :func:`spline_kernel` with respect to x, (n, m)."""
    size, knot = np.abs(x)[:, None], np.abs(z)[None]
    low = np.minimum(size, knot)
    found = np.sign(x)[:, None] * low * (2 * knot - low) / 2
    return np.where(np.outer(x, z) > 0, found, 0.0)


def step_kernel(r: np.ndarray, s: np.ndarray, origin: float) -> np.ndarray:
    """Mean of squared exponential kernels given value and slope 0 at ``origin``; (n, m)."""
    total = np.zeros((len(r), len(s)))
    for width in STEP_WIDTHS:
        a, b = (r - origin) / width, (s - origin) / width
        at_a, at_b = np.exp(-0.5 * a**2), np.exp(-0.5 * b**2)
        total += np.exp(-0.5 * (a[:, None] - b[None]) ** 2)
        total -= np.outer(at_a, at_b) + np.outer(a * at_a, b * at_b)
    return total / len(STEP_WIDTHS)


def at_baseline(x: np.ndarray) -> np.ndarray:
    """The same with 0, the baseline, in the place of what is missing."""
    return np.where(np.isnan(x), 0.0, x)


def straight_beyond(whole: PPoly, x: np.ndarray, count: int | None = None) -> np.ndarray:
    """The first ``count`` of some functions, going on straight beyond their ends; (n, q)."""
    functions = PPoly.construct_fast(np.ascontiguousarray(whole.c[..., :count]), whole.x)
    inside = np.clip(x, whole.x[0], whole.x[-1])
    found = functions(inside)
    if (beyond := np.flatnonzero(x != inside)).size:
        found[beyond] += (x - inside)[beyond, None] * functions(inside[beyond], 1)
    return found


def _coordinates(kernel: np.ndarray, count: int, keep: float) -> np.ndarray:
    """What turns values of the kernel at the knots into its leading eigenfunctions; (m, q)."""
    values, vectors = np.linalg.eigh(kernel)
    kept = np.flatnonzero(values > keep * values[-1])[::-1][:count]
    return vectors[:, kept] / np.sqrt(values[kept])


@dataclass(frozen=True)
class Steps:
    """Eigenfunctions of the step kernel as cubic splines on either side of the origin.

    Splines with value and slope 0 at the origin are as smooth as the kernel, and cost a hundredth
    of its exponentials.

    Parameters
    ----------
    origin : float
    knots, turn : (m,), (m, q)
        Ranks, and what turns values of the kernel there into its eigenfunctions.
    sides : splines below and above the origin
    """

    origin: float
    knots: np.ndarray
    turn: np.ndarray
    sides: tuple[CubicSpline | None, CubicSpline | None]

    @property
    def count(self) -> int:
        return self.turn.shape[1]

    @staticmethod
    def none() -> Steps:
        return Steps(0.0, np.zeros(0), np.zeros((0, 0)), (None, None))

    @staticmethod
    def of(knots: np.ndarray, origin: float) -> Steps:
        """From ranks (m,) of the rows."""
        kernel = step_kernel(knots, knots, origin)
        if not kernel.any():
            return Steps.none()
        return Steps.turned(origin, knots, _coordinates(kernel, STEP_COUNT, 10 * KEEP))

    @staticmethod
    def turned(origin: float, knots: np.ndarray, turn: np.ndarray) -> Steps:
        """With given coordinates."""
        if turn.size == 0:
            return Steps(origin, knots, turn, (None, None))
        flat = np.zeros(turn.shape[1])

        def side(end):
            if abs(end - origin) < NODE:
                return None
            nodes = np.linspace(min(end, origin), max(end, origin), 4 + int(1 / NODE))
            values = step_kernel(nodes, knots, origin) @ turn
            values[-1 if end < origin else 0] = 0.0
            ends = ("not-a-knot", (1, flat)) if end < origin else ((1, flat), "not-a-knot")
            return CubicSpline(nodes, values, bc_type=ends)

        return Steps(origin, knots, turn, (side(knots.min()), side(knots.max())))

    def __call__(self, ranks: np.ndarray, count: int | None = None) -> np.ndarray:
        """(n, q), of the first ``count`` functions if that is given"""
        count = self.count if count is None else min(count, self.count)
        found = np.zeros((len(ranks), count))
        for spline, rows in zip(
            self.sides, (ranks < self.origin, ranks > self.origin), strict=True
        ):
            if spline is not None and rows.any():
                part = PPoly.construct_fast(np.ascontiguousarray(spline.c[..., :count]), spline.x)
                at = np.clip(ranks[rows], spline.x[0], spline.x[-1])
                found[rows] = part(at)
        return found


@dataclass(frozen=True)
class FeatureBasis:
    """The functions of one feature.

    Parameters
    ----------
    low, high : float
        Factors of products stay constant outside: the range of the training rows, as far as it is
        within ``FAR`` standard deviations of their mean, and the baseline.
    knots, curves : (m,), (m, q)
        Of the spline kernel; q = 0 for a feature of two values, which can only be a line.
    values, ranks : (r,)
        Of the map to ranks.
    origin : float
        Rank of the baseline.
    steps : Steps
    gaps : bool
        Whether values are missing in training.
    """

    low: float
    high: float
    knots: np.ndarray
    curves: np.ndarray
    values: np.ndarray
    ranks: np.ndarray
    origin: float
    steps: Steps
    gaps: bool

    @staticmethod
    def of(x: np.ndarray, weight: np.ndarray) -> FeatureBasis:
        """Of training values (n,) on the inner scale, NaN where missing, with weights (n,)."""
        there = ~np.isnan(x)
        gaps = not there.all()
        if gaps:
            x, weight = (x[there], weight[there]) if there.any() else (np.zeros(1), np.ones(1))
        order = np.argsort(x, kind="stable")
        ordered, mass = x[order], weight[order]
        starts = np.flatnonzero(np.r_[True, np.diff(ordered) > 0])
        distinct = ordered[starts]
        share = np.add.reduceat(mass, starts) / mass.sum()
        middle = np.cumsum(share) - 0.5 * share
        none = np.zeros((0, 0))
        mean = float(share @ distinct)
        far = FAR * np.sqrt(float(share @ (distinct - mean) ** 2))
        low = min(0.0, max(float(distinct[0]), mean - far))
        high = max(0.0, min(float(distinct[-1]), mean + far))
        if len(distinct) <= 2:
            return FeatureBasis(
                low, high, np.zeros(0), none, distinct, middle, 0.0, Steps.none(), gaps
            )

        def quantiles(count):
            if len(distinct) <= count:
                return distinct
            return np.unique(np.interp(np.linspace(0, 1, count), middle, distinct))

        knots = quantiles(KNOTS)
        values = quantiles(RANKS)
        ranks = np.interp(values, distinct, middle)
        origin = float(np.interp(0.0, values, ranks))
        kernel = spline_kernel(knots, knots)
        curves = _coordinates(kernel, CURVE_COUNT, KEEP) if kernel.any() else none
        steps = Steps.of(np.interp(quantiles(STEP_KNOTS), values, ranks), origin)
        return FeatureBasis(low, high, knots, curves, values, ranks, origin, steps, gaps)

    @property
    def nonlinear(self) -> bool:
        """Whether the feature can be more than a line."""
        return self.steps.count > 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the pieces that the feature can have beside its line."""
        there = {"curve": self.curves.size, "steps": self.steps.count, "missing": self.gaps}
        return tuple(kind for kind, has in there.items() if has)

    def width(self, kind: str) -> int:
        """Number of columns of a piece."""
        return {"curve": self.curves.shape[1], "steps": self.steps.count, "missing": 1}[kind]

    def piece(self, kind: str, x: np.ndarray) -> np.ndarray:
        """(n, width)"""
        if kind == "missing":
            return np.isnan(x)[:, None].astype(np.float64)
        return self.curve(x) if kind == "curve" else self.steps_at(x)

    @property
    def factor_width(self) -> int:
        """Number of functions of :meth:`factor`."""
        return 1 + min(FACTOR_CURVES, self.curves.shape[1]) + min(FACTOR_STEPS, self.steps.count)

    @cached_property
    def smooth(self) -> PPoly:
        """The smooth curves between the knots and 0, where they are cubic."""
        nodes = np.unique(np.r_[self.knots, 0.0])
        values = spline_kernel(nodes, self.knots) @ self.curves
        return CubicHermiteSpline(nodes, values, spline_slope(nodes, self.knots) @ self.curves)

    def curve(self, x: np.ndarray, count: int | None = None) -> np.ndarray:
        """(n, <= CURVE_COUNT), the first ``count`` of them; straight beyond the knots"""
        return straight_beyond(self.smooth, at_baseline(x), count)

    def steps_at(self, x: np.ndarray, count: int | None = None) -> np.ndarray:
        """(n, <= STEP_COUNT), the first ``count`` of them"""
        return self.steps(np.interp(at_baseline(x), self.values, self.ranks), count)

    def factor(self, x: np.ndarray) -> np.ndarray:
        """Line, smooth curves, steps; (n, <= 1 + FACTOR_CURVES + FACTOR_STEPS)."""
        x = np.clip(at_baseline(x), self.low, self.high)
        parts = [x[:, None]]
        if self.nonlinear:
            if self.curves.size:
                parts.append(self.curve(x, FACTOR_CURVES))
            parts.append(self.steps_at(x, FACTOR_STEPS))
        return np.hstack(parts)


def product(factors: list[np.ndarray]) -> np.ndarray:
    """All products of one function of each factor, (n, product of their numbers)."""
    found = factors[0]
    for factor in factors[1:]:
        found = (found[:, :, None] * factor[:, None, :]).reshape(len(found), -1)
    return found
