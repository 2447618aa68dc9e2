"""Early stopping: the best state of each model on the validation rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.state import State


@dataclass
class Best:
    """The best state of each model so far, by validation loss."""

    state: State
    loss: Tensor  # (M,)
    step: Tensor  # (M,)
    seen: bool = True  # whether the validation rows have been looked at

    @staticmethod
    def before_the_first_look(state: State) -> Best:
        """Nothing seen yet: losses are infinite."""
        models = len(state.intercept)
        return Best(
            state,
            torch.full_like(state.intercept, math.inf),
            torch.zeros(models).long(),
            seen=False,
        )

    def look(self, state: State, loss: Tensor, step: int) -> None:
        """Keep the models of ``state`` whose loss (M,) is lower, in place."""
        if not self.seen:
            self.state, self.loss, self.seen = state.copy(), loss.clone(), True
            self.step.fill_(step)
            return
        better = (loss < self.loss).nonzero()[:, 0]
        if len(better) > 0:
            self.state.put(better, state)
            self.loss[better] = loss[better]
            self.step[better] = step
