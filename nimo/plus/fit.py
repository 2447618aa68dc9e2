"""From rows to a fitted model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nimo.plus.basis import FeatureBasis, at_baseline
from nimo.plus.families import Family
from nimo.plus.knowledge import Knowledge
from nimo.plus.members import Member
from nimo.plus.model import AnchoredModel
from nimo.plus.monotone import MonotoneBasis, directed
from nimo.plus.path import Origin, cut
from nimo.plus.problem import Problem, State
from nimo.plus.rows import distinct
from nimo.plus.screening import screened
from nimo.plus.search import Search, Thresholds
from nimo.plus.structures import Structure, find, sparsest
from nimo.plus.terms import Key, Worth, log_factors, numbered, worth

#: Rows that the search sees; with more, the structures that it finds are fitted to all of them.
SEARCH_ROWS = 5_000


@dataclass(frozen=True)
class Options:
    """
    Parameters
    ----------
    max_order : 1, 2 or 3
        Features of a product at most; modulations need 3.
    level : float
        Expected number of absent pieces of one kind that are taken for present.
    noise : "auto", "normal" or "t"
    n_structures : 1, 2 or 3
    max_terms : int, optional
        Terms of the sparsest structure at most, which is then the only one.
    knowledge : Knowledge, optional
    """

    max_order: int = 3
    level: float = 0.1
    noise: str = "auto"
    n_structures: int = 3
    max_terms: int | None = None
    knowledge: Knowledge | None = None


@dataclass(frozen=True)
class Fitted:
    """
    Parameters
    ----------
    model : AnchoredModel
    info : dict
        What was found: rows, structures, noise.
    worth : dict of Key to Worth, of each term
    origin : Origin, of the path from the sparsest structure down to the intercept
    """

    model: AnchoredModel
    info: dict[str, Any]
    worth: dict[Key, Worth]
    origin: Origin


def fit(
    X: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    family: Family,
    baseline: np.ndarray,
    scale: np.ndarray,
    centre: float,
    unit: float,
    options: Options,
    levels: np.ndarray,
) -> Fitted:
    """
    Parameters
    ----------
    X : (n, d), NaN where missing; codes of categories, 0 for none of the levels
    y : (n, k), k > 1 for several classes
    weight : (n,), positive
    family : Family
    baseline, scale : (d,)
    centre, unit : float
        Of the response.
    levels : (d,) int
        0 for numbers, and for categories the number of theirs.
    """
    rows, weight = distinct(np.column_stack([X, y]), weight)
    u = (X[rows] - baseline) / scale
    inner = family.inner(y[rows], centre, unit)
    known = options.knowledge or Knowledge.none(X.shape[1])
    d, few = X.shape[1], len(u) <= X.shape[1]
    kept = np.arange(d)
    if few:
        numbers = np.flatnonzero(levels == 0)
        seen_first = [numbers[screened(at_baseline(u[:, numbers]), one)] for one in inner.T]
        stay = np.array(sorted(known.kept), dtype=int)
        kept = np.unique(np.concatenate([stay, *seen_first, np.flatnonzero(levels)]))
        u, known = u[:, kept], known.among(kept)
    some = np.linspace(0, len(u) - 1, min(len(u), SEARCH_ROWS)).astype(int)
    # functions of one feature are those of all its rows, whatever the search sees
    whole = replace(Problem.of(family, u, inner, weight, levels[kept]), unpenalised=known.kept)
    for j in np.flatnonzero(known.direction):
        basis = whole.functions.bases[j]
        if isinstance(basis, FeatureBasis):
            whole.functions.bases[j] = MonotoneBasis.around(basis, u[:, j])
    seen = replace(whole, u=u[some], y=inner[some], weight=weight[some])
    thresholds = Thresholds(options.level, d, known.kept)
    search = Search(seen, thresholds, options.max_order, not few, known.may)
    capped = options.max_terms is not None
    structures = find(search, options.noise, 1 if capped else options.n_structures)
    if options.max_terms is not None:
        structures = [cut(seen, structures[0], options.max_terms, known)]
    if len(some) < len(u):
        whole.keep = False
        structures = [_on_all(whole, one) for one in structures]
    free = sparsest(structures)
    structures = [directed(whole.functions, one, known.direction) for one in structures]
    members = [Member.of(whole, one) for one in structures]
    model = AnchoredModel.mean(
        whole.functions, members, baseline[kept], scale[kept], centre, unit
    ).among(kept, baseline, scale)
    info = _info(structures, family)
    info |= {"rows": len(X), "distinct_rows": len(rows)}
    if family.has_noise:
        info["noise_std"] *= unit
    found = worth(
        model, numbered(log_factors(whole.functions, structures), kept), X[rows][some], weight[some]
    )
    origin = Origin.of(whole if len(some) < len(u) else seen, free, known, kept)
    return Fitted(model, info, found, origin)


def _info(structures: list[Structure], family: Family) -> dict[str, Any]:
    info: dict[str, Any] = {
        "structures": [
            {
                "noise": "t" if one.heavy else family.name,
                "share": float(one.share),
                "pieces": len(one.state.present),
                "evidence": -float(one.state.value),
            }
            for one in structures
        ],
    }
    if family.has_noise:
        variance = sum(one.share * one.state.solution.noise for one in structures)
        info["noise_std"] = float(np.sqrt(variance))
    if family.name == "gamma":
        found = sum(one.share * one.state.solution.noise for one in structures)
        info["dispersion"] = float(found)
    return info


def _on_all(problem: Problem, one: Structure) -> Structure:
    state: State = one.state
    kept = state.variance > 0
    # the predictor of the rows that the search has seen is of no use here
    start = replace(state, robust=np.ones(len(problem.u)))
    fitted = problem.fit(
        state.present, state.variance[kept], state.solution.noise, start=start, heavy=one.heavy
    )
    return replace(one, state=fitted)
