"""Where NIMO ends: five functions that show it, beside NIMO+, EBM, an MLP and the lasso.

    python -m measurements.limits fit [CASE ...] [--seeds 6100 6101 ...]   # results/limits/
    python -m measurements.limits page     # docs/limits/: figures.csv, tables, pictures; the page

200 training and 100 validation rows, each model as the suite runs it; NIMO+ and the lasso, which
need no validation rows, have all 300 for training.  EBM is one bag of at most 5000 rounds: with so
little noise the package's 14 bags took more than two minutes for a fit.  Features uniform on
[-2, 2].  Error is the excess over the noiseless function on 2000 fresh rows.  A fit of today's code
that is there is not repeated.  One process, one thread; two may share the cases.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmark import ROOT, datasets, provenance
from benchmark.explanations.shapley import exact as shapley
from benchmark.fitting import key
from benchmark.metrics.support import f1
from measurements.known_functions import TEST_ROWS, Split, draw_rows, features, timed

RESULTS = ROOT / "results" / "limits"
FIGURES = ROOT / "docs" / "limits" / "figures.csv"
SEEDS = (6100, 6101, 6102, 6103, 6104)
SETTING2 = datasets.declared()["regression2"]
#: And the suite's methods whose code they are.
MODELS = {"NIMO": "nimo", "NIMO+": "nimo_plus", "EBM": "ebm", "MLP": "mlp_tuned", "lasso": "lasso"}
#: Piecewise constant: it has no slope.
STEPS = ("EBM",)
NOISES = (0.1, 0.5, 1.0, 2.0)
CORRELATION = 0.9
PAIR = np.eye(5)  # of x1 and x2 alone
PAIR[0, 1] = PAIR[1, 0] = CORRELATION
GRID = np.linspace(-2, 2, 41)
STEP = 0.01  # of central differences: the MLP computes in float32
EXPLAINED, BACKGROUND = 100, 100  # rows of the Shapley values


def product(X):
    return 3 * X[:, 0] * X[:, 1]


def bend(X):
    return 2 * X[:, 0] + np.sin(2 * X[:, 0])


@dataclass(frozen=True)
class Case:
    """A function of d features; ``view`` names what its picture shows."""

    d: int
    f: Callable
    view: str
    noise: float = 0.1
    correlations: np.ndarray | None = None


CASES = {
    "squares": Case(5, lambda X: (X[:, :3] ** 2).sum(1), "line"),
    "product": Case(5, product, "plane"),
    "xor": Case(5, lambda X: np.sign(X[:, 0]) * np.sign(X[:, 1]), "plane"),
    "correlated": Case(5, bend, "lines", correlations=PAIR),
    **{f"noise-{noise}": Case(10, SETTING2.f, "none", noise) for noise in NOISES},
}


def draw(case, seed):
    return draw_rows(case, case.noise, seed)


def view(case):
    """Rows whose predictions the picture shows; features that are not named are 0."""
    if case.view == "plane":
        rows = np.zeros((len(GRID) ** 2, case.d))
        rows[:, :2] = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
        return rows
    if case.view == "none":
        return np.zeros((0, case.d))
    rows = np.zeros((len(GRID), case.d))
    rows[:, 0] = GRID
    if case.view == "line":
        return rows
    along = rows.copy()
    along[:, 1] = GRID  # lines: x2 = x1, then x2 = 0
    return np.vstack([along, rows])


def build(name):
    """An unfitted model that is given training and validation rows as its kind needs them."""
    from sklearn.linear_model import LassoCV

    from nimo import NIMOPlusRegressor

    makers = {
        "NIMO": lambda: Split("nimo"),
        "NIMO+": lambda: NIMOPlusRegressor(baseline="zero"),
        "EBM": lambda: Split("ebm"),
        "MLP": lambda: Split("mlp_tuned"),
        "lasso": LassoCV,
    }
    return makers[name]()


# ------------------------------------------------------------------ what is measured


def slopes(f, rows, j):
    ahead, back = rows.copy(), rows.copy()
    ahead[:, j] += STEP
    back[:, j] -= STEP
    return (f(ahead) - f(back)) / (2 * STEP)


def effects(f, X_test, has_slope):
    """Four answers to what x1 does."""
    ahead = X_test.copy()
    ahead[:, 0] += 1
    background = X_test[EXPLAINED : EXPLAINED + BACKGROUND]
    found = {
        "step": float(np.mean(np.abs(f(ahead) - f(X_test)))),
        "shapley": float(np.mean(np.abs(shapley(f, X_test[:EXPLAINED], background)[:, 0]))),
    }
    if has_slope:
        found["mem"] = float(slopes(f, np.zeros((1, X_test.shape[1])), 0)[0])
        found["ame"] = float(np.mean(slopes(f, X_test, 0)))
    return found


def supports(name, model):
    """F1 of the features with a coefficient, and of those that modulate another, where said."""
    inner = getattr(model, "model", model)
    with_coef, modulating = SETTING2.true_coef() != 0, SETTING2.true_interacting()
    found = {}
    if name in ("NIMO", "NIMO+", "lasso"):
        found["f1_coef"] = f1(inner.coef_ != 0, with_coef)
    if name in ("NIMO", "NIMO+", "EBM"):
        found["f1_modulating"] = f1(inner.interaction_features_, modulating)
    return found


def measure(word, name, model, X_test, seed):
    """Figures of a fitted model on fresh rows, by name."""
    case, f = CASES[word], model.predict

    def error(rows):
        return float(np.mean((f(rows) - case.f(rows)) ** 2))

    found = {"error": error(X_test)}
    if word == "product":
        found |= effects(f, X_test, name not in STEPS)
    if case.correlations is not None:
        apart = features(np.random.default_rng([seed, 1]), TEST_ROWS, case.d)
        found["error_apart"] = error(apart)
        if name not in STEPS:
            found["mem"] = float(slopes(f, np.zeros((1, case.d)), 0)[0])
    if word.startswith("noise"):
        found |= supports(name, model)
    return found


# ------------------------------------------------------------------ fits


def fit(word, name, seed):
    case = CASES[word]
    X, y, X_test = draw(case, seed)
    model = build(name)
    seconds = timed(model, X, y)
    figures = measure(word, name, model, X_test, seed) | {"seconds": seconds}
    rows = view(case)
    seen = model.predict(rows).tolist() if len(rows) else []
    made_by = {"commit": provenance.commit()[0], "code": key.code_sha256(MODELS[name])}
    return made_by | {"figures": figures, "seen": seen}


def current(path, name) -> bool:
    """Is there a fit of today's code?"""
    if not path.exists():
        return False
    return json.loads(path.read_text()).get("code") == key.code_sha256(MODELS[name])


