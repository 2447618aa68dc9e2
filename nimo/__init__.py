"""NIMO, a nonlinear interpretable model (Xu, Negri, Roth, arXiv 2506.05059)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nimo.estimators.nimo_classifier import NIMOClassifier
    from nimo.estimators.nimo_plus_classifier import NIMOPlusClassifier
    from nimo.estimators.nimo_plus_regressor import NIMOPlusRegressor
    from nimo.estimators.nimo_regressor import NIMORegressor
    from nimo.paper.settings import NetworkSettings
    from nimo.selection_settings import SelectionSettings

__all__ = [
    "NIMOClassifier",
    "NIMOPlusClassifier",
    "NIMOPlusRegressor",
    "NIMORegressor",
    "NetworkSettings",
    "SelectionSettings",
]

_HOMES = {
    "NIMOClassifier": "nimo.estimators.nimo_classifier",
    "NIMOPlusClassifier": "nimo.estimators.nimo_plus_classifier",
    "NIMOPlusRegressor": "nimo.estimators.nimo_plus_regressor",
    "NIMORegressor": "nimo.estimators.nimo_regressor",
    "NetworkSettings": "nimo.paper.settings",
    "SelectionSettings": "nimo.selection_settings",
}


def __getattr__(name: str) -> Any:
    # Imported late: contextual_lasso shares small modules of this package, and where it runs
    # through Julia nothing may import torch.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
