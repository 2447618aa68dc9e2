"""Saliency maps: which places of a picture speak for a class.

Each takes a network (``saliency.network.steps``), pictures (m, channels, height, width) in float64,
the class of each picture (m,), and the name of the step whose activations class activation maps are
made of; and returns (m, height, width), large where it matters.  Channels are added up.

Zimmermann and Loho's text leaves open how SplitCAM and SplitGrad put the two streams together; what
stands here is our reading: the stream g of f = g - h, whose sensitivities become the plain gradient
at alpha 1/2.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

from saliency.network import Carrier, walk
from saliency.split import Scale, ratio, split

ALPHA = 0.4  # the paper's for VGG16
EPSILON = 1e-6  # of SplitLRP, ours: only there so that nothing is divided by 0
# Of epsilon-LRP, times the root mean square of the sums of a layer: Montavon et al., Layer-wise
# relevance propagation: an overview, 2019, for the middle layers.
RELATIVE_EPSILON = 0.25


class GuidedRelu(torch.autograd.Function):
    """ReLU; on the way back what is negative is dropped too (Springenberg et al. 2015)."""

    @staticmethod
    def forward(ctx, z):
        on = z >= 0
        ctx.save_for_backward(on)
        return torch.where(on, z, 0.0)

    @staticmethod
    def backward(ctx, da):
        (on,) = ctx.saved_tensors
        return torch.relu(torch.where(on, da, 0.0))


class Guided(Carrier):
    def relu(self, step, a):
        return GuidedRelu.apply(a)


class Relevances(Carrier):
    """Derivatives times input are epsilon-LRP's relevances: each sum z hands on z / (z + eps)."""

    def affine(self, step, a):
        z = super().affine(step, a)
        size = z.detach().square().mean(dim=tuple(range(1, z.ndim)), keepdim=True).sqrt()
        sign = torch.where(z >= 0, 1.0, -1.0)
        return Scale.apply(z, ratio(z, z + RELATIVE_EPSILON * size * sign))


def _chosen(scores, classes):
    return scores.gather(1, classes[:, None]).sum()


def _derivative(network, x, classes, carrier):
    x = x.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(_chosen(walk(network, x, carrier), classes), x)
    return x.detach(), slopes


def gradient(network, x, classes, layer=None):
    """|df_c / dx| (Simonyan et al. 2014)."""
    return _derivative(network, x, classes, Carrier())[1].abs().sum(1)


def gradient_input(network, x, classes, layer=None):
    """x df_c / dx (Shrikumar et al. 2016)."""
    x, slopes = _derivative(network, x, classes, Carrier())
    return (x * slopes).sum(1)


def guided_backprop(network, x, classes, layer=None):
    """|gradient| in which no negative derivative passes a ReLU (Springenberg et al. 2015)."""
    return _derivative(network, x, classes, Guided())[1].abs().sum(1)


def lrp(network, x, classes, layer=None):
    """Epsilon-LRP (Bach et al. 2015), epsilon relative to the layer."""
    x, slopes = _derivative(network, x, classes, Relevances())
    return (x * slopes).sum(1)


def grad_cam(network, x, classes, layer):
    """Channels of a layer, each times the mean of its gradient (Selvaraju et al. 2017)."""
    carrier = Carrier()
    scores = walk(network, x.detach().requires_grad_(), carrier)
    a = carrier.kept[layer]
    (slopes,) = torch.autograd.grad(_chosen(scores, classes), a)
    return _enlarged((slopes.mean((2, 3), keepdim=True) * a).sum(1), x)


def layer_cam(network, x, classes, layer):
    """Activations of a layer times their gradients, the positive ones (Jiang et al. 2021)."""
    carrier = Carrier()
    scores = walk(network, x.detach().requires_grad_(), carrier)
    a = carrier.kept[layer]
    (slopes,) = torch.autograd.grad(_chosen(scores, classes), a)
    return _enlarged((torch.relu(slopes) * a).sum(1), x)


def _enlarged(map_, x):
    """The positive part of a map, at the size of the pictures."""
    small = torch.relu(map_.detach())[:, None]
    return F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def split_grad(network, x, classes, layer=None, alpha=ALPHA):
    """|d_p - d_q| of the stream g, the sensitivities shifted by alpha; 1/2: |gradient|."""
    _, (dp, dq) = _sensitivities(network, x, classes, None, alpha)
    return (dp - dq).abs().sum(1)


def split_cam(network, x, classes, layer, alpha=ALPHA):
    """Both streams of a layer times their shifted sensitivities, added up, positive part.

    At alpha 1/2 that is half of activation times gradient; below, it also holds what both streams
    have in common, times the sensitivity that they have in common.
    """
    (p, q), (dp, dq) = _sensitivities(network, x, classes, layer, alpha)
    return _enlarged((p * dp + q * dq).sum(1), x)


def _sensitivities(network, x, classes, layer, alpha):
    """The pair of a layer, or of the start, and how the stream g changes with both."""
    p, _, streams = split(network, x, alpha=alpha)
    pair = streams.origin if layer is None else streams.kept[layer]
    return pair, torch.autograd.grad(_chosen(p, classes), pair)


def split_lrp(network, x, classes, layer=None, recentre=True):
    """Epsilon-LRP of both streams, R(g) - R(h).  Not recentred, it would be ``gradient_input``."""
    p, q, streams = split(network, x, recentre=recentre, relevance=EPSILON)
    slopes = torch.autograd.grad(_chosen(p - q, classes), streams.origin)
    return sum(a * s for a, s in zip(streams.origin, slopes, strict=True)).detach().sum(1)


#: in the order of tables: the split's own, then what they are compared with
MAPS = {
    "SplitCAM": split_cam,
    "SplitGrad": split_grad,
    "SplitLRP": split_lrp,
    "gradient": gradient,
    "gradient x input": gradient_input,
    "guided backprop": guided_backprop,
    "grad-CAM": grad_cam,
    "LayerCAM": layer_cam,
    "LRP (epsilon)": lrp,
}
