"""Neural additive model (Agarwal et al., NeurIPS 2021)."""

from baselines._search import Choice, LogUniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: the paper's values for California housing (table A.1), the regression data most like ours
DEFAULT = {
    "hidden": (64, 64, 32),
    "learning_rate": 6.74e-3,
    "output_penalty": 1e-3,
    "weight_decay": 1e-6,
    "dropout": 0.0,
    "feature_dropout": 0.0,
    "n_members": 1,
}
#: the paper's ranges (appendix A.6)
SEARCH = {
    "learning_rate": LogUniform(1e-3, 1e-1),
    "output_penalty": LogUniform(1e-3, 1e-1),
    "weight_decay": LogUniform(1e-6, 1e-4),
    "dropout": Choice((0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    "feature_dropout": Choice((0.0, 0.05, 0.1, 0.2)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._nam import NAM

    return NAM(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="nam",
    label="NAM",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("smooth",),
    fit_many=fit_together,
    source="Agarwal et al., Neural Additive Models: Interpretable Machine Learning with Neural "
    "Nets, NeurIPS 2021",
    configurations=CONFIGURATIONS,
    smoke={"epochs": [60]},
    requires=("torch",),
)
