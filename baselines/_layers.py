"""Layers as one operation each, differentiated by hand: a chain of affine ones, an increasing one.

Each operation that automatic differentiation records costs as much as a product of small matrices.
Here a whole chain is one of them, and so is a layer with its slopes.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

ACTIVATIONS = {"tanh": torch.tanh, "sin": torch.sin, "relu": F.relu, "gelu": F.gelu}
#: slope at z times dh, h being the activation at z
BACKWARD = {
    "tanh": lambda dh, z, h: torch.ops.aten.tanh_backward(dh, h),
    "sin": lambda dh, z, h: dh * torch.cos(z),
    "relu": lambda dh, z, h: torch.ops.aten.threshold_backward(dh, h, 0),
    "gelu": lambda dh, z, h: torch.ops.aten.gelu_backward(dh, z),
}


class _Chain(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, activations, masks, *parameters):
        weights, biases = parameters[::2], parameters[1::2]
        inputs, values, h = [], [], X
        for at, runs in enumerate(activations):
            inputs.append(h)
            z = torch.baddbmm(biases[at].unsqueeze(1), h, weights[at].transpose(1, 2))
            h = _each(runs, lambda name, z: ACTIVATIONS[name](z), z)
            values.append((z, h))
            if masks[at] is not None:
                h = h * masks[at]
        inputs.append(h)
        ctx.activations, ctx.masks = activations, masks
        ctx.inputs, ctx.values, ctx.weights = inputs, values, weights
        return torch.baddbmm(biases[-1].unsqueeze(1), h, weights[-1].transpose(1, 2))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dz):
        slopes = []
        for at in range(len(ctx.weights) - 1, -1, -1):
            slopes += [dz.sum(1), torch.bmm(dz.transpose(1, 2), ctx.inputs[at])]
            if not at:
                break
            dh = torch.bmm(dz, ctx.weights[at])
            if ctx.masks[at - 1] is not None:
                dh = dh * ctx.masks[at - 1]
            runs = ctx.activations[at - 1]
            dz = _each(runs, lambda name, *a: BACKWARD[name](*a), dh, *ctx.values[at - 1])
        dX = torch.bmm(dz, ctx.weights[0]) if ctx.needs_input_grad[0] else None
        return dX, None, None, *slopes[::-1]


def _each(runs, function, *tensors):
    """A function of a word and tensors (K, ...) where the word is the same for runs of networks."""
    if len(runs) == 1:
        return function(runs[0][0], *tensors)
    pieces = zip(*(t.split([length for _, length in runs]) for t in tensors), strict=True)
    return torch.cat(
        [function(name, *piece) for (name, _), piece in zip(runs, pieces, strict=True)]
    )


def chain(X, parameters, activations, masks=None):
    """(K, n, out) values of K networks of affine layers with activations between them.

    Parameters
    ----------
    X : (n, in) or (K, n, in) tensor
    parameters : sequence of tensors
        Weights (K, out, in) and biases (K, out) of each layer, the first layer first.
    activations : sequence
        For each layer but the last the words of ``ACTIVATIONS`` and how many networks in a row
        have it: ``(("tanh", 2), ("gelu", 3))``.
    masks : sequence of None or (K, n, width) tensor, optional
        What each activation is multiplied with.
    """
    if X.dim() == 2:
        X = X.expand(len(parameters[0]), *X.shape)
    masks = [None] * len(activations) if masks is None else masks
    return _Chain.apply(X, activations, masks, *parameters)


class IncreasingLayer(torch.autograd.Function):
    """A layer's values and slopes (B, 2 n, out), one below the other, from those (B, 2 n, in).

        sign softplus(sign z)  and  dz sigmoid(sign z),  z = W x + b,  dz = W dx

    As one operation: the sigmoid is the slope of the values too.
    """

    @staticmethod
    def forward(ctx, both, weight, bias, sign):
        n = both.shape[1] // 2
        found = torch.bmm(both, weight.transpose(1, 2))
        z = found[:, :n] + bias
        dz = found[:, n:]
        if sign is not None:
            z *= sign
        sigmoid = torch.sigmoid(z)
        values = F.softplus(z)
        if sign is not None:
            values *= sign
        ctx.kept = both, weight, sign, sigmoid, dz
        return torch.cat([values, dz * sigmoid], dim=1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        both, weight, sign, sigmoid, dz = ctx.kept
        of_values, of_slopes = gradient.chunk(2, dim=1)
        of_dz = of_slopes * sigmoid
        bent = of_dz * dz * (1 - sigmoid)
        of_z = (of_values * sigmoid).add_(bent if sign is None else bent.mul_(sign))
        found = torch.cat([of_z, of_dz], dim=1)
        return (
            torch.bmm(found, weight),
            torch.bmm(found.transpose(1, 2), both),
            of_z.sum(1, keepdim=True),
            None,
        )
