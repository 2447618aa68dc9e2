"""An l1-penalised linear model of features and their pairwise products."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import log_expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso, LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import check_X_y

from baselines._score import ScoreModel

BLOCK = 4_000_000  # numbers of products held at once while they are screened
FREE = 1000.0  # how much smaller the penalty of a parent is: the package has no weights


class LassoProducts(ScoreModel):
    """f(x) = b0 + sum_j b_j x_j + sum_{j<k} c_jk x_j x_k, or its logit, with an l1 penalty.

    Columns have variance 1 while they are penalised.  The penalty is chosen by 5-fold
    cross-validation (squared error, log-loss) along a path from strong to weak, which ends where
    the error has not fallen for ``patience`` steps.  The validation rows are not needed.

    Where there are more than ``max_products`` products, those are kept that are most correlated
    with what a ridge regression on the features leaves (sure independence screening, Fan and Lv,
    2008).  Each fold screens by its own training rows, so that its error is an honest one.

    Parameters
    ----------
    task : {"regression", "classification"}
    hierarchy : {"none", "strong"}
        "strong": a product has a coefficient only beside both of its features.  Along the path a
        product is allowed once both are in the model, and then their penalty is lifted (Hao, Feng,
        Zhang, 2018).
    max_products : int
    n_penalties : int
        On a logarithmic scale from the smallest that keeps all at 0 to its thousandth part.
    patience : int
    n_folds : int
        In the order of the rows, as ``LassoCV`` does: nothing is random.

    Attributes
    ----------
    coef_ : (d,) array
        b_j: effects at x = 0, on the scale of the given features.
    intercept_ : float
    pairs_ : (m, 2) int array
    pair_coef_ : (m,) array
        c_jk, on the same scale; those of screened-out products are 0 and not listed.
    selected_features_ : (d,) bool array
        Features with a coefficient, or in a product with one.
    interaction_features_ : (d,) bool array
        Features in a product with a coefficient.
    feature_importances_ : (d,) array
        Mean absolute contribution over the training rows.
    """

    def __init__(
        self,
        task="regression",
        *,
        hierarchy="none",
        max_products=2000,
        n_penalties=60,
        patience=8,
        n_folds=5,
    ):
        self.task = task
        self.hierarchy = hierarchy
        self.max_products = max_products
        self.n_penalties = n_penalties
        self.patience = patience
        self.n_folds = n_folds

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or an unknown hierarchy.
        """
        if self.hierarchy not in ("none", "strong"):
            raise ValueError(f"hierarchy must be 'none' or 'strong', got {self.hierarchy!r}")
        X, y = check_X_y(X, y)
        y = y.astype(float)
        self.n_features_in_ = X.shape[1]
        whole = self._path(X, y)
        largest = whole.largest_penalty()
        penalties = np.geomspace(largest, largest / 1000, self.n_penalties)
        best = self._cross_validate(X, y, penalties)
        for penalty in penalties[: best + 1]:  # warm starts, and the hierarchy's, along the path
            whole.advance(penalty)
        self.coef_, self.pair_coef_, self.intercept_ = whole.coefficients()
        self.pairs_ = whole.pairs
        self._describe(X)
        self.fit_info_ = {
            "penalty": float(penalties[best]),
            "products": len(self.pairs_),
            "products_with_coefficient": int(np.count_nonzero(self.pair_coef_)),
        }
        return self

    def _path(self, X, y):
        pairs = screened(X, y, self.max_products)
        return _Path(X, y, pairs, self.task, self.hierarchy == "strong")

    def _cross_validate(self, X, y, penalties):
        """Position of the penalty with the least mean error over the folds."""
        kind = KFold if self.task == "regression" else StratifiedKFold
        folds = kind(self.n_folds).split(X, y)
        folds = [(self._path(X[a], y[a]), X[b], y[b]) for a, b in folds]
        best, least = 0, np.inf
        for position, penalty in enumerate(penalties):
            error = 0.0
            for path, X_out, y_out in folds:
                path.advance(penalty)
                error += path.loss(X_out, y_out) / self.n_folds
            if error < least:
                best, least = position, error
            elif position - best >= self.patience:
                break
        return best

    def _describe(self, X):
        pairs = self.pairs_[self.pair_coef_ != 0]
        self.interaction_features_ = np.zeros(X.shape[1], dtype=bool)
        self.interaction_features_[pairs.ravel()] = True
        self.selected_features_ = self.interaction_features_ | (self.coef_ != 0)
        means = products(X, self.pairs_).mean(axis=0)
        self._means = X.mean(axis=0), means
        self._centre = self.intercept_ + self._means[0] @ self.coef_ + means @ self.pair_coef_
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)

    @property
    def reading_(self):
        """What a reader has to hold."""
        found = np.count_nonzero(self.coef_) + np.count_nonzero(self.pair_coef_)
        return {"coefficients": found}

    def contributions(self, X):
        """(n, d) b_j x_j and half of each product's part, each centred on the training rows."""
        X = self._checked(X)
        parts = (X - self._means[0]) * self.coef_
        halves = (products(X, self.pairs_) - self._means[1]) * self.pair_coef_ / 2
        for m in np.flatnonzero(self.pair_coef_):
            for k in self.pairs_[m]:
                parts[:, k] += halves[:, m]
        return parts

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        return np.full(len(X), self._centre)

    def local_coef(self, X):
        """(n, d) slopes b_j + sum_k c_jk x_k."""
        X = self._checked(X)
        slopes = np.tile(self.coef_, (len(X), 1))
        for m in np.flatnonzero(self.pair_coef_):
            j, k = self.pairs_[m]
            slopes[:, j] += self.pair_coef_[m] * X[:, k]
            slopes[:, k] += self.pair_coef_[m] * X[:, j]
        return slopes

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        X = self._checked(X)
        return self.intercept_ + X @ self.coef_ + products(X, self.pairs_) @ self.pair_coef_


