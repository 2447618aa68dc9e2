"""The ablations of NIMO: the paper's method with one part taken away."""

from __future__ import annotations

from baselines import nimo
from baselines.contract import Method


def ablation(name: str, label: str, **switches) -> Method:
    """``nimo`` with ``switches`` in place of the defaults; all else, selection too, as it is."""

    def build(task, params, seed):
        return nimo.build(task, {**params, **switches}, seed)

    return Method(
        name=name,
        label=label,
        tasks=nimo.METHOD.tasks,
        build=build,
        source=f"{nimo.SOURCE}, ablations of the later version",
        smoke=nimo.METHOD.smoke,
        aside=nimo.METHOD.aside,
    )
