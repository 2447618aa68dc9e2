"""From products that were found to modulations of the same features.

The relevances of all modulations are sought together, on some of the rows, with what else is in the
model; its variances adjust.  Responses without noise of their own take part by the weights and
working responses of the current fit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nimo.plus.basis import at_baseline
from nimo.plus.modulation import Modulation, Rows, Tuned, negative_evidence, tune
from nimo.plus.pieces import Piece
from nimo.plus.problem import Problem, State

#: Rows that the relevances are sought on.
ROWS = 400
#: Relevances that the search starts from.
STARTS = (0.1, 1.5)
#: Steps of L-BFGS-B from each start, from the best of them, and after pairs have gone.
EXPLORE, SETTLE, RECHECK = 30, 40, 20
#: Variance of all modulations together where the search starts, and of a line that was not there.
UNIT = 0.1
#: Noise that the search begins with at least; with less, kernels are not positive to rounding.
FAINT_NOISE = 1e-4
#: Digits after the point that the search sees.
DIGITS = 6
#: Variance of a product, in units of the noise, that is none.
NOTHING = 1e-3


class Start(NamedTuple):
    """Pieces, their variances (b,), and the noise."""

    pieces: list[Piece]
    variance: np.ndarray
    noise: float


def modulated(
    problem: Problem,
    state: State,
    features: list[int],
    price: float,
    may: np.ndarray | None = None,
    single: bool = False,
) -> Start | None:
    """Pieces with modulations in the place of products of the same features.

    Parameters
    ----------
    features : (a,), in ascending order
    price : float
        Nats that a relevance has to gain.
    may : (a, a) bool
        Whether a feature (row) may be modulated by another; each by each unless given.
    single : bool
        Whether single modulators are offered to other features, beside whole modulations.

    Returns
    -------
    None where no modulation is left
    """
    pieces, variance = _others(problem, state, features)
    some = np.linspace(0, len(problem.u) - 1, min(len(problem.u), ROWS)).astype(int)
    rows = _rows(problem, state, pieces, features, some)
    noise = float(_rounded(np.array(max(state.solution.noise, FAINT_NOISE * problem.unit))))
    others = ~np.eye(len(features), dtype=bool)
    may = others if may is None else may & others
    tuned = _search(rows, _rounded(variance), noise, price, may, single)
    found, sizes = [], []
    for i in np.flatnonzero(tuned.alpha):
        acting = np.flatnonzero(tuned.relevance[i])
        inside = np.sort(np.r_[acting, i])
        own = int(np.searchsorted(inside, i))
        precision = (tuned.alpha[i] / (tuned.noise * rows.spread)).sum(axis=1)
        one = Modulation.of(rows.x[:, inside], own, tuned.relevance[i, inside], precision)
        if one.width == 0:
            continue
        piece = problem.functions.modulation(tuple(features[k] for k in inside), one)
        problem.columns(piece)
        found.append(piece)
        sizes.append(tuned.alpha[i] / problem.functions.scale[piece] ** 2)
    if not found:
        return None
    return Start(pieces + found, np.r_[tuned.variance, sizes], tuned.noise)


def _others(problem, state, features) -> tuple[list[Piece], np.ndarray]:
    """What stays, and a line of its own for all that acts; variances of their columns."""
    found: dict[Piece, float] = {}
    for piece, size in zip(state.pieces, state.variance, strict=True):
        inside = piece.kind == "product" and set(piece.features) <= set(features)
        if size == 0 or inside:
            continue
        if piece.kind == "lines":
            found |= {Piece("line", (j,)): size for j in features if j in piece.features}
            piece = Piece("lines", tuple(j for j in piece.features if j not in features))
        if piece.features:
            found[piece] = size
    for j in features:
        found.setdefault(Piece("line", (j,)), UNIT * problem.unit)
    return list(found), np.array(list(found.values()))


def _rows(problem, state, pieces, features, some) -> Rows:
    base = [problem.columns(piece)[some] for piece in pieces]
    blocks = [np.full(part.shape[1], i) for i, part in enumerate(base)]
    y, eta, weight = problem.y[some], state.eta[some], problem.weight[some, None]
    if problem.family.has_noise:
        target, spread = y, 1 / (weight * state.robust[some, None])
    else:
        curve = problem.family.curvature(eta, y)
        target, spread = eta + problem.family.score(eta, y) / curve, 1 / (weight * curve)
    # A search by gradients goes where the last digits lead it, and these depend on the unit of the
    # features and the order of sums: without them the same rows end in the same place.
    return Rows(
        np.round(at_baseline(problem.u[np.ix_(some, features)]), DIGITS),
        np.round(np.hstack([np.ones((len(some), 1)), *base]), DIGITS),
        np.concatenate([[-1], *blocks]),
        problem.unit,
        np.round(target, DIGITS),
        _rounded(spread),
        problem.family.has_noise,
    )


def _rounded(positive: np.ndarray) -> np.ndarray:
    return np.exp(np.round(np.log(positive), DIGITS))


def _search(rows: Rows, variance: np.ndarray, noise: float, price, may, single) -> Tuned:
    """From a few relevances for all pairs to those that say something."""
    size = np.where(may.any(axis=1), UNIT * rows.unit / len(may), 0.0)
    starts = (Tuned(size, one * may, variance, noise) for one in STARTS)
    best, _ = min((tune(rows, one, EXPLORE) for one in starts), key=lambda one: one[1])
    best, value = tune(rows, _tidy(best), SETTLE)
    best, value = _without_idle(rows, _tidy(best), value, price)
    return _handed_over(rows, best, value, price, may, single)


def _tidy(at: Tuned) -> Tuned:
    """Without relevances of nothing and modulations without any."""
    # with a small relevance a modulation is a product, whose variance is that of both
    variance = at.alpha[:, None] * at.relevance
    relevance = np.where(variance > NOTHING * at.noise, at.relevance, 0.0)
    alpha = np.where(relevance.any(axis=1), at.alpha, 0.0)
    return replace(at, alpha=alpha, relevance=np.where(alpha[:, None] > 0, relevance, 0.0))


def _without(at: Tuned, edges: list[tuple[int, int]]) -> Tuned:
    relevance = at.relevance.copy()
    relevance[tuple(np.transpose(edges))] = 0.0
    return _tidy(replace(at, relevance=relevance))


def _without_idle(rows: Rows, at: Tuned, value: float, price: float) -> tuple[Tuned, float]:
    """Without relevances that say nothing: as many at a time as cost no more than they may."""

    def cost(edges):
        return negative_evidence(rows, _without(at, edges), derivative=False)[0] - value

    while True:
        edges = [(int(j), int(k)) for j, k in zip(*np.nonzero(at.relevance), strict=True)]
        costs = sorted((cost([edge]), edge) for edge in edges)
        gone = [edge for one, edge in costs if one < price]
        while len(gone) > 1 and cost(gone) > price * len(gone):
            gone = gone[: len(gone) // 2]
        if not gone:
            return at, value
        at, value = tune(rows, _without(at, gone), RECHECK)
        at = _tidy(at)


def _handed_over(
    rows: Rows, at: Tuned, value: float, price: float, may: np.ndarray, single: bool
) -> Tuned:
    """Without modulations that others can do as well.

    A product can be written as a term of either factor, and small steps do not lead from one to the
    other.
    """
    while True:
        terms = [int(j) for j in np.flatnonzero(at.alpha)]
        less = [_with_hands_changed(at, j, may) for j in terms] if len(terms) > 1 else []
        if single:
            edges = zip(*np.nonzero(at.relevance), strict=True)
            less += [_with_one_handed_over(at, int(j), int(k), may) for j, k in edges if may[k, j]]
        cost = [negative_evidence(rows, one, derivative=False)[0] for one in less]
        total = value + price * np.count_nonzero(at.relevance)
        for i in np.argsort(cost, kind="stable"):
            other, found = tune(rows, less[i], RECHECK)
            if found >= total:
                continue
            other, found = _without_idle(rows, _tidy(other), found, price)
            if found + price * np.count_nonzero(other.relevance) < total:
                at, value = other, found
                break
        else:
            return at


def _with_one_handed_over(at: Tuned, j: int, k: int, may: np.ndarray) -> Tuned:
    """k modulates j no more; j, and whatever else modulates j, modulates k."""
    alpha, relevance = at.alpha.copy(), at.relevance.copy()
    taken = relevance[j].copy()
    taken[j], taken[k], relevance[j, k] = max(taken[k], STARTS[0]), 0.0, 0.0
    relevance[k] = np.maximum(relevance[k], np.where(may[k], taken, 0.0))
    if alpha[k] == 0:
        alpha[k] = np.median(alpha[alpha > 0])
    return _tidy(replace(at, alpha=alpha, relevance=relevance))


def _with_hands_changed(at: Tuned, j: int, may: np.ndarray) -> Tuned:
    """Without the modulation of j; what it acts with takes over j and what modulates it."""
    alpha, relevance = at.alpha.copy(), at.relevance.copy()
    row, alpha[j], relevance[j] = relevance[j].copy(), 0.0, 0.0
    for k in np.flatnonzero(alpha):
        if row[k] > 0 or relevance[k, j] > 0:
            taken = row.copy()
            taken[j], taken[k] = max(row[k], relevance[k, j]), 0.0
            relevance[k] = np.maximum(relevance[k], np.where(may[k], taken, 0.0))
    return replace(at, alpha=alpha, relevance=relevance)
