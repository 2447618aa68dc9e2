"""The NIMO paper's neural network: NIMO's layers without positional code, dropout 0.6."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._mlp import MLP

    settings = {
        "width": 64,
        "activations": ("tanh", "sin"),
        "dropout": 0.6,
        "learning_rate": 1e-3,
        **params,
    }
    return MLP(task, seed=seed, **settings)


METHOD = Method(
    name="mlp",
    label="MLP",
    tasks=("regression", "classification"),
    build=build,
    source="Xu, Negri, Roth, NIMO: a Nonlinear Interpretable MOdel, arXiv 2506.05059, comparator NN",
    # The paper's two learning rates: 1e-3 on synthetic data, 5e-3 on real data.
    grid={"learning_rate": [1e-3, 5e-3]},
    smoke={"learning_rate": [5e-3], "max_epochs": [50]},
    code=("baselines/_mlp.py",),
)
