"""LocalGLMnet (Richman and Wuthrich, Scandinavian Actuarial Journal 2023)."""

from baselines._search import Choice, Integer, LogUniform, draws
from baselines._together import fit_together
from baselines.contract import Method

#: the authors' released networks and training, without penalty
DEFAULT = {
    "hidden": (15, 10),
    "eta": 0.0,
    "alpha": 1.0,
    "learning_rate": 1e-3,
    "epochs": 300,
}
#: eta and alpha as released, 5 and 10 on a target of standard deviation 9.2; the rest is ours
SEARCH = {
    "hidden": Choice(((15, 10), (20, 15, 10))),
    "eta": Choice((0.0, 0.01, 0.05, 0.54, 1.09)),
    "alpha": Choice((0.0, 0.5, 1.0)),
    "learning_rate": LogUniform(1e-3, 1e-1),
    "epochs": Integer(300, 1500),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._localglmnet import LocalGLMnet

    return LocalGLMnet(task, seed=seed, **{**DEFAULT, **params})


METHOD = Method(
    name="localglmnet",
    label="LocalGLMnet",
    tasks=("regression", "classification"),
    build=build,
    validation="stops",
    groups=("smooth",),
    fit_many=fit_together,
    source="Richman, Wuthrich, LocalGLMnet: interpretable deep learning for tabular data, "
    "Scandinavian Actuarial Journal 2023, arXiv 2107.11059",
    configurations=CONFIGURATIONS,
    smoke={"epochs": [60]},
    requires=("torch",),
)
