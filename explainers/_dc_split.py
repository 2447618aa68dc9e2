"""A trained ReLU network as the difference of two convex, increasing networks, exactly.

Zimmermann and Loho, Hidden Monotonicity, CVPR 2026, arXiv 2601.07700.  With W+ = max(W, 0) and
W- = max(-W, 0), a layer's activation a = relu(W a + b) is carried as a pair a = p - q:

    z_p = W+ p + W- q + b+,   z_q = W- p + W+ q + b-,   p = max(z_p, z_q),   q = z_q

and, in the last layer, p = z_p.  The start is p = relu(x), q = relu(-x).  Every weight is
non-negative, so both streams g = p and h = q of the last layer are convex in x and increase in
(relu(x), relu(-x)); f = g - h.

Where the paper leaves room, what stands here is our reading, and said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Recentring: both numbers are the paper's; how they are applied is described in ``recentred``.
THRESHOLD, FACTOR = 10.0, 0.1

Layers = list[tuple[np.ndarray, np.ndarray]]  # weights (out, in) and biases (out,)


@dataclass(frozen=True)
class Split:
    """Both streams of a network at m rows, one entry per layer, the start first.

    Attributes
    ----------
    p, q : list of (m, width) arrays
        As they are carried on: without what recentring took away.
    shifts : list of (m, width) arrays
        What was taken away from both, all together: ``p + shifts`` and ``q + shifts`` are the
        streams themselves.
    masks : list of (m, width) bool arrays
        Whether a unit of the original network is on; one per hidden layer.
    """

    p: list[np.ndarray]
    q: list[np.ndarray]
    shifts: list[np.ndarray]
    masks: list[np.ndarray]

    @property
    def difference(self) -> np.ndarray:
        """(m,) g - h, which is the network's output."""
        return (self.p[-1] - self.q[-1])[:, 0]


def output(layers: Layers, X) -> np.ndarray:
    """(m,) the network itself."""
    return _forward(layers, np.asarray(X, dtype=float))[0]


def masks(layers: Layers, X) -> list[np.ndarray]:
    """Whether a unit is on, z >= 0, for each hidden layer: (m, width) bool."""
    return _forward(layers, np.asarray(X, dtype=float))[1]


def _forward(layers, a):
    on = []
    for weight, bias in layers[:-1]:
        z = a @ weight.T + bias
        on.append(z >= 0)
        a = np.where(on[-1], z, 0.0)
    weight, bias = layers[-1]
    return (a @ weight.T + bias)[:, 0], on


def parts(weight) -> tuple[np.ndarray, np.ndarray]:
    """W+ and W-, both non-negative, W = W+ - W-."""
    return np.maximum(weight, 0.0), np.maximum(-weight, 0.0)


def recentred(p, q) -> np.ndarray:
    """(m, width) what is taken away from both streams: their difference stays as it is.

    Our reading of the paper's threshold and factor: as long as a row's common part, min(p, q), is
    above ``THRESHOLD`` anywhere in the layer, the whole layer's common part is multiplied by
    ``FACTOR``.  No entry becomes negative.
    """
    common = np.minimum(p, q)
    largest = common.max(axis=1, keepdims=True)
    times = np.ceil(np.log(np.maximum(largest / THRESHOLD, 1.0)) / -np.log(FACTOR) - 1e-12)
    return common * (1.0 - FACTOR**times)


def split(layers: Layers, X, recentre=True) -> Split:
    """Both streams at the rows X (m, d).

    The masks come from the original network, so that a unit whose z is as small as the rounding
    of the streams is on or off as it is there.
    """
    x = np.asarray(X, dtype=float)
    on = masks(layers, x)
    p, q = np.maximum(x, 0.0), np.maximum(-x, 0.0)
    shift = np.zeros_like(x)
    result = Split([p], [q], [shift], on)
    for k, (weight, bias) in enumerate(layers):
        up, down = parts(weight)
        bias_up, bias_down = parts(bias)
        p, q = p @ up.T + q @ down.T + bias_up, p @ down.T + q @ up.T + bias_down
        shift = shift @ np.abs(weight).T
        if k < len(on):
            p = np.where(on[k], p, q)
            if recentre:
                away = recentred(p, q)
                p, q, shift = p - away, q - away, shift + away
        result.p.append(p)
        result.q.append(q)
        result.shifts.append(shift)
    return result


