"""The NIMO paper's neural network: NIMO's layers without positional code, dropout 0.6."""

from baselines.contract import Method

# The paper's learning rates on synthetic and on real data; the validation loss chooses.
CANDIDATES = [{"learning_rate": 1e-3}, {"learning_rate": 5e-3}]


def build(task, params, seed):
    from baselines._mlp import MLPSearch

    settings = {
        "candidates": CANDIDATES,
        "width": 64,
        "activations": ("tanh", "sin"),
        "dropout": 0.6,
        **params,
    }
    return MLPSearch(task, seed=seed, **settings)


METHOD = Method(
    name="mlp",
    label="MLP",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("black_box", "network", "smooth"),
    source="Xu, Negri, Roth, NIMO: a Nonlinear Interpretable MOdel, arXiv 2506.05059, the NN",
    smoke={"candidates": [[{"learning_rate": 5e-3}]], "max_epochs": [60]},
)
