"""The shared network g of NIMO, batched over models, with a hand-written backward pass.

One network serves all features: g_j(x_-j) = range(net([x with entry j set to 0, pe(j)]) - net([0,
pe(j)])) with pe(j) the binary code of j (arXiv 2506.05059, sections 3 and 4).  Masking entry j is a
rank-one change of the first layer, W (x - x_j e_j) = W x - x_j W_j, so W x is computed once for all
j and no array of shape (n, d, d + bits) exists.

Shapes: M models, n rows, d features, k terms per model (the features whose coefficient is not
zero, as indices (M, k)), h hidden units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor


def positional_code(d: int) -> Tensor:
    """Binary digits of 1..d, lowest first, shape (bits, d) with bits = floor(log2 d) + 1."""
    bits = int(math.floor(math.log2(d))) + 1
    number = torch.arange(1, d + 1)
    return torch.stack([(number >> b) & 1 for b in range(bits)]).float()


@dataclass
class Weights:
    """Parameters of M networks; also used for their gradients and optimiser moments."""

    features: Tensor  # (M, h, d)  first layer, on the features
    position: Tensor  # (M, h, bits)  first layer, on the positional code
    bias1: Tensor  # (M, h)
    hidden: Tensor  # (M, h, h)
    bias2: Tensor  # (M, h)
    output: Tensor  # (M, h)
    bias3: Tensor  # (M,)

    def map(self, function, *others: Weights) -> Weights:
        """Apply ``function`` to each tensor (and the same tensor of the others)."""
        return Weights(
            *(
                function(getattr(self, f.name), *(getattr(o, f.name) for o in others))
                for f in fields(self)
            )
        )

    def tensors(self) -> list[Tensor]:
        return [getattr(self, f.name) for f in fields(self)]

    def select(self, models: Tensor) -> Weights:
        """Copy of the given models."""
        return self.map(lambda t: t[models].clone())

    @staticmethod
    def join(parts: list[Weights]) -> Weights:
        return parts[0].map(lambda *t: torch.cat(t), *parts[1:])


def initial_weights(models: int, d: int, hidden: int, generator: torch.Generator) -> Weights:
    """Uniform initial weights, as ``torch.nn.Linear`` draws them, bound 1 / sqrt(fan-in).

    The fan-in of the first layer is taken over the features that one input can differ in, capped
    so that the first layer does not start near zero when d is large.
    """
    bits = int(math.floor(math.log2(d))) + 1

    def uniform(*shape, fan_in):
        bound = 1 / math.sqrt(fan_in)
        return (torch.rand(models, *shape, generator=generator) * 2 - 1) * bound

    return Weights(
        features=uniform(hidden, d, fan_in=d + bits),
        position=uniform(hidden, bits, fan_in=d + bits),
        bias1=uniform(hidden, fan_in=d + bits),
        hidden=uniform(hidden, hidden, fan_in=hidden),
        bias2=uniform(hidden, fan_in=hidden),
        output=uniform(hidden, fan_in=hidden),
        bias3=torch.zeros(models),
    )


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
    """

    code: Tensor
    g_range: tuple[float, float]
    frequency: float = 3.0
    mask_self: bool = True
    zero_at_baseline: bool = True

    def _squash(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Map to the range with value 0 and slope 1 at u = 0, and the slope; tanh for [-1, 1]."""
        low, high = self.g_range
        width = high - low
        at_zero = -low / width
        slope = 1 / (width * at_zero * (1 - at_zero))
        share = torch.sigmoid(slope * u + math.log(at_zero / (1 - at_zero)))
        return low + width * share, slope * width * share * (1 - share)

    def forward(
        self, weights: Weights, x: Tensor, terms: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, tuple]:
        """g of every row and term.

        Parameters
        ----------
        x : (n, d)
        terms : (M, k) int64, feature index of each term
        noise : (M, n or n + 1, k, h), optional
            Added to the first layer; a last row n is for the baseline.

        Returns
        -------
        g : (M, n, k), and what :meth:`backward` needs.
        """
        models, hidden, _ = weights.features.shape
        n, k = x.shape[0], terms.shape[1]
        own = torch.gather(weights.features, 2, terms[:, None, :].expand(-1, hidden, -1)).mT
        position = (weights.position @ self.code.to(x.dtype)).mT  # (M, d, h)
        position = torch.gather(position, 1, terms[:, :, None].expand(-1, -1, hidden))
        shared = x @ weights.features.mT + weights.bias1[:, None]  # (M, n, h)
        x_terms = x.T[terms].mT  # (M, n, k)

        # Row n is the baseline x = 0, so that value and baseline are one computation.
        layer1 = torch.empty(models, n + 1, k, hidden, dtype=x.dtype, device=x.device)
        rows = layer1[:, :n]
        torch.add(shared[:, :, None], position[:, None], out=rows)
        if self.mask_self:
            rows.addcmul_(x_terms[..., None], own[:, None], value=-1)
        torch.add(weights.bias1[:, None], position, out=layer1[:, n])
        if noise is not None:
            layer1[:, : noise.shape[1]].add_(noise)
        layer1 = layer1.tanh_().view(models, (n + 1) * k, hidden)

        phase = torch.baddbmm(weights.bias2[:, None], layer1, weights.hidden.mT)
        phase.mul_(self.frequency)
        layer2 = torch.sin(phase)
        out = torch.bmm(layer2, weights.output[:, :, None]).view(models, n + 1, k)
        if self.zero_at_baseline:
            u = out[:, :n] - out[:, n:]
        else:
            u = out[:, :n] + weights.bias3[:, None, None]
        g, slope = self._squash(u)
        return g, (x, x_terms, terms, layer1, phase, layer2, slope)

    def backward(self, weights: Weights, cache: tuple, grad_g: Tensor) -> Weights:
        """Gradient of sum(grad_g * g) with respect to the weights; ``cache`` is used up."""
        x, x_terms, terms, layer1, phase, layer2, slope = cache
        models, n, k = grad_g.shape
        hidden = weights.hidden.shape[1]
        grad_u = grad_g * slope
        grad_out = torch.empty(models, n + 1, k, dtype=x.dtype, device=x.device)
        grad_out[:, :n] = grad_u
        grad_out[:, n] = -grad_u.sum(1) if self.zero_at_baseline else 0.0
        grad_out = grad_out.view(models, (n + 1) * k, 1)

        grad_output = torch.bmm(layer2.mT, grad_out)[..., 0]
        grad_phase = phase.cos_()
        grad_phase.mul_((self.frequency * weights.output)[:, None]).mul_(grad_out)
        grad_hidden = torch.bmm(grad_phase.mT, layer1)
        grad_layer1 = torch.bmm(grad_phase, weights.hidden)
        # (1 - tanh^2), in the memory that layer2 no longer needs
        grad_layer1.mul_(torch.mul(layer1, layer1, out=layer2).neg_().add_(1))
        grad_layer1 = grad_layer1.view(models, n + 1, k, hidden)

        rows = grad_layer1[:, :n]
        over_terms = rows.sum(2)  # (M, n, h)
        grad_features = torch.matmul(over_terms.mT, x)
        if self.mask_self:
            own = torch.einsum("mnk,mnkh->mhk", x_terms, rows)
            grad_features.scatter_add_(2, terms[:, None, :].expand(-1, hidden, -1), -own)
        by_term = grad_layer1.sum(1)  # (M, k, h)
        return Weights(
            features=grad_features,
            position=torch.einsum("mkh,bmk->mhb", by_term, self.code.to(x.dtype)[:, terms]),
            bias1=by_term.sum(1),
            hidden=grad_hidden,
            bias2=grad_phase.sum(1),
            output=grad_output,
            # The last bias cancels against its own value at the baseline.
            bias3=grad_u.sum((1, 2)) * (not self.zero_at_baseline),
        )
