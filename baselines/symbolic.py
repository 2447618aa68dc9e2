"""Symbolic regression by genetic programming (Koza, 1992), through the package gplearn."""

from baselines.contract import Method

#: the package's budget: 20 generations of 1000 programs
DEFAULT = {"population_size": 1000, "generations": 20}


def build(task, params, seed):
    from baselines._symbolic import Symbolic

    return Symbolic(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="symbolic",
    label="symbolic regression",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    source="Koza, Genetic programming, MIT Press 1992; Stephens, gplearn",
    grid={name: [value] for name, value in DEFAULT.items()},
    smoke={"population_size": [60], "generations": [4]},
    requires=("gplearn",),
    extra="gplearn",
)
