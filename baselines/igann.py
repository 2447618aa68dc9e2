"""Interpretable generalized additive neural networks (Kraus et al., 2024), through its package."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._igann import IGANN

    return IGANN(task, **params)


METHOD = Method(
    name="igann",
    label="IGANN",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("smooth",),
    source="Kraus, Tschernutter, Weinzierl, Zschech, Interpretable generalized additive neural "
    "networks, European Journal of Operational Research 317, 2024",
    smoke={"n_estimators": [100]},
    requires=("torch", "igann"),
    extra="igann",
    random=False,
)
