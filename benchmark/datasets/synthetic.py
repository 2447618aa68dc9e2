"""The synthetic data sets of the NIMO paper (arXiv 2506.05059, section 4 and appendix).

Features are independent and uniform on [-2, 2], so their true baseline is 0; they are never
re-standardised.  The noise is N(0, 0.1^2).  In classification the label is Bernoulli(s(f + noise)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmark.datasets.dataset import PARTS, DataSet, Split, Truth, cut

SOURCE = "Xu, Negri and Roth, arXiv 2506.05059, section 4 and appendix"
NOISE_SD = 0.1
HALF_WIDTH = 2.0


def s(x):
    """The logistic function; SciPy is loaded by who needs it, since every job imports this file."""
    from scipy.special import expit

    return expit(x)


@dataclass(frozen=True)
class Synthetic(DataSet):
    """One generating equation, with what is true about it.

    Parameters
    ----------
    n_features : int, d
    f : callable, X (n, d) to the noise-free response (n,), the logit in classification
    coef : dict of int to float
        The marginal effect at the mean, df/dx_j at x = 0, by feature number from 1; features not
        named have 0.
    interacting : frozenset of int
        The features that occur inside a bracket that multiplies another feature: the true support
        of a first layer.
    intercept : float
    written_coef : dict, optional
        The coefficients as the paper writes them, where they are not the marginal effects.
    noise_sd : float
    slopes : callable, optional
        From columns numbered from 1 to the local coefficients of the features with a term:
        beta_j (1 + g_j(x_-j)), the slope of a feature within its own term, each (n,).  With the
        intercept they make up f: f(x) = f(0) + sum_j x_j slope_j(x).
    """

    n_features: int
    f: Callable[[np.ndarray], np.ndarray]
    coef: Mapping[int, float]
    interacting: frozenset[int] = field(default_factory=frozenset)
    intercept: float = 0.0
    written_coef: Mapping[int, float] | None = None
    noise_sd: float = NOISE_SD
    slopes: Callable[[dict], Mapping[int, np.ndarray]] | None = field(default=None, kw_only=True)

    independent = True

    def draw(self, n_rows: int, rng: np.random.Generator):
        """Draw rows.

        Returns
        -------
        X : (n, d), y : (n,) float or 0/1 int64, f : (n,) noise-free response
        """
        X = rng.uniform(-HALF_WIDTH, HALF_WIDTH, size=(n_rows, self.n_features))
        f = self.f(X)
        noisy = f + rng.normal(0.0, self.noise_sd, size=n_rows)
        if self.task == "regression":
            return X, noisy, f
        return X, (rng.uniform(size=n_rows) < s(noisy)).astype(np.int64), f

    def true_coef(self) -> np.ndarray:
        """(d,) marginal effects at the mean."""
        coef = np.zeros(self.n_features)
        for j, value in self.coef.items():
            coef[j - 1] = value
        return coef

    def local_coef(self, X) -> np.ndarray | None:
        """(n, d) true local coefficients, 0 for a feature without a term; None if not declared."""
        if self.slopes is None:
            return None
        found = np.zeros(np.shape(X))
        for j, values in self.slopes(_columns(np.asarray(X))).items():
            found[:, j - 1] = values
        return found

    def quasi_random(self, n_rows: int) -> np.ndarray:
        """(n, d) points that fill the law of the features evenly (scrambled Sobol points)."""
        from scipy.stats import qmc

        unit = qmc.Sobol(self.n_features, rng=np.random.default_rng(0)).random(n_rows)
        return (2 * unit - 1) * HALF_WIDTH

    def true_interacting(self) -> np.ndarray:
        """(d,) bool, the first layer's support."""
        return np.isin(np.arange(1, self.n_features + 1), list(self.interacting))

    def split(self, index, config):
        """An independent draw, cut into the numbers of rows that the config asks for."""
        sizes = [config["rows"][part] for part in PARTS]
        X, y, f = self.draw(sum(sizes), self.generator(index, config))
        arrays, f_test = cut(X, y, sizes), f[-sizes[2] :]
        regression = self.task == "regression"
        # the noise is symmetric, so the Bayes rule is the sign of the noise-free logit
        bayes = None if regression else float(np.mean((f_test > 0) == arrays["y_test"]))
        truth = Truth(
            coef=self.true_coef(),
            intercept=self.intercept,
            interacting=self.true_interacting(),
            f_test=f_test,
            noise_variance=self.noise_sd**2 if regression else None,
            bayes_accuracy=bayes,
        )
        names = [f"x{j}" for j in range(1, self.n_features + 1)]
        return Split(self.name, self.task, index, names, arrays, truth=truth)


def _columns(X):
    """Columns of X numbered from 1, as the paper writes them."""
    return dict(enumerate(X.T, start=1))


def _vanilla(X):
    return X @ (np.arange(1, 11) - 6.0)


def _vanilla_slopes(x):
    return {j: j - 6.0 for j in range(1, 11)}


def _toy(X):
    x = _columns(X)
    return 3 * x[1] * (1 + np.tanh(10 * x[2])) - 3 * x[2] * (1 + np.sin(-2 * x[1]))


def _toy_slopes(x):
    return {1: 3 * (1 + np.tanh(10 * x[2])), 2: -3 * (1 + np.sin(-2 * x[1]))}


