"""PILOT: a regression tree that is grown by boosting one simple model after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sklearn.utils import check_X_y

from baselines._score import ScoreModel

#: degrees of freedom of the models of a node, in the order in which they are preferred
DEGREES = {"con": 1, "lin": 2, "blin": 5, "pcon": 5, "plin": 7}


@dataclass
class Node:
    """A model of one feature, fitted to the residuals of the nodes above it.

    The line is (slope, intercept): of all rows in con and lin, of the rows up to ``split`` and of
    those above it in the others.  Features are cut to [low, high], their range in the node.
    """

    kind: str
    feature: int
    split: float
    lines: tuple
    low: float
    high: float
    mean: float = 0.0
    children: list = field(default_factory=list)

    def sides(self, X):
        """Boolean rows of each line."""
        if len(self.lines) == 1:
            return [np.ones(len(X), dtype=bool)]
        left = X[:, self.feature] <= self.split
        return [left, ~left]

    def evaluate(self, X):
        """(n,) values and slopes of the rows' lines."""
        raw = X[:, self.feature]
        x = np.clip(raw, self.low, self.high)
        value, slope = np.zeros(len(X)), np.zeros(len(X))
        for rows, (a, b) in zip(self.sides(X), self.lines, strict=True):
            value[rows] = a * x[rows] + b
            slope[rows] = a * (x[rows] == raw[rows])
        return value, slope


def best_model(X, r, min_leaf, min_unique):
    """The node whose model of one feature of X (n, d), fitted to r (n,), has the smallest BIC.

    All features and splits are tried at once, by running sums along each sorted column.
    """
    n, d = X.shape
    mean, scale = X.mean(axis=0), X.std(axis=0)
    # sums of squares of centred values lose no digits
    Z = (X - mean) / np.where(scale > 0, scale, 1.0)
    order = np.argsort(Z, axis=0, kind="stable")
    x, y = np.take_along_axis(Z, order, axis=0), (r - r.mean())[order]
    rises = x[1:] > x[:-1]
    unique = 1 + rises.sum(axis=0)
    tss = float(y[:, 0] @ y[:, 0])

    def bic(rss, kind):
        # a fit to rounding is not worth a further model
        rss = np.maximum(rss, 1e-20 + 1e-12 * float(r @ r))
        return n * np.log(rss / n) + DEGREES[kind] * np.log(n)

    candidates = {"con": bic(np.array([[tss]]), "con")}
    spread = np.maximum((x * x).sum(axis=0), 1e-300)
    slope = (x * y).sum(axis=0) / spread
    lined = unique >= min_unique
    linear = tss - slope * (x * y).sum(axis=0)
    candidates["lin"] = np.where(lined, bic(linear, "lin"), np.inf)[None]

    left = np.arange(1, n)[:, None]
    right = n - left
    allowed = rises & (left >= min_leaf) & (right >= min_leaf)
    below = [np.cumsum(v, axis=0)[:-1] for v in (x, y, x * x, x * y)]
    above = [v.sum(axis=0) - s for v, s in zip((x, y, x * x, x * y), below, strict=True)]
    # blin: what the hinge (x - split)+ adds to the line
    at = x[:-1]
    sx, sy, sxx, sxy = above
    h, hh, xh, yh = sx - at * right, sxx - 2 * at * sx + at**2 * right, sxx - at * sx, sxy - at * sy
    free = hh - h**2 / n - xh**2 / spread
    along = yh - slope * xh
    usable = allowed & lined & (free > 1e-9 * n)
    hinge = np.where(usable, along, 0) / np.where(usable, free, 1)
    candidates["blin"] = np.where(usable, bic(linear - hinge * along, "blin"), np.inf)
    # pcon, plin: one mean, one line on either side
    between = below[1] ** 2 / left + above[1] ** 2 / right
    candidates["pcon"] = np.where(allowed, bic(tss - between, "pcon"), np.inf)
    seen = 1 + np.vstack([np.zeros((1, d), dtype=int), np.cumsum(rises, axis=0)])[:-1]
    inner, lines = between.copy(), []
    usable = allowed & (seen >= min_unique) & (unique - seen >= min_unique)
    for (sx, sy, sxx, sxy), count in ((below, left), (above, right)):
        varies = sxx - sx**2 / count
        usable &= varies > 1e-12 * n
        a = np.where(usable, sxy - sx * sy / count, 0) / np.where(usable, varies, 1)
        inner += a * (sxy - sx * sy / count)
        lines.append((a, (sy - a * sx) / count))
    candidates["plin"] = np.where(usable, bic(tss - inner, "plin"), np.inf)

    kind = min(candidates, key=lambda k: candidates[k].min())
    i, j = np.unravel_index(np.argmin(candidates[kind]), candidates[kind].shape)
    if kind == "con":
        pair = [(0.0, 0.0)]
    elif kind == "lin":
        pair = [(slope[j], 0.0)]
    elif kind == "blin":
        c = hinge[i, j]
        a, b = slope[j] - c * xh[i, j] / spread[j], -c * h[i, j] / n
        pair = [(a, b), (a + c, b - c * at[i, j])]
    elif kind == "pcon":
        pair = [(0.0, below[1][i, j] / left[i, 0]), (0.0, above[1][i, j] / right[i, 0])]
    else:
        pair = [(a[i, j], b[i, j]) for a, b in lines]
    unit = scale[j] or 1.0
    lines = tuple((a / unit, b - a * mean[j] / unit + r.mean()) for a, b in pair)
    column = X[order[:, j], j]
    return Node(kind, int(j), float(column[i]), lines, float(column[0]), float(column[-1]))


