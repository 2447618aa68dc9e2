"""NIMO, a nonlinear interpretable model (Xu, Negri, Roth, arXiv 2506.05059)."""

from nimo.estimators import NIMOClassifier, NIMORegressor
from nimo.numbers import SelectionSettings

__all__ = ["NIMOClassifier", "NIMORegressor", "SelectionSettings"]
