"""What the residual asks for: score tests of pieces that are not there.

The statistic is the derivative of the evidence with respect to the variance of the piece, at 0, in
units of its standard deviation where the piece is absent: (|Z's|^2 - tr Z'VZ) / sqrt(2 |Z'VZ|^2_F)
with s the derivative of the log-likelihood in each row and V its variance (Lin, Variance component
testing in generalised linear models with random effects, Biometrika 84, 1997).  What chance makes
of it is that of a chi-squared variable with the same two moments (Satterthwaite, Biometrics 2,
1946).
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from nimo.plus.basis import at_baseline, product
from nimo.plus.levels import LevelBasis
from nimo.plus.pieces import Piece
from nimo.plus.problem import Problem, State

#: Rows from which the variance of the statistic of products is estimated.
SOME_ROWS = 300
#: Features among which triples are looked for, those of the strongest pieces first.
TRIPLE_FEATURES = 12
#: Share of absent pieces that are tried at most.
ASKED = 1 / 12
#: Of the pieces tried at a time, how many are expected to be absent.
FALSE_SHARE = 0.5


class Candidate(NamedTuple):
    """A piece with its statistic, and how likely one as large is where the piece is absent."""

    score: float
    chance: float
    piece: Piece


def worth_trying(asked: list[Candidate]) -> list[Piece]:
    """Those asked for most, as long as chance explains no more than half of them.

    Benjamini and Hochberg's rule (Journal of the Royal Statistical Society B 57, 1995).
    """
    ordered = sorted(asked, key=lambda one: (one.chance, -one.score))
    chance = np.array([one.chance for one in ordered])
    expected = len(ordered) * chance / np.arange(1, len(ordered) + 1)
    inside = np.flatnonzero((chance < ASKED) & (expected <= FALSE_SHARE))
    return [one.piece for one in ordered[: 1 + inside[-1]]] if len(inside) else []


def _candidates(pieces, pull, mean, square) -> list[Candidate]:
    """From |Z's|^2, tr Z'VZ and |Z'VZ|^2_F of each piece."""
    pull, mean = np.array(pull), np.array(mean)
    square = np.array(square) + 1e-300
    score, freedom = (pull - mean) / np.sqrt(2 * square), np.maximum(mean**2 / square, 1e-6)
    chance = chi2.sf(freedom * pull / np.maximum(mean, 1e-300), freedom)
    found = zip(score, chance, pieces, strict=True)
    return [Candidate(float(z), float(p), piece) for z, p, piece in found]


def _scores(problem: Problem, state: State) -> tuple[np.ndarray, np.ndarray]:
    """s and V, (n, k) each."""
    if problem.family.has_noise:
        weight = (problem.weight * state.robust / state.solution.noise)[:, None]
        return weight * (problem.y - state.eta), weight
    weight = problem.weight[:, None] / state.solution.noise
    family = problem.family
    score, curve = family.score(state.eta, problem.y), family.curvature(state.eta, problem.y)
    return weight * score, weight * curve


def shapes(problem: Problem, state: State) -> list[Candidate]:
    """Pieces of one feature that are not there.

    Steps are asked for with the curve of their feature: what is smooth they would say with slopes
    that change next to the baseline, and the evidence tells the two apart only where both are.
    """
    score, curve = _scores(problem, state)
    root = np.sqrt(problem.weight)[:, None]
    pieces, found = [], []
    for j, basis in enumerate(problem.functions.bases):
        straight = np.ones((len(problem.u), 1))
        if not isinstance(basis, LevelBasis):
            straight = np.column_stack([straight, at_baseline(problem.u[:, j])])
        for piece in [Piece(kind, (j,)) for kind in basis.kinds]:
            if piece in state.pieces:
                continue
            z = problem.columns(piece)
            # what the intercept and the line can say is theirs
            z = z - straight @ np.linalg.lstsq(root * straight, root * z)[0]
            pull, mean, square = float(((z.T @ score) ** 2).sum()), 0.0, 0.0
            for variance in curve.T:
                own = (z * variance[:, None]).T @ z
                mean += np.trace(own)
                square += float((own**2).sum())
            pieces.append(piece)
            found.append((pull, mean, square))
    asked = _candidates(pieces, *zip(*found, strict=True)) if found else []
    steps = {one.piece.features: one for one in asked if one.piece.kind == "steps"}
    return [
        one._replace(score=max(one.score, with_.score), chance=min(one.chance, with_.chance))
        if one.piece.kind == "curve" and (with_ := steps.get(one.piece.features))
        else one
        for one in asked
    ]


class Products:
    """Products of two features or three."""

    def __init__(self, problem: Problem):
        bases, u = problem.functions.bases, problem.u
        self.problem = problem
        factor = problem.functions.factor
        self.factors = [factor(j, u, problem.factors) for j in range(len(bases))]
        self.all = np.hstack(self.factors)
        self.first = np.cumsum([0, *(f.shape[1] for f in self.factors[:-1])])
        self.size = np.stack([(f**2).sum(axis=1) for f in self.factors], axis=1)
        n = len(u)
        self.some = np.linspace(0, n - 1, min(n, SOME_ROWS)).astype(int)
        own = [f[self.some] for f in self.factors]
        self.square = np.stack([((f @ f.T) ** 2).ravel() for f in own])
        # pairs of different rows stand for all such pairs, a row with itself for n of these
        m = len(self.some)
        off = n * (n - 1) / (m * (m - 1)) if m > 1 else 1.0
        self.share = np.where(np.eye(m, dtype=bool).ravel(), n / m, off)

    def _pairs_of(self, curve):
        weight = [np.outer(v, v).ravel() * self.share for v in curve[self.some].T]
        return np.sum(weight, axis=0)

    def pairs(self, state: State) -> list[Candidate]:
        """Every product of two that is not there."""
        score, curve = _scores(self.problem, state)
        d = len(self.factors)
        pull, mean = np.zeros((d, d)), np.zeros((d, d))
        for s, v in zip(score.T, curve.T, strict=True):
            sums = (self.all * s[:, None]).T @ self.all
            pull += np.add.reduceat(np.add.reduceat(sums**2, self.first, 0), self.first, 1)
            mean += (self.size * v[:, None]).T @ self.size
        square = (self.square * self._pairs_of(curve)) @ self.square.T
        have = {piece.features for piece in state.pieces if piece.kind == "product"}
        new = [pair for pair in combinations(range(d), 2) if pair not in have]
        at = tuple(np.array(new, dtype=int).reshape(-1, 2).T)
        pieces = [Piece("product", pair) for pair in new]
        return _candidates(pieces, pull[at], mean[at], square[at])

    def triples(self, state: State, features: list[int]) -> list[Candidate]:
        """Products of three of the given features that are not there."""
        score, curve = _scores(self.problem, state)
        have = {piece.features for piece in state.pieces if piece.kind == "product"}
        pairs, pieces, found = self._pairs_of(curve), [], []
        total = curve.sum(axis=1)
        for key in combinations(sorted(features), 3):
            if key in have:
                continue
            i, j, k = key
            two = product([self.factors[i], self.factors[j]])
            pull = sum(
                float((((two * s[:, None]).T @ self.factors[k]) ** 2).sum()) for s in score.T
            )
            mean = float((self.size[:, i] * self.size[:, j] * self.size[:, k]) @ total)
            square = float((self.square[i] * self.square[j] * self.square[k]) @ pairs)
            pieces.append(Piece("product", key))
            found.append((pull, mean, square))
        return _candidates(pieces, *zip(*found, strict=True)) if found else []
