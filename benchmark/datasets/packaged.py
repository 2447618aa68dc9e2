"""Real data sets that ship inside installed packages: nothing is downloaded."""

from __future__ import annotations


def _diabetes():
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return data.data, data.target, list(data.feature_names)


def _boston():
    from mlxtend.data import boston_housing_data

    X, y = boston_housing_data()
    names = "crim zn indus chas nox rm age dis rad tax ptratio b lstat".split()
    return X, y, names


LOADERS = {"diabetes": _diabetes, "boston": _boston}


def load(name: str):
    """Return X (n, d) float64, y (n,) float64 and the d feature names.

    diabetes: 442 x 10 (Efron et al., 2004).  boston: 506 x 13 (Harrison & Rubinfeld, 1978); its
    column ``b`` is a function of the share of Black residents and is kept only because the NIMO
    paper reports on it.
    """
    X, y, names = LOADERS[name]()
    return X.astype(float), y.astype(float), names
