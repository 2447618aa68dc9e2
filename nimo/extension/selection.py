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

from nimo.extension.evidence import Evidence
from nimo.extension.kernels import CURVES, TERMS, Structure
from nimo.extension.posterior import Posterior
from nimo.extension.settings import SelectionSettings


@dataclass
class Candidate:
    """A structure and its -log evidence."""

    name: str
    structure: Structure
    value: float


def bar(level: float, candidates: int) -> float:
    """Log ratio of evidences that ``level`` of that many absent terms exceed, in nats."""
    share = min(0.5, level / max(1, candidates))
    return 0.5 * float(chi2.isf(2 * share, 1))


# ---------------------------------------------------------------- taking terms away


def drop_negligible(
    evidence: Evidence, structure: Structure, value: float, bar: float
) -> tuple[Structure, float]:
    """Without the terms and columns that together cost less than ``bar`` each."""
    while True:
        costs = evidence.costs(structure, value, ("column", *TERMS))
        doomed = sorted((r for r, cost in costs.items() if cost < bar), key=costs.__getitem__)
        while doomed:
            less = structure
            for removal in doomed:
                less = less.without(removal)
            less_value = evidence.value(less)
            if less_value - value < bar * len(doomed):
                structure, value = less, less_value
                break
            doomed = doomed[: len(doomed) // 2]
        else:
            return structure, value


def prune(
    evidence: Evidence,
    structure: Structure,
    value: float,
    settings: SelectionSettings,
    shared: bool,
) -> tuple[Structure, float]:
    """Backward elimination: the cheapest removals, as long as together they cost less than the bar.

    Parameters
    ----------
    shared : bool
        Whether a feature has one relevance for all that it may modulate.  If so, only terms and
        whole columns are taken away, else single modulations too.
    """
    d = len(structure.linear)
    # Any pair of features may interact; single ones may have a line and curves of two sorts.
    alone, pair = bar(settings.level, d), bar(settings.level, d * (d - 1))
    curve = bar(settings.level, len(CURVES) * d)
    bars = {"linear": alone, **dict.fromkeys(CURVES, curve)}
    kinds = (*TERMS, "column") if shared else None

    def limit(removal):
        return bars.get(removal[0], pair)

    while True:
        costs = evidence.costs(structure, value, kinds)
        cheap = sorted((r for r, cost in costs.items() if cost < limit(r)), key=costs.__getitem__)
        # Many at once, as long as all of them cost less than one may.
        while len(cheap) > 1:
            less = structure
            for removal in cheap:
                less = less.without(removal)
            less, less_value = evidence.maximise(less, settings.recheck, shared)
            if less_value - value < alone:
                structure, value = less, less_value
                break
            cheap = cheap[: len(cheap) // 2]
        else:
            for removal in sorted(costs, key=costs.__getitem__):
                if costs[removal] > settings.hopeless:
                    return structure, value
                less = structure.without(removal)
                less, less_value = evidence.maximise(less, settings.recheck, shared)
                if less_value - value < limit(removal):
                    structure, value = less, less_value
                    break
            else:
                return structure, value


def drop_unsure_lines(
    evidence: Evidence, structure: Structure, value: float, settings: SelectionSettings
) -> tuple[Structure, float]:
    """Without features that are moved though their coefficient may be 0, where others can do it.

    A product x_j x_k h can be written as a term of either factor.  In the tied model it has to be
    that of the one with an effect at the baseline, which takes more steps to see than a removal
    gets in :func:`prune`.
    """
    limit = bar(settings.level, len(structure.linear))
    tried: set[int] = set()
    while True:
        family, weight = evidence.family, evidence.weight
        found = Posterior.of_all_rows(family, structure, evidence.x, evidence.y, weight)
        size = np.abs(found.coef) / np.sqrt(np.maximum(found.coef_variance, 1e-300))
        moved = np.flatnonzero((structure.amplitude > 0) & (size < settings.unsure))
        left = [int(j) for j in moved[np.argsort(size[moved])] if int(j) not in tried]
        if not left:
            return structure, value
        tried.add(left[0])
        less = _handed_over(structure, left[0])
        less, less_value = evidence.maximise(less, settings.explore, shared=True)
        less, less_value = drop_negligible(evidence, less, less_value, settings.negligible)
        if less_value - value < limit:
            structure, value = less, less_value


def _handed_over(structure: Structure, j: int) -> Structure:
    """Without the line of j; every other may be moved by j and by all that moved anything."""
    less = structure.without(("linear", j, -1))
    columns = structure.relevance.max(0)
    columns[j] = max(columns[j], structure.relevance[j].max())
    present = structure.amplitude[structure.amplitude > 0]
    amplitude = np.where(less.amplitude > 0, less.amplitude, np.median(present))
    relevance = np.tile(columns, (len(columns), 1))
    np.fill_diagonal(relevance, 0.0)
    return less.replace(amplitude=amplitude, relevance=relevance).tidy()


# ---------------------------------------------------------------- the candidates


def _unit(evidence: Evidence, settings: SelectionSettings) -> float:
    return settings.logit if evidence.family.name == "binomial" else 1.0


def linear_candidate(evidence: Evidence, settings: SelectionSettings) -> Candidate:
    """Without modulations and shapes."""
    d = evidence.x.shape[1]
    none = np.zeros(d)
    linear = np.full(d, settings.linear * _unit(evidence, settings))
    start = Structure(linear, none, none, none, np.zeros((d, d)), settings.noise)
    found, value = evidence.maximise(start, settings.explore)
    found, value = drop_negligible(evidence, found, value, settings.negligible)
    return Candidate("linear", *prune(evidence, found, value, settings, False))


def dense_candidate(
    evidence: Evidence,
    settings: SelectionSettings,
    bends: np.ndarray,
    interacts: np.ndarray,
    tied: bool = False,
) -> Candidate:
    """All terms, shrunken; one relevance per feature, as if one first layer served all terms.

    Parameters
    ----------
    bends, interacts : (d,) bool
        Features that may have a shape; that may modulate and be modulated.
    tied : bool
        Whether only features with a line may be modulated.
    """
    d = evidence.x.shape[1]
    found, unit = [], _unit(evidence, settings)
    curved = np.where(bends, unit * settings.shape / d, 0.0)
    for relevance in settings.relevances if d > 1 else (0.0,):
        structure = Structure(
            np.full(d, unit * settings.linear),
            np.where(interacts, unit * settings.linear / d, 0.0),
            curved,
            curved,
            np.where(interacts & ~np.eye(d, dtype=bool), relevance / np.sqrt(d), 0.0),
            settings.noise,
            tied,
        ).tidy()
        for _ in range(3):
            structure, value = evidence.maximise(structure, settings.explore // 3, shared=True)
            structure, value = drop_negligible(evidence, structure, value, settings.negligible)
        found.append((structure, value))
    return Candidate("dense", *min(found, key=lambda pair: pair[1]))


def sparse_candidate(
    evidence: Evidence, dense: Candidate, settings: SelectionSettings
) -> Candidate:
    """The terms of the dense candidate that the data ask for.

    Each modulated feature gets relevances of its own where that pays.
    """
    found, value = dense.structure, dense.value
    if found.tied:
        found, value = drop_unsure_lines(evidence, found, value, settings)
    found, value = prune(evidence, found, value, settings, True)
    more = int((found.relevance > 0).sum() - found.columns.sum())
    own, own_value = evidence.maximise(found, settings.explore)
    if more == 0 or value - own_value > settings.price * more:
        found, value = prune(evidence, own, own_value, settings, False)
    return Candidate("sparse", found, value)


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
    """The simplest candidate that no larger one is clearly better than.

    The evidence decides between linear and sparse.  The dense candidate has kept what each by
    itself is not sure to be there; together it may be worth keeping.  It is taken if the evidence
    says so and left-out rows are predicted better by some standard errors.

    Parameters
    ----------
    candidates : the simplest first, one of each name at most

    Returns
    -------
    Candidate, and the mean left-out loss of those that were compared by it
    """
    best, *larger = candidates
    means: dict[str, float] = {}
    for other in larger:
        if not _worth(other, best, settings):
            continue
        if other.name == "dense":
            fold = rng.permutation(len(evidence.y)) % min(settings.folds, len(evidence.y))
            losses = [left_out_loss(evidence, c.structure, settings, fold) for c in (best, other)]
            means = {best.name: float(losses[0].mean()), other.name: float(losses[1].mean())}
            gain = losses[0] - losses[1]
            if gain.mean() <= settings.errors * gain.std() / np.sqrt(len(gain)):
                continue
        best = other
    return best, means


def _worth(larger: Candidate, smaller: Candidate, settings: SelectionSettings) -> bool:
    """Whether the evidence gains the price of each variance and relevance more."""
    more = larger.structure.parameters - smaller.structure.parameters
    return smaller.value - larger.value > settings.price * max(0, more)
