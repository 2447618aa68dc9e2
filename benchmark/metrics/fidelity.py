"""Does an explanation describe the model that was fitted?  No truth has a part in it.

Samples hold what :mod:`benchmark.explanations.observe` gives of one explainer of one fit; m
rows, d features.  Where a definition departs from older code, its docstring says how.
"""

from __future__ import annotations

import numpy as np

from benchmark.explanations.probes import NEAR, RADII
from benchmark.metrics.metric import LOG, Metric


def self_fidelity(slope, steps, moved) -> float:
    """Share of the model's local changes that the slopes foretell.

    1 - sum (b(x)'(x~ - x) - (f(x~) - f(x)))^2 / sum (f(x~) - f(x))^2.  1 is exact; slopes of 0 have
    0; slopes twice too large have 0 as well, since nothing is rescaled.

    Parameters
    ----------
    slope : (m, d)
    steps : (m, k, d), x~ - x
    moved : (m, k), f(x~) - f(x)
    """
    foretold = np.einsum("md,mkd->mk", slope, steps)
    return _share_explained(foretold, moved)


def faithfulness(part, ablated) -> float:
    """Mean over rows of the correlation between parts and effects of taking a feature away.

    After Alvarez-Melis and Jaakkola (2018) as in XAI-Bench (Liu et al., 2021), with three changes:
    each feature is taken away by averaging over the other rows, which are the same for all
    features; parts keep their signs; a row in which either side does not vary has no
    correlation, and is left out in place of counting as 0.

    Parameters
    ----------
    part : (m, d), parts; counted from their mean over the rows
    ablated : (m, d), f(x) minus the mean of f with x_j from other rows
    """
    return row_correlation(part - part.mean(axis=0), ablated)


def row_correlation(a, b) -> float:
    """Mean Pearson correlation of the rows of two (m, d) arrays; NaN where no row has one."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    scale = np.abs(a).max(initial=0) * np.abs(b).max(initial=0) * a.shape[1]
    varies = sizes > 1e-12 * scale  # below it there is rounding alone
    if not varies.any():
        return float("nan")
    return float(np.mean(np.sum(a[varies] * b[varies], axis=1) / sizes[varies]))


def infidelity(part, groups, removed) -> float:
    """Error of the parts in foretelling what happens when several features are taken away.

    sum (sum_{j in S} part_j - (f(x) - E f(x without S)))^2 / sum (f(x) - E f(x without S))^2,
    after Yeh et al. (2019).  Other than in XAI-Bench, features are taken from other rows (nothing
    is clipped to [0, 1]) and no row is rescaled, so that an error of scale counts.

    Parameters
    ----------
    part : (m, d), counted from their mean over the rows
    groups : (k, d) bool, the sets S
    removed : (m, k)
    """
    foretold = (part - part.mean(axis=0)) @ groups.T
    return 1 - _share_explained(foretold, removed)


def instability(here, near) -> float:
    """Largest relative change of an explanation among neighbours, its mean over rows.

    max over x' of ||e(x') - e(x)|| / ||e(x)||, after Alvarez-Melis and Jaakkola (2018).  The size
    of a row's explanation is at least the root mean square over the rows, so that a row that is
    rightly explained by nothing does not decide.

    Parameters
    ----------
    here : (m, d)
    near : (m, k, d)
    """
    sizes = np.linalg.norm(here, axis=1)
    typical = np.sqrt(np.mean(sizes**2))
    if typical == 0:
        return 0.0 if np.all(near == 0) else float("nan")
    change = np.linalg.norm(near - here[:, None, :], axis=2).max(axis=1)
    return float(np.mean(change / np.maximum(sizes, typical)))


def refit_instability(first, second) -> float:
    """Relative change of explanations between two fits of one method to the same rows.

    sqrt(mean (e1 - e2)^2 / mean (e1^2 + e2^2)) over all rows and features: 0 for the same
    explanations, 1 for unrelated ones of equal size, sqrt 2 for opposite ones.  It needs two fits,
    and is therefore no measure of a run: ``tools.compare`` prints it for two.

    Parameters
    ----------
    first, second : (m, d)
    """
    size = np.mean(first**2) + np.mean(second**2)
    if size == 0:
        return 0.0
    return float(np.sqrt(np.mean((first - second) ** 2) / size))


def _share_explained(foretold, actual) -> float:
    total = float(np.sum(actual**2))
    if total == 0:  # a constant: there is nothing to foretell
        return float("nan")
    return 1 - float(np.sum((foretold - actual) ** 2)) / total


def _self_fidelity(index):
    return lambda s: self_fidelity(s["slope"], s["steps"][index], s["moved"][index])


def _instability(name, index):
    def of(sample):
        near = sample[f"near_{name}"][index]
        return instability(sample[name][: len(near)], near)

    return of


METRICS = (
    *(
        Metric(
            f"self_fidelity_{radius:g}",
            f"self-fidelity of slopes within {radius:g} sd",
            _self_fidelity(index),
            needs=("slope", "steps", "moved"),
            larger_is_better=True,
        )
        for index, radius in enumerate(RADII)
    ),
    Metric(
        "faithfulness",
        "faithfulness: correlation with effects of taking one feature away",
        lambda s: faithfulness(s["part"], s["ablated"]),
        needs=("part", "ablated"),
        larger_is_better=True,
    ),
    Metric(
        "infidelity",
        "infidelity: error of effects of taking several features away",
        lambda s: infidelity(s["part"], s["groups"], s["removed"]),
        needs=("part", "groups", "removed"),
        scale=LOG,
    ),
    *(
        Metric(
            f"{name}_instability_{radius:g}",
            f"largest relative change of {words} within {radius:g} sd",
            _instability(name, index),
            needs=(name, f"near_{name}"),
        )
        for name, words in (("slope", "slopes"), ("part", "parts"))
        for index, radius in enumerate(NEAR)
    ),
)
