"""Automatic piecewise linear regression (von Ottenbreit and De Bin, 2024), through its package."""

from baselines._search import Choice, draws
from baselines.contract import Method

#: the package's defaults
DEFAULT = {
    "m": 3000,
    "v": 0.5,
    "max_interaction_level": 1,
    "penalty_for_interactions": 0.5,
    "min_observations_in_split": 0.3,
    "ridge_penalty": 1e-4,
}
#: what the package's own tuner tries
SEARCH = {
    "penalty_for_interactions": Choice((0.0, 0.5, 1.0)),
    "min_observations_in_split": Choice((0.3, 0.4, 0.5)),
    "ridge_penalty": Choice((0.0, 1e-4)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=18, seed=0)  # all that there are


def build(task, params, seed):
    from baselines._aplr import APLR

    return APLR(task, **{**DEFAULT, **params})


METHOD = Method(
    name="aplr",
    label="APLR",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    source="von Ottenbreit, De Bin, Automatic piecewise linear regression, Computational "
    "Statistics 39, 2024; search space of the package's tuner",
    configurations=CONFIGURATIONS,
    smoke={"m": [50]},
    requires=("aplr",),
    extra="aplr",
    random=False,
)
