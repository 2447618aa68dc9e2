"""TabNet (Arik and Pfister, AAAI 2021), through the package pytorch-tabnet."""

from baselines._search import Choice, Integer, LogUniform, Uniform, draws
from baselines.contract import Method

#: the package's defaults
DEFAULT = {
    "n_d": 8,
    "n_steps": 3,
    "gamma": 1.3,
    "n_independent": 2,
    "n_shared": 2,
    "momentum": 0.02,
    "mask_type": "sparsemax",
}
#: Borisov et al., Deep neural networks and tabular data: a survey, IEEE TNNLS 2022
SEARCH = {
    "n_d": Integer(8, 64),
    "n_steps": Integer(3, 10),
    "gamma": Uniform(1.0, 2.0),
    "n_independent": Integer(1, 5),
    "n_shared": Integer(1, 5),
    "momentum": LogUniform(1e-3, 0.4),
    "mask_type": Choice(("sparsemax", "entmax")),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._tabnet import TabNet

    return TabNet(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="tabnet",
    label="TabNet",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("black_box",),
    source="Arik, Pfister, TabNet: attentive interpretable tabular learning, AAAI 2021; search "
    "space of Borisov et al., Deep neural networks and tabular data: a survey, IEEE TNNLS 2022",
    configurations=CONFIGURATIONS,
    smoke={"max_epochs": [5]},
    requires=("torch", "pytorch-tabnet"),
    extra="tabnet",
)
