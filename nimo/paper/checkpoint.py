"""Early stopping: the best state of each model on the validation rows."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from nimo.paper.state import State


@dataclass
class Best:
    """The best state of each model so far, by validation loss."""

    state: State
    loss: Tensor  # (M,)
    step: Tensor  # (M,)
    models: Tensor  # (M,) which of the models that were started
    last: State | None = None  # where training has ended

    def select(self, models: Tensor) -> Best:
        return Best(
            self.state.select(models), self.loss[models], self.step[models], self.models[models]
        )


def keep_better(best: Best, state: State, loss: Tensor, step: int) -> None:
    better = loss < best.loss
    if best.state is state:
        best.state = state.copy()
        best.loss = loss.clone()
        best.step.fill_(step)
        return
    if not better.any():
        return
    index = better.nonzero()[:, 0]
    best.state.weights.flat[index] = state.weights.flat[index]
    for name in State.TENSORS:
        getattr(best.state, name)[index] = getattr(state, name)[index]
    best.loss[index] = loss[index]
    best.step[index] = step
