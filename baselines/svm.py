"""Support vector machine with a radial kernel (Cortes and Vapnik, 1995): the smooth black box."""

from baselines._search import LogUniform, draws
from baselines.contract import Method

#: scikit-learn's defaults; "scale" is 1 / d on standardised features
DEFAULT = {"C": 1.0, "gamma": "scale", "epsilon": 0.1}
#: Hsu, Chang, Lin, A practical guide to support vector classification; epsilon is ours
SEARCH = {
    "C": LogUniform(2.0**-5, 2.0**15),
    "gamma": LogUniform(2.0**-15, 2.0**3),
    "epsilon": LogUniform(0.01, 1.0),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._svm import SupportVectors

    return SupportVectors(task, **{**DEFAULT, **params})


METHOD = Method(
    name="svm",
    label="SVM",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    groups=("black_box", "smooth"),
    source="Cortes, Vapnik, Support-vector networks, Machine Learning 1995; search space of Hsu, "
    "Chang, Lin, A practical guide to support vector classification, 2003",
    configurations=CONFIGURATIONS,
    requires=("scikit-learn",),
    random=False,
)
