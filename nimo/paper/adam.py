"""Adam with a proximal step for the group penalty on the columns of the first layer (eq. 6)."""

from __future__ import annotations

import torch
from torch import Tensor

from nimo.paper.network import Weights

# The second moment of the first layer forgets faster than the others: the threshold of its group
# penalty is divided by it, and large early gradients would otherwise switch the penalty off.
COLUMN_MEMORY = 0.99


class Adam:
    """Adam (Kingma and Ba, 2015) with one second moment per first-layer column.

    Sharing the second moment along a column makes the metric of a column a multiple of the
    identity, in which the proximal step of the group norm is a plain shrinkage of the column.

    Parameters
    ----------
    weights : Weights of M networks
    scale : Tensor (M, d)
        The scales c.
    """

    def __init__(self, weights: Weights, scale: Tensor):
        self.first = weights.map(torch.zeros_like)
        self.second = weights.map(torch.zeros_like)
        # What each weight forgets of its second moment in a step.
        self.forget = weights.map(lambda flat: torch.full_like(flat[:1], 0.001))
        self.forget.features.fill_(1 - COLUMN_MEMORY)
        self.fix = self.forget.map(torch.empty_like)
        self.work = weights.map(torch.empty_like)
        self.scale_first = torch.zeros_like(scale)
        self.scale_second = torch.zeros_like(scale)
        self.count = 0

    def step(
        self,
        weights: Weights,
        gradient: Weights,
        rate: float,
        group: Tensor,
        group_power: float = 1.0,
    ) -> None:
        """A gradient step on the weights, then the proximal step of the group penalty, in place.

        Parameters
        ----------
        weights, gradient : Weights of M networks
        rate : float
        group : Tensor (M,)
            Group penalty: a column whose gradient stays inside it becomes exactly 0.
        group_power : float
            p of the penalty ||.||^p; below 1 its slope p ||.||^(p - 1) at the column takes the
            place of the constant one.
        """
        self.count += 1
        self.first.flat.lerp_(gradient.flat, 0.1)
        square = self.work
        torch.square(gradient.flat, out=square.flat)
        square.features.copy_(square.features.mean(1, keepdim=True).expand_as(square.features))
        self.second.flat.lerp_(square.flat, self.forget.flat)
        self.fix.flat.fill_(1 - 0.999**self.count)
        self.fix.features.fill_(1 - COLUMN_MEMORY**self.count)
        metric = self.work  # the squares are not needed any more
        torch.div(self.second.flat, self.fix.flat, out=metric.flat).sqrt_().add_(1e-8)
        fix1 = 1 - 0.9**self.count
        weights.flat.addcdiv_(self.first.flat, metric.flat, value=-rate / fix1)
        columns = weights.features
        threshold = rate * group[:, None, None] / metric.features[:, :1]
        norm = columns.norm(dim=1, keepdim=True).clamp_min_(1e-12)
        if group_power != 1:
            threshold = threshold * group_power * norm ** (group_power - 1)
        columns.mul_((1 - threshold / norm).clamp_min_(0))

    def step_scale(self, scale: Tensor, gradient: Tensor, rate: float) -> None:
        """A gradient step on the scales (M, d), in place, after :meth:`step`."""
        fix1, fix2 = 1 - 0.9**self.count, 1 - 0.999**self.count
        self.scale_first.lerp_(gradient, 0.1)
        self.scale_second.lerp_(gradient.square(), 0.001)
        update = self.scale_first / fix1 / ((self.scale_second / fix2).sqrt() + 1e-8)
        scale.sub_(update, alpha=rate)
