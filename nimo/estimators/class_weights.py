"""Labels whose classes count differently: what class_weight is in the paper's algorithm."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nimo.paper.families import SHARES, Binomial
from nimo.paper.likelihoods import sigmoid, softplus


@dataclass(frozen=True)
class WeightedBinomial(Binomial):
    """Cross-entropy with a weight for each class.

    Of a share y of ones, as networks learn from a teacher, each part has the weight of its class.

    Parameters
    ----------
    weights : (float, float)
        Of a 0 and of a 1.
    """

    weights: tuple[float, float] = (1.0, 1.0)

    def row_weight(self, y):
        zero, one = self.weights
        return zero * (1 - y) + one * y

    def loss(self, eta, y):
        zero, one = self.weights
        return zero * (1 - y) * softplus(eta) + one * y * softplus(-eta)

    def gradient(self, eta, y):
        return self.row_weight(y) * sigmoid(eta) - self.weights[1] * y

    def curvature(self, eta, y):
        return self.row_weight(y) * self.weight(eta)

    def start(self, y):
        return torch.logit((self.weights[1] * y.mean() / self.row_weight(y).mean()).clamp(*SHARES))
