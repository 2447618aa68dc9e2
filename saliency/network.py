"""A trained network as a list of steps, and how it is run.

A walk over the steps is the same whatever is carried along: activations, or the pair of streams of
a split.  What is carried, and what each step does to it, is a :class:`Carrier`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class Affine:
    """A convolution or a dense layer: ``apply(x, weight, bias)``; bias (channels,)."""

    name: str
    weight: Tensor
    bias: Tensor
    apply: Callable[[Tensor, Tensor, Tensor | None], Tensor]


@dataclass(frozen=True, eq=False)
class ReLU:
    name: str


@dataclass(frozen=True, eq=False)
class MaxPool:
    name: str
    kernel: int
    stride: int
    padding: int


@dataclass(frozen=True, eq=False)
class Linear:
    """A step without parameters that adds up non-negative multiples: a mean, a new shape."""

    name: str
    apply: Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Residual:
    """The sum of what two lists of steps make of the same input; an empty list hands it on."""

    name: str
    body: tuple
    shortcut: tuple


class BasicBlock(nn.Module):
    """The block of ResNet18 (He et al. 2016), with torchvision's names of its parts."""

    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        body = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(body + (x if self.downsample is None else self.downsample(x)))


def steps(module: nn.Module, name: str = "") -> tuple:
    """The steps of a module in evaluation mode, in float64; batch norm folded, dropout left out.

    Raises
    ------
    TypeError
        A module that has no step here.
    ValueError
        A batch norm that does not follow a convolution.
    """
    found: list[Any] = []
    _collect(module, name, found)
    return tuple(found)


def _collect(module, name, found):
    if isinstance(module, nn.Sequential):
        for key, child in module.named_children():
            _collect(child, f"{name}.{key}" if name else key, found)
    elif isinstance(module, BasicBlock):
        body = nn.Sequential(module.conv1, module.bn1, module.relu, module.conv2, module.bn2)
        shortcut = () if module.downsample is None else steps(module.downsample, f"{name}.down")
        found += [Residual(name, steps(body, name), shortcut), ReLU(f"{name}.relu")]
    elif isinstance(module, nn.Conv2d | nn.Linear):
        bias = torch.zeros(len(module.weight)) if module.bias is None else module.bias
        found.append(Affine(name, *map(_double, (module.weight, bias)), _apply(module)))
    elif isinstance(module, nn.BatchNorm2d):
        if not found or not isinstance(found[-1], Affine):
            raise ValueError(f"batch norm {name!r} does not follow a convolution")
        found[-1] = folded(found[-1], module)
    elif isinstance(module, nn.MaxPool2d):
        found.append(MaxPool(name, module.kernel_size, module.stride, module.padding))
    elif isinstance(module, nn.AdaptiveAvgPool2d | nn.Flatten):
        found.append(Linear(name, module))
    elif isinstance(module, nn.ReLU):
        found.append(ReLU(name))
    elif not isinstance(module, nn.Dropout):
        raise TypeError(f"no step for {type(module).__name__} ({name!r})")


def _double(tensor):
    return tensor.detach().double()


def _apply(module):
    if isinstance(module, nn.Linear):
        return F.linear
    stride, padding = module.stride, module.padding
    return lambda x, weight, bias: F.conv2d(x, weight, bias, stride, padding)


def folded(convolution: Affine, norm: nn.BatchNorm2d) -> Affine:
    """Convolution and batch norm in one: the norm is an affine map of each channel."""
    mean, variance, gain, bias = map(
        _double, (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    gain = gain / torch.sqrt(variance + norm.eps)
    weight = convolution.weight * gain[:, None, None, None]
    return Affine(
        convolution.name, weight, (convolution.bias - mean) * gain + bias, convolution.apply
    )


class Carrier:
    """What each step does to what is carried; here activations, as the network itself has them.

    Attributes
    ----------
    choices : list
        Of each ReLU, where it is on, z >= 0; of each max pooling, the place in the window that is
        largest: in the order in which they are met.
    kept : dict
        What is carried after each step, by the step's name.
    """

    def __init__(self):
        self.choices = []
        self.kept = {}

    def start(self, x):
        return x

    def affine(self, step, a):
        return step.apply(a, step.weight, step.bias)

    def relu(self, step, a):
        self.choices.append(a.detach() >= 0)
        return torch.where(self.choices[-1], a, 0.0)

    def max_pool(self, step, a):
        seen = windows(a, step, fill=-torch.inf)
        self.choices.append(seen.detach().argmax(2, keepdim=True))
        return shaped(seen.gather(2, self.choices[-1]).squeeze(2), a, step)

    def linear(self, step, a):
        return step.apply(a)

    def add(self, step, a, b):
        return a + b


def windows(a, step, fill):
    """(m, channels, places of a window, windows); what lies beyond the edge is ``fill``."""
    pad = step.padding
    padded = F.pad(a, (pad, pad, pad, pad), value=fill)
    found = F.unfold(padded, step.kernel, stride=step.stride)
    return found.reshape(len(a), a.shape[1], step.kernel**2, -1)


def shaped(flat, a, step):
    """Windows, one value each, as a picture again."""
    height, width = ((n + 2 * step.padding - step.kernel) // step.stride + 1 for n in a.shape[2:])
    return flat.reshape(len(a), a.shape[1], height, width)


def walk(network: tuple, x, carrier):
    """What ``carrier`` makes of the pictures x (m, channels, height, width)."""
    return _walk(network, carrier.start(x), carrier)


def _walk(network, state, carrier):
    for step in network:
        if isinstance(step, Residual):
            body = _walk(step.body, state, carrier)
            state = carrier.add(step, body, _walk(step.shortcut, state, carrier))
        elif isinstance(step, Affine):
            state = carrier.affine(step, state)
        elif isinstance(step, ReLU):
            state = carrier.relu(step, state)
        elif isinstance(step, MaxPool):
            state = carrier.max_pool(step, state)
        else:
            state = carrier.linear(step, state)
        carrier.kept[step.name] = state
    return state


def run(network: tuple, x) -> Tensor:
    """(m, classes) the network itself."""
    return walk(network, x, Carrier())
