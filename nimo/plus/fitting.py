"""Coefficients, variances and noise of given pieces.

A normal response is one problem of sums over rows.  Other responses, and Student-t noise, are a
sequence of such problems with weights of their own (iteratively weighted least squares; for t noise
the weights of its scale mixture of normals, Lange, Little and Taylor, Robust statistical modeling
using the t distribution, JASA 84, 1989), the evidence at the end by Laplace's approximation.
Shapes: n rows, k predictors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln

from nimo.plus.basis import FeatureBasis
from nimo.plus.evidence import INTERCEPT_VARIANCE, Posterior, Solution, Sums, maximise
from nimo.plus.families import Family
from nimo.plus.levels import LevelBasis
from nimo.plus.pieces import LEFT_OUT, Functions, Piece

#: Degrees of freedom of t noise.
FREEDOM = 5.0
VARIANCE_STEPS = 60
#: Of the variances between two changes of the weights.
INNER_STEPS = 6
REWEIGHTINGS = 20
#: A change of the predictor, in units of the noise or of the link, or of the evidence, in nats,
#: that is the last one.
SETTLED = 0.02
STEP_HALVINGS = 12
#: A factor by which variances change at most between two changes of the weights of labels and
#: counts; its root after each change that made the fit worse, down to the last.
TRUST, LEAST_TRUST = 10.0, 1.1
#: Determined coefficients, as a share of the rows, below which t weights leave out their spread.
OPEN = 0.01
#: Rows not used up by the fit, as a share, below which dispersions do not grow any more.
LEAST_OPEN = 0.1
#: Floats of a design that is kept while it is fitted.
KEPT = 40_000_000
#: Median of a squared standard normal variable.
CHI2_MEDIAN = 0.4549


@dataclass
class State:
    """Pieces and what was found for them.

    Attributes
    ----------
    pieces : list of b Piece
    solution : Solution, its first block the intercept
    eta : (n, k)
    robust : (n,), weights of t noise; 1 for all other responses
    value : float, -log evidence
    """

    pieces: list[Piece]
    solution: Solution
    eta: np.ndarray
    robust: np.ndarray
    value: float

    @property
    def variance(self) -> np.ndarray:
        """(b,)"""
        return self.solution.variance[1:]

    @property
    def present(self) -> list[Piece]:
        return [piece for piece, v in zip(self.pieces, self.variance, strict=True) if v > 0]


@dataclass
class Problem:
    """Rows and their response.

    Parameters
    ----------
    family : Family
    u : (n, d), features on the inner scale, NaN where missing; codes of categories
    y : (n, k), on the inner scale
    weight : (n,)
    functions : Functions
    keep : bool
        Whether columns are kept from fit to fit: the search asks for the same ones again.
    unpenalised : frozenset of int
        Features whose line has the variance of the intercept.
    """

    family: Family
    u: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    functions: Functions
    keep: bool = True
    unpenalised: frozenset[int] = frozenset()
    _columns: dict[Piece, np.ndarray] = field(default_factory=dict)

    @staticmethod
    def of(family: Family, u, y, weight, levels=None) -> Problem:
        """``levels`` (d,) is 0 for numbers, which all features are unless given, and for categories
        the number of theirs.
        """
        levels = np.zeros(u.shape[1], dtype=int) if levels is None else levels
        bases = [
            LevelBasis.of(x, weight, count) if count else FeatureBasis.of(x, weight)
            for x, count in zip(u.T, levels, strict=True)
        ]
        return Problem(family, u, y, weight, Functions(bases))

    def __post_init__(self):
        self.factors: dict[int, np.ndarray] = {}
        self.unit = self.family.unit

    def columns(self, piece: Piece) -> np.ndarray:
        """(n, q) of the training rows."""
        if piece not in self._columns:
            functions = self.functions
            if piece in functions.scale:
                found = functions.columns(piece, self.u, self.factors)
            else:
                found = functions.learn(piece, self.u, self.weight, self.factors)
            self._columns[piece] = found
        return self._columns[piece]

    def width(self, piece: Piece) -> int:
        """Number of its columns, which the first use of a piece says."""
        if piece not in self.functions.scale:
            self.columns(piece)
        return self.functions.width(piece)

    def resolved(self, piece: Piece, noise: float) -> Piece:
        """A product that leaves out less than the noise, as fine as it is at least."""
        if piece.kind != "product" or not self.family.has_noise:
            return piece
        fine = [number for number, share in enumerate(LEFT_OUT) if share * self.unit <= noise]
        number = fine[0] if fine else len(LEFT_OUT) - 1
        return piece._replace(number=max(number, piece.number))

    def open(self, piece: Piece) -> bool:
        """Whether it is not penalised."""
        return piece.kind == "line" and piece.features[0] in self.unpenalised

    def _designs(self, pieces) -> Iterator[tuple[slice, np.ndarray]]:
        if not self.keep:
            yield from self.functions.chunks(pieces, self.u)
            return
        parts = [self.columns(piece) for piece in pieces]
        yield slice(None), np.hstack([np.ones((len(self.u), 1)), *parts])

    def fit(
        self,
        pieces: Sequence[Piece],
        variance: np.ndarray,
        noise: float,
        *,
        start: State | None = None,
        heavy: bool = False,
    ) -> State:
        """The evidence's variances from given ones.

        Parameters
        ----------
        variance : (b,)
        noise : float
        start : State
            Where weights and the predictor start.
        heavy : bool
            Whether the noise is Student's t.
        """
        pieces = list(pieces)
        sizes = [1, *map(self.width, pieces)]
        fixed = np.array([True, *(self.open(piece) for piece in pieces)])
        layout = _Layout(
            np.repeat(np.arange(len(sizes)), sizes),
            np.where(fixed, INTERCEPT_VARIANCE * self.unit, np.r_[1.0, variance]),
            fixed,
        )
        # the same design serves all weights, where there is room for it
        small = len(self.u) * sum(sizes) < KEPT
        designs = list(self._designs(pieces)) if small else None

        def each():
            return designs if designs is not None else self._designs(pieces)

        if self.family.has_noise:
            found = self._least_squares(each, layout, noise, start, heavy)
        else:
            found = self._reweighted(each, layout, self._before(pieces, sizes, start))
        return State(pieces, *found)

    def _before(self, pieces, sizes, start: State | None) -> np.ndarray:
        """(p, k) coefficients of ``start``, 0 for what it does not have."""
        found = np.zeros((sum(sizes), self.y.shape[1]))
        if start is None:
            found[0] = self.family.start(self.y, self.weight)
            return found
        found[0] = start.solution.coefficients[0]
        firsts = dict(zip(pieces, np.cumsum(sizes)[:-1], strict=True))
        first = 1
        for piece in start.pieces:
            width = self.functions.width(piece)
            if piece in firsts:
                own = start.solution.coefficients[first : first + width]
                found[firsts[piece] : firsts[piece] + width] = own
            first += width
        return found

    # ---------------------------------------------------------------- normal and t noise

    def _least_squares(self, each, layout, noise, start, heavy):
        y, rows = self.y[:, 0], self.weight.sum()
        robust = np.ones(len(y))
        if heavy and start is not None:
            robust = start.robust
        elif heavy:
            # one wild response makes the variance meaningless: begin from the median's scale
            square = (y - np.median(y)) ** 2
            noise = float(np.median(square)) / CHI2_MEDIAN or noise
            robust = (FREEDOM + 1) / (FREEDOM + square / noise)
        variance, eta = layout.variance, np.empty((len(y), 1))
        sums = _sums(each(), self.weight * robust, y, rows)
        for _ in range(REWEIGHTINGS if heavy else 1):
            solution = maximise(
                [sums],
                layout.blocks,
                variance,
                noise,
                free_noise=True,
                steps=INNER_STEPS if heavy else VARIANCE_STEPS,
                fixed=layout.fixed,
            )
            variance, noise = solution.variance, solution.noise
            # what the rows leave open of the predictor counts little where they are many
            open_ = solution.determined.sum() > OPEN * rows
            before, again = robust.copy(), _Sums()
            for part, design in each():
                eta[part] = design @ solution.coefficients
                if heavy:
                    square = (y[part] - eta[part, 0]) ** 2
                    if open_:
                        square = square + _spread(design, solution.posteriors[0])
                    robust[part] = (FREEDOM + 1) / (FREEDOM + square / noise)
                    again.add(design, self.weight[part] * robust[part], y[part])
            if np.sqrt(np.average((robust - before) ** 2, weights=self.weight)) < SETTLED:
                break
            sums = again.sums(rows)
        if not heavy:
            value = solution.value + 0.5 * rows * np.log(2 * np.pi)
            return solution, eta, robust, value
        one = solution.posteriors[0]
        density = (
            gammaln((FREEDOM + 1) / 2)
            - gammaln(FREEDOM / 2)
            - 0.5 * np.log(FREEDOM * np.pi * noise)
            - (FREEDOM + 1) / 2 * np.log1p((y - eta[:, 0]) ** 2 / (noise * FREEDOM))
        )
        value = -float(self.weight @ density) + 0.5 * (float(one.mean @ one.mean) + one.logdet)
        return solution, eta, robust, value

    # ---------------------------------------------------------------- labels and counts

    def _reweighted(self, each, layout, coefficients):
        family, y, n = self.family, self.y, len(self.y)
        eta, coefficients = self._better_start(each, coefficients)
        variance, trust, best = layout.variance, TRUST, None
        noise, open_ = 1.0, 1.0
        for _ in range(REWEIGHTINGS):
            curve = family.curvature(eta, y)
            if family.dispersed:
                noise = family.dispersion(eta, y, self.weight, open_)
            target = eta + family.score(eta, y) / curve
            several = [
                _sums(each(), self.weight * curve[:, c], target[:, c], self.weight.sum())
                for c in range(y.shape[1])
            ]
            solution = maximise(
                several,
                layout.blocks,
                variance,
                noise,
                free_noise=False,
                steps=INNER_STEPS,
                fixed=layout.fixed,
                trust=trust,
            )
            variance = solution.variance
            open_ = max(1 - solution.determined.sum() / self.weight.sum(), LEAST_OPEN)
            gone = variance[layout.blocks] == 0
            if coefficients[gone].any():
                coefficients = np.where(gone[:, None], 0.0, coefficients)
                eta = _predictor(each(), coefficients, n)
            new, coefficients, objective = self._damped(each, eta, coefficients, solution)
            value = objective + 0.5 * sum(one.logdet for one in solution.posteriors)
            value += float(self.weight @ family.normaliser(y, noise))
            gained = np.inf if best is None else best[0] - value
            if gained < -SETTLED:
                # the variances went further than this approximation holds
                trust = np.sqrt(trust)
                if trust < LEAST_TRUST:
                    break
                _, solution, eta, coefficients = best
                variance = solution.variance
                continue
            change = np.abs(new - eta).max()
            best, eta = (value, solution, new, coefficients), new
            if change < SETTLED or gained < SETTLED:
                break
        value, solution, eta, _ = best
        if shift := family.shift(eta, y, self.weight):
            eta = eta + shift
            for one in solution.posteriors:
                one.coefficients[0] += shift
        return solution, eta, np.ones(n), value

    def _better_start(self, each, coefficients):
        """The given coefficients, or the intercept alone where it explains more."""
        alone = np.zeros_like(coefficients)
        alone[0] = self.family.start(self.y, self.weight)
        found = []
        for start in (coefficients, alone):
            eta = _predictor(each(), start, len(self.y))
            found.append((float(self.weight @ self.family.loss(eta, self.y)), eta, start))
        return min(found, key=lambda one: one[0])[1:]

    def _damped(self, each, eta, coefficients, solution):
        """The step, halved until the penalised loss is no larger than before it; that loss."""
        per_column = solution.variance[solution.blocks]
        kept = per_column > 0
        inverse = 1 / per_column[kept, None]

        def objective(predictor, at):
            penalty = float((at[kept] ** 2 * inverse).sum())
            loss = float(self.weight @ self.family.loss(predictor, self.y))
            return loss / solution.noise + 0.5 * penalty

        aim = solution.coefficients
        target = _predictor(each(), aim, len(self.y))
        before, share = objective(eta, coefficients), 1.0
        for _ in range(STEP_HALVINGS):
            at = eta + share * (target - eta), coefficients + share * (aim - coefficients)
            after = objective(*at)
            if after <= before + 1e-9 * abs(before):
                break
            share /= 2
        return *at, after


@dataclass(frozen=True)
class _Layout:
    blocks: np.ndarray
    variance: np.ndarray
    fixed: np.ndarray


class _Sums:
    """Sums over rows that come in parts."""

    def __init__(self) -> None:
        self.gram: np.ndarray | float = 0.0
        self.cross: np.ndarray | float = 0.0
        self.square = 0.0

    def add(self, design: np.ndarray, weight: np.ndarray, target: np.ndarray) -> None:
        weighted = design * weight[:, None]
        self.gram = self.gram + weighted.T @ design
        self.cross = self.cross + weighted.T @ target
        self.square += float(weight @ target**2)

    def sums(self, rows: float) -> Sums:
        return Sums(np.asarray(self.gram), np.asarray(self.cross), self.square, float(rows))


def _sums(designs, weight, target, rows) -> Sums:
    found = _Sums()
    for part, design in designs:
        found.add(design, weight[part], target[part])
    return found.sums(rows)


def _predictor(designs, coefficients, n) -> np.ndarray:
    eta = np.empty((n, coefficients.shape[1]))
    for part, design in designs:
        eta[part] = design @ coefficients
    return eta


def _spread(design: np.ndarray, posterior: Posterior) -> np.ndarray:
    """Posterior variance of the predictor, (n,)."""
    units = design[:, posterior.active] * posterior.root
    return np.einsum("ij,ij->i", units @ posterior.inverse, units)
