"""NIMO by the paper's algorithm alone: its penalties from a grid, and nothing else of ours."""

from baselines import nimo
from baselines.contract import Method


def build(task, params, seed):
    return nimo.build(task, {"selection": "paper", **params}, seed)


METHOD = Method(
    name="nimo_paper",
    label="NIMO (paper's algorithm)",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    groups=("ours",),
    stands_for="nimo",
    source=f"{nimo.SOURCE}, algorithms 1 and 2",
    smoke=nimo.METHOD.smoke,
    parameters=tuple(p for p in nimo.METHOD.parameters if p != "selection"),
    aside=nimo.METHOD.aside,
)
