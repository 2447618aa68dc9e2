"""From rows to a fitted extended model: screening, search, the choice between candidates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nimo.extension.evidence import Evidence
from nimo.extension.likelihoods import LIKELIHOODS
from nimo.extension.model import ExtendedModel
from nimo.extension.posterior import Posterior
from nimo.extension.screening import ranked_features, room
from nimo.extension.selection import (
    choose,
    dense_candidate,
    linear_candidate,
    sparse_candidate,
)
from nimo.extension.settings import SelectionSettings

#: What ``selection`` may be: the simplest that is as good as the best, or one of the three.
CHOICES = ("auto", "linear", "sparse", "dense")


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    selection: str = "auto"
    shapes: bool = True
    settings: SelectionSettings = SelectionSettings()


def fit_extension(
    X: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    family_name: str,
    baseline: np.ndarray,
    scale: np.ndarray,
    options: Options,
    rng: np.random.RandomState,
) -> tuple[ExtendedModel, dict]:
    """
    Parameters
    ----------
    X : (n, d), y : (n,), weight : (n,) all positive
        A row of weight w counts as w rows.
    baseline, scale : (d,)

    Returns
    -------
    ExtendedModel, and what was chosen
    """
    family, settings = LIKELIHOODS[family_name], options.settings
    x = (X - baseline) / scale
    centre, unit = 0.0, 1.0
    if family_name == "gaussian":
        centre = float(np.average(y, weights=weight))
        spread = float(np.sqrt(np.average((y - centre) ** 2, weights=weight)))
        unit = spread if spread > 1e-12 * max(1.0, np.abs(y).max()) else 1.0
        y = (y - centre) / unit
    order = rng.permutation(len(y))
    seen = np.sort(order[: settings.max_rows])
    ranked = ranked_features(x[seen], y[seen], weight[seen])
    features = np.sort(ranked)
    # What is not a straight line takes two terms, so half as many features have room for it.
    curved = np.isin(features, ranked[: (room(len(seen)) + 1) // 2])
    evidence = Evidence(family, x[np.ix_(seen, features)], y[seen], weight[seen])

    candidates = []
    if options.selection in ("auto", "linear"):
        candidates.append(linear_candidate(evidence, settings))
    if options.selection != "linear":
        # A curve needs three values at least.
        bends = np.array([len(np.unique(column)) > 2 for column in evidence.x.T], dtype=bool)
        bends &= curved & options.shapes
        dense = dense_candidate(evidence, settings, bends, curved)
        if options.selection != "dense":
            candidates.append(sparse_candidate(evidence, dense, settings))
        if options.selection != "sparse":
            candidates.append(dense)
    chosen, losses = choose(evidence, candidates, settings, rng)

    used = np.flatnonzero(chosen.structure.used)
    structure, features = chosen.structure.restricted(used), features[used]
    x = x[:, features]
    if len(y) <= settings.max_basis:
        posterior = Posterior.of_all_rows(family, structure, x, y, weight)
    else:
        basis = x[np.sort(order[: settings.max_basis])]
        posterior = Posterior.of_basis(family, structure, x, y, weight, basis)
    info = {
        "structure": chosen.name,
        "evidence": -chosen.value,
        "features_searched": int(evidence.x.shape[1]),
        **{f"left_out_loss_{name}": loss for name, loss in losses.items()},
    }
    if family.has_noise:
        info["noise_std"] = float(unit * structure.noise**0.5)
    return ExtendedModel(posterior, features, baseline, scale, centre, unit), info
