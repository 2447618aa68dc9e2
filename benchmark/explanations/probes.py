"""What is asked of every model of a split: which rows, and which changes of them.

The same for all methods and explainers of a split, and drawn again by the judge from the same seed,
so that it need not be stored.  Distances are in standard deviations of a feature over the
training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.seeds import derive

#: standard deviations of the Gaussian steps of self-fidelity
RADII = (0.05, 0.1, 0.5)
STEPS = 10  # of each radius and row
#: half widths of the cubes in which an explanation should hold still
NEAR = (0.02, 0.1)
NEIGHBOURS = 4  # of each row in each cube
NEAR_ROWS = 5  # rows, the first ones, whose neighbours are explained too
GROUPS = 16  # sets of features that are taken away together
BACKGROUND = 128  # rows that stand for the law of the features


@dataclass(frozen=True)
class Probes:
    """Rows and their changes; m rows, d features.

    Attributes
    ----------
    rows : (m, d), the first test rows
    training : (n, d), the training rows
    background : (b, d), rows that absent features are taken from
    steps : (radii, m, STEPS, d), Gaussian steps away from each row
    near : (cubes, NEAR_ROWS, NEIGHBOURS, d), neighbours of the first rows
    groups : (GROUPS, d) bool, sets of features, their sizes uniform on 1 to d - 1
    forward : (d,), the step of a forward effect: one standard deviation, or from 0 to 1 and back
    seed : int, of everything else that is random
    """

    rows: np.ndarray
    training: np.ndarray
    background: np.ndarray
    steps: np.ndarray
    near: np.ndarray
    groups: np.ndarray
    forward: np.ndarray
    seed: int


def of_split(arrays, n_rows: int, seed: int, background) -> Probes:
    """The probes of one split.

    Parameters
    ----------
    arrays : mapping with X_train and X_test
    n_rows : int
        Rows that are explained, at most.
    seed : int
        See :func:`seed_of`.
    background : (b, d)
    """
    rng = np.random.default_rng(seed)
    rows = np.array(arrays["X_test"][:n_rows], dtype=float)
    m, d = rows.shape
    deviation = np.std(arrays["X_train"], axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    steps = np.array([r * rng.standard_normal((m, STEPS, d)) * scale for r in RADII])
    first = rows[:NEAR_ROWS]
    near = np.array(
        [
            first[:, None, :] + r * rng.uniform(-1, 1, (len(first), NEIGHBOURS, d)) * scale
            for r in NEAR
        ]
    )
    sizes = rng.integers(1, max(d, 2), size=GROUPS)
    groups = np.zeros((GROUPS, d), dtype=bool)
    for group, size in zip(groups, sizes, strict=True):
        group[rng.permutation(d)[:size]] = True
    training, background = (np.asarray(one, dtype=float) for one in (arrays["X_train"], background))
    return Probes(rows, training, background, steps, near, groups, scale, seed)


def seed_of(config, dataset: str, index: int) -> int:
    """Seed of a split's probes: no method or explainer has a part in it."""
    return derive(config["seed"], "explain", dataset, index)
