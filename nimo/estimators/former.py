"""Parameters that have gone: one error that says what took their place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

_NETWORK = "network=NetworkSettings({name}=...)"
_ABLATION = "network=nimo.paper.settings.Ablation({name}=...)"
_PLUS = "part of NIMOPlus{kind}, which has free amplitudes, curves and surfaces"
#: What stands in the place of each.
FORMER = {
    "amplitude": _PLUS,
    "shapes": _PLUS,
    "penalty": "alpha",
    "group_penalty": "group_alpha",
    "hidden": "n_hidden",
    "noise": "input_noise",
    "learning_rate": "learning_rate_init",
    "max_steps": "max_iter",
    "standardize": "baseline and scale: False is baseline='zero', scale=False; 'scale' is "
    "baseline='zero'",
    "sine_frequency": _NETWORK,
    "g_range": _NETWORK,
    "batch_rows": _NETWORK,
    "delta": _ABLATION,
    "use_correction": _ABLATION,
    "mask_self": _ABLATION,
    "zero_at_baseline": _ABLATION,
}


def refusing_former(init: Callable[..., None]) -> Callable[..., None]:
    """Decorator of ``__init__``: TypeError for parameters that have gone, with the new names."""

    @wraps(init)
    def checked(self: Any, *args: Any, **parameters: Any) -> None:
        kind = "Classifier" if "Classifier" in init.__qualname__ else "Regressor"
        gone = [
            f"{name!r}, which is now {FORMER[name].format(name=name, kind=kind)}"
            for name in parameters
            if name in FORMER
        ]
        if gone:
            raise TypeError(f"{type(self).__name__} has no parameter {'; '.join(gone)}")
        init(self, *args, **parameters)

    return checked
