"""Monotone difference model (Zimmermann and Loho, CVPR 2026)."""

from baselines._search import Choice, LogUniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: ours: the architecture is the paper's, no values for tables are published
DEFAULT = {
    "hidden": (64, 64),
    "activation": "mixed",
    "sharpness": 3.0,
    "gradient_penalty": 1e-3,
    "learning_rate": 1e-2,
    "weight_decay": 0.0,
}
#: ours
SEARCH = {
    "hidden": Choice(((32,), (64,), (32, 32), (64, 64))),
    "activation": Choice(("convex", "mixed")),
    "sharpness": LogUniform(1.0, 5.0),
    "gradient_penalty": LogUniform(1e-4, 1e-1),
    "learning_rate": LogUniform(1e-3, 1e-1),
    "weight_decay": LogUniform(1e-4, 1.0),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._monotone import MonotoneDifference

    return MonotoneDifference(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="monotone_difference",
    label="Monotone difference",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("smooth",),
    fit_many=fit_together,
    source="Zimmermann, Loho, Hidden Monotonicity, CVPR 2026, arXiv 2601.07700",
    configurations=CONFIGURATIONS,
    smoke={"epochs": [60]},
    requires=("torch",),
)
