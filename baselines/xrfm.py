"""Recursive feature machine (Beaglehole et al., 2025), through the package xrfm."""

from baselines._search import Choice, LogUniform, Uniform, draws
from baselines.contract import Method

#: the package's defaults
DEFAULT = {"bandwidth": 10.0, "exponent": 1.0, "reg": 1e-3, "diag": False}
#: the package's authors' in pytabkit, with the kernel that runs without a GPU
SEARCH = {
    "bandwidth": LogUniform(0.5, 200.0),
    "exponent": Uniform(0.7, 1.4),
    "reg": LogUniform(1e-6, 10.0),
    "diag": Choice((False, True)),
}
CONFIGURATIONS = draws(DEFAULT, SEARCH, count=20, seed=0)


def build(task, params, seed):
    from baselines._xrfm import XRFM

    return XRFM(task, **{**DEFAULT, **params})


METHOD = Method(
    name="xrfm",
    groups=("black_box",),
    label="xRFM",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    source="Beaglehole, Holzmüller, Radhakrishnan, Belkin, xRFM: accurate, scalable, and "
    "interpretable feature learning models for tabular data, arXiv 2508.10053; search space of "
    "pytabkit",
    configurations=CONFIGURATIONS,
    smoke={"iterations": [2]},
    requires=("torch", "xrfm"),
    extra="xrfm",
    random=False,
)
