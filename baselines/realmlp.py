"""RealMLP, tuned defaults (Holzmüller et al., NeurIPS 2024), through the package pytabkit."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._realmlp import RealMLP

    return RealMLP(task, seed=seed, **params)


METHOD = Method(
    name="realmlp",
    label="RealMLP",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("black_box", "smooth"),
    source="Holzmüller, Grinsztajn, Steinwart, Better by default: strong pre-tuned MLPs and "
    "boosted trees on tabular data, NeurIPS 2024",
    parameters=("n_epochs",),
    smoke={"n_epochs": [5]},
    requires=("torch", "pytabkit"),
    extra="realmlp",
)
