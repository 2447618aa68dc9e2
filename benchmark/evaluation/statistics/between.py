"""Methods over tables: mean improvability, Elo and win rate, with bootstrap intervals over tables.

The tables are the sample: an interval says what other tables of the same kind would have shown.
The three measures are those of TabArena (Erickson et al., NeurIPS 2025), and a test holds them
against its package bencheval where that is installed.  It is not called, since it calls itself
experimental, and since only a tiny ridge bounds its rating of a method that wins everywhere, which
with few tables is the rule.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmark.evaluation.statistics.improvability import improvability
from benchmark.evaluation.statistics.intervals import LEVEL
from benchmark.evaluation.statistics.ties import FEWEST

#: an Elo difference of SCALE is a chance of 10 to 1; the methods of a run average CENTRE
SCALE, CENTRE = 400.0, 1000.0
#: each pair has met this often beside the tables, each time with a draw: a method that wins on all
#: of five tables is not infinitely strong
DRAWN = 1.0
#: bencheval has the same, and no draws
RIDGE = 0.5 / (1e6 * np.log(10) ** 2)
REPETITIONS = 2000
NEWTON_STEPS, CONVERGED = 60, 1e-10
MEASURES = ("improvability", "elo", "win_rate")
COLUMNS = tuple(f"{measure}{end}" for measure in MEASURES for end in ("", "_lower", "_upper"))


def wins(errors: pd.DataFrame) -> np.ndarray:
    """How many other methods each one beats on each table, a tie counted as half.

    Parameters
    ----------
    errors : DataFrame, tables x methods
        Smaller is better; a method without a value loses to those that have one.

    Returns
    -------
    (n tables, k methods) array between 0 and k - 1
    """
    return errors.shape[1] - errors.rank(axis=1, na_option="bottom").to_numpy(dtype=float)


def elo(total: np.ndarray, n: int, drawn: float = DRAWN) -> np.ndarray:
    """Elo ratings from the wins of methods that all met n times: Bradley and Terry's maximum.

    Parameters
    ----------
    total : (..., k) array
        Wins of each method over all others; sets of methods are rated side by side.
    n : int, meetings of each pair
    drawn : further meetings of each pair that end in a draw

    Returns
    -------
    (..., k) array whose mean is 1000
    """
    total = np.asarray(total, dtype=float)
    k = total.shape[-1]
    total, n = total + drawn * (k - 1) / 2, n + drawn
    strength = np.zeros(total.shape)
    diagonal = np.arange(k)
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(strength[..., None, :] - strength[..., :, None]))
        chance[..., diagonal, diagonal] = 0.0
        slope = total - n * chance.sum(-1) - 2 * RIDGE * strength
        bend = -n * chance * np.swapaxes(chance, -1, -2)
        bend[..., diagonal, diagonal] = 2 * RIDGE - bend.sum(-1)
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        # a step is cut to what the quadratic approximation can be trusted for
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(-1, keepdims=True), 1e-300))
        strength += step
        if np.abs(step).max(initial=0.0) < CONVERGED:
            break
    strength -= strength.mean(-1, keepdims=True)
    return SCALE * strength / np.log(10) + CENTRE


def resamples(n: int, repetitions: int, seed: int) -> np.ndarray:
    """(repetitions, n) how often each of n tables is drawn, with replacement, n at a time."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=repetitions).astype(float)


def _means(values, counts) -> np.ndarray:
    """(repetitions, k) means over the drawn tables that have a value; nan where none has."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return counts @ np.where(there, values, 0.0) / (counts @ there)


def over_tables(
    errors: pd.DataFrame, repetitions: int = REPETITIONS, seed: int = 0, level: float = LEVEL
) -> pd.DataFrame:
    """The three measures of each method, with percentile intervals of a bootstrap over tables.

    Parameters
    ----------
    errors : DataFrame, tables x methods
        At least 0, smaller is better, ties made equal; nan where a method has no value, which
        counts as a loss, and not in its mean improvability.
    repetitions, seed : of the bootstrap

    Returns
    -------
    DataFrame, one row per method, the columns :data:`COLUMNS`; an improvability and a win rate are
    shares.  With fewer than five tables there is no interval and no Elo.
    """
    n, k = errors.shape
    shares, won = improvability(errors).to_numpy(), wins(errors)
    found = pd.DataFrame(np.nan, index=errors.columns, columns=list(COLUMNS))
    if not n or k < 2:
        return found
    once = np.ones((1, n))

    def measured(counts):
        rates = counts @ won / n / (k - 1)
        return _means(shares, counts), elo(counts @ won, n), rates

    for measure, values in zip(MEASURES, measured(once), strict=True):
        found[measure] = values[0]
    if n < FEWEST:
        return found.assign(elo=np.nan)
    drawn = measured(resamples(n, repetitions, seed))
    ends = (1 - level) / 2, (1 + level) / 2
    for measure, values in zip(MEASURES, drawn, strict=True):
        found[f"{measure}_lower"], found[f"{measure}_upper"] = np.nanquantile(values, ends, axis=0)
    return found


def mean_over_tables(
    values, repetitions: int = REPETITIONS, seed: int = 0, level: float = LEVEL
) -> tuple[float, float, float]:
    """Mean of a number of each table, with the percentile interval of a bootstrap over tables.

    Parameters
    ----------
    values : (n,) numbers; nan is left out

    Returns
    -------
    mean, lower, upper : the interval is nan with fewer than five tables
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    n = len(values)
    if n < FEWEST:
        return (float(values.mean()) if n else np.nan), np.nan, np.nan
    drawn = resamples(n, repetitions, seed) @ values / n
    lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(values.mean()), float(lower), float(upper)


def ratio_over_tables(a, b, **more) -> tuple[float, float, float]:
    """Ratio of two methods' errors, as a geometric mean over tables, with its interval.

    Parameters
    ----------
    a, b : (n,) errors above 0, one per table
    more : as in :func:`mean_over_tables`
    """
    logs = np.log(np.asarray(a, dtype=float)) - np.log(np.asarray(b, dtype=float))
    middle, lower, upper = np.exp(mean_over_tables(logs, **more))
    return float(middle), float(lower), float(upper)
