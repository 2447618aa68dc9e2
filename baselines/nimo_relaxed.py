"""NIMO with a relaxed phase: the selected model trained on without the strong penalties (ours)."""

from baselines import nimo
from baselines.contract import Method


def build(task, params, seed):
    return nimo.build(task, {"relax": True, **params}, seed)


METHOD = Method(
    name="nimo_relaxed",
    label="NIMO (relaxed)",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    groups=("ours",),
    source=f"{nimo.SOURCE}; relaxed phase after Meinshausen, Relaxed Lasso, CSDA 2007",
    smoke=nimo.METHOD.smoke,
    parameters=tuple(p for p in nimo.METHOD.parameters if p != "relax"),
    aside=nimo.METHOD.aside,
)
