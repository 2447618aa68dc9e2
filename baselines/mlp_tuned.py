"""A multilayer perceptron as a practitioner would tune it, on the validation rows."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._mlp import MLP

    return MLP(task, seed=seed, **{"width": 64, **params})


METHOD = Method(
    name="mlp_tuned",
    label="MLP (tuned)",
    tasks=("regression", "classification"),
    build=build,
    source="Goodfellow, Bengio, Courville, Deep Learning, MIT Press 2016, chapters 6, 7 and 11",
    grid={
        "activations": [("tanh", "sin"), ("relu", "relu")],
        "dropout": [0.0, 0.2],
        "weight_decay": [1e-3, 1e-1],
        "learning_rate": [3e-3],
    },
    smoke={"activations": [("relu", "relu")], "learning_rate": [5e-3], "max_epochs": [50]},
    code=("baselines/_mlp.py",),
)
