"""The pieces of the model and their functions of given rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nimo.plus.basis import FeatureBasis, at_baseline, product
from nimo.plus.levels import LevelBasis
from nimo.plus.modulation import Modulation

#: Floats of a design that are held at a time.
DESIGN_FLOATS = 8_000_000
#: Share of a product's variance over the rows that its columns leave out, by resolution.
LEFT_OUT = (1e-2, 1e-4, 1e-6)


class Piece(NamedTuple):
    """Functions whose coefficients share one variance.

    ``kind`` is "line"; "lines", all of them with one variance; "curve" and "steps" of one feature;
    "missing", the effect of its absence; "levels" of a category; "product" of two or three, whose
    ``number`` is that of its resolution; "modulation" of one by others, of which there may be
    several with the same features, told apart by ``number``.
    """

    kind: str
    features: tuple[int, ...]
    number: int = 0

    @property
    def straight(self) -> bool:
        return self.kind in ("line", "lines")


@dataclass
class Functions:
    """Columns of pieces.

    Parameters
    ----------
    bases : of each feature
    scale : what brings the mean sum of squares of a piece's columns over the training rows to 1
    modulations : of the pieces of that kind
    turns : (functions, columns) of each product, from all its functions to those columns
    """

    bases: list[FeatureBasis | LevelBasis]
    scale: dict[Piece, float] = field(default_factory=dict)
    modulations: dict[Piece, Modulation] = field(default_factory=dict)
    turns: dict[Piece, np.ndarray] = field(default_factory=dict)

    def modulation(self, features: tuple[int, ...], of: Modulation) -> Piece:
        """A new piece."""
        piece = Piece("modulation", features, len(self.modulations))
        self.modulations[piece] = of
        return piece

    def factor(self, j: int, u: np.ndarray, factors: dict[int, np.ndarray]) -> np.ndarray:
        """Functions of a feature in products, computed once for the rows of ``factors``."""
        if j not in factors:
            factors[j] = self.bases[j].factor(u[:, j])
        return factors[j]

    def raw(self, piece: Piece, u: np.ndarray, factors: dict[int, np.ndarray]) -> np.ndarray:
        kind, features, _ = piece
        if piece.straight:
            return at_baseline(u[:, list(features)])
        if kind == "product":
            return product([self.factor(j, u, factors) for j in features])
        if kind == "modulation":
            # constant outside the training rows, as factors of products
            low, high = ([getattr(self.bases[j], end) for j in features] for end in ("low", "high"))
            inside = np.clip(at_baseline(u[:, list(features)]), low, high)
            return self.modulations[piece].columns(inside)
        one = features[0]
        return self.bases[one].piece(kind, u[:, one])

    def applied(
        self, piece: Piece, u: np.ndarray, coefficients: np.ndarray, factors: dict[int, np.ndarray]
    ) -> np.ndarray:
        """All functions of a piece times their coefficients (p, k); (n, k)."""
        if piece.kind != "product":
            return self.raw(piece, u, factors) @ coefficients
        # one factor after the other: their products are not needed
        found = coefficients[None]
        for j in piece.features:
            factor = self.factor(j, u, factors)
            left = found.reshape(len(found), factor.shape[1], -1)
            if len(left) == 1:
                found = factor @ left[0]
            else:
                found = np.einsum("ni,nir->nr", factor, left)
        return found

    def learn(self, piece: Piece, u: np.ndarray, weight: np.ndarray, factors) -> np.ndarray:
        """Columns of the training rows, (n, q); what makes them is kept."""
        raw = self.raw(piece, u, factors)
        if piece.kind == "product":
            self.turns[piece] = _leading((raw.T * weight) @ raw, LEFT_OUT[piece.number])
            raw = raw @ self.turns[piece]
        mean = float(weight @ (raw**2).sum(axis=1)) / weight.sum()
        self.scale[piece] = 1 / np.sqrt(mean) if mean > 0 else 1.0
        return raw * self.scale[piece]

    def unscaled(self, piece: Piece, u: np.ndarray, factors: dict[int, np.ndarray]) -> np.ndarray:
        """Columns of any rows but for their scale, (n, q)."""
        raw = self.raw(piece, u, factors)
        return raw @ self.turns[piece] if piece in self.turns else raw

    def columns(self, piece: Piece, u: np.ndarray, factors: dict[int, np.ndarray]) -> np.ndarray:
        """Columns of any rows, (n, q)."""
        return self.unscaled(piece, u, factors) * self.scale[piece]

    def turned(self, piece: Piece, coefficients: np.ndarray) -> np.ndarray:
        """Coefficients of all functions, from those of columns but for their scale, (q, k)."""
        return self.turns[piece] @ coefficients if piece in self.turns else coefficients

    def design(self, pieces: list[Piece], u: np.ndarray) -> np.ndarray:
        """(n, 1 + p), the intercept first."""
        factors: dict[int, np.ndarray] = {}
        blocks = [self.columns(piece, u, factors) for piece in pieces]
        return np.hstack([np.ones((len(u), 1)), *blocks])

    def chunks(self, pieces: list[Piece], u: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows and their design, so many at a time that memory does not grow with n."""
        width = 1 + sum(self.width(piece) for piece in pieces)
        step = max(1, DESIGN_FLOATS // width)
        for first in range(0, len(u), step):
            rows = slice(first, first + step)
            yield rows, self.design(pieces, u[rows])

    def places(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, slice]]:
        """Pieces and their columns in a design whose first is the intercept."""
        first = 1
        for piece in pieces:
            last = first + self.width(piece)
            yield piece, slice(first, last)
            first = last

    def width(self, piece: Piece) -> int:
        """Number of columns."""
        if piece.straight:
            return len(piece.features)
        if piece in self.turns:
            return self.turns[piece].shape[1]
        if piece.kind == "product":
            return int(np.prod([self.bases[j].factor_width for j in piece.features]))
        if piece.kind == "modulation":
            return self.modulations[piece].width
        return self.bases[piece.features[0]].width(piece.kind)


def _leading(gram: np.ndarray, left_out: float) -> np.ndarray:
    """Directions that carry all of the trace but the given share, the largest first; (p, q)."""
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1], vectors[:, ::-1]
    inside = np.cumsum(values) < (1 - left_out) * values.sum()
    return vectors[:, : 1 + int(inside.sum())]
