"""Which features have a coefficient and which may modulate, by the evidence.

It is what the extended model without shapes needs (:mod:`nimo.extension.search`), its functions
integrated out: the noise is estimated with everything else, and no bar is tied to its level.
Training and validation rows take part in that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from nimo.columns import may_modulate, of_a_category
from nimo.extension.evidence import Evidence
from nimo.extension.kernels import Structure
from nimo.extension.likelihoods import LIKELIHOODS
from nimo.extension.search import Options, search
from nimo.numbers import SelectionSettings
from nimo.paper.problem import Problem
from nimo.paper.state import State
from nimo.scaling import measure
from nimo.selection.screening import screened
from nimo.settings import Settings


@dataclass(frozen=True)
class Supports:
    """What a model may use, and what that follows from.

    Parameters
    ----------
    coefs, columns : Tensor (d,) bool
        Features with a coefficient; those that the first layer sees.
    info : dict
        What the search says of itself, see :class:`nimo.extension.search.Found`.
    shrink : float, optional
        Ridge penalty of a linear model whose lines have their variance in common; None where each
        was chosen for itself.
    structure : Structure
        Of the extended model, on ``features`` (q,) int and for a response ``centre + unit`` times
        its own.
    """

    coefs: Tensor
    columns: Tensor
    info: dict
    shrink: float | None
    structure: Structure
    features: np.ndarray
    centre: float
    unit: float

    @property
    def modulate(self) -> bool:
        """Whether any feature changes the effect of another."""
        return bool(self.columns.any()) and bool(self.coefs.any())

    def unseen(self, x: Tensor) -> Tensor | None:
        """Pairs (j, k) of used features where g_j must not see x_k, as they say the same.

        Parameters
        ----------
        x : Tensor (n, d)

        Returns
        -------
        (P, 2) int64, None where there are none
        """
        used = (self.coefs | self.columns).nonzero()[:, 0]
        may = torch.tensor(may_modulate(x[:, used].cpu().numpy()), device=x.device)
        pairs = used[(~may).fill_diagonal_(False).nonzero()]
        return pairs if len(pairs) > 0 else None

    def on(self, state: State) -> State:
        """Fresh models with all else at 0, in place."""
        state.scale = self.coefs.double().expand_as(state.scale).clone()
        state.inputs = self.columns.expand_as(state.inputs).clone()
        state.weights.features.mul_(state.inputs[:, None])
        return state


def find_supports(problem: Problem, settings: Settings, numbers: SelectionSettings) -> Supports:
    """Supports of the paper's model, from the extended one in which no more than a line is moved.

    A penalty of 0 asks for no zeros.
    """
    d = problem.x.shape[1]
    x = torch.cat([problem.x64, problem.x_val64]).cpu().numpy()
    y = torch.cat([problem.y, problem.y_val]).cpu().numpy()
    centre, unit = 0.0, 1.0
    if problem.family.name == "gaussian":
        response = measure(y)
        centre, unit = float(response.mean), float(response.spread)
        y = (y - centre) / unit
    seed = int(torch.randint(2**31 - 1, (1,), generator=problem.generator))
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(y))
    seen = order[: numbers.max_rows]
    promising = screened(x[seen], y[seen])
    if len(promising) < d:
        # Those that were left out were candidates too; and lines that were picked from many look as
        # if they had a variance in common.
        level = numbers.level * len(promising) / d
        numbers = replace(numbers, level=level, common=False)
    options = Options(selection="auto", shapes=False, tied=True, settings=numbers)
    family, weight = LIKELIHOODS[problem.family.name], np.ones(len(y))
    found = search(family, x[:, promising], y, weight, options, order)
    structure, features = found.candidate.structure, promising[found.features]
    if (of_a_category(x[:, promising])[found.features] & (structure.amplitude > 0)).any():
        # It may carry the bend of what modulates it, by chance of the rows.  Where features may
        # bend, what is left of it is its own.
        found = search(family, x[:, promising], y, weight, replace(options, shapes=True), order)
        features = promising[found.features]
        none = np.zeros(len(features))
        straight = found.candidate.structure.replace(shape=none, bump=none)
        evidence = Evidence(family, x[np.ix_(seen, features)], y[seen], weight[seen])
        # The noise takes up the bends, which the paper's model cannot say.
        structure = evidence.maximise(straight, numbers.recheck)[0]
    coefs, columns = np.zeros(d, dtype=bool), np.zeros(d, dtype=bool)
    coefs[features] = structure.linear > 0
    columns[features] = structure.columns
    if settings.penalty == 0:
        coefs[:] = True
    if settings.group_penalty == 0:
        columns[:] = True
    shrink, common = None, found.info["common_line_variance"]
    if common > 0:
        noise = structure.noise if family.has_noise else 1.0
        shrink = noise / (len(problem.y) * common)
    device = problem.x.device
    return Supports(
        torch.tensor(coefs, device=device),
        torch.tensor(columns, device=device),
        found.info,
        shrink,
        structure,
        features,
        centre,
        unit,
    )
