"""Real data sets that ship inside installed packages: nothing is downloaded."""

from __future__ import annotations

from functools import cache

from benchmark.datasets.tabular import Table, Tabular


@cache
def _diabetes():
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return Table.of(data.data.astype(float), data.target.astype(float), list(data.feature_names))


@cache
def _boston():
    from mlxtend.data import boston_housing_data

    X, y = boston_housing_data()
    names = "crim zn indus chas nox rm age dis rad tax ptratio b lstat".split()
    return Table.of(X.astype(float), y.astype(float), names)


DATASETS = (
    # 442 x 10
    Tabular("diabetes", "regression", "real", "Efron et al., 2004", _diabetes),
    # 506 x 13; its column b is a function of the share of Black residents and is kept only because
    # the NIMO paper reports on it
    Tabular(
        "boston",
        "regression",
        "real",
        "Harrison and Rubinfeld, 1978",
        _boston,
        requires=("mlxtend",),
        extra="boston",
    ),
)
