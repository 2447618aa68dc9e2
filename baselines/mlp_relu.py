"""A multilayer perceptron of rectified linear units, which explanations by splitting need."""

from baselines._search import Choice, LogUniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: ours: the tuned network's learning rate and weight decay (baselines/mlp_tuned.py)
DEFAULT = {"width": 64, "dropout": 0.0, "learning_rate": 5e-3, "weight_decay": 0.3}
#: ours
SEARCH = {
    "width": Choice((32, 64, 128)),
    "dropout": Choice((0.0, 0.1, 0.2)),
    "learning_rate": LogUniform(1e-3, 1e-2),
    "weight_decay": LogUniform(1e-2, 1.0),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._mlp import MLP

    return MLP(task, seed=seed, activations=("relu", "relu"), **{**DEFAULT, **params})


METHOD = Method(
    name="mlp_relu",
    label="MLP (ReLU)",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("black_box", "network", "smooth"),
    fit_many=fit_together,
    source="Goodfellow, Bengio, Courville, Deep Learning, MIT Press 2016, chapters 6 and 7",
    configurations=CONFIGURATIONS,
    smoke={"max_epochs": [60]},
    requires=("torch",),
)
