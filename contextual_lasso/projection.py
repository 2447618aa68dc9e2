"""The l1 ball on the coefficients of a whole batch, and its gradient.

A constraint turns the raw network outputs of the training and validation rows, stacked, into
coefficients, and carries a gradient back to the outputs of the training rows.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import softshrink

from contextual_lasso.single import active_count, lane_sum

EPS = float(np.finfo(np.float32).eps)


def ball_threshold(magnitudes, mean_norm, n_rows):
    """Threshold theta at which soft-thresholding projects onto the l1 ball (Duchi et al., 2008).

    Parameters
    ----------
    magnitudes : (k,) float32 array, absolute values of all entries of the batch
    mean_norm : float, bound on the mean l1 norm of a row (lambda)
    n_rows : int

    Returns
    -------
    float : 0 where the constraint is slack, infinity where ``mean_norm`` is (numerically) 0.
    """
    radius = np.float32(n_rows) * np.float32(mean_norm)
    if lane_sum(magnitudes) <= radius:
        return 0.0
    if mean_norm <= np.sqrt(np.spacing(np.float32(mean_norm))):
        return float("inf")
    ordered = np.sort(magnitudes)[::-1]
    active = active_count(ordered, radius)
    return float((lane_sum(ordered[:active]) - radius) / np.float32(active))


def shrink(values, theta):
    """Soft-threshold; the identity at theta = 0 and zero at theta = infinity."""
    if theta == 0:
        return values
    if theta == float("inf"):
        return torch.zeros_like(values)
    return softshrink(values, theta)


def _project_gradient(projected, gradient, theta):
    """Vector-Jacobian product of the projection, given its result (arXiv 2310.15627)."""
    if theta == 0:
        return gradient
    if theta == float("inf"):
        return torch.zeros_like(gradient)
    sign = np.sign(projected.numpy())
    along = sign * gradient.numpy()
    # in double precision, as the original: its 1 / count is
    shift = 1 / np.count_nonzero(sign) * np.float64(lane_sum(along.ravel()))
    return torch.from_numpy((sign * (along - shift)).astype(np.float32))


class L1Ball:
    """Mean l1 norm of the training rows at most ``mean_norm``; validation rows share theta.

    Parameters
    ----------
    mean_norm : float, lambda
    n_train : int, leading rows that are the training batch
    groups : (d,) int64 tensor of group numbers from 0, or None
        With groups the norm is the sum of the groups' Euclidean norms.
    """

    def __init__(self, mean_norm, n_train, groups=None):
        self.mean_norm = np.float32(mean_norm)
        self.n_train = n_train
        self.groups = groups

    def forward(self, raw):
        """Coefficients (n, d) and theta from raw outputs (n, d)."""
        magnitude = raw.abs() if self.groups is None else group_norms(raw, self.groups)
        # numpy sorts float32 several times faster than torch, and the memory is shared
        theta = ball_threshold(
            magnitude[: self.n_train].numpy().ravel(), self.mean_norm, self.n_train
        )
        self._raw, self._norms, self._theta = raw, magnitude, theta
        self._coef = threshold(raw, theta, self.groups)
        return self._coef, theta

    def backward(self, gradient):
        """Gradient (n_train, d) with respect to the raw outputs of the training rows."""
        n, theta = self.n_train, self._theta
        if self.groups is None:
            return _project_gradient(self._coef[:n], gradient, theta)
        raw, norms = self._raw[:n], self._norms[:n]
        shrunk = shrink(norms, theta)
        d_ratio = group_sums(gradient * raw, self.groups) / (norms + EPS)
        d_norm = _project_gradient(shrunk, d_ratio, theta) - d_ratio * shrunk / (norms + EPS)
        direct = gradient * (shrunk / (norms + EPS))[:, self.groups]
        # a group whose raw outputs are all zero has no direction: no gradient through its norm
        direction = raw / norms.clamp_min(torch.finfo(raw.dtype).tiny)[:, self.groups]
        return direct + d_norm[:, self.groups] * direction


class Threshold:
    """A trained fit as it is used: thresholding at a stored theta."""

    def __init__(self, theta, groups=None):
        self.theta = theta
        self.groups = groups

    def forward(self, raw):
        return threshold(raw, self.theta, self.groups), self.theta


class Mask:
    """Coefficients outside a fixed support are zero: the relaxed fit.

    Parameters
    ----------
    support : (n, d) float tensor of 0 and 1
    n_train : int
    """

    def __init__(self, support, n_train):
        self.support = support
        self.n_train = n_train

    def forward(self, raw):
        return raw * self.support, 0.0

    def backward(self, gradient):
        return gradient * self.support[: self.n_train]


def threshold(raw, theta, groups=None):
    """Soft-threshold raw outputs (n, d) at theta, by entry or by the norm of each group."""
    if groups is None:
        return shrink(raw, theta)
    norms = group_norms(raw, groups)
    return raw * (shrink(norms, theta) / (norms + EPS))[:, groups]


def group_sums(values, groups):
    """(n, k) sums over the columns of each group."""
    sums = torch.zeros(len(values), int(groups.max()) + 1, dtype=values.dtype)
    return sums.index_add_(1, groups, values)


def group_norms(values, groups):
    """(n, k) Euclidean norms over the columns of each group."""
    return group_sums(values.square(), groups).sqrt_()