class Pilot(ScoreModel):
    """Linear model tree of the nodes con, lin, blin, pcon and plin, chosen by BIC.

    A node of kind lin has one child, the rows of the others but con are split in two.  Every
    prediction is cut, node by node, to the range of the training target, stretched by
    ``truncation``.  Categories are 0/1 columns in the suite: pcon splits them.

    Parameters
    ----------
    max_depth : int
        Splits above a leaf.
    max_model_depth : int
        Models above a leaf, lin included.
    min_sample_split, min_sample_leaf : int
        Rows of a node that is fitted (more than), and of each side of a split (at least).
    min_unique : int
        Different values that a line is fitted to, at least.
    truncation : float

    Attributes
    ----------
    n_leaves_, n_models_ : int
    selected_features_, interaction_features_ : (d,) bool arrays
        Features in a model; features whose split has another feature below it.
    """

    #: There is no global coefficient (see ``baselines.contract``).
    coef_is_local_ = True

    def __init__(
        self,
        *,
        max_depth=12,
        max_model_depth=100,
        min_sample_split=10,
        min_sample_leaf=5,
        min_unique=5,
        truncation=3.0,
    ):
        self.max_depth = max_depth
        self.max_model_depth = max_model_depth
        self.min_sample_split = min_sample_split
        self.min_sample_leaf = min_sample_leaf
        self.min_unique = min_unique
        self.truncation = truncation

    task = "regression"

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y); BIC ends the growth, and the validation rows are not looked at.

        Raises
        ------
        ValueError
            NaN, infinite values, or rows of X and y that do not match.
        """
        X, y = check_X_y(X, y)
        y = y.astype(float)
        self.n_features_in_ = X.shape[1]
        stretch = (self.truncation - 1) * (y.max() - y.min()) / 2
        self._bounds = y.min() - stretch, y.max() + stretch
        self.n_leaves_ = self.n_models_ = 0
        self.selected_features_ = np.zeros(X.shape[1], dtype=bool)
        self.interaction_features_ = np.zeros(X.shape[1], dtype=bool)
        self._root, _ = self._grow(X, y, np.zeros(len(y)), 0, 0)
        self.fit_info_ = {"leaves": self.n_leaves_, "models": self.n_models_}
        return self

    def _grow(self, X, y, so_far, depth, models):
        """The tree under a node, and the features in it."""
        goes_on = depth < self.max_depth and models < self.max_model_depth
        node = None
        if goes_on and len(X) > self.min_sample_split:
            node = best_model(X, y - so_far, self.min_sample_leaf, self.min_unique)
        if node is None or node.kind == "con":
            self.n_leaves_ += 1
            return Node("con", 0, np.nan, ((0.0, float(np.mean(y - so_far))),), 0.0, 0.0), set()
        self.n_models_ += 1
        value, _ = node.evaluate(X)
        node.mean = float(value.mean())
        so_far = np.clip(so_far + value, *self._bounds)
        sides, below = node.sides(X), set()
        for rows in sides:
            inside = X[rows], y[rows], so_far[rows]
            child, used = self._grow(*inside, depth + len(sides) - 1, models + 1)
            node.children.append(child)
            below |= used
        self.selected_features_[node.feature] = True
        if len(sides) == 2 and below - {node.feature}:
            self.interaction_features_[node.feature] = True
        return node, below | {node.feature}

    @property
    def reading_(self):
        """What a reader has to hold: the splits, and the slope and height of every line."""
        found, waiting = {"coefficients": 0, "split_points": 0}, [self._root]
        while waiting:
            node = waiting.pop()
            found["split_points"] += len(node.lines) - 1
            found["coefficients"] += sum((a != 0) + 1 for a, _ in node.lines)
            waiting += node.children
        return found

    def _walk(self, X):
        """Predictions (n,), parts and slopes (n, d) of the models that each row passes."""
        X = self._checked(X)
        total, parts, slopes = np.zeros(len(X)), np.zeros(X.shape), np.zeros(X.shape)
        waiting = [(self._root, np.arange(len(X)))]
        while waiting:
            node, rows = waiting.pop()
            value, slope = node.evaluate(X[rows])
            raw = total[rows] + value
            total[rows] = np.clip(raw, *self._bounds)
            parts[rows, node.feature] += value - node.mean if node.kind != "con" else 0.0
            slopes[rows, node.feature] += slope
            slopes[rows[raw != total[rows]]] = 0.0
            for side, child in zip(node.sides(X[rows]), node.children, strict=False):
                waiting.append((child, rows[side]))
        return total, parts, slopes

    def decision_function(self, X):
        """(n,) predicted values."""
        return self._walk(X)[0]

    def contributions(self, X):
        """(n, d) values of the models of each feature, each less its mean in its node."""
        return self._walk(X)[1]

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        total, parts, _ = self._walk(X)
        return total - parts.sum(axis=1)

    def local_coef(self, X):
        """(n, d) slopes of the leaf that each row falls into; 0 where a prediction is cut."""
        return self._walk(X)[2]
