"""One method against another over tables: the hierarchical correlated Bayesian t test.

The model of Corani, Benavoli, Demsar, Mangili and Zaffalon (Statistical comparison of classifiers
through Bayesian hierarchical modelling, Machine Learning 2017).  On table i the differences x_i of
n_i cuts have mean d_i, standard deviation s_i and correlation rho_i; the d_i come from a t
distribution with location m, scale t and nu degrees of freedom.  Priors: m, t and s_i uniform,
nu = 1 + Gamma(a, b) with a uniform on (1, 2) and b on (0.01, 0.1).

baycomp has the model in Stan, which needs a compiler at run time.  Here it is a Gibbs sampler in
NumPy, all pairs side by side: with v_i^2 = s_i^2 (1 - rho_i) the mean of x_i is normal around d_i
with variance v_i^2 (1/n_i + c_i), c_i = rho_i / (1 - rho_i) (Nadeau and Bengio's n_test / n_train),
and independent of their sample variance; the t distribution is a normal whose precision is drawn.
The scale t is drawn a second time with d_i standing at (d_i - m) / t (Yu and Meng, JCGS 2011),
without which the chain would stick where two methods are nearly equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

DRAWS, BURN_IN = 4000, 500
#: a spread within a table counts as at least this share of the region: cuts that are all ties
LEAST_SPREAD = 0.01
TINY = 1e-300


@dataclass(frozen=True)
class Summaries:
    """What the model needs of the differences of P pairs on q tables: (P, q) arrays each.

    ``mean``, ``sd`` (n - 1) and ``n`` of the differences of a table, n = 0 where a pair has none;
    ``factor`` is 1/n + c, by which the variance of the mean is that of a cut.
    """

    mean: np.ndarray
    sd: np.ndarray
    n: np.ndarray
    factor: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """(P,) arrays, one entry per pair; a difference below the region is *less*, within it *equal*.

    ``less``, ``equal``, ``more``: the probability that this is what happens on most tables: of the
    three, the one with the largest chance on a further table (Corani et al., section 4.3).
    ``next_less``, ``next_equal``, ``next_more``: the chances on one further table.
    ``mean``, ``lower``, ``upper``: location m, its median and central 95 %.
    """

    less: np.ndarray
    equal: np.ndarray
    more: np.ndarray
    next_less: np.ndarray
    next_equal: np.ndarray
    next_more: np.ndarray
    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def correlated_t(mean, sd, n, factor, region):
    """Probabilities of less, equal and more on one table (Corani and Benavoli, 2015).

    The posterior of the mean difference is a t distribution with n - 1 degrees of freedom.

    Parameters
    ----------
    mean, sd, n, factor : as in :class:`Summaries`, one table each
    region : differences up to this size count as equal
    """
    scale = np.maximum(sd * np.sqrt(factor), TINY)
    less = stats.t.cdf((-region - mean) / scale, n - 1)
    more = stats.t.sf((region - mean) / scale, n - 1)
    return less, 1 - less - more, more


def _degrees():
    """Values of nu and the logarithm of their prior weight, on a grid even in log(nu - 1)."""
    grid = np.geomspace(0.05, 400.0, 40)
    points, weights = np.polynomial.legendre.leggauss(12)
    shape = (1.5 + 0.5 * points)[:, None, None]
    rate = (0.055 + 0.045 * points)[:, None]
    density = stats.gamma.pdf(grid, shape, scale=1 / rate)
    marginal = np.einsum("i,j,ijk->k", weights, weights, density) / 4
    return 1 + grid, np.log(marginal * grid)


def _positive_normal(rng, mean, sd):
    """Draws of normal variables that are above 0."""
    low = special.ndtr(-mean / sd)
    at = special.ndtri(low + (1 - low) * rng.uniform(size=mean.shape))
    # far in the tail the normal is an exponential
    tail = -sd / np.minimum(mean / sd, -1.0) * rng.exponential(size=mean.shape)
    return np.where(mean / sd > -5, np.maximum(mean + sd * at, TINY), tail)


def compare_over_tables(
    data: Summaries, region: float, draws: int = DRAWS, burn_in: int = BURN_IN, seed: int = 0
) -> Outcome:
    """Sample the posterior of every pair.

    Parameters
    ----------
    data : Summaries
        Each pair has two tables or more, and two differences or more on a table that it has.
    region : float
        Differences up to this size are practically equal.
    """
    rng = np.random.default_rng(seed)
    there = data.n > 1
    count = there.sum(1)
    n = np.where(there, data.n, 2)
    factor = np.where(there, data.factor, 1.0)
    x = np.where(there, data.mean, 0.0)
    spread = np.maximum(np.where(there, data.sd, 1.0), LEAST_SPREAD * region)
    squares = (n - 1) * spread**2
    limit = np.abs(x).max(1) + 3 * spread.max(1)  # of the uniform prior of m
    freedom, prior = _degrees()
    d, m = x.copy(), x.sum(1) / count
    t = np.sqrt(((x - m[:, None]) ** 2 * there).sum(1) / count) + region
    weight, nu = np.ones(x.shape), np.full(len(x), 10.0)
    kept = {name: np.empty((draws, len(x))) for name in ("m", "less", "more")}
    for sweep in range(burn_in + draws):
        variance = (squares + (x - d) ** 2 / factor) / rng.chisquare(n - 1) * factor
        # d_i given the rest
        pull = weight / t[:, None] ** 2
        precision = 1 / variance + pull
        d = (x / variance + pull * m[:, None]) / precision
        d += rng.normal(size=d.shape) / np.sqrt(precision)
        # m, then t
        total = (weight * there).sum(1)
        centre = (weight * d * there).sum(1) / total
        m = np.clip(centre + t / np.sqrt(total) * rng.normal(size=len(m)), -limit, limit)
        rest = (weight * (d - m[:, None]) ** 2 * there).sum(1)
        t = np.sqrt(np.maximum(rest, TINY) / rng.chisquare(np.maximum(count - 1, 1)))
        # t again, with d_i where it stands in units of t
        place = (d - m[:, None]) / t[:, None]
        information = (place**2 / variance * there).sum(1)
        best = (place * (x - m[:, None]) / variance * there).sum(1) / information
        t = _positive_normal(rng, best, 1 / np.sqrt(information))
        d = m[:, None] + t[:, None] * place
        # nu by its grid, then the precisions
        logs = ((np.log(weight) - weight) * there).sum(1)
        half = freedom / 2
        constant = half * np.log(half) - special.gammaln(half)
        density = prior + count[:, None] * constant + np.outer(logs, half)
        nu = freedom[np.argmax(density + rng.gumbel(size=density.shape), axis=1)]
        rate = (nu[:, None] + ((d - m[:, None]) / t[:, None]) ** 2) / 2
        weight = np.maximum(rng.gamma((nu[:, None] + 1) / 2, size=d.shape) / rate, TINY)
        if sweep >= burn_in:
            at = sweep - burn_in
            kept["m"][at] = m
            kept["less"][at] = special.stdtr(nu, (-region - m) / t)
            kept["more"][at] = special.stdtr(nu, (m - region) / t)
    return _outcome(kept)


def _outcome(kept) -> Outcome:
    less, more = kept["less"], kept["more"]
    equal = 1 - less - more
    largest = np.argmax(np.stack([less, equal, more]), axis=0)
    lower, middle, upper = np.quantile(kept["m"], [0.025, 0.5, 0.975], axis=0)
    return Outcome(
        *((largest == k).mean(0) for k in range(3)),
        *(share.mean(0) for share in (less, equal, more)),
        middle,
        lower,
        upper,
    )
