"""NIMO, a nonlinear interpretable model (Xu, Negri, Roth, arXiv 2506.05059)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nimo.classifier import NIMOClassifier
    from nimo.nimo_plus import NIMOPlusClassifier, NIMOPlusRegressor
    from nimo.numbers import SelectionSettings
    from nimo.regressor import NIMORegressor

__all__ = [
    "NIMOClassifier",
    "NIMOPlusClassifier",
    "NIMOPlusRegressor",
    "NIMORegressor",
    "SelectionSettings",
]

_HOMES = {
    "NIMOClassifier": "nimo.classifier",
    "NIMOPlusClassifier": "nimo.nimo_plus",
    "NIMOPlusRegressor": "nimo.nimo_plus",
    "NIMORegressor": "nimo.regressor",
    "SelectionSettings": "nimo.numbers",
}


def __getattr__(name: str) -> Any:
    # Imported late: contextual_lasso shares small modules of this package, and where it runs
    # through Julia nothing may import torch.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
