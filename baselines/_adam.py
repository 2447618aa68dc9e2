"""Adam and NAdam for networks side by side, each with its own rates."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from baselines._stacked import Stack

BETAS, EPSILON = (0.9, 0.999), 1e-8  # of Adam, as published
MOMENTUM_DECAY = 4e-3  # of NAdam


class Adam:
    """Adam with decoupled weight decay, each row of a stack with its own rates.

    It calls the kernel of ``torch.optim.AdamW(fused=True)`` itself: around it that class spends
    several times what the kernel takes on a small network.

    Parameters
    ----------
    stack : Stack
    learning_rates, weight_decays : K floats
        Those of the next step; they may be changed.
    """

    def __init__(self, stack: Stack, learning_rates, weight_decays):
        self.stack = stack
        self.learning_rates, self.weight_decays = list(learning_rates), list(weight_decays)
        self.moments = [torch.zeros_like(stack.rows) for _ in range(2)]
        self.taken = torch.zeros(())

    def keep(self, which: Sequence[int]):
        """Go on with some of the rows."""
        self.learning_rates = [self.learning_rates[k] for k in which]
        self.weight_decays = [self.weight_decays[k] for k in which]
        self.moments = [moment[list(which)] for moment in self.moments]

    def step(self, gradient):
        """Move the rows, given the gradient (K, P)."""
        self.taken += 1
        rates = zip(self.learning_rates, self.weight_decays, strict=True)
        matrices = self.stack.rows, gradient, *self.moments
        rows = zip(*(matrix.unbind() for matrix in matrices), strict=True)
        for (row, slope, first, second), (rate, decay) in zip(rows, rates, strict=True):
            torch._fused_adamw_(
                [row],
                [slope],
                [first],
                [second],
                [],
                [self.taken],
                lr=rate,
                beta1=BETAS[0],
                beta2=BETAS[1],
                weight_decay=decay,
                eps=EPSILON,
                amsgrad=False,
                maximize=False,
            )


class NAdam(Adam):
    """Adam with Nesterov momentum (Dozat, 2016), as ``torch.optim.NAdam``; no weight decay."""

    def __init__(self, stack: Stack, learning_rates, weight_decays):
        super().__init__(stack, learning_rates, weight_decays)
        self.steps, self.product = 0, 1.0

    def step(self, gradient):
        self.steps += 1
        now, then = (
            BETAS[0] * (1 - 0.5 * 0.96 ** (step * MOMENTUM_DECAY))
            for step in (self.steps, self.steps + 1)
        )
        self.product *= now
        first, second = self.moments
        first.lerp_(gradient, 1 - BETAS[0])
        second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        size = (second / (1 - BETAS[1] ** self.steps)).sqrt_().add_(EPSILON)
        rates = -torch.tensor(self.learning_rates).unsqueeze(1)
        row = self.stack.rows
        row.add_(rates * ((1 - now) / (1 - self.product)) * gradient / size)
        row.add_(rates * (then / (1 - self.product * then)) * first / size)
