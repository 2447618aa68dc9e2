"""A convolutional ReLU network as the difference of two convex, increasing streams, exactly.

The equations are those of ``explainers/_dc_split.py``: an activation a = p - q, every weight split
into W+ and W-, ReLU(p - q) = max(p, q) - q.  For pictures three things are added:

* batch norm is folded into the convolution before it (``network.folded``);
* the largest of a window is max_i (p_i - q_i) = max_i (p_i + sum of the other q) - sum of all q;
* residual branches are added stream by stream.

Masks of ReLUs and winners of windows are taken from the network's own activations.
"""

from __future__ import annotations

import torch

from saliency.network import Carrier, shaped, walk, windows

# Both numbers are Zimmermann and Loho's; how they are applied is said at ``recentred``.
THRESHOLD, FACTOR = 10.0, 0.1


def recentred(p, q):
    """What is taken away from both streams, their difference staying as it is; a constant.

    Our reading of the paper's threshold and factor: as long as the common part min(p, q) of one
    picture is above ``THRESHOLD`` anywhere in a layer, all of it is multiplied by ``FACTOR``.
    """
    common = torch.minimum(p, q).detach()
    largest = common.amax(dim=tuple(range(1, common.ndim)), keepdim=True)
    times = torch.ceil(torch.log10((largest / THRESHOLD).clamp(min=1.0)) - 1e-12)
    return common * (1.0 - FACTOR**times)


class _Shift(torch.autograd.Function):
    """Nothing on the way forward; on the way back both sensitivities less alpha times their sum."""

    @staticmethod
    def forward(ctx, p, q, alpha):
        ctx.alpha = alpha
        return p.clone(), q.clone()

    @staticmethod
    def backward(ctx, dp, dq):
        common = ctx.alpha * (dp + dq)
        return dp - common, dq - common, None


class Scale(torch.autograd.Function):
    """Nothing on the way forward; on the way back times a given factor."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(factor)
        return x.clone()

    @staticmethod
    def backward(ctx, dx):
        (factor,) = ctx.saved_tensors
        return dx * factor, None


class Streams(Carrier):
    """Carries the pair (p, q).

    Parameters
    ----------
    choices : list
        Of a :class:`~saliency.network.Carrier` that went over the same pictures.
    alpha : float in [0, 1/2]
        What derivatives are shifted by: 0 those of the streams, 1/2 half the plain gradient.
    recentre : bool
    relevance : float, optional
        An epsilon: derivatives times streams are then epsilon-LRP's relevances.  What a unit gets
        it hands on in full, though recentring has made it smaller than the sum behind it.

    Attributes
    ----------
    origin : pair of tensors
        What it started from, relu(x) and relu(-x): derivatives are taken by these.

    Raises
    ------
    ValueError
        alpha outside [0, 1/2].
    """

    def __init__(self, choices, alpha=0.0, recentre=True, relevance=None):
        super().__init__()
        if not 0 <= alpha <= 0.5:
            raise ValueError(f"alpha must lie in [0, 1/2], got {alpha}")
        self.coming = iter(choices)
        self.alpha, self.recentre, self.relevance = alpha, recentre, relevance

    def start(self, x):
        self.origin = tuple(torch.relu(side).detach().requires_grad_() for side in (x, -x))
        return self.origin

    def affine(self, step, state):
        p, q = self.shifted(state)
        up, down = torch.relu(step.weight), torch.relu(-step.weight)
        bias_up, bias_down = torch.relu(step.bias), torch.relu(-step.bias)
        zp = step.apply(p, up, bias_up) + step.apply(q, down, None)
        zq = step.apply(p, down, bias_down) + step.apply(q, up, None)
        return self.stable(zp), self.stable(zq)

    def relu(self, step, state):
        p, q = state
        return self.recentred(torch.where(next(self.coming), p, q), q)

    def max_pool(self, step, state):
        p, q = state
        seen_p, seen_q, winner = windows(p, step, 0.0), windows(q, step, 0.0), next(self.coming)
        largest, own = (seen.gather(2, winner).squeeze(2) for seen in (seen_p, seen_q))
        total = seen_q.sum(2)
        return self.recentred(shaped(largest + (total - own), p, step), shaped(total, p, step))

    def linear(self, step, state):
        return tuple(step.apply(stream) for stream in state)

    def add(self, step, first, second):
        return tuple(a + b for a, b in zip(first, second, strict=True))

    def shifted(self, state):
        return _Shift.apply(*state, self.alpha) if self.alpha else state

    def stable(self, z):
        return z if self.relevance is None else Scale.apply(z, ratio(z, z + self.relevance))

    def recentred(self, p, q):
        if not self.recentre:
            return p, q
        away = recentred(p, q)
        if self.relevance is not None:
            p, q = (Scale.apply(s, ratio(s - away, s)) for s in (p, q))
        return p - away, q - away


def ratio(part, whole):
    """part / whole, 0 where whole is 0; a constant."""
    part, whole = part.detach(), whole.detach()
    return torch.where(whole == 0, 0.0, part / torch.where(whole == 0, 1.0, whole))


def split(network, x, **options):
    """Both streams of the network's output, (m, classes) each, and the carrier that has the rest.

    ``options`` are those of :class:`Streams`.
    """
    plain = Carrier()
    with torch.no_grad():
        walk(network, x, plain)
    streams = Streams(plain.choices, **options)
    p, q = streams.shifted(walk(network, x, streams))
    return p, q, streams


def errors(network, x, recentre=True):
    """How exact the split is, step by step.

    Returns
    -------
    list of (name, error, larger stream)
        The largest |p - q - a| of the step beside the largest |a|, and the largest entry of p.
    """
    plain = Carrier()
    with torch.no_grad():
        walk(network, x, plain)
        streams = Streams(plain.choices, recentre=recentre)
        walk(network, x, streams)
    found = []
    for name, a in plain.kept.items():
        p, q = streams.kept[name]
        error = ((p - q - a).abs().max() / a.abs().max()).item()
        found.append((name, error, p.max().item()))
    return found
