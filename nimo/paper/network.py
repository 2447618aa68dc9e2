"""The shared network g of NIMO, batched over models, with a hand-written backward pass.

One network serves all features: g_j(x_-j) = range(net([x with entry j set to 0, pe(j)]) - net([0,
pe(j)])) with pe(j) the binary code of j (arXiv 2506.05059, sections 3 and 4).  How the first layer
gets its masked inputs is a matter of :mod:`nimo.paper.masking`.

Shapes: M models, n rows, d features, k terms per model (the features whose coefficient is not
zero, as indices (M, k)), h hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from nimo.paper.masking import Explicit, RankOne, faster_repeated

Inputs = Explicit | RankOne


def positional_code(d: int) -> Tensor:
    """Binary digits of 1..d, lowest first, shape (bits, d) with bits = floor(log2 d) + 1."""
    bits = int(math.floor(math.log2(d))) + 1
    number = torch.arange(1, d + 1)
    return torch.stack([(number >> b) & 1 for b in range(bits)]).float()


class Weights:
    """Parameters of M networks, or their gradients: one row each of ``flat`` (M, P).

    The parts are views of ``flat``, which may be changed in place, but is never replaced.
    """

    def __init__(self, flat: Tensor, d: int, bits: int, hidden: int):
        self.flat, self.sizes = flat, (d, bits, hidden)

    def __reduce__(self):
        return Weights, (self.flat, *self.sizes)  # without the views

    @cached_property
    def _parts(self) -> tuple[Tensor, ...]:
        d, bits, hidden = self.sizes
        first = hidden * (d + bits + 1)
        return self.flat.split([first, hidden * hidden, hidden, hidden, 1], dim=1)

    @cached_property
    def first(self) -> Tensor:
        """First layer (M, h, d + bits + 1): features, positional code, bias."""
        d, bits, hidden = self.sizes
        return self._parts[0].unflatten(1, (hidden, d + bits + 1))

    @cached_property
    def features(self) -> Tensor:
        """(M, h, d)"""
        return self.first[..., : self.sizes[0]]

    @cached_property
    def position(self) -> Tensor:
        """(M, h, bits)"""
        return self.first[..., self.sizes[0] : -1]

    @cached_property
    def hidden(self) -> Tensor:
        """(M, h, h)"""
        return self._parts[1].unflatten(1, (self.sizes[2], self.sizes[2]))

    @cached_property
    def bias2(self) -> Tensor:
        """(M, h)"""
        return self._parts[2]

    @cached_property
    def output(self) -> Tensor:
        """(M, h)"""
        return self._parts[3]

    @cached_property
    def bias3(self) -> Tensor:
        """(M,)"""
        return self._parts[4][:, 0]

    def map(self, function: Callable[[Tensor], Tensor]) -> Weights:
        """Weights made of ``function(flat)``."""
        return Weights(function(self.flat), *self.sizes)

    def select(self, models: Tensor) -> Weights:
        """Copy of the given models."""
        return self.map(lambda flat: flat[models])

    def narrow(self, features: Tensor) -> Weights:
        """Copy with the first-layer columns of the given features (q,) alone."""
        d, bits, hidden = self.sizes
        columns = torch.cat([features, torch.arange(d, d + bits + 1, device=features.device)])
        first = self.first[..., columns].flatten(1)
        rest = self.flat[:, self._parts[0].shape[1] :]
        return Weights(torch.cat([first, rest], dim=1), len(features), bits, hidden)

    def widen(self, features: Tensor, d: int) -> Weights:
        """The reverse of :meth:`narrow`: d features, the columns of the others are 0."""
        q, bits, hidden = self.sizes
        first = self.flat.new_zeros(len(self.flat), hidden, d + bits + 1)
        first[..., features] = self.features
        first[..., d:] = self.first[..., q:]
        rest = self.flat[:, self._parts[0].shape[1] :]
        return Weights(torch.cat([first.flatten(1), rest], dim=1), d, bits, hidden)

    @staticmethod
    def join(parts: list[Weights]) -> Weights:
        return parts[0].map(lambda _: torch.cat([part.flat for part in parts]))


def initial_weights(models: int, d: int, hidden: int, generator: torch.Generator) -> Weights:
    """Uniform initial weights, as ``torch.nn.Linear`` draws them, bound 1 / sqrt(fan-in)."""
    bits = int(math.floor(math.log2(d))) + 1

    def uniform(*shape, fan_in):
        bound = 1 / math.sqrt(fan_in)
        return (torch.rand(models, *shape, generator=generator) * 2 - 1) * bound

    first = [
        uniform(hidden, d, fan_in=d + bits),
        uniform(hidden, bits, fan_in=d + bits),
        uniform(hidden, 1, fan_in=d + bits),
    ]
    parts = [
        torch.cat(first, dim=2),
        uniform(hidden, hidden, fan_in=hidden),
        uniform(hidden, fan_in=hidden),
        uniform(hidden, fan_in=hidden),
        torch.zeros(models, 1),
    ]
    flat = torch.cat([part.flatten(1) for part in parts], dim=1)
    return Weights(flat, d, bits, hidden)


@dataclass(frozen=True)
class Network:
    """The fixed part of the architecture.

    Parameters
    ----------
    code : Tensor (bits, d)
    g_range : (low, high)
        Range of g, with low < 0 < high.
    frequency : float
        w0 in sin(w0 z) of the second layer (SIREN, arXiv 2006.09661).
    mask_self : bool
        False: g_j sees x_j too (ablation).
    zero_at_baseline : bool
        False: the value at 0 is not subtracted (ablation).
    unseen : Tensor (P, 2) int64, optional
        Pairs (j, k), j not k: g_j does not see x_k either.
    first_slope : float
        s in tanh(s z) of the first layer.
    """

    code: Tensor
    g_range: tuple[float, float]
    frequency: float = 3.0
    mask_self: bool = True
    zero_at_baseline: bool = True
    unseen: Tensor | None = None
    first_slope: float = 1.0

    def narrow(self, features: Tensor) -> Network:
        """The network on the given features (q,)."""
        unseen = self.unseen
        if unseen is not None:
            place = torch.full((self.code.shape[1],), -1, device=features.device)
            place[features] = torch.arange(len(features), device=features.device)
            unseen = place[unseen]
            unseen = unseen[(unseen >= 0).all(1)]
        return replace(self, code=self.code[:, features], unseen=unseen)

    def cpu(self) -> Network:
        """The same with its tensors on the CPU."""
        unseen = None if self.unseen is None else self.unseen.cpu()
        return replace(self, code=self.code.cpu(), unseen=unseen)

    def inputs(self, x: Tensor, terms: Tensor, repeated: bool = False) -> Inputs:
        """Masked inputs of rows x (n, d) and terms (M, k), for :meth:`forward`.

        Parameters
        ----------
        repeated : bool
            Whether the inputs serve many steps.
        """
        way = faster_repeated(x, terms, self.code) if repeated else RankOne
        return way(x, terms, self.code, self.mask_self, self.unseen)

    def written_out(self, x: Tensor, terms: Tensor) -> Explicit:
        """As :meth:`inputs`, for :meth:`jacobian`."""
        return Explicit(x, terms, self.code, self.mask_self, self.unseen)

    def _squash(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Map to the range with value 0 and slope 1 at u = 0, and the slope; tanh for [-1, 1]."""
        low, high = self.g_range
        width = high - low
        at_zero = -low / width
        slope = 1 / (width * at_zero * (1 - at_zero))
        share = torch.sigmoid(slope * u + math.log(at_zero / (1 - at_zero)))
        return low + width * share, slope * width * share * (1 - share)

    def forward(
        self, weights: Weights, inputs: Inputs, noise: Tensor | None = None
    ) -> tuple[Tensor, tuple]:
        """g of every row and term.

        Parameters
        ----------
        noise : (M, n or n + 1, k, h), optional
            Added to the first layer; a last row n is for the baseline.

        Returns
        -------
        g : (M, n, k), and what :meth:`backward` needs.
        """
        n, k = inputs.n, inputs.k
        layer1 = inputs.forward(weights.first, noise).mul_(self.first_slope).tanh_()
        w0 = self.frequency
        phase = torch.baddbmm(weights.bias2[:, None], layer1, weights.hidden.mT, beta=w0, alpha=w0)
        layer2 = torch.sin(phase)
        out = torch.bmm(layer2, weights.output[:, :, None]).view(-1, n + 1, k)
        if self.zero_at_baseline:
            u = out[:, :n] - out[:, n:]
        else:
            u = out[:, :n] + weights.bias3[:, None, None]
        g, slope = self._squash(u)
        return g, (inputs, layer1, phase, layer2, slope)

    def backward(self, weights: Weights, cache: tuple, grad_g: Tensor) -> Weights:
        """Gradient of sum(grad_g * g) with respect to the weights; ``cache`` is used up."""
        inputs, layer1, phase, layer2, slope = cache
        grad_u = grad_g * slope
        at_baseline = -grad_u.sum(1, keepdim=True) * self.zero_at_baseline
        grad_out = torch.cat([grad_u, at_baseline], dim=1).view(len(grad_g), -1, 1)

        grad_output = torch.bmm(layer2.mT, grad_out)
        # Of the second layer before its activation, without the factor w0 * output of each unit,
        # which is cheaper to apply to the small matrices that follow.
        grad_phase = phase.cos_().mul_(grad_out)
        factor = (self.frequency * weights.output)[:, :, None]
        grad_hidden = torch.bmm(grad_phase.mT, layer1).mul_(factor)
        grad_layer1 = torch.bmm(grad_phase, weights.hidden * factor)
        grad_bias2 = grad_phase.sum(1)[..., None].mul_(factor)
        torch.ops.aten.tanh_backward.grad_input(grad_layer1, layer1, grad_input=grad_layer1)
        grad_first = inputs.backward(grad_layer1.mul_(self.first_slope))
        # The last bias cancels against its own value at the baseline.
        grad_bias3 = grad_u.sum((1, 2))[:, None] * (not self.zero_at_baseline)
        parts = [grad_first, grad_hidden, grad_bias2, grad_output]
        flat = torch.cat([*(part.flatten(1) for part in parts), grad_bias3], dim=1)
        return weights.map(lambda _: flat)

    def jacobian(self, weights: Weights, cache: tuple, factor: Tensor) -> Tensor:
        """Derivatives of sum_j factor_ij g_ij of each row i, for one model, (n, P).

        Parameters
        ----------
        weights : Weights of one model
        cache : what :meth:`forward` returned for inputs written out
        factor : Tensor (n, k)
        """
        inputs, layer1, phase, layer2, slope = cache
        factor = factor * slope[0]
        n, k = factor.shape
        grad_phase = phase[0].cos().mul_(self.frequency * weights.output[0])
        grad_layer1 = (grad_phase @ weights.hidden[0]) * (1 - layer1[0].square())
        grad_layer1 *= self.first_slope

        def of_matrix(gradient: Tensor, values: Tensor) -> Tensor:
            """Of the matrix (rows, columns) between ``values`` and the units of ``gradient``."""
            gradient, values = gradient.view(n + 1, k, -1), values.view(n + 1, k, -1)
            rows = torch.bmm((gradient[:n] * factor[:, :, None]).mT, values[:n]).flatten(1)
            if self.zero_at_baseline:
                baseline = gradient[n][:, :, None] * values[n][:, None]
                rows.addmm_(factor, baseline.flatten(1), alpha=-1)
            return rows

        one = factor.new_ones((n + 1) * k, 1)
        return torch.cat(
            [
                of_matrix(grad_layer1, inputs.rows[0]),
                of_matrix(grad_phase, layer1[0]),
                of_matrix(grad_phase, one),
                of_matrix(layer2[0], one),
                factor.sum(1, keepdim=True) * (not self.zero_at_baseline),
            ],
            dim=1,
        )
