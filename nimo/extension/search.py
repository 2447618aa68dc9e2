"""The search for the terms: screening, the candidates, the choice between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.columns import may_modulate
from nimo.extension.evidence import Evidence
from nimo.extension.likelihoods import Likelihood
from nimo.extension.screening import ranked_features, room
from nimo.extension.selection import (
    Candidate,
    cheapest,
    dense_candidate,
    linear_candidate,
    sparse_candidate,
)
from nimo.numbers import SelectionSettings

#: What ``selection`` may be: linear or sparse as the evidence prefers, or one of the three.
CHOICES = ("auto", "linear", "sparse", "dense")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is searched for.

    Parameters
    ----------
    selection : one of :data:`CHOICES`
    shapes : bool
        Whether features may bend.
    tied : bool
        Whether only features with a line may be modulated, as in the paper's model.
    settings : SelectionSettings
    """

    selection: str = "auto"
    shapes: bool = True
    tied: bool = False
    settings: SelectionSettings = SelectionSettings()


@dataclass(frozen=True)
class Found:
    """What the search has come to.

    Attributes
    ----------
    candidate : Candidate
        On the features that it uses.
    features : (q,) int
        Their numbers.
    info : dict
        JSON scalars: which candidate, its evidence, how many features were looked at, and the
        variance that all lines have in common, 0 where each was chosen for itself.
    """

    candidate: Candidate
    features: np.ndarray
    info: dict


def search(
    family: Likelihood,
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    options: Options,
    order: np.ndarray,
) -> Found:
    """Which terms the rows ask for.

    Parameters
    ----------
    x : (n, d), features of unit size, 0 at the baseline
    y : (n,), response; real ones have mean 0 and unit size
    weight : (n,) all positive
    order : (n,) int
        A permutation: the search sees the first ``max_rows`` of it.
    """
    settings = options.settings
    seen = np.sort(order[: settings.max_rows])
    ranked = ranked_features(x[seen], y[seen], weight[seen])
    features = np.sort(ranked)
    # What is not a straight line takes two terms, so half as many features have room for it.
    curved = np.isin(features, ranked[: (room(len(seen)) + 1) // 2])
    rows = x[np.ix_(seen, features)]
    allowed = may_modulate(rows) if options.tied else None
    evidence = Evidence(family, rows, y[seen], weight[seen], allowed)

    candidates: list[Candidate] = []
    if options.selection in ("auto", "linear"):
        candidates.append(linear_candidate(evidence, settings))
    if options.selection != "linear":
        # A curve needs three values at least.
        bends = np.array([len(np.unique(column)) > 2 for column in evidence.x.T], dtype=bool)
        bends &= curved & options.shapes
        may = (bends, curved, options.tied)
        starts = [dense_candidate(evidence, settings, *may)]
        if starts[0].structure.bump.any():  # else late steps and bumps would change nothing
            starts.append(dense_candidate(evidence, settings, *may, late=True))
        if family.has_noise:
            linear = candidates[0] if candidates else linear_candidate(evidence, settings)
            held = linear.structure.noise
            starts.append(dense_candidate(evidence, settings, *may, held=held))
        if options.selection == "dense":
            candidates = starts
        else:
            candidates += [sparse_candidate(evidence, dense, settings) for dense in starts]
    chosen = cheapest(candidates, settings)
    structure = chosen.structure
    used = np.flatnonzero(structure.used)
    info = {
        "structure": chosen.name,
        "evidence": -chosen.value,
        "features_searched": int(evidence.x.shape[1]),
        "common_line_variance": structure.common,
    }
    restricted = Candidate(chosen.name, structure.folded().restricted(used), chosen.value)
    return Found(restricted, features[used], info)
