"""The functions of one feature as cubic polynomials between cuts.

The spline kernel is cubic between its knots.  Steps are cubic splines of ranks, and ranks straight
lines between quantiles: between all of their cuts they are cubic in the feature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PPoly

from nimo.plus.basis import FeatureBasis, Steps
from nimo.plus.monotone import MonotoneBasis


@dataclass(frozen=True)
class Piecewise:
    """Polynomials of ``x - anchors[i]`` between ``cuts[i - 1]`` and ``cuts[i]``.

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
        pieces = np.concatenate([below[None], inner, above[None]])
        return Piecewise(nodes, _anchors(nodes), pieces)

    def at(self, inside: np.ndarray, anchors: np.ndarray) -> np.ndarray:
        """Polynomials of the pieces that hold ``inside`` (n,), around ``anchors``; (n, 4, q)."""
        which = np.searchsorted(self.cuts, inside, side="right")
        a, b, c, d = self.coefficients[which].transpose(1, 0, 2)
        t = (anchors - self.anchors[which])[:, None]
        first = b + t * (2 * c + 3 * t * d)
        return np.stack([a + t * (b + t * (c + t * d)), first, c + 3 * t * d, d], axis=1)


def composite(
    basis: FeatureBasis,
    curves: np.ndarray | None,
    steps: np.ndarray | None,
    line: np.ndarray | None = None,
    inside: bool = False,
) -> Piecewise:
    """Sums of the functions of a feature, on the inner scale.

    Parameters
    ----------
    curves, steps : (8, q), (24, q)
        Coefficients of its functions.
    line : (q,)
        Of the feature itself.
    inside : bool
        Constant outside the training rows.
    """
    cuts = [np.array([basis.low, basis.high])] if inside else []
    bent = None if curves is None else _curve(basis.smooth, curves)
    if bent is not None:
        cuts.append(bent.cuts)
    if steps is not None and isinstance(basis, MonotoneBasis):
        own = _curve(basis.stepped, steps)
        bent, steps = own if bent is None else _sum(bent, own), None
        cuts.append(bent.cuts)
    if steps is not None:
        rank, stepped = _rank(basis), _steps(basis.steps, steps)
        cuts += [rank.cuts, np.interp(stepped.cuts, basis.ranks, basis.values)]
    nodes = np.unique(np.concatenate(cuts))
    anchors = _anchors(nodes)
    within = np.r_[nodes[0] - 1, (nodes[1:] + nodes[:-1]) / 2, nodes[-1] + 1]
    total = np.zeros((len(anchors), 4, 1))
    if line is not None:
        total = np.zeros((len(anchors), 4, len(line)))
        total[:, 0], total[:, 1] = np.multiply.outer(anchors, line), line
    if bent is not None:
        total = total + bent.at(within, anchors)
    if steps is not None:
        here, rise = rank.at(within, anchors)[:, :2, 0].T
        middle = here + rise * (within - anchors)
        powers = rise[:, None] ** np.arange(4)
        total = total + stepped.at(middle, here) * powers[:, :, None]
    whole = Piecewise(nodes, anchors, total)
    if inside:
        low, high = np.searchsorted(nodes, [basis.low, basis.high])
        ends = np.array([basis.low, basis.high])
        # polynomials around the ends of those next to them
        values = whole.at(np.array([within[low + 1], within[high]]), ends)[:, 0]
        total[: low + 1], total[high + 1 :] = 0.0, 0.0
        total[: low + 1, 0], total[high + 1 :, 0] = values
    return whole


def _anchors(nodes: np.ndarray) -> np.ndarray:
    return np.r_[nodes[0], nodes]


def _sum(left: Piecewise, right: Piecewise) -> Piecewise:
    """Of functions with the same cuts."""
    return replace(left, coefficients=left.coefficients + right.coefficients)


def _curve(smooth: PPoly, coefficients: np.ndarray) -> Piecewise:
    """Cubic between knots, straight beyond them."""
    cubic = np.concatenate([np.zeros_like(smooth.c[: 4 - len(smooth.c)]), smooth.c])
    inner = cubic[::-1].transpose(1, 0, 2) @ coefficients
    none = np.zeros_like(inner[0, 0])
    ends = [
        np.stack([smooth(x) @ coefficients, smooth(x, 1) @ coefficients, none, none])
        for x in smooth.x[[0, -1]]
    ]
    return Piecewise.joined(smooth.x, inner, *ends)


def _steps(steps: Steps, coefficients: np.ndarray) -> Piecewise:
    """Of ranks; 0 at the origin, constant beyond the splines."""
    q = coefficients.shape[1]
    nodes, inner = [np.array([steps.origin])], [np.zeros((0, 4, q))]
    left, right = steps.sides
    if left is not None:
        nodes.insert(0, left.x[:-1])
        inner.insert(0, left.c[::-1].transpose(1, 0, 2) @ coefficients)
    if right is not None:
        nodes.append(right.x[1:])
        inner.append(right.c[::-1].transpose(1, 0, 2) @ coefficients)
    ends = []
    for spline, place in ((left, 0), (right, -1)):
        end = np.zeros((4, q))
        if spline is not None:
            end[0] = spline(spline.x[place]) @ coefficients
        ends.append(end)
    return Piecewise.joined(np.concatenate(nodes), np.concatenate(inner), *ends)


def _rank(basis: FeatureBasis) -> Piecewise:
    values, ranks = basis.values, basis.ranks
    rise = np.diff(ranks) / np.diff(values)
    none = np.zeros_like(rise)
    inner = np.stack([ranks[:-1], rise, none, none], axis=1)[:, :, None]
    ends = [np.array([ranks[i], 0.0, 0.0, 0.0])[:, None] for i in (0, -1)]
    return Piecewise.joined(values, inner, *ends)
