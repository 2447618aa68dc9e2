"""Explainable boosting machine (Lou et al., 2013; Nori et al., 2019), through interpret-core."""

from baselines._search import Choice, Integer, LogUniform, draws
from baselines.contract import Method

#: the package's defaults; None: its own for the task. Bags and rounds: docs/methods.md
DEFAULT = {
    "max_leaves": 2,
    "smoothing_rounds": None,
    "learning_rate": None,
    "interactions": None,
    "interaction_smoothing_rounds": None,
    "min_hessian": None,
    "min_samples_leaf": 4,
    "gain_scale": 5.0,
    "rows": "stopping",
    "outer_bags": 1,
    "max_rounds": 5000,
}
#: TabArena (Erickson et al., NeurIPS 2025); what concerns categories and gaps is left out
SEARCH = {
    "max_leaves": Integer(2, 3),
    "smoothing_rounds": Integer(0, 1000),
    "learning_rate": LogUniform(0.0025, 0.2),
    "interactions": Choice(
        (0, "0.5x", "1x", "1.5x", "2x", "2.5x", "3x", "3.5x", "4x", "4.5x", "5x")
        + ("6x", "7x", "8x", "9x", "10x", "15x", "20x", "25x")
    ),
    "interaction_smoothing_rounds": Integer(0, 200),
    "min_hessian": LogUniform(1e-10, 1e-2),
    "min_samples_leaf": Integer(2, 20),
    "gain_scale": LogUniform(0.5, 5.0),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._ebm import EBM

    return EBM(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="ebm",
    label="EBM",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    frame=True,
    groups=("steps",),
    source="Nori, Jenkins, Koch, Caruana, InterpretML: a unified framework for machine learning "
    "interpretability, arXiv 1909.09223; search space of Erickson et al., TabArena, NeurIPS 2025",
    configurations=CONFIGURATIONS,
    smoke={"max_rounds": [100], "interactions": ["0.5x"]},
    requires=("interpret-core",),
    extra="ebm",
)
