"""A fitted NIMO: one network, or the mean of several, which is a NIMO model again.

With members m, coefficients beta_j^m and corrections g_j^m, the mean of the predictors is
b0 + sum_j x_j beta_j (1 + g_j) with beta_j = mean_m beta_j^m and g_j = sum_m beta_j^m g_j^m /
(M beta_j).  g_j still does not see x_j and still vanishes at the baseline, so beta_j keeps its
meaning: the marginal effect at the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.network import Network, Weights
from nimo.paper.problem import MAX_FLOATS
from nimo.paper.state import State


@dataclass
class NimoModel:
    """Members with float64 parameters, on the scale of the features that the network sees.

    Parameters
    ----------
    network : Network or None
        None: no correction, a linear predictor.
    weights : Weights of M members
    coef : Tensor (M, d)
    intercept : Tensor (M,)
    """

    network: Network | None
    weights: Weights
    member_coef: Tensor
    member_intercept: Tensor

    @staticmethod
    def from_state(network: Network | None, state: State, unit: float) -> NimoModel:
        """Keep a training state; ``unit`` is the size of one unit of the training response."""
        if network is not None:
            network = network.cpu()
        return NimoModel(
            network,
            state.weights.map(lambda t: t.detach().cpu().double()),
            state.coef.cpu() * unit,
            state.intercept.cpu() * unit,
        )

    @property
    def coef(self) -> Tensor:
        """(d,)"""
        return self.member_coef.mean(0)

    @property
    def intercept(self) -> float:
        return float(self.member_intercept.mean())

    @property
    def first_layer(self) -> Tensor:
        """First-layer weights on the features, the members stacked: (M * h, d)."""
        if self.network is None:
            return torch.zeros_like(self.weights.features).flatten(0, 1)
        return self.weights.features.flatten(0, 1)

    def local_coef(self, x: Tensor) -> Tensor:
        """beta_j (1 + g_j(x_-j)) for each row of x (n, d) float64."""
        local = self.coef.expand(len(x), -1).clone()
        active = (self.member_coef != 0).any(0).nonzero()[:, 0]
        if self.network is None or len(active) == 0 or len(x) == 0:
            return local
        hidden = self.weights.hidden.shape[1]
        chunk = max(1, MAX_FLOATS // (2 * len(active) * hidden))
        for m, coef in enumerate(self.member_coef):
            weights = self.weights.select(torch.tensor([m]))
            share = coef[active] / len(self.member_coef)
            for i in range(0, len(x), chunk):
                inputs = self.network.inputs(x[i : i + chunk], active[None])
                g, _ = self.network.forward(weights, inputs)
                local[i : i + chunk, active] += share * g[0]
        return local

    def correction(self, x: Tensor) -> Tensor:
        """g_j(x_-j), (n, d); 0 where the coefficient is 0."""
        coef = self.coef
        safe = torch.where(coef == 0, torch.ones_like(coef), coef)
        return torch.where(coef == 0, 0.0, self.local_coef(x) / safe - 1)

    def predictor(self, x: Tensor) -> Tensor:
        """Linear predictor of each row, (n,)."""
        return self.intercept + (x * self.local_coef(x)).sum(1)
