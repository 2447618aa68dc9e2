"""The numbers of our selection, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SelectionSettings:
    """The numbers of our selection; features and the response have unit size.

    None of them is tied to a noise level: the noise is estimated with everything else.
    docs/nimo_plus.md and docs/nimo_choices.md say where each was measured.  The last seven belong
    to networks alone, which amplitude="free" does not have; ``unsure`` to the tied model.

    Parameters
    ----------
    level : float
        Expected number of absent terms of one kind that are taken for present.
    relevances : tuple of float
        One search starts from each: relevance of every feature, times the root of d.
    linear, shape : float
        Variances at the start: of a line and, divided by d, of a modulation; divided by d, of a
        shape.
    logit : float
        Factor of these for labels, whose predictor has no unit.
    noise : float
        Variance of the noise at the start; where it is held at first, it is what the linear model
        leaves.
    explore, recheck : int
        L-BFGS steps: of each start, where what is negligible is dropped after each third of them,
        and with a relevance for each pair; after a removal or a hand-over.
    negligible : float
        Nats.  What costs less is taken away without further steps.
    hopeless : float
        Nats.  A removal that costs more before the others adjust is not tried further.
    common : bool
        Whether lines may have a variance in common, for many weak effects.
    price : float
        Nats that each relevance more must gain where every pair gets its own.
    unsure : float
        Posterior standard deviations of 0 within which a coefficient may well be 0.
    max_rows : int
        Rows that the search sees, drawn at random.  Its cost grows with their cube.
    max_basis : int
        With more rows than this, the functions are spanned by that many of them; networks then
        learn from the responses.
    taught : bool
        Whether networks learn what the found structure expects of the training rows, in place of
        their noisy responses.
    lesson : int
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
    A bar that keeps one absent term of each kind in a hundred fits:

    >>> from nimo import NIMORegressor, SelectionSettings
    >>> strict = SelectionSettings(level=0.01)
    >>> model = NIMORegressor(amplitude="free", shapes=True, settings=strict)
    """

    level: float = 0.1
    relevances: tuple[float, ...] = (0.1, 1.5)
    linear: float = 0.3
    shape: float = 0.05
    logit: float = 100.0
    noise: float = 0.1
    explore: int = 60
    recheck: int = 8
    negligible: float = 0.05
    hopeless: float = 30.0
    common: bool = True
    price: float = 1.0
    unsure: float = 2.0
    max_rows: int = 500
    max_basis: int = 1000
    taught: bool = True
    lesson: int = 600
    groups: tuple[float, ...] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    lasso: float = 1e-3
    stretches: int = 4
    less: float = 0.25
    steps: int = 40
