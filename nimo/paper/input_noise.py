"""The noise on the first layer during training."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Noise:
    """Normal noise cut from a pool: drawing it afresh would cost more than the rest of a step.

    Parameters
    ----------
    level : float
        Standard deviation; 0: no noise.
    generator : torch.Generator
    """

    def __init__(self, level: float, generator: torch.Generator):
        self.level, self.generator = level, generator
        self.pool = torch.empty(0)

    def draw(self, shape: tuple[int, ...], device: torch.device) -> Tensor | None:
        """Noise of the given shape, None where the level is 0."""
        if self.level == 0:
            return None
        size = math.prod(shape)
        if len(self.pool) < size + 4096:
            # Half as much again, so that successive cuts start at many different places.
            pool = torch.randn(size + size // 2 + 4096, generator=self.generator)
            self.pool = pool.mul_(self.level).to(device)
        spare = len(self.pool) - size
        start = int(torch.randint(spare, (), generator=self.generator))
        return self.pool[start : start + size].view(shape)
