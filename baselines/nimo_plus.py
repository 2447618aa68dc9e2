"""NIMO with free amplitudes and shapes, its terms selected by the evidence (ours)."""

from baselines import nimo
from baselines.contract import Method


def build(task, params, seed):
    # The priors are for features of unit size; their baseline is 0 already.
    settings = {"amplitude": "free", "shapes": True, "standardize": "scale"}
    return nimo.build(task, {**settings, **params}, seed)


METHOD = Method(
    name="nimo_plus",
    label="NIMO+ (free amplitude, shapes)",
    tasks=("regression", "classification"),
    build=build,
    source=f"{nimo.SOURCE}; extension of this project, docs/nimo_plus.md; selection after MacKay, "
    "Bayesian Interpolation, Neural Computation 1992",
    code=("nimo", "baselines/nimo.py"),
)
