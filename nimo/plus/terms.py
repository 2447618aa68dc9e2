"""What there is to read: each feature's line and curve, each surface, with what it is worth.

The share of the variance that a term explains is cov(term, predictor) / var(predictor) over the
training rows; shares add up to 1, and one is negative where a term works against others (Li et al.,
Global sensitivity analysis for systems with independent and/or correlated inputs, Journal of
Physical Chemistry A 114, 2010).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from nimo.plus.evidence import Posterior, Solution
from nimo.plus.model import AnchoredModel
from nimo.plus.pieces import Functions, Piece
from nimo.plus.problem import State
from nimo.plus.structures import Structure

#: Kind and features; curve, steps and what is missing of a feature are one curve, products and
#: modulations of the same features are one surface.
Key = tuple[str, tuple[int, ...]]


class Term(NamedTuple):
    """Something that a reader looks at.

    Attributes
    ----------
    kind : "line", "curve", "levels" or "surface"
    features : tuple of int
    names : tuple of str
    log_bayes_factor : float
        In nats, against the term's absence; the mean over the structures, 0 where it is absent.
    share : float
        Of the variance of the linear predictor over the training rows.
    """

    kind: str
    features: tuple[int, ...]
    names: tuple[str, ...]
    log_bayes_factor: float
    share: float


class Worth(NamedTuple):
    """As of :class:`Term`."""

    log_bayes_factor: float
    share: float


def key_of(piece: Piece) -> Key:
    """Of a piece that is not a line."""
    one = "levels" if piece.kind == "levels" else "curve"
    return (one if len(piece.features) == 1 else "surface"), piece.features


def columns_of(functions: Functions, pieces: Iterable[Piece]) -> dict[Key, np.ndarray]:
    """Columns of each term in a design whose first is the intercept."""
    found: dict[Key, list[int]] = {}
    for piece, place in functions.places(pieces):
        columns = range(place.start, place.stop)
        if piece.straight:
            for j, column in zip(piece.features, columns, strict=True):
                found.setdefault(("line", (j,)), []).append(column)
        else:
            found.setdefault(key_of(piece), []).extend(columns)
    return {key: np.array(columns) for key, columns in found.items()}


def factor(solution: Solution, columns: np.ndarray) -> float:
    """Log Bayes factor of some columns against their absence, as ``Solution.factors``."""
    return sum(_factor(one, columns) for one in solution.posteriors)


def _factor(one: Posterior, columns: np.ndarray) -> float:
    own = np.flatnonzero(np.isin(one.active, columns))
    values, vectors = np.linalg.eigh(one.inverse[np.ix_(own, own)])
    values = np.maximum(values, 1e-12)
    pull = vectors.T @ one.mean[own]
    return float(0.5 * (np.log(values).sum() + (pull**2 / values).sum()))


def present(state: State, functions: Functions) -> dict[Key, np.ndarray]:
    """Terms of a state and their columns."""
    solution = state.solution
    active = solution.variance[solution.blocks] > 0
    found = columns_of(functions, state.pieces)
    return {
        key: columns[active[columns]] for key, columns in found.items() if active[columns].any()
    }


def log_factors(functions: Functions, structures: list[Structure]) -> dict[Key, float]:
    """Mean over the structures, 0 where a term is absent."""
    found: dict[Key, float] = {}
    for one in structures:
        for key, columns in present(one.state, functions).items():
            own = one.share * factor(one.state.solution, columns)
            found[key] = found.get(key, 0.0) + own
    return found


def explained(parts: dict[Key, np.ndarray], weight: np.ndarray) -> dict[Key, float]:
    """Shares of the variance of their sum, from what terms add in n rows, (n, k) each."""
    if not parts:
        return {}
    eta = np.sum(list(parts.values()), axis=0)
    around = (eta - np.average(eta, axis=0, weights=weight)) * weight[:, None]
    total = float((around * eta).sum())
    if total <= 0:
        return dict.fromkeys(parts, 0.0)
    return {key: float((around * part).sum()) / total for key, part in parts.items()}


def shares(model: AnchoredModel, X: np.ndarray, weight: np.ndarray) -> dict[Key, float]:
    """Of the variance of the predictor over the rows X (n, d) that each term explains."""
    lines = model.lines(X)
    parts: dict[Key, np.ndarray] = {
        ("line", (int(j),)): lines[:, j] for j in np.flatnonzero((model.slope != 0).any(axis=1))
    }
    for key in dict.fromkeys(map(key_of, model.parts)):  # in an order that no hash decides
        parts[key] = model.term(key[1], X)
    return explained(parts, weight)


def worth(
    model: AnchoredModel, factors: dict[Key, float], X: np.ndarray, weight: np.ndarray
) -> dict[Key, Worth]:
    """Of each term of the model, with its log Bayes factors, over the rows X (n, d)."""
    return {
        key: Worth(factors.get(key, 0.0), share) for key, share in shares(model, X, weight).items()
    }


def numbered(of: dict[Key, Any], kept: np.ndarray) -> dict[Key, Any]:
    """For features whose numbers in the whole table are ``kept``."""
    return {
        (kind, tuple(int(kept[j]) for j in features)): value
        for (kind, features), value in of.items()
    }


def described(found: dict[Key, Worth], names: list[str]) -> list[Term]:
    """Terms, the largest share first."""
    terms = [
        Term(kind, features, tuple(names[j] for j in features), *own)
        for (kind, features), own in found.items()
    ]
    return sorted(terms, key=lambda one: -one.share)
