"""Linear model tree PILOT (Raymaekers, Rousseeuw, Verdonck, Yao, 2024), our implementation."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._pilot import Pilot

    return Pilot(**params)


METHOD = Method(
    name="pilot",
    label="PILOT",
    tasks=("regression",),
    build=build,
    validation="trains",
    source="Raymaekers, Rousseeuw, Verdonck, Yao, Fast linear model trees by PILOT, Machine "
    "Learning 113, 2024",
    smoke={"max_depth": [4]},
    requires=("scikit-learn",),
    random=False,
)
