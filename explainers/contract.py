"""What a file in this folder has to provide, and nothing else.

An explainer is one module with a module-level ``EXPLAINER = Explainer(...)``.  It looks at one
fitted model through :class:`explainers.model.Model` and says, for each row it is given, what each
feature does there: a slope, or a part of the prediction, or both.

It sees training rows and the rows to be explained, never a test label, and computes no measure of
its own quality: that is for the suite to grade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explainers.model import Model


@dataclass(frozen=True)
class Explanation:
    """What an explainer says of some rows; m rows, d features.

    Attributes
    ----------
    slope : (m, d) array, optional
        How the response of a row changes with each feature, per unit of the feature: a local
        coefficient or a gradient.
    part : (m, d) array, optional
        What each feature adds to the response of a row, in units of the response: an attribution.
        Explainers differ in what a part is counted from (a baseline, the mean of the training
        rows), so that parts are centred before they are compared.
    """

    slope: np.ndarray | None = None
    part: np.ndarray | None = None


@dataclass(frozen=True)
class Explainer:
    """An explainer, declared.

    Parameters
    ----------
    name : str
        The word used in a config and in tables; equals the file name.
    label : str
        The name shown in tables and figures.
    built_in : bool
        True: it reads what the model itself says.  False: it explains afterwards.
    applies : callable (Model) -> bool
        Whether this model can be explained so.
    explain : callable (Model, rows, rng) -> Explanation
        ``rows`` (m, d); ``rng`` a numpy Generator, the only source of randomness.  Import heavy
        libraries inside.
    source : str
        The reference a reader should be sent to.
    requires : tuple of str
        Distributions (the names that pip knows) that must be installed.
    extra : str, optional
        The extra of pyproject.toml that installs them.
    """

    name: str
    label: str
    built_in: bool
    applies: Callable[[Model], bool]
    explain: Callable[[Model, np.ndarray, np.random.Generator], Explanation]
    source: str
    requires: tuple[str, ...] = ()
    extra: str | None = None
