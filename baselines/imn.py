"""Interpretable mesomorphic networks (Kadra, Arango, Grabocka, NeurIPS 2024)."""

from baselines._search import Choice, Integer, LogUniform, Uniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: the released code's default, also the first trial of its search
DEFAULT = {
    "epochs": 500,
    "batch_size": 64,
    "learning_rate": 1e-2,
    "weight_decay": 1e-2,
    "l1": 0.1,
    "dropout": 0.25,
}
#: the search space of the released code
SEARCH = {
    "epochs": Integer(10, 500),
    "learning_rate": LogUniform(1e-5, 1e-1),
    "batch_size": Choice((32, 64, 128, 256, 512)),
    "weight_decay": LogUniform(1e-5, 1e-1),
    "l1": LogUniform(1e-5, 1e-1),
    "dropout": Uniform(0.0, 0.5),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._mesomorphic import Mesomorphic

    return Mesomorphic(task, seed=seed, oversample=True, **{**DEFAULT, **params})


METHOD = Method(
    name="imn",
    label="IMN",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    fit_many=fit_together,
    source="Kadra, Arango, Grabocka, Interpretable Mesomorphic Networks for Tabular Data, "
    "NeurIPS 2024",
    configurations=CONFIGURATIONS,
    smoke={"epochs": [60]},
    requires=("torch",),
)
