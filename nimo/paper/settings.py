"""What training is told: the estimators' parameters, and the fixed numbers of the network."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real


@dataclass(frozen=True)
class NetworkSettings:
    """Numbers of the network that few fits need to change.

    Parameters
    ----------
    sine_frequency : float, default=3.0
        w0 in sin(w0 z), the activation of the second layer (SIREN, arXiv 2006.09661).
    g_range : (float, float) or "auto", default="auto"
        Range of g, with low < 0 < high; from -1 on, no local coefficient changes its sign.  "auto":
        [-1, 1] for regression, [-2, 2] for classification, see :mod:`nimo.paper.families`.
    batch_rows : int, None or "auto", default="auto"
        Rows drawn for each step; None: all.  "auto": all, unless there are very many.
    first_slope : float, default=1.0
        s in tanh(s z), the activation of the first layer.
    group_power : float in (0, 1], default=1.0
        p of the group penalty sum_k ||W1[:, k]||^p; below 1 large columns are shrunken less.

    Raises
    ------
    ValueError
        Names the field and the value.

    Examples
    --------
    Local coefficients that keep their signs:

    >>> from nimo import NetworkSettings, NIMOClassifier
    >>> model = NIMOClassifier(network=NetworkSettings(g_range=(-1, 3)))
    """

    sine_frequency: float = 3.0
    g_range: tuple[float, float] | str = "auto"
    batch_rows: int | str | None = "auto"
    first_slope: float = 1.0
    group_power: float = 1.0

    def __post_init__(self) -> None:
        for name in ("sine_frequency", "first_slope"):
            value = getattr(self, name)
            if not (_number(value) and 0 < value < math.inf):
                raise ValueError(f"{name} must be above 0, got {value!r}")
        if not (_number(self.group_power) and 0 < self.group_power <= 1):
            raise ValueError(f"group_power must be in (0, 1], got {self.group_power!r}")
        rows = self.batch_rows
        counted = isinstance(rows, Integral) and not isinstance(rows, bool) and rows >= 1
        if not (rows is None or (isinstance(rows, str) and rows == "auto") or counted):
            raise ValueError(f"batch_rows must be 'auto', None or an integer from 1, got {rows!r}")
        if not (isinstance(self.g_range, str) and self.g_range == "auto"):
            self._check_range()

    def _check_range(self) -> None:
        try:
            low, high = (float(end) for end in self.g_range)
        except (TypeError, ValueError):
            low = high = 0.0
        if not -math.inf < low < 0 < high < math.inf:
            raise ValueError(
                "g_range must be 'auto' or two numbers (low, high) with low < 0 < high, got "
                f"{self.g_range!r}"
            )


@dataclass(frozen=True)
class Ablation(NetworkSettings):
    """Switches of the paper's ablations, for measurements: the model without one of its parts.

    Parameters
    ----------
    use_correction : bool
        False: without g.
    mask_self : bool
        False: g_j sees x_j.
    zero_at_baseline : bool
        False: g_j is not 0 at the baseline.
    delta : float in (0, 1]
        Exponent of the penalty sum_j c_j^(2 delta) (appendix B.3); 1 is the lasso.
    """

    use_correction: bool = True
    mask_self: bool = True
    zero_at_baseline: bool = True
    delta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("use_correction", "mask_self", "zero_at_baseline"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be True or False, got {getattr(self, name)!r}")
        if not (_number(self.delta) and 0 < self.delta <= 1):
            raise ValueError(f"delta must be in (0, 1], got {self.delta!r}")

    @staticmethod
    def of(given: NetworkSettings | None) -> Ablation:
        """The whole model with the given numbers; an ablation as it is."""
        if isinstance(given, Ablation):
            return given
        given = NetworkSettings() if given is None else given
        return Ablation(**{one.name: getattr(given, one.name) for one in fields(NetworkSettings)})


@dataclass(frozen=True)
class Settings:
    """The estimator's parameters that training needs, see :class:`nimo.NIMORegressor`."""

    alpha: float | str = "auto"
    group_alpha: float | str = "auto"
    delta: float = 1.0
    group_power: float = 1.0
    n_hidden: int = 64
    input_noise: float = 0.2
    learning_rate_init: float = 2e-2
    max_iter: int = 600
    n_init: int = 1
    use_correction: bool = True


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