def shifted(dp, dq, alpha):
    """Both sensitivities less ``alpha`` times their sum.

    0 leaves them as they are; 1/2 makes them opposite, and what is then carried back is half the
    network's plain gradient.
    """
    common = alpha * (dp + dq)
    return dp - common, dq - common


def sensitivities(layers: Layers, masks, stream, alpha=0.0):
    """How a stream of the last layer changes with both streams of the start.

    Parameters
    ----------
    layers : Layers
    masks : list of (m, width) bool arrays
    stream : {"g", "h"}
        The stream p or the stream q of the last layer.
    alpha : float in [0, 1/2]
        ``shifted`` is applied at the output and below each layer.

    Returns
    -------
    dp, dq : (m, d) arrays
        Derivatives by p and by q of the start, p = relu(x) and q = relu(-x); non-negative for
        alpha 0.  Whatever alpha is, dp(g) - dp(h) = grad f = -(dq(g) - dq(h)).

    Raises
    ------
    ValueError
        A stream that there is not, or alpha outside [0, 1/2].
    """
    if stream not in ("g", "h"):
        raise ValueError(f"stream must be 'g' or 'h', got {stream!r}")
    if not 0 <= alpha <= 0.5:
        raise ValueError(f"alpha must lie in [0, 1/2], got {alpha}")
    one, zero = np.ones((len(masks[0]), 1)), np.zeros((len(masks[0]), 1))
    dp, dq = shifted(*((one, zero) if stream == "g" else (zero, one)), alpha)
    for k in reversed(range(len(layers))):
        if k < len(masks):
            dp, dq = np.where(masks[k], dp, 0.0), dq + np.where(masks[k], 0.0, dp)
        up, down = parts(layers[k][0])
        dp, dq = shifted(dp @ up + dq @ down, dp @ down + dq @ up, alpha)
    return dp, dq


def relevance(layers: Layers, found: Split, epsilon):
    """SplitLRP: epsilon-LRP on the non-negative weights of each stream, R = R+ - R-.

    The relevance g of the one stream and -h of the other are handed back together: a sum
    z = sum w a + b gives each of its terms w a / (z + epsilon) of what it has (Bach et al. 2015,
    equation 58), a maximum gives all to the larger.  Every term is non-negative, so no denominator
    is near 0 beside a large relevance.

    Each stream is made of linear pieces, and on those the rule without epsilon is gradient times
    input; so R is x grad f, exactly, where the split was not recentred.  What it has of its own
    comes from recentring: a unit hands on the less, the more of it both streams have in common.

    Parameters
    ----------
    layers : Layers
    found : Split
        As ``split(layers, X)`` returns it.
    epsilon : float
        Absolute, in units of a stream.

    Returns
    -------
    relevances : (m, d) array
        Of each feature, both streams of the start added.
    kept : (m,) array
        The share of biases and of epsilon: relevances.sum(1) + kept is f, to rounding of g.
    """
    rp, rq = found.p[-1], -found.q[-1]
    kept = np.zeros(len(rp))
    for k in reversed(range(len(layers))):
        weight, bias = layers[k]
        (up, down), (bias_up, bias_down) = parts(weight), parts(bias)
        p, q = found.p[k], found.q[k]
        zp, zq = p @ up.T + q @ down.T + bias_up, p @ down.T + q @ up.T + bias_down
        if k < len(found.masks):
            on = found.masks[k]
            rp, rq = np.where(on, rp, 0.0), rq + np.where(on, 0.0, rp)
        sp, sq = _ratio(rp, zp + epsilon), _ratio(rq, zq + epsilon)
        rp, rq = p * (sp @ up + sq @ down), q * (sp @ down + sq @ up)
        kept += sp @ (bias_up + epsilon) + sq @ (bias_down + epsilon)
    return rp + rq, kept


def _ratio(r, z):
    """r / z, 0 where z is 0: a stream that is 0 has no relevance to hand on."""
    return np.divide(r, z, out=np.zeros_like(r), where=z > 0)
