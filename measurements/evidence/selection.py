"""Which terms the data ask for, by the evidence.

The evidence weighs fit against the room that a term takes (Occam's razor), and it estimates the
noise on the way; so linear terms, shapes and modulations compete, and no bar depends on the noise.

A term that is not there has a variance of 0, the end of its range.  There twice the log of the
ratio of evidences is 0 for half of all draws and chi-squared with one degree of freedom for the
other half (Self and Liang, 1987).  The bar follows from that and the number of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from measurements.evidence.evidence import Evidence
from measurements.evidence.kernels import Structure
from measurements.evidence.posterior import Posterior

TERMS = ("linear", "amplitude", "shape")


@dataclass(frozen=True)
class SelectionSettings:
    """The numbers of the selection; features and the response have unit size.

    Parameters
    ----------
    level : float
        Expected number of absent terms of one kind that are taken for present.
    relevances : tuple of float
        One search starts from each: relevance of every feature, times the root of d.
    linear, amplitude, shape : float
        Variances at the start, the last two divided by d.
    noise : float
        Variance of the noise at the start.
    explore, refine, recheck : int
        L-BFGS steps of each start; with a relevance for each pair; after a removal.
    negligible : float
        Nats.  What costs less is taken away without further steps.
    hopeless : float
        Nats.  A removal that costs more before the others adjust is not tried further.
    price : float
        Nats that each additional relevance must gain.
    folds : int
        Of the cross-fitting that chooses between linear, sparse and dense.
    errors : float
        Standard errors (of the paired difference) by which a larger candidate must be better.
    max_rows : int
        Rows that the search sees, drawn at random.  Its cost grows with their cube.
    """

    level: float = 0.1
    relevances: tuple[float, ...] = (0.1, 1.5)
    linear: float = 0.3
    amplitude: float = 0.3
    shape: float = 0.05
    noise: float = 0.1
    explore: int = 40
    refine: int = 60
    recheck: int = 8
    negligible: float = 0.05
    hopeless: float = 30.0
    price: float = 1.0
    folds: int = 5
    errors: float = 2.0
    max_rows: int = 500


@dataclass
class Candidate:
    """A structure, its -log evidence, and what the removal of each term costs in nats."""

    name: str
    structure: Structure
    value: float
    costs: dict


def bar(level: float, candidates: int) -> float:
    """Log ratio of evidences that ``level`` of that many absent terms exceed, in nats."""
    share = min(0.5, level / max(1, candidates))
    return 0.5 * float(chi2.isf(2 * share, 1))


# ---------------------------------------------------------------- taking terms away

# Kind, feature, and for a single relevance the modulating feature.
Removal = tuple[str, int, int]


def removals(structure: Structure) -> list[Removal]:
    """All that can be taken away: a term, a first-layer column, one modulation of one feature."""
    found = [(part, int(j), -1) for part in TERMS for j in np.flatnonzero(getattr(structure, part))]
    found += [("column", int(k), -1) for k in np.flatnonzero(structure.columns)]
    present = structure.relevance > 0
    # Where it is the last of its row or column, the term or the column says the same.
    several = (present.sum(0) > 1) & (present.sum(1) > 1)[:, None]
    found += [
        ("relevance", int(j), int(k)) for j, k in zip(*np.nonzero(present & several), strict=True)
    ]
    return found


def without(structure: Structure, removal: Removal) -> Structure:
    kind, j, k = removal
    if kind in TERMS:
        part = getattr(structure, kind).copy()
        part[j] = 0
        return structure.replace(**{kind: part}).tidy()
    relevance = structure.relevance.copy()
    if kind == "column":
        relevance[:, j] = 0
    else:
        relevance[j, k] = 0
    return structure.replace(relevance=relevance).tidy()


def drop_negligible(
    evidence: Evidence, structure: Structure, value: float, bar: float
) -> tuple[Structure, float]:
    """Without the terms and columns whose removal costs less than ``bar``, one after another."""
    for removal in removals(structure):
        if removal[0] == "relevance" or removal not in removals(structure):
            continue
        less = without(structure, removal)
        less_value = evidence.value(less)
        if less_value - value < bar:
            structure, value = less, less_value
    return structure, value


def prune(
    evidence: Evidence,
    structure: Structure,
    value: float,
    settings: SelectionSettings,
    shared: bool,
) -> tuple[Structure, float, dict[Removal, float]]:
    """Backward elimination: the cheapest removal, as long as it costs less than the bar."""
    d = len(structure.linear)
    # Any pair of features may interact, but only single ones have an effect of their own.
    alone, pair = bar(settings.level, d), bar(settings.level, d * (d - 1))
    while True:
        costs = {r: evidence.value(without(structure, r)) - value for r in removals(structure)}
        for removal in sorted(costs, key=costs.get):
            if costs[removal] > settings.hopeless:
                continue
            less = without(structure, removal)
            less, less_value = evidence.maximise(less, settings.recheck, shared)
            costs[removal] = less_value - value
            if costs[removal] < (alone if removal[0] in ("linear", "shape") else pair):
                structure, value = less, less_value
                break
        else:
            return structure, value, costs


# ---------------------------------------------------------------- the candidates


def linear_candidate(evidence: Evidence, settings: SelectionSettings) -> Candidate:
    """Without modulations and shapes."""
    d = evidence.x.shape[1]
    none = np.zeros(d)
    start = Structure(np.full(d, settings.linear), none, none, np.zeros((d, d)), settings.noise)
    found, value = evidence.maximise(start, settings.explore)
    found, value = drop_negligible(evidence, found, value, settings.negligible)
    return Candidate("linear", *prune(evidence, found, value, settings, False))


def dense_candidate(
    evidence: Evidence, settings: SelectionSettings, modulate: bool, bends: np.ndarray
) -> Candidate:
    """All terms, shrunken; one relevance per feature, as if one first layer served all terms.

    Parameters
    ----------
    bends : (d,) bool
        Features that may have a shape.
    """
    d = evidence.x.shape[1]
    found = []
    for relevance in settings.relevances if modulate and d > 1 else (0.0,):
        start = Structure(
            np.full(d, settings.linear),
            np.full(d, settings.amplitude / d),
            np.where(bends, settings.shape / d, 0.0),
            np.where(np.eye(d, dtype=bool), 0.0, relevance / np.sqrt(d)),
            settings.noise,
        )
        found.append(evidence.maximise(start.tidy(), settings.explore, shared=True))
    structure, value = min(found, key=lambda pair: pair[1])
    structure, value = drop_negligible(evidence, structure, value, settings.negligible)
    return Candidate("dense", structure, value, {})


def sparse_candidate(
    evidence: Evidence, dense: Candidate, settings: SelectionSettings
) -> Candidate:
    """The terms of the dense candidate that the data ask for.

    Each modulated feature gets relevances of its own where that pays.
    """
    found, value, costs = prune(evidence, dense.structure, dense.value, settings, True)
    more = int((found.relevance > 0).sum() - found.columns.sum())
    if more > 0:
        own, own_value = evidence.maximise(found, settings.refine)
        if value - own_value > settings.price * more:
            found, value, costs = prune(evidence, own, own_value, settings, False)
    else:
        found, value = evidence.maximise(found, settings.refine)
    return Candidate("sparse", found, value, costs)


def left_out_loss(
    evidence: Evidence, structure: Structure, settings: SelectionSettings, fold: np.ndarray
) -> np.ndarray:
    """Loss of each row, predicted from the other folds, (n,).

    The variances are sought afresh on each fold's training rows, from those of all rows; which of
    them are 0 stays.
    """
    family, x, y, weight = evidence.family, evidence.x, evidence.y, evidence.weight
    loss = np.empty(len(y))
    for i in range(fold.max() + 1):
        out = fold == i
        part = Evidence(family, x[~out], y[~out], weight[~out])
        fitted, _ = part.maximise(structure, settings.recheck)
        found = Posterior.of_all_rows(family, fitted, x[~out], y[~out], weight[~out])
        loss[out] = weight[out] * family.loss(found.predictor(x[out]), y[out])
    return loss


def choose(
    evidence: Evidence, candidates: list[Candidate], settings: SelectionSettings, rng
) -> tuple[Candidate, dict[str, float]]:
    """The simplest candidate within some standard errors of the best by cross-fitting.

    Parameters
    ----------
    candidates : the simplest first

    Returns
    -------
    Candidate, and the mean left-out loss of each
    """
    if len(candidates) == 1:
        return candidates[0], {}
    n = len(evidence.y)
    fold = rng.permutation(n) % min(settings.folds, n)
    losses = [left_out_loss(evidence, c.structure, settings, fold) for c in candidates]
    best = min(losses, key=lambda loss: loss.mean())
    means = {c.name: float(loss.mean()) for c, loss in zip(candidates, losses, strict=True)}
    for candidate, loss in zip(candidates, losses, strict=True):
        more = loss - best
        if more.mean() <= settings.errors * more.std() / np.sqrt(n):
            return candidate, means
    raise AssertionError("the best candidate is no worse than itself")
