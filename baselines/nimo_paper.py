"""NIMO by the paper's algorithm alone: its penalties from a grid, and nothing else of ours.

``nimo_paper[network=later]`` has three numbers of the code that the paper's group published later.
"""

import math

from baselines import nimo
from baselines.contract import Method

# Of what differs there, what makes a difference here: docs/appendix.md, "NIMO with the choices of
# the group's later code".
LATER = {"first_slope": 0.3, "sine_frequency": 2 * math.pi, "group_power": 0.25}


def build(task, params, seed):
    given = dict(params)
    network = given.pop("network", None)
    if network not in (None, "later"):
        raise ValueError(f"network must be later, got {network!r}")
    numbers = {} if network is None else LATER
    return nimo.build(task, {"selection": "paper", **numbers, **given}, seed)


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
    parameters=(*(p for p in nimo.METHOD.parameters if p != "selection"), "network"),
    aside=nimo.METHOD.aside,
)
