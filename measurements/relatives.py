"""The relatives of NIMO against what their sources say.

    python -m measurements.relatives lfr            # the LFR-IMN paper's own example
    python -m measurements.relatives localglmnet    # attentions on the LocalGLMnet paper's example
    python -m measurements.relatives nam            # shapes of the NAM paper's generating functions

One process, one thread; seeds from 1000 on, which the suite never uses.  Seconds are CPU seconds.
Findings: docs/appendix/methods.md.  What a default and a search cost is ``measurements.costs``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import baselines


def timed_fit(name, task, params, X, y, X_val, y_val, seed=0):
    """The fitted estimator and its CPU seconds."""
    estimator = baselines.load(name).build(task, params, seed)
    start = time.process_time()
    estimator.fit(X, y, X_val=X_val, y_val=y_val)
    return estimator, time.process_time() - start


def lfr(args):
    """w(x) against the true gradient, with and without the penalty."""
    print(
        "| seed | backbone | neighbours | gamma | test MSE | error of w | error of w0 | seconds |"
    )
    print("|---" * 8 + "|")
    for seed in args.seeds:
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(6000, 2))
        y = 1 + X.sum(1) + X[:, 0] * X[:, 1] + rng.normal(0, 0.1, size=6000)
        rows = X[:2000], y[:2000], X[2000:3000], y[2000:3000]
        X_test, y_test = X[3000:], y[3000:]
        w = np.column_stack([1 + X_test[:, 1], 1 + X_test[:, 0]])
        w0 = 1 - X_test[:, 0] * X_test[:, 1]
        for backbone, gamma in (("mlp", 100.0), ("residual", 10.0)):
            for scheme, strength in (
                ("none", 0.0),
                ("gaussian", gamma),
                ("interpolation", gamma),
            ):
                params = {"backbone": backbone, "fidelity": strength, "epochs": 800}
                if strength:
                    params["neighbors"] = scheme
                model, seconds = timed_fit("lfr_imn", "regression", params, *rows, seed=seed)
                mse = np.mean((model.predict(X_test) - y_test) ** 2)
                error = np.mean((model.local_coef(X_test) - w) ** 2)
                error0 = np.mean((model.local_intercept(X_test) - w0) ** 2)
                print(
                    f"| {seed} | {backbone} | {scheme} | {strength:g} | {mse:.4f} | {error:.4f} "
                    f"| {error0:.4f} | {seconds:.1f} |",
                    flush=True,
                )


def localglmnet(args):
    """Regression attentions on the example of Richman and Wuthrich, section 3."""
    from baselines._localglmnet import LocalGLMnet

    rng = np.random.default_rng(args.seeds[0])
    n, n_train = 40000, 20000
    X = rng.normal(size=(n, 8))
    X[:, 7] = 0.5 * X[:, 1] + np.sqrt(0.75) * X[:, 7]
    mu = (
        X[:, 0] / 2
        - X[:, 1] ** 2 / 4
        + np.abs(X[:, 2]) * np.sin(2 * X[:, 2]) / 2
        + X[:, 3] * X[:, 4] / 2
        + X[:, 4] ** 2 * X[:, 5] / 8
    )
    y = mu + rng.normal(size=n)
    val = slice(n_train, n_train + 4000)
    test = slice(n_train + 4000, None)
    print("| eta | MSE against mu | " + " | ".join(f"beta{j}" for j in range(1, 9)) + " |")
    print("|---" * 10 + "|")
    for eta in (0.0, 0.01, 0.03):
        model = LocalGLMnet(
            hidden=(20, 15, 10),
            eta=eta,
            learning_rate=2e-3,
            batch_size=256,
            epochs=60,
            seed=args.seeds[0],
        )
        start = time.process_time()
        model.fit(X[:n_train], y[:n_train], X[val], y[val])
        seconds = time.process_time() - start
        beta = model.local_coef(X[test])
        cells = [f"{m:+.2f} ({s:.2f})" for m, s in zip(beta.mean(0), beta.std(0), strict=True)]
        mse = np.mean((model.predict(X[test]) - mu[test]) ** 2)
        print(
            f"| {eta:g} | {mse:.4f} | " + " | ".join(cells) + f" |  ({seconds:.0f} s)", flush=True
        )
    print(f"variance of mu: {mu.var():.3f}; mean (standard deviation) of the attentions above")


def nam(args):
    """Centred shapes against the functions that made the data (NAM paper, appendix A.8.1)."""
    print("| n | members | R^2 of f | of g | of h | of an irrelevant feature, variance | seconds |")
    print("|---" * 7 + "|")
    for n in (500, 5000):
        for members in (1, 5):
            rng = np.random.default_rng(args.seeds[0])
            X = rng.uniform(-1, 1, size=(n + 4000, 4))
            truth = np.column_stack(
                [
                    np.log(100 * X[:, 0] + 101) / 3,
                    -4 / 3 * np.exp(-4 * np.abs(X[:, 1])),
                    np.sin(10 * X[:, 2]),
                    np.zeros(len(X)),
                ]
            )
            y = truth.sum(1) + rng.normal(0, np.sqrt(5 / 6), size=len(X))
            val, test = slice(n, n + 1000), slice(n + 1000, None)
            model, seconds = timed_fit(
                "nam",
                "regression",
                {"n_members": members},
                X[:n],
                y[:n],
                X[val],
                y[val],
                seed=args.seeds[0],
            )
            found = model.contributions(X[test])
            centred = truth[test] - truth[:n].mean(0)
            error = ((found - centred) ** 2).mean(0)
            r2 = 1 - error[:3] / centred[:, :3].var(0)
            print(
                f"| {n} | {members} | "
                + " | ".join(f"{v:.3f}" for v in r2)
                + f" | {error[3]:.4f} | {seconds:.1f} |",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = {f.__name__: f for f in (lfr, localglmnet, nam)}
    parser.add_argument("part", choices=list(commands))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1000, 1001, 1002])
    args = parser.parse_args()
    if min(args.seeds) < 1000:
        parser.error("development seeds start at 1000")
    commands[args.part](args)


if __name__ == "__main__":
    main()
