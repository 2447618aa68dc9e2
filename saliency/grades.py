"""How good a saliency map is: three grades, after the toolbox Quantus (Hedström et al. 2023)."""

from __future__ import annotations

import torch

from saliency.network import run

PATCH = 4  # side of the patches that selectivity takes away, in pixels
# Of max-sensitivity: about a sixth of a pixel's standard deviation in ``saliency.digits``.
RADIUS, DRAWS = 0.04, 5


def pointing_game(maps, places):
    """(m,) whether the largest entry of a map lies in the place (Zhang et al. 2018); up is better.

    Parameters
    ----------
    maps : (m, height, width) tensor
        Of several largest entries each counts with its share: a map that is 0 throughout points
        everywhere.
    places : (m, height, width) bool tensor
    """
    top = maps == maps.amax((1, 2), keepdim=True)
    return (top & places).sum((1, 2)) / top.sum((1, 2))


def selectivity(network, x, classes, maps, patch=PATCH):
    """(m,) mean probability of the class while patches are blackened (Bach et al. 2015); down.

    The patches with the largest sum of the map go first.  The mean is taken over all pictures on
    the way, the whole one first, the black one last: the area under the curve.
    """
    m, _, height, width = x.shape
    sums = torch.nn.functional.avg_pool2d(maps[:, None], patch).flatten(1)
    rank = sums.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    rank = rank.reshape(m, 1, height // patch, width // patch)
    rank = rank.repeat_interleave(patch, 2).repeat_interleave(patch, 3)
    total = torch.zeros(m, dtype=x.dtype)
    steps = sums.shape[1] + 1
    with torch.no_grad():
        for gone in range(steps):
            p = torch.sigmoid(run(network, x * (rank >= gone)))
            total += p.gather(1, classes[:, None])[:, 0]
    return total / steps


def max_sensitivity(explain, x, maps, generator, radius=RADIUS, draws=DRAWS):
    """(m,) largest relative change of a map under small uniform noise (Yeh et al. 2019); down.

    Parameters
    ----------
    explain : callable (x) -> (m, height, width)
    maps : (m, height, width) tensor
        ``explain(x)``.
    radius : float
        Each pixel is moved by at most so much.
    draws : int
        A lower bound of the true maximum: the largest of so many draws.
    """
    size = maps.flatten(1).norm(dim=1).clamp(min=torch.finfo(maps.dtype).tiny)
    worst = torch.zeros(len(x), dtype=x.dtype)
    for _ in range(draws):
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype) * 2 - 1
        change = (explain(x + radius * noise) - maps).flatten(1).norm(dim=1) / size
        worst = torch.maximum(worst, change)
    return worst
