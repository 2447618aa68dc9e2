"""Mesomorphic network with local fidelity regularisation (Hammer et al., arXiv 2606.29951)."""

from baselines._search import Choice, Integer, LogUniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: the released code's values; gamma is 100 for this backbone and 10 for the residual one
DEFAULT = {
    "backbone": "mlp",
    "epochs": 200,
    "learning_rate": 1e-2,
    "weight_decay": 0.0,
    "l1": 1e-2,
    "fidelity": 100.0,
    "neighbors": "gaussian",
    "sigma": 0.1,
    "n_neighbors": 5,
}
#: ours, around the published values: the sources state no space
SEARCH = {
    "backbone": Choice(("mlp", "residual")),
    "epochs": Integer(50, 800),
    "learning_rate": LogUniform(1e-3, 3e-2),
    "weight_decay": LogUniform(1e-5, 1.0),
    "l1": LogUniform(1e-3, 1e-1),
    "fidelity": LogUniform(1.0, 100.0),
    "neighbors": Choice(("gaussian", "interpolation")),
    "sigma": LogUniform(0.03, 0.3),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._mesomorphic import Mesomorphic

    fixed = {
        "width": 64,
        "n_blocks": 2 if {**DEFAULT, **params}["backbone"] == "residual" else 1,
        "batch_norm": False,
        "dropout": 0.0,
        "zero_last_layer": True,
        "batch_size": None,
        "schedule": "constant",
        "l1_with_intercept": False,
    }
    return Mesomorphic(task, seed=seed, **{**fixed, **DEFAULT, **params})


METHOD = Method(
    name="lfr_imn",
    label="LFR-IMN",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    fit_many=fit_together,
    source="Hammer et al., Local Fidelity Regularisation, arXiv 2606.29951",
    configurations=CONFIGURATIONS,
    smoke={"epochs": [60]},
    requires=("torch",),
)