def fits(args):
    warnings.simplefilter("ignore")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for seed, word, name in itertools.product(args.seeds, args.cases or CASES, MODELS):
        path = RESULTS / f"{word}-{name}-{seed}.json"
        if current(path, name):
            continue
        found = fit(word, name, seed)
        path.write_text(json.dumps(found))
        shown = ", ".join(f"{key} {value:.3g}" for key, value in found["figures"].items())
        print(f"{word} {seed} {name}: {shown}", flush=True)


def truths(seed):
    """The same figures of the noiseless product, on the rows of a seed."""
    _, _, X_test = draw(CASES["product"], seed)
    return effects(product, X_test, has_slope=True)


def collect():
    """All fits into one table: case, model, seed, figure, value; and whose code made them.

    Raises
    ------
    ValueError
        A fit is of other code than today's.
    """
    lines, commits = [], set()
    for word, name in itertools.product(CASES, MODELS):
        for path in sorted(RESULTS.glob(f"{word}-{name}-*.json")):
            if not current(path, name):
                raise ValueError(f"{path} is of other code: run python -m measurements.limits fit")
            kept = json.loads(path.read_text())
            seed = int(path.stem.rsplit("-", 1)[1])
            commits.add(kept["commit"])
            lines += [(word, name, seed, what, f"{v:.6g}") for what, v in kept["figures"].items()]
    for seed in SEEDS:
        found = truths(seed)
        lines += [("product", "truth", seed, what, f"{v:.6g}") for what, v in found.items()]
    FIGURES.parent.mkdir(exist_ok=True)
    code = {"methods": {method: key.code_sha256(method) for method in MODELS.values()}}
    made_by = {"commits": sorted(commits), "code": code}
    (FIGURES.parent / "provenance.json").write_text(json.dumps(made_by, indent=1) + "\n")
    with FIGURES.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("case", "model", "seed", "figure", "value"))
        writer.writerows(lines)


def page(args):
    from measurements import limits_page

    collect()
    limits_page.pictures()
    limits_page.write()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "page"))
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    args = parser.parse_args()
    {"fit": fits, "page": page}[args.what](args)


if __name__ == "__main__":
    main()
