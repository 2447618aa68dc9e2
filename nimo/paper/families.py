"""The response distributions: what the profile step and the loss need to know of each.

All of them use the canonical link, so the gradient of the negative log-likelihood with respect to
the linear predictor is ``mean - y`` and the IRLS weight is the variance function
(:mod:`nimo.paper.likelihoods`).  Arrays are ``torch`` tensors of shape (..., n).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from nimo.paper import likelihoods

# Bounds of the share of ones that a fit starts from.
SHARES = (1e-3, 1 - 1e-3)


@dataclass(frozen=True)
class Family:
    """One exponential family with its canonical link.

    Parameters
    ----------
    name : str
    g_range : (float, float)
        Range of the correction g.  The paper restricts the network's output to [-1, 1] in
        regression and to [-1, 3] in classification and subtracts its value at 0 (arXiv 2506.05059,
        section 3), without giving the function: with tanh(u) and 1 + 2 tanh(u) the difference lies
        in [-1, 1] and [-2, 2].
    """

    name: str
    g_range: tuple[float, float]
    likelihood: ClassVar[type[likelihoods.Likelihood]]

    def mean(self, eta: Tensor) -> Tensor:
        """Inverse link."""
        return self.likelihood.mean(eta)

    def loss(self, eta: Tensor, y: Tensor) -> Tensor:
        """Negative log-likelihood of each row, up to a constant that depends on y alone."""
        return self.likelihood.loss(eta, y)

    def weight(self, eta: Tensor) -> Tensor:
        """IRLS weight: second derivative of ``loss`` with respect to ``eta``."""
        return self.likelihood.variance(eta)

    def start(self, y: Tensor) -> Tensor:
        """Linear predictor of the intercept-only model, a scalar."""
        raise NotImplementedError

    def gradient(self, eta: Tensor, y: Tensor) -> Tensor:
        """First derivative of ``loss`` with respect to ``eta``."""
        return self.mean(eta) - y

    def curvature(self, eta: Tensor, y: Tensor) -> Tensor:
        """Second derivative of ``loss`` with respect to ``eta``, of each row."""
        return self.weight(eta)

    def row_weight(self, y: Tensor) -> Tensor:
        """How much each row counts; all alike."""
        return torch.ones_like(y)

    def working(self, eta: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """IRLS weights and working response at ``eta``."""
        # The floor keeps the working response finite where a probability saturates; the step is
        # damped on the exact objective afterwards, so it does not change what is minimised.
        weight = self.curvature(eta, y).clamp_min(1e-6)
        return weight, eta - self.gradient(eta, y) / weight


class Gaussian(Family):
    """Half the squared error; one IRLS step is the exact solution."""

    likelihood = likelihoods.Gaussian

    def start(self, y):
        return y.mean()


class Binomial(Family):
    """Cross-entropy of labels 0/1 with logits."""

    likelihood = likelihoods.Binomial

    def start(self, y):
        return torch.logit(y.mean().clamp(*SHARES))


class Poisson(Family):
    """Counts with the logarithmic link."""

    likelihood = likelihoods.Poisson

    def start(self, y):
        return torch.log(y.mean().clamp_min(1e-3))


FAMILIES: dict[str, Family] = {
    "gaussian": Gaussian("gaussian", (-1.0, 1.0)),
    "binomial": Binomial("binomial", (-2.0, 2.0)),
    "poisson": Poisson("poisson", (-1.0, 1.0)),
}
