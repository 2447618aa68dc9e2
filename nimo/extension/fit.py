"""From rows to a fitted extended model: the search, then all functions on all rows."""

from __future__ import annotations

import numpy as np

from nimo.extension.likelihoods import LIKELIHOODS
from nimo.extension.model import ExtendedModel
from nimo.extension.posterior import Posterior
from nimo.extension.search import Options, search
from nimo.scaling import measure


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
        response = measure(y, weight)
        centre, unit = float(response.mean), float(response.spread)
        y = (y - centre) / unit
    order = rng.permutation(len(y))
    found = search(family, x, y, weight, options, order)
    structure, features = found.candidate.structure, found.features
    x = x[:, features]
    if len(y) <= settings.max_basis:
        posterior = Posterior.of_all_rows(family, structure, x, y, weight)
    else:
        basis = x[np.sort(order[: settings.max_basis])]
        posterior = Posterior.of_basis(family, structure, x, y, weight, basis)
    info = dict(found.info)
    if family.has_noise:
        info["noise_std"] = float(unit * structure.noise**0.5)
    return ExtendedModel(posterior, features, baseline, scale, centre, unit), info
