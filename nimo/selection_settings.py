"""The numbers of our selection, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SelectionSettings:
    """The numbers of our selection; features and the response have unit size.

    None of them is tied to a noise level: the noise is estimated with everything else.
    docs/appendix/nimo.md says where each was measured.

    Parameters
    ----------
    level : float
        Expected number of absent pieces of one kind that are taken for present.
    common : bool
        Whether linear terms may have a variance in common, for many weak effects.
    distil : bool
        Whether networks learn what the found structure expects of the training rows, in place of
        their noisy responses (knowledge distillation).
    distil_max_rows : int
        With more rows than this, networks learn from the responses.
    distil_rows : int
        Rows that they learn from at least: more are made between neighbouring training rows.
    groups : tuple of float
        Group penalties of the first networks, where none is given; the relaxed phase has the one
        in the middle.
    lasso : float
        Penalty of the coefficients of the first networks, where none is given.
    stretches : int
        Stretches of the paper's algorithm, each from the best network of the one before.
    less : float
        Penalties of a stretch as a share of those before it.
    steps : int
        Gauss-Newton steps of the relaxed phase at most; most are done after twenty.

    Examples
    --------
    A threshold that keeps one absent piece of each kind in a hundred fits:

    >>> from nimo import NIMORegressor, SelectionSettings
    >>> model = NIMORegressor(settings=SelectionSettings(level=0.01))
    """

    level: float = 0.1
    common: bool = True
    distil: bool = True
    distil_max_rows: int = 1000
    distil_rows: int = 600
    groups: tuple[float, ...] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    lasso: float = 1e-3
    stretches: int = 4
    less: float = 0.25
    steps: int = 40
