"""The estimator's parameters that training needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """The estimator's parameters that training needs, see :class:`nimo.NIMORegressor`."""

    penalty: float | str = "auto"
    group_penalty: float | str = "auto"
    delta: float = 1.0
    relax: bool = False
    hidden: int = 64
    noise: float = 0.2
    learning_rate: float = 2e-2
    max_steps: int = 600
    n_init: int = 1
    use_correction: bool = True
