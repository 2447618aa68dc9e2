"""Which features have a coefficient and which may modulate, by the evidence.

The search is :mod:`nimo.selection.tied`; training and validation rows take part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from nimo.paper.problem import Problem
from nimo.paper.settings import Settings
from nimo.paper.state import State
from nimo.plus.families import RESPONSES, Family
from nimo.plus.problem import Problem as Rows
from nimo.plus.problem import State as Found
from nimo.plus.rows import distinct
from nimo.plus.screening import screened
from nimo.plus.search import Thresholds
from nimo.scaling import measure
from nimo.selection.redundancy import may_modulate, of_a_category
from nimo.selection.tied import TiedSearch
from nimo.selection_settings import SelectionSettings

#: Rows that the search sees at most.
SEEN_ROWS = 5_000
#: The engine's name of each family.
RESPONSE_OF = {"gaussian": "normal", "binomial": "binomial", "poisson": "poisson"}


@dataclass(frozen=True)
class Structure:
    """Linear terms and modulations, and what they expect.

    Parameters
    ----------
    search : TiedSearch
    found : State
        Of the rows of the search, on the features numbered ``features`` (q,).
    centre, unit : float
        The response is ``centre + unit`` times that of the rows.
    """

    search: TiedSearch
    found: Found
    features: np.ndarray
    centre: float
    unit: float

    @property
    def acting(self) -> np.ndarray:
        """Numbers (a,) of the features that have a linear term or modulate."""
        used = sorted({j for piece in self.found.present for j in piece.features})
        return self.features[used]

    def expectation(self, x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Posterior mean of the response given rows x (n, d) and y (n,), as a function of rows."""
        problem, inner = self.search.problem, (y - self.centre) / self.unit
        rows = _rows_of(problem.family, x[:, self.features], inner)
        functions = rows.functions = problem.functions
        pieces = self.found.present
        variance = self.found.variance[self.found.variance > 0]
        state = rows.fit(pieces, variance, self.found.solution.noise)

        def expected(features: np.ndarray) -> np.ndarray:
            design = functions.design(pieces, features[:, self.features])
            mean = rows.family.mean(design @ state.solution.coefficients)[:, 0]
            return np.asarray(self.centre + self.unit * mean)

        return expected


@dataclass(frozen=True)
class Supports:
    """What a model may use, and what that follows from.

    Parameters
    ----------
    coefs, modulators : Tensor (d,) bool
        Features with a coefficient; those that the first layer sees.
    shrink : float, optional
        Ridge penalty of a linear model whose terms have their variance in common; None where each
        was chosen for itself.
    structure : Structure, optional
        None for a response that does not vary.
    """

    coefs: Tensor
    modulators: Tensor
    shrink: float | None = None
    structure: Structure | None = None

    @property
    def modulate(self) -> bool:
        """Whether any feature changes the effect of another."""
        return bool(self.modulators.any()) and bool(self.coefs.any())

    def unseen(self, x: Tensor) -> Tensor | None:
        """Pairs (j, k) of used features where g_j must not see x_k, as they say the same.

        Parameters
        ----------
        x : Tensor (n, d)

        Returns
        -------
        (P, 2) int64, None where there are none
        """
        used = (self.coefs | self.modulators).nonzero()[:, 0]
        may = torch.tensor(may_modulate(x[:, used].cpu().numpy()), device=x.device)
        pairs = used[(~may).fill_diagonal_(False).nonzero()]
        return pairs if len(pairs) > 0 else None

    def on(self, state: State) -> State:
        """Fresh models with all else at 0, in place."""
        state.scale = self.coefs.double().expand_as(state.scale).clone()
        state.inputs = self.modulators.expand_as(state.inputs).clone()
        state.weights.features.mul_(state.inputs[:, None])
        return state


def find_supports(problem: Problem, settings: Settings, numbers: SelectionSettings) -> Supports:
    """Supports of the paper's model.

    A penalty of 0 asks for no zeros.
    """
    d, device = problem.x.shape[1], problem.x.device
    coefs, modulators = np.zeros(d, dtype=bool), np.zeros(d, dtype=bool)
    structure = _structure(problem, numbers)
    shrink = None
    if structure is not None:
        search, state = structure.search, structure.found
        for piece, variance in zip(state.pieces, state.variance, strict=True):
            if variance == 0:
                continue
            own = structure.features[list(piece.features)]
            if piece.kind == "modulation":
                modulation = search.problem.functions.modulations[piece]
                coefs[own[modulation.own]] = True
                modulators[own[modulation.relevance > 0]] = True
                continue
            coefs[own] = True
            if piece.kind == "lines":
                slope = variance * search.problem.functions.scale[piece] ** 2
                shrink = float(state.solution.noise / (len(problem.y) * slope))
    if settings.alpha == 0:
        coefs[:] = True
    if settings.group_alpha == 0:
        modulators[:] = True
    on_device = [torch.tensor(one, device=device) for one in (coefs, modulators)]
    return Supports(on_device[0], on_device[1], shrink, structure)


def _structure(problem: Problem, numbers: SelectionSettings) -> Structure | None:
    x = torch.cat([problem.x64, problem.x_val64]).cpu().numpy()
    y = torch.cat([problem.y, problem.y_val]).cpu().numpy()
    some = np.linspace(0, len(y) - 1, min(len(y), SEEN_ROWS)).astype(int)
    x, y = x[some], y[some]
    response = measure(y)
    if response.constant:
        return None
    centre, unit = 0.0, 1.0
    if problem.family.name == "gaussian":
        centre, unit = float(response.mean), float(response.spread)
        y = (y - centre) / unit
    features = screened(x, y)
    x, few = x[:, features], len(features) < problem.x.shape[1]
    thresholds = Thresholds(numbers.level, problem.x.shape[1])  # those left out were candidates too
    rows = _rows_of(RESPONSES[RESPONSE_OF[problem.family.name]], x, y)
    may = may_modulate(x) | np.eye(len(features), dtype=bool)
    # linear terms that were picked from many look as if they had a variance in common
    search = TiedSearch(rows, thresholds, common=numbers.common and not few, pairs=may)
    found = search.structure()
    modulated = [j for piece in found.present if (j := search.modulated_by(piece)) >= 0]
    if of_a_category(x)[modulated].any():
        # It may carry the nonlinearity of what modulates it, by chance of the rows.  Where features
        # have curves, what is left of it is its own.
        search = replace(search, curves=True)
        found = search.structure()
    return Structure(search, found, features, centre, unit)


def _rows_of(family: Family, x: np.ndarray, y: np.ndarray) -> Rows:
    """Rows that are there several times count once."""
    rows, weight = distinct(np.column_stack([x, y]), np.ones(len(y)))
    return Rows.of(family, x[rows], y[rows, None], weight)
