"""The coefficient network: ReLU layers with a hand-written gradient.

Everything lives in one flat float32 vector, so that an Adam step is five operations.  At 200 rows
autograd would cost more than the arithmetic.  Matrix products are numpy's: it brings OpenBLAS, as
Julia does, whose kernels round alike; torch's bring another library.
"""

from __future__ import annotations

import math

import numpy as np
import torch


class Network:
    """Fully connected ReLU network from context (n, m) to raw coefficients (n, k).

    Parameters
    ----------
    sizes : sequence of int, m, the hidden widths, k
    signs : (k,) float tensor of -1, 0, 1 or None
        Outputs of the wrong sign become 0; 0 leaves an output free.
    dropout : float, share of hidden activations dropped in training
    generator : torch.Generator, for the dropout
    """

    def __init__(self, sizes, signs=None, dropout=0.0, generator=None):
        self.shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        self.signs = None if signs is None or not bool(signs.any()) else signs
        self.dropout = dropout
        self.generator = generator
        n_parameters = sum(out * (fan_in + 1) for out, fan_in in self.shapes)
        self.weights = torch.zeros(n_parameters)
        self.gradient = torch.zeros(n_parameters)
        self.layers = self._split(self.weights)
        self._gradients = self._split(self.gradient)

    def _split(self, flat):
        layers, start = [], 0
        for out, fan_in in self.shapes:
            stop = start + out * fan_in
            layers.append((flat[start:stop].view(out, fan_in), flat[stop : stop + out]))
            start = stop + out
        return layers

    def load(self, weights):
        """Take over a flat vector of weights; returns the network."""
        self.weights.copy_(torch.as_tensor(weights))
        return self

    def initialise(self, generator):
        """Glorot uniform weights and zero biases, as Flux.Dense has them."""
        for (out, fan_in), (weight, bias) in zip(self.shapes, self.layers, strict=True):
            bound = math.sqrt(6.0 / (out + fan_in))
            weight.copy_((torch.rand(out, fan_in, generator=generator) * 2 - 1) * bound)
            bias.zero_()

    def forward(self, Z, n_dropout=0):
        """Raw coefficients (n, k); dropout acts on the first ``n_dropout`` rows."""
        hidden, self._inputs, self._masks = Z, [], []
        last = len(self.layers) - 1
        for i, (weight, bias) in enumerate(self.layers):
            self._inputs.append(hidden)
            hidden = torch.from_numpy(hidden.numpy() @ weight.numpy().T)
            hidden += bias
            if i < last:
                hidden.relu_()
                if self.dropout and n_dropout:
                    keep = torch.rand(n_dropout, hidden.shape[1], generator=self.generator)
                    mask = (keep >= self.dropout).to(hidden.dtype) / (1 - self.dropout)
                    hidden[:n_dropout] *= mask
                    self._masks.append(mask)
        self._free = None
        if self.signs is not None:
            self._free = (self.signs == 0) | (self.signs * hidden > 0)
            hidden = hidden * self._free
        return hidden

    def backward(self, gradient):
        """Fill ``self.gradient`` from d loss / d output (n, k) of the first n rows."""
        n = len(gradient)
        if self._free is not None:
            gradient = gradient * self._free[:n]
        for i in range(len(self.layers) - 1, -1, -1):
            inputs = self._inputs[i][:n]
            d_weight, d_bias = self._gradients[i]
            np.matmul(gradient.numpy().T, inputs.numpy(), out=d_weight.numpy())
            np.add.reduce(gradient.numpy(), axis=0, out=d_bias.numpy())
            if i:
                gradient = torch.from_numpy(gradient.numpy() @ self.layers[i][0].numpy())
                gradient *= inputs.sign()  # inputs are outputs of a ReLU
                if self._masks:
                    gradient *= self._masks[i - 1]


class Adam:
    """Adam with Flux's defaults, in place on a flat float32 array.

    As in Optimisers.jl everything is single precision, the betas and their powers included:
    1 - 0.999 then differs by 1e-5, which over thousands of epochs is visible.  numpy does not
    fuse multiplication and addition, so the roundings agree too.
    """

    def __init__(self, weights, gradient, rate=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.weights, self.gradient = weights, gradient
        self.rate, self.eps = np.float32(rate), np.float32(eps)
        self.betas = np.array(betas, np.float32)
        self.powers = self.betas.copy()
        self.first = np.zeros_like(weights)
        self.second = np.zeros_like(weights)
        self._work = np.zeros_like(weights), np.zeros_like(weights)

    def step(self):
        (beta1, beta2), (rest1, rest2), (left1, left2) = self.betas, 1 - self.betas, 1 - self.powers
        step, scale = self._work
        self.first *= beta1
        self.first += np.multiply(self.gradient, rest1, out=step)
        self.second *= beta2
        np.multiply(self.gradient, self.gradient, out=scale)
        self.second += np.multiply(scale, rest2, out=scale)
        np.sqrt(np.divide(self.second, left2, out=scale), out=scale)
        scale += self.eps
        np.divide(self.first, left1, out=step)
        step /= scale
        step *= self.rate
        self.weights -= step
        self.powers *= self.betas
