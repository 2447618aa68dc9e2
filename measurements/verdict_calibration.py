"""How often does the verdict say "agrees" when the published value is drawn as ours are?

``python -m measurements.verdict_calibration`` plays the situation of the tables many times: n
scores of ours and one published value from the same distribution, rounded as a paper rounds.  It
counts how often the verdict is *agrees*, *better* and *worse*, for scores drawn from

* formulas: log-normal, chi-squared and heavy-tailed errors; binomial accuracies of a model that
  varies from split to split;
* real fits: the lasso and logistic regression on fresh draws of the synthetic data sets, and on
  random splits of the diabetes table (there the published value is a median of five splits).

It writes the figure docs/appendix/verdict_calibration.png, and the numbers as CSV beside it.
The nominal rate is 95 %, with 2.5 % on each side.  The columns ``plain_*`` are the same rule
without the logarithm or the arcsine, for comparison.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LassoCV, LogisticRegression

from benchmark import ROOT, datasets
from benchmark.evaluation.published import MEDIAN_RUNS, Published
from benchmark.evaluation.verdict import LEVEL, MEDIAN_OF_FIVE, judge

TRAIN, TEST = 200, 100
WORDS = ("agrees", "better", "worse")


def formulas(rng):
    """Distributions of a test score: name -> (metric, function of a number of scores)."""

    def noise_only(n):  # the error of the noise alone: a perfect model
        return 0.01 * rng.chisquare(TEST, n) / TEST

    def log_normal(n):  # the error varies with the training rows too
        return 0.03 * np.exp(0.3 * rng.normal(size=n))

    def heavy(n):  # one fit in ten ends in a bad minimum
        return 0.03 * np.exp(0.2 * rng.normal(size=n) + 1.0 * (rng.uniform(size=n) < 0.1))

    def accuracy(mean, sd):
        def draw(n):
            p = np.clip(rng.normal(mean, sd, size=n), 0, 1)
            return rng.binomial(TEST, p) / TEST

        return draw

    return {
        "MSE of the noise": ("mse", noise_only),
        "MSE, log-normal": ("mse", log_normal),
        "MSE, 1 fit in 10 fails": ("mse", heavy),
        "accuracy 0.65": ("accuracy", accuracy(0.65, 0.02)),
        "accuracy 0.84": ("accuracy", accuracy(0.84, 0.02)),
        "accuracy 0.97": ("accuracy", accuracy(0.97, 0.01)),
    }


def fitted_scores(name, n, rng) -> np.ndarray:
    """Test scores of n linear fits, each on a fresh draw of a synthetic data set."""
    scores = np.empty(n)
    for i in range(n):
        X, y, _ = datasets.declared()[name].draw(TRAIN + TEST, rng)
        if datasets.declared()[name].task == "regression":
            model = LassoCV(cv=5, alphas=30).fit(X[:TRAIN], y[:TRAIN])
            scores[i] = np.mean((y[TRAIN:] - model.predict(X[TRAIN:])) ** 2)
        else:
            model = LogisticRegression().fit(X[:TRAIN], y[:TRAIN])
            scores[i] = np.mean(y[TRAIN:] == model.predict(X[TRAIN:]))
    return scores


def diabetes_scores(n, rng) -> np.ndarray:
    """Test MSE (standardised target) of the lasso on n random 60/20/20 splits of one table."""
    X, y = load_diabetes(return_X_y=True)
    n_train, n_val = round(0.6 * len(y)), round(0.2 * len(y))
    scores = np.empty(n)
    for i in range(n):
        order = rng.permutation(len(y))
        train, test = order[:n_train], order[n_train + n_val :]
        mean, sd = y[train].mean(), y[train].std()
        model = LassoCV(cv=5, alphas=30).fit(X[train], (y[train] - mean) / sd)
        scores[i] = np.mean(((y[test] - mean) / sd - model.predict(X[test])) ** 2)
    return scores


def published(value: float, metric: str, decimals: int, median: bool) -> Published:
    """A value as a paper prints it."""
    text = f"{value:.{decimals}f}"
    place = "figure-median" if median else "table"
    return Published("simulated", "data", "method", metric, float(text), text, place)


def plain_word(values, told: Published) -> str:
    """The verdict's rule on the metric's own scale."""
    variance = MEDIAN_OF_FIVE if told.is_median else 1.0
    n = len(values)
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * np.std(values, ddof=1)
    half = half * np.sqrt(variance + 1 / n) + told.tolerance
    if abs(told.value - np.mean(values)) <= half:
        return "agrees"
    ours_larger = told.value < np.mean(values)
    return "better" if ours_larger == (told.metric == "accuracy") else "worse"


def rates(draw, metric, n, repetitions, median=False) -> dict[str, float]:
    """Shares of the verdicts, ours from n splits.

    Parameters
    ----------
    draw : callable (k) -> (k,) scores
    """
    decimals = 2 if metric == "accuracy" else 3
    runs = MEDIAN_RUNS if median else 1
    words, plain = [], []
    for _ in range(repetitions):
        theirs, ours = np.split(draw(runs + n), [runs])
        told = published(np.median(theirs), metric, decimals, median)
        words.append(judge(ours, told).word)
        plain.append(plain_word(ours, told))
    shares = {word: words.count(word) / repetitions for word in WORDS}
    return shares | {f"plain_{word}": plain.count(word) / repetitions for word in WORDS}


def simulate(sizes, repetitions, fits, seed=0) -> pd.DataFrame:
    """Shares of the verdicts for every distribution and every number of splits in ``sizes``."""
    rng = np.random.default_rng(seed)
    cases = {name: (*case, False) for name, case in formulas(rng).items()}

    def resampled(scores):
        # a set of splits without repetition, as in a real run
        return lambda k: rng.choice(scores, k, replace=False)

    for name in ("toy", "regression2", "regression3", "classification1", "classification3"):
        metric = "mse" if datasets.declared()[name].task == "regression" else "accuracy"
        what = "lasso" if metric == "mse" else "logistic"
        cases[f"{what}, {name}"] = (metric, resampled(fitted_scores(name, fits, rng)), False)
    diabetes = diabetes_scores(fits, rng)
    cases["lasso, diabetes (median of 5)"] = ("mse", resampled(diabetes), True)
    rows = []
    for name, (metric, draw, median) in cases.items():
        for n in sizes:
            found = rates(draw, metric, n, repetitions, median)
            rows.append({"case": name, "metric": metric, "n": n, **found})
    return pd.DataFrame(rows)


def figure(table, repetitions, path):
    """Rate of "agrees" per case with its Monte Carlo interval, one panel per number of splits."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    sizes = sorted(table.n.unique())
    cases = list(dict.fromkeys(table.case))[::-1]
    fig, axes = plt.subplots(
        1, len(sizes), figsize=(3.4 * len(sizes) + 2.4, 0.34 * len(cases) + 1.6), sharey=True
    )
    for axis, n in zip(np.atleast_1d(axes), sizes, strict=True):
        part = table[table.n == n].set_index("case").loc[cases]
        half = 1.96 * np.sqrt(part.agrees * (1 - part.agrees) / repetitions)
        axis.axvline(LEVEL, color="0.6", linewidth=1)
        axis.errorbar(part.agrees, range(len(cases)), xerr=half, fmt="o", markersize=4, color="C0")
        axis.set_xlim(0.84, 1.0)
        axis.set_title(f"{n} splits of ours", fontsize=10)
        axis.set_xlabel('share of "agrees"')
        axis.grid(axis="x", alpha=0.3)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    np.atleast_1d(axes)[0].set_yticks(range(len(cases)), cases)
    fig.tight_layout()
    fig.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=4000)
    parser.add_argument("--fits", type=int, default=1500, help="real fits per data set")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "appendix")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    table = simulate(arguments.sizes, arguments.repetitions, arguments.fits)
    table.to_csv(arguments.to / "verdict_calibration.csv", index=False, float_format="%.4f")
    figure(table, arguments.repetitions, arguments.to / "verdict_calibration.png")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