def _regression1(X):
    x = _columns(X)
    return 3 * x[1] * (1 + (2 * s(x[2] * x[3]) - 1)) - 2 * x[2] + 2 * x[3]


def _regression1_slopes(x):
    return {1: 6 * s(x[2] * x[3]), 2: -2.0, 3: 2.0}


def _regression2(X):
    x = _columns(X)
    return (
        x[1] * (1 + np.tanh(x[2] * x[3] + np.sin(x[4])))
        + 2 * x[2] * (1 + np.sin(2 * x[1]))
        - x[3] * (1 + 2 / np.pi * np.arctan(x[2] * x[4]))
    )


def _regression2_slopes(x):
    return {
        1: 1 + np.tanh(x[2] * x[3] + np.sin(x[4])),
        2: 2 * (1 + np.sin(2 * x[1])),
        3: -(1 + 2 / np.pi * np.arctan(x[2] * x[4])),
    }


def _four_terms(X, a1, a2, a4, a5):
    """The shape shared by regression setting 3 and classification setting 3."""
    x = _columns(X)
    return (
        a1 * x[1] * (1 + np.tanh(x[2] * x[4]))
        + a2 * x[2] * (1 + 2 / np.pi * np.arctan(x[4] - x[5]))
        + a4 * x[4] * (1 + np.tanh(x[2] + np.sin(x[5])))
        + a5 * x[5] * (1 + (2 * s(x[1] * x[4]) - 1))
    )


def _four_slopes(a1, a2, a4, a5):
    """The local coefficients of :func:`_four_terms`."""
    return lambda x: {
        1: a1 * (1 + np.tanh(x[2] * x[4])),
        2: a2 * (1 + 2 / np.pi * np.arctan(x[4] - x[5])),
        4: a4 * (1 + np.tanh(x[2] + np.sin(x[5]))),
        5: a5 * 2 * s(x[1] * x[4]),
    }


def _regression3(X):
    return _four_terms(X, -2, 2, 3, -1)


def _classification1(X):
    x = _columns(X)
    return (
        2 * x[1] * (1 + 2 * np.tanh(x[2]))
        - 2 * x[2] * (1 + 3 * np.sin(2 * x[1]) + np.tanh(2 * x[1]))
        + 1
    )


def _classification1_slopes(x):
    return {
        1: 2 * (1 + 2 * np.tanh(x[2])),
        2: -2 * (1 + 3 * np.sin(2 * x[1]) + np.tanh(2 * x[1])),
    }


def _classification2(X):
    x = _columns(X)
    return (
        10 * x[1] * (1 + 2 * np.tanh(2 * x[2]) + np.sin(x[4]))
        + 20 * x[2] * (1 + 2 * np.cos(2 * x[1]))
        - 20 * x[3] * (1 + 2 * np.arctan(x[2] * x[4]))
        + 10 * x[4]
        - 10
    )


def _classification2_slopes(x):
    return {
        1: 10 * (1 + 2 * np.tanh(2 * x[2]) + np.sin(x[4])),
        2: 20 * (1 + 2 * np.cos(2 * x[1])),
        3: -20 * (1 + 2 * np.arctan(x[2] * x[4])),
        4: 10.0,
    }


def _classification3(X):
    return _four_terms(X, -20, 20, 30, -10)


def _declare(name, *arguments, **more) -> Synthetic:
    task = "classification" if name.startswith("classification") else "regression"
    return Synthetic(name, task, "synthetic", SOURCE, *arguments, **more)


DATASETS = (
    _declare("vanilla", 10, _vanilla, {j: j - 6.0 for j in range(1, 11)}, slopes=_vanilla_slopes),
    _declare("toy", 3, _toy, {1: 3.0, 2: -3.0}, frozenset({1, 2}), slopes=_toy_slopes),
    _declare(
        "regression1",
        5,
        _regression1,
        {1: 3.0, 2: -2.0, 3: 2.0},
        frozenset({2, 3}),
        slopes=_regression1_slopes,
    ),
    _declare(
        "regression2",
        10,
        _regression2,
        {1: 1.0, 2: 2.0, 3: -1.0},
        frozenset({1, 2, 3, 4}),
        slopes=_regression2_slopes,
    ),
    _declare(
        "regression3",
        50,
        _regression3,
        {1: -2.0, 2: 2.0, 4: 3.0, 5: -1.0},
        frozenset({1, 2, 4, 5}),
        slopes=_four_slopes(-2, 2, 3, -1),
    ),
    _declare(
        "classification1",
        3,
        _classification1,
        {1: 2.0, 2: -2.0},
        frozenset({1, 2}),
        intercept=1.0,
        slopes=_classification1_slopes,
    ),
    # cos(0) = 1, so the marginal effect of x2 is 20 (1 + 2) = 60, not the 20 that is written.
    _declare(
        "classification2",
        10,
        _classification2,
        {1: 10.0, 2: 60.0, 3: -20.0, 4: 10.0},
        frozenset({1, 2, 4}),
        intercept=-10.0,
        written_coef={1: 10.0, 2: 20.0, 3: -20.0, 4: 10.0},
        slopes=_classification2_slopes,
    ),
    _declare(
        "classification3",
        50,
        _classification3,
        {1: -20.0, 2: 20.0, 4: 30.0, 5: -10.0},
        frozenset({1, 2, 4, 5}),
        slopes=_four_slopes(-20, 20, 30, -10),
    ),
)
