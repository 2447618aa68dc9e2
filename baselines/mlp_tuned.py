"""A multilayer perceptron as a practitioner would tune it, on the validation rows."""

from baselines.contract import Method

NIMO_LAYERS, GELU_LAYERS = ("tanh", "sin"), ("gelu", "gelu")
# Chosen on development splits: docs/appendix/methods.md.  The last is the network as published.
CANDIDATES = [
    {"activations": NIMO_LAYERS, "dropout": 0.0, "weight_decay": 0.0},
    {"activations": NIMO_LAYERS, "dropout": 0.0, "weight_decay": 0.3},
    {"activations": GELU_LAYERS, "dropout": 0.0, "weight_decay": 0.3},
    {"activations": GELU_LAYERS, "dropout": 0.2, "weight_decay": 0.3},
    {"activations": GELU_LAYERS, "dropout": 0.2, "weight_decay": 1.0},
    {"activations": NIMO_LAYERS, "dropout": 0.6, "learning_rate": 1e-3},
]


def build(task, params, seed):
    from baselines._mlp import MLPSearch

    settings = {"candidates": CANDIDATES, "width": 64, "learning_rate": 5e-3, **params}
    return MLPSearch(task, seed=seed, **settings)


METHOD = Method(
    name="mlp_tuned",
    label="MLP (tuned)",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("black_box", "network", "smooth"),
    source="Goodfellow, Bengio, Courville, Deep Learning, MIT Press 2016, chapters 6, 7 and 11",
    smoke={"candidates": [CANDIDATES[1:3]], "max_epochs": [60]},
)
