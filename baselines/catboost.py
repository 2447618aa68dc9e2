"""CatBoost (Prokhorenkova et al., NeurIPS 2018), through its own package."""

from baselines._search import Choice, Integer, LogUniform, Uniform, draws
from baselines.contract import Method

#: the package's defaults; None: chosen by the package from the rows
DEFAULT = {
    "iterations": 1000,
    "learning_rate": None,
    "depth": 6,
    "l2_leaf_reg": 3.0,
    "bagging_temperature": 1.0,
    "leaf_estimation_iterations": None,
    "early_stopping_rounds": None,
}
#: Gorishniy et al., Revisiting deep learning models for tabular data, NeurIPS 2021, appendix
SEARCH = {
    "iterations": Choice((2000,)),
    "learning_rate": LogUniform(1e-5, 1.0),
    "depth": Integer(3, 10),
    "l2_leaf_reg": LogUniform(1.0, 10.0),
    "bagging_temperature": Uniform(0.0, 1.0),
    "leaf_estimation_iterations": Integer(1, 10),
    "early_stopping_rounds": Choice((50,)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._catboost import CatBoost

    return CatBoost(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="catboost",
    label="CatBoost",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    frame=True,
    groups=("black_box", "steps"),
    source="Prokhorenkova et al., CatBoost: unbiased boosting with categorical features, NeurIPS "
    "2018; search space of Gorishniy et al., NeurIPS 2021",
    configurations=CONFIGURATIONS,
    smoke={"iterations": [30]},
    requires=("catboost",),
    extra="catboost",
)