class _Path:
    """Fits of ever weaker penalties to the same rows, each started from the one before."""

    def __init__(self, X, y, pairs, task, strong):
        self.y, self.pairs, self.regression, self.strong = y, pairs, task == "regression", strong
        self.d = X.shape[1]
        columns = self._columns(X)
        self._mean, self._deviation = columns.mean(axis=0), columns.std(axis=0)
        # a constant column stays at 0
        self._deviation[self._deviation < 1e-10 * np.maximum(1, np.abs(self._mean))] = np.inf
        self.design = np.asfortranarray((columns - self._mean) / self._deviation)
        self.beta = np.zeros(self.design.shape[1])
        self.intercept = 0.0
        self._free = np.zeros(self.d, dtype=bool)
        # liblinear penalises the intercept too; the scaling makes that negligible
        self._logistic = LogisticRegression(
            l1_ratio=1.0, solver="liblinear", intercept_scaling=1e4, random_state=0
        )

    def _columns(self, X):
        return np.hstack([X, products(X, self.pairs)])

    def largest_penalty(self):
        """The smallest penalty that keeps all coefficients at 0."""
        use = self.design[:, : self.d] if self.strong else self.design
        return float(np.abs(use.T @ (self.y - self.y.mean())).max() / len(self.y)) or 1.0

    def advance(self, penalty):
        """Fit with the next penalty."""
        if not self.strong:
            self._solve(np.arange(len(self.beta)), np.ones(len(self.beta)), penalty)
            return
        while True:
            live = (self.beta[: self.d] != 0) | self._free
            allowed = live[self.pairs].all(axis=1)
            use = np.flatnonzero(np.concatenate([np.ones(self.d, dtype=bool), allowed]))
            scale = np.ones(len(self.beta))
            scale[: self.d][self._free] = FREE
            self._solve(use, scale[use], penalty)
            parents = np.zeros(self.d, dtype=bool)
            parents[self.pairs[self.beta[self.d :] != 0].ravel()] = True
            if not (parents & ~self._free).any():
                return
            self._free |= parents

    def _solve(self, use, scale, penalty):
        every = len(use) == len(self.beta)
        X = self.design if every else np.asfortranarray(self.design[:, use] * scale)
        with warnings.catch_warnings():
            # the last digits of the weakest penalties, which are not the ones that are chosen
            warnings.simplefilter("ignore", ConvergenceWarning)
            if self.regression:
                model = Lasso(alpha=penalty, warm_start=True, max_iter=2000, tol=1e-4)
                model.coef_ = self.beta[use] / scale
                model.fit(X, self.y)
            else:
                model = self._logistic.set_params(C=1 / (penalty * len(X)))
                model.fit(X, self.y)
        self.beta = np.zeros_like(self.beta)
        self.beta[use] = np.ravel(model.coef_) * scale
        self.intercept = float(np.ravel(model.intercept_)[0])

    def coefficients(self):
        """Coefficients of features, of products, and the intercept, on the given scale."""
        beta = self.beta / self._deviation
        return beta[: self.d], beta[self.d :], self.intercept - float(self._mean @ beta)

    def loss(self, X, y):
        """Mean squared error or log-loss of other rows."""
        main, pair, intercept = self.coefficients()
        score = intercept + X @ main + products(X, self.pairs) @ pair
        if self.regression:
            return np.mean((y - score) ** 2)
        return -np.mean(y * log_expit(score) + (1 - y) * log_expit(-score))


def products(X, pairs):
    """(n, m) products of pairs of columns."""
    return X[:, pairs[:, 0]] * X[:, pairs[:, 1]]


def screened(X, y, most):
    """Pairs of features whose products are kept: all of them, or the ``most`` best.

    Parameters
    ----------
    X : (n, d) array
    y : (n,) array
    most : int

    Returns
    -------
    (m, 2) int array, in the order of the features
    """
    pairs = np.column_stack(np.triu_indices(X.shape[1], k=1))
    if len(pairs) <= most:
        return pairs
    ridge = RidgeCV(alphas=np.logspace(-2, 5, 15)).fit(X, y)
    rest = y - ridge.predict(X)
    score = []
    size = max(1, BLOCK // len(X))
    for start in range(0, len(pairs), size):
        columns = products(X, pairs[start : start + size])
        columns = columns - columns.mean(axis=0)
        length = np.sqrt((columns**2).sum(axis=0))
        score.append(np.abs(rest @ columns) / np.where(length > 0, length, np.inf))
    kept = np.argsort(-np.concatenate(score), kind="stable")[:most]
    return pairs[np.sort(kept)]
