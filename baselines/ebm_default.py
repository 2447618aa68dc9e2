"""Explainable boosting machine as its package has it: 14 bags, each stopped by rows of its own."""

from baselines.contract import Method

#: what ``baselines/ebm.py`` changes; all else is the package's default in both
DEFAULT = {"rows": "training", "outer_bags": 14, "max_rounds": None}


def build(task, params, seed):
    from baselines._ebm import EBM

    return EBM(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="ebm_default",
    label="EBM (14 bags)",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    frame=True,
    groups=("steps",),
    source="Nori, Jenkins, Koch, Caruana, InterpretML: a unified framework for machine learning "
    "interpretability, arXiv 1909.09223; the defaults of interpret-core",
    grid={name: [value] for name, value in DEFAULT.items()},
    smoke={"max_rounds": [100], "interactions": ["0.5x"]},
    requires=("interpret-core",),
    extra="ebm",
)
