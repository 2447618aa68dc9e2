"""Speed and scale of NIMO: against LassoNet's path, with the number of features, on large data.

    python measurements/nimo_speed.py [--only paths|width|large] [--rounds N] [--json FILE]

One process, one thread, one core.  Times are CPU seconds of the process, so that other work on the
machine distorts neither side; wall-clock seconds stand beside them.
"""

# ruff: noqa: E402  (the numbers of threads have to be set before numpy is imported)
from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import cProfile
import json
import platform
import pstats
import resource
import subprocess
import sys
import time
import warnings
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

torch.set_num_threads(1)

import baselines
from baselines.lassonet import LassoNetPath
from benchmark import datasets
from benchmark.datasets.synthetic import NOISE_SD
from nimo import NIMORegressor
from nimo.paper.algorithm import Penalties, train
from nimo.paper.families import FAMILIES
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem, initial_state

SEED = 1000
PATHS = ("toy", "regression2", "regression3")  # d = 3, 10, 50
WIDTHS = (50, 100, 200, 400, 800)
LARGE = ((500, 2000), (20000, 80))
LIMITS = {(500, 2000): 300, (20000, 80): 600}
LIMIT_GIB = 4.0
# Where the time of a fit can go: module and function, and what it does.
PARTS = {
    "network.forward": "network, forward",
    "network.backward": "network, backward",
    "masking.forward": "of these: first layer, forward",
    "masking.backward": "of these: first layer, backward",
    "gauss_newton.expand": "Gauss-Newton: Jacobian and gradient",
    "gauss_newton.step": "Gauss-Newton: the n x n system",
    "elimination.solve": "coefficients in closed form",
    "adam.step": "Adam on the network",
    "adam.step_scale": "Adam on the scales",
    "noise.draw": "noise",
    "problem.refit": "refits before a look at the validation rows",
    "problem.validation_loss": "validation loss",
    "supports.find_supports": "supports by the evidence",
    "teaching.lesson": "what networks learn from",
}


class Clock:
    """CPU and wall-clock seconds of a block."""

    def __enter__(self):
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exc):
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu


def padded(n, d, seed):
    """Regression setting 3, of which features 1, 2, 4 and 5 matter, with d features."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, d))
    return X, datasets.declared()["regression3"].f(X) + NOISE_SD * rng.normal(size=n)


def where_the_time_goes(fit, *data):
    """Share of the CPU time of a fit inside each of PARTS (a part may contain another)."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(fit, *data)
    stats = pstats.Stats(profile)
    shares = {}
    for (path, _, function), (_, _, _, inside, _) in stats.stats.items():
        part = f"{Path(path).stem}.{function}"
        if part in PARTS and "nimo" in Path(path).parts:
            shares[part] = shares.get(part, 0.0) + inside / stats.total_tt
    return shares


# --------------------------------------------------------------------------------------- paths


def paths(rounds):
    """Complete fits with their own model selection; in every round all of them on the same split.

    The clock of a shared machine drifts: a round is one draw of the data and one ratio.
    """
    rivals = {
        "lassonet (suite)": lambda: baselines.load("lassonet").build("regression", {}, SEED),
        # The optimisers' arguments are those that the package itself takes.
        "lassonet (defaults, 64-64)": lambda: LassoNetPath(
            "regression", seed=SEED, hidden_dims=(64, 64), learning_rate=(1e-3, 1e-3), momentum=0.9
        ),
    }
    ours = {
        name: lambda name=name: baselines.load(name).build("regression", {}, SEED)
        for name in ("nimo", "nimo_relaxed")
    }
    found = {}
    train, val, test = slice(0, 200), slice(200, 300), slice(300, 400)
    for dataset in PATHS:
        rows = {name: [] for name in (*ours, *rivals)}
        for number in range(rounds):
            X, y, *_ = datasets.declared()[dataset].draw(400, np.random.default_rng(SEED + number))
            for name, build in {**ours, **rivals}.items():
                model = build()
                with Clock() as clock:
                    model.fit(X[train], y[train], X_val=X[val], y_val=y[val])
                error = float(np.mean((model.predict(X[test]) - y[test]) ** 2))
                rows[name].append((clock.cpu, clock.wall, error))
        row = found[dataset] = {"d": X.shape[1]}
        print(f"\n{dataset}, d = {row['d']}, 200 training and 100 validation rows, {rounds} draws")
        for name, fits in rows.items():
            columns = np.transpose(fits).tolist()
            row[name] = dict(zip(("cpu", "wall", "test_mse"), columns, strict=True))
            cpu, wall, error = np.median(fits, axis=0)
            times = f"{cpu:7.2f} s CPU {wall:7.2f} s wall"
            print(f"  {name:28s} {times}   test MSE {error:.4f}   (medians)", flush=True)
        for own, rival in product(ours, rivals):
            ratios = np.divide(row[own]["cpu"], row[rival]["cpu"])
            row[own].setdefault("ratio", {})[rival] = ratios.tolist()
            spread = f"{ratios.min():.3f} to {ratios.max():.3f}"
            print(f"  {own}: {np.median(ratios):.3f} of {rival} ({spread})")
        # Of the last draw.
        model = ours["nimo_relaxed"]()
        shares = where_the_time_goes(model.fit, X[train], y[train], X[val], y[val])
        row["shares"] = shares
        print("  where the time of nimo_relaxed goes (under the profiler):")
        for part, share in sorted(shares.items(), key=lambda item: -item[1]):
            if share >= 0.01:
                print(f"    {share:5.1%}  {PARTS[part]}")
    return found


