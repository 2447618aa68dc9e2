"""A few structures of the same rows, and how much each says.

Which pieces there are is uncertain, and so is whether the noise is normal.  The mean of models of
this kind is again one: its coefficients, curves and surfaces are the means of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.plus.noise import FREEDOM
from nimo.plus.problem import Problem, State
from nimo.plus.search import PIECE_KINDS, Search
from nimo.plus.smoothness import smooth_first

#: What has to pass its threshold, the sparsest structure first: everything, what acts together,
#: nothing.
PRUNED = (PIECE_KINDS, ("product", "modulation"), ())
#: By ``noise=``: whether it is Student's t.
NOISES = {"auto": (False, True), "normal": (False,), "t": (True,)}
#: Share of t noise from which relevances are sought under it.
CLEARLY = 0.6


@dataclass(frozen=True)
class Structure:
    """One structure and its share in the mean."""

    state: State
    heavy: bool
    share: float


def find(search: Search, noise: str, count: int) -> list[Structure]:
    """
    Parameters
    ----------
    search : Search
    noise : "auto", "normal" or "t"
        Of a response with noise.
    count : 1, 2 or 3
        Structures of each kind of noise, the sparsest first.  With 1 there is one structure in all,
        with the noise that has more evidence.  With "auto" t noise takes part where it has more
        evidence for the main effects.
    """
    problem = search.problem
    noises = NOISES[noise] if problem.family.has_noise else (False,)
    found: dict[bool, list[tuple[State, float]]] = {}
    mains = {heavy: search.main_effects(heavy) for heavy in noises}
    if len(mains) == 2 and mains[True].value >= mains[False].value:
        del mains[True]
    full = {}
    for heavy in mains:
        mains[heavy] = smooth_first(problem, mains[heavy], search.thresholds, heavy)
        state = search.interactions(mains[heavy], heavy)
        full[heavy] = smooth_first(problem, state, search.thresholds, heavy)
    # relevances are sought once, under t noise where that says clearly more
    both = len(full) == 2
    share = _shares(problem, full[True]) if both else dict.fromkeys(full, 1.0)
    best = share.get(True, 0.0) > CLEARLY
    start = search.modulations(full[best], best)
    for heavy, state in full.items():
        whole = search.refined(state, start, heavy) if start else state
        each = [search.pruned(whole, kinds, heavy) for kinds in PRUNED[:count]]
        earned = 1.0 if count == 1 else _earned(search, mains[heavy], whole)
        found[heavy] = [(one, earned / count) for one in each]
        if earned < 1:
            found[heavy].append((search.pruned(mains[heavy], (), heavy), 1 - earned))
    if both:
        share = _shares(problem, found[True][0][0])
        if count == 1:
            best = min(found, key=lambda heavy: found[heavy][0][0].value)
            found, share = {best: found[best]}, {best: 1.0}
    several = [
        Structure(state, heavy, share[heavy] * own)
        for heavy, states in found.items()
        for state, own in states
    ]
    return _merged(several)


def _merged(several: list[Structure]) -> list[Structure]:
    """Where nothing fell short of its threshold two of them are the same."""
    found: dict[int, Structure] = {}
    for one in several:
        before = found.get(id(one.state))
        share = one.share + (before.share if before else 0.0)
        found[id(one.state)] = Structure(one.state, one.heavy, share)
    return list(found.values())


def _earned(search: Search, main: State, whole: State) -> float:
    """Share of the structures with interactions; the rest is that of the main effects alone.

    Interactions are the best of many, and a part of what they gain is chance.  As of signal and
    noise in a Wiener filter, the share is that of the squares.
    """
    gain = max(main.value - whole.value, 0.0)
    acting = [piece for piece in whole.present if len(piece.features) > 1 and not piece.straight]
    chance = sum(map(search.thresholds.by_chance, acting))
    return gain**2 / (gain**2 + chance**2) if gain > 0 else 1.0


def sparsest(structures: list[Structure]) -> Structure:
    """Of the noise that says more; they are in order within each."""
    first = {one.heavy: one for one in reversed(structures)}
    total = {h: sum(one.share for one in structures if one.heavy == h) for h in first}
    return first[max(first, key=total.__getitem__)]


def _shares(problem: Problem, state: State) -> dict[bool, float]:
    """By what a row says of the function under either noise: the inverse of the variance.

    The variance of an M-estimator with influence psi is mean(psi^2) / mean(psi')^2 (Huber, Annals
    of Mathematical Statistics 35, 1964), here over the residuals that t noise leaves.
    """
    square = (problem.y - state.eta)[:, 0] ** 2
    q = square / (FREEDOM * state.solution.noise)
    normal = np.average(square, weights=problem.weight)
    psi = np.average(square / (1 + q) ** 2, weights=problem.weight)
    slope = np.average((1 - q) / (1 + q) ** 2, weights=problem.weight)
    if normal <= 0 or psi <= 0 or slope <= 0:
        return {False: 0.5, True: 0.5}
    ratio = normal * slope**2 / psi  # how many times as much a row says under t noise
    return {False: 1 / (1 + ratio), True: ratio / (1 + ratio)}
