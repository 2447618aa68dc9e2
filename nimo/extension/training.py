"""The kernel on the training rows, its derivative, and what it is without one of its terms.

The same kernel as in :mod:`nimo.extension.kernels`, arranged for the search, which builds it some
hundred times.  Where all modulated features have the same relevances, one sum of squares serves
them all, and one matrix product the derivative.  Shapes: n rows, d features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nimo.extension.kernels import CURVES, INTERCEPT, Removal, Structure, places

# Above this exponent a factor that takes a column away is not safe from rounding.
LARGEST_EXPONENT = 200.0


@dataclass
class Slope:
    """Derivative with respect to the entries of a structure; of the noise to its logarithm."""

    linear: np.ndarray  # (d,)
    amplitude: np.ndarray  # (d,)
    shape: np.ndarray  # (d,)
    bump: np.ndarray  # (d,)
    relevance: np.ndarray  # (d, d), or (d,) where the relevances are shared
    common: float = 0.0
    noise: float = 0.0


@dataclass
class Built:
    """The kernel (n, n), and its modulated terms."""

    total: np.ndarray
    terms: list[int]  # features with an amplitude, in order
    between: list[np.ndarray]  # alpha_j x_j x'_j E_j of each, (n, n)
    at_zero: list[np.ndarray]  # x_j E_j(x, 0) of each, (n,)
    column: np.ndarray | None  # (d,) the relevances, where they are shared
    modulated: np.ndarray | None  # (n, n) sum of ``between``


def shared_relevance(structure: Structure) -> np.ndarray | None:
    """(d,) the relevance of each column where all modulated features have the same, else None."""
    active = structure.amplitude > 0
    column = structure.relevance.max(0)
    expected = np.where(active[:, None], column, 0.0)
    np.fill_diagonal(expected, 0.0)
    return column if np.array_equal(expected, structure.relevance) else None


def _exp(a: np.ndarray) -> np.ndarray:
    """In place; torch's exponential is about twice as fast as numpy's."""
    torch.from_numpy(a).exp_()
    return a


class TrainingKernel:
    """
    Parameters
    ----------
    x : (n, d)
    """

    def __init__(self, x: np.ndarray):
        self.x, self.x2 = x, x**2
        self._curves: dict[tuple[str, int], np.ndarray] = {}
        self._squares: dict[int, np.ndarray] = {}

    def curve(self, part: str, j: int) -> np.ndarray:
        """Kernel of one part of a shape, (n, n)."""
        if (part, j) not in self._curves:
            self._curves[part, j] = CURVES[part](self.x[:, j], self.x[:, j])
        return self._curves[part, j]

    def squares(self, j: int) -> np.ndarray:
        """(x_j - x'_j)^2, (n, n)"""
        if j not in self._squares:
            self._squares[j] = np.subtract.outer(self.x[:, j], self.x[:, j]) ** 2
        return self._squares[j]

    def _sum_of_squares(self, rho: np.ndarray, features: np.ndarray) -> np.ndarray:
        """1/2 sum_k rho_k (x_k - x'_k)^2, (n, n)"""
        others = self.x[:, features]
        size = 0.5 * (self.x2[:, features] @ rho)
        found = (others * -rho) @ others.T
        found += size[:, None]
        found += size
        return found

    def build(self, structure: Structure) -> Built:
        x = self.x
        total = INTERCEPT + (x * structure.lines) @ x.T
        for part in CURVES:
            variance = getattr(structure, part)
            for j in places(variance):
                total += variance[j] * self.curve(part, j)
        terms = places(structure.amplitude)
        column = shared_relevance(structure) if terms else None
        every = None
        if column is not None:
            every = self._sum_of_squares(column, np.arange(x.shape[1]))
            size = 0.5 * (self.x2 @ column)
        built = Built(total, terms, [], [], column, None)
        for j in terms:
            own = x[:, j]
            if column is not None and every is not None:
                # all columns but its own
                between = self.squares(j) * (0.5 * column[j])
                between -= every
                at_zero = own * np.exp(0.5 * column[j] * self.x2[:, j] - size)
            else:
                features = np.flatnonzero(structure.relevance[j])
                rho = structure.relevance[j, features]
                between = self._sum_of_squares(rho, features)
                np.negative(between, out=between)
                at_zero = own * np.exp(-0.5 * (self.x2[:, features] @ rho))
            _exp(between)
            between *= (structure.amplitude[j] * own)[:, None]
            between *= own
            built.between.append(between)
            built.at_zero.append(at_zero)
        if terms:
            built.modulated = np.zeros_like(total)
            for between in built.between:
                built.modulated += between
            total += built.modulated
            total -= self._pinned(structure, built, range(len(terms)))
        return built

    def _pinned(self, structure: Structure, built: Built, numbers) -> np.ndarray | float:
        """What the value 0 at the baseline takes away, over some of the terms."""
        numbers = list(numbers)
        if not numbers:
            return 0.0
        at_zero = np.column_stack([built.at_zero[i] for i in numbers])
        return (at_zero * structure.amplitude[[built.terms[i] for i in numbers]]) @ at_zero.T

    def derivative(
        self, structure: Structure, built: Built, slope: np.ndarray, shared: bool
    ) -> Slope:
        """Of sum(slope * kernel) with respect to the entries that are not 0.

        Parameters
        ----------
        slope : (n, n), symmetric
        shared : bool
            Whether one derivative for each column will do, where all relevances in it are equal.
        """
        x, x2 = self.x, self.x2
        d = x.shape[1]
        amplitude, curves = np.zeros(d), {part: np.zeros(d) for part in CURVES}
        linear = np.einsum("ij,ij->j", x, slope @ x)
        for part, found in curves.items():
            for j in places(getattr(structure, part)):
                found[j] = np.vdot(slope, self.curve(part, j))
        column = shared_relevance(structure) if shared else None
        relevance = np.zeros((d, d) if column is None else d)
        product = np.empty_like(slope)
        whole = np.zeros_like(slope)
        pinned = np.zeros(len(x))
        for j, between, at_zero in zip(built.terms, built.between, built.at_zero, strict=True):
            alpha = structure.amplitude[j]
            np.multiply(slope, between, out=product)
            sums = product.sum(1)
            pulled = slope @ at_zero
            amplitude[j] = sums.sum() / alpha - at_zero @ pulled
            tied = alpha * at_zero * pulled
            if column is None:
                features = np.flatnonzero(structure.relevance[j])
                others = x[:, features]
                relevance[j, features] = np.einsum("ij,ij->j", others, product @ others)
                relevance[j, features] += x2[:, features].T @ (tied - sums)
            else:
                # all columns but its own: the sum over the terms, less what does not belong
                whole += product
                pinned += tied
                own = x[:, j]
                relevance[j] -= own @ (product @ own) + x2[:, j] @ (tied - sums)
        if column is not None and built.terms:
            relevance += np.einsum("ij,ij->j", x, whole @ x) + x2.T @ (pinned - whole.sum(1))
            relevance[column == 0] = 0.0
        return Slope(
            linear, amplitude, curves["shape"], curves["bump"], relevance, float(linear.sum())
        )

    def without(self, structure: Structure, built: Built, removal: Removal) -> np.ndarray:
        """The kernel (n, n) without one term, column or relevance, all else as it is."""
        kind, j, k = removal
        if kind == "linear":
            less = built.total - np.outer(structure.linear[j] * self.x[:, j], self.x[:, j])
            moved = structure.tied and structure.amplitude[j] > 0
            return self._unmodulated(less, structure, built, j) if moved else less
        if kind == "common":
            return built.total - (structure.common * self.x) @ self.x.T
        if kind in CURVES:
            return built.total - getattr(structure, kind)[j] * self.curve(kind, j)
        if kind == "amplitude":
            return self._unmodulated(built.total, structure, built, j)
        feature = j if kind == "column" else k
        exponent = 0.5 * structure.relevance[:, feature].max() * np.ptp(self.x[:, feature]) ** 2
        fewer = structure.without(removal)
        # where nothing modulates a term any more, it goes; else its factor for the column does
        if exponent > LARGEST_EXPONENT or (fewer.amplitude > 0).sum() < len(built.terms):
            return self.build(fewer).total
        if built.column is not None and kind == "column":
            return self._without_column(structure, built, feature)
        found = built.total.copy()
        for i, term in enumerate(built.terms):
            rho = structure.relevance[term, feature]
            if rho == 0 or (kind == "relevance" and term != j):
                continue
            at_zero = built.at_zero[i] * np.exp(0.5 * rho * self.x2[:, feature])
            found += built.between[i] * (_exp(self.squares(feature) * (0.5 * rho)) - 1)
            found += self._pinned(structure, built, [i])
            found -= np.outer(structure.amplitude[term] * at_zero, at_zero)
        return found

    def _unmodulated(self, total, structure: Structure, built: Built, j: int) -> np.ndarray:
        """A kernel without the modulation of one feature."""
        i = built.terms.index(j)
        return total - built.between[i] + self._pinned(structure, built, [i])

    def _without_column(self, structure: Structure, built: Built, k: int) -> np.ndarray:
        """For shared relevances: one factor serves all terms but that of the column itself."""
        assert built.column is not None and built.modulated is not None
        rho = built.column[k]
        found = _exp(self.squares(k) * (0.5 * rho))
        found -= 1
        others = [i for i, term in enumerate(built.terms) if term != k]
        if len(others) == len(built.terms):
            found *= built.modulated
        else:
            found *= built.modulated - built.between[built.terms.index(k)]
        found += built.total
        at_zero = np.column_stack([built.at_zero[i] for i in others])
        more = at_zero * np.exp(0.5 * rho * self.x2[:, k])[:, None]
        alpha = structure.amplitude[[built.terms[i] for i in others]]
        found += np.hstack([at_zero * alpha, -alpha * more]) @ np.hstack([at_zero, more]).T
        return found
