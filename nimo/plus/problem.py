"""Coefficients, variances and noise of given pieces.

Shapes: n rows, k predictors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from nimo.plus.basis import FeatureBasis
from nimo.plus.evidence import INTERCEPT_VARIANCE, Solution
from nimo.plus.families import Family
from nimo.plus.levels import LevelBasis
from nimo.plus.noise import least_squares
from nimo.plus.pieces import LEFT_OUT, Functions, Piece
from nimo.plus.reweighting import reweighted

#: Floats of a design that is kept while it is fitted.
KEPT = 40_000_000


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
        layout = Layout(
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
            found = least_squares(self, each, layout, noise, start, heavy)
        else:
            found = reweighted(self, each, layout, self._before(pieces, sizes, start))
        return State(pieces, *found)

    def _before(self, pieces, sizes, start: State | None) -> np.ndarray:
        """(p, k) coefficients of ``start``, 0 for what it does not have."""
        found = np.zeros((sum(sizes), self.y.shape[1]))
        if start is None:
            found[0] = self.family.start(self.y, self.weight)
            return found
        found[0] = start.solution.coefficients[0]
        here = dict(self.functions.places(pieces))
        for piece, columns in self.functions.places(start.pieces):
            if piece in here:
                found[here[piece]] = start.solution.coefficients[columns]
        return found


@dataclass(frozen=True)
class Layout:
    blocks: np.ndarray
    variance: np.ndarray
    fixed: np.ndarray
