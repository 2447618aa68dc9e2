"""A fitted model: the mean of structures as one set of coefficients, curves and surfaces.

Shapes: n rows, d features, k predictors.  Everything takes features as they were given and answers
in the unit of the linear predictor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nimo.plus.basis import at_baseline
from nimo.plus.members import Member, mixed
from nimo.plus.pieces import Functions, Piece

#: Rows that prediction takes at a time.
CHUNK_ROWS = 20_000
NO_POSTERIOR = "the model was written without its posterior: to_dict(posterior=True) keeps it"


@dataclass
class AnchoredModel:
    """eta(x) = b0 + sum_j [beta_j u_j + s_j(u_j)] + products, u_j = (x_j - baseline_j) / scale_j.

    Every piece but the line has value and gradient 0 at the baseline.

    Parameters
    ----------
    functions : Functions
        With scales of 1: the coefficients have taken them in.
    intercept : (k,), at the baseline
    slope, slope_variance : (d, k)
        Coefficients of u, and their variance over and within the structures.
    parts : dict of Piece to (q, k)
        Coefficients of the other pieces.
    members : list of Member
        The structures, for their uncertainty; predictions need none, and a model that was read from
        a document may have none.
    baseline, scale : (d,)
    centre, unit : float
        Of the response; the model is ``centre + unit`` times its inner one.
    """

    functions: Functions
    intercept: np.ndarray
    slope: np.ndarray
    slope_variance: np.ndarray
    parts: dict[Piece, np.ndarray]
    members: list[Member]
    baseline: np.ndarray
    scale: np.ndarray
    centre: float
    unit: float

    @staticmethod
    def mean(
        functions: Functions,
        members: Sequence[Member],
        baseline: np.ndarray,
        scale: np.ndarray,
        centre: float,
        unit: float,
    ) -> AnchoredModel:
        """The mean of structures by their shares."""
        shares = np.array([one.share for one in members])
        slopes, variances = zip(
            *(one.slopes(functions, len(baseline)) for one in members), strict=True
        )
        slope, variance = mixed(shares, np.array(slopes), np.array(variances))
        intercept = np.tensordot(shares, [one.coefficients[0] for one in members], 1)
        parts: dict[Piece, np.ndarray] = {}
        for one in members:
            for piece, columns in functions.places(one.pieces):
                if not piece.straight:
                    own = one.share * functions.turned(piece, one.coefficients[columns])
                    parts[piece] = parts[piece] + own if piece in parts else own
        modulations = {p: functions.modulations[p] for p in parts if p.kind == "modulation"}
        turns = {p: functions.turns[p] for p in parts if p in functions.turns}
        ones = Functions(functions.bases, dict.fromkeys(parts, 1.0), modulations, turns)
        return AnchoredModel(
            ones, intercept, slope, variance, parts, list(members), baseline, scale, centre, unit
        )

    def among(self, kept: np.ndarray, baseline: np.ndarray, scale: np.ndarray) -> AnchoredModel:
        """The same model of d features, of which it knows those numbered ``kept``."""
        if len(kept) == len(baseline):
            return self
        bases: list = [None] * len(baseline)
        for j, basis in zip(kept, self.functions.bases, strict=True):
            bases[j] = basis

        def renumbered(piece: Piece) -> Piece:
            return piece._replace(features=tuple(int(kept[j]) for j in piece.features))

        parts = {renumbered(piece): value for piece, value in self.parts.items()}
        of = {renumbered(piece): value for piece, value in self.functions.modulations.items()}
        slope, variance = (np.zeros((len(baseline), self.slope.shape[1])) for _ in range(2))
        slope[kept], variance[kept] = self.slope, self.slope_variance
        turns = {renumbered(piece): value for piece, value in self.functions.turns.items()}
        functions = Functions(bases, dict.fromkeys(parts, 1.0), of, turns)
        members = [one.renumbered(renumbered) for one in self.members]
        return replace(
            self, functions=functions, slope=slope, slope_variance=variance, parts=parts,
            members=members, baseline=baseline, scale=scale,
        )  # fmt: skip

    def of(self, members: Sequence[Member]) -> AnchoredModel:
        """The mean of other structures whose pieces are among those of this model."""
        return AnchoredModel.mean(
            self.functions, members, self.baseline, self.scale, self.centre, self.unit
        )

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the noise over the structures; infinite without noise."""
        inverse = sum(one.share / one.freedom for one in self.members)
        return 1 / inverse if inverse > 0 else np.inf

    # ---------------------------------------------------------------- on the given scale

    @property
    def coef(self) -> np.ndarray:
        """(d, k) marginal effects at the baseline."""
        return self.unit * self.slope / self.scale[:, None] + 0.0  # no -0

    @property
    def coef_std(self) -> np.ndarray:
        """(d, k)"""
        return self.unit * np.sqrt(self.slope_variance) / self.scale[:, None]

    @property
    def at_baseline(self) -> np.ndarray:
        """(k,) the linear predictor there."""
        return self.centre + self.unit * self.intercept

    def _chunks(self, X: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for first in range(0, len(X), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            yield rows, (X[rows] - self.baseline) / self.scale

    def predictor(self, X: np.ndarray) -> np.ndarray:
        """(n, k)"""
        found = np.empty((len(X), len(self.intercept)))
        for rows, u in self._chunks(X):
            eta = self.intercept + at_baseline(u) @ self.slope
            factors: dict[int, np.ndarray] = {}
            for piece, coefficients in self.parts.items():
                eta += self.functions.applied(piece, u, coefficients, factors)
            found[rows] = self.centre + self.unit * eta
        return found

    def lines(self, X: np.ndarray) -> np.ndarray:
        """What each feature's line adds, (n, d, k)."""
        u = at_baseline((X - self.baseline) / self.scale)
        return self.unit * u[:, :, None] * self.slope

    def term(self, features: tuple[int, ...], X: np.ndarray) -> np.ndarray:
        """The curve of one feature, or the surface of several, without lines; (n, k)."""
        found = np.zeros((len(X), len(self.intercept)))
        for rows, u in self._chunks(X):
            factors: dict[int, np.ndarray] = {}
            for piece, coefficients in self.parts.items():
                if piece.features == features:
                    found[rows] += self.functions.applied(piece, u, coefficients, factors)
        return self.unit * found

    def moments(
        self, X: np.ndarray, chosen: Callable[[Piece], bool] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the predictor, or of some pieces alone; (n, k) each.

        The variance is that of the function: the mean over the structures of what each leaves open,
        and how far they differ.
        """
        shares, means, variances = self.by_member(X, chosen)
        mean, variance = mixed(shares, means, variances)
        return mean, variance

    def by_member(
        self, X: np.ndarray, chosen: Callable[[Piece], bool] | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shares of s structures (s,), and the moments under each, (s, n, k)."""
        if not self.members:
            raise AttributeError(NO_POSTERIOR)
        u = (X - self.baseline) / self.scale
        found = [one.moments(self.functions, u, chosen) for one in self.members]
        means, variances = (np.array(part) for part in zip(*found, strict=True))
        shares = np.array([one.share for one in self.members])
        centre = self.centre if chosen is None else 0.0
        return shares, centre + self.unit * means, self.unit**2 * variances

    @property
    def terms(self) -> list[tuple[int, ...]]:
        """Features of each curve and surface."""
        return sorted({piece.features for piece in self.parts}, key=lambda f: (len(f), f))