# --------------------------------------------------------------------------------------- width


def width(steps=100):
    """Seconds per step of the paper's algorithm with four active features."""
    found = {}
    print(f"\ntime per step against d, four active features, 200 rows, {steps} steps, one model")
    family = FAMILIES["gaussian"]
    for d in WIDTHS:
        X, y = padded(300, d, SEED)
        rows, target = torch.tensor(X, dtype=torch.float32), torch.tensor(y / y[:200].std())
        problem = Problem(
            x=rows[:200],
            y=target[:200],
            x_val=rows[200:],
            y_val=target[200:],
            family=family,
            network=Network(positional_code(d), family.g_range),
            generator=torch.Generator().manual_seed(SEED),
        )
        state = initial_state(problem, 1, 64)
        active = torch.tensor([0, 1, 3, 4])
        state.scale = torch.zeros_like(state.scale)
        state.scale[:, active] = 1.0
        penalties = Penalties(torch.tensor([1e-3], dtype=torch.float64), torch.tensor([3e-3]), 1.0)
        with torch.no_grad(), Clock() as clock:
            best = train(problem, state, penalties, steps, 1e-2, 0.2)
        assert (best.state.scale[0] > 0).nonzero()[:, 0].tolist() == active.tolist()
        found[d] = per_step = clock.cpu / steps
        times = per_step / found[WIDTHS[0]]
        print(
            f"  d = {d:4d}: {1e3 * per_step:7.2f} ms, {times:.2f} times d = {WIDTHS[0]}", flush=True
        )
    return found


# --------------------------------------------------------------------------------------- large


def one_large(n, d, relax):
    """Run in a process of its own, for its peak memory."""
    X, y = padded(n + 1000, d, SEED)
    model = NIMORegressor(relax=relax, standardize=False, random_state=SEED)
    with Clock() as clock:
        model.fit(X[:n], y[:n])
    error = float(np.mean((model.predict(X[n:]) - y[n:]) ** 2))
    return {
        "wall": clock.wall,
        "cpu": clock.cpu,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "test_mse": error,
        "selected": (np.flatnonzero(model.selected_features_) + 1).tolist()[:20],
        "info": model.fit_info_,
    }


def large():
    """Complete fits of large data, each in a process of its own."""
    found = {}
    for n, d in LARGE:
        for relax in (False, True):
            command = [sys.executable, __file__, "--large-one", str(n), str(d), str(int(relax))]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            row = found[f"{n}x{d}{' relaxed' if relax else ''}"] = json.loads(
                done.stdout.splitlines()[-1]
            )
            name = "nimo_relaxed" if relax else "nimo"
            print(f"\nn = {n}, d = {d}, {name}: {row['cpu']:.0f} s CPU, {row['wall']:.0f} s wall")
            print(
                f"  limit {LIMITS[n, d]} s; peak {row['peak_gib']:.2f} GiB, limit {LIMIT_GIB:.0f}"
            )
            print(f"  test MSE {row['test_mse']:.4f}, selected {row['selected']}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("paths", "width", "large"))
    parser.add_argument("--rounds", type=int, default=3, help="draws of the data in paths")
    parser.add_argument("--json", type=Path, help="write all figures there too")
    parser.add_argument("--large-one", nargs=3, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {arguments.rounds}")
    warnings.simplefilter("ignore")
    if arguments.large_one:
        n, d, relax = arguments.large_one
        print(json.dumps(one_large(n, d, bool(relax))))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, torch {torch.__version__},")
    print("one thread; ratios are of CPU seconds")
    parts = {"paths": lambda: paths(arguments.rounds), "width": width, "large": large}
    found = {name: part() for name, part in parts.items() if arguments.only in (None, name)}
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
