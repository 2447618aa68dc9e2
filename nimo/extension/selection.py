"""Which terms the data ask for, by the evidence.

The evidence weighs fit against the room that a term takes (Occam's razor), and it estimates the
noise on the way; so linear terms, shapes and modulations compete, and no bar depends on the noise.

A term that is not there has a variance of 0, the end of its range.  There twice the log of the
ratio of evidences is 0 for half of all draws and chi-squared with one degree of freedom for the
other half (Self and Liang, 1987).  The bar follows from that and the number of candidates.
The same bars charge a whole structure for what was chosen, so that a few terms picked from many
compete on equal terms with a variance that all lines have in common, where nothing was picked.

A feature that bends or is modulated acts anyway.  Its line is not one more choice among all
features, and comes without a bar (marginality: Nelder, 1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from nimo.extension.evidence import Evidence
from nimo.extension.kernels import CURVES, TERMS, Removal, Structure, places
from nimo.extension.posterior import Posterior
from nimo.numbers import SelectionSettings


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


def carried(structure: Structure) -> np.ndarray:
    """(d,) bool, features whose line comes with their shape or modulation.

    None in the tied model, where the line carries the modulation, and none where all lines have a
    variance in common.
    """
    apart = structure.tied or structure.common > 0
    return np.zeros(len(structure.linear), dtype=bool) if apart else structure.acting


@dataclass(frozen=True)
class Bars:
    """Nats that each kind of term has to gain; what a structure with all of its terms has to.

    Parameters
    ----------
    alone, curve, pair : a line; a curve of one sort; a modulation
    carried : the line of a feature that acts anyway
    """

    alone: float
    curve: float
    pair: float
    carried: float

    @staticmethod
    def of(d: int, settings: SelectionSettings) -> Bars:
        """Any pair of d features may interact; each may have a line and curves of two sorts."""
        return Bars(
            alone=bar(settings.level, d),
            curve=bar(settings.level, len(CURVES) * d),
            pair=bar(settings.level, d * (d - 1)),
            carried=settings.negligible,
        )

    def of_removal(self, structure: Structure, removal: Removal) -> float:
        kind, j, _ = removal
        if kind == "linear" and carried(structure)[j]:
            return self.carried
        if kind in ("linear", "common"):  # the common variance brings as many lines as there are
            return self.alone
        return self.curve if kind in CURVES else self.pair

    def total(self, structure: Structure) -> float:
        """Of all terms; a modulation is the choice of two features."""
        lines = (structure.linear > 0) & ~carried(structure)
        chosen = [lines, structure.amplitude > 0, structure.columns]
        single = sum(int(part.sum()) for part in chosen) + int(structure.common > 0)
        curves = sum(int((getattr(structure, part) > 0).sum()) for part in CURVES)
        return self.alone * single + self.curve * curves


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
    limits = Bars.of(len(structure.linear), settings)
    kinds = (*TERMS, "common", "column") if shared else None

    while True:
        costs = evidence.costs(structure, value, kinds)
        # Given steps for it, a curve learns to do without its line.
        lines = [("linear", j, -1) for j in places(carried(structure))]
        costs = {r: cost for r, cost in costs.items() if r not in lines or cost < limits.carried}
        cheap = sorted(
            (r for r, cost in costs.items() if cost < limits.of_removal(structure, r)),
            key=costs.__getitem__,
        )
        # Many at once, as long as all of them cost less than one may.
        while len(cheap) > 1:
            less = structure
            for removal in cheap:
                less = less.without(removal)
            less, less_value = evidence.maximise(less, settings.recheck, shared)
            if less_value - value < limits.alone:
                structure, value = less, less_value
                break
            cheap = cheap[: len(cheap) // 2]
        else:
            for removal in sorted(costs, key=costs.__getitem__):
                if costs[removal] > settings.hopeless:
                    return structure, value
                less = structure.without(removal)
                less, less_value = evidence.maximise(less, settings.recheck, shared)
                if less_value - value < limits.of_removal(structure, removal):
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
    limit = Bars.of(len(structure.linear), settings).alone
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
        less = _handed_over(structure, left[0], evidence.may)
        less, less_value = evidence.maximise(less, settings.explore, shared=True)
        less, less_value = drop_negligible(evidence, less, less_value, settings.negligible)
        if less_value - value < limit:
            structure, value = less, less_value


def _handed_over(structure: Structure, j: int, may: np.ndarray) -> Structure:
    """Without the line of j; others may be moved by j and by all that moved anything."""
    less = structure.without(("linear", j, -1))
    columns = structure.relevance.max(0)
    columns[j] = max(columns[j], structure.relevance[j].max())
    present = structure.amplitude[structure.amplitude > 0]
    amplitude = np.where(less.amplitude > 0, less.amplitude, np.median(present))
    relevance = np.where(may, columns, 0.0)
    return less.replace(amplitude=amplitude, relevance=relevance).tidy()


def hand_over(
    evidence: Evidence, structure: Structure, value: float, settings: SelectionSettings
) -> tuple[Structure, float]:
    """Modulations change hands where that makes a better structure.

    A product x_j x_k h can be written as a term of either factor.  Neither removals nor small steps
    lead from one to the other.
    """
    bars = Bars.of(len(structure.linear), settings)
    tried: set[tuple[int, int]] = set()
    while True:
        present = structure.relevance > 0
        may = (structure.linear > 0) | (not structure.tied)
        moves = np.argwhere(present & ~present.T & may)
        for j, k in sorted({(int(j), int(k)) for j, k in moves} - tried):
            tried.add((j, k))
            other = _with_hands_changed(structure, j, k, evidence.may)
            other, found = evidence.maximise(other, settings.recheck)
            other, found = drop_negligible(evidence, other, found, settings.negligible)
            other, found = _without_idle_line(evidence, other, found, j, bars)
            if found + bars.total(other) < value + bars.total(structure):
                structure, value = prune(evidence, other, found, settings, False)
                break
        else:
            return structure, value


def _without_idle_line(
    evidence: Evidence, structure: Structure, value: float, j: int, bars: Bars
) -> tuple[Structure, float]:
    """Without the line of j, if j does not act any more and the line is not worth its bar."""
    if structure.linear[j] == 0 or structure.tied or structure.acting[j]:
        return structure, value
    line: Removal = ("linear", j, -1)
    cost = evidence.costs(structure, value, ("linear",))[line]
    return (structure.without(line), value + cost) if cost < bars.alone else (structure, value)


def _with_hands_changed(structure: Structure, j: int, k: int, allowed: np.ndarray) -> Structure:
    """k modulates j no more; j, and whatever else modulates j, modulates k, which has a line."""
    relevance, amplitude = structure.relevance.copy(), structure.amplitude.copy()
    linear = structure.linear.copy()
    row = relevance[j].copy()
    row[j], row[k] = row[k], 0.0
    relevance[j, k] = 0.0
    relevance[k] = np.maximum(relevance[k], np.where(allowed[k], row, 0.0))
    if amplitude[k] == 0:
        amplitude[k] = np.median(amplitude[amplitude > 0])
    if linear[k] == 0 and structure.common == 0:
        linear[k] = amplitude[k]
    return structure.replace(linear=linear, relevance=relevance, amplitude=amplitude).tidy()


# ---------------------------------------------------------------- the candidates


def _unit(evidence: Evidence, settings: SelectionSettings) -> float:
    return settings.logit if evidence.family.name == "binomial" else 1.0


def linear_candidate(evidence: Evidence, settings: SelectionSettings) -> Candidate:
    """Without modulations and shapes."""
    d = evidence.x.shape[1]
    none = np.zeros(d)
    unit = settings.linear * _unit(evidence, settings)
    start = Structure(np.full(d, unit), none, none, none, np.zeros((d, d)), settings.noise)
    found, value = evidence.maximise(start, settings.explore)
    found, value = drop_negligible(evidence, found, value, settings.negligible)
    chosen = Candidate("linear", *prune(evidence, found, value, settings, False))
    if not settings.common:
        return chosen
    ridge, value = evidence.maximise(start.replace(linear=none, common=unit / d), settings.explore)
    shrunken = [with_common(evidence, chosen, settings), Candidate("linear", ridge, value)]
    return cheapest([chosen, *shrunken], settings)


def dense_candidate(
    evidence: Evidence,
    settings: SelectionSettings,
    bends: np.ndarray,
    interacts: np.ndarray,
    tied: bool = False,
    late: bool = False,
    held: float | None = None,
) -> Candidate:
    """All terms, shrunken; one relevance per feature, as if one first layer served all terms.

    Steps and bumps can say what a line and a smooth shape say together, and do not give it back.
    Modulations too short to be seen can say what the noise says, and do not give that back either.

    Parameters
    ----------
    bends, interacts : (d,) bool
        Features that may have a shape; that may modulate and be modulated.
    tied : bool
        Whether only features with a line may be modulated.
    late : bool
        Whether steps and bumps come in last, for the features whose smooth shape has stayed.
    held : float, optional
        Variance of the noise in the first third of the steps, where the most is dropped.  None: it
        is sought from the start.
    """
    d = evidence.x.shape[1]
    found, unit = [], _unit(evidence, settings)
    curved = np.where(bends, unit * settings.shape / d, 0.0)
    for relevance in settings.relevances if d > 1 else (0.0,):
        structure = Structure(
            np.full(d, unit * settings.linear),
            np.where(interacts, unit * settings.linear / d, 0.0),
            curved,
            np.zeros(d) if late else curved,
            np.where(interacts & evidence.may, relevance / np.sqrt(d), 0.0),
            settings.noise if held is None else held,
            tied,
        ).tidy()
        for third in range(3):
            hold = held is not None and third == 0
            if late and third == 2:
                structure = structure.replace(bump=np.where(structure.bent, curved, 0.0))
            steps = settings.explore // 3
            structure, value = evidence.maximise(structure, steps, shared=True, hold_noise=hold)
            structure, value = drop_negligible(evidence, structure, value, settings.negligible)
        found.append((structure, value))
    return Candidate("dense", *min(found, key=lambda pair: pair[1]))


def sparse_candidate(
    evidence: Evidence, dense: Candidate, settings: SelectionSettings
) -> Candidate:
    """The terms of the dense candidate that the data ask for.

    Each modulated feature gets relevances of its own where that pays, and each modulation is
    offered to the other factor.
    """
    found, value = dense.structure, dense.value
    if found.tied:
        found, value = drop_unsure_lines(evidence, found, value, settings)
    found, value = prune(evidence, found, value, settings, True)
    more = int((found.relevance > 0).sum() - found.columns.sum())
    own, own_value = evidence.maximise(found, settings.explore)
    if more == 0 or value - own_value > settings.price * more:
        found, value = prune(evidence, own, own_value, settings, False)
    found, value = hand_over(evidence, found, value, settings)
    chosen = Candidate("sparse", found, value)
    if not settings.common:
        return chosen
    return cheapest([chosen, with_common(evidence, chosen, settings)], settings)


def with_common(evidence: Evidence, candidate: Candidate, settings: SelectionSettings) -> Candidate:
    """All lines get a variance in common, and what that makes needless is taken away."""
    d = len(candidate.structure.linear)
    common = settings.linear * _unit(evidence, settings) / d
    found, value = evidence.maximise(candidate.structure.replace(common=common), settings.explore)
    return Candidate(candidate.name, *prune(evidence, found, value, settings, False))


def cheapest(candidates: list[Candidate], settings: SelectionSettings) -> Candidate:
    """The candidate whose -log evidence and bars sum to the least, the first where these are equal.

    Each term pays what :func:`prune` asks of it.  Without that, the best few of many weak lines
    look better than all of them shrunken alike, and predict worse.
    """
    bars = Bars.of(len(candidates[0].structure.linear), settings)
    return min(candidates, key=lambda c: c.value + bars.total(c.structure))
